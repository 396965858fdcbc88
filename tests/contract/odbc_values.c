/* SPDX-License-Identifier: ISC */
/*
 * Values and parameters through ODBC: what its drivers give exactly, and what
 * they are known not to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "odbc_site.h"
#include "rig.h"
#include "values.h"

static struct pgsql_server server;
static struct odbc_site site;

static void
open_source(const char *dsn, const char *user)
{
	rig_open(&(struct conf_source){ .driver = "odbc",
	    .dsn = dsn,
	    .user = user,
	    .trusted_role = true });
}

static int
open_server(void **state)
{
	(void)state;
	open_source("shop", "mcp");
	return 0;
}

static int
open_file(void **state)
{
	(void)state;
	open_source("file", NULL);
	return 0;
}

static void
values_of_postgresql(void **state)
{
	size_t cases;

	(void)state;
	assert_int_equal(values_run(sources, "odbc-pgsql", &cases), 0);
	assert_true(cases > 60);
}

static void
values_of_sqlite(void **state)
{
	size_t cases;

	(void)state;
	assert_int_equal(values_run(sources, "odbc-sqlite", &cases), 0);
	assert_true(cases > 15);
}

#define SMILE "h\303\251\342\202\254\360\237\230\200"

#define ASK(tail) "SELECT count(*) FROM p WHERE " tail

/* A filter that is left out when there is no value for it. */
static const struct value_case filters[] = {
	{ NIL, ASK("@v IS NULL OR name = @v"), "1" },
	{ NIL, ASK("@v IS NULL OR id = @v"), "1" },
	{ NIL, ASK("(@v) IS NULL OR day > @v"), "1" },
	{ NIL, ASK("(@v IS NULL OR x = @v) AND (@v IS NULL OR id = @v)"), "1" },
	{ NIL, ASK("@v IS NOT NULL AND id = @v"), "0" },
	{ NIL, "SELECT @v IS NULL", "true" },
	{ NIL, "SELECT coalesce(@v, 'x')", "\"x\"" },
	{ T("Ann"), ASK("(@v IS NULL OR name = @v)"), "1" },
	{ T("Ann"), ASK("(@v /* or none */ IS NULL OR @v = name)"), "1" },
	{ T("x' OR '1'='1"), ASK("@v IS NULL OR name = @v"), "0" },
	{ I(2), ASK("@v IS NULL OR id = @v"), "0" },
	{ I(2), ASK("id < @v IS NOT NULL"), "1" },
	{ I(9007199254740993), ASK("@v IS NULL OR total < @v"), "1" },
	{ D(0.1), ASK("@v IS NULL OR id = @v"), "0" },
	{ BOOLEAN(1), ASK("@v IS NULL OR active = @v"), "1" },
	{ E("12345678901234567890.5"), ASK("@v IS NULL OR total < @v"), "1" },
	{ T("2026-01-01"), ASK("@v IS NULL OR day = @v"), "1" },
	/* Which operator it is says the type of the number. */
	{ I(3), "SELECT date '2026-01-01' + @v", "\"2026-01-04\"" },
	{ I(3), "SELECT current_date = current_date - @v", "false" },
	{ I(3), "SELECT date '2026-01-01' + @v * interval '1 day' > now()",
	    "false" },
	{ I(3), "SELECT nosuch(@v)",
	    "SQL_ERROR: function nosuch(unknown) does not exist" },
	{ T("Ann"), "SELECT pg_typeof(@v)::text", "\"text\"" },
	{ I(2), "SELECT pg_typeof(@v)::text", "\"integer\"" },
	{ T("Ann"),
	    "UPDATE p SET total = 2 WHERE @v IS NULL OR name = @v RETURNING id",
	    "1" },
	{ I(2), "DELETE FROM p WHERE id = @v RETURNING id", "" },
	{ I(2), "UPDATE p SET id = 3 WHERE id = @v RETURNING id", "" },
	{ I(1),
	    "SELECT name FROM      [public].[p] WHERE @v IS NULL OR [public].[p].[id] = @v",
	    "\"Ann\"" },
	{ T("Ann"), ASK("@v IS NULL OR nosuch = @v"),
	    "COLUMN_NOT_FOUND: no such column: nosuch" },
};

