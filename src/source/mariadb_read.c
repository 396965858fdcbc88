/* SPDX-License-Identifier: ISC */
/*
 * Reading.  START TRANSACTION READ ONLY lets much pass here, so the text is
 * prepared twice: alone, and as the query inside of EXISTS( ), where nothing
 * else fits.  What closes our parenthesis does not stand alone.
 */
#include "source/mariadb_int.h"

static enum err
no_statement(struct fault *f)
{
	return fault_set(f, ERR_INTERNAL, "no memory for a statement");
}

static enum err
not_a_query(struct fault *f)
{
	*f = (struct fault){ 0 };
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "only a query can be read from this source");
}

/* Does it stand where only a query can?  Lost connections stay faults. */
static enum err
check_query(struct mariadb_conn *c, struct arena *a,
    const struct mariadb_text *t, struct fault *f)
{
	struct str sql =
	    arena_fmt(a, "SELECT EXISTS(\n%.*s\n)", (int)t->len, t->sql);
	MYSQL_STMT *st = mysql_stmt_init(c->h);
	enum err e = ERR_OK;

	if (st == NULL)
		return no_statement(f);
	if (mariadb_prepare(c, st, sql.p, sql.len) != 0) {
		e = mariadb_fault(c, st, NULL, f);
		if (!c->lost && c->run.why == ERR_OK && e != ERR_BUSY)
			e = not_a_query(f);
	}
	mariadb_stmt_close(c, st);
	return e;
}

static enum err
prepare_query(struct mariadb_flow *w, struct mariadb_text *t, struct fault *f)
{
	struct mariadb_frame fr;
	enum err e = mariadb_rules_frame(w->c, w->a, w->q, &fr, f);

	fr.unknown = w->unknown;
	if (e == ERR_OK)
		e = mariadb_text(w->a, w->q, &fr, t, f);
	if (e != ERR_OK)
		return e;
	if (mariadb_prepare(w->c, w->st, t->sql, t->len) != 0)
		return mariadb_fault(w->c, w->st, t, f);
	if (mysql_stmt_field_count(w->st) == 0)
		return not_a_query(f);
	return check_query(w->c, w->a, t, f);
}

static enum err
prepare_write(struct mariadb_flow *w, struct mariadb_text *t, struct fault *f)
{
	const struct mariadb_frame fr = { w->q->text, 0, "", "", w->unknown };
	enum err e = mariadb_rules_write(w->c, w->a, w->q, f);

	if (e != ERR_OK)
		return e;
	e = mariadb_write_check(w, f);
	if (e == ERR_OK)
		e = mariadb_text(w->a, w->q, &fr, t, f);
	if (e == ERR_OK && mariadb_prepare(w->c, w->st, t->sql, t->len) != 0)
		e = mariadb_fault(w->c, w->st, t, f);
	w->denied = e == ERR_PERMISSION_DENIED;
	return e;
}

enum err
mariadb_ready(struct mariadb_flow *w, struct mariadb_text *t, struct fault *f)
{
	enum err e;

	w->st = mysql_stmt_init(w->c->h);
	if (w->st == NULL)
		return no_statement(f);
	e = sql_writes(w->q) ? prepare_write(w, t, f) : prepare_query(w, t, f);
	if (e == ERR_OK && mysql_stmt_param_count(w->st) != t->n)
		return fault_set(f, ERR_SQL_SYNTAX,
		    "a value is written @name, not ?");
	if (e == ERR_OK && t->n > 0 &&
	    mysql_stmt_bind_param(w->st, t->binds) != 0)
		e = mariadb_fault(w->c, w->st, NULL, f);
	return e;
}

/* Is the result one table's rows, and has that table a primary key? */
static bool
has_key(struct mariadb_flow *w)
{
	const struct gate *g = w->q->gate;
	struct fault ignored = { 0 };
	struct mariadb_rows r;

	return g->ntables == 1 &&
	       mariadb_ask(w->c, w->a,
		   "SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' LIMIT 1",
		   g->tables, 1, &r, &ignored) == ERR_OK &&
	       r.rows == 1;
}

static enum err
start(struct mariadb_flow *w, struct fault *f)
{
	unsigned long cursor = CURSOR_TYPE_READ_ONLY;
	struct mariadb_text t;
	enum err e = mariadb_ready(w, &t, f);

	if (e == ERR_OK)
		e = mariadb_limit(w->c, w->a, w->q, f);
	if (e != ERR_OK)
		return e;
	(void)mysql_stmt_attr_set(w->st, STMT_ATTR_CURSOR_TYPE, &cursor);
	return mariadb_execute(w->c, w->st) == 0
		   ? ERR_OK
		   : mariadb_fault(w->c, w->st, NULL, f);
}

/* Once more, with what else the server must be told in UTC. */
static enum err
start_again(struct mariadb_flow *w, struct fault *f)
{
	enum err e;

	mariadb_stmt_close(w->c, w->st);
	w->st = NULL;
	e = mariadb_limit_none(w->c, f);
	return e == ERR_OK ? start(w, f) : e;
}

static enum err
run(struct mariadb_flow *w, struct fault *f)
{
	enum err e = start(w, f);

	while (e == ERR_OK && mariadb_moments_warned(w))
		e = start_again(w, f);
	if (e == ERR_OK)
		e = mariadb_flow_columns(w, f);
	if (e == ERR_OK && !w->ended)
		e = mariadb_flow_rows(w, true, f);
	return e;
}

enum err
mariadb_read(struct mariadb_flow *w, struct fault *f)
{
	enum err e = mariadb_begin(w->c, w->a, TURN_READ, w->q, f);

	if (e == ERR_OK)
		e = run(w, f);
	mariadb_stmt_close(w->c, w->st);
	if (e == ERR_OK && w->done->more)
		w->done->has_key = has_key(w);
	mariadb_rollback(w->c);
	return e;
}

/* Columns alone: prepared, never run.  The server prepares a write only where
 * one could run, so it is held to all that it would be. */
enum err
mariadb_describe(struct mariadb_flow *w, struct fault *f)
{
	bool writes = sql_writes(w->q);
	struct mariadb_text t;
	enum err e =
	    mariadb_begin(w->c, w->a, writes ? TURN_WRITE : TURN_READ, w->q, f);

	if (e == ERR_OK && writes)
		e = mariadb_write_safe(w, f);
	if (e == ERR_OK)
		e = mariadb_ready(w, &t, f);
	if (e == ERR_OK)
		e = mariadb_flow_columns(w, f);
	else if (w->denied)
		e = mariadb_check_names(w, f);
	mariadb_stmt_close(w->c, w->st);
	mariadb_rollback(w->c);
	return e;
}
