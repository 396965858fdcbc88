/* SPDX-License-Identifier: ISC */
/* The metadata tools, on real SQLite files. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

static const char procedures[] =
    "tools = {\n"
    "  orders_of = { source = \"shop\"; about = \"Orders of one customer.\";\n"
    "    sql = \"SELECT id FROM orders WHERE customer = @who AND total > @min"
    " ORDER BY id\"; procedure = true;\n"
    "    params = { who = { type = \"integer\"; about = \"Customer.\";"
    " required = true; };\n"
    "      min = { type = \"number\"; about = \"Least total.\";"
    " default = 0.0; }; }; };\n"
    "  plain = { source = \"shop\"; about = \"No procedure.\";"
    " sql = \"SELECT 1\"; };\n"
    "};\n";

static int
setup(void **state)
{
	(void)case_open(state);
	case_more(procedures);
	return 0;
}

/* The names of the columns, joined by spaces. */
static const char *
heads(const json_t *o)
{
	json_t *schema =
	    json_member(json_array_get(json_member(o, "results"), 0), "schema");
	struct buf b;

	buf_init(&b, site.arena, 4096);
	for (size_t i = 0; i < json_array_size(schema); i++) {
		json_t *c = json_array_get(schema, i);

		assert_null(json_member(c, "catalogName"));
		assert_null(json_member(c, "tableName"));
		buf_str(&b, i > 0 ? STR(" ") : STR(""));
		buf_str(&b, json_text(json_member(c, "columnName")));
	}
	return arena_z(site.arena, buf_text(&b));
}

static const char *
rows(const char *tool, const char *arguments)
{
	return site_rows(&site, site_ok(&site, tool, arguments));
}

static void
test_get_catalogs(void **state)
{
	json_t *o;

	(void)state;
	site_grants(&site, SCOPE_READ | SCOPE_WRITE,
	    "shop:SELECT,INSERT blog:SELECT,UPDATE");
	o = site_ok(&site, "get_catalogs", NULL);
	assert_string_equal(heads(o),
	    "TABLE_CATALOG DATA_SOURCE PERMISSIONS REMARKS");
	assert_string_equal(site_rows(&site, o),
	    "[[\"blog\",\"sqlite\",\"SELECT\",null],"
	    "[\"shop\",\"sqlite\",\"SELECT,INSERT\",\"Orders of the web shop\"]]");
	site_grants(&site, SCOPE_READ, "none:SELECT");
	assert_string_equal(rows("get_catalogs", "{}"), "[]");
}

static void
test_get_schemas(void **state)
{
	json_t *o = site_ok(&site, "get_schemas", "{}");

	(void)state;
	assert_string_equal(heads(o), "TABLE_CATALOG TABLE_SCHEMA");
	assert_string_equal(site_rows(&site, o),
	    "[[\"blog\",\"main\"],[\"shop\",\"main\"]]");
	assert_string_equal(rows("get_schemas", "{\"catalogName\":\"shop\"}"),
	    "[[\"shop\",\"main\"]]");
	assert_string_equal(rows("get_schemas", "{\"schemaName\":\"nope\"}"),
	    "[]");
}

static void
test_get_tables(void **state)
{
	json_t *o = site_ok(&site, "get_tables", "{\"catalogName\":\"shop\"}");

	(void)state;
	assert_string_equal(heads(o),
	    "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE REMARKS ROW_ESTIMATE");
	assert_non_null(strstr(site_rows(&site, o),
	    "[\"shop\",\"main\",\"orders\",\"TABLE\""));
	assert_non_null(strstr(site_rows(&site, o), "\"totals\",\"VIEW\""));
	/* Denied: not there. */
	assert_null(strstr(site_rows(&site, o), "secret"));
	assert_int_equal(
	    json_array_size(json_member(
		json_array_get(json_member(site_ok(&site, "get_tables",
					       "{\"tableType\":\"VIEW\"}"),
				   "results"),
		    0),
		"rows")),
	    1);
	assert_non_null(
	    strstr(rows("get_tables", "{\"pattern\":\"ORD%\"}"), "\"orders\""));
	assert_null(
	    strstr(rows("get_tables", "{\"pattern\":\"ORD%\"}"), "customers"));
	assert_non_null(strstr(rows("get_tables", "{\"tableName\":\"ORDERS\"}"),
	    "\"orders\""));
	assert_string_equal(rows("get_tables", "{\"tableName\":\"nope\"}"),
	    "[]");
}

