/* SPDX-License-Identifier: ISC */
/*
 * Inside the ODBC driver: what its files share.
 *
 * Nobody knows which database is behind ODBC, so nothing it does can be
 * verified: the source says trusted_role, and what the account may do is what
 * can happen.  Autocommit is off and a read is always rolled back; one
 * statement gives one result; values go into buffers of our own size, long ones
 * in pieces.  Texts are UTF-8 by the narrow functions; a connection that does
 * not bring one back as it was sent is not used.
 */
#ifndef SOURCE_ODBC_INT_H
#define SOURCE_ODBC_INT_H

#include "conf/conf.h"
#include "source/driver_core.h"

/* Names that the gate and ODBC both have; here the classes are meant. */
#undef SQL_BIT
#include <sql.h>
#include <sqlext.h>
#undef SQL_UPDATE
#undef SQL_DELETE

#define ODBC_BIT_TYPE (-7)

struct odbc_watch;
struct odbc_flow;

/* A driver that is known: words its connection gets if the configuration does
 * not have them, and what it can do. */
struct odbc_driver {
	const char *name; /* in SQL_DRIVER_NAME */
	const char *const *words;
	bool cancels; /* SQLCancel of another thread does no harm */
	bool utc;     /* moments with a zone come as UTC, without it */
	bool is_sqlite;
};

/* A database that is known. */
struct odbc_engine {
	const char *name;    /* in SQL_DBMS_NAME */
	const char *explain; /* in front of a statement: its plan */
	enum { PLAN_NONE, PLAN_TREE, PLAN_LINES } plan;
	const char *schema; /* in front of a quoted name: use that schema */
	const char *forget; /* gives back what a rollback leaves */
	bool is_sqlite;
	bool requotes; /* no name stands in brackets or backticks there */
	bool prepares; /* by PREPARE, for a plan without values */
	bool
	    casts; /* takes its own types of bytes, and where it asks for one */
};

struct odbc_conn {
	const struct conf *conf;
	const struct conf_source *spec;
	struct arena *arena;
	SQLHENV env;
	SQLHDBC dbc;
	SQLHSTMT stmt; /* that the watch may cancel */
	bool connected;
	const struct odbc_driver *driver; /* or NULL: not known */
	const struct odbc_engine *engine; /* the same */
	SQLUSMALLINT txn;                 /* SQL_TXN_CAPABLE */
	bool open;    /* something ran since the last end of a transaction */
	bool writing; /* and it waits for finish */
	bool used;    /* since the last reset */
	bool stained; /* by a write, a call or a plan, nobody washes that off */
	bool lost;    /* of no use any more */
	bool doubtful; /* something failed that we do not know */
	bool
	    nothing; /* was changed: there are no rows and columns to ask for */
	bool wants_call; /* what was called is a procedure, no function */
	struct running run;
	struct odbc_watch *watch;
	int64_t untyped; /* the placeholder, from 1, that needs a type; 0 */
	bool unfit; /* no operator or function, or several, are for these */
	struct str hint_table, hint_column; /* names that were not found */
};

/* --- odbc_open.c --- */
enum err odbc_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f);
void odbc_close(void *conn);
/* Make sure of the connection, which a restart may have taken. */
enum err odbc_sure(struct odbc_conn *c, struct fault *f);
/* As far as the driver knows; most learn it by a call that fails. */
bool odbc_is_dead(struct odbc_conn *c);

/* --- odbc_words.c: what a connection is opened with --- */
/* The connection string; "driver" NULL: it is not known yet. */
struct str odbc_words(struct arena *a, const struct conf_source *spec,
    const struct odbc_driver *driver);
const struct odbc_driver *odbc_driver_find(const char *name);
/* The text without what only the administrator knows: hosts, users, files. */
struct str odbc_clean(struct arena *a, const struct conf_source *spec,
    struct str text);

/* --- odbc_guard.c: what a statement of SQLite calls, before it runs --- */
enum err odbc_guard(struct odbc_flow *w, struct fault *f);

/* --- odbc_engine.c --- */
const struct odbc_engine *odbc_engine_find(const char *dbms);
enum err odbc_use_schema(struct odbc_conn *c, struct arena *a,
    struct str schema, struct fault *f);

/* By its driver's name or the database's. */
bool odbc_is_sqlite(const struct odbc_conn *c);

/* Nothing of a read stays, where we know what could; false: it does. */
bool odbc_forget(struct odbc_conn *c);

/* --- odbc_watch.c: a statement that takes too long is cancelled --- */
enum err odbc_watch_open(struct odbc_conn *c, struct fault *f);
void odbc_watch_close(struct odbc_conn *c);
/* From now on what runs keeps to this, until odbc_rest. */
void odbc_begin(struct odbc_conn *c, struct deadline d,
    const struct source_pulse *p);
void odbc_rest(struct odbc_conn *c);
/* What the driver does between these two is watched. */
void odbc_enter(struct odbc_conn *c, SQLHSTMT stmt);
void odbc_leave(struct odbc_conn *c);

/* --- odbc_stmt.c: a statement and its end --- */
enum err odbc_stmt(struct odbc_conn *c, SQLHSTMT *out, struct fault *f);
void odbc_stmt_end(struct odbc_conn *c, SQLHSTMT s); /* takes NULL */
/* Prepare a text that ends with a zero. */
enum err odbc_prepare(struct odbc_conn *c, struct arena *a, SQLHSTMT s,
    struct str text, const struct sql *q, struct fault *f);
