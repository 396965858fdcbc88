/* SPDX-License-Identifier: ISC */
/*
 * Bytes out to a web server that may have died or that passes on to a reader
 * who does not read: never a SIGPIPE, never a wait without an end.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http_int.h"

int
iov_advance(struct iovec **v, int n, size_t done)
{
	while (n > 0 && done >= (*v)->iov_len) {
		done -= (*v)->iov_len;
		(*v)++;
		n--;
	}
	if (n > 0) {
		(*v)->iov_base = (char *)(*v)->iov_base + done;
		(*v)->iov_len -= done;
	}
	return n;
}

/* One system call's worth. */
static ssize_t
send_some(int fd, struct iovec *v, int n, bool is_socket)
{
	struct msghdr m = { .msg_iov = v, .msg_iovlen = (size_t)n };

	if (is_socket)
		return sendmsg(fd, &m, MSG_NOSIGNAL);
	return writev(fd, v, n);
}

/* Room again?  False when nobody reads for too long. */
static bool
wait_room(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	struct deadline d = deadline_in(HTTP_SEND_TIME_S * 1000);
	int rc;

	do
		rc = poll(&p, 1, (int)deadline_left(d));
	while (rc < 0 && errno == EINTR);
	return rc > 0 && !(p.revents & (POLLERR | POLLNVAL));
}

bool
send_all(int fd, struct iovec *v, int n, bool is_socket)
{
	n = iov_advance(&v, n, 0);
	while (n > 0) {
		ssize_t done = send_some(fd, v, n, is_socket);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno != EAGAIN)
			return false;
		if (done < 0 && !wait_room(fd))
			return false;
		if (done > 0)
			n = iov_advance(&v, n, (size_t)done);
	}
	return true;
}
