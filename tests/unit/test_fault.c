/* SPDX-License-Identifier: ISC */
/* Faults: the sentence, its cut, and the closed list of codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/fault.h"

static void
test_parts(void **state)
{
	struct fault f = { 0 };

	(void)state;
	fault_log(&f, "key %d", 7);
	assert_int_equal(fault_set(&f, ERR_RATE, "wait %ds", 3), ERR_RATE);
	fault_hint(&f, "try %s", "later");
	assert_int_equal(f.code, ERR_RATE);
	assert_string_equal(f.msg, "wait 3s");
	assert_string_equal(f.hint, "try later");
	assert_string_equal(f.log, "key 7");
	assert_int_equal(fault_field(&f, STR("limitX"), "field '%s' is bad",
			     "limit"),
	    ERR_ARGUMENT);
	assert_int_equal(f.code, ERR_ARGUMENT);
	assert_string_equal(f.field, "limitX");
	assert_string_equal(f.msg, "field 'limit' is bad");
	(void)fault_field(&f, str_of(NULL), "none");
	assert_string_equal(f.field, "");
}

/* One below, at and one above, and a character across the edge. */
static void
test_cut_at_a_character(void **state)
{
	static const char *const ends[] = { "x", "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80" };
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t n = strlen(ends[i]);

		for (int before = FAULT_MSG - 6; before <= FAULT_MSG + 1;
		     before++) {
			size_t want = (size_t)before + n;

			if (want > FAULT_MSG - 1)
				want = (size_t)before;
			if (want > FAULT_MSG - 1)
				want = FAULT_MSG - 1;
			(void)fault_set(&f, ERR_INTERNAL, "%*s%s", before, "",
			    ends[i]);
			assert_int_equal(strlen(f.msg), want);
		}
	}
	for (size_t n = 70; n <= 73; n++) {
		char name[80];

		memset(name, 'n', sizeof(name));
		(void)fault_field(&f, (struct str){ name, n }, "x");
		assert_int_equal(strlen(f.field), n < 71 ? n : 71);
	}
}

/* The list of tools.md 1.8, in its order, and what may be tried again. */
static void
test_codes(void **state)
{
	static const char *const codes[] = { "INVALID_ARGUMENT",
		"SOURCE_NOT_FOUND", "SCHEMA_NOT_FOUND", "TABLE_NOT_FOUND",
		"COLUMN_NOT_FOUND", "PROCEDURE_NOT_FOUND", "OBJECT_NOT_FOUND",
		"SQL_SYNTAX", "SQL_ERROR", "READ_ONLY", "STATEMENT_NOT_ALLOWED",
		"MULTIPLE_STATEMENTS", "PERMISSION_DENIED",
		"CONSTRAINT_VIOLATION", "TIMEOUT", "CANCELLED", "TOO_LARGE",
		"CURSOR_INVALID", "BUSY", "SOURCE_UNREACHABLE",
		"SOURCE_AUTH_FAILED", "CONFLICT", "STORE_UNAVAILABLE",
		"INTERNAL" };
	static const char again[] =
	    "TIMEOUT BUSY SOURCE_UNREACHABLE STORE_UNAVAILABLE";

	(void)state;
	assert_int_equal(ERR_INTERNAL - ERR_INVALID_ARGUMENT + 1,
	    sizeof(codes) / sizeof(codes[0]));
	for (int i = ERR_INVALID_ARGUMENT; i <= ERR_INTERNAL; i++) {
		const char *name = codes[i - ERR_INVALID_ARGUMENT];

		assert_string_equal(err_name((enum err)i), name);
		assert_int_equal(err_retryable((enum err)i),
		    strstr(again, name) != NULL);
	}
	for (int i = 0; i < ERR_COUNT; i++)
		assert_non_null(err_name((enum err)i));
	assert_string_equal(err_name(ERR_COUNT), "INTERNAL");
	assert_false(err_retryable(ERR_COUNT));
}

static void
test_word(void **state)
{
	char out[FAULT_MSG];
	char big[2 * FAULT_MSG];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_string_equal(fault_word(out, STR("a\0b"), 128), "a?b");
	assert_string_equal(fault_word(out, STR("a\xc3\xa4"), 2), "a");
	assert_string_equal(fault_word(out, str_of(NULL), 128), "");
	assert_int_equal(strlen(fault_word(out,
			     (struct str){ big, sizeof(big) }, sizeof(big))),
	    FAULT_MSG - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_cut_at_a_character),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
