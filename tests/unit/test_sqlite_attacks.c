/* SPDX-License-Identifier: ISC */
/*
 * SECURITY_MODEL Q4: every measured attack on a SQLite source, and that it
 * leaves no trace in the file.  The program is built twice; the second time
 * the gate lets everything pass as a SELECT, so the engine alone refuses.
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

static char folder[64], path[80], other[80];
static struct conf_source spec;
static struct conf conf;
static struct sources *sources;
static struct outcome out;

static const char fixture[] =
    "PRAGMA synchronous=OFF; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);"
    "INSERT INTO t VALUES (1, 'one'), (2, 'two');"
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name, email, phone);"
    "INSERT INTO customers VALUES (1, 'Ann', 'ann@secret', '555'), "
    "(2, 'Bob', 'bob@secret', '666');"
    "CREATE INDEX by_email ON customers (email);"
    "CREATE TABLE hidden_pay (id INTEGER PRIMARY KEY, amount);"
    "INSERT INTO hidden_pay VALUES (1, 'much secret');"
    "CREATE TABLE like_hidden (id INTEGER PRIMARY KEY, amount);"
    "CREATE TABLE like_customers (id INTEGER PRIMARY KEY, name, email, phone);"
    "CREATE TABLE log (what);"
    "CREATE TRIGGER noted AFTER UPDATE ON customers BEGIN "
    "INSERT INTO log VALUES (OLD.email); END;"
    "CREATE VIEW all_pay AS SELECT * FROM hidden_pay;"
    "CREATE VIEW count_pay AS SELECT count(*) AS n FROM hidden_pay;"
    "CREATE VIEW mails AS SELECT id, email, phone FROM customers;"
    "CREATE VIEW mail_of AS SELECT id, email AS contact FROM customers;"
    "CREATE VIEW loud AS SELECT id, upper(email) AS e FROM customers;"
    "CREATE VIEW early AS SELECT id FROM customers WHERE email < 'b';"
    "CREATE VIEW paid AS SELECT t.a FROM t JOIN hidden_pay h ON h.id = t.a;"
    "CREATE VIRTUAL TABLE docs USING fts5(title, body);"
    "INSERT INTO docs VALUES ('one', 'a public text'), ('two', 'another');"
    "CREATE VIRTUAL TABLE old_docs USING fts3(body);"
    "INSERT INTO old_docs VALUES ('old text');";

static void
make_file(const char *name, const char *sql)
{
	sqlite3 *h;

	if (sqlite3_open(name, &h) != SQLITE_OK ||
	    sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(h));
	sqlite3_close(h);
}

static int
open_all(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/attacks.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/shop.db", folder);
	snprintf(other, sizeof(other), "%s/other.db", folder);
	make_file(path, fixture);
	make_file(other,
	    "PRAGMA synchronous=OFF; CREATE TABLE x (y); INSERT INTO x VALUES ('other')");
	spec = (struct conf_source){ .name = "shop",
		.driver = "sqlite",
		.path = path,
		.readonly = true,
		.timeout = 2,
		.max_sql = 65536 };
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	sources = sources_new(&conf);
	out = (struct outcome){ .a = arena_new((size_t)1 << 26) };
	return 0;
}

static int
close_all(void **state)
{
	(void)state;
	sources_free(sources);
	arena_free(out.a);
	sqlite3_hard_heap_limit64(0);
	unlink(path);
	unlink(other);
	return rmdir(folder); /* fails when an attack left a file there */
}

static void
hide_some(void)
{
	static const char *deny[] = { "hidden_*", "customers.email" };
	static const char *mask[] = { "customers.phone" };

	spec.deny = (struct conf_names){ deny, 2 };
	spec.mask = (struct conf_names){ mask, 1 };
}

