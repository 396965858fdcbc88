/* SPDX-License-Identifier: ISC */
/* The databases of the store in trouble: missing, damaged, locked, read-only,
 * replaced, of another user, on a full disk. */
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
#include "store/store_int.h"
#include "tests/unit/store_case.h"

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
	site.store->buckets = BUCKETS_SQL; /* as on a network file system */
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
	need(chmod(site_path(&site, "limits.tab"), 0400) == 0, "chmod");
	need(site_reopen(&site, &f) == ERR_OK, f.log);
	need(check(nobody_token, &f) == ERR_OK, f.log);
	need(charge(&f) == ERR_UNAVAILABLE, "charged");
	need(
	    strcmp(f.msg,
		"the limit store cannot be used: the file cannot be written") ==
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

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		T(keys_troubles),
		T(limits_troubles),
		T(limits_read_only),
		T(folder_of_another_user),
		T(pepper_of_root),
		T(full_disk),
		T(replaced_while_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
