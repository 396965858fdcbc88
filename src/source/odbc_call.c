/* SPDX-License-Identifier: ISC */
/*
 * Procedures and functions of the database: found in the catalogue, called by
 * "{call}" with bound values, out values into buffers of our own size.  One
 * result set is passed on.
 */
#include <string.h>

#include "source/odbc_call.h"

#define OUT_BYTES   8192
#define RESULTS_MAX 100
#define CALL_MAX    ((size_t)1 << 16)

static bool
is_sent(const struct odbc_arg *g)
{
	return g->value != NULL || (odbc_is_output(g) && !odbc_is_input(g));
}

static void
put_name(struct odbc_calling *k, struct buf *b, struct str name)
{
	char quote[8] = "";
	SQLSMALLINT n = 0;

	(void)SQLGetInfo(k->w.c->dbc, SQL_IDENTIFIER_QUOTE_CHAR, quote,
	    sizeof(quote), &n);
	if (quote[0] == '\0' || quote[0] == ' ') {
		buf_str(b, name);
		return;
	}
	buf_char(b, quote[0]);
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == quote[0])
			buf_char(b, quote[0]);
		buf_char(b, name.p[i]);
	}
	buf_char(b, quote[0]);
}

static struct str
text_of(struct odbc_calling *k)
{
	struct buf b;
	size_t put = 0;

	buf_init(&b, k->w.a, CALL_MAX);
	buf_str(&b, k->by_word ? STR("CALL ") : STR("{call "));
	if (k->schema.len > 0) {
		put_name(k, &b, k->schema);
		buf_char(&b, '.');
	}
	put_name(k, &b, k->name);
	buf_char(&b, '(');
	for (size_t i = 0; i < k->n; i++) {
		const struct odbc_arg *g = &k->args[i];

		if (!is_sent(g))
			continue;
		buf_str(&b, put++ == 0 ? STR("") : STR(", "));
		buf_str(&b,
		    k->by_word && !odbc_is_input(g) ? STR("NULL") : STR("?"));
	}
	buf_str(&b, k->by_word ? STR(")") : STR(")}"));
	return arena_dup(k->w.a, buf_text(&b));
}

/* A buffer for what comes back; an in/out value is put into it first. */
static enum err
bind_out(struct odbc_calling *k, struct odbc_arg *g, int n, struct fault *f)
{
	struct arena *a = k->w.a;
	struct str was = { 0 };
	SQLRETURN r;

	g->out = arena_zero(a, 1, OUT_BYTES);
	g->len = arena_zero(a, 1, sizeof(*g->len));
	*g->len = SQL_NULL_DATA;
	if (g->value != NULL && !odbc_value_text(a, &g->value->value, &was))
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "@%.*s cannot be given to a parameter that comes back",
		    (int)g->name.len, g->name.p);
	if (was.len >= OUT_BYTES)
		return fault_set(f, ERR_TOO_LARGE,
		    "@%.*s is longer than a parameter that comes back may be",
		    (int)g->name.len, g->name.p);
	if (was.p != NULL) {
		memcpy(g->out, was.p, was.len);
		*g->len = (SQLLEN)was.len;
	}
	r = SQLBindParameter(k->w.s, (SQLUSMALLINT)n,
	    odbc_is_input(g) ? SQL_PARAM_INPUT_OUTPUT : SQL_PARAM_OUTPUT,
	    SQL_C_CHAR, (SQLSMALLINT)g->type,
	    (SQLULEN)(g->size > 0 ? g->size : OUT_BYTES),
	    (SQLSMALLINT)g->digits, g->out, OUT_BYTES, g->len);
	return SQL_SUCCEEDED(r)
		   ? ERR_OK
		   : odbc_fault(k->w.c, a, SQL_HANDLE_STMT, k->w.s, NULL, f);
}

static enum err
bind(struct odbc_calling *k, struct fault *f)
{
	int n = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < k->n; i++) {
		struct odbc_arg *g = &k->args[i];

		if (!is_sent(g) || (k->by_word && !odbc_is_input(g)))
			continue;
		n++;
		if (odbc_is_output(g) && !k->by_word)
			e = bind_out(k, g, n, f);
		else
			e = odbc_bind_one(k->w.c, k->w.a, k->w.s, n,
			    &g->value->value, f);
	}
	return e;
}

static struct value
out_value(struct odbc_calling *k, const struct odbc_arg *g)
{
	size_t len;

	if (g->out == NULL || *g->len == SQL_NULL_DATA)
		return (struct value){ .kind = VALUE_NULL };
	len = *g->len < 0 || *g->len >= OUT_BYTES ? strnlen(g->out, OUT_BYTES)
						  : (size_t)*g->len;
	return odbc_value_of(k->w.a, (int)g->type, g->type_name,
	    (struct str){ g->out, len });
}

