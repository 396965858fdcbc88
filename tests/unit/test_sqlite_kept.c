/* SPDX-License-Identifier: ISC */
/*
 * What is kept between requests, and files that change their structure under
 * us.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/sqlite_int.h"
#include "sqlite_file.h"

static void
structure_changes_are_seen(void **state)
{
	(void)state;
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	gives("SELECT * FROM t", "1\n");
	with_file("ALTER TABLE t ADD COLUMN b DEFAULT 7");
	gives("SELECT * FROM t", "1|7\n");
	assert_string_equal(arena_z(out.a, out.columns), "a:8,b:8");
	with_file("CREATE TABLE u (c); INSERT INTO u VALUES (3)");
	gives("SELECT c FROM u", "3\n");
	with_file("CREATE VIRTUAL TABLE d USING fts5(x); INSERT INTO d VALUES "
		  "('word')");
	gives("SELECT x FROM d WHERE d MATCH 'word'", "'word'\n");
	with_file("DROP TABLE t");
	gives("SELECT * FROM t", "TABLE_NOT_FOUND");
}

/* Rules hold for what appears later, without a restart. */
static void
rules_meet_new_names(void **state)
{
	static const char *deny[] = { "secret*", "*.pin" };
	static const char *mask[] = { "t.phone" };

	(void)state;
	spec.deny = (struct conf_names){ deny, 2 };
	spec.mask = (struct conf_names){ mask, 1 };
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	gives("SELECT * FROM t", "1\n");
	with_file("ALTER TABLE t ADD COLUMN pin DEFAULT 4711; "
		  "ALTER TABLE t ADD COLUMN phone DEFAULT 555; "
		  "CREATE TABLE secrets (x); INSERT INTO secrets VALUES (1);"
		  "CREATE TABLE u (pin, b); INSERT INTO u VALUES (4711, 2);"
		  "CREATE VIEW v AS SELECT pin, b FROM u");
	gives("SELECT pin FROM t", "COLUMN_NOT_FOUND");
	gives("SELECT * FROM t", "1|'***'\n");
	gives("SELECT * FROM secrets", "TABLE_NOT_FOUND");
	gives("SELECT 1 FROM t NATURAL JOIN secrets", "TABLE_NOT_FOUND");
	gives("SELECT * FROM u", "2\n");
	gives("SELECT * FROM v", "2\n");
	gives("SELECT 1 FROM u NATURAL JOIN (SELECT 4711 AS pin, 3 AS b)", "");
}

/* A kept connection whose views are older than the file: the join that the
 * authorizer is not asked about must find nothing. */
static void
old_views_do_not_leak(void **state)
{
	static const char *deny[] = { "secret*", "t.pin" };
	static const char *const asked[] = {
		"SELECT 'got' FROM secrets NATURAL JOIN (SELECT 1 AS x)",
		"SELECT 'got' FROM (SELECT 1 AS x) JOIN secrets USING (x)",
		"SELECT 'got' FROM t NATURAL JOIN (SELECT 4711 AS pin, 9 AS q) WHERE "
		"a = 1",
		"SELECT count(*) FROM secrets NATURAL JOIN (SELECT 2 AS x)",
	};

	(void)state;
	spec.deny = (struct conf_names){ deny, 2 };
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		unlink(path);
		with_file("CREATE TABLE t (a); INSERT INTO t VALUES (2)");
		gives("SELECT * FROM t", "2\n");
		with_file(
		    "CREATE TABLE secrets (x); INSERT INTO secrets VALUES (1);"
		    "ALTER TABLE t ADD COLUMN pin DEFAULT 4711");
		contract_ask(sources,
		    &(struct sql_ask){ .classes = ~0u,
			.verbs = VERB_ALL,
			.max_rows = 10 },
		    asked[i], true, &out);
		if (strstr(arena_z(out.a, out.rows), "got") != NULL ||
		    (out.e == ERR_OK && out.nrows != 0))
			fail_msg("%s", asked[i]);
	}
}

static struct sqlite_conn *
connection(const struct driver_work *d)
{
	const struct deadline none = { 0 };
	struct fault f = { 0 };
	void *conn;

	assert_int_equal(d->open(&conf, &spec, &none, &conn, &f), ERR_OK);
	return conn;
}

static bool
take_columns(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static bool
take_row(struct row_sink *to, const struct value *v, size_t n)
{
	(void)to;
	(void)v;
	(void)n;
	return true;
}

/* PERFORMANCE 3: a warm statement is neither opened for nor prepared. */
static void
statements_are_kept(void **state)
{
	const struct driver_work *d = driver_find(STR("sqlite"))->work;
	struct row_sink to = { take_columns, take_row, NULL };
	struct param p = { STR("a"), { VALUE_INT, { .i = 1 } }, 1, DT_UNKNOWN };
	struct gate g = { .class = SQL_SELECT };
	struct sql q = { .gate = &g,
		.text = STR("SELECT * FROM t WHERE a = @a"),
		.params = &p,
		.nparams = 1,
		.verbs = VERB_SELECT,
		.max_rows = 10 };
	struct sqlite_conn *c;
	struct sqlite_kept *k;
	sqlite3 *h;

	(void)state;
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	c = connection(d);
	h = c->rd.h;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(d->run(c, out.a, &q, &to, &out.done, &out.f),
		    ERR_OK);
		assert_true(d->reset(c, ERR_OK));
	}
	k = &c->rd.kept[0];
	assert_ptr_equal(c->rd.h, h);
	assert_null(c->rd.kept[1].st);
	assert_null(c->wr.h);
	assert_int_equal(sqlite3_stmt_status(k->st, SQLITE_STMTSTATUS_RUN, 0),
	    5);
	assert_int_equal(sqlite3_stmt_status(k->st, SQLITE_STMTSTATUS_REPREPARE,
			     0),
	    0);
	assert_false(d->reset(c, ERR_SQL_ERROR));
	d->close(c);
}

/* More statements than are kept: the longest unused goes. */
static void
oldest_statement_goes(void **state)
{
	const struct driver_work *d = driver_find(STR("sqlite"))->work;
	struct row_sink to = { take_columns, take_row, NULL };
	struct gate g = { .class = SQL_SELECT };
	struct sql q = { .gate = &g, .verbs = VERB_SELECT, .max_rows = 10 };
	struct sqlite_conn *c;
	size_t n = 0;

	(void)state;
	with_file("CREATE TABLE t (a)");
	c = connection(d);
	for (int i = 0; i < 3 * SQLITE_KEPT; i++) {
		q.text = arena_fmt(out.a, "SELECT %d", i % 2 == 0 ? 0 : i);
		assert_int_equal(d->run(c, out.a, &q, &to, &out.done, &out.f),
		    ERR_OK);
	}
	for (size_t i = 0; i < SQLITE_KEPT; i++) {
		assert_non_null(c->rd.kept[i].st);
		n += str_eq(c->rd.kept[i].text, STR("SELECT 0"));
	}
	assert_int_equal(n, 1);
	d->close(c);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(structure_changes_are_seen),
		cmocka_unit_test_setup_teardown(structure_changes_are_seen,
		    open_ruled, close_all),
		CASE(rules_meet_new_names),
		CASE(old_views_do_not_leak),
		CASE(statements_are_kept),
		CASE(oldest_statement_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
