/* SPDX-License-Identifier: ISC */
/* What an engine says of a statement, without the values bound to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "source/source_int.h"

static const struct {
	const char *value, *said, *want;
} cases[] = {
	{ "abc", "no integer: \"abc\"", "no integer: \"?\"" },
	{ "abc", "no integer: 'abc' and 'abc'", "no integer: '?' and '?'" },
	{ "abc", "no integer: abc", "no integer: abc" },
	{ "in", "type in 'in'", "type in '?'" },
	{ "ann@x.org", "Key (email)=(ann@x.org) exists",
	    "Key (email)=(?) exists" },
	{ "name", "nicknames are no name", "nicknames are no ?" },
	{ "x' OR '1'='1", "no integer: \"x' OR '1'='1\"", "no integer: \"?\"" },
	{ "long secret", "no integer: \"long sec", "no integer: \"?" },
	{ "long secret", "it is long", "it is long" },
	{ "\303\244\303\266", "no '\303\244\303\266'", "no '?'" },
	{ "", "nothing ''", "nothing ''" },
};

static struct fault
hidden(enum err code, const char *said, struct value v)
{
	struct param p = { STR("v"), v, 1, DT_UNKNOWN };
	struct fault f = { 0 };

	(void)fault_set(&f, code, "%s", said);
	values_hide(&p, 1, &f);
	return f;
}

static struct value
text(const char *z)
{
	return (struct value){ VALUE_TEXT, { .s = str_of(z) } };
}

static void
texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(hidden(ERR_SQL_ERROR, cases[i].said,
					text(cases[i].value))
					.msg,
		    cases[i].want);
}

static void
numbers(void **state)
{
	const struct value v = { VALUE_INT, { .i = -99999999999 } };

	(void)state;
	assert_string_equal(hidden(ERR_SQL_ERROR, "-99999999999 is too small",
				v)
				.msg,
	    "? is too small");
}

/* What we say ourselves may be about what the caller named. */
static void
our_own_words(void **state)
{
	(void)state;
	assert_string_equal(hidden(ERR_COLUMN_NOT_FOUND, "no such column: name",
				text("name"))
				.msg,
	    "no such column: name");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(numbers),
		cmocka_unit_test(our_own_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
