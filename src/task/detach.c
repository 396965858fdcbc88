/* SPDX-License-Identifier: ISC */
/*
 * The copy of a worker that goes on when its request is over.  A web server
 * ends the process group of a CGI program, and waits for its standard output
 * and error to close: the copy has neither of them.
 */
#define _GNU_SOURCE /* close_range */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/task.h"

enum { KEEP_MAX = 8 };

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Close all that is open but these, which are above the standard ones. */
static void
close_others(const int *keep, size_t n)
{
	unsigned from = STDERR_FILENO + 1;
	int sorted[KEEP_MAX + 1] = { 0 };

	for (size_t i = 0; i < n; i++)
		sorted[i] = keep[i];
	qsort(sorted, n, sizeof(sorted[0]), by_number);
	for (size_t i = 0; i < n; i++) {
		if (sorted[i] < (int)from)
			continue;
		if ((unsigned)sorted[i] > from)
			(void)close_range(from, (unsigned)sorted[i] - 1, 0);
		from = (unsigned)sorted[i] + 1;
	}
	(void)close_range(from, ~0u, 0);
}

static void
standard_descriptors(int log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			(void)close(fd);
	if (log >= 0)
		(void)dup2(log, STDERR_FILENO);
}

/* In the copy: nothing reaches it that was meant for the worker. */
static void
settle(int log, const int *keep, size_t n, int channel)
{
	int all[KEEP_MAX + 1];
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD,
		SIGALRM };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		(void)signal(ours[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	standard_descriptors(log);
	for (size_t i = 0; i < n; i++)
		all[i] = keep[i];
	all[n] = channel;
	close_others(all, n + 1);
}

/* The one between: its end makes init the parent of the copy. */
static bool
between(int gone)
{
	pid_t pid;

	(void)setsid();
	pid = fork();
	if (pid == 0)
		return true;
	/* A silent end of the channel tells that there is no copy. */
	(void)close(gone);
	_exit(pid < 0 ? 1 : 0);
}

enum detach
detach(int log, const int *keep, size_t nkeep, int *channel)
{
	int end[2], status = 1;
	pid_t pid;

	if (nkeep > KEEP_MAX ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) != 0)
		return DETACH_NOT;
	pid = fork();
	if (pid == 0 && between(end[1])) {
		settle(log, keep, nkeep, end[1]);
		*channel = end[1];
		return DETACH_GONE;
	}
	(void)close(end[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*channel = end[0];
	if (pid > 0 && status == 0)
		return DETACH_STAYED;
	(void)close(end[0]);
	return DETACH_NOT;
}
