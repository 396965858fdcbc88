/* SPDX-License-Identifier: ISC */
/* Rows to RESULTSETS: shape, values, labels, the twin. */
#include <math.h>
#include <string.h>

#include "tests/unit/rows_case.h"

static void
test_a_set_has_schema_rows_and_affected(void **state)
{
	struct column c[] = { COLUMN("id", DT_INTEGER), COLUMN("n", DT_TEXT) };

	(void)state;
	begin(ROWS_SETS);
	rows.catalog = STR("shop");
	c[0].schema = STR("main");
	c[0].table = STR("t");
	c[0].nullable = 0;
	c[1].length = 20;
	c[1].precision = 3;
	c[1].scale = 0;
	c[1].nullable = 1;
	assert_true(rows.sink.cols(&rows.sink, c, 2));
	assert_true(row(number(1), text("a\"b")));
	assert_true(row(number(2), (struct value){ .kind = VALUE_NULL }));
	rows_end(&rows, -1);
	assert_string_equal(finish(ROWS_SETS),
	    "{\"results\":[{\"schema\":["
	    "{\"ordinal\":0,\"catalogName\":\"shop\",\"schemaName\":\"main\","
	    "\"tableName\":\"t\",\"columnName\":\"id\",\"dataType\":8,"
	    "\"dataTypeName\":\"T\",\"nullable\":false},"
	    "{\"ordinal\":1,\"catalogName\":\"shop\",\"columnName\":\"n\","
	    "\"dataType\":5,\"dataTypeName\":\"T\",\"length\":20,"
	    "\"precision\":3,\"scale\":0,\"nullable\":true}],"
	    "\"rows\":[[1,\"a\\\"b\"],[2,null]],\"affectedRows\":-1}]}");
	assert_int_equal(rows.rows, 2);
	assert_int_equal(rows.cut, ROWS_WHOLE);
}

static void
test_brief_leaves_the_table_out(void **state)
{
	(void)state;
	begin(ROWS_SETS);
	rows.brief = true;
	rows.catalog = STR("shop");
	columns("a", "b");
	rows_end(&rows, -1);
	assert_string_equal(finish(ROWS_SETS),
	    "{\"results\":[{\"schema\":["
	    "{\"ordinal\":0,\"columnName\":\"a\",\"dataType\":8,"
	    "\"dataTypeName\":\"T\"},"
	    "{\"ordinal\":1,\"columnName\":\"b\",\"dataType\":5,"
	    "\"dataTypeName\":\"T\"}],\"rows\":[],\"affectedRows\":-1}]}");
}

static void
test_no_columns_is_an_empty_set(void **state)
{
	(void)state;
	begin(ROWS_SETS);
	rows_end(&rows, 7);
	assert_string_equal(finish(ROWS_SETS),
	    "{\"results\":[{\"schema\":[],\"rows\":[],\"affectedRows\":7}]}");
}

static void
test_several_sets(void **state)
{
	(void)state;
	begin(ROWS_SETS);
	rows.brief = true;
	columns("a", "b");
	assert_true(row(number(1), text("x")));
	columns("c", "d");
	assert_true(row(number(2), text("y")));
	rows_end(&rows, -1);
	assert_non_null(
	    strstr(finish(ROWS_SETS), "[[1,\"x\"]],\"affectedRows\":-1},{"));
	assert_int_equal(rows.sets, 2);
	assert_int_equal(rows.rows, 2);
}

