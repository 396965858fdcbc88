/* SPDX-License-Identifier: ISC */
/*
 * SECURITY_MODEL Q6 on a real server, as an account that may do everything in
 * its database and has FILE: every attack is refused all the same and leaves
 * no trace.  The program is built twice; the second time the gate lets
 * everything pass as a SELECT, so what refuses is the driver and the server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "mariadb_server.h"

static struct mariadb_server server;

static const char fixture[] =
    "CREATE DATABASE shop CHARACTER SET utf8mb4; CREATE DATABASE other CHARACTER SET utf8mb4; USE shop;"
    "CREATE TABLE t (a integer PRIMARY KEY, b varchar(50)) ENGINE = InnoDB;"
    "INSERT INTO t VALUES (1, 'one'), (2, 'two');"
    "CREATE TABLE m (a integer PRIMARY KEY, b varchar(50)) ENGINE = MyISAM;"
    "INSERT INTO m VALUES (1, 'one');"
    "CREATE TABLE ar (a integer PRIMARY KEY) ENGINE = Aria;"
    "CREATE TABLE watched (a integer PRIMARY KEY);"
    "CREATE TRIGGER watch AFTER INSERT ON watched FOR EACH ROW INSERT INTO m VALUES (NEW.a + 1000, 'trigger');"
    "CREATE VIEW over_m AS SELECT * FROM m;"
    "CREATE SEQUENCE s;"
    "CREATE FUNCTION change_t() RETURNS integer BEGIN DELETE FROM t; RETURN 1; END;"
    "CREATE FUNCTION change_m() RETURNS integer BEGIN DELETE FROM m; RETURN 1; END;"
    "CREATE PROCEDURE nothing() DO 1;"
    "CREATE PROCEDURE empty_t() DELETE FROM t;"
    "CREATE PROCEDURE commit_t() BEGIN DELETE FROM t WHERE a = 2; COMMIT; END;"
    "CREATE PROCEDURE ddl_t() BEGIN DELETE FROM t WHERE a = 2; CREATE TABLE evil (a integer); END;"
    "CREATE PROCEDURE again_t() BEGIN DELETE FROM t WHERE a = 2; ROLLBACK; START TRANSACTION; DELETE FROM t; COMMIT; END;"
    "CREATE TABLE customers (id integer PRIMARY KEY, name varchar(50), email varchar(50), phone varchar(50));"
    "INSERT INTO customers VALUES (1, 'Ann', 'ann@secret', '555 secret'), (2, 'Bob', 'bob@secret', '666 secret');"
    "CREATE TABLE like_customers (id integer, email varchar(50));"
    "INSERT INTO like_customers VALUES (1, 'ann@secret');"
    "CREATE TABLE other.customers (id integer, email varchar(50));"
    "INSERT INTO other.customers VALUES (1, 'other secret');"
    "CREATE TABLE hidden_pay (id integer PRIMARY KEY, amount varchar(50));"
    "INSERT INTO hidden_pay VALUES (1, 'much secret');"
    "CREATE VIEW all_pay AS SELECT * FROM hidden_pay;"
    "CREATE VIEW over_all_pay AS SELECT * FROM all_pay;"
    "CREATE VIEW count_pay AS SELECT concat(count(*), ' secret') AS n FROM hidden_pay;"
    "CREATE FUNCTION read_pay() RETURNS varchar(50) READS SQL DATA RETURN (SELECT amount FROM hidden_pay LIMIT 1);"
    "CREATE PROCEDURE show_pay() SELECT * FROM hidden_pay;"
    "CREATE VIEW by_function AS SELECT read_pay() AS x;"
    "CREATE VIEW mails AS SELECT id, email, phone FROM customers;"
    "CREATE VIEW over_mails AS SELECT * FROM mails;"
    "CREATE VIEW loud AS SELECT id, concat(upper(email), ' secret') AS e FROM customers;"
    "CREATE VIEW early AS SELECT concat(id, ' secret') AS x FROM customers WHERE email < 'b';"
    "CREATE TABLE made (id integer, email varchar(50), shout varchar(60) AS (concat(upper(email), ' secret')), louder varchar(70) AS (concat(shout, '!')) PERSISTENT, twice integer AS (id * 2), first varchar(60) DEFAULT (concat(email, ' secret')));"
    "INSERT INTO made (id, email) VALUES (1, 'ann');"
    "CREATE SEQUENCE hidden_numbers; CREATE TABLE numbered (a integer DEFAULT nextval(hidden_numbers));"
    "CREATE VIEW over_made AS SELECT id, shout FROM made;"
    "CREATE TABLE 2023_hidden (amount varchar(50)); INSERT INTO 2023_hidden VALUES ('number secret');"
    "CREATE TABLE `2023` (amount varchar(50)); INSERT INTO `2023` VALUES ('number secret');"
    "CREATE TABLE 2023e (amount varchar(50)); INSERT INTO 2023e VALUES ('number secret');"
    "CREATE TABLE 0X2023 (amount varchar(50)); INSERT INTO 0X2023 VALUES ('number secret');"
    "CREATE TABLE $hidden (amount varchar(50)); INSERT INTO $hidden VALUES ('dollar secret');"
    "CREATE TABLE 2023_m (a integer) ENGINE = MyISAM; CREATE TABLE $m (a integer) ENGINE = MyISAM;"
    "CREATE FUNCTION $read() RETURNS varchar(50) READS SQL DATA RETURN (SELECT amount FROM hidden_pay LIMIT 1);"
    "CREATE FUNCTION 1_read() RETURNS varchar(50) READS SQL DATA RETURN (SELECT amount FROM hidden_pay LIMIT 1);"
    "CREATE DATABASE 12345_wp CHARACTER SET utf8mb4;"
    "CREATE TABLE 12345_wp.hidden_pay (amount varchar(50)); INSERT INTO 12345_wp.hidden_pay VALUES ('far secret');"
    "CREATE TABLE 12345_wp.customers (email varchar(50)); INSERT INTO 12345_wp.customers VALUES ('far secret');"
    "CREATE TABLE hidden_log (a integer, b varchar(50)) ENGINE = MyISAM; INSERT INTO hidden_log VALUES (1, 'log secret');"
    "CREATE TABLE plain_log (a integer, b varchar(50)) ENGINE = MyISAM; INSERT INTO plain_log VALUES (1, 'plain');"
    "CREATE TABLE all_logs (a integer, b varchar(50)) ENGINE = MERGE UNION = (plain_log, hidden_log);"
    "CREATE TABLE plain_logs (a integer, b varchar(50)) ENGINE = MERGE UNION = (plain_log);"
    "CREATE VIEW over_all_logs AS SELECT * FROM all_logs;"
    "SET sql_quote_show_create = 0;"
    "CREATE VIEW bare_pay AS SELECT * FROM hidden_pay; CREATE VIEW bare_mails AS SELECT email FROM customers;"
    "CREATE VIEW bare_call AS SELECT read_pay() AS x; CREATE VIEW bare_t AS SELECT a FROM t;"
    "SET sql_quote_show_create = 1, sql_mode = 'ORACLE';"
    "CREATE PACKAGE pay AS FUNCTION reading RETURN varchar(50); END;"
    "CREATE PACKAGE BODY pay AS FUNCTION reading RETURN varchar(50) AS BEGIN RETURN (SELECT amount FROM hidden_pay LIMIT 1); END; END;"
    "SET sql_mode = DEFAULT;"
    "CREATE DATABASE `d\u00f6ner` CHARACTER SET utf8mb4; CREATE TABLE `d\u00f6ner`.customers (email varchar(50)); INSERT INTO `d\u00f6ner`.customers VALUES ('far secret');"
    "CREATE USER mcp@localhost; GRANT ALL ON `d\u00f6ner`.* TO mcp@localhost; GRANT ALL ON `12345_wp`.* TO mcp@localhost; GRANT ALL ON shop.* TO mcp@localhost; GRANT ALL ON other.* TO mcp@localhost; GRANT FILE ON *.* TO mcp@localhost;"
    "CREATE DEFINER = mcp@localhost FUNCTION write_m() RETURNS integer BEGIN DELETE FROM m; RETURN 1; END;"
    "CREATE DEFINER = mcp@localhost PROCEDURE empty_m() DELETE FROM m;"
    "CREATE DEFINER = mcp@localhost FUNCTION call_m() RETURNS integer BEGIN CALL empty_m(); RETURN 1; END;"
    "CREATE TABLE ansi (a integer); SET sql_mode = 'ANSI_QUOTES';"
    "CREATE TRIGGER ansi_m AFTER INSERT ON ansi FOR EACH ROW INSERT INTO \"m\" VALUES (NEW.a + 1000, 'trigger');"
    "SET sql_mode = DEFAULT;";

static int
open_all(void **state)
{
	(void)state;
	attack_open(&(struct conf_source){ .driver = "mariadb",
	    .socket = server.socket,
	    .database = "shop",
	    .user = "mcp",
	    .ddl = true });
	return 0;
}

/* All that an attack could have changed, as one text. */
static const char *
sum(void)
{
	return mariadb_server_value(&server, "shop",
	    "SELECT md5(group_concat(x ORDER BY x)) FROM (SELECT concat_ws('/', 't', a, b) AS x FROM t UNION ALL SELECT concat_ws('/', 'm', a, b) FROM m UNION ALL SELECT concat('ar', a) FROM ar UNION ALL SELECT concat('w', a) FROM watched UNION ALL SELECT concat('2', a) FROM 2023_m UNION ALL SELECT concat('$', a) FROM $m UNION ALL SELECT concat_ws('/', id, name, email, phone) FROM customers UNION ALL SELECT concat_ws('/', id, amount) FROM hidden_pay UNION ALL SELECT concat('s', next_not_cached_value) FROM s UNION ALL SELECT concat_ws('/', TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE) FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema') UNION ALL SELECT concat_ws('/', SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME) FROM information_schema.SCHEMATA UNION ALL SELECT concat_ws('/', Host, User, Priv) FROM mysql.global_priv UNION ALL SELECT concat_ws('/', Host, Db, User) FROM mysql.db UNION ALL SELECT concat_ws('/', db, name, type) FROM mysql.proc UNION ALL SELECT concat_ws('/', db, name) FROM mysql.event UNION ALL SELECT name FROM mysql.plugin UNION ALL SELECT concat('f', name) FROM mysql.func UNION ALL SELECT TRIGGER_NAME FROM information_schema.TRIGGERS UNION ALL SELECT @@global.read_only) v");
}

