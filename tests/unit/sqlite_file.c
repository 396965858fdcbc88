/* SPDX-License-Identifier: ISC */
/* A SQLite file in a folder of its own as the one source of a front. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sqlite_file.h"

#define NOBODY 65534

char folder[64], path[80];
struct conf_source spec;
struct conf conf;
struct sources *sources;
struct outcome out;

sqlite3 *
other_program(const char *name, const char *sql)
{
	sqlite3 *h;

	assert_int_equal(sqlite3_open(name, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "PRAGMA synchronous=OFF", NULL, NULL,
			     NULL),
	    SQLITE_OK);
	if (sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(h));
	return h;
}

void
with_file(const char *sql)
{
	sqlite3_close(other_program(path, sql));
}

const char *
in_folder(const char *name)
{
	static char full[2][120];
	static int turn;

	turn = !turn;
	snprintf(full[turn], sizeof(full[turn]), "%s/%s", folder, name);
	return full[turn];
}

/* Permissions mean nothing to root, so root becomes somebody. */
int
open_all(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/files.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	if (geteuid() == 0 &&
	    (chown(folder, NOBODY, NOBODY) != 0 || seteuid(NOBODY) != 0))
		return -1;
	snprintf(path, sizeof(path), "%s/shop.db", folder);
	spec = (struct conf_source){ .name = "shop",
		.driver = "sqlite",
		.path = path,
		.timeout = 5,
		.connect_timeout = 1,
		.max_sql = 65536 };
	conf = (struct conf){ .sources = &spec,
		.nsources = 1,
		.limits = contract_limits() };
	sources = sources_new(&conf);
	out = (struct outcome){ .a = arena_new((size_t)1 << 24) };
	return 0;
}

/* The same through a connection that has the file attached. */
int
open_ruled(void **state)
{
	static const char *deny[] = { "nothing_*" };
	int bad = open_all(state);

	spec.deny = (struct conf_names){ deny, 1 };
	return bad;
}

int
close_all(void **state)
{
	static const char *const names[] = { "shop.db", "shop.db-wal",
		"shop.db-shm", "shop.db-journal", "made.db", "made.db-journal",
		"real.db" };

	(void)state;
	sources_free(sources);
	arena_free(out.a);
	chmod(folder, 0700);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_folder(names[i]));
	if (getuid() == 0 && seteuid(0) != 0)
		return -1;
	return rmdir(folder);
}

struct sql_ask
ask_all(void)
{
	return (struct sql_ask){ .classes = ~0u,
		.verbs = VERB_ALL,
		.all_rows = true,
		.max_rows = 1000,
		.max_affected = 1000 };
}

void
gives(const char *sql, const char *want)
{
	struct sql_ask ask = ask_all();

	contract_ask(sources, &ask, sql, true, &out);
	if (!str_eq(out.rows, str_of(want)))
		print_error("%s: %s (%s)\n", sql, out.f.msg, out.f.log);
	assert_string_equal(arena_z(out.a, out.rows), want);
}
