/* SPDX-License-Identifier: ISC */
/* A6: scopes AND verbs AND environment AND the switch of the source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/auth.h"

enum { R = SCOPE_READ, W = SCOPE_WRITE, RW = SCOPE_READ | SCOPE_WRITE };
enum {
	S = VERB_SELECT,
	I = VERB_INSERT,
	U = VERB_UPDATE,
	D = VERB_DELETE,
	X = VERB_EXECUTE
};

/* blog and shop may be written, log may not. */
static const struct conf_source sources[] = {
	{ .name = "blog" },
	{ .name = "log", .readonly = true },
	{ .name = "shop" },
};
static const char *live[] = { "log", "shop" };
static const char *odd[] = { "shop", "gone" };
static const struct conf_environment environments[] = {
	{ .name = "production", .sources = { live, 2 } },
	{ .name = "test", .sources = { odd, 2 } },
};
static const struct conf conf = { .sources = sources,
	.nsources = 3,
	.environments = environments,
	.nenvironments = 2 };

#define G(...)                     \
	(const struct key_grant[]) \
	{                          \
		__VA_ARGS__,       \
		{                  \
			.verbs = 0 \
		}                  \
	}
#define ON(s, v)                        \
	{                               \
		{ s, sizeof(s) - 1 }, v \
	}

static const struct {
	const char *what;
	unsigned scopes;
	const struct key_grant *grants;
	const char *environment;
	unsigned want[3]; /* blog, log, shop */
} rows[] = {
	{ "read alone", R, NULL, "", { S, S, S } },
	{ "write adds INSERT and UPDATE", RW, NULL, "",
	    { S | I | U, S, S | I | U } },
	{ "write without read", W, NULL, "", { I | U, 0, I | U } },
	{ "no scope", 0, NULL, "", { 0, 0, 0 } },
	{ "unknown scope bits", 4, NULL, "", { 0, 0, 0 } },
	{ "environment", RW, NULL, "production", { 0, S, S | I | U } },
	{ "environment with a source that is gone", R, NULL, "test",
	    { 0, 0, S } },
	{ "environment that is gone", RW, NULL, "staging", { 0, 0, 0 } },
	{ "one source", R, G(ON("shop", S)), "", { 0, 0, S } },
	{ "verbs beyond the scope", R, G(ON("shop", VERB_ALL)), "",
	    { 0, 0, S } },
	{ "all verbs", RW, G(ON("shop", VERB_ALL)), "", { 0, 0, VERB_ALL } },
	{ "DELETE is named", RW, G(ON("shop", S | D)), "", { 0, 0, S | D } },
	{ "EXECUTE needs write", R, G(ON("shop", X)), "", { 0, 0, 0 } },
	{ "EXECUTE is named", RW, G(ON("shop", X)), "", { 0, 0, X } },
	{ "read-only source", RW, G(ON("log", VERB_ALL)), "", { 0, S | X, 0 } },
	{ "read-only source, no SELECT", RW, G(ON("log", I | U | D)), "",
	    { 0, 0, 0 } },
	{ "star", R, G(ON("*", S)), "", { S, S, S } },
	{ "star in an environment", RW, G(ON("*", VERB_ALL)), "production",
	    { 0, S | X, VERB_ALL } },
	{ "a name beats the star", RW, G(ON("*", VERB_ALL), ON("blog", S)), "",
	    { S, S | X, VERB_ALL } },
	{ "also in the other order", RW, G(ON("blog", S), ON("*", VERB_ALL)),
	    "", { S, S | X, VERB_ALL } },
	{ "a name twice adds up", RW, G(ON("blog", S), ON("blog", I)), "",
	    { S | I, 0, 0 } },
	{ "a name outside the environment", RW, G(ON("blog", S)), "production",
	    { 0, 0, 0 } },
	{ "a source that is gone", RW, G(ON("old", VERB_ALL)), "",
	    { 0, 0, 0 } },
	{ "a beginning of a name", RW, G(ON("sho", VERB_ALL)), "",
	    { 0, 0, 0 } },
	{ "case counts", RW, G(ON("SHOP", VERB_ALL)), "", { 0, 0, 0 } },
	{ "a grant of nothing is a grant", RW, G(ON("shop", 0)), "",
	    { 0, 0, 0 } },
};

static struct caller
caller(size_t i, struct arena *a)
{
	struct key k = { .id = "0123456789ab",
		.scopes = rows[i].scopes,
		.grants = rows[i].grants,
		.environment = str_of(rows[i].environment) };
	struct caller who;

	while (k.grants != NULL && k.grants[k.ngrants].source.p != NULL)
		k.ngrants++;
	auth_local(&conf, a, &k, &who);
	return who;
}

static void
A6_table(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct caller who = caller(i, a);

		for (int s = 0; s < 3; s++)
			if (auth_verbs(&who, &conf, s) != rows[i].want[s])
				fail_msg("%s: source %d: %u", rows[i].what, s,
				    auth_verbs(&who, &conf, s));
		assert_int_equal(auth_verbs(&who, &conf, -1), 0);
		assert_int_equal(auth_verbs(&who, &conf, 3), 0);
		assert_true(who.known && who.local && !who.limited);
		assert_string_equal(who.seen, "0123456789ab");
		assert_int_equal(who.scopes, rows[i].scopes);
	}
	arena_free(a);
}

/* Two callers see the same list exactly when their rights are the same. */
static void
fingerprint_is_the_rights(void **state)
{
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			struct caller x = caller(i, a);
			struct caller y = caller(j, a);
			bool same = x.scopes == y.scopes &&
				    memcmp(rows[i].want, rows[j].want,
					sizeof(rows[i].want)) == 0;

			if (same != (x.rights == y.rights))
				fail_msg("%s / %s", rows[i].what, rows[j].what);
		}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(A6_table),
		cmocka_unit_test(fingerprint_is_the_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
