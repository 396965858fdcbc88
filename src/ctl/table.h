/* SPDX-License-Identifier: ISC */
/*
 * A table: rows for a person through libsmartcols (wide characters, cut to
 * the terminal), or the same rows as a JSON array of objects.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include "ctl/ctl.h"

enum { TABLE_RIGHT = 1, TABLE_CUT = 2, TABLE_JSON_ONLY = 4 };

struct table_column {
	const char *title; /* above the column */
	const char *name;  /* of the JSON member */
	unsigned flags;
};

struct table;

/* Begin.  "columns" must outlive the table. */
struct table *table_new(struct ctl *c, const struct table_column *columns,
    size_t n);

/* The next cell; after the last one of a row the next row begins. */
void table_text(struct table *t, struct str s);
void table_int(struct table *t, int64_t v);
void table_nil(struct table *t, const char *shown);
/* Seconds since 1970, RFC 3339; 0 is null, shown as "shown". */
void table_time(struct table *t, int64_t s, const char *shown);
/* A comma list; in JSON an array. */
void table_list(struct table *t, struct str list);

/* Write it into c->out; a table without rows is nothing for a person. */
void table_done(struct table *t);

#endif
