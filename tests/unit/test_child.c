/* SPDX-License-Identifier: ISC */
/*
 * Scripts that behave, and scripts that do not: whatever they do, the call
 * comes back and nothing of them is left.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tool/child.h"

enum { LINE_MAX_HERE = 100, OUTPUT_MAX_HERE = 100000 };

struct heard {
	struct buf text; /* "line|line|half..." */
	int beats;
	int stop_after; /* beats, or 0 */
	int lines_wanted;
	int lines;
};

static struct arena *a;
static struct heard heard;
static struct child_end end;
static struct fault fault;

static bool
on_line(void *arg, struct str line, bool whole)
{
	struct heard *h = arg;

	buf_str(&h->text, line);
	buf_str(&h->text, whole ? STR("|") : STR("..."));
	h->lines++;
	return h->lines_wanted == 0 || h->lines < h->lines_wanted;
}

static bool
on_beat(void *arg)
{
	struct heard *h = arg;

	h->beats++;
	return h->stop_after == 0 || h->beats < h->stop_after;
}

/* "script" by sh, with a mark in its environment to find its processes. */
static enum err
run(const char *script, struct str input, int64_t ms)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const char *const env[] = { "PATH=/usr/bin:/bin", "MARK=test-child",
		NULL };
	struct child_spec spec = { argv, env, input, OUTPUT_MAX_HERE,
		LINE_MAX_HERE, 20 };

	fault = (struct fault){ 0 };
	return child_run(a, &spec, deadline_in(ms), on_line, on_beat, &heard,
	    &end, &fault);
}

static enum err
go(const char *script)
{
	return run(script, STR(""), 20000);
}

static void
heard_is(const char *want)
{
	struct str s = buf_text(&heard.text);

	assert_string_equal(s.p == NULL ? "" : arena_z(a, s), want);
}

/* Is the process whose number was written on the first line still there? */
static bool
is_alive(void)
{
	struct str rest = buf_text(&heard.text), line;
	int64_t pid = 0;

	assert_true(str_cut(&rest, '|', &line));
	assert_true(str_int(line, 2, INT32_MAX, &pid));
	return kill((pid_t)pid, 0) == 0;
}

static void
nothing_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int
begin(void **unused)
{
	(void)unused;
	a = arena_new(64 << 20);
	heard = (struct heard){ 0 };
	buf_init(&heard.text, a, 1 << 20);
	return 0;
}

static int
finish(void **unused)
{
	(void)unused;
	nothing_is_left();
	arena_free(a);
	return 0;
}

static void
lines_come_one_by_one(void **unused)
{
	(void)unused;
	assert_int_equal(go("echo one; echo; printf 'two\\nhalf'"), ERR_OK);
	heard_is("one||two|half...");
	assert_int_equal(end.status, 0);
	assert_false(end.ended);
}

static void
stdin_arrives_whole(void **unused)
{
	char big[200000];

	(void)unused;
	memset(big, 'x', sizeof(big));
	assert_int_equal(run("wc -c", (struct str){ big, sizeof(big) }, 20000),
	    ERR_OK);
	heard_is("200000|");
}

static void
stdin_need_not_be_read(void **unused)
{
	char big[200000] = { 'x' };

	(void)unused;
	assert_int_equal(run("echo no", (struct str){ big, sizeof(big) },
			     20000),
	    ERR_OK);
	heard_is("no|");
}

static void
environment_is_clean(void **unused)
{
	(void)unused;
	(void)setenv("SECRET", "x", 1);
	assert_int_equal(
	    go("echo \"$SECRET$MARK\"; pwd; ls /proc/self/fd | wc -l"), ERR_OK);
	heard_is("test-child|/|4|");
}

static void
own_group_and_default_signals(void **unused)
{
	(void)unused;
	(void)signal(SIGUSR1, SIG_IGN);
	assert_int_equal(
	    go("read -r pid c s p g rest </proc/self/stat; [ $g = $$ ] && echo own; kill -USR1 $$; echo no"),
	    ERR_OK);
	(void)signal(SIGUSR1, SIG_DFL);
	heard_is("own|");
	assert_int_equal(WTERMSIG(end.status), SIGUSR1);
}

