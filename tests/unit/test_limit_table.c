/* SPDX-License-Identifier: ISC */
/* The table of the limits: growth, replacement under load, a maker that died,
 * and files that are no table. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_int.h"
#include "tests/unit/store_site.h"

#define SECOND ((int64_t)1000000)
#define START  (1800000000 * SECOND)

static struct site site;

static int
set_up(void **state)
{
	(void)state;
	site_make(&site);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	site_remove(&site);
	return 0;
}

static const struct conf_rate one = { true, 1, 3600, 1 };

static enum err
charge(const char *bucket, int64_t now, bool *granted, struct fault *f)
{
	struct limit_answer out;
	enum err err =
	    limit_charge(site.store, str_of(bucket), &one, now, &out, f);

	*granted = out.granted;
	return err;
}

static bool
granted(const char *bucket, int64_t now)
{
	struct fault f = { 0 };
	bool yes;

	assert_int_equal(charge(bucket, now, &yes, &f), ERR_OK);
	return yes;
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(site_path(&site, name), &st) == 0 ? st.st_size : -1;
}

/* Many buckets: the file grows, and none of them forgets. */
static void
grows(void **state)
{
	char name[16];
	off_t before = size_of("limits.tab");

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			(void)snprintf(name, sizeof(name), "k:%d", i);
			if (granted(name, START + i) != (round == 0))
				fail_msg("%s in round %d", name, round);
		}
	assert_true(size_of("limits.tab") > 8 * before);
	assert_int_equal(size_of("limits.tab.new"), -1);
}

/* Buckets that are full again make room; the table stays small. */
static void
forgets_the_full(void **state)
{
	char name[16];
	off_t before = size_of("limits.tab");

	(void)state;
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "k:%d", i);
		assert_true(granted(name, START + i * 3600 * SECOND));
	}
	assert_int_equal(size_of("limits.tab"), before);
}

/* One that died after it had frozen a part: the next goes on from there. */
static void
maker_died(void **state)
{
	uint64_t who;
	int64_t tat;
	struct limit_table *t;

	(void)state;
	assert_true(granted("a", START));
	assert_true(granted("b", START));
	t = site.store->table.table;
	for (uint64_t i = 0; i < t->places; i++)
		(void)limit_table_freeze(t, i, START, &who, &tat);
	close(
	    open(site_path(&site, "limits.tab.new"), O_CREAT | O_WRONLY, 0600));
	assert_false(granted("a", START + 1));
	assert_false(granted("b", START + 1));
	assert_true(granted("c", START + 1));
	assert_ptr_not_equal(NULL, site.store->table.table);
	assert_int_equal(size_of("limits.tab.new"), -1);
}

/* A place that is taken after it was read holds no charge. */
static void
freezing(void **state)
{
	static const unsigned char key[16] = "0123456789abcde";
	struct limit_table *t = calloc(1, limit_table_size(LIMIT_PLACES_MIN));
	struct limit_move m = { .who = 5,
		.now = START,
		.cost = 10,
		.room = 20,
		.latest = START + 40 };
	uint64_t who;
	int64_t tat;

	(void)state;
	limit_table_init(t, LIMIT_PLACES_MIN, key);
	assert_false(limit_table_freeze(t, 5, START, &who, &tat));
	assert_int_equal(limit_table_charge(t, &m, &tat), LIMIT_FROZEN);
	m.who = 6;
	assert_int_equal(limit_table_charge(t, &m, &tat), LIMIT_GRANTED);
	assert_int_equal(limit_table_charge(t, &m, &tat), LIMIT_GRANTED);
	assert_int_equal(tat, START + 20);
	assert_int_equal(limit_table_charge(t, &m, &tat), LIMIT_REFUSED);
	assert_true(limit_table_freeze(t, 6, START, &who, &tat));
	assert_int_equal(who, 6);
	assert_int_equal(tat, START + 20);
	assert_int_equal(limit_table_charge(t, &m, &tat), LIMIT_FROZEN);
	/* Places that collide stand behind one another, up to the half. */
	for (uint64_t i = 0; i < LIMIT_PLACES_MIN / 2 - 2; i++)
		assert_true(
		    limit_table_put(t, 7 + i * LIMIT_PLACES_MIN, START));
	assert_false(limit_table_put(t, 999, START));
	m.who = 998;
	assert_int_equal(limit_table_charge(t, &m, &tat), LIMIT_FULL);
	free(t);
}

enum { CHILDREN = 8, EACH = 1500, BURST = 4000 };

/* Charge one bucket, and take new ones all the time so that the table is
 * replaced under everybody's hands. */
static void
charge_and_grow(int child, int *sum)
{
	const struct conf_rate many = { true, 1, 3600, BURST };
	struct limit_answer l;
	struct store *own;
	struct fault f = { 0 };
	char name[24];

	if (store_open(&site.conf, &own, &f) != ERR_OK)
		_exit(1);
	for (int i = 0; i < EACH; i++) {
		if (limit_charge(own, STR("k"), &many, START, &l, &f) != ERR_OK)
			_exit(2);
		*sum += l.granted;
		(void)snprintf(name, sizeof(name), "%d:%d", child, i);
		if (limit_charge(own, str_of(name), &one, START, &l, &f) !=
			ERR_OK ||
		    !l.granted)
			_exit(3);
	}
	_exit(0);
}

static void
A7_exact_while_it_grows(void **state)
{
	int *sums = mmap(NULL, CHILDREN * sizeof(int), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int sum = 0;
	int status;

	(void)state;
	assert_true(sums != MAP_FAILED);
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0)
			charge_and_grow(i, &sums[i]);
	for (int i = 0; i < CHILDREN; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (int i = 0; i < CHILDREN; i++)
		sum += sums[i];
	assert_int_equal(sum, BURST);
	assert_int_equal(munmap(sums, CHILDREN * sizeof(int)), 0);
}

static void
write_table(const void *p, size_t n)
{
	int fd = open(site_path(&site, "limits.tab"),
	    O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

/* Never unlimited: what is no table is said, and stays as it is. */
static void
no_table(void **state)
{
	static struct limit_table junk;
	struct fault f = { 0 };
	bool yes;

	(void)state;
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(unlink(site_path(&site, "limits.tab")), 0);
	for (size_t n = 0; n <= sizeof(junk); n += sizeof(junk)) {
		write_table(&junk, n);
		assert_int_equal(charge("k", START, &yes, &f), ERR_UNAVAILABLE);
		assert_string_equal(f.msg,
		    "the limit store cannot be used: the file is damaged");
	}
	memcpy(&junk, "mcplim1\n", 8);
	junk.places = LIMIT_PLACES_MIN;
	write_table(&junk, sizeof(junk)); /* cut off */
	assert_int_equal(charge("k", START, &yes, &f), ERR_UNAVAILABLE);
	assert_int_equal(unlink(site_path(&site, "limits.tab")), 0);
	assert_true(granted("k", START));
	/* Deleted while it is in use: seen within a second. */
	assert_int_equal(unlink(site_path(&site, "limits.tab")), 0);
	assert_false(granted("k", START + 1));
	assert_true(granted("k", START + SECOND));
	assert_true(size_of("limits.tab") > 0);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(grows),
		T(forgets_the_full),
		T(maker_died),
		T(freezing),
		T(A7_exact_while_it_grows),
		T(no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
