/* SPDX-License-Identifier: ISC */
/* Refusals outside a message, their headers, and the names of the eras. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mcp_fake.h"

static struct fake f;

static int
begin(void **state)
{
	(void)state;
	fake_init(&f, true);
	fake_slow = NULL;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_done(&f);
	return 0;
}

static void
fault_of(enum err code, int retry_s)
{
	struct fault why = { .retry_s = retry_s };

	(void)fault_set(&why, code,
	    code == ERR_RATE ? "Rate limit exceeded" : "as it is");
	http_res_init(&f.res, f.arena, &f.io, 1 << 20);
	mcp_res_fault(&f.res, ERA_2025_06_18, (struct str){ 0 }, &why,
	    &f.attempt);
	f.sent.len = 0;
	http_send(&f.res);
}

static void
test_faults_before_the_body(void **state)
{
	(void)state;
	fault_of(ERR_UNAUTHORIZED, 0);
	assert_int_equal(f.res.status, 401);
	assert_false(fake_holds(buf_text(&f.sent), "Retry-After"));
	assert_true(str_eq(fake_body(&f),
	    STR("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32001,"
		"\"message\":\"Unauthorized: invalid or missing access token\","
		"\"data\":{\"type\":\"authentication_error\"}}}")));
	fault_of(ERR_RATE, 7);
	assert_int_equal(f.res.status, 429);
	assert_true(fake_sent(&f, "Retry-After: 7"));
	assert_true(fake_holds(fake_body(&f),
	    "\"code\":-32000,\"message\":\"Rate limit exceeded\""));
	fault_of(ERR_UNAVAILABLE, 0);
	assert_int_equal(f.res.status, 503);
	assert_true(fake_sent(&f, "Retry-After: 1"));
	fault_of(ERR_FORBIDDEN, 0);
	assert_int_equal(f.res.status, 403);
	fault_of(ERR_NOT_FOUND, 0);
	assert_int_equal(f.res.status, 404);
}

/* Rows of the table that no method needs yet. */
static void
test_faults_with_data(void **state)
{
	struct fault why = { .code = ERR_CAPABILITY,
		.field = "elicitation.url" };
	struct fault gone = { .code = ERR_UNKNOWN_RESOURCE, .hint = "db://x" };

	(void)state;
	http_res_init(&f.res, f.arena, &f.io, 1 << 20);
	mcp_res_fault(&f.res, ERA_2026_07_28, STR("7"), &why, &f.attempt);
	http_send(&f.res);
	assert_int_equal(f.res.status, 400);
	assert_true(fake_holds(fake_body(&f), "\"id\":7,"));
	assert_true(fake_holds(fake_body(&f), "\"code\":-32021"));
	assert_true(fake_holds(fake_body(&f),
	    "\"data\":{\"requiredCapabilities\":{\"elicitation\":{\"url\":{}}}}"));

	for (int e = ERA_2025_11_25; e <= ERA_2026_07_28; e++) {
		f.sent.len = 0;
		http_res_init(&f.res, f.arena, &f.io, 1 << 20);
		mcp_res_fault(&f.res, (enum era)e, STR("7"), &gone, &f.attempt);
		http_send(&f.res);
		assert_int_equal(f.res.status, 200);
		assert_true(fake_holds(fake_body(&f),
		    e == ERA_2026_07_28 ? "-32602" : "-32002"));
		assert_true(
		    fake_holds(fake_body(&f), "\"data\":{\"uri\":\"db://x\"}"));
	}
}

static void
test_limit_headers(void **state)
{
	struct limit_answer l = { true, 30, 12, 9, 0 };
	struct fault why = { .code = ERR_RATE, .retry_s = 3 };

	(void)state;
	http_res_init(&f.res, f.arena, &f.io, 1 << 20);
	mcp_limit_headers(&f.res, &l);
	http_send(&f.res);
	assert_true(fake_sent(&f, "X-RateLimit-Limit: 30"));
	assert_true(fake_sent(&f, "X-RateLimit-Remaining: 12"));
	assert_true(fake_sent(&f, "X-RateLimit-Reset: 9"));
	assert_false(fake_holds(buf_text(&f.sent), "Retry-After"));

	/* Over the limit it is said once, whoever says it. */
	l.granted = false;
	l.retry_s = 3;
	f.who.limited = true;
	f.sent.len = 0;
	http_res_init(&f.res, f.arena, &f.io, 1 << 20);
	mcp_limit_headers(&f.res, &l);
	mcp_res_fault(&f.res, ERA_2025_03_26, (struct str){ 0 }, &why,
	    &f.attempt);
	http_send(&f.res);
	assert_true(fake_sent(&f, "Retry-After: 3"));
	assert_false(
	    fake_holds(str_from(buf_text(&f.sent),
			   (size_t)(strstr(f.sent.p, "Retry-After: 3") -
				    f.sent.p) +
			       5),
		"Retry-After"));
}

static void
test_challenge(void **state)
{
	const char *bearer, *basic;

	(void)state;
	http_res_init(&f.res, f.arena, &f.io, 1 << 20);
	mcp_challenge(&f.res, &f.conf, true);
	http_send(&f.res);
	buf_char(&f.sent, '\0');
	bearer = strstr(f.sent.p, "WWW-Authenticate: Bearer ");
	basic = strstr(f.sent.p, "WWW-Authenticate: Basic ");
	assert_non_null(bearer);
	assert_non_null(basic);
	assert_true(bearer < basic);
	assert_non_null(strstr(bearer, "error=\"invalid_token\""));

	f.conf.basic = false;
	f.sent.len = 0;
	http_res_init(&f.res, f.arena, &f.io, 1 << 20);
	mcp_challenge(&f.res, &f.conf, false);
	http_send(&f.res);
	assert_true(fake_sent(&f, "WWW-Authenticate: Bearer realm=\"mcp\""));
	assert_false(fake_holds(buf_text(&f.sent), "Basic"));
	assert_false(fake_holds(buf_text(&f.sent), "error="));
}

static void
test_eras(void **state)
{
	(void)state;
	for (int e = 0; e < ERA_COUNT; e++)
		assert_int_equal(era_find(str_of(era_name((enum era)e))), e);
	assert_int_equal(era_find(STR("2025-06-1")), ERA_COUNT);
	assert_int_equal(era_find(STR("")), ERA_COUNT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_faults_before_the_body),
		T(test_faults_with_data),
		T(test_limit_headers),
		T(test_challenge),
		T(test_eras),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
