/* SPDX-License-Identifier: ISC */
/*
 * Marks that can be used up once, by whichever process comes first: what a
 * user agreed to happens once, however often the agreement is sent.  They lie
 * with the limits and go when nothing could be done with them any more.
 */
#include <unistd.h>

#include "store/store_int.h"

static const char sql_use[] = "INSERT INTO used (k, until) VALUES (?1, ?2)"
			      " ON CONFLICT (k) DO NOTHING";
static const char sql_sweep[] = "DELETE FROM used WHERE until < ?1";

enum err
store_once(struct store *s, struct str mark, int64_t until_s, int64_t now_s,
    struct fault *f)
{
	const struct value v[] = { value_text(mark), value_int(until_s) };
	const struct value now = value_int(now_s);
	int64_t rows = 0;
	enum err err;

	s->now_s = now_s;
	err = store_run(s, s->limits, sql_sweep, &now, 1, NULL, NULL, NULL, f);
	if (err == ERR_OK)
		err = store_run(s, s->limits, sql_use, v, 2, NULL, NULL, &rows,
		    f);
	if (err != ERR_OK || rows == 1)
		return err;
	return fault_set(f, ERR_CONFLICT,
	    "this answer of the user was used before; nothing was done now");
}

enum err
once_sweep(struct store *s, int64_t now_s, int64_t *removed, struct fault *f)
{
	const struct value now = value_int(now_s);

	/* It is made when the first mark is. */
	if (!s->shared && s->limits->db == NULL &&
	    access(s->limits->path, F_OK) != 0)
		return ERR_OK;
	return store_run(s, s->limits, sql_sweep, &now, 1, NULL, NULL, removed,
	    f);
}
