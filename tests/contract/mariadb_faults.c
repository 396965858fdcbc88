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
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mariadb_server.h"
#include "rig.h"

static struct mariadb_server server;

static int
open_all(void **state)
{
	(void)state;
	rig_open(&(struct conf_source){ .driver = "mariadb",
	    .socket = server.socket,
	    .database = "shop",
	    .user = "mcp",
	    .timeout = 60 });
	return 0;
}

static void
again(void)
{
	(void)rig_close(NULL);
	(void)open_all(NULL);
}

static void
by_network(const char *host, const char *user, const char *password)
{
	again();
	spec.socket = NULL;
	spec.host = host;
	spec.port = server.port;
	spec.tls = TLS_OFF;
	spec.user = user;
	if (password != NULL)
		spec.password = secret_take(password, strlen(password));
}

static void
accounts(void **state)
{
	(void)state;
	by_network("127.0.0.1", "far", "right word");
	works();
	by_network("127.0.0.1", "far", "wrong word");
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	by_network("127.0.0.1", "far", NULL);
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	spec.user = "mcp_nobody";
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	by_network("127.0.0.1", "expired", "right word");
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	by_network("127.0.0.1", "locked", "right word");
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	by_network("127.0.0.1", "far", "right word");
	spec.database = "mysql";
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	again();
	spec.database = "nodb";
	spec.user = "root";
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	again();
	works();
}

static void
hosts(void **state)
{
	static char list[64];

	(void)state;
	by_network("nosuch.invalid", "far", "right word");
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	by_network("127.0.0.2", "far", "right word");
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	by_network("127.0.0.2,127.0.0.1", "far", "right word");
	works();
	by_network("nosuch.invalid, 127.0.0.1", "far", "right word");
	works();
	(void)snprintf(list, sizeof(list), "127.0.0.1:1,127.0.0.1:%d",
	    server.port);
	by_network(list, "far", "right word");
	spec.port = 0;
	works();
	/* An account that is wrong at one is wrong at all. */
	by_network("127.0.0.1,127.0.0.2", "far", "wrong word");
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	(void)setenv("MYSQL_TCP_PORT", "1", 1);
	(void)setenv("MYSQL_PWD", "right word", 1);
	(void)setenv("MYSQL_UNIX_PORT", "/nowhere", 1);
	by_network("127.0.0.1", "far", NULL);
	fails("SELECT 1", "SOURCE_AUTH_FAILED");
	assert_null(getenv("MYSQL_PWD"));
}

/* A port that takes connections and says nothing; with another host behind it
 * there is time left for that one. */
static void
silent_server(void **state)
{
	static char list[64];
	int64_t began;
	int port, fd = rig_listen(&port);

	(void)state;
	by_network("127.0.0.1", "far", "right word");
	spec.port = port;
	spec.connect_timeout = 1;
	began = clock_mono_ms();
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_true(clock_mono_ms() - began < 3000);
	(void)snprintf(list, sizeof(list), "127.0.0.1:%d,127.0.0.1:%d", port,
	    server.port);
	by_network(list, "far", "right word");
	spec.connect_timeout = 1;
	works();
	close(fd);
}

static void
serve_logins(int fd)
{
	static const char hello[] =
	    "\x59\0\0\0\x0a"
	    "5.5.5-10.11.0-MariaDB\0"
	    "\x01\0\0\0"
	    "abcdefgh\0"
	    "\xff\xf7\x21\x02\0\xff\x81\x15\0\0\0\0\0\0\0\0\0\0"
	    "ijklmnopqrst\0"
	    "mysql_native_password\0";
	static const char good[] = "\x07\0\0\x02\0\0\0\x02\0\0";
	char got[1024];

	(void)alarm(15);
	for (;;) {
		int s = accept(fd, NULL, NULL);

		if (write(s, hello, sizeof(hello) - 1) < 0 ||
		    read(s, got, sizeof(got)) < 0 ||
		    write(s, good, sizeof(good)) < 0)
			_exit(3);
	}
}

