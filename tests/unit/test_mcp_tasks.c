/* SPDX-License-Identifier: ISC */
/*
 * Calls that become tasks, with tools that do as they are told: what the copy
 * of the process and the request say to each other, and how it ends.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/mcp_fake.h"

static struct fake f;
static char dir[] = "/tmp/mcp-tasks-XXXXXX";
static char gate[sizeof(dir) + 8];
static int charged;
static bool refuses;

static enum err
charge(void *arg, int source, struct fault *why)
{
	(void)arg;
	charged += source;
	return refuses ? fault_set(why, ERR_RATE, "too often") : ERR_OK;
}

static int
begin(void **state)
{
	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(dir));
	snprintf(gate, sizeof(gate), "%s/gate", dir);
	fake_init(&f, true);
	f.conf.state = dir;
	f.conf.tasks = (struct conf_tasks){ .enabled = true,
		.after_ms = 20000,
		.ttl_ms = 3600000,
		.poll_ms = 2000,
		.per_token = 2,
		.total = 3 };
	f.mcp.charge = charge;
	fake_slow = NULL;
	charged = 0;
	refuses = false;
	return 0;
}

static int
end(void **state)
{
	char path[sizeof(dir) + 16];
	glob_t g;

	(void)state;
	fake_done(&f);
	(void)unlink(gate);
	snprintf(path, sizeof(path), "%s/tasks/*", dir);
	if (glob(path, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			(void)unlink(g.gl_pathv[i]);
	globfree(&g);
	snprintf(path, sizeof(path), "%s/tasks", dir);
	(void)rmdir(path);
	return rmdir(dir);
}

#define META(extensions)                                                 \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":"        \
	"\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":" \
	"{" extensions "}}"
#define TASKS "\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}"

static struct str
ask(const char *method, const char *params, const char *meta)
{
	struct tool_filter filter = { 0 };
	struct str text = arena_fmt(f.arena,
	    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\",\"params\":{%s,%s}}",
	    method, params, meta);

	f.attempt.code = NULL;
	return mcp_message(&f.mcp, f.arena, text, &filter, &f.attempt);
}

static struct str
call(const char *name)
{
	return ask("tools/call", arena_fmt(f.arena, "\"name\":\"%s\"", name).p,
	    META(TASKS));
}

/* The id in a handle. */
static const char *
task_of(struct str answer)
{
	const char *at = strstr(answer.p, "\"taskId\":\"");

	assert_true(fake_holds(answer, "\"resultType\":\"task\""));
	assert_non_null(at);
	return arena_z(f.arena, (struct str){ at + 10, 48 });
}

static struct str
about(const char *method, const char *id)
{
	return ask(method, arena_fmt(f.arena, "\"taskId\":\"%s\"", id).p,
	    META(TASKS));
}

/* Ask until it says so. */
static struct str
until(const char *id, const char *words)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct str a = { 0 };

	for (int i = 0; i < 4000; i++) {
		a = about("tasks/get", id);
		if (fake_holds(a, words))
			return a;
		(void)nanosleep(&pause, NULL);
	}
	fail_msg("it never said %s but %.*s", words, (int)a.len, a.p);
	return a;
}

/* Work until the gate is there. */
static bool
waits(struct tool_call *c)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	while (access(gate, F_OK) != 0) {
		if (!c->events->alive(c->events))
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

static bool
charges(struct tool_call *c)
{
	struct fault why = { 0 };

	return c->charge(c->charge_arg, 5, &why) == ERR_OK;
}

static bool
dies(struct tool_call *c)
{
	(void)c;
	_exit(3);
}

static void
open_gate(void)
{
	FILE *file = fopen(gate, "w");

	assert_non_null(file);
	(void)fclose(file);
}

static void
quick_is_as_ever(void **state)
{
	struct str with = call("slow");

	(void)state;
	assert_true(
	    str_eq(with, ask("tools/call", "\"name\":\"slow\"", META(""))));
	assert_true(fake_holds(with, "\"resultType\":\"complete\""));
	/* And nothing of it is kept. */
	assert_true(fake_holds(with, "structuredContent"));
}

static void
slow_becomes_a_task(void **state)
{
	const char *id;
	struct str a;

	(void)state;
	f.conf.tasks.after_ms = 0;
	fake_slow = waits;
	a = call("slow");
	id = task_of(a);
	assert_string_equal(f.attempt.code, "TASK");
	assert_true(fake_holds(a, "\"status\":\"working\""));
	assert_true(fake_holds(a, "\"ttlMs\":3600000,\"pollIntervalMs\":2000"));
	assert_true(fake_holds(about("tasks/get", id), "\"working\""));
	open_gate();
	a = until(id, "\"completed\"");
	assert_true(fake_holds(a, "\"result\":{\"content\":["));
	assert_false(fake_holds(a, "\"error\""));
}

static void
who_does_not_declare_it(void **state)
{
	static const char *const methods[] = { "tasks/get", "tasks/update",
		"tasks/cancel" };

	(void)state;
	assert_true(fake_holds(ask("tools/call", "\"name\":\"always\"",
				   META("")),
	    "{\"code\":-32021,\"message\":\"Missing required client capability\","
	    "\"data\":{\"requiredCapabilities\":{\"extensions\":"
	    "{\"io.modelcontextprotocol/tasks\":{}}}}}"));
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		assert_true(
		    fake_holds(ask(methods[i], "\"taskId\":\"x\"", META("")),
			"-32021"));
		assert_true(fake_holds(about(methods[i], "x"), "-32602"));
	}
	f.conf.tasks.enabled = false;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		assert_true(fake_holds(about(methods[i], "x"), "-32601"));
	assert_true(fake_holds(call("always"), "\"complete\""));
}

