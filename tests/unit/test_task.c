/* SPDX-License-Identifier: ISC */
/*
 * The folder of the tasks: what is kept comes back, what was changed by
 * somebody else does not, and every way a worker can end leaves a task that is
 * at an end.  The worker is another process, met by a pipe.
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "task/task_int.h"

#define NOW  INT64_C(1795000000000)
#define HOUR INT64_C(3600000)
#define ANN  STR("aaaaaaaaaaaa")
#define BOB  STR("bbbbbbbbbbbb")

static char dir[] = "/tmp/mcp-task-XXXXXX";
static struct arena *arena;
static struct tasks *tasks;
static struct fault f;

static int
begin(void **state)
{
	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(dir));
	arena = arena_new(256u << 20);
	assert_int_equal(tasks_open(arena, dir, &tasks, &f), ERR_OK);
	return 0;
}

/* How many files, and away with them. */
static size_t
files(const char *pattern, bool remove)
{
	char text[sizeof(dir) + 80];
	size_t n;
	glob_t g;

	snprintf(text, sizeof(text), "%s/tasks/%s", dir, pattern);
	n = glob(text, 0, NULL, &g) == 0 ? g.gl_pathc : 0;
	for (size_t i = 0; remove && i < n; i++)
		(void)unlink(g.gl_pathv[i]);
	globfree(&g);
	return n;
}

