/* SPDX-License-Identifier: ISC */
/*
 * A token to its key (SECURITY_MODEL A3).  An unknown id costs what a wrong
 * secret costs: the look-up asks for the nearest id at or below the wanted
 * one, so it finds a row for every id, the decoy with the empty id at least;
 * then both hashes are made and compared, and only at the end is it said
 * whether all of it was right.  Only a key that is good may be found quicker,
 * among those that were good before.
 */
#include <sodium.h>

#include "store/store_int.h"

struct found {
	struct store *store;
	struct arena *arena;
	struct str token;
	struct key key;
	int64_t old_until;
	bool now_fits, old_fits;
};

static const char sql_nearest[] =
    "SELECT " KEY_COLUMNS ", pepper, hash, old_pepper, old_hash, old_until"
    " FROM keys WHERE id <= ?1 ORDER BY id DESC LIMIT 1";

static bool
fits(struct found *w, struct str pepper, struct str stored)
{
	static const char never[] =
	    "----------------------------------------------------------------";
	char hex[HASH_TEXT + 1];

	_Static_assert(sizeof(never) == HASH_TEXT + 1, "as long as a hash");
	pepper_hash(w->store, pepper_find(w->store, pepper), w->token, hex);
	return sodium_memcmp(hex, stored.len == HASH_TEXT ? stored.p : never,
		   HASH_TEXT) == 0;
}

static bool
take_row(void *arg, const struct value *v, size_t n)
{
	struct found *w = arg;
	const struct value *more = v + KEY_NCOLUMNS;

	if (n != KEY_NCOLUMNS + 5)
		return false;
	key_row(w->arena, v, &w->key);
	w->now_fits = fits(w, more[0].s, more[1].s);
	w->old_fits = fits(w, more[2].s, more[3].s);
	w->old_until = more[4].i;
	return false;
}

static bool
alive(const struct key *k, int64_t now_s)
{
	return (k->revoked_s == 0) &
	       ((k->expires_s == 0) | (now_s < k->expires_s));
}

/* All of it counts, and no part is skipped because another failed. */
static bool
good(const struct found *w, int64_t now_s)
{
	bool same_id =
	    sodium_memcmp(w->key.id, key_text_id(w->token).p, KEY_ID_LEN) == 0;
	bool secret = w->now_fits | (w->old_fits & (now_s < w->old_until));

	return same_id & secret & alive(&w->key, now_s);
}

static enum err
refused(struct fault *f)
{
	return fault_set(f, ERR_UNAUTHORIZED,
	    "Unauthorized: invalid or missing access token");
}

/* Ask the store for the nearest row. */
static enum err
look_up(struct store *s, struct found *w, struct fault *f)
{
	const struct value id = value_text(key_text_id(w->token));

	if (s->counts != NULL)
		s->counts->reads++;
	return store_run(s, s->keys, sql_nearest, &id, 1, take_row, w, NULL, f);
}

enum err
key_check(struct store *s, struct arena *a, struct str token, int64_t now_s,
    struct key *out, char seen[static KEY_ID_LEN + 1], struct fault *f)
{
	struct found w = { .store = s, .arena = a, .token = token };
	char hash[HASH_TEXT + 1];
	const struct key *kept;
	struct ring_look look;
	enum err err;

	*out = (struct key){ 0 };
	seen[0] = '\0';
	s->now_s = now_s;
	if (key_env_is(s, token)) {
		key_env_fill(out);
		memcpy(seen, out->id, sizeof(out->id));
		return ERR_OK;
	}
	if (!key_well_formed(token))
		return refused(f);
	memcpy(seen, key_text_id(token).p, KEY_ID_LEN);
	seen[KEY_ID_LEN] = '\0';
	err = store_db_ready(s, s->keys, f);
	if (err != ERR_OK)
		return err;
	ring_look(s, &look);
	pepper_hash(s, &s->peppers[0], token, hash);
	kept = ring_find(s, key_text_id(token), hash, &look);
	if (kept != NULL && alive(kept, now_s)) {
		key_copy(a, kept, out);
		return ERR_OK;
	}
	err = look_up(s, &w, f);
	if (err != ERR_OK)
		return err;
	if (!good(&w, now_s))
		return refused(f);
	if (w.now_fits)
		ring_keep(s, &w.key, hash, &look);
	*out = w.key;
	return ERR_OK;
}
