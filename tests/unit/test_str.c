/* SPDX-License-Identifier: ISC */
/* Looking at text: comparing, cutting, numbers, patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"

#define COUNT(t) (sizeof(t) / sizeof((t)[0]))

static void
test_compare(void **state)
{
	(void)state;
	assert_true(str_ieq(STR("AbC-[1"), STR("aBc-[1")));
	assert_false(str_ieq(STR("a["), STR("a{")));
	assert_false(str_ieq(STR("a"), STR("ab")));
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
	assert_int_equal(str_cmp(str_of(NULL), STR("")), 0);
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("a"), STR("ab")));
	assert_true(str_ends(STR("abc"), STR("bc")));
	assert_false(str_ends(STR("c"), STR("bc")));
	assert_true(str_has(STR("a\0b"), 'b'));
	assert_false(str_has(str_of(NULL), 'b'));
	assert_true(str_hash(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(str_hash(STR("")) == UINT64_C(0xcbf29ce484222325));
}

static void
test_trim_and_from(void **state)
{
	(void)state;
	assert_true(str_eq(str_trim(STR(" \t a b\t ")), STR("a b")));
	assert_true(str_eq(str_trim(STR(" \t ")), STR("")));
	assert_true(str_eq(str_trim(STR("\na")), STR("\na")));
	assert_true(str_eq(str_from(STR("abc"), 1), STR("bc")));
	assert_true(str_eq(str_from(STR("abc"), 3), STR("")));
	assert_true(str_eq(str_from(STR("abc"), 9), STR("")));
	assert_non_null(str_from(STR("abc"), 3).p);
	assert_true(str_eq(str_behind_last(STR("a.b.c"), '.'), STR("c")));
	assert_true(str_eq(str_behind_last(STR("abc"), '.'), STR("abc")));
	assert_true(str_eq(str_behind_last(STR("ab."), '.'), STR("")));
	assert_null(str_from(str_of(NULL), 3).p);
}

static void
test_cut(void **state)
{
	static const struct {
		const char *text;
		const char *pieces; /* joined by '|' */
	} cases[] = { { "a,,b", "a||b|" }, { "", "|" }, { ",", "||" },
		{ "a", "a|" }, { "a,", "a||" }, { NULL, "" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str rest = str_of(cases[i].text), piece;
		char got[32] = "";
		size_t n = 0;

		while (str_cut(&rest, ',', &piece)) {
			memcpy(got + n, piece.p, piece.len);
			n += piece.len;
			got[n++] = '|';
		}
		assert_string_equal(got, cases[i].pieces);
	}
}

static void
test_int(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, want;
		bool ok;
	} cases[] = {
		{ "0", 0, 9, 0, true },
		{ "-0", 0, 9, 0, true },
		{ "007", 0, 9, 7, true },
		{ "1", 1, 3, 1, true },
		{ "0", 1, 3, 0, false },
		{ "3", 1, 3, 3, true },
		{ "4", 1, 3, 0, false },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX,
		    true },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, 0, false },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN,
		    true },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, 0, false },
		{ "18446744073709551616", INT64_MIN, INT64_MAX, 0, false },
		{ "", 0, 9, 0, false },
		{ "-", -9, 9, 0, false },
		{ "--1", -9, 9, 0, false },
		{ "+1", 0, 9, 0, false },
		{ " 1", 0, 9, 0, false },
		{ "1 ", 0, 9, 0, false },
		{ "1x", 0, 9, 0, false },
		{ ":", 0, 99, 0, false },
		{ "/", 0, 99, 0, false },
		{ "0x1", 0, 9, 0, false },
		{ "1.0", 0, 9, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = 77;
		bool ok = str_int(str_of(cases[i].text), cases[i].min,
		    cases[i].max, &got);

		if (ok != cases[i].ok)
			fail_msg("'%s'", cases[i].text);
		assert_true(got == (ok ? cases[i].want : 77));
	}
	assert_false(str_int((struct str){ "1\0", 2 }, 0, 9, &(int64_t){ 0 }));
}

