/* SPDX-License-Identifier: ISC */
/*
 * What leaves besides the answer: prepared last words, keep-alive comments,
 * the headers of a refusal; and messages that came without HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mcp_fake.h"

#define MODERN_META(more)                                              \
	"{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
	"\"io.modelcontextprotocol/clientCapabilities\":{}" more "}"

static const char slow_legacy[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\","
    "\"params\":{\"name\":\"slow\"}}";
static const char slow_progress[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\","
    "\"params\":{\"name\":\"slow\",\"_meta\":{\"progressToken\":1}}}";
static const char slow_modern[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\","
    "\"params\":{\"name\":\"slow\",\"_meta\":" MODERN_META("") "}}";

static struct fake f;

static int
begin(void **state)
{
	(void)state;
	fake_init(&f, true);
	fake_guarded(&f);
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
modern_headers(void)
{
	fake_header(&f, STR("MCP-Protocol-Version"), STR("2026-07-28"));
	fake_header(&f, STR("Mcp-Method"), STR("tools/call"));
	fake_header(&f, STR("Mcp-Name"), STR("slow"));
}

static bool
holds(struct str text, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= text.len; i++)
		if (memcmp(text.p + i, part, n) == 0)
			return true;
	return false;
}

/* The message in an answer that is one text with a header. */
static json_t *
message_in(struct str answer)
{
	struct fault why = { 0 };
	json_t *v = NULL;
	const char *p = memchr(answer.p, '{', answer.len);
	struct str json;

	assert_non_null(p);
	json = str_from(answer, (size_t)(p - answer.p));
	while (json.len > 0 && json.p[json.len - 1] == '\n')
		json.len--;
	assert_int_equal(json_parse(f.arena, json, &json_limits_default, &v,
			     &why),
	    ERR_OK);
	return v;
}

static const char *
text_of(const json_t *message)
{
	return json_string_value(json_object_get(
	    json_array_get(json_object_get(json_object_get(message, "result"),
			       "content"),
		0),
	    "text"));
}

static void
test_last_words_legacy(void **state)
{
	json_t *m;

	(void)state;
	fake_header(&f, STR("MCP-Protocol-Version"), STR("2025-11-25"));
	fake_post(&f, str_of(slow_legacy));
	assert_true(str_starts(f.last_words, STR("Status: 200")));
	assert_true(holds(f.last_words, "Content-Type: application/json\r\n"));
	m = message_in(f.last_words);
	assert_string_equal(json_string_value(json_object_get(m, "id")), "a");
	assert_true(json_is_true(
	    json_object_get(json_object_get(m, "result"), "isError")));
	assert_null(
	    json_object_get(json_object_get(m, "result"), "resultType"));
	assert_true(str_starts(str_of(text_of(m)), STR("TIMEOUT: ")));
	/* Armed at 32 s, of which 2 are the hard deadline's own. */
	assert_true(holds(str_of(text_of(m)), "30 seconds"));
	assert_true(holds(f.last_words, "\"code\":\"TIMEOUT\""));
	assert_true(holds(f.last_words, "\"retryable\":true"));
	assert_string_equal(f.last_code, "TIMEOUT");
	assert_int_equal(f.armed_ms, 32000);
	assert_true(f.disarmed);
	assert_null(f.attempt.code);
}

static void
test_last_words_modern(void **state)
{
	(void)state;
	modern_headers();
	fake_post(&f, str_of(slow_modern));
	assert_int_equal(f.res.status, 200);
	assert_true(holds(f.last_words, "\"resultType\":\"complete\""));
	assert_true(holds(f.last_words, "serverInfo"));
}

/* The header has left by then: only the last event is prepared. */
static void
test_last_words_of_a_stream(void **state)
{
	(void)state;
	fake_post(&f, str_of(slow_progress));
	assert_true(str_starts(f.last_words, STR("event: message\ndata: {")));
	assert_true(str_ends(f.last_words, STR("}\n\n")));
	assert_true(holds(f.last_words, "TIMEOUT: "));
	assert_true(f.sends > 3);
}

static void
test_last_words_as_an_event(void **state)
{
	(void)state;
	fake_header(&f, STR("Accept"), STR("text/event-stream"));
	fake_post(&f, str_of(slow_legacy));
	assert_true(str_starts(f.last_words, STR("Status: 200")));
	assert_true(holds(f.last_words, "Content-Type: text/event-stream"));
	assert_true(holds(f.last_words, "event: message\ndata: {"));
}

