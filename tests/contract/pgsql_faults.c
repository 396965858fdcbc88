/* SPDX-License-Identifier: ISC */
/*
 * What goes wrong with a server: each has its code and a sentence without
 * host, account or password, and the source works again once the server does.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pgsql_server.h"
#include "rig.h"

static struct pgsql_server server;

static int
open_all(void **state)
{
	(void)state;
	rig_open(&(struct conf_source){ .driver = "pgsql",
	    .socket = server.socket,
	    .port = server.port,
	    .database = "shop",
	    .user = "mcp" });
	return 0;
}

static void
again(void)
{
	(void)rig_close(NULL);
	(void)open_all(NULL);
}

static void
by_network(const char *host, const char *password)
{
	spec.socket = NULL;
	spec.host = host;
	spec.tls = TLS_OFF;
	if (password != NULL)
		spec.password = secret_take(password, strlen(password));
}

static void
accounts(void **state)
{
	(void)state;
	by_network("127.0.0.1", "right word");
	works();
	again();
	by_network("127.0.0.1", "wrong word");
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	again();
	by_network("127.0.0.1", NULL);
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	spec.user = "mcp_nobody";
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	again();
	by_network("127.0.0.1", "right word");
	spec.user = "mcp_expired";
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	spec.user = "mcp";
	spec.database = "nodb";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.database = "shop";
	works();
}

static void
hosts(void **state)
{
	(void)state;
	by_network("nosuch.invalid", NULL);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	by_network("127.0.0.2", NULL);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	by_network("127.0.0.2,127.0.0.1", "right word");
	works();
	again();
	by_network("127.0.0.2,127.0.0.1", "right word");
	spec.options = "target_session_attrs=read-write";
	works();
	again();
	by_network("127.0.0.1", "right word");
	spec.options = "target_session_attrs=standby";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.options = "not readable";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.options = "host=nosuch.invalid user=postgres";
	works();
	again();
	(void)setenv("PGHOSTADDR", "127.0.0.2", 1);
	(void)setenv("PGOPTIONS", "-c nonsense=1", 1);
	(void)setenv("PGSSLMODE", "verify-full", 1);
	by_network("127.0.0.1", "right word");
	works();
	assert_null(getenv("PGHOSTADDR"));
}

/* A port that takes connections and says nothing. */
static void
silent_server(void **state)
{
	int64_t began = clock_mono_ms();
	int port, fd = rig_listen(&port);

	(void)state;
	by_network("127.0.0.1", NULL);
	spec.port = port;
	spec.connect_timeout = 1;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_true(clock_mono_ms() - began < 3000);
	close(fd);
}

static void
tls(void **state)
{
	static char ca[128];

	(void)state;
	by_network("127.0.0.1", "right word");
	spec.tls = TLS_REQUIRE;
	works();
	gives("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
	    "true\n");
	again();
	by_network("127.0.0.1", "right word");
	spec.tls = TLS_VERIFY;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_non_null(strstr(out.f.msg, "certificate"));
	(void)snprintf(ca, sizeof(ca), "%s/server.crt", server.folder);
	spec.tls_ca = ca;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.host = "localhost";
	works();
}

static void
refused_tls(void **state)
{
	(void)state;
	by_network("127.0.0.1", "right word");
	pgsql_server_script(&server, "postgres", "ALTER SYSTEM SET ssl = off");
	pgsql_server_script(&server, "postgres", "SELECT pg_reload_conf()");
	pgsql_server_kill(&server);
	pgsql_server_again(&server);
	spec.tls = TLS_REQUIRE;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_non_null(strstr(out.f.msg, "TLS"));
	spec.tls = TLS_PREFER;
	works();
}

static void
full_pool(void **state)
{
	PGconn *held[20];
	int n = 0;

	(void)state;
	while (n < 20) {
		char info[256];

		(void)snprintf(info, sizeof(info),
		    "host=%s port=%d user=mcp dbname=shop", server.socket,
		    server.port);
		held[n] = PQconnectdb(info);
		if (PQstatus(held[n++]) != CONNECTION_OK)
			break;
	}
	assert_true(n < 20);
	fails("SELECT 1", "BUSY");
	while (n > 0)
		PQfinish(held[--n]);
	/* The server counts them until it has seen them go. */
	for (int i = 0; i < 200; i++) {
		run("SELECT 1");
		if (out.e == ERR_OK)
			break;
	}
	works();
}

