/* SPDX-License-Identifier: ISC */
/*
 * SQLite files in trouble, files that change under us, and what is kept
 * between requests.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "../contract/contract.h"
#include "source/sqlite_int.h"

#define NOBODY 65534

static char folder[64], path[80];
static struct conf_source spec;
static struct conf conf;
static struct sources *sources;
static struct outcome out;

static sqlite3 *
other_program(const char *name, const char *sql)
{
	sqlite3 *h;

	assert_int_equal(sqlite3_open(name, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "PRAGMA synchronous=OFF", NULL, NULL,
			     NULL),
	    SQLITE_OK);
	if (sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(h));
	return h;
}

static void
with_file(const char *sql)
{
	sqlite3_close(other_program(path, sql));
}

static const char *
in_folder(const char *name)
{
	static char full[2][120];
	static int turn;

	turn = !turn;
	snprintf(full[turn], sizeof(full[turn]), "%s/%s", folder, name);
	return full[turn];
}

/* Permissions mean nothing to root, so root becomes somebody. */
static int
open_all(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/files.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	if (geteuid() == 0 &&
	    (chown(folder, NOBODY, NOBODY) != 0 || seteuid(NOBODY) != 0))
		return -1;
	snprintf(path, sizeof(path), "%s/shop.db", folder);
	spec = (struct conf_source){ .name = "shop",
		.driver = "sqlite",
		.path = path,
		.timeout = 5,
		.connect_timeout = 1,
		.max_sql = 65536 };
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	sources = sources_new(&conf);
	out = (struct outcome){ .a = arena_new((size_t)1 << 24) };
	return 0;
}

static int
close_all(void **state)
{
	static const char *const names[] = { "shop.db", "shop.db-wal",
		"shop.db-shm", "shop.db-journal", "made.db", "made.db-journal",
		"real.db" };

	(void)state;
	sources_free(sources);
	arena_free(out.a);
	chmod(folder, 0700);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_folder(names[i]));
	if (getuid() == 0 && seteuid(0) != 0)
		return -1;
	return rmdir(folder);
}

static struct sql_ask
ask_all(void)
{
	return (struct sql_ask){ .classes = ~0u,
		.verbs = VERB_ALL,
		.all_rows = true,
		.max_rows = 1000,
		.max_affected = 1000 };
}

static void
gives(const char *sql, const char *want)
{
	struct sql_ask ask = ask_all();

	contract_ask(sources, &ask, sql, true, &out);
	if (!str_eq(out.rows, str_of(want)))
		print_error("%s: %s (%s)\n", sql, out.f.msg, out.f.log);
	assert_string_equal(arena_z(out.a, out.rows), want);
}

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

static void
structure_changes_are_seen(void **state)
{
	(void)state;
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	gives("SELECT * FROM t", "1\n");
	with_file("ALTER TABLE t ADD COLUMN b DEFAULT 7");
	gives("SELECT * FROM t", "1|7\n");
	assert_string_equal(arena_z(out.a, out.columns), "a:8,b:8");
	with_file("CREATE TABLE u (c); INSERT INTO u VALUES (3)");
	gives("SELECT c FROM u", "3\n");
	with_file("CREATE VIRTUAL TABLE d USING fts5(x); INSERT INTO d VALUES "
		  "('word')");
	gives("SELECT x FROM d WHERE d MATCH 'word'", "'word'\n");
	with_file("DROP TABLE t");
	gives("SELECT * FROM t", "TABLE_NOT_FOUND");
}

/* Rules hold for what appears later, without a restart. */
static void
rules_meet_new_names(void **state)
{
	static const char *deny[] = { "secret*", "*.pin" };
	static const char *mask[] = { "t.phone" };

	(void)state;
	spec.deny = (struct conf_names){ deny, 2 };
	spec.mask = (struct conf_names){ mask, 1 };
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	gives("SELECT * FROM t", "1\n");
	with_file("ALTER TABLE t ADD COLUMN pin DEFAULT 4711; "
		  "ALTER TABLE t ADD COLUMN phone DEFAULT 555; "
		  "CREATE TABLE secrets (x); INSERT INTO secrets VALUES (1);"
		  "CREATE TABLE u (pin, b); INSERT INTO u VALUES (4711, 2);"
		  "CREATE VIEW v AS SELECT pin, b FROM u");
	gives("SELECT pin FROM t", "COLUMN_NOT_FOUND");
	gives("SELECT * FROM t", "1|'***'\n");
	gives("SELECT * FROM secrets", "TABLE_NOT_FOUND");
	gives("SELECT 1 FROM t NATURAL JOIN secrets", "TABLE_NOT_FOUND");
	gives("SELECT * FROM u", "2\n");
	gives("SELECT * FROM v", "2\n");
	gives("SELECT 1 FROM u NATURAL JOIN (SELECT 4711 AS pin, 3 AS b)", "");
}

/* A kept connection whose views are older than the file: the join that the
 * authorizer is not asked about must find nothing. */