/* All bytes of the file, folded into one number. */
static uint64_t
file_sum(void)
{
	static char bytes[1 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	close(fd);
	assert_true(n > 0 && (size_t)n < sizeof(bytes));
	return str_hash((struct str){ bytes, (size_t)n });
}

static void
run(const char *sql)
{
	struct sql_ask ask = { .classes = ~0u,
		.verbs = VERB_ALL,
		.all_rows = true,
		.max_rows = 1000,
		.max_affected = 1000 };

	arena_reset(out.a);
	contract_ask(sources, &ask, sql, true, &out);
}

/* Not answered, and nothing changed. */
static void
stopped(const char *sql)
{
	uint64_t before = file_sum();

	run(sql);
	if (out.e == ERR_OK)
		fail_msg("answered: %s\n%s", sql, arena_z(out.a, out.rows));
	assert_true(file_sum() == before);
	assert_null(strstr(out.f.msg, folder));
	assert_null(strstr(out.f.hint, folder));
}

static void
stopped_with(const char *sql, enum err a, enum err b)
{
	stopped(sql);
	if (out.e != a && out.e != b)
		fail_msg("%s: %s %s", sql, err_name(out.e), out.f.msg);
}

/* The source still works. */
static void
alive(void)
{
	run("SELECT b FROM t WHERE a = 1");
	assert_string_equal(arena_z(out.a, out.rows), "'one'\n");
}

static void
test_Q4_vacuum_into(void **state)
{
	char sql[160];

	(void)state;
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s/copy.db'", folder);
	stopped(sql);
	stopped("VACUUM");
	alive();
}

static void
test_Q4_attach(void **state)
{
	char sql[160];

	(void)state;
	snprintf(sql, sizeof(sql), "ATTACH '%s' AS o", other);
	stopped(sql);
	snprintf(sql, sizeof(sql), "ATTACH 'file:%s?mode=rw' AS o", other);
	stopped(sql);
	stopped("ATTACH ':memory:' AS o");
	stopped("ATTACH DATABASE '' AS o");
	stopped("SELECT * FROM o.x");
	stopped("DETACH main");
	alive();
}

static void
test_Q4_fts3_tokenizer(void **state)
{
	(void)state;
	stopped("SELECT fts3_tokenizer('simple', x'4141414141414141')");
	stopped("SELECT hex(fts3_tokenizer('simple'))");
	stopped("SELECT FTS3_TOKENIZER('simple')");
	run("SELECT body FROM old_docs WHERE old_docs MATCH 'text'");
	assert_string_equal(arena_z(out.a, out.rows), "'old text'\n");
	alive();
}

static void
test_Q4_temp_objects(void **state)
{
	(void)state;
	stopped("CREATE TEMP TABLE t (a)");
	stopped("CREATE TEMP VIEW t AS SELECT 1");
	stopped("CREATE TEMPORARY TABLE x AS SELECT * FROM t");
	stopped("CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END");
	stopped("CREATE TABLE temp.x (a)");
	alive();
}

static void
test_Q4_pragma(void **state)
{
	static const char *const cases[] = { "PRAGMA hard_heap_limit=1000",
		"PRAGMA soft_heap_limit=1000", "PRAGMA writable_schema=1",
		"PRAGMA query_only=0", "PRAGMA database_list",
		"PRAGMA table_info(t)", "PRAGMA temp_store_directory='/tmp'",
		"PRAGMA journal_mode=DELETE", "PRAGMA trusted_schema=1",
		"PRAGMA main.user_version=7", "PRAGMA mmap_size=1000000000",
		"EXPLAIN PRAGMA user_version", "PRAGMA wal_checkpoint" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		stopped(cases[i]);
	sources_free(sources);
	sources = sources_new(&conf);
	alive();
}

static void
test_Q4_path_leak(void **state)
{
	static const char *const cases[] = {
		"SELECT * FROM pragma_database_list",
		"SELECT file FROM pragma_database_list()",
		"SELECT * FROM pragma_table_list", "SELECT * FROM dbstat",
		"SELECT * FROM pragma_compile_options",
		"SELECT * FROM sqlite_stmt", "SELECT * FROM sqlite_master",
		"SELECT sql FROM sqlite_schema",
		"SELECT * FROM sqlite_temp_master",
		"SELECT * FROM main.sqlite_master",
		"SELECT * FROM bytecode('SELECT 1')",
		"SELECT sqlite_compileoption_get(1)",
		"SELECT sqlite_source_id()",
		"SELECT count(*) FROM sqlite_master"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		stopped(cases[i]);
	alive();
}

static void
test_Q4_endless(void **state)
{
	static const char *const cases[] = {
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c) "
		"SELECT max(i) FROM c",
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE "
		"i < 100000) SELECT count(*) FROM c a, c b, c d, c e",
	};

	(void)state;
	spec.timeout = 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		stopped_with(cases[i], ERR_TIMEOUT, ERR_TIMEOUT);
	alive();
}

static void
test_Q4_big_values(void **state)
{
	static const char *const cases[] = { "SELECT zeroblob(1000000000)",
		"SELECT randomblob(1000000)", "SELECT hex(zeroblob(900000))",
		"SELECT replace(printf('%1000d', 1), ' ', printf('%1000d', 2)) || "
		"replace(printf('%1000d', 1), ' ', printf('%1000d', 2))",
		"WITH RECURSIVE c(s) AS (SELECT 'aaaaaaaaaa' UNION ALL SELECT s || s "
		"FROM c) SELECT max(length(s)) FROM c",
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE "
		"i < 500000) SELECT length(group_concat(i)) FROM c" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		stopped_with(cases[i], ERR_TOO_LARGE, ERR_PERMISSION_DENIED);
	alive();
}

static void
test_Q4_sort_to_disk(void **state)
{
	(void)state;
	spec.timeout = 10;
	stopped_with(
	    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i "
	    "< 3000000) SELECT i, printf('%200d', i) AS p FROM c ORDER BY p DESC",
	    ERR_TOO_LARGE, ERR_TIMEOUT);
	assert_int_equal(out.e, ERR_TOO_LARGE);
	alive();
}

static void
test_Q4_heavy_prepare(void **state)
{
	char sql[4096];
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(sql, sizeof(sql), "WITH c0 AS (SELECT 1 AS x)");
	for (int i = 1; i <= 30; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n,
		    ", c%d AS (SELECT a.x FROM c%d a, c%d b)", i, i - 1, i - 1);
	snprintf(sql + n, sizeof(sql) - n, " SELECT count(*) FROM c30");
	stopped_with(sql, ERR_TOO_LARGE, ERR_SQL_ERROR);
	alive();
}

static void
test_Q4_printf(void **state)
{
	(void)state;
	stopped("SELECT printf('%.1000000000c', 'x')");
	stopped("SELECT format('%1000000000d', 1)");
	stopped("SELECT printf('%*d', 1000000000, 1)");
	stopped("SELECT printf('%.*s', 2147483647, 'x')");
	alive();
}

static void
test_Q4_functions(void **state)
{
	static const char *const cases[] = { "SELECT load_extension('x')",
		"SELECT \"load_extension\"('x')",
		"SELECT readfile('/etc/passwd')", "SELECT writefile('x', 'y')",
		"SELECT edit('x')", "SELECT sqlite_version()",
		"SELECT changes()", "SELECT last_insert_rowid()",
		"SELECT sqlite_log(1, 'x')" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		stopped(cases[i]);
	alive();
}

static void
test_Q4_writes_in_a_read(void **state)
{
	static const char *const cases[] = { "INSERT INTO t VALUES (3, 'x')",
		"UPDATE t SET b = 'x'", "DELETE FROM t",
		"REPLACE INTO t VALUES (1)",
		"WITH x AS (SELECT 1) DELETE FROM t",
		"WITH x AS (DELETE FROM t) SELECT 1", "DROP TABLE t",
		"ALTER TABLE t ADD c", "CREATE TABLE x (y)",
		"CREATE INDEX i ON t (b)", "CREATE VIEW v AS SELECT 1",
		"REINDEX", "ANALYZE", "BEGIN", "BEGIN EXCLUSIVE", "COMMIT",
		"ROLLBACK", "SAVEPOINT s", "RELEASE s",
		"CREATE VIRTUAL TABLE v USING fts5(x)",
		"CREATE VIRTUAL TABLE v USING dbstat",
		"DELETE FROM sqlite_master",
		"UPDATE sqlite_master SET sql = ''",
		"INSERT INTO docs(docs) VALUES ('rebuild')",
		"EXPLAIN DELETE FROM t", "EXPLAIN SELECT 1" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		stopped(cases[i]);
	alive();
}

static void
test_Q4_two_statements(void **state)
{
	static const char *const cases[] = { "SELECT 1; DELETE FROM t",
		"SELECT 1; SELECT 2", "SELECT 1;/**/PRAGMA user_version=1",
		"SELECT 1\n;\nATTACH 'x' AS y", "SELECT 1; not sql at all" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		stopped(cases[i]);
	run("SELECT 1; -- note\n /* and */ ");
	assert_string_equal(arena_z(out.a, out.rows), "1\n");
	alive();
}

static void
test_Q4_nul(void **state)
{
	struct sql_ask ask = { .text = { "SELECT 1\0; DELETE FROM t", 24 },
		.classes = ~0u,
		.verbs = VERB_ALL,
		.max_rows = 10 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(source_run(sources, 0, out.a, &ask, &out.g, NULL,
			     &out.done, &f),
	    ERR_INVALID_ARGUMENT);
	sources_reset(sources);
	alive();
}

static void
test_Q4_limits(void **state)
{
	static char sql[70000];
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(sql, sizeof(sql), "SELECT 1");
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n,
		    " UNION SELECT %d", i);
	stopped_with(sql, ERR_SQL_SYNTAX, ERR_SQL_SYNTAX);
	memset(sql, '(', 300);
	memset(sql, ' ', 7);
	memcpy(sql, "SELECT", 6);
	memset(sql + 300, ')', 1);
	snprintf(sql + 300, 400, "1");
	for (int i = 0; i < 293; i++)
		memcpy(sql + 301 + i, ")", 2);
	stopped_with(sql, ERR_SQL_SYNTAX, ERR_SQL_SYNTAX);
	n = (size_t)snprintf(sql, sizeof(sql), "SELECT 0");
	for (int i = 0; i < 600; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, ",%d", i);
	stopped_with(sql, ERR_SQL_SYNTAX, ERR_SQL_SYNTAX);
	n = (size_t)snprintf(sql, sizeof(sql), "SELECT 1 WHERE 'a' LIKE '");
	memset(sql + n, 'a', 300);
	snprintf(sql + n + 300, sizeof(sql) - n - 300, "'");
	stopped(sql);
	memset(sql, ' ', 66000);
	memcpy(sql, "SELECT 1", 8);
	sql[66000] = '\0';
	stopped_with(sql, ERR_INVALID_ARGUMENT, ERR_INVALID_ARGUMENT);
	alive();
}

/* Neither the answer nor the error shows a hidden value. */
static void
shows_nothing(const char *sql)
{
	run(sql);
	if (strstr(arena_z(out.a, out.rows), "secret") != NULL ||
	    strstr(arena_z(out.a, out.rows), "SECRET") != NULL ||
	    strstr(arena_z(out.a, out.rows), "555") != NULL ||
	    strstr(out.f.msg, "secret") != NULL)
		fail_msg("%s\n%s", sql, arena_z(out.a, out.rows));
}

static void
test_Q4_hidden_table(void **state)
{
	static const char *const cases[] = { "SELECT * FROM hidden_pay",
		"SELECT amount FROM HIDDEN_PAY",
		"SELECT * FROM main.hidden_pay", "SELECT * FROM \"hidden_pay\"",
		"SELECT * FROM [hidden_pay] h", "SELECT * FROM temp.hidden_pay",
		"SELECT count(*) FROM hidden_pay",
		"SELECT EXISTS (SELECT 1 FROM hidden_pay)",
		"SELECT 1 IN hidden_pay",
		"SELECT 1 WHERE 1 IN (SELECT id FROM hidden_pay)",
		"SELECT * FROM t, hidden_pay",
		"SELECT 1 FROM hidden_pay NATURAL JOIN t",
		"SELECT 1 FROM t NATURAL JOIN hidden_pay",
		"SELECT * FROM (SELECT 'much secret' AS amount) NATURAL JOIN hidden_pay",
		"SELECT 1 FROM (SELECT 1 AS id) JOIN hidden_pay USING (id)",
		"WITH x AS (SELECT * FROM hidden_pay) SELECT * FROM x",
		"WITH t AS (SELECT * FROM main.hidden_pay) SELECT * FROM t",
		"SELECT * FROM all_pay", "SELECT * FROM count_pay",
		"SELECT * FROM main.all_pay", "SELECT * FROM paid",
		"SELECT max(rowid) FROM hidden_pay",
		"SELECT nosuch FROM hidden_pay",
		"SELECT 1 UNION SELECT amount FROM hidden_pay",
		"SELECT (SELECT amount FROM hidden_pay)",
		"SELECT * FROM t ORDER BY (SELECT amount FROM hidden_pay)",
		"SELECT * FROM t LEFT JOIN hidden_pay ON 0",
		"SELECT hidden_pay.amount FROM t JOIN hidden_pay" };

	(void)state;
	hide_some();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stopped_with(cases[i], ERR_TABLE_NOT_FOUND,
		    ERR_TABLE_NOT_FOUND);
		shows_nothing(cases[i]);
	}
	alive();
}

/* A hidden name and one that never was are answered alike. */
static void
test_Q4_hidden_alike(void **state)
{
	static const char *const cases[][2] = {
		{ "SELECT * FROM hidden_pay", "SELECT * FROM hidden_nix" },
		{ "SELECT x FROM hidden_pay", "SELECT x FROM hidden_nix" },
		{ "SELECT count(*) FROM Hidden_Pay h",
		    "SELECT count(*) FROM Hidden_Nix h" },
		{ "SELECT * FROM all_pay", "SELECT * FROM all_nix" },
		{ "SELECT email FROM customers",
		    "SELECT emaix FROM customers" },
		{ "SELECT c.Email FROM customers c",
		    "SELECT c.Emaix FROM customers c" },
		{ "SELECT id FROM customers ORDER BY email",
		    "SELECT id FROM customers ORDER BY emaix" },
		{ "SELECT max(email) FROM customers",
		    "SELECT max(emaix) FROM customers" },
		{ "SELECT 1 FROM customers WHERE email = ''",
		    "SELECT 1 FROM customers WHERE emaix = ''" },
		{ "SELECT email, x FROM customers",
		    "SELECT emaix, x FROM customers" },
		{ "SELECT x, email FROM customers",
		    "SELECT x, emaix FROM customers" },
		{ "SELECT 1 FROM customers JOIN t USING (email)",
		    "SELECT 1 FROM customers JOIN t USING (emaix)" },
		{ "SELECT * FROM customers INDEXED BY by_email",
		    "SELECT * FROM customers INDEXED BY by_emaix" },
	};
	char first[FAULT_MSG * 2], second[FAULT_MSG * 2];

	(void)state;
	hide_some();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *p;

		run(cases[i][0]);
		snprintf(first, sizeof(first), "%s %s %d", err_name(out.e),
		    out.f.msg, out.f.position);
		run(cases[i][1]);
		snprintf(second, sizeof(second), "%s %s %d", err_name(out.e),
		    out.f.msg, out.f.position);
		while ((p = strstr(second, "emaix")) != NULL)
			memcpy(p, "email", 5);
		while ((p = strstr(second, "Emaix")) != NULL)
			memcpy(p, "Email", 5);
		while ((p = strstr(second, "_nix")) != NULL)
			memcpy(p, "_pay", 4);
		while ((p = strstr(second, "_Nix")) != NULL)
			memcpy(p, "_Pay", 4);
		assert_string_equal(first, second);
	}
}

static void
test_Q4_hidden_column(void **state)
{
	static const char *const cases[] = { "SELECT * FROM customers",
		"SELECT c.* FROM customers c", "SELECT * FROM main.customers",
		"SELECT email FROM customers",
		"SELECT \"email\" FROM customers",
		"SELECT main.customers.email FROM customers",
		"SELECT customers.* FROM customers NATURAL JOIN (SELECT 'ann@secret' AS "
		"email)",
		"SELECT id FROM customers JOIN (SELECT 'ann@secret' AS email) USING "
		"(email)",
		"SELECT * FROM mails", "SELECT email FROM mails",
		"SELECT * FROM mail_of", "SELECT contact FROM mail_of",
		"SELECT * FROM loud", "SELECT * FROM early",
		"SELECT group_concat(phone) FROM customers",
		"SELECT hex(phone), quote(phone) FROM customers",
		"SELECT phone FROM customers WHERE phone = '555'",
		"SELECT phone || '' FROM (SELECT * FROM customers)",
		"SELECT max(phone) FROM customers GROUP BY phone",
		"WITH c AS (SELECT * FROM customers) SELECT * FROM c",
		"SELECT json_group_array(phone) FROM customers",
		"SELECT * FROM customers UNION ALL SELECT * FROM customers",
		"SELECT rowid, * FROM customers",
		"SELECT phone FROM customers ORDER BY phone",
		"SELECT 'customers.email', email FROM customers",
		"SELECT typeof(email) FROM customers",
		"SELECT count(email) FROM customers" };

	(void)state;
	hide_some();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		shows_nothing(cases[i]);
	run("SELECT * FROM customers WHERE id = 1");
	assert_string_equal(arena_z(out.a, out.rows), "1|'Ann'|'***'\n");
	run("SELECT id FROM customers NATURAL JOIN (SELECT 'ann@secret' AS email) "
	    "ORDER BY id");
	assert_string_equal(arena_z(out.a, out.rows), "1\n2\n");
	run("SELECT count(*) FROM customers WHERE phone = '555'");
	assert_string_equal(arena_z(out.a, out.rows), "0\n");
	run("SELECT * FROM mails WHERE id = 1");
	assert_string_equal(arena_z(out.a, out.rows), "1|'***'\n");
	run("SELECT * FROM mail_of WHERE id = 1");
	assert_string_equal(arena_z(out.a, out.rows), "1\n");
	alive();
}

/* Full-text tables: their inner tables are not the caller's. */
static void
test_Q4_inner_tables(void **state)
{
	(void)state;
	run("SELECT title FROM docs WHERE docs MATCH 'public'");
	assert_string_equal(arena_z(out.a, out.rows), "'one'\n");
	stopped("SELECT * FROM docs_content");
	stopped("SELECT * FROM docs_data");
	stopped("SELECT * FROM old_docs_segdir");
	run("SELECT key, value FROM json_each('[7]')");
	assert_string_equal(arena_z(out.a, out.rows), "0|7\n");
	alive();
}

#ifndef SOURCE_GATE_OFF
/* Writes on a source with rules: what they may read, and what not. */
static void
test_Q4_hidden_in_writes(void **state)
{
	static const char *const cases[] = {
		"INSERT INTO like_hidden SELECT * FROM hidden_pay",
		"INSERT INTO like_customers SELECT * FROM customers",
		"INSERT INTO log SELECT email FROM customers",
		"INSERT INTO log SELECT phone FROM customers",
		"INSERT INTO log SELECT contact FROM mail_of",
		"INSERT INTO log SELECT amount FROM all_pay",
		"INSERT INTO log WITH noted AS (SELECT email FROM customers) SELECT * "
		"FROM noted",
		"INSERT INTO log SELECT id FROM customers NATURAL JOIN (SELECT "
		"'ann@secret' AS email)",
		"INSERT INTO log SELECT id FROM customers JOIN (SELECT 'ann@secret' AS "
		"email) USING (email)",
		"UPDATE t SET b = (SELECT email FROM customers WHERE id = 1) WHERE a = 1",
		"UPDATE t SET b = 'x' WHERE a IN (SELECT id FROM hidden_pay)",
		"UPDATE customers SET name = email WHERE id = 1",
		"UPDATE customers SET name = phone WHERE id = 1",
		"UPDATE customers SET name = 'x' WHERE email = 'ann@secret'",
		"UPDATE customers SET name = 'x' WHERE phone = '555'",
		"UPDATE customers SET name = 'x' WHERE id = 1 RETURNING email",
		"UPDATE customers SET name = 'x' WHERE id = 1 RETURNING *",
		"UPDATE customers SET email = 'x' WHERE id = 1",
		"INSERT INTO customers (id, email) VALUES (9, 'x')",
		"INSERT INTO customers VALUES (9, 'x', 'y', 'z')",
		"INSERT INTO customers (id, name) VALUES (9, 'x') RETURNING phone",
		"DELETE FROM customers WHERE email > ''",
		"DELETE FROM hidden_pay", "UPDATE hidden_pay SET amount = 0",
		"INSERT INTO hidden_pay VALUES (2, 'x')",
		"INSERT INTO t SELECT id, phone FROM customers",
		"INSERT INTO customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO "
		"UPDATE SET name = email",
		"CREATE TABLE x AS SELECT * FROM hidden_pay",
		"CREATE INDEX i ON customers (email)",
		"ALTER TABLE customers RENAME COLUMN email TO mail",
		"CREATE VIEW v AS SELECT 1 FROM hidden_pay NATURAL JOIN t",
		"CREATE TABLE x AS SELECT * FROM sqlite_master",
		"CREATE TABLE x AS SELECT * FROM pragma_database_list"
	};

	(void)state;
	hide_some();
	spec.readonly = false;
	spec.ddl = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stopped(cases[i]);
		assert_null(strstr(out.f.msg, "secret"));
	}
	spec.ddl = false;
	run("UPDATE customers SET phone = '777' WHERE id = 1");
	assert_int_equal(out.e, ERR_OK);
	assert_int_equal(out.done.affected, 1);
	run("INSERT INTO customers (id, name) VALUES (3, 'Eve'), (4, 'Dan')");
	assert_int_equal(out.done.affected, 2);
	run("INSERT INTO t (a, b) SELECT id + 10, name FROM customers");
	assert_int_equal(out.done.affected, 4);
	run("DELETE FROM t WHERE a > 10");
	assert_int_equal(out.done.affected, 4);
	run("INSERT INTO docs VALUES ('three', 'new text')");
	assert_int_equal(out.e, ERR_OK);
	run("SELECT title FROM docs WHERE docs MATCH 'new'");
	assert_string_equal(arena_z(out.a, out.rows), "'three'\n");
}

/* A trigger made by a caller must not read for them. */
static void
test_Q4_trigger_reads(void **state)
{
	(void)state;
	hide_some();
	spec.readonly = false;
	spec.ddl = true;
	run("CREATE TRIGGER spy AFTER INSERT ON t BEGIN INSERT INTO log SELECT "
	    "amount FROM hidden_pay; END");
	if (out.e == ERR_OK)
		stopped("INSERT INTO t VALUES (7, 'x')");
	run("SELECT count(*) FROM log");
	assert_string_equal(arena_z(out.a, out.rows), "0\n");
}

/* The verbs of the engine's own check, with a gate that would let it pass. */
static void
test_Q4_verbs_by_the_engine(void **state)
{
	static const struct {
		unsigned verbs;
		const char *sql;
	} cases[] = {
		{ VERB_INSERT, "UPDATE t SET b = 'x'" },
		{ VERB_INSERT, "DELETE FROM t" },
		{ VERB_INSERT, "REPLACE INTO t VALUES (1, 'x')" },
		{ VERB_INSERT, "INSERT OR REPLACE INTO t VALUES (1, 'x')" },
		{ VERB_INSERT,
		    "INSERT INTO t VALUES (1, 'x') ON CONFLICT (a) DO UPDATE "
		    "SET b = 'y'" },
		{ VERB_UPDATE, "INSERT INTO t VALUES (9, 'x')" },
		{ VERB_UPDATE, "UPDATE OR REPLACE t SET a = 2 WHERE a = 1" },
		{ VERB_UPDATE, "DELETE FROM t" },
		{ VERB_DELETE, "UPDATE t SET b = 'x'" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE, "DROP TABLE t" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE,
		    "CREATE TABLE x (y)" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE, "VACUUM" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE, "COMMIT" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE,
		    "PRAGMA user_version=3" },
		{ VERB_INSERT | VERB_UPDATE | VERB_DELETE,
		    "UPDATE sqlite_master SET sql = ''" },
	};
	const struct source_driver *d = driver_find(STR("sqlite"));
	const struct gate g = { .class = SQL_INSERT };
	const struct deadline none = { 0 };
	uint64_t before = file_sum();
	void *conn;

	(void)state;
	spec.readonly = false;
	assert_int_equal(d->open(&conf, &spec, &none, &conn, &out.f), ERR_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sql q = { .gate = &g,
			.text = str_of(cases[i].sql),
			.verbs = cases[i].verbs,
			.max_affected = 1000 };
		enum err e = d->run(conn, out.a, &q, NULL, &out.done, &out.f);

		if (e == ERR_OK)
			fail_msg("allowed: %s", cases[i].sql);
		assert_int_equal(d->finish(conn, true, &out.f), ERR_OK);
	}
	d->close(conn);
	assert_true(file_sum() == before);
}
#endif

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_Q4_vacuum_into),
		CASE(test_Q4_attach),
		CASE(test_Q4_fts3_tokenizer),
		CASE(test_Q4_temp_objects),
		CASE(test_Q4_pragma),
		CASE(test_Q4_path_leak),
		CASE(test_Q4_endless),
		CASE(test_Q4_big_values),
		CASE(test_Q4_sort_to_disk),
		CASE(test_Q4_heavy_prepare),
		CASE(test_Q4_printf),
		CASE(test_Q4_functions),
		CASE(test_Q4_writes_in_a_read),
		CASE(test_Q4_two_statements),
		CASE(test_Q4_nul),
		CASE(test_Q4_limits),
		CASE(test_Q4_hidden_table),
		CASE(test_Q4_hidden_alike),
		CASE(test_Q4_hidden_column),
		CASE(test_Q4_inner_tables),
#ifndef SOURCE_GATE_OFF
		CASE(test_Q4_hidden_in_writes),
		CASE(test_Q4_trigger_reads),
		CASE(test_Q4_verbs_by_the_engine),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
