/* SPDX-License-Identifier: ISC */
/* query_source, validate_sql, explain_sql, configured tools, procedures. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_site.h"

static struct site site;

static const char configured[] =
    "tools = {\n"
    "  orders_over = { source = \"shop\"; title = \"Big orders\";\n"
    "    about = \"Orders over a total.\";\n"
    "    sql = \"SELECT id FROM orders WHERE total > @min AND"
    " (@note IS NULL OR note = @note) AND paid = @paid ORDER BY id LIMIT @n\";\n"
    "    params = { min = { type = \"number\"; about = \"Least total.\";"
    " required = true; min = 0.0; max = 100.0; };\n"
    "      note = { type = \"string\"; about = \"Its note.\";"
    " enum = [ \"first\", \"second\" ]; };\n"
    "      paid = { type = \"boolean\"; about = \"Paid.\"; default = true; };\n"
    "      n = { type = \"integer\"; about = \"How many.\"; min = 1; max = 9;"
    " default = 5; }; }; };\n"
    "  add_customer = { source = \"shop\"; about = \"Adds a customer.\";\n"
    "    sql = \"INSERT INTO customers(name) VALUES(@name)\";"
    " procedure = true;\n"
    "    params = { name = { type = \"string\"; about = \"Name.\";"
    " required = true; }; }; };\n"
    "  count_orders = { source = \"shop\"; about = \"Counts orders.\";\n"
    "    sql = \"SELECT count(*) AS n FROM orders WHERE id >= @from\";"
    " procedure = true;\n"
    "    params = { from = { type = \"integer\"; about = \"First id.\";"
    " default = 1; min = 1; max = 50; }; }; };\n"
    "  drop_order = { source = \"shop\"; about = \"Deletes an order.\";\n"
    "    sql = \"DELETE FROM orders WHERE id = @id\";\n"
    "    params = { id = { type = \"integer\"; about = \"Id.\";"
    " required = true; }; }; };\n"
    "};\n";

static int
setup(void **state)
{
	char settings[4096];

	(void)state;
	snprintf(settings, sizeof(settings), "%s%s", site_usual, configured);
	site_open(&site, settings);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

static void
reopen(const char *settings)
{
	site_close(&site);
	site_open(&site, settings);
}

static const char one_table[] =
    "state = \"state\"; sources = { blog = { driver = \"sqlite\";"
    " path = \"blog.db\"; }; };";

/* query_source fails as a result whose text has no code. */
static const char *
data_err(const char *arguments)
{
	assert_int_equal(site_call(&site, "query_source", arguments), ERR_OK);
	assert_true(site.result.is_error);
	assert_null(site.structured);
	return site.text;
}

static void
test_query_source(void **state)
{
	(void)state;
	reopen(one_table);
	assert_string_equal(
	    site_dump(&site,
		site_ok(&site, "query_source",
		    "{\"sql\":\"SELECT id, title FROM data ORDER BY id\"}")),
	    "{\"source\":\"blog\",\"columns\":[\"id\",\"title\"],\"rows\":["
	    "{\"id\":1,\"title\":\"Hello\"},{\"id\":2,\"title\":\"World\"}],"
	    "\"rows_returned\":2,\"truncated\":false}");
	/* The name alone is bound: a text and a column of that name stay. */
	site_ok(&site, "query_source",
	    "{\"sql\":\"SELECT 'data' AS data, title FROM data\","
	    "\"unknown\":1}");
	assert_non_null(strstr(site.text, "{\"data\":\"data\",\"title\":"));
	site_ok(&site, "query_source",
	    "{\"sql\":\"SELECT 1 AS a, 2 AS a, 3 AS A\"}");
	assert_non_null(strstr(site.text, "{\"a\":1,\"a_2\":2,\"A\":3}"));
	site_ok(&site, "query_source",
	    "{\"sql\":\"WITH x AS (SELECT * FROM data) SELECT * FROM x\"}");
	site_ok(&site, "query_source", "{\"sql\":\"SELECT * FROM posts;\"}");
	site.era = ERA_2025_03_26;
	assert_null(json_member(site_ok(&site, "query_source",
				    "{\"sql\":\"SELECT 1\"}"),
	    "truncated"));
}

