/* SPDX-License-Identifier: ISC */
/* What the account may do beyond reading, for mcpctl doctor. */
#include "source/pgsql_int.h"

/* Each a condition and, where it holds, what it means. */
static const char rights_sql[] =
    "SELECT w FROM (VALUES "
    "((SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), 'the account is a superuser: it can read and write files and run programs on the server'), "
    "((SELECT rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user), 'the account may create roles'), "
    "((SELECT rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user), 'the account may create databases'), "
    "((SELECT rolreplication FROM pg_catalog.pg_roles WHERE rolname = current_user), 'the account may replicate the whole cluster'), "
    "((SELECT rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user), 'the account bypasses row security'), "
    "(pg_catalog.pg_has_role('pg_read_server_files', 'MEMBER'), 'the account may read files of the server (pg_read_server_files)'), "
    "(pg_catalog.pg_has_role('pg_write_server_files', 'MEMBER'), 'the account may write files of the server (pg_write_server_files)'), "
    "(pg_catalog.pg_has_role('pg_execute_server_program', 'MEMBER'), 'the account may run programs on the server (pg_execute_server_program)'), "
    "(pg_catalog.pg_has_role('pg_signal_backend', 'MEMBER'), 'the account may end the sessions of others (pg_signal_backend)'), "
    "(pg_catalog.pg_has_role('pg_read_all_data', 'MEMBER'), 'the account may read every table (pg_read_all_data)'), "
    "(pg_catalog.pg_has_role('pg_write_all_data', 'MEMBER'), 'the account may write every table (pg_write_all_data)'), "
    "(pg_catalog.pg_has_role('pg_monitor', 'MEMBER'), 'the account sees the statements of others (pg_monitor)'), "
    "(pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), 'the account may create schemas in the database'), "
    "(pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP'), 'the account may create temporary tables'), "
    "(EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.proname IN ('pg_advisory_lock', 'pg_advisory_lock_shared', 'pg_try_advisory_lock', 'pg_try_advisory_lock_shared', 'pg_logical_emit_message', 'pg_terminate_backend', 'lo_create', 'lo_creat', 'lo_put', 'lo_unlink', 'lo_from_bytea', 'lo_import', 'lo_export', 'pg_notify', 'dblink', 'dblink_exec', 'dblink_connect', 'dblink_send_query') AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')), 'the account may run functions that change something in a read (locks, large objects, messages, dblink); see hardening-pgsql.sql')"
    ") AS v (has, w) WHERE has";

static const char writes_sql[] =
    "SELECT 'the account may write tables although the source is read-only' FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND (pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE') OR pg_catalog.has_table_privilege(c.oid, 'DELETE, TRUNCATE')) LIMIT 1";

/* Which a source with ddl = true is for. */
static const char ddl_sql[] =
    "SELECT w FROM (VALUES "
    "(EXISTS (SELECT 1 FROM pg_catalog.pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')), 'the account may create tables'), "
    "(EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.oid >= 16384 AND pg_catalog.pg_has_role(c.relowner, 'USAGE')), 'the account owns tables: it may drop and change them')"
    ") AS v (has, w) WHERE has";

enum err
pgsql_rights(void *conn, struct arena *a,
    void (*say)(void *arg, struct str sentence, const char *change), void *arg,
    struct fault *f)
{
	struct pgsql_conn *c = conn;
	const struct {
		bool asked;
		const char *sql;
	} looks[] = { { true, rights_sql }, { !c->spec->ddl, ddl_sql },
		{ c->spec->readonly, writes_sql } };
	PGresult *res;
	enum err e;

	pgsql_watch(c, deadline_in(10000), NULL);
	e = pgsql_begin(c, a, false, NULL, f);
	for (size_t k = 0; k < sizeof(looks) / sizeof(looks[0]); k++) {
		if (!looks[k].asked)
			continue;
		if (e == ERR_OK)
			e = pgsql_ask(c, a, looks[k].sql, NULL, 0, &res, f);
		for (int i = 0; e == ERR_OK && i < PQntuples(res); i++)
			say(arg, str_of(PQgetvalue(res, i, 0)), NULL);
	}
	pgsql_rollback(c);
	return e;
}
