/* SPDX-License-Identifier: ISC */
/* The sink that rows go to: sets, budgets, and taking back the row too much. */
#include "rows/rows_int.h"

static struct rows_out *
rows_of(struct row_sink *sink)
{
	return (
	    struct rows_out *)((char *)sink - offsetof(struct rows_out, sink));
}

static void
set_close(struct rows_out *r, int64_t affected)
{
	json_end(r->out); /* rows */
	if (r->form == ROWS_SETS) {
		json_int(r->out, "affectedRows", affected);
		json_end(r->out);
	}
	r->set_open = false;
}

static void
set_open(struct rows_out *r)
{
	if (r->form == ROWS_SETS) {
		json_obj(r->out, NULL);
		rows_schema(r);
	} else {
		r->labels = rows_labels(r->arena, r->columns, r->ncolumns);
		json_arr(r->out, "columns");
		for (size_t i = 0; i < r->ncolumns; i++)
			json_str(r->out, NULL, r->labels[i].p,
			    r->labels[i].len);
		json_end(r->out);
		rows_keys(r);
	}
	json_arr(r->out, "rows");
	r->set_open = true;
	r->sets++;
}

static bool
sink_cols(struct row_sink *to, const struct column *c, size_t n)
{
	struct rows_out *r = rows_of(to);

	if (r->set_open && r->form == ROWS_OBJECTS)
		return false;
	if (r->set_open)
		set_close(r, -1);
	r->columns = rows_columns(r->arena, c, n);
	r->ncolumns = n;
	set_open(r);
	return true;
}

/* Nothing more goes in; a write goes on all the same. */
static bool
rows_stop(struct rows_out *r, enum rows_cut why)
{
	r->full = true;
	r->cut = why;
	return r->drain;
}

static bool
sink_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct rows_out *r = rows_of(to);
	struct json_mark before;
	bool cut;

	if (r->full)
		return r->drain;
	if (r->max_rows > 0 && r->rows >= r->max_rows)
		return rows_stop(r, ROWS_CUT_ROWS);
	before = json_mark(r->out);
	cut = rows_row(r, v, n < r->ncolumns ? n : r->ncolumns);
	if (r->rows > 0 &&
	    (json_failed(r->out) ||
		(r->max_bytes > 0 &&
		    r->out->b->len - r->start > (uint64_t)r->max_bytes))) {
		json_rewind(r->out, before);
		return rows_stop(r, ROWS_CUT_BYTES);
	}
	r->rows++;
	if (cut && r->cut == ROWS_WHOLE)
		r->cut = ROWS_CUT_CELLS;
	return true;
}

static struct value
value_copy(struct arena *a, struct value v)
{
	if (v.kind == VALUE_TEXT || v.kind == VALUE_BLOB ||
	    v.kind == VALUE_EXACT)
		v.s = arena_dup(a, v.s);
	return v;
}

static void
sink_out(struct row_sink *to, const struct param_out *p, size_t n)
{
	struct rows_out *r = rows_of(to);

	r->outs = arena_zero(r->arena, n, sizeof(*r->outs));
	r->nouts = n;
	for (size_t i = 0; i < n; i++) {
		r->outs[i] = p[i];
		r->outs[i].name = arena_dup(r->arena, p[i].name);
		r->outs[i].value = value_copy(r->arena, p[i].value);
	}
}

void
rows_begin(struct rows_out *r, struct json_out *out, struct arena *a,
    enum rows_form form)
{
	*r = (struct rows_out){
		.sink = { sink_cols, sink_row, sink_out },
		.out = out,
		.arena = a,
		.form = form,
		.start = out->b->len,
	};
}

void
rows_left(struct rows_out *r)
{
	if (!r->full)
		r->cut = ROWS_CUT_ROWS;
}

void
rows_end(struct rows_out *r, int64_t affected)
{
	if (!r->set_open && r->sets == 0)
		set_open(r);
	if (r->set_open)
		set_close(r, affected);
}

const char *
rows_cut_name(enum rows_cut c)
{
	static const char *const names[] = { NULL, "rows", "bytes", "cells" };

	return names[c];
}
