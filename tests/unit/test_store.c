/* SPDX-License-Identifier: ISC */
/* The state folder: what it is made of, and a sentence for each trouble. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/db.h"
#include "tests/unit/store_case.h"

static int
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(site_path(&site, name), &st), 0);
	return st.st_mode & 07777;
}

static void
modes_whatever_the_umask(void **state)
{
	(void)state;
	assert_int_equal(mode_of(""), 0700);
	assert_int_equal(mode_of("pepper"), 0400);
	assert_int_equal(mode_of("keys.db"), 0600);
	assert_int_equal(mode_of("limits.tab"), 0600);
}

static void
created_twice_is_the_same(void **state)
{
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };

	(void)state;
	make_key(token);
	assert_int_equal(store_create(site.state, &f), ERR_OK);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(check(token, &f), ERR_OK);
}

static void
folder_troubles(void **state)
{
	const char *away = arena_fmt(site.arena, "%s/away", site.folder).p;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(chmod(site.state, 0770), 0);
	opens_with("the state folder can be written by others (chmod 700)");
	assert_int_equal(chmod(site.state, 0702), 0);
	opens_with("the state folder can be written by others (chmod 700)");
	assert_int_equal(chmod(site.state, 0700), 0);
	assert_int_equal(rename(site.state, away), 0);
	opens_with("the state folder is missing (\"mcpctl init\" makes it)");
	assert_int_equal(close(open(site.state, O_CREAT | O_WRONLY, 0600)), 0);
	opens_with("the state folder is no folder");
	assert_int_equal(store_create(site.state, &f), ERR_UNAVAILABLE);
	site.conf.state = arena_fmt(site.arena, "%s/x", site.state).p;
	opens_with("the state folder lies below something that is no folder");
	site.conf.state = NULL;
	opens_with("the state folder is not configured (\"state\")");
	site.conf.state = site.state;
	assert_int_equal(unlink(site.state), 0);
	assert_int_equal(rename(away, site.state), 0);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
}

static enum err
outside(const char *path, const char *root, struct fault *f)
{
	char real[PATH_MAX];

	return state_root(str_of(root), real) ? state_outside(path, real, f)
					      : ERR_OK;
}

static void
folder_in_the_document_root(void **state)
{
	const char *beside = arena_fmt(site.arena, "%s/stat", site.folder).p;
	static const char sentence[] =
	    "the configuration or state lies inside the document root, where the web server could show it";
	struct fault f = { 0 };

	(void)state;
	says(outside(site.state, site.folder, &f), &f, sentence);
	says(outside(site.state, site.state, &f), &f, sentence);
	says(outside(arena_fmt(site.arena, "%s/../state/keys.db", site.state).p,
		 site.folder, &f),
	    &f, sentence);
	f = (struct fault){ 0 };
	assert_int_equal(outside(site.state, beside, &f), ERR_OK);
	assert_int_equal(mkdir(beside, 0700), 0);
	assert_int_equal(outside(site.state, beside, &f), ERR_OK);
	assert_int_equal(outside(site.state, "/", &f), ERR_OK);
	assert_int_equal(outside(site.state, "", &f), ERR_OK);
	assert_int_equal(outside(NULL, site.folder, &f), ERR_OK);
}

static void
pepper_troubles(void **state)
{
	char bytes[33] = "0123456789abcdef0123456789abcdef";
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };

	(void)state;
	make_key(token);
	assert_int_equal(rename(site_path(&site, "pepper"),
			     site_path(&site, "kept")),
	    0);
	opens_with(
	    "the pepper is missing though there are keys: put it back from your copy");
	says(store_create(site.state, &f), &f,
	    "the pepper is missing though there are keys: put it back from your copy");
	write_file("pepper", bytes, 31, 0400);
	opens_with("the pepper must be exactly 32 bytes long");
	write_file("pepper", bytes, 33, 0400);
	opens_with("the pepper must be exactly 32 bytes long");
	write_file("pepper", bytes, 32, 0404);
	opens_with("the pepper can be read by everybody (chmod 400)");
	write_file("pepper", bytes, 32, 0420);
	opens_with("the pepper can be written by others (chmod 600)");
	bytes[31] = '\n'; /* bytes, no text: all 32 count */
	write_file("pepper", bytes, 32, 0400);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(check(token, &f), ERR_UNAUTHORIZED);
	assert_int_equal(rename(site_path(&site, "kept"),
			     site_path(&site, "pepper")),
	    0);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(check(token, &f), ERR_OK);
}

