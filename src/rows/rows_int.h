/* SPDX-License-Identifier: ISC */
/* Shared by the files of the room only. */
#ifndef ROWS_ROWS_INT_H
#define ROWS_ROWS_INT_H

#include "rows/rows.h"

/* A member's name with quotes and colon, escaped once and twice. */
struct rows_key {
	struct str plain, twin;
};

/* The "schema" array of a set. */
void rows_schema(struct rows_out *r);

/* The columns, copied out of what the driver lent. */
const struct column *rows_columns(struct arena *a, const struct column *c,
    size_t n);

/* One row behind what is there; true when a cell was cut.  The writer must
 * have a twin. */
bool rows_row(struct rows_out *r, const struct value *v, size_t n);

/* Make r->keys of r->labels. */
void rows_keys(struct rows_out *r);

/* At most max characters of s; bytes that are no UTF-8 count one each. */
struct str rows_cell(struct str s, int64_t max);

#endif
