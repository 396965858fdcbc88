/* SPDX-License-Identifier: ISC */
/* The places for statements: as many as there may be among processes, and none
 * is lost with a process that is killed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_int.h"
#include "tests/unit/store_site.h"

#define KEY   "0123456789ab"
#define OTHER "ba9876543210"
#define START ((int64_t)1800000000)

enum { PLACES = 3, CROWD = 8 };

static struct site site;

static int
set_up(void **state)
{
	(void)state;
	site_make(&site);
	site.store->now_s = START;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	site_remove(&site);
	return 0;
}

static enum err
take(const char *key)
{
	struct fault f = { 0 };
	enum err err = store_place_take(site.store, key, PLACES, &f);

	if (err != ERR_OK)
		assert_true(strstr(f.msg, "as it may (3)") != NULL);
	return err;
}

/* A process that takes one, says how that went, and stays. */
static pid_t
holder(enum err *got)
{
	int says[2];
	pid_t pid;

	assert_int_equal(pipe(says), 0);
	store_place_apart(site.store);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct fault f = { 0 };
		enum err err;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* of a failed test */
		err = store_place_take(site.store, KEY, PLACES, &f);
		if (write(says[1], &err, sizeof(err)) != sizeof(err))
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(says[1]);
	assert_int_equal(read(says[0], got, sizeof(*got)), sizeof(*got));
	(void)close(says[0]);
	return pid;
}

static void
end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
as_many_as_there_are(void **state)
{
	enum err got[CROWD];
	pid_t pid[CROWD];

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		pid[i] = holder(&got[i]);
		assert_int_equal(got[i], i < PLACES ? ERR_OK : ERR_BUSY);
	}
	assert_int_equal(take(KEY), ERR_BUSY);
	assert_int_equal(take(OTHER), ERR_OK);
	store_place_leave(site.store);
	end(pid[1]); /* by force, and one comes in its stead */
	assert_int_equal(take(KEY), ERR_OK);
	store_place_leave(site.store);
	assert_int_equal(take(KEY), ERR_OK);
	end(pid[0]);
	end(pid[2]);
	for (int i = PLACES; i < CROWD; i++)
		end(pid[i]);
}

/* The place of a process that is gone is not its successor's by the number of
 * the cell alone. */
static void
successor_is_another(void **state)
{
	enum err got;

	(void)state;
	for (int i = 0; i < 4 * PLACES; i++) {
		end(holder(&got));
		assert_int_equal(got, ERR_OK);
	}
	assert_int_equal(take(KEY), ERR_OK);
}

/* A new table has the same holders. */
static void
outlives_the_table(void **state)
{
	pid_t pid[PLACES];
	struct fault f = { 0 };
	int64_t removed = 0;
	enum err got;

	(void)state;
	for (int i = 0; i < PLACES; i++)
		pid[i] = holder(&got);
	assert_int_equal(limit_gc(site.store, START * 1000000, &removed, &f),
	    ERR_OK);
	assert_int_equal(take(KEY), ERR_BUSY);
	end(pid[2]);
	assert_int_equal(take(KEY), ERR_OK);
	assert_int_equal(limit_gc(site.store, START * 1000000, &removed, &f),
	    ERR_OK);
	assert_int_equal(removed, 0);
	store_place_leave(site.store);
	assert_int_equal(limit_gc(site.store, START * 1000000, &removed, &f),
	    ERR_OK);
	assert_int_equal(removed, 1);
	end(pid[0]);
	end(pid[1]);
}

/* Where the limits are rows the places are in a table all the same. */
static void
beside_rows(void **state)
{
	pid_t pid[PLACES];
	enum err got;

	(void)state;
	site.store->buckets = BUCKETS_SQL;
	for (int i = 0; i < PLACES; i++)
		pid[i] = holder(&got);
	assert_int_equal(take(KEY), ERR_BUSY);
	for (int i = 0; i < PLACES; i++)
		end(pid[i]);
	assert_int_equal(take(KEY), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_many_as_there_are, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(successor_is_another, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(outlives_the_table, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(beside_rows, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