enum err odbc_execute(struct odbc_conn *c, struct arena *a, SQLHSTMT s,
    const struct sql *q, struct fault *f);
/* The next row; *end when there is none. */
enum err odbc_fetch(struct odbc_conn *c, struct arena *a, SQLHSTMT s, bool *end,
    struct fault *f);
/* How many columns the result has; 0: there is none. */
int odbc_ncolumns(SQLHSTMT s);
enum err odbc_end(struct odbc_conn *c, bool commit, struct fault *f);
void odbc_rollback(struct odbc_conn *c);

/* --- odbc_text.c --- */
/* A caller's text with ? for each @name, behind "prefix". */
enum err odbc_text(const struct odbc_flow *w, const char *prefix,
    struct str *out, struct fault *f);
enum err odbc_bind(struct odbc_conn *c, struct arena *a, SQLHSTMT s,
    const struct sql *q, struct fault *f);
/* One value as parameter number n, from 1. */
enum err odbc_bind_one(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    const struct value *v, struct fault *f);

/* --- odbc_type.c, odbc_value.c --- */
enum odbc_how {
	HOW_TEXT,
	HOW_INTEGER, /* exact digits, a number where they fit */
	HOW_REAL,
	HOW_EXACT,
	HOW_BOOL,
	HOW_BYTES,
	HOW_UUID,
	HOW_MOMENT,
	HOW_MOMENT_UTC
};
struct odbc_column {
	struct column c;
	enum odbc_how how;
};
enum data_type odbc_data_type(int type, struct str type_name);
enum odbc_how odbc_how(int type, struct str type_name);
enum err odbc_columns(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    struct odbc_column *out, struct fault *f);
/* The value of a column of the row at hand, in memory of "a". */
enum err odbc_value(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    enum odbc_how how, struct value *out, struct fault *f);
/* What a text of such a type is. */
struct value odbc_value_of(struct arena *a, int type, struct str type_name,
    struct str s);
/* A value as text; p NULL for NULL, false: it has none. */
bool odbc_value_text(struct arena *a, const struct value *v, struct str *out);
/* Its text; p NULL for NULL. */
enum err odbc_cell(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    struct str *out, struct fault *f);

/* --- odbc_read.c, odbc_write.c, odbc_plan.c --- */
struct odbc_flow {
	struct odbc_conn *c;
	struct arena *a;
	struct arena *row; /* reset for each row */
	const struct sql *q;
	struct row_sink *to;
	struct sql_done *done;
	SQLHSTMT s;
	struct odbc_column *cols;
	struct value *values;
	int n;
	int64_t sent;
	bool *typed;   /* by placeholder; NULL: none */
	bool numbered; /* placeholders are $1 and so on, not bound */
	bool ended;    /* the sink has enough */
};
/* The statement behind "prefix", with its values. */
enum err odbc_flow_prepare(struct odbc_flow *w, const char *prefix,
    struct fault *f);
/* The columns of what ran, then its rows. */
enum err odbc_flow(struct odbc_flow *w, struct fault *f);
enum err odbc_flow_columns(struct odbc_flow *w, struct fault *f);
enum err odbc_read(struct odbc_flow *w, struct fault *f);
enum err odbc_describe(struct odbc_flow *w, struct fault *f);
enum err odbc_write(struct odbc_flow *w, struct fault *f);
enum err odbc_plan(struct odbc_flow *w, struct fault *f);

/* --- odbc_error.c, odbc_hint.c --- */
/* What the driver says of its last call; "q" where it speaks of a caller's
 * text, else NULL. */
enum err odbc_fault(struct odbc_conn *c, struct arena *a, SQLSMALLINT kind,
    SQLHANDLE h, const struct sql *q, struct fault *f);
enum err odbc_open_fault(struct odbc_conn *c, struct fault *f);
void odbc_hint_tables(struct odbc_conn *c, struct arena *a, struct str name,
    struct fault *f);
void odbc_hint_columns(struct odbc_conn *c, struct arena *a,
    const struct gate *g, struct str name, struct fault *f);

/* --- odbc_catalog.c: the functions that describe a database --- */
/* Rows of a function of the catalogue, as texts; p NULL for NULL. */
struct odbc_rows {
	struct str *v;
	size_t n, ncols, room; /* rows */
};
struct str odbc_rows_at(const struct odbc_rows *r, size_t row, int col);
enum odbc_catalog {
	CATALOG_TABLES,
	CATALOG_SCHEMAS,
	CATALOG_COLUMNS,
	CATALOG_KEYS,
	CATALOG_REFERENCES,
	CATALOG_INDEXES,
	CATALOG_PROCEDURES,
	CATALOG_PARAMETERS
};
/* A schema of the engine's own. */
bool odbc_is_system(struct str schema);
/* Ask one; the names are exact and may be empty: all, but for what is in the
 * engine's own schemas. */
enum err odbc_catalog(struct odbc_conn *c, struct arena *a,
    enum odbc_catalog what, struct str catalog, struct str schema,
    struct str name, struct odbc_rows *out, struct fault *f);

/* --- odbc_meta.c, odbc_call.c --- */
enum err odbc_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f);
enum err odbc_call(void *conn, struct arena *a, const struct sql *q,
    struct row_sink *to, struct sql_done *done, struct fault *f);
bool odbc_has_key(struct odbc_conn *c, struct arena *a, const struct gate *g);

#endif
