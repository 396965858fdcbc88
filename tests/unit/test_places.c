/* SPDX-License-Identifier: ISC */
/* Places for listeners: counted over processes, and free when one dies. */
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

#include "cgi-bin/places.h"

static char folder[] = "/tmp/test_places_XXXXXX";

static enum err
take(struct place *p, const char *id, int each, int all)
{
	struct fault f = { 0 };
	enum err e = place_take(p, folder, id, each, all, &f);

	assert_int_equal(p->fd >= 0, e == ERR_OK);
	if (e != ERR_OK)
		assert_null(strstr(f.msg, folder));
	return e;
}

static void
test_each(void **state)
{
	struct place a, b, c, other;

	(void)state;
	assert_int_equal(take(&a, "one", 2, 10), ERR_OK);
	assert_int_equal(take(&b, "one", 2, 10), ERR_OK);
	assert_int_equal(take(&c, "one", 2, 10), ERR_RATE);
	assert_int_equal(take(&other, "two", 2, 10), ERR_OK);
	/* The place that is free comes before one of ours. */
	place_leave(&a);
	assert_int_equal(take(&c, "one", 2, 10), ERR_OK);
	assert_int_equal(take(&a, "one", 2, 10), ERR_RATE);
	place_leave(&b);
	place_leave(&c);
	place_leave(&other);
}

static void
test_all(void **state)
{
	struct place a, b, c;

	(void)state;
	assert_int_equal(take(&a, "one", 9, 2), ERR_OK);
	assert_int_equal(take(&b, "two", 9, 2), ERR_OK);
	assert_int_equal(take(&c, "three", 9, 2), ERR_UNAVAILABLE);
	assert_int_equal(take(&c, "one", 1, 2), ERR_RATE);
	place_leave(&b);
	assert_int_equal(take(&b, "three", 9, 2), ERR_OK);
	place_leave(&a);
	place_leave(&b);
}

/* An id that is the beginning of another is not the other. */
static void
test_ids(void **state)
{
	struct place a, b;

	(void)state;
	assert_int_equal(take(&a, "onelong", 1, 3), ERR_OK);
	assert_int_equal(take(&b, "one", 1, 3), ERR_OK);
	place_leave(&a);
	place_leave(&b);
}

static void
test_a_process_that_dies(void **state)
{
	struct place p;
	int ready[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct fault f = { 0 };
		if (place_take(&p, folder, "one", 1, 1, &f) == ERR_OK)
			(void)!write(ready[1], "x", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(take(&p, "one", 1, 1), ERR_RATE);
	assert_int_equal(take(&p, "two", 1, 1), ERR_UNAVAILABLE);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(take(&p, "two", 1, 1), ERR_OK);
	place_leave(&p);
	(void)close(ready[0]);
	(void)close(ready[1]);
}

/* The file stays as large as it was, whoever comes and goes. */
static void
test_the_file(void **state)
{
	char path[64];
	struct stat st;
	struct place p;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/listeners", folder);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(take(&p, "one", 1, 250), ERR_OK);
		place_leave(&p);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(st.st_size <= 512 + 256 * 32);
}

static void
test_no_folder(void **state)
{
	struct fault f = { 0 };
	struct place p;

	(void)state;
	assert_int_equal(place_take(&p, "/nonexistent", "one", 1, 1, &f),
	    ERR_UNAVAILABLE);
	assert_int_equal(p.fd, -1);
	assert_null(strstr(f.msg, "nonexistent"));
	assert_int_equal(place_take(&p, "/nonexistent", "one", 1, 1, &f),
	    ERR_UNAVAILABLE);
}

/* What stands there must not lead elsewhere. */
static void
test_a_link(void **state)
{
	char path[64], away[64];
	struct place p;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/listeners", folder);
	(void)snprintf(away, sizeof(away), "%s/away", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(away, path), 0);
	assert_int_equal(take(&p, "one", 1, 1), ERR_UNAVAILABLE);
	assert_int_not_equal(access(away, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_a_process_that_dies),
		cmocka_unit_test(test_the_file),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_a_link),
	};
	int failed;

	if (mkdtemp(folder) == NULL)
		return 99;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(folder);
	return failed;
}
