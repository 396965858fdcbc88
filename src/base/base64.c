/* SPDX-License-Identifier: ISC */
/* Base64, read strictly. */
#include "base/base64.h"

/* The six bits of a character, or -1. */
static int
bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_decode(struct arena *a, struct str in, struct str *out)
{
	size_t pad, chars, n = 0;
	unsigned held = 0;
	char *p;

	if (in.len % 4 != 0)
		return false;
	pad = str_ends(in, STR("==")) ? 2 : str_ends(in, STR("=")) ? 1 : 0;
	chars = in.len - pad;
	p = arena_get(a, in.len / 4 * 3 + 1);
	for (size_t i = 0; i < chars; i++) {
		int six = bits(in.p[i]);

		if (six < 0)
			return false;
		held = held << 6 | (unsigned)six;
		if (i % 4 != 0)
			p[n++] = (char)(held >> (6 - 2 * (i % 4)) & 0xff);
	}
	if ((held & ((1u << 2 * pad) - 1)) != 0)
		return false;
	p[n] = '\0';
	*out = (struct str){ p, n };
	return true;
}
