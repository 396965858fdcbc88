/* SPDX-License-Identifier: ISC */
/* Keys made, found, listed, changed: the work of the administrator, and the
 * note that a key was used. */
#include <sodium.h>

#include "store/store_int.h"

#define TOUCH_S 60

static enum err
not_found(struct fault *f, struct str which)
{
	struct str shown = key_shown(which);

	if (shown.p != which.p)
		fault_hint(f,
		    "A name or an id is wanted, never the key itself: mcpctl key list");
	return fault_set(f, ERR_OBJECT_NOT_FOUND, "no key is called '%.*s'",
	    (int)(shown.len > 100 ? 100 : shown.len), shown.p);
}

static enum err
run(struct store *s, const char *sql, const struct value *v, size_t n,
    int64_t *changes, struct fault *f)
{
	if (s->counts != NULL)
		s->counts->writes++;
	return store_run(s, s->keys, sql, v, n, NULL, NULL, changes, f);
}

/* The columns that key_create fills besides id, pepper and hash. */
static const char sql_insert[] =
    "INSERT INTO keys (seq, id, pepper, hash, label, owner, login, scopes,"
    " grants, environment, addresses, rate_count, rate_window, rate_burst,"
    " confirm, max_rows, created, expires)"
    " SELECT max(seq) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
    " ?13, ?14, ?15, ?16, ?17 FROM keys WHERE 1 = 1"
    " ON CONFLICT DO NOTHING"; /* seq: somebody else makes one too */

static enum err
insert(struct store *s, const struct key *k, const char *id, const char *hash,
    struct arena *a, int64_t *changes, struct fault *f)
{
	const struct value v[] = {
		value_text(str_of(id)),
		value_text(str_of(s->peppers[0].id)),
		value_text(str_of(hash)),
		value_text(k->label),
		value_text(k->owner),
		value_text(k->user),
		value_int(k->scopes),
		value_text(key_grants_text(a, k)),
		value_text(k->environment),
		value_text(k->addresses),
		value_int(k->rate.set ? k->rate.count : 0),
		value_int(k->rate.window_s),
		value_int(k->rate.burst),
		value_int(k->confirm),
		value_int(k->max_rows),
		value_int(k->created_s),
		value_int(k->expires_s),
	};

	return run(s, sql_insert, v, sizeof(v) / sizeof(v[0]), changes, f);
}

enum err
key_create(struct store *s, const struct key *want, int64_t now_s,
    char token[static KEY_TEXT_LEN + 1], struct key *made, struct arena *a,
    struct fault *f)
{
	struct key k = *want;
	char hash[HASH_TEXT + 1];
	int64_t changes = 0;
	enum err err = key_valid(want, f);

	k.created_s = now_s;
	if (err == ERR_OK)
		err = pepper_agree(s, f);
	if (err == ERR_OK && k.expires_s != 0 && k.expires_s <= now_s)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the key would have expired already");
	while (err == ERR_OK && changes == 0) { /* an id may be taken */
		key_id_new(k.id);
		key_text_new(token, k.id);
		pepper_hash(s, &s->peppers[0], str_of(token), hash);
		err = insert(s, &k, k.id, hash, a, &changes, f);
	}
	if (err != ERR_OK) {
		sodium_memzero(token, KEY_TEXT_LEN + 1);
		return err;
	}
	return key_find(s, a, str_of(k.id), made, f);
}

/* Keys that answer to one name: a living one goes before revoked ones. */
struct search {
	struct arena *arena;
	struct str which;
	struct key live, dead;
	size_t nlive, ndead;
	bool exact; /* the id itself */
};

static bool
candidate(void *arg, const struct value *v, size_t n)
{
	struct search *w = arg;
	struct key k;

	if (n != KEY_NCOLUMNS)
		return false;
	key_row(w->arena, v, &k);
	w->exact = str_eq(w->which, str_of(k.id));
	if (k.revoked_s == 0 || w->exact) {
		w->live = k;
		w->nlive++;
	} else {
		w->dead = k;
		w->ndead++;
	}
	return !w->exact;
}

enum err
key_find(struct store *s, struct arena *a, struct str which, struct key *out,
    struct fault *f)
{
	static const char sql[] =
	    "SELECT " KEY_COLUMNS " FROM keys WHERE id <> '' AND"
	    " (id = ?1 OR label = ?1) ORDER BY seq";
	struct search w = { .arena = a, .which = which };
	struct value v = value_text(which);
	enum err err =
	    store_run(s, s->keys, sql, &v, 1, candidate, &w, NULL, f);

