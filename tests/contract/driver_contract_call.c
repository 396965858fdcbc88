/* SPDX-License-Identifier: ISC */
/* Procedures of an engine that has them: listed, called, taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract.h"

static void
calls(struct contract_case *c, struct sql_ask *ask, const char *procedure,
    const char *rows)
{
	contract_call(c->sources, ask, procedure, true, c->out);
	if (!str_eq(c->out->rows, str_of(rows)))
		fail_msg("%s: want %s, got %s: %s / %s", procedure, rows,
		    arena_z(c->out->a, c->out->rows), c->out->f.msg,
		    c->out->f.hint);
}

static void
count_is(struct contract_case *c, const char *sql, const char *rows)
{
	struct sql_ask ask = { .classes = ~0u,
		.verbs = VERB_ALL,
		.max_rows = 10 };

	contract_ask(c->sources, &ask, sql, false, c->out);
	assert_string_equal(arena_z(c->out->a, c->out->rows), rows);
}

static void
are_listed(struct contract_case *c)
{
	struct meta_ask m = { .what = META_PROCEDURES,
		.procedure = STR("Take_Order") };

	contract_meta(c->sources, &m, c->out);
	assert_int_equal(c->out->nrows, 1);
	assert_non_null(strstr(arena_z(c->out->a, c->out->rows),
	    c->contract->sets != NULL ? "'take_order'|'FUNCTION'|"
				      : "'take_order'|'PROCEDURE'|"));
	m.what = META_PARAMETERS;
	contract_meta(c->sources, &m, c->out);
	assert_int_equal(c->out->nrows, 3);
	assert_non_null(
	    strstr(arena_z(c->out->a, c->out->rows), "'@total'|2|2|"));
	m.parameter = STR("@label");
	contract_meta(c->sources, &m, c->out);
	assert_int_equal(c->out->nrows, 1);
	assert_non_null(
	    strstr(arena_z(c->out->a, c->out->rows), "'@label'|3|4|5|"));
}

static void
are_refused(struct contract_case *c, struct sql_ask *ask)
{
	struct param wrong = { STR("nosuch"), { VALUE_INT, { .i = 1 } }, 1,
		DT_UNKNOWN };

	ask->params = &wrong;
	ask->nparams = 1;
	calls(c, ask, "add_up", "INVALID_ARGUMENT");
	calls(c, ask, "take_oder", "PROCEDURE_NOT_FOUND");
	assert_non_null(strstr(c->out->f.hint, "take_order"));
	calls(c, ask, "add_up(1); DELETE FROM orders", "PROCEDURE_NOT_FOUND");
	ask->verbs = VERB_ALL & ~VERB_EXECUTE;
	calls(c, ask, "two_sets", "PERMISSION_DENIED");
	ask->verbs = VERB_ALL;
}

void
contract_calls(void **state)
{
	struct contract_case *c = *state;
	struct param one[] = { { STR("a"), { VALUE_INT, { .i = 4 } }, 1,
				   DT_UNKNOWN },
		{ STR("b"), { VALUE_INT, { .i = 3 } }, 1, DT_UNKNOWN } };
	struct param order[] = { { STR("of"), { VALUE_INT, { .i = 1 } }, 1,
				     DT_UNKNOWN },
		{ STR("total"), { VALUE_EXACT, { .s = STR("77.5") } }, 2,
		    DT_UNKNOWN } };
	struct sql_ask ask = { .classes = ~0u,
		.verbs = VERB_ALL,
		.max_rows = 100,
		.max_affected = 100,
		.params = one,
		.nparams = 2 };
	static const char changed[] =
	    "SELECT count(*) FROM orders WHERE total = 77.5";

	if ((source_driver(c->sources, 0)->caps & SOURCE_CAN_CALL) == 0 ||
	    c->contract->outs == NULL)
		skip();
	are_listed(c);
	calls(c, &ask, "add_up", "7\n");
	ask.params = order;
	contract_call(c->sources, &ask, "take_order", false, c->out);
	assert_string_equal(arena_z(c->out->a, c->out->outs),
	    c->contract->outs);
	count_is(c, changed, "0\n");
	calls(c, &ask, "take_order", "");
	count_is(c, changed, "1\n");
	ask.nparams = 0;
	calls(c, &ask, "two_sets",
	    c->contract->sets != NULL ? c->contract->sets
				      : "1|'Ann'\n2|'Bob'\n3|'Eve'\n--\n3\n");
	are_refused(c, &ask);
	count_is(c, "SELECT count(*) FROM orders", "3\n");
}
