/* SPDX-License-Identifier: ISC */
/* Questions of ours, and the transactions in which all that is asked runs. */
#include <stdio.h>
#include <string.h>

#include "source/mariadb_int.h"

#define SERVER_EXTRA_MS 1000 /* the server's own limit comes after ours */
#define RESET_MS        2000
#define NO_XA           1235 /* a cluster: not supported */
#define NO_SUCH_WORD    1064

/* The library says goodbye to the server, which must not be in the middle of
 * something, nor gone. */
void
mariadb_stmt_close(struct mariadb_conn *c, MYSQL_STMT *st)
{
	my_bool rc = 0;
	int s;

	if (st == NULL)
		return;
	s = mysql_stmt_close_start(&rc, st);
	while (s != 0)
		s = mysql_stmt_close_cont(&rc, st, mariadb_wait(c, s));
}

enum err
mariadb_do(struct mariadb_conn *c, const char *sql, struct fault *f)
{
	return mariadb_query(c, sql) == 0 ? ERR_OK
					  : mariadb_fault(c, NULL, NULL, f);
}

struct str
mariadb_cell(const struct mariadb_rows *r, size_t row, size_t col)
{
	if (row >= r->rows || col >= r->cols)
		return (struct str){ 0 };
	return r->v[row * r->cols + col];
}

int64_t
mariadb_number(const struct mariadb_rows *r, size_t row, size_t col,
    int64_t other)
{
	int64_t n = other;

	return str_int(mariadb_cell(r, row, col), INT64_MIN, INT64_MAX, &n)
		   ? n
		   : other;
}

static void
bind_texts(struct arena *a, MYSQL_STMT *st, const struct str *args, size_t n)
{
	MYSQL_BIND *b = arena_zero(a, n + 1, sizeof(*b));

	for (size_t i = 0; i < n; i++) {
		b[i].buffer_type =
		    args[i].p == NULL ? MYSQL_TYPE_NULL : MYSQL_TYPE_STRING;
		b[i].buffer = (void *)(uintptr_t)args[i].p;
		b[i].buffer_length = args[i].len;
	}
	if (n > 0)
		(void)mysql_stmt_bind_param(st, b);
}

/* One text of the row that was fetched. */
static struct str
take_text(struct arena *a, MYSQL_STMT *st, unsigned col)
{
	unsigned long length = 0;
	my_bool is_null = 0, cut = 0;
	char none[1];
	MYSQL_BIND b = { .buffer_type = MYSQL_TYPE_STRING,
		.buffer = none,
		.length = &length,
		.is_null = &is_null,
		.error = &cut };

	if (mysql_stmt_fetch_column(st, &b, col, 0) != 0 || is_null)
		return (struct str){ 0 };
	b.buffer = arena_get(a, length + 1);
	b.buffer_length = length;
	if (length > 0)
		(void)mysql_stmt_fetch_column(st, &b, col, 0);
	((char *)b.buffer)[length] = '\0';
	return (struct str){ b.buffer, length };
}

static void
add_row(struct arena *a, MYSQL_STMT *st, struct mariadb_rows *out)
{
	size_t n = out->rows * out->cols, more = out->cols * sizeof(*out->v);

	if ((out->rows & (out->rows - 1)) == 0)
		out->v = arena_grow(a, out->v, n * sizeof(*out->v),
		    (out->rows == 0 ? 1 : 2 * out->rows) * more);
	for (unsigned i = 0; i < out->cols; i++)
		out->v[n + i] = take_text(a, st, i);
	out->rows++;
}

static enum err
ask(struct mariadb_conn *c, struct arena *a, MYSQL_STMT *st, const char *sql,
    const struct str *args, size_t n, struct mariadb_rows *out, struct fault *f)
{
	int rc = mariadb_prepare(c, st, sql, strlen(sql));

	if (rc == 0) {
		bind_texts(a, st, args, n);
		rc = mariadb_execute(c, st);
	}
	return rc == 0 ? mariadb_take(c, a, st, out, f)
		       : mariadb_fault(c, st, NULL, f);
}

