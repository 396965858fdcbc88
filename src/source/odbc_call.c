/* SPDX-License-Identifier: ISC */
/*
 * Procedures and functions of the database: found in the catalogue, called by
 * "{call}" with bound values, out values into buffers of our own size.  One
 * result set is passed on.
 */
#include <string.h>

#include "source/odbc_int.h"

#define ARGS_MAX    100
#define OUT_BYTES   8192
#define RESULTS_MAX 100
#define CALL_MAX    ((size_t)1 << 16)

enum {
	PROC_CATALOG = 1,
	PROC_SCHEMA,
	PROC_NAME,
	PROC_ARG,
	PROC_KIND, /* SQL_PARAM_INPUT and so on */
	PROC_TYPE,
	PROC_TYPE_NAME,
	PROC_SIZE,
	PROC_DIGITS = 10,
	PROC_ORDINAL = 18
};

struct arg {
	struct str name, type_name;
	int64_t kind, type, size, digits;
	const struct param *value;
	char *out; /* its buffer */
	SQLLEN *len;
};

struct calling {
	struct odbc_flow w;
	struct odbc_rows found;
	struct arg args[ARGS_MAX];
	size_t n;
	struct str schema, name;
	bool by_word; /* CALL as a statement of its own */
};

static int64_t
int_at(const struct odbc_rows *r, size_t row, int col, int64_t other)
{
	int64_t n;
	struct str s = odbc_rows_at(r, row, col);

	return s.p != NULL && str_int(s, INT64_MIN, INT64_MAX, &n) ? n : other;
}

/* "Did you mean", of those there are. */
static enum err
no_procedure(struct calling *k, const struct odbc_rows *all, struct fault *f)
{
	struct str name = k->w.q->procedure;
	struct near near = { .arena = k->w.a, .wanted = name };

	for (size_t i = 0; i < all->n; i++)
		near_offer(&near, odbc_rows_at(all, i, PROC_NAME));
	near_say(&near, "The closest procedures are", f);
	return fault_set(f, ERR_PROCEDURE_NOT_FOUND,
	    "there is no procedure '%.*s'", (int)name.len, name.p);
}

static bool
is_named(const struct calling *k, const struct odbc_rows *r, size_t row,
    bool fold)
{
	struct str s = k->w.q->schema, name = odbc_rows_at(r, row, PROC_NAME);

	if (s.len > 0 && !str_ieq(s, odbc_rows_at(r, row, PROC_SCHEMA)))
		return false;
	return fold ? str_ieq(name, k->w.q->procedure)
		    : str_eq(name, k->w.q->procedure);
}

/* Exactly, then with letters folded. */
static enum err
find(struct calling *k, struct fault *f)
{
	const struct str none = { 0 };
	struct odbc_rows all;
	size_t at;
	enum err e = odbc_catalog(k->w.c, k->w.a, CATALOG_PROCEDURES, none,
	    none, none, &all, f);

	if (e != ERR_OK)
		return e;
	at = all.n;
	for (int fold = 0; fold < 2 && at == all.n; fold++)
		for (size_t i = 0; i < all.n && at == all.n; i++)
			if (is_named(k, &all, i, fold == 1))
				at = i;
	if (at == all.n)
		return no_procedure(k, &all, f);
	k->schema = odbc_rows_at(&all, at, PROC_SCHEMA);
	k->name = odbc_rows_at(&all, at, PROC_NAME);
	return odbc_catalog(k->w.c, k->w.a, CATALOG_PARAMETERS,
	    odbc_rows_at(&all, at, PROC_CATALOG), k->schema, k->name, &k->found,
	    f);
}

static bool
is_input(const struct arg *g)
{
	return g->kind == SQL_PARAM_INPUT || g->kind == SQL_PARAM_INPUT_OUTPUT;
}

static bool
is_output(const struct arg *g)
{
	return g->kind == SQL_PARAM_OUTPUT ||
	       g->kind == SQL_PARAM_INPUT_OUTPUT || g->kind == SQL_RETURN_VALUE;
}

