/* SPDX-License-Identifier: ISC */
/* Doubles as the shortest text that reads back equal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/json_out.h"

static const struct {
	double v;
	const char *text;
} cases[] = {
	{ 0, "0" },
	{ -0.0, "0" },
	{ 1, "1" },
	{ -7, "-7" },
	{ 0.1, "0.1" },
	{ 0.01, "0.01" },
	{ -0.05, "-0.05" },
	{ 12.5, "12.5" },
	{ 19.99, "19.99" },
	{ -1234.07, "-1234.07" },
	{ 0.001, "0.001" },
	{ 0.1 + 0.2, "0.30000000000000004" },
	{ 1.0 / 3, "0.3333333333333333" },
	{ 9999999999999.99, "9999999999999.99" },
	{ 99999999999999.98, "99999999999999.98" },
	{ 9007199254740991.0, "9007199254740991" },
	{ 9007199254740992.0, "9007199254740992" },
	{ 9007199254740994.0, "9007199254740994" },
	{ -9007199254740991.0, "-9007199254740991" },
	{ 1e15, "1000000000000000" },
	{ 1e16, "1e16" },
	{ 1e20, "1e20" },
	{ 1e100, "1e100" },
	{ 1e-5, "1e-5" },
	{ 1e-7, "1e-7" },
	{ -2.5e-10, "-2.5e-10" },
	{ 1e-100, "1e-100" },
	{ DBL_MAX, "1.7976931348623157e308" },
	{ -DBL_MAX, "-1.7976931348623157e308" },
	{ DBL_MIN, "2.2250738585072014e-308" },
	{ 4.9406564584124654e-324, "5e-324" },
	{ 5e-5, "5e-5" },
	{ 1.005, "1.005" },
	{ 4.35, "4.35" },
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[32];
		size_t n = json_double_text(got, cases[i].v);

		assert_in_range(n, 1, 31);
		got[n] = '\0';
		assert_string_equal(got, cases[i].text);
	}
}

/* A generator with a fixed start: the same numbers in every run. */
static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void
check(double v)
{
	char text[33];
	size_t n = json_double_text(text, v);
	struct arena *a = arena_new(1 << 16);
	struct fault f = { 0 };
	json_t *root;
	double back;

	text[n] = '\0';
	back = strtod(text, NULL);
	if (!(back == v))
		fail_msg("%s is not %.17g", text, v);
	if (json_parse(a, (struct str){ text, n }, &json_limits_default, &root,
		&f) != ERR_OK)
		fail_msg("%s is not JSON", text);
	assert_true(json_number_value(root) == v);
	arena_free(a);
}

static void
test_any_bits_read_back(void **state)
{
	uint64_t x = 88172645463325252U;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = next(&x);
		double v;

		memcpy(&v, &bits, sizeof(v));
		if (isfinite(v))
			check(v);
	}
}

/* Prices, and their neighbours, which look alike and are not. */
static void
test_cents_read_back(void **state)
{
	uint64_t x = 88172645463325252U;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		double v = (double)(next(&x) >> (next(&x) % 50 + 12)) / 100;
		char text[32];
		size_t n;

		check(v);
		check(nextafter(v, 0));
		check(nextafter(v, INFINITY));
		n = json_double_text(text, -v);
		if (v < 1e12 && n > 2 && memchr(text, '.', n) != NULL)
			assert_true(
			    memchr(text, '.', n) >= (void *)(text + n - 3));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_any_bits_read_back),
		cmocka_unit_test(test_cents_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
