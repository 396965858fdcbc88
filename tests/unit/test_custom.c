/* SPDX-License-Identifier: ISC */
/* Configured statements as tools and as procedures. */
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
test_custom_tool(void **state)
{
	json_t *o = site_ok(&site, "orders_over", "{\"min\":1}");
	json_t *t = site_listed(site_list(&site), "orders_over");

	(void)state;
	assert_string_equal(site_rows(&site, o), "[[1]]");
	o = site_ok(&site, "orders_over",
	    "{\"min\":0,\"paid\":true,\"n\":1,\"note\":\"first\"}");
	assert_string_equal(site_rows(&site, o), "[[1]]");
	o = site_ok(&site, "orders_over", "{\"min\":5,\"paid\":\"false\"}");
	assert_string_equal(site_rows(&site, o), "[[2]]");
	assert_true(
	    str_eq(json_text(json_member(t, "title")), STR("Big orders")));
	assert_string_equal(site_dump(&site, json_member(t, "inputSchema")),
	    "{\"type\":\"object\",\"properties\":{"
	    "\"min\":{\"type\":\"number\",\"description\":\"Least total.\","
	    "\"minimum\":0,\"maximum\":100},"
	    "\"note\":{\"type\":\"string\",\"description\":\"Its note.\","
	    "\"enum\":[\"first\",\"second\"]},"
	    "\"paid\":{\"type\":\"boolean\",\"description\":\"Paid.\","
	    "\"default\":true},"
	    "\"n\":{\"type\":\"integer\",\"description\":\"How many.\","
	    "\"minimum\":1,\"maximum\":9,\"default\":5}},"
	    "\"required\":[\"min\"],\"additionalProperties\":false}");
}

static void
test_custom_tool_arguments(void **state)
{
	static const struct {
		const char *args, *text;
	} table[] = {
		{ "{}", "missing required field 'min'" },
		{ "{\"min\":101}", "field 'min' must be between 0 and 100" },
		{ "{\"min\":\"1\"}", "field 'min' must be a number" },
		{ "{\"min\":1,\"note\":\"x\"}",
		    "field 'note' must be one of first, second" },
		{ "{\"min\":1,\"n\":0}", "field 'n' must be between 1 and 9" },
		{ "{\"min\":1,\"x\":0}",
		    "unknown field 'x' (known: min, note, paid, n)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(site_bad(&site, "orders_over",
					table[i].args),
		    arena_fmt(site.arena, "Invalid parameters: %s",
			table[i].text)
			.p);
}

static void
test_custom_tools_need_the_rights_of_their_statement(void **state)
{
	json_t *list;

	(void)state;
	site_reader(&site);
	list = site_list(&site);
	assert_non_null(site_listed(list, "orders_over"));
	assert_null(site_listed(list, "add_customer"));
	assert_null(site_listed(list, "drop_order"));
	assert_int_equal(site_call(&site, "add_customer", "{\"name\":\"x\"}"),
	    ERR_UNKNOWN_TOOL);
	site_grants(&site, SCOPE_READ | SCOPE_WRITE, "shop:SELECT,INSERT");
	list = site_list(&site);
	assert_non_null(site_listed(list, "add_customer"));
	assert_null(site_listed(list, "drop_order"));
	assert_true(json_is_false(
	    json_member(json_member(site_listed(list, "add_customer"),
			    "annotations"),
		"destructiveHint")));
	site_ok(&site, "add_customer", "{\"name\":\"Eve\"}");
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers"),
	    3);
	site_grants(&site, SCOPE_READ, "blog:SELECT");
	assert_null(site_listed(site_list(&site), "orders_over"));
	assert_int_equal(site_call(&site, "orders_over", "{\"min\":1}"),
	    ERR_UNKNOWN_TOOL);
}

static void
test_custom_tools_by_op(void **state)
{
	(void)state;
	assert_true(site_narrow(&site, "sql", "execute_select"));
	assert_string_equal(site_names(&site),
	    "execute_select orders_over count_orders");
	assert_true(site_narrow(&site, NULL, "execute_insert"));
	assert_string_equal(site_names(&site),
	    "execute_insert add_customer shop_execute_insert");
	assert_true(site_narrow(&site, "sql", "execute_sql"));
	assert_string_equal(site_names(&site), "execute_sql drop_order");
}