	*out = (struct key){ 0 };
	if (err != ERR_OK)
		return err;
	if (w.exact || w.nlive == 1) {
		*out = w.live;
		return ERR_OK;
	}
	if (w.nlive == 0 && w.ndead == 1) {
		*out = w.dead;
		return ERR_OK;
	}
	if (w.nlive + w.ndead == 0)
		return not_found(f, which);
	fault_hint(f, "Name it by its id: mcpctl key list");
	return fault_set(f, ERR_CONFLICT, "%zu keys are called '%.*s'",
	    w.nlive + w.ndead, (int)which.len, which.p);
}

struct walk {
	struct arena *arena;
	bool (*fn)(void *arg, const struct key *k);
	void *arg;
};

static bool
each(void *arg, const struct value *v, size_t n)
{
	struct walk *w = arg;
	struct key k;

	if (n != KEY_NCOLUMNS)
		return false;
	key_row(w->arena, v, &k);
	return w->fn(w->arg, &k);
}

enum err
key_each(struct store *s, struct arena *a,
    bool (*fn)(void *arg, const struct key *k), void *arg, struct fault *f)
{
	static const char sql[] =
	    "SELECT " KEY_COLUMNS " FROM keys WHERE id <> '' ORDER BY seq";
	struct walk w = { a, fn, arg };

	return store_run(s, s->keys, sql, NULL, 0, each, &w, NULL, f);
}

/* A change to one key by its id; no row changed means there is none. */
static enum err
change(struct store *s, const char *sql, const struct value *v, size_t n,
    struct fault *f)
{
	int64_t changes = 0;
	enum err err = run(s, sql, v, n, &changes, f);

	if (err == ERR_OK && changes == 0)
		return not_found(f, v[0].s);
	return err;
}

enum err
key_revoke(struct store *s, struct str id, int64_t now_s, struct fault *f)
{
	static const char sql[] =
	    "UPDATE keys SET revoked = CASE WHEN revoked = 0 THEN ?2"
	    " ELSE revoked END WHERE id = ?1 AND id <> ''";
	const struct value v[] = { value_text(id), value_int(now_s) };

	return change(s, sql, v, 2, f);
}

enum err
key_rotate(struct store *s, struct str id, int64_t now_s, int64_t grace_s,
    char token[static KEY_TEXT_LEN + 1], struct key *made, struct arena *a,
    struct fault *f)
{
	static const char sql[] =
	    "UPDATE keys SET old_pepper = pepper, old_hash = hash,"
	    " old_until = ?2, pepper = ?3, hash = ?4"
	    " WHERE id = ?1 AND id <> '' AND revoked = 0";
	char hash[HASH_TEXT + 1];
	enum err err = pepper_agree(s, f);

	if (err == ERR_OK)
		err = key_find(s, a, id, made, f);
	if (err != ERR_OK)
		return err;
	if (made->revoked_s != 0)
		return fault_set(f, ERR_CONFLICT, "the key is revoked");
	key_text_new(token, made->id);
	pepper_hash(s, &s->peppers[0], str_of(token), hash);
	const struct value v[] = { value_text(str_of(made->id)),
		value_int(grace_s > 0 ? now_s + grace_s : 0),
		value_text(str_of(s->peppers[0].id)),
		value_text(str_of(hash)) };
	err = change(s, sql, v, sizeof(v) / sizeof(v[0]), f);
	if (err != ERR_OK)
		sodium_memzero(token, KEY_TEXT_LEN + 1);
	return err;
}

enum err
key_extend(struct store *s, struct str id, int64_t expires_s, struct fault *f)
{
	static const char sql[] = "UPDATE keys SET expires = ?2"
				  " WHERE id = ?1 AND id <> '' AND revoked = 0";
	const struct value v[] = { value_text(id), value_int(expires_s) };

	return change(s, sql, v, 2, f);
}

enum err
key_rename(struct store *s, struct str id, struct str label, struct fault *f)
{
	static const char sql[] =
	    "UPDATE keys SET label = ?2 WHERE id = ?1 AND id <> ''";
	const struct value v[] = { value_text(id), value_text(label) };
	const struct key as = { .label = label, .scopes = SCOPE_READ };
	enum err err = key_valid(&as, f);

	return err == ERR_OK ? change(s, sql, v, 2, f) : err;
}

void
key_touch(struct store *s, const struct key *k, int64_t now_s)
{
	static const char sql[] =
	    "UPDATE keys SET used = ?2 WHERE id = ?1 AND used <= ?3";
	const struct value v[] = { value_text(str_of(k->id)), value_int(now_s),
		value_int(now_s - TOUCH_S) };
	struct fault f = { 0 };

	if (k->row == 0 || (k->used_s <= now_s && now_s - k->used_s < TOUCH_S))
		return;
	(void)!run(s, sql, v, 3, NULL, &f); /* a note, nothing hangs on it */
}
