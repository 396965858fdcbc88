/* SPDX-License-Identifier: ISC */
/* What GET and HEAD show, and what they keep to themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>

#include "page/page.h"
#include "page/page_int.h"
#include "tests/unit/fake_io.h"

static const struct http_limits limits = { .body = 100,
	.header = 8192,
	.body_time_s = 1 };

static const struct conf conf = { .base_url = "https://example.org/mcp",
	.title = "Shop <data>" };

static struct fake_io io;

/* The answer to a GET with two parameters. */
static void
get(const struct conf *c, const char *one, const char *two)
{
	struct arena *a = arena_new(1 << 20);
	struct fault f = { 0 };
	struct http_req req;
	struct http_res res;

	fake_init(&io);
	fake_env(&io, "REQUEST_METHOD=GET");
	fake_env(&io, one);
	fake_env(&io, two);
	assert_int_equal(http_read(&io.io, &limits, a, &req, &f), ERR_OK);
	http_res_init(&res, a, &io.io, 1 << 20);
	page_get(c, &req, &res);
	http_send(&res);
	arena_free(a);
}

/* The policy must name this very style sheet; the message says the hash. */
static void
test_style_hash(void **state)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[64], want[96];

	(void)state;
	assert_true(sodium_init() >= 0);
	crypto_hash_sha256(hash, (const unsigned char *)page_style,
	    strlen(page_style));
	sodium_bin2base64(text, sizeof(text), hash, sizeof(hash),
	    sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(want, sizeof(want), "sha256-%s", text);
	assert_string_equal(page_style_hash, want);
	assert_null(strstr(page_style, "</"));
}

static void
test_page(void **state)
{
	(void)state;
	get(&conf, "HTTP_ACCEPT=text/html,*/*;q=0.8", "A=b");
	assert_true(fake_has(&io, "Status: 200 OK\r\n"));
	assert_true(
	    fake_has(&io, "Content-Type: text/html; charset=utf-8\r\n"));
	assert_true(fake_has(&io, "https://example.org/mcp"));
	assert_true(fake_has(&io, "No Authorization header arrived"));
	assert_true(fake_has(&io, "Shop &lt;data&gt;"));
	assert_false(fake_has(&io, "<data>"));
}

/* Below the endpoint it is the address there that a client is given. */
static void
test_address(void **state)
{
	static const struct {
		const char *mount, *asked, *line;
	} rows[] = {
		{ "/mcp", "REQUEST_URI=/mcp",
		    "class=\"url\">https://example.org/mcp<" },
		{ "/mcp", "REQUEST_URI=/mcp/",
		    "class=\"url\">https://example.org/mcp<" },
		{ "/mcp", "REQUEST_URI=/mcp/connections/shop?tools=sql",
		    "class=\"url\">https://example.org/mcp/connections/shop<" },
		{ "/mcp", "REQUEST_URI=/mcp/toolkits/a_b",
		    " https://example.org/mcp/toolkits/a_b \\" },
		{ "", "REQUEST_URI=/connections/shop",
		    "class=\"url\">https://example.org/mcp/connections/shop<" },
	};
	struct conf c = conf;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		c.mount = rows[i].mount;
		get(&c, "HTTP_ACCEPT=text/html", rows[i].asked);
		if (!fake_has(&io, rows[i].line))
			fail_msg("%s", rows[i].asked);
	}
}

/* H10 */
static void
test_H10_headers(void **state)
{
	(void)state;
	get(&conf, "HTTP_ACCEPT=text/html", "A=b");
	assert_true(
	    fake_has(&io, "Content-Security-Policy: default-src 'none'; "));
	assert_true(fake_has(&io, page_style_hash));
	assert_true(fake_has(&io, "frame-ancestors 'none'\r\n"));
	assert_true(fake_has(&io, "Referrer-Policy: no-referrer\r\n"));
	assert_true(fake_has(&io, "X-Content-Type-Options: nosniff\r\n"));
	assert_true(fake_has(&io, "Cache-Control: no-store\r\n"));
}

static void
test_arrival(void **state)
{
	(void)state;
	get(&conf, "HTTP_ACCEPT=text/html", "HTTP_AUTHORIZATION=Bearer secret");
	assert_true(fake_has(&io, "An Authorization header arrived"));
	assert_false(fake_has(&io, "secret"));
	get(&conf, "HTTP_ACCEPT=text/html", "HTTP_X_API_KEY=secret");
	assert_true(fake_has(&io, "An Authorization header arrived"));
}

static void
test_status(void **state)
{
	(void)state;
	get(&conf, "HTTP_ACCEPT=*/*", "A=b");
	assert_true(fake_has(&io, "Content-Type: application/json\r\n"));
	assert_true(fake_has(&io, "\"authorization\":\"none\""));
	get(&conf, "A=b", "HTTP_AUTHORIZATION=x");
	assert_true(fake_has(&io, "\"authorization\":\"arrived\""));
}

static void
test_no_stream(void **state)
{
	(void)state;
	get(&conf, "HTTP_ACCEPT=text/html, text/event-stream", "A=b");
	assert_true(fake_has(&io, "Status: 405"));
	assert_true(fake_has(&io, "Allow: POST\r\n"));
	get(&conf, "HTTP_ACCEPT=text/html",
	    "HTTP_MCP_PROTOCOL_VERSION=2025-06-18");
	assert_true(fake_has(&io, "Status: 405"));
}

static void
test_no_base_url(void **state)
{
	const struct conf bare = { 0 };

	(void)state;
	get(&bare, "HTTP_ACCEPT=text/html", "HTTP_HOST=evil.example");
	assert_true(fake_has(&io, "https://THIS-HOST/mcp"));
	assert_false(fake_has(&io, "evil"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_style_hash),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_H10_headers),
		cmocka_unit_test(test_arrival),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_no_stream),
		cmocka_unit_test(test_no_base_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
