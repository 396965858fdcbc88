/* SPDX-License-Identifier: ISC */
/* confirm_writes: counted, asked, run once for a yes, and not at all else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tool_site.h"

#define ALL_ZERO "UPDATE orders SET total = 0 WHERE id > 1"
#define SUM      "SELECT CAST(100 * sum(total) AS INTEGER) FROM orders"
#define YES      "{\"confirm\":{\"action\":\"accept\",\"content\":{\"goOn\":true}}}"
#define NO       "{\"confirm\":{\"action\":\"accept\",\"content\":{\"goOn\":false}}}"

static const char configured[] =
    "confirm_writes = \"ask\";\n"
    "tools = {\n"
    "  drop_order = { source = \"shop\"; about = \"Deletes an order.\";\n"
    "    sql = \"DELETE FROM orders WHERE id = @id\";\n"
    "    params = { id = { type = \"integer\"; about = \"Id.\";"
    " required = true; }; }; };\n"
    "  add_customer = { source = \"shop\"; about = \"Adds a customer.\";\n"
    "    sql = \"INSERT INTO customers(name) VALUES(@name)\";"
    " procedure = true;\n"
    "    params = { name = { type = \"string\"; about = \"Name.\";"
    " required = true; }; }; };\n"
    "};\n";

static struct site site;
static struct tool_asking asking;
static int used; /* answers used up */

static enum err
once(const struct tool_asking *a, struct fault *f)
{
	assert_ptr_equal(a, &asking);
	return used++ == 0 ? ERR_OK : fault_set(f, ERR_CONFLICT, "used before");
}

