/* SPDX-License-Identifier: ISC */
/*
 * FastCGI records on the way in (specification 3.3, 5.1 to 5.3).  Reads are
 * tried first and waited for only when nothing is there, each under the
 * deadline of what is being read.
 */
#define _GNU_SOURCE /* explicit_bzero */
#include <errno.h>
#include <fastcgi.h>
#include <poll.h>
#include <sys/socket.h>

#include "http/http_int.h"

void
intake_start(struct intake *in, int fd)
{
	in->fd = fd;
	in->id = 0;
	in->begun = in->ended = in->too_much = false;
	in->type = 0;
	in->content = in->padding = in->skipped = 0;
	in->at = in->have = in->raw_top = 0;
	in->nparams = in->params_top = 0;
	in->env[0] = NULL;
}

static bool
wait_bytes(int fd, struct deadline d)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	int rc;

	do {
		left = deadline_left(d);
		rc = poll(&p, 1, left > 1000000 ? 1000000 : (int)left);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0)
		errno = ETIMEDOUT;
	return rc > 0;
}

/* Bytes of the connection: > 0, 0 at its end, -1. */
static ssize_t
receive(const struct intake *in, void *p, size_t n, struct deadline d)
{
	ssize_t got;

	for (;;) {
		if (deadline_over(d)) {
			errno = ETIMEDOUT;
			return -1;
		}
		got = recv(in->fd, p, n, MSG_DONTWAIT);
		if (got >= 0)
			return got;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || !wait_bytes(in->fd, d))
			return -1;
	}
}

static void
refill(struct intake *in, ssize_t got)
{
	in->at = 0;
	in->have = got > 0 ? (size_t)got : 0;
	if (in->have > in->raw_top)
		in->raw_top = in->have;
}

/* At least one byte to look at. */
static bool
more(struct intake *in, struct deadline d)
{
	ssize_t got;

	if (in->at < in->have)
		return true;
	got = receive(in, in->raw, sizeof(in->raw), d);
	if (got == 0)
		errno = ECONNRESET;
	refill(in, got);
	return got > 0;
}

/* Copy n bytes, or drop them when "to" is NULL. */
static bool
take(struct intake *in, void *to, size_t n, struct deadline d)
{
	unsigned char *p = to;

	while (n > 0) {
		if (!more(in, d))
			return false;
		size_t there = in->have - in->at;
		size_t now = n < there ? n : there;
		if (p != NULL) {
			memcpy(p, in->raw + in->at, now);
			p += now;
		}
		in->at += now;
		n -= now;
	}
	return true;
}

/* What is left of the record in hand, when nobody wants it. */
static bool
skip_record(struct intake *in, struct deadline d)
{
	size_t n = in->content + in->padding;

	if (n > INTAKE_SKIP - in->skipped) {
		errno = EPROTO;
		return false;
	}
	in->skipped += n;
	in->content = in->padding = 0;
	return take(in, NULL, n, d);
}

/* The next record of this request, or the one that begins it. */
static bool
next_record(struct intake *in, struct deadline d)
{
	unsigned char h[FCGI_HEADER_LEN];
	uint16_t id;

	for (;;) {
		if (!take(in, NULL, in->padding, d))
			return false;
		in->padding = 0;
		if (!take(in, h, sizeof(h), d))
			return false;
		in->type = h[1];
		id = (uint16_t)(h[2] << 8 | h[3]);
		in->content = (size_t)h[4] << 8 | h[5];
		in->padding = h[6];
		/* Management records are for those who multiplex. */
		if (h[0] != FCGI_VERSION_1 || id == FCGI_NULL_REQUEST_ID) {
			errno = EPROTO;
			return false;
		}
		if (!in->begun && in->type == FCGI_BEGIN_REQUEST) {
			in->id = id;
			return true;
		}
		if (in->begun && id == in->id)
			return true;
		if (!skip_record(in, d))
			return false;
	}
}

