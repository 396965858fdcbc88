/* SPDX-License-Identifier: ISC */
/*
 * From parameters to a request: H1 (paths), H5 (headers twice), the ceilings
 * of a header, where a credential may stand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/http.h"
#include "http/http_int.h"
#include "tests/unit/fake_io.h"

static const struct http_limits limits = { .body = 1000,
	.header = 64,
	.body_time_s = 1 };

static struct fake_io io;
static struct http_req req;
static struct fault fault;

static enum err
read_env(struct arena *a, const char *const *pairs)
{
	fake_init(&io);
	for (; *pairs != NULL; pairs++)
		fake_env(&io, *pairs);
	memset(&fault, 0, sizeof(fault));
	return http_read(&io.io, &limits, a, &req, &fault);
}

#define READ(a, ...) read_env(a, (const char *const[]){ __VA_ARGS__, NULL })

/* Every name of the table finds its own row, so the lengths are right. */
static void
test_every_name(void **state)
{
	static const char *const names[] = { "HTTP_HOST", "PATH_INFO",
		"MCP_CONFIG", "HTTP_ACCEPT", "HTTP_ORIGIN", "HTTP_COOKIE",
		"SCRIPT_NAME", "REQUEST_URI", "SERVER_ADDR", "REMOTE_ADDR",
		"QUERY_STRING", "CONTENT_TYPE", "HTTP_REFERER", "DOCUMENT_ROOT",
		"HTTP_MCP_NAME", "REQUEST_METHOD", "CONTENT_LENGTH",
		"HTTP_X_API_KEY", "HTTP_MCP_METHOD", "HTTP_USER_AGENT",
		"SERVER_SOFTWARE", "HTTP_AUTHORIZATION", "HTTP_MCP_SESSION_ID",
		"HTTP_X_FORWARDED_FOR", "HTTP_CONTENT_ENCODING",
		"HTTP_MCP_PROTOCOL_VERSION", "REDIRECT_HTTP_AUTHORIZATION",
		"REDIRECT_REDIRECT_HTTP_AUTHORIZATION" };
	uint64_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct field_name *row =
		    field_find(names[i], strlen(names[i]));
		assert_non_null(row);
		assert_string_equal(row->name, names[i]);
		seen |= 1ull << row->field;
	}
	assert_non_null(field_find("HTTP_SEC_FETCH_SITE", 19));
	assert_null(field_find("HTTP_SEC_FETCH_", 15));
	assert_null(field_find("HTTP_HOSX", 9));
	assert_null(field_find("H", 1));
	seen |= 1ull << HTTP_F_SEC_FETCH;
	assert_int_equal(seen, (1ull << HTTP_F_COUNT) - 1);
}

/* H1: what becomes of a path. */
static const struct path_case {
	const char *uri;
	enum err err;
	const char *path, *query; /* query NULL: none */
} paths[] = {
	{ "/mcp", ERR_OK, "/mcp", NULL },
	{ "/mcp?", ERR_OK, "/mcp", "" },
	{ "/mcp?a=%zz", ERR_OK, "/mcp", "a=%zz" },
	{ "/%6dcp?x", ERR_OK, "/mcp", "x" },
	{ "/mcp%2fx", ERR_OK, "/mcp/x", NULL },
	{ "//mcp", ERR_OK, "//mcp", NULL },
	{ "/mcp%252fx", ERR_OK, "/mcp%2fx", NULL },
	{ "http://h/mcp", ERR_OK, "http://h/mcp", NULL },
	{ "/a+b", ERR_OK, "/a+b", NULL },
	{ "/mcp/../mcp", ERR_NOT_FOUND, NULL, NULL },
	{ "/mcp/.", ERR_NOT_FOUND, NULL, NULL },
	{ "/mcp/%2e%2E/x", ERR_NOT_FOUND, NULL, NULL },
	{ "/mcp/..", ERR_NOT_FOUND, NULL, NULL },
	{ "/mcp/...", ERR_OK, "/mcp/...", NULL },
	{ "/mcp%", ERR_BAD_URL, NULL, NULL },
	{ "/mcp%4", ERR_BAD_URL, NULL, NULL },
	{ "/mcp%4g", ERR_BAD_URL, NULL, NULL },
};

static void
test_H1_paths(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct path_case *c = &paths[i];
		struct str uri = arena_fmt(a, "REQUEST_URI=%s", c->uri);
		enum err e = READ(a, uri.p);
		if (e != c->err)
			fail_msg("%s: %s", c->uri, err_name(e));
		if (e != ERR_OK)
			continue;
		if (!str_eq(req.path, str_of(c->path)))
			fail_msg("%s: path '%.*s'", c->uri, (int)req.path.len,
			    req.path.p);
		assert_true((req.query.p == NULL) == (c->query == NULL));
		assert_true(str_eq(req.query, str_of(c->query)));
	}
	arena_free(a);
}

