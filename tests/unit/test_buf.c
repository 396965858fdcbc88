/* SPDX-License-Identifier: ISC */
/* What grows stops at its ceiling, and says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(1 << 24);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
assert_text(const struct buf *b, const char *want)
{
	struct str got = buf_text(b);

	assert_int_equal(got.len, strlen(want));
	if (got.len != 0)
		assert_memory_equal(got.p, want, got.len);
}

static void
test_appending(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, a, 1000);
	assert_text(&b, "");
	buf_put(&b, NULL, 0);
	buf_str(&b, (struct str){ NULL, 0 });
	buf_lit(&b, "one ");
	buf_str(&b, STR("two "));
	buf_char(&b, '3');
	buf_int(&b, -42);
	buf_fmt(&b, "[%s]", "x");
	assert_text(&b, "one two 3-42[x]");
	assert_false(buf_failed(&b));
}

/* One below, at and one above, for each way to write. */
static void
test_ceiling(void **state)
{
	static const char text[2000];

	(void)state;
	for (size_t n = 998; n <= 1001; n++) {
		struct buf b;
		bool fits = n <= 1000;

		buf_init(&b, a, 1000);
		buf_put(&b, text, n);
		assert_int_equal(buf_failed(&b), !fits);
		assert_int_equal(b.len, fits ? n : 0);

		buf_init(&b, a, 1000);
		buf_fmt(&b, "%*s", (int)n, "x");
		assert_int_equal(buf_failed(&b), !fits);
		assert_int_equal(b.len, fits ? n : 0);

		buf_init(&b, a, 1000);
		for (size_t i = 0; i < n; i++)
			buf_char(&b, 'x');
		assert_int_equal(buf_failed(&b), !fits);
		assert_int_equal(b.len, fits ? n : 1000);

		buf_init(&b, a, 1000);
		buf_put(&b, text, 998);
		assert_int_equal(buf_room(&b, n - 998), fits);
	}
}

static void
test_nothing_after_a_failure(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, a, 5);
	buf_lit(&b, "abc");
	buf_lit(&b, "defg");
	buf_lit(&b, "h");
	buf_fmt(&b, "%d", 1);
	assert_true(buf_failed(&b));
	assert_text(&b, "abc");
	buf_cut(&b, 4);
	assert_true(buf_failed(&b));
	buf_cut(&b, 2);
	assert_false(buf_failed(&b));
	buf_lit(&b, "xyz");
	assert_text(&b, "abxyz");
}

static void
test_sizes_that_wrap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, a, 1000);
	buf_char(&b, 'x');
	assert_false(buf_room(&b, SIZE_MAX));
	buf_init(&b, a, SIZE_MAX);
	buf_char(&b, 'x');
	assert_false(buf_room(&b, SIZE_MAX));
	assert_true(buf_failed(&b));
}

static void
test_decimal(void **state)
{
	static const int64_t values[] = { 0, 1, -1, 9, 10, 11, 99, 100, 101,
		999, 1000, -1000, 1234567890123456789, INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char got[21], want[32];
		size_t n = buf_decimal(got, values[i]);

		(void)snprintf(want, sizeof(want), "%lld",
		    (long long)values[i]);
		got[n] = '\0';
		assert_string_equal(got, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appending),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_nothing_after_a_failure),
		cmocka_unit_test(test_sizes_that_wrap),
		cmocka_unit_test(test_decimal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
