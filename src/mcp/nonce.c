/* SPDX-License-Identifier: ISC */
/* Names that nobody can guess, and names made of a text. */
#include <sodium.h>

#include "mcp/nonce.h"

static struct str
hex(struct arena *a, const unsigned char raw[static NONCE_LEN])
{
	char *text = arena_get(a, NONCE_TEXT + 1);

	sodium_bin2hex(text, NONCE_TEXT + 1, raw, NONCE_LEN);
	return (struct str){ text, NONCE_TEXT };
}

struct str
nonce_make(struct arena *a)
{
	unsigned char raw[NONCE_LEN];

	randombytes_buf(raw, sizeof(raw));
	return hex(a, raw);
}

struct str
nonce_of(struct arena *a, struct str text)
{
	unsigned char raw[NONCE_LEN];

	crypto_generichash(raw, sizeof(raw), (const unsigned char *)text.p,
	    text.len, NULL, 0);
	return hex(a, raw);
}
