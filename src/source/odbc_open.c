/* SPDX-License-Identifier: ISC */
/*
 * Connecting, by the narrow functions only: a driver that is connected so gets
 * our UTF-8 as it is.  Whether it comes back the same is tried once.
 */
#include <string.h>

#include "source/odbc_int.h"

#define NAME_MAX_ODBC 128
#define PROBE         "h\303\251\342\202\254\360\237\230\200"

static void
hang_up(struct odbc_conn *c)
{
	if (c->connected) {
		(void)SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK);
		(void)SQLDisconnect(c->dbc);
	}
	if (c->dbc != NULL)
		(void)SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
	c->dbc = NULL;
	c->connected = c->open = c->writing = false;
	c->lost = c->doubtful = c->stained = false;
}

static void
set(struct odbc_conn *c, SQLINTEGER what, uintptr_t value)
{
	(void)SQLSetConnectAttr(c->dbc, what, (SQLPOINTER)value,
	    SQL_IS_UINTEGER);
}

/* Whole seconds, at least one. */
static uintptr_t
seconds(struct deadline d)
{
	int64_t left = deadline_left(d);

	if (left == INT64_MAX)
		return 0;
	return left < 1000 ? 1 : (uintptr_t)(left / 1000);
}

static enum err
connect_once(struct odbc_conn *c, struct deadline d, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 18);
	struct str words = odbc_words(a, c->spec, c->driver);
	enum err e = ERR_OK;
	SQLRETURN r;

	hang_up(c);
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, c->env, &c->dbc))) {
		c->dbc = NULL;
		arena_free(a);
		return fault_set(f, ERR_INTERNAL, "no memory for a connection");
	}
	set(c, SQL_ATTR_LOGIN_TIMEOUT, seconds(d));
	set(c, SQL_ATTR_CONNECTION_TIMEOUT, seconds(d));
	if (c->spec->readonly)
		set(c, SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY);
	r = SQLDriverConnect(c->dbc, NULL, (SQLCHAR *)(uintptr_t)words.p,
	    (SQLSMALLINT)words.len, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
	explicit_bzero((char *)(uintptr_t)words.p, words.len);
	c->connected = SQL_SUCCEEDED(r);
	if (!c->connected)
		e = odbc_open_fault(c, f);
	arena_free(a);
	return e;
}

static void
name_of(struct odbc_conn *c, SQLUSMALLINT what, char out[static NAME_MAX_ODBC])
{
	SQLSMALLINT n = 0;

	out[0] = '\0';
	(void)SQLGetInfo(c->dbc, what, out, NAME_MAX_ODBC, &n);
	out[NAME_MAX_ODBC - 1] = '\0';
}

/* Nothing may be committed by itself. */
static enum err
settle(struct odbc_conn *c, struct fault *f)
{
	char name[NAME_MAX_ODBC];

	c->txn = SQL_TC_NONE;
	(void)SQLGetInfo(c->dbc, SQL_TXN_CAPABLE, &c->txn, sizeof(c->txn),
	    NULL);
	name_of(c, SQL_DBMS_NAME, name);
	c->engine = odbc_engine_find(name);
	if (c->txn != SQL_TC_NONE &&
	    SQL_SUCCEEDED(SQLSetConnectAttr(c->dbc, SQL_ATTR_AUTOCOMMIT,
		(SQLPOINTER)(uintptr_t)SQL_AUTOCOMMIT_OFF, SQL_IS_UINTEGER)))
		return ERR_OK;
	fault_log(f, "%s: no transactions", c->spec->name);
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "the driver of this source knows no transactions");
}

/* A database that does not take the statement is not asked again: nothing is
 * known then. */
