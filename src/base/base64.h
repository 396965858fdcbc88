/* SPDX-License-Identifier: ISC */
/* Base64 (RFC 4648 4), read strictly: one text for each value. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/arena.h"

/*
 * Decode the standard alphabet with its padding.  False for a character
 * outside the alphabet, missing or extra padding, and bits left over that are
 * not zero.
 */
bool base64_decode(struct arena *a, struct str in, struct str *out);

#endif