enum err
mariadb_take(struct mariadb_conn *c, struct arena *a, MYSQL_STMT *st,
    struct mariadb_rows *out, struct fault *f)
{
	MYSQL_BIND *none;
	int rc;

	*out = (struct mariadb_rows){ 0 };
	out->cols = mysql_stmt_field_count(st);
	none = arena_zero(a, out->cols + 1, sizeof(*none));
	for (size_t i = 0; i < out->cols; i++)
		none[i].buffer_type = MYSQL_TYPE_NULL;
	if (out->cols == 0 || mysql_stmt_bind_result(st, none) != 0)
		return ERR_OK;
	while ((rc = mariadb_fetch(c, st)) == 0 || rc == MYSQL_DATA_TRUNCATED)
		add_row(a, st, out);
	return rc == MYSQL_NO_DATA ? ERR_OK : mariadb_fault(c, st, NULL, f);
}

enum err
mariadb_ask(struct mariadb_conn *c, struct arena *a, const char *sql,
    const struct str *args, size_t n, struct mariadb_rows *out, struct fault *f)
{
	MYSQL_STMT *st = mysql_stmt_init(c->h);
	enum err e;

	*out = (struct mariadb_rows){ 0 };
	if (st == NULL)
		return fault_set(f, ERR_INTERNAL, "no memory for a statement");
	e = ask(c, a, st, sql, args, n, out, f);
	mariadb_stmt_close(c, st);
	return e;
}

/* XA of this session: its name is one for the whole server. */
static int
xa(struct mariadb_conn *c, const char *verb, const char *rest)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "XA %s 'mcp-%lu'%s", verb,
	    mysql_thread_id(c->h), rest);
	return mariadb_query(c, sql);
}

void
mariadb_rollback(struct mariadb_conn *c)
{
	bool in_xa = c->xa, open = c->open;

	c->open = c->writing = c->xa = false;
	c->ddl = (struct str){ 0 };
	if (c->h == NULL || c->lost || !open)
		return;
	mariadb_watch(c, deadline_in(RESET_MS), NULL);
	if (in_xa && xa(c, "END", "") != 0)
		c->lost = true;
	if (!c->lost &&
	    (in_xa ? xa(c, "ROLLBACK", "") : mariadb_query(c, "ROLLBACK")) != 0)
		c->lost = true;
}

enum err
mariadb_commit(struct mariadb_conn *c, struct fault *f)
{
	int rc = c->xa ? xa(c, "END", "") : 0;
	enum err e = ERR_OK;

	if (rc == 0)
		rc = c->xa ? xa(c, "COMMIT", " ONE PHASE")
			   : mariadb_query(c, "COMMIT");
	if (rc != 0) {
		e = mariadb_fault(c, NULL, NULL, f);
		c->lost = true;
	}
	c->open = c->writing = c->xa = false;
	return e;
}

/* Nothing may be sent on a connection that is gone, or was left by a restart
 * of the server; then it is made anew, as long as nothing is open. */
static enum err
sure(struct mariadb_conn *c, struct fault *f)
{
	struct running was = c->run;
	struct deadline d = was.deadline;
	enum err e;

	if (c->h != NULL && !c->lost)
		return ERR_OK;
	if (c->spec->connect_timeout > 0)
		d = deadline_min(d,
		    deadline_in((int64_t)c->spec->connect_timeout * 1000));
	e = mariadb_dial(c, d, f);
	c->run = was;
	return e;
}

/* A query that ends by itself a little after ours would.  Our own questions
 * want all rows there are. */
static const char *
settings(const struct mariadb_conn *c, struct arena *a)
{
	int64_t left = deadline_left(c->run.deadline);

	if (left > INT32_MAX)
		left = 0;
	else
		left += SERVER_EXTRA_MS;
	return arena_fmt(a,
	    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', SESSION time_zone = '+00:00', SESSION sql_select_limit = 18446744073709551615, SESSION autocommit = 1, SESSION %s = %lld, NAMES utf8mb4",
	    c->is_mysql ? "max_execution_time" : "max_statement_time",
	    (long long)(c->is_mysql ? left : (left + 999) / 1000))
	    .p;
}