/* The server says that it is done a little before it is. */
static void
nothing_left(void)
{
	static const char busy[] =
	    "SELECT (SELECT count(*) FROM information_schema.INNODB_TRX) + (SELECT count(*) FROM information_schema.PROCESSLIST WHERE USER = 'mcp' AND COMMAND <> 'Sleep')";

	for (int i = 0; i < 500; i++)
		if (strcmp(mariadb_server_value(&server, "shop", busy), "0") ==
		    0)
			return;
	fail_msg("a transaction or a session is left");
}

static void
no_file_no_name(const char *sql)
{
	char copied[128];

	(void)snprintf(copied, sizeof(copied), "%s/copied", server.folder);
	if (access(copied, F_OK) == 0)
		fail_msg("wrote a file: %s", sql);
	if (strstr(out.f.msg, "mcp") != NULL)
		fail_msg("tells a name: %s: %s", sql, out.f.msg);
}

/* Whatever it answers, no secret is in it. */
static void
tells_nothing(const char *sql)
{
	const char *rows;

	run(sql);
	rows = arena_z(out.a, out.rows);
	if (strstr(rows, "secret") != NULL || strstr(rows, "hidden_") != NULL ||
	    (strstr(out.f.msg, "ann@") != NULL &&
		strstr(sql, "ann@") == NULL) ||
	    strstr(out.f.msg, "555") != NULL ||
	    strstr(out.f.hint, "hidden") != NULL ||
	    strstr(out.f.hint, "all_pay") != NULL ||
	    (strstr(out.f.hint, "email") != NULL &&
		strstr(sql, "like_customers") == NULL))
		fail_msg("%s\n%s\n%s / %s", sql, rows, out.f.msg, out.f.hint);
}