static void
test_duration(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* 0: refused */
	} cases[] = { { "1s", 1 }, { "30s", 30 }, { "15m", 900 },
		{ "12h", 43200 }, { "90d", 7776000 }, { "36524d", 3155673600 },
		{ "36525d", 3155760000 }, { "36526d", 0 },
		{ "3155760000s", 3155760000 }, { "3155760001s", 0 },
		{ "0s", 0 }, { "-1s", 0 }, { "1", 0 }, { "s", 0 }, { "", 0 },
		{ "1w", 0 }, { "1 s", 0 }, { "1S", 0 }, { "1.5h", 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = 0;
		bool ok = str_duration(str_of(cases[i].text), &got);

		if (ok != (cases[i].want != 0) || got != cases[i].want)
			fail_msg("'%s'", cases[i].text);
	}
}

static void
test_glob(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "**", "a", true },
		{ "a*", "abc", true },
		{ "A*C", "abbc", true },
		{ "a*c", "acb", false },
		{ "*b*b*", "abab", true },
		{ "*b*b*", "aba", false },
		{ "hidden_*", "HIDDEN_x", true },
		{ "hidden_*", "hidden", false },
		{ "a?c", "abc", false },
		{ "*.email", "customers.email", true },
		{ "a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (str_glob(str_of(cases[i].pattern), str_of(cases[i].text)) !=
		    cases[i].want)
			fail_msg("'%s' on '%s'", cases[i].pattern,
			    cases[i].text);
}

static void
test_like(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} cases[] = {
		{ "", "", true },
		{ "%", "", true },
		{ "_", "", false },
		{ "a%", "Abc", true },
		{ "%c", "abc", true },
		{ "%b", "abc", false },
		{ "a_c", "abc", true },
		{ "a_c", "ac", false },
		{ "a_c",
		    "a\xc3\xa4"
		    "c",
		    true },
		{ "a__c",
		    "a\xc3\xa4"
		    "c",
		    false },
		{ "%__", "\xe2\x82\xac", false },
		{ "%_", "\xe2\x82\xac", true },
		{ "%__bc",
		    "\xe2\x82\xac"
		    "bc",
		    false },
		{ "_", "\xff", true },
		{ "100\\%", "100%", true },
		{ "100\\%", "100x", false },
		{ "a\\_b", "a_b", true },
		{ "a\\_b", "axb", false },
		{ "a\\\\b", "a\\b", true },
		{ "a\\", "a\\", true },
		{ "%a%b%", "xxaxxbxx", true },
		{ "%a%b%", "xxbxxaxx", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (str_like(str_of(cases[i].pattern), str_of(cases[i].text)) !=
		    cases[i].want)
			fail_msg("'%s' on '%s'", cases[i].pattern,
			    cases[i].text);
}

static void
test_distance(void **state)
{
	char long_name[66];

	(void)state;
	memset(long_name, 'a', sizeof(long_name));
	assert_int_equal(str_distance(STR(""), STR("")), 0);
	assert_int_equal(str_distance(STR(""), STR("abc")), 3);
	assert_int_equal(str_distance(STR("abc"), STR("")), 3);
	assert_int_equal(str_distance(STR("Orders"), STR("orders")), 0);
	assert_int_equal(str_distance(STR("order"), STR("orders")), 1);
	assert_int_equal(str_distance(STR("kitten"), STR("sitting")), 3);
	assert_int_equal(str_distance(STR("flaw"), STR("lawn")), 2);
	assert_int_equal(str_distance((struct str){ long_name, 63 }, STR("a")),
	    62);
	assert_int_equal(str_distance((struct str){ long_name, 64 }, STR("a")),
	    63);
	assert_int_equal(str_distance((struct str){ long_name, 65 }, STR("a")),
	    65);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_trim_and_from),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_int),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_like),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
