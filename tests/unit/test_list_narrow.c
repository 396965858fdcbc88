/* SPDX-License-Identifier: ISC */
/* Narrowing the list by query string and path (tools.md 2; 8, checks 2 to 4). */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

/* Every name of the union is in exactly one part. */
static void
test_check_2_types_are_disjoint_and_whole(void **state)
{
	static const char *const types[] = { "universal", "sql", "source" };
	json_t *whole = site_list(&site);
	size_t sum = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		json_t *part;

		assert_true(site_narrow(&site, types[i], NULL));
		part = site_list(&site);
		sum += json_array_size(part);
		assert_true(json_array_size(part) > 0);
		for (size_t k = 0; k < json_array_size(part); k++)
			assert_non_null(site_listed(whole,
			    json_text(
				json_member(json_array_get(part, k), "name"))
				.p));
	}
	assert_int_equal(sum, json_array_size(whole));
	assert_true(site_narrow(&site, "source,universal,sql,sql", NULL));
	assert_int_equal(json_array_size(site_list(&site)),
	    json_array_size(whole));
}

static void
test_check_3_ops_lists_the_op_and_its_source_forms(void **state)
{
	(void)state;
	assert_true(site_narrow(&site, NULL, "get_tables"));
	assert_string_equal(site_names(&site),
	    "get_tables blog_get_tables shop_get_tables");
	assert_true(site_narrow(&site, "sql", "execute_select"));
	assert_string_equal(site_names(&site), "execute_select");
	assert_true(site_narrow(&site, "universal", "execute_select"));
	assert_string_equal(site_names(&site), "");
	assert_true(site_narrow(&site, NULL, "create_memory,review_discovery"));
	assert_string_equal(site_names(&site), "");
}

static void
test_check_4_bad_words_are_quoted(void **state)
{
	static const struct {
		const char *tools, *ops, *message;
	} table[] = {
		{ "", NULL, "'tools': ''" },
		{ "Universal", NULL, "'tools': 'Universal'" },
		{ "universal,", NULL, "'tools': ''" },
		{ "universal,,sql", NULL, "'tools': ''" },
		{ " universal", NULL, "'tools': ' universal'" },
		{ "universal,bogus,worse", NULL, "'tools': 'bogus'" },
		{ NULL, "bogus", "'ops': 'bogus'" },
		{ NULL, "", "'ops': ''" },
		{ NULL, "getTables", "'ops': 'getTables'" },
		{ NULL, "shop_get_tables", "'ops': 'shop_get_tables'" },
		{ NULL, "ask", "'ops': 'ask'" },
		{ "x", "y", "'tools': 'x'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char want[128];

		snprintf(want, sizeof(want), "Invalid value for parameter %s",
		    table[i].message);
		assert_false(site_narrow(&site, table[i].tools, table[i].ops));
		assert_string_equal(site.fault.msg, want);
		assert_int_equal(site.fault.code, ERR_FILTER);
	}
}

static void
test_every_base_name_is_recognised(void **state)
{
	static const char *const names =
	    "get_catalogs,get_schemas,get_tables,get_columns,get_procedures,"
	    "get_procedure_parameters,get_instructions,execute_sql,"
	    "execute_select,execute_insert,execute_update,execute_procedure,"
	    "query_source,validate_sql,explain_sql,search_metadata,"
	    "get_entity_details,get_entity_lineage,create_glossary,"
	    "create_glossary_term,create_lineage,update_entity,get_context,"
	    "list_semantic_models,get_semantic_model,query_semantic_model,"
	    "list_insights,get_insight,preview_insight,create_sql_insight,"
	    "create_semantic_insight,list_dashboards,get_dashboard,"
	    "create_dashboard,search_memories,create_memory,delete_memory,"
	    "create_knowledge,list_notifications,create_notification,"
	    "list_tasks,get_task,create_task,delete_task,list_discoveries,"
	    "get_discovery,create_discovery,review_discovery";

	(void)state;
	assert_true(site_narrow(&site, NULL, names));
}

static void
test_path_serves_one_source(void **state)
{
	(void)state;
	site_reader(&site);
	site.filter.source = conf_source_index(site.conf, STR("shop"));
	assert_string_equal(site_names(&site),
	    "get_tables get_columns get_instructions execute_sql "
	    "execute_select query_source validate_sql explain_sql "
	    "shop_get_tables shop_get_columns shop_execute_sql "
	    "shop_execute_select");
	assert_int_equal(site_call(&site, "get_catalogs", "{}"),
	    ERR_UNKNOWN_TOOL);
	assert_int_equal(site_call(&site, "blog_get_tables", "{}"),
	    ERR_UNKNOWN_TOOL);
	site_ok(&site, "shop_get_tables", "{}");
}

static void
test_toolkit_serves_its_names(void **state)
{
	char settings[2048];

	(void)state;
	snprintf(settings, sizeof(settings),
	    "%s toolkits = { small = { tools = [ \"execute_select\","
	    " \"shop_get_tables\", \"execute_insert\" ]; }; };",
	    site_usual);
	case_again(settings);
	site_reader(&site);
	site.filter.toolkit = 0;
	assert_string_equal(site_names(&site),
	    "execute_select shop_get_tables");
	assert_int_equal(site_call(&site, "get_tables", "{}"),
	    ERR_UNKNOWN_TOOL);
	/* A list gives no rights. */
	assert_int_equal(site_call(&site, "execute_insert", "{}"),
	    ERR_UNKNOWN_TOOL);
	site_ok(&site, "shop_get_tables", "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_check_2_types_are_disjoint_and_whole),
		CASE(test_check_3_ops_lists_the_op_and_its_source_forms),
		CASE(test_check_4_bad_words_are_quoted),
		CASE(test_every_base_name_is_recognised),
		CASE(test_path_serves_one_source),
		CASE(test_toolkit_serves_its_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
