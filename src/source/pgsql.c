/* SPDX-License-Identifier: ISC */
/* The PostgreSQL driver: what it offers, and the end of each statement. */
#include <string.h>

#include "source/pgsql_int.h"

#define COMMIT_MS 10000
#define RESET_MS  2000

extern const struct driver_work pgsql_work;

static enum err
run_one(struct pgsql_flow *w, struct fault *f)
{
	if (w->q->describe)
		return pgsql_describe(w, f);
	if (w->q->explain)
		return pgsql_plan(w, f);
	if (w->q->gate->class == SQL_EXPLAIN)
		return pgsql_explain(w, f);
	return sql_writes(w->q) ? pgsql_write(w, f) : pgsql_read(w, f);
}

/* "Did you mean", now that the transaction is over. */
static void
hint(struct pgsql_flow *w, struct fault *f)
{
	struct pgsql_conn *c = w->c;

	if (c->lost || (c->hint_table.len == 0 && c->hint_column.len == 0))
		return;
	pgsql_watch(c, deadline_in(RESET_MS), NULL);
	if (c->hint_table.len != 0)
		pgsql_hint_tables(c, w->a, c->hint_table, f);
	else
		pgsql_hint_columns(c, w->a, w->q->gate, c->hint_column, f);
}

static enum err
pgsql_run(void *conn, struct arena *a, const struct sql *q, struct row_sink *to,
    struct sql_done *done, struct fault *f)
{
	struct pgsql_conn *c = conn;
	struct pgsql_flow w = { .c = c,
		.a = a,
		.q = q,
		.to = to,
		.done = done };
	enum err e;

	*done = (struct sql_done){ .affected = -1 };
	c->hint_table = c->hint_column = (struct str){ 0 };
	pgsql_watch(c, q->deadline, q->pulse);
	e = run_one(&w, f);
	arena_free(w.row);
	if (e != ERR_OK)
		hint(&w, f);
	c->hint_table = c->hint_column = (struct str){ 0 };
	c->framed = NULL;
	c->nframed = 0;
	return e;
}

static enum err
pgsql_finish(void *conn, bool commit, struct fault *f)
{
	struct pgsql_conn *c = conn;
	bool writing = c->writing;
	struct arena *a;
	PGresult *res;
	enum err e;

	if (!writing || !commit) {
		if (c->open)
			pgsql_rollback(c);
		return ERR_OK;
	}
	a = arena_new((size_t)1 << 20);
	pgsql_watch(c, deadline_in(COMMIT_MS), NULL);
	e = pgsql_ask(c, a, "COMMIT", NULL, 0, &res, f);
	if (e == ERR_OK && strcmp(PQcmdStatus(res), "COMMIT") != 0)
		e = fault_set(f, ERR_SQL_ERROR,
		    "the source took the write back");
	arena_free(a);
	c->open = c->writing = false;
	if (e != ERR_OK)
		pgsql_rollback(c);
	return e;
}

/* Nothing of one request stays for the next: session locks, settings,
 * temporary tables, prepared statements. */
static bool
pgsql_reset(void *conn, enum err bad)
{
	struct pgsql_conn *c = conn;
	struct fault ignored = { 0 };
	PGresult *res;

	if (c->open)
		pgsql_rollback(c);
	if (!c->used)
		return !c->lost;
	c->used = false;
	c->run.pulse = NULL;
	if (bad == ERR_INTERNAL || c->lost || c->h == NULL ||
	    PQtransactionStatus(c->h) != PQTRANS_IDLE)
		return false;
	pgsql_watch(c, deadline_in(RESET_MS), NULL);
	return pgsql_ask(c, NULL, "DISCARD ALL", NULL, 0, &res, &ignored) ==
	       ERR_OK;
}

const struct driver_work pgsql_work = {
	.open = pgsql_open,
	.close = pgsql_close,
	.run = pgsql_run,
	.call = pgsql_call,
	.finish = pgsql_finish,
	.meta = pgsql_meta,
	.reset = pgsql_reset,
	.stamp = pgsql_stamp,
	.rights = pgsql_rights,
	.db = &pgsql_db,
};
