/* SPDX-License-Identifier: ISC */
/* Inside the SQLite driver: what its files share. */
#ifndef SOURCE_SQLITE_INT_H
#define SOURCE_SQLITE_INT_H

#include <sqlite3.h>

#include "base/str.h"
#include "source/value.h"

/*
 * Before the first use of the library: one thread uses it, so it needs no
 * mutexes.  Memory statistics stay on, for the hard heap limit needs them.
 * May be called often; only the first call counts.
 */
void sqlite_start(void);

/* Bind one value; the bytes must live until the statement is reset. */
int sqlite_bind(sqlite3_stmt *st, int i, const struct value *v);

/* The value of a column as its storage class has it; lent until the next
 * step. */
struct value sqlite_value(sqlite3_stmt *st, int i);

#endif
