/* SPDX-License-Identifier: ISC */
/* FastCGI records on the way in, H6, H7 and H11, over a pair of sockets. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/http_int.h"

static struct intake in;
static int peer;

static void
start(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	peer = pair[1];
	intake_start(&in, pair[0]);
}

static void
stop(void)
{
	intake_done(&in);
	close(in.fd);
	close(peer);
}

static void
raw(const void *p, size_t n)
{
	assert_int_equal(send(peer, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void
record(int type, int id, const void *content, size_t n, size_t padding)
{
	static const char zeros[256];
	const unsigned char h[8] = { 1, (unsigned char)type,
		(unsigned char)(id >> 8), (unsigned char)id,
		(unsigned char)(n >> 8), (unsigned char)n,
		(unsigned char)padding, 0 };

	raw(h, sizeof(h));
	if (n > 0)
		raw(content, n);
	if (padding > 0)
		raw(zeros, padding);
}

static void
begin(int role)
{
	const char body[8] = { 0, (char)role };

	record(1, 7, body, sizeof(body), 0);
}

static void
begin_and_params(void)
{
	static const char pairs[] = "\1\1AB\2\3XYabc";

	begin(1);
	record(4, 7, pairs, sizeof(pairs) - 1, 5);
	record(4, 7, NULL, 0, 0);
}

static struct deadline
soon(void)
{
	return deadline_in(20);
}

static void
test_request(void **state)
{
	char text[32];

	(void)state;
	start();
	record(9, 0x99, "other", 5, 3); /* of another request: nothing to us */
	begin_and_params();
	assert_int_equal(intake_request(&in, soon()), INTAKE_OK);
	assert_string_equal(in.env[0], "A=B");
	assert_string_equal(in.env[1], "XY=abc");
	assert_null(in.env[2]);
	record(5, 7, "0123", 4, 1);
	record(8, 7, "data", 4, 0);
	record(5, 7, "456789", 6, 0);
	assert_int_equal(intake_body(&in, text, 3, soon()), 3);
	assert_int_equal(intake_body(&in, text + 3, 20, soon()), 1);
	assert_int_equal(intake_body(&in, text + 4, 20, soon()), 6);
	assert_memory_equal(text, "0123456789", 10);
	assert_false(intake_is_empty(&in));
	record(5, 7, NULL, 0, 0);
	assert_true(intake_is_empty(&in));
	assert_int_equal(intake_body(&in, text, 20, soon()), 0);
	assert_int_equal(intake_body(&in, text, 20, soon()), 0);
	stop();
}

/* The same in pieces of every size, so that each cut falls everywhere. */
static void
test_cuts(void **state)
{
	unsigned char all[512];
	char body[8];
	ssize_t n;

	(void)state;
	start();
	begin_and_params();
	record(5, 7, "body", 4, 0);
	n = recv(in.fd, all, sizeof(all), 0);
	assert_true(n > 0);
	stop();
	for (ssize_t cut = 1; cut < n; cut++) {
		start();
		/* What was read before the cut lies in the buffer already. */
		memcpy(in.raw, all, (size_t)cut);
		in.have = (size_t)cut;
		raw(all + cut, (size_t)(n - cut));
		assert_int_equal(intake_request(&in, soon()), INTAKE_OK);
		assert_string_equal(in.env[1], "XY=abc");
		ssize_t got = intake_body(&in, body, 8, soon());
		if (got > 0 && got < 4)
			got += intake_body(&in, body + got, 8, soon());
		assert_int_equal(got, 4);
		assert_memory_equal(body, "body", 4);
		stop();
	}
}

/* H7: each wait ends. */
static void
test_H7_deadlines(void **state)
{
	char text[8];

	(void)state;
	start();
	begin(1);
	assert_int_equal(intake_request(&in, soon()), INTAKE_CLOSED);
	assert_int_equal(errno, ETIMEDOUT);
	stop();
	start();
	begin_and_params();
	assert_int_equal(intake_request(&in, soon()), INTAKE_OK);
	assert_int_equal(intake_body(&in, text, 8, soon()), -1);
	assert_int_equal(errno, ETIMEDOUT);
	raw("\1\5\0\7\0\4\0\0ab", 10);
	assert_int_equal(intake_body(&in, text, 8, soon()), 2);
	assert_int_equal(intake_body(&in, text, 8, soon()), -1);
	assert_int_equal(errno, ETIMEDOUT);
	stop();
}