ATTACK(test_Q6_transactions)
ATTACK(test_Q6_session)
ATTACK(test_Q6_files)
ATTACK(test_Q6_structure)
ATTACK(test_Q6_writes_in_a_read)
ATTACK(test_Q6_two_statements)
ATTACK(test_Q6_others)

static void
hide(void)
{
	static const char *deny[] = { "hidden_*", "customers.email", "2023*",
		"0X2023", "$hidden", "made.email" };
	static const char *mask[] = { "customers.phone" };

	spec.deny = (struct conf_names){ deny, 6 };
	spec.mask = (struct conf_names){ mask, 1 };
}

/* What the source is said to have names nothing that is hidden. */
static void
lists_nothing(enum meta_what what)
{
	struct meta_ask m = { .what = what };
	const char *rows;

	contract_meta(sources, &m, &out);
	rows = arena_z(out.a, out.rows);
	assert_true(out.nrows > 0);
	if (strstr(rows, "hidden_") != NULL)
		fail_msg("%s", rows);
}

static void
test_Q6_hidden_tables(void **state)
{
	(void)state;
	hide();
	attack_each("mariadb-hidden.txt", __func__, tells_nothing);
	lists_nothing(META_TABLES);
	lists_nothing(META_COLUMNS);
	gives("SELECT * FROM plain_logs", "1|'plain'\n");
	gives("SELECT o.a AS hidden_pay FROM t o ORDER BY o.a", "1\n2\n");
	gives("SELECT max(a) AS  hidden_pay FROM t AS all_pay", "2\n");
	gives("SELECT * FROM bare_t ORDER BY a", "1\n2\n");
}

