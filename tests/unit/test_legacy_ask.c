/* SPDX-License-Identifier: ISC */
/*
 * Questions to a client of an older revision, and calls that are called off.
 * Whoever hears what goes out answers at once, with a request of his own: two
 * requests meet in the folder without a second process.
 */
#include "config.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/mcp_fake.h"

static char dir[] = "/tmp/mcp-ask-XXXXXX";
static struct fake f;
static int asked; /* questions that went out */
static char last_id[64];

static const char call[] =
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\","
    "\"params\":{\"name\":\"asks\"}}";
static const char slow[] =
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\","
    "\"params\":{\"name\":\"slow\"}}";

#define WHO                                                        \
	"\"result\":{\"action\":\"accept\",\"content\":{\"name\":" \
	"\"Ann\"}}"
#define WHAT                                                               \
	"\"result\":{\"role\":\"assistant\",\"model\":\"m\",\"content\":{" \
	"\"type\":\"text\",\"text\":\"Hello\"}}"
#define SESSION "2025-11-25 fusr x"

static void
setup(struct fake *to, const char *session)
{
	fake_init(to, true);
	to->conf.streams = to->conf.sessions = true;
	to->conf.state = dir;
	to->conf.limits.body = 1 << 20;
	if (session != NULL)
		fake_header(to, STR("Mcp-Session-Id"),
		    fake_session(to, str_of(session)));
}

static int
begin(void **state)
{
	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(dir));
	setup(&f, SESSION);
	fake_hears = NULL;
	fake_slow = NULL;
	asked = 0;
	return 0;
}

static size_t
files(void)
{
	char pattern[sizeof(dir) + 8];
	glob_t g;
	size_t n;

	snprintf(pattern, sizeof(pattern), "%s/bus/*", dir);
	n = glob(pattern, 0, NULL, &g) == 0 ? g.gl_pathc : 0;
	globfree(&g);
	return n;
}

