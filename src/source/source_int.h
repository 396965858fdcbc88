/* SPDX-License-Identifier: ISC */
/* Inside the front: what its files share. */
#ifndef SOURCE_SOURCE_INT_H
#define SOURCE_SOURCE_INT_H

#include "source/source.h"

/* gate_kept.c: gate_read, remembered for one source.  What *g points to lives
 * until sixteen other statements were read. */
struct gates *gates_new(void);
void gates_free(struct gates *k); /* takes NULL */
enum err gates_read(struct gates *k, struct arena *a, enum sql_dialect d,
    const struct conf_source *spec, struct str text, struct gate *g,
    struct fault *f);

/* source_check.c: may this statement run?  In the words of tools.md 1.9. */
enum err check_text(const struct conf_source *spec, const struct sql_ask *q,
    struct fault *f);
enum err check_rights(const struct conf_source *spec,
    const struct source_driver *d, const struct sql_ask *q,
    const struct gate *g, struct fault *f);
enum err check_params(const struct conf *conf, const struct sql_ask *q,
    const struct gate *g, struct fault *f);

/* source_proc.c: the configured statements of a source as procedures; the
 * columns were sent. */
void procedures_rows(const struct conf *conf, int source,
    const struct meta_ask *m, struct row_sink *to);

#endif