static int
end(void **state)
{
	char path[sizeof(dir) + 8];

	(void)state;
	arena_free(arena);
	(void)files("*", true);
	snprintf(path, sizeof(path), "%s/tasks", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

static struct task
made(enum task_status status)
{
	struct task t = { .principal = ANN,
		.tool = STR("slow"),
		.status = status,
		.created_ms = NOW,
		.ttl_ms = HOUR,
		.poll_ms = 2000 };

	task_id(t.id);
	return t;
}

static void
put(struct task *t)
{
	assert_int_equal(task_write(tasks, t, NOW + 5, &f), ERR_OK);
}

static enum err
got(const char *id, int64_t now_ms, struct task *out)
{
	return task_read(tasks, str_of(id), now_ms, out, &f);
}

static bool
same(struct str a, struct str b)
{
	return str_eq(a, b);
}

static void
it_comes_back_to_the_byte(void **state)
{
	struct task t = made(TASK_INPUT_REQUIRED), u;

	(void)state;
	t.arguments = STR("{\"a\":1.10,\"b\":\"\\u00e9\\n\"}");
	t.requests = STR("{\"one\":{\"method\":\"x\"}}");
	t.answers = STR("{}");
	t.state = STR("[1.0,  2]");
	put(&t);
	assert_int_equal(got(t.id, NOW + 10, &u), ERR_OK);
	assert_string_equal(u.id, t.id);
	assert_int_equal(u.status, TASK_INPUT_REQUIRED);
	assert_int_equal(u.created_ms, NOW);
	assert_int_equal(u.updated_ms, NOW + 5);
	assert_int_equal(u.ttl_ms, HOUR);
	assert_int_equal(u.poll_ms, 2000);
	assert_true(same(u.principal, t.principal) && same(u.tool, t.tool));
	assert_true(same(u.arguments, t.arguments));
	assert_true(same(u.requests, t.requests));
	assert_true(same(u.answers, t.answers) && same(u.state, t.state));
	assert_true(same(u.outcome, t.outcome));
	t.status = TASK_COMPLETED;
	t.outcome = STR("{\"content\":[ ],\n\"x\":1e400}");
	put(&t);
	assert_int_equal(got(t.id, NOW + 10, &u), ERR_OK);
	assert_int_equal(u.status, TASK_COMPLETED);
	assert_true(same(u.outcome, t.outcome));
	assert_int_equal(files("*.new", false), 0);
}

static void
ids_are_far_apart(void **state)
{
	char a[TASK_ID_LEN + 1], b[TASK_ID_LEN + 1];

	(void)state;
	task_id(a);
	task_id(b);
	assert_int_equal(strlen(a), TASK_ID_LEN);
	assert_true(task_id_spelt(str_of(a)));
	assert_string_not_equal(a, b);
}

static void
unknown_is_unknown(void **state)
{
	struct task t = made(TASK_COMPLETED), u;
	const char *const wrong[] = { "", "lock", "log", "../lock", "x" };
	char id[TASK_ID_LEN + 1];

	(void)state;
	t.outcome = STR("{}");
	put(&t);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(got(wrong[i], NOW, &u), ERR_PARAMS);
	memcpy(id, t.id, sizeof(id));
	id[TASK_ID_LEN - 1] = id[TASK_ID_LEN - 1] == '0' ? '1' : '0';
	assert_int_equal(got(id, NOW, &u), ERR_PARAMS);
	memcpy(id, t.id, sizeof(id));
	id[TASK_ID_LEN - 1] = 'G';
	assert_int_equal(got(id, NOW, &u), ERR_PARAMS);
	/* To the last moment of its time, and not beyond. */
	assert_int_equal(got(t.id, NOW + HOUR - 1, &u), ERR_OK);
	assert_int_equal(got(t.id, NOW + HOUR, &u), ERR_PARAMS);
}

static void
overwrite(const char *id, const char *text, size_t n)
{
	char path[sizeof(dir) + 80];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tasks/%s", dir, id);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void
what_was_tampered_with_is_unknown(void **state)
{
	struct task t = made(TASK_COMPLETED), other = made(TASK_COMPLETED), u;
	struct buf b;

	(void)state;
	t.outcome = STR("{}");
	buf_init(&b, arena, 1 << 20);
	task_text_write(&t, &b);
	for (size_t n = 0; n < b.len; n++) {
		overwrite(t.id, b.p, n);
		assert_int_equal(got(t.id, NOW, &u), ERR_PARAMS);
	}
	overwrite(t.id, b.p, b.len);
	assert_int_equal(got(t.id, NOW, &u), ERR_OK);
	/* The text of one under the name of another. */
	overwrite(other.id, b.p, b.len);
	assert_int_equal(got(other.id, NOW, &u), ERR_PARAMS);
	overwrite(t.id, "\0\0\n\n", 4);
	assert_int_equal(got(t.id, NOW, &u), ERR_PARAMS);
}

/* Another process that holds a task until it is killed. */
static pid_t
holder(const char *id)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct tasks *own;
		struct arena *a = arena_new(1 << 20);

		if (tasks_open(a, dir, &own, &f) != ERR_OK ||
		    !task_lock(own, id))
			_exit(1);
		(void)!write(ready[1], "x", 1);
		(void)pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

static void
ended(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
a_worker_that_is_killed(void **state)
{
	struct task t = made(TASK_WORKING), u;
	pid_t pid = holder(t.id);

	(void)state;
	put(&t);
	assert_true(task_is_held(tasks, t.id));
	assert_false(task_lock(tasks, t.id));
	assert_int_equal(got(t.id, NOW, &u), ERR_OK);
	assert_int_equal(u.status, TASK_WORKING);
	ended(pid);
	assert_false(task_is_held(tasks, t.id));
	assert_int_equal(got(t.id, NOW + 7, &u), ERR_OK);
	assert_int_equal(u.status, TASK_FAILED);
	assert_int_equal(u.updated_ms, NOW + 7);
	/* It stays as it was found. */
	assert_int_equal(got(t.id, NOW + 9, &u), ERR_OK);
	assert_int_equal(u.status, TASK_FAILED);
	assert_int_equal(u.updated_ms, NOW + 7);
	assert_true(task_lock(tasks, t.id));
}

static void
a_worker_that_was_asked_to_stop(void **state)
{
	struct task t = made(TASK_WORKING), u;
	pid_t pid = holder(t.id);

	(void)state;
	put(&t);
	assert_false(task_cancelled(tasks, t.id));
	assert_int_equal(task_cancel(tasks, t.id, &f), ERR_OK);
	assert_int_equal(task_cancel(tasks, t.id, &f), ERR_OK);
	assert_true(task_cancelled(tasks, t.id));
	assert_int_equal(got(t.id, NOW, &u), ERR_OK);
	assert_int_equal(u.status, TASK_WORKING);
	ended(pid);
	assert_int_equal(got(t.id, NOW, &u), ERR_OK);
	assert_int_equal(u.status, TASK_CANCELLED);
	assert_false(task_cancelled(tasks, t.id));
}

static void
a_question_that_was_cancelled(void **state)
{
	struct task t = made(TASK_INPUT_REQUIRED), u;

	(void)state;
	put(&t);
	assert_int_equal(task_cancel(tasks, t.id, &f), ERR_OK);
	assert_int_equal(got(t.id, NOW, &u), ERR_OK);
	assert_int_equal(u.status, TASK_CANCELLED);
}

static void
last_words(void **state)
{
	struct task t = made(TASK_WORKING), u, last;
	struct str words;
	int fd;

	(void)state;
	put(&t);
	last = t;
	last.status = TASK_COMPLETED;
	last.outcome = STR("{\"isError\":true}");
	words = task_words(arena, last, NOW + 3);
	fd = task_words_open(tasks, t.id);
	assert_true(fd >= 0);
	/* Half of them are none. */
	assert_int_equal(write(fd, words.p, words.len - 1), words.len - 1);
	assert_false(task_last(tasks, t.id, &u));
	assert_int_equal(write(fd, words.p + words.len - 1, 1), 1);
	(void)close(fd);
	assert_int_equal(got(t.id, NOW + 9, &u), ERR_OK);
	assert_int_equal(u.status, TASK_COMPLETED);
	assert_true(same(u.outcome, last.outcome));
	assert_int_equal(files("*.words", false), 0);
}

static void
counts(void **state)
{
	struct task waiting = made(TASK_INPUT_REQUIRED),
		    done = made(TASK_COMPLETED), lost = made(TASK_WORKING),
		    busy = made(TASK_WORKING), other = made(TASK_FAILED),
		    old = made(TASK_COMPLETED);
	struct task_counts n;
	pid_t pid = holder(busy.id);

	(void)state;
	other.principal = BOB;
	old.created_ms = NOW - HOUR;
	put(&waiting);
	put(&done);
	put(&lost);
	put(&busy);
	put(&other);
	put(&old);
	tasks_count(tasks, ANN, NOW, &n);
	assert_int_equal(n.own.open, 2);
	assert_int_equal(n.own.kept, 4);
	assert_int_equal(n.all.open, 2);
	assert_int_equal(n.all.kept, 5);
	tasks_count(tasks, BOB, NOW, &n);
	assert_int_equal(n.own.open, 0);
	assert_int_equal(n.own.kept, 1);
	ended(pid);
	tasks_count(tasks, ANN, NOW, &n);
	assert_int_equal(n.own.open, 1);
}

static bool
show(void *arg, const struct task *t)
{
	size_t *n = arg;

	assert_true(same(t->principal, ANN));
	assert_true(str_is_empty(t->outcome));
	(*n)++;
	return true;
}

static void
a_thousand_expired_ones_are_swept(void **state)
{
	struct task live = made(TASK_COMPLETED), held = made(TASK_WORKING);
	pid_t pid = holder(held.id);
	size_t n = 0;

	(void)state;
	live.outcome = STR("{}");
	put(&live);
	held.created_ms = NOW - 2 * HOUR;
	put(&held);
	for (int i = 0; i < 1000; i++) {
		struct task t = made(TASK_COMPLETED);
		struct buf b;

		t.created_ms = NOW - HOUR;
		buf_init(&b, arena, 1 << 20);
		task_text_write(&t, &b);
		overwrite(t.id, b.p, b.len);
		if (i % 10 == 0)
			assert_int_equal(task_cancel(tasks, t.id, &f), ERR_OK);
	}
	tasks_each(tasks, NOW, show, &n);
	assert_int_equal(n, 1);
	assert_int_equal(tasks_sweep(tasks, NOW), 1000);
	assert_int_equal(files("*", false), 3); /* the lock too */
	assert_int_equal(tasks_sweep(tasks, NOW), 0);
	ended(pid);
	assert_int_equal(tasks_sweep(tasks, NOW), 1);
	assert_int_equal(files("*", false), 2);
}

static void
orphans_are_swept_when_they_are_old(void **state)
{
	struct task t = made(TASK_WORKING), live = made(TASK_WORKING);
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	struct task_name name;

	(void)state;
	put(&live);
	assert_int_equal(task_cancel(tasks, live.id, &f), ERR_OK);
	assert_int_equal(task_cancel(tasks, t.id, &f), ERR_OK);
	overwrite(t.id, "half a ta", 9);
	(void)close(tasks_log(tasks));
	assert_int_equal(tasks_sweep(tasks, NOW), 0);
	assert_int_equal(files("*", false), 6);
	name = task_name(t.id, TASK_CANCEL);
	assert_int_equal(utimensat(tasks->dir, name.text, old, 0), 0);
	assert_int_equal(utimensat(tasks->dir, t.id, old, 0), 0);
	name = task_name(live.id, TASK_CANCEL);
	assert_int_equal(utimensat(tasks->dir, name.text, old, 0), 0);
	assert_int_equal(tasks_sweep(tasks, NOW), 0);
	assert_int_equal(files("*", false), 4);
	assert_true(task_cancelled(tasks, live.id));
}

static void
a_folder_that_is_none(void **state)
{
	struct task t = made(TASK_WORKING);
	struct tasks *none;
	struct arena *a = arena_new(1 << 20);
	char path[sizeof(dir) + 80];

	(void)state;
	/* Its files would be folders. */
	snprintf(path, sizeof(path), "%s/tasks/%s.new", dir, t.id);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(task_write(tasks, &t, NOW, &f), ERR_UNAVAILABLE);
	assert_non_null(strstr(f.log, t.id[0] == '\0' ? "x" : "task "));
	assert_int_equal(rmdir(path), 0);
	snprintf(path, sizeof(path), "%s/tasks/lock", dir);
	assert_int_equal(tasks_open(a, path, &none, &f), ERR_UNAVAILABLE);
	assert_int_equal(tasks_open(a, "/nonexistent/x", &none, &f),
	    ERR_UNAVAILABLE);
	arena_free(a);
}

/* The copy tells what it is: its session, its descriptors, its lock. */
static void
a_copy_stands_alone(void **state)
{
	struct task t = made(TASK_WORKING);
	int keep[2], channel, more = open("/dev/null", O_RDONLY);
	struct {
		pid_t pid, sid, parent;
		bool more, in, out, held;
	} told = { 0 };
	size_t n = tasks_keep(tasks, keep);
	char go;

	(void)state;
	assert_true(task_lock(tasks, t.id));
	switch (detach(-1, keep, n, &channel)) {
	case DETACH_NOT:
		fail();
		break;
	case DETACH_GONE:
		told.pid = getpid();
		told.sid = getsid(0);
		told.parent = getppid();
		told.more = fcntl(more, F_GETFD) >= 0;
		told.in = isatty(STDIN_FILENO);
		told.out = isatty(STDOUT_FILENO);
		told.held = task_lock(tasks, t.id);
		(void)!write(channel, &told, sizeof(told));
		(void)!read(channel, &go, 1);
		_exit(0);
	case DETACH_STAYED:
		break;
	}
	assert_int_equal(read(channel, &told, sizeof(told)), sizeof(told));
	assert_int_not_equal(told.sid, getsid(0));
	assert_int_not_equal(told.parent, getpid());
	assert_int_not_equal(told.sid, told.pid);
	assert_false(told.more || told.in || told.out);
	assert_true(told.held);
	/* Ours is closed; the copy has it until it ends. */
	tasks_close(tasks);
	assert_int_equal(tasks_open(arena, dir, &tasks, &f), ERR_OK);
	assert_true(task_is_held(tasks, t.id));
	assert_int_equal(write(channel, "x", 1), 1);
	assert_int_equal(read(channel, &go, 1), 0);
	assert_true(task_lock_soon(tasks, t.id));
	(void)close(channel);
	(void)close(more);
	/* No child of ours is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_comes_back_to_the_byte,
		    begin, end),
		cmocka_unit_test_setup_teardown(ids_are_far_apart, begin, end),
		cmocka_unit_test_setup_teardown(unknown_is_unknown, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_was_tampered_with_is_unknown, begin, end),
		cmocka_unit_test_setup_teardown(a_worker_that_is_killed, begin,
		    end),
		cmocka_unit_test_setup_teardown(a_worker_that_was_asked_to_stop,
		    begin, end),
		cmocka_unit_test_setup_teardown(a_question_that_was_cancelled,
		    begin, end),
		cmocka_unit_test_setup_teardown(last_words, begin, end),
		cmocka_unit_test_setup_teardown(counts, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_thousand_expired_ones_are_swept, begin, end),
		cmocka_unit_test_setup_teardown(
		    orphans_are_swept_when_they_are_old, begin, end),
		cmocka_unit_test_setup_teardown(a_folder_that_is_none, begin,
		    end),
		cmocka_unit_test_setup_teardown(a_copy_stands_alone, begin,
		    end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
