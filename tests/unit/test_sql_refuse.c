/* SPDX-License-Identifier: ISC */
/* Statements and calls that are refused (tools.md 8, check 8). */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

/* Nothing of this may change anything, whichever tool gets it. */
static const char *const attacks[] = {
	"WITH x AS (DELETE FROM orders) SELECT 1",
	"/**/DELETE FROM orders",
	"-- c\nDELETE FROM orders",
	"SELECT 1; DELETE FROM orders",
	"SELECT 1\nDELETE FROM orders",
	"/*!DELETE FROM orders*/",
	"SELECT * INTO OUTFILE '/tmp/x' FROM orders",
	"SELECT * FROM orders INTO OUTFILE '/tmp/x'",
	"PRAGMA writable_schema = 1",
	"ATTACH 'x.db' AS x",
	"COPY orders TO '/tmp/x'",
	"VACUUM INTO 'copy.db'",
	"BEGIN",
	"COMMIT",
	"REPLACE INTO orders(id) VALUES(1)",
	"DROP TABLE orders",
	"SELECT load_extension('x')",
	"SELECT * FROM secret",
};

static void
test_check_8_attacks_are_refused(void **state)
{
	static const char *const tools[] = { "execute_select", "execute_insert",
		"execute_update", "query_source", "explain_sql" };

	(void)state;
	for (size_t t = 0; t < sizeof(tools) / sizeof(tools[0]); t++)
		for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]);
		     i++) {
			const char *args = shop(attacks[i], "");

			if (strcmp(tools[t], "query_source") == 0)
				args = arena_fmt(site.arena,
				    "{\"source_name\":\"shop\",%s", args + 1)
					   .p;
			if (strcmp(tools[t], "explain_sql") == 0 &&
			    strstr(attacks[i], "REPLACE") != NULL)
				continue; /* a plan may be seen by a master */
			if (site_call(&site, tools[t],
				strcmp(tools[t], "explain_sql") == 0
				    ? arena_fmt(site.arena,
					  "{\"catalog\":\"shop\",\"statement\":%s",
					  strchr(args, ':') + 1)
					  .p
				    : args) == ERR_OK &&
			    !site.result.is_error)
				fail_msg("%s: %s", tools[t], attacks[i]);
		}
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    3);
}

static void
test_check_8_words_in_quotes_are_answered(void **state)
{
	json_t *o =
	    site_ok(&site, "execute_select", shop("SELECT 'delete; drop'", ""));

	(void)state;
	assert_string_equal(site_rows(&site, o), "[[\"delete; drop\"]]");
	site_sql(&site, "shop.db",
	    "CREATE TABLE t(\"update\"); INSERT INTO t VALUES(7)");
	o = site_ok(&site, "execute_select",
	    shop("SELECT \"update\" FROM t", ""));
	assert_string_equal(site_rows(&site, o), "[[7]]");
	o = site_ok(&site, "execute_select", shop("SELECT 1 -- drop", ""));
	assert_string_equal(site_rows(&site, o), "[[1]]");
}

static void
test_classes_by_tool(void **state)
{
	(void)state;
	site_err(&site, "execute_select",
	    shop("INSERT INTO customers(name) VALUES('x')", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_select", shop("EXPLAIN SELECT 1", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_insert", shop("SELECT 1", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_insert",
	    shop("INSERT OR REPLACE INTO customers VALUES(1,'x',NULL)", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_update",
	    shop("DELETE FROM orders WHERE id=1", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_select", shop("SELECT 'x", ""),
	    ERR_SQL_SYNTAX);
	site_err(&site, "execute_select", shop("SELECT 1; SELECT 2", ""),
	    ERR_MULTIPLE_STATEMENTS);
}

static void
test_names_are_suggested(void **state)
{
	(void)state;
	assert_non_null(
	    strstr(site_err(&site, "execute_select",
		       shop("SELECT * FROM ordres", ""), ERR_TABLE_NOT_FOUND),
		"orders"));
	assert_non_null(strstr(site_err(&site, "execute_select",
				   shop("SELECT totl FROM orders", ""),
				   ERR_COLUMN_NOT_FOUND),
	    "total"));
}

static void
test_mask_and_deny(void **state)
{
	json_t *o = site_ok(&site, "execute_select",
	    shop("SELECT phone FROM customers ORDER BY id", ""));

	(void)state;
	assert_null(strstr(site_rows(&site, o), "555"));
	site_call(&site, "execute_select", shop("SELECT * FROM secret", ""));
	assert_true(site.result.is_error);
	assert_null(strstr(site.text, "hidden"));
}

static void
test_forbidden_is_unknown(void **state)
{
	const char *args = shop("INSERT INTO customers(name) VALUES('x')", "");

	(void)state;
	site_reader(&site);
	assert_int_equal(site_call(&site, "execute_insert", args),
	    ERR_UNKNOWN_TOOL);
	assert_string_equal(site.fault.msg, "Unknown tool: execute_insert");
	assert_int_equal(site_call(&site, "shop_execute_insert", args),
	    ERR_UNKNOWN_TOOL);
	assert_int_equal(site_call(&site, "execData", args), ERR_UNKNOWN_TOOL);
	assert_int_equal(site_call(&site, "no_such_tool", args),
	    ERR_UNKNOWN_TOOL);
	assert_string_equal(site.fault.msg, "Unknown tool: no_such_tool");
	site.era = ERA_2024_11_05;
	assert_int_equal(site_call(&site, "execute_insert", args),
	    ERR_UNKNOWN_TOOL);
	assert_string_equal(site.fault.msg, "Tool not found: execute_insert");
	assert_string_equal(site.attempt.code, "UNKNOWN_TOOL");
}

static void
test_aliases_are_audited_under_the_real_name(void **state)
{
	(void)state;
	site_ok(&site, "query_data", shop("SELECT 1", ""));
	assert_true(str_eq(site.attempt.tool, STR("execute_sql")));
	site_ok(&site, "queryData", shop("SELECT 1", ""));
	site_ok(&site, "getTables", "{}");
	assert_true(str_eq(site.attempt.tool, STR("get_tables")));
	assert_null(strstr(site_names(&site), "getTables"));
	case_more("aliases = false;");
	assert_int_equal(site_call(&site, "getTables", "{}"), ERR_UNKNOWN_TOOL);
}

static void
test_filter_calls(void **state)
{
	(void)state;
	assert_true(site_narrow(&site, "universal", NULL));
	site_ok(&site, "execute_select", shop("SELECT 1", ""));
	case_more("filter_calls = true;");
	assert_true(site_narrow(&site, "universal", NULL));
	assert_int_equal(site_call(&site, "execute_select",
			     shop("SELECT 1", "")),
	    ERR_UNKNOWN_TOOL);
	site_ok(&site, "get_tables", "{}");
}

static void
test_a_lost_database_is_unreachable(void **state)
{
	const char *text;

	(void)state;
	remove(arena_fmt(site.arena, "%s/blog.db", site.dir).p);
	text = site_err(&site, "execute_select",
	    "{\"query\":\"SELECT 1\",\"defaultCatalog\":\"blog\"}",
	    ERR_SOURCE_UNREACHABLE);
	assert_null(strstr(text, site.dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_check_8_attacks_are_refused),
		CASE(test_check_8_words_in_quotes_are_answered),
		CASE(test_classes_by_tool),
		CASE(test_names_are_suggested),
		CASE(test_mask_and_deny),
		CASE(test_forbidden_is_unknown),
		CASE(test_aliases_are_audited_under_the_real_name),
		CASE(test_filter_calls),
		CASE(test_a_lost_database_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
