/* SPDX-License-Identifier: ISC */
/*
 * Processes that meet in a folder: questions and answers, places, and what is
 * left of a process that was ended.  Each waits for the other by a pipe.
 */
#define _GNU_SOURCE /* pipe2 beside setenv and the like */
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mcp/bus_int.h"
#include "mcp/nonce.h"

#define ANN  "aaaaaaaaaaaa"
#define BOB  "bbbbbbbbbbbb"
#define ID   STR("0123456789abcdef0123456789abcdef")
#define MANY 40

static char dir[] = "/tmp/mcp-bus-XXXXXX";
static struct conf conf;
static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(dir));
	conf = (struct conf){ .state = dir };
	arena = arena_new(16u << 20);
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
	arena_free(arena);
	assert_int_equal(files(), 0);
	snprintf(path, sizeof(path), "%s/bus", dir);
	(void)rmdir(path);
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

static struct bus *
open_for(struct arena *a, const char *token)
{
	struct fault f = { 0 };
	struct bus *b = NULL;

	assert_int_equal(bus_open(a, &conf, token, &b, &f), ERR_OK);
	return b;
}

/* Make every file there look as old as that. */
static void
make_old(void)
{
	const struct timespec t[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	char pattern[sizeof(dir) + 8];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/bus/*", dir);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		assert_int_equal(utimensat(AT_FDCWD, g.gl_pathv[i], t, 0), 0);
	globfree(&g);
}

static int
status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
test_answered_by_another_process(void **state)
{
	struct bus *b = open_for(arena, ANN);
	struct str reply;
	pid_t pid;

	(void)state;
	assert_true(bus_put(b, BUS_QUESTION, ID));
	assert_null(bus_reply(b, ID, 100).p);
	pid = fork();
	if (pid == 0) {
		struct bus *mine = open_for(arena_new(1 << 20), ANN);

		_exit(bus_answer(mine, ID, STR("+{\"n\":1}")) ? 0 : 1);
	}
	for (reply = bus_reply(b, ID, 100); reply.p == NULL;
	     reply = bus_reply(b, ID, 100))
		bus_wait(b, 10000);
	assert_true(str_eq(reply, STR("+{\"n\":1}")));
	assert_int_equal(status_of(pid), 0);
	/* And once only. */
	assert_false(bus_answer(b, ID, STR("+{\"n\":2}")));
	assert_true(str_eq(bus_reply(b, ID, 100), STR("+{\"n\":1}")));
	bus_drop(b, 0);
	assert_int_equal(files(), 0);
}

/* Where no more watches are to be had it looks from time to time. */
static void
test_answered_without_a_watch(void **state)
{
	struct bus *b = open_for(arena, ANN);
	struct rlimit many, none;
	struct str reply;
	int next = dup(0);
	pid_t pid;

	(void)state;
	assert_true(next > 2);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &many), 0);
	assert_true(bus_put(b, BUS_QUESTION, ID));
	none = many;
	none.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	bus_wait(b, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &many), 0);
	pid = fork();
	if (pid == 0) {
		struct bus *mine = open_for(arena_new(1 << 20), ANN);

		_exit(bus_answer(mine, ID, STR("+{}")) ? 0 : 1);
	}
	for (reply = bus_reply(b, ID, 100); reply.p == NULL;
	     reply = bus_reply(b, ID, 100))
		bus_wait(b, 10000);
	assert_int_equal(status_of(pid), 0);
}

/* Of many answers at the same time one counts, and it is whole. */
static void
test_one_of_many_answers(void **state)
{
	static char text[70000];
	struct bus *b = open_for(arena, ANN);
	pid_t pids[8];
	int gate[2];

	(void)state;
	for (int round = 0; round < MANY; round++) {
		struct str id = nonce_make(arena), reply;
		int taken = 0;

		assert_true(bus_put(b, BUS_QUESTION, id));
		assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
		for (int i = 0; i < 8; i++) {
			pids[i] = fork();
			if (pids[i] != 0)
				continue;
			struct bus *mine = open_for(arena_new(1 << 20), ANN);
			char byte;

			close(gate[1]);
			memset(text, 'a' + i, sizeof(text));
			(void)!read(gate[0], &byte, 1);
			_exit(bus_answer(mine, id,
			    (struct str){ text, sizeof(text) }));
		}
		close(gate[1]);
		for (int i = 0; i < 8; i++)
			taken += WEXITSTATUS(status_of(pids[i]));
		close(gate[0]);
		assert_int_equal(taken, 1);
		reply = bus_reply(b, id, sizeof(text));
		assert_int_equal(reply.len, sizeof(text));
		for (size_t i = 0; i < reply.len; i++)
			assert_int_equal(reply.p[i], reply.p[0]);
		bus_drop(b, 0);
	}
}

