/* SPDX-License-Identifier: ISC */
/*
 * Reading by cursor: the rows come in batches of about a megabyte, so that a
 * large table never sits in our memory and a row too many is never sent.
 */
#include "source/pgsql_int.h"

#define FIRST_ROWS  16
#define BATCH_ROWS  1000
#define BATCH_BYTES ((int64_t)512 << 10)
#define ROW_ARENA   ((size_t)1 << 30)

#define DECLARE "DECLARE mcp_rows NO SCROLL CURSOR FOR "

enum err
pgsql_flow_columns(struct pgsql_flow *w, const PGresult *res, struct fault *f)
{
	enum err e = pgsql_types_learn(w->c, w->a, res, f);

	return e == ERR_OK ? pgsql_flow_plain(w, res) : e;
}

enum err
pgsql_flow_plain(struct pgsql_flow *w, const PGresult *res)
{
	struct column *cols;

	w->n = PQnfields(res);
	cols = arena_zero(w->a, (size_t)w->n + 1, sizeof(*cols));
	w->types = arena_zero(w->a, (size_t)w->n + 1, sizeof(*w->types));
	w->values = arena_zero(w->a, (size_t)w->n + 1, sizeof(*w->values));
	for (int i = 0; i < w->n; i++)
		w->types[i] = PQftype(res, i);
	pgsql_columns(w->c, res, cols);
	w->ended = !w->to->cols(w->to, cols, (size_t)w->n);
	return ERR_OK;
}

bool
pgsql_flow_rows(struct pgsql_flow *w, const PGresult *res)
{
	if (w->row == NULL)
		w->row = arena_new(ROW_ARENA);
	for (int r = 0; r < PQntuples(res); r++) {
		if (w->ended || w->sent >= w->q->max_rows) {
			w->done->more = true;
			return false;
		}
		for (int i = 0; i < w->n; i++)
			w->values[i] =
			    pgsql_value(w->row, w->types[i], res, r, i);
		w->sent++;
		if (!w->to->row(w->to, w->values, (size_t)w->n)) {
			w->ended = true;
			w->done->more = true;
			return false;
		}
		arena_reset(w->row);
	}
	return true;
}

/* As many as fill a batch, judging by the one before. */
static int64_t
next_batch(const PGresult *before, int64_t rows)
{
	int64_t bytes = 1, n;

	for (int r = 0; r < PQntuples(before); r++)
		for (int i = 0; i < PQnfields(before); i++)
			bytes += PQgetlength(before, r, i) + 16;
	n = BATCH_BYTES * rows / bytes;
	if (n > BATCH_ROWS)
		return BATCH_ROWS;
	return n < 1 ? 1 : n;
}

/* One batch, given back as soon as it was sent on. */
static enum err
fetch(struct pgsql_flow *w, int64_t *rows, bool *end, struct fault *f)
{
	int64_t want = *rows, most = w->q->max_rows + 1 - w->sent;
	struct arena *a = arena_new((size_t)1 << 20);
	PGresult *res;
	enum err e;

	if (want > most)
		want = most;
	e = pgsql_ask(w->c, a,
	    arena_fmt(a, "FETCH FORWARD %lld IN mcp_rows", (long long)want).p,
	    NULL, 0, &res, f);
	if (e == ERR_OK) {
		*end = !pgsql_flow_rows(w, res) || PQntuples(res) < want;
		*rows = next_batch(res, want);
	}
	arena_free(a);
	return e;
}

static enum err
fetch_all(struct pgsql_flow *w, struct fault *f)
{
	int64_t rows = FIRST_ROWS;
	PGresult *res;
	bool end = false;
	enum err e = ERR_OK;

	if (w->q->skip > 0)
		e = pgsql_ask(w->c, w->a,
		    arena_fmt(w->a, "MOVE FORWARD %lld IN mcp_rows",
			(long long)w->q->skip)
			.p,
		    NULL, 0, &res, f);
	while (e == ERR_OK && !end)
		e = fetch(w, &rows, &end, f);
	return e;
}

/* What the server understood, and what it gives. */
static enum err
declare(struct pgsql_flow *w, struct fault *f)
{
	struct pgsql_frame fr;
	struct pgsql_text t;
	PGresult *res;
	enum err e = pgsql_rules_frame(w->c, w->a, w->q, &fr, f);

	if (e == ERR_OK)
		e = pgsql_text(w, DECLARE, &fr, &t, f);
	if (e == ERR_OK)
		e = pgsql_typing_check(w, &fr, f);
	if (e == ERR_OK)
		e = pgsql_send(w->c, w->a, &t, &res, f);
	if (e == ERR_OK)
		e = pgsql_rules_check(w->c, w->a, w->q, f);
	return e;
}

/* The description of a cursor or a prepared statement that was asked for. */
static enum err
described(struct pgsql_flow *w, int sent, PGresult **res, struct fault *f)
{
	enum err e;

	*res = NULL;
	if (!sent)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the connection to the source broke off");
	e = pgsql_next(w->c, res, f);
	if (e == ERR_OK && PQresultStatus(*res) != PGRES_COMMAND_OK)
		e = pgsql_fault(w->c, w->a, *res, NULL, f);
	pgsql_drain(w->c);
	return e;
}

enum err
pgsql_read(struct pgsql_flow *w, struct fault *f)
{
	PGresult *res = NULL;
	enum err e = pgsql_settle(w, false, declare, f);

	if (e == ERR_OK)
		e = described(w, PQsendDescribePortal(w->c->h, "mcp_rows"),
		    &res, f);
	if (e == ERR_OK)
		e = pgsql_flow_columns(w, res, f);
	PQclear(res);
	if (e == ERR_OK && !w->ended)
		e = fetch_all(w, f);
	if (e == ERR_OK)
		e = pgsql_rules_after(w->c, w->a, w->q, f);
	pgsql_rollback(w->c);
	return e;
}

static enum err
prepare(struct pgsql_flow *w, struct fault *f)
{
	struct pgsql_frame fr = { w->q->text, "", "" };
	enum err e = w->q->gate->class == SQL_SELECT
			 ? pgsql_rules_frame(w->c, w->a, w->q, &fr, f)
			 : pgsql_rules_write(w->c, w->a, w->q, f);

	return e == ERR_OK ? pgsql_prepare(w, "", &fr, NULL, f) : e;
}

/* Columns alone: prepared, never run.  What asks for hidden names forgets the
 * unnamed statement, so it comes after the description. */
enum err
pgsql_describe(struct pgsql_flow *w, struct fault *f)
{
	PGresult *res = NULL;
	enum err e = pgsql_settle(w, false, prepare, f);

	if (e == ERR_OK)
		e = described(w, PQsendDescribePrepared(w->c->h, ""), &res, f);
	if (e == ERR_OK)
		e = pgsql_rules_check(w->c, w->a, w->q, f);
	if (e == ERR_OK)
		e = pgsql_flow_columns(w, res, f);
	PQclear(res);
	pgsql_rollback(w->c);
	return e;
}
