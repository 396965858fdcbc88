/* SPDX-License-Identifier: ISC */
/*
 * One key that stands in a variable of the environment: scope read, SELECT on
 * every source.  The variable is wiped and removed as soon as it is read; we
 * keep a hash only.
 */
#include <sodium.h>
#include <stdlib.h>

#include "store/store_int.h"

#define ENV_MIN ((size_t)32)
#define ENV_MAX ((size_t)512)

static void
hash_of(const struct store *s, struct str text,
    uint8_t out[static KEY_HASH_LEN])
{
	uint8_t key[32];

	store_derive(s, "mcp-envk", key);
	crypto_generichash(out, KEY_HASH_LEN, (const unsigned char *)text.p,
	    text.len, key, sizeof(key));
	sodium_memzero(key, sizeof(key));
}

/* What fits into one Authorization value: visible ASCII without a comma. */
static bool
usable(struct str text)
{
	if (text.len < ENV_MIN || text.len > ENV_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == ',')
			return false;
	return true;
}

enum err
key_env_load(struct store *s, const char *name, struct fault *f)
{
	char *text = getenv(name);
	struct str key = str_of(text);
	uint8_t h[KEY_HASH_LEN];
	bool good;

	if (text == NULL)
		return ERR_OK; /* the admin command runs without it */
	good = usable(key);
	if (good) {
		hash_of(s, key, h);
		s->fixed = secret_take(h, sizeof(h));
	}
	sodium_memzero(text, key.len);
	(void)unsetenv(name);
	if (good)
		return ERR_OK;
	fault_log(f,
	    "%s: not %zu to %zu visible ASCII characters without a comma", name,
	    ENV_MIN, ENV_MAX);
	return fault_set(f, ERR_CONF,
	    "the key in the environment must be %zu to %zu visible characters without a comma",
	    ENV_MIN, ENV_MAX);
}

bool
key_env_is(struct store *s, struct str token)
{
	uint8_t h[KEY_HASH_LEN];

	if (s->fixed.bytes == NULL)
		return false;
	if (s->counts != NULL)
		s->counts->hashes++;
	hash_of(s, token, h);
	return sodium_memcmp(h, s->fixed.bytes, KEY_HASH_LEN) == 0;
}

void
key_env_fill(struct key *k)
{
	*k = (struct key){ .id = "environment",
		.label = STR("environment"),
		.scopes = SCOPE_READ,
		.confirm = -1,
		.stamp = 1 };
}
