/* SPDX-License-Identifier: ISC */
/*
 * What goes wrong behind ODBC: each has its code and a sentence without host,
 * account or password, and the source works again once the database does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "odbc_site.h"
#include "rig.h"

static struct pgsql_server server;
static struct odbc_site site;
static char words[512];

static int
open_all(void **state)
{
	(void)state;
	rig_open(&(struct conf_source){ .driver = "odbc",
	    .dsn = "shop",
	    .user = "mcp",
	    .trusted_role = true });
	return 0;
}

static void
again(void)
{
	(void)rig_close(NULL);
	(void)open_all(NULL);
}

static void
on_file(void)
{
	spec.dsn = "file";
	spec.user = NULL;
}

/* The server by its network address, on this port and with this database. */
static void
by_network(const char *host, int port, const char *database,
    const char *password)
{
	again();
	(void)snprintf(words, sizeof(words),
	    "Driver=pg;Servername=%s;Port=%d;Database=%s", host, port,
	    database);
	spec.dsn = words;
	if (password != NULL)
		spec.password = secret_take(password, strlen(password));
}

static void
accounts(void **state)
{
	(void)state;
	by_network("127.0.0.1", server.port, "shop", "right {word};");
	works();
	by_network("127.0.0.1", server.port, "shop", "wrong word");
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	by_network("127.0.0.1", server.port, "shop", NULL);
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	spec.user = "mcp_nobody";
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	by_network("127.0.0.1", server.port, "nodb", "right {word};");
	fails("SELECT 1", "SOURCE_UNREACHABLE");
}

static void
places(void **state)
{
	(void)state;
	by_network("nosuch.invalid", server.port, "shop", NULL);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	by_network("127.0.0.2", server.port, "shop", NULL);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.dsn = "nosuch";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.dsn = "Driver=nosuchdriver;Servername=127.0.0.1";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.dsn = "Driver=/tmp/nosuch.so";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.dsn = "Driver=lite;Database=/tmp/nosuch/none.db;NoCreat=1";
	spec.user = NULL;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.dsn = "shop";
	spec.user = "mcp";
	works();
}

/* A port that takes connections and says nothing. */
static void
silent_server(void **state)
{
	int64_t began = clock_mono_ms();
	int port, fd = rig_listen(&port);

	(void)state;
	by_network("127.0.0.1", port, "shop", NULL);
	spec.connect_timeout = 1;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_true(clock_mono_ms() - began < 6000);
	close(fd);
}

static void
kill_it(void)
{
	pgsql_server_kill(&server);
}

static void
killed_in_the_middle(void **state)
{
	struct rig_rows rows = { .first = kill_it };

	(void)state;
	assert_int_equal(
	    rig_read("SELECT repeat('x', 1000) FROM generate_series(1, 100000)",
		100000, &rows),
	    ERR_SOURCE_UNREACHABLE);
	assert_true(rows.n > 0 && rows.n < 100000);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	pgsql_server_again(&server);
	works();
}