/* One that lets everybody in and then says nothing, to KILL neither. */
static void
mute_server(void **state)
{
	int port, fd = rig_listen(&port), status;
	int64_t began = clock_mono_ms();
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		serve_logins(fd);
	close(fd);
	by_network("127.0.0.1", "far", "right word");
	spec.port = port;
	spec.timeout = 1;
	run("SELECT 1");
	assert_int_not_equal(out.e, ERR_OK);
	assert_true(clock_mono_ms() - began < 10000);
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* Accounts and paths of the server's own. */
static void
words_of_server(void **state)
{
	(void)state;
	contract_call(sources, &ask, "orphan", true, &out);
	assert_string_equal(arena_z(out.a, out.rows), "SQL_ERROR");
	assert_null(strstr(out.f.msg, "gone"));
	assert_null(strstr(out.f.msg, "10.1.2.3"));
	contract_call(sources, &ask, "no_file", true, &out);
	assert_string_equal(arena_z(out.a, out.rows), "SOURCE_UNREACHABLE");
	assert_null(strstr(out.f.msg, "/tmp"));
}

static bool
holds(const char *bytes, ssize_t n, const char *word)
{
	ssize_t len = (ssize_t)strlen(word);

	for (ssize_t i = 0; i + len <= n; i++)
		if (memcmp(bytes + i, word, (size_t)len) == 0)
			return true;
	return false;
}

/* A server that asks for the password as it is, or for a file of ours. */
static void
rogue_server(void **state)
{
	static const char hello[] =
	    "\x59\0\0\0\x0a"
	    "5.5.5-10.11.0-MariaDB\0"
	    "\x01\0\0\0"
	    "abcdefgh\0"
	    "\xff\xf7\x21\x02\0\xff\x81\x15\0\0\0\0\0\0\0\0\0\0"
	    "ijklmnopqrst\0"
	    "mysql_native_password\0";
	static const char clear[] = "\x16\0\0\x02\xfemysql_clear_password";
	char got[1024];
	int port, fd = rig_listen(&port), status, s;
	ssize_t n;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		(void)alarm(30); /* should nobody come */
		s = accept(fd, NULL, NULL);
		if (write(s, hello, sizeof(hello) - 1) < 0)
			_exit(3);
		n = read(s, got, sizeof(got));
		if (n > 0 && write(s, clear, sizeof(clear)) > 0)
			n = read(s, got, sizeof(got));
		_exit(holds(got, n, "right word"));
	}
	by_network("127.0.0.1", "far", "right word");
	spec.port = port;
	run("SELECT 1");
	assert_int_not_equal(out.e, ERR_OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(fd);
}

static void
tls(void **state)
{
	static char ca[128];

	(void)state;
	by_network("127.0.0.1", "far", "right word");
	spec.tls = TLS_REQUIRE;
	works();
	gives(
	    "SELECT VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER'",
	    "1\n");
	by_network("127.0.0.1", "far", "right word");
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
	mariadb_server_kill(&server);
	server.more = NULL;
	mariadb_server_again(&server);
	by_network("127.0.0.1", "far", "right word");
	spec.tls = TLS_REQUIRE;
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	assert_non_null(strstr(out.f.msg, "TLS"));
	assert_non_null(strstr(out.f.log, "it has no TLS"));
	spec.tls = TLS_PREFER;
	works();
}

static void
full_pool(void **state)
{
	MYSQL *held[40];
	int n = 0;

	(void)state;
	while (n < 40) {
		held[n] = mysql_init(NULL);
		if (mysql_real_connect(held[n], NULL, "mcp", "", "shop", 0,
			server.socket, 0) == NULL) {
			mysql_close(held[n]);
			break;
		}
		n++;
	}
	assert_true(n < 40);
	fails("SELECT 1", "BUSY");
	while (n > 0)
		mysql_close(held[--n]);
	/* The server counts them until it has seen them go. */
	for (int i = 0; i < 500; i++) {
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
	static const char wait[] =
	    "BEGIN NOT ATOMIC WHILE NOT EXISTS (SELECT 1 FROM information_schema.INNODB_TRX WHERE TRX_STATE = 'LOCK WAIT') DO DO SLEEP(0.12); END WHILE; UPDATE t SET b = 'other' WHERE a = 1; END";
	MYSQL *other = mariadb_server_open(&server, "shop");

	(void)state;
	assert_int_equal(
	    mysql_query(other,
		"BEGIN NOT ATOMIC START TRANSACTION; UPDATE t SET b = 'other' WHERE a = 2; UPDATE big SET b = 'x'; END"),
	    0);
	assert_int_equal(mysql_send_query(other, wait, sizeof(wait) - 1), 0);
	fails("UPDATE t SET b = 'ours'", "BUSY");
	assert_int_equal(mysql_read_query_result(other), 0);
	mysql_close(other);
	gives("SELECT count(*) FROM t WHERE b = 'ours'", "0\n");
}

static void
kill_it(void)
{
	mariadb_server_kill(&server);
}

static void
killed_in_the_middle(void **state)
{
	struct rig_rows rows = { .first = kill_it };

	(void)state;
	assert_int_equal(
	    rig_read("SELECT repeat('x', 1000) FROM seq_1_to_100000", 100000,
		&rows),
	    ERR_SOURCE_UNREACHABLE);
	assert_true(rows.n > 0 && rows.n < 100000);
	fails("SELECT 1", "SOURCE_UNREACHABLE");
	mariadb_server_again(&server);
	works();
}

/* Between two requests nobody looks; the next one finds a new server. */
static void
restarted(void **state)
{
	(void)state;
	works();
	mariadb_server_kill(&server);
	mariadb_server_again(&server);
	works();
	mariadb_server_script(&server, "shop", "KILL USER mcp@localhost");
	works();
}

/* A server that does not even hear that it is to end something. */
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
	assert_int_not_equal(out.e, ERR_OK);
	assert_true(clock_mono_ms() - began < 8000);
	ask.deadline = (struct deadline){ 0 };
	assert_int_equal(kill(server.pid, SIGCONT), 0);
	works();
}

/* What is ended leaves nothing, and no longer runs. */
static void
ended_at_the_server(void **state)
{
	(void)state;
	works();
	ask.deadline = deadline_in(200);
	fails("UPDATE t SET b = 'slow' WHERE SLEEP(30) = 0", "TIMEOUT");
	ask.deadline = deadline_in(200);
	fails("SELECT SLEEP(30)", "TIMEOUT");
	ask.deadline = deadline_in(200);
	fails("SELECT BENCHMARK(1000000000, SHA2('x', 512))", "TIMEOUT");
	ask.deadline = (struct deadline){ 0 };
	works();
	assert_string_equal(mariadb_server_value(&server, "shop",
				"SELECT count(*) FROM t WHERE b = 'slow'"),
	    "0");
	for (int i = 0; i < 300; i++)
		if (strcmp(
			mariadb_server_value(&server, "shop",
			    "SELECT count(*) FROM information_schema.PROCESSLIST WHERE USER = 'mcp' AND COMMAND <> 'Sleep'"),
			"0") == 0)
			return;
	fail_msg("it still runs");
}

/* A query that the server ends by itself is no short result. */
static void
short_result(void **state)
{
	(void)state;
	ask.max_rows = 100000;
	ask.deadline = deadline_in(100);
	fails("SELECT seq FROM seq_1_to_50 WHERE SLEEP(0.05) = 0", "TIMEOUT");
	ask.deadline = (struct deadline){ 0 };
	run("SELECT seq FROM seq_1_to_50 WHERE SLEEP(0.001) = 0");
	assert_int_equal(out.nrows, 50);
}

static void
statements(void **state)
{
	(void)state;
	fails("INSERT INTO t VALUES (1, 'again')", "CONSTRAINT_VIOLATION");
	assert_null(strstr(out.f.msg, "again"));
	fails("INSERT INTO kids VALUES (99)", "CONSTRAINT_VIOLATION");
	fails("INSERT INTO t (b) VALUES ('x')", "CONSTRAINT_VIOLATION");
	fails("INSERT INTO t VALUES (7, repeat('x', 99))", "SQL_ERROR");
	fails("INSERT INTO t VALUES ('my value', 'x')", "SQL_ERROR");
	assert_null(strstr(out.f.msg, "my value"));
	fails("SELECT 9223372036854775807 + 1", "SQL_ERROR");
	fails("SELECT nosuch(1)", "SQL_ERROR");
	fails("SELECT * FROM hid.secrets", "PERMISSION_DENIED");
	fails("SELECT * FROM nosuch.t", "PERMISSION_DENIED");
	fails("SELECT TOP 5 * FROM t", "SQL_SYNTAX");
	fails("SELECT \"a\" FROM \"t\"", "SQL_SYNTAX");
	fails("SELECT a::text FROM t", "SQL_SYNTAX");
	fails("SELECT x.y FROM t", "COLUMN_NOT_FOUND");
	fails("SELECT aa FROM t", "COLUMN_NOT_FOUND");
	assert_non_null(strstr(out.f.hint, "a"));
	gives("SELECT a FROM t WHERE\n  a = = 1", "SQL_SYNTAX");
	assert_int_equal(out.f.position, 29);
	works();
}

static void
odd_names(void **state)
{
	struct meta_ask m = { .what = META_COLUMNS,
		.table = STR("we`ird; DROP TABLE t; --") };

	(void)state;
	gives("SELECT `a``b;c` FROM `we``ird; DROP TABLE t; --`", "7\n");
	assert_string_equal(arena_z(out.a, out.columns), "a`b;c:8");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 1);
	m.table = STR("' OR '1'='1");
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 0);
	ask.schema = STR("o`dd; --");
	gives("SELECT x FROM z", "1\n");
	ask.schema = (struct str){ 0 };
	works();
}

