/* SPDX-License-Identifier: ISC */
/*
 * Waiting by a clock of our own: every call of the library that could wait is
 * one of its pairs of _start and _cont, and between them we look at the time,
 * at the pulse and at the socket.
 */
#include <errno.h>
#include <poll.h>

#include "source/mariadb_int.h"

#define AFTER_CANCEL_MS 2000

void
mariadb_watch(struct mariadb_conn *c, struct deadline d,
    const struct source_pulse *p)
{
	running_start(&c->run, d, p);
}

/* Time is up or the caller is gone: the server is told, and has a little
 * while to say that it heard. */
static void
cancel(struct mariadb_conn *c)
{
	if (!mariadb_kill_query(c))
		c->lost = true;
	c->run.deadline = deadline_in(AFTER_CANCEL_MS);
}

/* False: it was cancelled and hangs all the same. */
static bool
tick(struct mariadb_conn *c)
{
	if (c->run.why != ERR_OK)
		return !deadline_over(c->run.deadline) && !c->lost;
	if (running_look(&c->run) == ERR_OK)
		return true;
	if (!c->up)
		return false;
	cancel(c);
	return !c->lost;
}

static short
events_of(int what)
{
	return (short)(((what & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) |
		       ((what & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0) |
		       ((what & MYSQL_WAIT_EXCEPT) != 0 ? POLLPRI : 0));
}

static int
came(short events)
{
	int what = 0;

	if ((events & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0)
		what |= MYSQL_WAIT_READ;
	if ((events & (POLLOUT | POLLHUP | POLLERR | POLLNVAL)) != 0)
		what |= MYSQL_WAIT_WRITE;
	if ((events & POLLPRI) != 0)
		what |= MYSQL_WAIT_EXCEPT;
	return what;
}

int
mariadb_wait(struct mariadb_conn *c, int what)
{
	struct pollfd p = { .fd = mysql_get_socket(c->h),
		.events = events_of(what) };

	while (!c->lost) {
		int n = poll(&p, 1, running_nap(&c->run)), ready;

		if (n < 0 && errno != EINTR)
			break;
		ready = n > 0 ? came(p.revents) & what : 0;
		if (ready != 0)
			return ready;
		if (n > 0 && p.revents != 0)
			return what & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
		if (!tick(c))
			break;
	}
	c->lost = true;
	return MYSQL_WAIT_TIMEOUT;
}

int
mariadb_query(struct mariadb_conn *c, const char *sql)
{
	int rc = 1;
	int s = mysql_real_query_start(&rc, c->h, sql, strlen(sql));

	while (s != 0)
		s = mysql_real_query_cont(&rc, c->h, mariadb_wait(c, s));
	return rc;
}

int
mariadb_prepare(struct mariadb_conn *c, MYSQL_STMT *st, const char *sql,
    size_t len)
{
	int rc = 1;
	int s = mysql_stmt_prepare_start(&rc, st, sql, len);

	while (s != 0)
		s = mysql_stmt_prepare_cont(&rc, st, mariadb_wait(c, s));
	return rc;
}

int
mariadb_execute(struct mariadb_conn *c, MYSQL_STMT *st)
{
	int rc = 1;
	int s = mysql_stmt_execute_start(&rc, st);

	while (s != 0)
		s = mysql_stmt_execute_cont(&rc, st, mariadb_wait(c, s));
	return rc;
}

int
mariadb_fetch(struct mariadb_conn *c, MYSQL_STMT *st)
{
	int rc = 1;
	int s = mysql_stmt_fetch_start(&rc, st);

	while (s != 0)
		s = mysql_stmt_fetch_cont(&rc, st, mariadb_wait(c, s));
	return rc;
}

int
mariadb_next(struct mariadb_conn *c, MYSQL_STMT *st)
{
	int rc = 1;
	int s = mysql_stmt_next_result_start(&rc, st);

	while (s != 0)
		s = mysql_stmt_next_result_cont(&rc, st, mariadb_wait(c, s));
	return rc;
}

int
mariadb_renew(struct mariadb_conn *c)
{
	int rc = 1;
	int s = mysql_reset_connection_start(&rc, c->h);

	while (s != 0)
		s = mysql_reset_connection_cont(&rc, c->h, mariadb_wait(c, s));
	return rc;
}
