/* SPDX-License-Identifier: ISC */
/*
 * Rows to RESULTSETS (tools.md 1.8), structured and as text in one pass, under
 * the budgets of rows, bytes and cells (tools.md 1.7).
 */
#ifndef ROWS_ROWS_H
#define ROWS_ROWS_H

#include "source/value.h"
#include "json/json_out.h"

enum rows_form {
	ROWS_SETS,   /* RESULTSETS, rows as arrays */
	ROWS_OBJECTS /* query_source: one set, rows as objects */
};

enum rows_cut { ROWS_WHOLE, ROWS_CUT_ROWS, ROWS_CUT_BYTES, ROWS_CUT_CELLS };

struct rows_key;

struct rows_out {
	struct row_sink sink; /* give &r->sink to the source */
	struct json_out *out;
	struct arena *arena;
	enum rows_form form;
	bool brief;         /* leave catalog, schema, table out of schema */
	bool drain;         /* a write: take every row, keep what fits */
	struct str catalog; /* catalogName of every column, or empty */
	int64_t max_rows, max_bytes, max_cell; /* 0: no limit */
	/* While it runs and after. */
	int64_t rows; /* in the answer, of all sets */
	size_t sets;
	enum rows_cut cut;
	bool set_open;
	bool full;                    /* nothing more goes in */
	const struct column *columns; /* of the current set, in the arena */
	size_t ncolumns;
	struct str *labels;     /* made unique, for ROWS_OBJECTS */
	struct rows_key *keys;  /* the labels, escaped once */
	size_t start;           /* length of the output when the rows began */
	struct param_out *outs; /* out values of a procedure, in the arena */
	size_t nouts;
};

/* Begin; the object or array around it is the caller's.  "out" must have a
 * twin. */
void rows_begin(struct rows_out *r, struct json_out *out, struct arena *a,
    enum rows_form form);

/* Rows were left behind when the budget said stop. */
void rows_left(struct rows_out *r);

/* Close the current set with its affectedRows (-1: not applicable).  A
 * statement without columns gets its empty set here. */
void rows_end(struct rows_out *r, int64_t affected);

/* Write one value (tools.md 1.6); max_cell in characters, 0 for no limit;
 * true when it was cut. */
bool rows_value(struct json_out *out, const char *key, const struct value *v,
    int64_t max_cell);

/* "rows", "bytes", "cells" or NULL. */
const char *rows_cut_name(enum rows_cut c);

/* Labels of a set, a repeated one with _2, _3, … behind it. */
struct str *rows_labels(struct arena *a, const struct column *c, size_t n);

#endif
