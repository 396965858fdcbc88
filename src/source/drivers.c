/* SPDX-License-Identifier: ISC */
/*
 * The drivers by name: one row each, with all that is known of a driver while
 * its library is not even installed.
 */
#include "config.h"

#include "conf/conf.h"
#include "source/driver_check.h"
#include "source/files.h"

extern const struct driver_work sqlite_work, files_work;
#ifdef STATIC_MARIADB
extern const struct driver_work mariadb_work; /* the static handler has it */
#endif

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ACCOUNT   "user", "password", "password_file", "password_env"

static const struct source_driver drivers[] = {
	{ .name = "sqlite",
	    .data_source = "sqlite",
	    .dialect = DIALECT_SQLITE,
	    .caps = SOURCE_CAN_WRITE,
	    .settings = LIST("path"),
	    .needs = LIST("path"),
	    .work = &sqlite_work,
	    .guide =
		"The dialect is SQLite. Quote names with double quotes, text with single quotes. There is one schema, main; table names need no qualifier." },
	{ .name = FILES_DRIVER,
	    .data_source = "files",
	    .dialect = DIALECT_SQLITE,
	    .caps = 0,
	    .settings = LIST("path", "format", "delimiter", "header", "null",
		"types", "on_error"),
	    .needs = LIST("path"),
	    .check = files_check,
	    .work = &files_work,
	    .guide =
		"The tables are files, read as SQLite: the dialect is SQLite and nothing can be written. Quote names with double quotes, text with single quotes. A single table is also called data." },
	{ .name = "pgsql",
	    .data_source = "postgresql",
	    .dialect = DIALECT_PGSQL,
	    .caps = SOURCE_CAN_WRITE | SOURCE_CAN_CALL | SOURCE_CAN_SCHEMAS |
		    SOURCE_CAN_CANCEL | SOURCE_CAN_STORE,
	    .settings = LIST("host", "port", "socket", "database", ACCOUNT,
		"tls", "tls_ca", "options"),
	    .needs = LIST("database", "user"),
	    .check = pgsql_check,
	    .package = "mcp-fcgi-pgsql",
	    .guide =
		"The dialect is PostgreSQL. Quote names with double quotes, text with single quotes; names without quotes are folded to small letters. Qualify tables as schema.table; public needs no qualifier." },
	{ .name = "odbc",
	    .data_source = "odbc",
	    .dialect = DIALECT_ODBC,
	    .caps = SOURCE_CAN_WRITE | SOURCE_CAN_CALL | SOURCE_CAN_SCHEMAS,
	    .settings = LIST("dsn", ACCOUNT, "options", "trusted_role", "path"),
	    .needs = LIST("dsn", "trusted_role"),
	    .check = odbc_check,
	    .package = "mcp-fcgi-odbc",
	    .guide =
		"The dialect is that of the database behind ODBC. Quote text with single quotes, names, where they need it, with double quotes." },
	{ .name = "clickhouse",
	    .data_source = "clickhouse",
	    .dialect = DIALECT_CLICKHOUSE,
	    .caps = SOURCE_CAN_WRITE | SOURCE_CAN_SCHEMAS | SOURCE_CAN_CANCEL |
		    SOURCE_NO_WAY_BACK | SOURCE_ONLY_INSERTS,
	    .settings =
		LIST("url", "addresses", "database", ACCOUNT, "tls", "tls_ca"),
	    .needs = LIST("url"),
	    .check = clickhouse_check,
	    .package = "mcp-fcgi-clickhouse",
	    .opens = "curl",
	    .guide =
		"The dialect is ClickHouse. Quote names with double quotes or backticks, text with single quotes; names are case-sensitive. Qualify tables of other databases as database.table. Rows have no order without ORDER BY. INSERT is the only write and cannot be taken back." },
	{ .name = "mariadb",
	    .data_source = "mysql",
	    .dialect = DIALECT_MARIADB,
	    .caps = SOURCE_CAN_WRITE | SOURCE_CAN_CALL | SOURCE_CAN_SCHEMAS |
		    SOURCE_CAN_CANCEL,
	    .settings = LIST("host", "port", "socket", "database", ACCOUNT,
		"tls", "tls_ca", "unsafe_engines"),
	    .needs = LIST("database", "user"),
	    .check = mariadb_check,
	    .package = "mcp-fcgi-mariadb",
#ifdef STATIC_MARIADB
	    .work = &mariadb_work,
#endif
	    .guide =
		"The dialect is MariaDB. Quote names with backticks, text with single quotes. Qualify tables of other schemas as schema.table." },
};

#define NDRIVERS (sizeof(drivers) / sizeof(drivers[0]))

const struct source_driver *
driver_find(struct str name)
{
	for (size_t i = 0; i < NDRIVERS; i++)
		if (str_eq(name, str_of(drivers[i].name)))
			return &drivers[i];
	return NULL;
}

const char *const *
driver_names(void)
{
	static const char *const names[] = { "sqlite", FILES_DRIVER, "pgsql",
		"odbc", "clickhouse", "mariadb", NULL };

	_Static_assert(sizeof(names) / sizeof(names[0]) == NDRIVERS + 1,
	    "a driver without its name");
	return names;
}
