/* SPDX-License-Identifier: ISC */
/*
 * Sealed texts open for whom and as long as they were made; hidden ones also
 * for what only, and show nothing to others.
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

static struct str
seal_it(struct str who, struct str payload)
{
	return seal_make(&seal, arena, who, UNTIL, payload);
}

static bool
open_it(const struct seal *with, struct str who, int64_t now_s, struct str text,
    struct str *payload)
{
	return seal_open(with, arena, who, now_s, text, payload);
}

static struct str
hide_it(struct str who, struct str payload)
{
	return seal_hide(&seal, arena, who, call, UNTIL, payload);
}

static bool
show_it(const struct seal *with, struct str who, int64_t now_s, struct str text,
    struct str *payload)
{
	return seal_show(with, arena, who, call, now_s, text, payload);
}

/* The two kinds, which promise the same of what is in both of them. */
static const struct kind {
	struct str (*make)(struct str who, struct str payload);
	bool (*open)(const struct seal *with, struct str who, int64_t now_s,
	    struct str text, struct str *payload);
	size_t most; /* no text of this length is opened */
} kinds[] = { { seal_it, open_it, 60000 }, { hide_it, show_it, 130000 } };

static const struct kind *kind;

static int
set_up(void **state)
{
	kind = *state;
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
opens(struct str text, struct str who, int64_t now_s)
{
	struct str payload;

	return kind->open(&seal, who, now_s, text, &payload);
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
		struct str text = kind->make(alice, rows[i]);

		assert_true(kind->open(&seal, alice, UNTIL - 1, text, &got));
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
	struct str text = kind->make(alice, STR("x"));

	(void)state;
	assert_true(opens(text, alice, UNTIL - 1));
	assert_false(opens(text, alice, UNTIL));
	assert_false(opens(text, alice, UNTIL + 1));
}

static void
belongs_to_one(void **state)
{
	struct str text = kind->make(alice, STR("x"));
	struct seal other = seal;
	struct str payload;

	(void)state;
	assert_true(opens(text, alice, 0));
	assert_false(opens(text, STR("0123456789ac"), 0));
	assert_false(opens(text, STR("0123456789a"), 0));
	assert_false(opens(text, STR(""), 0));
	other.key[31] = 1;
	assert_false(kind->open(&other, alice, 0, text, &payload));
}

/* Every other text of the same length, one character changed. */
static void
each_character_counts(void **state)
{
	static const char url64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n";
	struct str text = kind->make(alice, STR("offset 17"));
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
		text = kind->make(alice, STR("offset 17"));
		p = arena_z(arena, text);
	}
}

static void
other_lengths(void **state)
{
	struct str text = kind->make(alice, STR("offset 17"));
	const char *more =
	    arena_fmt(arena, "%.*s==AAAA", (int)text.len, text.p).p;
	char *huge = arena_zero(arena, 1, kind->most + 10000);

	(void)state;
	for (size_t n = 0; n < text.len; n++)
		assert_false(opens((struct str){ text.p, n }, alice, 0));
	for (size_t n = text.len + 1; n <= text.len + 6; n++)
		assert_false(opens((struct str){ more, n }, alice, 0));
	for (size_t n = 1; n < text.len; n++)
		assert_false(opens(str_from(text, n), alice, 0));
	memset(huge, 'A', kind->most + 10000);
	assert_false(opens((struct str){ huge, kind->most + 10000 }, alice, 0));
	assert_false(opens((struct str){ huge, kind->most }, alice, 0));
	assert_false(opens((struct str){ NULL, 0 }, alice, 0));
}

/* The border between principal and text cannot be moved: here the head of the
 * text (nine bytes, twelve characters) goes over to the principal. */
static void
principal_is_no_text(void **state)
{
	static const char head[] = "\1\0\0\0\0\x6b\x49\xd2\0";
	struct str inner = { head, 9 };
	struct str a = seal_it(STR("a"), inner);
	char who[10] = "a";

	(void)state;
	memcpy(who + 1, head, 9);
	assert_int_equal(UNTIL, 0x6b49d200);
	assert_true(opens(a, STR("a"), 0));
	assert_false(opens(str_from(a, 12), (struct str){ who, 10 }, 0));
}

static bool
shows(struct str who, struct str what, struct str text)
{
	struct str payload;

	return seal_show(&seal, arena, who, what, 0, text, &payload);
}

/* What is hidden for one thing is not shown for another, and nothing moves
 * between the principal and what it belongs to. */
static void
belongs_to_what(void **state)
{
	struct str text = hide_it(alice, STR("x"));

	(void)state;
	assert_true(shows(alice, call, text));
	assert_false(shows(alice, STR("tools/call y"), text));
	assert_false(shows(alice, (struct str){ 0 }, text));
	text = seal_hide(&seal, arena, STR("ab"), STR("cd"), UNTIL, STR("x"));
	assert_true(shows(STR("ab"), STR("cd"), text));
	assert_false(shows(STR("abc"), STR("d"), text));
	assert_false(shows(STR("a"), STR("bcd"), text));
}

/* Two of the same are two texts, and neither shows what is inside. */
static void
shows_nothing(void **state)
{
	char zeros[300] = { 0 };
	struct str in = { zeros, sizeof(zeros) };
	struct str a = hide_it(alice, in), b = hide_it(alice, in);

	(void)state;
	assert_int_equal(a.len, b.len);
	for (size_t i = 12; i + 16 <= a.len; i++) {
		assert_memory_not_equal(a.p + i, b.p + i, 16);
		assert_memory_not_equal(a.p + i, "AAAAAAAAAAAAAAAA", 16);
	}
}

/* A test of one kind, and of each. */
#define ONE(fn, k)                                                       \
	{                                                                \
#fn, fn, set_up, tear_down, (void *)(uintptr_t)&kinds[k] \
	}
#define BOTH(fn) ONE(fn, 0), ONE(fn, 1)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(comes_back),
		BOTH(expires),
		BOTH(belongs_to_one),
		BOTH(each_character_counts),
		BOTH(other_lengths),
		ONE(principal_is_no_text, 0),
		ONE(belongs_to_what, 1),
		ONE(shows_nothing, 1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
