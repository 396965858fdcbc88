/* SPDX-License-Identifier: ISC */
/* query_source: one SELECT, and its published texts (tools.md 4.1). */
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
	case_again(one_table);
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
	case_again(settings);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, case_close)
		CASE(test_query_source),
		CASE(test_query_source_truncates),
		CASE(test_query_source_texts),
		CASE(test_query_source_in_the_words_of_the_page),
		CASE(test_query_source_without_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
