/* SPDX-License-Identifier: ISC */
/*
 * A number for the structure of a database: a sum of hashes over names, types
 * and rules, made by the server, so that one row comes back however many
 * tables there are.
 */
#include "source/pgsql_int.h"

#define OURS "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"

static const char stamp_sql[] =
    "SELECT (SELECT coalesce(pg_catalog.sum(pg_catalog.hashtext(pg_catalog.concat_ws('/', c.oid, n.nspname, c.relname, c.relkind, c.relacl::pg_catalog.text, pg_catalog.obj_description(c.oid, 'pg_class')))), 0) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND " OURS
    "), (SELECT coalesce(pg_catalog.sum(pg_catalog.hashtext(pg_catalog.concat_ws('/', a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull))), 0) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND " OURS
    "), (SELECT coalesce(pg_catalog.sum(pg_catalog.hashtext(pg_catalog.concat_ws('/', k.oid, k.conname))), 0) FROM pg_catalog.pg_constraint k)";

enum err
pgsql_stamp(void *conn, struct arena *a, struct deadline d, uint64_t *out,
    struct fault *f)
{
	struct pgsql_conn *c = conn;
	PGresult *res;
	enum err e;

	pgsql_watch(c, d, NULL);
	e = pgsql_begin(c, a, false, NULL, f);
	if (e == ERR_OK)
		e = pgsql_ask(c, a, stamp_sql, NULL, 0, &res, f);
	*out = 0;
	if (e == ERR_OK && PQntuples(res) == 1)
		for (int i = 0; i < PQnfields(res); i++)
			*out =
			    *out * 31 + str_hash(str_of(PQgetvalue(res, 0, i)));
	pgsql_rollback(c);
	return e;
}
