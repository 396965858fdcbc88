/* SPDX-License-Identifier: ISC */
/*
 * SECURITY_MODEL Q7 on a real server, as an account that may do everything:
 * every attack is refused and leaves no trace.  The program is built twice; the
 * second time the gate lets everything pass as a SELECT, so what refuses is the
 * driver and the server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "clickhouse_server.h"

static struct clickhouse_server server;

static const char fixture[] =
    "CREATE TABLE t (a Int32, b String) ENGINE = MergeTree ORDER BY a;\n"
    "INSERT INTO t VALUES (1, 'one'), (2, 'two');\n"
    "CREATE TABLE customers (id Int32, name String, email String, phone String) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO customers VALUES (1, 'Ann', 'ann@secret', '555 secret'), (2, 'Bob', 'bob@secret', '666 secret');\n"
    "CREATE TABLE other.customers (id Int32, email String) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO other.customers VALUES (1, 'other secret');\n"
    "CREATE TABLE notes (author String, body String) ENGINE = MergeTree ORDER BY author;\n"
    "INSERT INTO notes VALUES ('ann secret', 'body secret'), ('bob secret', 'more secret');\n"
    "CREATE TABLE hidden_pay (id Int32, amount String) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO hidden_pay VALUES (1, 'much secret');\n"
    "CREATE VIEW all_pay AS SELECT * FROM shop.hidden_pay;\n"
    "CREATE VIEW over_all_pay AS SELECT * FROM shop.all_pay;\n"
    "CREATE VIEW count_pay AS SELECT concat(toString(count()), ' secret') AS n FROM shop.hidden_pay;\n"
    "CREATE MATERIALIZED VIEW kept_pay ENGINE = Memory POPULATE AS SELECT * FROM shop.hidden_pay;\n"
    "CREATE TABLE merged (id Int32, amount String) ENGINE = Merge(shop, '^hid');\n"
    "CREATE TABLE buffered AS hidden_pay ENGINE = Buffer(shop, hidden_pay, 1, 10, 100, 10, 100, 10, 100);\n"
    "CREATE TABLE sums (id UInt64, amount String) ENGINE = Dictionary(paid);\n"
    "CREATE VIEW over_sums AS SELECT * FROM shop.sums;\n"
    "CREATE TABLE joined (id Int32, amount String) ENGINE = Join(ANY, LEFT, id);\n"
    "CREATE TABLE made (id Int32, email String, shout String ALIAS concat(upper(email), ' secret'), louder String ALIAS concat(shout, '!'), kept String MATERIALIZED concat(email, ' secret'), twice Int32 ALIAS id * 2, first String DEFAULT concat(email, ' secret')) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO made (id, email) VALUES (1, 'ann');\n"
    "CREATE TABLE nested (id Int32, people Nested(mail String, phone String), pair Tuple(String, String)) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO nested VALUES (1, ['a secret'], ['b secret'], ('c secret', 'd secret'));\n"
    "CREATE TABLE away (x String) ENGINE = MySQL('127.0.0.1:1', 'shop', 'hidden_pay', 'secret', 'secret');\n"
    "CREATE VIEW plain AS SELECT a, b FROM shop.t;\n"
    "CREATE VIEW mails AS SELECT id, email, phone FROM shop.customers;\n"
    "CREATE VIEW loud AS SELECT id, concat(upper(email), ' secret') AS e FROM shop.customers;\n"
    "CREATE VIEW early AS SELECT concat(toString(id), ' secret') AS x FROM shop.customers WHERE email < 'b'";

static int
open_all(void **state)
{
	(void)state;
	attack_open(&(struct conf_source){ .driver = "clickhouse",
	    .url = server.url,
	    .database = "shop",
	    .user = "default",
	    .ddl = true });
	return 0;
}

/* All that an attack could have changed, as one text. */
static const char *
sum(void)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/out", server.folder);
	if (access(path, F_OK) == 0)
		return "a file";
	return clickhouse_server_value(&server,
	    "SELECT concat(toString((SELECT sum(cityHash64(a, b)) FROM shop.t)), '|', toString((SELECT sum(cityHash64(id, name, email, phone)) FROM shop.customers)), '|', toString((SELECT sum(cityHash64(id, amount)) FROM shop.hidden_pay)), '|', toString((SELECT sum(cityHash64(database, name, engine, create_table_query)) FROM system.tables WHERE database != 'system')), '|', toString((SELECT sum(cityHash64(name)) FROM system.databases)))");
}

