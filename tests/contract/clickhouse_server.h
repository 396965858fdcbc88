/* SPDX-License-Identifier: ISC */
/*
 * A ClickHouse of the tests' own: its configuration and data in a private
 * folder, on free ports of the loopback, ended by its process id.
 *
 * Accounts: "default" owns it all and has no password; "mcp" has the password
 * "right word"; "reader" is read-only by its profile, with none; "small" may
 * run one statement at a time.
 */
#ifndef TESTS_CLICKHOUSE_SERVER_H
#define TESTS_CLICKHOUSE_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct clickhouse_server {
	char folder[64];
	char url[64];
	int port, native_port, tls_port;
	pid_t pid;
};

/* False: no ClickHouse is installed here.  With "tls" it has a certificate for
 * "localhost", FOLDER/server.crt, and listens on tls_port too. */
bool clickhouse_server_start(struct clickhouse_server *s, bool tls);
/* Start it again after clickhouse_server_kill, on the same data. */
void clickhouse_server_again(struct clickhouse_server *s);
/* End it at once, as a crash would. */
void clickhouse_server_kill(struct clickhouse_server *s);
/* End it and remove its folder. */
void clickhouse_server_stop(struct clickhouse_server *s);

/* Run statements of the owner's, separated by ";\n"; ends the program where
 * one fails. */
void clickhouse_server_script(const struct clickhouse_server *s,
    const char *database, const char *sql);
/* What a query says, in a buffer of the function's. */
const char *clickhouse_server_value(const struct clickhouse_server *s,
    const char *sql);

#endif