static void
test_of_another_token(void **state)
{
	struct bus *b = open_for(arena, ANN), *other = open_for(arena, BOB);

	(void)state;
	assert_true(bus_put(b, BUS_QUESTION, ID));
	assert_true(bus_put(b, BUS_CALL, ID));
	assert_false(bus_answer(other, ID, STR("+{}")));
	assert_false(bus_remove(other, BUS_CALL, ID));
	assert_true(bus_has(b, BUS_QUESTION, ID));
	assert_true(bus_remove(b, BUS_CALL, ID));
	assert_false(bus_has(b, BUS_CALL, ID));
}

static void
test_nobody_waits(void **state)
{
	struct bus *b = open_for(arena, ANN);

	(void)state;
	assert_false(bus_answer(b, ID, STR("+{}")));
	assert_true(bus_put(b, BUS_QUESTION, ID));
	bus_drop(b, 0);
	assert_false(bus_answer(b, ID, STR("+{}")));
	assert_int_equal(files(), 0);
}

static void
test_same_name_twice(void **state)
{
	struct bus *b = open_for(arena, ANN), *other = open_for(arena, ANN);

	(void)state;
	assert_true(bus_put(b, BUS_CALL, ID));
	assert_false(bus_put(other, BUS_CALL, ID));
	assert_int_equal(bus_held(other), 0);
	bus_drop(b, 0);
	assert_true(bus_put(other, BUS_CALL, ID));
}

static void
test_dropping_keeps_the_first(void **state)
{
	struct bus *b = open_for(arena, ANN);
	struct fault f = { 0 };

	(void)state;
	assert_true(bus_put(b, BUS_CALL, ID));
	assert_int_equal(bus_seat(b, 1, 1, &f), ERR_OK);
	assert_int_equal(bus_held(b), 2);
	bus_drop(b, 1);
	assert_true(bus_has(b, BUS_CALL, ID));
	assert_int_equal(files(), 1);
}

static void
test_reply_ceiling(void **state)
{
	struct bus *b = open_for(arena, ANN);

	(void)state;
	assert_true(bus_put(b, BUS_QUESTION, ID));
	assert_true(bus_answer(b, ID, STR("12345")));
	assert_null(bus_reply(b, ID, 4).p);
	assert_int_equal(bus_reply(b, ID, 5).len, 5);
	assert_int_equal(bus_reply(b, ID, 6).len, 5);
}

static void
test_seats(void **state)
{
	struct bus *ann = open_for(arena, ANN), *bob = open_for(arena, BOB);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(bus_seat(ann, 2, 3, &f), ERR_OK);
	assert_int_equal(bus_seat(ann, 2, 3, &f), ERR_OK);
	assert_int_equal(bus_seat(ann, 2, 3, &f), ERR_BUSY);
	assert_non_null(strstr(f.msg, "this token"));
	/* Another token: all together three. */
	assert_int_equal(bus_seat(bob, 2, 3, &f), ERR_OK);
	assert_int_equal(bus_seat(bob, 2, 3, &f), ERR_BUSY);
	assert_non_null(strstr(f.msg, "on this server"));
	assert_int_equal(files(), 3);
	/* Questions and calls take no place. */
	assert_true(bus_put(ann, BUS_QUESTION, ID));
	assert_true(bus_put(ann, BUS_CALL, ID));
	bus_drop(bob, 0);
	assert_int_equal(bus_seat(bob, 2, 3, &f), ERR_OK);
}

