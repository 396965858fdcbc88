/* SPDX-License-Identifier: ISC */
/* The metadata every driver must give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract.h"

void
contract_tables(void **state)
{
	struct contract_case *c = *state;
	struct outcome *out = c->out;
	struct meta_ask m = { .what = META_TABLES };

	contract_meta(c->sources, &m, out);
	assert_int_equal(out->nrows, 7);
	assert_string_equal(arena_z(out->a, out->columns),
	    "TABLE_SCHEMA:5,TABLE_NAME:5,TABLE_TYPE:5,REMARKS:5,ROW_ESTIMATE:9");
	m.type = STR("VIEW");
	contract_meta(c->sources, &m, out);
	assert_int_equal(out->nrows, 2);
	m.type = STR("TABLE");
	m.table = STR("ORDERS");
	contract_meta(c->sources, &m, out);
	assert_int_equal(out->nrows, 1);
	assert_non_null(
	    strstr(arena_z(out->a, out->rows), "'orders'|'TABLE'|"));
	m.table = (struct str){ 0 };
	m.pattern = STR("cust%");
	contract_meta(c->sources, &m, out);
	assert_int_equal(out->nrows, 1);
	m.schema = STR("nosuch");
	contract_meta(c->sources, &m, out);
	assert_int_equal(out->nrows, 0);
	m = (struct meta_ask){ .what = META_SCHEMAS };
	contract_meta(c->sources, &m, out);
	assert_true(out->nrows >= 1);
}

/* COLUMN_NAME|ORDINAL_POSITION|DATA_TYPE … as "column" has them. */
void
contract_column_is(struct contract_case *c, struct str table, struct str column,
    const char *a, const char *b)
{
	struct meta_ask m = { .what = META_COLUMNS,
		.table = table,
		.column = column };
	struct outcome *out = c->out;
	const char *row;

	contract_meta(c->sources, &m, out);
	row = arena_z(out->a, out->rows);
	if (out->nrows != 1 || strstr(row, a) == NULL || strstr(row, b) == NULL)
		fail_msg("%s: want %s and %s", row, a, b);
}

void
contract_columns(void **state)
{
	struct contract_case *c = *state;
	struct outcome *out = c->out;
	struct meta_ask m = { .what = META_COLUMNS, .pattern = STR("%id%") };
	bool plain = c->contract->only_inserts;

	contract_column_is(c, STR("customers"), STR("id"), "'id'|1|8|",
	    "|'NO'|null|'PRI'|");
	contract_column_is(c, STR("customers"), STR("name"), "'name'|2|5|",
	    plain ? "|null|null|'NO'|" : "|40|null|'NO'|");
	contract_column_is(c, STR("customers"), STR("email"), "'email'|3|5|",
	    plain ? "|'YES'|" : "|'UNI'|");
	contract_column_is(c, STR("customers"), STR("Active"),
	    arena_fmt(out->a, "'active'|5|%d|",
		c->contract->boolean != 0 ? c->contract->boolean : DT_BOOLEAN)
		.p,
	    "|'YES'|");
	contract_column_is(c, STR("orders"), STR("customer"), "'customer'|2|8|",
	    plain ? "|'NO'|" : "customers.id'|");
	contract_column_is(c, STR("orders"), STR("total"),
	    c->contract->wide_type, "|10|2|");
	contract_meta(c->sources, &m, out);
	assert_int_equal(out->nrows, 6);
	assert_string_equal(arena_z(out->a, out->columns),
	    "TABLE_SCHEMA:5,TABLE_NAME:5,COLUMN_NAME:5,ORDINAL_POSITION:8,"
	    "DATA_TYPE:8,TYPE_NAME:5,COLUMN_SIZE:8,DECIMAL_DIGITS:8,"
	    "IS_NULLABLE:5,COLUMN_DEF:5,KEY:5,REFERENCES:5,REMARKS:5");
}

void
contract_procedures(void **state)
{
	struct contract_case *c = *state;
	struct outcome *out = c->out;
	static const struct conf_param params[] = {
		{ .name = "day",
		    .type = CONF_STRING,
		    .about = "Day",
		    .required = true },
		{ .name = "n",
		    .type = CONF_INTEGER,
		    .has_default = true,
		    .dflt = "5" },
	};
	static const struct conf_tool tools[] = {
		{ .name = "orders_of_day",
		    .about = "Orders",
		    .procedure = true,
		    .params = params,
		    .nparams = 2 },
		{ .name = "other" },
	};
	struct meta_ask m = { .what = META_PROCEDURES };

	c->conf->tools = tools;
	c->conf->ntools = 2;
	contract_meta(c->sources, &m, out);
	/* Behind those of the engine, if it has any. */
	assert_true(str_ends(out->rows,
	    STR("'main'|'orders_of_day'|'PROCEDURE'|'Orders'\n")));
	m.what = META_PARAMETERS;
	m.procedure = STR("Orders_Of_Day");
	contract_meta(c->sources, &m, out);
	assert_string_equal(arena_z(out->a, out->rows),
	    "'main'|'orders_of_day'|'@day'|1|1|5|'string'|'YES'|null|'Day'\n"
	    "'main'|'orders_of_day'|'@n'|2|1|9|'integer'|'NO'|'5'|null\n");
}

static uint64_t
stamp_after(struct contract_case *c, const char *sql)
{
	uint64_t stamp = 0;

	if (sql != NULL)
		c->contract->script(sql);
	assert_int_equal(source_stamp(c->sources, 0, c->out->a, &stamp),
	    STAMP_OK);
	sources_reset(c->sources);
	return stamp;
}

/* It differs with the structure, and with nothing else. */
void
contract_stamp(void **state)
{
	struct contract_case *c = *state;
	static const char *const changes[] = {
		"CREATE TABLE fresh (id INTEGER)",
		"ALTER TABLE fresh ADD COLUMN note VARCHAR(10)",
		"CREATE VIEW fresher AS SELECT id FROM fresh",
		"DROP VIEW fresher",
		"DROP TABLE fresh",
	};
	uint64_t was, is;

	if (c->contract->script == NULL)
		return;
	was = stamp_after(c, NULL);
	assert_true(stamp_after(c, NULL) == was);
	assert_true(stamp_after(c, "INSERT INTO many VALUES (2001)") == was);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		is = stamp_after(c, changes[i]);
		assert_true(is != was);
		was = is;
	}
}