/* tools.md 1.6, a row for each form. */
static void
test_values(void **state)
{
	static const char blob[] = { 0, (char)0xff, 'a' };
	const struct {
		struct value v;
		const char *json;
	} table[] = {
		{ { .kind = VALUE_NULL }, "null" },
		{ number(0), "0" },
		{ number(-42), "-42" },
		{ number(9007199254740991), "9007199254740991" },
		{ number(-9007199254740991), "-9007199254740991" },
		{ number(9007199254740992), "\"9007199254740992\"" },
		{ number(9007199254740993), "\"9007199254740993\"" },
		{ number(INT64_MIN), "\"-9223372036854775808\"" },
		{ number(INT64_MAX), "\"9223372036854775807\"" },
		{ { VALUE_REAL, { .d = 0.1 } }, "0.1" },
		{ { VALUE_REAL, { .d = -12.5 } }, "-12.5" },
		{ { VALUE_REAL, { .d = (double)NAN } }, "\"NaN\"" },
		{ { VALUE_REAL, { .d = (double)INFINITY } }, "\"Infinity\"" },
		{ { VALUE_REAL, { .d = (double)-INFINITY } }, "\"-Infinity\"" },
		{ { VALUE_BOOL, { .i = 1 } }, "true" },
		{ { VALUE_BOOL, { .i = 0 } }, "false" },
		{ text(""), "\"\"" },
		{ text("h\xc3\xa9\n"), "\"h\xc3\xa9\\n\"" },
		{ text("\xff!"), "\"\xef\xbf\xbd!\"" },
		{ { VALUE_BLOB, { .s = { blob, sizeof(blob) } } }, "\"AP9h\"" },
		{ { VALUE_BLOB, { .s = { "", 0 } } }, "\"\"" },
		{ { VALUE_EXACT, { .s = STR("123456789012345678901.50") } },
		    "\"123456789012345678901.50\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct column c[] = { COLUMN("v", DT_TEXT) };
		const char *want;

		case_close(state);
		case_open(state);
		begin(ROWS_OBJECTS);
		assert_true(rows.sink.cols(&rows.sink, c, 1));
		assert_true(rows.sink.row(&rows.sink, &table[i].v, 1));
		rows_end(&rows, -1);
		want = arena_fmt(mem,
		    "{\"columns\":[\"v\"],\"rows\":[{\"v\":%s}]}",
		    table[i].json)
			   .p;
		assert_string_equal(finish(ROWS_OBJECTS), want);
		assert_int_equal(rows.cut, ROWS_WHOLE);
	}
}

static void
test_repeated_labels_lose_nothing(void **state)
{
	struct column c[] = { COLUMN("a", DT_TEXT), COLUMN("a", DT_TEXT),
		COLUMN("a_2", DT_TEXT), COLUMN("a", DT_TEXT),
		COLUMN("a_2", DT_TEXT) };
	const struct value v[] = { number(1), number(2), number(3), number(4),
		number(5) };
	const char *got;

	(void)state;
	begin(ROWS_OBJECTS);
	assert_true(rows.sink.cols(&rows.sink, c, 5));
	assert_true(rows.sink.row(&rows.sink, v, 5));
	rows_end(&rows, -1);
	got = finish(ROWS_OBJECTS);
	for (size_t i = 0; i < 5; i++)
		for (size_t k = i + 1; k < 5; k++)
			assert_false(str_eq(rows.labels[i], rows.labels[k]));
	assert_non_null(strstr(got, "{\"a\":1,"));
	assert_true(str_eq(rows.labels[2], STR("a_2")));
	assert_true(str_eq(rows.labels[1], STR("a_3")));
}

static void
test_plain_repeat_gets_2(void **state)
{
	(void)state;
	begin(ROWS_OBJECTS);
	columns("x\"", "x\"");
	assert_true(row(number(1), number(2)));
	rows_end(&rows, -1);
	assert_string_equal(finish(ROWS_OBJECTS),
	    "{\"columns\":[\"x\\\"\",\"x\\\"_2\"],"
	    "\"rows\":[{\"x\\\"\":1,\"x\\\"_2\":2}]}");
}

static void
test_out_values_are_kept(void **state)
{
	const struct param_out p = { STR("total"), text("12"), DT_TEXT, 4 };

	(void)state;
	begin(ROWS_SETS);
	rows.sink.out(&rows.sink, &p, 1);
	assert_int_equal(rows.nouts, 1);
	assert_true(str_eq(rows.outs[0].name, STR("total")));
	assert_true(str_eq(rows.outs[0].value.s, STR("12")));
	assert_int_equal(rows.outs[0].type, DT_TEXT);
	assert_ptr_not_equal(rows.outs[0].value.s.p, p.value.s.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_a_set_has_schema_rows_and_affected),
		CASE(test_brief_leaves_the_table_out),
		CASE(test_no_columns_is_an_empty_set),
		CASE(test_several_sets),
		CASE(test_values),
		CASE(test_repeated_labels_lose_nothing),
		CASE(test_plain_repeat_gets_2),
		CASE(test_out_values_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
