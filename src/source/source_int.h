/* SPDX-License-Identifier: ISC */
/* Inside the front: what its files share. */
#ifndef SOURCE_SOURCE_INT_H
#define SOURCE_SOURCE_INT_H

#include "source/source.h"

struct slot {
	const struct conf_source *spec;
	const struct source_driver *driver;
	const struct driver_work *work; /* NULL: not needed yet */
	void *conn;
	struct gates *gates; /* made when first needed */
	bool used;           /* in this request */
	struct slot *next;   /* that is used in it, too */
	enum err bad;        /* the last fault of the driver in it */
};

struct sources {
	struct arena *arena;
	const struct conf *conf;
	struct slot *v;
	size_t n;
	struct slot *used; /* in this request, the last first */
};

/* source.c: the connection, opened when it is not; remembers that it was
 * used. */
enum err slot_connect(struct sources *s, struct slot *p, struct deadline d,
    struct fault *f);
/* The time of a source, or less. */
struct deadline slot_deadline(const struct slot *p, struct deadline asked);

/* source_meta.c: how many tables of a name and type, and the first one's
 * name; counts to two. */
struct tables_sink {
	struct row_sink sink;
	struct arena *arena;
	const struct conf_source *spec;
	size_t n;
	struct str first;
};
enum err source_tables(struct sources *s, int source, struct arena *a,
    struct str name, struct str type, struct tables_sink *t, struct fault *f);

/* gate_kept.c: gate_read, remembered for one source.  What *g points to lives
 * until sixteen other statements were read. */
struct gates *gates_new(void);
void gates_free(struct gates *k); /* takes NULL */
enum err gates_read(struct gates *k, struct arena *a, enum sql_dialect d,
    const struct conf_source *spec, struct str text, struct gate *g,
    struct fault *f);

/* source_values.c: take the values of a statement out of what an engine says
 * of it; each becomes a question mark. */
void values_hide(const struct param *params, size_t n, struct fault *f);

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
