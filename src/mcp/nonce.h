/* SPDX-License-Identifier: ISC */
/* Names that nobody can guess, and names made of a text. */
#ifndef MCP_NONCE_H
#define MCP_NONCE_H

#include "base/arena.h"

enum { NONCE_LEN = 16, NONCE_TEXT = 2 * NONCE_LEN };

/* 128 random bits in hex. */
struct str nonce_make(struct arena *a);

/* As long, and always the same for the same text. */
struct str nonce_of(struct arena *a, struct str text);

#endif
