/* SPDX-License-Identifier: ISC */
/*
 * A MariaDB of the tests' own: made in a private folder, on a socket in it and
 * a free port of the loopback, ended by its process id.  As root it runs as
 * the user mysql.
 */
#ifndef TESTS_MARIADB_SERVER_H
#define TESTS_MARIADB_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include <mysql.h>

struct mariadb_server {
	char folder[64];
	char socket[80];
	int port;
	pid_t pid;
	const char *more; /* further options, with blanks between */
};

/* False: no MariaDB is installed here. */
bool mariadb_server_start(struct mariadb_server *s, const char *more);
/* Start it again after mariadb_server_kill, on the same data. */
void mariadb_server_again(struct mariadb_server *s);
/* End it at once, as a crash would. */
void mariadb_server_kill(struct mariadb_server *s);
/* End it and remove its folder. */
void mariadb_server_stop(struct mariadb_server *s);

/* A connection of root to a database, or to none. */
MYSQL *mariadb_server_open(const struct mariadb_server *s,
    const char *database);
/* Run a script; ends the program where it fails. */
void mariadb_server_script(const struct mariadb_server *s, const char *database,
    const char *sql);
/* The first value of a query, in a buffer of the function's. */
const char *mariadb_server_value(const struct mariadb_server *s,
    const char *database, const char *sql);

#endif
