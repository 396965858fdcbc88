/* SPDX-License-Identifier: ISC */
/*
 * tools/list: what each token sees, in which fields, at which cost; the
 * checks 1 to 5, 7 and 10 of tools.md 8.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_site.h"

static struct site site;

static int
setup(void **state)
{
	(void)state;
	site_open(&site, site_usual);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

/* Open another site in this test. */
static void
reopen(const char *settings)
{
	site_close(&site);
	site_open(&site, settings);
}

static const char one_source[] =
    "state = \"state\"; base_url = \"http://127.0.0.1/mcp\";\n"
    "sources = { shop = { driver = \"sqlite\"; path = \"shop.db\";"
    " about = \"Orders and customers of the web shop\"; }; };\n";

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

/* tools.md 1.2, point by point. */
static void
walk(json_t *schema, bool root)
{
	static const char *const known[] = { "type", "description",
		"properties", "required", "additionalProperties", "enum",
		"items", "minimum", "maximum", "default", "x-mcp-header" };
	const char *key;
	json_t *v;
	const char *type = json_text(json_member(schema, "type")).p;

	assert_non_null(type);
	assert_true(root || json_is_string(json_member(schema, "description")));
	json_object_foreach(schema, key, v)
	{
		size_t i = 0;

		while (i < sizeof(known) / sizeof(known[0]) &&
		       strcmp(known[i], key) != 0)
			i++;
		assert_true(i < sizeof(known) / sizeof(known[0]));
		if (strcmp(key, "enum") == 0)
			assert_string_equal(type, "string");
		if (strcmp(key, "properties") == 0 ||
		    strcmp(key, "required") == 0)
			assert_string_equal(type, "object");
		if (strcmp(key, "default") == 0)
			assert_false(json_is_null(v));
	}
	if (strcmp(type, "array") == 0)
		assert_non_null(
		    json_member(json_member(schema, "items"), "type"));
	json_object_foreach(json_member(schema, "properties"), key, v)
	    walk(v, false);
}

static void
test_check_7_every_input_schema_is_in_the_subset(void **state)
{
	static const char tools[] =
	    "tools = { by_day = { source = \"shop\"; about = \"One day.\";"
	    " sql = \"SELECT @a, @b, @c, @d, @e\"; params = {"
	    "  a = { type = \"string\"; about = \"A.\"; required = true; };"
	    "  b = { type = \"integer\"; about = \"B.\"; min = 1; max = 9; default = 3; };"
	    "  c = { type = \"number\"; about = \"C.\"; default = 0.5; };"
	    "  d = { type = \"boolean\"; about = \"D.\"; default = true; };"
	    "  e = { type = \"string\"; about = \"E.\"; enum = [ \"x\", \"y\" ]; }; }; };"
	    " none = { source = \"shop\"; about = \"None.\"; sql = \"SELECT 1\"; }; };";
	char settings[4096];
	json_t *list;

	(void)state;
	snprintf(settings, sizeof(settings), "%s%s", site_usual, tools);
	reopen(settings);
	list = site_list(&site);
	assert_true(json_array_size(list) > 25);
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *t = json_array_get(list, i);
		json_t *schema = json_member(t, "inputSchema");
		bool lax = str_eq(json_text(json_member(t, "name")),
		    STR("query_source"));

		assert_true(str_eq(json_text(json_member(schema, "type")),
		    STR("object")));
		walk(schema, true);
		assert_int_equal(json_is_false(json_member(schema,
				     "additionalProperties")),
		    !lax);
		assert_true(json_text(json_member(t, "description")).len > 0);
	}
	assert_string_equal(site_dump(&site,
				json_member(site_listed(list, "none"),
				    "inputSchema")),
	    "{\"type\":\"object\",\"additionalProperties\":false}");
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
test_lists_are_byte_identical(void **state)
{
	struct str first, again;

	(void)state;
	first = site_list_text(&site);
	/* Enough other lists to push the first out of its place. */
	for (int e = 0; e < ERA_COUNT; e++) {
		site.era = (enum era)e;
		site_reader(&site);
		site_list_text(&site);
		site_grants(&site, SCOPE_READ, "blog:SELECT");
		site_list_text(&site);
		site_master(&site);
		site_list_text(&site);
	}
	site.era = ERA_2025_11_25;
	again = site_list_text(&site);
	assert_true(str_eq(first, again));
	site_reader(&site);
	assert_false(str_eq(first, site_list_text(&site)));
}

/* Two callers of one fingerprint are still two callers. */
static void
test_the_cache_looks_at_the_rights_themselves(void **state)
{
	uint64_t rights;

	(void)state;
	site_master(&site);
	site_list_text(&site);
	rights = site.who.rights;
	site_grants(&site, SCOPE_READ | SCOPE_WRITE, "shop:SELECT");
	site.who.rights = rights;
	assert_null(strstr(site_names(&site), "blog_"));
}

