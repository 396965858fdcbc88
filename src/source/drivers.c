/* SPDX-License-Identifier: ISC */
/*
 * The drivers by name: one row each, with all that is known of a driver while
 * its library is not even installed.
 */
#include "config.h"

#include "conf/conf.h"
#include "source/clickhouse.h"
#include "source/driver.h"
#include "source/files.h"

extern const struct driver_work sqlite_work, files_work;
#ifdef STATIC_MARIADB
extern const struct driver_work mariadb_work; /* the static handler has it */
#endif

/* The settings that say where a source is and how to get there; all others
 * mean the same for every driver. */
static const char *const places[] = { "path", "host", "port", "socket",
	"database", "user", "password", "password_file", "password_env", "tls",
	"tls_ca", "options", "dsn", "trusted_role", "url", "addresses",
	"format", "delimiter", "header", "null", "types", "on_error",
	"unsafe_engines", NULL };

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ACCOUNT   "user", "password", "password_file", "password_env"

/* Nothing behind ODBC can be verified, so the administrator answers for it;
 * which tables a statement reads nobody knows, so none can be hidden. */
static enum err
odbc_check(const struct conf_source *s, struct fault *f)
{
	if (!s->trusted_role)
		return fault_field(f, STR("trusted_role"),
		    "must be true with the driver odbc: what its account may do is what can happen");
	if (s->deny.n != 0)
		return fault_field(f, STR("deny"),
		    "cannot be kept by the driver odbc; take the right to read them from the account");
	if (s->mask.n != 0)
		return fault_field(f, STR("mask"),
		    "cannot be kept by the driver odbc; take the right to read them from the account");
	return ERR_OK;
}

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
		    SOURCE_NO_WAY_BACK,
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

static bool
is_in(const char *const *list, const char *name)
{
	while (*list != NULL && strcmp(*list, name) != 0)
		list++;
	return *list != NULL;
}

static void
complain(struct buf *to, const struct conf_source *s, const char *setting,
    const char *what)
{
	struct conf_at at = conf_source_at(s, setting);

	buf_fmt(to, "%s:%d: %s%s%s%s %s", at.file, at.line,
	    s->store ? "" : "sources.", s->name,
	    conf_source_has(s, setting) ? "." : "",
	    conf_source_has(s, setting) ? setting : "", what);
}

/* A setting that this driver does not read. */
static void
complain_unread(struct buf *to, const struct conf_source *s,
    const struct source_driver *d, const char *setting)
{
	complain(to, s, setting, "is no setting of the driver ");
	buf_fmt(to, "%s; it reads", d->name);
	for (size_t i = 0; d->settings[i] != NULL; i++)
		buf_fmt(to, "%s %s", i == 0 ? "" : ",", d->settings[i]);
	buf_char(to, '\n');
}

size_t
driver_check(const struct source_driver *d, const struct conf_source *s,
    struct buf *complaints)
{
	struct fault f = { 0 };
	size_t bad = 0;

	for (size_t i = 0; i < s->ngiven; i++) {
		const char *name = s->given[i].name;

		if (!is_in(places, name) || is_in(d->settings, name))
			continue;
		complain_unread(complaints, s, d, name);
		bad++;
	}
	for (size_t i = 0; d->needs[i] != NULL; i++) {
		if (conf_source_has(s, d->needs[i]))
			continue;
		complain(complaints, s, d->needs[i], "needs the setting ");
		buf_fmt(complaints, "\"%s\" with the driver %s\n", d->needs[i],
		    d->name);
		bad++;
	}
	if (bad != 0 || d->check == NULL || d->check(s, &f) == ERR_OK)
		return bad;
	complain(complaints, s, f.field, f.msg);
	buf_char(complaints, '\n');
	return 1;
}

static size_t
complain_store(struct buf *to, const struct conf_source *s, const char *setting,
    const char *what)
{
	complain(to, s, setting, what);
	buf_char(to, '\n');
	return 1;
}

size_t
driver_check_store(const struct conf_source *s, struct buf *complaints)
{
	const struct source_driver *d = driver_find(str_of(s->driver));

	if (str_eq(str_of(s->driver), STR("sqlite"))) {
		for (size_t i = 0; i < s->ngiven; i++)
			if (is_in(places, s->given[i].name))
				return complain_store(complaints, s,
				    s->given[i].name,
				    "says nothing to the driver sqlite, which keeps the store in the state folder");
		return 0;
	}
	if (d == NULL || (d->caps & SOURCE_CAN_STORE) == 0)
		return complain_store(complaints, s, "driver",
		    "must be sqlite or pgsql");
	return driver_check(d, s, complaints);
}
