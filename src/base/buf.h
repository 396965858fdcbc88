/* SPDX-License-Identifier: ISC */
/*
 * What grows: bytes in an arena under a ceiling.  A write that does not fit
 * is not made, and neither is any after it; ask buf_failed() once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct buf {
	char *p;
	size_t len;
	size_t cap;
	size_t max;
	struct arena *arena;
	bool failed;
};

/* An empty buffer of at most "max" bytes.  Nothing is allocated yet. */
void buf_init(struct buf *b, struct arena *a, size_t max);

/* What buf_room does when the room there is is too small. */
bool buf_more(struct buf *b, size_t n);

/* Room for n more bytes: true, or the buffer has failed. */
static inline bool
buf_room(struct buf *b, size_t n)
{
	if (!b->failed && n <= b->cap - b->len)
		return true;
	return buf_more(b, n);
}

/* Is there room for n more bytes under the ceiling?  Makes it, and never lets
 * the buffer fail. */
static inline bool
buf_has_room(struct buf *b, size_t n)
{
	return !b->failed && n <= b->max - b->len && buf_room(b, n);
}

/* Append. */
static inline void
buf_put(struct buf *b, const char *p, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

static inline void
buf_str(struct buf *b, struct str s)
{
	buf_put(b, s.p, s.len);
}

static inline void
buf_char(struct buf *b, char c)
{
	if (buf_room(b, 1))
		b->p[b->len++] = c;
}

void buf_int(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define buf_lit(b, lit) buf_put((b), "" lit, sizeof(lit) - 1)

/* Forget all after byte "len"; also forgets a failure that came later. */
void buf_cut(struct buf *b, size_t len);

static inline bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

static inline struct str
buf_text(const struct buf *b)
{
	return (struct str){ b->p, b->len };
}

/* Write v in decimal to p (20 bytes are enough); returns the length. */
size_t buf_decimal(char *p, int64_t v);

#endif
