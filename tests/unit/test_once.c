/* SPDX-License-Identifier: ISC */
/* A mark can be used up once, whoever tries, until it is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_int.h"
#include "tests/unit/store_case.h"

static enum err
use(const char *mark, int64_t until_s, int64_t now_s)
{
	struct fault f = { 0 };

	return store_once(site.store, str_of(mark), until_s, now_s, &f);
}

static void
the_first_only(void **state)
{
	(void)state;
	assert_int_equal(use("a", NOW + 10, NOW), ERR_OK);
	assert_int_equal(use("a", NOW + 10, NOW), ERR_CONFLICT);
	assert_int_equal(use("b", NOW + 10, NOW), ERR_OK);
	assert_int_equal(use("a", NOW + 99, NOW + 10), ERR_CONFLICT);
	/* By then nothing with this mark opens any more. */
	assert_int_equal(use("a", NOW + 99, NOW + 11), ERR_OK);
}

static void
another_store(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(use("a", NOW + 10, NOW), ERR_OK);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(use("a", NOW + 10, NOW), ERR_CONFLICT);
}

/* Eight processes at once: one of them does it. */
static void
many_processes(void **state)
{
	enum { PROCESSES = 8, MARKS = 20 };
	int won[MARKS] = { 0 }, pipes[2], which;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	for (int p = 0; p < PROCESSES; p++)
		if (fork() == 0) {
			for (which = 0; which < MARKS; which++) {
				char mark[] = { (char)('a' + which), '\0' };

				if (which == 0 &&
				    site_reopen(&site, &f) != ERR_OK)
					_exit(2);
				if (use(mark, NOW + 10, NOW) == ERR_OK &&
				    write(pipes[1], &which, sizeof(which)) < 0)
					_exit(3);
			}
			_exit(0);
		}
	for (int p = 0; p < PROCESSES; p++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	close(pipes[1]);
	while (read(pipes[0], &which, sizeof(which)) == sizeof(which))
		won[which]++;
	close(pipes[0]);
	for (which = 0; which < MARKS; which++)
		assert_int_equal(won[which], 1);
}

static void
swept(void **state)
{
	struct fault f = { 0 };
	int64_t removed = 0;

	(void)state;
	assert_int_equal(store_gc(site.store, NOW, &removed, &f), ERR_OK);
#ifndef STORE_ON_SERVER
	assert_int_not_equal(access(site_path(&site, "limits.db"), F_OK), 0);
#endif
	assert_int_equal(use("a", NOW + 10, NOW), ERR_OK);
	assert_int_equal(use("b", NOW + 20, NOW), ERR_OK);
	assert_int_equal(store_gc(site.store, NOW + 11, &removed, &f), ERR_OK);
	assert_int_equal(removed, 1);
	assert_int_equal(use("b", NOW + 20, NOW + 11), ERR_CONFLICT);
}

#ifndef STORE_ON_SERVER
static void
not_to_be_written(void **state)
{
	(void)state;
	write_file("limits.db", "rubbish rubbish rubbish", 23, 0600);
	assert_int_equal(use("a", NOW + 10, NOW), ERR_UNAVAILABLE);
}
#endif

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		T(the_first_only),
		T(another_store),
		T(many_processes),
		T(swept),
#ifndef STORE_ON_SERVER
		T(not_to_be_written),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
