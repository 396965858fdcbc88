/* SPDX-License-Identifier: ISC */
/*
 * The tools that take SQL, on real SQLite files: results, budgets, cursors,
 * writes, the audit line before them; the checks 6, 8 and 9 of tools.md 8.
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

static void
reopen(const char *more)
{
	char settings[4096];

	snprintf(settings, sizeof(settings), "%s%s", site_usual, more);
	site_close(&site);
	site_open(&site, settings);
}

/* {"query":SQL,"defaultCatalog":"shop", more} */
static const char *
shop(const char *sql, const char *more)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, site.arena, 1 << 20);
	json_out_init(&out, &b, NULL);
	json_obj(&out, NULL);
	json_z(&out, "query", sql);
	json_z(&out, "defaultCatalog", "shop");
	json_end(&out);
	buf_cut(&b, b.len - 1);
	buf_fmt(&b, "%s%s}", more[0] != '\0' ? "," : "", more);
	return arena_z(site.arena, buf_text(&b));
}

static const char *
text_of(json_t *o, const char *key)
{
	struct str s = json_text(json_member(o, key));

	return s.p == NULL ? "" : s.p;
}

static int
number_of(json_t *o, const char *key)
{
	return (int)json_integer_value(json_member(o, key));
}

static bool
notice(json_t *o, const char *word)
{
	json_t *all = json_member(o, "notices");

	for (size_t i = 0; i < json_array_size(all); i++)
		if (strstr(json_text(json_array_get(all, i)).p, word) != NULL)
			return true;
	return false;
}

static int
affected(json_t *o)
{
	return number_of(json_array_get(json_member(o, "results"), 0),
	    "affectedRows");
}

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

static void
test_insert(void **state)
{
	json_t *o = site_ok(&site, "execute_insert",
	    shop("INSERT INTO customers(name) VALUES(@n) RETURNING id",
		"\"parameters\":{\"n\":\"Cid\"}"));

	(void)state;
	assert_int_equal(affected(o), 1);
	assert_string_equal(site_rows(&site, o), "[[3]]");
	assert_int_equal(site.attempt.affected, 1);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers WHERE name='Cid'"),
	    1);
	o = site_ok(&site, "execute_insert",
	    shop("INSERT INTO customers(name) VALUES('Dan')", ""));
	assert_int_equal(affected(o), 1);
	assert_null(json_member(o, "rowsReturned"));
}

static void
test_dry_run(void **state)
{
	json_t *o = site_ok(&site, "execute_update",
	    shop("UPDATE orders SET paid = 1 WHERE id > 1", "\"dryRun\":true"));

	(void)state;
	assert_int_equal(affected(o), 2);
	assert_true(notice(o, "rolled back"));
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT sum(paid) FROM orders"),
	    2);
	site_ok(&site, "execute_update",
	    shop("UPDATE orders SET paid = 1 WHERE id > 1", ""));
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT sum(paid) FROM orders"),
	    3);
}

static void
test_update_wants_a_where(void **state)
{
	(void)state;
	site_err(&site, "execute_update",
	    shop("UPDATE orders SET paid = 0", ""), ERR_STATEMENT_NOT_ALLOWED);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT sum(paid) FROM orders"),
	    2);
	assert_int_equal(affected(site_ok(&site, "execute_update",
			     shop("UPDATE orders SET paid = 0",
				 "\"allowAllRows\":true"))),
	    3);
}

static void
test_max_affected(void **state)
{
	const char *text = site_err(&site, "execute_update",
	    shop("UPDATE big SET n = n + 10000", "\"allowAllRows\":true"),
	    ERR_TOO_LARGE);

	(void)state;
	assert_non_null(strstr(text, "1001"));
	assert_int_equal(site_count(&site, "shop.db", "SELECT max(n) FROM big"),
	    1001);
	site_ok(&site, "execute_update",
	    shop("UPDATE big SET n = n + 10000 WHERE n <= 1000", ""));
}

/* RETURNING more rows than fit changes every row all the same. */
static void
test_a_cap_never_cuts_a_write(void **state)
{
	json_t *o;

	(void)state;
	site.who.key.max_rows = 5;
	o = site_ok(&site, "execute_update",
	    shop("UPDATE big SET n = n + 10000 WHERE n <= 500 RETURNING n",
		""));
	assert_int_equal(affected(o), 500);
	assert_int_equal(number_of(o, "rowsReturned"), 5);
	assert_true(json_is_true(json_member(o, "truncated")));
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM big WHERE n > 10000"),
	    500);
}

