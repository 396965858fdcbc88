/* SPDX-License-Identifier: ISC */
/*
 * What goes wrong with a server: each has its code and a sentence without
 * host, account or password, and the source works again once the server does.
 * And what is large: it costs us little.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clickhouse_server.h"
#include "rig.h"

#define SLOW "SELECT count(*) FROM system.numbers WHERE sipHash64(number) = 0"

static struct clickhouse_server server;

static int
open_all(void **state)
{
	(void)state;
	rig_open(&(struct conf_source){ .driver = "clickhouse",
	    .url = server.url,
	    .database = "shop",
	    .user = "default",
	    .timeout = 20 });
	return 0;
}

static void
again(void)
{
	(void)rig_close(NULL);
	(void)open_all(NULL);
}

static void
account(const char *user, const char *password)
{
	again();
	spec.user = user;
	if (password != NULL)
		spec.password = secret_take(password, strlen(password));
}

static void
accounts(void **state)
{
	(void)state;
	account("mcp", "right word");
	works();
	account("mcp", "wrong word");
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	account("mcp", NULL);
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	account("somebody", NULL);
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	account("default", NULL);
	spec.database = "nodb";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	spec.database = "shop";
	works();
	account("reader", NULL);
	works();
	fails("INSERT INTO t VALUES (3, 'x')", "READ_ONLY");
	works();
}

/* The same server under other addresses. */
static const char *
url_of(const char *scheme, const char *host, int port)
{
	static char url[128];

	again();
	(void)snprintf(url, sizeof(url), "%s://%s:%d", scheme, host, port);
	spec.url = url;
	return url;
}

static void
hosts(void **state)
{
	static const char *near[] = { "10.0.0.0/8", "127.0.0.0/8", "::1" };

	(void)state;
	(void)url_of("http", "localhost", server.port);
	works();
	(void)url_of("http", "nosuch.invalid", server.port);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	(void)url_of("http", "127.0.0.2", server.port);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	/* A name that leads to this machine without saying so. */
	(void)url_of("http", "any.localhost", server.port);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_non_null(strstr(out.f.msg, "not allowed"));
	spec.addresses = (struct conf_names){ near, 3 };
	works();
	/* Somebody else is there. */
	(void)url_of("http", "127.0.0.1", server.native_port);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	(void)url_of("http", "127.0.0.1", server.port);
	works();
}

/* A port that takes connections and says nothing. */
static void
silent_server(void **state)
{
	int64_t began = clock_mono_ms();
	int port, fd = rig_listen(&port);

	(void)state;
	(void)url_of("http", "127.0.0.1", port);
	spec.connect_timeout = 1;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_true(clock_mono_ms() - began < 5000);
	close(fd);
}

static void
tls(void **state)
{
	static char ca[128];

	(void)state;
	(void)snprintf(ca, sizeof(ca), "%s/server.crt", server.folder);
	(void)url_of("https", "localhost", server.tls_port);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_non_null(strstr(out.f.msg, "certificate"));
	spec.tls = TLS_REQUIRE;
	works();
	(void)url_of("https", "localhost", server.tls_port);
	spec.tls_ca = ca;
	works();
	/* It is of another name. */
	(void)url_of("https", "127.0.0.1", server.tls_port);
	spec.tls_ca = ca;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_non_null(strstr(out.f.msg, "certificate"));
	/* No TLS at all; who hangs up first is a matter of luck. */
	(void)url_of("https", "localhost", server.port);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
}

/* Answers each request with this, until it is killed. */
static pid_t
say_always(int fd, const char *words)
{
	pid_t pid = fork();
	char head[128], rest[4096];

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
	    strlen(words));
	for (;;) {
		int one = accept(fd, NULL, NULL);

		if (one < 0 ||
		    write(one, head, strlen(head)) < (ssize_t)strlen(head) ||
		    write(one, words, strlen(words)) < 0)
			_exit(1);
		(void)shutdown(one, SHUT_WR);
		while (read(one, rest, sizeof(rest)) > 0)
			continue;
		close(one);
	}
}

