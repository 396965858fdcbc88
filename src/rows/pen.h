/* SPDX-License-Identifier: ISC */
/*
 * The pen writes short things to their places in the structured form and in
 * the text copy.  Whoever takes it has asked for room before.
 */
#ifndef ROWS_PEN_H
#define ROWS_PEN_H

#include "rows/rows_int.h"

/* Room for any value that is no text, its comma and brackets with it. */
#define SHORT_ROOM 40

/* Where the two forms are written. */
struct pen {
	char *b, *t;
};

static inline void
pen_both(struct pen *p, const char *s, size_t n)
{
	memcpy(p->b, s, n);
	memcpy(p->t, s, n);
	p->b += n;
	p->t += n;
}

static inline void
pen_char(struct pen *p, char c)
{
	*p->b++ = c;
	*p->t++ = c;
}

static inline void
pen_quote(struct pen *p)
{
	*p->b++ = '"';
	*p->t++ = '\\';
	*p->t++ = '"';
}

static inline void
pen_key(struct pen *p, const struct rows_key *k)
{
	memcpy(p->b, k->plain.p, k->plain.len);
	memcpy(p->t, k->twin.p, k->twin.len);
	p->b += k->plain.len;
	p->t += k->twin.len;
}

static inline void
pen_open(struct pen *p, const struct json_out *out)
{
	p->b = out->b->p + out->b->len;
	p->t = out->twin->p + out->twin->len;
}

static inline void
pen_close(const struct pen *p, struct json_out *out)
{
	out->b->len = (size_t)(p->b - out->b->p);
	out->twin->len = (size_t)(p->t - out->twin->p);
}

/* A number of n bytes stands at p->b; the twin gets the same.  A constant
 * length is cheaper to copy than the right one. */
static inline void
pen_number(struct pen *p, size_t n)
{
	memcpy(p->t, p->b, 32);
	p->b += n;
	p->t += n;
}

/* A text that needs no escape. */
static inline void
pen_text(struct pen *p, struct str s)
{
	pen_quote(p);
	if (s.len != 0)
		pen_both(p, s.p, s.len);
	pen_quote(p);
}

static inline void
pen_int(struct pen *p, int64_t v)
{
	pen_number(p, buf_decimal(p->b, v));
}

#endif
