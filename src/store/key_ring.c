/* SPDX-License-Identifier: ISC */
/*
 * Keys that were found good, kept in memory so that the next request with the
 * same token asks no database.  Each is good for one state of the key store:
 * any commit, a revocation too, changes what the store looks like to every
 * process at once, and then the row is read again.  What is kept is a hash of
 * the token, as in the store; the place is chosen by the public id.
 */
#include <sodium.h>

#include "store/store_int.h"

enum { RING_PLACES = 64, RING_ARENA = 1 << 20 };

struct place {
	struct arena *arena; /* NULL: never used */
	char hash[HASH_TEXT + 1];
	struct ring_look look;
	struct key key;
	struct key_memo memo;
};

struct keyring {
	struct place at[RING_PLACES];
};

static size_t
place_of(struct str id)
{
	return str_hash(id) % RING_PLACES;
}

void
ring_look(struct store *s, struct ring_look *out)
{
	*out = (struct ring_look){ .opened = s->keys->opened };
	out->there = s->keys->db != NULL && db_look(s->keys->db, &out->db);
}

static bool
same_look(const struct ring_look *a, const struct ring_look *b)
{
	return a->there && b->there && a->opened == b->opened &&
	       memcmp(&a->db, &b->db, sizeof(a->db)) == 0;
}

const struct key *
ring_find(const struct store *s, struct str id,
    const char hash[static HASH_TEXT + 1], const struct ring_look *look)
{
	static const struct place none;
	const struct place *p =
	    s->ring == NULL ? &none : &s->ring->at[place_of(id)];
	bool same = sodium_memcmp(p->hash, hash, HASH_TEXT) == 0;

	return (same & same_look(&p->look, look)) ? &p->key : NULL;
}

/*
 * An empty log tells nothing.  A worker, which comes here more than once, puts
 * something into it that has no meaning (the library would leave out what
 * changes nothing); a CGI process never gets so far.  A server's look is never
 * to be had: there each request reads the row.
 */
static void
fill_log(struct store *s)
{
	static const char sql[] =
	    "INSERT INTO meta (name, value) VALUES ('log', ?1)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
	const struct value v = value_int(randombytes_random());
	struct fault f = { 0 };

	if (!s->shared && ++s->blind == 2)
		(void)!store_run(s, s->keys, sql, &v, 1, NULL, NULL, NULL, &f);
}

void
ring_keep(struct store *s, const struct key *k,
    const char hash[static HASH_TEXT + 1], const struct ring_look *look)
{
	struct place *p;

	if (!look->there) {
		fill_log(s);
		return;
	}
	s->blind = 0;
	if (s->ring == NULL)
		s->ring = arena_zero(s->arena, 1, sizeof(*s->ring));
	p = &s->ring->at[place_of(str_of(k->id))];
	if (p->arena == NULL)
		p->arena = arena_new(RING_ARENA);
	arena_reset(p->arena);
	memcpy(p->hash, hash, sizeof(p->hash));
	p->look = *look;
	key_copy(p->arena, k, &p->key);
	p->memo = (struct key_memo){ .arena = p->arena };
	p->key.memo = &p->memo;
}

void
ring_free(struct store *s)
{
	if (s->ring == NULL)
		return;
	for (size_t i = 0; i < RING_PLACES; i++)
		arena_free(s->ring->at[i].arena);
}