/* Whatever it answers, no secret is in it. */
static void
tells_nothing(const char *sql)
{
	const char *rows;

	run(sql);
	rows = arena_z(out.a, out.rows);
	if (strstr(rows, "secret") != NULL || strstr(rows, "hidden_") != NULL ||
	    strstr(rows, "email") != NULL ||
	    strstr(out.f.msg, "ann@") != NULL ||
	    strstr(out.f.hint, "hidden") != NULL ||
	    strstr(out.f.hint, "pay") != NULL ||
	    strstr(out.f.hint, "email") != NULL)
		fail_msg("%s\n%s\n%s / %s", sql, rows, out.f.msg, out.f.hint);
}

ATTACK(test_Q7_writes)
ATTACK(test_Q7_server)
ATTACK(test_Q7_settings)
ATTACK(test_Q7_functions_for_tables)
ATTACK(test_Q7_files)
ATTACK(test_Q7_formats)
ATTACK(test_Q7_two_statements)
ATTACK(test_Q7_parentheses)
ATTACK(test_Q7_other_dialects)

static void
hide(void)
{
	static const char *deny[] = { "hidden_*", "customers.email",
		"notes.author", "notes.body", "made.email", "nested.people",
		"nested.pair" };
	static const char *mask[] = { "customers.phone" };

	spec.deny = (struct conf_names){ deny, 7 };
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
test_Q7_hidden_tables(void **state)
{
	(void)state;
	hide();
	attack_each("clickhouse-hidden.txt", __func__, tells_nothing);
	lists_nothing(META_TABLES);
	lists_nothing(META_COLUMNS);
	run("SELECT * FROM away");
	assert_int_equal(out.e, ERR_TABLE_NOT_FOUND);
}

static void
test_Q7_hidden_columns(void **state)
{
	(void)state;
	hide();
	attack_each("clickhouse-hidden.txt", __func__, tells_nothing);
	gives("SELECT * FROM made", "1|2\n");
	gives("SELECT * FROM shop.customers ORDER BY id",
	    "1|'Ann'|'***'\n2|'Bob'|'***'\n");
	gives(
	    "SELECT c.name, (SELECT count(*) FROM t) FROM customers c ORDER BY c.id DESC",
	    "'Bob'|2\n'Ann'|2\n");
	gives(
	    "SELECT a, name FROM t ANY LEFT JOIN customers ON t.a = customers.id ORDER BY a",
	    "1|'Ann'\n2|'Bob'\n");
}

/* A table each of whose columns is hidden has rows, and nothing in them. */
static void
test_Q7_all_columns_hidden(void **state)
{
	(void)state;
	hide();
	attack_each("clickhouse-hidden.txt", __func__, tells_nothing);
	gives("SELECT count(*) FROM notes", "2\n");
	gives("SELECT * FROM notes", "null\nnull\n");
}

#ifndef SOURCE_GATE_OFF
static void
is_no_insert(const char *sql)
{
	ask.any_class = ask.describe = true;
	tells_nothing(sql);
	if (out.e != ERR_STATEMENT_NOT_ALLOWED)
		fail_msg("%s: %s", sql, out.f.msg);
	ask.any_class = ask.describe = false;
}

/* The server is asked about the names of a write that is only looked at: a
 * query among them would run there. */
static void
test_Q7_hidden_inserts(void **state)
{
	(void)state;
	hide();
	ask.classes = ~0u;
	attack_each("clickhouse-hidden.txt", __func__, is_no_insert);
	ask.any_class = ask.describe = true;
	run("INSERT INTO shop.t (a, b) VALUES (1, 'x')");
	assert_int_equal(out.e, ERR_OK);
	run("INSERT INTO nested (id, people.mail) VALUES (1, ['x'])");
	assert_int_equal(out.e, ERR_COLUMN_NOT_FOUND);
	run("INSERT INTO t (a, nosuch) VALUES (1, 'x')");
	assert_int_equal(out.e, ERR_COLUMN_NOT_FOUND);
}
#endif

/* Where we find no such table nothing is sent: the database of bare names may
 * be one that the account has at the server. */
static void
test_Q7_table_elsewhere(void **state)
{
	(void)state;
	hide();
	run("SELECT id FROM nosuch.customers");
	assert_int_equal(out.e, ERR_TABLE_NOT_FOUND);
	spec.database = NULL;
	sources_close(sources);
	run("SELECT id FROM customers");
	assert_int_equal(out.e, ERR_TABLE_NOT_FOUND);
}

/* Names and quotes that servers read in different ways are not read at all. */
static void
test_Q7_unclear(void **state)
{
	static const char *const cases[] = {
		"SELECT $$'$$, amount FROM hidden_pay WHERE $$'$$ != ''",
		"SELECT $a$ ' $a$, amount FROM hidden_pay -- '",
		"SELECT \342\200\230 ' \342\200\231, amount FROM hidden_pay -- '",
		"SELECT 1 AS \342\200\234 ' \342\200\235 FROM hidden_pay -- '",
		"SELECT * FROM 1x.hidden_pay",
		"SELECT * FROM 1x._pay",
		"SELECT * FROM a$b",
		"SELECT 1 AS \303\274",
		"SELECT `a\\b` FROM t",
		"SELECT \"a\\x62\" FROM t",
	};

	(void)state;
	hide();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(cases[i]);
		if (out.e != ERR_PERMISSION_DENIED)
			fail_msg("%s: %s", cases[i], out.f.msg);
	}
	run("SELECT 'x\\'y', '\303\274', '$$', '1x.a', 1.5e3, a FROM t LIMIT 1");
	assert_int_equal(out.e, ERR_OK);
}

