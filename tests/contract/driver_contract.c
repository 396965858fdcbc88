/* SPDX-License-Identifier: ISC */
/*
 * The cases every driver must pass: values, parameters, limits, writes,
 * metadata, errors, deadlines, hidden and masked names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract.h"

/* Of the contract that runs; cmocka's tests take no argument of ours. */
static const struct contract *the;
static struct conf_source spec;
static struct conf conf;
static struct sources *sources;
static struct outcome out;
static struct sql_ask ask;
static struct contract_case now;

static int
set_up(void **state)
{
	*state = &now;
	spec = (struct conf_source){
		.name = "shop",
		.driver = the->driver,
		.timeout = 20,
		.connect_timeout = 5,
		.max_sql = 65536,
	};
	the->set_up(&spec);
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	sources = sources_new(&conf);
	out = (struct outcome){ .a = arena_new((size_t)1 << 24) };
	ask = (struct sql_ask){
		.classes = ~0u,
		.verbs = VERB_ALL,
		.all_rows = true,
		.max_rows = 1000,
		.max_affected = 1000,
	};
	now = (struct contract_case){ the, &conf, sources, &out };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sources_free(sources);
	arena_free(out.a);
	the->tear_down();
	return 0;
}

static void
gives(const char *sql, const char *want)
{
	contract_ask(sources, &ask, sql, true, &out);
	if (!str_eq(out.rows, str_of(want)))
		print_error("%s\n  %s (%s) [%s]\n", sql, out.f.msg, out.f.hint,
		    out.f.log);
	assert_string_equal(arena_z(out.a, out.rows), want);
}

/* An error with words in its sentence or hint. */
static void
refuses(const char *sql, const char *code, const char *words)
{
	gives(sql, code);
	if (words != NULL && strstr(out.f.msg, words) == NULL &&
	    strstr(out.f.hint, words) == NULL)
		fail_msg("%s: %s / %s", sql, out.f.msg, out.f.hint);
}

static void
values_are_exact(void **state)
{
	(void)state;
	gives("SELECT id, name, email, phone FROM customers ORDER BY id",
	    "1|'Ann'|'a@x'|'111'\n2|'Bob'|'b@x'|'222'\n3|'Eve'|null|null\n");
	gives("SELECT active FROM customers ORDER BY id",
	    the->booleans != NULL ? the->booleans : "true\nfalse\nnull\n");
	gives("SELECT big, r FROM numbers ORDER BY id", the->numbers);
	gives("SELECT '', 'it''s', 1", "''|'it's'|1\n");
	gives("SELECT 1 FROM customers WHERE id = 99", "");
	assert_string_equal(arena_z(out.a, out.columns), the->constant);
}

static void
columns_are_described(void **state)
{
	(void)state;
	gives(
	    "SELECT id, name, active, id AS other FROM customers WHERE id = 1",
	    the->booleans != NULL ? "1|'Ann'|1|1\n" : "1|'Ann'|true|1\n");
	assert_string_equal(arena_z(out.a, out.columns),
	    arena_fmt(out.a, "id:8,name:5,active:%d,other:8",
		the->boolean != 0 ? the->boolean : DT_BOOLEAN)
		.p);
	gives("SELECT total, day FROM orders WHERE id = 99", "");
	assert_string_equal(arena_z(out.a, out.columns),
	    arena_fmt(out.a, "total:%d,day:15", the->decimal).p);
	ask.describe = true;
	gives("SELECT id, name FROM customers", "");
	assert_string_equal(arena_z(out.a, out.columns), "id:8,name:5");
	refuses("SELECT nosuch FROM customers", "COLUMN_NOT_FOUND", NULL);
}

static void
parameters_are_bound(void **state)
{
	struct param p[] = {
		{ STR("id"), { VALUE_INT, { .i = 2 } }, 1, DT_UNKNOWN },
		{ STR("name"), { VALUE_TEXT, { .s = STR("x' OR '1'='1") } }, 1,
		    DT_UNKNOWN },
	};

	(void)state;
	ask.params = p;
	ask.nparams = 1;
	gives("SELECT name FROM customers WHERE id = @id", "'Bob'\n");
	gives(
	    "SELECT name FROM customers WHERE id=@id OR id = @id - 1 ORDER BY "
	    "id",
	    "'Ann'\n'Bob'\n");
	gives("SELECT '@id', name FROM customers WHERE id = @id -- @other",
	    "'@id'|'Bob'\n");
	refuses("SELECT @id, @other", "INVALID_ARGUMENT", "@other");
	refuses("SELECT 1", "INVALID_ARGUMENT", "@id");
	ask.nparams = 2;
	gives("SELECT id FROM customers WHERE name = @name AND id <> @id", "");
	p[0].value = (struct value){ .kind = VALUE_NULL };
	ask.nparams = 1;
	gives("SELECT id FROM customers WHERE name = @id", "");
}

