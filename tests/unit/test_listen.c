/* SPDX-License-Identifier: ISC */
/*
 * subscriptions/listen over a site that changes when the test says so, and a
 * clock that goes on when the listener waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mcp_fake.h"

static struct fake f;
static int64_t now;

/* What the listener finds, wait for wait; at the end the client goes. */
static enum mcp_news (*site)(int turn, struct mcp_view *view);
static int turns, opened, closed;
static enum err refusal;
static struct tool_filter filter;

static int64_t
clock_of_test(void)
{
	return now;
}

static void
view_of_test(struct mcp_view *v)
{
	*v = (struct mcp_view){ .conf = &f.conf,
		.catalogue = (struct catalogue *)(uintptr_t)&f,
		.who = &f.who,
		.filter = &filter };
}

static enum err
watch_open(void *arg, const struct caller *who, const struct tool_filter *flt,
    struct mcp_view *view, struct fault *why)
{
	(void)arg, (void)flt;
	assert_ptr_equal(who, &f.who);
	opened++;
	if (refusal != ERR_OK) {
		why->retry_s = 30;
		return fault_set(why, refusal, "no place");
	}
	view_of_test(view);
	return ERR_OK;
}

static enum mcp_news
watch_wait(void *arg, int64_t ms, struct mcp_view *view)
{
	(void)arg;
	assert_true(ms >= 0 && ms <= 300);
	now += ms > 0 ? ms : 1;
	return site(turns++, view);
}

static void
watch_close(void *arg)
{
	(void)arg;
	closed++;
}

