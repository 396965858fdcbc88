/* SPDX-License-Identifier: ISC */
/*
 * The processes on one socket.  A worker may end at any time: on its hard
 * deadline, after its share of requests, for a new configuration.  The one
 * that keeps them serves nothing, but it holds the socket open, so that who
 * is waiting there waits a moment longer instead of being turned away; that
 * is why even a single worker has a keeper.
 */
#define _GNU_SOURCE /* pipe2, O_ASYNC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cgi-bin/watchdog.h"
#include "cgi-bin/workers.h"

enum {
	QUICK_MS = 1000, /* a worker that lived less long failed to start */
	PAUSE_MIN_MS = 100,
	PAUSE_MAX_MS = 30000,
	REMIND_MS = 1000 /* a signal may come just before accept(2) */
};

struct worker {
	pid_t pid; /* 0: not running */
	int64_t born_ms;
	int64_t due_ms; /* when to start it again */
	int64_t pause_ms;
};

struct keeper {
	struct worker all[WORKERS_MAX];
	int n;
	pid_t standing[WORKERS_MAX]; /* others have taken their place */
	int nstanding;
	int news[2]; /* pipe: pids of those that will stand */
	bool leaving;
	int status; /* to leave with */
	sigset_t signals, before;
};

/* In a worker: where its keeper hears from it. */
static int to_keeper = -1;

/* In the child: as if nobody had been there before. */
static void
become_worker(const struct keeper *k, pid_t parent)
{
	if (k->news[0] >= 0)
		(void)close(k->news[0]);
	to_keeper = k->news[1];
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		exit(0);
	(void)sigprocmask(SIG_SETMASK, &k->before, NULL);
}

/* True in the child. */
static bool
start(const struct keeper *k, struct worker *w, int64_t now)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0) {
		become_worker(k, self);
		return true;
	}
	if (pid < 0) {
		log_line("a worker cannot be started: %s", strerror(errno));
		w->due_ms = now + PAUSE_MAX_MS;
		return false;
	}
	w->pid = pid;
	w->born_ms = now;
	return false;
}

/* Asked to, or after its share of requests, or on the hard deadline. */
static bool
is_clean(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGTERM;
	return WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == WATCHDOG_EXIT;
}

static void
say_why(pid_t pid, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == WATCHDOG_EXIT)
		log_line("worker %d ended on the hard deadline", (int)pid);
	else if (is_clean(status))
		return;
	else if (WIFSIGNALED(status))
		log_line("worker %d was killed by signal %d", (int)pid,
		    WTERMSIG(status));
	else
		log_line("worker %d ended with %d", (int)pid,
		    WEXITSTATUS(status));
}

/* A clean leave is followed at once, a failed start after growing pauses. */
static void
plan(struct keeper *k, struct worker *w, int status, int64_t now)
{
	int64_t twice = w->pause_ms * 2;

	if (is_clean(status) || now - w->born_ms >= QUICK_MS)
		w->pause_ms = 0;
	else if (w->pause_ms == 0)
		w->pause_ms = PAUSE_MIN_MS;
	else
		w->pause_ms = twice > PAUSE_MAX_MS ? PAUSE_MAX_MS : twice;
	say_why(w->pid, status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == WORKERS_EXIT_FATAL) {
		k->leaving = true;
		k->status = WORKERS_EXIT_FATAL;
	}
	w->pid = 0;
	w->due_ms = now + w->pause_ms;
}

static void
forget_standing(struct keeper *k, pid_t pid, int status)
{
	for (int i = 0; i < k->nstanding; i++) {
		if (k->standing[i] != pid)
			continue;
		k->standing[i] = k->standing[--k->nstanding];
		say_why(pid, status);
		return;
	}
}

/* It keeps its process and gives up its number. */
static void
let_stand(struct keeper *k, pid_t pid)
{
	for (int i = 0; i < k->n; i++) {
		if (k->all[i].pid != pid || k->nstanding == WORKERS_MAX)
			continue;
		k->standing[k->nstanding++] = pid;
		k->all[i].pid = 0;
		k->all[i].due_ms = 0;
		k->all[i].pause_ms = 0;
	}
}

static void
hear(struct keeper *k)
{
	pid_t pid;

	while (k->news[0] >= 0 &&
	       read(k->news[0], &pid, sizeof(pid)) == sizeof(pid))
		let_stand(k, pid);
}

static void
reap(struct keeper *k)
{
	int64_t now = clock_mono_ms();
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		forget_standing(k, pid, status);
		for (int i = 0; i < k->n; i++)
			if (k->all[i].pid == pid)
				plan(k, &k->all[i], status, now);
	}
}

static void
tell_all(const struct keeper *k, int sig)
{
	for (int i = 0; i < k->n; i++)
		if (k->all[i].pid > 0)
			(void)kill(k->all[i].pid, sig);
	for (int i = 0; i < k->nstanding; i++)
		(void)kill(k->standing[i], sig);
}

/* Start what is due; true in a child.  *wait_ms: until the next is due. */
static bool
start_due(struct keeper *k, int64_t *wait_ms)
{
	int64_t now = clock_mono_ms();

	*wait_ms = PAUSE_MAX_MS;
	for (int i = 0; i < k->n; i++) {
		struct worker *w = &k->all[i];
		if (w->pid != 0)
			continue;
		if (w->due_ms > now) {
			if (w->due_ms - now < *wait_ms)
				*wait_ms = w->due_ms - now;
		} else if (start(k, w, now)) {
			return true;
		}
	}
	return false;
}

static bool
any_left(const struct keeper *k)
{
	for (int i = 0; i < k->n; i++)
		if (k->all[i].pid > 0)
			return true;
	return k->nstanding > 0;
}

static void
take_signal(struct keeper *k, int64_t wait_ms)
{
	struct timespec t = { .tv_sec = wait_ms / 1000,
		.tv_nsec = (wait_ms % 1000) * 1000000 };
	int sig = sigtimedwait(&k->signals, NULL, &t);

	if (sig == SIGHUP)
		tell_all(k, SIGTERM);
	if (sig == SIGTERM || sig == SIGINT || sig == SIGUSR1)
		k->leaving = true;
	hear(k);
	reap(k);
	if (k->leaving)
		tell_all(k, SIGTERM);
}

static void
block_signals(struct keeper *k)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGCHLD,
		SIGIO };

	sigemptyset(&k->signals);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigaddset(&k->signals, ours[i]);
	(void)sigprocmask(SIG_BLOCK, &k->signals, &k->before);
}

/* What is written to it raises SIGIO here.  Without it no worker stands in
 * for another, and that is all. */
static void
open_news(struct keeper *k)
{
	if (pipe2(k->news, O_CLOEXEC | O_NONBLOCK) != 0) {
		k->news[0] = k->news[1] = -1;
		return;
	}
	(void)fcntl(k->news[0], F_SETOWN, getpid());
	(void)fcntl(k->news[0], F_SETFL, O_NONBLOCK | O_ASYNC);
}

void
workers_stand(void)
{
	pid_t self = getpid();

	if (to_keeper >= 0)
		(void)!write(to_keeper, &self, sizeof(self));
}

void
workers_run(int n)
{
	struct keeper k = { .n = n };
	int64_t wait_ms;

	block_signals(&k);
	open_news(&k);
	while (!k.leaving) {
		if (start_due(&k, &wait_ms))
			return;
		take_signal(&k, wait_ms);
	}
	while (any_left(&k))
		take_signal(&k, REMIND_MS);
	exit(k.status);
}
