/* SPDX-License-Identifier: ISC */
/*
 * A key while it is in use for long: has it been revoked, has it expired, has
 * it another secret or other rights by now?
 */
#include "store/store_int.h"

struct found {
	struct arena *arena;
	struct key *key;
	uint64_t secret;
};

static bool
take(void *arg, const struct value *v, size_t n)
{
	struct found *w = arg;

	if (n != KEY_NCOLUMNS + 2)
		return false;
	key_row(w->arena, v, w->key);
	w->secret =
	    str_hash(v[KEY_NCOLUMNS].s) ^ 3 * str_hash(v[KEY_NCOLUMNS + 1].s);
	return false;
}

enum err
key_now(struct store *s, struct arena *a, const struct key *k, int64_t now_s,
    struct key *out, uint64_t *secret, struct fault *f)
{
	static const char sql[] = "SELECT " KEY_COLUMNS ", hash, old_hash"
				  " FROM keys WHERE id = ?1 AND id <> ''";
	struct found w = { .arena = a, .key = out };
	struct value id = value_text(str_of(k->id));
	enum err err;

	*out = *k;
	*secret = 0;
	if (k->row == 0)
		return ERR_OK;
	out->row = 0;
	err = store_run(s, s->keys, sql, &id, 1, take, &w, NULL, f);
	if (err != ERR_OK)
		return err;
	*secret = w.secret;
	if (out->row == 0 || out->revoked_s != 0 ||
	    (out->expires_s != 0 && now_s >= out->expires_s))
		return fault_set(f, ERR_OBJECT_NOT_FOUND,
		    "this key is good no more");
	return ERR_OK;
}
