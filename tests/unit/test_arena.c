/* SPDX-License-Identifier: ISC */
/* Arena: what stays in place, what is kept, and the ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "child.h"

#define SMALL  ((size_t)16 * 1024) /* largest piece without its own block */
#define BLOCKS ((size_t)64 * 1024)

static void
test_pieces_do_not_touch(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, SMALL - 1, SMALL,
		SMALL + 1, BLOCKS, 3 * BLOCKS };
	enum { N = sizeof(sizes) / sizeof(sizes[0]) };
	struct arena *a = arena_new(1 << 20);
	unsigned char *p[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		p[i] = arena_get(a, sizes[i]);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		memset(p[i], (int)i, sizes[i]);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(p[i][k], i);
	arena_free(a);
	arena_free(NULL);
}

static void
test_zero(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *p = arena_get(a, 100), *q;

	(void)state;
	memset(p, 'x', 100);
	arena_reset(a);
	q = arena_zero(a, 10, 10);
	assert_ptr_equal(p, q);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(q[i], 0);
	arena_free(a);
}

static void
test_newest_grows_in_place(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *p = arena_get(a, 10), *q, *r;

	(void)state;
	memcpy(p, "0123456789", 10);
	q = arena_grow(a, p, 10, SMALL);
	assert_ptr_equal(p, q);
	assert_int_equal(arena_used(a), SMALL);
	(void)arena_get(a, 1);
	r = arena_grow(a, q, SMALL, SMALL + 1);
	assert_ptr_not_equal(q, r);
	assert_memory_equal(r, "0123456789", 10);
	assert_ptr_equal(arena_grow(a, r, SMALL + 1, 5), r);
	assert_non_null(arena_grow(a, NULL, 0, 5));

	/* Leaving for a block of its own, it gives its room back. */
	p = arena_get(a, 32);
	(void)arena_grow(a, p, 32, SMALL + 1);
	assert_ptr_equal(arena_get(a, 32), p);
	arena_free(a);
}

/* A buffer that doubles leaves nothing behind: only its last size counts. */
static void
test_doubling_leaves_no_past(void **state)
{
	const size_t last = (size_t)1 << 22;
	struct arena *a = arena_new(last);
	char *p = arena_get(a, 64);
	size_t n;

	(void)state;
	for (n = 64; n < last; n *= 2) {
		memset(p + n / 2, (int)(n % 251), n / 2);
		p = arena_grow(a, p, n, 2 * n);
		assert_int_equal(arena_used(a), 2 * n);
	}
	for (size_t k = 64; k < last; k *= 2)
		assert_int_equal((unsigned char)p[k - 1],
		    (unsigned char)(k % 251));
	arena_free(a);
}

/* Large blocks among each other: the list holds through moves. */
static void
test_large_pieces_move(void **state)
{
	struct arena *a = arena_new(1 << 24);
	char *p = arena_get(a, 20000), *q = arena_get(a, 20000);

	(void)state;
	memset(p, 'p', 20000);
	memset(q, 'q', 20000);
	p = arena_grow(a, p, 20000, 3000000);
	q = arena_grow(a, q, 20000, 4000000);
	p = arena_grow(a, p, 3000000, 5000000);
	assert_int_equal(p[19999], 'p');
	assert_int_equal(q[19999], 'q');
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	arena_free(a);
}

static void
test_first_block_is_kept(void **state)
{
	struct arena *a = arena_new(1 << 24);
	char *first = arena_get(a, 8);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++)
			(void)arena_get(a, 5000);
		(void)arena_get(a, 100000);
		arena_reset(a);
		assert_ptr_equal(arena_get(a, 8), first);
	}
	arena_free(a);
}

static void
test_texts(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct str s = arena_dup(a, (struct str){ "a\0b", 3 });

	(void)state;
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.p, "a\0b", 4);
	assert_string_equal(arena_z(a, (struct str){ NULL, 0 }), "");
	s = arena_fmt(a, "%s-%d", "x", 7);
	assert_int_equal(s.len, 3);
	assert_string_equal(s.p, "x-7");
	arena_free(a);
}

static char order[8];

static void
note(void *arg)
{
	strncat(order, arg, 1);
}

static void
test_deferred_newest_first(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	arena_defer(a, note, (char[]){ "1" });
	arena_defer(a, note, (char[]){ "2" });
	arena_reset(a);
	assert_string_equal(order, "21");
	arena_defer(a, note, (char[]){ "3" });
	arena_free(a);
	assert_string_equal(order, "213");
}

static void
take(const void *arg)
{
	struct arena *a = arena_new(1000);

	(void)arena_get(a, 400);
	(void)arena_get(a, *(const size_t *)arg);
	arena_free(a);
}

static void
grow(const void *arg)
{
	struct arena *a = arena_new(100000);
	void *p = arena_get(a, 50000);

	(void)arena_grow(a, p, 50000, *(const size_t *)arg);
	arena_free(a);
}

static void
wrap(const void *arg)
{
	(void)arena_zero(arena_new(SIZE_MAX), SIZE_MAX / 2,
	    *(const size_t *)arg);
}

static void
test_ceiling(void **state)
{
	static const struct {
		void (*fn)(const void *);
		size_t n;
		int dies;
	} cases[] = { { take, 599, 0 }, { take, 600, 0 }, { take, 601, 1 },
		{ take, SIZE_MAX, 1 }, { grow, 99999, 0 }, { grow, 100000, 0 },
		{ grow, 100001, 1 }, { wrap, 3, 1 } };
	char said[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = cases[i].n;
		int status = child_run(cases[i].fn, &n, said, sizeof(said));

		assert_int_equal(child_aborted(status), cases[i].dies);
		assert_int_equal(strstr(said, "]: arena: ") != NULL,
		    cases[i].dies);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_do_not_touch),
		cmocka_unit_test(test_zero),
		cmocka_unit_test(test_newest_grows_in_place),
		cmocka_unit_test(test_doubling_leaves_no_past),
		cmocka_unit_test(test_large_pieces_move),
		cmocka_unit_test(test_first_block_is_kept),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_deferred_newest_first),
		cmocka_unit_test(test_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