static void
status_and_stderr_are_told(void **unused)
{
	(void)unused;
	assert_int_equal(go("echo first >&2; echo last >&2; echo >&2; exit 3"),
	    ERR_OK);
	assert_int_equal(WEXITSTATUS(end.status), 3);
	assert_string_equal(end.stderr_line.p, "last");
	assert_int_equal(
	    go("i=0; while [ $i -lt 9000 ]; do echo \"line $i\" >&2; i=$((i+1)); done"),
	    ERR_OK);
	assert_string_equal(end.stderr_line.p, "line 8999");
}

static void
death_by_signal_is_told(void **unused)
{
	(void)unused;
	assert_int_equal(go("kill -SEGV $$"), ERR_OK);
	assert_true(WIFSIGNALED(end.status));
	assert_int_equal(WTERMSIG(end.status), SIGSEGV);
}

static void
no_such_program(void **unused)
{
	const char *const argv[] = { "/no/such/program", NULL };
	const char *const env[] = { NULL };
	struct child_spec spec = { argv, env, STR(""), 100, 100, 0 };

	(void)unused;
	assert_int_equal(child_run(a, &spec, deadline_in(20000), on_line, NULL,
			     &heard, &end, &fault),
	    ERR_OK);
	assert_int_equal(WEXITSTATUS(end.status), 127);
	assert_string_equal(end.stderr_line.p, "this program cannot be run");
}

static void
hanging_is_ended(void **unused)
{
	(void)unused;
	assert_int_equal(run("echo $$; sleep 1000", STR(""), 100), ERR_TIMEOUT);
	assert_true(end.ended);
	assert_int_equal(WTERMSIG(end.status), SIGTERM);
	assert_false(is_alive());
}

static void
sigterm_can_be_used_to_tidy_up(void **unused)
{
	(void)unused;
	assert_int_equal(
	    run("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done",
		STR(""), 300),
	    ERR_TIMEOUT);
	assert_int_equal(WEXITSTATUS(end.status), 7);
}

static void
sigterm_cannot_be_ignored(void **unused)
{
	(void)unused;
	assert_int_equal(run("trap '' TERM; while :; do sleep 0.01; done",
			     STR(""), 100),
	    ERR_TIMEOUT);
	assert_int_equal(WTERMSIG(end.status), SIGKILL);
}

static void
flood_meets_its_ceiling(void **unused)
{
	(void)unused;
	assert_int_equal(go("yes"), ERR_TOO_LARGE);
	assert_string_equal(fault.msg, "the tool wrote more than 100000 bytes");
	/* stderr has none: it is forgotten as it comes. */
	assert_int_equal(go("yes | head -c 300000 >&2; echo done"), ERR_OK);
}

static void
line_meets_its_ceiling(void **unused)
{
	char script[64];

	(void)unused;
	for (int n = LINE_MAX_HERE - 1; n <= LINE_MAX_HERE + 1; n++) {
		(void)snprintf(script, sizeof(script), "printf '%%0%dd\\n' 0",
		    n);
		assert_int_equal(go(script),
		    n <= LINE_MAX_HERE ? ERR_OK : ERR_TOO_LARGE);
	}
	assert_int_equal(go("head -c 5000 /dev/zero | tr '\\0' x"),
	    ERR_TOO_LARGE);
}

static void
output_meets_its_ceiling(void **unused)
{
	(void)unused;
	assert_int_equal(go("yes 123456789 | head -c 100000"), ERR_OK);
	assert_int_equal(go("yes 123456789 | head -c 100001"), ERR_TOO_LARGE);
}

/* A process left behind that holds stdout open does not hold the call. */
static void
background_process_is_ended(void **unused)
{
	(void)unused;
	assert_int_equal(run("sleep 1000 & echo $!", STR(""), 10000), ERR_OK);
	assert_int_equal(end.status, 0);
	assert_false(is_alive());
}