static enum intake_err
read_begin(struct intake *in, struct deadline d)
{
	unsigned char body[sizeof(FCGI_BeginRequestBody)];

	if (!next_record(in, d) || in->content != sizeof(body) ||
	    !take(in, body, sizeof(body), d))
		return INTAKE_CLOSED;
	in->content = 0;
	in->begun = true;
	return (body[0] << 8 | body[1]) == FCGI_RESPONDER ? INTAKE_OK
							  : INTAKE_ROLE;
}

/* Keep the content of one record of parameters, or note that it is too much. */
static bool
read_params(struct intake *in, struct deadline d)
{
	size_t n = in->content;

	if (in->too_much || n > sizeof(in->params) - in->nparams) {
		in->too_much = true;
		in->nparams = 0;
		return skip_record(in, d);
	}
	if (!take(in, in->params + in->nparams, n, d))
		return false;
	in->nparams += n;
	if (in->nparams > in->params_top)
		in->params_top = in->nparams;
	in->content = 0;
	return true;
}

enum intake_err
intake_request(struct intake *in, struct deadline d)
{
	struct deadline first = deadline_in(INTAKE_FIRST_S * 1000);
	enum intake_err e = read_begin(in, deadline_min(d, first));

	if (e != INTAKE_OK)
		return e;
	for (;;) {
		if (!next_record(in, d) || in->type != FCGI_PARAMS)
			return INTAKE_CLOSED;
		if (in->content == 0)
			break;
		if (!read_params(in, d))
			return INTAKE_CLOSED;
	}
	if (!params_split(in->params, in->nparams, in->env, INTAKE_NAMES))
		return INTAKE_CLOSED;
	return INTAKE_OK;
}

/* Content of the body to read, or its end: 1, 0, -1. */
static int
body_record(struct intake *in, struct deadline d)
{
	while (in->content == 0) {
		if (in->ended)
			return 0;
		if (!next_record(in, d))
			return -1;
		if (in->type == FCGI_DATA) {
			if (!skip_record(in, d))
				return -1;
			continue;
		}
		if (in->type != FCGI_STDIN) { /* ABORT_REQUEST, or nonsense */
			errno = ECONNABORTED;
			return -1;
		}
		in->ended = in->content == 0;
	}
	return 1;
}

/* A large piece goes straight to where it is wanted. */
static ssize_t
body_bytes(struct intake *in, void *p, size_t n, struct deadline d)
{
	size_t there;

	if (in->at == in->have && n >= sizeof(in->raw) / 2)
		return receive(in, p, n, d);
	if (!more(in, d))
		return -1;
	there = in->have - in->at;
	if (n > there)
		n = there;
	memcpy(p, in->raw + in->at, n);
	in->at += n;
	return (ssize_t)n;
}

ssize_t
intake_body(struct intake *in, void *p, size_t n, struct deadline d)
{
	int rc = body_record(in, d);
	ssize_t got;

	if (rc <= 0 || n == 0)
		return rc < 0 ? -1 : 0;
	got = body_bytes(in, p, n < in->content ? n : in->content, d);
	if (got == 0)
		errno = ECONNRESET;
	if (got <= 0)
		return -1;
	in->content -= (size_t)got;
	return got;
}

bool
intake_is_empty(struct intake *in)
{
	/* A time that is over: only what has arrived is looked at. */
	struct deadline now = { .at_ms = 1 };
	ssize_t got;

	if (in->ended)
		return true;
	if (in->content > 0)
		return false;
	if (in->at == in->have) {
		got = recv(in->fd, in->raw, sizeof(in->raw), MSG_DONTWAIT);
		refill(in, got);
	}
	return body_record(in, now) == 0;
}

void
intake_done(struct intake *in)
{
	explicit_bzero(in->raw, in->raw_top);
	explicit_bzero(in->params, in->params_top);
}
