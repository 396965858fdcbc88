/* SPDX-License-Identifier: ISC */
/*
 * A PostgreSQL of the tests' own: initdb in a private folder, on a socket in it
 * and a free port of the loopback, ended by its process id.  As root it runs as
 * the user postgres.
 */
#ifndef TESTS_PGSQL_SERVER_H
#define TESTS_PGSQL_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include <libpq-fe.h>

struct pgsql_server {
	char folder[64];
	char socket[80]; /* the folder the socket is in */
	char bin[256];
	int port;
	pid_t pid;
};

/* False: no PostgreSQL is installed here.  "more" (or NULL) are further
 * lines of its configuration. */
bool pgsql_server_start(struct pgsql_server *s, const char *more);
/* Start it again after pgsql_server_kill, on the same data. */
void pgsql_server_again(struct pgsql_server *s);
/* End it at once, as a crash would. */
void pgsql_server_kill(struct pgsql_server *s);
/* End it and remove its folder. */
void pgsql_server_stop(struct pgsql_server *s);

/* A connection of the superuser "postgres" to a database. */
PGconn *pgsql_server_open(const struct pgsql_server *s, const char *database);
/* Run a script; ends the program where it fails. */
void pgsql_server_script(const struct pgsql_server *s, const char *database,
    const char *sql);
/* examples/hardening-pgsql.sql for a role, as an administrator would. */
void pgsql_server_harden(const struct pgsql_server *s, const char *database,
    const char *role);
/* The first value of a query, in a buffer of the function's. */
const char *pgsql_server_value(const struct pgsql_server *s,
    const char *database, const char *sql);

#endif
