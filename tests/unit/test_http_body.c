/* SPDX-License-Identifier: ISC */
/* H6 and H7: bodies that are not what was promised.  H8: what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/http.h"
#include "tests/unit/fake_io.h"

static const struct http_limits limits = { .body = 100,
	.header = 8192,
	.body_time_s = 1 };

static struct fake_io io;
static struct http_req req;
static struct fault fault;

static const struct body_case {
	const char *name;
	const char *length; /* NULL: no CONTENT_LENGTH */
	size_t bytes;       /* what arrives */
	bool slow;
	enum err err;
	size_t got, taken;
} bodies[] = {
	{ "as promised", "10", 10, false, ERR_OK, 10, 10 },
	{ "extra bytes are left alone", "10", 20, false, ERR_OK, 10, 10 },
	{ "empty", "0", 0, false, ERR_OK, 0, 0 },
	{ "fewer than promised", "10", 9, false, ERR_BODY_SHORT, 0, 9 },
	{ "slower than allowed", "10", 9, true, ERR_BODY_SLOW, 0, 9 },
	{ "no length", NULL, 10, false, ERR_OK, 10, 10 },
	{ "empty length", "", 10, false, ERR_OK, 10, 10 },
	{ "length -1", "-1", 10, false, ERR_OK, 10, 10 },
	{ "no length, slow", NULL, 10, true, ERR_BODY_SLOW, 0, 10 },
	{ "no length, at the cap", NULL, 100, false, ERR_OK, 100, 100 },
	{ "no length, over the cap", NULL, 101, false, ERR_BODY_BIG, 0, 101 },
	{ "one below the cap", "99", 99, false, ERR_OK, 99, 99 },
	{ "at the cap", "100", 100, false, ERR_OK, 100, 100 },
	{ "one above the cap", "101", 101, false, ERR_BODY_BIG, 0, 101 },
	{ "far above the cap", "9999999999", 500, false, ERR_BODY_BIG, 0, 500 },
	{ "eleven digits", "00000000010", 10, false, ERR_HEADER, 0, 10 },
	{ "ten digits", "0000000010", 10, false, ERR_OK, 10, 10 },
	{ "a sign", "+10", 10, false, ERR_HEADER, 0, 10 },
	{ "-0", "-0", 10, false, ERR_HEADER, 0, 10 },
	{ "no number", "ten", 10, false, ERR_HEADER, 0, 10 },
	{ "hexadecimal", "0x10", 10, false, ERR_HEADER, 0, 10 },
	{ "two numbers", "5 5", 10, false, ERR_HEADER, 0, 10 },
};

static void
start(struct arena *a, const struct body_case *c, size_t piece)
{
	static char text[1024];

	memset(text, 'x', sizeof(text));
	fake_init(&io);
	fake_env(&io, "REQUEST_METHOD=POST");
	if (c->length != NULL)
		fake_env(&io, arena_fmt(a, "CONTENT_LENGTH=%s", c->length).p);
	io.body = (struct str){ text, c->bytes };
	io.slow = c->slow;
	io.piece = piece;
	memset(&fault, 0, sizeof(fault));
	assert_int_equal(http_read(&io.io, &limits, a, &req, &fault), ERR_OK);
}

static void
test_H6_bodies(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct body_case *c = &bodies[i / 2];
		struct str body = { 0 };
		start(a, c, i % 2 == 0 ? 0 : 7);
		enum err e = http_body(&req, &body, &fault);
		if (e != c->err || body.len != c->got || io.taken != c->taken)
			fail_msg("%s: %s, %zu bytes, %zu taken", c->name,
			    err_name(e), body.len, io.taken);
	}
	arena_free(a);
}

/* A promise of gigabytes costs nothing. */
static void
test_H6_no_memory_for_promises(void **state)
{
	const struct body_case c = { .length = "9999999999", .bytes = 3 };
	const struct http_limits wide = { .body = (size_t)1 << 40,
		.header = 8192,
		.body_time_s = 1 };
	struct arena *a = arena_new(1 << 20);
	struct str body;

	(void)state;
	start(a, &c, 0);
	req.limits = wide;
	assert_int_equal(http_body(&req, &body, &fault), ERR_BODY_SHORT);
	assert_true(arena_used(a) < 100000);
	arena_free(a);
}

/* After a refusal the rest is read away, up to 8 MiB, and only once. */
static void
test_H6_drain(void **state)
{
	const struct body_case c = { .length = "500", .bytes = 600 };
	struct arena *a = arena_new(1 << 20);

	(void)state;
	start(a, &c, 7);
	http_drain(&req);
	assert_int_equal(io.taken, 500);
	http_drain(&req);
	assert_int_equal(io.taken, 500);
	start(a, &c, 0);
	req.method = HTTP_DELETE;
	http_drain(&req);
	assert_int_equal(io.taken, 0);
	arena_free(a);
}