/* What one server says of another is not for the caller. */
static void
other_servers(void **state)
{
	static const struct {
		const char *said, *code, *want;
	} cases[] = {
		{ "Code: 6, e.displayText() = DB::Exception: Received from ch2.internal:9000, 10.0.0.2. DB::Exception: Cannot parse string 'x' as UInt8. , e.what() = DB::Exception",
		    "SQL_ERROR", "Cannot parse string 'x' as UInt8." },
		{ "Code: 6. DB::Exception: Received from ch2.internal:9000. DB::Exception: Received from ch3.internal:9000. DB::Exception: Cannot parse. (CANNOT_PARSE) (version 23.8)",
		    "SQL_ERROR", "Cannot parse. (CANNOT_PARSE)" },
		{ "Code: 6, e.displayText() = DB::Exception: Received from ch2.internal:9000, 10.0.0.2. Cannot",
		    "SQL_ERROR", "" },
		{ "Code: 32, e.displayText() = DB::Exception: Attempt to read after eof: while receiving packet from ch2.internal:9000, 10.0.0.2, e.what() = DB::Exception",
		    "SQL_ERROR", "Attempt to read after eof" },
		{ "Code: 198, e.displayText() = DB::Exception: Not found address of host: ch2.internal, e.what() = DB::Exception",
		    "SOURCE_UNREACHABLE", "" },
		{ "Code: 279, e.displayText() = DB::NetException: All connection tries failed. Log: Timeout: connect timed out: 10.0.0.2:9000 (ch2.internal:9000), e.what() = DB::Exception",
		    "SOURCE_UNREACHABLE", "" },
	};
	int port, fd = rig_listen(&port);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pid_t pid = say_always(fd, cases[i].said);

		(void)url_of("http", "127.0.0.1", port);
		fails("SELECT 1", cases[i].code);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		if (cases[i].want[0] != '\0')
			assert_string_equal(out.f.msg, cases[i].want);
	}
	close(fd);
}

/* A statement of somebody else's that runs until it is killed. */
static pid_t
occupy(const char *user)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		sources = sources_new(&conf);
		spec.user = user;
		run(SLOW);
		_exit(0);
	}
	for (int i = 0; i < 500; i++) {
		if (strcmp(
			clickhouse_server_value(&server,
			    "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%FORMAT%' AND query NOT LIKE '%processes%'"),
			"1") == 0)
			return pid;
		(void)poll(NULL, 0, 10);
	}
	fail_msg("no statement of another's");
	return pid;
}

static void
release(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	clickhouse_server_script(&server, "default",
	    "KILL QUERY WHERE query LIKE '%sipHash64%' SYNC");
}

static void
full_pool(void **state)
{
	pid_t pid = occupy("small");

	(void)state;
	account("small", NULL);
	fails("SELECT 1", "BUSY");
	release(pid);
	works();
}

static void
kill_it(void)
{
	clickhouse_server_kill(&server);
}

static void
killed_in_the_middle(void **state)
{
	static const char *const users[] = { "reader", "default" };
	static const char sql[] =
	    "SELECT number, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' FROM system.numbers LIMIT 1000000";

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct rig_rows rows = { .first = kill_it };

		account(users[i], NULL);
		works();
		assert_int_equal(rig_read(sql, 1000000, &rows),
		    ERR_SOURCE_UNREACHABLE);
		assert_true(rows.n > 0 && rows.n < 1000000);
		fails("SELECT 1", "SOURCE_UNREACHABLE");
		clickhouse_server_again(&server);
		works();
	}
}

/* Between two requests nobody looks; the next one finds a new server. */
static void
restarted(void **state)
{
	(void)state;
	works();
	clickhouse_server_kill(&server);
	clickhouse_server_again(&server);
	works();
}

/* A server that does not even hear that it is to stop. */
static void
frozen(void **state)
{
	int64_t began;

	(void)state;
	works();
	assert_int_equal(kill(server.pid, SIGSTOP), 0);
	began = clock_mono_ms();
	ask.deadline = deadline_in(300);
	run("SELECT 1");
	assert_int_equal(out.e, ERR_TIMEOUT);
	assert_true(clock_mono_ms() - began < 8000);
	ask.deadline = (struct deadline){ 0 };
	assert_int_equal(kill(server.pid, SIGCONT), 0);
	works();
}

static void
nothing_runs(void)
{
	const char *n = "";

	for (int i = 0; i < 300; i++) {
		n = clickhouse_server_value(&server,
		    "SELECT count() FROM system.processes WHERE query NOT LIKE '%system.processes%'");
		if (strcmp(n, "0") == 0)
			return;
		(void)poll(NULL, 0, 10);
	}
	fail_msg("%s statements still run", n);
}

