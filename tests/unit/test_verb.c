/* SPDX-License-Identifier: ISC */
/* Permission verbs there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/verb.h"

static void
test_reading(void **state)
{
	static const struct {
		const char *text;
		unsigned want; /* 0: refused */
	} cases[] = {
		{ "SELECT", VERB_SELECT },
		{ "select, Insert", VERB_SELECT | VERB_INSERT },
		{ "DELETE,DELETE", VERB_DELETE },
		{ "all", VERB_ALL },
		{ "EXECUTE,ALL", VERB_ALL },
		{ "", 0 },
		{ ",", 0 },
		{ "SELECT,", 0 },
		{ "SELECT INSERT", 0 },
		{ "DROP", 0 },
		{ "SELEC", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned got = 0;
		bool ok = verbs_parse(str_of(cases[i].text), &got);

		if (ok != (cases[i].want != 0) || got != cases[i].want)
			fail_msg("'%s'", cases[i].text);
	}
}

static void
test_every_set(void **state)
{
	struct arena *a = arena_new(1 << 16);

	(void)state;
	assert_true(str_eq(verbs_text(a, VERB_ALL),
	    STR("SELECT,INSERT,UPDATE,DELETE,EXECUTE")));
	assert_true(str_is_empty(verbs_text(a, 0)));
	for (unsigned v = 1; v <= VERB_ALL; v++) {
		unsigned back = 0;

		assert_true(verbs_parse(verbs_text(a, v), &back));
		assert_int_equal(back, v);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_every_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