static void
parameters_of_postgresql(void **state)
{
	static const struct value_case cases[] = {
		{ I(2), "SELECT @v + 1", "3" },
		{ I(2), "SELECT substr('abc', @v)", "\"bc\"" },
		{ I(9007199254740993), "SELECT @v", "\"9007199254740993\"" },
		{ D(0.1), "SELECT @v", "0.1" },
		{ BOOLEAN(1), "SELECT NOT @v", "false" },
		{ BOOLEAN(1), "SELECT @v", "true" },
		{ BOOLEAN(0), "SELECT @v", "false" },
		{ BOOLEAN(1), "SELECT active FROM p WHERE active = @v",
		    "true" },
		{ NIL, "SELECT CAST(@v AS text) IS NULL", "true" },
		{ T(""), "SELECT @v = ''", "true" },
		{ T(SMILE), "SELECT @v || @v", "\"" SMILE SMILE "\"" },
		{ T(SMILE), "SELECT octet_length(@v)", "10" },
		{ T("x' OR '1'='1"), "SELECT @v", "\"x' OR '1'='1\"" },
		{ B("\0\377;'"), "SELECT CAST(@v AS bytea)", "\"AP87Jw==\"" },
		{ B("\0\377;'"), "SELECT @v", "\"AP87Jw==\"" },
		{ B("\0\377;'"), "SELECT encode(@v, 'hex')", "\"00ff3b27\"" },
		{ B("\0\377;'"), "SELECT octet_length(@v)", "4" },
		{ B("\0\377;'"), "SELECT x FROM p WHERE x = @v",
		    "\"AP87Jw==\"" },
		{ B("\0\377;'"), "SELECT @v IS NULL", "false" },
		{ B("\0\377;'"), "INSERT INTO p (x) VALUES (@v) RETURNING x",
		    "\"AP87Jw==\"" },
		{ E("12345678901234567890.5"), "SELECT @v",
		    "\"12345678901234567890.5\"" },
		{ T("x' OR '1'='1"), "SELECT 2 = @v",
		    "SQL_ERROR: invalid input syntax for type integer: \"?\"" },
	};

	(void)state;
	assert_int_equal(values_bound(sources, cases,
			     sizeof(cases) / sizeof(cases[0])),
	    0);
}

static void
filters_of_postgresql(void **state)
{
	(void)state;
	assert_int_equal(values_bound(sources, filters,
			     sizeof(filters) / sizeof(filters[0])),
	    0);
}

/* Names as what is left of one of three parts has them. */
static void
quotes_of_postgresql(void **state)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "SELECT name FROM      [public].[p]", "\"Ann\"" },
		{ "SELECT name FROM      `public`.`p`", "\"Ann\"" },
		{ "SELECT q.name FROM public.[p], `public` . p q", "\"Ann\"" },
		{ "SELECT q.name FROM public.[p], [public].p AS q", "\"Ann\"" },
		{ "SELECT [public].[p].[name] FROM [public].p WHERE [public].p.id = 1",
		    "\"Ann\"" },
		{ "SELECT id FROM p WHERE [id] = 1",
		    "SQL_SYNTAX: syntax error at or near \"[\"" },
		{ "SELECT q.[two words] FROM (SELECT 1 AS \"two words\") q",
		    "1" },
		{ "SELECT q.[a\"b] FROM (SELECT 1 AS \"a\"\"b\") q",
		    "SQL_SYNTAX: syntax error at or near \"[\"" },
		{ "SELECT (ARRAY[7,8])[2]", "8" },
		{ "SELECT (ARRAY[[7,8],[9,10]])[2][1]", "9" },
		{ "SELECT (x.a[1]).name FROM (SELECT ARRAY[p] AS a FROM p) x",
		    "\"Ann\"" },
		{ "SELECT x.a[1].name FROM (SELECT ARRAY[p] AS a FROM p) x",
		    "\"Ann\"" },
		{ "SELECT '[a].[b]' || '`c`.`d`' -- [e].[f]",
		    "\"[a].[b]`c`.`d`\"" },
		{ "SELECT \"[a].[b]\" FROM (SELECT 1 AS \"[a].[b]\") q", "1" },
	};
	enum data_type type;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got =
		    values_one(sources, out.a, &ask, cases[i].sql, &type);

		if (!str_eq(str_of(got), str_of(cases[i].want)))
			fail_msg("%s: got %s", cases[i].sql, got);
	}
}