/* Three million rows and a thousand of them wanted; then all, or with less
 * patience a tenth, one batch at a time. */
static void
memory_stays_flat(void **state)
{
	static const char sql[] =
	    "SELECT seq, repeat('x', 100) FROM seq_1_to_3000000";

	(void)state;
	contract_measures_memory();
	rig_stays_flat(sql, sql,
	    getenv("MCP_HEAVY") != NULL ? 3000000 : 300000);
}

/* A value past the ceiling of a packet ends the connection, not us. */
static void
values_have_an_end(void **state)
{
	bool heavy = getenv("MCP_HEAVY") != NULL;
	int64_t before;

	(void)state;
	contract_measures_memory();
	spec.timeout = 300;
	works();
	before = contract_high_water();
	fails(heavy ? "SELECT repeat('x', 900000000)"
		    : "SELECT repeat('x', 70000000)",
	    "TOO_LARGE");
	assert_true(contract_high_water() - before < 200000);
	works();
	gives("SELECT length(repeat('x', 70000000))", "70000000\n");
}

/* What doctor will say of two accounts. */
struct said {
	struct buf b;
};

static void
say(void *arg, struct str sentence, const char *change)
{
	struct said *s = arg;

	(void)change;
	buf_str(&s->b, sentence);
	buf_char(&s->b, '\n');
}