static void
test_get_columns(void **state)
{
	json_t *o = site_ok(&site, "get_columns", "{\"tableName\":\"orders\"}");

	(void)state;
	assert_string_equal(heads(o),
	    "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME "
	    "ORDINAL_POSITION DATA_TYPE TYPE_NAME COLUMN_SIZE DECIMAL_DIGITS "
	    "IS_NULLABLE COLUMN_DEF KEY REFERENCES REMARKS");
	assert_non_null(strstr(site_rows(&site, o), "\"orders\",\"id\",1,"));
	assert_non_null(strstr(site_rows(&site, o), "\"PRI\""));
	assert_non_null(strstr(site_rows(&site, o), "\"main.customers.id\""));
	assert_non_null(
	    strstr(rows("get_columns", "{\"tableName\":\"customers\"}"),
		"masked: "));
	assert_string_equal(rows("get_columns", "{\"tableName\":\"secret\"}"),
	    "[]");
	assert_non_null(
	    strstr(rows("get_columns", "{\"columnName\":\"title\"}"), "posts"));
	assert_non_null(
	    strstr(rows("get_columns", "{\"pattern\":\"tit%\"}"), "posts"));
	assert_string_equal(site_bad(&site, "get_columns", "{}"),
	    "Invalid parameters: missing required field 'tableName'");
	assert_string_equal(site_bad(&site, "get_columns",
				"{\"catalogName\":\"shop\"}"),
	    "Invalid parameters: missing required field 'tableName'");
}

static void
test_get_procedures(void **state)
{
	json_t *o = site_ok(&site, "get_procedures", "{}");

	(void)state;
	assert_string_equal(heads(o),
	    "PROCEDURE_CATALOG PROCEDURE_SCHEMA PROCEDURE_NAME PROCEDURE_TYPE REMARKS");
	assert_non_null(strstr(site_rows(&site, o), "\"orders_of\""));
	assert_non_null(strstr(site_rows(&site, o), "\"PROCEDURE\""));
	assert_null(strstr(site_rows(&site, o), "\"plain\""));
	assert_string_equal(rows("get_procedures",
				"{\"catalogName\":\"blog\"}"),
	    "[]");
	assert_string_equal(rows("get_procedures", "{\"procedureName\":\"x\"}"),
	    "[]");
	assert_non_null(
	    strstr(rows("get_procedures", "{\"pattern\":\"orders%\"}"),
		"orders_of"));
}

static void
test_get_procedure_parameters(void **state)
{
	json_t *o = site_ok(&site, "get_procedure_parameters",
	    "{\"procedureName\":\"orders_of\"}");

	(void)state;
	assert_string_equal(heads(o),
	    "PROCEDURE_CATALOG PROCEDURE_SCHEMA PROCEDURE_NAME PARAMETER_NAME "
	    "ORDINAL_POSITION DIRECTION DATA_TYPE TYPE_NAME IS_REQUIRED "
	    "COLUMN_DEF REMARKS");
	assert_non_null(strstr(site_rows(&site, o), "\"@who\",1,1,"));
	assert_non_null(strstr(site_rows(&site, o), "\"YES\""));
	assert_non_null(strstr(site_rows(&site, o), "\"@min\",2,1,"));
	assert_string_equal(rows("get_procedure_parameters",
				"{\"procedureName\":\"orders_of\","
				"\"parameterName\":\"@zzz\"}"),
	    "[]");
	assert_non_null(
	    strstr(site_err(&site, "get_procedure_parameters",
		       "{\"procedureName\":\"nope\"}", ERR_PROCEDURE_NOT_FOUND),
		"'nope'"));
	assert_string_equal(site_bad(&site, "get_procedure_parameters", "{}"),
	    "Invalid parameters: missing required field 'procedureName'");
}

static void
test_unknown_catalog_lists_the_visible(void **state)
{
	static const char *const tools[] = { "get_schemas", "get_tables",
		"get_procedures", "get_instructions" };

	(void)state;
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		assert_non_null(strstr(site_err(&site, tools[i],
					   "{\"catalogName\":\"nope\"}",
					   ERR_SOURCE_NOT_FOUND),
		    "Hint: visible sources: blog, shop."));
	site_grants(&site, SCOPE_READ, "shop:SELECT");
	assert_null(
	    strstr(site_err(&site, "get_tables", "{\"catalogName\":\"blog\"}",
		       ERR_SOURCE_NOT_FOUND),
		"blog,"));
}

static void
test_catalog_name_folds(void **state)
{
	(void)state;
	assert_string_equal(rows("get_schemas", "{\"catalogName\":\"SHOP\"}"),
	    "[[\"shop\",\"main\"]]");
}

static void
test_pages(void **state)
{
	const char *args = "{\"limit\":2}";
	char next[512];
	int total = 0;

	(void)state;
	for (int page = 0; page < 10; page++) {
		json_t *o = site_ok(&site, "get_tables", args);
		const char *cursor = json_text(json_member(o, "nextCursor")).p;

		total +=
		    (int)json_integer_value(json_member(o, "rowsReturned"));
		if (cursor == NULL)
			break;
		assert_true(json_is_true(json_member(o, "truncated")));
		snprintf(next, sizeof(next), "{\"limit\":2,\"cursor\":\"%s\"}",
		    cursor);
		args = next;
	}
	/* customers, orders, big, totals; posts */
	assert_int_equal(total, 5);
	/* The same cursor with another question. */
	site_err(&site, "get_tables",
	    arena_fmt(site.arena, "{\"catalogName\":\"shop\",%s",
		strstr(args, "\"cursor\""))
		.p,
	    ERR_CURSOR_INVALID);
	site_err(&site, "get_tables", "{\"cursor\":\"x\"}", ERR_CURSOR_INVALID);
}

