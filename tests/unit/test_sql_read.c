/* SPDX-License-Identifier: ISC */
/*
 * Reading SQL on real SQLite files: results, values, the source that is meant
 * (tools.md 8, check 9).
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

static void
test_select(void **state)
{
	json_t *o;

	(void)state;
	site_reader(&site);
	o = site_ok(&site, "execute_select",
	    shop("SELECT id, total, note FROM orders ORDER BY id", ""));
	assert_string_equal(site_rows(&site, o),
	    "[[1,9.5,\"first\"],[2,20,null],[3,0.25,\"t\\\"x\"]]");
	assert_int_equal(number_of(o, "rowsReturned"), 3);
	assert_null(json_member(o, "truncated"));
	assert_null(json_member(o, "nextCursor"));
	assert_int_equal(affected(o), -1);
	assert_int_equal(site.attempt.rows, 3);
	assert_true(str_eq(site.attempt.source, STR("shop")));
	assert_true(str_eq(site.attempt.tool, STR("execute_select")));
	assert_true(site.attempt.bytes > 100);
	assert_int_equal(site.begins, 1);
}

static void
test_schema_names_the_source(void **state)
{
	json_t *o =
	    site_ok(&site, "execute_select", shop("SELECT id FROM orders", ""));
	json_t *c =
	    json_array_get(json_member(json_array_get(json_member(o, "results"),
					   0),
			       "schema"),
		0);

	(void)state;
	assert_string_equal(text_of(c, "catalogName"), "shop");
	assert_string_equal(text_of(c, "columnName"), "id");
	assert_int_equal(number_of(c, "ordinal"), 0);
}

static void
test_parameters(void **state)
{
	json_t *o = site_ok(&site, "execute_select",
	    shop("SELECT name FROM customers WHERE id = @id OR name = @n",
		"\"parameters\":{\"@id\":1,\"n\":\"Bob\"}"));

	(void)state;
	assert_string_equal(site_rows(&site, o), "[[\"Ann\"],[\"Bob\"]]");
	assert_non_null(site.attempt.params_hash);
	assert_non_null(strstr(site_err(&site, "execute_select",
				   shop("SELECT @a", ""), ERR_INVALID_ARGUMENT),
	    "a"));
	site_err(&site, "execute_select",
	    shop("SELECT 1", "\"parameters\":{\"x\":1}"), ERR_INVALID_ARGUMENT);
}

static void
test_values_are_bound(void **state)
{
	json_t *o = site_ok(&site, "execute_select",
	    shop("SELECT @t, typeof(@i), typeof(@b), @big, typeof(@bin)",
		"\"parameters\":{\"t\":\"x'; DROP TABLE orders; --\",\"i\":5,"
		"\"b\":true,\"big\":{\"dataType\":9,\"value\":"
		"\"9007199254740993\"},\"bin\":{\"dataType\":1,\"value\":"
		"\"AP8=\"}}"));

	(void)state;
	assert_string_equal(site_rows(&site, o),
	    "[[\"x'; DROP TABLE orders; --\",\"integer\",\"integer\","
	    "\"9007199254740993\",\"blob\"]]");
}

static void
test_parameters_ceiling(void **state)
{
	(void)state;
	for (int n = 99; n <= 101; n++) {
		struct buf sql, values;
		const char *args;

		buf_init(&sql, site.arena, 1 << 20);
		buf_init(&values, site.arena, 1 << 20);
		for (int i = 0; i < n; i++) {
			buf_fmt(&sql, "%s@p%d", i == 0 ? "SELECT " : "+", i);
			buf_fmt(&values, "%s\"p%d\":1",
			    i == 0 ? "\"parameters\":{" : ",", i);
		}
		buf_char(&values, '}');
		args = shop(arena_z(site.arena, buf_text(&sql)),
		    arena_z(site.arena, buf_text(&values)));
		if (n > 100)
			assert_string_equal(site_bad(&site, "execute_select",
						args),
			    "Invalid parameters: field 'parameters' must hold "
			    "at most 100 values");
		else
			site_ok(&site, "execute_select", args);
	}
}

static void
test_sql_ceiling(void **state)
{
	(void)state;
	for (int n = 65535; n <= 65537; n++) {
		char *sql = arena_get(site.arena, (size_t)n + 1);

		memset(sql, ' ', (size_t)n);
		memcpy(sql, "SELECT 1", 8);
		sql[n] = '\0';
		if (n > 65536)
			assert_string_equal(site_bad(&site, "execute_select",
						shop(sql, "")),
			    "Invalid parameters: field 'query' must be between "
			    "1 and 65536 bytes long");
		else
			site_ok(&site, "execute_select", shop(sql, ""));
	}
}

static void
test_check_9_rows_and_integers(void **state)
{
	json_t *o;

	(void)state;
	o = site_ok(&site, "execute_select",
	    shop("SELECT 9007199254740993", ""));
	assert_string_equal(site_rows(&site, o), "[[\"9007199254740993\"]]");
	o = site_ok(&site, "execute_select",
	    shop("SELECT n FROM big ORDER BY n", ""));
	assert_int_equal(number_of(o, "rowsReturned"), 1000);
	assert_true(json_is_true(json_member(o, "truncated")));
	assert_string_equal(text_of(o, "truncationReason"), "rows");
	for (int n = 999; n <= 1000; n++) {
		char sql[80];

		snprintf(sql, sizeof(sql),
		    "SELECT n FROM big WHERE n <= %d ORDER BY n", n);
		o = site_ok(&site, "execute_select", shop(sql, ""));
		assert_int_equal(number_of(o, "rowsReturned"), n);
		assert_null(json_member(o, "truncated"));
	}
}

static void
test_max_rows(void **state)
{
	json_t *o = site_ok(&site, "execute_select",
	    shop("SELECT n FROM big ORDER BY n", "\"maxRows\":2"));

	(void)state;
	assert_string_equal(site_rows(&site, o), "[[1],[2]]");
	assert_string_equal(text_of(o, "truncationReason"), "rows");
	assert_false(notice(o, "lowered"));
	o = site_ok(&site, "execute_select",
	    shop("SELECT 1", "\"maxRows\":5000,\"timeout\":300"));
	assert_true(notice(o, "maxRows lowered to 1000"));
	assert_true(notice(o, "timeout lowered to 30"));
	o = site_ok(&site, "execute_select",
	    shop("SELECT 1", "\"maxRows\":1000,\"timeout\":30"));
	assert_null(json_member(o, "notices"));
	/* The token's own limit is the smaller one. */
	site.who.key.max_rows = 3;
	o = site_ok(&site, "execute_select",
	    shop("SELECT n FROM big ORDER BY n", "\"maxRows\":10"));
	assert_int_equal(number_of(o, "rowsReturned"), 3);
	assert_true(notice(o, "maxRows lowered to 3"));
}

