/* SPDX-License-Identifier: ISC */
/*
 * Texts that a client keeps for us without reading them: base64url of a
 * version byte, the expiry, a nonce and the encrypted payload.  The principal
 * and what the text belongs to are authenticated with it and stand nowhere.
 */
#include <sodium.h>

#include "auth/auth.h"

enum {
	VERSION = 1,
	EXPIRY_LEN = 8,
	HEAD_LEN = 1 + EXPIRY_LEN,
	NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	FIXED_LEN = HEAD_LEN + NONCE_LEN + TAG_LEN,
	FORM = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

static unsigned char *
put_be64(unsigned char *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--) {
		p[i] = (unsigned char)v;
		v >>= 8;
	}
	return p + 8;
}

static int64_t
get_be64(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* Head, principal and subject as one text; the length before the principal
 * keeps anything from moving between the two. */
static struct str
bound(struct arena *a, const unsigned char *head, struct str principal,
    struct str about)
{
	size_t n = HEAD_LEN + 8 + principal.len + about.len;
	unsigned char *text = arena_get(a, n), *p = text;

	memcpy(p, head, HEAD_LEN);
	p = put_be64(p + HEAD_LEN, principal.len);
	if (principal.len != 0)
		memcpy(p, principal.p, principal.len);
	if (about.len != 0)
		memcpy(p + principal.len, about.p, about.len);
	return (struct str){ (char *)text, n };
}

struct str
seal_hide(const struct seal *s, struct arena *a, struct str principal,
    struct str about, int64_t expires_s, struct str payload)
{
	size_t n = FIXED_LEN + payload.len;
	size_t size = sodium_base64_encoded_len(n, FORM);
	unsigned char *raw = arena_get(a, n), *nonce = raw + HEAD_LEN;
	char *text = arena_get(a, size);
	struct str ad;

	raw[0] = VERSION;
	(void)put_be64(raw + 1, (uint64_t)expires_s);
	randombytes_buf(nonce, NONCE_LEN);
	ad = bound(a, raw, principal, about);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_LEN,
	    NULL, (const unsigned char *)payload.p, payload.len,
	    (const unsigned char *)ad.p, ad.len, NULL, nonce, s->key);
	sodium_bin2base64(text, size, raw, n, FORM);
	return (struct str){ text, size - 1 };
}

bool
seal_show(const struct seal *s, struct arena *a, struct str principal,
    struct str about, int64_t now_s, struct str hidden, struct str *payload)
{
	unsigned char *raw, *nonce, *out;
	struct str ad;
	size_t n;

	if (hidden.len == 0 || hidden.len > SEAL_HIDDEN_MAX)
		return false;
	raw = arena_get(a, hidden.len);
	if (sodium_base642bin(raw, hidden.len, hidden.p, hidden.len, NULL, &n,
		NULL, FORM) != 0 ||
	    n < FIXED_LEN || raw[0] != VERSION)
		return false;
	nonce = raw + HEAD_LEN;
	n -= FIXED_LEN;
	out = arena_get(a, n + 1);
	ad = bound(a, raw, principal, about);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
		nonce + NONCE_LEN, n + TAG_LEN, (const unsigned char *)ad.p,
		ad.len, nonce, s->key) != 0 ||
	    now_s >= get_be64(raw + 1))
		return false;
	*payload = (struct str){ (char *)out, n };
	return true;
}
