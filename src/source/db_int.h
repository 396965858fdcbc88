/* SPDX-License-Identifier: ISC */
/* What the engines behind our own databases share. */
#ifndef SOURCE_DB_INT_H
#define SOURCE_DB_INT_H

#include "source/db.h"
#include "source/sqlite_int.h"

#define DB_STMTS 128 /* more than the store has; a power of two */

/* The functions of the door, for one kind of database. */
struct db_engine {
	void (*close)(struct db *d);
	bool (*stale)(const struct db *d);
	bool (*look)(struct db *d, struct db_look *out);
	enum err (*run)(struct db *d, const char *sql, const struct value *v,
	    size_t n, db_row *row, void *arg, int64_t *changes,
	    struct fault *f);
	enum err (*script)(struct db *d, const char *sql, struct fault *f);
	/* NULL: a copy is made by other means. */
	enum err (*backup)(struct db *d, const char *to, struct fault *f);
};

/* Stands first in the struct of each kind. */
struct db {
	const struct db_engine *engine;
};

/* A file of SQLite's (db_file.c). */
struct db_file {
	struct db db;
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
enum err db_file_trouble(struct db_file *d, int rc,
    struct fault *f) FAULT_MUST_CHECK;

/* db_look.c */
bool db_file_look(struct db *d, struct db_look *out);
enum err db_file_backup(struct db *d, const char *to,
    struct fault *f) FAULT_MUST_CHECK;

#endif