static void
test_cost_default_list_of_a_read_token(void **state)
{
	(void)state;
	reopen(one_source);
	site_reader(&site);
	for (int e = ERA_2025_06_18; e < ERA_COUNT; e++) {
		site.era = (enum era)e;
		print_message("default list: %zu bytes\n",
		    site_list_text(&site).len);
		assert_true(site_list_text(&site).len <= 10000 - 300);
	}
}

static void
test_cost_one_tool(void **state)
{
	(void)state;
	reopen(one_source);
	site_reader(&site);
	site.era = ERA_2026_07_28;
	assert_true(site_narrow(&site, "sql", "execute_select"));
	print_message("execute_select: %zu bytes\n", site_list_text(&site).len);
	assert_string_equal(site_names(&site), "execute_select");
	assert_true(site_list_text(&site).len <= 1500);
}

static bool
add_up(void *arg, struct str name, size_t bytes)
{
	assert_true(name.len > 0);
	*(size_t *)arg += bytes + 1;
	return true;
}

static void
test_cost_adds_up_to_the_list(void **state)
{
	size_t sum = 1;

	(void)state;
	assert_int_equal(tool_cost(site.catalogue, site.arena, &site.who,
			     &site.filter, site.era, add_up, &sum, &site.fault),
	    ERR_OK);
	assert_int_equal(sum, site_list_text(&site).len);
}

