/* SPDX-License-Identifier: ISC */
/* The state folder: what it is made of, and a sentence for each trouble. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/db.h"
#include "tests/unit/store_site.h"

#define NOW 1800000000

static struct site site;
static int64_t at_s;
static const struct key plain = { .label = STR("x"), .scopes = SCOPE_READ };

static int
set_up(void **state)
{
	(void)state;
	(void)umask(0);
	site_make(&site);
	at_s = NOW;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unsetenv("TEST_KEY");
	(void)unsetenv("DOCUMENT_ROOT");
	site_remove(&site);
	return 0;
}

static void
make_key(char token[static KEY_TEXT_LEN + 1])
{
	struct fault f = { 0 };
	struct key k;

	assert_int_equal(key_create(site.store, &plain, NOW, token, &k,
			     site.arena, &f),
	    ERR_OK);
}

static enum err
check(const char *token, struct fault *f)
{
	char seen[KEY_ID_LEN + 1];
	struct key k;

	*f = (struct fault){ 0 };
	return key_check(site.store, site.arena, str_of(token), at_s, &k, seen,
	    f);
}

static enum err
charge(struct fault *f)
{
	const struct conf_rate rate = { true, 60, 60, 5 };
	struct limit_answer l;

	*f = (struct fault){ 0 };
	return limit_charge(site.store, STR("k"), &rate, NOW * 1000000ll, &l,
	    f);
}

/* Unavailable, with that sentence, and without a path in it. */
static void
says(enum err err, const struct fault *f, const char *sentence)
{
	assert_int_equal(err, ERR_UNAVAILABLE);
	assert_int_equal(f->code, ERR_UNAVAILABLE);
	assert_string_equal(f->msg, sentence);
	assert_null(strstr(f->msg, site.folder));
	assert_true(f->log[0] != '\0');
}

static void
opens_with(const char *sentence)
{
	struct fault f = { 0 };

	says(site_reopen(&site, &f), &f, sentence);
	assert_int_equal(f.retry_s, 1);
	assert_null(site.store);
}

static int
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(site_path(&site, name), &st), 0);
	return st.st_mode & 07777;
}