static enum err
try_text(struct odbc_conn *c, struct fault *f)
{
	static const char sql[] = "SELECT '" PROBE "'";
	struct arena *a = arena_new((size_t)1 << 20);
	struct fault ignored = { 0 };
	struct str back = { 0 };
	SQLHSTMT s = NULL;
	bool end = true;
	enum err e = odbc_stmt(c, &s, &ignored);

	if (e == ERR_OK)
		e = odbc_prepare(c, a, s, str_of(sql), NULL, &ignored);
	if (e == ERR_OK)
		e = odbc_execute(c, a, s, NULL, &ignored);
	if (e == ERR_OK)
		e = odbc_fetch(c, a, s, &end, &ignored);
	if (e == ERR_OK && !end)
		e = odbc_cell(c, a, s, 1, &back, &ignored);
	end = e == ERR_OK && !end && !str_eq(back, str_of(PROBE));
	odbc_stmt_end(c, s);
	odbc_rollback(c);
	arena_free(a);
	if (!end)
		return ERR_OK;
	fault_log(f,
	    "%s: the driver changes UTF-8; set its client character set",
	    c->spec->name);
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "the driver of this source does not keep texts as they are");
}

/* Once to learn which driver it is, and if it is known once more, with words
 * for it. */
static enum err
connect(struct odbc_conn *c, struct deadline d, struct fault *f)
{
	const struct odbc_driver *known = c->driver;
	char name[NAME_MAX_ODBC];
	enum err e = connect_once(c, d, f);

	if (e != ERR_OK)
		return e;
	name_of(c, SQL_DRIVER_NAME, name);
	c->driver = odbc_driver_find(name);
	if (c->driver != NULL && c->driver != known)
		e = connect_once(c, d, f);
	if (e == ERR_OK)
		e = settle(c, f);
	if (e == ERR_OK) {
		odbc_begin(c, d, NULL);
		e = try_text(c, f);
	}
	if (e != ERR_OK)
		hang_up(c);
	return e;
}

bool
odbc_is_dead(struct odbc_conn *c)
{
	SQLUINTEGER dead = SQL_CD_FALSE;

	return SQL_SUCCEEDED(SQLGetConnectAttr(c->dbc, SQL_ATTR_CONNECTION_DEAD,
		   &dead, SQL_IS_UINTEGER, NULL)) &&
	       dead == SQL_CD_TRUE;
}

/* The configuration was asked already; here is where it counts. */
static enum err
is_trusted(const struct conf_source *s, struct fault *f)
{
	if (s->trusted_role && s->deny.n + s->mask.n == 0)
		return ERR_OK;
	fault_log(f, "%s: odbc wants trusted_role, and no deny or mask",
	    s->name);
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "this source is not configured well");
}

enum err
odbc_sure(struct odbc_conn *c, struct fault *f)
{
	struct running was = c->run;
	struct deadline d = was.deadline;
	enum err e;

	c->used = true;
	if (c->connected && !c->lost && !odbc_is_dead(c))
		return ERR_OK;
	if (c->spec->connect_timeout > 0)
		d = deadline_min(d,
		    deadline_in((int64_t)c->spec->connect_timeout * 1000));
	e = connect(c, d, f);
	odbc_begin(c, was.deadline, was.pulse);
	return e;
}

enum err
odbc_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct odbc_conn *c = arena_zero(a, 1, sizeof(*c));
	enum err e;

	*conn = NULL;
	if (is_trusted(spec, f) != ERR_OK) {
		arena_free(a);
		return f->code;
	}
	*c = (struct odbc_conn){ .conf = conf, .spec = spec, .arena = a };
	e = odbc_watch_open(c, f);
	if (e == ERR_OK &&
	    (!SQL_SUCCEEDED(
		 SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &c->env)) ||
		!SQL_SUCCEEDED(SQLSetEnvAttr(c->env, SQL_ATTR_ODBC_VERSION,
		    (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0))))
		e = fault_set(f, ERR_INTERNAL, "no memory for a connection");
	if (e == ERR_OK)
		e = connect(c, *d, f);
	if (e != ERR_OK) {
		odbc_close(c);
		return e;
	}
	odbc_rest(c);
	*conn = c;
	return ERR_OK;
}

void
odbc_close(void *conn)
{
	struct odbc_conn *c = conn;

	if (c == NULL)
		return;
	odbc_watch_close(c);
	hang_up(c);
	if (c->env != NULL)
		(void)SQLFreeHandle(SQL_HANDLE_ENV, c->env);
	arena_free(c->arena);
}