static bool
give_up(void *arg, int64_t elapsed_ms)
{
	(void)elapsed_ms;
	++*(int *)arg;
	return false;
}

/* Both kinds of accounts: what is given up here ends at the server too. */
static void
ended_at_the_server(void **state)
{
	static const char *const users[] = { "default", "reader" };
	int beats = 0;
	const struct source_pulse pulse = { give_up, &beats };

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct rig_rows rows = { .n = 0 };

		account(users[i], NULL);
		ask.deadline = deadline_in(300);
		fails(SLOW, "TIMEOUT");
		nothing_runs();
		ask.deadline = (struct deadline){ 0 };
		ask.pulse = &pulse;
		fails(SLOW, "CANCELLED");
		nothing_runs();
		ask.pulse = NULL;
		assert_int_equal(rig_read("SELECT number FROM system.numbers",
				     1000, &rows),
		    ERR_OK);
		assert_int_equal(rows.n, 1000);
		assert_true(out.done.more);
		nothing_runs();
	}
}

/* What fails after rows were found is no short result. */
static void
exception_in_the_middle(void **state)
{
	static const char *const users[] = { "reader", "default" };
	static const char *const cases[] = {
		"SELECT throwIf(number = 1000000) FROM system.numbers LIMIT 2000000",
		"SELECT toString(throwIf(number = 1000000)), 'x' FROM system.numbers LIMIT 2000000",
		"SELECT toUInt8(if(number = 1000000, 'no number', '1')) FROM system.numbers LIMIT 2000000",
	};

	(void)state;
	for (size_t u = 0; u < sizeof(users) / sizeof(users[0]); u++) {
		account(users[u], NULL);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct rig_rows rows = { .n = 0 };

			assert_int_equal(rig_read(cases[i], 3000000, &rows),
			    ERR_SQL_ERROR);
			assert_true(u == 0 ? rows.n > 0 : rows.n == 0);
		}
	}
	works();
}

static void
errors(void **state)
{
	(void)state;
	fails("SELECT toUInt8('x')", "SQL_ERROR");
	fails("SELECT nosuch(1)", "SQL_ERROR");
	fails("SELECT 'a' + 1", "SQL_ERROR");
	fails("SELECT * FROM nosuch.t", "SCHEMA_NOT_FOUND");
	fails("SELECT * FROM nosuch", "TABLE_NOT_FOUND");
	fails("SELECT a::int FROM t", "SQL_SYNTAX");
	fails("SELECT [a] FROM [t]", "SQL_SYNTAX");
	fails("SELECT * FROM t LIMIT ALL", "SQL_SYNTAX");
	fails("INSERT INTO t VALUES ('x', 1)", "SQL_ERROR");
	fails("INSERT INTO nosuch VALUES (1)", "TABLE_NOT_FOUND");
	fails("INSERT INTO t (nosuch) VALUES (1)", "COLUMN_NOT_FOUND");
	works();
}

static void
odd_names(void **state)
{
	struct meta_ask m = { .what = META_COLUMNS,
		.table = STR("we\"ird`; DROP TABLE t; --") };

	(void)state;
	gives("SELECT \"a\"\"b;c\" FROM `we\"ird\\`; DROP TABLE t; --`", "7\n");
	assert_string_equal(arena_z(out.a, out.columns), "a\"b;c:8");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 1);
	m.table = STR("' OR '1'='1");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 0);
	m.table = STR("\\' OR 1 --");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 0);
	ask.schema = STR("o\"dd; --");
	gives("SELECT x FROM z", "1\n");
	fails("SELECT x FROM nosuch", "TABLE_NOT_FOUND");
	assert_string_equal(out.f.msg, "no such table: nosuch");
	ask.schema = (struct str){ 0 };
	works();
}

/* Three million rows, and a thousand of them wanted; and all of them. */
static void
memory_stays_flat(void **state)
{
	static const char sql[] =
	    "SELECT number, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' FROM system.numbers LIMIT 3000000";

	(void)state;
	contract_measures_memory();
	rig_stays_flat(sql, sql, 3000000);
	assert_false(out.done.more);
}

