/* SPDX-License-Identifier: ISC */
/* What ODBC reads, in a folder of the tests' own. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "odbc_site.h"

static void
die(const char *what)
{
	perror(what);
	abort();
}

/* Where Debian keeps the drivers of this machine's kind. */
static bool
find(const char *name, const char *package, char *out, size_t size)
{
	char pattern[128];
	glob_t g;
	bool found;

	(void)snprintf(pattern, sizeof(pattern), "/usr/lib/*/odbc/%s", name);
	found = glob(pattern, 0, NULL, &g) == 0;
	if (found)
		(void)snprintf(out, size, "%s", g.gl_pathv[0]);
	else
		fprintf(stderr, "no ODBC driver %s is installed here (%s)\n",
		    name, package);
	globfree(&g);
	return found;
}

static void
put(const struct odbc_site *s, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		die(path);
}

bool
odbc_site_make(struct odbc_site *s, const struct pgsql_server *pg)
{
	char text[2048], pgsql[256], sqlite[256], ini[96];

	if (!find("psqlodbcw.so", "odbc-postgresql", pgsql, sizeof(pgsql)) ||
	    !find("libsqlite3odbc.so", "libsqliteodbc", sqlite, sizeof(sqlite)))
		return false;
	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/odbc.XXXXXX");
	if (mkdtemp(s->folder) == NULL)
		die("a folder");
	(void)snprintf(s->database, sizeof(s->database), "%s/shop.db",
	    s->folder);
	(void)snprintf(text, sizeof(text),
	    "[pg]\nDriver = %s\n[lite]\nDriver = %s\n", pgsql, sqlite);
	put(s, "odbcinst.ini", text);
	(void)snprintf(text, sizeof(text),
	    "[shop]\nDriver = pg\nServername = %s\nPort = %d\nDatabase = shop\n"
	    "[file]\nDriver = lite\nDatabase = %s\n",
	    pg == NULL ? "" : pg->socket, pg == NULL ? 0 : pg->port,
	    s->database);
	put(s, "odbc.ini", text);
	(void)snprintf(ini, sizeof(ini), "%s/odbc.ini", s->folder);
	if (setenv("ODBCSYSINI", s->folder, 1) != 0 ||
	    setenv("ODBCINI", ini, 1) != 0)
		die("setenv");
	return true;
}

void
odbc_site_remove(const struct odbc_site *s)
{
	static const char *const files[] = { "odbc.ini", "odbcinst.ini",
		"shop.db", "shop.db-journal" };
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", s->folder,
		    files[i]);
		(void)unlink(path);
	}
	(void)rmdir(s->folder);
}

static sqlite3 *
open_database(const struct odbc_site *s)
{
	sqlite3 *db;

	if (sqlite3_open(s->database, &db) != SQLITE_OK)
		abort();
	return db;
}

void
odbc_site_script(const struct odbc_site *s, const char *sql)
{
	char *bad = NULL;
	sqlite3 *db;

	(void)unlink(s->database);
	db = open_database(s);
	if (sqlite3_exec(db, sql, NULL, NULL, &bad) != SQLITE_OK) {
		fprintf(stderr, "%s\n", bad);
		abort();
	}
	(void)sqlite3_close(db);
}

const char *
odbc_site_value(const struct odbc_site *s, const char *sql)
{
	static char value[4096];
	sqlite3 *db = open_database(s);
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		abort();
	(void)snprintf(value, sizeof(value), "%s",
	    (const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return value;
}