static void
rows_are_limited(void **state)
{
	static const struct {
		int64_t skip, max, rows;
		bool more;
	} cases[] = { { 0, 1999, 1999, true }, { 0, 2000, 2000, false },
		{ 0, 2001, 2000, false }, { 1999, 10, 1, false },
		{ 1990, 9, 9, true }, { 2000, 10, 0, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask.skip = cases[i].skip;
		ask.max_rows = cases[i].max;
		contract_ask(sources, &ask, "SELECT n FROM many ORDER BY n",
		    true, &out);
		assert_int_equal(out.e, ERR_OK);
		assert_int_equal(out.nrows, cases[i].rows);
		assert_int_equal(out.done.more, cases[i].more);
	}
	ask.skip = 0;
	ask.max_rows = 2;
	gives("SELECT n FROM many", "1\n2\n");
	assert_false(out.done.has_key);
	gives("SELECT id, name FROM customers", "1|'Ann'\n2|'Bob'\n");
	assert_int_equal(out.done.has_key, !the->only_inserts && !the->heap);
}

/* Where a write cannot be taken back it is not sent before the end. */
static void
inserts_wait_for_the_end(void)
{
	contract_ask(sources, &ask, "INSERT INTO many (n) VALUES (3001)", false,
	    &out);
	assert_int_equal(out.e, ERR_OK);
	assert_int_equal(out.done.affected, 1);
	gives("SELECT count(*) FROM many", "2000\n");
	gives("INSERT INTO many (n) VALUES (3001), (3002)", "");
	assert_int_equal(out.done.affected, 2);
	gives("INSERT INTO many (n) SELECT id FROM customers", "");
	assert_int_equal(out.done.affected, 3);
	gives("SELECT count(*) FROM many", "2005\n");
	gives("SELECT 1", "1\n");
	assert_int_equal(out.done.affected, -1);
	refuses("UPDATE orders SET total = 1 WHERE id < 3",
	    "STATEMENT_NOT_ALLOWED", "INSERT");
}

static void
writes_wait_for_the_end(void **state)
{
	(void)state;
	if (the->only_inserts) {
		inserts_wait_for_the_end();
		return;
	}
	contract_ask(sources, &ask, "UPDATE orders SET total = 1 WHERE id < 3",
	    false, &out);
	assert_int_equal(out.e, ERR_OK);
	assert_int_equal(out.done.affected, 2);
	gives("SELECT count(*) FROM orders WHERE total = 1", "0\n");
	gives("UPDATE orders SET total = 1 WHERE id < 3", "");
	gives("SELECT count(*) FROM orders WHERE total = 1", "2\n");
	gives("INSERT INTO many (n) VALUES (3001), (3002)", "");
	assert_int_equal(out.done.affected, 2);
	gives("DELETE FROM many WHERE n > 3000", "");
	assert_int_equal(out.done.affected, 2);
	gives("UPDATE orders SET total = 1 WHERE id = 99", "");
	assert_int_equal(out.done.affected, 0);
	gives("SELECT 1", "1\n");
	assert_int_equal(out.done.affected, -1);
}

static void
inserts_have_a_ceiling(void)
{
	ask.max_affected = 2;
	gives("INSERT INTO many VALUES (1), (2)", "");
	refuses("INSERT INTO many VALUES (1), (2), (3)", "TOO_LARGE", "3");
	refuses("INSERT INTO many SELECT id FROM customers", "TOO_LARGE", "3");
	ask.dry_run = true;
	refuses("INSERT INTO many VALUES (1)", "STATEMENT_NOT_ALLOWED", NULL);
	ask.dry_run = false;
	gives("SELECT count(*) FROM many", "2002\n");
}

static void
writes_have_a_ceiling(void **state)
{
	(void)state;
	if (the->only_inserts) {
		inserts_have_a_ceiling();
		return;
	}
	ask.max_affected = 2;
	gives("UPDATE customers SET phone = 'x' WHERE id <= 2", "");
	refuses("UPDATE customers SET phone = 'y'", "TOO_LARGE", "3");
	gives("SELECT count(*) FROM customers WHERE phone = 'y'", "0\n");
	ask.max_affected = 3;
	ask.dry_run = true;
	gives("UPDATE customers SET phone = 'z'", "");
	assert_int_equal(out.done.affected, 3);
	assert_true(out.done.rolled_back);
	ask.dry_run = false;
	gives("SELECT count(*) FROM customers WHERE phone = 'z'", "0\n");
}

static void
writes_return_rows(void **state)
{
	(void)state;
	if (!the->returning)
		skip();
	gives("INSERT INTO orders (id, customer, total) VALUES (10, 1, 2) "
	      "RETURNING id, customer",
	    "10|1\n");
	assert_int_equal(out.done.affected, 1);
	if (the->no_update_returns)
		return;
	ask.max_rows = 1;
	gives("UPDATE orders SET customer = 2 RETURNING customer", "2\n");
	assert_int_equal(out.done.affected, 4);
	assert_true(out.done.more);
	gives("SELECT count(*) FROM orders WHERE customer = 2", "4\n");
}

static void
failed_writes_change_nothing(void **state)
{
	(void)state;
	if (the->only_inserts)
		skip();
	refuses(
	    "INSERT INTO customers (id, name) VALUES (4, 'D'), (1, 'again')",
	    "CONSTRAINT_VIOLATION", NULL);
	refuses("INSERT INTO customers (id, name) VALUES (5, NULL)",
	    "CONSTRAINT_VIOLATION", NULL);
	gives("SELECT count(*) FROM customers", "3\n");
}

static void
rights_are_asked_of_the_engine(void **state)
{
	static const struct {
		unsigned verbs;
		const char *sql;
	} cases[] = {
		{ VERB_SELECT, "INSERT INTO many (n) VALUES (1)" },
		{ VERB_SELECT | VERB_INSERT, "UPDATE many SET n = 1" },
		{ VERB_SELECT | VERB_UPDATE, "DELETE FROM many" },
		{ VERB_SELECT | VERB_DELETE,
		    "INSERT INTO many (n) VALUES (1)" },
		{ VERB_INSERT, "SELECT 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask.verbs = cases[i].verbs;
		refuses(cases[i].sql, "PERMISSION_DENIED", NULL);
	}
	ask.verbs = VERB_ALL;
	ask.classes = SQL_BIT(SQL_SELECT);
	refuses("DELETE FROM many", "STATEMENT_NOT_ALLOWED", "DELETE");
	ask.classes = ~0u;
	ask.all_rows = false;
	refuses("UPDATE many SET n = 1", "STATEMENT_NOT_ALLOWED", "WHERE");
	spec.readonly = true;
	refuses("DELETE FROM many WHERE n = 1", "READ_ONLY", "DELETE");
	refuses("COMMIT", "STATEMENT_NOT_ALLOWED", "COMMIT");
	refuses("CREATE TABLE x (y INT)", "READ_ONLY", "CREATE");
	gives("SELECT count(*) FROM many", "2000\n");
}

static void
errors_help(void **state)
{
	(void)state;
	refuses(the->wrong_sql, "SQL_SYNTAX", NULL);
	assert_true(out.f.position > 0);
	refuses("SELECT * FROM custmers", "TABLE_NOT_FOUND", "customers");
	refuses("SELECT nane FROM customers", "COLUMN_NOT_FOUND", "name");
	assert_non_null(strstr(out.f.msg, "nane"));
	refuses("SELECT 1; SELECT 2", "MULTIPLE_STATEMENTS", NULL);
	refuses("SELECT 'open", "SQL_SYNTAX", "closed");
	refuses("", "SQL_SYNTAX", NULL);
	ask.schema = STR("nosuch");
	refuses("SELECT 1", "SCHEMA_NOT_FOUND", "nosuch");
	ask.schema = (struct str){ 0 };
	gives("SELECT count(*) FROM customers", "3\n");
}

static bool
give_up(void *arg, int64_t elapsed_ms)
{
	(void)elapsed_ms;
	++*(int *)arg;
	return false;
}

static void
deadlines_hold(void **state)
{
	int beats = 0;
	const struct source_pulse pulse = { give_up, &beats };
	int64_t began = clock_mono_ms();

	(void)state;
	if (the->slow_sql == NULL)
		skip();
	ask.deadline = deadline_in(100);
	refuses(the->slow_sql, "TIMEOUT", "limit");
	assert_true(clock_mono_ms() - began < 5000);
	ask.deadline = (struct deadline){ 0 };
	gives("SELECT 1", "1\n");
	ask.pulse = &pulse;
	refuses(the->slow_sql, "CANCELLED", NULL);
	assert_int_equal(beats, 1);
	assert_true(clock_mono_ms() - began < 10000);
	ask.pulse = NULL;
	gives("SELECT 1", "1\n");
}

static void
data_is_a_name_for_a_table(void **state)
{
	(void)state;
	ask.data = STR("orders");
	gives("SELECT count(*) FROM data", "3\n");
	gives("SELECT 'data' FROM data WHERE id = 1", "'data'\n");
	if (!the->only_inserts)
		gives(
		    "WITH x AS (SELECT 2 AS id) SELECT data.id FROM data JOIN x "
		    "ON x.id = data.id",
		    "2\n");
	refuses("SELECT nosuch FROM data", "COLUMN_NOT_FOUND", NULL);
	gives("SELECT count(*) FROM customers", "3\n");
	ask.data = (struct str){ 0 };
	refuses("SELECT * FROM data", "TABLE_NOT_FOUND", NULL);
}

static void
hide_some(void)
{
	static const char *deny[] = { "hidden_*", "customers.email" };
	static const char *mask[] = { "customers.phone" };

	spec.deny = (struct conf_names){ deny, 2 };
	spec.mask = (struct conf_names){ mask, 1 };
}

static void
hidden_names_are_not_there(void **state)
{
	struct meta_ask m = { .what = META_TABLES };

	(void)state;
	if (the->no_rules)
		skip();
	hide_some();
	gives("SELECT * FROM customers ORDER BY id",
	    the->booleans != NULL
		? "1|'Ann'|'***'|1\n2|'Bob'|'***'|0\n3|'Eve'|'***'|null\n"
		: "1|'Ann'|'***'|true\n2|'Bob'|'***'|false\n3|'Eve'|'***'|null\n");
	gives("SELECT id FROM customers WHERE phone = '111'", "");
	gives("SELECT count(*) FROM customers", "3\n");
	refuses("SELECT email FROM customers", "COLUMN_NOT_FOUND", "email");
	assert_null(strstr(out.f.hint, "email"));
	refuses("SELECT * FROM hidden_pay", "TABLE_NOT_FOUND", "hidden_pay");
	assert_null(strstr(out.f.hint, "hidden_pay"));
	refuses("SELECT * FROM hidden_none", "TABLE_NOT_FOUND", "hidden_none");
	refuses("SELECT * FROM pay", "TABLE_NOT_FOUND", "pay");
	contract_meta(sources, &m, &out);
	assert_null(strstr(arena_z(out.a, out.rows), "pay"));
	contract_column_is(&now, STR("customers"), STR("phone"), "'phone'|3|",
	    "|'masked: ");
	m = (struct meta_ask){ .what = META_COLUMNS, .pattern = STR("email") };
	contract_meta(sources, &m, &out);
	assert_null(strstr(arena_z(out.a, out.rows), "email"));
}

static void
plans_are_shown(void **state)
{
	(void)state;
	ask.explain = true;
	contract_ask(sources, &ask, "SELECT * FROM customers WHERE id = 1",
	    true, &out);
	assert_int_equal(out.e, ERR_OK);
	assert_true(out.nrows > 0);
	/* No values are needed for it. */
	contract_ask(sources, &ask, "SELECT * FROM customers WHERE id = @id",
	    true, &out);
	assert_int_equal(out.e, ERR_OK);
	assert_true(out.nrows > 0);
	contract_ask(sources, &ask,
	    the->only_inserts ? "INSERT INTO many VALUES (1)"
			      : "DELETE FROM many",
	    true, &out);
	assert_int_equal(out.e, ERR_OK);
	ask.explain = false;
	gives("SELECT count(*) FROM many", "2000\n");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
contract_run(const struct contract *c)
{
	const struct CMUnitTest tests[] = {
		CASE(values_are_exact),
		CASE(columns_are_described),
		CASE(parameters_are_bound),
		CASE(rows_are_limited),
		CASE(writes_wait_for_the_end),
		CASE(writes_have_a_ceiling),
		CASE(writes_return_rows),
		CASE(failed_writes_change_nothing),
		CASE(rights_are_asked_of_the_engine),
		CASE(errors_help),
		CASE(deadlines_hold),
		CASE(data_is_a_name_for_a_table),
		CASE(contract_tables),
		CASE(contract_columns),
		CASE(contract_procedures),
		CASE(contract_calls),
		CASE(contract_stamp),
		CASE(hidden_names_are_not_there),
		CASE(plans_are_shown),
	};

	the = c;
	return cmocka_run_group_tests_name(c->driver, tests, NULL, NULL);
}
