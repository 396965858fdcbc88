/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as Authorization, and what follows the first newline as
 * X-API-Key: one token at most, no smuggled second value, and Basic only as
 * its one way to be written.
 */
#include <sodium.h>
#include <string.h>

#include "auth/auth_int.h"
#include "fuzz.h"

static const struct conf conf = { .basic = true,
	.api_key_header = true,
	.limits = { .authorization = 8192 } };

/* The bytes of the credential, written as Basic again, stand in the header. */
static bool
is_canonical(struct arena *a, const struct presented *p, struct str header)
{
	const int form = sodium_base64_VARIANT_ORIGINAL;
	size_t n = p->user.len + 1 + p->token.len;
	unsigned char *raw = arena_get(a, n);
	char *text = arena_get(a, sodium_base64_encoded_len(n, form));

	if (p->user.len != 0)
		memcpy(raw, p->user.p, p->user.len);
	raw[p->user.len] = ':';
	if (p->token.len != 0)
		memcpy(raw + p->user.len + 1, p->token.p, p->token.len);
	sodium_bin2base64(text, sodium_base64_encoded_len(n, form), raw, n,
	    form);
	return str_ends(str_trim(header), str_of(text));
}

static void
check_token(struct arena *a, const struct presented *p,
    const struct credential *c)
{
	if (p->basic) {
		FUZZ_PROMISE(is_canonical(a, p, c->authorization));
		return;
	}
	FUZZ_PROMISE(p->token.len != 0 && !str_has(p->token, ','));
	for (size_t i = 0; i < p->token.len; i++)
		FUZZ_PROMISE(p->token.p[i] > ' ' && p->token.p[i] <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct credential c = { 0 };
	struct arena *a = arena_new((size_t)1 << 20);
	struct presented p;

	if (size != 0)
		(void)str_cut(&rest, '\n', &c.authorization);
	c.api_key = rest;
	p = credential_read(&conf, a, &c);
	FUZZ_PROMISE(
	    (p.how == PRESENTED_NONE) == (str_trim(c.authorization).len == 0 &&
					     str_trim(c.api_key).len == 0));
	if (p.how == PRESENTED_TOKEN)
		check_token(a, &p, &c);
	c.twice = true;
	FUZZ_PROMISE(credential_read(&conf, a, &c).how == PRESENTED_BAD);
	arena_free(a);
	return 0;
}