static void
daemon_is_ended(void **unused)
{
	static const char *const scripts[] = {
		"setsid sh -c 'echo $$; sleep 1000 & exec sleep 1000' & sleep 0.1",
		"setsid sh -c 'echo $$; trap \"\" TERM; exec >&- 2>&-; sleep 1000; sleep 1000' & sleep 0.1",
		"(setsid sh -c '(setsid sh -c \"echo \\$\\$; exec sleep 1000\")' &) & sleep 0.2",
	};

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		buf_cut(&heard.text, 0);
		assert_int_equal(run(scripts[i], STR(""), 10000), ERR_OK);
		assert_false(is_alive());
	}
}

static void
daemon_of_a_hanging_script_is_ended(void **unused)
{
	(void)unused;
	assert_int_equal(
	    run("setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000", STR(""),
		300),
	    ERR_TIMEOUT);
	assert_false(is_alive());
}

static void
closed_stdout_is_waited_for(void **unused)
{
	(void)unused;
	assert_int_equal(run("echo x; exec >&-; sleep 0.3; exit 5", STR(""),
			     20000),
	    ERR_OK);
	assert_int_equal(WEXITSTATUS(end.status), 5);
	assert_int_equal(run("exec >&-; sleep 1000", STR(""), 200),
	    ERR_TIMEOUT);
}

static void
caller_may_end_it(void **unused)
{
	(void)unused;
	heard.stop_after = 2;
	assert_int_equal(go("echo $$; sleep 1000"), ERR_CANCELLED);
	assert_false(is_alive());
	heard.stop_after = 0;
	heard.lines = 0;
	heard.lines_wanted = 3;
	assert_int_equal(go("yes"), ERR_CANCELLED);
	assert_int_equal(heard.lines, 3);
}

/* When we are killed in the middle, the script goes with us. */
static void
our_death_ends_it(void **unused)
{
	char text[32] = { 0 };
	int64_t pid = 0;
	pid_t ours;
	int p[2];

	(void)unused;
	assert_int_equal(pipe(p), 0);
	ours = fork();
	if (ours == 0) {
		char script[96];

		(void)snprintf(script, sizeof(script),
		    "echo $$ >/proc/%d/fd/%d; trap '' TERM; sleep 1000; sleep 1000",
		    (int)getpid(), p[1]);
		_exit(go(script) == ERR_OK);
	}
	(void)close(p[1]);
	assert_true(read(p[0], text, sizeof(text) - 1) > 1);
	assert_true(str_int((struct str){ text, strcspn(text, "\n") }, 2,
	    INT32_MAX, &pid));
	assert_int_equal(kill((pid_t)pid, 0), 0);
	assert_int_equal(kill(ours, SIGKILL), 0);
	assert_int_equal(waitpid(ours, NULL, 0), ours);
	/* Its keeper ends it; the pipe closes with the script's end. */
	for (int i = 0; i < 500 && kill((pid_t)pid, 0) == 0; i++)
		(void)poll(NULL, 0, 10);
	assert_int_equal(kill((pid_t)pid, 0), -1);
	(void)close(p[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)
		TEST(lines_come_one_by_one),
		TEST(stdin_arrives_whole),
		TEST(stdin_need_not_be_read),
		TEST(environment_is_clean),
		TEST(own_group_and_default_signals),
		TEST(status_and_stderr_are_told),
		TEST(death_by_signal_is_told),
		TEST(no_such_program),
		TEST(hanging_is_ended),
		TEST(sigterm_can_be_used_to_tidy_up),
		TEST(sigterm_cannot_be_ignored),
		TEST(flood_meets_its_ceiling),
		TEST(line_meets_its_ceiling),
		TEST(output_meets_its_ceiling),
		TEST(background_process_is_ended),
		TEST(daemon_is_ended),
		TEST(daemon_of_a_hanging_script_is_ended),
		TEST(closed_stdout_is_waited_for),
		TEST(caller_may_end_it),
		TEST(our_death_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