static void
test_a_lost_source_is_a_notice(void **state)
{
	json_t *o, *notices;

	(void)state;
	remove(arena_fmt(site.arena, "%s/blog.db", site.dir).p);
	o = site_ok(&site, "get_tables", "{}");
	notices = json_member(o, "notices");
	assert_int_equal(json_array_size(notices), 1);
	assert_true(str_starts(json_text(json_array_get(notices, 0)),
	    STR("blog: SOURCE_UNREACHABLE: ")));
	assert_non_null(strstr(site_rows(&site, o), "orders"));
	site_err(&site, "get_tables", "{\"catalogName\":\"blog\"}",
	    ERR_SOURCE_UNREACHABLE);
}

static void
test_source_forms_have_no_catalog(void **state)
{
	(void)state;
	assert_null(strstr(rows("shop_get_tables", "{}"), "posts"));
	assert_string_equal(site_bad(&site, "shop_get_tables",
				"{\"catalogName\":\"shop\"}"),
	    "Invalid parameters: unknown field 'catalogName' (known: "
	    "tableName, pattern, tableType, limit, cursor)");
	assert_string_equal(site_bad(&site, "shop_get_tables",
				"{\"schemaName\":\"main\"}"),
	    "Invalid parameters: unknown field 'schemaName' (known: "
	    "tableName, pattern, tableType, limit, cursor)");
}

static void
test_path_is_the_default_catalog(void **state)
{
	(void)state;
	site.filter.source = conf_source_index(site.conf, STR("blog"));
	assert_null(strstr(rows("get_tables", "{}"), "orders"));
	site_err(&site, "get_tables", "{\"catalogName\":\"shop\"}",
	    ERR_SOURCE_NOT_FOUND);
}

static void
test_instructions(void **state)
{
	json_t *o =
	    site_ok(&site, "get_instructions", "{\"catalogName\":\"shop\"}");
	json_t *row =
	    json_array_get(json_member(json_array_get(json_member(o, "results"),
					   0),
			       "rows"),
		0);

	(void)state;
	assert_string_equal(heads(o), "CATALOG INSTRUCTIONS");
	assert_true(str_eq(json_text(json_array_get(row, 0)), STR("shop")));
	/* The text item is the Markdown itself. */
	assert_string_equal(site.text, json_text(json_array_get(row, 1)).p);
	assert_true(site.text[0] == '#');
	assert_non_null(strstr(site.text, "sqlite"));
	assert_non_null(strstr(site.text, "1000 rows"));
	assert_non_null(
	    strstr(site.text, "SELECT,INSERT,UPDATE,DELETE,EXECUTE"));
	assert_non_null(strstr(site.text, "Orders of the web shop"));
	assert_string_equal(site_bad(&site, "get_instructions", "{}"),
	    "Invalid parameters: missing required field 'catalogName'");
	site_ok(&site, "get_instructions", "{\"driverName\":\"SQLite\"}");
	assert_non_null(strstr(site.text, "# blog"));
	assert_non_null(strstr(site.text, "# shop"));
	site_err(&site, "get_instructions", "{\"driverName\":\"oracle\"}",
	    ERR_SOURCE_NOT_FOUND);
	site_err(&site, "get_instructions",
	    "{\"catalogName\":\"shop\",\"driverName\":\"oracle\"}",
	    ERR_SOURCE_NOT_FOUND);
	site_reader(&site);
	site_grants(&site, SCOPE_READ, "blog:SELECT");
	site_ok(&site, "get_instructions", "{}");
	assert_non_null(strstr(site.text, "read-only"));
}

static void
test_instructions_begin_with_the_administrator(void **state)
{
	(void)state;
	site_close(&site);
	site_open(&site,
	    "state = \"state\"; sources = { shop = { driver = \"sqlite\";"
	    " path = \"shop.db\"; instructions = \"Ask \\\"first\\\".\"; }; };");
	site_ok(&site, "get_instructions", "{}");
	assert_true(
	    strncmp(site.text, "# shop\n\nAsk \"first\".\n\n- ", 24) == 0);
	site_ok(&site, "shop_get_instructions", "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, case_close)
		CASE(test_get_catalogs),
		CASE(test_get_schemas),
		CASE(test_get_tables),
		CASE(test_get_columns),
		CASE(test_get_procedures),
		CASE(test_get_procedure_parameters),
		CASE(test_unknown_catalog_lists_the_visible),
		CASE(test_catalog_name_folds),
		CASE(test_pages),
		CASE(test_a_lost_source_is_a_notice),
		CASE(test_source_forms_have_no_catalog),
		CASE(test_path_is_the_default_catalog),
		CASE(test_instructions),
		CASE(test_instructions_begin_with_the_administrator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
