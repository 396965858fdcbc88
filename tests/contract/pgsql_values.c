/* SPDX-License-Identifier: ISC */
/* Values and parameters of PostgreSQL, exact to the digit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "contract.h"
#include "pgsql_server.h"
#include "values.h"

static struct pgsql_server server;
static struct conf_source spec;
static struct conf conf;
static struct sources *sources;
static struct arena *a;

static int
open_all(void **state)
{
	(void)state;
	spec = (struct conf_source){ .name = "shop",
		.driver = "pgsql",
		.socket = server.socket,
		.port = server.port,
		.database = "postgres",
		.user = "mcp",
		.timeout = 10,
		.connect_timeout = 5,
		.max_sql = 65536 };
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	sources = sources_new(&conf);
	a = arena_new((size_t)1 << 26);
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
values_are_exact(void **state)
{
	size_t cases;

	(void)state;
	assert_int_equal(values_run(sources, "pgsql", &cases), 0);
	assert_true(cases > 80);
}

/* A value is what its place in the statement makes of it. */
static void
parameters_have_types(void **state)
{
	static const struct {
		struct value v;
		const char *sql, *want;
	} cases[] = {
		{ I(2), "SELECT @v", "2" },
		{ I(2), "SELECT @v + 1", "3" },
		{ I(2), "SELECT substr('abc', @v)", "\"bc\"" },
		{ I(9223372036854775807), "SELECT @v",
		    "\"9223372036854775807\"" },
		{ I(1), "SELECT count(*) FROM generate_series(1, 3) LIMIT @v",
		    "3" },
		{ I(3), "SELECT 3 = @v::numeric", "true" },
		{ T("2026-07-28"), "SELECT DATE '2026-07-28' = @v", "true" },
		{ T("2"), "SELECT 2 = @v", "true" },
		{ T("x' OR '1'='1"), "SELECT @v", "\"x' OR '1'='1\"" },
		{ T("x"), "SELECT @v IS NULL", "false" },
		{ T("{1,2}"), "SELECT @v::int[] = ARRAY[1,2]", "true" },
		{ T("a"), "SELECT '{\"a\":7}'::jsonb -> @v", "\"7\"" },
		{ T("00112233-4455-6677-8899-AABBCCDDEEFF"),
		    "SELECT '00112233-4455-6677-8899-aabbccddeeff'::uuid = @v",
		    "true" },
		{ D(0.1), "SELECT @v", "0.1" },
		{ D(0.1), "SELECT @v::numeric", "\"0.1\"" },
		{ BOOLEAN(1), "SELECT NOT @v", "false" },
		{ NIL, "SELECT @v IS NULL", "true" },
		{ NIL, "SELECT 1 = @v", "null" },
		{ E("12345678901234567890.5"), "SELECT @v",
		    "\"12345678901234567890.5\"" },
		{ B("\0\377"), "SELECT @v", "\"AP8=\"" },
		{ T(""), "SELECT @v = ''", "true" },
		{ T("abc"), "SELECT 2 = @v",
		    "SQL_ERROR: invalid input syntax for type integer: \"abc\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct param p = { STR("v"), cases[i].v, 1 };
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

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(values_are_exact),
		CASE(parameters_have_types),
	};
	int failed;

	if (!pgsql_server_start(&server,
		"timezone = 'Asia/Tokyo'\ndatestyle = 'German'\nbytea_output = 'escape'\nintervalstyle = 'iso_8601'\nextra_float_digits = 0")) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	pgsql_server_script(&server, "postgres",
	    "CREATE ROLE mcp LOGIN; CREATE TYPE mood AS ENUM ('sad', 'happy');"
	    "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pgsql_server_stop(&server);
	return failed;
}
