/* SPDX-License-Identifier: ISC */
/* Messages that came without HTTP, and what a conversation keeps. */
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

#define MODERN_META(more)                                              \
	"{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
	"\"io.modelcontextprotocol/clientCapabilities\":{}" more "}"

static const char slow_legacy[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\","
    "\"params\":{\"name\":\"slow\"}}";
static const char slow_modern[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\","
    "\"params\":{\"name\":\"slow\",\"_meta\":" MODERN_META("") "}}";

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
	assert_true(fake_holds(message("{"), "-32700"));
	assert_string_equal(f.attempt.code, "INVALID_JSON");
	assert_true(fake_holds(message("[]"), "-32600"));
	assert_true(
	    str_eq(message(
		       "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"),
		STR("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]")));
	/* No header rules, all others. */
	assert_true(fake_holds(message(slow_modern), "\"resultType\""));
	assert_true(fake_holds(message("{\"jsonrpc\":\"2.0\",\"id\":1,"
				       "\"method\":\"tools/list\",\"params\":"
				       "{\"_meta\":{\"io.modelcontextprotocol/"
				       "protocolVersion\":\"2026-07-28\"}}}"),
	    "-32602"));
	assert_true(
	    fake_holds(message("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
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
	assert_false(fake_holds(message(call), "structuredContent"));
	assert_true(
	    fake_holds(message("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":"
			       "\"initialize\",\"params\":"
			       "{\"protocolVersion\":\"2025-06-18\"}}"),
		"\"protocolVersion\":\"2025-06-18\""));
	assert_true(fake_holds(message(call), "structuredContent"));
	assert_true(str_eq(f.attempt.era, STR("2025-06-18")));
	assert_true(fake_holds(
	    message("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"),
	    "-32600"));
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
	assert_false(fake_holds(fake_body(&f), "instructions"));
	f.conf.instructions = "";
	f.sent.len = 0;
	fake_post(&f, str_of(hello));
	assert_false(fake_holds(fake_body(&f), "instructions"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_message_without_http),
		T(test_message_after_initialize),
		T(test_initialize_leaves_nothing),
		T(test_no_instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