static void
test_pages(void **state)
{
	char settings[2048];
	const char *whole = site_names(&site);
	struct str tools, next, again;

	(void)state;
	snprintf(settings, sizeof(settings), "%s list_page_size = 7;",
	    site_usual);
	whole = strdup(whole);
	reopen(settings);
	assert_string_equal(site_names(&site), whole);
	free((void *)(uintptr_t)whole);
	assert_int_equal(tool_list(site.catalogue, site.arena, &site.who,
			     &site.filter, site.era, &site.seal, site.now_s,
			     (struct str){ NULL, 0 }, &tools, &next,
			     &site.fault),
	    ERR_OK);
	assert_true(next.len > 0);
	/* Of another token, changed, expired, no cursor at all. */
	memcpy(site.who.key.id, "ffffffffffff", 12);
	assert_int_equal(tool_list(site.catalogue, site.arena, &site.who,
			     &site.filter, site.era, &site.seal, site.now_s,
			     next, &tools, &again, &site.fault),
	    ERR_PARAMS);
	site_master(&site);
	assert_int_equal(tool_list(site.catalogue, site.arena, &site.who,
			     &site.filter, site.era, &site.seal,
			     site.now_s + 7200, next, &tools, &again,
			     &site.fault),
	    ERR_PARAMS);
	assert_int_equal(tool_list(site.catalogue, site.arena, &site.who,
			     &site.filter, site.era, &site.seal, site.now_s,
			     STR(""), &tools, &again, &site.fault),
	    ERR_PARAMS);
	assert_int_equal(tool_list(site.catalogue, site.arena, &site.who,
			     &site.filter, site.era, &site.seal, site.now_s,
			     STR("AAAA"), &tools, &again, &site.fault),
	    ERR_PARAMS);
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
	reopen(settings);
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

static void
test_groups_are_switched(void **state)
{
	char settings[2048];

	(void)state;
	snprintf(settings, sizeof(settings), "%s groups = [ \"tdb\" ];",
	    site_usual);
	reopen(settings);
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
	reopen(settings);
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
	reopen(settings);
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
	reopen("state = \"state\"; sources = { shop = { driver = \"sqlite\";"
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

static void
test_source_header(void **state)
{
	char settings[2048];

	(void)state;
	site.era = ERA_2026_07_28;
	assert_null(strstr(site_list_text(&site).p, "x-mcp-header"));
	snprintf(settings, sizeof(settings), "%s source_header = true;",
	    site_usual);
	reopen(settings);
	assert_null(strstr(site_list_text(&site).p, "x-mcp-header"));
	site.era = ERA_2026_07_28;
	for (size_t i = 0; i < json_array_size(site_list(&site)); i++) {
		json_t *props =
		    json_member(json_member(json_array_get(site_list(&site), i),
				    "inputSchema"),
			"properties");
		const char *key;
		json_t *v;

		json_object_foreach(props, key, v)
		{
			bool names = strcmp(key, "catalogName") == 0 ||
				     strcmp(key, "defaultCatalog") == 0 ||
				     strcmp(key, "catalog") == 0;

			assert_int_equal(json_member(v, "x-mcp-header") != NULL,
			    names);
		}
	}
}

struct seen_header {
	int n;
	struct str value;
};

static enum err
take_header(void *arg, const char *header, struct str value, bool is_integer,
    struct fault *f)
{
	struct seen_header *seen = arg;

	(void)f;
	assert_string_equal(header, "Source");
	assert_false(is_integer);
	seen->n++;
	seen->value = value;
	return ERR_OK;
}

static int
headers_of(const char *tool, const char *arguments, struct str *value)
{
	struct seen_header seen = { 0 };
	json_error_t why;
	json_t *args = json_loads(arguments, 0, &why);

	site.call.conf = site.conf;
	site.call.catalogue = site.catalogue;
	site.call.who = &site.who;
	site.call.filter = &site.filter;
	site.call.era = site.era;
	assert_int_equal(tool_headers(&site.call, str_of(tool), args,
			     take_header, &seen, &site.fault),
	    ERR_OK);
	*value = arena_dup(site.arena, seen.value);
	if (seen.value.p == NULL)
		value->p = NULL;
	json_decref(args);
	return seen.n;
}

static void
test_headers_mirror_the_source(void **state)
{
	char settings[2048];
	struct str v;

	(void)state;
	snprintf(settings, sizeof(settings), "%s source_header = true;",
	    site_usual);
	reopen(settings);
	site.era = ERA_2026_07_28;
	assert_int_equal(headers_of("execute_select",
			     "{\"defaultCatalog\":\"shop\"}", &v),
	    1);
	assert_true(str_eq(v, STR("shop")));
	assert_int_equal(headers_of("get_tables", "{}", &v), 1);
	assert_null(v.p);
	assert_int_equal(headers_of("shop_get_tables", "{}", &v), 0);
	assert_int_equal(headers_of("query_source", "{}", &v), 0);
	assert_int_equal(headers_of("no_such", "{}", &v), 0);
	site.era = ERA_2025_11_25;
	assert_int_equal(headers_of("get_tables", "{}", &v), 0);
}

static void
complains(const char *more, const char *word, const char *also)
{
	struct site other;
	char settings[4096];
	const char *said;

	snprintf(settings, sizeof(settings), "%s%s", site_usual, more);
	said = site_complaint(&other, settings);
	assert_non_null(said);
	if (strstr(said, word) == NULL || strstr(said, also) == NULL)
		fail_msg("%s", said);
	site_close(&other);
}

static void
test_colliding_names_are_refused(void **state)
{
	(void)state;
	complains("tools = { shop_get_tables = { source = \"shop\";"
		  " about = \"X.\"; sql = \"SELECT 1\"; }; };",
	    "shop_get_tables", "shop");
	complains("tools = { get_tables = { source = \"shop\";"
		  " about = \"X.\"; sql = \"SELECT 1\"; }; };",
	    "get_tables", "built-in");
	complains("tools = { queryData = { source = \"shop\";"
		  " about = \"X.\"; sql = \"SELECT 1\"; }; };",
	    "queryData", "execute_sql");
	complains("toolkits = { k = { tools = [ \"nope\" ]; }; };", "k",
	    "nope");
}

static void
test_bad_configured_statements_are_refused(void **state)
{
	(void)state;
	complains("tools = { x = { source = \"shop\"; about = \"X.\";"
		  " sql = \"SELECT 1; SELECT 2\"; }; };",
	    "tools.x", "statement");
	complains("tools = { x = { source = \"shop\"; about = \"X.\";"
		  " sql = \"PRAGMA user_version\"; }; };",
	    "tools.x", "PRAGMA");
	complains("tools = { x = { source = \"shop\"; about = \"X.\";"
		  " sql = \"SELECT @day\"; }; };",
	    "tools.x", "@day");
	complains(
	    "tools = { x = { source = \"shop\"; about = \"X.\";"
	    " sql = \"SELECT 1\"; params = { day = { about = \"D.\"; }; }; }; };",
	    "tools.x", "@day");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		CASE(test_check_1_every_right_sees_all_twelve),
		CASE(test_order_is_catalogue_then_sources_by_name),
		CASE(test_check_2_types_are_disjoint_and_whole),
		CASE(test_check_3_ops_lists_the_op_and_its_source_forms),
		CASE(test_check_4_bad_words_are_quoted),
		CASE(test_every_base_name_is_recognised),
		CASE(test_check_5_a_read_token_sees_no_writer),
		CASE(test_verbs_decide_source_by_source),
		CASE(test_a_token_without_rights_sees_catalogs_at_most),
		CASE(test_execute_sql_says_what_it_may),
		CASE(test_annotations_are_the_published_three),
		CASE(test_check_7_every_input_schema_is_in_the_subset),
		CASE(test_check_10_fields_by_era),
		CASE(test_lists_are_byte_identical),
		CASE(test_the_cache_looks_at_the_rights_themselves),
		CASE(test_cost_default_list_of_a_read_token),
		CASE(test_cost_one_tool),
		CASE(test_cost_adds_up_to_the_list),
		CASE(test_pages),
		CASE(test_path_serves_one_source),
		CASE(test_toolkit_serves_its_names),
		CASE(test_groups_are_switched),
		CASE(test_source_ops_limit_the_source_forms),
		CASE(test_procedures_appear_with_a_procedure),
		CASE(test_instructions_of_a_source_appear_with_a_text),
		CASE(test_source_tools_begin_with_the_source),
		CASE(test_query_source_is_the_published_one),
		CASE(test_source_header),
		CASE(test_headers_mirror_the_source),
		CASE(test_colliding_names_are_refused),
		CASE(test_bad_configured_statements_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
