/* SPDX-License-Identifier: ISC */
/* Our own databases: values come back as they went in, trouble has words. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/db.h"

static char folder[64];

static const char *
in(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_db.XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
drop_folder(void **state)
{
	static const char *const names[] = { "a.db", "a.db-wal", "a.db-shm",
		"b.db", "b.db-wal", "b.db-shm", "junk", "link" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in(names[i]));
	return rmdir(folder);
}

static struct db *
open_db(const char *name)
{
	struct fault f = { 0 };
	struct db *d;

	assert_int_equal(db_open(in(name), DB_FAST, &d, &f), ERR_OK);
	return d;
}

static const char make_t[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c TEXT UNIQUE)";
static const char put_t[] = "INSERT INTO t VALUES(?1, ?2, ?3)";
static const char get_t[] = "SELECT a, b, c FROM t ORDER BY a";
static const char drop_t[] = "DELETE FROM t WHERE a >= ?1";

struct seen {
	int rows, stop_at;
	int64_t last;
	double real;
	char text[64];
	size_t len;
};

static bool
see(void *arg, const struct value *v, size_t n)
{
	struct seen *s = arg;

	assert_int_equal(n, 3);
	s->rows++;
	s->last = v[0].i;
	if (v[1].kind == VALUE_REAL)
		s->real = v[1].d;
	if (v[2].kind == VALUE_TEXT) {
		s->len = v[2].s.len;
		memcpy(s->text, v[2].s.p, v[2].s.len);
	}
	return s->rows != s->stop_at;
}

static void
put(struct db *d, int64_t a, double b, struct str c, enum err want)
{
	struct value v[3] = { { .kind = VALUE_INT, .i = a },
		{ .kind = VALUE_REAL, .d = b },
		{ .kind = VALUE_TEXT, .s = c } };
	struct fault f = { 0 };
	int64_t changes = -1;

	assert_int_equal(db_run(d, put_t, v, 3, NULL, NULL, &changes, &f),
	    want);
	if (want == ERR_OK)
		assert_int_equal(changes, 1);
}

static void
values_come_back(void **state)
{
	struct db *d = open_db("a.db");
	struct value from = { .kind = VALUE_INT, .i = 2 };
	struct fault f = { 0 };
	struct seen s = { 0 };
	int64_t changes;

	(void)state;
	assert_int_equal(db_script(d, make_t, &f), ERR_OK);
	put(d, 1, 0.1, STR("one"), ERR_OK);
	put(d, 2, 1e300, STR(""), ERR_OK);
	put(d, 3, 2, (struct str){ "a\0b", 3 }, ERR_OK);
	put(d, 4, 2, STR("one"), ERR_CONFLICT);
	assert_int_equal(db_run(d, get_t, NULL, 0, see, &s, &changes, &f),
	    ERR_OK);
	assert_int_equal(changes, 0);
	assert_int_equal(s.rows, 3);
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.text, "a\0b", 3);

	s = (struct seen){ .stop_at = 2 };
	assert_int_equal(db_run(d, get_t, NULL, 0, see, &s, NULL, &f), ERR_OK);
	assert_int_equal(s.rows, 2);
	assert_int_equal(s.last, 2);
	assert_true(s.real == 1e300);
	assert_int_equal(db_run(d, drop_t, &from, 1, NULL, NULL, &changes, &f),
	    ERR_OK);
	assert_int_equal(changes, 2);
	db_close(d);
}

static void
file_is_private_and_waled(void **state)
{
	struct db *d = open_db("a.db");
	struct fault f = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(stat(in("a.db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(db_script(d, "CREATE TABLE IF NOT EXISTS w(x)", &f),
	    ERR_OK);
	assert_int_equal(stat(in("a.db-wal"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	db_close(d);
}

static void
replaced_file_is_noticed(void **state)
{
	struct db *d = open_db("a.db");
	struct db *again;

	(void)state;
	assert_false(db_stale(d));
	unlink(in("a.db"));
	assert_true(db_stale(d));
	again = open_db("a.db");
	assert_true(db_stale(d));
	assert_false(db_stale(again));
	db_close(again);
	db_close(d);
}

/* The sentence names no path, the log words do. */
static void
refused(const char *path, const char *want)
{
	struct fault f = { 0 };
	struct db *d = (struct db *)1;

	assert_int_equal(db_open(path, DB_SAFE, &d, &f), ERR_UNAVAILABLE);
	assert_null(d);
	assert_string_equal(f.msg, want);
	assert_null(strstr(f.msg, folder));
	assert_non_null(strstr(f.log, path));
}

