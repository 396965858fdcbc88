/* SPDX-License-Identifier: ISC */
/* Writing: run, counted, and left open for finish. */
#include "source/odbc_int.h"

/* Where DDL commits by itself there is nothing to take back. */
static enum err
can_take_back(const struct odbc_flow *w, struct fault *f)
{
	if (w->q->gate->class != SQL_DDL || !w->q->dry_run ||
	    w->c->txn == SQL_TC_ALL)
		return ERR_OK;
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "the database of this source could not take this statement back");
}

static enum err
run(struct odbc_flow *w, struct fault *f)
{
	SQLLEN n = -1;
	enum err e = odbc_execute(w->c, w->a, w->s, w->q, f);

	if (e != ERR_OK)
		return e;
	if (!w->c->nothing && odbc_ncolumns(w->s) > 0)
		e = odbc_flow(w, f);
	else
		(void)w->to->cols(w->to, NULL, 0);
	if (SQL_SUCCEEDED(SQLRowCount(w->s, &n)) && n >= 0 &&
	    w->q->gate->class != SQL_DDL)
		w->done->affected = n;
	return e;
}

/* A driver that does not say how many rows it changed would have no limit. */
static enum err
check_count(const struct odbc_flow *w, struct fault *f)
{
	if (w->q->gate->class == SQL_DDL || w->q->gate->class == SQL_CALL)
		return ERR_OK;
	if (w->done->affected < 0)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "the driver of this source does not say how many rows it changed");
	if (w->done->affected > w->q->max_affected)
		return sql_too_many(w->done->affected, w->q->max_affected, f);
	return ERR_OK;
}

enum err
odbc_write(struct odbc_flow *w, struct fault *f)
{
	struct odbc_conn *c = w->c;
	enum err e = can_take_back(w, f);

	c->stained = true;
	if (e == ERR_OK)
		e = odbc_flow_prepare(w, "", f);
	if (e == ERR_OK)
		e = run(w, f);
	odbc_stmt_end(c, w->s);
	w->s = NULL;
	if (e == ERR_OK)
		e = check_count(w, f);
	c->writing = e == ERR_OK && !w->q->dry_run;
	w->done->rolled_back = !c->writing;
	if (!c->writing)
		odbc_rollback(c);
	else
		odbc_rest(c);
	return e;
}
