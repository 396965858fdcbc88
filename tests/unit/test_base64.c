/* SPDX-License-Identifier: ISC */
/* Strict Base64: every text that is not the one of its value is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"

static const struct {
	const char *in, *out; /* out NULL: refused */
} cases[] = {
	{ "", "" },
	{ "QQ==", "A" },
	{ "QUI=", "AB" },
	{ "QUJD", "ABC" },
	{ "SGVsbG8=", "Hello" },
	{ "+/+/", "\xfb\xff\xbf" },
	{ "SGVsbG8", NULL },     /* padding missing */
	{ "SGVsbG8==", NULL },   /* length no multiple of four */
	{ "SGVs!!!bG8=", NULL }, /* outside the alphabet */
	{ "SGVs-_==", NULL },    /* the other alphabet */
	{ "SGVsbG9=", NULL },    /* left-over bits */
	{ "QR==", NULL },        /* left-over bits */
	{ "A===", NULL },
	{ "====", NULL },
	{ "QQ==QQ==", NULL }, /* padding in the middle */
	{ "QUJ\n", NULL },
};

static void
test_cases(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = { 0 };
		bool ok = base64_decode(a, str_of(cases[i].in), &got);

		if (ok != (cases[i].out != NULL))
			fail_msg("'%s' is wrongly %s", cases[i].in,
			    ok ? "taken" : "refused");
		if (ok)
			assert_true(str_eq(got, str_of(cases[i].out)));
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
