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
static const struct value bytes = { VALUE_BLOB, { .s = { "\0\377;'", 4 } } };
static const struct value exact = { VALUE_EXACT,
	{ .s = { "12345678901234567890.5", 22 } } };

struct bound_case {
	const struct value *v;
	const char *sql, *want;
};

static void
try_all(const struct bound_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct param p = { STR("v"), *cases[i].v, 1 };
		struct sql_ask ask = { .classes = ~0u,
			.verbs = VERB_ALL,
			.max_rows = 10,
			.params = &p,
			.nparams = 1 };
		enum data_type type;
		const char *got =
		    values_one(sources, a, &ask, cases[i].sql, &type);

		if (!str_eq(str_of(got), str_of(cases[i].want)))
			fail_msg("%s: want %s, got %s", cases[i].sql,
			    cases[i].want, got);
	}
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
		{ &exact, "SELECT @v", "\"12345678901234567890.5\"" },
		{ &quote, "SELECT 2 = @v",
		    "SQL_ERROR: invalid input syntax for type integer: \"x' OR '1'='1\"" },
	};

	(void)state;
	try_all(cases, sizeof(cases) / sizeof(cases[0]));
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
	    "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0)");
	odbc_site_script(&site,
	    "CREATE TABLE t (i integer, b bigint, n decimal(38,10), d date, s timestamp, f boolean, x blob, r double, c varchar(20)); INSERT INTO t VALUES (7, 9223372036854775807, '12345678901234567890.5', '2026-07-28', '2026-07-28 10:00:00.5', 1, x'00ff10', 0.25, 'x')");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	odbc_site_remove(&site);
	pgsql_server_stop(&server);
	return failed;
}
