/* SPDX-License-Identifier: ISC */
/* Around a statement: audit, charge, guard, progress, the eras. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

/* No line, no statement. */
static void
test_audit_comes_first(void **state)
{
	(void)state;
	site.audit_fails = true;
	assert_int_equal(site_call(&site, "execute_insert",
			     shop("INSERT INTO customers(name) VALUES('x')",
				 "")),
	    ERR_UNAVAILABLE);
	assert_int_equal(site.begins, 1);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers"),
	    2);
	case_more("audit_required = false;");
	site.audit_fails = true;
	site_ok(&site, "execute_insert",
	    shop("INSERT INTO customers(name) VALUES('x')", ""));
}

static enum err
charge(void *arg, int source, struct fault *f)
{
	assert_true(source >= 0);
	++*(int *)arg;
	return *(int *)arg > 1 ? fault_set(f, ERR_RATE, "slow down") : ERR_OK;
}

static void
test_the_source_is_charged(void **state)
{
	int n = 0;

	(void)state;
	site.call.charge = charge;
	site.call.charge_arg = &n;
	site_ok(&site, "execute_select", shop("SELECT 1", ""));
	assert_int_equal(n, 1);
	assert_int_equal(site_call(&site, "execute_select",
			     shop("SELECT 1", "")),
	    ERR_RATE);
	assert_int_equal(site_call(&site, "get_tables", "{}"), ERR_RATE);
}

struct watch {
	struct tool_events events;
	struct tool_guard guard;
	int progress, alive, armed, disarmed;
	double last;
	int64_t ms;
	bool gone;
};

static bool
on_progress(struct tool_events *e, double progress, double total,
    struct str message)
{
	struct watch *w = (struct watch *)e;

	assert_true(progress > w->last);
	assert_true(total == 0);
	assert_true(message.len > 0);
	w->last = progress;
	w->progress++;
	return !w->gone;
}

static bool
on_alive(struct tool_events *e)
{
	struct watch *w = (struct watch *)e;

	w->alive++;
	return !w->gone;
}

static void
on_arm(struct tool_guard *g, int64_t ms)
{
	struct watch *w =
	    (struct watch *)((char *)g - offsetof(struct watch, guard));

	w->armed++;
	w->ms = ms;
}

static void
on_disarm(struct tool_guard *g)
{
	((struct watch *)((char *)g - offsetof(struct watch, guard)))
	    ->disarmed++;
}

static const char slow[] =
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c)"
    " SELECT count(*) FROM c";

static void
test_progress_and_guard(void **state)
{
	struct watch w = { .events = { on_progress, NULL, on_alive },
		.guard = { on_arm, on_disarm } };

	(void)state;
	site.call.events = &w.events;
	site.call.guard = &w.guard;
	assert_non_null(strstr(site_err(&site, "execute_select",
				   shop(slow, "\"timeout\":2"), ERR_TIMEOUT),
	    "2"));
	assert_true(w.progress >= 1);
	assert_true(w.alive >= 1);
	assert_int_equal(w.armed, 1);
	assert_int_equal(w.disarmed, 1);
	assert_int_equal(w.ms, 2000 + 1000 * site.conf->limits.hard_extra);
	/* The next statement finds everything in order. */
	site_ok(&site, "execute_select", shop("SELECT 1", ""));
}

static void
test_a_gone_client_ends_it(void **state)
{
	struct watch w = { .events = { on_progress, NULL, on_alive },
		.gone = true };

	(void)state;
	site.call.events = &w.events;
	site_err(&site, "execute_select", shop(slow, "\"timeout\":20"),
	    ERR_CANCELLED);
}

/* The forms of 1.5 in each era. */
static void
test_check_10_results_by_era(void **state)
{
	(void)state;
	for (int e = 0; e < ERA_COUNT; e++) {
		site.era = (enum era)e;
		site_ok(&site, "execute_select", shop("SELECT 1 AS a", ""));
		assert_int_equal(site.structured != NULL, e >= ERA_2025_06_18);
		site_err(&site, "execute_select",
		    shop("SELECT nope FROM orders", ""), ERR_COLUMN_NOT_FOUND);
		assert_int_equal(site.result.structured.len, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_audit_comes_first),
		CASE(test_the_source_is_charged),
		CASE(test_progress_and_guard),
		CASE(test_a_gone_client_ends_it),
		CASE(test_check_10_results_by_era),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