/* Between two requests nobody looks; the next one finds a new server. */
static void
restarted(void **state)
{
	(void)state;
	works();
	pgsql_server_kill(&server);
	pgsql_server_again(&server);
	works();
	pgsql_server_script(&server, "shop",
	    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'mcp'");
	works();
	run("UPDATE t SET b = 'again' WHERE a = 1");
	assert_int_equal(out.done.affected, 1);
}

/* A write that takes too long is ended at the server and leaves nothing. */
static void
cancelled_at_the_server(void **state)
{
	int64_t began = clock_mono_ms();

	(void)state;
	works();
	ask.deadline = deadline_in(300);
	fails("UPDATE t SET b = 'slow' WHERE pg_sleep(30) IS NOT NULL",
	    "TIMEOUT");
	ask.deadline = deadline_in(300);
	fails("SELECT pg_sleep(30)", "TIMEOUT");
	assert_true(clock_mono_ms() - began < 5000);
	ask.deadline = (struct deadline){ 0 };
	works();
	assert_string_equal(pgsql_server_value(&server, "shop",
				"SELECT count(*) FROM t WHERE b = 'slow'"),
	    "0");
	assert_string_equal(
	    pgsql_server_value(&server, "shop",
		"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND state = 'active' AND pid <> pg_backend_pid()"),
	    "0");
}

/* The time of one statement, or of connecting, is not that of the next. */
static void
each_has_its_own_time(void **state)
{
	(void)state;
	spec.connect_timeout = 1;
	works();
	run("SELECT pg_sleep(2.5)");
	assert_int_equal(out.e, ERR_OK);
}

/* Rows that come one by one can be left at any of them, whatever the driver
 * can do. */
static void
left_between_rows(void **state)
{
	int64_t began = clock_mono_ms();

	(void)state;
	on_file();
	ask.max_rows = 1;
	ask.skip = 1000000;
	ask.deadline = deadline_in(20);
	fails(
	    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c",
	    "TIMEOUT");
	assert_true(clock_mono_ms() - began < 5000);
}

static void
codes(void **state)
{
	(void)state;
	fails("INSERT INTO t VALUES (1, 'again')", "CONSTRAINT_VIOLATION");
	fails("INSERT INTO kids VALUES (99)", "CONSTRAINT_VIOLATION");
	fails("SELECT 1 / 0", "SQL_ERROR");
	fails("SELECT CAST('x' AS int)", "SQL_ERROR");
	fails("SELECT nosuch(1)", "SQL_ERROR");
	fails("SELECT * FROM secrets", "PERMISSION_DENIED");
	fails("SELECT * FROM nosuch.t", "TABLE_NOT_FOUND");
	fails("SELECT TOP 5 * FROM t", "SQL_SYNTAX");
	/* The driver does not make something else of it. */
	fails("SELECT {fn ucase('x')}", "SQL_SYNTAX");
	fails("CREATE SCHEMA x", "PERMISSION_DENIED");
	assert_null(strstr(out.f.msg, "shop"));
	works();
	ask.describe = true;
	run("DELETE FROM t");
	assert_int_equal(out.e, ERR_OK);
	fails("SELECT nosuch FROM t", "COLUMN_NOT_FOUND");
	ask.describe = false;
	spec.readonly = true;
	fails("DELETE FROM t", "READ_ONLY");
	works();
}

/* Another process writes: nothing is waited for longer than it may take. */
static void
locked_file(void **state)
{
	sqlite3 *db;

	(void)state;
	on_file();
	spec.options = "Timeout=200";
	assert_int_equal(sqlite3_open(site.database, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
	    SQLITE_OK);
	fails("SELECT count(*) FROM t", "BUSY");
	fails("DELETE FROM t", "BUSY");
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	works();
}

/* What doctor will say. */
static void
say(void *arg, struct str sentence, const char *change)
{
	struct buf *b = arg;

	buf_str(b, sentence);
	buf_fmt(b, " -> %s\n", change == NULL ? "account" : change);
}

static const char *
advice(const char *dsn, const char *user)
{
	const struct deadline d = deadline_in(5000);
	struct fault f = { 0 };
	const struct driver_work *w = driver_load(driver_find(STR("odbc")), &f);
	struct buf b;
	void *conn;

	buf_init(&b, out.a, (size_t)1 << 16);
	spec.dsn = dsn;
	spec.user = user;
	spec.readonly = true;
	assert_int_equal(w->open(&conf, &spec, &d, &conn, &f), ERR_OK);
	assert_int_equal(w->rights(conn, out.a, say, &b, &f), ERR_OK);
	w->close(conn);
	buf_char(&b, '\0');
	return b.p;
}

/* A file has no account to take rights from. */
static void
advice_fits(void **state)
{
	const char *text = advice("shop", "mcp");

	(void)state;
	assert_non_null(strstr(text, "has no right but those"));
	assert_non_null(strstr(text, "may not INSERT"));
	assert_non_null(strstr(text, "-> account"));
	assert_null(strstr(text, "slow"));
	text = advice("file", NULL);
	assert_non_null(strstr(text, "slow before its first row -> serve"));
	assert_non_null(strstr(text, "no accounts"));
	assert_null(strstr(text, "-> account"));
}

/* Which connection to the server this is. */
static int64_t
session(void)
{
	run("SELECT pg_backend_pid()");
	if (out.e != ERR_OK)
		fail_msg("%s [%s]", out.f.msg, out.f.log);
	return strtoll(arena_z(out.a, out.rows), NULL, 10);
}

/* What failed for a reason nobody knows may have left anything behind: the
 * next statement has a new connection. */
static void
dropped_after_a_riddle(void **state)
{
	int64_t first = session();

	(void)state;
	assert_int_equal(session(), first);
	fails("SELECT 1 / 0", "SQL_ERROR");
	assert_int_equal(session(), first);
	fails("SELECT riddle()", "SQL_ERROR");
	assert_int_not_equal(session(), first);
}

static void
no_advisory_locks(void)
{
	assert_string_equal(
	    pgsql_server_value(&server, "shop",
		"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
	    "0");
}

/* SECURITY_MODEL Q3: locks of the session outlive a rollback, a temporary
 * table hides the real one. */
static void
nothing_stays_of_a_read(void **state)
{
	int64_t first = session();

	(void)state;
	run("SELECT pg_advisory_lock(42)");
	assert_int_equal(out.e, ERR_OK);
	no_advisory_locks();
	run("SELECT pg_advisory_lock(g), pg_advisory_lock_shared(g) FROM generate_series(1, 500) g");
	assert_int_equal(out.e, ERR_OK);
	no_advisory_locks();
	fails(
	    "SELECT 1 / (a - 2) FROM (SELECT a, pg_advisory_lock(a) FROM t ORDER BY a OFFSET 0) x",
	    "SQL_ERROR");
	no_advisory_locks();
	run("SELECT set_config('search_path', 'nosuch', false)");
	works();
	assert_int_equal(session(), first);
}

static void
nothing_stays_of_a_write(void **state)
{
	int64_t first = session();

	(void)state;
	run("CREATE TEMPORARY TABLE t (a integer)");
	assert_int_equal(out.e, ERR_OK);
	works();
	assert_int_not_equal(session(), first);
	first = session();
	run("UPDATE t SET b = set_config('search_path', 'nosuch', false) WHERE a = 1");
	assert_int_equal(out.e, ERR_OK);
	works();
	assert_int_not_equal(session(), first);
	run("UPDATE t SET b = 'one' WHERE a = 1");
	first = session();
	contract_call(sources, &ask, "keeps_a_setting", true, &out);
	assert_int_equal(out.e, ERR_OK);
	works();
	assert_int_not_equal(session(), first);
}

static void
odd_names(void **state)
{
	struct meta_ask m = { .what = META_COLUMNS,
		.table = STR("we\"ird; DROP TABLE t; --") };

	(void)state;
	gives("SELECT \"a\"\"b;c\" FROM \"we\"\"ird; DROP TABLE t; --\"",
	    "7\n");
	assert_string_equal(arena_z(out.a, out.columns), "a\"b;c:8");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 1);
	m.table = STR("' OR '1'='1");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 0);
	m.table = STR("%");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 0);
	ask.schema = STR("o\"dd; --");
	gives("SELECT x FROM z", "1\n");
	ask.schema = (struct str){ 0 };
	fails("SELECT x FROM z", "TABLE_NOT_FOUND");
	works();
}

