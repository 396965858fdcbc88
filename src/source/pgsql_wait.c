/* SPDX-License-Identifier: ISC */
/*
 * Sending and waiting, by a clock of our own: the server's statement_timeout
 * counts each FETCH anew, and a server that hangs keeps no time at all.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "source/pgsql_int.h"

#define AFTER_CANCEL_MS 2000
#define SERVER_EXTRA_MS 1000 /* the server's own limit comes after ours */
#define RESET_MS        2000

void
pgsql_watch(struct pgsql_conn *c, struct deadline d,
    const struct source_pulse *p)
{
	running_start(&c->run, d, p);
}

static void
cancel(struct pgsql_conn *c)
{
	char text[256];

	if (c->cancel == NULL || PQcancel(c->cancel, text, sizeof(text)) != 1)
		c->lost = true;
	c->run.deadline = deadline_in(AFTER_CANCEL_MS);
}

/* The pulse and the deadline; false: it was cancelled and hangs all the
 * same. */
static bool
tick(struct pgsql_conn *c)
{
	enum err why = c->run.why;

	if (why != ERR_OK)
		return !deadline_over(c->run.deadline) && !c->lost;
	why = running_look(&c->run);
	if (why != ERR_OK)
		cancel(c);
	return !c->lost;
}

static enum err
lost(struct pgsql_conn *c, struct fault *f)
{
	c->lost = true;
	if (c->run.why != ERR_OK)
		return pgsql_fault(c, NULL, NULL, NULL, f);
	if (c->h != NULL)
		fault_log(f, "%s", PQerrorMessage(c->h));
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "the connection to the source broke off");
}

/* The end of the socket without an answer, or no memory for one. */
static enum err
broken(struct pgsql_conn *c, struct fault *f)
{
	const char *text = PQerrorMessage(c->h);

	if (strstr(text, "memory") == NULL)
		return lost(c, f);
	fault_log(f, "%s", text);
	c->lost = true;
	fault_hint(f, "Ask for less, or for a part of the value");
	return fault_set(f, ERR_TOO_LARGE,
	    "a value or row is larger than it may be");
}

enum err
pgsql_next(struct pgsql_conn *c, PGresult **res, struct fault *f)
{
	*res = NULL;
	for (;;) {
		int more = PQflush(c->h);
		struct pollfd p = { .fd = PQsocket(c->h),
			.events = (short)(POLLIN | (more > 0 ? POLLOUT : 0)) };

		if (more < 0)
			return broken(c, f);
		if (!PQisBusy(c->h))
			break;
		if (poll(&p, 1, running_nap(&c->run)) < 0 && errno != EINTR)
			return lost(c, f);
		if (!tick(c))
			return lost(c, f);
		if (p.revents != 0 && !PQconsumeInput(c->h))
			return broken(c, f);
	}
	*res = PQgetResult(c->h);
	if (PQstatus(c->h) == CONNECTION_BAD) {
		PQclear(*res);
		*res = NULL;
		return broken(c, f);
	}
	return ERR_OK;
}

void
pgsql_drain(struct pgsql_conn *c)
{
	struct fault ignored = { 0 };
	PGresult *res = NULL;

	while (!c->lost && pgsql_next(c, &res, &ignored) == ERR_OK &&
	       res != NULL) {
		ExecStatusType s = PQresultStatus(res);

		PQclear(res);
		/* It would wait for data for ever. */
		if (s == PGRES_COPY_IN || s == PGRES_COPY_OUT ||
		    s == PGRES_COPY_BOTH)
			c->lost = true;
	}
}

static void
clear(void *res)
{
	PQclear(res);
}

static bool
is_good(const PGresult *res)
{
	ExecStatusType s = PQresultStatus(res);

	return s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK ||
	       s == PGRES_SINGLE_TUPLE;
}

/* The last result of what was sent, or the first that failed. */
static enum err
collect(struct pgsql_conn *c, struct arena *a, const struct pgsql_text *t,
    PGresult **out, struct fault *f)
{
	enum err e = ERR_OK;
	PGresult *res = NULL;

	*out = NULL;
	while (e == ERR_OK && (e = pgsql_next(c, &res, f)) == ERR_OK &&
	       res != NULL) {
		if (a != NULL)
			arena_defer(a, clear, res);
		if (!is_good(res))
			e = pgsql_fault(c, a, res, t, f);
		*out = res;
		if (a == NULL)
			PQclear(res);
	}
	if (e != ERR_OK)
		pgsql_drain(c);
	return e;
}

