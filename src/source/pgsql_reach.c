/* SPDX-License-Identifier: ISC */
/*
 * The second half of deny and mask on PostgreSQL: what a statement, or a view
 * that is listed, leads to, as the server's own catalogue has it.  Numbers of
 * relations and functions below 16384 are the server's own.
 */
#include "source/pgsql_int.h"

/* Every relation the server has locked for the statement, and all that views
 * and parents among them lead to, a row for each column; no names of the
 * server's own tables, which no rule is about. */
static const char reach_sql[] =
    "WITH RECURSIVE l (oid) AS (SELECT DISTINCT o FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS u (o)), d (root, oid, fn) AS (SELECT l.oid, x.oid, x.fn FROM l, LATERAL (SELECT p.refobjid AS oid, p.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AS fn FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend p ON p.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND p.objid = r.oid WHERE r.ev_class = l.oid AND p.refobjid <> l.oid AND p.refclassid IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass) UNION ALL SELECT inhrelid, false FROM pg_catalog.pg_inherits WHERE inhparent = l.oid) x UNION SELECT d.root, x.oid, x.fn FROM d, LATERAL (SELECT p.refobjid AS oid, p.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AS fn FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend p ON p.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND p.objid = r.oid WHERE r.ev_class = d.oid AND p.refobjid <> d.oid AND p.refclassid IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass) UNION ALL SELECT inhrelid, false FROM pg_catalog.pg_inherits WHERE inhparent = d.oid) x WHERE NOT d.fn) SELECT c.oid < 16384 AND c.relkind = 'v' AND c.relname <> 'pg_locks', CASE WHEN c.oid < 16384 THEN '' ELSE c.relname END, c.relname, false, false, c.oid, coalesce(a.attname, '') FROM l JOIN pg_catalog.pg_class c ON c.oid = l.oid AND c.relkind IN ('r', 'v', 'm', 'f', 'p') LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped UNION ALL SELECT false, CASE WHEN b.oid >= 16384 THEN b.relname ELSE '' END, c.relname, true, d.fn, c.oid, coalesce(a.attname, '') FROM d JOIN pg_catalog.pg_class c ON c.oid = d.root LEFT JOIN pg_catalog.pg_class b ON b.oid = d.oid AND NOT d.fn LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = b.oid AND b.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped WHERE d.fn AND d.oid >= 16384 OR b.relkind IN ('r', 'v', 'm', 'f', 'p')";

enum {
	REACH_SYSTEM,
	REACH_NAME,
	REACH_ROOT,
	REACH_THROUGH,
	REACH_FUNCTION,
	REACH_OID,
	REACH_COLUMN
};

static bool
is_framed(const struct pgsql_conn *c, Oid oid)
{
	for (size_t i = 0; i < c->nframed; i++)
		if (c->framed[i] == oid)
			return true;
	return false;
}

static bool
is_hidden(const struct pgsql_conn *c, const PGresult *res, int i, bool listed)
{
	struct str name = pgsql_cell(res, i, REACH_NAME);
	struct str column = pgsql_cell(res, i, REACH_COLUMN);
	bool through = PQgetvalue(res, i, REACH_THROUGH)[0] == 't';

	if (PQgetvalue(res, i, REACH_FUNCTION)[0] == 't')
		return true;
	if (name.len == 0)
		return false;
	if (pgsql_hides(c, name))
		return true;
	return (rules_denies(c->spec, name, column) ||
		   rules_masks(c->spec, name, column)) &&
	       (through ||
		   (!listed && !is_framed(c, pgsql_oid(res, i, REACH_OID))));
}

/* A hidden name that the caller wrote is told as one that is not there. */
static enum err
reached(struct pgsql_conn *c, struct arena *a, const struct sql *q,
    const PGresult *res, struct fault *f)
{
	bool any = false;

	for (int i = 0; i < PQntuples(res); i++) {
		struct str root = pgsql_cell(res, i, REACH_ROOT), as;

		if (PQgetvalue(res, i, REACH_SYSTEM)[0] == 't')
			return rules_not_here(root, f);
		if (!is_hidden(c, res, i, false))
			continue;
		any = true;
		as = gate_spelling(a, DIALECT_PGSQL, q->text, root);
		if (as.p != NULL)
			return pgsql_no_table(c, a, as, f);
	}
	if (!any)
		return ERR_OK;
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "a part of this statement is not available here");
}

enum err
pgsql_rules_check(struct pgsql_conn *c, struct arena *a, const struct sql *q,
    struct fault *f)
{
	const char *list[1];
	PGresult *res;
	enum err e;

	if (!c->rules)
		return ERR_OK;
	e = pgsql_ask(c, a,
	    "SELECT coalesce(pg_catalog.array_agg(DISTINCT relation), '{}') FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation'",
	    NULL, 0, &res, f);
	if (e != ERR_OK)
		return e;
	list[0] = PQgetvalue(res, 0, 0);
	c->seen = list[0];
	e = pgsql_ask(c, a, reach_sql, list, 1, &res, f);
	return e == ERR_OK ? reached(c, a, q, res, f) : e;
}

/* A function that runs with the rows (of a cast, a domain, a policy) reads
 * tables that the server had not locked before. */
enum err
pgsql_rules_after(struct pgsql_conn *c, struct arena *a, const struct sql *q,
    struct fault *f)
{
	const char *list[1];
	PGresult *res;
	enum err e;

	if (!c->rules)
		return ERR_OK;
	list[0] = c->seen;
	e = pgsql_ask(c, a,
	    "SELECT 1 FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND relation >= 16384 AND relation <> ALL ($1::pg_catalog.oid[]) LIMIT 1",
	    list, 1, &res, f);
	if (e != ERR_OK || PQntuples(res) == 0)
		return e;
	return pgsql_rules_check(c, a, q, f);
}

bool
pgsql_listed(const struct pgsql_hidden *h, Oid oid)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i] == oid)
			return false;
	return true;
}

enum err
pgsql_rules_list(struct pgsql_conn *c, struct arena *a, const PGresult *tables,
    int column, struct pgsql_hidden *h, struct fault *f)
{
	const char *list[1];
	PGresult *res;
	struct buf b;
	enum err e;

	*h = (struct pgsql_hidden){ 0 };
	if (!c->rules || PQntuples(tables) == 0)
		return ERR_OK;
	buf_init(&b, a, (size_t)1 << 24);
	for (int i = 0; i < PQntuples(tables); i++)
		buf_fmt(&b, "%s%s", i == 0 ? "{" : ",",
		    PQgetvalue(tables, i, column));
	buf_lit(&b, "}");
	buf_char(&b, '\0');
	if (buf_failed(&b))
		return fault_set(f, ERR_TOO_LARGE, "there are too many tables");
	list[0] = b.p;
	e = pgsql_ask(c, a, reach_sql, list, 1, &res, f);
	if (e != ERR_OK)
		return e;
	h->v = arena_zero(a, (size_t)PQntuples(res) + 1, sizeof(*h->v));
	for (int i = 0; i < PQntuples(res); i++)
		if (is_hidden(c, res, i, true))
			h->v[h->n++] = pgsql_oid(res, i, REACH_OID);
	return ERR_OK;
}