static void
plan_is(const char *sql, const char *words_of_it)
{
	ask.explain = true;
	run(sql);
	ask.explain = false;
	if (out.e != ERR_OK ||
	    strstr(arena_z(out.a, out.rows), words_of_it) == NULL)
		fail_msg("%s: want %s, got %s", sql, words_of_it,
		    arena_z(out.a, out.rows));
}

static void
plans(void **state)
{
	(void)state;
	plan_is("SELECT * FROM t WHERE b = 'x'", "|'t'|'scan'|null|'(b = ");
	plan_is("SELECT b FROM t WHERE a = 7", "|'t'|'index'|'t_pkey'|");
	plan_is("SELECT count(*) FROM t x, t y", "2|1|'");
	plan_is("DELETE FROM t", "Delete on t");
	ask.explain = true;
	fails("ANALYZE t", "STATEMENT_NOT_ALLOWED");
	ask.explain = false;
	works();
}

/* All of the rows where there is time, but not of SQLite, whose driver holds
 * what is wanted. */
static void
memory_stays_flat(void **state)
{
	struct rig_rows rows = { .n = 0 };
	int64_t before;

	(void)state;
	contract_measures_memory();
	spec.timeout = 300;
	rig_stays_flat(
	    "SELECT i, repeat('x', 100) FROM (SELECT generate_series(1, 3000000) AS i) g",
	    "SELECT generate_series(1, 3000000)",
	    getenv("MCP_HEAVY") != NULL ? 3000000 : 100000);
	again();
	on_file();
	spec.timeout = 300;
	works();
	before = contract_high_water();
	assert_int_equal(
	    rig_read(
		"SELECT n FROM (WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000) SELECT n FROM c)",
		1000, &rows),
	    ERR_OK);
	assert_int_equal(rows.n, 1000);
	assert_true(contract_high_water() - before < 8192);
}

