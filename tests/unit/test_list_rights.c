/* SPDX-License-Identifier: ISC */
/* What each token sees in tools/list (tools.md 1.4; 8, checks 1 and 5). */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

static const char *const twelve[] = { "get_catalogs", "get_schemas",
	"get_tables", "get_columns", "get_procedures",
	"get_procedure_parameters", "get_instructions", "execute_sql",
	"execute_select", "execute_insert", "execute_update",
	"execute_procedure" };

static void
test_check_1_every_right_sees_all_twelve(void **state)
{
	json_t *list;

	(void)state;
	site_master(&site);
	list = site_list(&site);
	for (size_t i = 0; i < sizeof(twelve) / sizeof(twelve[0]); i++)
		assert_true(
		    str_eq(json_text(
			       json_member(json_array_get(list, i), "name")),
			str_of(twelve[i])));
}

static void
test_order_is_catalogue_then_sources_by_name(void **state)
{
	(void)state;
	site_reader(&site);
	assert_string_equal(site_names(&site),
	    "get_catalogs get_tables get_columns get_instructions execute_sql "
	    "execute_select query_source validate_sql explain_sql "
	    "blog_get_tables blog_get_columns blog_execute_sql "
	    "blog_execute_select "
	    "shop_get_tables shop_get_columns shop_execute_sql "
	    "shop_execute_select");
}

static void
test_check_5_a_read_token_sees_no_writer(void **state)
{
	static const char *const filters[] = { NULL, "universal", "sql",
		"source", "universal,sql,source" };

	(void)state;
	site_caller(&site, SCOPE_READ, VERB_ALL);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		assert_true(site_narrow(&site, filters[i], NULL));
		assert_null(strstr(site_names(&site), "execute_insert"));
		assert_null(strstr(site_names(&site), "execute_update"));
		assert_null(strstr(site_names(&site), "execute_procedure"));
		assert_null(
		    strstr(site_list_text(&site).p, "\"readOnlyHint\":false"));
	}
}

static void
test_verbs_decide_source_by_source(void **state)
{
	(void)state;
	site_grants(&site, SCOPE_READ | SCOPE_WRITE, "shop:INSERT blog:SELECT");
	assert_string_equal(site_names(&site),
	    "get_catalogs get_tables get_columns get_instructions execute_sql "
	    "execute_select execute_insert query_source validate_sql "
	    "explain_sql blog_get_tables blog_get_columns blog_execute_sql "
	    "blog_execute_select shop_get_tables shop_get_columns "
	    "shop_execute_sql shop_execute_insert");
	site_grants(&site, SCOPE_READ, "blog:SELECT");
	assert_null(strstr(site_names(&site), "shop_"));
}

static void
test_a_token_without_rights_sees_catalogs_at_most(void **state)
{
	(void)state;
	site_grants(&site, SCOPE_READ, "other:SELECT");
	assert_string_equal(site_names(&site), "get_catalogs");
	site_caller(&site, 0, 0);
	assert_string_equal(site_names(&site), "");
}

static void
test_execute_sql_says_what_it_may(void **state)
{
	json_t *t;

	(void)state;
	site_reader(&site);
	t = site_listed(site_list(&site), "execute_sql");
	assert_string_equal(json_text(json_member(t, "description")).p,
	    "Runs one SELECT or EXPLAIN.");
	assert_true(json_is_true(
	    json_member(json_member(t, "annotations"), "readOnlyHint")));
	site_master(&site);
	t = site_listed(site_list(&site), "execute_sql");
	assert_string_equal(json_text(json_member(t, "description")).p,
	    "Runs one SQL statement; it may change data.");
	assert_true(json_is_true(
	    json_member(json_member(t, "annotations"), "destructiveHint")));
	/* blog is read-only, whatever the token holds. */
	t = site_listed(site_list(&site), "blog_execute_sql");
	assert_true(json_is_true(
	    json_member(json_member(t, "annotations"), "readOnlyHint")));
}

static void
test_annotations_are_the_published_three(void **state)
{
	static const struct {
		const char *tool, *json;
	} table[] = {
		{ "get_tables",
		    "{\"readOnlyHint\":true,\"openWorldHint\":false}" },
		{ "execute_insert",
		    "{\"readOnlyHint\":false,\"destructiveHint\":false,"
		    "\"idempotentHint\":false,\"openWorldHint\":false}" },
		{ "execute_update",
		    "{\"readOnlyHint\":false,\"destructiveHint\":true,"
		    "\"idempotentHint\":false,\"openWorldHint\":false}" },
	};
	json_t *list = site_list(&site);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(site_dump(&site,
					json_member(site_listed(list,
							table[i].tool),
					    "annotations")),
		    table[i].json);
}

static const char *
members(json_t *o)
{
	static char text[256];
	const char *key;
	json_t *v;

	text[0] = '\0';
	json_object_foreach(o, key, v)
	{
		size_t n = strlen(text);

		(void)v;
		snprintf(text + n, sizeof(text) - n, "%s ", key);
	}
	return text;
}

