/* SPDX-License-Identifier: ISC */
/* The three budgets of a result: rows, bytes, cells. */
#include <string.h>

#include "tests/unit/rows_case.h"

static void
rows_put(int n, const char *cell)
{
	begin(ROWS_SETS);
	rows.brief = true;
	columns("a", "b");
	for (int i = 0; i < n; i++)
		if (!row(number(i), text(cell)))
			break;
	rows_end(&rows, -1);
	finish(ROWS_SETS);
}

static void
test_rows_one_below_at_and_over(void **state)
{
	static const int n[] = { 9, 10, 11 };

	for (size_t i = 0; i < 3; i++) {
		case_close(state);
		case_open(state);
		begin(ROWS_SETS);
		rows.max_rows = 10;
		columns("a", "b");
		for (int k = 0; k < n[i]; k++)
			assert_int_equal(row(number(k), text("x")), k < 10);
		rows_end(&rows, -1);
		finish(ROWS_SETS);
		assert_int_equal(rows.rows, n[i] < 10 ? n[i] : 10);
		assert_int_equal(rows.cut,
		    n[i] > 10 ? ROWS_CUT_ROWS : ROWS_WHOLE);
	}
}

static void
test_rows_left_says_rows(void **state)
{
	(void)state;
	begin(ROWS_SETS);
	columns("a", "b");
	row(number(1), text("x"));
	rows_left(&rows);
	rows_end(&rows, -1);
	finish(ROWS_SETS);
	assert_string_equal(rows_cut_name(rows.cut), "rows");
}

/* The budget is met exactly: the row that ends on it stays. */
static void
test_bytes_one_below_at_and_over(void **state)
{
	size_t full;

	rows_put(5, "some text");
	full = body.len - strlen("],\"affectedRows\":-1}]}") - rows.start;
	for (int d = -1; d <= 1; d++) {
		case_close(state);
		case_open(state);
		begin(ROWS_SETS);
		rows.brief = true;
		rows.max_bytes = (int64_t)full - d;
		columns("a", "b");
		for (int i = 0; i < 5; i++)
			row(number(i), text("some text"));
		rows_end(&rows, -1);
		finish(ROWS_SETS);
		assert_int_equal(rows.rows, d > 0 ? 4 : 5);
		assert_int_equal(rows.cut, d > 0 ? ROWS_CUT_BYTES : ROWS_WHOLE);
	}
}

static void
test_one_row_is_always_kept(void **state)
{
	(void)state;
	begin(ROWS_SETS);
	rows.max_bytes = 10;
	columns("a", "b");
	assert_true(row(number(1), text("much longer than ten bytes")));
	assert_false(row(number(2), text("x")));
	rows_end(&rows, -1);
	assert_non_null(
	    strstr(finish(ROWS_SETS), "[[1,\"much longer than ten bytes\"]]"));
	assert_int_equal(rows.rows, 1);
	assert_int_equal(rows.cut, ROWS_CUT_BYTES);
}

static void
test_cells_one_below_at_and_over(void **state)
{
	static const struct {
		const char *cell, *kept;
	} table[] = {
		{ "h\xc3\xa9l", "h\xc3\xa9l" },
		{ "h\xc3\xa9ll", "h\xc3\xa9ll" },
		{ "h\xc3\xa9llo", "h\xc3\xa9ll" },
	};

	for (size_t i = 0; i < 3; i++) {
		const char *want;

		case_close(state);
		case_open(state);
		begin(ROWS_SETS);
		rows.max_cell = 4;
		columns("a", "b");
		assert_true(row(number(1), text(table[i].cell)));
		rows_end(&rows, -1);
		want = arena_fmt(mem, "[[1,\"%s\"]]", table[i].kept).p;
		assert_non_null(strstr(finish(ROWS_SETS), want));
		assert_int_equal(rows.cut,
		    i == 2 ? ROWS_CUT_CELLS : ROWS_WHOLE);
	}
}

static void
test_a_cut_blob_still_decodes(void **state)
{
	const struct value v = { VALUE_BLOB, { .s = STR("abcdefgh") } };

	(void)state;
	begin(ROWS_SETS);
	rows.max_cell = 7;
	columns("a", "b");
	assert_true(row(number(1), v));
	rows_end(&rows, -1);
	assert_non_null(strstr(finish(ROWS_SETS), "[[1,\"YWJj\"]]"));
	assert_int_equal(rows.cut, ROWS_CUT_CELLS);
}

/* A write is never cut short: the sink goes on and keeps what fits. */
static void
test_a_write_is_drained(void **state)
{
	(void)state;
	begin(ROWS_SETS);
	rows.max_rows = 2;
	rows.drain = true;
	columns("a", "b");
	for (int i = 0; i < 50; i++)
		assert_true(row(number(i), text("x")));
	rows_end(&rows, 50);
	assert_non_null(strstr(finish(ROWS_SETS),
	    "[[0,\"x\"],[1,\"x\"]],\"affectedRows\":50"));
	assert_int_equal(rows.cut, ROWS_CUT_ROWS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_rows_one_below_at_and_over),
		CASE(test_rows_left_says_rows),
		CASE(test_bytes_one_below_at_and_over),
		CASE(test_one_row_is_always_kept),
		CASE(test_cells_one_below_at_and_over),
		CASE(test_a_cut_blob_still_decodes),
		CASE(test_a_write_is_drained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