enum err
mariadb_limit_none(struct mariadb_conn *c, struct fault *f)
{
	return mariadb_do(c,
	    "SET SESSION sql_select_limit = 18446744073709551615", f);
}

enum err
mariadb_limit(struct mariadb_conn *c, struct arena *a, const struct sql *q,
    struct fault *f)
{
	long long most;

	if (q->max_rows <= 0 || q->skip > INT64_MAX - q->max_rows - 1)
		return ERR_OK;
	most = q->skip + q->max_rows + 1;
	return mariadb_do(c,
	    arena_fmt(a, "SET SESSION sql_select_limit = %lld", most).p, f);
}

/* The one that cannot be left from inside; a cluster has none. */
static enum err
begin_call(struct mariadb_conn *c, struct fault *f)
{
	unsigned number;

	if (xa(c, "START", "") == 0) {
		c->xa = true;
		return ERR_OK;
	}
	number = mysql_errno(c->h);
	if (number != NO_XA && number != NO_SUCH_WORD)
		return mariadb_fault(c, NULL, NULL, f);
	return mariadb_do(c, "START TRANSACTION READ WRITE", f);
}

static enum err
begin_once(struct mariadb_conn *c, struct arena *a, enum mariadb_turn turn,
    struct fault *f)
{
	enum err e = mariadb_do(c, settings(c, a), f);

	if (e != ERR_OK)
		return e;
	if (turn == TURN_CALL)
		return begin_call(c, f);
	return mariadb_do(c,
	    turn == TURN_WRITE ? "START TRANSACTION READ WRITE"
			       : "START TRANSACTION READ ONLY",
	    f);
}

/* The name as the server has it; letters folded if it must be. */
static enum err
set_schema(struct mariadb_conn *c, struct arena *a, struct str schema,
    struct fault *f)
{
	struct str args[2] = { schema, schema };
	struct mariadb_rows r;
	enum err e = mariadb_ask(c, a,
	    "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ? ORDER BY BINARY SCHEMA_NAME = BINARY ? DESC LIMIT 1",
	    args, 2, &r, f);

	if (e != ERR_OK)
		return e;
	if (r.rows == 0 ||
	    (c->rules && mariadb_is_system(mariadb_cell(&r, 0, 0))))
		return fault_set(f, ERR_SCHEMA_NOT_FOUND, "no such schema: %s",
		    arena_z(a, schema));
	c->moved = true;
	return mariadb_do(c,
	    arena_fmt(a, "USE %s", mariadb_quote(a, mariadb_cell(&r, 0, 0)).p)
		.p,
	    f);
}

static enum err
home(struct mariadb_conn *c, struct arena *a, struct fault *f)
{
	if (!c->moved)
		return ERR_OK;
	c->moved = false;
	return mariadb_do(c,
	    arena_fmt(a, "USE %s",
		mariadb_quote(a, str_of(c->spec->database)).p)
		.p,
	    f);
}

enum err
mariadb_begin(struct mariadb_conn *c, struct arena *a, enum mariadb_turn turn,
    const struct sql *q, struct fault *f)
{
	bool kept = c->h != NULL && !c->lost;
	enum err e = sure(c, f);

	if (e == ERR_OK)
		e = begin_once(c, a, turn, f);
	/* The server was restarted since: once more, on a new connection. */
	if (e == ERR_SOURCE_UNREACHABLE && kept && c->lost) {
		*f = (struct fault){ 0 };
		e = sure(c, f);
		if (e == ERR_OK)
			e = begin_once(c, a, turn, f);
	}
	c->used = true;
	c->open = e == ERR_OK;
	if (e == ERR_OK)
		e = home(c, a, f);
	if (e == ERR_OK && q != NULL && q->schema.len > 0)
		e = set_schema(c, a, q->schema, f);
	return e;
}
