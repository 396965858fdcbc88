/* SPDX-License-Identifier: ISC */
/* Values and parameters of ClickHouse, exact to the digit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clickhouse_server.h"
#include "rig.h"
#include "values.h"

static struct clickhouse_server server;

static int
open_all(void **state)
{
	(void)state;
	rig_open(&(struct conf_source){ .driver = "clickhouse",
	    .url = server.url,
	    .user = "default" });
	return 0;
}

static void
values_are_exact(void **state)
{
	size_t cases;

	(void)state;
	assert_int_equal(values_run(sources, "clickhouse", &cases), 0);
	assert_true(cases > 90);
}

/* The same from an account whose rows come before their end is known. */
static void
values_are_exact_for_a_reader(void **state)
{
	enum data_type type;

	(void)state;
	spec.user = "reader";
	assert_string_equal(values_one(sources, out.a, &ask,
				"SELECT toUInt64(18446744073709551615)", &type),
	    "\"18446744073709551615\"");
	assert_string_equal(values_one(sources, out.a, &ask, "SELECT ''",
				&type),
	    "\"\"");
	assert_string_equal(values_one(sources, out.a, &ask, "SELECT '\\n'",
				&type),
	    "\"\\n\"");
	/* A row that says what an exception says is taken for one. */
	assert_non_null(strstr(
	    values_one(sources, out.a, &ask,
		"SELECT 'Code: 60, e.displayText() = DB::Exception: Table x.y doesn\\'t exist., e.what() = DB::Exception'",
		&type),
	    "TABLE_NOT_FOUND"));
}

/* Each kind as a literal, and nothing of a text is read as SQL. */
static void
parameters_are_literals(void **state)
{
	static const struct value_case cases[] = {
		{ I(2), "SELECT @v", "2" },
		{ I(2), "SELECT @v + 1", "3" },
		{ I(-5), "SELECT 1-@v", "6" },
		{ I(-5), "SELECT 1 - @v", "6" },
		{ I(9223372036854775807), "SELECT @v",
		    "\"9223372036854775807\"" },
		{ I(-9223372036854775807 - 1), "SELECT @v",
		    "\"-9223372036854775808\"" },
		{ I(1), "SELECT a FROM v LIMIT @v", "1" },
		{ T("2026-07-28"), "SELECT toDate('2026-07-28') = @v", "1" },
		{ T("x' OR '1'='1"), "SELECT @v", "\"x' OR '1'='1\"" },
		{ T("x\\' OR 1=1 --"), "SELECT @v", "\"x\\\\' OR 1=1 --\"" },
		{ T("\\"), "SELECT @v", "\"\\\\\"" },
		{ T("\\'"), "SELECT @v", "\"\\\\'\"" },
		{ T("a`\"b"), "SELECT @v", "\"a`\\\"b\"" },
		{ T("tab\tline\nend\r\1"), "SELECT @v",
		    "\"tab\\tline\\nend\\r\\u0001\"" },
		{ T("a\0b"), "SELECT length(@v)", "3" },
		{ T("\303\274\342\202\254"), "SELECT @v",
		    "\"\303\274\342\202\254\"" },
		{ T("@v"), "SELECT @v", "\"@v\"" },
		{ T("/* -- # "), "SELECT @v", "\"/* -- # \"" },
		{ T(""), "SELECT @v = ''", "1" },
		{ T("00112233-4455-6677-8899-AABBCCDDEEFF"),
		    "SELECT toUUID(@v)",
		    "\"00112233-4455-6677-8899-aabbccddeeff\"" },
		{ D(0.1), "SELECT @v", "0.1" },
		{ D(0.30000000000000004), "SELECT @v", "0.30000000000000004" },
		{ D(1), "SELECT toTypeName(@v)", "\"Float64\"" },
		{ D(-2.5e300), "SELECT 1-@v", "2.5e300" },
		{ D(1e22), "SELECT @v", "1e22" },
		{ BOOLEAN(1), "SELECT NOT @v", "0" },
		{ BOOLEAN(0), "SELECT @v", "0" },
		{ NIL, "SELECT @v IS NULL", "1" },
		{ NIL, "SELECT 1 = @v", "null" },
		{ E("12345678901234567890.50"), "SELECT @v",
		    "\"12345678901234567890.50\"" },
		{ E("-0.01"), "SELECT @v", "\"-0.01\"" },
		{ E("77.5"), "SELECT toDecimal64('77.5', 3) = @v", "1" },
		{ E("1'); DROP TABLE v"), "SELECT @v",
		    "\"1'); DROP TABLE v\"" },
		{ E("123456789012345678901234567890123456789"), "SELECT @v",
		    "\"123456789012345678901234567890123456789\"" },
		/* Where the server compares no float with a decimal. */
		{ D(1.1), "SELECT d FROM w WHERE d = @v", "\"1.10\"" },
		{ D(-2), "SELECT d > @v FROM w", "1" },
		{ D(1.1), "SELECT f = @v FROM w", "1" },
		{ D(1.1), "SELECT count() FROM w WHERE d IN (@v)", "1" },
		{ D(0.1), "SELECT d + @v FROM w", "\"1.20\"" },
		{ D(0.1), "SELECT * FROM (SELECT d - @v FROM w)", "\"1.00\"" },
		{ D(0.1), "SELECT d * @v FROM w",
		    "SQL_ERROR: Illegal types Decimal(10, 2) and Float64 of arguments of function multiply" },
		{ D(0.1), "SELECT multiply(d, @v) FROM w",
		    "SQL_ERROR: Illegal types Decimal(10, 2) and Float64 of arguments of function multiply" },
		{ D(9007199254740993.0), "SELECT i > @v FROM w", "1" },
		{ T("1.1"), "SELECT d = @v FROM w", "1" },
		{ T("-1.10"), "SELECT d > @v FROM w", "1" },
		{ E("1.1"), "SELECT count() FROM w WHERE d IN (@v)", "1" },
		{ T("9007199254740993"), "SELECT i = @v FROM w", "1" },
		{ T("18446744073709551615"), "SELECT a = @v FROM w", "1" },
		{ T("18446744073709551615"),
		    "SELECT count() FROM w WHERE a IN (1, @v)", "1" },
		{ T("2026-07-28T10:00:00Z"),
		    "SELECT toDateTime('2026-07-28 12:00:00', 'Europe/Berlin') = @v",
		    "1" },
		{ T("2026-07-28T10:00:00Z"),
		    "SELECT toDateTime('2026-07-28 10:00:01', 'UTC') IN (@v)",
		    "0" },
		{ T("2026-07-28T10:00:00Z"), "SELECT @v",
		    "\"2026-07-28T10:00:00Z\"" },
		{ T("2026-07-28T10:00:00ZZ"),
		    "SELECT toDateTime('2026-07-28 10:00:00', 'UTC') = @v",
		    "SQL_ERROR: String is too long for DateTime: ..." },
		{ T("1.1 OR 1"), "SELECT count() FROM w WHERE d = @v",
		    "SQL_ERROR: Illegal types of arguments (Decimal(10, 2), String) of function equals" },
		{ E("18446744073709551615"), "SELECT a = @v FROM w", "1" },
		{ E("18446744073709551615"), "SELECT toTypeName(@v)",
		    "\"UInt64\"" },
		{ E("18446744073709551616"), "SELECT toTypeName(@v)",
		    "\"Decimal(38, 0)\"" },
		{ B("\0\377'\\"), "SELECT hex(@v)", "\"00FF275C\"" },
		{ B(""), "SELECT hex(@v)", "\"\"" },
	};

	(void)state;
	assert_int_equal(values_bound(sources, cases,
			     sizeof(cases) / sizeof(cases[0])),
	    0);
}