/* By name, or by its number among the arguments. */
static const struct param *
value_of(const struct sql *q, const struct arg *g, size_t number)
{
	int64_t n;

	for (size_t i = 0; i < q->nparams; i++) {
		struct str name = q->params[i].name, own = g->name;

		if (str_starts(own, STR("@")))
			own = str_from(own, 1);
		if (own.len != 0
			? str_ieq(name, own)
			: str_int(name, 1, ARGS_MAX, &n) && (size_t)n == number)
			return &q->params[i];
	}
	return NULL;
}

static bool
take_arg(struct calling *k, size_t row)
{
	const struct odbc_rows *r = &k->found;
	struct arg *g = &k->args[k->n];

	*g = (struct arg){ .name = odbc_rows_at(r, row, PROC_ARG),
		.type_name = odbc_rows_at(r, row, PROC_TYPE_NAME),
		.kind = int_at(r, row, PROC_KIND, SQL_PARAM_INPUT),
		.type = int_at(r, row, PROC_TYPE, SQL_VARCHAR),
		.size = int_at(r, row, PROC_SIZE, 0),
		.digits = int_at(r, row, PROC_DIGITS, 0) };
	if (g->kind == SQL_RESULT_COL || k->n + 1 == ARGS_MAX)
		return false;
	return true;
}

/* The arguments from "row" on, if the values are theirs; *end is where the next
 * one of that name begins.  Inputs at the end may have defaults, which ODBC
 * does not tell. */
static bool
fits(struct calling *k, size_t row, size_t *end)
{
	size_t used = 0, number = 0;
	int64_t last = -1;
	bool gap = false, good = true;

	k->n = 0;
	for (*end = row; *end < k->found.n; ++*end) {
		int64_t at = int_at(&k->found, *end, PROC_ORDINAL,
		    (int64_t)(*end - row));
		struct arg *g = &k->args[k->n];

		if (at <= last)
			break;
		last = at;
		if (!str_eq(odbc_rows_at(&k->found, *end, PROC_NAME),
			k->name) ||
		    !take_arg(k, *end))
			continue;
		if (g->kind != SQL_RETURN_VALUE)
			number++;
		if (is_input(g))
			g->value = value_of(k->w.q, g, number);
		good = good && !(gap && g->value != NULL);
		gap = gap || (is_input(g) && g->value == NULL);
		used += g->value != NULL;
		k->n++;
	}
	return good && used == k->w.q->nparams;
}

static enum err
choose(struct calling *k, struct fault *f)
{
	struct buf b;
	size_t row = 0, end = 0;

	do {
		if (fits(k, row, &end))
			return ERR_OK;
		row = end;
	} while (end < k->found.n);
	(void)fits(k, 0, &end);
	buf_init(&b, k->w.a, FAULT_MSG);
	for (size_t i = 0; i < k->n; i++)
		if (is_input(&k->args[i])) {
			buf_str(&b, b.len == 0 ? STR("") : STR(", "));
			buf_char(&b, '@');
			buf_str(&b, k->args[i].name);
			buf_char(&b, ' ');
			buf_str(&b, k->args[i].type_name);
		}
	fault_hint(f, "It takes %.*s", b.len == 0 ? 4 : (int)b.len,
	    b.len == 0 ? "none" : b.p);
	return fault_set(f, ERR_INVALID_ARGUMENT,
	    "the values do not fit the procedure's parameters");
}

static bool
is_sent(const struct arg *g)
{
	return g->value != NULL || (is_output(g) && !is_input(g));
}

