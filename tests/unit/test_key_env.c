/* SPDX-License-Identifier: ISC */
/* The key that stands in the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/store_case.h"

static void
key_from_the_environment(void **state)
{
	static const char text[] = "0123456789abcdef0123456789ABCDE!";
	struct store_counts counts = { 0 };
	struct store *next;
	struct fault f = { 0 };
	char seen[KEY_ID_LEN + 1];
	char *at;
	struct key k;

	(void)state;
	site.conf.key_env = "TEST_KEY";
	assert_int_equal(site_reopen(&site, &f), ERR_OK); /* not set: none */
	assert_int_equal(check(text, &f), ERR_UNAUTHORIZED);
	assert_int_equal(setenv("TEST_KEY", text, 1), 0);
	at = getenv("TEST_KEY");
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_null(getenv("TEST_KEY"));
	assert_int_equal(at[0], '\0');
	assert_int_equal(at[sizeof(text) - 2], '\0');
	store_count(site.store, &counts);
	assert_int_equal(key_check(site.store, site.arena, str_of(text), NOW,
			     &k, seen, &f),
	    ERR_OK);
	store_count(site.store, NULL);
	assert_int_equal(counts.reads, 0);
	assert_string_equal(seen, "environment");
	assert_int_equal(k.scopes, SCOPE_READ);
	assert_int_equal(k.ngrants, 0);
	assert_int_equal(check("0123456789abcdef0123456789ABCDE", &f),
	    ERR_UNAUTHORIZED);
	assert_int_equal(check("0123456789abcdef0123456789ABCDE!!", &f),
	    ERR_UNAUTHORIZED);
	assert_int_equal(check("", &f), ERR_UNAUTHORIZED);
	counts.writes = 0;
	store_count(site.store, &counts);
	key_touch(site.store, &k, NOW); /* has no row, writes none */
	store_count(site.store, NULL);
	assert_int_equal(counts.writes, 0);

	/* A reload finds the variable gone and takes the key over. */
	assert_int_equal(store_open(&site.conf, &next, &f), ERR_OK);
	store_inherit(next, site.store);
	store_close(site.store);
	site.store = next;
	assert_int_equal(check(text, &f), ERR_OK);
	assert_false(site_holds(&site, str_of(text)));
}

static void
bad_key_in_the_environment(void **state)
{
	static const char *const rows[] = { "", "short",
		"0123456789abcdef0123456789ABCDE", /* 31 */
		"0123456789abcdef 0123456789ABCDEF",
		"0123456789abcdef,0123456789ABCDEF",
		"0123456789abcdef\x7f"
		"0123456789ABCDEF",
		"0123456789abcdef\xc3\xa4"
		"0123456789ABCDEF" };

	(void)state;
	site.conf.key_env = "TEST_KEY";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fault f = { 0 };

		assert_int_equal(setenv("TEST_KEY", rows[i], 1), 0);
		if (site_reopen(&site, &f) != ERR_CONF)
			fail_msg("row %zu", i);
		assert_null(getenv("TEST_KEY"));
	}
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		T(key_from_the_environment),
		T(bad_key_in_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
