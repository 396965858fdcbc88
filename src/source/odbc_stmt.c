/* SPDX-License-Identifier: ISC */
/* A statement's way: made, prepared, run, read to its end, taken back. */
#include "source/odbc_int.h"

#define END_MS 10000

static enum err
failed(struct odbc_conn *c, struct arena *a, SQLHSTMT s, const struct sql *q,
    struct fault *f)
{
	enum err e = odbc_fault(c, a, SQL_HANDLE_STMT, s, q, f);

	if (c->run.why != ERR_OK && !c->lost)
		return running_fault(c->run.why, c->run.limit_ms, f);
	return e;
}

/* The server's own limit comes after ours, in whole seconds; what a driver
 * does not know it refuses to hear.  Not for drivers that cancel: psqlodbc sets
 * it in the transaction and believes it there after a rollback. */
static void
limit(struct odbc_conn *c, SQLHSTMT s)
{
	int64_t left = deadline_left(c->run.deadline);

	if (left == INT64_MAX || (c->driver != NULL && c->driver->cancels))
		return;
	(void)SQLSetStmtAttr(s, SQL_ATTR_QUERY_TIMEOUT,
	    (SQLPOINTER)(uintptr_t)(left / 1000 + 1), SQL_IS_UINTEGER);
}

enum err
odbc_stmt(struct odbc_conn *c, SQLHSTMT *out, struct fault *f)
{
	if (running_look(&c->run) != ERR_OK)
		return running_fault(c->run.why, c->run.limit_ms, f);
	if (SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, out))) {
		limit(c, *out);
		/* "{call}" and its like are for our own texts. */
		(void)SQLSetStmtAttr(*out, SQL_ATTR_NOSCAN,
		    (SQLPOINTER)(uintptr_t)SQL_NOSCAN_ON, SQL_IS_UINTEGER);
		return ERR_OK;
	}
	*out = NULL;
	c->lost = true;
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "the connection to the source broke off");
}

void
odbc_stmt_end(struct odbc_conn *c, SQLHSTMT s)
{
	(void)c;
	if (s != NULL)
		(void)SQLFreeHandle(SQL_HANDLE_STMT, s);
}

enum err
odbc_prepare(struct odbc_conn *c, struct arena *a, SQLHSTMT s, struct str text,
    const struct sql *q, struct fault *f)
{
	SQLRETURN r;

	c->open = true;
	odbc_enter(c, s);
	r = SQLPrepare(s, (SQLCHAR *)(uintptr_t)text.p, (SQLINTEGER)text.len);
	odbc_leave(c);
	return SQL_SUCCEEDED(r) ? ERR_OK : failed(c, a, s, q, f);
}

enum err
odbc_execute(struct odbc_conn *c, struct arena *a, SQLHSTMT s,
    const struct sql *q, struct fault *f)
{
	SQLRETURN r;

	c->open = true;
	odbc_enter(c, s);
	r = SQLExecute(s);
	odbc_leave(c);
	/* No row was changed, and there is none to fetch. */
	c->nothing = r == SQL_NO_DATA;
	if (c->nothing || SQL_SUCCEEDED(r))
		return ERR_OK;
	return failed(c, a, s, q, f);
}

enum err
odbc_fetch(struct odbc_conn *c, struct arena *a, SQLHSTMT s, bool *end,
    struct fault *f)
{
	SQLRETURN r;

	if (running_look(&c->run) != ERR_OK)
		return running_fault(c->run.why, c->run.limit_ms, f);
	odbc_enter(c, s);
	r = SQLFetch(s);
	odbc_leave(c);
	*end = r == SQL_NO_DATA;
	return *end || SQL_SUCCEEDED(r) ? ERR_OK : failed(c, a, s, NULL, f);
}

int
odbc_ncolumns(SQLHSTMT s)
{
	SQLSMALLINT n = 0;

	return SQL_SUCCEEDED(SQLNumResultCols(s, &n)) && n > 0 ? n : 0;
}

enum err
odbc_end(struct odbc_conn *c, bool commit, struct fault *f)
{
	SQLRETURN r;

	c->open = c->writing = false;
	odbc_begin(c, deadline_in(END_MS), NULL);
	r = SQLEndTran(SQL_HANDLE_DBC, c->dbc,
	    commit ? SQL_COMMIT : SQL_ROLLBACK);
	odbc_rest(c);
	if (SQL_SUCCEEDED(r))
		return ERR_OK;
	return odbc_fault(c, NULL, SQL_HANDLE_DBC, c->dbc, NULL, f);
}

void
odbc_rollback(struct odbc_conn *c)
{
	struct fault ignored = { 0 };

	if (c->open && c->connected && !c->lost &&
	    odbc_end(c, false, &ignored) != ERR_OK)
		c->lost = true;
	c->open = c->writing = false;
	odbc_rest(c);
}
