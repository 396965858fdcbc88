/* SPDX-License-Identifier: ISC */
/* Run something that ends the process, or that writes to stderr, in a child
 * of its own, and see what it said. */
#ifndef TESTS_UNIT_CHILD_H
#define TESTS_UNIT_CHILD_H

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* fn(arg) in a child: its wait status; what it wrote to stderr, cut to the
 * size and ended by a zero, in "said".  -1 when there is no child. */
static inline int
child_run(void (*fn)(const void *), const void *arg, char *said, size_t size)
{
	int ends[2], status = -1;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(ends) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		fn(arg);
		_exit(0);
	}
	(void)close(ends[1]);
	while (n + 1 < size) {
		got = read(ends[0], said + n, size - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	said[n] = '\0';
	(void)close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static inline int
child_aborted(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
