/* SPDX-License-Identifier: ISC */
/* UTF-8: every boundary of the table in RFC 3629 section 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/utf8.h"

static const struct {
	const char *text;
	size_t step; /* length of the character, 0: none */
	size_t bad;  /* bytes of the error, where there is one */
} cases[] = {
	{ "a", 1, 0 },
	{ "\x7f", 1, 0 },
	{ "\x80", 0, 1 },
	{ "\xbf", 0, 1 },
	{ "\xc0\x80", 0, 1 }, /* overlong */
	{ "\xc1\xbf", 0, 1 },
	{ "\xc2\x80", 2, 0 },
	{ "\xc2\x7f", 0, 1 },
	{ "\xc2\xc0", 0, 1 },
	{ "\xc2", 0, 1 }, /* breaks off */
	{ "\xdf\xbf", 2, 0 },
	{ "\xe0\x9f\xbf", 0, 1 }, /* overlong */
	{ "\xe0\xa0\x80", 3, 0 },
	{ "\xe0\xa0", 0, 2 },
	{ "\xe0\xa0"
	  "a",
	    0, 2 },
	{ "\xed\x9f\xbf", 3, 0 }, /* U+D7FF */
	{ "\xed\xa0\x80", 0, 1 }, /* a surrogate */
	{ "\xed\xbf\xbf", 0, 1 },
	{ "\xee\x80\x80", 3, 0 },
	{ "\xef\xbf\xbf", 3, 0 },
	{ "\xf0\x8f\xbf\xbf", 0, 1 }, /* overlong */
	{ "\xf0\x90\x80\x80", 4, 0 },
	{ "\xf0\x90\x80", 0, 3 },
	{ "\xf0\x90\x80\xc0", 0, 3 },
	{ "\xf4\x8f\xbf\xbf", 4, 0 }, /* U+10FFFF */
	{ "\xf4\x90\x80\x80", 0, 1 },
	{ "\xf5\x80\x80\x80", 0, 1 },
	{ "\xf8\x88\x80\x80\x80", 0, 1 },
	{ "\xff", 0, 1 },
};

static void
test_table(void **state)
{
	(void)state;
	assert_int_equal(utf8_step("", 0), 0);
	assert_int_equal(utf8_bad("", 0), 0);
	assert_int_equal(utf8_step("\xe2\x82\xac", 2), 0);
	assert_int_equal(utf8_bad("\xe2\x82\xac", 2), 2);
	assert_int_equal(utf8_bad("\xe2\x82\xac", 1), 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *p = cases[i].text;
		size_t n = strlen(p);

		if (utf8_step(p, n) != cases[i].step)
			fail_msg("step of row %zu", i);
		if (cases[i].step == 0 && utf8_bad(p, n) != cases[i].bad)
			fail_msg("error of row %zu", i);
	}
}

/* Wherever the bytes stand: in the run of eight, behind it, at the end. */
static void
test_valid_anywhere(void **state)
{
	(void)state;
	assert_true(utf8_valid(str_of(NULL)));
	assert_true(utf8_valid((struct str){ "a\0b", 3 }));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].text);

		for (size_t before = 0; before <= 17; before++) {
			char text[40];

			memset(text, 'x', sizeof(text));
			memcpy(text + before, cases[i].text, n);
			for (size_t after = 0; after <= 9; after++) {
				struct str s = { text, before + n + after };
				bool want = cases[i].step == n;

				if (utf8_valid(s) != want)
					fail_msg("row %zu at %zu", i, before);
			}
		}
	}
}

static void
test_cutting(void **state)
{
	struct str s = STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const size_t at[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

	(void)state;
	for (size_t max = 0; max <= 12; max++)
		assert_int_equal(utf8_cut(s, max).len, at[max]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_valid_anywhere),
		cmocka_unit_test(test_cutting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
