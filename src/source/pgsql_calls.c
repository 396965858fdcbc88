/* SPDX-License-Identifier: ISC */
/*
 * Functions, aggregates and operators of the database's own, on a source with
 * rules: they may read tables that the caller may not; and columns that the
 * database computes from others.
 */
#include "source/pgsql_int.h"

static const char functions_sql[] =
    "SELECT p.proname FROM pg_catalog.pg_proc p WHERE p.proname = ANY ($1::pg_catalog.name[]) AND p.oid >= 16384 AND (p.provolatile <> 'i' OR EXISTS (SELECT 1 FROM pg_catalog.pg_aggregate g JOIN pg_catalog.pg_proc q ON q.oid IN (g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggmtransfn, g.aggminvtransfn, g.aggmfinalfn) WHERE g.aggfnoid = p.oid AND q.oid >= 16384 AND q.provolatile <> 'i')) LIMIT 1";

/* Operators, and casts, which need no sign in the text at all; those written
 * in C, as extensions have them, read no tables. */
static const char operators_sql[] =
    "SELECT o.oprname FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE o.oid >= 16384 AND p.oid >= 16384 AND p.provolatile <> 'i' AND l.lanname NOT IN ('c', 'internal') UNION ALL SELECT '' FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_proc p ON p.oid = k.castfunc JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE p.oid >= 16384 AND p.provolatile <> 'i' AND l.lanname NOT IN ('c', 'internal')";

static bool
holds(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++)
		if (str_starts(str_from(text, i), part))
			return true;
	return false;
}

/* IN, BETWEEN, LIKE and joins call some without a sign in the text. */
static bool
is_silent(struct str name)
{
	static const char *const names[] = { "=", "<>", "<", ">",
		"<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "-", "+" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	return false;
}

static enum err
operators(struct pgsql_conn *c, struct arena *a, struct str text,
    struct fault *f)
{
	PGresult *res;
	enum err e = pgsql_ask(c, a, operators_sql, NULL, 0, &res, f);

	for (int i = 0; e == ERR_OK && i < PQntuples(res); i++) {
		struct str name = pgsql_cell(res, i, 0);

		if (name.len == 0)
			return rules_not_here(
			    STR("a cast of the database's own"), f);
		if (is_silent(name) || holds(text, name))
			return rules_not_here(name, f);
	}
	return e;
}

enum err
pgsql_calls(struct pgsql_conn *c, struct arena *a, const struct tokens *t,
    struct fault *f)
{
	struct str calls[PGSQL_NAMES_MAX];
	const char *names[1];
	PGresult *res;
	size_t n = 0;
	enum err e;

	for (size_t i = 0; i < t->n; i++) {
		if (!token_is_name(t, i) ||
		    (!token_is(t, i + 1, '(') &&
			(i == 0 || !token_is(t, i - 1, '.'))))
			continue;
		if (n == PGSQL_NAMES_MAX)
			return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
			    "the statement calls too many functions");
		calls[n++] = token_name(a, t, i);
	}
	if (n != 0) {
		names[0] = pgsql_names(a, calls, n);
		e = pgsql_ask(c, a, functions_sql, names, 1, &res, f);
		if (e != ERR_OK)
			return e;
		if (PQntuples(res) > 0)
			return rules_not_here(pgsql_cell(res, 0, 0), f);
	}
	return operators(c, a, t->text, f);
}

enum { MADE_SCHEMA, MADE_TABLE, MADE_COLUMN, MADE_FROM };

static const char made_sql[] =
    "SELECT n.nspname, c.relname, a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE a.attgenerated <> '' AND c.oid >= 16384";

enum err
pgsql_made(struct pgsql_conn *c, struct arena *a, struct rules_made *m,
    struct fault *f)
{
	PGresult *res;
	enum err e;

	*m = (struct rules_made){ 0 };
	if (!c->rules || PQserverVersion(c->h) < 120000)
		return ERR_OK;
	e = pgsql_ask(c, a, made_sql, NULL, 0, &res, f);
	if (e != ERR_OK)
		return e;
	m->n = (size_t)PQntuples(res);
	m->v = arena_zero(a, m->n + 1, sizeof(*m->v));
	for (int i = 0; i < PQntuples(res); i++)
		m->v[i] = (struct rules_column){
			.schema = pgsql_cell(res, i, MADE_SCHEMA),
			.table = pgsql_cell(res, i, MADE_TABLE),
			.column = pgsql_cell(res, i, MADE_COLUMN),
			.from = pgsql_cell(res, i, MADE_FROM),
		};
	rules_make(c->spec, DIALECT_PGSQL, m);
	return ERR_OK;
}
