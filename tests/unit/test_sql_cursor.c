/* SPDX-License-Identifier: ISC */
/* Cursors of rows: they walk a result and belong to one statement. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/tool_case.h"

/* Walk a result page by page: every row once, in order. */
static void
test_cursor_walks_the_whole(void **state)
{
	const char *more = "\"maxRows\":400";
	int next = 1;

	(void)state;
	for (int page = 0; page < 3; page++) {
		json_t *o = site_ok(&site, "execute_select",
		    shop("SELECT n FROM big ORDER BY n", more));
		json_t *rows =
		    json_member(json_array_get(json_member(o, "results"), 0),
			"rows");

		for (size_t i = 0; i < json_array_size(rows); i++)
			assert_int_equal(json_integer_value(
					     json_array_get(json_array_get(rows,
								i),
						 0)),
			    next++);
		if (page < 2)
			more = arena_fmt(site.arena,
			    "\"maxRows\":400,\"cursor\":\"%s\"",
			    text_of(o, "nextCursor"))
				   .p;
		else
			assert_null(json_member(o, "nextCursor"));
	}
	assert_int_equal(next, 1002);
}

static void
test_cursor_belongs_to_one_statement(void **state)
{
	json_t *o = site_ok(&site, "execute_select",
	    shop("SELECT n FROM big WHERE n > @a ORDER BY n",
		"\"maxRows\":2,\"parameters\":{\"a\":1}"));
	const char *cursor = text_of(o, "nextCursor");
	char more[512];

	(void)state;
	assert_true(strlen(cursor) > 20);
	snprintf(more, sizeof(more), "\"cursor\":\"%s\"", cursor);
	site_err(&site, "execute_select",
	    shop("SELECT n FROM big ORDER BY n DESC", more),
	    ERR_CURSOR_INVALID);
	snprintf(more, sizeof(more),
	    "\"parameters\":{\"a\":2},\"cursor\":\"%s\"", cursor);
	site_err(&site, "execute_select",
	    shop("SELECT n FROM big WHERE n > @a ORDER BY n", more),
	    ERR_CURSOR_INVALID);
	snprintf(more, sizeof(more),
	    "\"parameters\":{\"a\":1},\"cursor\":\"%s\"", cursor);
	site.now_s += 7200;
	site_err(&site, "execute_select",
	    shop("SELECT n FROM big WHERE n > @a ORDER BY n", more),
	    ERR_CURSOR_INVALID);
	site.now_s -= 7200;
	site_ok(&site, "execute_select",
	    shop("SELECT n FROM big WHERE n > @a ORDER BY n", more));
	memcpy(site.who.key.id, "ffffffffffff", 12);
	site_err(&site, "execute_select",
	    shop("SELECT n FROM big WHERE n > @a ORDER BY n", more),
	    ERR_CURSOR_INVALID);
	site_err(&site, "execute_select",
	    shop("SELECT n FROM big ORDER BY n", "\"cursor\":\"AAAA\""),
	    ERR_CURSOR_INVALID);
}

static void
test_no_cursor_without_an_order(void **state)
{
	json_t *o = site_ok(&site, "execute_select",
	    shop("SELECT total % 7 FROM orders, big", "\"maxRows\":2"));

	(void)state;
	assert_true(json_is_true(json_member(o, "truncated")));
	assert_null(json_member(o, "nextCursor"));
}

static void
test_cursor_with_a_write(void **state)
{
	json_t *o = site_ok(&site, "execute_sql",
	    shop("SELECT n FROM big ORDER BY n", "\"maxRows\":1"));
	char more[512];

	(void)state;
	snprintf(more, sizeof(more), "\"cursor\":\"%s\"",
	    text_of(o, "nextCursor"));
	site_err(&site, "execute_sql",
	    shop("DELETE FROM orders WHERE id = 1", more), ERR_CURSOR_INVALID);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, case_open, case_close)
		CASE(test_cursor_walks_the_whole),
		CASE(test_cursor_belongs_to_one_statement),
		CASE(test_no_cursor_without_an_order),
		CASE(test_cursor_with_a_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
