/* SPDX-License-Identifier: ISC */
/* Starting and ending a database server for tests. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server.h"

static void
die(const char *what)
{
	perror(what);
	abort();
}

int
server_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		die("a free port");
	close(fd);
	return ntohs(a.sin_port);
}

/* Servers refuse to run as root. */
static const struct passwd *
server_user(const char *user)
{
	return getuid() == 0 ? getpwnam(user) : getpwuid(getuid());
}

bool
server_folder(char *folder, size_t size, const char *name, const char *user)
{
	const struct passwd *pw = server_user(user);

	if (pw == NULL)
		return false;
	(void)snprintf(folder, size, "/tmp/%s.XXXXXX", name);
	if (mkdtemp(folder) == NULL ||
	    chown(folder, pw->pw_uid, pw->pw_gid) != 0)
		die("a folder");
	(void)chmod(folder, 0755);
	return true;
}

pid_t
server_run(const char *folder, const char *user, const char *path,
    char *const *args)
{
	const struct passwd *pw = server_user(user);
	char log[96];
	pid_t pid;
	int fd;

	(void)snprintf(log, sizeof(log), "%s/log", folder);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (getuid() == 0 &&
	    (setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0))
		_exit(126);
	(void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(fd, 1);
	(void)dup2(fd, 2);
	if (chdir(folder) == 0)
		execv(path, args);
	_exit(127);
}

void
server_end(pid_t *pid, int signal)
{
	if (*pid <= 0)
		return;
	(void)kill(*pid, signal);
	(void)waitpid(*pid, NULL, 0);
	*pid = 0;
}

void
server_remove(const char *folder)
{
	pid_t pid;

	if (folder[0] == '\0')
		return;
	pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}
