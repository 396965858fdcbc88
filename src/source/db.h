/* SPDX-License-Identifier: ISC */
/*
 * Our own SQL on a database of ours (keys, limits), a file of SQLite's or a
 * server's: const statements, kept prepared, values bound.  Parameters are
 * written ?1, ?2, …; the text must be good for SQLite and PostgreSQL alike.
 * Nothing of a caller is ever SQL here.
 */
#ifndef SOURCE_DB_H
#define SOURCE_DB_H

#include "base/arena.h"
#include "base/fault.h"
#include "source/value.h"

struct conf;
struct conf_source;
struct db;

/* A row of a result; its values are lent until it returns; false: enough. */
typedef bool db_row(void *arg, const struct value *v, size_t n);

enum db_durable { DB_SAFE, DB_FAST }; /* synchronous FULL or NORMAL */

/*
 * Open or create the file (0600, WAL where the file system bears it,
 * rollback journal otherwise; busy timeout 250 ms).  Each trouble has its
 * own sentence: folder missing, not writable, not a database, locked.
 */
enum err db_open(const char *path, enum db_durable how, struct db **out,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Connect to the database of a server that "spec" describes, for writing; of
 * several hosts to the one that can be written.  The connection is made anew
 * by itself when it was lost.  "conf" and "spec" must live as long as it does.
 */
enum err db_connect(const struct conf *conf, const struct conf_source *spec,
    struct db **out, struct fault *f) FAULT_MUST_CHECK;
void db_close(struct db *d); /* takes NULL */

/* The path was replaced or deleted on disk since it was opened; a server's
 * never is. */
bool db_stale(const struct db *d);

/*
 * What a database looks like now, without a system call: two looks that are
 * the same have nothing committed between them, by whatever process.  False
 * when that cannot be told, as without a write-ahead log or on a server.
 */
struct db_look {
	unsigned char b[48];
};
bool db_look(struct db *d, struct db_look *out);

/* Can processes share memory through files of this folder?  Not so on network
 * file systems. */
bool db_shares_memory(const char *path);

/*
 * Run one statement.  "sql" must live as long as d: it is also the key under
 * which the prepared statement is kept.  For every row "row" is called, which
 * may be NULL and asks nothing of the same d.  *changes may be NULL.
 */
enum err db_run(struct db *d, const char *sql, const struct value *v, size_t n,
    db_row *row, void *arg, int64_t *changes, struct fault *f) FAULT_MUST_CHECK;

/* Several statements separated by ';' (schema set-up, BEGIN, COMMIT); no
 * values. */
enum err db_script(struct db *d, const char *sql,
    struct fault *f) FAULT_MUST_CHECK;

/* A consistent copy of a file into a new one, while others write. */
enum err db_backup(struct db *d, const char *to,
    struct fault *f) FAULT_MUST_CHECK;

#endif
