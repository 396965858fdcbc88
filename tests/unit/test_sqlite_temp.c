/* SPDX-License-Identifier: ISC */
/* SECURITY_MODEL Q4: what SQLite takes for temporary files is memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "source/sqlite_int.h"

#define SIZE 300000

static sqlite3_file *
open_temp(void)
{
	static union {
		sqlite3_file f;
		max_align_t room[64];
	} file;
	sqlite3_vfs *vfs;

	sqlite_temp_start();
	sqlite_temp_start(); /* again changes nothing */
	vfs = sqlite3_vfs_find(SQLITE_TEMP_VFS);
	assert_non_null(vfs);
	assert_ptr_not_equal(vfs, sqlite3_vfs_find(NULL));
	assert_true((size_t)vfs->szOsFile <= sizeof(file));
	assert_int_equal(vfs->xOpen(vfs, NULL, &file.f,
			     SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_READWRITE,
			     NULL),
	    SQLITE_OK);
	return &file.f;
}

static unsigned
next(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % below;
}

/* Ten thousand steps beside a plain array that does the same. */
static void
test_Q4_like_an_array(void **state)
{
	static unsigned char is[SIZE], got[SIZE], fresh[SIZE];
	sqlite3_file *f = open_temp();
	sqlite3_int64 size = 0, said;
	unsigned seed = 7;

	(void)state;
	for (int step = 0; step < 10000; step++) {
		unsigned at = next(&seed, SIZE), n = 1 + next(&seed, 9000);

		if (at + n > SIZE)
			n = SIZE - at;
		switch (next(&seed, 8)) {
		case 0:
			if (at < size)
				memset(is + at, 0, (size_t)size - at);
			if (at < size)
				size = at;
			assert_int_equal(f->pMethods->xTruncate(f, at), 0);
			break;
		case 1:
		case 2:
		case 3:
			memset(fresh, step % 255 + 1, n);
			memcpy(is + at, fresh, n);
			size = at + n > size ? at + n : size;
			assert_int_equal(f->pMethods->xWrite(f, fresh, (int)n,
					     at),
			    0);
			break;
		default:
			memset(got, 0xee, n);
			assert_int_equal(f->pMethods->xRead(f, got, (int)n, at),
			    at + n > size ? SQLITE_IOERR_SHORT_READ : 0);
			assert_memory_equal(got, is + at, n);
		}
		assert_int_equal(f->pMethods->xFileSize(f, &said), 0);
		assert_true(said == size);
	}
	assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
}

static int64_t
number(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK)
		return -2;
	while (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	return sqlite3_finalize(st) == SQLITE_OK ? n : -3;
}

static sqlite3 *
open_database(void)
{
	sqlite3 *h;

	sqlite_temp_start();
	if (sqlite3_open_v2(":memory:", &h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		SQLITE_TEMP_VFS) != SQLITE_OK)
		return NULL;
	(void)sqlite3_exec(h, "PRAGMA temp_store=FILE; PRAGMA cache_size=-100",
	    NULL, NULL, NULL);
	return h;
}

#define ROWS                                                               \
	"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n " \
	"WHERE i < 200000) "

/* Where no file may grow by a byte, what is larger than the cache is sorted,
 * kept apart and joined all the same. */
static void
without_files(const void *arg)
{
	const struct rlimit none = { 0, 0 };
	sqlite3 *h = open_database();

	(void)arg;
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
	    setrlimit(RLIMIT_FSIZE, &none) != 0 || h == NULL)
		_exit(2);
	if (number(h, ROWS "SELECT i FROM n ORDER BY i * 7919 % 200003, "
			   "hex(i)") != 132645 ||
	    number(h, ROWS "SELECT count(*) FROM (SELECT DISTINCT "
			   "hex(i % 150000) FROM n)") != 150000 ||
	    number(h, ROWS
		", m AS MATERIALIZED (SELECT i, hex(i) AS x FROM n) "
		"SELECT count(*) FROM m a JOIN m b ON a.x = b.x") != 200000)
		_exit(1);
	sqlite3_close(h);
}

static void
test_Q4_nothing_on_a_disk(void **state)
{
	char said[4096];
	int status = child_run(without_files, NULL, said, sizeof(said));

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The heap limit ends what is too large, and all of it comes back. */
static void
test_Q4_counted(void **state)
{
	sqlite3 *h = open_database();
	int64_t before = sqlite3_memory_used();

	(void)state;
	assert_non_null(h);
	sqlite3_hard_heap_limit64(before + ((int64_t)4 << 20));
	assert_int_equal(number(h, ROWS "SELECT i FROM n ORDER BY hex(i), i"),
	    -3);
	sqlite3_hard_heap_limit64(0);
	assert_int_equal(sqlite3_extended_errcode(h) & 0xff,
	    sqlite3_extended_errcode(h) == SQLITE_IOERR_NOMEM ? SQLITE_IOERR
							      : SQLITE_NOMEM);
	assert_true(sqlite3_memory_used() < before + ((int64_t)1 << 20));
	sqlite3_close(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_Q4_like_an_array),
		cmocka_unit_test(test_Q4_nothing_on_a_disk),
		cmocka_unit_test(test_Q4_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
