/* SPDX-License-Identifier: ISC */
/*
 * Calls of ODBC block, so a thread looks at the clock while one runs.  It works
 * only while the other one is inside of the driver: the pulse is never asked by
 * two threads at once.  SQLCancel is called for drivers that are known to bear
 * it; for others the query timeout is all there is, and the deadline is kept
 * between two rows.
 */
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "source/odbc_int.h"

#define AGAIN_MS 200 /* between two cancels of the same call */

struct odbc_watch {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct odbc_conn *conn;
	SQLHSTMT stmt; /* inside of the driver, or NULL */
	bool awake;    /* a statement runs, though perhaps not just now */
	bool stop;
};

static struct timespec
in_ms(int ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

/* The lock is held, so the statement is there and nobody else looks. */
static void
look(struct odbc_watch *w)
{
	struct odbc_conn *c = w->conn;

	if (running_look(&c->run) != ERR_OK && c->driver != NULL &&
	    c->driver->cancels)
		(void)SQLCancel(w->stmt);
}

/* Once cancelled it is cancelled again: the call may have been between two
 * statements of the driver's own. */
static int
nap(const struct odbc_watch *w)
{
	if (w->stmt == NULL)
		return RUNNING_BEAT_MS;
	return w->conn->run.why != ERR_OK ? AGAIN_MS
					  : running_nap(&w->conn->run);
}

static void *
watching(void *arg)
{
	struct odbc_watch *w = arg;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		struct timespec until;

		if (!w->awake) {
			(void)pthread_cond_wait(&w->wake, &w->lock);
			continue;
		}
		until = in_ms(nap(w) + 1);
		(void)pthread_cond_timedwait(&w->wake, &w->lock, &until);
		if (w->stmt != NULL)
			look(w);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

static int
start(struct odbc_watch *w)
{
	pthread_condattr_t attr;
	sigset_t all, old;
	int bad;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	/* Signals are for the thread that was there before. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	bad = pthread_create(&w->thread, NULL, watching, w);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return bad;
}

enum err
odbc_watch_open(struct odbc_conn *c, struct fault *f)
{
	struct odbc_watch *w = arena_zero(c->arena, 1, sizeof(*w));

	w->conn = c;
	if (start(w) != 0)
		return fault_set(f, ERR_INTERNAL, "no thread for a connection");
	c->watch = w;
	return ERR_OK;
}

void
odbc_watch_close(struct odbc_conn *c)
{
	struct odbc_watch *w = c->watch;

	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	c->watch = NULL;
}

void
odbc_begin(struct odbc_conn *c, struct deadline d, const struct source_pulse *p)
{
	struct odbc_watch *w = c->watch;

	(void)pthread_mutex_lock(&w->lock);
	running_start(&c->run, d, p);
	w->awake = true;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
}

void
odbc_rest(struct odbc_conn *c)
{
	struct odbc_watch *w = c->watch;

	(void)pthread_mutex_lock(&w->lock);
	c->run.pulse = NULL;
	w->awake = false;
	(void)pthread_mutex_unlock(&w->lock);
}

void
odbc_enter(struct odbc_conn *c, SQLHSTMT stmt)
{
	(void)pthread_mutex_lock(&c->watch->lock);
	c->watch->stmt = stmt;
	(void)pthread_mutex_unlock(&c->watch->lock);
}

void
odbc_leave(struct odbc_conn *c)
{
	odbc_enter(c, NULL);
}