static void
send_outs(struct odbc_calling *k)
{
	struct param_out *p = arena_zero(k->w.a, k->n + 1, sizeof(*p));
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++) {
		const struct odbc_arg *g = &k->args[i];

		if (g->out == NULL)
			continue;
		p[n++] = (struct param_out){ .name = g->name,
			.value = out_value(k, g),
			.type = odbc_data_type((int)g->type, g->type_name),
			.direction = (int)g->kind };
	}
	if (n > 0 && k->w.to->out != NULL)
		k->w.to->out(k->w.to, p, n);
}

/* The row that CALL as a statement gives: what comes back, in order. */
static enum err
take_row(struct odbc_calling *k, struct fault *f)
{
	bool end = true;
	int col = 0;
	enum err e = odbc_fetch(k->w.c, k->w.a, k->w.s, &end, f);

	for (size_t i = 0; e == ERR_OK && !end && i < k->n; i++) {
		struct odbc_arg *g = &k->args[i];
		struct str s;

		if (!odbc_is_output(g))
			continue;
		e = odbc_cell(k->w.c, k->w.a, k->w.s, ++col, &s, f);
		if (e != ERR_OK)
			break;
		g->out = arena_z(k->w.a, s);
		g->len = arena_zero(k->w.a, 1, sizeof(*g->len));
		*g->len = s.p == NULL ? SQL_NULL_DATA : (SQLLEN)s.len;
	}
	return e;
}

/* Some drivers have the out values only behind the last result. */
static void
pass_over(struct odbc_calling *k)
{
	for (int i = 0; i < RESULTS_MAX; i++) {
		SQLRETURN r;

		odbc_enter(k->w.c, k->w.s);
		r = SQLMoreResults(k->w.s);
		odbc_leave(k->w.c);
		if (!SQL_SUCCEEDED(r))
			return;
	}
}

static enum err
results(struct odbc_calling *k, struct fault *f)
{
	bool any = odbc_ncolumns(k->w.s) > 0;
	enum err e = ERR_OK;

	if (k->by_word)
		e = any ? take_row(k, f) : ERR_OK;
	else if (any)
		e = odbc_flow(&k->w, f);
	if (e != ERR_OK)
		return e;
	pass_over(k);
	send_outs(k);
	return ERR_OK;
}

static enum err
run(struct odbc_calling *k, struct fault *f)
{
	enum err e = odbc_stmt(k->w.c, &k->w.s, f);

	if (e != ERR_OK)
		return e;
	(void)SQLSetStmtAttr(k->w.s, SQL_ATTR_NOSCAN,
	    (SQLPOINTER)(uintptr_t)SQL_NOSCAN_OFF, SQL_IS_UINTEGER);
	e = odbc_prepare(k->w.c, k->w.a, k->w.s, text_of(k), NULL, f);
	if (e == ERR_OK)
		e = bind(k, f);
	if (e == ERR_OK)
		e = odbc_execute(k->w.c, k->w.a, k->w.s, NULL, f);
	if (e == ERR_OK)
		e = results(k, f);
	odbc_stmt_end(k->w.c, k->w.s);
	k->w.s = NULL;
	return e;
}

static enum err
call(struct odbc_calling *k, struct fault *f)
{
	enum err e = odbc_find(k, f);

	k->w.c->stained = true;
	if (e == ERR_OK)
		e = run(k, f);
	if (!k->w.c->wants_call || e == ERR_OK)
		return e;
	/* The driver took it for a function. */
	k->by_word = true;
	odbc_rollback(k->w.c);
	*f = (struct fault){ 0 };
	odbc_begin(k->w.c, k->w.q->deadline, k->w.q->pulse);
	return run(k, f);
}

enum err
odbc_call(void *conn, struct arena *a, const struct sql *q, struct row_sink *to,
    struct sql_done *done, struct fault *f)
{
	struct odbc_conn *c = conn;
	struct odbc_calling *k = arena_zero(a, 1, sizeof(*k));
	enum err e;

	*done = (struct sql_done){ .affected = -1 };
	k->w = (struct odbc_flow){ .c = c,
		.a = a,
		.q = q,
		.to = to,
		.done = done };
	c->wants_call = false;
	odbc_begin(c, q->deadline, q->pulse);
	e = odbc_sure(c, f);
	if (e == ERR_OK)
		e = call(k, f);
	c->writing = e == ERR_OK && !q->dry_run;
	done->rolled_back = !c->writing;
	if (c->writing)
		odbc_rest(c);
	else
		odbc_rollback(c);
	return e;
}
