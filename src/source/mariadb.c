/* SPDX-License-Identifier: ISC */
/* The MariaDB driver: what it offers, and the end of each statement. */
#include "source/mariadb_int.h"

#define COMMIT_MS 10000
#define RESET_MS  2000

extern const struct driver_work mariadb_work;

static enum err
run_one(struct mariadb_flow *w, struct fault *f)
{
	if (w->q->gate->class == SQL_EXPLAIN)
		return mariadb_own_plan(w, f);
	if (w->q->describe)
		return mariadb_describe(w, f);
	if (w->q->explain)
		return mariadb_plan(w, f);
	return sql_writes(w->q) ? mariadb_write(w, f) : mariadb_read(w, f);
}

static void
forget(struct mariadb_conn *c)
{
	c->hint_table = c->hint_column = (struct str){ 0 };
	if (!c->writing)
		arena_reset(c->later);
}

static enum err
mariadb_run(void *conn, struct arena *a, const struct sql *q,
    struct row_sink *to, struct sql_done *done, struct fault *f)
{
	struct mariadb_conn *c = conn;
	struct mariadb_flow w = { .c = c,
		.a = a,
		.q = mariadb_moments_typed(a, q),
		.to = to,
		.done = done };
	enum err e;

	*done = (struct sql_done){ .affected = -1 };
	forget(c);
	mariadb_watch(c, q->deadline, q->pulse);
	e = run_one(&w, f);
	arena_free(w.row);
	if (e != ERR_OK && !c->lost)
		mariadb_hint(c, a, q, f);
	forget(c);
	return e;
}

static enum err
mariadb_finish(void *conn, bool commit, struct fault *f)
{
	struct mariadb_conn *c = conn;

	if (!c->writing || !commit) {
		mariadb_rollback(c);
		return ERR_OK;
	}
	if (c->ddl.p != NULL)
		return mariadb_write_later(c, f);
	mariadb_watch(c, deadline_in(COMMIT_MS), NULL);
	return mariadb_commit(c, f);
}

/* Nothing of one request stays for the next: user variables, locks by name,
 * settings, temporary tables, prepared statements. */
static bool
mariadb_reset(void *conn, enum err bad)
{
	struct mariadb_conn *c = conn;

	mariadb_rollback(c);
	if (!c->used)
		return !c->lost;
	c->used = false;
	if (bad == ERR_INTERNAL || c->lost || c->h == NULL)
		return false;
	mariadb_watch(c, deadline_in(RESET_MS), NULL);
	return mariadb_renew(c) == 0;
}

const struct driver_work mariadb_work = {
	.open = mariadb_open,
	.close = mariadb_close,
	.run = mariadb_run,
	.call = mariadb_call,
	.finish = mariadb_finish,
	.meta = mariadb_meta,
	.reset = mariadb_reset,
	.stamp = mariadb_stamp,
	.rights = mariadb_rights,
};
