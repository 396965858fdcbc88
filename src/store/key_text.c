/* SPDX-License-Identifier: ISC */
/*
 * The text of a key (SECURITY_MODEL A1), read by position:
 * "mcpk_", 12 hex digits of id, "_", 43 base64url characters of secret, and
 * 6 hex digits: the first three bytes of BLAKE2b-256 over all before.
 */
#include <sodium.h>

#include "store/store_int.h"

enum {
	PREFIX_LEN = 5,
	SECRET_AT = PREFIX_LEN + KEY_ID_LEN + 1,
	SECRET_LEN = 43,
	CHECK_AT = SECRET_AT + SECRET_LEN,
	CHECK_LEN = 6,
	SHOWN_MAX = 36 /* less than a secret; names have spaces */
};
_Static_assert(CHECK_AT + CHECK_LEN == KEY_TEXT_LEN, "parts of a key");

static void
check_digits(const char *token, char out[static CHECK_LEN + 1])
{
	unsigned char h[crypto_generichash_BYTES];

	crypto_generichash(h, sizeof(h), (const unsigned char *)token, CHECK_AT,
	    NULL, 0);
	sodium_bin2hex(out, CHECK_LEN + 1, h, CHECK_LEN / 2);
}

static bool
only(const char *p, size_t n, const char *alphabet)
{
	size_t len = strlen(alphabet);

	for (size_t i = 0; i < n; i++)
		if (memchr(alphabet, p[i], len) == NULL)
			return false;
	return true;
}

bool
key_well_formed(struct str token)
{
	static const char hex[] = "0123456789abcdef";
	static const char url64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char check[CHECK_LEN + 1];

	if (token.len != KEY_TEXT_LEN || !str_starts(token, STR("mcpk_")) ||
	    !only(token.p + PREFIX_LEN, KEY_ID_LEN, hex) ||
	    token.p[SECRET_AT - 1] != '_' ||
	    !only(token.p + SECRET_AT, SECRET_LEN, url64))
		return false;
	check_digits(token.p, check);
	return memcmp(check, token.p + CHECK_AT, CHECK_LEN) == 0;
}

struct str
key_shown(struct str which)
{
	size_t run = 0;

	for (size_t i = 0; i < which.len; i++) {
		if (str_starts(str_from(which, i), STR("mcpk_")))
			return STR("(a key itself)");
		run = which.p[i] == ' ' ? 0 : run + 1;
		if (run >= SHOWN_MAX)
			return STR("(a long word)");
	}
	return which;
}

struct str
key_text_id(struct str token)
{
	return (struct str){ token.p + PREFIX_LEN, KEY_ID_LEN };
}

void
key_id_new(char id[static KEY_ID_LEN + 1])
{
	unsigned char raw[KEY_ID_LEN / 2];

	randombytes_buf(raw, sizeof(raw));
	sodium_bin2hex(id, KEY_ID_LEN + 1, raw, sizeof(raw));
}

void
key_text_new(char token[static KEY_TEXT_LEN + 1],
    const char id[static KEY_ID_LEN + 1])
{
	unsigned char raw[32];

	randombytes_buf(raw, sizeof(raw));
	memcpy(token, "mcpk_", PREFIX_LEN);
	memcpy(token + PREFIX_LEN, id, KEY_ID_LEN);
	token[SECRET_AT - 1] = '_';
	sodium_bin2base64(token + SECRET_AT, SECRET_LEN + 1, raw, sizeof(raw),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	check_digits(token, token + CHECK_AT);
	sodium_memzero(raw, sizeof(raw));
}