/* Validated and planned without values. */
static void
filters_are_looked_at(void **state)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "SELECT id FROM p WHERE @v IS NULL OR @w IS NULL OR id = @w",
		    "" },
		{ "UPDATE p SET id = 1 WHERE @v IS NULL OR id = @v", "" },
		{ "SELECT id FROM p WHERE @v IS NULL OR nosuch = @v",
		    "COLUMN_NOT_FOUND: no such column: nosuch" },
		{ "UPDATE p SET nosuch = @v",
		    "COLUMN_NOT_FOUND: no such column: nosuch" },
		{ "DELETE FROM nosuch WHERE @v IS NULL",
		    "TABLE_NOT_FOUND: no such table: nosuch" },
	};
	enum data_type type;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) * 2; i++) {
		const char *got;

		ask.any_class = true;
		ask.describe = i % 2 == 0;
		ask.explain = i % 2 == 1;
		got = values_one(sources, out.a, &ask, cases[i / 2].sql, &type);
		/* An error begins with its code. */
		if (cases[i / 2].want[0] == '\0'
			? got[0] >= 'A' && got[0] <= 'Z'
			: !str_eq(str_of(got), str_of(cases[i / 2].want)))
			fail_msg("%s: got %s", cases[i / 2].sql, got);
	}
}

/* The plan is one for any value, not that of a NULL, which finds nothing. */
static void
plans_without_values(void **state)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "SELECT id FROM orders WHERE id = @v", "orders_pkey" },
		{ "SELECT id FROM orders WHERE id = @v AND @w = 1 AND id < @v",
		    "orders_pkey" },
		{ "SELECT id FROM orders WHERE @v IS NULL OR id = @w",
		    "orders" },
		{ "SELECT id FROM orders WHERE id = 1", "orders_pkey" },
		{ "INSERT INTO orders VALUES (@v)", "Insert on orders" },
		{ "UPDATE orders SET id = 1 WHERE id = @v", "orders_pkey" },
		{ "WITH q AS (SELECT @v AS x) DELETE FROM orders WHERE id = @w",
		    "orders_pkey" },
		{ "SELECT id FROM orders WHERE nosuch = @v",
		    "COLUMN_NOT_FOUND" },
		{ "SELECT id FROM nosuch WHERE id = @v", "TABLE_NOT_FOUND" },
	};

	(void)state;
	ask.any_class = ask.explain = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(cases[i].sql);
		if (strstr(arena_z(out.a, out.rows), cases[i].want) == NULL)
			fail_msg("%s: %.*s [%s]", cases[i].sql,
			    (int)out.rows.len, out.rows.p, out.f.msg);
	}
	ask.any_class = ask.explain = false;
	gives(
	    "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'mcp%'",
	    "0\n");
}

#define NO_ROWS \
	"STATEMENT_NOT_ALLOWED: the driver of this source gives no rows of a write"

static void
parameters_of_sqlite(void **state)
{
	static const struct value_case cases[] = {
		{ I(2), "SELECT @v + 1", "3" },
		{ I(9007199254740993), "SELECT @v", "\"9007199254740993\"" },
		{ D(0.1), "SELECT @v", "0.1" },
		{ NIL, "SELECT @v IS NULL", "1" },
		{ T(SMILE), "SELECT @v || @v", "\"" SMILE SMILE "\"" },
		{ T(SMILE), "SELECT hex(@v)", "\"68C3A9E282ACF09F9880\"" },
		{ T("x' OR '1'='1"), "SELECT @v", "\"x' OR '1'='1\"" },
		{ B("\0\377;'"), "SELECT hex(@v)", "\"00FF3B27\"" },
		{ NIL, "/* x */ (SELECT @v)",
		    "SQL_SYNTAX: near \"(\": syntax error" },
		/* Refused before it writes, for the driver keeps the rows. */
		{ I(71), "INSERT INTO t (i) VALUES (@v) RETURNING i", NO_ROWS },
		{ I(71), "REPLACE INTO t (i) VALUES (@v) RETURNING *",
		    NO_ROWS },
		{ I(71),
		    "WITH q AS (SELECT @v x) DELETE FROM t WHERE 1 RETURNING i",
		    NO_ROWS },
		{ I(71),
		    "UPDATE t SET i = @v WHERE 1 RETURNING (SELECT count(*))",
		    NO_ROWS },
		{ I(71), "SELECT count(*) FROM t WHERE i = @v", "0" },
		{ I(71), "UPDATE t SET i = @v WHERE c = ' RETURNING '", "" },
		{ I(71), "INSERT INTO t (i) SELECT i FROM t WHERE i = @v", "" },
	};

	(void)state;
	assert_int_equal(values_bound(sources, cases,
			     sizeof(cases) / sizeof(cases[0])),
	    0);
}

