/* SPDX-License-Identifier: ISC */
/*
 * A folder of the tests' own with what ODBC reads (odbcinst.ini, odbc.ini) and
 * with a database of SQLite: nothing of the machine's is used but the drivers.
 */
#ifndef TESTS_ODBC_SITE_H
#define TESTS_ODBC_SITE_H

#include "pgsql_server.h"

struct odbc_site {
	char folder[64];
	char database[96]; /* of SQLite */
};

/* The drivers by these names are "pg" and "lite", the data sources "shop" on
 * the server (its database shop) and "file".  False: a driver is missing, which
 * was said. */
bool odbc_site_make(struct odbc_site *s, const struct pgsql_server *pg);
void odbc_site_remove(const struct odbc_site *s);
/* Make the database of SQLite anew by a script. */
void odbc_site_script(const struct odbc_site *s, const char *sql);
/* The first value of a query of it, in a buffer of the function's. */
const char *odbc_site_value(const struct odbc_site *s, const char *sql);

#endif
