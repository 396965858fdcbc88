/* SPDX-License-Identifier: ISC */
/* "Did you mean": the closest names among those the caller may see. */
#include "source/pgsql_int.h"

enum { HINT_NAME, HINT_OID, HINT_TABLE, HINT_SCHEMA };

static const char tables_sql[] =
    "SELECT c.relname, c.oid FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND c.oid >= 16384 AND pg_catalog.pg_table_is_visible(c.oid) AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') ORDER BY 1 LIMIT 2000";

static const char columns_sql[] =
    "SELECT a.attname, c.oid, c.relname, n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relname = ANY (ARRAY[$1::pg_catalog.name, pg_catalog.lower($1::pg_catalog.text)::pg_catalog.name]) AND pg_catalog.pg_table_is_visible(c.oid) AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') ORDER BY a.attnum";

/* Rows of a look-up in a transaction of its own; NULL: none. */
static PGresult *
look_up(struct pgsql_conn *c, struct arena *a, const char *sql,
    const char *const *args, int n, struct pgsql_hidden *h,
    struct rules_made *made)
{
	struct fault ignored = { 0 };
	PGresult *res = NULL;

	if (pgsql_begin(c, a, false, NULL, &ignored) != ERR_OK ||
	    pgsql_ask(c, a, sql, args, n, &res, &ignored) != ERR_OK ||
	    pgsql_rules_list(c, a, res, HINT_OID, h, &ignored) != ERR_OK ||
	    pgsql_made(c, a, made, &ignored) != ERR_OK)
		res = NULL;
	pgsql_rollback(c);
	return res;
}

void
pgsql_hint_tables(struct pgsql_conn *c, struct arena *a, struct str name,
    struct fault *f)
{
	struct near k = { .arena = a, .wanted = name };
	struct pgsql_hidden hidden;
	struct rules_made made;
	const PGresult *res =
	    look_up(c, a, tables_sql, NULL, 0, &hidden, &made);

	for (int i = 0; res != NULL && i < PQntuples(res); i++)
		if (pgsql_listed(&hidden, pgsql_oid(res, i, HINT_OID)))
			near_offer(&k, pgsql_cell(res, i, HINT_NAME));
	near_say(&k, "The closest tables are", f);
}

void
pgsql_hint_columns(struct pgsql_conn *c, struct arena *a, const struct gate *g,
    struct str name, struct fault *f)
{
	struct near k = { .arena = a, .wanted = name };
	struct pgsql_hidden hidden;
	struct rules_made made;

	for (size_t t = 0; t < g->ntables; t++) {
		const char *args[] = { arena_z(a, g->tables[t]) };
		const PGresult *res =
		    look_up(c, a, columns_sql, args, 1, &hidden, &made);

		for (int i = 0; res != NULL && i < PQntuples(res); i++)
			if (pgsql_listed(&hidden,
				pgsql_oid(res, i, HINT_OID)) &&
			    !rules_denies(c->spec,
				pgsql_cell(res, i, HINT_TABLE),
				pgsql_cell(res, i, HINT_NAME)) &&
			    !rules_made_hides(&made,
				pgsql_cell(res, i, HINT_SCHEMA),
				pgsql_cell(res, i, HINT_TABLE),
				pgsql_cell(res, i, HINT_NAME)))
				near_offer(&k, pgsql_cell(res, i, HINT_NAME));
	}
	near_say(&k, "The closest columns are", f);
}
