/* SPDX-License-Identifier: ISC */
/*
 * Eight bytes at once: questions whose answer stands in the top bit of each
 * byte.  Each may say yes too often, for a byte past ASCII and behind a byte
 * it is true for, but never no.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdint.h>
#include <string.h>

#define WORD_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define WORD_TOPS       WORD_EACH(0x80)

static inline uint64_t
word_at(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* Is a byte less than n (n <= 128)? */
static inline uint64_t
word_any_below(uint64_t w, unsigned char n)
{
	return (w - WORD_EACH(n)) | w;
}

/* Is there this byte? */
static inline uint64_t
word_has(uint64_t w, unsigned char c)
{
	return word_any_below(w ^ WORD_EACH(c), 1);
}

#endif
