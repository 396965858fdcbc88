/* SPDX-License-Identifier: ISC */
/* The sites of a test on a PostgreSQL: each begins with an empty database. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/db.h"
#include "tests/contract/store_server.h"
#include "tests/unit/store_site.h"

struct pgsql_server store_server;

static pid_t owner;

static void
stop(void)
{
	if (getpid() == owner)
		pgsql_server_stop(&store_server);
}

static void
start(void)
{
	if (!pgsql_server_start(&store_server, "max_connections = 60")) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		exit(77);
	}
	owner = getpid();
	(void)atexit(stop);
	pgsql_server_script(&store_server, "postgres", "CREATE ROLE mcp LOGIN");
	pgsql_server_script(&store_server, "postgres",
	    "CREATE DATABASE mcp OWNER mcp");
}

bool
site_server(struct conf_source *out)
{
	if (owner == 0)
		start();
	pgsql_server_script(&store_server, "mcp",
	    "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION mcp");
	*out = (struct conf_source){ .name = "store",
		.store = true,
		.driver = "pgsql",
		.socket = store_server.socket,
		.port = store_server.port,
		.database = "mcp",
		.user = "mcp",
		.timeout = 2,
		.connect_timeout = 2 };
	return true;
}

struct db *
site_db(struct site *s)
{
	struct fault f = { 0 };
	struct db *db;

	if (db_connect(&s->conf, &s->conf.store, &db, &f) != ERR_OK)
		abort();
	return db;
}