/* The store is the request's: the copy asks it. */
static void
what_a_call_costs(void **state)
{
	struct str a;

	(void)state;
	fake_slow = charges;
	a = call("slow");
	assert_int_equal(charged, 5);
	assert_false(fake_holds(a, "isError"));
	refuses = true;
	a = call("slow");
	assert_int_equal(charged, 10);
	assert_true(fake_holds(a, "isError"));
}

static void
one_that_dies(void **state)
{
	const char *id;

	(void)state;
	fake_slow = dies;
	assert_true(fake_holds(call("slow"), "\"code\":-32603"));
	f.conf.tasks.after_ms = 0;
	id = task_of(call("always"));
	assert_true(fake_holds(until(id, "\"failed\""),
	    "\"error\":{\"code\":-32603,\"message\":\"The work on this task"));
}

static void
as_many_as_may_be(void **state)
{
	const struct key own = f.who.key;
	const char *one, *two;
	struct str a;

	(void)state;
	f.conf.tasks.after_ms = 0;
	fake_slow = waits;
	one = task_of(call("always"));
	two = task_of(call("slow"));
	a = call("always");
	assert_true(fake_holds(a, "\"isError\":true") && fake_holds(a, "BUSY"));
	/* Another token has its own, up to that of all. */
	memcpy(f.who.key.id, "bbbbbbbbbbbb", 12);
	(void)task_of(call("always"));
	assert_true(fake_holds(call("always"), "BUSY"));
	assert_true(fake_holds(about("tasks/get", one), "-32602"));
	f.who.key = own;
	assert_true(fake_holds(about("tasks/cancel", two), "\"complete\""));
	(void)until(two, "\"cancelled\"");
	open_gate();
	(void)until(one, "\"completed\"");
	fake_slow = NULL;
	(void)until(task_of(call("always")), "\"completed\"");
}

static void
a_folder_that_cannot_be(void **state)
{
	(void)state;
	f.conf.state = "/nonexistent";
	assert_true(fake_holds(call("slow"), "\"complete\""));
	assert_true(fake_holds(call("always"), "\"isError\":true"));
}

static void
progress_goes_on(void **state)
{
	(void)state;
	fake_header(&f, STR("MCP-Protocol-Version"), STR("2026-07-28"));
	fake_header(&f, STR("Mcp-Method"), STR("tools/call"));
	fake_header(&f, STR("Mcp-Name"), STR("slow"));
	fake_post(&f,
	    STR("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\","
		"\"params\":{\"name\":\"slow\",\"_meta\":{\"progressToken\":1,"
		"\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
		"\"io.modelcontextprotocol/clientCapabilities\":{" TASKS
		"}}}}"));
	assert_true(fake_holds(fake_body(&f), "\"progress\":0.5"));
	assert_true(fake_holds(fake_body(&f), "\"progress\":2.5"));
	assert_true(fake_holds(fake_body(&f), "reading \\\"rows\\\""));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(quick_is_as_ever),
		T(slow_becomes_a_task),
		T(who_does_not_declare_it),
		T(what_a_call_costs),
		T(one_that_dies),
		T(as_many_as_may_be),
		T(a_folder_that_cannot_be),
		T(progress_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
