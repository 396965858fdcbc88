/* SPDX-License-Identifier: ISC */
/* Keys: their text, their life in the store, and the equal work of A3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/verb.h"
#include "source/db.h"
#include "store/store.h"
#include "tests/unit/store_site.h"

#define NOW 1800000000

static struct site site;

static int
set_up(void **state)
{
	(void)state;
	site_make(&site);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	site_remove(&site);
	return 0;
}

static void
make(const struct key *want, char token[static KEY_TEXT_LEN + 1],
    struct key *made)
{
	struct fault f = { 0 };

	assert_int_equal(key_create(site.store, want, NOW, token, made,
			     site.arena, &f),
	    ERR_OK);
}

static enum err
check(const char *token, int64_t now_s, struct key *out)
{
	struct fault f = { 0 };
	char seen[KEY_ID_LEN + 1];
	enum err err = key_check(site.store, site.arena, str_of(token), now_s,
	    out, seen, &f);

	if (err == ERR_UNAUTHORIZED)
		assert_string_equal(f.msg,
		    "Unauthorized: invalid or missing access token");
	return err;
}

static void
all_fields_come_back(void **state)
{
	const struct key_grant grants[] = {
		{ STR("shop"), VERB_SELECT | VERB_DELETE },
		{ STR("*"), VERB_ALL },
	};
	const struct key want = { .label = STR("Alice's \xc3\xa4"),
		.owner = STR("alice@example.org"),
		.user = STR("alice"),
		.scopes = SCOPE_READ | SCOPE_WRITE,
		.grants = grants,
		.ngrants = 2,
		.environment = STR("production"),
		.addresses = STR("192.0.2.0/24, 2001:db8::/32"),
		.rate = { true, 60, 60, 7 },
		.confirm = CONFIRM_ASK,
		.max_rows = 77,
		.expires_s = NOW + 100 };
	char token[KEY_TEXT_LEN + 1];
	struct key made, k;

	(void)state;
	make(&want, token, &made);
	assert_int_equal(check(token, NOW + 99, &k), ERR_OK);
	assert_string_equal(k.id, made.id);
	assert_memory_equal(k.id, token + 5, KEY_ID_LEN);
	assert_true(str_eq(k.label, want.label));
	assert_true(str_eq(k.owner, want.owner));
	assert_true(str_eq(k.user, want.user));
	assert_int_equal(k.scopes, 3);
	assert_int_equal(k.ngrants, 2);
	assert_true(str_eq(k.grants[0].source, STR("shop")));
	assert_int_equal(k.grants[0].verbs, VERB_SELECT | VERB_DELETE);
	assert_true(str_eq(k.grants[1].source, STR("*")));
	assert_int_equal(k.grants[1].verbs, VERB_ALL);
	assert_true(str_eq(k.environment, want.environment));
	assert_true(str_eq(k.addresses, want.addresses));
	assert_true(k.rate.set);
	assert_int_equal(k.rate.count, 60);
	assert_int_equal(k.rate.window_s, 60);
	assert_int_equal(k.rate.burst, 7);
	assert_int_equal(k.confirm, CONFIRM_ASK);
	assert_int_equal(k.max_rows, 77);
	assert_int_equal(k.created_s, NOW);
	assert_int_equal(k.expires_s, NOW + 100);
	assert_int_equal(k.revoked_s, 0);
	assert_int_equal(k.used_s, 0);
}

static void
wrong_wishes(void **state)
{
	const struct key_grant empty = { STR("shop"), 0 };
	const struct key_grant odd = { STR("Shop x"), VERB_SELECT };
	const struct key rows[] = {
		{ .label = STR(""), .scopes = 1 },
		{ .label = STR("a\nb"), .scopes = 1 },
		{ .label = STR("\xff"), .scopes = 1 },
		{ .label = STR("x"), .scopes = 0 },
		{ .label = STR("x"), .scopes = 5 },
		{ .label = STR("x"), .scopes = 1, .user = STR("a:b") },
		{ .label = STR("x"),
		    .scopes = 1,
		    .grants = &empty,
		    .ngrants = 1 },
		{ .label = STR("x"),
		    .scopes = 1,
		    .grants = &odd,
		    .ngrants = 1 },
		{ .label = STR("x"),
		    .scopes = 1,
		    .addresses = STR("10.0.0.1/8") },
		{ .label = STR("x"), .scopes = 1, .addresses = STR("here") },
		{ .label = STR("x"), .scopes = 1, .expires_s = NOW },
		{ .label = STR("x"), .scopes = 1, .rate = { true, 0, 60, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char token[KEY_TEXT_LEN + 1];
		struct fault f = { 0 };
		struct key k;

		if (key_create(site.store, &rows[i], NOW, token, &k, site.arena,
			&f) != ERR_INVALID_ARGUMENT)
			fail_msg("row %zu", i);
	}
}

/* Everything an outsider could tell apart costs the same: A3. */
static void
A3_same_work(void **state)
{
	const struct key plain = { .label = STR("good"), .scopes = 1 };
	const struct key brief = { .label = STR("brief"),
		.scopes = 1,
		.expires_s = NOW + 10 };
	char good[KEY_TEXT_LEN + 1], other[KEY_TEXT_LEN + 1];
	char expired[KEY_TEXT_LEN + 1], revoked[KEY_TEXT_LEN + 1];
	char rotated[KEY_TEXT_LEN + 1], fresh[KEY_TEXT_LEN + 1];
	char wrong[KEY_TEXT_LEN + 1], unknown[KEY_TEXT_LEN + 1];
	struct store_counts first = { 0 };
	struct fault f = { 0 };
	struct key k;

	(void)state;
	make(&plain, good, &k);
	make(&brief, expired, &k);
	make(&plain, revoked, &k);
	assert_int_equal(key_revoke(site.store, str_of(k.id), NOW, &f), ERR_OK);
	make(&plain, rotated, &k);
	assert_int_equal(key_rotate(site.store, str_of(k.id), NOW, 50, fresh,
			     &k, site.arena, &f),
	    ERR_OK);
	make(&plain, other, &k);
	site_token(wrong, good + 5, other + 18);
	site_token(unknown, "000000000000", other + 18);
	const struct {
		const char *token;
		enum err want;
	} rows[] = { { good, ERR_OK }, { fresh, ERR_OK },
		{ expired, ERR_UNAUTHORIZED }, { revoked, ERR_UNAUTHORIZED },
		{ rotated, ERR_UNAUTHORIZED }, { wrong, ERR_UNAUTHORIZED },
		{ unknown, ERR_UNAUTHORIZED } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_counts c = { 0 };

		store_count(site.store, &c);
		assert_true(key_well_formed(str_of(rows[i].token)));
		if (check(rows[i].token, NOW + 60, &k) != rows[i].want)
			fail_msg("row %zu", i);
		if (i == 0)
			first = c;
		assert_int_equal(c.hashes, first.hashes);
		assert_int_equal(c.reads, first.reads);
		assert_int_equal(c.writes, 0);
	}
	store_count(site.store, NULL);
	assert_int_equal(first.hashes, 3);
	assert_int_equal(first.reads, 1);
}