static ssize_t
endless(struct http_io *f, void *p, size_t n, struct deadline d)
{
	(void)d;
	memset(p, 'x', n);
	((struct fake_io *)f->arg)->taken += n;
	return (ssize_t)n;
}

static void
test_H6_drain_ends(void **state)
{
	const struct body_case c = { .length = NULL };
	struct arena *a = arena_new(1 << 20);

	(void)state;
	start(a, &c, 0);
	io.io.read = endless;
	http_drain(&req);
	assert_int_equal(io.taken, 8 << 20);
	arena_free(a);
}

/* H8: media types; the signs of a browser or an MCP client. */
static const struct type_case {
	const char *type, *sign;
	enum err err;
} types[] = {
	{ "CONTENT_TYPE=application/json", NULL, ERR_OK },
	{ "CONTENT_TYPE=Application/JSON; charset=utf-8", NULL, ERR_OK },
	{ "CONTENT_TYPE=application/json", "HTTP_ORIGIN=http://a", ERR_OK },
	{ "CONTENT_TYPE=application/json", "HTTP_CONTENT_ENCODING=identity",
	    ERR_OK },
	{ "CONTENT_TYPE=application/json", "HTTP_CONTENT_ENCODING=gzip",
	    ERR_MEDIA },
	{ "CONTENT_TYPE=application/jsonx", NULL, ERR_MEDIA },
	{ "CONTENT_TYPE=text/plain", NULL, ERR_MEDIA },
	{ "CONTENT_TYPE=multipart/form-data; boundary=x", NULL, ERR_MEDIA },
	{ "CONTENT_TYPE=", NULL, ERR_OK },
	{ "A=b", NULL, ERR_OK },
	{ "A=b", "HTTP_ORIGIN=http://a", ERR_MEDIA },
	{ "A=b", "HTTP_REFERER=http://a", ERR_MEDIA },
	{ "A=b", "HTTP_COOKIE=a=b", ERR_MEDIA },
	{ "A=b", "HTTP_SEC_FETCH_MODE=cors", ERR_MEDIA },
	{ "A=b", "HTTP_MCP_PROTOCOL_VERSION=2025-06-18", ERR_MEDIA },
	{ "CONTENT_TYPE=application/x-www-form-urlencoded", NULL, ERR_OK },
	{ "CONTENT_TYPE=application/x-www-form-urlencoded",
	    "HTTP_SEC_FETCH_SITE=none", ERR_MEDIA },
	{ "CONTENT_TYPE=application/x-www-form-urlencoded", "HTTP_COOKIE=a",
	    ERR_MEDIA },
};

static void
test_H8_types(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct type_case *c = &types[i];
		fake_init(&io);
		fake_env(&io, c->type);
		if (c->sign != NULL)
			fake_env(&io, c->sign);
		assert_int_equal(http_read(&io.io, &limits, a, &req, &fault),
		    ERR_OK);
		enum err e = http_check_type(&req, &fault);
		if (e != c->err)
			fail_msg("%s %s: %s", c->type,
			    c->sign == NULL ? "" : c->sign, err_name(e));
	}
	arena_free(a);
}

static const struct accept_case {
	const char *value; /* NULL: no header */
	bool json, sse, html, sse_named;
} accepts[] = {
	{ NULL, true, true, false, false },
	{ "*/*", true, true, false, false },
	{ "", true, true, false, false },
	{ "application/json, text/event-stream", true, true, false, true },
	{ "application/json", true, false, false, false },
	{ "text/event-stream", false, true, false, true },
	{ "TEXT/Event-Stream;q=0.5", false, true, false, true },
	{ "text/html,application/xhtml+xml,*/*;q=0.8", true, true, true,
	    false },
	{ "application/json, text/event-stream;q=0", true, false, false,
	    false },
	{ "*/*, text/event-stream; q=0.000", true, false, false, false },
	{ "image/png", false, false, false, false },
	{ "application/*", true, false, false, false },
	{ "text/*", false, true, false, false },
	{ "application/json;q=0.001", true, false, false, false },
};

static void
test_accept(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(accepts) / sizeof(accepts[0]); i++) {
		const struct accept_case *c = &accepts[i];
		fake_init(&io);
		if (c->value != NULL)
			fake_env(&io,
			    arena_fmt(a, "HTTP_ACCEPT=%s", c->value).p);
		assert_int_equal(http_read(&io.io, &limits, a, &req, &fault),
		    ERR_OK);
		struct http_accept got = http_accept(&req);
		if (got.json != c->json || got.sse != c->sse ||
		    got.html != c->html || got.sse_named != c->sse_named)
			fail_msg("%s", c->value);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_H6_bodies),
		cmocka_unit_test(test_H6_no_memory_for_promises),
		cmocka_unit_test(test_H6_drain),
		cmocka_unit_test(test_H6_drain_ends),
		cmocka_unit_test(test_H8_types),
		cmocka_unit_test(test_accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
