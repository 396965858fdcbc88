/* SPDX-License-Identifier: ISC */
/*
 * SECURITY_MODEL Q8 on real databases behind ODBC.  With the gate every attack
 * is refused; the program is built a second time with a gate that lets
 * everything pass as a SELECT, and then the account, which can only read, is
 * what holds: whatever is answered, the data stay as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "odbc_site.h"

static struct pgsql_server server;
static struct odbc_site site;
static bool on_file; /* SQLite is behind it */
#ifdef SOURCE_GATE_OFF
static const bool gated = false;
#else
static const bool gated = true;
#endif

static const char fixture[] = "CREATE TABLE t (a integer PRIMARY KEY, b text);"
			      "INSERT INTO t VALUES (1, 'one'), (2, 'two');";

/* A file that somebody else made. */
static const char file_more[] =
    "CREATE VIEW evil_view AS SELECT CAST(blob_import('/etc/passwd') AS TEXT) AS x;"
    "CREATE VIEW evil_export AS SELECT blob_export(b, '/tmp/evil_export') AS x FROM t;"
    "CREATE VIEW evil_list AS SELECT * FROM pragma_database_list;"
    "CREATE VIEW JSON_tree AS SELECT * FROM pragma_database_list;"
    "CREATE TABLE evil_trigger (y);"
    "INSERT INTO evil_trigger VALUES (1);"
    "CREATE TRIGGER evil_1 AFTER INSERT ON evil_trigger BEGIN SELECT blob_import('/etc/passwd'); END;"
    "CREATE TRIGGER evil_2 AFTER UPDATE ON evil_trigger BEGIN UPDATE t SET b = load_extension('x'); END;"
    "CREATE TABLE evil_default (x DEFAULT (CAST(blob_import('/etc/passwd') AS TEXT)), y);"
    "CREATE VIRTUAL TABLE words USING fts5(y);"
    "INSERT INTO words VALUES ('one'), ('two');"
    "PRAGMA writable_schema = ON;"
    "INSERT INTO sqlite_schema VALUES ('table', 'z2', 'z2', 0, 'CREATE VIRTUAL TABLE z2 /* USING fts5 */ USING dbstat');";

static const char pgsql_more[] =
    "CREATE SEQUENCE s;"
    "CREATE FUNCTION change_t() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; RETURN 1; END $$;"
    "CREATE PROCEDURE empty_t() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; END $$;"
    "SELECT lo_from_bytea(4711, 'large');";

static void
open_source(const char *dsn, const char *user)
{
	attack_open(&(struct conf_source){ .driver = "odbc",
	    .dsn = dsn,
	    .user = user,
	    .trusted_role = true,
	    .readonly = true });
	attacked.folder = on_file ? site.folder : server.folder;
}

static int
open_server(void **state)
{
	(void)state;
	on_file = false;
	open_source("shop", "mcp");
	return 0;
}

static int
open_file(void **state)
{
	(void)state;
	on_file = true;
	open_source("file", NULL);
	return 0;
}

/* All that an attack could have changed, as one text. */
static const char *
sum(void)
{
	if (on_file)
		return odbc_site_value(&site,
		    "SELECT (SELECT group_concat(a || b) FROM t) || (SELECT group_concat(sql) FROM sqlite_schema) || (SELECT user_version FROM pragma_user_version) || (SELECT journal_mode FROM pragma_journal_mode)");
	return pgsql_server_value(&server, "shop",
	    "SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (SELECT t::text FROM t UNION ALL SELECT last_value || is_called::text FROM s UNION ALL SELECT concat(relname, relkind, relacl, obj_description(oid, 'pg_class')) FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)' UNION ALL SELECT proname FROM pg_proc UNION ALL SELECT concat(rolname, rolsuper, rolpassword) FROM pg_authid UNION ALL SELECT concat(loid, data) FROM pg_largeobject UNION ALL SELECT concat(setdatabase, setconfig) FROM pg_db_role_setting UNION ALL SELECT gid FROM pg_prepared_xacts) v (x)");
}

static bool
is_there(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s",
	    on_file ? site.folder : server.folder, name);
	return access(path, F_OK) == 0;
}

static void
no_file(const char *sql)
{
	if (is_there("copied") || is_there("new.db"))
		fail_msg("wrote a file: %s", sql);
}