static void
life_of_a_key(void **state)
{
	const struct key want = { .label = STR("alice"),
		.scopes = 1,
		.expires_s = NOW + 100 };
	char token[KEY_TEXT_LEN + 1], next[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct key k;
	char id[KEY_ID_LEN + 1];

	(void)state;
	make(&want, token, &k);
	memcpy(id, k.id, sizeof(id));
	assert_int_equal(check(token, NOW + 99, &k), ERR_OK);
	assert_int_equal(check(token, NOW + 100, &k), ERR_UNAUTHORIZED);
	assert_int_equal(key_extend(site.store, str_of(id), NOW + 1000, &f),
	    ERR_OK);
	assert_int_equal(check(token, NOW + 999, &k), ERR_OK);
	assert_int_equal(key_extend(site.store, str_of(id), 0, &f), ERR_OK);
	assert_int_equal(check(token, NOW + 999999, &k), ERR_OK);

	assert_int_equal(key_rotate(site.store, STR("alice"), NOW, 60, next, &k,
			     site.arena, &f),
	    ERR_OK);
	assert_string_equal(k.id, id);
	assert_int_equal(check(next, NOW, &k), ERR_OK);
	assert_int_equal(check(token, NOW + 59, &k), ERR_OK);
	assert_int_equal(check(token, NOW + 60, &k), ERR_UNAUTHORIZED);
	assert_int_equal(key_rotate(site.store, STR("alice"), NOW, 0, token, &k,
			     site.arena, &f),
	    ERR_OK);
	assert_int_equal(check(next, NOW, &k), ERR_UNAUTHORIZED);
	assert_int_equal(check(token, NOW, &k), ERR_OK);

	assert_int_equal(key_rename(site.store, str_of(id), STR("bob"), &f),
	    ERR_OK);
	assert_int_equal(key_find(site.store, site.arena, STR("bob"), &k, &f),
	    ERR_OK);
	assert_string_equal(k.id, id);
	assert_int_equal(key_find(site.store, site.arena, STR("alice"), &k, &f),
	    ERR_OBJECT_NOT_FOUND);

	assert_int_equal(key_revoke(site.store, str_of(id), NOW + 5, &f),
	    ERR_OK);
	assert_int_equal(check(token, NOW, &k), ERR_UNAUTHORIZED);
	assert_int_equal(key_revoke(site.store, str_of(id), NOW + 9, &f),
	    ERR_OK);
	assert_int_equal(key_find(site.store, site.arena, str_of(id), &k, &f),
	    ERR_OK);
	assert_int_equal(k.revoked_s, NOW + 5);
	assert_int_equal(key_rotate(site.store, str_of(id), NOW, 0, token, &k,
			     site.arena, &f),
	    ERR_CONFLICT);
	assert_int_equal(key_extend(site.store, str_of(id), NOW + 999, &f),
	    ERR_OBJECT_NOT_FOUND);
	assert_int_equal(key_find(site.store, site.arena, str_of(id), &k, &f),
	    ERR_OK);
	assert_int_equal(k.expires_s, 0);
}

/* A row that was moved to another id holds a hash that fits, and yet the key
 * is not the one the token names. */
static void
row_of_another_id(void **state)
{
	const struct key want = { .label = STR("x"), .scopes = 1 };
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct db *db;
	struct key k;

	(void)state;
	make(&want, token, &k);
	assert_int_equal(check(token, NOW, &k), ERR_OK);
	db = site_db(&site);
	assert_int_equal(db_script(db,
			     "UPDATE keys SET id = '0' WHERE id <> ''", &f),
	    ERR_OK);
	assert_int_equal(check(token, NOW, &k), ERR_UNAUTHORIZED);
	assert_int_equal(db_script(db, "DELETE FROM keys", &f), ERR_OK);
	assert_int_equal(check(token, NOW, &k), ERR_UNAUTHORIZED);
	db_close(db);
}

/* The decoy row is nobody's key. */
static void
decoy_stays_hidden(void **state)
{
	struct fault f = { 0 };
	struct key k;

	(void)state;
	assert_int_equal(key_find(site.store, site.arena, STR(""), &k, &f),
	    ERR_OBJECT_NOT_FOUND);
	assert_int_equal(key_revoke(site.store, STR(""), 1, &f),
	    ERR_OBJECT_NOT_FOUND);
	assert_int_equal(key_extend(site.store, STR(""), 0, &f),
	    ERR_OBJECT_NOT_FOUND);
	assert_int_equal(key_rename(site.store, STR(""), STR("x"), &f),
	    ERR_OBJECT_NOT_FOUND);
}

static bool
count_key(void *arg, const struct key *k)
{
	size_t *n = arg;

	assert_int_equal(strlen(k->id), KEY_ID_LEN);
	(*n)++;
	return true;
}

static void
same_label_twice(void **state)
{
	const struct key want = { .label = STR("ci"), .scopes = 1 };
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct key first, k;
	size_t n = 0;

	(void)state;
	make(&want, token, &first);
	make(&want, token, &k);
	assert_int_equal(key_find(site.store, site.arena, STR("ci"), &k, &f),
	    ERR_CONFLICT);
	assert_int_equal(key_revoke(site.store, str_of(first.id), NOW, &f),
	    ERR_OK);
	assert_int_equal(key_find(site.store, site.arena, STR("ci"), &k, &f),
	    ERR_OK);
	assert_string_not_equal(k.id, first.id);
	assert_int_equal(key_each(site.store, site.arena, count_key, &n, &f),
	    ERR_OK);
	assert_int_equal(n, 2);
}

static void
touched_once_a_minute(void **state)
{
	const struct key want = { .label = STR("x"), .scopes = 1 };
	struct store_counts c = { 0 };
	char token[KEY_TEXT_LEN + 1];
	struct key k;

	(void)state;
	make(&want, token, &k);
	store_count(site.store, &c);
	key_touch(site.store, &k, NOW);
	assert_int_equal(check(token, NOW + 59, &k), ERR_OK);
	assert_int_equal(k.used_s, NOW);
	key_touch(site.store, &k, NOW + 59);
	assert_int_equal(c.writes, 1);
	key_touch(site.store, &k, NOW + 60);
	store_count(site.store, NULL);
	assert_int_equal(c.writes, 2);
	assert_int_equal(check(token, NOW + 61, &k), ERR_OK);
	assert_int_equal(k.used_s, NOW + 60);
}

/* Did this check ask the database? */
static bool
asked(const char *token, int64_t now, enum err want, struct key *k)
{
	struct store_counts c = { 0 };

	store_count(site.store, &c);
	assert_int_equal(check(token, now, k), want);
	store_count(site.store, NULL);
	return c.reads != 0;
}

#ifdef STORE_ON_SERVER

/* What another machine commits cannot be seen without asking. */
static void
A2_never_remembered_of_a_server(void **state)
{
	const struct key want = { .label = STR("x"), .scopes = 1 };
	char token[KEY_TEXT_LEN + 1];
	struct store *other;
	struct fault f = { 0 };
	struct key k;

	(void)state;
	make(&want, token, &k);
	for (int i = 0; i < 4; i++)
		assert_true(asked(token, NOW, ERR_OK, &k));
	assert_int_equal(store_open(&site.conf, &other, &f), ERR_OK);
	assert_int_equal(key_revoke(other, str_of(k.id), NOW, &f), ERR_OK);
	store_close(other);
	assert_true(asked(token, NOW, ERR_UNAUTHORIZED, &k));
}

#else

/* A good key is remembered until anybody commits anything. */
static void
A2_remembered_until_a_commit(void **state)
{
	const struct key_grant g = { STR("shop"), VERB_SELECT };
	const struct key want = { .label = STR("x"),
		.scopes = 1,
		.grants = &g,
		.ngrants = 1,
		.expires_s = NOW + 100 };
	char token[KEY_TEXT_LEN + 1], wrong[KEY_TEXT_LEN + 1];
	struct store *other;
	struct fault f = { 0 };
	struct key k, made;

	(void)state;
	make(&want, token, &made);
	site_token(wrong, token + 5,
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(store_open(&site.conf, &other, &f), ERR_OK);
	assert_true(asked(token, NOW, ERR_OK, &k));
	assert_false(asked(token, NOW, ERR_OK, &k));
	assert_true(str_eq(k.label, STR("x")));
	assert_true(str_eq(k.grants[0].source, STR("shop")));
	assert_true(asked(wrong, NOW, ERR_UNAUTHORIZED, &k));
	assert_true(asked(token, NOW + 100, ERR_UNAUTHORIZED, &k));
	assert_false(asked(token, NOW, ERR_OK, &k));
	assert_int_equal(key_rename(other, str_of(made.id), STR("y"), &f),
	    ERR_OK);
	assert_true(asked(token, NOW, ERR_OK, &k));
	assert_true(str_eq(k.label, STR("y")));
	assert_false(asked(token, NOW, ERR_OK, &k));
	assert_int_equal(key_revoke(other, str_of(made.id), NOW, &f), ERR_OK);
	assert_true(asked(token, NOW, ERR_UNAUTHORIZED, &k));
	store_close(other);
}

/* A worker that begins with an empty log fills it, or it would remember
 * nothing until somebody commits. */
static void
A2_remembered_from_an_empty_log(void **state)
{
	const struct key want = { .label = STR("x"), .scopes = 1 };
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct key k;

	(void)state;
	make(&want, token, &k);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	for (int i = 0; i < 3; i++)
		assert_true(asked(token, NOW, ERR_OK, &k));
	assert_false(asked(token, NOW, ERR_OK, &k));
	assert_int_equal(key_revoke(site.store, str_of(k.id), NOW, &f), ERR_OK);
	assert_true(asked(token, NOW, ERR_UNAUTHORIZED, &k));
}

#endif

static void
stamp_follows_rights(void **state)
{
	const struct key_grant g = { STR("shop"), VERB_SELECT };
	const struct key a = { .label = STR("a"), .scopes = 1 };
	const struct key b = { .label = STR("b"), .scopes = 1 };
	const struct key c = { .label = STR("c"), .scopes = 3 };
	const struct key d = { .label = STR("d"),
		.scopes = 1,
		.grants = &g,
		.ngrants = 1 };
	char token[KEY_TEXT_LEN + 1];
	struct key ka, kb, kc, kd;

	(void)state;
	make(&a, token, &ka);
	make(&b, token, &kb);
	make(&c, token, &kc);
	make(&d, token, &kd);
	assert_true(ka.stamp == kb.stamp);
	assert_true(ka.stamp != kc.stamp);
	assert_true(ka.stamp != kd.stamp);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(all_fields_come_back),
		T(wrong_wishes),
		T(A3_same_work),
		T(life_of_a_key),
		T(row_of_another_id),
		T(decoy_stays_hidden),
		T(same_label_twice),
		T(touched_once_a_minute),
#ifdef STORE_ON_SERVER
		T(A2_never_remembered_of_a_server),
#else
		T(A2_remembered_until_a_commit),
		T(A2_remembered_from_an_empty_log),
#endif
		T(stamp_follows_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
