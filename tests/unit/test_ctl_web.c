/* SPDX-License-Identifier: ISC */
/* Snippets with the paths of a site, and the lighttpd of "serve". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "ctl/front.h"
#include "ctl/web.h"

static const struct web_paths defaults = { "/usr/lib/mcp-fcgi/mcp.fcgi",
	"/etc/mcp-fcgi/mcp.conf", "/mcp", "example.org", "/var/lib/mcp-fcgi" };

/* With the defaults filled in, a snippet is the file it came from. */
static void
defaults_change_nothing(void **state)
{
	struct arena *a = arena_new(1u << 20);
	struct buf b;

	(void)state;
	assert_int_equal(web_ntexts, 9);
	for (size_t i = 0; i < web_ntexts; i++) {
		buf_init(&b, a, 1u << 16);
		web_expand(&b, web_texts[i].text, &defaults);
		assert_true(str_eq(buf_text(&b), str_of(web_texts[i].text)));
	}
	arena_free(a);
}

/* Paths that hold other defaults are not filled in twice. */
static void
paths_are_taken_as_they_are(void **state)
{
	const struct web_paths p = { "/x/usr/lib/mcp-fcgi/mcp.fcgi",
		"/x/etc/mcp-fcgi/mcp.conf", "/mcp/mcp", "a.example.org",
		"/srv/state" };
	struct arena *a = arena_new(1u << 20);
	struct buf b;

	(void)state;
	buf_init(&b, a, 1u << 16);
	web_expand(&b,
	    "\n/usr/lib/mcp-fcgi/mcp.fcgi /etc/mcp-fcgi/mcp.conf ^/(mcp|x)"
	    "\nexample.org {",
	    &p);
	buf_char(&b, '\0');
	assert_string_equal(b.p,
	    "\n/x/usr/lib/mcp-fcgi/mcp.fcgi /x/etc/mcp-fcgi/mcp.conf "
	    "^/(mcp/mcp|x)\na.example.org {");
	arena_free(a);
}

static struct str
conf_of(struct arena *a, bool cgi, const struct conf *settings)
{
	struct front w = { .arena = a,
		.handler = "/x/\"h/mcp.fcgi",
		.conf = "/c/mcp.conf",
		.settings = settings,
		.cgi = cgi,
		.workers = 3,
		.port = 7,
		.url = "http://127.0.0.1:7/mcp",
		.dir = "/t" };
	struct buf b;

	buf_init(&b, a, 1u << 16);
	front_conf(&w, &b);
	buf_char(&b, '\0');
	return buf_text(&b);
}

static void
front(void **state)
{
	const char *names[] = { "CTL_TEST_SET", "CTL_TEST_UNSET" };
	struct conf conf = { .variables = { names, 2 } };
	struct arena *a = arena_new(1u << 20);
	struct str fcgi, cgi;

	(void)state;
	assert_int_equal(setenv("CTL_TEST_SET", "canary", 1), 0);
	fcgi = conf_of(a, false, &conf);
	assert_non_null(strstr(fcgi.p, "\"max-procs\" => 1"));
	assert_non_null(strstr(fcgi.p, "\"/x/\\\"h/mcp.fcgi --workers 3\""));
	assert_non_null(
	    strstr(fcgi.p, "\"MCP_BASE_URL\" => \"http://127.0.0.1:7/mcp\""));
	assert_null(strstr(fcgi.p, "CTL_TEST_SET"));
	cgi = conf_of(a, true, &conf);
	assert_non_null(strstr(cgi.p, "\"CTL_TEST_SET\" => env.CTL_TEST_SET"));
	assert_null(strstr(cgi.p, "CTL_TEST_UNSET"));
	assert_null(strstr(cgi.p, "canary"));
	assert_non_null(strstr(cgi.p, "cgi.assign"));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_change_nothing),
		cmocka_unit_test(paths_are_taken_as_they_are),
		cmocka_unit_test(front),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