static const char *
rights_of(const char *user)
{
	const struct deadline d = deadline_in(5000);
	struct fault f = { 0 };
	const struct driver_work *w =
	    driver_load(driver_find(STR("mariadb")), &f);
	struct said s;
	void *conn;

	buf_init(&s.b, out.a, (size_t)1 << 16);
	spec.user = user;
	spec.readonly = true;
	assert_int_equal(w->open(&conf, &spec, &d, &conn, &f), ERR_OK);
	assert_int_equal(w->rights(conn, out.a, say, &s, &f), ERR_OK);
	w->close(conn);
	buf_char(&s.b, '\0');
	return s.b.p;
}

static void
rights(void **state)
{
	const char *text;

	(void)state;
	assert_string_equal(rights_of("good"), "");
	text = rights_of("mcp");
	assert_non_null(strstr(text, "(ALL PRIVILEGES)"));
	text = rights_of("risky");
	assert_non_null(strstr(text, "(FILE)"));
	assert_non_null(strstr(text, "(PROCESS)"));
	assert_non_null(strstr(text, "(SUPER)"));
	assert_non_null(strstr(text, "(EXECUTE)"));
	assert_non_null(strstr(text, "(INSERT)"));
	assert_null(strstr(text, "(DELETE)"));
	text = rights_of("builder");
	assert_non_null(strstr(text, "(CREATE)"));
	assert_non_null(strstr(text, "(ALTER)"));
	assert_non_null(strstr(text, "(DROP)"));
	spec.ddl = true; /* is what it is for, but not everywhere */
	assert_string_equal(rights_of("builder"), "");
	text = rights_of("founder");
	assert_non_null(strstr(text, "(CREATE)"));
	assert_null(strstr(text, "(ALTER)"));
}