/* A rule about a column of a view hides that, and the view is left. */
static void
test_Q7_columns_of_views(void **state)
{
	static const char *deny[] = { "plain.b" };

	(void)state;
	spec.deny = (struct conf_names){ deny, 1 };
	gives("SELECT * FROM plain ORDER BY a", "1\n2\n");
	gives("SELECT b FROM plain", "COLUMN_NOT_FOUND");
}

/* The catalogue is not there, by whichever way a database is named. */
static void
test_Q7_hidden_catalogue(void **state)
{
	static const char *const names[] = { "system", "System", "SYSTEM" };
	struct meta_ask m = { .what = META_TABLES, .schema = STR("system") };

	(void)state;
	ask.classes = ~0u;
	hide();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ask.schema = str_of(names[i]);
		contract_ask(sources, &ask, "SELECT name FROM tables", false,
		    &out);
		assert_int_equal(out.e, ERR_SCHEMA_NOT_FOUND);
	}
	contract_meta(sources, &m, &out);
	assert_int_equal(out.nrows, 0);
	ask.schema = (struct str){ 0 };
	spec.database = "system";
	sources_close(sources);
	contract_ask(sources, &ask, "SELECT name FROM tables", false, &out);
	assert_int_equal(out.e, ERR_SCHEMA_NOT_FOUND);
	ask.data = STR("tables");
	contract_ask(sources, &ask, "SELECT name FROM data", false, &out);
	assert_int_not_equal(out.e, ERR_OK);
}

/* A database's name is a value of the URL and nothing more. */
static void
test_Q7_schema_is_a_value(void **state)
{
	static const char *const names[] = { "shop&readonly=0", "shop#",
		"shop?x", "shop%26readonly=0", "shop readonly", "shop' OR '1",
		"../shop", "" };

	(void)state;
	ask.classes = ~0u;
	for (size_t i = 0; names[i][0] != '\0'; i++) {
		ask.schema = str_of(names[i]);
		contract_ask(sources, &ask, "SELECT 1", false, &out);
		assert_int_equal(out.e, ERR_SCHEMA_NOT_FOUND);
		spec.database = names[i];
		sources_close(sources);
		ask.schema = (struct str){ 0 };
		contract_ask(sources, &ask, "SELECT 1", false, &out);
		assert_int_equal(out.e, ERR_SOURCE_UNREACHABLE);
		spec.database = "shop";
		sources_close(sources);
	}
	ask.schema = STR("OTHER");
	contract_ask(sources, &ask, "SELECT count() FROM customers", false,
	    &out);
	assert_string_equal(arena_z(out.a, out.rows), "1\n");
}

