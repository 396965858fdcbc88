/* SPDX-License-Identifier: ISC */
/* What a configuration may not hold, and headers that mirror a source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/tool_case.h"

static void
test_source_header(void **state)
{
	char settings[2048];

	(void)state;
	site.era = ERA_2026_07_28;
	assert_null(strstr(site_list_text(&site).p, "x-mcp-header"));
	snprintf(settings, sizeof(settings), "%s source_header = true;",
	    site_usual);
	case_again(settings);
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
	case_again(settings);
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

/* A program of the folder takes no other tool's name, nor the whole catalogue
 * with it; a toolkit that names it lacks it. */
static void
test_unfit_programs_are_left_out(void **state)
{
	static const struct {
		const char *name, *text, *words;
	} rows[] = {
		{ "get_tables", "# about: x\n",
		    "is the name of a built-in tool" },
		{ "shop_get_tables", "# about: x\n",
		    "is the name of get_tables of source shop" },
		{ "queryData", "# about: x\n", "is an alias of execute_sql" },
		{ "mute", "true\n",
		    ":1: left out: tool mute: say what it does" },
	};
	char dir[] = "/tmp/mcp-left-XXXXXX", settings[4096], path[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said;
		FILE *out;

		snprintf(path, sizeof(path), "%s/%s", dir, rows[i].name);
		out = fopen(path, "w");
		assert_non_null(out);
		fprintf(out, "#!/bin/sh\n%s", rows[i].text);
		assert_int_equal(fchmod(fileno(out), 0755), 0);
		assert_int_equal(fclose(out), 0);
		snprintf(settings, sizeof(settings),
		    "%s tools_dir = \"%s\"; toolkits = { k = { tools = [ \"%s\" ]; }; };",
		    site_usual, dir, rows[i].name);
		case_again(settings);
		said = catalogue_left(site.catalogue, 0);
		assert_non_null(said);
		if (strstr(said, rows[i].words) == NULL ||
		    strncmp(said, path, strlen(path)) != 0)
			fail_msg("%s: %s", rows[i].name, said);
		assert_null(catalogue_left(site.catalogue, 1));
		assert_non_null(strstr(site_list_text(&site).p, "get_tables"));
		assert_null(strstr(site_list_text(&site).p, "\"mute\""));
		site_ok(&site, "get_tables", "{\"catalogName\":\"shop\"}");
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
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
		  " sql = \"DROP TABLE orders\"; }; };",
	    "ddl = true", "DROP");
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
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_source_header),
		CASE(test_headers_mirror_the_source),
		CASE(test_colliding_names_are_refused),
		CASE(test_unfit_programs_are_left_out),
		CASE(test_bad_configured_statements_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
