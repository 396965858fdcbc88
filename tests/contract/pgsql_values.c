/* SPDX-License-Identifier: ISC */
/* Values and parameters of PostgreSQL, exact to the digit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pgsql_server.h"
#include "rig.h"
#include "values.h"

static struct pgsql_server server;

static int
open_all(void **state)
{
	(void)state;
	rig_open(&(struct conf_source){ .driver = "pgsql",
	    .socket = server.socket,
	    .port = server.port,
	    .database = "postgres",
	    .user = "mcp" });
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
static const struct value_case places[] = {
	{ I(2), "SELECT @v", "2" },
	{ I(2), "SELECT @v + 1", "3" },
	{ I(2), "SELECT substr('abc', @v)", "\"bc\"" },
	{ I(9223372036854775807), "SELECT @v", "\"9223372036854775807\"" },
	{ I(1), "SELECT count(*) FROM generate_series(1, 3) LIMIT @v", "3" },
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
	    "SQL_ERROR: invalid input syntax for type integer: \"?\"" },
};

#define SHOP                                                                 \
	"SELECT count(*) FROM (VALUES (1, 'Ann', 1.5, true, "                \
	"TIMESTAMP '2026-01-01', '00112233-4455-6677-8899-aabbccddeeff'"     \
	"::uuid, 'sad'::mood), (2, 'Bob', 2.5, false, TIMESTAMP "            \
	"'2026-02-01', NULL, 'happy')) c (id, name, price, ok, at, uid, m) " \
	"WHERE "

/* A filter that is left out when there is no value for it, in all types; and a
 * name that stands in places of different types. */
static const struct value_case filters[] = {
	{ T("Ann"), SHOP "(@v IS NULL OR name = @v)", "1" },
	{ T("Ann"), SHOP "(name = @v OR @v IS NULL)", "1" },
	{ T("Ann"), SHOP "(@v IS NOT NULL AND name = @v)", "1" },
	{ T("Ann"), SHOP "(@v /* or none */ IS NULL OR name = @v)", "1" },
	{ T("Ann"), SHOP "((@v) IS NULL OR name = @v)", "1" },
	{ T("Ann"), SHOP "(@v isnull OR name = @v)", "1" },
	{ NIL, SHOP "(@v IS NULL OR name = @v)", "2" },
	{ NIL, SHOP "(@v IS NULL OR id = @v)", "2" },
	{ NIL, SHOP "(@v IS NULL OR price > @v)", "2" },
	{ NIL, SHOP "(@v IS NULL OR ok = @v)", "2" },
	{ NIL, SHOP "(@v IS NULL OR at > @v)", "2" },
	{ NIL, SHOP "((@v) IS NULL OR at > @v)", "2" },
	{ NIL, SHOP "(@v IS NULL OR uid = @v)", "2" },
	{ NIL, SHOP "(@v IS NULL OR m = @v)", "2" },
	{ I(2), SHOP "(@v IS NULL OR id = @v)", "1" },
	{ T("2"), SHOP "(@v IS NULL OR id = @v)", "1" },
	{ D(2.5), SHOP "(@v IS NULL OR price = @v)", "1" },
	{ E("2.5"), SHOP "(@v IS NULL OR price = @v)", "1" },
	{ BOOLEAN(1), SHOP "(@v IS NULL OR ok = @v)", "1" },
	{ BOOLEAN(0), SHOP "(@v IS NULL OR @v = ok)", "1" },
	{ T("2026-01-15"), SHOP "(@v IS NULL OR at > @v)", "1" },
	{ T("2026-01-15"), SHOP "at > @v", "1" },
	{ T("2026-01-15"), SHOP "at > @v AND at <> @v", "1" },
	{ T("2026-01-15"), SHOP "(@v = '' OR at > @v)", "1" },
	{ T("2026-01-15"), SHOP "(@v::text IS NULL OR at > @v)", "1" },
	{ T("00112233-4455-6677-8899-aabbccddeeff"),
	    SHOP "(@v IS NULL OR uid = @v)", "1" },
	{ T("happy"), SHOP "(@v IS NULL OR m = @v)", "1" },
	{ T("happy"), SHOP "(@v IS NULL OR m = @v) AND @v <> name", "1" },
	{ T("x"), "SELECT coalesce(@v, 'y') || @v", "\"xx\"" },
	{ T("x"), "SELECT num_nulls(@v, @v)", "0" },
	{ T("2"), SHOP "id = @v IS NOT NULL", "2" },
	{ T("2"), SHOP "id BETWEEN 1 AND @v IS NULL", "0" },
	{ T("2"), SHOP "id = @v IS NULL OR @v IS NULL", "0" },
	{ T("2"), "SELECT @v FROM (VALUES (2)) c (id) WHERE id = @v", "\"2\"" },
	{ T("b"), "SELECT 'a' || @v AS x GROUP BY 'a' || @v", "\"ab\"" },
	{ T("n"), SHOP "(@v IS NULL OR nosuch = @v)",
	    "COLUMN_NOT_FOUND: no such column: nosuch" },
	{ T("n"), SHOP "(@v IS NULL OR id = @v)",
	    "SQL_ERROR: invalid input syntax for type integer: \"?\"" },
	{ T("n"), "SELECT nosuch(@v, @v)",
	    "SQL_ERROR: function nosuch(unknown, unknown) does not exist" },
};

static void
parameters_have_types(void **state)
{
	(void)state;
	assert_int_equal(values_bound(sources, places,
			     sizeof(places) / sizeof(places[0])),
	    0);
}

static void
filters_can_be_left_out(void **state)
{
	(void)state;
	assert_int_equal(values_bound(sources, filters,
			     sizeof(filters) / sizeof(filters[0])),
	    0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(values_are_exact),
		CASE(parameters_have_types),
		CASE(filters_can_be_left_out),
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
