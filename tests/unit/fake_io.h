/* SPDX-License-Identifier: ISC */
/*
 * A struct http_io for tests: an environment given as a list, a body that
 * arrives in pieces, and an answer kept as one text.
 */
#ifndef TESTS_UNIT_FAKE_IO_H
#define TESTS_UNIT_FAKE_IO_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "http/http.h"

enum { FAKE_ENV = 64, FAKE_OUT = 1 << 20 };

struct fake_io {
	struct http_io io;
	char *env[FAKE_ENV + 1];
	size_t nenv;
	struct str body; /* what will arrive */
	size_t piece;    /* bytes in one read; 0: as many as wanted */
	size_t taken;    /* bytes read so far */
	bool slow;       /* no end comes: the time runs out instead */
	bool gone;       /* nobody takes the answer */
	size_t sends;    /* calls of send */
	bool last;       /* the end has been sent */
	char out[FAKE_OUT];
	size_t nout;
};

static inline ssize_t
fake_read(struct http_io *io, void *p, size_t n, struct deadline d)
{
	struct fake_io *f = io->arg;
	size_t left = f->body.len - f->taken;

	(void)d;
	if (left == 0 && f->slow) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (f->piece != 0 && n > f->piece)
		n = f->piece;
	if (n > left)
		n = left;
	if (n > 0)
		memcpy(p, f->body.p + f->taken, n);
	f->taken += n;
	return (ssize_t)n;
}

static inline bool
fake_send(struct http_io *io, const struct iovec *v, int n, bool last)
{
	struct fake_io *f = io->arg;

	f->sends++;
	if (f->gone)
		return false;
	for (int i = 0; i < n; i++) {
		if (v[i].iov_len > FAKE_OUT - 1 - f->nout)
			return false;
		memcpy(f->out + f->nout, v[i].iov_base, v[i].iov_len);
		f->nout += v[i].iov_len;
	}
	f->out[f->nout] = '\0';
	f->last = f->last || last;
	return true;
}

static inline bool
fake_gone(struct http_io *io)
{
	return ((struct fake_io *)io->arg)->gone;
}

static inline bool
fake_frame(struct http_io *io, struct str answer, struct buf *to, int *fd)
{
	(void)io;
	buf_str(to, answer);
	*fd = -1;
	return !buf_failed(to);
}

/* Nothing in it. */
static inline void
fake_init(struct fake_io *f)
{
	memset(f, 0, offsetof(struct fake_io, out));
	f->nout = 0;
	f->out[0] = '\0';
	f->io = (struct http_io){ .env = f->env,
		.read = fake_read,
		.send = fake_send,
		.gone = fake_gone,
		.frame = fake_frame,
		.arg = f };
}

/* One more parameter, "NAME=value", lent. */
static inline void
fake_env(struct fake_io *f, const char *pair)
{
	if (f->nenv < FAKE_ENV)
		f->env[f->nenv++] = (char *)(uintptr_t)pair;
}

/* What was answered so far. */
static inline bool
fake_has(const struct fake_io *f, const char *text)
{
	return strstr(f->out, text) != NULL;
}

#endif
