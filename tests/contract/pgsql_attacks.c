/* SPDX-License-Identifier: ISC */
/*
 * SECURITY_MODEL Q5 on a real server, as the account of
 * examples/hardening-pgsql.sql that may also write the tables: every attack is
 * refused and leaves no trace.  The program is built twice; the second time the
 * gate lets everything pass as a SELECT, so what refuses is the driver and the
 * server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attack.h"
#include "pgsql_server.h"

static struct pgsql_server server;

static const char fixture[] =
    "CREATE TABLE t (a integer PRIMARY KEY, b text);"
    "INSERT INTO t VALUES (1, 'one'), (2, 'two');"
    "CREATE SEQUENCE s;"
    "CREATE MATERIALIZED VIEW m AS SELECT * FROM t;"
    "CREATE FUNCTION change_t() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; RETURN 1; END $$;"
    "CREATE PROCEDURE empty_t() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; END $$;"
    "SELECT lo_from_bytea(4711, 'large');"
    "CREATE TABLE customers (id integer PRIMARY KEY, name text, email text, phone text);"
    "INSERT INTO customers VALUES (1, 'Ann', 'ann@secret', '555 secret'), (2, 'Bob', 'bob@secret', '666 secret');"
    "CREATE TABLE like_customers (id integer, email text);"
    "INSERT INTO like_customers VALUES (1, 'ann@secret');"
    "CREATE SCHEMA other;"
    "CREATE TABLE other.customers (id integer, email text);"
    "INSERT INTO other.customers VALUES (1, 'other secret');"
    "CREATE TABLE \"Customers\" (id integer, email text);"
    "INSERT INTO \"Customers\" VALUES (1, 'upper secret');"
    "CREATE SCHEMA shop;"
    "CREATE TABLE shop.customers (id integer, email text);"
    "INSERT INTO shop.customers VALUES (1, 'shop secret');"
    "CREATE TABLE notes (author text, body text);"
    "INSERT INTO notes VALUES ('ann secret', 'body secret'), ('bob secret', 'more secret');"
    "CREATE VIEW over_notes AS SELECT * FROM notes;"
    "CREATE TABLE parent_pay (id integer, amount text);"
    "CREATE TABLE hidden_pay (PRIMARY KEY (id)) INHERITS (parent_pay);"
    "INSERT INTO hidden_pay VALUES (1, 'much secret');"
    "CREATE VIEW all_pay AS SELECT * FROM hidden_pay;"
    "CREATE VIEW over_all_pay AS SELECT * FROM all_pay;"
    "CREATE VIEW count_pay AS SELECT count(*) || ' secret' AS n FROM hidden_pay;"
    "CREATE MATERIALIZED VIEW kept_pay AS SELECT * FROM hidden_pay;"
    "CREATE FUNCTION read_pay() RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT amount FROM hidden_pay LIMIT 1); END $$;"
    "CREATE FUNCTION pay_of(x t) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT amount FROM hidden_pay LIMIT 1); END $$;"
    "CREATE FUNCTION add_pay(x text, y integer) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT amount FROM hidden_pay LIMIT 1); END $$;"
    "CREATE AGGREGATE all_of(integer) (SFUNC = add_pay, STYPE = text);"
    "CREATE FUNCTION join_pay(x integer, y integer) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT amount FROM hidden_pay LIMIT 1); END $$;"
    "CREATE OPERATOR ==> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = join_pay);"
    "CREATE FUNCTION tell_pay(x text) RETURNS boolean STABLE LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT amount LIKE x FROM hidden_pay LIMIT 1); END $$;"
    "CREATE DOMAIN told AS text CHECK (tell_pay(VALUE));"
    "CREATE DOMAIN told_too AS told; CREATE TABLE with_told (a integer, b told_too);"
    "CREATE TABLE made (id integer, email text, shout text GENERATED ALWAYS AS (upper(email) || ' secret') STORED, twice integer GENERATED ALWAYS AS (id * 2) STORED);"
    "INSERT INTO made VALUES (1, 'ann');"
    "CREATE TABLE a_name_as_long_as_names_of_tables_may_be_on_this_kind_of_server (id integer, email text);"
    "INSERT INTO a_name_as_long_as_names_of_tables_may_be_on_this_kind_of_server VALUES (1, 'long secret');"
    "CREATE SEQUENCE hidden_numbers; CREATE SEQUENCE other.hidden_numbers; CREATE TABLE numbered (a integer DEFAULT nextval('hidden_numbers'), b integer DEFAULT nextval('other.hidden_numbers'));"
    "CREATE VIEW by_function AS SELECT read_pay() AS x;"
    "CREATE VIEW mails AS SELECT id, email, phone FROM customers;"
    "CREATE VIEW loud AS SELECT id, upper(email) || ' secret' AS e FROM customers;"
    "CREATE VIEW early AS SELECT id || ' secret' AS x FROM customers WHERE email < 'b';"
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO mcp; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO mcp;"
    "GRANT USAGE ON SCHEMA other, shop TO mcp; GRANT ALL ON ALL TABLES IN SCHEMA other, shop TO mcp;"
    "ANALYZE;";

/* The account may write the tables: that it does not is our doing. */
static void
let_write(void)
{
	pgsql_server_script(&server, "shop",
	    "ALTER ROLE mcp RESET default_transaction_read_only");
}

