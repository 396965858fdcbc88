/* SPDX-License-Identifier: ISC */
/* SQLite files in trouble: each has its own sentence. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sqlite_file.h"

/* The code and the sentence, which holds no path. */
static void
fails(const char *sql, const char *code, const char *words)
{
	gives(sql, code);
	assert_string_equal(out.f.msg, words);
	assert_null(strstr(out.f.msg, folder));
	assert_null(strstr(out.f.hint, folder));
}

static void
put_bytes(const char *name, const void *p, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

static void
missing_and_back(void **state)
{
	(void)state;
	fails("SELECT 1", "SOURCE_UNREACHABLE", "the database file is missing");
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	gives("SELECT a FROM t", "1\n");
	unlink(path);
	fails("SELECT a FROM t", "SOURCE_UNREACHABLE",
	    "the database file is missing");
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (2)");
	gives("SELECT a FROM t", "2\n");
	spec.path = "/nosuch/folder/shop.db";
	sources_free(sources);
	sources = sources_new(&conf);
	fails("SELECT 1", "SOURCE_UNREACHABLE",
	    "the folder of the database file is missing");
}

static void
no_database(void **state)
{
	static char junk[8192];

	(void)state;
	memset(junk, 'x', sizeof(junk));
	put_bytes(path, junk, sizeof(junk));
	fails("SELECT 1", "SQL_ERROR",
	    "the database file is not a SQLite database");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	fails("SELECT 1", "SOURCE_UNREACHABLE",
	    "the database is not a regular file");
	assert_int_equal(rmdir(path), 0);
	with_file("CREATE TABLE t (a)");
	assert_int_equal(rename(path, in_folder("real.db")), 0);
	assert_int_equal(symlink("real.db", path), 0);
	fails("SELECT 1", "SOURCE_UNREACHABLE",
	    "the database file is a symbolic link");
	unlink(path);
	put_bytes(path, "", 0);
	gives("SELECT 1", "1\n");
}

static void
damaged_page(void **state)
{
	static char junk[4096];
	int fd;

	(void)state;
	with_file("PRAGMA page_size=4096; CREATE TABLE t (a); "
		  "INSERT INTO t VALUES (1); CREATE TABLE u (a)");
	memset(junk, 0x5a, sizeof(junk));
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, junk, sizeof(junk), 4096), sizeof(junk));
	close(fd);
	fails("SELECT a FROM t", "SQL_ERROR", "the database file is damaged");
	gives("SELECT count(*) FROM u", "0\n");
}

static void
cut_file(void **state)
{
	(void)state;
	with_file(
	    "CREATE TABLE t (a); WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL "
	    "SELECT i + 1 FROM c WHERE i < 5000) INSERT INTO t SELECT i FROM c");
	assert_int_equal(truncate(path, 9000), 0);
	gives("SELECT sum(a) FROM t", "SQL_ERROR");
	assert_string_equal(out.f.msg, "the database file is damaged");
}

static void
locked(void **state)
{
	struct sql_ask ask = ask_all();
	sqlite3 *h;

	(void)state;
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	gives("SELECT a FROM t", "1\n");
	h = other_program(path, "BEGIN EXCLUSIVE");
	ask.deadline = deadline_in(60);
	contract_ask(sources, &ask, "SELECT a FROM t", true, &out);
	assert_string_equal(arena_z(out.a, out.rows), "BUSY");
	ask.deadline = deadline_in(60);
	contract_ask(sources, &ask, "DELETE FROM t", true, &out);
	assert_string_equal(arena_z(out.a, out.rows), "BUSY");
	sqlite3_close(h);
	gives("DELETE FROM t", "");
	assert_int_equal(out.done.affected, 1);
}

static void
wal_without_its_index(void **state)
{
	(void)state;
	with_file("PRAGMA journal_mode=WAL; CREATE TABLE t (a)");
	chmod(folder, 0500);
	fails("SELECT a FROM t", "SOURCE_UNREACHABLE",
	    "the database uses a write-ahead log, and its folder cannot be written "
	    "here");
	chmod(folder, 0700);
	gives("SELECT a FROM t", "");
}

static void
copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	int fd = open(from, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	close(fd);
	assert_true(n > 0 && n < (ssize_t)sizeof(bytes));
	put_bytes(to, bytes, (size_t)n);
}

/* A program that ended in the middle of a write. */
static void
hot_journal(void **state)
{
	char made[120], journal[140];
	sqlite3 *h;

	(void)state;
	snprintf(made, sizeof(made), "%s/made.db", folder);
	snprintf(journal, sizeof(journal), "%s-journal", made);
	h = other_program(made,
	    "PRAGMA synchronous=NORMAL; PRAGMA cache_size=1; CREATE TABLE t (a); "
	    "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE "
	    "i < 20000) INSERT INTO t SELECT i FROM c; BEGIN; UPDATE t SET a = 0; ");
	copy_file(made, path);
	copy_file(journal, in_folder("shop.db-journal"));
	sqlite3_close(h);
	fails("SELECT count(*) FROM t WHERE a = 0", "SOURCE_UNREACHABLE",
	    "the database was left in the middle of a write and must be opened by a "
	    "program that may write it first");
	with_file("SELECT count(*) FROM t");
	gives("SELECT count(*) FROM t WHERE a = 0", "0\n");
}

static void
file_that_cannot_be_written(void **state)
{
	(void)state;
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	chmod(path, 0400);
	gives("SELECT a FROM t", "1\n");
	fails("DELETE FROM t", "READ_ONLY",
	    "the database file cannot be written here");
	gives("SELECT a FROM t", "1\n");
	chmod(path, 0);
	sources_free(sources);
	sources = sources_new(&conf);
	fails("SELECT a FROM t", "SOURCE_UNREACHABLE",
	    "the database file cannot be read");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, close_all)
#define BOTH(fn) \
	CASE(fn), cmocka_unit_test_setup_teardown(fn, open_ruled, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(missing_and_back),
		BOTH(no_database),
		BOTH(damaged_page),
		BOTH(cut_file),
		BOTH(locked),
		BOTH(wal_without_its_index),
		BOTH(hot_journal),
		BOTH(file_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
