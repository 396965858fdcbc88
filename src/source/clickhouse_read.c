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
	w->c->other_type = w->c->other_type && r.line == 0;
	return e;
}

/* A write keeps what a number says to the last digit; what is read is compared
 * first as what it looks like. */
static const enum ch_form forms[][CH_FORMS] = {
	{ CH_PLAIN, CH_NUMBERS, CH_DIGITS, CH_TEXTS },
	{ CH_NUMBERS, CH_PLAIN, CH_DIGITS, CH_TEXTS },
};

enum err
ch_is_query(struct ch_flow *w, struct ch_text *t, struct str sql,
    struct fault *f)
{
	return ch_describe(w, t, sql, NULL, f);
}

static enum err
columns(struct ch_flow *w, struct ch_text *t, struct str sql, struct fault *f)
{
	return ch_describe(w, t, sql, w->to, f);
}

/* What stands behind IN is looked at only when it runs. */
static enum err
both(struct ch_flow *w, struct ch_text *t, struct str sql, struct fault *f)
{
	enum err e = ch_describe(w, t, sql, NULL, f);

	t->prefix = 0;
	return e == ERR_OK ? rows(w, t, f) : e;
}

/* "*" behind a value, which is no list of columns, or its function. */
static bool
is_product(const struct tokens *t, size_t i)
{
	enum word before = i == 0 ? WORD_NONE : token_word(t, i - 1);

	if (str_ieq(token_text(t, i), STR("multiply")))
		return true;
	return i > 0 && token_is(t, i, '*') && before != WORD_SELECT &&
	       before != WORD_DISTINCT && !token_is(t, i - 1, '(') &&
	       !token_is(t, i - 1, ',') && !token_is(t, i - 1, '.');
}

/* Old servers multiply decimals of two widths wrongly. */
static bool
may_be_wrong(struct ch_flow *w)
{
	struct fault ignored = { 0 };
	struct tokens t;

	if (w->c->year >= CH_EXPLAIN_YEAR)
		return false;
	if (tokens_read(w->a, DIALECT_CLICKHOUSE, w->q->text, &t, &ignored) !=
	    ERR_OK)
		return true;
	for (size_t i = 0; i < t.n; i++)
		if (is_product(&t, i))
			return true;
	return false;
}

static bool
is_new(struct ch_flow *w, const enum ch_form *form, int i)
{
	if ((form[i] == CH_NUMBERS || form[i] == CH_DIGITS) &&
	    ch_forms_differ(w->a, w->q, form[i], CH_PLAIN) && may_be_wrong(w))
		return false;
	for (int k = 0; k < i; k++)
		if (!ch_forms_differ(w->a, w->q, form[i], form[k]))
			return false;
	return true;
}

enum err
ch_fit(struct ch_flow *w, struct ch_text *t, size_t from,
    enum err (*look)(struct ch_flow *w, struct ch_text *t, struct str sql,
	struct fault *f),
    struct fault *f)
{
	const enum ch_form *form = forms[sql_writes(w->q)];
	const struct ch_text as_it_was = *t;
	enum err first = ERR_OK;

	for (int i = 0; i < CH_FORMS; i++) {
		struct fault other = { 0 };
		enum err e;

		if (!is_new(w, form, i))
			continue;
		*t = as_it_was;
		t->form = form[i];
		w->c->other_type = false;
		e = ch_text_make(w->a, w->q, t, &other);
		if (e == ERR_OK)
			e = look(w, t, ch_text_from(t, from), &other);
		if (e == ERR_OK || first == ERR_OK)
			*f = other;
		if (e == ERR_OK)
			return ERR_OK;
		if (first == ERR_OK)
			first = e;
		if (!w->c->other_type)
			break;
	}
	return first;
}

/* DESCRIBE and EXPLAIN of the caller's own; the gate has read them. */
static bool
is_explain(const struct ch_flow *w)
{
	return w->q->gate->class == SQL_EXPLAIN && !w->q->describe;
}

static enum err
check_explain(const struct ch_flow *w, struct fault *f)
{
	if (w->q->gate->class != SQL_EXPLAIN ||
	    !str_ieq(w->q->gate->first, STR("EXPLAIN")) ||
	    w->c->year >= CH_EXPLAIN_YEAR)
		return ERR_OK;
	fault_hint(f, "explain_sql names the tables that are read");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "the server of this source has no EXPLAIN");
}

enum err
ch_read(struct ch_flow *w, struct fault *f)
{
	struct ch_text t = { .prefix = sizeof(DESCRIBE) - 1 };
	enum err e = check_explain(w, f);

	if (e == ERR_OK)
		e = ch_rules(w, &t, f);
	if (e != ERR_OK)
		return e;
	if (!is_explain(w))
		return ch_fit(w, &t, 0, w->q->describe ? columns : both, f);
	t.prefix = 0;
	e = ch_text_make(w->a, w->q, &t, f);
	return e == ERR_OK ? rows(w, &t, f) : e;
}