#ifndef SOURCE_GATE_OFF
/* None of these writes runs, and nothing is changed by them. */
static void
none_run(const char *const *cases, size_t n)
{
	static char before[512];

	ask.classes = ~0u;
	ask.max_affected = 10;
	(void)snprintf(before, sizeof(before), "%s", sum());
	for (size_t i = 0; i < n; i++) {
		run(cases[i]);
		if (out.e == ERR_OK)
			fail_msg("ran: %s", cases[i]);
		assert_string_equal(sum(), before);
	}
}

/* What an INSERT reads is read like any other query. */
static void
test_Q7_inserts(void **state)
{
	static const char *const cases[] = {
		"INSERT INTO t SELECT number, 'x' FROM numbers(3)",
		"INSERT INTO t SELECT 1, a FROM url('http://127.0.0.1:1/', CSV, 'a String')",
		"INSERT INTO t SELECT 1, a FROM file('x', CSV, 'a String')",
		"INSERT INTO t (a, b) SELECT * FROM remote('127.0.0.1', shop.t)",
		"INSERT INTO FUNCTION remote('127.0.0.1', shop.t) VALUES (1, 'x')",
		"INSERT INTO TABLE FUNCTION file('x', CSV, 'a Int8') VALUES (1)",
		"INSERT INTO t VALUES (1, (SELECT max(b) FROM t))",
		"INSERT INTO t VALUES",
		"INSERT INTO t VALUES 1",
		"INSERT INTO t FORMAT TabSeparated 1\tx",
		"INSERT INTO t SELECT 1, 'x' FORMAT Null",
		"INSERT INTO t SELECT 1, 'x' SETTINGS readonly = 0",
		"INSERT INTO t SELECT 1, 'x' INTO OUTFILE 'out'",
		"INSERT INTO nosuch SELECT nosuch FROM t",
		"DELETE FROM t WHERE a = 1",
		"ALTER TABLE t DELETE WHERE 1",
		"DROP TABLE t",
		"TRUNCATE TABLE t",
	};

	(void)state;
	none_run(cases, sizeof(cases) / sizeof(cases[0]));
}

/* A write names no column that rules hide, and reads none. */
static void
test_Q7_hidden_writes(void **state)
{
	static const char *const cases[] = {
		"INSERT INTO hidden_pay VALUES (2, 'x')",
		"INSERT INTO customers VALUES (3, 'x', 'y', 'z')",
		"INSERT INTO customers (id, email) VALUES (3, 'x')",
		"INSERT INTO customers (id, phone) VALUES (3, 'x')",
		"INSERT INTO t SELECT id, amount FROM hidden_pay",
		"INSERT INTO t SELECT id, email FROM customers",
	};

	(void)state;
	hide();
	none_run(cases, sizeof(cases) / sizeof(cases[0]));
}
#endif

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_Q7_writes),
		CASE(test_Q7_server),
		CASE(test_Q7_settings),
		CASE(test_Q7_functions_for_tables),
		CASE(test_Q7_files),
		CASE(test_Q7_formats),
		CASE(test_Q7_two_statements),
		CASE(test_Q7_parentheses),
		CASE(test_Q7_other_dialects),
		CASE(test_Q7_hidden_tables),
		CASE(test_Q7_hidden_columns),
		CASE(test_Q7_all_columns_hidden),
		CASE(test_Q7_table_elsewhere),
		CASE(test_Q7_unclear),
		CASE(test_Q7_columns_of_views),
		CASE(test_Q7_hidden_catalogue),
		CASE(test_Q7_schema_is_a_value),
#ifndef SOURCE_GATE_OFF
		CASE(test_Q7_inserts),
		CASE(test_Q7_hidden_inserts),
		CASE(test_Q7_hidden_writes),
#endif
	};
	int failed;

	attacked = (struct attacked){ .cases = "clickhouse.txt",
		.folder = server.folder,
		.sum = sum };
	if (!clickhouse_server_start(&server, false)) {
		fprintf(stderr,
		    "no ClickHouse is installed here (Debian: clickhouse-server)\n");
		return 77;
	}
	clickhouse_server_script(&server, "default",
	    "CREATE DATABASE shop;\nCREATE DATABASE other;");
	clickhouse_server_script(&server, "shop", fixture);
	clickhouse_server_script(&server, "default",
	    "CREATE DATABASE books ENGINE = Dictionary");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	clickhouse_server_stop(&server);
	return failed;
}
