/* SPDX-License-Identifier: ISC */
/* Who is charged for what, from where a key may come, and equal refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/auth.h"
#include "tests/unit/store_site.h"

#define NOW    ((int64_t)1800000000)
#define SECOND ((int64_t)1000000)

static struct site site;
static int64_t now_us;
static const struct key plain = { .label = STR("x"), .scopes = SCOPE_READ };

static int
set_up(void **state)
{
	(void)state;
	site_make(&site);
	now_us = NOW * SECOND;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	site_remove(&site);
	return 0;
}

static struct str
make(const struct key *want)
{
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct key k;

	assert_int_equal(key_create(site.store, want, NOW - 100, token, &k,
			     site.arena, &f),
	    ERR_OK);
	return arena_fmt(site.arena, "Bearer %s", token);
}

static enum err
ask(struct str authorization, const char *address, struct caller *who,
    struct fault *f)
{
	const struct credential c = { .authorization = authorization,
		.address = str_of(address) };

	*f = (struct fault){ 0 };
	return auth_check(site.store, &site.conf, site.arena, &c, now_us, who,
	    f);
}

static enum err
asks(struct str authorization, const char *address)
{
	struct fault f = { 0 };
	struct caller who;

	return ask(authorization, address, &who, &f);
}

static const struct str bad = STR("Bearer nonsense");
static const struct str none = { NULL, 0 };

/* 20/min: the 21st bad one is refused with 429, a good one always passes, and
 * none at all costs nothing. */
static void
bad_ones_are_counted(void **state)
{
	struct str good = make(&plain);
	struct caller who;
	struct fault f;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(ask(bad, "192.0.2.1", &who, &f),
		    ERR_UNAUTHORIZED);
		assert_false(who.limited);
	}
	for (int i = 0; i < 5; i++) {
		assert_int_equal(ask(bad, "192.0.2.1", &who, &f), ERR_RATE);
		assert_int_equal(f.retry_s, 3);
		assert_true(who.limited);
		assert_string_equal(f.msg, "Rate limit exceeded");
		assert_int_equal(asks(none, "192.0.2.1"), ERR_OK);
		assert_int_equal(asks(good, "192.0.2.1"), ERR_OK);
	}
	assert_int_equal(asks(bad, "::ffff:192.0.2.1"), ERR_RATE);
	assert_int_equal(asks(bad, "192.0.2.2"), ERR_UNAUTHORIZED);
	now_us += 3 * SECOND;
	assert_int_equal(asks(bad, "192.0.2.1"), ERR_UNAUTHORIZED);
	assert_int_equal(asks(bad, "192.0.2.1"), ERR_RATE);
}

static void
ipv6_neighbours_share(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(asks(bad, i % 2 == 0 ? "2001:db8:0:1::1"
						      : "2001:db8:0:1:ffff::2"),
		    ERR_UNAUTHORIZED);
	assert_int_equal(asks(bad, "2001:db8:0:1:8000::9"), ERR_RATE);
	assert_int_equal(asks(bad, "2001:db8:0:2::1"), ERR_UNAUTHORIZED);
}

/* What is no address is one neighbour, not none. */
static void
odd_addresses_share(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(asks(bad, i % 2 == 0 ? "" : "unix:"),
		    ERR_UNAUTHORIZED);
	assert_int_equal(asks(bad, "nowhere"), ERR_RATE);
}

static void
key_is_charged(void **state)
{
	const struct key slow = { .label = STR("x"),
		.scopes = 1,
		.rate = { true, 60, 60, 2 } };
	const struct key fast = { .label = STR("x"),
		.scopes = 1,
		.rate = { true, 600, 60, 600 } };
	struct str own = make(&slow);
	struct str more = make(&fast);
	struct str usual = make(&plain);
	struct caller who;
	struct fault f;

	(void)state;
	assert_int_equal(ask(own, "", &who, &f), ERR_OK);
	assert_true(who.limited);
	assert_int_equal(who.limit.limit, 2);
	assert_int_equal(who.limit.remaining, 1);
	assert_int_equal(ask(own, "", &who, &f), ERR_OK);
	assert_int_equal(ask(own, "", &who, &f), ERR_RATE);
	assert_true(who.known && who.limited);
	assert_int_equal(who.limit.remaining, 0);
	assert_int_equal(f.retry_s, 1);
	assert_string_equal(who.seen, who.key.id);
	assert_int_equal(who.verbs == NULL, 0);
	for (int i = 0; i < 600; i++)
		assert_int_equal(asks(more, ""), ERR_OK);
	assert_int_equal(asks(more, ""), ERR_RATE);
	for (int i = 0; i < 30; i++)
		assert_int_equal(asks(usual, ""), ERR_OK);
	assert_int_equal(asks(usual, ""), ERR_RATE);
}