static void
old_views_do_not_leak(void **state)
{
	static const char *deny[] = { "secret*", "t.pin" };
	static const char *const asked[] = {
		"SELECT 'got' FROM secrets NATURAL JOIN (SELECT 1 AS x)",
		"SELECT 'got' FROM (SELECT 1 AS x) JOIN secrets USING (x)",
		"SELECT 'got' FROM t NATURAL JOIN (SELECT 4711 AS pin, 9 AS q) WHERE "
		"a = 1",
		"SELECT count(*) FROM secrets NATURAL JOIN (SELECT 2 AS x)",
	};

	(void)state;
	spec.deny = (struct conf_names){ deny, 2 };
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		unlink(path);
		with_file("CREATE TABLE t (a); INSERT INTO t VALUES (2)");
		gives("SELECT * FROM t", "2\n");
		with_file(
		    "CREATE TABLE secrets (x); INSERT INTO secrets VALUES (1);"
		    "ALTER TABLE t ADD COLUMN pin DEFAULT 4711");
		contract_ask(sources,
		    &(struct sql_ask){ .classes = ~0u,
			.verbs = VERB_ALL,
			.max_rows = 10 },
		    asked[i], true, &out);
		if (strstr(arena_z(out.a, out.rows), "got") != NULL ||
		    (out.e == ERR_OK && out.nrows != 0))
			fail_msg("%s", asked[i]);
	}
}

static struct sqlite_conn *
connection(const struct source_driver *d)
{
	const struct deadline none = { 0 };
	struct fault f = { 0 };
	void *conn;

	assert_int_equal(d->open(&conf, &spec, &none, &conn, &f), ERR_OK);
	return conn;
}

static bool
take_columns(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static bool
take_row(struct row_sink *to, const struct value *v, size_t n)
{
	(void)to;
	(void)v;
	(void)n;
	return true;
}

/* PERFORMANCE 3: a warm statement is neither opened for nor prepared. */
static void
statements_are_kept(void **state)
{
	const struct source_driver *d = driver_find(STR("sqlite"));
	struct row_sink to = { take_columns, take_row, NULL };
	struct param p = { STR("a"), { VALUE_INT, { .i = 1 } }, 1 };
	struct gate g = { .class = SQL_SELECT };
	struct sql q = { .gate = &g,
		.text = STR("SELECT * FROM t WHERE a = @a"),
		.params = &p,
		.nparams = 1,
		.verbs = VERB_SELECT,
		.max_rows = 10 };
	struct sqlite_conn *c;
	struct sqlite_kept *k;
	sqlite3 *h;

	(void)state;
	with_file("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	c = connection(d);
	h = c->rd.h;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(d->run(c, out.a, &q, &to, &out.done, &out.f),
		    ERR_OK);
		assert_true(d->reset(c, ERR_OK));
	}
	k = &c->rd.kept[0];
	assert_ptr_equal(c->rd.h, h);
	assert_null(c->rd.kept[1].st);
	assert_null(c->wr.h);
	assert_int_equal(sqlite3_stmt_status(k->st, SQLITE_STMTSTATUS_RUN, 0),
	    5);
	assert_int_equal(sqlite3_stmt_status(k->st, SQLITE_STMTSTATUS_REPREPARE,
			     0),
	    0);
	assert_false(d->reset(c, ERR_SQL_ERROR));
	d->close(c);
}

/* More statements than are kept: the longest unused goes. */
static void
oldest_statement_goes(void **state)
{
	const struct source_driver *d = driver_find(STR("sqlite"));
	struct row_sink to = { take_columns, take_row, NULL };
	struct gate g = { .class = SQL_SELECT };
	struct sql q = { .gate = &g, .verbs = VERB_SELECT, .max_rows = 10 };
	struct sqlite_conn *c;
	size_t n = 0;

	(void)state;
	with_file("CREATE TABLE t (a)");
	c = connection(d);
	for (int i = 0; i < 3 * SQLITE_KEPT; i++) {
		q.text = arena_fmt(out.a, "SELECT %d", i % 2 == 0 ? 0 : i);
		assert_int_equal(d->run(c, out.a, &q, &to, &out.done, &out.f),
		    ERR_OK);
	}
	for (size_t i = 0; i < SQLITE_KEPT; i++) {
		assert_non_null(c->rd.kept[i].st);
		n += str_eq(c->rd.kept[i].text, STR("SELECT 0"));
	}
	assert_int_equal(n, 1);
	d->close(c);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(missing_and_back),
		CASE(no_database),
		CASE(damaged_page),
		CASE(cut_file),
		CASE(locked),
		CASE(wal_without_its_index),
		CASE(hot_journal),
		CASE(file_that_cannot_be_written),
		CASE(structure_changes_are_seen),
		CASE(rules_meet_new_names),
		CASE(old_views_do_not_leak),
		CASE(statements_are_kept),
		CASE(oldest_statement_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