/* In pieces, and no further than the limit. */
static void
long_values(void **state)
{
	static const size_t sizes[] = { 4094, 4095, 4096, 4097, 8191, 100000,
		999999, 1000000 };
	enum data_type type;
	bool pg = spec.user != NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *sql = arena_fmt(out.a,
		    pg ? "SELECT repeat('x', %zu)"
		       : "SELECT printf('%%.*c', %zu, 'x')",
		    sizes[i])
				      .p;
		const char *got = values_one(sources, out.a, &ask, sql, &type);

		assert_int_equal(strlen(got), sizes[i] + 2);
		assert_int_equal(strspn(got + 1, "x"), sizes[i]);
	}
	for (size_t more = 1; more < 300000; more *= 7) {
		const char *sql = arena_fmt(out.a,
		    pg ? "SELECT repeat('x', %zu)"
		       : "SELECT printf('%%.*c', %zu, 'x')",
		    1000000 + more)
				      .p;

		assert_string_equal(values_one(sources, out.a, &ask, sql,
					&type),
		    "TOO_LARGE: a value is larger than it may be");
	}
	assert_string_equal(values_one(sources, out.a, &ask, "SELECT 'x'",
				&type),
	    "\"x\"");
	if (!pg)
		return;
	/* Characters of four bytes at the edge of a piece; bytes too. */
	assert_int_equal(strlen(values_one(sources, out.a, &ask,
			     "SELECT repeat('\360\237\230\200', 5000)", &type)),
	    20002);
	assert_int_equal(strlen(values_one(sources, out.a, &ask,
			     "SELECT convert_to(repeat('x', 9000), 'UTF8')",
			     &type)),
	    12002);
}

#define SERVER(fn) cmocka_unit_test_setup_teardown(fn, open_server, rig_close)
#define FILED(fn)  cmocka_unit_test_setup_teardown(fn, open_file, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER(values_of_postgresql),
		SERVER(parameters_of_postgresql),
		SERVER(filters_of_postgresql),
		SERVER(quotes_of_postgresql),
		SERVER(filters_are_looked_at),
		SERVER(plans_without_values),
		SERVER(long_values),
		FILED(values_of_sqlite),
		FILED(parameters_of_sqlite),
		FILED(long_values),
	};
	int failed;

	if (!pgsql_server_start(&server,
		"timezone = 'Asia/Tokyo'\nbytea_output = 'escape'\nextra_float_digits = 0")) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	if (!odbc_site_make(&site, &server)) {
		pgsql_server_stop(&server);
		return 77;
	}
	pgsql_server_script(&server, "postgres", "CREATE ROLE mcp LOGIN");
	pgsql_server_script(&server, "postgres", "CREATE DATABASE shop");
	pgsql_server_script(&server, "shop",
	    "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0);"
	    "CREATE TABLE p (id integer, name text, day date, active boolean, total numeric, x bytea);"
	    "INSERT INTO p VALUES (1, 'Ann', '2026-01-01', true, 1.5, '\\x00ff3b27');"
	    "CREATE TABLE orders (id integer PRIMARY KEY); GRANT ALL ON orders TO mcp;"
	    "GRANT ALL ON p TO mcp");
	odbc_site_script(&site,
	    "CREATE TABLE t (i integer, b bigint, n decimal(38,10), d date, s timestamp, f boolean, x blob, r double, c varchar(20)); INSERT INTO t VALUES (7, 9223372036854775807, '12345678901234567890.5', '2026-07-28', '2026-07-28 10:00:00.5', 1, x'00ff10', 0.25, 'x');"
	    " CREATE TABLE m (a integer, b integer, c integer, d integer); INSERT INTO m VALUES (2.5, -1e40, '1.2.3', '')");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	odbc_site_remove(&site);
	pgsql_server_stop(&server);
	return failed;
}