/* Further messages of one request are charged as requests are. */
static void
more_is_charged(void **state)
{
	const struct key slow = { .label = STR("x"),
		.scopes = 1,
		.rate = { true, 60, 60, 3 } };
	struct caller who, nobody = { 0 };
	struct str own = make(&slow);
	struct fault f;

	(void)state;
	assert_int_equal(ask(own, "", &who, &f), ERR_OK);
#define MORE(w) auth_charge_more(site.store, &site.conf, w, now_us, &f)
	assert_int_equal(MORE(&who), ERR_OK);
	assert_int_equal(MORE(&who), ERR_OK);
	assert_int_equal(who.limit.remaining, 0);
	assert_int_equal(MORE(&who), ERR_RATE);
	assert_int_equal(f.retry_s, 1);
	assert_int_equal(asks(own, ""), ERR_RATE);
	assert_int_equal(MORE(&nobody), ERR_OK);
	who.local = true;
	assert_int_equal(MORE(&who), ERR_OK);
#undef MORE
}

/* A source's own rate is charged beside the key's; each key has its own. */
static void
source_is_charged(void **state)
{
	const struct conf_source sources[] = {
		{ .name = "blog" },
		{ .name = "shop", .rate = { true, 60, 60, 2 } },
	};
	struct str a = make(&plain);
	struct str b = make(&plain);
	struct caller who, other;
	struct fault f;

	(void)state;
	site.conf.sources = sources;
	site.conf.nsources = 2;
	assert_int_equal(ask(a, "", &who, &f), ERR_OK);
	assert_int_equal(ask(b, "", &other, &f), ERR_OK);
#define CHARGE(w, n) \
	auth_charge_source(site.store, &site.conf, site.arena, w, n, now_us, &f)
	assert_int_equal(CHARGE(&who, 0), ERR_OK);
	assert_int_equal(who.limit.limit, 30);
	assert_int_equal(CHARGE(&who, 1), ERR_OK);
	assert_int_equal(who.limit.limit, 2);
	assert_int_equal(who.limit.remaining, 1);
	assert_int_equal(CHARGE(&who, 1), ERR_OK);
	assert_int_equal(CHARGE(&who, 1), ERR_RATE);
	assert_int_equal(f.retry_s, 1);
	assert_int_equal(CHARGE(&other, 1), ERR_OK);
	who.local = true;
	assert_int_equal(CHARGE(&who, 1), ERR_OK);
#undef CHARGE
}

