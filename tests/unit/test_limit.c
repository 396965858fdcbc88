/* SPDX-License-Identifier: ISC */
/*
 * The rate limit: exact to the microsecond, and exact among processes (A7), as
 * a table and as rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_int.h"
#include "tests/unit/store_site.h"

#define SECOND ((int64_t)1000000)
#define START  (1800000000 * SECOND)

static struct site site;
static enum buckets kept_as;

static int
set_up(void **state)
{
	kept_as = *(const enum buckets *)*state;
	site_make(&site);
	site.store->buckets = kept_as;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	site_remove(&site);
	return 0;
}

static struct limit_answer
charge(const char *bucket, const struct conf_rate *rate, int64_t now_us)
{
	struct limit_answer out;
	struct fault f = { 0 };

	assert_int_equal(limit_charge(site.store, str_of(bucket), rate, now_us,
			     &out, &f),
	    ERR_OK);
	return out;
}

/* 60/min, burst 5: five at once, then one a second, to the microsecond. */
static void
A7_burst_then_rate(void **state)
{
	const struct conf_rate rate = { true, 60, 60, 5 };
	struct limit_answer l;

	(void)state;
	for (int i = 0; i < 5; i++) {
		l = charge("k", &rate, START);
		assert_true(l.granted);
		assert_int_equal(l.limit, 5);
		assert_int_equal(l.remaining, 4 - i);
		assert_int_equal(l.reset_s, i + 1);
		assert_int_equal(l.retry_s, 0);
	}
	l = charge("k", &rate, START);
	assert_false(l.granted);
	assert_int_equal(l.remaining, 0);
	assert_int_equal(l.reset_s, 5);
	assert_int_equal(l.retry_s, 1);
	assert_false(charge("k", &rate, START + SECOND - 1).granted);
	assert_true(charge("k", &rate, START + SECOND).granted);
	assert_false(charge("k", &rate, START + SECOND).granted);
	l = charge("k", &rate, START + 3600 * SECOND);
	assert_true(l.granted);
	assert_int_equal(l.remaining, 4);
}

static void
A7_refusal_costs_nothing(void **state)
{
	const struct conf_rate rate = { true, 60, 60, 1 };

	(void)state;
	assert_true(charge("k", &rate, START).granted);
	for (int i = 0; i < 100; i++)
		assert_false(charge("k", &rate, START + i).granted);
	assert_true(charge("k", &rate, START + SECOND).granted);
}

static void
A7_buckets_are_apart(void **state)
{
	const struct conf_rate rate = { true, 60, 60, 1 };

	(void)state;
	assert_true(charge("a", &rate, START).granted);
	assert_true(charge("b", &rate, START).granted);
	assert_false(charge("a", &rate, START).granted);
}

/* Without a burst, the count itself may come at once. */
static void
A7_no_burst_named(void **state)
{
	const struct conf_rate rate = { true, 3, 3600, 0 };
	struct limit_answer l;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(charge("k", &rate, START).granted);
	l = charge("k", &rate, START);
	assert_false(l.granted);
	assert_int_equal(l.limit, 3);
	assert_int_equal(l.retry_s, 1200);
}

/* A rate that does not divide its window never gives one too many. */
static void
A7_odd_rate(void **state)
{
	const struct conf_rate rate = { true, 7, 60, 1 };
	int granted = 0;

	(void)state;
	for (int64_t t = 0; t < 60 * SECOND; t += 1000)
		granted += charge("k", &rate, START + t).granted;
	assert_int_equal(granted, 7);
	assert_true(charge("x", &rate, START).granted);
	assert_false(charge("x", &rate, START + 8571428).granted);
	assert_true(charge("x", &rate, START + 8571429).granted);
}

/* A clock set back by years does not lock the bucket for years; one set back
 * by less than the window gives nothing away. */
static void
A7_clock_jumps(void **state)
{
	const struct conf_rate rate = { true, 60, 60, 5 };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(charge("k", &rate, START).granted);
	assert_false(charge("k", &rate, START - 30 * SECOND).granted);
	assert_false(charge("k", &rate, START - 60 * SECOND).granted);
	assert_true(charge("k", &rate, START - 60 * SECOND - 1).granted);
	assert_false(charge("k", &rate, START - 60 * SECOND - 1).granted);
	assert_true(charge("k", &rate, START - 59 * SECOND).granted);
	assert_true(charge("k", &rate, START - 1000000 * SECOND).granted);
	assert_false(charge("k", &rate, START - 1000000 * SECOND).granted);
}

enum { CHILDREN = 16 };

/* Of each child; enough for two to meet in the middle of one. */
static int
charges(void)
{
	return kept_as == BUCKETS_TABLE ? 20000 : 150;
}

static void
charge_many(int *granted)
{
	const struct conf_rate rate = { true, 1, 3600,
		(uint32_t)charges() * 4 };
	struct store *own;
	struct fault f = { 0 };

	if (store_open(&site.conf, &own, &f) != ERR_OK)
		_exit(1);
	own->buckets = kept_as;
	for (int i = 0; i < charges(); i++) {
		struct limit_answer l;

		while (limit_charge(own, STR("k"), &rate, START + i, &l, &f) !=
		       ERR_OK)
			if (f.code != ERR_UNAVAILABLE)
				_exit(2);
		*granted += l.granted;
	}
	store_close(own);
	_exit(0);
}

/* 16 processes fight for one bucket: all of the burst and not one more. */
static void
A7_exact_among_processes(void **state)
{
	int *granted = mmap(NULL, CHILDREN * sizeof(int),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int sum = 0;
	int status;

	(void)state;
	assert_true(granted != MAP_FAILED);
	store_close(site.store); /* SQLite must not be carried over a fork */
	site.store = NULL;
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0)
			charge_many(&granted[i]);
	for (int i = 0; i < CHILDREN; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (int i = 0; i < CHILDREN; i++)
		sum += granted[i];
	assert_int_equal(sum, charges() * 4);
	assert_int_equal(munmap(granted, CHILDREN * sizeof(int)), 0);
}

static void
gc_removes_full_buckets(void **state)
{
	const struct conf_rate rate = { true, 60, 60, 5 };
	struct fault f = { 0 };
	int64_t removed = -1;

	(void)state;
	(void)charge("a", &rate, START);
	(void)charge("b", &rate, START + 10 * SECOND);
	assert_int_equal(store_gc(site.store, START / SECOND + 5, &removed, &f),
	    ERR_OK);
	assert_int_equal(removed, 1);
	assert_int_equal(store_gc(site.store, START / SECOND + 50, &removed,
			     &f),
	    ERR_OK);
	assert_int_equal(removed, 1);
}

#define T(fn, as) \
	cmocka_unit_test_prestate_setup_teardown(fn, set_up, tear_down, as)
#ifdef STORE_ON_SERVER /* a server's */
#define BOTH(fn) T(fn, &rows)
#else
#define BOTH(fn) T(fn, &table), T(fn, &rows)
#endif

int
main(void)
{
	static enum buckets rows = BUCKETS_SQL;
#ifndef STORE_ON_SERVER
	static enum buckets table = BUCKETS_TABLE;
#endif
	const struct CMUnitTest tests[] = {
		BOTH(A7_burst_then_rate),
		BOTH(A7_refusal_costs_nothing),
		BOTH(A7_buckets_are_apart),
		BOTH(A7_no_burst_named),
		BOTH(A7_odd_rate),
		BOTH(A7_clock_jumps),
		BOTH(A7_exact_among_processes),
		BOTH(gc_removes_full_buckets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
