/* SPDX-License-Identifier: ISC */
/*
 * The life of the lighttpd of "serve".  The listening socket is made here and
 * handed over, so a free port stays ours and a request made early waits
 * instead of failing.  As subreaper we inherit whatever lighttpd leaves.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/front.h"

#define READY_MS 15000
#define STOP_MS  5000
#define LIGHTTPD "lighttpd"
#define FIRST_FD 3 /* where socket activation begins (sd_listen_fds) */

static const char *const sbin[] = { "/usr/sbin/" LIGHTTPD,
	"/usr/local/sbin/" LIGHTTPD, "/sbin/" LIGHTTPD, "/usr/bin/" LIGHTTPD,
	"/usr/local/bin/" LIGHTTPD };

static const char *
find_lighttpd(void)
{
	for (size_t i = 0; i < sizeof(sbin) / sizeof(sbin[0]); i++)
		if (access(sbin[i], X_OK) == 0)
			return sbin[i];
	return NULL;
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)port);
	return to;
}

static enum err
listen_on(struct front *w, struct fault *f)
{
	struct sockaddr_in at = loopback(w->port);
	socklen_t len = sizeof(at);
	int on = 1;

	w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->listener < 0 ||
	    setsockopt(w->listener, SOL_SOCKET, SO_REUSEADDR, &on,
		sizeof(on)) != 0 ||
	    bind(w->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(w->listener, 1024) != 0 ||
	    getsockname(w->listener, (struct sockaddr *)&at, &len) != 0) {
		(void)fault_set(f, ERR_UNAVAILABLE,
		    "port %d on 127.0.0.1 cannot be had: %s", w->port,
		    strerror(errno));
		if (errno == EADDRINUSE)
			fault_hint(f,
			    "take another --port, or none for a free one");
		return f->code;
	}
	w->port = ntohs(at.sin_port);
	w->url = arena_fmt(w->arena, "http://127.0.0.1:%d/mcp", w->port).p;
	return ERR_OK;
}

/* The private folder.  A long TMPDIR would not fit a socket's name. */
static enum err
make_dir(struct front *w, struct fault *f)
{
	const char *tmp = getenv("TMPDIR");
	const char *www;

	if (tmp == NULL || tmp[0] != '/' || strlen(tmp) > sizeof(w->dir) - 16)
		tmp = "/tmp";
	(void)snprintf(w->dir, sizeof(w->dir), "%s/mcpctl-XXXXXX", tmp);
	if (mkdtemp(w->dir) == NULL) {
		(void)fault_set(f, ERR_UNAVAILABLE,
		    "no folder can be made in %s: %s", tmp, strerror(errno));
		w->dir[0] = '\0';
		return f->code;
	}
	www = arena_fmt(w->arena, "%s/www", w->dir).p;
	if (mkdir(www, 0700) != 0)
		return fault_set(f, ERR_UNAVAILABLE, "%s cannot be made: %s",
		    www, strerror(errno));
	return ERR_OK;
}

static enum err
write_conf(const struct front *w, const char *path, struct fault *f)
{
	FILE *file = fopen(path, "we");
	struct buf b;

	buf_init(&b, w->arena, 1u << 16);
	front_conf(w, &b);
	if (file != NULL && fwrite(b.p, 1, b.len, file) == b.len &&
	    fclose(file) == 0)
		return ERR_OK;
	return fault_set(f, ERR_UNAVAILABLE, "%s cannot be written: %s", path,
	    strerror(errno));
}

static void
block(int how)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(how, &set, NULL);
}

/* In the child: a group of its own, so that Ctrl-C is ours to pass on; the
 * socket as number 3; our standard error for both outputs. */
static void
become(const struct front *w, const char *program, const char *conf,
    pid_t parent)
{
	char pid[24];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	if (w->listener == FIRST_FD)
		(void)fcntl(FIRST_FD, F_SETFD, 0);
	else
		(void)dup2(w->listener, FIRST_FD);
	block(SIG_UNBLOCK);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execl(program, program, "-D", "-f", conf, (char *)NULL);
	_exit(127);
}