/* In a process with little memory: a value larger than it. */
static void
values_have_an_end(void **state)
{
	bool heavy = getenv("MCP_HEAVY") != NULL;
	struct rlimit r = { (rlim_t)700 << 20, (rlim_t)700 << 20 };
	int status;
	pid_t pid;

	(void)state;
	contract_measures_memory();
	spec.timeout = 120;
	works();
	pid = fork();
	if (pid == 0) {
		if (setrlimit(RLIMIT_AS, &r) != 0)
			_exit(2);
		sources = sources_new(&conf);
		run(heavy
			? "SELECT arrayStringConcat(arrayMap(x -> 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', range(9000000)))"
			: "SELECT arrayStringConcat(arrayMap(x -> 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', range(900000)))");
		if (out.e != ERR_TOO_LARGE)
			fprintf(stderr, "%s: %s [%s]\n", err_name(out.e),
			    out.f.msg, out.f.log);
		_exit(out.e == ERR_TOO_LARGE ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	works();
}

/* Ten million rows (in the small form a few less), asked as people ask. */
static void
many_rows(void **state)
{
	bool heavy = getenv("MCP_HEAVY") != NULL;
	long long n = heavy ? 10000000 : 200000;
	int64_t began;
	char sql[512];

	(void)state;
	(void)snprintf(sql, sizeof(sql),
	    "CREATE TABLE visits (id UInt64, day Date, site LowCardinality(String), ms UInt32) ENGINE = MergeTree ORDER BY (site, day);\n"
	    "INSERT INTO visits SELECT number, toDate('2026-01-01') + number %% 365, concat('site ', toString(number %% 7)), number %% 1000 FROM numbers(%lld)",
	    n);
	clickhouse_server_script(&server, "shop", sql);
	began = clock_mono_ms();
	run("SELECT count(), min(id), toUInt32(max(id) + 1), sum(ms) FROM visits");
	assert_string_equal(arena_z(out.a, out.rows),
	    arena_fmt(out.a, "%lld|0|%lld|%lld\n", n, n, n / 1000 * 499500).p);
	run("SELECT site, count() AS n FROM visits GROUP BY site ORDER BY site");
	assert_int_equal(out.nrows, 7);
	run("SELECT id FROM visits WHERE site = 'site 3' AND day = toDate('2026-02-01') ORDER BY id LIMIT 3");
	assert_int_equal(out.nrows, 3);
	run("SELECT id, day, site, ms FROM visits ORDER BY id");
	assert_int_equal(out.nrows, 1000);
	assert_true(out.done.more);
	assert_true(str_starts(out.rows, STR("0|'2026-01-01'|'site 0'|0\n1|")));
	ask.skip = n - 3;
	run("SELECT id FROM visits ORDER BY id");
	assert_int_equal(out.nrows, 3);
	assert_false(out.done.more);
	printf("large: %lld rows: five questions in %lld ms\n", n,
	    (long long)(clock_mono_ms() - began));
}

static const char fixture[] =
    "CREATE TABLE t (a Int32, b String) ENGINE = MergeTree ORDER BY a;\n"
    "INSERT INTO t VALUES (1, 'one'), (2, 'two');\n"
    "CREATE TABLE `we\"ird\\`; DROP TABLE t; --` (`a\"b;c` Int32) ENGINE = Log;\n"
    "INSERT INTO `we\"ird\\`; DROP TABLE t; --` VALUES (7);\n"
    "CREATE DATABASE `o\"dd; --`;\n"
    "CREATE TABLE `o\"dd; --`.z (x Int32) ENGINE = Log;\n"
    "INSERT INTO `o\"dd; --`.z VALUES (1)";

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(memory_stays_flat),
		CASE(values_have_an_end),
		CASE(many_rows),
		CASE(accounts),
		CASE(hosts),
		CASE(silent_server),
		CASE(other_servers),
		CASE(full_pool),
		CASE(ended_at_the_server),
		CASE(exception_in_the_middle),
		CASE(killed_in_the_middle),
		CASE(restarted),
		CASE(frozen),
		CASE(errors),
		CASE(odd_names),
		CASE(tls),
	};
	struct fault f = { 0 };
	int failed;

	if (secret_start(&f) != ERR_OK)
		return 1;
	if (!clickhouse_server_start(&server, true)) {
		fprintf(stderr,
		    "no ClickHouse is installed here (Debian: clickhouse-server)\n");
		return 77;
	}
	clickhouse_server_script(&server, "default", "CREATE DATABASE shop");
	clickhouse_server_script(&server, "shop", fixture);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	clickhouse_server_stop(&server);
	return failed;
}