/* On a server that keeps names in small letters. */
static void
test_Q6_folded_names(void **state)
{
	(void)state;
	hide();
	attack_each("mariadb-hidden.txt", __func__, tells_nothing);
	gives("SELECT * FROM SHOP.CUSTOMERS ORDER BY id",
	    "1|'Ann'|'***'\n2|'Bob'|'***'\n");
}

static void
test_Q6_hidden_columns(void **state)
{
	(void)state;
	hide();
	attack_each("mariadb-hidden.txt", __func__, tells_nothing);
	gives("SELECT * FROM shop.customers ORDER BY id",
	    "1|'Ann'|'***'\n2|'Bob'|'***'\n");
	gives("SELECT * FROM made", "1|2\n");
	gives("SELECT c.name, (SELECT count(*) FROM t) FROM customers c "
	      "ORDER BY c.id DESC",
	    "'Bob'|2\n'Ann'|2\n");
	gives(
	    "WITH x AS (SELECT name FROM customers) SELECT * FROM x ORDER BY 1",
	    "'Ann'\n'Bob'\n");
	gives("(SELECT phone FROM customers) UNION (SELECT 'x')",
	    "'***'\n'x'\n");
	gives("SELECT phone, count(*) FROM customers GROUP BY phone",
	    "'***'|2\n");
	gives(
	    "SELECT * FROM (SELECT phone, count(*) FROM customers GROUP BY phone WITH ROLLUP) AS x",
	    "'***'|2\nnull|2\n");
	gives(
	    "SELECT * FROM (WITH x AS (SELECT a FROM t) SELECT * FROM x) y ORDER BY 1",
	    "1\n2\n");
}

/* However few rows are wanted, the rules see all there is to know. */
static void
test_Q6_hidden_from_few_rows(void **state)
{
	(void)state;
	hide();
	for (ask.max_rows = 0; ask.max_rows < 4; ask.max_rows++) {
		tells_nothing("SELECT phone FROM customers");
		tells_nothing("SELECT phone FROM shop.customers LIMIT 1");
		tells_nothing("SELECT email FROM customers");
		tells_nothing("SELECT * FROM over_mails");
		tells_nothing("SELECT e FROM loud");
		tells_nothing("SELECT x FROM early");
		tells_nothing("SELECT n FROM count_pay");
		tells_nothing("SELECT change_m(), $read(), read_pay()");
	}
	ask.max_rows = 1;
	gives("SELECT a, b FROM t ORDER BY a", "1|'one'\n");
	assert_true(out.done.more);
}

