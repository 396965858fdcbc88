/* SPDX-License-Identifier: ISC */
/*
 * Types that a text names, on a source with rules: each table is a type too,
 * and a value of that type tells the columns of the table, the denied ones with
 * them.
 */
#include "source/pgsql_int.h"

/* Words behind the name of a column's type. */
static bool
ends_column(const struct tokens *t, size_t i)
{
	static const char *const words[] = { "PATH", "DEFAULT", "NOT", "NULL",
		"COLLATE", "ARRAY" };

	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		if (t->v[i].kind == LEX_WORD &&
		    str_ieq(token_text(t, i), str_of(words[w])))
			return true;
	return token_is(t, i, ',') || token_is(t, i, ')') ||
	       token_is(t, i, '[');
}

/* Is the name from "first" to "last" one of a column with a type behind it:
 * AS x (a customers, b text)? */
static bool
is_column_type(const struct tokens *t, size_t first, size_t last)
{
	enum word before = first < 2 ? WORD_NONE : token_word(t, first - 1);

	return first >= 2 && last + 1 < t->n && ends_column(t, last + 1) &&
	       token_is_name(t, first - 1) && before != WORD_SELECT &&
	       before != WORD_DISTINCT && before != WORD_TABLE &&
	       before != WORD_ONLY &&
	       (token_is(t, first - 2, '(') || token_is(t, first - 2, ',') ||
		   str_ieq(token_text(t, first - 2), STR("COLUMNS")));
}

/* Could token i be the (last part of the) name of a type?  x::customers,
 * CAST(x AS customers), customers '(1)', customers('(1)'). */
static bool
is_type(const struct tokens *t, size_t i)
{
	size_t first = i;

	if (!token_is_name(t, i) || token_is(t, i + 1, '.'))
		return false;
	while (first >= 2 && token_is(t, first - 1, '.') &&
	       token_is_name(t, first - 2))
		first -= 2;
	if (token_is(t, i + 1, '(') ||
	    (i + 1 < t->n && t->v[i + 1].kind == LEX_TEXT))
		return true;
	if (first == 0)
		return false;
	if (token_is(t, first - 1, ':') ||
	    str_ieq(token_text(t, first - 1), STR("RETURNING")))
		return true;
	if (token_word(t, first - 1) == WORD_AS && i + 1 < t->n)
		return ends_column(t, i + 1) && !token_is(t, i + 1, ',');
	return is_column_type(t, first, i);
}

/* Tables, and views, whose rows are a type by that name or what an array by
 * that name is made of. */
static const char types_sql[] =
    "SELECT c.relname, c.relkind IN ('v', 'm'), a.attname FROM pg_catalog.pg_type y LEFT JOIN pg_catalog.pg_type e ON e.oid = y.typelem JOIN pg_catalog.pg_class c ON c.oid = CASE WHEN y.typrelid <> 0 THEN y.typrelid ELSE e.typrelid END AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND c.oid >= 16384 JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE y.typname = ANY ($1::pg_catalog.name[])";

/* Domains that a function of the database's own checks, by that name or inside
 * of the type that has it: what is told of a value can come from any table. */
static const char domains_sql[] =
    "WITH RECURSIVE y (oid) AS (SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typname = ANY ($1::pg_catalog.name[]) UNION SELECT v.x FROM y JOIN pg_catalog.pg_type t ON t.oid = y.oid, LATERAL (VALUES (t.typelem), (t.typbasetype) UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0) v (x) WHERE v.x >= 16384) SELECT 1 FROM y JOIN pg_catalog.pg_constraint k ON k.contypid = y.oid JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid WHERE p.oid >= 16384 AND p.provolatile <> 'i' LIMIT 1";

enum { TYPE_TABLE, TYPE_VIEW, TYPE_COLUMN };

static bool
is_there(const struct str *v, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i], name))
			return true;
	return false;
}

enum err
pgsql_casts(struct pgsql_conn *c, struct arena *a, const struct tokens *t,
    struct fault *f)
{
	struct str types[PGSQL_NAMES_MAX];
	const char *names[1];
	PGresult *res;
	size_t n = 0;
	enum err e;

	for (size_t i = 0; i < t->n; i++) {
		if (!is_type(t, i) || is_there(types, n, token_name(a, t, i)))
			continue;
		if (n == PGSQL_NAMES_MAX)
			return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
			    "the statement names too many types");
		types[n++] = token_name(a, t, i);
	}
	if (n == 0)
		return ERR_OK;
	names[0] = pgsql_names(a, types, n);
	e = pgsql_ask(c, a, types_sql, names, 1, &res, f);
	for (int i = 0; e == ERR_OK && i < PQntuples(res); i++) {
		struct str table = pgsql_cell(res, i, TYPE_TABLE);

		if (PQgetvalue(res, i, TYPE_VIEW)[0] == 't' ||
		    rules_denies(c->spec, table,
			pgsql_cell(res, i, TYPE_COLUMN)))
			return rules_not_here(STR("the type of a table's rows"),
			    f);
	}
	if (e == ERR_OK)
		e = pgsql_ask(c, a, domains_sql, names, 1, &res, f);
	if (e == ERR_OK && PQntuples(res) > 0)
		e = rules_not_here(STR("a type that a function checks"), f);
	return e;
}