static int
begin(void **state)
{
	(void)state;
	fake_init(&f, true);
	fake_content(&f.conf);
	f.who.scopes = SCOPE_READ | SCOPE_WRITE;
	f.conf.streams = true;
	f.conf.limits.listen_time = 600;
	f.conf.list_page_size = 100;
	f.mcp.clock_ms = clock_of_test;
	f.mcp.watch =
	    (struct mcp_watch){ watch_open, watch_wait, watch_close, NULL };
	fake_about = "Says it";
	now = 1000000;
	turns = opened = closed = 0;
	refusal = ERR_OK;
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
listen_as(const char *id, const char *notifications)
{
	fake_header(&f, STR("MCP-Protocol-Version"), STR("2026-07-28"));
	fake_header(&f, STR("Mcp-Method"), STR("subscriptions/listen"));
	fake_post(&f,
	    arena_fmt(f.arena,
		"{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":"
		"\"subscriptions/listen\",\"params\":{%s\"_meta\":{"
		"\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
		"\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
		id, notifications));
}

static void
listen(const char *asked)
{
	listen_as("7", arena_fmt(f.arena, "\"notifications\":{%s},", asked).p);
}

/* Event number i of the stream; p NULL: there are not so many. */
static struct str
event(int i)
{
	struct str rest = fake_body(&f), line;

	while (str_cut(&rest, '\n', &line))
		if (str_starts(line, STR("data: ")) && i-- == 0)
			return str_from(line, 6);
	return (struct str){ 0 };
}

#define ID "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":7}"

static void
assert_event(int i, const char *method, const char *more)
{
	struct str want = arena_fmt(f.arena,
	    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/%s\","
	    "\"params\":{" ID "%s}}",
	    method, more);

	assert_string_equal(arena_z(f.arena, event(i)), want.p);
}

static void
assert_good_bye(int i)
{
	assert_true(fake_holds(event(i), "\"id\":7,\"result\":{"));
	assert_true(fake_holds(event(i), "\"resultType\":\"complete\""));
	assert_true(fake_holds(event(i),
	    "\"io.modelcontextprotocol/subscriptionId\":7"));
	assert_null(event(i + 1).p);
}

static size_t
comments(void)
{
	struct str rest = fake_body(&f), line;
	size_t n = 0;

	while (str_cut(&rest, '\n', &line))
		n += str_eq(line, STR(":"));
	return n;
}

static enum mcp_news
quiet(int turn, struct mcp_view *view)
{
	(void)turn, (void)view;
	return MCP_NEWS_NONE;
}

static void
test_the_time_is_over(void **state)
{
	int64_t began = now;

	(void)state;
	site = quiet;
	f.conf.limits.listen_time = 16;
	listen("\"toolsListChanged\":true,\"promptsListChanged\":false");
	assert_int_equal(f.res.status, 200);
	assert_true(fake_sent(&f, "Content-Type: text/event-stream"));
	assert_true(fake_sent(&f, "X-Accel-Buffering: no"));
	assert_event(0, "subscriptions/acknowledged",
	    ",\"notifications\":{\"toolsListChanged\":true}");
	assert_good_bye(1);
	assert_int_equal(now - began, 16000);
	/* After 5 and 6 seconds, after 11 and 12. */
	assert_int_equal(comments(), 4);
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(f.lines, 1); /* "begin"; the other is the route's */
	assert_int_equal(f.attempt.events, 0);
	assert_null(f.attempt.code);
}

static enum mcp_news
leave(int turn, struct mcp_view *view)
{
	(void)view;
	return turn == 0 ? MCP_NEWS_LEAVE : MCP_NEWS_NONE;
}

static void
test_asked_to_leave(void **state)
{
	(void)state;
	site = leave;
	listen_as("\"seven\"", "\"notifications\":{},");
	assert_true(fake_holds(event(0),
	    "{\"io.modelcontextprotocol/subscriptionId\":\"seven\"},"
	    "\"notifications\":{}}"));
	assert_true(fake_holds(event(1), "\"id\":\"seven\",\"result\":"));
	assert_int_equal(turns, 1);
}

static enum mcp_news
refused(int turn, struct mcp_view *view)
{
	(void)turn, (void)view;
	return MCP_NEWS_REFUSED;
}

static void
test_the_token_is_good_no_more(void **state)
{
	(void)state;
	site = refused;
	listen("\"toolsListChanged\":true");
	assert_good_bye(1);
	assert_string_equal(f.attempt.code, "CANCELLED");
	assert_string_equal(mcp_event(&f.attempt), "call");
}

/* A look at the same, another list, the same again, another for prompts. */
static enum mcp_news
changes(int turn, struct mcp_view *view)
{
	(void)view;
	if (turn == 1)
		fake_about = "Repeats it";
	if (turn == 3)
		f.conf.nprompts--;
	return turn > 5 ? MCP_NEWS_LEAVE : MCP_NEWS_LOOK;
}

static void
test_only_what_has_changed(void **state)
{
	(void)state;
	site = changes;
	listen("\"toolsListChanged\":true,\"promptsListChanged\":true,"
	       "\"resourcesListChanged\":true");
	assert_event(0, "subscriptions/acknowledged",
	    ",\"notifications\":{\"toolsListChanged\":true,"
	    "\"promptsListChanged\":true,\"resourcesListChanged\":true}");
	assert_event(1, "tools/list_changed", "");
	assert_event(2, "prompts/list_changed", "");
	assert_good_bye(3);
	assert_int_equal(f.attempt.events, 2);
}

static void
test_only_what_was_asked_for(void **state)
{
	(void)state;
	site = changes;
	listen("\"promptsListChanged\":true");
	assert_event(1, "prompts/list_changed", "");
	assert_good_bye(2);
}

/* A text is another one, the view the same. */
static struct conf_resource other[8];

static enum mcp_news
another_text(int turn, struct mcp_view *view)
{
	(void)view;
	if (turn == 2) {
		memcpy(other, f.conf.resources,
		    f.conf.nresources * sizeof(*other));
		other[0].text = "other";
		f.conf.resources = other;
	}
	return turn > 8 ? MCP_NEWS_LEAVE : MCP_NEWS_NONE;
}

static void
test_single_resources(void **state)
{
	(void)state;
	site = another_text;
	listen("\"resourceSubscriptions\":[\"test://static-text\","
	       "\"test://nowhere\",\"test://template/red/data\"]");
	assert_event(0, "subscriptions/acknowledged",
	    ",\"notifications\":{\"resourceSubscriptions\":["
	    "\"test://static-text\",\"test://template/red/data\"]}");
	assert_event(1, "resources/updated", ",\"uri\":\"test://static-text\"");
	assert_good_bye(2);
}

/* What this process cannot see any more: all of it, and the end. */
static enum mcp_news
beyond(int turn, struct mcp_view *view)
{
	(void)turn;
	view->catalogue = NULL;
	view->leave = true;
	return MCP_NEWS_LOOK;
}

static void
test_beyond_this_process(void **state)
{
	(void)state;
	site = beyond;
	listen("\"toolsListChanged\":true,\"resourceSubscriptions\":["
	       "\"test://static-text\"]");
	assert_event(1, "tools/list_changed", "");
	assert_event(2, "resources/updated", ",\"uri\":\"test://static-text\"");
	assert_good_bye(3);
	assert_int_equal(turns, 1);
}

static enum mcp_news
client_goes(int turn, struct mcp_view *view)
{
	(void)view;
	if (turn == 2)
		f.hung_up = true;
	assert_true(turn < 3);
	return MCP_NEWS_NONE;
}

static void
test_the_client_goes(void **state)
{
	(void)state;
	site = client_goes;
	listen("\"toolsListChanged\":true");
	assert_event(0, "subscriptions/acknowledged",
	    ",\"notifications\":{\"toolsListChanged\":true}");
	assert_null(event(1).p);
	assert_int_equal(closed, 1);
	assert_true(f.res.gone);
}

/* Nobody reads: the first write that fails is the last. */
static enum mcp_news
deaf(int turn, struct mcp_view *view)
{
	(void)view;
	f.io.gone = NULL;
	f.hung_up = true;
	fake_about = turn % 2 == 0 ? "a" : "b";
	assert_true(turn < 2);
	return MCP_NEWS_LOOK;
}

static void
test_nobody_reads(void **state)
{
	(void)state;
	site = deaf;
	listen("\"toolsListChanged\":true");
	assert_true(f.res.gone);
	assert_int_equal(closed, 1);
}

static void
test_no_place(void **state)
{
	(void)state;
	refusal = ERR_RATE;
	listen("\"toolsListChanged\":true");
	assert_int_equal(f.res.status, 429);
	assert_true(fake_sent(&f, "Retry-After: 30"));
	assert_true(fake_holds(fake_body(&f),
	    "\"id\":7,\"error\":{\"code\":-32000,\"message\":\"no place\""));
	assert_int_equal(closed, 0);
	f.sent.len = 0;
	refusal = ERR_UNAVAILABLE;
	listen("\"toolsListChanged\":true");
	assert_int_equal(f.res.status, 503);
	assert_true(fake_sent(&f, "Retry-After: 30"));
}

static enum err
no_line(struct attempt *t, const char *what, struct fault *why)
{
	(void)t;
	assert_string_equal(what, "begin");
	return fault_set(why, ERR_UNAVAILABLE, "the audit is full");
}

/* What cannot be accounted for does not begin, and leaves its place. */
static void
test_no_audit(void **state)
{
	(void)state;
	f.attempt.put = no_line;
	listen("\"toolsListChanged\":true");
	assert_int_equal(f.res.status, 503);
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 1);
}