static int
setup(void **state)
{
	char settings[4096];

	(void)state;
	snprintf(settings, sizeof(settings), "%s%s", site_usual, configured);
	site_open(&site, settings);
	asking = (struct tool_asking){ .can = "elicitation",
		.form = true,
		.once = once };
	site.call.asking = &asking;
	used = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

static const char *
query(const char *sql)
{
	return arena_fmt(site.arena,
	    "{\"query\":\"%s\",\"defaultCatalog\":\"shop\"}", sql)
	    .p;
}

static json_t *
tree(struct str text)
{
	struct fault f = { 0 };
	json_t *v = NULL;

	if (json_parse(site.arena, text, &json_limits_default, &v, &f) !=
	    ERR_OK)
		fail_msg("no JSON: %.*s", (int)text.len, text.p);
	return v;
}

static const json_t *
question(void)
{
	return json_member(json_member(tree(site.result.ask), "confirm"),
	    "params");
}

/* It asks, with this message. */
static void
asks(const char *tool, const char *arguments, const char *message)
{
	enum err e = site_call(&site, tool, arguments);

	assert_int_equal(e, ERR_OK);
	if (str_is_empty(site.result.ask))
		fail_msg("%s asks nothing: %s", tool, site.text);
	assert_string_equal(json_text(json_member(question(), "message")).p,
	    message);
}

/* The next call brings this answer to the question of the last. */
static void
answer(const char *json)
{
	asking.answers = tree(str_of(json));
	asking.state = arena_dup(site.arena, site.result.state);
}

static int64_t
sum(void)
{
	return site_count(&site, "shop.db", SUM);
}

static void
yes_runs_once(void **state)
{
	json_t *o;

	(void)state;
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	assert_int_equal(sum(), 2975);
	assert_int_equal(site.attempt.affected, -1);
	answer(YES);
	o = site_ok(&site, "execute_update", query(ALL_ZERO));
	assert_int_equal(json_integer_value(
			     json_member(json_array_get(json_member(o,
							    "results"),
					     0),
				 "affectedRows")),
	    2);
	assert_null(json_member(o, "notices"));
	assert_int_equal(site.attempt.affected, 2);
	assert_int_equal(sum(), 950);
	site_sql(&site, "shop.db", "UPDATE orders SET total = 10");
	site_err(&site, "execute_update", query(ALL_ZERO), ERR_CONFLICT);
	assert_int_equal(sum(), 3000);
}

static void
no_runs_nothing(void **state)
{
	static const char *const noes[] = { NO,
		"{\"confirm\":{\"action\":\"decline\"}}",
		"{\"confirm\":{\"action\":\"cancel\"}}", "{}" };

	(void)state;
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	for (size_t i = 0; i < sizeof(noes) / sizeof(noes[0]); i++) {
		answer(noes[i]);
		assert_non_null(strstr(site_err(&site, "execute_update",
					   query(ALL_ZERO), ERR_CANCELLED),
		    "nothing was changed"));
		assert_int_equal(sum(), 2975);
		asking.answers = NULL;
		asks("execute_update", query(ALL_ZERO),
		    "This UPDATE changes 2 rows of shop.orders. Go on?");
	}
	assert_int_equal(used, 0);
}

static void
another_count_asks_anew(void **state)
{
	(void)state;
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	answer(YES);
	site_sql(&site, "shop.db",
	    "INSERT INTO orders(id, total) VALUES(9, 1), (10, 1)");
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes 4 rows of shop.orders. Go on?");
	assert_int_equal(sum(), 3175);
	used = 0; /* a question of its own */
	answer(YES);
	site_ok(&site, "execute_update", query(ALL_ZERO));
	assert_int_equal(sum(), 950);
}

/* A yes is for the statement that was counted. */
static void
another_statement_asks_anew(void **state)
{
	(void)state;
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	answer(YES);
	asks("execute_update",
	    query("UPDATE orders SET total = 1 WHERE id > 1"),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	asks("execute_update", query(ALL_ZERO " /* other */"),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	asking.state = STR("{\"count\":2}");
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	asking.state = STR("");
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes 2 rows of shop.orders. Go on?");
	assert_int_equal(sum(), 2975);
	assert_int_equal(used, 0);
}

static void
words_of_each(void **state)
{
	(void)state;
	asks("execute_insert",
	    query("insert into big select n + 2000 from big limit 1000"),
	    "This INSERT adds 1,000 rows to shop.big. Go on?");
	asks("execute_sql", query("DELETE FROM orders WHERE id = 3"),
	    "This DELETE removes 1 row from shop.orders. Go on?");
	asks("execute_sql",
	    query("WITH x AS (SELECT 2 AS i) UPDATE orders SET total = 0"
		  " WHERE id IN (SELECT i FROM x)"),
	    "This UPDATE changes 1 row of shop. Go on?");
	asks("drop_order", "{\"id\":2}",
	    "This DELETE removes 1 row from shop.orders. Go on?");
	assert_string_equal(
	    json_text(
		json_member(json_member(json_member(json_member(question(),
							"requestedSchema"),
					    "properties"),
				"goOn"),
		    "description"))
		.p,
	    "drop_order; id = 2");
	asks("execute_procedure",
	    "{\"procedure\":\"shop.main.add_customer\",\"parameters\":{\"name\":\"Cy\"}}",
	    "This INSERT adds 1 row to shop.customers. Go on?");
	answer(YES);
	site_ok(&site, "execute_procedure",
	    "{\"procedure\":\"shop.main.add_customer\",\"parameters\":{\"name\":\"Cy\"}}");
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM customers"),
	    3);
}

/* A long statement is cut at a character. */
static void
long_statements(void **state)
{
	char sql[700] = "UPDATE orders SET note = '";
	struct str about;
	size_t n = strlen(sql);

	(void)state;
	for (int i = 0; i < 300; i++, n += 2)
		memcpy(sql + n, "\xc3\xa4", 3);
	memcpy(sql + n, "' WHERE id = 1", 15);
	asks("execute_update", query(sql),
	    "This UPDATE changes 1 row of shop.orders. Go on?");
	about = json_text(
	    json_member(json_member(json_member(json_member(question(),
						    "requestedSchema"),
					"properties"),
			    "goOn"),
		"description"));
	assert_true(about.len <= 310);
	assert_true(str_ends(about, STR("\xc3\xa4 \xe2\x80\xa6")));
}

/* A change of the structure is not tried first. */
static void
structure(void **state)
{
	(void)state;
	site_close(&site);
	site_open(&site,
	    "state = \"state\";\nbase_url = \"http://127.0.0.1/mcp\";\n"
	    "confirm_writes = \"ask\";\n"
	    "sources = { shop = { driver = \"sqlite\"; path = \"shop.db\";"
	    " readonly = false; ddl = true; }; };\n");
	site.call.asking = &asking;
	asks("execute_sql", query("CREATE TABLE fresh(x)"),
	    "This CREATE changes the structure of shop. Go on?");
	assert_int_equal(site_count(&site, "shop.db",
			     "SELECT count(*) FROM sqlite_schema"
			     " WHERE name = 'fresh'"),
	    0);
	answer(YES);
	site_ok(&site, "execute_sql", query("CREATE TABLE fresh(x)"));
	site_err(&site, "execute_sql", query("CREATE TABLE fresh(x)"),
	    ERR_CONFLICT);
	assert_int_equal(used, 2);
}

/* Engines that keep what is tried are not tried first. */
static void
no_way_back(void **state)
{
	struct conf_source *s =
	    (struct conf_source *)(uintptr_t)site.conf->sources;

	(void)state;
	for (size_t i = 0; i < site.conf->nsources; i++)
		s[i].unsafe_engines = true;
	asks("execute_update", query(ALL_ZERO),
	    "This UPDATE changes rows of shop.orders. Go on?");
	assert_int_equal(sum(), 2975);
	answer(YES);
	site_ok(&site, "execute_update", query(ALL_ZERO));
	assert_int_equal(sum(), 950);
}

/* Nothing to ask about. */
static void
no_question(void **state)
{
	(void)state;
	site_ok(&site, "execute_select", query("SELECT 1"));
	site_ok(&site, "execute_update",
	    query("UPDATE orders SET total = 0 WHERE id > 99"));
	site_ok(&site, "execute_update",
	    "{\"query\":\"" ALL_ZERO "\",\"dryRun\":true,"
	    "\"defaultCatalog\":\"shop\"}");
	site_ok(&site, "execute_sql",
	    "{\"query\":\"" ALL_ZERO "\",\"schemaOnly\":true,"
	    "\"defaultCatalog\":\"shop\"}");
	assert_int_equal(sum(), 2975);
	/* And what cannot run is said before anybody is asked. */
	site_err(&site, "execute_update",
	    query("UPDATE none SET x = 1 WHERE 1"), ERR_TABLE_NOT_FOUND);
	site_reader(&site);
	assert_int_equal(site_call(&site, "execute_update", query(ALL_ZERO)),
	    ERR_UNKNOWN_TOOL);
}

/* Site and token: who is asked, and what holds for who cannot be. */
static void
rules(void **state)
{
	enum what { RUNS, ASKS, REFUSED };
	static const struct {
		enum conf_confirm site;
		int key;
		enum what can, cannot;
	} rows[] = {
		{ CONFIRM_ALLOW, -1, RUNS, RUNS },
		{ CONFIRM_ALLOW, CONFIRM_ALLOW, RUNS, RUNS },
		{ CONFIRM_ALLOW, CONFIRM_ASK, ASKS, REFUSED },
		{ CONFIRM_ALLOW, CONFIRM_REFUSE, ASKS, REFUSED },
		{ CONFIRM_ASK, -1, ASKS, REFUSED },
		{ CONFIRM_ASK, CONFIRM_ALLOW, ASKS, RUNS },
		{ CONFIRM_ASK, CONFIRM_ASK, ASKS, REFUSED },
		{ CONFIRM_ASK, CONFIRM_REFUSE, ASKS, REFUSED },
		{ CONFIRM_REFUSE, -1, REFUSED, REFUSED },
		{ CONFIRM_REFUSE, CONFIRM_ALLOW, REFUSED, REFUSED },
	};
	static const struct tool_asking page = { .url = true };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int way = 0; way < 3; way++) {
			enum what want =
			    way == 0 ? rows[i].can : rows[i].cannot;

			site.conf->confirm_writes = rows[i].site;
			site.who.key.confirm = rows[i].key;
			site.call.asking = way == 0   ? &asking
					   : way == 1 ? &page
						      : NULL;
			if (want == REFUSED) {
				site_err(&site, "execute_update",
				    query(ALL_ZERO), ERR_PERMISSION_DENIED);
				assert_int_equal(sum(), 2975);
				continue;
			}
			assert_int_equal(site_call(&site, "execute_update",
					     query(ALL_ZERO)),
			    ERR_OK);
			assert_int_equal(str_is_empty(site.result.ask),
			    want == RUNS);
			assert_int_equal(sum(), want == RUNS ? 950 : 2975);
			site_sql(&site, "shop.db",
			    "UPDATE orders SET total = 20 WHERE id = 2;"
			    "UPDATE orders SET total = 0.25 WHERE id = 3");
		}
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(yes_runs_once),
		CASE(no_runs_nothing),
		CASE(another_count_asks_anew),
		CASE(another_statement_asks_anew),
		CASE(words_of_each),
		CASE(long_statements),
		CASE(structure),
		CASE(no_way_back),
		CASE(no_question),
		CASE(rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
