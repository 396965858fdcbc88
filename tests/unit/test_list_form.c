/* SPDX-License-Identifier: ISC */
/*
 * The form of tools/list: schemas, fields by era, pages, bytes (tools.md 1.2,
 * 1.3; 8, checks 7 and 10; DESIGN 8a).
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

static const char one_source[] =
    "state = \"state\"; base_url = \"http://127.0.0.1/mcp\";\n"
    "sources = { shop = { driver = \"sqlite\"; path = \"shop.db\";"
    " about = \"Orders and customers of the web shop\"; }; };\n";

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
	case_again(settings);
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
	case_again(one_source);
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
	case_again(one_source);
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
	case_again(settings);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_check_7_every_input_schema_is_in_the_subset),
		CASE(test_lists_are_byte_identical),
		CASE(test_the_cache_looks_at_the_rights_themselves),
		CASE(test_cost_default_list_of_a_read_token),
		CASE(test_cost_one_tool),
		CASE(test_cost_adds_up_to_the_list),
		CASE(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