/* In a batch they are those of the whole array. */
static void
test_last_words_of_a_batch(void **state)
{
	json_t *v = NULL;
	struct fault why = { 0 };
	struct str words;
	const char *p;

	(void)state;
	fake_post(&f,
	    arena_fmt(f.arena,
		"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},%s,"
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"},"
		"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}]",
		slow_legacy));
	p = memchr(f.last_words.p, '[', f.last_words.len);
	assert_non_null(p);
	words = str_from(f.last_words, (size_t)(p - f.last_words.p));
	assert_int_equal(json_parse(f.arena, words, &json_limits_default, &v,
			     &why),
	    ERR_OK);
	assert_int_equal(json_array_size(v), 3);
	assert_non_null(json_object_get(json_array_get(v, 0), "result"));
	assert_non_null(text_of(json_array_get(v, 1)));
	assert_int_equal(json_integer_value(
			     json_object_get(json_array_get(v, 2), "id")),
	    3);
	assert_non_null(json_object_get(json_array_get(v, 2), "error"));
	/* And the batch itself went on. */
	assert_int_equal(f.lines, 4);
	assert_true(holds(fake_body(&f), "{\\\"n\\\":1}"));
}

static void
test_no_guard_at_all(void **state)
{
	(void)state;
	f.mcp.guard = NULL;
	fake_post(&f, str_of(slow_legacy));
	assert_int_equal(f.res.status, 200);
	assert_null(f.last_words.p);
}

/* Last words that do not fit anywhere leave the call as it is. */
static void
test_guard_that_fails(void **state)
{
	(void)state;
	f.guard_fails = true;
	fake_post(&f, str_of(slow_progress));
	assert_int_equal(f.res.status, 200);
	assert_int_equal(f.armed_ms, 0);
}

static bool
without_total(struct tool_call *c)
{
	return c->events->progress(c->events, 9, 0, (struct str){ 0 });
}

static void
test_progress_without_total_or_message(void **state)
{
	(void)state;
	fake_slow = without_total;
	fake_post(&f, str_of(slow_progress));
	assert_true(holds(fake_body(&f),
	    "\"params\":{\"progressToken\":1,\"progress\":9}}\n"));
}

/* Nothing of an initialize over HTTP is kept. */
static void
test_initialize_leaves_nothing(void **state)
{
	(void)state;
	fake_post(&f,
	    STR("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\","
		"\"params\":{\"protocolVersion\":\"2025-06-18\"}}"));
	assert_false(f.mcp.has_agreed);
	fake_post(&f, str_of(slow_legacy));
	assert_true(str_eq(f.attempt.era, STR("2025-03-26")));
}

static void
test_no_instructions(void **state)
{
	static const char hello[] =
	    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\","
	    "\"params\":{\"protocolVersion\":\"2025-06-18\"}}";

	(void)state;
	f.conf.instructions = NULL;
	fake_post(&f, str_of(hello));
	assert_false(holds(fake_body(&f), "instructions"));
	f.conf.instructions = "";
	f.sent.len = 0;
	fake_post(&f, str_of(hello));
	assert_false(holds(fake_body(&f), "instructions"));
}

static bool went_on;

static bool
hang_up(struct tool_call *c)
{
	f.hung_up = true;
	went_on = c->events->alive(c->events);
	return went_on;
}

static void
test_gone_stops_in_the_modern_era(void **state)
{
	(void)state;
	fake_slow = hang_up;
	modern_headers();
	fake_post(&f, str_of(slow_modern));
	assert_false(went_on);
	assert_string_equal(f.attempt.code, "SQL_ERROR");
}

/* An older client may have lost its connection without meaning to stop. */
static void
test_gone_stops_nothing_before(void **state)
{
	(void)state;
	fake_slow = hang_up;
	fake_post(&f, str_of(slow_progress));
	assert_true(went_on);
	assert_null(f.attempt.code);
	assert_true(f.res.gone);
}

static int64_t fake_now;

static int64_t
fake_clock(void)
{
	return fake_now;
}

/* A comment when a second was quiet, and none before. */
static bool
beat(struct tool_call *c)
{
	int before = f.sends;

	fake_now += 999;
	assert_true(c->events->alive(c->events));
	assert_int_equal(f.sends, before);
	fake_now += 1;
	assert_true(c->events->alive(c->events));
	assert_int_equal(f.sends, before + 1);
	assert_true(c->events->alive(c->events));
	assert_int_equal(f.sends, before + 1);
	return true;
}

static void
test_comments_keep_a_stream_alive(void **state)
{
	(void)state;
	f.mcp.clock_ms = fake_clock;
	fake_slow = beat;
	fake_post(&f, str_of(slow_progress));
	assert_true(holds(fake_body(&f), "\n\n:\n\nevent: message\n"));
}

static bool
quiet(struct tool_call *c)
{
	fake_now += 5000;
	return c->events->alive(c->events);
}

