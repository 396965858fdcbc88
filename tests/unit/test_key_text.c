/* SPDX-License-Identifier: ISC */
/* The text of a key (A1): vectors, and each single typo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/store_case.h"

/* The text of A1, with the check digits of another implementation
 * (Python's hashlib.blake2b with digest_size=32). */
static void
A1_vectors(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
#include "tests/cases/auth/keys.inc"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (key_well_formed(str_of(rows[i].text)) != rows[i].good)
			fail_msg("row %zu: %s", i, rows[i].text);
}

/* Each single wrong character is noticed without a look at the store. */
static void
A1_one_typo(void **state)
{
	char token[KEY_TEXT_LEN + 1];
	struct store_counts counts = { 0 };
	struct fault f = { 0 };

	(void)state;
	make_key(token);
	assert_true(key_well_formed(str_of(token)));
	store_count(site.store, &counts);
	for (size_t i = 0; i < KEY_TEXT_LEN; i++) {
		char was = token[i];

		token[i] = was == 'a' ? 'b' : 'a';
		assert_false(key_well_formed(str_of(token)));
		assert_int_equal(check(token, &f), ERR_UNAUTHORIZED);
		token[i] = was;
	}
	store_count(site.store, NULL);
	assert_int_equal(counts.reads, 0);
	assert_int_equal(counts.hashes, 0);
	assert_int_equal(check(token, &f), ERR_OK);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		T(A1_vectors),
		T(A1_one_typo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
