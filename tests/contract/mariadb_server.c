/* SPDX-License-Identifier: ISC */
/* Starting and ending a MariaDB for tests. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mariadb_server.h"
#include "server.h"

#define START_MS    60000
#define OPTIONS_MAX 40
#define USER        "mysql"

static char *
option(const char *z)
{
	return (char *)(unsigned long)z;
}

static MYSQL *
try_open(const struct mariadb_server *s, const char *database)
{
	MYSQL *h = mysql_init(NULL);

	(void)mysql_options(h, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(h, NULL, "root", "", database, 0, s->socket,
		CLIENT_MULTI_STATEMENTS) != NULL)
		return h;
	mysql_close(h);
	return NULL;
}

static void
wait_ready(struct mariadb_server *s)
{
	for (int i = 0; i < START_MS / 20; i++) {
		MYSQL *h = try_open(s, NULL);

		if (h != NULL) {
			mysql_close(h);
			return;
		}
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			break;
		(void)poll(NULL, 0, 20);
	}
	fprintf(stderr, "MariaDB does not start; see %s/log\n", s->folder);
	abort();
}

/* "more" cut at its blanks, behind those of ours. */
static void
add_more(char **args, int n, char *more)
{
	char *rest = more, *one;

	for (one = strsep(&rest, " "); one != NULL && n < OPTIONS_MAX;
	     one = strsep(&rest, " "))
		if (*one != '\0')
			args[n++] = one;
}

void
mariadb_server_again(struct mariadb_server *s)
{
	char data[96], sock[112], port[32], tmp[96], more[512];
	char *args[OPTIONS_MAX + 1] = { option("mariadbd"),
		option("--no-defaults"), data, sock, port, tmp,
		option("--bind-address=127.0.0.1"),
		option("--skip-name-resolve"), option("--skip-log-bin"),
		option("--innodb-flush-log-at-trx-commit=2"),
		option("--innodb-flush-method=nosync"),
		option("--innodb-buffer-pool-size=32M"),
		option("--innodb-log-file-size=8M"),
		option("--key-buffer-size=1M"),
		option("--aria-pagecache-buffer-size=1M"),
		option("--performance-schema=OFF"),
		option("--max-connections=20") };
	int n = 0;

	(void)snprintf(data, sizeof(data), "--datadir=%s/data", s->folder);
	(void)snprintf(sock, sizeof(sock), "--socket=%s", s->socket);
	/* A server that starts clears the folder of others away. */
	(void)snprintf(tmp, sizeof(tmp), "--tmpdir=%s", s->folder);
	(void)snprintf(port, sizeof(port), "--port=%d", s->port);
	(void)snprintf(more, sizeof(more), "%s",
	    s->more == NULL ? "" : s->more);
	while (args[n] != NULL)
		n++;
	add_more(args, n, more);
	s->pid = server_run(s->folder, USER, "/usr/sbin/mariadbd", args);
	wait_ready(s);
}

bool
mariadb_server_start(struct mariadb_server *s, const char *more)
{
	char data[96], tmp[96];
	char *args[] = { option("mariadb-install-db"), option("--no-defaults"),
		data, tmp, option("--skip-test-db"),
		option("--auth-root-authentication-method=normal"), NULL };
	int status;

	*s = (struct mariadb_server){ .port = server_port(), .more = more };
	if (access("/usr/sbin/mariadbd", X_OK) != 0 ||
	    access("/usr/bin/mariadb-install-db", X_OK) != 0 ||
	    !server_folder(s->folder, sizeof(s->folder), "mariadb", USER))
		return false;
	(void)snprintf(s->socket, sizeof(s->socket), "%s/socket", s->folder);
	(void)snprintf(data, sizeof(data), "--datadir=%s/data", s->folder);
	(void)snprintf(tmp, sizeof(tmp), "--tmpdir=%s", s->folder);
	if (waitpid(server_run(s->folder, USER, "/usr/bin/mariadb-install-db",
			args),
		&status, 0) < 0 ||
	    status != 0) {
		fprintf(stderr, "mariadb-install-db failed; see %s/log\n",
		    s->folder);
		abort();
	}
	mariadb_server_again(s);
	return true;
}

void
mariadb_server_kill(struct mariadb_server *s)
{
	server_end(&s->pid, SIGKILL);
}

void
mariadb_server_stop(struct mariadb_server *s)
{
	server_end(&s->pid, SIGKILL);
	server_remove(s->folder);
	mysql_library_end();
}

MYSQL *
mariadb_server_open(const struct mariadb_server *s, const char *database)
{
	MYSQL *h = try_open(s, database);

	if (h == NULL) {
		fprintf(stderr, "no connection to the server of the test\n");
		abort();
	}
	return h;
}

static void
fail(MYSQL *h, const char *sql)
{
	fprintf(stderr, "%s\n%s\n", mysql_error(h), sql);
	abort();
}

void
mariadb_server_script(const struct mariadb_server *s, const char *database,
    const char *sql)
{
	MYSQL *h = mariadb_server_open(s, database);
	int more;

	if (mysql_query(h, sql) != 0)
		fail(h, sql);
	do {
		mysql_free_result(mysql_store_result(h));
		more = mysql_next_result(h);
	} while (more == 0);
	if (more > 0)
		fail(h, sql);
	mysql_close(h);
}

const char *
mariadb_server_value(const struct mariadb_server *s, const char *database,
    const char *sql)
{
	static char value[256];
	MYSQL *h = mariadb_server_open(s, database);
	MYSQL_RES *res;
	MYSQL_ROW row;

	if (mysql_query(h, sql) != 0)
		fail(h, sql);
	res = mysql_store_result(h);
	row = res == NULL ? NULL : mysql_fetch_row(res);
	if (row == NULL)
		fail(h, sql);
	(void)snprintf(value, sizeof(value), "%s",
	    row[0] == NULL ? "NULL" : row[0]);
	mysql_free_result(res);
	mysql_close(h);
	return value;
}