static void
test_H1_zero_byte(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	assert_int_equal(READ(a, "REQUEST_URI=/mcp%00x"), ERR_OK);
	assert_int_equal(req.path.len, 6);
	arena_free(a);
}

static void
test_path_without_uri(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	assert_int_equal(READ(a, "SCRIPT_NAME=/mcp", "PATH_INFO=/toolkits/a%b",
			     "QUERY_STRING=x=1"),
	    ERR_OK);
	assert_true(str_eq(req.path, STR("/mcp/toolkits/a%b")));
	assert_true(str_eq(req.query, STR("x=1")));
	assert_int_equal(READ(a, "SCRIPT_NAME=/mcp", "PATH_INFO=/../x"),
	    ERR_NOT_FOUND);
	arena_free(a);
}

/* H5: twice, and what looks like twice. */
static const struct twice_case {
	const char *one, *two;
	enum err err;
} twices[] = {
	{ "HTTP_HOST=a", "HTTP_HOST=a", ERR_HEADER },
	{ "HTTP_MCP_METHOD=a", "HTTP_MCP_METHOD=b", ERR_HEADER },
	{ "HTTP_MCP_NAME=a", "HTTP_MCP_NAME=b", ERR_HEADER },
	{ "CONTENT_LENGTH=1", "CONTENT_LENGTH=2", ERR_HEADER },
	{ "HTTP_ORIGIN=", "HTTP_ORIGIN=http://a", ERR_HEADER },
	{ "CONTENT_TYPE=", "CONTENT_TYPE=text/html", ERR_OK },
	{ "HTTP_X_API_KEY=a", "HTTP_X_API_KEY=a", ERR_HEADER },
	{ "HTTP_ORIGIN=http://a, http://b", "A=b", ERR_HEADER },
	{ "CONTENT_TYPE=application/json, text/html", "A=b", ERR_HEADER },
	{ "HTTP_ACCEPT=application/json, text/html", "A=b", ERR_OK },
	{ "HTTP_COOKIE=a", "HTTP_COOKIE=b", ERR_OK },
	{ "HTTP_SEC_FETCH_SITE=a", "HTTP_SEC_FETCH_MODE=b", ERR_OK },
	{ "HTTP_AUTHORIZATION=a", "HTTP_AUTHORIZATION=b", ERR_OK },
};

static void
test_H5_twice(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(twices) / sizeof(twices[0]); i++) {
		const struct twice_case *c = &twices[i];
		enum err e = READ(a, c->one, c->two);
		if (e != c->err)
			fail_msg("%s, %s: %s", c->one, c->two, err_name(e));
	}
	arena_free(a);
}

/* Complaints name headers as clients do. */
static void
test_names_of_headers(void **state)
{
	static const struct {
		const char *one, *two, *words;
	} rows[] = {
		{ "HTTP_ORIGIN=a", "HTTP_ORIGIN=b",
		    "the header Origin came more than once" },
		{ "HTTP_MCP_PROTOCOL_VERSION=a", "HTTP_MCP_PROTOCOL_VERSION=b",
		    "the header Mcp-Protocol-Version came more than once" },
		{ "CONTENT_TYPE=a, b", "A=b",
		    "the header Content-Type came more than once" },
		{ "REMOTE_ADDR=a", "REMOTE_ADDR=b",
		    "the parameter REMOTE_ADDR came more than once" },
		{ "HTTP_MCP_NAME=0123456789012345678901234567890123456789"
		  "01234567890123456789012345678901234567890123456789",
		    "A=b", "the header Mcp-Name is longer than 64 bytes" },
		{ "REQUEST_URI=/789012345678901234567890123456789012345678"
		  "01234567890123456789012345678901234567890123456789",
		    "A=b", "the URL is longer than 64 bytes" },
	};
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_not_equal(READ(a, rows[i].one, rows[i].two), ERR_OK);
		assert_string_equal(fault.msg, rows[i].words);
	}
	arena_free(a);
}

static void
test_authorization(void **state)
{
	const uint64_t bit = 1ull << HTTP_F_AUTHORIZATION;
	struct arena *a = arena_new(1 << 20);
	struct str *auth = &req.field[HTTP_F_AUTHORIZATION];

	(void)state;
	assert_int_equal(READ(a, "HTTP_AUTHORIZATION= Bearer x\t"), ERR_OK);
	assert_true(str_eq(*auth, STR("Bearer x")));
	assert_false(req.twice & bit);
	assert_int_equal(READ(a, "HTTP_AUTHORIZATION=a",
			     "HTTP_AUTHORIZATION=a"),
	    ERR_OK);
	assert_true(req.twice & bit);
	assert_int_equal(READ(a, "REDIRECT_REDIRECT_HTTP_AUTHORIZATION=c",
			     "REDIRECT_HTTP_AUTHORIZATION=b"),
	    ERR_OK);
	assert_true(str_eq(*auth, STR("b")));
	assert_false(req.twice & bit);
	/* The rewrite rule of HOSTING 2.5 sets an empty one for no header. */
	assert_int_equal(READ(a, "HTTP_AUTHORIZATION=",
			     "REDIRECT_HTTP_AUTHORIZATION=b"),
	    ERR_OK);
	assert_true(str_eq(*auth, STR("b")));
	assert_int_equal(READ(a, "HTTP_AUTHORIZATION="), ERR_OK);
	assert_null(auth->p);
	arena_free(a);
}

