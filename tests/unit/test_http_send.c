/* SPDX-License-Identifier: ISC */
/* The answer: its header, H9 (splitting), H10 (always), faults, events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/html.h"
#include "http/http.h"
#include "tests/unit/fake_io.h"

static struct fake_io io;
static struct http_res res;

static struct arena *
start(void)
{
	struct arena *a = arena_new(1 << 22);

	fake_init(&io);
	http_res_init(&res, a, &io.io, 1000);
	return a;
}

static void
test_whole(void **state)
{
	struct arena *a = start();

	(void)state;
	res.type = "application/json";
	http_header(&res, "X-One", STR("1"));
	http_piece(&res, STR("{}"));
	http_piece(&res, STR(""));
	http_piece(&res, STR("\n"));
	http_send(&res);
	assert_string_equal(io.out, "Status: 200 OK\r\n"
				    "Content-Type: application/json\r\n"
				    "Content-Length: 3\r\n"
				    "X-Content-Type-Options: nosniff\r\n"
				    "Cache-Control: no-store\r\n"
				    "X-One: 1\r\n"
				    "\r\n"
				    "{}\n");
	assert_int_equal(io.sends, 1);
	assert_true(io.last);
	assert_int_equal(res.sent, 3);
	arena_free(a);
}

static void
test_no_body(void **state)
{
	struct arena *a = start();

	(void)state;
	res.status = 202;
	http_send(&res);
	assert_true(fake_has(&io, "Status: 202 Accepted\r\n"));
	assert_true(fake_has(&io, "Content-Length: 0\r\n"));
	assert_false(fake_has(&io, "\nContent-Type:"));
	arena_free(a);

	a = start();
	res.status = 204;
	http_send(&res);
	assert_false(fake_has(&io, "Content-Length"));
	arena_free(a);
}

static void
test_head(void **state)
{
	struct arena *a = start();

	(void)state;
	res.head_only = true;
	res.type = "text/html";
	http_piece(&res, STR("body"));
	http_send(&res);
	assert_true(fake_has(&io, "Content-Length: 4\r\n"));
	assert_false(fake_has(&io, "body"));
	arena_free(a);
}

/* More pieces than there is room for are joined, in order. */
static void
test_many_pieces(void **state)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	struct arena *a = start();

	(void)state;
	for (size_t i = 0; i < sizeof(digits) - 1; i++)
		http_piece(&res, (struct str){ digits + i, 1 });
	http_send(&res);
	assert_true(fake_has(&io, "\r\n\r\n0123456789abcdefghijklmnopqrstuv"));
	arena_free(a);
}

static void
test_too_large(void **state)
{
	static char big[1001];
	struct arena *a = start();

	(void)state;
	memset(big, 'x', sizeof(big));
	http_piece(&res, (struct str){ big, sizeof(big) });
	http_send(&res);
	assert_true(fake_has(&io, "Status: 500"));
	assert_false(fake_has(&io, "xxx"));
	arena_free(a);
}

/* H9: what may not stand in a header is left out, header and all. */
static void
test_H9_splitting(void **state)
{
	static const struct str bad[] = {
		{ "a\r\nSet-Cookie: x", 16 },
		{ "a\nb", 3 },
		{ "a\rb", 3 },
		{ "a\0b", 3 },
		{ "a\tb", 3 },
		{ "a\x7f", 2 },
		{ "\xc3\xa9", 2 },
	};
	struct arena *a = start();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(header_safe(bad[i]));
		http_header(&res, "X-Bad", bad[i]);
	}
	assert_true(header_safe(STR("Bearer realm=\"a b\", ~!")));
	http_send(&res);
	assert_false(fake_has(&io, "X-Bad"));
	assert_false(fake_has(&io, "Set-Cookie"));
	arena_free(a);
}

