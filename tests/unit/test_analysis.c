/* SPDX-License-Identifier: ISC */
/* validate_sql and explain_sql (tools.md 4.2). */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

static int
setup(void **state)
{
	(void)case_open(state);
	case_more(case_configured);
	return 0;
}

static void
test_validate(void **state)
{
	json_t *o = site_ok(&site, "validate_sql",
	    "{\"statement\":\"SELECT id, note FROM orders\",\"catalog\":\"shop\"}");

	(void)state;
	assert_string_equal(site_dump(&site, o),
	    "{\"valid\":true,\"statement\":\"SELECT id, note FROM orders\","
	    "\"class\":\"select\",\"tables\":[\"orders\"],\"columns\":["
	    "{\"name\":\"id\",\"type\":\"INTEGER\"},"
	    "{\"name\":\"note\",\"type\":\"TEXT\"}]}");
	o = site_ok(&site, "validate_sql",
	    "{\"statement\":\"SELECT id FROM ordrs\",\"catalog\":\"shop\"}");
	assert_true(json_is_false(json_member(o, "valid")));
	assert_non_null(json_member(o, "error"));
	assert_non_null(strstr(json_text(json_member(o, "hint")).p, "orders"));
	o = site_ok(&site, "validate_sql",
	    "{\"statement\":\"SELECT 'x\",\"catalog\":\"shop\"}");
	assert_true(json_is_false(json_member(o, "valid")));
	assert_null(json_member(o, "class"));
	o = site_ok(&site, "validate_sql",
	    "{\"statement\":\"SELECT 1; SELECT 2\",\"catalog\":\"shop\"}");
	assert_true(json_is_false(json_member(o, "valid")));
	site_err(&site, "validate_sql",
	    "{\"statement\":\"SELECT 1\",\"catalog\":\"x\"}",
	    ERR_SOURCE_NOT_FOUND);
	assert_string_equal(site_bad(&site, "validate_sql",
				"{\"statement\":\"SELECT 1\"}"),
	    "Invalid parameters: missing required field 'catalog'");
}

static void
test_validate_writes_change_nothing(void **state)
{
	json_t *o;

	(void)state;
	site_reader(&site);
	o = site_ok(&site, "validate_sql",
	    "{\"statement\":\"DELETE FROM orders WHERE id = 1\","
	    "\"catalog\":\"shop\"}");
	assert_true(json_is_true(json_member(o, "valid")));
	assert_string_equal(site_dump(&site, json_member(o, "class")),
	    "\"delete\"");
	assert_string_equal(site_dump(&site, json_member(o, "notices")),
	    "[\"this token may not run it: DELETE is missing\"]");
	site_master(&site);
	o = site_ok(&site, "validate_sql",
	    "{\"statement\":\"DELETE FROM orders WHERE id = 1\","
	    "\"catalog\":\"shop\"}");
	assert_null(json_member(o, "notices"));
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    3);
}

static void
test_validate_lost_source(void **state)
{
	(void)state;
	remove(arena_fmt(site.arena, "%s/blog.db", site.dir).p);
	site_err(&site, "validate_sql",
	    "{\"statement\":\"SELECT 1\",\"catalog\":\"blog\"}",
	    ERR_SOURCE_UNREACHABLE);
}

static const char *
table_of(const json_t *o, size_t i)
{
	const json_t *t = json_array_get(json_member(o, "tables"), i);

	return json_string_value(json_member(t, "table_name"));
}

static void
test_explain(void **state)
{
	json_t *o = site_ok(&site, "explain_sql",
	    "{\"statement\":\"SELECT * FROM orders WHERE id = 1\","
	    "\"catalog\":\"shop\"}");
	json_t *t = json_array_get(json_member(o, "tables"), 0);

	(void)state;
	assert_true(
	    str_eq(json_text(json_member(t, "table_name")), STR("orders")));
	assert_true(str_eq(json_text(json_member(t, "access")), STR("index")));
	assert_null(json_member(o, "plan"));
	o = site_ok(&site, "explain_sql",
	    "{\"statement\":\"SELECT * FROM orders o JOIN customers c ON"
	    " c.id = o.customer\",\"catalog\":\"shop\",\"include_plan\":true}");
	t = json_array_get(json_member(o, "tables"), 0);
	assert_true(str_eq(json_text(json_member(t, "access")), STR("scan")));
	assert_int_equal(json_array_size(json_member(o, "tables")), 2);
	assert_string_equal(table_of(o, 0), "orders");
	assert_string_equal(table_of(o, 1), "customers");
	t = json_array_get(json_member(o, "plan"), 0);
	assert_true(json_is_string(json_member(t, "name")));
	assert_true(json_is_array(json_member(t, "children")));
	assert_true(json_is_object(json_member(t, "extra_info")));
}

/* An index is often called like the columns it is for. */
static void
test_explain_hides_indexes(void **state)
{
	json_t *o;

	(void)state;
	site_sql(&site, "shop.db",
	    "CREATE INDEX by_pin ON customers (name, phone)");
	o = site_ok(&site, "explain_sql",
	    "{\"statement\":\"SELECT id FROM customers WHERE name = 'Ann'\","
	    "\"catalog\":\"shop\",\"include_plan\":true}");
	assert_non_null(strstr(site_dump(&site, o), "\"access\":\"index\""));
	assert_null(strstr(site_dump(&site, o), "by_pin"));
	site_err(&site, "execute_sql",
	    shop("EXPLAIN QUERY PLAN SELECT id FROM customers", ""),
	    ERR_PERMISSION_DENIED);
}

/* A name of several words, and one that other words begin with. */
static void
test_explain_hides_odd_names(void **state)
{
	static const char *const names[] = { "by pin", "cust" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char sql[128];
		json_t *o;

		(void)snprintf(sql, sizeof(sql),
		    "DROP INDEX IF EXISTS \"by pin\";"
		    "CREATE INDEX \"%s\" ON customers (name, phone)",
		    names[i]);
		site_sql(&site, "shop.db", sql);
		o = site_ok(&site, "explain_sql",
		    "{\"statement\":\"SELECT id FROM customers WHERE name = 'Ann'\","
		    "\"catalog\":\"shop\",\"include_plan\":true}");
		assert_non_null(
		    strstr(site_dump(&site, o), "INDEX (index) (name=?)"));
		assert_non_null(strstr(site_dump(&site, o), " customers "));
	}
}

static void
test_explain_refuses_its_own_word(void **state)
{
	static const char *const words[] = { "EXPLAIN SELECT 1",
		"explain analyze SELECT 1", "ANALYZE",
		"/*c*/ EXPLAIN SELECT 1" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		site_err(&site, "explain_sql",
		    arena_fmt(site.arena,
			"{\"statement\":\"%s\",\"catalog\":\"shop\"}", words[i])
			.p,
		    ERR_STATEMENT_NOT_ALLOWED);
	site_ok(&site, "explain_sql",
	    "{\"statement\":\"DELETE FROM orders WHERE id = 1\","
	    "\"catalog\":\"shop\"}");
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, case_close)
		CASE(test_validate),
		CASE(test_validate_writes_change_nothing),
		CASE(test_validate_lost_source),
		CASE(test_explain),
		CASE(test_explain_hides_indexes),
		CASE(test_explain_hides_odd_names),
		CASE(test_explain_refuses_its_own_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
