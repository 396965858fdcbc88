/* SPDX-License-Identifier: ISC */
/* Reading: one result, row by row, and always taken back. */
#include "source/odbc_int.h"

#define ROW_ARENA ((size_t)1 << 30)

enum err
odbc_flow_columns(struct odbc_flow *w, struct fault *f)
{
	struct column *c;
	enum err e;

	w->n = odbc_ncolumns(w->s);
	w->cols = arena_zero(w->a, (size_t)w->n + 1, sizeof(*w->cols));
	w->values = arena_zero(w->a, (size_t)w->n + 1, sizeof(*w->values));
	e = odbc_columns(w->c, w->a, w->s, w->n, w->cols, f);
	if (e != ERR_OK)
		return e;
	c = arena_zero(w->a, (size_t)w->n + 1, sizeof(*c));
	for (int i = 0; i < w->n; i++)
		c[i] = w->cols[i].c;
	w->ended = !w->to->cols(w->to, c, (size_t)w->n);
	return ERR_OK;
}

static enum err
row(struct odbc_flow *w, struct fault *f)
{
	enum err e = ERR_OK;

	for (int i = 0; e == ERR_OK && i < w->n; i++)
		e = odbc_value(w->c, w->row, w->s, i + 1, w->cols[i].how,
		    &w->values[i], f);
	if (e != ERR_OK)
		return e;
	w->sent++;
	w->ended = !w->to->row(w->to, w->values, (size_t)w->n);
	w->done->more = w->done->more || w->ended;
	arena_reset(w->row);
	return ERR_OK;
}

static enum err
rows(struct odbc_flow *w, struct fault *f)
{
	int64_t skip = w->q->skip;
	bool end = false;
	enum err e = ERR_OK;

	w->row = arena_new(ROW_ARENA);
	while (e == ERR_OK && !w->ended) {
		e = odbc_fetch(w->c, w->a, w->s, &end, f);
		if (e != ERR_OK || end)
			break;
		if (skip > 0) {
			skip--;
			continue;
		}
		if (w->sent >= w->q->max_rows) {
			w->done->more = true;
			break;
		}
		e = row(w, f);
	}
	arena_free(w->row);
	w->row = NULL;
	return e;
}

enum err
odbc_flow(struct odbc_flow *w, struct fault *f)
{
	enum err e = odbc_flow_columns(w, f);

	return e == ERR_OK && !w->ended ? rows(w, f) : e;
}

/* What does not read has no columns; where the driver knows that before it
 * runs, it does not run. */
static enum err
no_result(struct fault *f)
{
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "this statement gives no rows; only a query can run here");
}

/* A driver that would read them all to the end is told how many matter. */
static void
limit_rows(struct odbc_flow *w)
{
	int64_t most = w->q->skip + w->q->max_rows + 1;

	if (w->q->max_rows <= 0 || most > INT32_MAX)
		return;
	(void)SQLSetStmtAttr(w->s, SQL_ATTR_MAX_ROWS,
	    (SQLPOINTER)(uintptr_t)most, SQL_IS_UINTEGER);
}

enum err
odbc_flow_prepare(struct odbc_flow *w, const char *prefix, struct fault *f)
{
	struct str text;
	enum err e = odbc_text(w, prefix, &text, f);

	if (e == ERR_OK)
		e = odbc_use_schema(w->c, w->a, w->q->schema, f);
	if (e == ERR_OK)
		e = odbc_guard(w, f);
	if (e == ERR_OK)
		e = odbc_stmt(w->c, &w->s, f);
	if (e != ERR_OK)
		return e;
	if (!sql_writes(w->q))
		limit_rows(w);
	e = odbc_prepare(w->c, w->a, w->s, text, w->q, f);
	if (e == ERR_OK)
		e = odbc_bind(w->c, w->a, w->s, w->q, f);
	return e;
}

/* How many columns, when a driver asks the server only now. */
static enum err
count_columns(struct odbc_flow *w, int *n, struct fault *f)
{
	SQLSMALLINT cols = 0;
	SQLRETURN r;

	odbc_enter(w->c, w->s);
	r = SQLNumResultCols(w->s, &cols);
	odbc_leave(w->c);
	*n = cols;
	return SQL_SUCCEEDED(r)
		   ? ERR_OK
		   : odbc_fault(w->c, w->a, SQL_HANDLE_STMT, w->s, w->q, f);
}

enum err
odbc_read(struct odbc_flow *w, struct fault *f)
{
	int n = 0;
	enum err e = odbc_flow_prepare(w, "", f);

	if (e == ERR_OK)
		e = count_columns(w, &n, f);
	if (e == ERR_OK && n <= 0)
		e = no_result(f);
	if (e == ERR_OK)
		e = odbc_execute(w->c, w->a, w->s, w->q, f);
	if (e == ERR_OK)
		e = odbc_flow(w, f);
	odbc_stmt_end(w->c, w->s);
	w->s = NULL;
	if (e == ERR_OK && w->done->more)
		w->done->has_key = odbc_has_key(w->c, w->a, w->q->gate);
	odbc_rollback(w->c);
	return e;
}

/* Columns alone: prepared, never run. */
enum err
odbc_describe(struct odbc_flow *w, struct fault *f)
{
	int n = 0;
	enum err e = odbc_flow_prepare(w, "", f);

	if (e == ERR_OK)
		e = count_columns(w, &n, f);
	if (e == ERR_OK)
		e = odbc_flow_columns(w, f);
	odbc_stmt_end(w->c, w->s);
	w->s = NULL;
	odbc_rollback(w->c);
	return e;
}
