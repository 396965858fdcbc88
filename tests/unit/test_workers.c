/* SPDX-License-Identifier: ISC */
/* Several processes on one socket: kept alive, told to leave, replaced. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cgi-bin/workers.h"

#define PATIENCE_MS 20000

static int births[2]; /* each worker writes its pid */

static pid_t
start(void)
{
	pid_t keeper;

	assert_int_equal(pipe(births), 0);
	keeper = fork();
	assert_true(keeper >= 0);
	if (keeper == 0) {
		/* A test that fails leaves nobody behind. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(births[0]);
		workers_run(2);
		pid_t self = getpid();
		(void)!write(births[1], &self, sizeof(self));
		for (;;)
			(void)pause();
	}
	(void)close(births[1]);
	return keeper;
}

static pid_t
next_birth(void)
{
	struct pollfd p = { births[0], POLLIN, 0 };
	pid_t pid;

	if (poll(&p, 1, PATIENCE_MS) != 1)
		fail_msg("no worker came");
	assert_int_equal(read(births[0], &pid, sizeof(pid)), sizeof(pid));
	return pid;
}

/* The keeper leaves with 0 and no worker survives it. */
static void
leave(pid_t keeper, int sig)
{
	char c;
	int status;

	assert_int_equal(kill(keeper, sig), 0);
	assert_int_equal(waitpid(keeper, &status, 0), keeper);
	assert_int_equal(status, 0);
	/* The pipe ends when its last writer has. */
	assert_int_equal(read(births[0], &c, 1), 0);
	(void)close(births[0]);
}

static void
test_restart(void **state)
{
	pid_t keeper = start(), one = next_birth(), two = next_birth();
	pid_t three;

	(void)state;
	assert_int_not_equal(one, two);
	assert_int_equal(kill(one, SIGKILL), 0);
	three = next_birth();
	assert_int_not_equal(three, one);
	assert_int_not_equal(three, two);
	leave(keeper, SIGTERM);
}

static void
test_leave(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGUSR1 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		pid_t keeper = start();
		(void)next_birth();
		(void)next_birth();
		leave(keeper, signals[i]);
	}
}

static void
test_replace(void **state)
{
	pid_t keeper = start(), old[2] = { next_birth(), next_birth() };

	(void)state;
	assert_int_equal(kill(keeper, SIGHUP), 0);
	for (int i = 0; i < 2; i++) {
		pid_t fresh = next_birth();
		assert_int_not_equal(fresh, old[0]);
		assert_int_not_equal(fresh, old[1]);
	}
	leave(keeper, SIGTERM);
}

static void
stand_at(int sig)
{
	(void)sig;
	workers_stand();
}

/* One that stands keeps its process, another takes its number, and it is told
 * to leave like the others. */
static void
test_stand(void **state)
{
	pid_t keeper, one, two, three;

	(void)state;
	(void)signal(SIGUSR2, stand_at);
	keeper = start();
	one = next_birth();
	two = next_birth();
	assert_int_equal(kill(one, SIGUSR2), 0);
	three = next_birth();
	assert_true(three != one && three != two);
	assert_int_equal(kill(one, 0), 0);
	/* A stand-in can stand as well. */
	assert_int_equal(kill(three, SIGUSR2), 0);
	(void)next_birth();
	/* And whoever stood is not replaced when it ends. */
	assert_int_equal(kill(one, SIGKILL), 0);
	assert_int_equal(kill(two, SIGKILL), 0);
	(void)next_birth();
	leave(keeper, SIGTERM);
	(void)signal(SIGUSR2, SIG_DFL);
}

/* Without a keeper it is nobody's business. */
static void
test_stand_alone(void **state)
{
	(void)state;
	workers_stand();
}

/* A keeper that was killed takes its workers with it. */
static void
test_orphans(void **state)
{
	pid_t keeper = start();
	char c;

	(void)state;
	(void)next_birth();
	(void)next_birth();
	assert_int_equal(kill(keeper, SIGKILL), 0);
	assert_int_equal(waitpid(keeper, NULL, 0), keeper);
	assert_int_equal(read(births[0], &c, 1), 0);
	(void)close(births[0]);
}

/* What no worker can do here is not tried for ever. */
static void
test_fatal(void **state)
{
	int status;
	pid_t keeper;

	(void)state;
	keeper = fork();
	assert_true(keeper >= 0);
	if (keeper == 0) {
		workers_run(2);
		_exit(WORKERS_EXIT_FATAL);
	}
	assert_int_equal(waitpid(keeper, &status, 0), keeper);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), WORKERS_EXIT_FATAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_stand),
		cmocka_unit_test(test_stand_alone),
		cmocka_unit_test(test_orphans),
		cmocka_unit_test(test_fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