static void
key_from_listed_addresses(void **state)
{
	const struct key near = { .label = STR("x"),
		.scopes = 1,
		.addresses = STR("192.0.2.0/24, 2001:db8::/32,203.0.113.7") };
	struct str good = make(&near);
	static const struct {
		const char *from;
		enum err want;
	} rows[] = { { "192.0.2.0", ERR_OK }, { "192.0.2.255", ERR_OK },
		{ "192.0.3.0", ERR_UNAUTHORIZED }, { "203.0.113.7", ERR_OK },
		{ "203.0.113.8", ERR_UNAUTHORIZED },
		{ "::ffff:192.0.2.9", ERR_OK }, { "2001:db8:ffff::1", ERR_OK },
		{ "2001:db9::1", ERR_UNAUTHORIZED }, { "", ERR_UNAUTHORIZED },
		{ "unix:", ERR_UNAUTHORIZED },
		{ "192.0.2.1, 203.0.113.7", ERR_UNAUTHORIZED } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (asks(good, rows[i].from) != rows[i].want)
			fail_msg("from %s", rows[i].from);
}

/* Nothing of an answer tells why it was a refusal. */
static void
A3_refusals_are_equal(void **state)
{
	const struct key brief = { .label = STR("x"),
		.scopes = 1,
		.expires_s = NOW };
	const struct key far = { .label = STR("x"),
		.scopes = 1,
		.addresses = STR("203.0.113.7") };
	struct str tokens[4];
	struct fault first, f;
	struct caller who;
	char seen[KEY_ID_LEN + 1];

	(void)state;
	tokens[0] = make(&brief);
	tokens[1] = make(&far);
	tokens[2] = bad;
	tokens[3] = STR("Basic ????");
	assert_int_equal(ask(tokens[0], "192.0.2.1", &who, &first),
	    ERR_UNAUTHORIZED);
	(void)memcpy(seen, who.seen, sizeof(seen));
	assert_memory_equal(seen, tokens[0].p + 12, KEY_ID_LEN);
	for (int i = 1; i < 4; i++) {
		assert_int_equal(ask(tokens[i], "192.0.2.1", &who, &f),
		    ERR_UNAUTHORIZED);
		assert_string_equal(f.msg, first.msg);
		assert_string_equal(f.hint, first.hint);
		assert_string_equal(f.log, first.log);
		assert_int_equal(f.retry_s, first.retry_s);
		assert_false(who.known || who.limited);
		assert_int_equal(who.scopes, 0);
	}
	assert_string_equal(who.seen, "");
}

/* Without its store the site is closed, not open. */
static void
store_gone(void **state)
{
	struct str good = make(&plain);
	struct caller who;
	struct fault f;

	(void)state;
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(rename(site_path(&site, "keys.db"),
			     site_path(&site, "k")),
	    0);
	assert_int_equal(ask(good, "", &who, &f), ERR_UNAVAILABLE);
	assert_int_equal(f.retry_s, 1);
	assert_false(who.known);
	assert_int_equal(rename(site_path(&site, "k"),
			     site_path(&site, "keys.db")),
	    0);
	assert_int_equal(ask(good, "", &who, &f), ERR_OK);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(unlink(site_path(&site, "limits.tab")), 0);
	assert_int_equal(symlink("/dev/full", site_path(&site, "limits.tab")),
	    0);
	assert_int_equal(ask(good, "", &who, &f), ERR_UNAVAILABLE);
	assert_int_equal(ask(bad, "", &who, &f), ERR_UNAVAILABLE);
}

/* What was made of a remembered key goes with the configuration. */
static void
A6_rights_follow_the_configuration(void **state)
{
	const struct conf_source sources[] = { { .name = "shop",
						   .readonly = true },
		{ .name = "blog", .readonly = false } };
	const struct key want = { .label = STR("x"),
		.scopes = SCOPE_READ | SCOPE_WRITE };
	struct str good = make(&want);
	struct conf other = site.conf;
	const struct credential c = { .authorization = good,
		.address = STR("") };
	struct caller who;
	struct fault f = { 0 };
	uint64_t rights = 0;

	(void)state;
	site.conf.sources = sources;
	site.conf.nsources = 2;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(ask(good, "", &who, &f), ERR_OK);
		assert_int_equal(who.verbs[0], VERB_SELECT);
		assert_int_equal(who.verbs[1],
		    VERB_SELECT | VERB_INSERT | VERB_UPDATE);
		assert_true(rights == 0 || rights == who.rights);
		rights = who.rights;
	}
	other.sources = sources + 1;
	other.nsources = 1;
	assert_int_equal(auth_check(site.store, &other, site.arena, &c, now_us,
			     &who, &f),
	    ERR_OK);
	assert_int_equal(who.nsources, 1);
	assert_int_equal(who.verbs[0], VERB_SELECT | VERB_INSERT | VERB_UPDATE);
	assert_true(rights != who.rights);
}

static void
nobody(void **state)
{
	const struct conf_source sources[] = { { .name = "shop" } };
	struct caller who;
	struct fault f;

	(void)state;
	site.conf.sources = sources;
	site.conf.nsources = 1;
	assert_int_equal(ask(none, "192.0.2.1", &who, &f), ERR_OK);
	assert_false(who.known || who.limited || who.local);
	assert_int_equal(who.scopes, 0);
	assert_int_equal(auth_verbs(&who, &site.conf, 0), 0);
	assert_true(str_eq(who.address, STR("192.0.2.1")));
}