/* One below, at, and one above the ceiling of a header. */
static void
test_header_size(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char text[128];

	(void)state;
	for (int n = 63; n <= 65; n++) {
		(void)snprintf(text, sizeof(text), "HTTP_MCP_NAME=%0*d", n, 0);
		assert_int_equal(READ(a, text),
		    n > 64 ? ERR_HEADER_BIG : ERR_OK);
	}
	(void)snprintf(text, sizeof(text), "HTTP_COOKIE=%0*d", 100, 0);
	assert_int_equal(READ(a, text), ERR_OK);
	(void)snprintf(text, sizeof(text), "HTTP_AUTHORIZATION=%0*d", 100, 0);
	assert_int_equal(READ(a, text), ERR_OK);
	arena_free(a);
}

/* H11: the parameters of a FastCGI request together. */
static void
test_H11_params_size(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *big = arena_get(a, HTTP_PARAMS_MAX + 8);

	(void)state;
	memset(big, 'x', HTTP_PARAMS_MAX + 2);
	big[1] = '=';
	big[HTTP_PARAMS_MAX + 1] = '\0';
	assert_int_equal(READ(a, big), ERR_OK);
	big[HTTP_PARAMS_MAX + 1] = 'x';
	big[HTTP_PARAMS_MAX + 2] = '\0';
	assert_int_equal(READ(a, big), ERR_HEADER_BIG);
	io.io.is_cgi = true;
	assert_int_equal(http_read(&io.io, &limits, a, &req, &fault), ERR_OK);
	arena_free(a);
}

static void
test_param(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct str value;
	bool twice;

	(void)state;
	assert_int_equal(READ(a, "HTTP_MCP_PARAM_SOURCES=no",
			     "HTTP_MCP_PARAM_SOURCE= shop ", "X"),
	    ERR_OK);
	assert_true(http_param(&req, "HTTP_MCP_PARAM_SOURCE", &value, &twice));
	assert_true(str_eq(value, STR("shop")));
	assert_false(twice);
	assert_false(http_param(&req, "HTTP_MCP_PARAM", &value, &twice));
	assert_int_equal(READ(a, "HTTP_A=1", "HTTP_A=2"), ERR_OK);
	assert_true(http_param(&req, "HTTP_A", &value, &twice));
	assert_true(twice);
	arena_free(a);
}

static const struct query_case {
	const char *query, *name;
	enum err err;
	const char *value; /* NULL: absent */
} queries[] = {
	{ "tools=sql", "tools", ERR_OK, "sql" },
	{ "tools=", "tools", ERR_OK, "" },
	{ "tools", "tools", ERR_OK, "" },
	{ "a=1&tools=x&tools=%zz", "tools", ERR_OK, "x" },
	{ "t%6fols=a+b%2B", "tools", ERR_OK, "a b+" },
	{ "%zz=1&tools=x", "tools", ERR_OK, "x" },
	{ "tools=a=b", "tools", ERR_OK, "a=b" },
	{ "tools=%zz", "tools", ERR_BAD_URL, NULL },
	{ "TOOLS=x", "tools", ERR_OK, NULL },
	{ "toolsx=1", "tools", ERR_OK, NULL },
	{ "", "tools", ERR_OK, NULL },
};

static void
test_query(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		const struct query_case *c = &queries[i];
		struct str value = { 0 };
		bool there;
		assert_int_equal(READ(a, "REQUEST_URI=/"), ERR_OK);
		req.query = str_of(c->query);
		enum err e =
		    http_query(&req, c->name, a, &there, &value, &fault);
		if (e != c->err || (e == ERR_OK && there != (c->value != NULL)))
			fail_msg("%s: %s", c->query, err_name(e));
		if (e == ERR_OK && there && !str_eq(value, str_of(c->value)))
			fail_msg("%s: '%.*s'", c->query, (int)value.len,
			    value.p);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_name),
		cmocka_unit_test(test_H1_paths),
		cmocka_unit_test(test_H1_zero_byte),
		cmocka_unit_test(test_path_without_uri),
		cmocka_unit_test(test_H5_twice),
		cmocka_unit_test(test_names_of_headers),
		cmocka_unit_test(test_authorization),
		cmocka_unit_test(test_header_size),
		cmocka_unit_test(test_H11_params_size),
		cmocka_unit_test(test_param),
		cmocka_unit_test(test_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
