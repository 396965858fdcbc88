/* SPDX-License-Identifier: ISC */
/*
 * One row, fast: room for the whole row is asked for once, then numbers and
 * plain text go straight to their places in the structured form and in the
 * text copy.  What needs more (escapes, blobs) goes through the writer.
 */
#include <math.h>

#include "rows/pen.h"

#define EXACT INT64_C(9007199254740991) /* 2^53 - 1 */

/* The value, if it is one of the short and easy ones. */
static bool
pen_value(struct pen *p, const struct value *v, int64_t max_cell)
{
	switch (v->kind) {
	case VALUE_INT:
		if (v->i < -EXACT || v->i > EXACT)
			return false;
		pen_int(p, v->i);
		return true;
	case VALUE_REAL:
		if (!isfinite(v->d))
			return false;
		pen_number(p, json_double_text(p->b, v->d));
		return true;
	case VALUE_TEXT:
		if ((max_cell > 0 && v->s.len > (uint64_t)max_cell) ||
		    json_plain(v->s.p, v->s.len) != v->s.len)
			return false;
		pen_text(p, v->s);
		return true;
	case VALUE_NULL:
		pen_both(p, "null", 4);
		return true;
	case VALUE_BOOL:
		pen_both(p, v->i != 0 ? "true" : "false", v->i != 0 ? 4 : 5);
		return true;
	case VALUE_BLOB:
	case VALUE_EXACT:
		break;
	}
	return false;
}

/* Bytes the row takes at most in one form, hard values left aside. */
static size_t
row_room(const struct rows_out *r, const struct value *v, size_t n)
{
	size_t need = SHORT_ROOM;

	for (size_t i = 0; i < n; i++) {
		need += SHORT_ROOM;
		if (v[i].kind == VALUE_TEXT)
			need += v[i].s.len;
		if (r->form == ROWS_OBJECTS)
			need += r->keys[i].twin.len;
	}
	return need;
}

/* Through the writer, as a value behind its comma or key. */
static bool
value_hard(struct rows_out *r, struct pen *p, const struct value *v)
{
	struct json_out *out = r->out;
	bool cut;

	pen_close(p, out);
	out->keyed = true; /* comma and name are there already */
	cut = rows_value(out, NULL, v, r->max_cell);
	return cut;
}

static bool
row_fill(struct rows_out *r, struct pen *p, const struct value *v, size_t n)
{
	bool cut = false;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			pen_char(p, ',');
		if (r->form == ROWS_OBJECTS)
			pen_key(p, &r->keys[i]);
		if (pen_value(p, &v[i], r->max_cell))
			continue;
		cut |= value_hard(r, p, &v[i]);
		if (!buf_room(r->out->b, row_room(r, v + i, n - i)) ||
		    !buf_room(r->out->twin, row_room(r, v + i, n - i)))
			return cut;
		pen_open(p, r->out);
	}
	pen_char(p, r->form == ROWS_OBJECTS ? '}' : ']');
	pen_close(p, r->out);
	return cut;
}

bool
rows_row(struct rows_out *r, const struct value *v, size_t n)
{
	struct json_out *out = r->out;
	size_t need = row_room(r, v, n);
	struct pen p;
	bool cut;

	if (!buf_room(out->b, need) || !buf_room(out->twin, need))
		return false;
	pen_open(&p, out);
	if (out->comma)
		pen_char(&p, ',');
	pen_char(&p, r->form == ROWS_OBJECTS ? '{' : '[');
	cut = row_fill(r, &p, v, n);
	out->comma = true;
	return cut;
}

/* "name": once plain and once with its quotes escaped. */
void
rows_keys(struct rows_out *r)
{
	r->keys = arena_zero(r->arena, r->ncolumns + 1, sizeof(*r->keys));
	for (size_t i = 0; i < r->ncolumns; i++) {
		size_t max = 8 * r->labels[i].len + 32;
		struct json_out out;
		struct buf plain, twin;

		buf_init(&plain, r->arena, max);
		buf_init(&twin, r->arena, max);
		json_out_init(&out, &plain, &twin);
		json_str(&out, NULL, r->labels[i].p, r->labels[i].len);
		buf_char(&plain, ':');
		buf_char(&twin, ':');
		r->keys[i].plain = buf_text(&plain);
		r->keys[i].twin = buf_text(&twin);
	}
}
