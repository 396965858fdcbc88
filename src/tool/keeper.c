/* SPDX-License-Identifier: ISC */
/*
 * Keeping a script: what leaves its group and its parent becomes the keeper's
 * child, since the keeper is a subreaper, and is ended with the rest.  Nothing
 * here allocates: it runs between fork and exit.
 */
#define _GNU_SOURCE /* close_range */
#include "tool/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SWEEPS = 1000, WAKE_MS = 1000, LATE_MS = 20 };

static void
say(const char *words)
{
	(void)!write(STDERR_FILENO, words, strlen(words));
}

static void
signals_default(void)
{
	sigset_t none;

	for (int sig = 1; sig < 32; sig++)
		(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The script itself: nothing of ours but its three descriptors. */
static void
script_main(const struct child_spec *spec)
{
	struct rlimit cpu = { (rlim_t)spec->cpu_s, (rlim_t)spec->cpu_s + 1 };

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (spec->cpu_s > 0)
		(void)setrlimit(RLIMIT_CPU, &cpu);
	signals_default();
	if (chdir("/") == 0)
		(void)execve(spec->argv[0], (char *const *)spec->argv,
		    (char *const *)spec->env);
	say(errno == EACCES ? "this program may not be run\n"
			    : "this program cannot be run\n");
	_exit(127);
}

/* The pid at the beginning of a list of them, or 0. */
static int
first_pid(const char *p, ssize_t n)
{
	int pid = 0;

	for (ssize_t i = 0; i < n && p[i] >= '0' && p[i] <= '9'; i++)
		pid = pid * 10 + (p[i] - '0');
	return pid;
}

/* End every child of ours.  A process that goes on forking loses the race
 * after some rounds, for its memory and its parent go with it. */
static void
sweep(void)
{
	for (int round = 0; round < SWEEPS; round++) {
		char list[16];
		ssize_t n;
		int pid, fd = open("/proc/thread-self/children",
			     O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return;
		n = read(fd, list, sizeof(list));
		(void)close(fd);
		pid = first_pid(list, n);
		if (pid == 0)
			return;
		(void)kill(-pid, SIGKILL); /* of its own group, if it has one */
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* Reap whoever is there; true when the script was. */
static bool
reap(pid_t script, int *status)
{
	pid_t got;
	int s;

	do {
		got = waitpid(-1, &s, WNOHANG);
		if (got == script) {
			*status = s;
			return true;
		}
	} while (got > 0);
	return got < 0 && errno == ECHILD;
}

static int
attend(pid_t script, const sigset_t *set)
{
	struct deadline grace = { 0 };
	int status = -1;

	while (!reap(script, &status)) {
		bool told = grace.at_ms != 0;
		int ms = told ? LATE_MS : WAKE_MS;
		struct timespec wait = { ms / 1000, ms % 1000 * 1000000L };

		if (sigtimedwait(set, NULL, &wait) == SIGTERM && !told) {
			(void)kill(-script, SIGTERM);
			grace = deadline_in(KEEPER_GRACE_MS);
		}
		if (told && deadline_over(grace))
			(void)kill(-script, SIGKILL);
	}
	return status;
}

static void
take_descriptors(const int io[static 3], int *report)
{
	/* Lift ours above the places of the script's first. */
	*report = fcntl(*report, F_DUPFD_CLOEXEC, 10);
	for (int i = 0; i < 3; i++)
		if (dup2(io[i], i) < 0)
			_exit(127);
	(void)close_range(3, (unsigned)*report - 1, 0);
	(void)close_range((unsigned)*report + 1, ~0u, 0);
}

static void
drop_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < 3; i++)
		if (fd < 0 || dup2(fd, i) < 0)
			(void)close(i);
	if (fd > 2)
		(void)close(fd);
}

void
keeper_main(const struct child_spec *spec, const int io[static 3], int report,
    int parent)
{
	sigset_t set;
	pid_t script;
	int status = -1;

	(void)sigfillset(&set);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	take_descriptors(io, &report);
	if (getppid() != parent)
		_exit(127);
	script = fork();
	if (script == 0)
		script_main(spec);
	drop_descriptors();
	if (script > 0) {
		(void)setpgid(script, script);
		(void)sigemptyset(&set);
		(void)sigaddset(&set, SIGTERM);
		(void)sigaddset(&set, SIGCHLD);
		status = attend(script, &set);
		(void)kill(-script, SIGKILL);
		sweep();
	}
	(void)!write(report, &status, sizeof(status));
	_exit(0);
}
