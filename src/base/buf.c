/* SPDX-License-Identifier: ISC */
/* Growing text under a ceiling: the room doubles inside the arena. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define FIRST 256

void
buf_init(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){ .arena = a, .max = max };
}

static size_t
next_cap(const struct buf *b, size_t want)
{
	size_t cap = b->cap < FIRST ? FIRST : b->cap;

	while (cap < want)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	return cap < b->max ? cap : b->max;
}

bool
buf_more(struct buf *b, size_t n)
{
	size_t cap;

	if (b->failed)
		return false;
	if (n > b->max - b->len) {
		b->failed = true;
		return false;
	}
	cap = next_cap(b, b->len + n);
	b->p = arena_grow(b->arena, b->p, b->cap, cap);
	b->cap = cap;
	return true;
}

void
buf_int(struct buf *b, int64_t v)
{
	char text[20];
	size_t n = buf_decimal(text, v);

	buf_put(b, text, n);
}

static void put_long(struct buf *b, size_t n, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* vsnprintf wants room for its zero, which is not ours to keep, so what is
 * long is written elsewhere first. */
static void
put_long(struct buf *b, size_t n, const char *fmt, va_list ap)
{
	char *text;

	if (n > b->max - b->len) {
		b->failed = true;
		return;
	}
	text = arena_get(b->arena, n + 1);
	(void)vsnprintf(text, n + 1, fmt, ap);
	buf_put(b, text, n);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	if (b->failed)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n < sizeof(text)) {
		buf_put(b, text, (size_t)n);
		return;
	}
	va_start(ap, fmt);
	put_long(b, (size_t)n, fmt, ap);
	va_end(ap);
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len > b->len)
		return;
	b->len = len;
	b->failed = false;
}

/* Two digits at a time. */
static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

size_t
buf_decimal(char *p, int64_t v)
{
	char text[20];
	size_t at = sizeof(text);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	while (u >= 100) {
		at -= 2;
		memcpy(text + at, pairs + u % 100 * 2, 2);
		u /= 100;
	}
	if (u >= 10) {
		at -= 2;
		memcpy(text + at, pairs + u * 2, 2);
	} else {
		text[--at] = (char)('0' + u);
	}
	if (v < 0)
		text[--at] = '-';
	memcpy(p, text + at, sizeof(text) - at);
	return sizeof(text) - at;
}