static int
end(void **state)
{
	char path[sizeof(dir) + 8];

	(void)state;
	fake_done(&f);
	assert_int_equal(files(), 0);
	snprintf(path, sizeof(path), "%s/bus", dir);
	(void)rmdir(path);
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

/* Post something else in the middle; its status. */
static int
post_as(const char *session, const char *token, struct str body)
{
	void (*hears)(struct fake *, struct str) = fake_hears;
	struct fake other;
	int status;

	fake_hears = NULL;
	fake_init(&other, true);
	fake_done(&other);
	setup(&other, NULL);
	if (token != NULL)
		memcpy(other.who.key.id, token, sizeof(other.who.key.id));
	if (session != NULL)
		fake_header(&other, STR("Mcp-Session-Id"),
		    fake_session(&other, str_of(session)));
	fake_post(&other, body);
	status = other.res.status;
	fake_done(&other);
	fake_hears = hears;
	return status;
}

static int
answer(const char *token, const char *id, const char *what)
{
	return post_as(SESSION, token,
	    arena_fmt(f.arena, "{\"jsonrpc\":\"2.0\",\"id\":\"%s\",%s}", id,
		what));
}

/* Is it a question?  Its id, and which of the two it is. */
static bool
question(struct str text, bool *sample)
{
	static const char mark[] = "\"id\":\"q-";
	const char *p = memmem(text.p, text.len, mark, sizeof(mark) - 1);

	if (p == NULL)
		return false;
	memcpy(last_id, p + 6, 34);
	last_id[34] = '\0';
	*sample = fake_holds(text, "sampling/createMessage");
	asked++;
	return true;
}

static void
both_answered(struct fake *to, struct str text)
{
	bool sample;

	(void)to;
	if (question(text, &sample))
		assert_int_equal(answer(NULL, last_id, sample ? WHAT : WHO),
		    202);
}

static int stood;

static void
stand(void *arg)
{
	assert_ptr_equal(arg, &f);
	stood++;
}

static void
test_both_answered(void **state)
{
	(void)state;
	f.mcp.stand = stand;
	f.mcp.stand_arg = &f;
	stood = 0;
	fake_hears = both_answered;
	fake_header(&f, STR("MCP-Protocol-Version"), STR("2025-11-25"));
	fake_post(&f, str_of(call));
	assert_int_equal(asked, 2);
	assert_true(fake_sent(&f, "Content-Type: text/event-stream"));
	assert_int_equal(stood, 1);
	assert_true(fake_holds(fake_body(&f), "\"mode\":\"form\""));
	assert_true(fake_holds(fake_body(&f), "accept Ann Hello"));
	assert_true(fake_holds(fake_body(&f), "\"id\":7,\"result\""));
	assert_null(f.attempt.code);
}

/* Forms had no mode then. */
static void
test_as_the_revision_has_it(void **state)
{
	(void)state;
	fake_hears = both_answered;
	fake_header(&f, STR("MCP-Protocol-Version"), STR("2025-06-18"));
	fake_post(&f, str_of(call));
	assert_false(fake_holds(fake_body(&f), "\"mode\""));
	assert_true(fake_holds(fake_body(&f), "accept Ann Hello"));
}

/* Answers of another token, to other questions, and a second time. */
static void
with_strangers(struct fake *to, struct str text)
{
	bool sample;

	(void)to;
	if (!question(text, &sample))
		return;
	assert_int_equal(answer("ffffffffffff", last_id, "\"result\":{}"), 202);
	assert_int_equal(answer(NULL, "q-0123456789abcdef0123456789abcdef",
			     WHO),
	    202);
	assert_int_equal(answer(NULL, "q-../../etc/passwd/././././././././",
			     WHO),
	    202);
	assert_int_equal(answer(NULL, "7", WHO), 202);
	assert_int_equal(answer(NULL, last_id, sample ? WHAT : WHO), 202);
	assert_int_equal(answer(NULL, last_id,
			     "\"result\":{\"action\":\"decline\"}"),
	    202);
}

static void
test_strangers_and_repeaters(void **state)
{
	(void)state;
	fake_hears = with_strangers;
	fake_post(&f, str_of(call));
	assert_true(fake_holds(fake_body(&f), "accept Ann Hello"));
}

/* Who refuses a form answers it too. */
static void
declined(struct fake *to, struct str text)
{
	bool sample;

	(void)to;
	if (question(text, &sample))
		(void)answer(NULL, last_id,
		    sample ? WHAT : "\"result\":{\"action\":\"decline\"}");
}

static void
test_declined(void **state)
{
	(void)state;
	fake_hears = declined;
	fake_post(&f, str_of(call));
	assert_true(fake_holds(fake_body(&f), "decline"));
	assert_true(fake_holds(fake_body(&f), "Hello"));
}

static void
failed(struct fake *to, struct str text)
{
	bool sample;

	(void)to;
	if (question(text, &sample))
		(void)answer(NULL, last_id,
		    "\"error\":{\"code\":-1,\"message\":\"secret\"}");
}

static void
test_client_fails(void **state)
{
	(void)state;
	fake_hears = failed;
	fake_post(&f, str_of(call));
	assert_true(fake_holds(fake_body(&f), "CANCELLED: "));
	assert_true(fake_holds(fake_body(&f), "\"isError\":true"));
	assert_false(fake_holds(fake_body(&f), "secret"));
	assert_string_equal(f.attempt.code, "CANCELLED");
}

static void
test_nobody_answers(void **state)
{
	(void)state;
	f.conf.limits.ask_time = 0;
	fake_post(&f, str_of(call));
	assert_true(fake_holds(fake_body(&f), "TIMEOUT: "));
	assert_string_equal(f.attempt.code, "TIMEOUT");
	/* Too late. */
	assert_int_equal(answer(NULL, last_id, WHO), 202);
}

static void
hang_up(struct fake *to, struct str text)
{
	bool sample;

	if (question(text, &sample) && sample)
		to->hung_up = true;
}

static void
test_client_gone(void **state)
{
	(void)state;
	fake_hears = hang_up;
	fake_post(&f, str_of(call));
	assert_int_equal(asked, 2);
	assert_string_equal(f.attempt.code, "CANCELLED");
}

static void
call_off(struct fake *to, struct str text)
{
	bool sample;

	(void)to;
	if (question(text, &sample) && sample)
		assert_int_equal(post_as(SESSION, NULL,
				     STR("{\"jsonrpc\":\"2.0\",\"method\":"
					 "\"notifications/cancelled\","
					 "\"params\":{\"requestId\":7}}")),
		    202);
}

static void
test_called_off_while_it_waits(void **state)
{
	(void)state;
	fake_hears = call_off;
	fake_post(&f, str_of(call));
	assert_string_equal(f.attempt.code, "CANCELLED");
	assert_false(fake_holds(fake_body(&f), "\"id\":7"));
	assert_false(fake_holds(fake_body(&f), "message\ndata: \n"));
}

/* Only who can be asked is asked, and only what he can. */
static void
cannot(const char *session, const char *words)
{
	fake_done(&f);
	setup(&f, session);
	fake_post(&f, str_of(call));
	assert_int_equal(f.res.status, 200);
	assert_true(fake_holds(fake_body(&f), words));
	assert_false(fake_holds(fake_body(&f), "\"q-"));
}

static void
test_cannot_be_asked(void **state)
{
	(void)state;
	cannot("2025-11-25 fu x", "PERMISSION_DENIED: ");
	cannot("2025-11-25 us x", "PERMISSION_DENIED: ");
	cannot("2025-11-25  x", "PERMISSION_DENIED: ");
	cannot(NULL, "Internal error");
}

static void
test_no_way_to_ask(void **state)
{
	(void)state;
	fake_header(&f, STR("Accept"), STR("application/json"));
	fake_post(&f, str_of(call));
	assert_true(fake_holds(fake_body(&f), "Internal error"));
	fake_done(&f);
	setup(&f, "2025-03-26 s x");
	fake_post(&f, arena_fmt(f.arena, "[%s]", call));
	assert_true(fake_holds(fake_body(&f), "Internal error"));
}

static void
test_too_many_wait(void **state)
{
	(void)state;
	f.conf.limits.asks = 0;
	fake_post(&f, str_of(call));
	assert_true(fake_holds(fake_body(&f), "BUSY: "));
	assert_true(fake_holds(fake_body(&f), "\"retryable\":true"));
}

static void
test_unusable_folder(void **state)
{
	(void)state;
	f.conf.state = "/nonexistent";
	fake_post(&f, str_of(call));
	assert_true(fake_holds(fake_body(&f), "BUSY: "));
	assert_false(fake_holds(fake_body(&f), "nonexistent"));
}

static int64_t now;
static bool went_on;
static const char *caller, *token, *id;

static int64_t
clock_ms(void)
{
	return now;
}

/* Runs for so long, and is called off in the middle. */
static bool
runs(struct tool_call *c)
{
	now += 1;
	assert_true(c->events->alive(c->events));
	assert_int_equal(files(), 0);
	now += 100;
	assert_true(c->events->alive(c->events));
	assert_int_equal(files(), 1);
	assert_int_equal(post_as(caller, token,
			     arena_fmt(f.arena,
				 "{\"jsonrpc\":\"2.0\",\"method\":"
				 "\"notifications/cancelled\","
				 "\"params\":{\"requestId\":%s}}",
				 id)),
	    202);
	now += 100;
	went_on = c->events->alive(c->events);
	return went_on;
}

static void
run_and_call_off(const char *by, const char *as, const char *what)
{
	fake_done(&f);
	setup(&f, SESSION);
	f.mcp.clock_ms = clock_ms;
	now = 1000;
	fake_slow = runs;
	caller = by;
	token = as;
	id = what;
	fake_post(&f, str_of(slow));
}

static void
test_called_off(void **state)
{
	(void)state;
	run_and_call_off(SESSION, NULL, "7");
	assert_false(went_on);
	assert_int_equal(f.res.status, 202);
	assert_int_equal(fake_body(&f).len, 0);
	assert_string_equal(f.attempt.code, "CANCELLED");
}

static void
test_not_called_off(void **state)
{
	(void)state;
	/* Another session of the same token, which counts from one too. */
	run_and_call_off("2025-11-25 fusr y", NULL, "7");
	assert_true(went_on);
	assert_int_equal(f.res.status, 200);
	run_and_call_off(NULL, NULL, "7");
	assert_true(went_on);
	run_and_call_off(NULL, "ffffffffffff", "7");
	assert_true(went_on);
	run_and_call_off(SESSION, NULL, "8");
	assert_true(went_on);
	run_and_call_off(SESSION, NULL, "\"7\"");
	assert_true(went_on);
	run_and_call_off(SESSION, NULL, "{}");
	assert_true(went_on);
}

static bool
runs_alone(struct tool_call *c)
{
	now += 500;
	assert_true(c->events->alive(c->events));
	now += 500;
	assert_true(c->events->alive(c->events));
	assert_int_equal(files(), 0);
	return true;
}

/* Where nobody can call it off nothing is written. */
static void
test_nothing_is_listed(void **state)
{
	(void)state;
	fake_slow = runs_alone;
	now = 1000;
	f.mcp.clock_ms = clock_ms;
	f.conf.streams = false;
	fake_post(&f, str_of(slow));
	assert_int_equal(f.res.status, 200);
	fake_done(&f);
	setup(&f, "2025-03-26 s x");
	f.mcp.clock_ms = clock_ms;
	fake_post(&f, arena_fmt(f.arena, "[%s]", slow));
	assert_int_equal(f.res.status, 200);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_both_answered),
		T(test_as_the_revision_has_it),
		T(test_strangers_and_repeaters),
		T(test_declined),
		T(test_client_fails),
		T(test_nobody_answers),
		T(test_client_gone),
		T(test_called_off_while_it_waits),
		T(test_cannot_be_asked),
		T(test_no_way_to_ask),
		T(test_too_many_wait),
		T(test_unusable_folder),
		T(test_called_off),
		T(test_not_called_off),
		T(test_nothing_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
