/* SPDX-License-Identifier: ISC */
/* H2: which Origin and which Host may ask; what OPTIONS is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cgi-bin/origin.h"
#include "tests/unit/fake_io.h"

static const struct http_limits limits = { .body = 100,
	.header = 8192,
	.body_time_s = 1 };

static const char *listed[] = { "https://app.example:8443" };
static const char *named[] = { "api.example", "other.example:8080" };

/* The public site, the same with lists, and one on the loopback. */
static const struct conf site = { .base_url = "https://example.org/mcp" };
static const struct conf lists = { .base_url = "https://example.org/mcp",
	.origins = { listed, 1 },
	.hosts = { named, 2 } };
static const struct conf local = { .base_url = "http://127.0.0.1:8080/mcp" };
static const struct conf bare = { 0 };

#define PUBLIC "SERVER_ADDR=192.0.2.1"
#define LOOP   "SERVER_ADDR=127.0.0.1"
#define LOOP6  "SERVER_ADDR=::1"

static const struct origin_case {
	const struct conf *conf;
	const char *at, *origin, *host;
	enum err err;
} cases[] = {
	/* Origin */
	{ &site, PUBLIC, NULL, "example.org", ERR_OK },
	{ &site, PUBLIC, "https://example.org", "example.org", ERR_OK },
	{ &site, PUBLIC, "https://example.org:443", "example.org", ERR_OK },
	{ &site, PUBLIC, "HTTPS://EXAMPLE.org", "example.org", ERR_OK },
	{ &site, PUBLIC, "http://example.org", "example.org", ERR_FORBIDDEN },
	{ &site, PUBLIC, "https://example.org:8443", "x", ERR_FORBIDDEN },
	{ &site, PUBLIC, "https://example.org.evil", "x", ERR_FORBIDDEN },
	{ &site, PUBLIC, "https://evil.example", "x", ERR_FORBIDDEN },
	{ &site, PUBLIC, "https://example.org/mcp", "x", ERR_FORBIDDEN },
	{ &site, PUBLIC, "null", "example.org", ERR_FORBIDDEN },
	{ &site, PUBLIC, "", "example.org", ERR_FORBIDDEN },
	{ &site, PUBLIC, "http://localhost", "localhost", ERR_FORBIDDEN },
	{ &bare, PUBLIC, "https://example.org", "example.org", ERR_FORBIDDEN },
	{ &lists, PUBLIC, "https://app.example:8443", "api.example", ERR_OK },
	{ &lists, PUBLIC, "https://app.example", "api.example", ERR_FORBIDDEN },
	/* Host, when the list is set */
	{ &lists, PUBLIC, NULL, "api.example", ERR_OK },
	{ &lists, PUBLIC, NULL, "API.example:8443", ERR_OK },
	{ &lists, PUBLIC, NULL, "example.org", ERR_OK },
	{ &lists, PUBLIC, NULL, "other.example:8080", ERR_OK },
	{ &lists, PUBLIC, NULL, "other.example", ERR_FORBIDDEN },
	{ &lists, PUBLIC, NULL, "evil.example", ERR_FORBIDDEN },
	{ &lists, LOOP, NULL, "localhost", ERR_FORBIDDEN },
	{ &lists, PUBLIC, NULL, NULL, ERR_OK },
	/* Host, on the loopback and elsewhere */
	{ &site, PUBLIC, NULL, "anything", ERR_OK },
	{ &local, LOOP, NULL, "127.0.0.1:8080", ERR_OK },
	{ &local, LOOP, NULL, "localhost:9999", ERR_OK },
	{ &local, LOOP6, NULL, "[::1]:8080", ERR_OK },
	{ &local, LOOP6, NULL, "[::1]", ERR_OK },
	{ &local, LOOP, NULL, "evil.example:8080", ERR_FORBIDDEN },
	{ &local, LOOP, NULL, "127.0.0.1.evil", ERR_FORBIDDEN },
	{ &local, LOOP, NULL, "localhost.evil", ERR_FORBIDDEN },
	{ &local, "SERVER_ADDR=::ffff:127.0.0.1", NULL, "evil", ERR_FORBIDDEN },
	{ &bare, LOOP, NULL, "evil.example", ERR_FORBIDDEN },
	{ &site, LOOP, NULL, "example.org", ERR_OK }, /* behind a proxy */
	{ &local, LOOP, NULL, NULL, ERR_OK },
	/* Both, on the loopback */
	{ &local, LOOP, "http://127.0.0.1:8080", "127.0.0.1:8080", ERR_OK },
	{ &bare, LOOP, "http://localhost:9999", "localhost:9999", ERR_OK },
	{ &bare, LOOP, "http://localhost", "localhost:80", ERR_OK },
	{ &bare, LOOP, "http://localhost:3000", "localhost:9999",
	    ERR_FORBIDDEN },
	{ &local, LOOP, "http://evil.example", "127.0.0.1:8080",
	    ERR_FORBIDDEN },
	{ &bare, LOOP, "http://evil.example", "evil.example", ERR_FORBIDDEN },
};

static struct fake_io io;
static struct http_req req;

static void
start(struct arena *a, const struct origin_case *c)
{
	struct fault f = { 0 };

	fake_init(&io);
	fake_env(&io, c->at);
	if (c->origin != NULL)
		fake_env(&io, arena_fmt(a, "HTTP_ORIGIN=%s", c->origin).p);
	if (c->host != NULL)
		fake_env(&io, arena_fmt(a, "HTTP_HOST=%s", c->host).p);
	assert_int_equal(http_read(&io.io, &limits, a, &req, &f), ERR_OK);
}

static void
test_H2_origin_and_host(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct origin_case *c = &cases[i];
		start(a, c);
		enum err e = origin_check(c->conf, &req, &f);
		if (e != c->err)
			fail_msg("%zu: %s, %s at %s: %s", i,
			    c->origin == NULL ? "-" : c->origin,
			    c->host == NULL ? "-" : c->host, c->at,
			    err_name(e));
	}
	arena_free(a);
}

static void
options(const struct conf *conf, const char *asked)
{
	const struct origin_case c = { .at = PUBLIC,
		.origin = "https://app.example:8443" };
	struct arena *a = arena_new(1 << 20);
	struct http_res res;

	start(a, &c);
	fake_env(&io, asked);
	http_res_init(&res, a, &io.io, 1000);
	origin_headers(conf, &req, &res);
	origin_options(conf, &req, &res);
	http_send(&res);
	arena_free(a);
}

static void
test_options(void **state)
{
	(void)state;
	options(&site, "A=b");
	assert_true(fake_has(&io, "Status: 405"));
	assert_true(fake_has(&io, "Allow: POST\r\n"));
	assert_false(fake_has(&io, "Access-Control"));
	options(&lists,
	    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS=x-y, Mcp-Param-Day, mcp-param-a:b");
	assert_true(fake_has(&io, "Status: 204"));
	assert_true(fake_has(&io,
	    "Access-Control-Allow-Origin: https://app.example:8443\r\n"));
	assert_true(fake_has(&io, "Vary: Origin\r\n"));
	assert_true(fake_has(&io, "Authorization, "));
	assert_true(fake_has(&io, ", Mcp-Param-Day\r\n"));
	assert_false(fake_has(&io, "x-y"));
	assert_false(fake_has(&io, "a:b"));
	assert_false(fake_has(&io, "Credentials"));
	assert_true(fake_has(&io, "Access-Control-Expose-Headers: WWW-A"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_H2_origin_and_host),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