/* The name of a pepper, as keys.db has it. */
static bool
take_id(void *arg, const struct value *v, size_t n)
{
	(void)n;
	(void)snprintf(arg, 16, "%.*s", (int)v[0].s.len, v[0].s.p);
	return false;
}

static void
pepper_changed(void **state)
{
	char old[KEY_TEXT_LEN + 1], fresh[KEY_TEXT_LEN + 1], id[16] = "";
	const char *kept;
	uint8_t before[32], after[32];
	struct fault f = { 0 };
	struct db *db;

	(void)state;
	make_key(old);
	store_derive(site.store, "context1", before);
	assert_int_equal(db_open(site_path(&site, "keys.db"), DB_SAFE, &db, &f),
	    ERR_OK);
	assert_int_equal(db_run(db, "SELECT pepper FROM keys WHERE id <> ''",
			     NULL, 0, take_id, id, NULL, &f),
	    ERR_OK);
	db_close(db);
	kept = site_path(&site, arena_fmt(site.arena, "pepper.%s", id).p);
	assert_int_equal(rename(site_path(&site, "pepper"), kept), 0);
	write_file("pepper", "another pepper of 32 bytes......", 32, 0400);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	store_derive(site.store, "context1", after);
	assert_memory_not_equal(before, after, 32);
	make_key(fresh);
	assert_int_equal(check(old, &f), ERR_OK);
	assert_int_equal(check(fresh, &f), ERR_OK);
	assert_int_equal(unlink(kept), 0);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(check(old, &f), ERR_UNAUTHORIZED);
	assert_int_equal(check(old, &f), ERR_UNAUTHORIZED);
	assert_int_equal(check(fresh, &f), ERR_OK);
}

static void
is_a_copy(const char *name)
{
	assert_string_equal(name, "keys.db");
}

static void
backup_never_has_the_pepper(void **state)
{
	const char *folder = arena_fmt(site.arena, "%s/copy", site.folder).p;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(store_backup(site.store, folder, &f), ERR_OK);
	assert_int_equal(site_each(folder, is_a_copy), 1);
	assert_int_equal(store_backup(site.store, folder, &f), ERR_UNAVAILABLE);
	assert_string_equal(f.msg, "the folder holds such a copy already");
	assert_int_equal(store_backup(site.store, "/proc/nowhere", &f),
	    ERR_UNAVAILABLE);
	assert_string_equal(f.msg, "the folder for the copy cannot be made");
}

static void
no_token_in_any_file(void **state)
{
	char token[KEY_TEXT_LEN + 1], next[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	struct key k;

	(void)state;
	make_key(token);
	assert_int_equal(check(token, &f), ERR_OK);
	assert_int_equal(charge(&f), ERR_OK);
	assert_true(site_holds(&site, (struct str){ token + 5, KEY_ID_LEN }));
	assert_int_equal(key_rotate(site.store, STR("x"), NOW, 100, next, &k,
			     site.arena, &f),
	    ERR_OK);
	assert_false(site_holds(&site, str_of(token)));
	assert_false(site_holds(&site, (struct str){ token + 18, 43 }));
	assert_false(site_holds(&site, (struct str){ next + 18, 43 }));
}

static void
derived_keys_differ(void **state)
{
	uint8_t a[32], b[32], again[32];

	(void)state;
	store_derive(site.store, "cursors ", a);
	store_derive(site.store, "audit   ", b);
	store_derive(site.store, "cursors ", again);
	assert_memory_not_equal(a, b, 32);
	assert_memory_equal(a, again, 32);
}

static void
gc_drops_secrets_of_rotation(void **state)
{
	char token[KEY_TEXT_LEN + 1], next[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };
	int64_t removed = 0;
	struct key k;

	(void)state;
	make_key(token);
	assert_int_equal(key_rotate(site.store, STR("x"), NOW, 100, next, &k,
			     site.arena, &f),
	    ERR_OK);
	assert_int_equal(store_gc(site.store, NOW + 99, &removed, &f), ERR_OK);
	assert_int_equal(removed, 0);
	assert_int_equal(check(token, &f), ERR_OK);
	assert_int_equal(store_gc(site.store, NOW + 100, &removed, &f), ERR_OK);
	assert_int_equal(removed, 1);
	assert_int_equal(check(token, &f), ERR_UNAUTHORIZED);
	assert_int_equal(check(next, &f), ERR_OK);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		T(modes_whatever_the_umask),
		T(created_twice_is_the_same),
		T(folder_troubles),
		T(folder_in_the_document_root),
		T(pepper_troubles),
		T(pepper_changed),
		T(backup_never_has_the_pepper),
		T(no_token_in_any_file),
		T(derived_keys_differ),
		T(gc_drops_secrets_of_rotation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
