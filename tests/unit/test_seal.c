/* SPDX-License-Identifier: ISC */
/* Sealed texts open for whom and as long as they were made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/auth.h"

#define UNTIL ((int64_t)1800000000)

static const struct seal seal = { { 1, 2, 3 } };
static const struct str alice = STR("0123456789ab");
static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new((size_t)16 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static bool
opens(struct str sealed, struct str who, int64_t now_s)
{
	struct str payload;

	return seal_open(&seal, arena, who, now_s, sealed, &payload);
}

static void
comes_back(void **state)
{
	static const char zeros[5000];
	const struct str rows[] = { STR(""), STR("x"), STR("{\"offset\":3}"),
		{ zeros, sizeof(zeros) } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str got = { NULL, 99 };
		struct str text =
		    seal_make(&seal, arena, alice, UNTIL, rows[i]);

		assert_true(
		    seal_open(&seal, arena, alice, UNTIL - 1, text, &got));
		assert_true(str_eq(got, rows[i]));
		for (size_t j = 0; j < text.len; j++)
			assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					       "abcdefghijklmnopqrstuvwxyz"
					       "0123456789-_",
			    text.p[j]));
	}
}

static void
expires(void **state)
{
	struct str text = seal_make(&seal, arena, alice, UNTIL, STR("x"));

	(void)state;
	assert_true(opens(text, alice, UNTIL - 1));
	assert_false(opens(text, alice, UNTIL));
	assert_false(opens(text, alice, UNTIL + 1));
}

static void
belongs_to_one(void **state)
{
	struct str text = seal_make(&seal, arena, alice, UNTIL, STR("x"));
	struct seal other = seal;
	struct str payload;

	(void)state;
	assert_false(opens(text, STR("0123456789ac"), 0));
	assert_false(opens(text, STR("0123456789a"), 0));
	assert_false(opens(text, STR(""), 0));
	other.key[31] = 1;
	assert_false(seal_open(&other, arena, alice, 0, text, &payload));
}

/* Every other text of the same length, one character changed. */
static void
each_character_counts(void **state)
{
	static const char url64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n";
	struct str text =
	    seal_make(&seal, arena, alice, UNTIL, STR("offset 17"));
	char *p = arena_z(arena, text);

	(void)state;
	for (size_t i = 0; i < text.len; i++) {
		char was = p[i];

		for (const char *c = url64; *c != '\0'; c++) {
			p[i] = *c;
			if (*c != was &&
			    opens((struct str){ p, text.len }, alice, 0))
				fail_msg("place %zu with '%c'", i, *c);
		}
		p[i] = was;
		arena_reset(arena);
		text = seal_make(&seal, arena, alice, UNTIL, STR("offset 17"));
		p = arena_z(arena, text);
	}
}

static void
other_lengths(void **state)
{
	struct str text =
	    seal_make(&seal, arena, alice, UNTIL, STR("offset 17"));
	const char *more =
	    arena_fmt(arena, "%.*s==AAAA", (int)text.len, text.p).p;
	char *huge = arena_zero(arena, 1, 70000);

	(void)state;
	for (size_t n = 0; n < text.len; n++)
		assert_false(opens((struct str){ text.p, n }, alice, 0));
	for (size_t n = text.len + 1; n <= text.len + 6; n++)
		assert_false(opens((struct str){ more, n }, alice, 0));
	for (size_t n = 1; n < text.len; n++)
		assert_false(opens(str_from(text, n), alice, 0));
	memset(huge, 'A', 70000);
	assert_false(opens((struct str){ huge, 70000 }, alice, 0));
	assert_false(opens((struct str){ huge, 60000 }, alice, 0));
	assert_false(opens((struct str){ NULL, 0 }, alice, 0));
}

/* The border between principal and text cannot be moved: here the head of the
 * text (nine bytes, twelve characters) goes over to the principal. */
static void
principal_is_no_text(void **state)
{
	static const char head[] = "\1\0\0\0\0\x6b\x49\xd2\0";
	struct str inner = { head, 9 };
	struct str a = seal_make(&seal, arena, STR("a"), UNTIL, inner);
	char who[10] = "a";

	(void)state;
	memcpy(who + 1, head, 9);
	assert_int_equal(UNTIL, 0x6b49d200);
	assert_true(opens(a, STR("a"), 0));
	assert_false(opens(str_from(a, 12), (struct str){ who, 10 }, 0));
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(comes_back),
		T(expires),
		T(belongs_to_one),
		T(each_character_counts),
		T(other_lengths),
		T(principal_is_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
