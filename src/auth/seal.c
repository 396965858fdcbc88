/* SPDX-License-Identifier: ISC */
/*
 * Sealed texts: what a client keeps for us and brings back.  base64url of a
 * version byte, the expiry, the payload and a MAC over these and the
 * principal, who is not written down: another one's text does not verify.
 */
#include <sodium.h>

#include "auth/auth.h"

enum { VERSION = 1, HEAD_LEN = 9, MAC_LEN = 16 };
#define SEALED_MAX ((size_t)64 * 1024)

static void
put_be64(unsigned char *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--) {
		p[i] = (unsigned char)v;
		v >>= 8;
	}
}

static uint64_t
get_be64(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

/* The principal's length goes first, so that nothing can move between it and
 * the text. */
static void
mac(const struct seal *s, struct str principal, const unsigned char *text,
    size_t n, unsigned char out[static MAC_LEN])
{
	crypto_generichash_state st;
	unsigned char len[8];

	put_be64(len, principal.len);
	crypto_generichash_init(&st, s->key, sizeof(s->key), MAC_LEN);
	crypto_generichash_update(&st, len, sizeof(len));
	crypto_generichash_update(&st, (const unsigned char *)principal.p,
	    principal.len);
	crypto_generichash_update(&st, text, n);
	crypto_generichash_final(&st, out, MAC_LEN);
	sodium_memzero(&st, sizeof(st));
}

struct str
seal_make(const struct seal *s, struct arena *a, struct str principal,
    int64_t expires_s, struct str payload)
{
	const int form = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	size_t n = HEAD_LEN + payload.len;
	unsigned char *raw = arena_get(a, n + MAC_LEN);
	size_t size = sodium_base64_encoded_len(n + MAC_LEN, form);
	char *text = arena_get(a, size);

	raw[0] = VERSION;
	put_be64(raw + 1, (uint64_t)expires_s);
	if (payload.len != 0)
		memcpy(raw + HEAD_LEN, payload.p, payload.len);
	mac(s, principal, raw, n, raw + n);
	sodium_bin2base64(text, size, raw, n + MAC_LEN, form);
	return (struct str){ text, size - 1 };
}

bool
seal_open(const struct seal *s, struct arena *a, struct str principal,
    int64_t now_s, struct str sealed, struct str *payload)
{
	unsigned char want[MAC_LEN];
	unsigned char *raw;
	size_t n;

	if (sealed.len == 0 || sealed.len > SEALED_MAX)
		return false;
	raw = arena_get(a, sealed.len);
	if (sodium_base642bin(raw, sealed.len, sealed.p, sealed.len, NULL, &n,
		NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    n < HEAD_LEN + MAC_LEN)
		return false;
	n -= MAC_LEN;
	mac(s, principal, raw, n, want);
	if (sodium_memcmp(want, raw + n, MAC_LEN) != 0 || raw[0] != VERSION ||
	    now_s >= (int64_t)get_be64(raw + 1))
		return false;
	*payload = (struct str){ (char *)raw + HEAD_LEN, n - HEAD_LEN };
	return true;
}