/* Here it is the driver that refuses, with the gate and without. */
static void
refused(const char *sql)
{
	for (int as = 0; as < 3; as++) {
		ask.describe = ask.any_class = as == 1;
		ask.explain = as == 2;
		changes_nothing(sql);
		if (out.e == ERR_OK)
			fail_msg("answered (%d): %s: %.*s", as, sql,
			    (int)out.rows.len, out.rows.p);
		/* SQLite itself keeps some from views and triggers. */
		if (out.e == ERR_SQL_ERROR &&
		    strstr(out.f.msg, "unsafe use") == NULL)
			fail_msg("ran (%d): %s: %s", as, sql, out.f.msg);
	}
	ask.explain = false;
}

static void
nothing_left(void)
{
	if (on_file)
		return;
	assert_string_equal(
	    pgsql_server_value(&server, "shop",
		"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
	    "0");
	assert_string_equal(
	    pgsql_server_value(&server, "shop",
		"SELECT count(*) FROM pg_stat_activity WHERE usename = 'mcp' AND state LIKE 'idle in transaction%'"),
	    "0");
}

ATTACK(test_Q8_transactions)
ATTACK(test_Q8_session)
ATTACK(test_Q8_structure)
ATTACK(test_Q8_writes_in_a_read)
ATTACK(test_Q8_two_statements)
ATTACK(test_Q8_escapes)

static void
test_Q8_file_functions(void **state)
{
	(void)state;
	attack_each("odbc.txt", __func__, refused);
}

static void
test_Q8_file_functions_in_writes(void **state)
{
	(void)state;
	spec.readonly = false;
	spec.ddl = true;
	ask.classes = ~0u;
	attack_each("odbc.txt", __func__, refused);
}

static void
succeed(const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		run(v[i]);
		if (out.e != ERR_OK)
			fail_msg("%s: %s [%s]", v[i], out.f.msg, out.f.log);
	}
}

/* What has nothing to do with files is not in the way. */
static void
test_Q8_harmless_functions(void **state)
{
	static const char *const good[] = {
		"SELECT upper(b), json_extract('{\"a\":1}', '$.a') FROM t",
		"SELECT count(*), group_concat(b), max(a) FROM t",
		"SELECT row_number() OVER (ORDER BY a) FROM t",
		"SELECT value FROM json_each('[1,2]')",
		"SELECT y FROM words WHERE words MATCH 'one'",
		"SELECT b FROM t WHERE b LIKE 'o%' AND a IN (SELECT value FROM json_each('[1]'))",
		"SELECT date('2026-01-01'), round(1.5), typeof(a), 'blob_import(1)' FROM t",
		"-- first\nSELECT /* x */ 1",
		"WITH x(y) AS (SELECT 1) SELECT y FROM x",
		"EXPLAIN QUERY PLAN SELECT a FROM t",
		"/* x */ explain SELECT upper(b) FROM t",
	};
	static const char *const changes[] = {
		"INSERT INTO t VALUES (3, lower('X'))",
		"UPDATE t SET b = b || json_extract('[1]', '$[0]') WHERE a = 3",
		"DELETE FROM t WHERE a = 3",
		"INSERT INTO words VALUES ('three')",
		"DELETE FROM words WHERE words MATCH 'three'",
		"CREATE TABLE n (x integer PRIMARY KEY, y text DEFAULT (upper('x')))",
		"CREATE INDEX n_y ON n (y)",
		"ALTER TABLE n ADD COLUMN z",
		"ALTER TABLE n RENAME COLUMN z TO w",
		"ALTER TABLE n DROP COLUMN w",
		"ALTER TABLE n RENAME TO m",
		"CREATE TABLE n AS SELECT * FROM m",
		"CREATE VIEW v AS SELECT upper(y) FROM m",
		"DROP VIEW v",
		"DROP TABLE n",
		"DROP TABLE m",
	};

	(void)state;
	succeed(good, sizeof(good) / sizeof(good[0]));
	spec.readonly = false;
	spec.ddl = true;
	ask.classes = ~0u;
	sources_free(sources);
	sources = sources_new(&conf);
	if (gated)
		succeed(changes, sizeof(changes) / sizeof(changes[0]));
	alive();
}