static void
write_file(const char *name, const char *p, size_t n, mode_t mode)
{
	const char *path = site_path(&site, name);
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void
modes_whatever_the_umask(void **state)
{
	(void)state;
	assert_int_equal(mode_of(""), 0700);
	assert_int_equal(mode_of("pepper"), 0400);
	assert_int_equal(mode_of("keys.db"), 0600);
	assert_int_equal(mode_of("limits.db"), 0600);
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

static void
folder_in_the_document_root(void **state)
{
	static const char sentence[] =
	    "the configuration or state lies inside the document root, where the web server could show it";
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(setenv("DOCUMENT_ROOT", site.folder, 1), 0);
	opens_with(sentence);
	assert_int_equal(setenv("DOCUMENT_ROOT", "/", 1), 0);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	says(state_outside(site.state, str_of(site.state), &f), &f, sentence);
	says(state_outside(arena_fmt(site.arena, "%s/../state/keys.db",
			       site.state)
			       .p,
		 str_of(site.folder), &f),
	    &f, sentence);
	f = (struct fault){ 0 };
	assert_int_equal(state_outside(site.state,
			     arena_fmt(site.arena, "%s/stat", site.folder), &f),
	    ERR_OK);
	assert_int_equal(mkdir(arena_fmt(site.arena, "%s/stat", site.folder).p,
			     0700),
	    0);
	assert_int_equal(state_outside(site.state,
			     arena_fmt(site.arena, "%s/stat", site.folder), &f),
	    ERR_OK);
	assert_int_equal(state_outside(site.state, STR(""), &f), ERR_OK);
	assert_int_equal(state_outside(NULL, STR("/"), &f), ERR_OK);
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
	opens_with("the pepper is missing (\"mcpctl init\" makes it)");
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
keys_troubles(void **state)
{
	static const char junk[] =
	    "not a database, but long enough to be read as one, and again and again, until it is a hundred bytes";
	char token[KEY_TEXT_LEN + 1];
	struct fault f = { 0 };

	(void)state;
	make_key(token);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_int_equal(rename(site_path(&site, "keys.db"),
			     site_path(&site, "k")),
	    0);
	says(check(token, &f), &f,
	    "the key store is missing (\"mcpctl init\" makes it)");
	assert_int_equal(access(site_path(&site, "keys.db"), F_OK), -1);
	write_file("keys.db", junk, sizeof(junk), 0600);
	says(check(token, &f), &f,
	    "the key store cannot be used: the file is not a database");
	assert_int_equal(f.retry_s, 1);
	write_file("keys.db", "", 0, 0600); /* a database, but an empty one */
	says(check(token, &f), &f,
	    "the key store cannot be used: a statement of ours failed");
	write_file("keys.db", junk, sizeof(junk), 0606);
	says(check(token, &f), &f,
	    "the key store can be written by others (chmod 600)");
	assert_int_equal(unlink(site_path(&site, "keys.db")), 0);
	assert_int_equal(mkdir(site_path(&site, "keys.db"), 0700), 0);
	says(check(token, &f), &f, "the key store is no plain file");
	assert_int_equal(rmdir(site_path(&site, "keys.db")), 0);
	assert_int_equal(rename(site_path(&site, "k"),
			     site_path(&site, "keys.db")),
	    0);
	assert_int_equal(check(token, &f), ERR_OK);
}

static void
limits_troubles(void **state)
{
	static const char junk[] =
	    "not a database, but long enough to be read as one, and again and again, until it is a hundred bytes";
	struct fault f = { 0 };
	struct db *db;

	(void)state;
	assert_int_equal(charge(&f), ERR_OK);
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	write_file("limits.db", junk, sizeof(junk), 0600);
	says(charge(&f), &f,
	    "the limit store cannot be used: the file is not a database");
	write_file("limits.db", "", 0, 0620);
	says(charge(&f), &f,
	    "the limit store can be written by others (chmod 600)");
	assert_int_equal(unlink(site_path(&site, "limits.db")), 0);
	assert_int_equal(charge(&f), ERR_OK); /* made again */
	assert_int_equal(db_open(site_path(&site, "limits.db"), DB_FAST, &db,
			     &f),
	    ERR_OK);
	assert_int_equal(db_script(db, "BEGIN IMMEDIATE", &f), ERR_OK);
	says(charge(&f), &f,
	    "the limit store cannot be used: the database is locked");
	assert_int_equal(db_script(db, "ROLLBACK", &f), ERR_OK);
	db_close(db);
	assert_int_equal(charge(&f), ERR_OK);
}

/* In a child: no privileges, so that modes mean something. */
static void
as_nobody(void (*fn)(void))
{
	int status;
	pid_t child;

	store_close(site.store);
	site.store = NULL;
	child = fork();
	if (child == 0) {
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
need(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "as nobody: %s\n", what);
	_exit(1);
}

static char nobody_token[KEY_TEXT_LEN + 1];

static void
read_only_folder(void)
{
	struct fault f = { 0 };

	need(chown(site.folder, 65534, 65534) == 0, "chown");
	need(setuid(65534) == 0, "setuid");
	need(chmod(site_path(&site, "limits.db"), 0400) == 0, "chmod");
	need(site_reopen(&site, &f) == ERR_OK, f.log);
	need(check(nobody_token, &f) == ERR_OK, f.log);
	need(charge(&f) == ERR_UNAVAILABLE, "charged");
	need(
	    strcmp(f.msg,
		"the limit store cannot be used: the database cannot be written") ==
		0,
	    f.msg);
}

static void
own(const char *name)
{
	assert_int_equal(chown(site_path(&site, name), 65534, 65534), 0);
}

static void
limits_read_only(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make_key(nobody_token);
	(void)site_each(site.state, own);
	own("");
	as_nobody(read_only_folder);
}

static void
foreign_folder(void)
{
	struct fault f = { 0 };

	need(setuid(65534) == 0, "setuid");
	need(site_reopen(&site, &f) == ERR_UNAVAILABLE, "opened");
	need(strcmp(f.msg, "the state folder belongs to another user") == 0,
	    f.msg);
}

static void
folder_of_another_user(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(site.folder, 0755), 0);
	assert_int_equal(chown(site.state, 1234, 1234), 0);
	assert_int_equal(chmod(site.state, 0755), 0);
	as_nobody(foreign_folder);
}

static void
unreadable_pepper(void)
{
	struct fault f = { 0 };

	need(setuid(65534) == 0, "setuid");
	need(site_reopen(&site, &f) == ERR_UNAVAILABLE, "opened");
	need(strcmp(f.msg, "the pepper cannot be read") == 0, f.msg);
}

static void
pepper_of_root(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(site.folder, 0755), 0);
	assert_int_equal(chmod(site.state, 0755), 0);
	as_nobody(unreadable_pepper);
}

static void
full_disk(void **state)
{
	char token[KEY_TEXT_LEN + 1];
	struct rlimit l;
	struct fault f = { 0 };
	enum err err = ERR_OK;
	struct key k;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	make_key(token);
	assert_int_equal(charge(&f), ERR_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
	for (int i = 0; i < 100 && err == ERR_OK; i++)
		err = key_create(site.store, &plain, NOW, token, &k, site.arena,
		    &f);
	assert_int_equal(err, ERR_UNAVAILABLE);
	assert_true(
	    strncmp(f.msg, "the key store cannot be used: the d", 35) == 0);
	assert_int_equal(token[0], '\0');
	l.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
	make_key(token);
	assert_int_equal(check(token, &f), ERR_OK);
}

static void
key_from_the_environment(void **state)
{
	static const char text[] = "0123456789abcdef0123456789ABCDE!";
	struct store_counts counts = { 0 };
	struct store *next;
	struct fault f = { 0 };
	char seen[KEY_ID_LEN + 1];
	char *at;
	struct key k;

	(void)state;
	site.conf.key_env = "TEST_KEY";
	assert_int_equal(site_reopen(&site, &f), ERR_OK); /* not set: none */
	assert_int_equal(check(text, &f), ERR_UNAUTHORIZED);
	assert_int_equal(setenv("TEST_KEY", text, 1), 0);
	at = getenv("TEST_KEY");
	assert_int_equal(site_reopen(&site, &f), ERR_OK);
	assert_null(getenv("TEST_KEY"));
	assert_int_equal(at[0], '\0');
	assert_int_equal(at[sizeof(text) - 2], '\0');
	store_count(site.store, &counts);
	assert_int_equal(key_check(site.store, site.arena, str_of(text), NOW,
			     &k, seen, &f),
	    ERR_OK);
	store_count(site.store, NULL);
	assert_int_equal(counts.reads, 0);
	assert_string_equal(seen, "environment");
	assert_int_equal(k.scopes, SCOPE_READ);
	assert_int_equal(k.ngrants, 0);
	assert_int_equal(check("0123456789abcdef0123456789ABCDE", &f),
	    ERR_UNAUTHORIZED);
	assert_int_equal(check("0123456789abcdef0123456789ABCDE!!", &f),
	    ERR_UNAUTHORIZED);
	assert_int_equal(check("", &f), ERR_UNAUTHORIZED);
	counts.writes = 0;
	store_count(site.store, &counts);
	key_touch(site.store, &k, NOW); /* has no row, writes none */
	store_count(site.store, NULL);
	assert_int_equal(counts.writes, 0);

	/* A reload finds the variable gone and takes the key over. */
	assert_int_equal(store_open(&site.conf, &next, &f), ERR_OK);
	store_inherit(next, site.store);
	store_close(site.store);
	site.store = next;
	assert_int_equal(check(text, &f), ERR_OK);
	assert_false(site_holds(&site, str_of(text)));
}

static void
bad_key_in_the_environment(void **state)
{
	static const char *const rows[] = { "", "short",
		"0123456789abcdef0123456789ABCDE", /* 31 */
		"0123456789abcdef 0123456789ABCDEF",
		"0123456789abcdef,0123456789ABCDEF",
		"0123456789abcdef\x7f"
		"0123456789ABCDEF",
		"0123456789abcdef\xc3\xa4"
		"0123456789ABCDEF" };

	(void)state;
	site.conf.key_env = "TEST_KEY";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fault f = { 0 };

		assert_int_equal(setenv("TEST_KEY", rows[i], 1), 0);
		if (site_reopen(&site, &f) != ERR_CONF)
			fail_msg("row %zu", i);
		assert_null(getenv("TEST_KEY"));
	}
}

/* A database that was put in the place of ours is the one that counts. */
static void
replaced_while_open(void **state)
{
	char first[KEY_TEXT_LEN + 1], second[KEY_TEXT_LEN + 1];
	const char *folder = arena_fmt(site.arena, "%s/copy", site.folder).p;
	struct fault f = { 0 };

	(void)state;
	make_key(first);
	assert_int_equal(store_backup(site.store, folder, &f), ERR_OK);
	make_key(second);
	assert_int_equal(check(second, &f), ERR_OK);
	assert_int_equal(unlink(site_path(&site, "keys.db-wal")), 0);
	assert_int_equal(unlink(site_path(&site, "keys.db-shm")), 0);
	assert_int_equal(rename(arena_fmt(site.arena, "%s/keys.db", folder).p,
			     site_path(&site, "keys.db")),
	    0);
	/* It is looked for once a second. */
	assert_int_equal(check(second, &f), ERR_OK);
	at_s++;
	assert_int_equal(check(second, &f), ERR_UNAUTHORIZED);
	assert_int_equal(check(first, &f), ERR_OK);
}

static void
is_a_copy(const char *name)
{
	assert_true(
	    strcmp(name, "keys.db") == 0 || strcmp(name, "limits.db") == 0);
}

static void
backup_never_has_the_pepper(void **state)
{
	const char *folder = arena_fmt(site.arena, "%s/copy", site.folder).p;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(store_backup(site.store, folder, &f), ERR_OK);
	assert_int_equal(site_each(folder, is_a_copy), 2);
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
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(modes_whatever_the_umask),
		T(created_twice_is_the_same),
		T(folder_troubles),
		T(folder_in_the_document_root),
		T(pepper_troubles),
		T(pepper_changed),
		T(keys_troubles),
		T(limits_troubles),
		T(limits_read_only),
		T(folder_of_another_user),
		T(pepper_of_root),
		T(full_disk),
		T(key_from_the_environment),
		T(bad_key_in_the_environment),
		T(replaced_while_open),
		T(backup_never_has_the_pepper),
		T(no_token_in_any_file),
		T(derived_keys_differ),
		T(gc_drops_secrets_of_rotation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