static void
test_delete_goes_through_execute_sql(void **state)
{
	json_t *o = site_ok(&site, "execute_sql",
	    shop("DELETE FROM orders WHERE id = 1", ""));

	(void)state;
	assert_int_equal(affected(o), 1);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    2);
	site_grants(&site, SCOPE_READ | SCOPE_WRITE,
	    "shop:SELECT,INSERT,UPDATE");
	site_err(&site, "execute_sql",
	    shop("DELETE FROM orders WHERE id = 2", ""), ERR_PERMISSION_DENIED);
	site_reader(&site);
	site_call(&site, "execute_sql",
	    shop("DELETE FROM orders WHERE id = 2", ""));
	assert_true(site.result.is_error);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    2);
}

static void
test_ddl_only_with_the_word_of_the_source(void **state)
{
	(void)state;
	site_err(&site, "execute_sql", shop("CREATE TABLE t(x)", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_close(&site);
	site_open(&site,
	    "state = \"state\"; sources = { shop = { driver = \"sqlite\";"
	    " path = \"shop.db\"; readonly = false; ddl = true; }; };");
	site_ok(&site, "execute_sql", shop("CREATE TABLE t(x)", ""));
	assert_int_equal(site_count(&site, "shop.db", "SELECT count(*) FROM t"),
	    0);
	site_grants(&site, SCOPE_READ | SCOPE_WRITE,
	    "shop:SELECT,INSERT,UPDATE,DELETE");
	site_err(&site, "execute_sql", shop("CREATE TABLE u(x)", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
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

/* Nothing of this may change anything, whichever tool gets it. */
static const char *const attacks[] = {
	"WITH x AS (DELETE FROM orders) SELECT 1",
	"/**/DELETE FROM orders",
	"-- c\nDELETE FROM orders",
	"SELECT 1; DELETE FROM orders",
	"SELECT 1\nDELETE FROM orders",
	"/*!DELETE FROM orders*/",
	"SELECT * INTO OUTFILE '/tmp/x' FROM orders",
	"SELECT * FROM orders INTO OUTFILE '/tmp/x'",
	"PRAGMA writable_schema = 1",
	"ATTACH 'x.db' AS x",
	"COPY orders TO '/tmp/x'",
	"VACUUM INTO 'copy.db'",
	"BEGIN",
	"COMMIT",
	"REPLACE INTO orders(id) VALUES(1)",
	"DROP TABLE orders",
	"SELECT load_extension('x')",
	"SELECT * FROM secret",
};

static void
test_check_8_attacks_are_refused(void **state)
{
	static const char *const tools[] = { "execute_select", "execute_insert",
		"execute_update", "query_source", "explain_sql" };

	(void)state;
	for (size_t t = 0; t < sizeof(tools) / sizeof(tools[0]); t++)
		for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]);
		     i++) {
			const char *args = shop(attacks[i], "");

			if (strcmp(tools[t], "query_source") == 0)
				args = arena_fmt(site.arena,
				    "{\"source_name\":\"shop\",%s", args + 1)
					   .p;
			if (strcmp(tools[t], "explain_sql") == 0 &&
			    strstr(attacks[i], "REPLACE") != NULL)
				continue; /* a plan may be seen by a master */
			if (site_call(&site, tools[t],
				strcmp(tools[t], "explain_sql") == 0
				    ? arena_fmt(site.arena,
					  "{\"catalog\":\"shop\",\"statement\":%s",
					  strchr(args, ':') + 1)
					  .p
				    : args) == ERR_OK &&
			    !site.result.is_error)
				fail_msg("%s: %s", tools[t], attacks[i]);
		}
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM orders"),
	    3);
}

static void
test_check_8_words_in_quotes_are_answered(void **state)
{
	json_t *o =
	    site_ok(&site, "execute_select", shop("SELECT 'delete; drop'", ""));

	(void)state;
	assert_string_equal(site_rows(&site, o), "[[\"delete; drop\"]]");
	site_sql(&site, "shop.db",
	    "CREATE TABLE t(\"update\"); INSERT INTO t VALUES(7)");
	o = site_ok(&site, "execute_select",
	    shop("SELECT \"update\" FROM t", ""));
	assert_string_equal(site_rows(&site, o), "[[7]]");
	o = site_ok(&site, "execute_select", shop("SELECT 1 -- drop", ""));
	assert_string_equal(site_rows(&site, o), "[[1]]");
}

static void
test_classes_by_tool(void **state)
{
	(void)state;
	site_err(&site, "execute_select",
	    shop("INSERT INTO customers(name) VALUES('x')", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_select", shop("EXPLAIN SELECT 1", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_insert", shop("SELECT 1", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_insert",
	    shop("INSERT OR REPLACE INTO customers VALUES(1,'x',NULL)", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_update",
	    shop("DELETE FROM orders WHERE id=1", ""),
	    ERR_STATEMENT_NOT_ALLOWED);
	site_err(&site, "execute_select", shop("SELECT 'x", ""),
	    ERR_SQL_SYNTAX);
	site_err(&site, "execute_select", shop("SELECT 1; SELECT 2", ""),
	    ERR_MULTIPLE_STATEMENTS);
}

static void
test_names_are_suggested(void **state)
{
	(void)state;
	assert_non_null(
	    strstr(site_err(&site, "execute_select",
		       shop("SELECT * FROM ordres", ""), ERR_TABLE_NOT_FOUND),
		"orders"));
	assert_non_null(strstr(site_err(&site, "execute_select",
				   shop("SELECT totl FROM orders", ""),
				   ERR_COLUMN_NOT_FOUND),
	    "total"));
}

static void
test_mask_and_deny(void **state)
{
	json_t *o = site_ok(&site, "execute_select",
	    shop("SELECT phone FROM customers ORDER BY id", ""));

	(void)state;
	assert_null(strstr(site_rows(&site, o), "555"));
	site_call(&site, "execute_select", shop("SELECT * FROM secret", ""));
	assert_true(site.result.is_error);
	assert_null(strstr(site.text, "hidden"));
}

/* No line, no statement. */
static void
test_audit_comes_first(void **state)
{
	(void)state;
	site.audit_fails = true;
	assert_int_equal(site_call(&site, "execute_insert",
			     shop("INSERT INTO customers(name) VALUES('x')",
				 "")),
	    ERR_UNAVAILABLE);
	assert_int_equal(site.begins, 1);
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers"),
	    2);
	reopen("audit_required = false;");
	site.audit_fails = true;
	site_ok(&site, "execute_insert",
	    shop("INSERT INTO customers(name) VALUES('x')", ""));
}

static enum err
charge(void *arg, int source, struct fault *f)
{
	assert_true(source >= 0);
	++*(int *)arg;
	return *(int *)arg > 1 ? fault_set(f, ERR_RATE, "slow down") : ERR_OK;
}

static void
test_the_source_is_charged(void **state)
{
	int n = 0;

	(void)state;
	site.call.charge = charge;
	site.call.charge_arg = &n;
	site_ok(&site, "execute_select", shop("SELECT 1", ""));
	assert_int_equal(n, 1);
	assert_int_equal(site_call(&site, "execute_select",
			     shop("SELECT 1", "")),
	    ERR_RATE);
	assert_int_equal(site_call(&site, "get_tables", "{}"), ERR_RATE);
}

struct watch {
	struct tool_events events;
	struct tool_guard guard;
	int progress, alive, armed, disarmed;
	double last;
	int64_t ms;
	bool gone;
};

static bool
on_progress(struct tool_events *e, double progress, double total,
    struct str message)
{
	struct watch *w = (struct watch *)e;

	assert_true(progress > w->last);
	assert_true(total == 0);
	assert_true(message.len > 0);
	w->last = progress;
	w->progress++;
	return !w->gone;
}

static bool
on_alive(struct tool_events *e)
{
	struct watch *w = (struct watch *)e;

	w->alive++;
	return !w->gone;
}

static void
on_arm(struct tool_guard *g, int64_t ms)
{
	struct watch *w =
	    (struct watch *)((char *)g - offsetof(struct watch, guard));

	w->armed++;
	w->ms = ms;
}

static void
on_disarm(struct tool_guard *g)
{
	((struct watch *)((char *)g - offsetof(struct watch, guard)))
	    ->disarmed++;
}

static const char slow[] =
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c)"
    " SELECT count(*) FROM c";

static void
test_progress_and_guard(void **state)
{
	struct watch w = { .events = { on_progress, NULL, on_alive },
		.guard = { on_arm, on_disarm } };

	(void)state;
	site.call.events = &w.events;
	site.call.guard = &w.guard;
	assert_non_null(strstr(site_err(&site, "execute_select",
				   shop(slow, "\"timeout\":2"), ERR_TIMEOUT),
	    "2"));
	assert_true(w.progress >= 1);
	assert_true(w.alive >= 1);
	assert_int_equal(w.armed, 1);
	assert_int_equal(w.disarmed, 1);
	assert_int_equal(w.ms, 2000 + 1000 * site.conf->limits.hard_extra);
	/* The next statement finds everything in order. */
	site_ok(&site, "execute_select", shop("SELECT 1", ""));
}

static void
test_a_gone_client_ends_it(void **state)
{
	struct watch w = { .events = { on_progress, NULL, on_alive },
		.gone = true };

	(void)state;
	site.call.events = &w.events;
	site_err(&site, "execute_select", shop(slow, "\"timeout\":20"),
	    ERR_CANCELLED);
}

static void
test_forbidden_is_unknown(void **state)
{
	const char *args = shop("INSERT INTO customers(name) VALUES('x')", "");

	(void)state;
	site_reader(&site);
	assert_int_equal(site_call(&site, "execute_insert", args),
	    ERR_UNKNOWN_TOOL);
	assert_string_equal(site.fault.msg, "Unknown tool: execute_insert");
	assert_int_equal(site_call(&site, "shop_execute_insert", args),
	    ERR_UNKNOWN_TOOL);
	assert_int_equal(site_call(&site, "execData", args), ERR_UNKNOWN_TOOL);
	assert_int_equal(site_call(&site, "no_such_tool", args),
	    ERR_UNKNOWN_TOOL);
	assert_string_equal(site.fault.msg, "Unknown tool: no_such_tool");
	site.era = ERA_2024_11_05;
	assert_int_equal(site_call(&site, "execute_insert", args),
	    ERR_UNKNOWN_TOOL);
	assert_string_equal(site.fault.msg, "Tool not found: execute_insert");
	assert_string_equal(site.attempt.code, "UNKNOWN_TOOL");
}

static void
test_aliases_are_audited_under_the_real_name(void **state)
{
	(void)state;
	site_ok(&site, "query_data", shop("SELECT 1", ""));
	assert_true(str_eq(site.attempt.tool, STR("execute_sql")));
	site_ok(&site, "queryData", shop("SELECT 1", ""));
	site_ok(&site, "getTables", "{}");
	assert_true(str_eq(site.attempt.tool, STR("get_tables")));
	assert_null(strstr(site_names(&site), "getTables"));
	reopen("aliases = false;");
	assert_int_equal(site_call(&site, "getTables", "{}"), ERR_UNKNOWN_TOOL);
}

static void
test_filter_calls(void **state)
{
	(void)state;
	assert_true(site_narrow(&site, "universal", NULL));
	site_ok(&site, "execute_select", shop("SELECT 1", ""));
	reopen("filter_calls = true;");
	assert_true(site_narrow(&site, "universal", NULL));
	assert_int_equal(site_call(&site, "execute_select",
			     shop("SELECT 1", "")),
	    ERR_UNKNOWN_TOOL);
	site_ok(&site, "get_tables", "{}");
}

/* The forms of 1.5 in each era. */
static void
test_check_10_results_by_era(void **state)
{
	(void)state;
	for (int e = 0; e < ERA_COUNT; e++) {
		site.era = (enum era)e;
		site_ok(&site, "execute_select", shop("SELECT 1 AS a", ""));
		assert_int_equal(site.structured != NULL, e >= ERA_2025_06_18);
		site_err(&site, "execute_select",
		    shop("SELECT nope FROM orders", ""), ERR_COLUMN_NOT_FOUND);
		assert_int_equal(site.result.structured.len, 0);
	}
}

static void
test_a_lost_database_is_unreachable(void **state)
{
	const char *text;

	(void)state;
	remove(arena_fmt(site.arena, "%s/blog.db", site.dir).p);
	text = site_err(&site, "execute_select",
	    "{\"query\":\"SELECT 1\",\"defaultCatalog\":\"blog\"}",
	    ERR_SOURCE_UNREACHABLE);
	assert_null(strstr(text, site.dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		CASE(test_select),
		CASE(test_schema_names_the_source),
		CASE(test_parameters),
		CASE(test_values_are_bound),
		CASE(test_parameters_ceiling),
		CASE(test_sql_ceiling),
		CASE(test_check_9_rows_and_integers),
		CASE(test_max_rows),
		CASE(test_bytes_and_cells),
		CASE(test_cursor_walks_the_whole),
		CASE(test_cursor_belongs_to_one_statement),
		CASE(test_no_cursor_without_an_order),
		CASE(test_schema_only),
		CASE(test_source_is_chosen),
		CASE(test_path_is_the_default_source),
		CASE(test_insert),
		CASE(test_dry_run),
		CASE(test_update_wants_a_where),
		CASE(test_max_affected),
		CASE(test_a_cap_never_cuts_a_write),
		CASE(test_delete_goes_through_execute_sql),
		CASE(test_ddl_only_with_the_word_of_the_source),
		CASE(test_cursor_with_a_write),
		CASE(test_check_8_attacks_are_refused),
		CASE(test_check_8_words_in_quotes_are_answered),
		CASE(test_classes_by_tool),
		CASE(test_names_are_suggested),
		CASE(test_mask_and_deny),
		CASE(test_audit_comes_first),
		CASE(test_the_source_is_charged),
		CASE(test_progress_and_guard),
		CASE(test_a_gone_client_ends_it),
		CASE(test_forbidden_is_unknown),
		CASE(test_aliases_are_audited_under_the_real_name),
		CASE(test_filter_calls),
		CASE(test_check_10_results_by_era),
		CASE(test_a_lost_database_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