static void
put_name(struct calling *k, struct buf *b, struct str name)
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
text_of(struct calling *k)
{
	bool returns = k->n > 0 && k->args[0].kind == SQL_RETURN_VALUE;
	struct buf b;
	size_t put = 0;

	buf_init(&b, k->w.a, CALL_MAX);
	buf_str(&b, k->by_word ? STR("CALL ")
		    : returns  ? STR("{?=call ")
			       : STR("{call "));
	if (k->schema.len > 0) {
		put_name(k, &b, k->schema);
		buf_char(&b, '.');
	}
	put_name(k, &b, k->name);
	buf_char(&b, '(');
	for (size_t i = 0; i < k->n; i++) {
		const struct arg *g = &k->args[i];

		if (g->kind == SQL_RETURN_VALUE || !is_sent(g))
			continue;
		buf_str(&b, put++ == 0 ? STR("") : STR(", "));
		buf_str(&b,
		    k->by_word && !is_input(g) ? STR("NULL") : STR("?"));
	}
	buf_str(&b, k->by_word ? STR(")") : STR(")}"));
	return arena_dup(k->w.a, buf_text(&b));
}

/* A buffer for what comes back; an in/out value is put into it first. */
static enum err
bind_out(struct calling *k, struct arg *g, int n, struct fault *f)
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
	    is_input(g) ? SQL_PARAM_INPUT_OUTPUT : SQL_PARAM_OUTPUT, SQL_C_CHAR,
	    (SQLSMALLINT)g->type, (SQLULEN)(g->size > 0 ? g->size : OUT_BYTES),
	    (SQLSMALLINT)g->digits, g->out, OUT_BYTES, g->len);
	return SQL_SUCCEEDED(r)
		   ? ERR_OK
		   : odbc_fault(k->w.c, a, SQL_HANDLE_STMT, k->w.s, NULL, f);
}

static enum err
bind(struct calling *k, struct fault *f)
{
	int n = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < k->n; i++) {
		struct arg *g = &k->args[i];

		if (!is_sent(g) || (k->by_word && !is_input(g)))
			continue;
		n++;
		if (is_output(g) && !k->by_word)
			e = bind_out(k, g, n, f);
		else
			e = odbc_bind_one(k->w.c, k->w.a, k->w.s, n,
			    &g->value->value, f);
	}
	return e;
}

static struct value
out_value(struct calling *k, const struct arg *g)
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
send_outs(struct calling *k)
{
	struct param *p = arena_zero(k->w.a, k->n + 1, sizeof(*p));
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++) {
		const struct arg *g = &k->args[i];

		if (g->out == NULL)
			continue;
		p[n++] = (struct param){ .name = g->kind == SQL_RETURN_VALUE
						     ? STR("return_value")
						     : g->name,
			.value = out_value(k, g),
			.direction = (int)g->kind };
	}
	if (n > 0 && k->w.to->out != NULL)
		k->w.to->out(k->w.to, p, n);
}

/* The value of a function is a result of one row, too. */
static void
send_return(struct calling *k)
{
	const struct arg *g = &k->args[0];
	struct column c = { .name = k->name,
		.type = odbc_data_type((int)g->type, g->type_name),
		.type_name = g->type_name,
		.nullable = -1,
		.length = -1,
		.precision = -1,
		.scale = -1 };
	struct value v = out_value(k, g);

	if (k->w.to->cols(k->w.to, &c, 1))
		(void)k->w.to->row(k->w.to, &v, 1);
}

/* The row that CALL as a statement gives: what comes back, in order. */
static enum err
take_row(struct calling *k, struct fault *f)
{
	bool end = true;
	int col = 0;
	enum err e = odbc_fetch(k->w.c, k->w.a, k->w.s, &end, f);

	for (size_t i = 0; e == ERR_OK && !end && i < k->n; i++) {
		struct arg *g = &k->args[i];
		struct str s;

		if (!is_output(g))
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
pass_over(struct calling *k)
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
results(struct calling *k, struct fault *f)
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
	if (!any && k->n > 0 && k->args[0].kind == SQL_RETURN_VALUE)
		send_return(k);
	send_outs(k);
	return ERR_OK;
}

static enum err
run(struct calling *k, struct fault *f)
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
call(struct calling *k, struct fault *f)
{
	enum err e = find(k, f);

	if (e == ERR_OK)
		e = choose(k, f);
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
	struct calling *k = arena_zero(a, 1, sizeof(*k));
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