static void
test_no_stream_wanted(void **state)
{
	(void)state;
	fake_header(&f, STR("Accept"), STR("application/json"));
	listen("\"toolsListChanged\":true");
	assert_int_equal(f.res.status, 406);
	assert_true(fake_holds(fake_body(&f), "\"id\":7,\"error\":"));
	assert_int_equal(opened, 0);
}

/* Over stdio nothing stands. */
static void
test_without_http(void **state)
{
	struct tool_filter none = { 0 };
	struct str said;

	(void)state;
	said = mcp_message(&f.mcp, f.arena,
	    STR("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":"
		"\"subscriptions/listen\",\"params\":{\"notifications\":{},"
		"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":"
		"\"2026-07-28\",\"io.modelcontextprotocol/"
		"clientCapabilities\":{}}}}"),
	    &none, &f.attempt);
	assert_true(fake_holds(said, "-32601"));
	assert_int_equal(opened, 0);
}

static void
test_not_offered(void **state)
{
	(void)state;
	f.conf.streams = false;
	listen("\"toolsListChanged\":true");
	assert_int_equal(f.res.status, 404);
	assert_true(fake_holds(fake_body(&f), "-32601"));
	f.conf.streams = true;
	f.mcp.watch.open = NULL;
	f.sent.len = 0;
	listen("\"toolsListChanged\":true");
	assert_int_equal(f.res.status, 404);
}

static void
test_bad_parameters(void **state)
{
	static const char *const bad[] = {
		"",
		"\"notifications\":true,",
		"\"notifications\":{\"toolsListChanged\":1},",
		"\"notifications\":{\"resourceSubscriptions\":{}},",
		"\"notifications\":{\"resourceSubscriptions\":[\"a:b\",1]},",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.sent.len = 0;
		listen_as("7", bad[i]);
		assert_int_equal(f.res.status, 200);
		assert_true(fake_holds(fake_body(&f), "\"code\":-32602"));
	}
	assert_int_equal(opened, 0);
}

/* At most a hundred, at and one above. */
static void
test_many_resources(void **state)
{
	struct buf b;

	(void)state;
	site = leave;
	for (int n = 100; n <= 101; n++) {
		buf_init(&b, f.arena, 1 << 20);
		buf_lit(&b, "\"resourceSubscriptions\":[\"a:b\"");
		for (int i = 1; i < n; i++)
			buf_lit(&b, ",\"a:b\"");
		buf_lit(&b, "]");
		f.sent.len = 0;
		turns = 0;
		listen(arena_z(f.arena, buf_text(&b)));
		assert_int_equal(fake_holds(fake_body(&f), "-32602"), n > 100);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_the_time_is_over),
		T(test_asked_to_leave),
		T(test_the_token_is_good_no_more),
		T(test_only_what_has_changed),
		T(test_only_what_was_asked_for),
		T(test_single_resources),
		T(test_beyond_this_process),
		T(test_the_client_goes),
		T(test_nobody_reads),
		T(test_no_place),
		T(test_no_audit),
		T(test_no_stream_wanted),
		T(test_without_http),
		T(test_not_offered),
		T(test_bad_parameters),
		T(test_many_resources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