/* The other side waits until we wait for it, and then for us. */
static void
deadlock(void **state)
{
	PGconn *other = pgsql_server_open(&server, "shop");

	(void)state;
	PQclear(PQexec(other,
	    "SET deadlock_timeout = '1min'; BEGIN; UPDATE t SET b = 'other' WHERE a = 2"));
	assert_int_equal(
	    PQsendQuery(other,
		"DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted) LOOP PERFORM pg_sleep(0.01); END LOOP; UPDATE t SET b = 'other' WHERE a = 1; END $$"),
	    1);
	fails("UPDATE t SET b = 'ours'", "BUSY");
	PQclear(PQgetResult(other));
	PQfinish(other);
	gives("SELECT count(*) FROM t WHERE b = 'ours'", "0\n");
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
}

/* A server process that does not even hear that it is cancelled. */
static void
frozen(void **state)
{
	int64_t pid = 0, began;

	(void)state;
	run("SELECT pg_backend_pid()");
	assert_true(str_int((struct str){ out.rows.p, out.rows.len - 1 }, 1,
	    INT32_MAX, &pid));
	assert_int_equal(kill((pid_t)pid, SIGSTOP), 0);
	began = clock_mono_ms();
	ask.deadline = deadline_in(300);
	run("SELECT 1");
	assert_int_not_equal(out.e, ERR_OK);
	assert_true(clock_mono_ms() - began < 8000);
	ask.deadline = (struct deadline){ 0 };
	assert_int_equal(kill((pid_t)pid, SIGCONT), 0);
	works();
}

/* What the server's own limits say is a TIMEOUT too, and a cancelled write
 * leaves nothing. */