static void
test_bytes_and_cells(void **state)
{
	json_t *o;

	(void)state;
	o = site_ok(&site, "execute_select",
	    shop("SELECT n, replace(hex(n)||'0123456789', '0', '"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "') FROM big ORDER BY n",
		""));
	assert_string_equal(text_of(o, "truncationReason"), "bytes");
	assert_true(site.result.structured.len < 101000);
	assert_true(site.result.structured.len > 90000);
	assert_true(json_is_string(json_member(o, "nextCursor")));
}

static void
test_schema_only(void **state)
{
	json_t *o = site_ok(&site, "execute_sql",
	    shop("SELECT id, note FROM orders", "\"schemaOnly\":true"));

	(void)state;
	assert_string_equal(site_rows(&site, o), "[]");
	assert_int_equal(json_array_size(
			     json_member(json_array_get(json_member(o,
							    "results"),
					     0),
				 "schema")),
	    2);
	assert_null(json_member(o, "rowsReturned"));
}

static void
test_source_is_chosen(void **state)
{
	json_t *o;

	(void)state;
	assert_string_equal(site_bad(&site, "execute_select",
				"{\"query\":\"SELECT 1\"}"),
	    "Invalid parameters: missing required field 'defaultCatalog'");
	assert_string_equal(site.fault.hint, "one of: blog, shop");
	o = site_ok(&site, "execute_select",
	    "{\"query\":\"SELECT title FROM [blog].[main].[posts] ORDER BY id\"}");
	assert_string_equal(site_rows(&site, o), "[[\"Hello\"],[\"World\"]]");
	o = site_ok(&site, "execute_select",
	    "{\"query\":\"SELECT count(*) FROM \\\"shop\\\".main.orders\"}");
	assert_string_equal(site_rows(&site, o), "[[3]]");
	assert_non_null(strstr(
	    site_err(&site, "execute_select",
		"{\"query\":\"SELECT * FROM shop.main.orders, blog.main.posts\"}",
		ERR_STATEMENT_NOT_ALLOWED),
	    "Hint: query them one at a time."));
	site_err(&site, "execute_select",
	    shop("SELECT * FROM blog.main.posts", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_ok(&site, "execute_select",
	    shop("SELECT * FROM shop.main.orders", ""));
	o = site_ok(&site, "shop_execute_select",
	    "{\"query\":\"SELECT count(*) FROM shop.main.orders\"}");
	assert_string_equal(site_rows(&site, o), "[[3]]");
	assert_non_null(
	    strstr(site_err(&site, "execute_select",
		       "{\"query\":\"SELECT 1\",\"defaultCatalog\":\"nope\"}",
		       ERR_SOURCE_NOT_FOUND),
		"visible sources: blog, shop."));
	site_grants(&site, SCOPE_READ, "shop:SELECT");
	site_ok(&site, "execute_select", "{\"query\":\"SELECT 1\"}");
	site_err(&site, "execute_select",
	    "{\"query\":\"SELECT 1\",\"defaultCatalog\":\"blog\"}",
	    ERR_SOURCE_NOT_FOUND);
}

static void
test_path_is_the_default_source(void **state)
{
	(void)state;
	site.filter.source = conf_source_index(site.conf, STR("blog"));
	site_ok(&site, "execute_select", "{\"query\":\"SELECT * FROM posts\"}");
	site_ok(&site, "execute_select",
	    "{\"query\":\"SELECT 1\",\"defaultCatalog\":\"blog\"}");
	site_err(&site, "execute_select",
	    "{\"query\":\"SELECT 1\",\"defaultCatalog\":\"shop\"}",
	    ERR_SOURCE_NOT_FOUND);
	site_err(&site, "execute_select",
	    "{\"query\":\"SELECT * FROM shop.main.orders\"}",
	    ERR_SOURCE_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_select),
		CASE(test_schema_names_the_source),
		CASE(test_parameters),
		CASE(test_values_are_bound),
		CASE(test_parameters_ceiling),
		CASE(test_sql_ceiling),
		CASE(test_check_9_rows_and_integers),
		CASE(test_max_rows),
		CASE(test_bytes_and_cells),
		CASE(test_schema_only),
		CASE(test_source_is_chosen),
		CASE(test_path_is_the_default_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
