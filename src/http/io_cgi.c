/* SPDX-License-Identifier: ISC */
/* CGI: the environment, fd 0 and fd 1. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/http_int.h"

extern char **environ;

enum { PIPE_SAFE = 32768 };

static ssize_t
cgi_read(struct http_io *io, void *p, size_t n, struct deadline d)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	(void)io;
	for (;;) {
		int64_t left = deadline_left(d);
		int rc = poll(&in, 1, left > 1000000 ? 1000000 : (int)left);
		if (rc == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (rc < 0 && errno == EINTR)
			continue;
		ssize_t got = rc < 0 ? -1 : read(STDIN_FILENO, p, n);
		if (got >= 0 || (errno != EINTR && errno != EAGAIN))
			return got;
	}
}

/*
 * A pipe to a reader who stopped would hold us for ever, and poll cannot
 * promise how much goes in: so what is large, and every stream, is written
 * without blocking.  Files and terminals stay as they are.
 */
static void
stop_blocking(void)
{
	struct stat st;
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0 && !(flags & O_NONBLOCK) &&
	    fstat(STDOUT_FILENO, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		(void)fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
}

static bool
cgi_send(struct http_io *io, const struct iovec *v, int n, bool last)
{
	struct iovec part[16];
	size_t total = 0;

	(void)io;
	for (int i = 0; i < n; i++)
		total += v[i].iov_len;
	if (!last || total > PIPE_SAFE)
		stop_blocking();
	while (n > 0) {
		int take = n < 16 ? n : 16;
		memcpy(part, v, (size_t)take * sizeof(*v));
		if (!send_all(STDOUT_FILENO, part, take, false))
			return false;
		v += take;
		n -= take;
	}
	return true;
}

static bool
cgi_gone(struct http_io *io)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = 0 };

	(void)io;
	return poll(&out, 1, 0) > 0 &&
	       out.revents & (POLLERR | POLLHUP | POLLNVAL);
}

static bool
cgi_frame(struct http_io *io, struct str answer, struct buf *to, int *fd)
{
	(void)io;
	buf_str(to, answer);
	*fd = STDOUT_FILENO;
	return !buf_failed(to);
}

void
http_io_cgi(struct http_io *io)
{
	*io = (struct http_io){
		.env = environ,
		.is_cgi = true,
		.read = cgi_read,
		.send = cgi_send,
		.gone = cgi_gone,
		.frame = cgi_frame,
	};
}