static void
cancelled_at_the_server(void **state)
{
	(void)state;
	ask.deadline = deadline_in(200);
	fails("UPDATE t SET b = 'slow' WHERE pg_sleep(30) IS NOT NULL",
	    "TIMEOUT");
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

static void
constraints(void **state)
{
	(void)state;
	fails("INSERT INTO t VALUES (1, 'again')", "CONSTRAINT_VIOLATION");
	fails("INSERT INTO kids VALUES (99)", "CONSTRAINT_VIOLATION");
	fails("SELECT 1 / 0", "SQL_ERROR");
	fails("SELECT 'x'::int", "SQL_ERROR");
	fails("SELECT nosuch(1)", "SQL_ERROR");
	fails("SELECT * FROM secrets", "PERMISSION_DENIED");
	fails("SELECT * FROM nosuch.t", "TABLE_NOT_FOUND");
	fails("SELECT TOP 5 * FROM t", "SQL_SYNTAX");
	fails("SELECT `a` FROM t", "SQL_SYNTAX");
	works();
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
	ask.schema = STR("o\"dd; --");
	gives("SELECT x FROM z", "1\n");
	works();
}

/* Three million rows, and a thousand of them wanted. */
static void
memory_stays_flat(void **state)
{
	static const char sql[] =
	    "SELECT i, repeat('x', 100) FROM (SELECT generate_series(1, 3000000) AS i) g";

	(void)state;
	contract_measures_memory();
	rig_stays_flat(sql, sql, 3000000);
}

/* In a process with little memory: a value larger than it. */
static int
large_value(const char *sql, rlim_t limit)
{
	struct rlimit r = { limit, limit };

	if (setrlimit(RLIMIT_AS, &r) != 0)
		return 2;
	sources_free(sources);
	sources = sources_new(&conf);
	run(sql);
	if (out.e != ERR_TOO_LARGE) {
		fprintf(stderr, "%s: %s [%s]\n", err_name(out.e), out.f.msg,
		    out.f.log);
		return 3;
	}
	run("SELECT count(*) FROM t");
	return out.e == ERR_OK ? 0 : 4;
}

static void
values_have_an_end(void **state)
{
	bool heavy = getenv("MCP_HEAVY") != NULL;
	pid_t pid;
	int status;

	(void)state;
	contract_measures_memory();
	spec.timeout = heavy ? 300 : 60;
	works();
	pid = fork();
	if (pid == 0)
		_exit(large_value(heavy ? "SELECT repeat('x', 900000000)"
					: "SELECT repeat('x', 200000000)",
		    heavy ? (rlim_t)512 << 20 : (rlim_t)160 << 20));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
turn_tls_on(void)
{
	char sql[300];

	rig_certificate(server.folder);
	(void)snprintf(sql, sizeof(sql),
	    "ALTER SYSTEM SET ssl_cert_file = '%s/server.crt'", server.folder);
	pgsql_server_script(&server, "postgres", sql);
	(void)snprintf(sql, sizeof(sql),
	    "ALTER SYSTEM SET ssl_key_file = '%s/server.key'", server.folder);
	pgsql_server_script(&server, "postgres", sql);
	pgsql_server_script(&server, "postgres", "ALTER SYSTEM SET ssl = on");
	pgsql_server_kill(&server);
	pgsql_server_again(&server);
}

/* A plan needs no values, and is that of any. */
static void
plans_without_values(void **state)
{
	static const struct {
		const char *sql, *holds;
	} cases[] = {
		{ "SELECT b FROM t WHERE a = @a", "'t'|'index'|'t_pkey'" },
		{ "SELECT b FROM t WHERE a = @a AND b <> @b", "$2" },
		{ "SELECT b FROM t WHERE @b IS NULL OR b = @b", "'t'|'scan'" },
		{ "SELECT b FROM t WHERE (@a) IS NULL OR a = @a", "'t'|" },
		{ "SELECT @a || b FROM t GROUP BY @a || b", "'t'|'scan'" },
		{ "UPDATE t SET b = @b WHERE a = @a", "Update on t" },
		{ "DELETE FROM t WHERE a = @a", "Delete on t" },
		{ "INSERT INTO t VALUES (@a, @b)", "Insert on t" },
		{ "SELECT nosuch FROM t WHERE a = @a", "COLUMN_NOT_FOUND" },
		{ "SELECT b FROM t WHERE a = 1", "'t_pkey'" },
		{ "SELECT b FROM t WHERE a = @a", "'t'|'index'|'t_pkey'" },
	};

	(void)state;
	ask.explain = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(cases[i].sql);
		if (strstr(arena_z(out.a, out.rows), cases[i].holds) == NULL)
			fail_msg("%s: %.*s %s", cases[i].sql, (int)out.rows.len,
			    out.rows.p, out.f.msg);
	}
	ask.explain = false;
	works();
}

static void
hidden_plans_without_values(void **state)
{
	static const char *deny[] = { "t.b", "kids" };

	(void)state;
	spec.deny = (struct conf_names){ deny, 2 };
	ask.explain = true;
	fails("SELECT b FROM t WHERE a = @a", "COLUMN_NOT_FOUND");
	fails("SELECT a FROM t WHERE b = @b", "COLUMN_NOT_FOUND");
	fails("SELECT t FROM kids WHERE t = @a", "TABLE_NOT_FOUND");
	fails("UPDATE t SET a = 3 WHERE b = @b", "PERMISSION_DENIED");
	run("SELECT a FROM t WHERE a = @a");
	assert_non_null(strstr(arena_z(out.a, out.rows), "'t_pkey'"));
	ask.explain = false;
	fails("EXPLAIN SELECT a FROM t", "STATEMENT_NOT_ALLOWED");
	fails("EXPLAIN ANALYZE SELECT b FROM t", "STATEMENT_NOT_ALLOWED");
}

/* The server's own EXPLAIN, with its own words. */
static void
own_explain(void **state)
{
	static const struct {
		const char *sql, *holds;
	} cases[] = {
		{ "EXPLAIN SELECT * FROM t", "Seq Scan on t" },
		{ "EXPLAIN (FORMAT JSON) SELECT * FROM t", "Relation Name" },
		{ "explain analyze SELECT a FROM t WHERE a = 1", "rows=1" },
		{ "EXPLAIN DELETE FROM t", "Delete on t" },
		{ "EXPLAIN SELECT * FROM nosuch", "TABLE_NOT_FOUND" },
	};
	struct param p = { STR("a"), { VALUE_TEXT, { .s = STR("1") } }, 1,
		DT_UNKNOWN };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(cases[i].sql);
		if (strstr(arena_z(out.a, out.rows), cases[i].holds) == NULL)
			fail_msg("%s: %.*s %s", cases[i].sql, (int)out.rows.len,
			    out.rows.p, out.f.msg);
	}
	ask.params = &p;
	ask.nparams = 1;
	run("EXPLAIN SELECT b FROM t WHERE a = @a");
	assert_non_null(strstr(arena_z(out.a, out.rows), "t_pkey"));
	ask.nparams = 0;
	ask.max_rows = 1;
	run("EXPLAIN SELECT * FROM t WHERE b = 'x'");
	assert_int_equal(out.nrows, 1);
	assert_true(out.done.more);
	works();
}