static void
trouble_has_words(void **state)
{
	static const char junk[] = "this is not a database, but long enough "
				   "to be looked at as if it were one......";
	int fd = open(in("junk"), O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	close(fd);
	refused(in("junk"), "the file is not a database");
	refused(in("no/such.db"), "the folder of the database is missing");
	assert_int_equal(symlink("junk", in("link")), 0);
	refused(in("link"), "the database is a symbolic link");
	refused("/proc/x.db", "the folder of the database cannot be written");
	refused(folder, "the database is not a regular file");
}

static void
lock_has_words(void **state)
{
	struct db *a = open_db("a.db");
	struct db *b = open_db("a.db");
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(db_script(a, "BEGIN IMMEDIATE", &f), ERR_OK);
	assert_int_equal(db_script(b, "CREATE TABLE z(x)", &f), ERR_BUSY);
	assert_string_equal(f.msg, "the database is locked");
	assert_int_equal(db_script(a, "COMMIT", &f), ERR_OK);
	db_close(a);
	db_close(b);
}

/* Bytes of the log after n writes, all of one process or each of its own,
 * which leaves without closing, as a CGI program may. */
static off_t
log_after(int n, bool stays)
{
	static const char make_u[] = "CREATE TABLE u(a INTEGER PRIMARY KEY, b)";
	static const char put_u[] = "REPLACE INTO u VALUES(1, 2)";
	struct fault f = { 0 };
	struct db *d = open_db("b.db");
	struct stat st;
	int status;

	assert_int_equal(db_script(d, make_u, &f), ERR_OK);
	db_close(d);
	for (int i = 0; i < (stays ? 1 : n); i++) {
		if (fork() == 0) {
			d = open_db("b.db");
			for (int k = 0; k < (stays ? n : 1); k++)
				if (db_run(d, put_u, NULL, 0, NULL, NULL, NULL,
					&f) != ERR_OK)
					_exit(1);
			_exit(0);
		}
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(stat(in("b.db-wal"), &st), 0);
	assert_int_equal(unlink(in("b.db")), 0);
	assert_int_equal(unlink(in("b.db-wal")), 0);
	assert_int_equal(unlink(in("b.db-shm")), 0);
	return st.st_size;
}

static void
log_stays_short_under_cgi(void **state)
{
	enum { FRAME = 4096 + 24 };

	(void)state;
	assert_in_range(log_after(150, false), 1, 70 * FRAME);
	assert_in_range(log_after(150, true), 150 * FRAME, 160 * FRAME);
	assert_in_range(log_after(1100, true), 1000 * FRAME, 1020 * FRAME);
}

static void
backup_is_whole(void **state)
{
	struct db *d = open_db("a.db");
	struct fault f = { 0 };
	struct seen s = { 0 };
	struct db *copy;

	(void)state;
	assert_int_equal(db_script(d, "DROP TABLE IF EXISTS t", &f), ERR_OK);
	assert_int_equal(db_script(d, make_t, &f), ERR_OK);
	put(d, 7, 0.5, STR("seven"), ERR_OK);
	assert_int_equal(db_backup(d, in("b.db"), &f), ERR_OK);
	assert_int_equal(db_backup(d, in("b.db"), &f), ERR_UNAVAILABLE);
	assert_string_equal(f.msg, "the copy exists already");
	copy = open_db("b.db");
	assert_int_equal(db_run(copy, get_t, NULL, 0, see, &s, NULL, &f),
	    ERR_OK);
	assert_int_equal(s.rows, 1);
	assert_int_equal(s.last, 7);
	db_close(copy);
	db_close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_back),
		cmocka_unit_test(file_is_private_and_waled),
		cmocka_unit_test(replaced_file_is_noticed),
		cmocka_unit_test(trouble_has_words),
		cmocka_unit_test(lock_has_words),
		cmocka_unit_test(log_stays_short_under_cgi),
		cmocka_unit_test(backup_is_whole),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
