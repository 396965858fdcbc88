/* SPDX-License-Identifier: ISC */
/*
 * A procedure or function of the database as the catalogue has it, and the
 * caller's values as its arguments.
 */
#include "source/odbc_call.h"

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

static int64_t
int_at(const struct odbc_rows *r, size_t row, int col, int64_t other)
{
	int64_t n;
	struct str s = odbc_rows_at(r, row, col);

	return s.p != NULL && str_int(s, INT64_MIN, INT64_MAX, &n) ? n : other;
}

/* "Did you mean", of those there are. */
static enum err
no_procedure(struct odbc_calling *k, const struct odbc_rows *all,
    struct fault *f)
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
is_named(const struct odbc_calling *k, const struct odbc_rows *r, size_t row,
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
find(struct odbc_calling *k, struct fault *f)
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

bool
odbc_is_input(const struct odbc_arg *g)
{
	return g->kind == SQL_PARAM_INPUT || g->kind == SQL_PARAM_INPUT_OUTPUT;
}

bool
odbc_is_output(const struct odbc_arg *g)
{
	return g->kind == SQL_PARAM_OUTPUT || g->kind == SQL_PARAM_INPUT_OUTPUT;
}

/* By name, or by its number among the arguments. */
static const struct param *
value_of(const struct sql *q, const struct odbc_arg *g, size_t number)
{
	int64_t n;

	for (size_t i = 0; i < q->nparams; i++) {
		struct str name = q->params[i].name, own = g->name;

		if (str_starts(own, STR("@")))
			own = str_from(own, 1);
		if (own.len != 0 ? str_ieq(name, own)
				 : str_int(name, 1, ODBC_ARGS_MAX, &n) &&
				       (size_t)n == number)
			return &q->params[i];
	}
	return NULL;
}

static bool
take_arg(struct odbc_calling *k, size_t row)
{
	const struct odbc_rows *r = &k->found;
	struct odbc_arg *g = &k->args[k->n];

	*g = (struct odbc_arg){ .name = odbc_rows_at(r, row, PROC_ARG),
		.type_name = odbc_rows_at(r, row, PROC_TYPE_NAME),
		.kind = int_at(r, row, PROC_KIND, SQL_PARAM_INPUT),
		.type = int_at(r, row, PROC_TYPE, SQL_VARCHAR),
		.size = int_at(r, row, PROC_SIZE, 0),
		.digits = int_at(r, row, PROC_DIGITS, 0) };
	/* A function's value comes as a row: asking for it by "?=" makes
	 * psqlodbc lose an argument. */
	return g->kind != SQL_RESULT_COL && g->kind != SQL_RETURN_VALUE &&
	       k->n + 1 < ODBC_ARGS_MAX;
}

/* The arguments from "row" on, if the values are theirs; *end is where the next
 * one of that name begins.  Inputs at the end may have defaults, which ODBC
 * does not tell. */
static bool
fits(struct odbc_calling *k, size_t row, size_t *end)
{
	size_t used = 0, number = 0;
	int64_t last = -1;
	bool gap = false, good = true;

	k->n = 0;
	for (*end = row; *end < k->found.n; ++*end) {
		int64_t at = int_at(&k->found, *end, PROC_ORDINAL,
		    (int64_t)(*end - row));
		struct odbc_arg *g = &k->args[k->n];

		if (at <= last)
			break;
		last = at;
		if (!str_eq(odbc_rows_at(&k->found, *end, PROC_NAME),
			k->name) ||
		    !take_arg(k, *end))
			continue;
		number++;
		if (odbc_is_input(g))
			g->value = value_of(k->w.q, g, number);
		good = good && !(gap && g->value != NULL);
		gap = gap || (odbc_is_input(g) && g->value == NULL);
		used += g->value != NULL;
		k->n++;
	}
	return good && used == k->w.q->nparams;
}

static enum err
choose(struct odbc_calling *k, struct fault *f)
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
		if (odbc_is_input(&k->args[i])) {
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

enum err
odbc_find(struct odbc_calling *k, struct fault *f)
{
	enum err e = find(k, f);

	return e == ERR_OK ? choose(k, f) : e;
}
