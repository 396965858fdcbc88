/* SPDX-License-Identifier: ISC */
/*
 * Cursors of rows: an offset and the hash of what it counts in, sealed for
 * this caller and an hour (tools.md 1.7).
 */
#include <sodium.h>

#include "tool/tool_int.h"

#define CURSOR_LIFE_S 3600

/* The lengths go in too, so that two texts cannot trade their ends. */
void
cursor_hash(struct cursor_of *c, const struct str *parts, size_t n)
{
	crypto_generichash_state h;

	(void)crypto_generichash_init(&h, NULL, 0, sizeof(c->hash));
	for (size_t i = 0; i < n; i++) {
		uint64_t len = parts[i].len;

		(void)crypto_generichash_update(&h, (const unsigned char *)&len,
		    sizeof(len));
		if (len > 0)
			(void)crypto_generichash_update(&h,
			    (const unsigned char *)parts[i].p, len);
	}
	(void)crypto_generichash_final(&h, c->hash, sizeof(c->hash));
}

struct str
cursor_make(const struct run *r, const struct cursor_of *of, int64_t offset)
{
	char hex[2 * sizeof(of->hash) + 1];
	const struct tool_call *c = r->call;

	(void)sodium_bin2hex(hex, sizeof(hex), of->hash, sizeof(of->hash));
	return seal_make(c->seal, c->arena, str_of(c->who->key.id),
	    c->now_s + CURSOR_LIFE_S,
	    arena_fmt(c->arena, "rows:%s:%lld", hex, (long long)offset));
}

static bool
payload_read(const struct run *r, const struct cursor_of *of,
    struct str payload, int64_t *offset)
{
	char hex[2 * sizeof(of->hash) + 1];
	struct str head;

	(void)sodium_bin2hex(hex, sizeof(hex), of->hash, sizeof(of->hash));
	head = arena_fmt(r->call->arena, "rows:%s:", hex);
	return str_starts(payload, head) &&
	       str_int(str_from(payload, head.len), 1, INT64_MAX, offset);
}

enum err
cursor_open(const struct run *r, const struct cursor_of *of, struct str text,
    int64_t *offset, struct fault *f)
{
	const struct tool_call *c = r->call;
	struct str payload;

	*offset = 0;
	if (text.p == NULL)
		return ERR_OK;
	if (seal_open(c->seal, c->arena, str_of(c->who->key.id), c->now_s, text,
		&payload) &&
	    payload_read(r, of, payload, offset))
		return ERR_OK;
	fault_set(f, ERR_CURSOR_INVALID,
	    "the cursor does not belong to this call or has expired");
	fault_hint(f, "call again without it, with the same arguments");
	return ERR_CURSOR_INVALID;
}