/* A lock by name and a variable go with the request. */
static void
test_Q6_session_is_reset(void **state)
{
	(void)state;
	gives("SELECT GET_LOCK('mine', 0)", "1\n");
	assert_string_equal(mariadb_server_value(&server, "shop",
				"SELECT IS_FREE_LOCK('mine')"),
	    "1");
	gives(
	    "SELECT @@time_zone, @@max_statement_time > 0, @@sql_mode NOT LIKE '%ANSI%'",
	    "'+00:00'|1|1\n");
}

#ifndef SOURCE_GATE_OFF
static void
write_as(unsigned verbs, const char *sql, const char *code)
{
	const struct gate g = { .class = SQL_INSERT };
	const struct deadline none = { 0 };
	struct sql q = { .gate = &g,
		.text = str_of(sql),
		.verbs = verbs,
		.max_rows = 10,
		.max_affected = 10 };
	struct fault f = { 0 };
	const struct driver_work *d =
	    driver_load(driver_find(STR("mariadb")), &f);
	char before[64];
	void *conn;

	assert_non_null(d);
	(void)snprintf(before, sizeof(before), "%s", sum());
	assert_int_equal(d->open(&conf, &spec, &none, &conn, &f), ERR_OK);
	if (d->run(conn, out.a, &q, NULL, &out.done, &f) == ERR_OK)
		fail_msg("ran: %s", sql);
	if (code != NULL && strcmp(err_name(f.code), code) != 0)
		fail_msg("%s: %s: %s", sql, err_name(f.code), f.msg);
	assert_int_equal(d->finish(conn, true, &f), ERR_OK);
	assert_string_equal(sum(), before);
	d->close(conn);
}

