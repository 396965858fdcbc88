/* SPDX-License-Identifier: ISC */
/* The ODBC driver: what it offers, and the end of each statement. */
#include "source/odbc_int.h"

#define HINT_MS 2000

extern const struct driver_work odbc_work;

static enum err
run_one(struct odbc_flow *w, struct fault *f)
{
	if (w->q->describe)
		return odbc_describe(w, f);
	if (w->q->explain)
		return odbc_plan(w, f);
	return sql_writes(w->q) ? odbc_write(w, f) : odbc_read(w, f);
}

/* A number has a type of its own, which an operator may be chosen by. */
static bool
type_numbers(const struct odbc_flow *w)
{
	const struct sql *q = w->q;
	bool any = false;

	for (size_t i = 0; i < q->gate->nmarks; i++)
		for (size_t k = 0; k < q->nparams; k++) {
			enum value_kind kind = q->params[k].value.kind;

			if (w->typed[i] || kind == VALUE_TEXT ||
			    kind == VALUE_BLOB || kind == VALUE_NULL ||
			    !str_eq(q->params[k].name, q->gate->marks[i].name))
				continue;
			w->typed[i] = any = true;
		}
	return any;
}

/* Is there a type that was not told yet? */
static bool
adapt(struct odbc_flow *w)
{
	struct odbc_conn *c = w->c;
	int64_t n = c->untyped;

	if (w->cols != NULL || c->engine == NULL || !c->engine->casts)
		return false;
	if (n == 0)
		return c->unfit && type_numbers(w);
	if ((size_t)n > w->q->gate->nmarks || w->typed[n - 1])
		return false;
	return w->typed[n - 1] = true;
}

/* Where a place says nothing of a value's type, as in "@v IS NULL", it is told
 * and the statement tried again: nothing ran yet. */
static enum err
run_typed(struct odbc_flow *w, struct fault *f)
{
	struct odbc_conn *c = w->c;
	struct fault first = { 0 };
	enum err e;

	w->typed = arena_zero(w->a, w->q->gate->nmarks + 1, sizeof(*w->typed));
	for (;;) {
		c->untyped = 0;
		c->unfit = false;
		e = run_one(w, f);
		if (e == ERR_OK || !adapt(w))
			break;
		if (c->unfit && first.code == ERR_OK)
			first = *f;
		odbc_rollback(c);
		*f = (struct fault){ 0 };
		odbc_begin(c, w->q->deadline, w->q->pulse);
	}
	/* What was wrong before types were told is what the caller wrote. */
	if (e != ERR_OK && c->unfit && first.code != ERR_OK) {
		*f = first;
		e = first.code;
	}
	return e;
}

/* "Did you mean", now that the transaction is over. */
static void
hint(struct odbc_flow *w, struct fault *f)
{
	struct odbc_conn *c = w->c;

	if (c->lost || (c->hint_table.len == 0 && c->hint_column.len == 0))
		return;
	odbc_begin(c, deadline_in(HINT_MS), NULL);
	if (c->hint_table.len != 0)
		odbc_hint_tables(c, w->a, c->hint_table, f);
	else
		odbc_hint_columns(c, w->a, w->q->gate, c->hint_column, f);
	odbc_rollback(c);
}

static enum err
odbc_run(void *conn, struct arena *a, const struct sql *q, struct row_sink *to,
    struct sql_done *done, struct fault *f)
{
	struct odbc_conn *c = conn;
	struct odbc_flow w = { .c = c, .a = a, .q = q, .to = to, .done = done };
	bool kept = c->connected && !c->lost;
	enum err e;

	*done = (struct sql_done){ .affected = -1 };
	c->hint_table = c->hint_column = (struct str){ 0 };
	odbc_begin(c, q->deadline, q->pulse);
	e = odbc_sure(c, f);
	if (e == ERR_OK)
		e = run_typed(&w, f);
	/* The server was restarted since: once more, on a new connection. */
	if (e == ERR_SOURCE_UNREACHABLE && kept && c->lost && w.cols == NULL) {
		*f = (struct fault){ 0 };
		odbc_begin(c, q->deadline, q->pulse);
		e = odbc_sure(c, f);
		if (e == ERR_OK)
			e = run_typed(&w, f);
	}
	if (e != ERR_OK) {
		odbc_rollback(c);
		hint(&w, f);
	}
	c->hint_table = c->hint_column = (struct str){ 0 };
	return e;
}

static enum err
odbc_finish(void *conn, bool commit, struct fault *f)
{
	struct odbc_conn *c = conn;
	enum err e;

	if (!c->writing || !commit) {
		odbc_rollback(c);
		return ERR_OK;
	}
	e = odbc_end(c, true, f);
	if (e != ERR_OK) {
		c->open = true;
		odbc_rollback(c);
	}
	return e;
}

/* What a session keeps nobody can ask: a write or a call may leave a temporary
 * table or a setting, a fault that is not clear anything.  They take the
 * connection with them. */
static bool
odbc_reset(void *conn, enum err bad)
{
	struct odbc_conn *c = conn;

	odbc_rollback(c);
	if (!c->used)
		return !c->lost;
	c->used = false;
	return bad != ERR_INTERNAL && bad != ERR_TIMEOUT &&
	       bad != ERR_CANCELLED && bad != ERR_SOURCE_UNREACHABLE &&
	       !c->doubtful && !c->stained && c->connected && !c->lost &&
	       odbc_forget(c);
}

/* Rights cannot be asked through ODBC. */
static enum err
odbc_rights(void *conn, struct arena *a,
    void (*say)(void *arg, struct str sentence, const char *change), void *arg,
    struct fault *f)
{
	const struct odbc_conn *c = conn;
	bool file = odbc_is_sqlite(c);

	(void)a;
	(void)f;
	if (file)
		say(arg,
		    STR("a file of SQLite has no accounts: what a statement calls is looked at before it runs, but deny and mask cannot be kept"),
		    "serve the file by driver = \"sqlite\"");
	else
		say(arg,
		    STR("what the account may do cannot be read through ODBC: look at the database that it has no right but those this source needs, above all none to write files, run programs or change settings"),
		    NULL);
	if (c->spec->readonly && !file)
		say(arg,
		    STR("the source is read-only as far as its account is: look that it may not INSERT, UPDATE, DELETE or run functions that do"),
		    NULL);
	if (c->driver == NULL)
		say(arg,
		    STR("the ODBC driver is not one that is known here: a statement is ended by the driver's own query timeout only"),
		    "let the database itself end what the account runs for too long");
	else if (!c->driver->cancels)
		say(arg,
		    STR("the ODBC driver cannot end a statement that is slow before its first row"),
		    "serve the file by driver = \"sqlite\", which can");
	return ERR_OK;
}

const struct driver_work odbc_work = {
	.open = odbc_open,
	.close = odbc_close,
	.run = odbc_run,
	.call = odbc_call,
	.finish = odbc_finish,
	.meta = odbc_meta,
	.reset = odbc_reset,
	.rights = odbc_rights,
};