static void
use_is_noted(void **state)
{
	struct str good = make(&plain);
	struct caller who;
	struct fault f;

	(void)state;
	assert_int_equal(asks(good, ""), ERR_OK);
	assert_int_equal(ask(good, "", &who, &f), ERR_OK);
	assert_int_equal(who.key.used_s, NOW);
}

#if !defined(__SANITIZE_ADDRESS__) /* which guards what is read here */
/* The decoded password is not left in the memory of the request. */
static void
A5_no_copy_stays(void **state)
{
	struct arena *a = arena_new(1 << 20);
	const char *first = arena_get(a, 16);
	const struct credential c = {
		.authorization = STR("Basic bWU6YSBzZWNyZXQgY2FuYXJ5"),
	};
	struct caller who;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(auth_check(site.store, &site.conf, a, &c, now_us, &who,
			     &f),
	    ERR_UNAUTHORIZED);
	assert_true(arena_used(a) > 20 && arena_used(a) < 16384);
	for (size_t i = 0; i < arena_used(a); i++)
		assert_memory_not_equal(first + i, "canary", 6);
	arena_free(a);
}
#endif

static void
wiped_where_it_stands(void **state)
{
	char header[] = "Bearer secret";
	char key[] = "other";
	struct credential c = { .authorization = { header, 13 },
		.api_key = { key, 5 } };

	(void)state;
	auth_wipe(&c);
	assert_memory_equal(header, "\0\0\0\0\0\0\0\0\0\0\0\0\0", 13);
	assert_memory_equal(key, "\0\0\0\0\0", 5);
	assert_null(c.authorization.p);
	auth_wipe(&c);
}

static void
forwarded(void **state)
{
	static const char *proxies[] = { "127.0.0.1", "10.0.0.0/8",
		"fd00::/8" };
	static const struct {
		const char *remote, *forwarded, *want;
	} rows[] = {
		{ "192.0.2.1", "203.0.113.7", "192.0.2.1" },
		{ "127.0.0.1", NULL, "127.0.0.1" },
		{ "127.0.0.1", "", "127.0.0.1" },
		{ "127.0.0.1", "203.0.113.7", "203.0.113.7" },
		{ "::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7" },
		{ "fd00::1", "2001:db8::7", "2001:db8::7" },
		{ "127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7" },
		{ "127.0.0.1", "203.0.113.7,10.1.2.3", "203.0.113.7" },
		{ "127.0.0.1", "203.0.113.7 , 10.1.2.3 ,10.9.9.9",
		    "203.0.113.7" },
		{ "127.0.0.1", "10.1.2.3", "10.1.2.3" },
		{ "127.0.0.1", "203.0.113.7, junk", "127.0.0.1" },
		{ "127.0.0.1", "203.0.113.7, junk, 10.0.0.1", "10.0.0.1" },
		{ "127.0.0.1", "203.0.113.7,", "127.0.0.1" },
		{ "127.0.0.1", "unknown", "127.0.0.1" },
		{ "127.0.0.1", "203.0.113.7:8080", "127.0.0.1" },
		{ "", "203.0.113.7", "" },
		{ "unix:", "203.0.113.7", "unix:" },
	};

	(void)state;
	site.conf.proxies = (struct conf_names){ proxies, 3 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str got = auth_address(&site.conf,
		    str_of(rows[i].remote), str_of(rows[i].forwarded));

		if (!str_eq(got, str_of(rows[i].want)))
			fail_msg("row %zu: %.*s", i, (int)got.len, got.p);
	}
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(bad_ones_are_counted),
		T(ipv6_neighbours_share),
		T(odd_addresses_share),
		T(key_is_charged),
		T(more_is_charged),
		T(source_is_charged),
		T(key_from_listed_addresses),
		T(A3_refusals_are_equal),
		T(store_gone),
		T(A6_rights_follow_the_configuration),
		T(nobody),
		T(use_is_noted),
#if !defined(__SANITIZE_ADDRESS__)
		T(A5_no_copy_stays),
#endif
		T(wiped_where_it_stands),
		T(forwarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