/* An out value of a function comes into a buffer; a procedure that would end
 * its transaction cannot. */
static void
called(void **state)
{
	struct param p[] = { { STR("a"), { VALUE_INT, { .i = 4 } }, 1,
	    DT_UNKNOWN } };

	(void)state;
	ask.params = p;
	ask.nparams = 1;
	contract_call(sources, &ask, "outs", true, &out);
	assert_string_equal(arena_z(out.a, out.outs),
	    "b=5 4 8\nc='h\303\251 4' 4 5\n");
	contract_call(sources, &ask, "Twice", true, &out);
	assert_string_equal(arena_z(out.a, out.rows), "8\n");
	ask.nparams = 0;
	contract_call(sources, &ask, "ends_itself", true, &out);
	assert_int_not_equal(out.e, ERR_OK);
	contract_call(sources, &ask, "pg_sleep", true, &out);
	assert_string_equal(arena_z(out.a, out.rows), "PROCEDURE_NOT_FOUND");
	works();
}

static const char fixture[] =
    "CREATE TABLE t (a integer PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'one'), (2, 'two');"
    "CREATE TABLE kids (t integer REFERENCES t (a));"
    "CREATE TABLE \"we\"\"ird; DROP TABLE t; --\" (\"a\"\"b;c\" integer); INSERT INTO \"we\"\"ird; DROP TABLE t; --\" VALUES (7);";

static const char pgsql_more[] =
    "CREATE SCHEMA \"o\"\"dd; --\"; CREATE TABLE \"o\"\"dd; --\".z (x integer); INSERT INTO \"o\"\"dd; --\".z VALUES (1);"
    "GRANT USAGE ON SCHEMA \"o\"\"dd; --\" TO mcp; GRANT ALL ON ALL TABLES IN SCHEMA \"o\"\"dd; --\" TO mcp;"
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO mcp;"
    "INSERT INTO t SELECT g, 'more' FROM generate_series(3, 5000) g; ANALYZE t; DELETE FROM t WHERE a > 2;"
    "CREATE TABLE secrets (x integer);"
    "CREATE FUNCTION outs(a integer, OUT b integer, OUT c text) LANGUAGE sql AS $$ SELECT a + 1, 'h\303\251 ' || a $$;"
    "CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * a';"
    "CREATE FUNCTION riddle() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'who knows' USING ERRCODE = 'QQ001'; END $$;"
    "CREATE FUNCTION keeps_a_setting() RETURNS text LANGUAGE sql AS $$ SELECT set_config('search_path', 'nosuch', false) $$;"
    "CREATE PROCEDURE ends_itself() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;";

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(memory_stays_flat),
		CASE(accounts),
		CASE(places),
		CASE(silent_server),
		CASE(codes),
		CASE(locked_file),
		CASE(advice_fits),
		CASE(dropped_after_a_riddle),
		CASE(nothing_stays_of_a_read),
		CASE(nothing_stays_of_a_write),
		CASE(odd_names),
		CASE(plans),
		CASE(called),
		CASE(cancelled_at_the_server),
		CASE(each_has_its_own_time),
		CASE(left_between_rows),
		CASE(killed_in_the_middle),
		CASE(restarted),
	};
	struct fault f = { 0 };
	int failed;

	if (secret_start(&f) != ERR_OK)
		return 1;
	if (!pgsql_server_start(&server, NULL)) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	if (!odbc_site_make(&site, &server)) {
		pgsql_server_stop(&server);
		return 77;
	}
	pgsql_server_script(&server, "postgres",
	    "CREATE ROLE mcp LOGIN PASSWORD 'right {word};'");
	pgsql_server_script(&server, "postgres", "CREATE DATABASE shop");
	pgsql_server_script(&server, "shop", fixture);
	pgsql_server_script(&server, "shop", pgsql_more);
	odbc_site_script(&site, fixture);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	odbc_site_remove(&site);
	pgsql_server_stop(&server);
	return failed;
}
