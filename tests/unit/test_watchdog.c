/* SPDX-License-Identifier: ISC */
/* The hard deadline: last words and audit line leave by the handler alone. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cgi-bin/watchdog.h"
#include "tests/unit/fake_io.h"

static struct fake_io io;
static int out[2];

static bool
pipe_frame(struct http_io *i, struct str answer, struct buf *to, int *fd)
{
	(void)i;
	buf_str(to, answer);
	*fd = out[1];
	return !buf_failed(to);
}

static bool
no_frame(struct http_io *i, struct str answer, struct buf *to, int *fd)
{
	(void)i;
	(void)answer;
	(void)to;
	(void)fd;
	return false;
}

static void
spin(int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		;
}

static struct tool_guard *
prepare(struct arena *a, bool streaming)
{
	struct http_res res;
	struct attempt t;

	fake_init(&io);
	io.io.frame = pipe_frame;
	http_res_init(&res, a, &io.io, 1000);
	res.streaming = streaming;
	res.type = "application/json";
	http_piece(&res, STR("{\"too\":"));
	http_piece(&res, STR("late}"));
	attempt_init(&t, NULL, NULL, false, clock_wall_us());
	return watchdog_guard(NULL, &res, &t);
}

/* What a child wrote before it ended, and how. */
static struct str
run(void (*child)(struct arena *a), struct arena *a, int *status)
{
	char *text = arena_get(a, 4096);
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		child(a);
		_exit(0);
	}
	(void)close(out[1]);
	while ((got = read(out[0], text + n, 4096 - n)) > 0)
		n += (size_t)got;
	(void)close(out[0]);
	assert_int_equal(waitpid(pid, status, 0), pid);
	return (struct str){ text, n };
}

static void
child_late(struct arena *a)
{
	struct tool_guard *g = prepare(a, false);

	g->arm(g, 30);
	spin(10000);
}

static void
child_late_stream(struct arena *a)
{
	struct tool_guard *g = prepare(a, true);

	g->arm(g, 30);
	spin(10000);
}

/* The timer of the first statement rings within the second. */
static void
child_second(struct arena *a)
{
	struct tool_guard *g = prepare(a, false);

	g->arm(g, 30);
	g->disarm(g);
	g->arm(g, 1500);
	spin(80);
	(void)!write(out[1], "alive ", 6);
	spin(10000);
}

static void
child_in_time(struct arena *a)
{
	struct tool_guard *g = prepare(a, false);

	g->arm(g, 30);
	g->disarm(g);
	spin(80);
	(void)!write(out[1], "done", 4);
}

/* A shorter deadline is not lost behind a longer one. */
static void
child_shorter(struct arena *a)
{
	struct tool_guard *g = prepare(a, false);

	g->arm(g, 9000);
	g->disarm(g);
	g->arm(g, 30);
	spin(8000);
	_exit(77);
}

static void
test_late(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct str text;
	int status;

	(void)state;
	text = run(child_late, a, &status);
	assert_int_equal(WEXITSTATUS(status), WATCHDOG_EXIT);
	assert_true(str_starts(text, STR("Status: 200 OK\r\n")));
	assert_true(str_ends(text, STR("\r\n\r\n{\"too\":late}")));
	text = run(child_late_stream, a, &status);
	assert_int_equal(WEXITSTATUS(status), WATCHDOG_EXIT);
	assert_true(str_eq(text, STR("{\"too\":late}")));
	arena_free(a);
}

static void
test_rearmed(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct str text;
	int status;

	(void)state;
	text = run(child_second, a, &status);
	assert_int_equal(WEXITSTATUS(status), WATCHDOG_EXIT);
	assert_true(str_starts(text, STR("alive Status: ")));
	(void)run(child_shorter, a, &status);
	assert_int_equal(WEXITSTATUS(status), WATCHDOG_EXIT);
	arena_free(a);
}

static void
test_in_time(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct str text;
	int status;

	(void)state;
	text = run(child_in_time, a, &status);
	assert_int_equal(status, 0);
	assert_true(str_eq(text, STR("done")));
	arena_free(a);
}

static void
test_no_frame(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct http_res res;
	struct attempt t;

	(void)state;
	fake_init(&io);
	io.io.frame = no_frame;
	http_res_init(&res, a, &io.io, 1000);
	attempt_init(&t, NULL, NULL, false, 0);
	assert_null(watchdog_guard(NULL, &res, &t));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_rearmed),
		cmocka_unit_test(test_in_time),
		cmocka_unit_test(test_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
