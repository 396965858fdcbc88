/* SPDX-License-Identifier: ISC */
/*
 * What leaves besides the answer: progress, keep-alive comments, and the last
 * words that are prepared before a statement runs.
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
	assert_true(
	    fake_holds(f.last_words, "Content-Type: application/json\r\n"));
	m = message_in(f.last_words);
	assert_string_equal(json_string_value(json_object_get(m, "id")), "a");
	assert_true(json_is_true(
	    json_object_get(json_object_get(m, "result"), "isError")));
	assert_null(
	    json_object_get(json_object_get(m, "result"), "resultType"));
	assert_true(str_starts(str_of(text_of(m)), STR("TIMEOUT: ")));
	/* Armed at 32 s, of which 2 are the hard deadline's own. */
	assert_true(fake_holds(str_of(text_of(m)), "The limit is 30 s;"));
	assert_true(fake_holds(f.last_words, "\"code\":\"TIMEOUT\""));
	assert_true(fake_holds(f.last_words, "\"retryable\":true"));
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
	assert_true(fake_holds(f.last_words, "\"resultType\":\"complete\""));
	assert_true(fake_holds(f.last_words, "serverInfo"));
}

/* The header has left by then: only the last event is prepared. */
static void
test_last_words_of_a_stream(void **state)
{
	(void)state;
	fake_post(&f, str_of(slow_progress));
	assert_true(str_starts(f.last_words, STR("event: message\ndata: {")));
	assert_true(str_ends(f.last_words, STR("}\n\n")));
	assert_true(fake_holds(f.last_words, "TIMEOUT: "));
	assert_true(f.sends > 3);
}

static void
test_last_words_as_an_event(void **state)
{
	(void)state;
	fake_header(&f, STR("Accept"), STR("text/event-stream"));
	fake_post(&f, str_of(slow_legacy));
	assert_true(str_starts(f.last_words, STR("Status: 200")));
	assert_true(
	    fake_holds(f.last_words, "Content-Type: text/event-stream"));
	assert_true(fake_holds(f.last_words, "event: message\ndata: {"));
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
	assert_true(fake_holds(fake_body(&f), "{\\\"n\\\":1}"));
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
	assert_true(fake_holds(fake_body(&f),
	    "\"params\":{\"progressToken\":1,\"progress\":9}}\n"));
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
	assert_true(fake_holds(fake_body(&f), "\n\n:\n\nevent: message\n"));
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

/* A modern client that is gone is seen by writing alone behind some servers:
 * what runs long is written of. */
static bool
long_one(struct tool_call *c)
{
	int before = f.sends;

	for (int i = 0; i < 50; i++, fake_now += 100)
		assert_true(c->events->alive(c->events));
	assert_int_equal(f.sends, before);
	for (int i = 0; i < 11; i++, fake_now += 100)
		assert_true(c->events->alive(c->events));
	assert_true(f.sends > before);
	return true;
}

static void
test_what_runs_long_becomes_a_stream(void **state)
{
	(void)state;
	f.mcp.clock_ms = fake_clock;
	fake_slow = long_one;
	modern_headers();
	fake_post(&f, str_of(slow_modern));
	assert_true(fake_holds(fake_body(&f), ":\n\nevent: message\n"));
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
		T(test_gone_stops_in_the_modern_era),
		T(test_gone_stops_nothing_before),
		T(test_comments_keep_a_stream_alive),
		T(test_comments_need_a_stream),
		T(test_what_runs_long_becomes_a_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