/* examples/hardening-mariadb.sql by the client, as an administrator would. */
static void
hardened(void **state)
{
	const char *srcdir = getenv("srcdir");
	char sock[112], *script;
	int status;
	pid_t pid;

	(void)state;
	if (access("/usr/bin/mariadb", X_OK) != 0)
		skip();
	mariadb_server_script(&server, NULL,
	    "CREATE USER mcp_read@localhost; GRANT ALL ON *.* TO mcp_read@localhost WITH GRANT OPTION");
	(void)snprintf(sock, sizeof(sock), "--socket=%s", server.socket);
	script = arena_z(out.a,
	    arena_fmt(out.a, "source %s/examples/hardening-mariadb.sql",
		srcdir == NULL ? "." : srcdir));
	pid = fork();
	if (pid == 0) {
		execl("/usr/bin/mariadb", "mariadb", "--no-defaults", sock,
		    "-uroot", "-e", script, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(rights_of("mcp_read"), "");
	again();
	spec.user = "mcp_read";
	works();
	fails("INSERT INTO t VALUES (7, 'x')", "PERMISSION_DENIED");
}

static const char fixture[] =
    "CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop;"
    "CREATE TABLE t (a integer PRIMARY KEY, b varchar(20)); INSERT INTO t VALUES (1, 'one'), (2, 'two');"
    "CREATE DEFINER = gone@'10.1.2.3' PROCEDURE orphan() SELECT 1;"
    "CREATE PROCEDURE no_file() BEGIN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 28, MESSAGE_TEXT = 'Error writing file ''/tmp/MYx'' (Errcode: 28)'; END;"
    "CREATE TABLE kids (t integer, FOREIGN KEY (t) REFERENCES t (a));"
    "CREATE TABLE big (a integer PRIMARY KEY, b varchar(20)); INSERT INTO big SELECT seq, 'y' FROM seq_1_to_200;"
    "CREATE TABLE `we``ird; DROP TABLE t; --` (`a``b;c` integer); INSERT INTO `we``ird; DROP TABLE t; --` VALUES (7);"
    "CREATE DATABASE `o``dd; --`; CREATE TABLE `o``dd; --`.z (x integer); INSERT INTO `o``dd; --`.z VALUES (1);"
    "CREATE USER mcp@localhost; GRANT ALL ON shop.* TO mcp@localhost; GRANT ALL ON `o``dd; --`.* TO mcp@localhost;"
    "CREATE DATABASE hid; CREATE TABLE hid.secrets (x integer);"
    "CREATE USER far@'127.0.0.1' IDENTIFIED BY 'right word'; GRANT SELECT ON shop.* TO far@'127.0.0.1';"
    "CREATE USER expired@'127.0.0.1' IDENTIFIED BY 'right word' PASSWORD EXPIRE; GRANT SELECT ON shop.* TO expired@'127.0.0.1';"
    "CREATE USER locked@'127.0.0.1' IDENTIFIED BY 'right word' ACCOUNT LOCK; GRANT SELECT ON shop.* TO locked@'127.0.0.1';"
    "CREATE USER good@localhost; GRANT SELECT, SHOW VIEW ON shop.* TO good@localhost;"
    "CREATE USER builder@localhost; GRANT SELECT, CREATE, ALTER, DROP ON shop.* TO builder@localhost;"
    "CREATE USER founder@localhost; GRANT CREATE ON *.* TO founder@localhost; GRANT ALTER ON shop.* TO founder@localhost;"
    "CREATE USER risky@localhost; GRANT FILE, PROCESS ON *.* TO risky@localhost; GRANT SUPER ON *.* TO risky@localhost; GRANT EXECUTE ON shop.* TO risky@localhost; GRANT INSERT (a), SELECT ON shop.t TO risky@localhost;";

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

static void
start(void)
{
	static char more[512];

	rig_certificate(server.folder);
	(void)snprintf(more, sizeof(more),
	    "--ssl-cert=%s/server.crt --ssl-key=%s/server.key --max-allowed-packet=1G",
	    server.folder, server.folder);
	mariadb_server_kill(&server);
	server.more = more;
	mariadb_server_again(&server);
	mariadb_server_script(&server, NULL, fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(memory_stays_flat),
		CASE(values_have_an_end),
		CASE(accounts),
		CASE(hosts),
		CASE(silent_server),
		CASE(mute_server),
		CASE(words_of_server),
		CASE(rogue_server),
		CASE(full_pool),
		CASE(deadlock),
		CASE(killed_in_the_middle),
		CASE(restarted),
		CASE(frozen),
		CASE(ended_at_the_server),
		CASE(short_result),
		CASE(statements),
		CASE(odd_names),
		CASE(rights),
		CASE(hardened),
		CASE(tls),
		CASE(refused_tls),
	};
	struct fault f = { 0 };
	int failed;

	if (secret_start(&f) != ERR_OK)
		return 1;
	if (!mariadb_server_start(&server, NULL)) {
		fprintf(stderr, "no MariaDB is installed here\n");
		return 77;
	}
	start();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	mariadb_server_stop(&server);
	return failed;
}
