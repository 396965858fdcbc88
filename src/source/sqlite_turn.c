/* SPDX-License-Identifier: ISC */
/*
 * One turn on a link: the transaction around a caller's statement, in which
 * the structure of the file is the one the link knows.  Our views and lists
 * of names are made for that structure; with another one, a column that came
 * since would be a column without rules.
 */
#include "source/sqlite_int.h"

static const char *const texts[] = {
	[TURN_READ] = "BEGIN",
	[TURN_WRITE] = "BEGIN IMMEDIATE",
	[TURN_COMMIT] = "COMMIT",
	[TURN_ROLLBACK] = "ROLLBACK",
};
_Static_assert(sizeof(texts) / sizeof(texts[0]) == TURN_VERSION, "a text");

/* A statement of ours that stays prepared; the row's number goes to *out. */
static int
step(struct sqlite_link *l, enum sqlite_turn which, int64_t *out)
{
	const char *sql =
	    which == TURN_VERSION
		? arena_fmt(l->arena, "PRAGMA \"%s\".schema_version", l->schema)
		      .p
		: texts[which];
	bool ours = l->auth.ours;
	int rc = SQLITE_OK;

	l->auth.ours = true;
	if (l->turn[which] == NULL)
		rc = sqlite3_prepare_v3(l->h, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &l->turn[which], NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(l->turn[which]);
	if (rc == SQLITE_ROW && out != NULL)
		*out = sqlite3_column_int64(l->turn[which], 0);
	sqlite3_reset(l->turn[which]);
	l->auth.ours = ours;
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
sqlite_version(struct sqlite_link *l, int64_t *out)
{
	return step(l, TURN_VERSION, out);
}

bool
sqlite_link_changed(struct sqlite_link *l)
{
	int64_t now = l->version;

	return sqlite_version(l, &now) == SQLITE_OK && now != l->version;
}

int
sqlite_turn_end(struct sqlite_link *l, bool commit)
{
	if (l->h == NULL || sqlite3_get_autocommit(l->h) != 0)
		return SQLITE_OK;
	return step(l, commit ? TURN_COMMIT : TURN_ROLLBACK, NULL);
}

static enum err
failed(struct sqlite_link *l, struct arena *a, int rc, struct fault *f)
{
	enum err e = sqlite_fault(l, a, rc, NULL, f);

	(void)sqlite_turn_end(l, false);
	return e;
}

/* Which views are hidden is known where they are read. */
static enum err
learn_hidden(struct sqlite_conn *c, struct arena *a, struct fault *f)
{
	enum err e = sqlite_turn_begin(&c->rd, a, TURN_READ, f);

	(void)sqlite_turn_end(&c->rd, false);
	return e;
}

enum err
sqlite_turn_begin(struct sqlite_link *l, struct arena *a,
    enum sqlite_turn which, struct fault *f)
{
	if (l->writing && l->conn->rules &&
	    learn_hidden(l->conn, a, f) != ERR_OK)
		return f->code;
	for (int i = 0; i < 2; i++) {
		int64_t now = 0;
		enum err e = sqlite_link_use(l, f);
		int rc;

		if (e != ERR_OK || (!l->writing && !l->conn->rules))
			return e;
		rc = step(l, which, NULL);
		if (rc == SQLITE_OK)
			rc = sqlite_version(l, &now);
		if (rc != SQLITE_OK)
			return failed(l, a, rc, f);
		if (now == l->version)
			return ERR_OK;
		sqlite_link_close(l);
	}
	return fault_set(f, ERR_BUSY,
	    "the structure of the source keeps changing");
}
