/* SPDX-License-Identifier: ISC */
/*
 * SECURITY_MODEL Q4: every measured attack on a SQLite source, and that it
 * leaves no trace in the file.  The program is built twice; the second time
 * the gate lets everything pass as a SELECT, so the engine alone refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sqlite_attack.h"

#define ATTACKS "sqlite.txt"

static void
test_Q4_vacuum_into(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_temp_objects(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_printf(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_path_leak(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_functions(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_writes_in_a_read(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_attach(void **state)
{
	(void)state;
	sqlite3_close(
	    other_program(in_folder("made.db"), "CREATE TABLE x (y)"));
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_fts3_tokenizer(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	run("SELECT body FROM old_docs WHERE old_docs MATCH 'text'");
	assert_string_equal(arena_z(out.a, out.rows), "'old text'\n");
}

/* A limit that a statement set would outlive its connection. */
static void
test_Q4_pragma(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	sources_free(sources);
	sources = sources_new(&conf);
	alive();
}

static void
test_Q4_endless(void **state)
{
	(void)state;
	spec.timeout = 1;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_big_values(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	alive();
}

static void
test_Q4_two_statements(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	run("SELECT 1; -- note\n /* and */ ");
	assert_string_equal(arena_z(out.a, out.rows), "1\n");
	alive();
}

static void
test_Q4_sort_to_disk(void **state)
{
	(void)state;
	stopped_with("TOO_LARGE",
	    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i "
	    "< 3000000) SELECT i, printf('%200d', i) AS p FROM c ORDER BY p DESC");
	alive();
}

static void
test_Q4_heavy_prepare(void **state)
{
	char sql[4096];
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(sql, sizeof(sql), "WITH c0 AS (SELECT 1 AS x)");
	for (int i = 1; i <= 30; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n,
		    ", c%d AS (SELECT a.x FROM c%d a, c%d b)", i, i - 1, i - 1);
	snprintf(sql + n, sizeof(sql) - n, " SELECT count(*) FROM c30");
	stopped_with("TOO_LARGE SQL_ERROR", sql);
	alive();
}

static void
test_Q4_nul(void **state)
{
	struct sql_ask ask = { .text = { "SELECT 1\0; DELETE FROM t", 24 },
		.classes = ~0u,
		.verbs = VERB_ALL,
		.max_rows = 10 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(source_run(sources, 0, out.a, &ask, &out.g, NULL,
			     &out.done, &f),
	    ERR_INVALID_ARGUMENT);
	sources_reset(sources);
	alive();
}

static void
test_Q4_limits_met(void **state)
{
	static char sql[70000];
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(sql, sizeof(sql), "SELECT 1");
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n,
		    " UNION SELECT %d", i);
	stopped_with("SQL_SYNTAX", sql);
	memset(sql, '(', 300);
	memset(sql, ' ', 7);
	memcpy(sql, "SELECT", 6);
	memset(sql + 300, ')', 1);
	snprintf(sql + 300, 400, "1");
	for (int i = 0; i < 293; i++)
		memcpy(sql + 301 + i, ")", 2);
	stopped_with("SQL_SYNTAX", sql);
	n = (size_t)snprintf(sql, sizeof(sql), "SELECT 0");
	for (int i = 0; i < 600; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, ",%d", i);
	stopped_with("SQL_SYNTAX", sql);
	n = (size_t)snprintf(sql, sizeof(sql), "SELECT 1 WHERE 'a' LIKE '");
	memset(sql + n, 'a', 300);
	snprintf(sql + n + 300, sizeof(sql) - n - 300, "'");
	stopped(sql);
	memset(sql, ' ', 66000);
	memcpy(sql, "SELECT 1", 8);
	sql[66000] = '\0';
	stopped_with("INVALID_ARGUMENT", sql);
	alive();
}

/* Full-text tables: their inner tables are not the caller's. */
static void
test_Q4_inner_tables(void **state)
{
	(void)state;
	each_case(ATTACKS, __func__, stopped_with);
	run("SELECT title FROM docs WHERE docs MATCH 'public'");
	assert_string_equal(arena_z(out.a, out.rows), "'one'\n");
	run("SELECT key, value FROM json_each('[7]')");
	assert_string_equal(arena_z(out.a, out.rows), "0|7\n");
	alive();
}

#ifndef SOURCE_GATE_OFF
/* The verbs of the engine's own check, with a gate that would let it pass. */
static void
test_Q4_verbs_by_the_engine(void **state)
{
	static const struct {
		unsigned verbs;
		const char *sql;
	} cases[] = {
		{ VERB_INSERT, "UPDATE t SET b = 'x'" },
		{ VERB_INSERT, "DELETE FROM t" },
		{ VERB_INSERT, "REPLACE INTO t VALUES (1, 'x')" },
		{ VERB_INSERT, "INSERT OR REPLACE INTO t VALUES (1, 'x')" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (1, 'x') ON CONFLICT (a) DO UPDATE "
		    "SET b = 'y'" },
		{ VERB_UPDATE, "INSERT INTO t VALUES (9, 'x')" },
		{ VERB_UPDATE, "UPDATE OR REPLACE t SET a = 2 WHERE a = 1" },
		{ VERB_UPDATE, "DELETE FROM t" },
		{ VERB_DELETE, "UPDATE t SET b = 'x'" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE, "DROP TABLE t" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE,
		    "CREATE TABLE x (y)" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE, "VACUUM" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE, "REINDEX" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE, "COMMIT" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE,
		    "PRAGMA user_version=3" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE,
		    "UPDATE sqlite_master SET sql = ''" },
	};
	const struct driver_work *d = driver_find(STR("sqlite"))->work;
	const struct gate g = { .class = SQL_INSERT };
	const struct deadline none = { 0 };
	uint64_t before = file_sum();
	void *conn;

	(void)state;
	spec.readonly = false;
	assert_int_equal(d->open(&conf, &spec, &none, &conn, &out.f), ERR_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sql q = { .gate = &g,
			.text = str_of(cases[i].sql),
			.verbs = cases[i].verbs,
			.max_affected = 1000 };
		enum err e = d->run(conn, out.a, &q, NULL, &out.done, &out.f);

		if (e == ERR_OK)
			fail_msg("allowed: %s", cases[i].sql);
		assert_int_equal(d->finish(conn, true, &out.f), ERR_OK);
	}
	d->close(conn);
	assert_true(file_sum() == before);
}
#endif

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_attacked, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_Q4_vacuum_into),
		CASE(test_Q4_attach),
		CASE(test_Q4_fts3_tokenizer),
		CASE(test_Q4_temp_objects),
		CASE(test_Q4_pragma),
		CASE(test_Q4_path_leak),
		CASE(test_Q4_endless),
		CASE(test_Q4_big_values),
		CASE(test_Q4_sort_to_disk),
		CASE(test_Q4_heavy_prepare),
		CASE(test_Q4_printf),
		CASE(test_Q4_functions),
		CASE(test_Q4_writes_in_a_read),
		CASE(test_Q4_two_statements),
		CASE(test_Q4_nul),
		CASE(test_Q4_limits_met),
		CASE(test_Q4_inner_tables),
#ifndef SOURCE_GATE_OFF
		CASE(test_Q4_verbs_by_the_engine),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
