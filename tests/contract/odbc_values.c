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

#include "contract.h"
#include "odbc_site.h"
#include "values.h"

static struct pgsql_server server;
static struct odbc_site site;
static struct conf_source spec;
static struct conf conf;
static struct sources *sources;
static struct arena *a;

static void
open_source(const char *dsn, const char *user)
{
	spec = (struct conf_source){ .name = "shop",
		.driver = "odbc",
		.dsn = dsn,
		.user = user,
		.trusted_role = true,
		.timeout = 10,
		.connect_timeout = 5,
		.max_sql = 65536 };
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	sources = sources_new(&conf);
	a = arena_new((size_t)1 << 26);
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

static int
close_all(void **state)
{
	(void)state;
	sources_free(sources);
	arena_free(a);
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

static const struct value whole = { VALUE_INT, { .i = 2 } };
static const struct value large = { VALUE_INT, { .i = 9007199254740993 } };
static const struct value real = { VALUE_REAL, { .d = 0.1 } };
static const struct value yes = { VALUE_BOOL, { .i = 1 } };
static const struct value nothing = { VALUE_NULL, { 0 } };
static const struct value empty = { VALUE_TEXT, { .s = { "", 0 } } };
static const struct value smile = { VALUE_TEXT,
	{ .s = { SMILE, sizeof(SMILE) - 1 } } };
static const struct value quote = { VALUE_TEXT,
	{ .s = { "x' OR '1'='1", 12 } } };
static const struct value ann = { VALUE_TEXT, { .s = { "Ann", 3 } } };
static const struct value day = { VALUE_TEXT, { .s = { "2026-01-01", 10 } } };
static const struct value bytes = { VALUE_BLOB, { .s = { "\0\377;'", 4 } } };
static const struct value exact = { VALUE_EXACT,
	{ .s = { "12345678901234567890.5", 22 } } };

struct bound_case {
	const struct value *v;
	const char *sql, *want;
};

#define ASK(tail) "SELECT count(*) FROM p WHERE " tail

/* A filter that is left out when there is no value for it. */
static const struct bound_case filters[] = {
	{ &nothing, ASK("@v IS NULL OR name = @v"), "1" },
	{ &nothing, ASK("@v IS NULL OR id = @v"), "1" },
	{ &nothing, ASK("(@v) IS NULL OR day > @v"), "1" },
	{ &nothing, ASK("(@v IS NULL OR x = @v) AND (@v IS NULL OR id = @v)"),
	    "1" },
	{ &nothing, ASK("@v IS NOT NULL AND id = @v"), "0" },
	{ &nothing, "SELECT @v IS NULL", "true" },
	{ &nothing, "SELECT coalesce(@v, 'x')", "\"x\"" },
	{ &ann, ASK("(@v IS NULL OR name = @v)"), "1" },
	{ &ann, ASK("(@v /* or none */ IS NULL OR @v = name)"), "1" },
	{ &quote, ASK("@v IS NULL OR name = @v"), "0" },
	{ &whole, ASK("@v IS NULL OR id = @v"), "0" },
	{ &whole, ASK("id < @v IS NOT NULL"), "1" },
	{ &large, ASK("@v IS NULL OR total < @v"), "1" },
	{ &real, ASK("@v IS NULL OR id = @v"), "0" },
	{ &yes, ASK("@v IS NULL OR active = @v"), "1" },
	{ &exact, ASK("@v IS NULL OR total < @v"), "1" },
	{ &day, ASK("@v IS NULL OR day = @v"), "1" },
	{ &ann, "SELECT pg_typeof(@v)::text", "\"text\"" },
	{ &whole, "SELECT pg_typeof(@v)::text", "\"integer\"" },
	{ &ann,
	    "UPDATE p SET total = 2 WHERE @v IS NULL OR name = @v RETURNING id",
	    "1" },
	{ &whole, "DELETE FROM p WHERE id = @v RETURNING id", "" },
	{ &whole, "UPDATE p SET id = 3 WHERE id = @v RETURNING id", "" },
	{ &ann, ASK("@v IS NULL OR nosuch = @v"),
	    "COLUMN_NOT_FOUND: no such column: nosuch" },
};

static void
try_all(const struct bound_case *cases, size_t n)
{
	int failed = 0;

	for (size_t i = 0; i < n; i++) {
		struct param p = { STR("v"), *cases[i].v, 1 };
		struct sql_ask ask = { .classes = ~0u,
			.verbs = VERB_ALL,
			.max_rows = 10,
			.max_affected = 10,
			.params = &p,
			.nparams = 1 };
		enum data_type type;
		const char *got =
		    values_one(sources, a, &ask, cases[i].sql, &type);

		if (str_eq(str_of(got), str_of(cases[i].want)))
			continue;
		print_error("%s: want %s, got %s\n", cases[i].sql,
		    cases[i].want, got);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
parameters_of_postgresql(void **state)
{
	static const struct bound_case cases[] = {
		{ &whole, "SELECT @v + 1", "3" },
		{ &whole, "SELECT substr('abc', @v)", "\"bc\"" },
		{ &large, "SELECT @v", "\"9007199254740993\"" },
		{ &real, "SELECT @v", "0.1" },
		{ &yes, "SELECT NOT @v", "false" },
		{ &nothing, "SELECT CAST(@v AS text) IS NULL", "true" },
		{ &empty, "SELECT @v = ''", "true" },
		{ &smile, "SELECT @v || @v", "\"" SMILE SMILE "\"" },
		{ &smile, "SELECT octet_length(@v)", "10" },
		{ &quote, "SELECT @v", "\"x' OR '1'='1\"" },
		{ &bytes, "SELECT CAST(@v AS bytea)", "\"AP87Jw==\"" },
		{ &bytes, "SELECT @v", "\"AP87Jw==\"" },
		{ &bytes, "SELECT encode(@v, 'hex')", "\"00ff3b27\"" },
		{ &bytes, "SELECT octet_length(@v)", "4" },
		{ &bytes, "SELECT x FROM p WHERE x = @v", "\"AP87Jw==\"" },
		{ &bytes, "SELECT @v IS NULL", "false" },
		{ &bytes, "INSERT INTO p (x) VALUES (@v) RETURNING x",
		    "\"AP87Jw==\"" },
		{ &exact, "SELECT @v", "\"12345678901234567890.5\"" },
		{ &quote, "SELECT 2 = @v",
		    "SQL_ERROR: invalid input syntax for type integer: \"x' OR '1'='1\"" },
	};

	(void)state;
	try_all(cases, sizeof(cases) / sizeof(cases[0]));
}

static void
filters_of_postgresql(void **state)
{
	(void)state;
	try_all(filters, sizeof(filters) / sizeof(filters[0]));
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
		struct sql_ask ask = { .classes = ~0u,
			.verbs = VERB_ALL,
			.any_class = true,
			.describe = i % 2 == 0,
			.explain = i % 2 == 1,
			.max_rows = 10 };
		const char *got =
		    values_one(sources, a, &ask, cases[i / 2].sql, &type);

		/* An error begins with its code. */
		if (cases[i / 2].want[0] == '\0'
			? got[0] >= 'A' && got[0] <= 'Z'
			: !str_eq(str_of(got), str_of(cases[i / 2].want)))
			fail_msg("%s: got %s", cases[i / 2].sql, got);
	}
}

static void
parameters_of_sqlite(void **state)
{
	static const struct bound_case cases[] = {
		{ &whole, "SELECT @v + 1", "3" },
		{ &large, "SELECT @v", "\"9007199254740993\"" },
		{ &real, "SELECT @v", "0.1" },
		{ &nothing, "SELECT @v IS NULL", "1" },
		{ &smile, "SELECT @v || @v", "\"" SMILE SMILE "\"" },
		{ &smile, "SELECT hex(@v)", "\"68C3A9E282ACF09F9880\"" },
		{ &quote, "SELECT @v", "\"x' OR '1'='1\"" },
		{ &bytes, "SELECT hex(@v)", "\"00FF3B27\"" },
	};

	(void)state;
	try_all(cases, sizeof(cases) / sizeof(cases[0]));
}

/* In pieces, and no further than the limit. */
static void
long_values(void **state)
{
	static const size_t sizes[] = { 4094, 4095, 4096, 4097, 8191, 100000,
		999999, 1000000 };
	struct sql_ask ask = { .classes = ~0u,
		.verbs = VERB_ALL,
		.max_rows = 1 };
	enum data_type type;
	bool pg = spec.user != NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *sql = arena_fmt(a,
		    pg ? "SELECT repeat('x', %zu)"
		       : "SELECT printf('%%.*c', %zu, 'x')",
		    sizes[i])
				      .p;
		const char *got = values_one(sources, a, &ask, sql, &type);

		assert_int_equal(strlen(got), sizes[i] + 2);
		assert_int_equal(strspn(got + 1, "x"), sizes[i]);
	}
	for (size_t more = 1; more < 300000; more *= 7) {
		const char *sql = arena_fmt(a,
		    pg ? "SELECT repeat('x', %zu)"
		       : "SELECT printf('%%.*c', %zu, 'x')",
		    1000000 + more)
				      .p;

		assert_string_equal(values_one(sources, a, &ask, sql, &type),
		    "TOO_LARGE: a value is larger than it may be");
	}
	assert_string_equal(values_one(sources, a, &ask, "SELECT 'x'", &type),
	    "\"x\"");
	if (!pg)
		return;
	/* Characters of four bytes at the edge of a piece; bytes too. */
	assert_int_equal(strlen(values_one(sources, a, &ask,
			     "SELECT repeat('\360\237\230\200', 5000)", &type)),
	    20002);
	assert_int_equal(strlen(values_one(sources, a, &ask,
			     "SELECT convert_to(repeat('x', 9000), 'UTF8')",
			     &type)),
	    12002);
}

#define SERVER(fn) cmocka_unit_test_setup_teardown(fn, open_server, close_all)
#define FILED(fn)  cmocka_unit_test_setup_teardown(fn, open_file, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER(values_of_postgresql),
		SERVER(parameters_of_postgresql),
		SERVER(filters_of_postgresql),
		SERVER(filters_are_looked_at),
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
	    "GRANT ALL ON p TO mcp");
	odbc_site_script(&site,
	    "CREATE TABLE t (i integer, b bigint, n decimal(38,10), d date, s timestamp, f boolean, x blob, r double, c varchar(20)); INSERT INTO t VALUES (7, 9223372036854775807, '12345678901234567890.5', '2026-07-28', '2026-07-28 10:00:00.5', 1, x'00ff10', 0.25, 'x')");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	odbc_site_remove(&site);
	pgsql_server_stop(&server);
	return failed;
}
