/* SPDX-License-Identifier: ISC */
/* The rights of a key as they are typed and as they are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/verb.h"
#include "ctl/rights.h"

static void
rates(void **state)
{
	static const struct {
		const char *text;
		uint32_t count, window_s, burst;
	} good[] = {
		{ "60/min", 60, 60, 15 },
		{ "1/s", 1, 1, 10 },
		{ "3/s", 3, 1, 10 },
		{ "43/min", 43, 60, 10 },
		{ "44/min", 44, 60, 11 },
		{ "1000000/day", 1000000, 86400, 250000 },
		{ "5/hour", 5, 3600, 10 },
	};
	static const char *const bad[] = { "", "60", "60/", "/min", "0/min",
		"-1/min", "1000001/s", "60/month", "60/min/min", " 60/min",
		"6e1/min" };
	struct conf_rate r;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(rate_parse(str_of(good[i].text), &r));
		assert_true(r.set);
		assert_int_equal(r.count, good[i].count);
		assert_int_equal(r.window_s, good[i].window_s);
		assert_int_equal(r.burst, good[i].burst);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rate_parse(str_of(bad[i]), &r));
}

static void
rate_is_shown_as_typed(void **state)
{
	static const char *const text[] = { "60/min", "1/s", "7/h", "9/d" };
	struct arena *a = arena_new(1u << 16);
	struct conf_rate r = { 0 };

	(void)state;
	assert_int_equal(rate_text(a, &r).len, 0);
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		assert_true(rate_parse(str_of(text[i]), &r));
		assert_true(str_eq(rate_text(a, &r), str_of(text[i])));
	}
	arena_free(a);
}

static void
scopes(void **state)
{
	unsigned got = 0;

	(void)state;
	assert_true(scopes_parse(STR("read"), &got));
	assert_int_equal(got, SCOPE_READ);
	assert_true(scopes_parse(STR("write,read"), &got));
	assert_int_equal(got, SCOPE_READ | SCOPE_WRITE);
	assert_false(scopes_parse(STR(""), &got));
	assert_false(scopes_parse(STR("Read"), &got));
	assert_false(scopes_parse(STR("read,"), &got));
	assert_false(scopes_parse(STR("read, write"), &got));
	assert_true(str_eq(scopes_text(SCOPE_READ), STR("read")));
	assert_true(str_eq(scopes_text(SCOPE_WRITE), STR("write")));
}

static void
ends(void **state)
{
	int64_t at = -1;

	(void)state;
	assert_true(expires_parse("90d", 1000, &at));
	assert_int_equal(at, 1000 + 90 * 86400);
	assert_true(expires_parse("1s", 1000, &at));
	assert_int_equal(at, 1001);
	assert_true(expires_parse("never", 1000, &at));
	assert_int_equal(at, 0);
	assert_true(expires_parse("2001-09-09T01:46:40Z", 0, &at));
	assert_int_equal(at, 1000000000);
	assert_false(expires_parse("", 0, &at));
	assert_false(expires_parse("0s", 0, &at));
	assert_false(expires_parse("tomorrow", 0, &at));
	assert_false(expires_parse("1970-01-01T00:00:00Z", 0, &at));
}

static void
status_at_the_edge(void **state)
{
	struct key k = { .expires_s = 100 };

	(void)state;
	assert_string_equal(key_status(&k, 99), "active");
	assert_string_equal(key_status(&k, 100), "expired");
	k.revoked_s = 50;
	assert_string_equal(key_status(&k, 49), "active");
	assert_string_equal(key_status(&k, 50), "revoked");
}

static void
grants(void **state)
{
	const struct key_grant g[] = { { STR("shop"),
					   VERB_SELECT | VERB_INSERT },
		{ STR("*"), VERB_ALL } };
	struct key k = { .grants = g, .ngrants = 2 };
	struct arena *a = arena_new(1u << 22);

	(void)state;
	assert_true(str_eq(grants_text(a, &k),
	    STR("shop:SELECT,INSERT *:SELECT,INSERT,UPDATE,DELETE,EXECUTE")));
	k.ngrants = 0;
	assert_int_equal(grants_text(a, &k).len, 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),
		cmocka_unit_test(rate_is_shown_as_typed),
		cmocka_unit_test(scopes),
		cmocka_unit_test(ends),
		cmocka_unit_test(status_at_the_edge),
		cmocka_unit_test(grants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
