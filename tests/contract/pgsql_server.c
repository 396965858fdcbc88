/* SPDX-License-Identifier: ISC */
/* Starting and ending a PostgreSQL for tests. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgsql_server.h"
#include "server.h"

#define START_MS 60000
#define USER     "postgres"

static void
die(const char *what)
{
	perror(what);
	abort();
}

/* Where Debian keeps the programs of the newest version. */
static bool
find_bin(struct pgsql_server *s)
{
	for (int v = 30; v > 12; v--) {
		char path[300];

		(void)snprintf(s->bin, sizeof(s->bin),
		    "/usr/lib/postgresql/%d/bin", v);
		(void)snprintf(path, sizeof(path), "%s/initdb", s->bin);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static pid_t
start(const struct pgsql_server *s, const char *program, char *const *args)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", s->bin, program);
	return server_run(s->folder, USER, path, args);
}

static bool
answers(const struct pgsql_server *s)
{
	PGconn *h;
	bool ok;
	char info[256];

	(void)snprintf(info, sizeof(info),
	    "host=%s port=%d user=postgres dbname=postgres", s->socket,
	    s->port);
	h = PQconnectdb(info);
	ok = PQstatus(h) == CONNECTION_OK;
	PQfinish(h);
	return ok;
}

/* postmaster.pid appears with "ready" in its last line. */
static void
wait_ready(struct pgsql_server *s)
{
	for (int i = 0; i < START_MS / 20; i++) {
		if (answers(s))
			return;
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			break;
		(void)poll(NULL, 0, 20);
	}
	fprintf(stderr, "PostgreSQL does not start; see %s/log\n", s->folder);
	abort();
}

void
pgsql_server_again(struct pgsql_server *s)
{
	char data[96];
	char *args[] = { (char *)(unsigned long)"postgres",
		(char *)(unsigned long)"-D", data, NULL };

	(void)snprintf(data, sizeof(data), "%s/data", s->folder);
	s->pid = start(s, "postgres", args);
	wait_ready(s);
}

static void
configure(const struct pgsql_server *s, const char *more)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/data/postgresql.conf",
	    s->folder);
	f = fopen(path, "a");
	if (f == NULL)
		die(path);
	fprintf(f,
	    "unix_socket_directories = '%s'\nport = %d\nlisten_addresses = '127.0.0.1'\nfsync = off\nfull_page_writes = off\nshared_buffers = 32MB\nmax_connections = 20\n%s\n",
	    s->socket, s->port, more == NULL ? "" : more);
	fclose(f);
	(void)snprintf(path, sizeof(path), "%s/data/pg_hba.conf", s->folder);
	f = fopen(path, "w");
	if (f == NULL)
		die(path);
	fprintf(f,
	    "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
	fclose(f);
}

bool
pgsql_server_start(struct pgsql_server *s, const char *more)
{
	char data[96];
	char *args[] = { (char *)(unsigned long)"initdb",
		(char *)(unsigned long)"-D", data, (char *)(unsigned long)"-U",
		(char *)(unsigned long)"postgres", (char *)(unsigned long)"-E",
		(char *)(unsigned long)"UTF8",
		(char *)(unsigned long)"--locale=C.UTF-8",
		(char *)(unsigned long)"--no-sync", (char *)(unsigned long)"-A",
		(char *)(unsigned long)"trust", NULL };
	int status;

	*s = (struct pgsql_server){ .port = server_port() };
	if (!find_bin(s) ||
	    !server_folder(s->folder, sizeof(s->folder), "pgsql", USER))
		return false;
	(void)snprintf(s->socket, sizeof(s->socket), "%s", s->folder);
	(void)snprintf(data, sizeof(data), "%s/data", s->folder);
	if (waitpid(start(s, "initdb", args), &status, 0) < 0 || status != 0) {
		fprintf(stderr, "initdb failed; see %s/log\n", s->folder);
		abort();
	}
	configure(s, more);
	pgsql_server_again(s);
	return true;
}

void
pgsql_server_kill(struct pgsql_server *s)
{
	server_end(&s->pid, SIGQUIT);
}

void
pgsql_server_stop(struct pgsql_server *s)
{
	server_end(&s->pid, SIGQUIT);
	server_remove(s->folder);
}

PGconn *
pgsql_server_open(const struct pgsql_server *s, const char *database)
{
	char info[256];
	PGconn *h;

	(void)snprintf(info, sizeof(info),
	    "host=%s port=%d user=postgres dbname=%s", s->socket, s->port,
	    database);
	h = PQconnectdb(info);
	if (PQstatus(h) != CONNECTION_OK) {
		fprintf(stderr, "%s\n", PQerrorMessage(h));
		abort();
	}
	return h;
}

void
pgsql_server_script(const struct pgsql_server *s, const char *database,
    const char *sql)
{
	PGconn *h = pgsql_server_open(s, database);
	PGresult *res = PQexec(h, "SET client_min_messages = error");

	PQclear(res);
	res = PQexec(h, sql);
	if (PQresultStatus(res) != PGRES_COMMAND_OK &&
	    PQresultStatus(res) != PGRES_TUPLES_OK) {
		fprintf(stderr, "%s\n", PQerrorMessage(h));
		abort();
	}
	PQclear(res);
	PQfinish(h);
}

const char *
pgsql_server_value(const struct pgsql_server *s, const char *database,
    const char *sql)
{
	static char value[256];
	PGconn *h = pgsql_server_open(s, database);
	PGresult *res = PQexec(h, sql);

	if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) == 0) {
		fprintf(stderr, "%s\n", PQerrorMessage(h));
		abort();
	}
	(void)snprintf(value, sizeof(value), "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
	PQfinish(h);
	return value;
}

void
pgsql_server_harden(const struct pgsql_server *s, const char *database,
    const char *role)
{
	const char *srcdir = getenv("srcdir");
	char file[512], port[16], word[80];
	int status = -1, fd;
	pid_t pid;

	(void)snprintf(file, sizeof(file), "%s/examples/hardening-pgsql.sql",
	    srcdir == NULL ? "." : srcdir);
	(void)snprintf(port, sizeof(port), "%d", s->port);
	(void)snprintf(word, sizeof(word), "role=%s", role);
	pid = fork();
	if (pid == 0) {
		fd = open("/dev/null", O_WRONLY);
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		execlp("psql", "psql", "-q", "-h", s->socket, "-p", port, "-U",
		    "postgres", "-v", word, "-v", "schema=public", "-f", file,
		    database, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "%s failed\n", file);
		abort();
	}
}