static void
test_H6_ends_early(void **state)
{
	char text[8];

	(void)state;
	start();
	begin_and_params();
	raw("\1\5\0\7\0\4\0\0ab", 10);
	(void)shutdown(peer, SHUT_WR);
	assert_int_equal(intake_request(&in, soon()), INTAKE_OK);
	assert_int_equal(intake_body(&in, text, 8, soon()), 2);
	assert_int_equal(intake_body(&in, text, 8, soon()), -1);
	assert_int_not_equal(errno, ETIMEDOUT);
	stop();
	start();
	begin_and_params();
	record(5, 7, "ab", 2, 0);
	record(2, 7, NULL, 0, 0);
	assert_int_equal(intake_request(&in, soon()), INTAKE_OK);
	assert_int_equal(intake_body(&in, text, 8, soon()), 2);
	assert_int_equal(intake_body(&in, text, 8, soon()), -1);
	stop();
}

/* H11: what is not a request of one responder. */
static void
test_H11_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 18 },
		{ "\2\1\0\7\0\10\0\0\0\1\0\0\0\0\0\0", 16 }, /* version */
		{ "\1\1\0\0\0\10\0\0\0\1\0\0\0\0\0\0", 16 }, /* id 0 */
		{ "\1\1\0\7\0\7\0\0\0\1\0\0\0\0\0", 15 },    /* body of 7 */
		{ "\1\11\0\0\0\0\0\0", 8 },                  /* GET_VALUES */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start();
		raw(bad[i].bytes, bad[i].n);
		record(4, 7, "\1\1AB", 4, 0); /* as if nothing were wrong */
		record(4, 7, NULL, 0, 0);
		(void)shutdown(peer, SHUT_WR);
		assert_int_equal(intake_request(&in, soon()), INTAKE_CLOSED);
		stop();
	}
	for (int role = 0; role < 4; role++) {
		if (role == 1)
			continue;
		start();
		begin(role);
		assert_int_equal(intake_request(&in, soon()), INTAKE_ROLE);
		assert_int_equal(in.id, 7);
		stop();
	}
	start();
	begin(1);
	record(5, 7, "body before the parameters", 26, 0);
	assert_int_equal(intake_request(&in, soon()), INTAKE_CLOSED);
	stop();
}

/* H11: parameters at their ceiling and one byte over it. */
static void
test_H11_too_many_params(void **state)
{
	static char big[INTAKE_PARAMS + 1];

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		size_t n = INTAKE_PARAMS + over, value = n - 6;
		start();
		memset(big, 'x', sizeof(big));
		big[0] = 1;
		big[1] = (char)(0x80 | value >> 24);
		big[2] = (char)(value >> 16);
		big[3] = (char)(value >> 8);
		big[4] = (char)value;
		begin(1);
		record(4, 7, big, 60000, 0);
		record(4, 7, big + 60000, n - 60000, 0);
		record(4, 7, NULL, 0, 0);
		assert_int_equal(intake_request(&in, soon()), INTAKE_OK);
		assert_int_equal(in.too_much, over == 1);
		assert_true((in.env[0] == NULL) == (over == 1));
		stop();
	}
}

static const struct params_case {
	const char *bytes;
	size_t n;
	bool good;
} cases[] = {
	{ "", 0, true },
	{ "\1\0A", 3, true },
	{ "\1\1AB", 4, true },
	{ "\1\200\0\0\1AB", 7, true },
	{ "\200\0\0\1\200\0\0\1AB", 10, true },
	{ "\1", 1, false },
	{ "\1\1A", 3, false },
	{ "\1\2AB", 4, false },
	{ "\2\0A", 3, false },
	{ "\377\377\377\377\377\377\377\377AB", 10, false },
	{ "\177\177AB", 4, false },
	{ "\200\0\0", 3, false },
	{ "\0\1B", 3, false },
	{ "\3\1A=CB", 6, false },
	{ "\1\3AB\0C", 6, false },
	{ "\2\1A\0B", 5, false },
};

static void
test_H11_params(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64], *env[3];
		memcpy(text, cases[i].bytes, cases[i].n);
		if (params_split(text, cases[i].n, env, 2) != cases[i].good)
			fail_msg("case %zu", i);
	}
	char three[] = "\1\1AB\1\1CD\1\1EF", *env[3];
	assert_false(params_split(three, 12, env, 2));
}

/* A credential does not stay behind. */
static void
test_wiped(void **state)
{
	(void)state;
	start();
	begin_and_params();
	assert_int_equal(intake_request(&in, soon()), INTAKE_OK);
	intake_done(&in);
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(in.raw[i], 0);
		assert_int_equal(in.params[i], 0);
	}
	stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_H7_deadlines),
		cmocka_unit_test(test_H6_ends_early),
		cmocka_unit_test(test_H11_refused),
		cmocka_unit_test(test_H11_too_many_params),
		cmocka_unit_test(test_H11_params),
		cmocka_unit_test(test_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