/* A filter that is left out, in a write; its plan has the same types. */
static void
writes_with_filters(void **state)
{
	struct param p = { STR("b"), { VALUE_TEXT, { .s = STR("one") } }, 1,
		DT_UNKNOWN };

	(void)state;
	ask.params = &p;
	ask.nparams = 1;
	run("UPDATE t SET b = b WHERE @b IS NULL OR b = @b");
	assert_int_equal(out.done.affected, 1);
	p.value = (struct value){ VALUE_NULL, { 0 } };
	run("UPDATE t SET b = b WHERE @b IS NULL OR b = @b");
	assert_int_equal(out.done.affected, 2);
	run("UPDATE t SET b = b WHERE (@b) IS NULL OR a = @b");
	assert_int_equal(out.done.affected, 2);
	ask.verbs = VERB_SELECT | VERB_UPDATE;
	fails("DELETE FROM t WHERE @b IS NULL OR b = @b", "PERMISSION_DENIED");
	fails(
	    "WITH x AS (DELETE FROM t WHERE (@b) IS NULL OR a = @b RETURNING a) UPDATE t SET b = b WHERE a = 1",
	    "PERMISSION_DENIED");
	ask.nparams = 0;
	works();
}

static void
say(void *arg, struct str sentence, const char *change)
{
	(void)change;
	buf_str(arg, sentence);
	buf_char(arg, '\n');
}

static const char *
rights_of(const char *user)
{
	const struct deadline d = deadline_in(5000);
	struct fault f = { 0 };
	const struct driver_work *w =
	    driver_load(driver_find(STR("pgsql")), &f);
	struct buf b;
	void *conn;

	buf_init(&b, out.a, (size_t)1 << 16);
	spec.user = user;
	assert_int_equal(w->open(&conf, &spec, &d, &conn, &f), ERR_OK);
	assert_int_equal(w->rights(conn, out.a, say, &b, &f), ERR_OK);
	w->close(conn);
	buf_char(&b, '\0');
	return b.p;
}

/* What doctor will say of an account that may change tables. */
static void
rights(void **state)
{
	const char *text;

	(void)state;
	text = rights_of("builder");
	assert_non_null(strstr(text, "may create tables"));
	assert_non_null(strstr(text, "owns tables"));
	assert_non_null(strstr(text, "may create databases"));
	spec.ddl = true;
	text = rights_of("builder");
	assert_null(strstr(text, "may create tables"));
	assert_null(strstr(text, "owns tables"));
	assert_non_null(strstr(text, "may create databases"));
}

static const char fixture[] =
    "CREATE TABLE t (a integer PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'one'), (2, 'two');"
    "CREATE TABLE kids (t integer REFERENCES t (a));"
    "CREATE TABLE \"we\"\"ird; DROP TABLE t; --\" (\"a\"\"b;c\" integer); INSERT INTO \"we\"\"ird; DROP TABLE t; --\" VALUES (7);"
    "CREATE SCHEMA \"o\"\"dd; --\"; CREATE TABLE \"o\"\"dd; --\".z (x integer); INSERT INTO \"o\"\"dd; --\".z VALUES (1);"
    "GRANT USAGE ON SCHEMA \"o\"\"dd; --\" TO mcp; GRANT ALL ON ALL TABLES IN SCHEMA \"o\"\"dd; --\" TO mcp;"
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO mcp;"
    "CREATE TABLE secrets (x integer);"
    "CREATE SCHEMA built AUTHORIZATION builder; CREATE TABLE built.t (x integer); ALTER TABLE built.t OWNER TO builder;";

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(memory_stays_flat),
		CASE(values_have_an_end),
		CASE(accounts),
		CASE(hosts),
		CASE(silent_server),
		CASE(full_pool),
		CASE(deadlock),
		CASE(killed_in_the_middle),
		CASE(restarted),
		CASE(frozen),
		CASE(cancelled_at_the_server),
		CASE(constraints),
		CASE(odd_names),
		CASE(plans_without_values),
		CASE(hidden_plans_without_values),
		CASE(own_explain),
		CASE(writes_with_filters),
		CASE(rights),
		CASE(tls),
		CASE(refused_tls),
	};
	struct fault f = { 0 };
	int failed;

	if (secret_start(&f) != ERR_OK)
		return 1;
	if (!pgsql_server_start(&server, "deadlock_timeout = '100ms'")) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	pgsql_server_script(&server, "postgres",
	    "CREATE ROLE mcp LOGIN PASSWORD 'right word'; CREATE ROLE mcp_expired LOGIN PASSWORD 'right word' VALID UNTIL '2000-01-01'; CREATE ROLE builder LOGIN CREATEDB");
	pgsql_server_script(&server, "postgres", "CREATE DATABASE shop");
	pgsql_server_script(&server, "shop", fixture);
	turn_tls_on();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pgsql_server_stop(&server);
	return failed;
}
