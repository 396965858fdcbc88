/* SPDX-License-Identifier: ISC */
/*
 * FastCGI: libfcgi accepts and reads; the answer goes out as records of our
 * own, because its 8 KiB buffer would make seventeen writes of a large one.
 */
#define _GNU_SOURCE /* POLLRDHUP */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "http/http_int.h"

enum { SOCKET_SAFE = 65536 };

struct http_fcgi {
	FCGX_Request req;
	bool ended;          /* our end record has left */
	bool patient;        /* a time is set for writing */
	int64_t read_set_ms; /* when the time for reading was set, or 0 */
};

/* Is there a socket to talk to? */
static bool
has_peer(const struct http_fcgi *s)
{
	return s->req.ipcFd >= 0;
}

static void
socket_time(int fd, int which, int64_t ms)
{
	struct timeval t = { .tv_sec = ms / 1000,
		.tv_usec = (ms % 1000) * 1000 };

	if (t.tv_sec == 0 && t.tv_usec < 1000)
		t.tv_usec = 1000; /* zero would mean for ever */
	(void)setsockopt(fd, SOL_SOCKET, which, &t, sizeof(t));
}

/*
 * libfcgi's own buffer may hold what poll cannot see, so the time is set on
 * the socket: again only when a second has gone, not for each read.
 */
static void
read_time(struct http_fcgi *s, struct deadline d)
{
	int64_t now = clock_mono_ms();

	if (d.at_ms == 0 ||
	    (s->read_set_ms != 0 && now - s->read_set_ms < 1000))
		return;
	s->read_set_ms = now;
	socket_time(s->req.ipcFd, SO_RCVTIMEO, deadline_left(d));
}

/* The first byte of the next piece of the body: 1, 0 at the end, or -1. */
static int
next_piece(struct http_fcgi *s, struct deadline d, char *c)
{
	FCGX_Stream *in = s->req.in;

	for (;;) {
		if (deadline_over(d)) {
			errno = ETIMEDOUT;
			return -1;
		}
		read_time(s, d);
		int got = FCGX_GetChar(in);
		if (got >= 0) {
			*c = (char)got;
			return 1;
		}
		int error = FCGX_GetError(in);
		if (error == 0)
			return 0;
		if (error != EINTR) {
			errno = error == EAGAIN ? ETIMEDOUT : EIO;
			return -1;
		}
		in->FCGI_errno = 0; /* a signal: go on where we were */
		in->isClosed = 0;
	}
}

static ssize_t
fcgi_read(struct http_io *io, void *p, size_t n, struct deadline d)
{
	struct http_fcgi *s = io->arg;
	FCGX_Stream *in = s->req.in;
	char *to = p;
	size_t got = 0;

	if (in->rdNext == in->stop) {
		int rc = next_piece(s, d, to);
		if (rc <= 0)
			return rc;
		got = 1;
	}
	/* Only what is there: FCGX_GetStr would wait for the rest. */
	size_t there = (size_t)(in->stop - in->rdNext);
	size_t take = n - got < there ? n - got : there;
	if (take > 0)
		(void)FCGX_GetStr(to + got, (int)take, in);
	return (ssize_t)(got + take);
}

static bool
fcgi_send(struct http_io *io, const struct iovec *v, int n, bool last)
{
	struct http_fcgi *s = io->arg;
	struct records r;
	size_t total = 0;

	if (!has_peer(s) || s->ended)
		return false;
	for (int i = 0; i < n; i++)
		total += v[i].iov_len;
	if (!s->patient && (!last || total > SOCKET_SAFE)) {
		socket_time(s->req.ipcFd, SO_SNDTIMEO, HTTP_SEND_TIME_S * 1000);
		s->patient = true;
	}
	s->ended = last;
	records_init(&r, (uint16_t)s->req.requestId, v, n, last);
	while (records_next(&r))
		if (!send_all(s->req.ipcFd, r.v, r.n, true))
			return false;
	return true;
}

static bool
fcgi_gone(struct http_io *io)
{
	struct http_fcgi *s = io->arg;
	struct pollfd p = { .fd = s->req.ipcFd, .events = POLLRDHUP };

	return !has_peer(s) || poll(&p, 1, 0) > 0;
}

static bool
fcgi_frame(struct http_io *io, struct str answer, struct buf *to, int *fd)
{
	struct http_fcgi *s = io->arg;
	struct iovec v = { (void *)(uintptr_t)answer.p, answer.len };
	struct records r;

	records_init(&r, (uint16_t)s->req.requestId, &v, 1, true);
	while (records_next(&r))
		for (int i = 0; i < r.n; i++)
			buf_put(to, r.v[i].iov_base, r.v[i].iov_len);
	*fd = s->req.ipcFd;
	return has_peer(s) && !buf_failed(to);
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
http_fcgi_open(struct fault *f)
{
	struct http_fcgi *s = calloc(1, sizeof(*s));

	if (s == NULL || FCGX_Init() != 0 ||
	    FCGX_InitRequest(&s->req, STDIN_FILENO, 0) != 0) {
		free(s);
		(void)fault_set(f, ERR_INTERNAL, "FastCGI cannot be started");
		return NULL;
	}
	return s;
}

bool
http_fcgi_next(struct http_fcgi *s, struct http_io *io)
{
	if (FCGX_Accept_r(&s->req) != 0)
		return false;
	/* Or an idle kept connection would hold the worker (HOSTING 1.11). */
	s->req.keepConnection = 0;
	s->ended = false;
	s->patient = false;
	s->read_set_ms = 0;
	*io = (struct http_io){
		.env = s->req.envp,
		.read = fcgi_read,
		.send = fcgi_send,
		.gone = fcgi_gone,
		.frame = fcgi_frame,
		.arg = s,
	};
	return true;
}

/*
 * Nothing may be left unread in the socket when it is closed, or the peer
 * could lose the answer.  The end of the body is mostly in libfcgi's buffer
 * by now; where no time was set for reading it, libfcgi's own slow farewell
 * (three more system calls) is the safe one.
 */
static bool
is_read_out(struct http_fcgi *s)
{
	if (s->read_set_ms == 0 || s->req.in == NULL)
		return false;
	return FCGX_GetChar(s->req.in) < 0 && FCGX_GetError(s->req.in) == 0;
}

void
http_fcgi_done(struct http_fcgi *s)
{
	bool linger = !is_read_out(s);

	if (!linger && has_peer(s)) {
		(void)close(s->req.ipcFd);
		s->req.ipcFd = -1;
	}
	/* FCGX_Finish_r would send a second end record. */
	FCGX_Free(&s->req, linger);
}

void
http_fcgi_close(struct http_fcgi *s)
{
	if (s == NULL)
		return;
	FCGX_Free(&s->req, 1);
	free(s);
}
