/* SPDX-License-Identifier: ISC */
/*
 * The body of a request, never trusted to be what CONTENT_LENGTH promises
 * (SECURITY_MODEL H6, H7; HOSTING 1.5).
 */
#include <errno.h>
#include <limits.h>

#include "http/http_int.h"

enum { FIRST_READ = 16384, DRAIN_MAX = 8 * 1024 * 1024, DRAIN_MS = 2000 };

/* What CONTENT_LENGTH says. */
struct promise {
	bool known;
	int64_t bytes;
};

static bool
promise_read(const struct http_req *req, struct promise *p)
{
	struct str s = req->field[HTTP_F_CONTENT_LENGTH];

	*p = (struct promise){ false, 0 };
	if (s.p == NULL || str_eq(s, STR("-1")))
		return true;
	if (s.len > 10 || s.p[0] == '-' || !str_int(s, 0, INT64_MAX, &p->bytes))
		return false;
	p->known = true;
	return true;
}

static enum err
read_fault(struct fault *f, int error)
{
	if (error == ETIMEDOUT)
		return fault_set(f, ERR_BODY_SLOW,
		    "the body did not arrive in time");
	fault_log(f, "reading the body: %s", strerror(error));
	return fault_set(f, ERR_BODY_SHORT, "the body ended too early");
}

static enum err
too_big(struct http_req *req, struct fault *f)
{
	http_drain(req);
	return fault_set(f, ERR_BODY_BIG, "the body is larger than %zu bytes",
	    req->limits.body);
}

/* Read until "want" bytes are there or the body ends. */
static enum err
fill(struct http_req *req, struct buf *b, size_t want, bool *ended,
    struct fault *f)
{
	struct deadline d = deadline_in(req->limits.body_time_s * 1000ll);

	*ended = false;
	while (b->len < want) {
		size_t room = want - b->len;
		if (room > FIRST_READ && room > b->len)
			room = b->len > FIRST_READ ? b->len : FIRST_READ;
		if (!buf_room(b, room))
			return fault_set(f, ERR_INTERNAL, "internal error");
		ssize_t n = req->io->read(req->io, b->p + b->len, room, d);
		if (n < 0)
			return read_fault(f, errno);
		if (n == 0) {
			*ended = true;
			return ERR_OK;
		}
		b->len += (size_t)n;
	}
	return ERR_OK;
}

enum err
http_body(struct http_req *req, struct str *body, struct fault *f)
{
	struct promise p;
	struct buf b;
	bool ended;

	if (!promise_read(req, &p)) {
		http_drain(req);
		return fault_set(f, ERR_HEADER,
		    "Content-Length must be a number");
	}
	if (p.known && (uint64_t)p.bytes > req->limits.body)
		return too_big(req, f);

	/* One byte more tells a body of unknown length that is too large. */
	size_t want = p.known ? (size_t)p.bytes : req->limits.body + 1;
	buf_init(&b, req->arena, want + 1);
	if (fill(req, &b, want, &ended, f) != ERR_OK)
		return f->code;
	req->body_read = ended || p.known;
	if (p.known && ended)
		return fault_set(f, ERR_BODY_SHORT,
		    "the body is shorter than Content-Length");
	if (!p.known && !ended)
		return too_big(req, f);
	*body = buf_text(&b);
	return ERR_OK;
}

/* Methods whose body, if any, is never looked at (HOSTING 1.5). */
static bool
method_has_body(enum http_method m)
{
	return m == HTTP_POST || m == HTTP_PUT || m == HTTP_OTHER;
}

void
http_drain(struct http_req *req)
{
	char trash[16384];
	struct deadline d = deadline_in(DRAIN_MS);
	struct promise p;
	size_t left = DRAIN_MAX;

	if (req->body_read || !method_has_body(req->method))
		return;
	req->body_read = true;
	if (promise_read(req, &p) && p.known && p.bytes < DRAIN_MAX)
		left = (size_t)p.bytes;
	while (left > 0) {
		size_t want = left < sizeof(trash) ? left : sizeof(trash);
		ssize_t n = req->io->read(req->io, trash, want, d);
		if (n <= 0)
			return;
		left -= (size_t)n;
	}
}