static void
test_comments_need_a_stream(void **state)
{
	(void)state;
	f.mcp.clock_ms = fake_clock;
	fake_slow = quiet;
	fake_post(&f, str_of(slow_legacy));
	assert_int_equal(f.sends, 1);
}

static struct str
message(const char *text)
{
	struct tool_filter filter = { 0 };

	f.attempt.code = NULL;
	return mcp_message(&f.mcp, f.arena, str_of(text), &filter, &f.attempt);
}

static void
test_message_without_http(void **state)
{
	(void)state;
	assert_true(
	    str_eq(message(
		       "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"),
		STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}")));
	assert_int_equal(
	    message("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}").len,
	    0);
	assert_true(holds(message("{"), "-32700"));
	assert_string_equal(f.attempt.code, "INVALID_JSON");
	assert_true(holds(message("[]"), "-32600"));
	assert_true(
	    str_eq(message(
		       "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"),
		STR("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]")));
	/* No header rules, all others. */
	assert_true(holds(message(slow_modern), "\"resultType\""));
	assert_true(holds(message("{\"jsonrpc\":\"2.0\",\"id\":1,"
				  "\"method\":\"tools/list\",\"params\":"
				  "{\"_meta\":{\"io.modelcontextprotocol/"
				  "protocolVersion\":\"2026-07-28\"}}}"),
	    "-32602"));
	assert_true(holds(message("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
				  "\"nothing\"}"),
	    "-32601"));
}

/* A conversation keeps to the revision its initialize agreed on. */
static void
test_message_after_initialize(void **state)
{
	static const char call[] =
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
	    "\"params\":{\"name\":\"echo\"}}";

	(void)state;
	assert_false(holds(message(call), "structuredContent"));
	assert_true(holds(message("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":"
				  "\"initialize\",\"params\":"
				  "{\"protocolVersion\":\"2025-06-18\"}}"),
	    "\"protocolVersion\":\"2025-06-18\""));
	assert_true(holds(message(call), "structuredContent"));
	assert_true(str_eq(f.attempt.era, STR("2025-06-18")));
	assert_true(
	    holds(message(
		      "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"),
		"-32600"));
}

static void
fault_of(enum err code, int retry_s)
{
	struct fault why = { .code = code, .retry_s = retry_s };

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
	assert_false(holds(buf_text(&f.sent), "Retry-After"));
	assert_true(str_eq(fake_body(&f),
	    STR("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32001,"
		"\"message\":\"Unauthorized: invalid or missing access token\","
		"\"data\":{\"type\":\"authentication_error\"}}}")));
	fault_of(ERR_RATE, 7);
	assert_int_equal(f.res.status, 429);
	assert_true(fake_sent(&f, "Retry-After: 7"));
	assert_true(holds(fake_body(&f),
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
	assert_true(holds(fake_body(&f), "\"id\":7,"));
	assert_true(holds(fake_body(&f), "\"code\":-32021"));
	assert_true(holds(fake_body(&f),
	    "\"data\":{\"requiredCapabilities\":{\"elicitation\":{\"url\":{}}}}"));

	for (int e = ERA_2025_11_25; e <= ERA_2026_07_28; e++) {
		f.sent.len = 0;
		http_res_init(&f.res, f.arena, &f.io, 1 << 20);
		mcp_res_fault(&f.res, (enum era)e, STR("7"), &gone, &f.attempt);
		http_send(&f.res);
		assert_int_equal(f.res.status, 200);
		assert_true(holds(fake_body(&f),
		    e == ERA_2026_07_28 ? "-32602" : "-32002"));
		assert_true(
		    holds(fake_body(&f), "\"data\":{\"uri\":\"db://x\"}"));
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
	assert_false(holds(buf_text(&f.sent), "Retry-After"));

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
	    holds(str_from(buf_text(&f.sent),
		      (size_t)(strstr(f.sent.p, "Retry-After: 3") - f.sent.p) +
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
	assert_false(holds(buf_text(&f.sent), "Basic"));
	assert_false(holds(buf_text(&f.sent), "error="));
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
		T(test_last_words_legacy),
		T(test_last_words_modern),
		T(test_last_words_of_a_stream),
		T(test_last_words_as_an_event),
		T(test_last_words_of_a_batch),
		T(test_no_guard_at_all),
		T(test_guard_that_fails),
		T(test_progress_without_total_or_message),
		T(test_initialize_leaves_nothing),
		T(test_no_instructions),
		T(test_faults_with_data),
		T(test_gone_stops_in_the_modern_era),
		T(test_gone_stops_nothing_before),
		T(test_comments_keep_a_stream_alive),
		T(test_comments_need_a_stream),
		T(test_message_without_http),
		T(test_message_after_initialize),
		T(test_faults_before_the_body),
		T(test_limit_headers),
		T(test_challenge),
		T(test_eras),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