static const struct fault_case {
	enum err code;
	const char *status, *body, *header;
} faults[] = {
	{ ERR_NOT_FOUND, "404 Not Found", "\"code\":-32600", NULL },
	{ ERR_BAD_URL, "400 Bad Request", "\"code\":-32600", NULL },
	{ ERR_FORBIDDEN, "403 Forbidden", "\"code\":-32600", NULL },
	{ ERR_METHOD, "405 Method", "\"code\":-32600", "Allow: POST\r\n" },
	{ ERR_MEDIA, "415 Unsupported", "\"code\":-32600", NULL },
	{ ERR_NOT_ACCEPTABLE, "406 Not", "\"code\":-32600", NULL },
	{ ERR_BODY_BIG, "413 Content", "\"code\":-32600", NULL },
	{ ERR_BODY_SHORT, "400 Bad", "\"code\":-32600", NULL },
	{ ERR_BODY_SLOW, "408 Request", "\"code\":-32600", NULL },
	{ ERR_HEADER, "400 Bad", "\"code\":-32600", NULL },
	{ ERR_HEADER_BIG, "431 Request", "\"code\":-32600", NULL },
	{ ERR_UNAUTHORIZED, "401 Unauthorized",
	    "\"code\":-32001,\"message\":\"say \\\"it\\\"\","
	    "\"data\":{\"type\":\"authentication_error\"}",
	    NULL },
	{ ERR_RATE, "429 Too", "\"code\":-32000", NULL },
	{ ERR_UNAVAILABLE, "503 Service", "\"code\":-32603",
	    "Retry-After: 1\r\n" },
	{ ERR_SCOPE, "403 Forbidden", "\"code\":-32600", NULL },
	{ ERR_CONF, "500 Internal", "\"code\":-32603", NULL },
	{ ERR_INTERNAL, "500 Internal", "\"code\":-32603", NULL },
};

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault_case *c = &faults[i];
		struct arena *a = start();
		struct fault f = { 0 };
		(void)fault_set(&f, c->code, "say \"it\"");
		http_piece(&res, STR("half an answer"));
		http_res_fault(&res, &f);
		http_send(&res);
		if (!fake_has(&io, c->status) || !fake_has(&io, c->body) ||
		    !fake_has(&io, "{\"jsonrpc\":\"2.0\",\"error\":{") ||
		    !fake_has(&io, "nosniff") || fake_has(&io, "half") ||
		    fake_has(&io, "\"id\"") ||
		    (c->header != NULL && !fake_has(&io, c->header)))
			fail_msg("%s: %s", err_name(c->code), io.out);
		arena_free(a);
	}
}

static void
test_render(void **state)
{
	struct arena *a = start();

	(void)state;
	res.type = "text/plain";
	http_piece(&res, STR("one"));
	http_piece(&res, STR("two"));
	struct str text = http_render(&res);
	http_send(&res);
	assert_true(str_eq(text, str_of(io.out)));
	arena_free(a);
}

static void
test_stream(void **state)
{
	struct str pieces[] = { STR("{\"a\":"), STR(""), STR("1}") };
	struct arena *a = start();

	(void)state;
	assert_true(http_stream(&res));
	assert_true(fake_has(&io, "Content-Type: text/event-stream\r\n"));
	assert_true(fake_has(&io, "X-Accel-Buffering: no\r\n"));
	assert_true(fake_has(&io, "Cache-Control: no-store\r\n"));
	assert_false(fake_has(&io, "Content-Length"));
	assert_false(io.last);
	io.nout = 0;
	assert_true(http_comment(&res));
	assert_true(http_event(&res, pieces, 3));
	assert_string_equal(io.out, ":\n\nevent: message\ndata: {\"a\":1}\n\n");
	http_send(&res);
	assert_true(io.last);
	assert_int_equal(io.sends, 4);
	http_stream_end(&res);
	assert_int_equal(io.sends, 4);
	arena_free(a);
}

/* H7: who left is not written to again. */
static void
test_H7_gone(void **state)
{
	struct str one = STR("{}");
	struct arena *a = start();

	(void)state;
	assert_true(http_stream(&res));
	io.gone = true;
	assert_false(http_comment(&res));
	assert_true(res.gone);
	assert_false(http_event(&res, &one, 1));
	assert_int_equal(io.sends, 2);
	arena_free(a);
}

static void
test_as_sse(void **state)
{
	struct arena *a = start();

	(void)state;
	for (int i = 0; i < HTTP_PIECES; i++)
		http_piece(&res, STR("x"));
	http_as_sse(&res);
	http_send(&res);
	assert_true(fake_has(&io, "Content-Type: text/event-stream\r\n"));
	assert_true(
	    fake_has(&io, "\r\n\r\nevent: message\ndata: xxxxxxxx\n\n"));
	arena_free(a);
}

static void
test_html_text(void **state)
{
	struct arena *a = start();
	struct buf b;

	(void)state;
	buf_init(&b, a, 1000);
	html_text(&b, STR("<a href='x' id=\"y\">&"));
	assert_true(str_eq(buf_text(&b),
	    STR("&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_no_body),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_many_pieces),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_H9_splitting),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_H7_gone),
		cmocka_unit_test(test_as_sse),
		cmocka_unit_test(test_html_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
