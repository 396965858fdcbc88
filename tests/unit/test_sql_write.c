/* SPDX-License-Identifier: ISC */
/* Writing SQL: one transaction, dry runs, ceilings, rights. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

static void
test_insert(void **state)
{
	json_t *o = site_ok(&site, "execute_insert",
	    shop("INSERT INTO customers(name) VALUES(@n) RETURNING id",
		"\"parameters\":{\"n\":\"Cid\"}"));

	(void)state;
	assert_int_equal(affected(o), 1);
	assert_string_equal(site_rows(&site, o), "[[3]]");
	assert_int_equal(site.attempt.affected, 1);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers WHERE name='Cid'"),
	    1);
	o = site_ok(&site, "execute_insert",
	    shop("INSERT INTO customers(name) VALUES('Dan')", ""));
	assert_int_equal(affected(o), 1);
	assert_null(json_member(o, "rowsReturned"));
}

static void
test_dry_run(void **state)
{
	json_t *o = site_ok(&site, "execute_update",
	    shop("UPDATE orders SET paid = 1 WHERE id > 1", "\"dryRun\":true"));

	(void)state;
	assert_int_equal(affected(o), 2);
	assert_true(notice(o, "rolled back"));
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT sum(paid) FROM orders"),
	    2);
	site_ok(&site, "execute_update",
	    shop("UPDATE orders SET paid = 1 WHERE id > 1", ""));
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT sum(paid) FROM orders"),
	    3);
}

static void
test_update_wants_a_where(void **state)
{
	(void)state;
	site_err(&site, "execute_update",
	    shop("UPDATE orders SET paid = 0", ""), ERR_STATEMENT_NOT_ALLOWED);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT sum(paid) FROM orders"),
	    2);
	assert_int_equal(affected(site_ok(&site, "execute_update",
			     shop("UPDATE orders SET paid = 0",
				 "\"allowAllRows\":true"))),
	    3);
}

static void
test_max_affected(void **state)
{
	const char *text = site_err(&site, "execute_update",
	    shop("UPDATE big SET n = n + 10000", "\"allowAllRows\":true"),
	    ERR_TOO_LARGE);

	(void)state;
	assert_non_null(strstr(text, "1001"));
	assert_int_equal(site_count(&site, "shop.db", "SELECT max(n) FROM big"),
	    1001);
	site_ok(&site, "execute_update",
	    shop("UPDATE big SET n = n + 10000 WHERE n <= 1000", ""));
}

/* RETURNING more rows than fit changes every row all the same. */
static void
test_a_cap_never_cuts_a_write(void **state)
{
	json_t *o;

	(void)state;
	site.who.key.max_rows = 5;
	o = site_ok(&site, "execute_update",
	    shop("UPDATE big SET n = n + 10000 WHERE n <= 500 RETURNING n",
		""));
	assert_int_equal(affected(o), 500);
	assert_int_equal(number_of(o, "rowsReturned"), 5);
	assert_true(json_is_true(json_member(o, "truncated")));
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM big WHERE n > 10000"),
	    500);
}

static void
test_delete_goes_through_execute_sql(void **state)
{
	json_t *o = site_ok(&site, "execute_sql",
	    shop("DELETE FROM orders WHERE id = 1", ""));

	(void)state;
	assert_int_equal(affected(o), 1);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    2);
	site_grants(&site, SCOPE_READ | SCOPE_WRITE,
	    "shop:SELECT,INSERT,UPDATE");
	site_err(&site, "execute_sql",
	    shop("DELETE FROM orders WHERE id = 2", ""), ERR_PERMISSION_DENIED);
	site_reader(&site);
	site_call(&site, "execute_sql",
	    shop("DELETE FROM orders WHERE id = 2", ""));
	assert_true(site.result.is_error);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    2);
}

static void
test_ddl_only_with_the_word_of_the_source(void **state)
{
	(void)state;
	site_err(&site, "execute_sql", shop("CREATE TABLE t(x)", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_close(&site);
	site_open(&site,
	    "state = \"state\"; sources = { shop = { driver = \"sqlite\";"
	    " path = \"shop.db\"; readonly = false; ddl = true; }; };");
	site_ok(&site, "execute_sql", shop("CREATE TABLE t(x)", ""));
	assert_int_equal(site_count(&site, "shop.db", "SELECT count(*) FROM t"),
	    0);
	site_grants(&site, SCOPE_READ | SCOPE_WRITE,
	    "shop:SELECT,INSERT,UPDATE,DELETE");
	site_err(&site, "execute_sql", shop("CREATE TABLE u(x)", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_insert),
		CASE(test_dry_run),
		CASE(test_update_wants_a_where),
		CASE(test_max_affected),
		CASE(test_a_cap_never_cuts_a_write),
		CASE(test_delete_goes_through_execute_sql),
		CASE(test_ddl_only_with_the_word_of_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
