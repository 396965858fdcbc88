/* SPDX-License-Identifier: ISC */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, at most
 * U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Is all of s valid?  Fast for ASCII. */
bool utf8_valid(struct str s);

/* Length in bytes of the valid character at p (1..4), or 0 when the bytes
 * there are no character. */
size_t utf8_step(const char *p, size_t left);

/* Where utf8_step() says 0: how many bytes there count as one error, 1..3 (a
 * character that breaks off, or one impossible byte), or 0 at the end. */
size_t utf8_bad(const char *p, size_t left);

/* s cut to at most max bytes, at a character. */
struct str utf8_cut(struct str s, size_t max);

#endif
