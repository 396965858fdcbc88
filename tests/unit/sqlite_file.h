/* SPDX-License-Identifier: ISC */
/* A SQLite file in a folder of its own as the one source of a front; for
 * cmocka's setup and teardown. */
#ifndef TESTS_SQLITE_FILE_H
#define TESTS_SQLITE_FILE_H

#include <sqlite3.h>

#include "../contract/contract.h"

extern char folder[64], path[80];
extern struct conf_source spec;
extern struct conf conf;
extern struct sources *sources;
extern struct outcome out;

int open_all(void **state);
int open_ruled(void **state); /* with a deny rule that hides nothing */
int close_all(void **state);

/* Another program's work on a file: its connection, to be closed. */
sqlite3 *other_program(const char *name, const char *sql);
void with_file(const char *sql); /* on the source's, and closed */

/* A path there; good until the next but one. */
const char *in_folder(const char *name);

/* Every right on every class. */
struct sql_ask ask_all(void);

/* The rows as text, or the code of the fault. */
void gives(const char *sql, const char *want);

#endif