/* A process that holds a question and a place until it is told, or killed. */
static pid_t
holder(int *wake)
{
	int ready[2], go[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct arena *a = arena_new(1 << 20);
		struct bus *b = open_for(a, ANN);
		struct fault f = { 0 };

		close(go[1]);
		if (bus_seat(b, 1, 1, &f) != ERR_OK ||
		    !bus_put(b, BUS_QUESTION, ID))
			_exit(9);
		close(ready[1]);
		(void)!read(go[0], &byte, 1);
		byte = bus_leaving(b);
		arena_free(a);
		_exit(byte);
	}
	close(ready[1]);
	close(go[0]);
	(void)!read(ready[0], &byte, 1); /* its end: the files are there */
	close(ready[0]);
	*wake = go[1];
	return pid;
}

static void
test_what_is_held_stays(void **state)
{
	struct bus *b = open_for(arena, ANN);
	struct fault f = { 0 };
	int wake;
	pid_t pid = holder(&wake);

	(void)state;
	make_old();
	assert_int_equal(bus_sweep(&conf), 0);
	assert_int_equal(bus_seat(b, 1, 1, &f), ERR_BUSY);
	assert_int_equal(files(), 2);
	close(wake);
	assert_int_equal(WEXITSTATUS(status_of(pid)), 0);
	assert_int_equal(files(), 0);
}

static void
test_what_is_left_is_swept(void **state)
{
	int wake;
	pid_t pid = holder(&wake);

	(void)state;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(WTERMSIG(status_of(pid)), SIGKILL);
	close(wake);
	assert_int_equal(files(), 2);
	/* It might just have been made. */
	assert_int_equal(bus_sweep(&conf), 0);
	make_old();
	assert_int_equal(bus_sweep(&conf), 2);
	assert_int_equal(files(), 0);
}

static void
test_left_places_are_free(void **state)
{
	struct bus *b = open_for(arena, ANN);
	struct fault f = { 0 };
	int wake;
	pid_t pid = holder(&wake);

	(void)state;
	assert_int_equal(kill(pid, SIGKILL), 0);
	(void)status_of(pid);
	close(wake);
	make_old();
	assert_int_equal(bus_seat(b, 1, 1, &f), ERR_OK);
	assert_int_equal(files(), 1);
}

/* Told to leave, it takes back what it put there, and then leaves. */
static void
test_told_to_leave(void **state)
{
	int wake, status;
	pid_t pid = holder(&wake);

	(void)state;
	assert_int_equal(kill(pid, SIGTERM), 0);
	close(wake);
	status = status_of(pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	assert_int_equal(files(), 0);
}

static void
test_leaving_is_seen(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct bus *b = open_for(arena, ANN);

		if (bus_leaving(b) || !bus_put(b, BUS_CALL, ID) ||
		    bus_leaving(b))
			_exit(1);
		raise(SIGTERM);
		if (!bus_leaving(b))
			_exit(2);
		bus_drop(b, 0);
		_exit(3);
	}
	assert_int_equal(WEXITSTATUS(status_of(pid)), 3);
}

static void
test_folder_of_others(void **state)
{
	struct fault f = { 0 };
	char path[sizeof(dir) + 8];
	struct bus *b;

	(void)state;
	snprintf(path, sizeof(path), "%s/bus", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(bus_open(arena, &conf, ANN, &b, &f), ERR_BUSY);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(bus_open(arena, &conf, ANN, &b, &f), ERR_OK);
	assert_int_equal(bus_open(arena, &conf, "", &b, &f), ERR_BUSY);
	conf.state = NULL;
	assert_int_equal(bus_open(arena, &conf, ANN, &b, &f), ERR_BUSY);
	assert_int_equal(bus_sweep(&conf), 0);
}

static void
test_no_folder(void **state)
{
	struct fault f = { 0 };
	struct bus *b;

	(void)state;
	conf.state = "/nonexistent";
	assert_int_equal(bus_open(arena, &conf, ANN, &b, &f), ERR_BUSY);
	assert_int_equal(bus_sweep(&conf), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_answered_by_another_process),
		T(test_answered_without_a_watch),
		T(test_one_of_many_answers),
		T(test_of_another_token),
		T(test_nobody_waits),
		T(test_same_name_twice),
		T(test_dropping_keeps_the_first),
		T(test_reply_ceiling),
		T(test_seats),
		T(test_what_is_held_stays),
		T(test_what_is_left_is_swept),
		T(test_left_places_are_free),
		T(test_told_to_leave),
		T(test_leaving_is_seen),
		T(test_folder_of_others),
		T(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