/* The verbs as the text has them, with a gate that would let it pass. */
static void
test_Q6_verbs(void **state)
{
	static const struct {
		unsigned verbs;
		const char *sql, *code;
	} cases[] = {
		{ VERB_INSERT, "UPDATE t SET b = 'x'", "PERMISSION_DENIED" },
		{ VERB_INSERT, "DELETE FROM t", "PERMISSION_DENIED" },
		{ VERB_INSERT, "REPLACE INTO t VALUES (1, 'x')",
		    "PERMISSION_DENIED" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (1, 'x') ON DUPLICATE KEY UPDATE b = 'y'",
		    "PERMISSION_DENIED" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (1, 'x') ON /**/ DUPLICATE KEY UPDATE b = 'y'",
		    "PERMISSION_DENIED" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (1, 'x') /*! ON DUPLICATE KEY UPDATE b = 'y' */",
		    "PERMISSION_DENIED" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (9, 'x') /*!50000 ON DUPLICATE KEY UPDATE b = 'y' */",
		    "STATEMENT_NOT_ALLOWED" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (1, 'x') --\x7f '\n ON DUPLICATE KEY UPDATE b = 'y' -- '",
		    "PERMISSION_DENIED" },
		{ VERB_UPDATE, "INSERT INTO t VALUES (9, 'x')",
		    "PERMISSION_DENIED" },
		{ VERB_UPDATE, "DELETE FROM t", "PERMISSION_DENIED" },
		{ VERB_DELETE, "UPDATE t SET b = 'x'", "PERMISSION_DENIED" },
		{ VERB_ALL, "/*!50000 DELETE FROM t*/", NULL },
		{ VERB_ALL, "TRUNCATE t", "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "CREATE TABLE x AS SELECT * FROM t",
		    "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "COMMIT", "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "CALL empty_t()", "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "SELECT change_t()", "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "DO change_t()", "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "BEGIN NOT ATOMIC DELETE FROM t; COMMIT; END",
		    "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "DELETE FROM t; DELETE FROM t", "SQL_SYNTAX" },
		{ VERB_ALL, "EXPLAIN DELETE FROM t", "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "SET STATEMENT sql_mode = '' FOR DELETE FROM t",
		    "STATEMENT_NOT_ALLOWED" },
		{ VERB_ALL, "LOAD DATA INFILE 'x' INTO TABLE t",
		    "STATEMENT_NOT_ALLOWED" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		write_as(cases[i].verbs, cases[i].sql, cases[i].code);
}

/* What cannot be taken back is not written. */
static void
test_Q6_engines(void **state)
{
	static const char *const cases[] = { "INSERT INTO m VALUES (9, 'x')",
		"INSERT INTO `m` VALUES (9, 'x')",
		"INSERT INTO shop.m VALUES (9, 'x')", "DELETE FROM m",
		"UPDATE m SET b = 'x'", "UPDATE t, m SET m.b = 'x'",
		"DELETE m FROM m JOIN t USING (a)", "INSERT INTO ar VALUES (9)",
		"INSERT INTO over_m VALUES (9, 'x')", "DELETE FROM over_m",
		"INSERT INTO watched VALUES (9)",
		"INSERT INTO 2023_m VALUES (1)",
		"INSERT INTO shop.2023_m VALUES (1)",
		"INSERT INTO $m VALUES (1)", "INSERT INTO.`m` VALUES (9, 'x')",
		"INSERT INTO shop.$m VALUES (1)",
		"INSERT INTO t SELECT 9, write_m()",
		"INSERT INTO t SELECT 9, shop.`write_m`()",
		"INSERT INTO t SELECT 9, wríte_m()",
		"INSERT INTO t SELECT 9, call_m()",
		"INSERT INTO ansi VALUES (1)" };
	char before[64];

	(void)state;
	ask.classes = ~0u;
	ask.max_affected = 10;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		write_as(VERB_ALL, cases[i], "STATEMENT_NOT_ALLOWED");
	/* Nobody can see what it does, and it does not say that it reads. */
	write_as(VERB_ALL, "INSERT INTO t SELECT 9, change_m()",
	    "PERMISSION_DENIED");
	ask.dry_run = true;
	run("INSERT INTO t SELECT 9, read_pay()");
	assert_int_equal(out.e, ERR_OK);
	ask.dry_run = false;
	spec.unsafe_engines = true;
	run("INSERT INTO m VALUES (9, 'x')");
	assert_int_equal(out.e, ERR_OK);
	run("DELETE FROM m WHERE a = 9");
	assert_int_equal(out.done.affected, 1);
	/* But a try leaves nothing there either. */
	(void)snprintf(before, sizeof(before), "%s", sum());
	ask.dry_run = true;
	gives("INSERT INTO m VALUES (9, 'x')", "STATEMENT_NOT_ALLOWED");
	assert_string_equal(sum(), before);
	gives("INSERT INTO t SELECT 9, SETVAL(s, 100)",
	    "STATEMENT_NOT_ALLOWED");
	assert_string_equal(sum(), before);
}

static enum err
call_on(const struct driver_work *d, void *conn, const char *procedure,
    struct fault *f)
{
	const struct gate g = { .class = SQL_CALL };
	struct sql q = { .gate = &g,
		.procedure = str_of(procedure),
		.verbs = VERB_ALL,
		.max_rows = 10,
		.max_affected = 10 };

	return d->call(conn, out.a, &q, NULL, &out.done, f);
}

/* Nor do two of them at a time. */
static void
test_Q6_two_procedures(void **state)
{
	const struct deadline none = { 0 };
	struct fault f = { 0 };
	const struct driver_work *d =
	    driver_load(driver_find(STR("mariadb")), &f);
	char before[64];
	void *a, *b;

	(void)state;
	(void)snprintf(before, sizeof(before), "%s", sum());
	assert_int_equal(d->open(&conf, &spec, &none, &a, &f), ERR_OK);
	assert_int_equal(d->open(&conf, &spec, &none, &b, &f), ERR_OK);
	assert_int_equal(call_on(d, a, "nothing", &f), ERR_OK);
	assert_int_equal(call_on(d, b, "commit_t", &f),
	    ERR_STATEMENT_NOT_ALLOWED);
	f = (struct fault){ 0 };
	assert_int_equal(d->finish(b, false, &f), ERR_OK);
	assert_int_equal(d->finish(a, true, &f), ERR_OK);
	d->close(a);
	d->close(b);
	assert_string_equal(sum(), before);
}

/* A procedure cannot leave the transaction it runs in. */
static void
test_Q6_procedures(void **state)
{
	static const char *const names[] = { "commit_t", "ddl_t", "again_t" };
	char before[64];

	(void)state;
	ask.classes = ~0u;
	ask.max_affected = 10;
	(void)snprintf(before, sizeof(before), "%s", sum());
	for (size_t i = 0; i < 3; i++) {
		contract_call(sources, &ask, names[i], true, &out);
		assert_string_equal(arena_z(out.a, out.rows),
		    "STATEMENT_NOT_ALLOWED");
		assert_string_equal(sum(), before);
	}
	ask.dry_run = true;
	contract_call(sources, &ask, "empty_t", true, &out);
	assert_int_equal(out.e, ERR_OK);
	assert_true(out.done.rolled_back);
	assert_string_equal(sum(), before);
}

/* A change of the structure waits until it is to be kept. */
static void
test_Q6_structure_waits(void **state)
{
	char before[64];

	(void)state;
	ask.classes = ~0u;
	ask.max_affected = 10;
	(void)snprintf(before, sizeof(before), "%s", sum());
	contract_ask(sources, &ask, "CREATE TABLE fresh (a integer)", false,
	    &out);
	assert_int_equal(out.e, ERR_OK);
	assert_string_equal(sum(), before);
	ask.dry_run = true;
	gives("CREATE TABLE fresh (a integer)", "STATEMENT_NOT_ALLOWED");
	assert_string_equal(sum(), before);
	ask.dry_run = false;
	run("CREATE TABLE fresh (a integer)");
	assert_int_equal(out.e, ERR_OK);
	run("CREATE TABLE fresh (a integer)");
	assert_int_not_equal(out.e, ERR_OK);
	run("DROP TABLE fresh");
	assert_int_equal(out.e, ERR_OK);
	assert_string_equal(sum(), before);
}

/* Rows of RETURNING, counted though nobody wants them. */
static void
test_Q6_returning(void **state)
{

	(void)state;
	ask.classes = ~0u;
	ask.max_rows = 1;
	ask.max_affected = 10;
	gives("INSERT INTO t VALUES (8, 'x'), (9, 'y') RETURNING a, b",
	    "8|'x'\n");
	assert_int_equal(out.done.affected, 2);
	assert_true(out.done.more);
	ask.max_affected = 1;
	gives("DELETE FROM t WHERE a > 7 RETURNING a", "TOO_LARGE");
	ask.max_affected = 2;
	run("DELETE FROM t WHERE a > 7 RETURNING a");
	assert_int_equal(out.done.affected, 2);
	ask.max_rows = 1000;
	alive();
}
#endif

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

static bool
start(const char *more)
{
	if (!mariadb_server_start(&server, more))
		return false;
	mariadb_server_script(&server, NULL, fixture);
	return true;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_Q6_transactions),
		CASE(test_Q6_session),
		CASE(test_Q6_files),
		CASE(test_Q6_structure),
		CASE(test_Q6_writes_in_a_read),
		CASE(test_Q6_two_statements),
		CASE(test_Q6_others),
		CASE(test_Q6_hidden_tables),
		CASE(test_Q6_hidden_columns),
		CASE(test_Q6_hidden_from_few_rows),
		CASE(test_Q6_session_is_reset),
#ifndef SOURCE_GATE_OFF
		CASE(test_Q6_verbs),
		CASE(test_Q6_engines),
		CASE(test_Q6_procedures),
		CASE(test_Q6_two_procedures),
		CASE(test_Q6_structure_waits),
		CASE(test_Q6_returning),
#endif
	};
	const struct CMUnitTest folded[] = { CASE(test_Q6_folded_names) };
	int failed;

	attacked = (struct attacked){ .cases = "mariadb.txt",
		.folder = server.folder,
		.sum = sum,
		.also = no_file_no_name,
		.after = nothing_left };
	if (!start("--group-concat-max-len=1000000")) {
		fprintf(stderr, "no MariaDB is installed here\n");
		return 77;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	mariadb_server_stop(&server);
	if (!start("--lower-case-table-names=1"))
		return 1;
	failed += cmocka_run_group_tests(folded, NULL, NULL);
	mariadb_server_stop(&server);
	return failed;
}
