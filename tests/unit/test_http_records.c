/* SPDX-License-Identifier: ISC */
/* FastCGI records on the way out: any cut of any answer reads back equal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/http_int.h"

/* Read the records back: the bytes of STDOUT, and whether the end is right. */
struct readback {
	char *body;
	size_t len, records;
	bool closed, ended;
};

static void
read_back(struct readback *b, const unsigned char *p, size_t n)
{
	while (n > 0) {
		assert_true(n >= 8);
		size_t len = (size_t)p[4] << 8 | p[5];
		assert_int_equal(p[0], 1);
		assert_int_equal(p[2] << 8 | p[3], 258);
		assert_int_equal(p[6], 0);
		assert_true(n - 8 >= len);
		assert_false(b->ended);
		b->records++;
		if (p[1] == 3) {
			assert_int_equal(len, 8);
			b->ended = true;
		} else {
			assert_int_equal(p[1], 6);
			assert_false(b->closed);
			b->closed = len == 0;
			memcpy(b->body + b->len, p + 8, len);
			b->len += len;
		}
		p += 8 + len;
		n -= 8 + len;
	}
}

static void
check(size_t total, size_t piece, bool last)
{
	struct arena *a = arena_new((size_t)64 << 20);
	char *text = arena_get(a, total + 1);
	size_t n = piece == 0 ? 0 : (total + piece - 1) / piece;
	struct iovec *in = arena_get(a, (n + 1) * sizeof(*in));
	struct records *r = arena_get(a, sizeof(*r));
	struct readback b = { .body = arena_get(a, total + 1) };
	struct buf wire;

	for (size_t i = 0; i < total; i++)
		text[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < n; i++) {
		size_t left = total - i * piece;
		in[i] = (struct iovec){ text + i * piece,
			left < piece ? left : piece };
	}
	buf_init(&wire, a, (size_t)32 << 20);
	records_init(r, 258, in, (int)n, last);
	while (records_next(r)) {
		assert_true(r->n <= RECORD_PIECES);
		for (int i = 0; i < r->n; i++)
			buf_put(&wire, r->v[i].iov_base, r->v[i].iov_len);
	}
	read_back(&b, (unsigned char *)wire.p, wire.len);
	assert_int_equal(b.len, total);
	assert_memory_equal(b.body, text, total);
	assert_int_equal(b.ended, last);
	assert_int_equal(b.closed, last);
	arena_free(a);
}

static void
test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, RECORD_BODY - 1, RECORD_BODY,
		RECORD_BODY + 1, 2 * RECORD_BODY, RECORDS_MAX * RECORD_BODY,
		RECORDS_MAX * RECORD_BODY + 1, 3000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check(sizes[i], sizes[i], true);
		check(sizes[i], sizes[i], false);
		check(sizes[i], 100003, true);
	}
}

/* More pieces than one call takes. */
static void
test_pieces(void **state)
{
	(void)state;
	check(500, 1, true);
	check(70000, 999, true);
	check(200, 3, false);
}

static void
test_empty_pieces(void **state)
{
	struct iovec in[3] = { { (void *)(uintptr_t) "", 0 },
		{ (void *)(uintptr_t) "a", 1 }, { (void *)(uintptr_t) "", 0 } };
	struct records r;

	(void)state;
	records_init(&r, 1, in, 3, false);
	assert_true(records_next(&r));
	assert_int_equal(r.n, 2);
	assert_false(records_next(&r));
	records_init(&r, 1, in, 1, false);
	assert_false(records_next(&r));
}

static void
test_advance(void **state)
{
	char text[10];
	struct iovec all[3] = { { text, 4 }, { text + 4, 0 }, { text + 4, 6 } };
	struct iovec *v = all;

	(void)state;
	assert_int_equal(iov_advance(&v, 3, 3), 3);
	assert_ptr_equal(v[0].iov_base, text + 3);
	assert_int_equal(v[0].iov_len, 1);
	assert_int_equal(iov_advance(&v, 3, 2), 1);
	assert_ptr_equal(v[0].iov_base, text + 5);
	assert_int_equal(iov_advance(&v, 1, 5), 0);
}

/* H7: a peer that has gone is an answer, not a signal. */
static void
test_H7_no_signal(void **state)
{
	char text[10] = { 0 };
	struct iovec v = { text, sizeof(text) };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(send_all(pair[0], &v, 1, true));
	close(pair[1]);
	v = (struct iovec){ text, sizeof(text) };
	assert_false(send_all(pair[0], &v, 1, true));
	close(pair[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_empty_pieces),
		cmocka_unit_test(test_advance),
		cmocka_unit_test(test_H7_no_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