static void
test_query_source_truncates(void **state)
{
	json_t *o;

	(void)state;
	site.who.key.max_rows = 3;
	o = site_ok(&site, "query_source",
	    "{\"sql\":\"SELECT * FROM big\",\"source_name\":\"shop\"}");
	assert_true(json_is_true(json_member(o, "truncated")));
	assert_int_equal(json_integer_value(json_member(o, "rows_returned")),
	    3);
}

static void
test_query_source_texts(void **state)
{
	static const struct {
		const char *args, *text;
	} table[] = {
		{ "{}", "SQL validation error: Empty SQL" },
		{ "{\"sql\":\"\"}", "SQL validation error: Empty SQL" },
		{ "{\"sql\":\" \\n;\"}", "SQL validation error: Empty SQL" },
		{ "{\"sql\":5}", "SQL validation error: Empty SQL" },
		{ "{\"sql\":null}", "SQL validation error: Empty SQL" },
		{ "{\"sql\":\"Delete FROM orders\"}",
		    "SQL validation error: Blocked keyword: Delete" },
		{ "{\"sql\":\"INSERT INTO t VALUES(1)\"}",
		    "SQL validation error: Blocked keyword: INSERT" },
		{ "{\"sql\":\"replace into t values(1)\"}",
		    "SQL validation error: Blocked keyword: replace" },
		{ "{\"sql\":\"DROP TABLE orders; SELECT 1\"}",
		    "SQL validation error: Blocked keyword: DROP" },
		{ "{\"sql\":\"PRAGMA x\"}",
		    "SQL validation error: Only SELECT statements are allowed" },
		{ "{\"sql\":\"EXPLAIN SELECT 1\"}",
		    "SQL validation error: Only SELECT statements are allowed" },
		{ "{\"sql\":\"SELECT 1; SELECT 2\"}",
		    "SQL validation error: Only SELECT statements are allowed" },
		{ "{\"sql\":\"WITH x AS (SELECT 1) DELETE FROM orders\"}",
		    "SQL validation error: Only SELECT statements are allowed" },
		{ "{\"sql\":\"SELECT 1\"}",
		    "source_name is required. Available: ['blog', 'shop']" },
		{ "{\"sql\":\"SELECT 1\",\"source_name\":\"x\"}",
		    "Source 'x' not found. Available: ['blog', 'shop']" },
		{ "{\"sql\":\"SELECT 1\",\"source_name\":7}",
		    "source_name must be a string. Available: ['blog', 'shop']" },
		{ "{\"sql\":\"SELECT * FROM data\",\"source_name\":\"shop\"}",
		    "Source 'shop' has no default table; use execute_select." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(data_err(table[i].args), table[i].text);
	assert_true(strncmp(data_err("{\"sql\":\"SELECT nope FROM orders\","
				     "\"source_name\":\"shop\"}"),
			"Query execution error: ", 23) == 0);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    3);
}

static void
test_query_source_in_the_words_of_the_page(void **state)
{
	char settings[4096];

	(void)state;
	snprintf(settings, sizeof(settings), "%s tdb_texts = \"doc\";",
	    site_usual);
	reopen(settings);
	assert_string_equal(data_err("{\"sql\":\"DELETE FROM orders\"}"),
	    "SQL validation error: Only SELECT statements are allowed");
}

static void
test_query_source_without_sources(void **state)
{
	(void)state;
	site_grants(&site, SCOPE_READ, "none:SELECT");
	assert_int_equal(site_call(&site, "query_source",
			     "{\"sql\":\"SELECT 1\"}"),
	    ERR_UNKNOWN_TOOL);
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
	t = json_array_get(json_member(o, "plan"), 0);
	assert_true(json_is_string(json_member(t, "name")));
	assert_true(json_is_array(json_member(t, "children")));
	assert_true(json_is_object(json_member(t, "extra_info")));
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
	reopen("state = \"state\"; sources = { shop = { driver = \"sqlite\";"
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
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		CASE(test_query_source),
		CASE(test_query_source_truncates),
		CASE(test_query_source_texts),
		CASE(test_query_source_in_the_words_of_the_page),
		CASE(test_query_source_without_sources),
		CASE(test_validate),
		CASE(test_validate_writes_change_nothing),
		CASE(test_validate_lost_source),
		CASE(test_explain),
		CASE(test_explain_refuses_its_own_word),
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
