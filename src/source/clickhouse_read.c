/* SPDX-License-Identifier: ISC */
/*
 * Reading: what DESCRIBE TABLE (text) takes is a query expression; only that is
 * sent by itself.
 */
#include "source/clickhouse_int.h"

#define FORMAT   "\nFORMAT TabSeparatedWithNamesAndTypes"
#define DESCRIBE "DESCRIBE TABLE (\n"

/* Columns of DESCRIBE's answer: name and type come first. */
struct described {
	struct row_sink sink;
	struct arena *a;
	struct column *v;
	size_t n, room;
};

static bool
described_columns(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	return n >= 2;
}

static bool
described_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct described *d = (struct described *)to;

	(void)n;
	if (d->n == d->room) {
		size_t room = d->room * 2 + 16;

		d->v = arena_grow(d->a, d->v, d->room * sizeof(*d->v),
		    room * sizeof(*d->v));
		d->room = room;
	}
	ch_column(arena_dup(d->a, v[0].s), arena_dup(d->a, v[1].s),
	    &d->v[d->n++]);
	return true;
}

/* One question with its answer in rows. */
static enum err
ask(struct ch_flow *w, struct ch_query *query, struct ch_rows *r,
    struct fault *f)
{
	enum err e;

	query->schema = w->q->schema;
	query->take = ch_rows_take;
	query->arg = r;
	e = ch_send(w->c, w->a, query, f);
	if (e == ERR_OK)
		return ch_rows_end(r, query, f);
	arena_free(r->row);
	return e;
}

enum err
ch_describe(struct ch_flow *w, const struct ch_text *t, struct str sql,
    struct row_sink *to, struct fault *f)
{
	struct described d = { .sink = { described_columns, described_row,
				   NULL },
		.a = w->a };
	struct ch_query query = { .sql =
				      arena_fmt(w->a, DESCRIBE "%.*s\n)" FORMAT,
					  (int)sql.len, sql.p),
		.q = w->q,
		.text = t };
	struct ch_rows r;
	enum err e;

	ch_rows_begin(&r, w->c, w->a, &d.sink);
	e = ask(w, &query, &r, f);
	if (e == ERR_OK && to != NULL)
		(void)to->cols(to, d.v, d.n);
	return e;
}

static enum err
rows(struct ch_flow *w, const struct ch_text *t, struct fault *f)
{
	const struct sql *q = w->q;
	bool bounded = q->max_rows < INT32_MAX && q->skip < INT32_MAX;
	struct ch_query query = { .sql = arena_fmt(w->a, "%.*s" FORMAT,
				      (int)t->sql.len, t->sql.p),
		.q = q,
		.text = t,
		.max_rows = bounded ? q->skip + q->max_rows + 1 : 0 };
	struct ch_rows r;
	enum err e;

	ch_rows_begin(&r, w->c, w->a, w->to);
	r.skip = q->skip;
	r.max = q->max_rows;
	e = ask(w, &query, &r, f);
	if (e == ERR_OK)
		w->done->more = r.more;
	return e;
}

/* DESCRIBE and EXPLAIN of the caller's own; the gate has read them. */
static bool
is_explain(const struct ch_flow *w)
{
	return w->q->gate->class == SQL_EXPLAIN && !w->q->describe;
}

enum err
ch_read(struct ch_flow *w, struct fault *f)
{
	struct ch_text t = { .prefix = sizeof(DESCRIBE) - 1 };
	bool describe = w->q->describe;
	enum err e = ch_rules(w, &t, f);

	if (e == ERR_OK)
		e = ch_text_make(w->a, w->q, &t, f);
	if (e == ERR_OK && !is_explain(w))
		e = ch_describe(w, &t, t.sql, describe ? w->to : NULL, f);
	t.prefix = 0;
	return e == ERR_OK && !describe ? rows(w, &t, f) : e;
}
