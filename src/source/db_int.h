/* SPDX-License-Identifier: ISC */
/* What the files of our own databases share. */
#ifndef SOURCE_DB_INT_H
#define SOURCE_DB_INT_H

#include "source/db.h"
#include "source/sqlite_int.h"

#define DB_STMTS 128 /* more than the store has; a power of two */

struct db {
	sqlite3 *h;
	struct arena *arena;
	const char *path;
	struct {
		const char *sql;
		sqlite3_stmt *st;
	} kept[DB_STMTS];
	size_t nkept;
	bool wrote;
	bool has_wal;
};

/* What the library's result means, in words that fit every caller. */
enum err db_trouble(struct db *d, int rc, struct fault *f) FAULT_MUST_CHECK;

#endif
