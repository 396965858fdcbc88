/* SPDX-License-Identifier: ISC */
/* Dates there and back, and deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/clock.h"

static const struct {
	const char *text; /* without milliseconds */
	int64_t seconds;
} dates[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2000-02-29T12:34:56Z", 951827696 },
	{ "2026-07-28T10:00:00Z", 1785232800 },
	{ "2038-01-19T03:14:08Z", 2147483648 },
	{ "2100-02-28T23:59:59Z", 4107542399 },
	{ "2100-03-01T00:00:00Z", 4107542400 },
	{ "9999-12-31T23:59:59Z", 253402300799 },
};

static void
test_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		char out[CLOCK_TEXT];
		int64_t s = -1;

		clock_text(out, dates[i].seconds * 1000000 + 987654);
		assert_int_equal(strlen(out), 24);
		assert_memory_equal(out, dates[i].text, 19);
		assert_string_equal(out + 19, ".987Z");
		assert_true(clock_parse(out, 24, &s));
		assert_true(s == dates[i].seconds);
		assert_true(clock_parse(dates[i].text, 20, &s));
		assert_true(s == dates[i].seconds);
	}
}

static void
test_out_of_range(void **state)
{
	char out[CLOCK_TEXT];

	(void)state;
	clock_text(out, -1);
	assert_string_equal(out, "1970-01-01T00:00:00.000Z");
	clock_text(out, INT64_MAX);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
}

static void
test_no_dates(void **state)
{
	static const char *const wrong[] = { "", "2026-07-28",
		"2026-07-28T10:00:00", "2026-07-28 10:00:00Z",
		"2026-07-28t10:00:00z", "2026-07-28T10:00:00+00:00",
		"2026-07-28T10:00:00.0Z", "2026-07-28T10:00:00.000Zx",
		"2026-00-28T10:00:00Z", "2026-13-28T10:00:00Z",
		"2026-07-00T10:00:00Z", "2026-07-32T10:00:00Z",
		"2026-06-31T10:00:00Z", "2026-02-29T10:00:00Z",
		"2100-02-29T10:00:00Z", "0000-01-01T00:00:00Z",
		"2026-07-28T24:00:00Z", "2026-07-28T10:60:00Z",
		"2026-07-28T10:00:60Z", "2026-7-028T10:00:00Z",
		"-026-07-28T10:00:00Z" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int64_t s = 7;

		if (clock_parse(wrong[i], strlen(wrong[i]), &s) || s != 7)
			fail_msg("'%s'", wrong[i]);
	}
}

static void
test_deadlines(void **state)
{
	struct deadline none = { 0 }, soon = { 100 }, later = { 200 };

	(void)state;
	assert_true(deadline_left(none) == INT64_MAX);
	assert_false(deadline_over(none));
	assert_true(deadline_over((struct deadline){ 1 }));
	assert_true(deadline_over(deadline_in(0)));
	assert_true(deadline_over(deadline_in(-5)));
	assert_true(deadline_over(deadline_in(INT64_MIN)));
	assert_true(deadline_left(deadline_in(60000)) > 50000);
	assert_true(deadline_left(deadline_in(60000)) <= 60000);
	assert_true(deadline_left(deadline_in(INT64_MAX)) == INT64_MAX);
	assert_true(deadline_min(none, soon).at_ms == 100);
	assert_true(deadline_min(soon, none).at_ms == 100);
	assert_true(deadline_min(soon, later).at_ms == 100);
	assert_true(deadline_min(later, soon).at_ms == 100);
	assert_true(deadline_min(none, none).at_ms == 0);
}

static void
test_clocks(void **state)
{
	int64_t before = clock_mono_ms();

	(void)state;
	/* After this test was written, and not in a distant future. */
	assert_true(clock_wall_us() > INT64_C(1700000000000000));
	assert_true(clock_wall_us() < INT64_C(4102444800000000));
	assert_true(clock_mono_ms() >= before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_no_dates),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