static enum err
not_sent(struct pgsql_conn *c, struct fault *f)
{
	return PQstatus(c->h) == CONNECTION_BAD ? lost(c, f) : broken(c, f);
}

enum err
pgsql_ask(struct pgsql_conn *c, struct arena *a, const char *sql,
    const char *const *values, int n, PGresult **res, struct fault *f)
{
	int sent = n == 0 ? PQsendQuery(c->h, sql)
			  : PQsendQueryParams(c->h, sql, n, NULL, values, NULL,
				NULL, 0);

	if (!sent)
		return not_sent(c, f);
	return collect(c, a, NULL, res, f);
}

enum err
pgsql_send(struct pgsql_conn *c, struct arena *a, const struct pgsql_text *t,
    PGresult **res, struct fault *f)
{
	if (!PQsendQueryParams(c->h, t->sql, t->n, t->types, t->values,
		t->lengths, t->formats, 0))
		return not_sent(c, f);
	return collect(c, a, t, res, f);
}

void
pgsql_rollback(struct pgsql_conn *c)
{
	struct fault ignored = { 0 };
	PGresult *res;

	c->open = c->writing = false;
	if (c->h == NULL || c->lost)
		return;
	pgsql_watch(c, deadline_in(RESET_MS), NULL);
	if (PQtransactionStatus(c->h) != PQTRANS_IDLE &&
	    pgsql_ask(c, NULL, "ROLLBACK", NULL, 0, &res, &ignored) != ERR_OK)
		c->lost = true;
}

/* Nothing may be sent on a connection that is gone, or was left by a restart
 * of the server; then it is made anew, as long as nothing is open. */
static enum err
sure(struct pgsql_conn *c, struct fault *f)
{
	struct deadline most =
	    deadline_in((int64_t)c->spec->connect_timeout * 1000);

	if (c->h != NULL && !c->lost && PQstatus(c->h) == CONNECTION_OK)
		return ERR_OK;
	if (c->spec->connect_timeout <= 0)
		return pgsql_connect(c, c->run.deadline, f);
	return pgsql_connect(c, deadline_min(c->run.deadline, most), f);
}

static enum err
begin_once(struct pgsql_conn *c, struct arena *a, bool write, struct fault *f)
{
	int64_t left = deadline_left(c->run.deadline);
	PGresult *res;
	const char *sql;

	left = left == INT64_MAX ? 0 : left + SERVER_EXTRA_MS;
	if (left > INT32_MAX)
		left = 0;
	/* After the SELECT no SET TRANSACTION is possible. */
	sql = arena_fmt(a,
	    "BEGIN ISOLATION LEVEL READ COMMITTED READ %s; SET LOCAL statement_timeout = %lld; SELECT 1",
	    write ? "WRITE" : "ONLY", (long long)left)
		  .p;
	return pgsql_ask(c, a, sql, NULL, 0, &res, f);
}

static enum err
set_schema(struct pgsql_conn *c, struct arena *a, struct str schema,
    struct fault *f)
{
	const char *name[] = { arena_z(a, schema) };
	const char *path[1];
	PGresult *res = NULL;
	enum err e = pgsql_ask(c, a,
	    "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = $1 OR lower(nspname) = lower($1) ORDER BY nspname <> $1 LIMIT 1",
	    name, 1, &res, f);

	if (e != ERR_OK)
		return e;
	if (PQntuples(res) == 0)
		return fault_set(f, ERR_SCHEMA_NOT_FOUND, "no such schema: %s",
		    name[0]);
	path[0] = arena_fmt(a, "%s, public",
	    pgsql_quote(a, str_of(PQgetvalue(res, 0, 0))).p)
		      .p;
	return pgsql_ask(c, a,
	    "SELECT pg_catalog.set_config('search_path', $1, true)", path, 1,
	    &res, f);
}

enum err
pgsql_begin(struct pgsql_conn *c, struct arena *a, bool write,
    const struct sql *q, struct fault *f)
{
	bool kept = c->h != NULL && !c->lost;
	enum err e = sure(c, f);

	if (e == ERR_OK)
		e = begin_once(c, a, write, f);
	/* The server was restarted since: once more, on a new connection. */
	if (e == ERR_SOURCE_UNREACHABLE && kept && c->lost) {
		*f = (struct fault){ 0 };
		e = sure(c, f);
		if (e == ERR_OK)
			e = begin_once(c, a, write, f);
	}
	c->used = true;
	c->open = e == ERR_OK;
	if (e == ERR_OK && q != NULL && q->schema.len > 0)
		e = set_schema(c, a, q->schema, f);
	return e;
}