/* What is sent is longer than what was asked; a place is still the caller's. */
static void
places_are_the_callers(void **state)
{
	static const struct {
		const char *sql;
		int at;
	} cases[] = {
		{ "SELECT @v, @v FRO v", 19 },
		{ "SELECT FROM v WHERE @v", 13 },
		{ "SELECT 1 +", 11 },
	};
	struct param p = { STR("v"), T("a long, long text"), 1, DT_UNKNOWN };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

		ask.classes = ~0u;
		ask.params = &p;
		ask.nparams = strchr(cases[i].sql, '@') != NULL;
		contract_ask(sources, &ask, cases[i].sql, false, &out);
		assert_int_equal(out.e, ERR_SQL_SYNTAX);
		if (out.f.position != cases[i].at)
			fail_msg("%s: %d", cases[i].sql, out.f.position);
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(values_are_exact),
		CASE(values_are_exact_for_a_reader),
		CASE(parameters_are_literals),
		CASE(places_are_the_callers),
	};
	int failed;

	if (!clickhouse_server_start(&server, false)) {
		fprintf(stderr,
		    "no ClickHouse is installed here (Debian: clickhouse-server)\n");
		return 77;
	}
	clickhouse_server_script(&server, "default",
	    "CREATE TABLE v (a UInt8, n Nested(name String, number Int8), low LowCardinality(String), lown LowCardinality(Nullable(String)), u UInt64, an Array(Nullable(String))) ENGINE = Memory;\n"
	    "CREATE TABLE w (d Decimal(10, 2), f Float64, a UInt64, i Int64) ENGINE = Memory;\n"
	    "INSERT INTO w VALUES (1.10, 1.1, 18446744073709551615, 9007199254740993);\n"
	    "INSERT INTO v VALUES (1, ['x', 'y'], [1, -2], 'low', NULL, 18446744073709551615, ['p', NULL])");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	clickhouse_server_stop(&server);
	return failed;
}