enum err
front_start(struct front *w, struct fault *f)
{
	const char *program = find_lighttpd();
	pid_t parent = getpid();
	const char *conf;

	if (program == NULL) {
		fault_hint(f, "on Debian: apt-get install lighttpd");
		return fault_set(f, ERR_UNAVAILABLE,
		    "lighttpd is not installed");
	}
	block(SIG_BLOCK);
	if (listen_on(w, f) != ERR_OK || make_dir(w, f) != ERR_OK)
		return f->code;
	conf = arena_fmt(w->arena, "%s/lighttpd.conf", w->dir).p;
	if (write_conf(w, conf, f) != ERR_OK)
		return f->code;
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	w->pid = fork();
	if (w->pid == 0)
		become(w, program, conf, parent);
	(void)close(w->listener);
	w->listener = -1;
	if (w->pid > 0)
		return ERR_OK;
	w->pid = 0;
	return fault_set(f, ERR_UNAVAILABLE, "lighttpd cannot be started: %s",
	    strerror(errno));
}

/* The status of one GET, 0 when there is no answer in time. */
static int
probe(int port)
{
	static const char ask[] = "GET /mcp HTTP/1.0\r\nHost: 127.0.0.1\r\n"
				  "Accept: application/json\r\n\r\n";
	struct sockaddr_in to = loopback(port);
	struct deadline d = deadline_in(READY_MS);
	struct timeval wait = { READY_MS / 1000, 0 };
	char head[13] = "";
	size_t got = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t status = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	    send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) == sizeof(ask) - 1) {
		while (got < sizeof(head) - 1 && !deadline_over(d)) {
			ssize_t n =
			    recv(fd, head + got, sizeof(head) - 1 - got, 0);

			if (n <= 0)
				break;
			got += (size_t)n;
		}
	}
	(void)close(fd);
	if (got < sizeof(head) - 1 ||
	    !str_int((struct str){ head + 9, 3 }, 100, 599, &status))
		return 0;
	return (int)status;
}

enum err
front_ready(struct front *w, struct fault *f)
{
	int status = probe(w->port);

	if (status != 0 && status < 500)
		return ERR_OK;
	if (status == 0)
		(void)fault_set(f, ERR_UNAVAILABLE,
		    "lighttpd does not answer on %s", w->url);
	else
		(void)fault_set(f, ERR_UNAVAILABLE,
		    "mcp.fcgi does not work behind lighttpd (HTTP %d)", status);
	fault_hint(f, "the lines above say why");
	return f->code;
}

/* Collect the dead; true when "pid" is among them, or nobody is left. */
static bool
reap(pid_t pid)
{
	pid_t dead;
	bool gone = false;

	do {
		dead = waitpid(-1, NULL, WNOHANG);
		gone = gone || dead == pid || (dead < 0 && errno == ECHILD);
	} while (dead > 0 || (dead < 0 && errno == EINTR));
	return gone;
}

enum err
front_wait(struct front *w, struct fault *f)
{
	sigset_t set;
	int sig = 0;

	(void)sigprocmask(SIG_SETMASK, NULL, &set);
	while (sigwait(&set, &sig) == 0 && sig == SIGCHLD)
		if (reap(w->pid)) {
			w->died = true;
			return fault_set(f, ERR_UNAVAILABLE,
			    "lighttpd has ended by itself");
		}
	return ERR_OK;
}

/* Until no child is left, or the time is over. */
static bool
all_gone(struct deadline d)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	while (!reap(-1)) {
		int64_t left = deadline_left(d);
		struct timespec ts = { left / 1000, left % 1000 * 1000000 };

		if (left == 0)
			return false;
		(void)sigtimedwait(&set, NULL, &ts);
	}
	return true;
}

static void
remove_dir(struct front *w)
{
	DIR *d = opendir(w->dir);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (unlinkat(dirfd(d), e->d_name, 0) != 0)
			(void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(w->dir);
	w->dir[0] = '\0';
}

void
front_stop(struct front *w)
{
	pid_t group = w->pid;

	if (w->listener >= 0)
		(void)close(w->listener);
	w->listener = -1;
	if (group > 0) {
		(void)kill(w->died ? -group : group, SIGTERM);
		if (!all_gone(deadline_in(STOP_MS))) {
			(void)kill(-group, SIGKILL);
			(void)all_gone(deadline_in(STOP_MS));
		}
	}
	w->pid = 0;
	if (w->dir[0] != '\0')
		remove_dir(w);
}
