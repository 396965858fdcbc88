/* SPDX-License-Identifier: ISC */
/*
 * Hidden texts open for whom, for what and as long as they were made, and show
 * nothing to others.
 */
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
static const struct str call = STR("tools/call x");
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

	return seal_show(&seal, arena, who, call, now_s, sealed, &payload);
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
		    seal_hide(&seal, arena, alice, call, UNTIL, rows[i]);

		assert_true(seal_show(&seal, arena, alice, call, UNTIL - 1,
		    text, &got));
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
	struct str text = seal_hide(&seal, arena, alice, call, UNTIL, STR("x"));

	(void)state;
	assert_true(opens(text, alice, UNTIL - 1));
	assert_false(opens(text, alice, UNTIL));
	assert_false(opens(text, alice, UNTIL + 1));
}

static void
belongs_to_one(void **state)
{
	struct str text = seal_hide(&seal, arena, alice, call, UNTIL, STR("x"));
	struct seal other = seal;
	struct str payload;

	(void)state;
	assert_false(opens(text, STR("0123456789ac"), 0));
	assert_false(opens(text, STR("0123456789a"), 0));
	assert_false(opens(text, STR(""), 0));
	other.key[31] = 1;
	assert_false(seal_show(&other, arena, alice, call, 0, text, &payload));
	assert_false(seal_show(&seal, arena, alice, STR("tools/call y"), 0,
	    text, &payload));
	assert_false(seal_show(&seal, arena, alice, (struct str){ 0 }, 0, text,
	    &payload));
}

/* Every other text of the same length, one character changed. */
static void
each_character_counts(void **state)
{
	static const char url64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n";
	struct str text =
	    seal_hide(&seal, arena, alice, call, UNTIL, STR("offset 17"));
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
		text = seal_hide(&seal, arena, alice, call, UNTIL,
		    STR("offset 17"));
		p = arena_z(arena, text);
	}
}

static void
other_lengths(void **state)
{
	struct str text =
	    seal_hide(&seal, arena, alice, call, UNTIL, STR("offset 17"));
	const char *more =
	    arena_fmt(arena, "%.*s==AAAA", (int)text.len, text.p).p;
	char *huge = arena_zero(arena, 1, 140000);

	(void)state;
	for (size_t n = 0; n < text.len; n++)
		assert_false(opens((struct str){ text.p, n }, alice, 0));
	for (size_t n = text.len + 1; n <= text.len + 6; n++)
		assert_false(opens((struct str){ more, n }, alice, 0));
	for (size_t n = 1; n < text.len; n++)
		assert_false(opens(str_from(text, n), alice, 0));
	memset(huge, 'A', 140000);
	assert_false(opens((struct str){ huge, 140000 }, alice, 0));
	assert_false(opens((struct str){ huge, 130000 }, alice, 0));
	assert_false(opens((struct str){ NULL, 0 }, alice, 0));
}

/* Nothing moves between the principal and what it belongs to. */
static void
no_border_moves(void **state)
{
	struct str text =
	    seal_hide(&seal, arena, STR("ab"), STR("cd"), UNTIL, STR("x"));
	struct str payload;

	(void)state;
	assert_true(
	    seal_show(&seal, arena, STR("ab"), STR("cd"), 0, text, &payload));
	assert_false(
	    seal_show(&seal, arena, STR("abc"), STR("d"), 0, text, &payload));
	assert_false(
	    seal_show(&seal, arena, STR("a"), STR("bcd"), 0, text, &payload));
}

/* Two of the same are two texts, and neither shows what is inside. */
static void
shows_nothing(void **state)
{
	char zeros[300] = { 0 };
	struct str in = { zeros, sizeof(zeros) };
	struct str a = seal_hide(&seal, arena, alice, call, UNTIL, in);
	struct str b = seal_hide(&seal, arena, alice, call, UNTIL, in);

	(void)state;
	assert_int_equal(a.len, b.len);
	for (size_t i = 12; i + 16 <= a.len; i++) {
		assert_memory_not_equal(a.p + i, b.p + i, 16);
		assert_memory_not_equal(a.p + i, "AAAAAAAAAAAAAAAA", 16);
	}
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
		T(no_border_moves),
		T(shows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
