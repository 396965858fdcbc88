/* SPDX-License-Identifier: ISC */
/*
 * Buckets as rows, a charge as one atomic statement: for a state folder on a
 * network file system, and for a store that several machines share.
 */
#include "store/store_int.h"

#define SWEEP_EVERY 4093 /* microseconds, a prime: no beat of a client fits */

/*
 * ?1 bucket, ?2 now, ?3 cost, ?4 room, ?5 the latest believable tat.  One
 * later than ?5 comes from a clock that was set back: it counts as a bucket
 * with room for one more.
 */
#define TAT                                       \
	"CASE WHEN rl.tat > ?5 THEN ?2 + ?4 - ?3" \
	" WHEN rl.tat > ?2 THEN rl.tat ELSE ?2 END"

static const char sql_charge[] =
    "INSERT INTO rl (k, tat) VALUES (?1, ?2 + ?3)"
    " ON CONFLICT (k) DO UPDATE SET tat = (" TAT ") + ?3"
    " WHERE (" TAT ") + ?3 - ?2 <= ?4"
    " RETURNING tat";
static const char sql_look[] = "SELECT tat FROM rl WHERE k = ?1";
static const char sql_sweep[] = "DELETE FROM rl WHERE tat < ?1";

struct found {
	bool there;
	int64_t tat;
};

static bool
take_tat(void *arg, const struct value *v, size_t n)
{
	struct found *t = arg;

	if (n == 1 && v[0].kind == VALUE_INT)
		*t = (struct found){ true, v[0].i };
	return true;
}

enum err
limit_sql_gc(struct store *s, int64_t now, int64_t *removed, struct fault *f)
{
	const struct value v = value_int(now);

	return store_run(s, s->limits, sql_sweep, &v, 1, NULL, NULL, removed,
	    f);
}

/* Now and then, so that addresses seen once do not stay for ever. */
static void
sweep(struct store *s, int64_t now)
{
	struct fault f = { 0 };

	if (now % SWEEP_EVERY == 0)
		(void)!limit_sql_gc(s, now, NULL, &f);
}

enum err
limit_sql_charge(struct store *s, struct str bucket, const struct limit_move *m,
    bool *granted, int64_t *tat, struct fault *f)
{
	const struct value v[] = { value_text(bucket), value_int(m->now),
		value_int(m->cost), value_int(m->room), value_int(m->latest) };
	struct found t = { 0 };
	enum err err =
	    store_run(s, s->limits, sql_charge, v, 5, take_tat, &t, NULL, f);

	if (err != ERR_OK)
		return err;
	*granted = t.there;
	if (!t.there)
		err = store_run(s, s->limits, sql_look, v, 1, take_tat, &t,
		    NULL, f);
	if (err != ERR_OK)
		return err;
	*tat = t.there ? t.tat : m->now + m->room;
	sweep(s, m->now);
	return ERR_OK;
}
