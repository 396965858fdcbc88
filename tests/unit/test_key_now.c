/* SPDX-License-Identifier: ISC */
/* A key in use for long: what is noticed of it, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/store_case.h"

static struct key mine;
static uint64_t secret;

static enum err
now_at(int64_t now_s, struct key *out)
{
	struct fault f = { 0 };

	return key_now(site.store, site.arena, &mine, now_s, out, &secret, &f);
}

static int
begin(void **state)
{
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct key want = plain;

	case_set_up(state);
	want.label = STR("mine");
	want.expires_s = NOW + 100;
	assert_int_equal(key_create(site.store, &want, NOW, token, &mine,
			     site.arena, &f),
	    ERR_OK);
	return 0;
}

static void
test_as_it_is(void **state)
{
	struct key k;
	uint64_t first;

	(void)state;
	assert_int_equal(now_at(NOW, &k), ERR_OK);
	assert_string_equal(k.id, mine.id);
	assert_int_equal(k.scopes, mine.scopes);
	first = secret;
	assert_int_equal(now_at(NOW + 99, &k), ERR_OK);
	assert_true(first == secret && secret != 0);
}

static void
test_expired(void **state)
{
	struct key k;

	(void)state;
	assert_int_equal(now_at(NOW + 99, &k), ERR_OK);
	assert_int_equal(now_at(NOW + 100, &k), ERR_OBJECT_NOT_FOUND);
}

static void
test_revoked(void **state)
{
	struct fault f = { 0 };
	struct key k;

	(void)state;
	assert_int_equal(key_revoke(site.store, str_of(mine.id), NOW, &f),
	    ERR_OK);
	assert_int_equal(now_at(NOW, &k), ERR_OBJECT_NOT_FOUND);
}

/* A new secret shows, whether the old one still counts or not. */
static void
test_rotated(void **state)
{
	static const int64_t graces[] = { 0, 50 };
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct key k;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint64_t before;

		assert_int_equal(now_at(NOW, &k), ERR_OK);
		before = secret;
		assert_int_equal(key_rotate(site.store, str_of(mine.id), NOW,
				     graces[i], token, &k, site.arena, &f),
		    ERR_OK);
		assert_int_equal(now_at(NOW, &k), ERR_OK);
		assert_true(before != secret);
	}
}

static void
test_never_there(void **state)
{
	struct key k;

	(void)state;
	memcpy(mine.id, "000000000000", KEY_ID_LEN);
	assert_int_equal(now_at(NOW, &k), ERR_OBJECT_NOT_FOUND);
	/* The decoy of A3 is no key. */
	mine.id[0] = '\0';
	assert_int_equal(now_at(NOW, &k), ERR_OBJECT_NOT_FOUND);
}

/* One from the environment has no row, and does not change. */
static void
test_without_a_row(void **state)
{
	struct key k;

	(void)state;
	mine.row = 0;
	assert_int_equal(now_at(NOW + 1000, &k), ERR_OK);
	assert_true(secret == 0);
	assert_string_equal(k.id, mine.id);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, case_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_as_it_is),
		T(test_expired),
		T(test_revoked),
		T(test_rotated),
		T(test_never_there),
		T(test_without_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
