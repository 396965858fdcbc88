/* SPDX-License-Identifier: ISC */
/*
 * Engines that cannot take a write back.  Every table that the statement
 * names is looked at, and those that views and triggers of them, and functions
 * that are called, name.
 */
#include "source/mariadb_int.h"

#define ROUNDS_MAX 6

/* Tables by that name whose engine keeps what a failed statement did. */
static const char engines_sql[] =
    "SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema') AND (t.ENGINE IS NULL OR t.ENGINE NOT IN (SELECT e.ENGINE FROM information_schema.ENGINES e WHERE e.TRANSACTIONS = 'YES')) AND t.TABLE_NAME IN ";

/* What stands behind views, triggers and functions: schema, text; a function
 * whose text the account may not see can say that it writes nothing. */
static const char behind_sql[] =
    "SELECT v.TABLE_SCHEMA, v.VIEW_DEFINITION FROM information_schema.VIEWS v WHERE v.IS_UPDATABLE <> 'NO' AND v.TABLE_SCHEMA <> 'sys' AND v.TABLE_NAME IN %s UNION ALL SELECT g.EVENT_OBJECT_SCHEMA, g.ACTION_STATEMENT FROM information_schema.TRIGGERS g WHERE g.EVENT_OBJECT_TABLE IN %s UNION ALL SELECT r.ROUTINE_SCHEMA, coalesce(r.ROUTINE_DEFINITION, IF(r.SQL_DATA_ACCESS IN ('NO SQL', 'READS SQL DATA'), 'NULL', '')) FROM information_schema.ROUTINES r WHERE r.ROUTINE_SCHEMA <> 'sys' AND r.ROUTINE_NAME IN %s";

struct engines {
	struct mariadb_flow *w;
	struct mariadb_names names, calls;
	struct str current;
};

static enum err
odd_name(struct fault *f)
{
	fault_hint(f, "Names of that kind are written in backquotes");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "a name that begins with a digit or a dollar cannot be told from a number here");
}

static enum err
no_way_back(struct fault *f)
{
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "SETVAL cannot be taken back, so it cannot be tried");
}

static bool
is_near(const struct engines *k, struct str schema)
{
	return str_ieq(schema, k->current) ||
	       mariadb_names_have(&k->names, schema);
}

/* CALL a.b or a.b.c(: each part of it could be what is called. */
static bool
add_call(struct engines *k, const struct tokens *t, size_t i)
{
	size_t first = i;

	if (!token_is_name(t, i))
		return true;
	while (first >= 2 && token_is(t, first - 1, '.'))
		first -= 2;
	if (!token_is(t, i + 1, '(') &&
	    (first == 0 || token_word(t, first - 1) != WORD_CALL))
		return true;
	for (; first <= i; first += 2)
		if (!mariadb_names_add(k->w->a, &k->calls,
			token_name(k->w->a, t, first)))
			return false;
	return true;
}

static enum err
read_names(struct engines *k, struct str text, struct fault *f)
{
	struct tokens t;
	enum err e = tokens_read(k->w->a, DIALECT_MARIADB, text, &t, f);

	for (size_t i = 0; e == ERR_OK && i < t.n; i++)
		if (mariadb_is_odd(&t, i))
			e = odd_name(f);
		else if (!add_call(k, &t, i))
			e = mariadb_too_many(f);
	if (e == ERR_OK && !mariadb_names(k->w->a, &t, true, &k->names))
		e = mariadb_too_many(f);
	if (e == ERR_OK && k->w->q->dry_run &&
	    mariadb_names_have(&k->calls, STR("setval")))
		e = no_way_back(f);
	return e;
}

/* The names behind views, triggers and functions join those of the
 * statement. */
static enum err
follow(struct engines *k, struct fault *f)
{
	struct arena *a = k->w->a;
	struct str marks = mariadb_marks(a, k->names.n);
	size_t ncalls = k->calls.n == 0 ? 1 : k->calls.n;
	size_t n = 2 * k->names.n + ncalls;
	struct str *args = arena_zero(a, n, sizeof(*args));
	struct mariadb_rows r;
	enum err e;

	for (size_t i = 0; i < 2 * k->names.n; i++)
		args[i] = k->names.v[i % k->names.n];
	args[2 * k->names.n] = STR(""); /* there is no such name */
	for (size_t i = 0; i < k->calls.n; i++)
		args[2 * k->names.n + i] = k->calls.v[i];
	e = mariadb_ask(k->w->c, a,
	    arena_fmt(a, behind_sql, marks.p, marks.p,
		mariadb_marks(a, ncalls).p)
		.p,
	    args, n, &r, f);
	for (size_t i = 0; e == ERR_OK && i < r.rows; i++) {
		if (!is_near(k, mariadb_cell(&r, i, 0)))
			continue;
		if (mariadb_cell(&r, i, 1).len == 0)
			return fault_set(f, ERR_PERMISSION_DENIED,
			    "the account of the source may not see what stands behind a view or function of this statement, so it cannot be written");
		e = read_names(k, mariadb_cell(&r, i, 1), f);
	}
	return e;
}

static enum err
check_names(struct engines *k, struct fault *f)
{
	struct arena *a = k->w->a;
	struct mariadb_rows r;
	enum err e = mariadb_ask(k->w->c, a,
	    arena_fmt(a, "%s%s", engines_sql, mariadb_marks(a, k->names.n).p).p,
	    k->names.v, k->names.n, &r, f);

	for (size_t i = 0; e == ERR_OK && i < r.rows; i++) {
		struct str name = mariadb_cell(&r, i, 1),
			   engine = mariadb_cell(&r, i, 2);

		if (!is_near(k, mariadb_cell(&r, i, 0)))
			continue;
		fault_hint(f,
		    "With unsafe_engines = true the source allows it, without a way back");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "the table %.*s (%.*s) cannot take a write back",
		    (int)name.len, name.p, (int)engine.len, engine.p);
	}
	return e;
}

static enum err
current_schema(struct engines *k, struct fault *f)
{
	struct mariadb_rows r;
	enum err e =
	    mariadb_ask(k->w->c, k->w->a, "SELECT DATABASE()", NULL, 0, &r, f);

	k->current = e == ERR_OK ? mariadb_cell(&r, 0, 0) : (struct str){ 0 };
	return e;
}

enum err
mariadb_engines(struct mariadb_flow *w, struct fault *f)
{
	struct engines k = { .w = w };
	size_t before = 0;
	enum err e;

	/* A try must leave nothing, whatever the source allows. */
	if (w->c->spec->unsafe_engines && !w->q->dry_run)
		return ERR_OK;
	e = current_schema(&k, f);
	if (e == ERR_OK)
		e = read_names(&k, w->q->text, f);
	for (int i = 0; e == ERR_OK && k.names.n > before; i++) {
		if (i == ROUNDS_MAX)
			return mariadb_too_many(f);
		before = k.names.n;
		e = follow(&k, f);
	}
	return e == ERR_OK && k.names.n > 0 ? check_names(&k, f) : e;
}