/* SQLite behind ODBC reads a statement when it is validated. */
static void
test_Q8_nonsense_is_not_valid(void **state)
{
	static const struct {
		const char *sql, *want;
	} bad[] = {
		{ "SELECT nosuch FROM t", "COLUMN_NOT_FOUND" },
		{ "SELECT a FROM nosuch", "TABLE_NOT_FOUND" },
		{ "SELECT FROM WHERE", "SQL_SYNTAX" },
		{ "SELECT nosuch(1)", "SQL_ERROR" },
		{ "INSERT INTO nosuch VALUES (1)", "TABLE_NOT_FOUND" },
		{ "INSERT INTO t (nosuch) VALUES (1)", "COLUMN_NOT_FOUND" },
		{ "INSERT INTO t VALUES (1, 2, 3)", "SQL_ERROR" },
		{ "UPDATE t SET nosuch = 1", "COLUMN_NOT_FOUND" },
		{ "DELETE FROM nosuch", "TABLE_NOT_FOUND" },
		{ "DELETE FROM t WHERE nosuch = 1", "COLUMN_NOT_FOUND" },
		{ "DROP TABLE nosuch", "TABLE_NOT_FOUND" },
		{ "CREATE TABLE t (x)", "SQL_ERROR" },
		{ "CREATE NONSENSE", "SQL_SYNTAX" },
		{ "WITH x AS (SELECT 1) SELECT nosuch FROM x",
		    "COLUMN_NOT_FOUND" },
	};
	static const char *const good[] = { "SELECT a FROM t WHERE a = 1",
		"INSERT INTO t VALUES (9, 'x')", "UPDATE t SET b = 'x'",
		"DELETE FROM t", "CREATE TABLE n (x)", "DROP TABLE t" };

	(void)state;
	ask.describe = ask.any_class = true;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		run(bad[i].sql);
		if (!str_eq(out.rows, str_of(bad[i].want)))
			fail_msg("%s: %.*s [%s]", bad[i].sql, (int)out.rows.len,
			    out.rows.p, out.f.msg);
	}
	succeed(good, sizeof(good) / sizeof(good[0]));
	ask.describe = ask.any_class = false;
	alive();
}

static void
test_Q8_rights(void **state)
{
	(void)state;
	attack_each("odbc.txt", __func__, changes_nothing);
}

/* The word of the administrator is asked again where it counts. */
static void
test_Q8_off_unless_trusted(void **state)
{
	static const char *deny[] = { "t" };

	(void)state;
	spec.trusted_role = false;
	gives("SELECT 1", "SOURCE_UNREACHABLE");
	spec.trusted_role = true;
	spec.deny = (struct conf_names){ deny, 1 };
	gives("SELECT 1", "SOURCE_UNREACHABLE");
	spec.deny.n = 0;
	alive();
}

#define SERVER(fn) cmocka_unit_test_setup_teardown(fn, open_server, rig_close)
#define FILED(fn)                                                \
	{                                                        \
#fn " on a file", fn, open_file, rig_close, NULL \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER(test_Q8_transactions),
		SERVER(test_Q8_session),
		SERVER(test_Q8_structure),
		SERVER(test_Q8_writes_in_a_read),
		SERVER(test_Q8_two_statements),
		SERVER(test_Q8_escapes),
		SERVER(test_Q8_rights),
		SERVER(test_Q8_off_unless_trusted),
		FILED(test_Q8_transactions),
		FILED(test_Q8_structure),
		FILED(test_Q8_writes_in_a_read),
		FILED(test_Q8_two_statements),
		FILED(test_Q8_escapes),
		FILED(test_Q8_rights),
		FILED(test_Q8_session),
		FILED(test_Q8_file_functions),
		FILED(test_Q8_file_functions_in_writes),
		FILED(test_Q8_harmless_functions),
		FILED(test_Q8_nonsense_is_not_valid),
	};
	char text[4096];
	int failed;

	attacked = (struct attacked){ .cases = "odbc.txt",
		.sum = sum,
		.also = no_file,
		.after = nothing_left,
		.gate_only = true };
	if (!pgsql_server_start(&server, NULL)) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	if (!odbc_site_make(&site, &server)) {
		pgsql_server_stop(&server);
		return 77;
	}
	pgsql_server_script(&server, "postgres", "CREATE ROLE mcp LOGIN");
	pgsql_server_script(&server, "postgres", "CREATE DATABASE shop");
	pgsql_server_script(&server, "shop", fixture);
	pgsql_server_script(&server, "shop", pgsql_more);
	pgsql_server_harden(&server, "shop", "mcp");
	(void)snprintf(text, sizeof(text), "%s%s", fixture, file_more);
	odbc_site_script(&site, text);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	odbc_site_remove(&site);
	pgsql_server_stop(&server);
	return failed;
}