static int
open_all(void **state)
{
	(void)state;
	attack_open(&(struct conf_source){ .driver = "pgsql",
	    .socket = server.socket,
	    .port = server.port,
	    .database = "shop",
	    .user = "mcp",
	    .ddl = true });
	return 0;
}

/* All that an attack could have changed, as one text. */
static const char *
sum(void)
{
	return pgsql_server_value(&server, "shop",
	    "SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (SELECT t::text FROM t UNION ALL SELECT m::text FROM m UNION ALL SELECT c::text FROM customers c UNION ALL SELECT h::text FROM hidden_pay h UNION ALL SELECT last_value || is_called::text FROM s UNION ALL SELECT concat(relname, relkind, relacl, obj_description(oid, 'pg_class')) FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'other'::regnamespace) UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)' UNION ALL SELECT proname FROM pg_proc UNION ALL SELECT concat(rolname, rolsuper, rolpassword) FROM pg_authid UNION ALL SELECT concat(loid, data) FROM pg_largeobject UNION ALL SELECT concat(setdatabase, setconfig) FROM pg_db_role_setting UNION ALL SELECT extname FROM pg_extension UNION ALL SELECT gid FROM pg_prepared_xacts) v (x)");
}

/* Locks and sessions that an attack could have left. */
static void
nothing_left(void)
{
	assert_string_equal(
	    pgsql_server_value(&server, "shop",
		"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
	    "0");
	assert_string_equal(
	    pgsql_server_value(&server, "shop",
		"SELECT count(*) FROM pg_stat_activity WHERE usename = 'mcp' AND state LIKE 'idle in transaction%'"),
	    "0");
}

/* Whatever it answers, no secret is in it. */
static void
tells_nothing(const char *sql)
{
	const char *rows;

	run(sql);
	rows = arena_z(out.a, out.rows);
	if (strstr(rows, "secret") != NULL || strstr(rows, "hidden_") != NULL ||
	    strstr(rows, "\"email\"") != NULL ||
	    strstr(rows, "\"amount\"") != NULL ||
	    strstr(out.f.msg, "ann@") != NULL ||
	    strstr(out.f.hint, "hidden") != NULL ||
	    strstr(out.f.hint, "all_pay") != NULL ||
	    (strstr(out.f.hint, "email") != NULL &&
		strstr(sql, "like_customers") == NULL))
		fail_msg("%s\n%s\n%s / %s", sql, rows, out.f.msg, out.f.hint);
}

ATTACK(test_Q5_transactions)
ATTACK(test_Q5_session)
ATTACK(test_Q5_copy)
ATTACK(test_Q5_structure)
ATTACK(test_Q5_writes_in_a_read)
ATTACK(test_Q5_two_statements)
ATTACK(test_Q5_functions)

static void
hide(void)
{
	static const char *deny[] = { "hidden_*", "customers.email",
		"notes.author", "notes.body", "made.email", "a_name_*.email" };
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
test_Q5_hidden_tables(void **state)
{
	(void)state;
	hide();
	attack_each("pgsql-hidden.txt", __func__, tells_nothing);
	lists_nothing(META_TABLES);
	lists_nothing(META_COLUMNS);
}

static void
test_Q5_hidden_columns(void **state)
{
	(void)state;
	hide();
	attack_each("pgsql-hidden.txt", __func__, tells_nothing);
	gives("SELECT * FROM made", "1|2\n");
	gives("SELECT * FROM public.customers ORDER BY id",
	    "1|'Ann'|'***'\n2|'Bob'|'***'\n");
	gives("SELECT c.name, (SELECT count(*) FROM t) FROM customers c "
	      "ORDER BY c.id DESC",
	    "'Bob'|2\n'Ann'|2\n");
	gives("SELECT count(DISTINCT customers) FROM customers", "2\n");
	gives("SELECT 'm%'::told", "PERMISSION_DENIED");
	gives("SELECT 'x%'::told", "PERMISSION_DENIED");
	gives("SELECT * FROM unnest('{x%}'::told[])", "PERMISSION_DENIED");
	gives("SELECT CAST('x%' AS told_too)", "PERMISSION_DENIED");
	gives("SELECT ('(1,x%)'::with_told).a", "PERMISSION_DENIED");
#ifndef SOURCE_GATE_OFF
	ask.classes = ~0u;
	gives("DELETE FROM t USING hidden_pay h WHERE h.id = t.a",
	    "TABLE_NOT_FOUND");
	gives("INSERT INTO t VALUES (55, 'x%'::told)", "PERMISSION_DENIED");
#endif
	gives("SELECT row_to_json('(1,2)'::t)", "'{\"a\":1,\"b\":\"2\"}'\n");
}

/* A table each of whose columns is hidden has rows, and nothing in them. */
static void
test_Q5_all_columns_hidden(void **state)
{
	(void)state;
	hide();
	attack_each("pgsql-hidden.txt", __func__, tells_nothing);
	gives("SELECT count(*) FROM notes", "2\n");
}

/* A rule about a column of any table is about those that have it. */
static void
test_Q5_any_table(void **state)
{
	static const char *deny[] = { "*.email" };
	static const char *mask[] = { "*.relname" };

	(void)state;
	spec.deny = (struct conf_names){ deny, 1 };
	spec.mask = (struct conf_names){ mask, 1 };
	attack_each("pgsql-hidden.txt", __func__, tells_nothing);
	gives("SELECT 1", "1\n");
	gives("SELECT * FROM loud", "TABLE_NOT_FOUND");
	gives("SELECT count(*) FROM t, parent_pay", "2\n");
	gives("SELECT * FROM all_pay", "1|'much secret'\n");
	gives("SELECT id, name FROM customers WHERE id = 1", "1|'Ann'\n");
}

/* A server of single bytes folds more letters than we do. */
static void
test_Q5_other_letters(void **state)
{
	(void)state;
	hide();
	gives("SELECT 1 AS gr\303\266\303\237e", "1\n");
	spec.database = "latin";
	sources_close(sources);
	gives("SELECT 1 AS gr\303\266\303\237e", "PERMISSION_DENIED");
	gives("SELECT '\303\266' AS \"gr\303\266\303\237e\"", "'\303\266'\n");
}

/* What is allowed and changes the session stays in its transaction. */
static void
test_Q5_settings_stay(void **state)
{
	(void)state;
	run("SELECT set_config('default_transaction_read_only', 'off', false), set_config('search_path', 'other', false)");
	gives(
	    "SELECT current_setting('default_transaction_read_only'), count(*) FROM customers",
	    "'on'|2\n");
}

#ifndef SOURCE_GATE_OFF
/* The verbs as the server's plan has them, with a gate that would let it
 * pass. */
static void
test_Q5_verbs_by_the_plan(void **state)
{
	static const struct {
		unsigned verbs;
		const char *sql;
	} cases[] = {
		{ VERB_INSERT, "UPDATE t SET b = 'x'" },
		{ VERB_INSERT, "DELETE FROM t" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (1, 'x') ON CONFLICT (a) DO UPDATE SET b = 'y'" },
		{ VERB_INSERT,
		    "WITH d AS (DELETE FROM t RETURNING a) INSERT INTO t SELECT a, 'x' FROM d" },
		{ VERB_INSERT,
		    "WITH u AS (UPDATE t SET b = 'x' RETURNING a) SELECT * FROM u" },
		{ VERB_INSERT,
		    "MERGE INTO t USING (SELECT 1 AS a) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 'x'" },
		{ VERB_UPDATE, "INSERT INTO t VALUES (9, 'x')" },
		{ VERB_UPDATE, "DELETE FROM t" },
		{ VERB_DELETE, "UPDATE t SET b = 'x'" },
		{ VERB_ALL, "TRUNCATE t" },
		{ VERB_ALL, "CREATE TABLE x AS SELECT * FROM t" },
		{ VERB_ALL, "COPY t TO PROGRAM 'true'" },
		{ VERB_ALL, "COMMIT" },
		{ VERB_ALL, "DO $$ BEGIN DELETE FROM t; END $$" },
		{ VERB_ALL, "CALL empty_t()" },
		{ VERB_ALL, "SELECT change_t()" },
		{ VERB_ALL, "DELETE FROM t; DELETE FROM t" },
		{ VERB_ALL, "EXPLAIN ANALYZE DELETE FROM t" },
	};
	const struct gate g = { .class = SQL_INSERT };
	const struct deadline none = { 0 };
	const struct driver_work *d;
	char before[64];
	void *conn;

	(void)state;
	d = driver_load(driver_find(STR("pgsql")), &out.f);
	assert_non_null(d);
	assert_int_equal(d->open(&conf, &spec, &none, &conn, &out.f), ERR_OK);
	(void)snprintf(before, sizeof(before), "%s", sum());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sql q = { .gate = &g,
			.text = str_of(cases[i].sql),
			.verbs = cases[i].verbs,
			.max_rows = 10,
			.max_affected = 10 };
		struct fault f = { 0 };

		if (d->run(conn, out.a, &q, NULL, &out.done, &f) == ERR_OK)
			fail_msg("ran: %s", cases[i].sql);
		assert_int_equal(d->finish(conn, true, &f), ERR_OK);
		assert_string_equal(sum(), before);
	}
	d->close(conn);
}

/* A session's settings and locks go with the request, also of a write. */
static void
test_Q5_session_is_reset(void **state)
{
	(void)state;
	ask.classes = ~0u;
	ask.max_affected = 10;
	run("INSERT INTO t SELECT 9, set_config('application_name', 'evil', false) || set_config('search_path', 'other', false)");
	assert_int_equal(out.e, ERR_OK);
	gives(
	    "SELECT current_setting('application_name'), count(*) FROM customers",
	    "'mcp-fcgi'|2\n");
	run("DELETE FROM t WHERE a = 9");
	assert_int_equal(out.done.affected, 1);
}

/* What a write inside of WITH changes is counted too. */
static void
test_Q5_hidden_counts(void **state)
{
	static const char *deny[] = { "*.email" };

	(void)state;
	ask.classes = ~0u;
	ask.max_affected = 1;
	run("WITH d AS (DELETE FROM t RETURNING a) SELECT 1 LIMIT 0");
	assert_string_equal(arena_z(out.a, out.rows), "TOO_LARGE");
	ask.dry_run = true;
	run("INSERT INTO t SELECT setval('s', 99)");
	assert_string_equal(arena_z(out.a, out.rows), "STATEMENT_NOT_ALLOWED");
	/* What was taken back just now is not counted with it. */
	ask.dry_run = false;
	for (int i = 0; i < 3; i++) {
		run("WITH u AS (UPDATE t SET b = b WHERE a = 1 RETURNING a) SELECT * FROM u");
		assert_int_equal(out.e, ERR_OK);
		assert_int_equal(out.done.affected, 1);
	}
	ask.dry_run = true;
	spec.deny = (struct conf_names){ deny, 1 };
	run("INSERT INTO t VALUES (9)");
	assert_int_equal(out.e, ERR_OK);
	assert_int_equal(out.done.affected, 1);
	alive();
}
#endif

/* Two million rows asked for ten: none of the rest is read. */
static void
test_Q5_rows_are_not_read(void **state)
{
	int64_t began = clock_mono_ms();

	(void)state;
	ask.max_rows = 10;
	contract_ask(sources, &ask,
	    "SELECT g, repeat('x', 1000) FROM generate_series(1, 2000000) g",
	    false, &out);
	assert_int_equal(out.e, ERR_OK);
	assert_int_equal(out.nrows, 10);
	assert_true(out.done.more);
	assert_true(clock_mono_ms() - began < 5000);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_Q5_transactions),
		CASE(test_Q5_session),
		CASE(test_Q5_copy),
		CASE(test_Q5_structure),
		CASE(test_Q5_writes_in_a_read),
		CASE(test_Q5_two_statements),
		CASE(test_Q5_functions),
		CASE(test_Q5_hidden_tables),
		CASE(test_Q5_hidden_columns),
		CASE(test_Q5_all_columns_hidden),
		CASE(test_Q5_any_table),
		CASE(test_Q5_other_letters),
		CASE(test_Q5_settings_stay),
#ifndef SOURCE_GATE_OFF
		CASE(test_Q5_verbs_by_the_plan),
		CASE(test_Q5_session_is_reset),
		CASE(test_Q5_hidden_counts),
#endif
		CASE(test_Q5_rows_are_not_read),
	};
	int failed;

	attacked = (struct attacked){ .cases = "pgsql.txt",
		.folder = server.folder,
		.sum = sum,
		.after = nothing_left };
	if (!pgsql_server_start(&server, NULL)) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	pgsql_server_script(&server, "postgres", "CREATE ROLE mcp LOGIN");
	pgsql_server_script(&server, "postgres", "CREATE DATABASE shop");
	pgsql_server_script(&server, "postgres",
	    "CREATE DATABASE latin ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
	pgsql_server_script(&server, "shop", fixture);
	pgsql_server_harden(&server, "shop", "mcp");
	let_write();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pgsql_server_stop(&server);
	return failed;
}
