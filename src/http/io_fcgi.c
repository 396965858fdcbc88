/* SPDX-License-Identifier: ISC */
/*
 * FastCGI in our own words; libfcgi gives only the numbers of the protocol.
 * It believes a length before it has seen the bytes and reads without a
 * deadline, its 8 KiB buffer makes seventeen writes of a large answer, and it
 * asks the system twice for each connection.
 */
#define _GNU_SOURCE /* POLLRDHUP */
#include <errno.h>
#include <fastcgi.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "http/http_int.h"

enum { SOCKET_SAFE = 65536, LINGER_MS = 2000 };

struct http_fcgi {
	bool answered; /* the end record has left */
	bool patient;  /* a time is set for writing */
	struct intake in;
};

static ssize_t
fcgi_read(struct http_io *io, void *p, size_t n, struct deadline d)
{
	struct http_fcgi *s = io->arg;

	return intake_body(&s->in, p, n, d);
}

/* What does not fit the socket's buffer, and every stream, may have to wait
 * for a reader who does not come. */
static void
be_patient(struct http_fcgi *s)
{
	const struct timeval t = { .tv_sec = HTTP_SEND_TIME_S };

	if (!s->patient)
		(void)setsockopt(s->in.fd, SOL_SOCKET, SO_SNDTIMEO, &t,
		    sizeof(t));
	s->patient = true;
}

static bool
fcgi_send(struct http_io *io, const struct iovec *v, int n, bool last)
{
	struct http_fcgi *s = io->arg;
	struct records r;
	size_t total = 0;

	if (s->answered)
		return false;
	for (int i = 0; i < n; i++)
		total += v[i].iov_len;
	if (!last || total > SOCKET_SAFE)
		be_patient(s);
	s->answered = last;
	records_init(&r, s->in.id, v, n, last);
	while (records_next(&r))
		if (!send_all(s->in.fd, r.v, r.n, true))
			return false;
	return true;
}

static bool
fcgi_gone(struct http_io *io)
{
	struct http_fcgi *s = io->arg;
	struct pollfd p = { .fd = s->in.fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

static bool
fcgi_frame(struct http_io *io, struct str answer, struct buf *to, int *fd)
{
	struct http_fcgi *s = io->arg;
	struct iovec v = { (void *)(uintptr_t)answer.p, answer.len };
	struct records r;

	records_init(&r, s->in.id, &v, 1, true);
	while (records_next(&r))
		for (int i = 0; i < r.n; i++)
			buf_put(to, r.v[i].iov_base, r.v[i].iov_len);
	*fd = s->in.fd;
	return !buf_failed(to);
}

bool
http_is_fcgi(void)
{
	int listens = 0;
	socklen_t len = sizeof(listens);

	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens,
		   &len) == 0 &&
	       listens != 0;
}

struct http_fcgi *
http_fcgi_open(void)
{
	struct http_fcgi *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->in.fd = -1;
	accept_start();
	return s;
}

/* Tell the peer that we are no authorizer and no filter. */
static void
refuse_role(const struct http_fcgi *s)
{
	unsigned char end[16] = { FCGI_VERSION_1, FCGI_END_REQUEST };

	end[2] = (unsigned char)(s->in.id >> 8);
	end[3] = (unsigned char)s->in.id;
	end[5] = sizeof(FCGI_EndRequestBody);
	end[12] = FCGI_UNKNOWN_ROLE;
	(void)!send(s->in.fd, end, sizeof(end), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/*
 * Bytes left unread when a socket is closed can cost the peer the answer, so
 * they are read away, until the peer has closed too or a moment has passed.
 */
static void
linger(int fd)
{
	struct deadline d = deadline_in(LINGER_MS);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char trash[4096];

	(void)shutdown(fd, SHUT_WR);
	while (poll(&p, 1, (int)deadline_left(d)) > 0)
		if (recv(fd, trash, sizeof(trash), MSG_DONTWAIT) <= 0)
			return;
}

void
http_fcgi_done(struct http_fcgi *s)
{
	if (s->in.fd < 0)
		return;
	if (!intake_is_empty(&s->in))
		linger(s->in.fd);
	(void)close(s->in.fd);
	intake_done(&s->in);
	s->in.fd = -1;
}

bool
http_fcgi_next(struct http_fcgi *s, struct http_io *io)
{
	for (;;) {
		int fd = accept_next(STDIN_FILENO);
		if (fd < 0)
			return false;
		s->answered = s->patient = false;
		intake_start(&s->in, fd);
		enum intake_err e =
		    intake_request(&s->in, deadline_in(INTAKE_TIME_S * 1000));
		if (e == INTAKE_OK)
			break;
		if (e == INTAKE_ROLE)
			refuse_role(s);
		http_fcgi_done(s);
	}
	/* One request per connection: an idle kept one would hold the worker
	 * while others wait (HOSTING 1.11). */
	*io = (struct http_io){
		.env = s->in.env,
		.too_big = s->in.too_much,
		.read = fcgi_read,
		.send = fcgi_send,
		.gone = fcgi_gone,
		.frame = fcgi_frame,
		.arg = s,
	};
	return true;
}

void
http_fcgi_close(struct http_fcgi *s)
{
	if (s == NULL)
		return;
	http_fcgi_done(s);
	free(s);
}
