/* SPDX-License-Identifier: ISC */
/* UTF-8 by the table of RFC 3629 section 4, with eight ASCII bytes at once. */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* What may follow a first byte: its length and the range of the second. */
static const struct {
	unsigned char from, to, len, low, high;
} firsts[] = {
	{ 0x00, 0x7f, 1, 0, 0 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* How many bytes at p are the beginning of a character, and of how long a
 * one; 0 when it cannot begin like that. */
static size_t
begins(const char *p, size_t left, size_t *whole)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t i = 0, n = 1;

	*whole = 0;
	if (left == 0)
		return 0;
	while (i < sizeof(firsts) / sizeof(firsts[0]) && u[0] > firsts[i].to)
		i++;
	if (i == sizeof(firsts) / sizeof(firsts[0]) || u[0] < firsts[i].from)
		return 0;
	*whole = firsts[i].len;
	if (*whole == 1 || left == 1 || u[1] < firsts[i].low ||
	    u[1] > firsts[i].high)
		return 1;
	for (n = 2; n < *whole && n < left && is_tail(u[n]); n++)
		;
	return n;
}

size_t
utf8_step(const char *p, size_t left)
{
	size_t whole, n = begins(p, left, &whole);

	return n == whole ? n : 0;
}

size_t
utf8_bad(const char *p, size_t left)
{
	size_t whole, n = begins(p, left, &whole);

	if (left == 0)
		return 0;
	return n == 0 ? 1 : n;
}

/* How many bytes at p are ASCII for sure, eight at a time. */
static size_t
ascii_run(const char *p, size_t left)
{
	size_t n = 0;
	uint64_t w;

	while (left - n >= sizeof(w)) {
		memcpy(&w, p + n, sizeof(w));
		if ((w & 0x8080808080808080U) != 0)
			break;
		n += sizeof(w);
	}
	return n;
}

bool
utf8_valid(struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n = ascii_run(s.p + i, s.len - i);

		if (n == 0)
			n = utf8_step(s.p + i, s.len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

struct str
utf8_cut(struct str s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max != 0 && is_tail((unsigned char)s.p[max]))
		max--;
	return (struct str){ s.p, max };
}
