/* SPDX-License-Identifier: ISC */
/* SECURITY_MODEL Q4: how a connection is set, asked of the connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../contract/contract.h"
#include "source/sqlite_int.h"

static char path[64];
static struct conf_source spec;
static struct conf conf;
static struct sqlite_conn *conn;

static int
open_conn(void **state)
{
	const struct driver_work *d = driver_find(STR("sqlite"))->work;
	const struct deadline none = { 0 };
	struct fault f = { 0 };
	void *c;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/settings.XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || close(fd) != 0)
		return -1;
	spec = (struct conf_source){ .name = "shop",
		.driver = "sqlite",
		.path = path,
		.timeout = 5,
		.max_sql = 10000 };
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	if (d->open(&conf, &spec, &none, &c, &f) != ERR_OK)
		return -1;
	conn = c;
	return sqlite_link_use(&conn->wr, &f) != ERR_OK;
}

static int
close_conn(void **state)
{
	(void)state;
	driver_find(STR("sqlite"))->work->close(conn);
	return unlink(path);
}

static bool
take(void *arg, sqlite3_stmt *st)
{
	*(int64_t *)arg = sqlite3_column_int64(st, 0);
	return false;
}

static int64_t
pragma(struct sqlite_link *l, const char *name)
{
	char sql[80];
	int64_t n = -1;

	snprintf(sql, sizeof(sql), "PRAGMA %s", name);
	assert_int_equal(sqlite_query(l, sql, NULL, 0, take, &n), SQLITE_OK);
	return n;
}

static void
test_Q4_pragmas(void **state)
{
	struct sqlite_link *links[] = { &conn->rd, &conn->wr };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pragma(links[i], "query_only"), i == 0);
		assert_int_equal(pragma(links[i], "temp_store"), 1);
		assert_int_equal(pragma(links[i], "cell_size_check"), 1);
		assert_int_equal(pragma(links[i], "trusted_schema"), 0);
		assert_int_equal(pragma(links[i], "mmap_size"), 0);
		assert_int_equal(pragma(links[i], "foreign_keys"), i == 1);
	}
	assert_int_equal(pragma(&conn->rd, "hard_heap_limit"),
	    contract_limits().heap);
	assert_int_equal(sqlite3_db_readonly(conn->rd.h, "main"), 1);
}

static int
config(sqlite3 *h, int what)
{
	int on = -1;

	assert_int_equal(sqlite3_db_config(h, what, -1, &on), SQLITE_OK);
	return on;
}

static void
test_Q4_config(void **state)
{
	sqlite3 *handles[] = { conn->rd.h, conn->wr.h };
	sqlite3_vfs *vfs;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sqlite3 *h = handles[i];

		assert_int_equal(config(h, SQLITE_DBCONFIG_DEFENSIVE), 1);
		assert_int_equal(config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0);
		assert_int_equal(config(h,
				     SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER),
		    0);
		assert_int_equal(config(h,
				     SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION),
		    0);
		assert_int_equal(sqlite3_file_control(h, "main",
				     SQLITE_FCNTL_VFS_POINTER, &vfs),
		    SQLITE_OK);
		assert_string_equal(vfs->zName, SQLITE_TEMP_VFS);
	}
}

static void
test_Q4_limits_set(void **state)
{
	static const struct {
		int id, value;
	} want[] = {
		{ SQLITE_LIMIT_LENGTH, 1000000 },
		{ SQLITE_LIMIT_COLUMN, 500 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 50 },
		{ SQLITE_LIMIT_VDBE_OP, 250000 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 100 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 10 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(sqlite3_limit(conn->rd.h, want[i].id, -1),
		    want[i].value);
		assert_int_equal(sqlite3_limit(conn->wr.h, want[i].id, -1),
		    want[i].value);
	}
	assert_true(
	    sqlite3_limit(conn->rd.h, SQLITE_LIMIT_SQL_LENGTH, -1) < 20000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_Q4_pragmas),
		cmocka_unit_test(test_Q4_config),
		cmocka_unit_test(test_Q4_limits_set),
	};

	return cmocka_run_group_tests(tests, open_conn, close_conn);
}