static void
test_procedure(void **state)
{
	json_t *o;

	(void)state;
	o = site_ok(&site, "execute_procedure",
	    "{\"procedure\":\"count_orders\",\"defaultCatalog\":\"shop\"}");
	assert_string_equal(site_rows(&site, o), "[[3]]");
	o = site_ok(&site, "execute_procedure",
	    "{\"procedure\":\"[shop].[main].[count_orders]\","
	    "\"parameters\":{\"@from\":3}}");
	assert_string_equal(site_rows(&site, o), "[[1]]");
	o = site_ok(&site, "shop_execute_procedure",
	    "{\"procedure\":\"main.COUNT_ORDERS\","
	    "\"parameters\":{\"from\":{\"dataType\":8,\"direction\":1,"
	    "\"value\":2}}}");
	assert_string_equal(site_rows(&site, o), "[[2]]");
	site_ok(&site, "execData",
	    "{\"procedure\":\"add_customer\",\"defaultCatalog\":\"shop\","
	    "\"parameters\":{\"name\":\"Eve\"}}");
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers"),
	    3);
}

static void
test_procedure_refusals(void **state)
{
	static const struct {
		const char *args;
		enum err code;
		const char *word;
	} table[] = {
		{ "{\"procedure\":\"nope\",\"defaultCatalog\":\"shop\"}",
		    ERR_PROCEDURE_NOT_FOUND, "add_customer, count_orders" },
		{ "{\"procedure\":\"orders_over\",\"defaultCatalog\":\"shop\"}",
		    ERR_PROCEDURE_NOT_FOUND, "orders_over" },
		{ "{\"procedure\":\"a.b.c.d\",\"defaultCatalog\":\"shop\"}",
		    ERR_PROCEDURE_NOT_FOUND, "a.b.c.d" },
		{ "{\"procedure\":\"x.main.count_orders\"}",
		    ERR_SOURCE_NOT_FOUND, "'x'" },
		{ "{\"procedure\":\"blog.main.count_orders\","
		  "\"defaultCatalog\":\"shop\"}",
		    ERR_STATEMENT_NOT_ALLOWED, "two sources" },
		{ "{\"procedure\":\"add_customer\",\"defaultCatalog\":\"shop\"}",
		    ERR_INVALID_ARGUMENT, "@name must be given" },
		{ "{\"procedure\":\"add_customer\",\"defaultCatalog\":\"shop\","
		  "\"parameters\":{\"name\":1}}",
		    ERR_INVALID_ARGUMENT, "@name must be a string" },
		{ "{\"procedure\":\"count_orders\",\"defaultCatalog\":\"shop\","
		  "\"parameters\":{\"from\":51}}",
		    ERR_INVALID_ARGUMENT, "between 1 and 50" },
		{ "{\"procedure\":\"count_orders\",\"defaultCatalog\":\"shop\","
		  "\"parameters\":{\"zzz\":1}}",
		    ERR_INVALID_ARGUMENT, "@zzz" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *text = site_err(&site, "execute_procedure",
		    table[i].args, table[i].code);

		if (strstr(text, table[i].word) == NULL)
			fail_msg("%s", text);
	}
}

/* EXECUTE is the right to run it, whatever it does; nothing else is. */
static void
test_procedure_rights(void **state)
{
	(void)state;
	site_grants(&site, SCOPE_READ | SCOPE_WRITE, "shop:EXECUTE");
	site_ok(&site, "execute_procedure",
	    "{\"procedure\":\"add_customer\","
	    "\"parameters\":{\"name\":\"Eve\"}}");
	site_grants(&site, SCOPE_READ | SCOPE_WRITE,
	    "shop:SELECT,INSERT blog:EXECUTE");
	site_err(&site, "execute_procedure",
	    "{\"procedure\":\"add_customer\",\"defaultCatalog\":\"shop\","
	    "\"parameters\":{\"name\":\"Eve\"}}",
	    ERR_PERMISSION_DENIED);
	site_caller(&site, SCOPE_READ, VERB_ALL);
	assert_int_equal(site_call(&site, "execute_procedure",
			     "{\"procedure\":\"count_orders\"}"),
	    ERR_UNKNOWN_TOOL);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers"),
	    3);
}

static void
test_procedure_on_a_read_only_source(void **state)
{
	(void)state;
	case_again(
	    "state = \"state\"; sources = { shop = { driver = \"sqlite\";"
	    " path = \"shop.db\"; }; }; tools = {"
	    " add = { source = \"shop\"; about = \"A.\"; procedure = true;"
	    " sql = \"INSERT INTO customers(name) VALUES('x')\"; };"
	    " see = { source = \"shop\"; about = \"B.\"; procedure = true;"
	    " sql = \"SELECT 1\"; }; };");
	site_err(&site, "execute_procedure", "{\"procedure\":\"add\"}",
	    ERR_READ_ONLY);
	site_ok(&site, "execute_procedure", "{\"procedure\":\"see\"}");
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers"),
	    2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, case_close)
		CASE(test_custom_tool),
		CASE(test_custom_tool_arguments),
		CASE(test_custom_tools_need_the_rights_of_their_statement),
		CASE(test_custom_tools_by_op),
		CASE(test_procedure),
		CASE(test_procedure_refusals),
		CASE(test_procedure_rights),
		CASE(test_procedure_on_a_read_only_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