static void
test_check_10_fields_by_era(void **state)
{
	static const char *const want[ERA_COUNT] = {
		"name description inputSchema ",
		"name description inputSchema annotations ",
		"name title description inputSchema outputSchema annotations ",
		"name title description inputSchema outputSchema annotations ",
		"name title description inputSchema outputSchema annotations ",
	};

	(void)state;
	for (int e = 0; e < ERA_COUNT; e++) {
		json_t *list;

		site.era = (enum era)e;
		list = site_list(&site);
		for (size_t i = 0; i < json_array_size(list); i++)
			assert_string_equal(members(json_array_get(list, i)),
			    want[e]);
	}
}

static void
test_groups_are_switched(void **state)
{
	char settings[2048];

	(void)state;
	snprintf(settings, sizeof(settings), "%s groups = [ \"tdb\" ];",
	    site_usual);
	case_again(settings);
	assert_string_equal(site_names(&site), "query_source");
	assert_int_equal(site_call(&site, "get_tables", "{}"),
	    ERR_UNKNOWN_TOOL);
}

static void
test_source_ops_limit_the_source_forms(void **state)
{
	char settings[2048];

	(void)state;
	snprintf(settings, sizeof(settings),
	    "%s source_ops = [ \"execute_select\", \"get_tables\" ];",
	    site_usual);
	case_again(settings);
	assert_true(site_narrow(&site, "source", NULL));
	assert_string_equal(site_names(&site),
	    "blog_get_tables blog_execute_select shop_get_tables "
	    "shop_execute_select");
}

static void
test_procedures_appear_with_a_procedure(void **state)
{
	char settings[2048];

	(void)state;
	site_reader(&site);
	assert_null(strstr(site_names(&site), "procedure"));
	snprintf(settings, sizeof(settings),
	    "%s tools = { recount = { source = \"shop\"; about = \"Count.\";"
	    " sql = \"SELECT count(*) FROM orders\"; procedure = true; }; };",
	    site_usual);
	case_again(settings);
	site_reader(&site);
	assert_non_null(strstr(site_names(&site), "get_procedures"));
	assert_non_null(strstr(site_names(&site), "shop_get_procedures"));
	assert_null(strstr(site_names(&site), "blog_get_procedures"));
	assert_null(strstr(site_names(&site), "execute_procedure"));
	site_grants(&site, SCOPE_READ | SCOPE_WRITE, "shop:SELECT,EXECUTE");
	assert_non_null(strstr(site_names(&site), "shop_execute_procedure"));
}

static void
test_instructions_of_a_source_appear_with_a_text(void **state)
{
	(void)state;
	case_again(
	    "state = \"state\"; sources = { shop = { driver = \"sqlite\";"
	    " path = \"shop.db\"; instructions = \"Ask first.\"; }; };");
	site_reader(&site);
	assert_non_null(strstr(site_names(&site), "shop_get_instructions"));
}

static void
test_source_tools_begin_with_the_source(void **state)
{
	json_t *list = site_list(&site);

	(void)state;
	assert_string_equal(json_text(json_member(site_listed(list,
						      "shop_get_tables"),
					  "description"))
				.p,
	    "Orders of the web shop. Lists tables and views.");
	assert_string_equal(json_text(json_member(site_listed(list,
						      "blog_get_tables"),
					  "description"))
				.p,
	    "blog. Lists tables and views.");
	assert_null(
	    strstr(site_dump(&site, site_listed(list, "shop_execute_select")),
		"defaultCatalog"));
	assert_null(
	    strstr(site_dump(&site, site_listed(list, "shop_execute_select")),
		"defaultSchema"));
}

static void
test_query_source_is_the_published_one(void **state)
{
	json_t *t = site_listed(site_list(&site), "query_source");

	(void)state;
	assert_string_equal(json_text(json_member(t, "description")).p,
	    "Run a SQL SELECT query against the registered data source. Use "
	    "'data' as the table name. Maximum 1000 rows returned.");
	assert_string_equal(json_text(json_member(t, "title")).p,
	    "Query a data source");
	assert_string_equal(site_dump(&site, json_member(t, "inputSchema")),
	    "{\"type\":\"object\",\"properties\":{\"sql\":{\"type\":\"string\","
	    "\"description\":\"SQL SELECT statement. Use 'data' as the table "
	    "name.\"},\"source_name\":{\"type\":\"string\",\"description\":"
	    "\"Optional. Name of the registered source. Defaults to the only "
	    "registered source.\"}},\"required\":[\"sql\"]}");
	site.who.key.max_rows = 50;
	t = site_listed(site_list(&site), "query_source");
	assert_non_null(strstr(json_text(json_member(t, "description")).p,
	    "Maximum 50 rows"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_check_1_every_right_sees_all_twelve),
		CASE(test_order_is_catalogue_then_sources_by_name),
		CASE(test_check_5_a_read_token_sees_no_writer),
		CASE(test_verbs_decide_source_by_source),
		CASE(test_a_token_without_rights_sees_catalogs_at_most),
		CASE(test_execute_sql_says_what_it_may),
		CASE(test_annotations_are_the_published_three),
		CASE(test_check_10_fields_by_era),
		CASE(test_groups_are_switched),
		CASE(test_source_ops_limit_the_source_forms),
		CASE(test_procedures_appear_with_a_procedure),
		CASE(test_instructions_of_a_source_appear_with_a_text),
		CASE(test_source_tools_begin_with_the_source),
		CASE(test_query_source_is_the_published_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
