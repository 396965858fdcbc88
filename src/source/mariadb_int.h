/* SPDX-License-Identifier: ISC */
/*
 * Inside the MariaDB driver: what its files share.
 *
 * A read is START TRANSACTION READ ONLY, the caller's text prepared alone and
 * once more inside of SELECT EXISTS(…), where the server's grammar takes
 * nothing but a query, then the first of the two run with a cursor of the
 * server and fetched in small batches, then ROLLBACK.  A write is prepared,
 * its first word must be the verb it was taken for, and the tables it names
 * must be able to take it back.  Texts of callers are prepared, never sent
 * as plain commands, and the connection takes one statement at a time.
 */
#ifndef SOURCE_MARIADB_INT_H
#define SOURCE_MARIADB_INT_H

#include <mysql.h>

#include "conf/conf.h"
#include "source/driver_core.h"

#define MARIADB_NAME_MAX 64

/* One of the hosts, or the socket. */
struct mariadb_place {
	char host[256];
	const char *socket; /* NULL: the library's own */
	int port;
	bool tcp;
};

struct mariadb_conn {
	const struct conf *conf;
	const struct conf_source *spec;
	struct arena *arena;
	MYSQL *h;
	struct mariadb_place at;
	bool up;       /* logged in */
	bool plain;    /* the server had no TLS */
	bool rules;    /* deny or mask is set */
	bool open;     /* a transaction is */
	bool writing;  /* and it waits for finish */
	bool xa;       /* it cannot be left from inside */
	bool used;     /* since the last reset */
	bool lost;     /* the connection is of no use any more */
	bool moved;    /* another schema than its own is the current one */
	bool is_mysql; /* MySQL, not MariaDB */
	struct arena *later;                /* until the end of the statement */
	struct str ddl;                     /* waits for finish, in "later" */
	struct running run;                 /* with "why" we cancelled it */
	struct str hint_table, hint_column; /* names that were not found */
};

/* A caller's text as it is sent, and how to find a place of it again. */
struct mariadb_text {
	const char *sql; /* ends with a zero */
	size_t len;
	size_t prefix; /* bytes of ours that stand before ... */
	size_t at;     /* ... this byte of the caller's text */
	const struct sql *q;
	MYSQL_BIND *binds;
	size_t *marks; /* how long each is, as it is sent */
	size_t n;
};

/* What stands for a placeholder without a value in a plan reads this. */
#define MARIADB_UNKNOWN "mcp_unknown_value"

/* Rows of a question of ours, as texts; p NULL for NULL. */
struct mariadb_rows {
	struct str *v;
	size_t rows, cols;
};

/* --- mariadb_open.c --- */
enum err mariadb_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f);
void mariadb_close(void *conn);
enum err mariadb_dial(struct mariadb_conn *c, struct deadline d,
    struct fault *f);
/* Ask the server, through a connection of its own, to end what runs. */
bool mariadb_kill_query(const struct mariadb_conn *c);

/* --- mariadb_wait.c: calls of the library that wait by our clock --- */

/* From now on what is sent keeps to this. */
void mariadb_watch(struct mariadb_conn *c, struct deadline d,
    const struct source_pulse *p);
/* What the library waits for has come; MYSQL_WAIT_TIMEOUT: give it up. */
int mariadb_wait(struct mariadb_conn *c, int what);
/* 0, or the library knows what went wrong. */
int mariadb_query(struct mariadb_conn *c, const char *sql);
int mariadb_prepare(struct mariadb_conn *c, MYSQL_STMT *st, const char *sql,
    size_t len);
int mariadb_execute(struct mariadb_conn *c, MYSQL_STMT *st);
int mariadb_fetch(struct mariadb_conn *c, MYSQL_STMT *st);
int mariadb_next(struct mariadb_conn *c, MYSQL_STMT *st);
int mariadb_renew(struct mariadb_conn *c);

/* --- mariadb_turn.c: questions of ours, and transactions --- */

void mariadb_stmt_close(struct mariadb_conn *c, MYSQL_STMT *st);
/* A command of ours without values and rows. */
enum err mariadb_do(struct mariadb_conn *c, const char *sql, struct fault *f);
/* A question of ours with text values; one without p is NULL. */
enum err mariadb_ask(struct mariadb_conn *c, struct arena *a, const char *sql,
    const struct str *args, size_t n, struct mariadb_rows *out,
    struct fault *f);
/* The rows of a statement that was run, as texts. */
enum err mariadb_take(struct mariadb_conn *c, struct arena *a, MYSQL_STMT *st,
    struct mariadb_rows *out, struct fault *f);
struct str mariadb_cell(const struct mariadb_rows *r, size_t row, size_t col);
int64_t mariadb_number(const struct mariadb_rows *r, size_t row, size_t col,
    int64_t other);
enum mariadb_turn { TURN_READ, TURN_WRITE, TURN_CALL };
/* Begin a transaction: limits at the server too, the schema for bare names. */
enum err mariadb_begin(struct mariadb_conn *c, struct arena *a,
    enum mariadb_turn turn, const struct sql *q, struct fault *f);
/* The result of the caller's text, run next, is no longer than it is wanted;
 * ours before it must see all rows. */
enum err mariadb_limit(struct mariadb_conn *c, struct arena *a,
    const struct sql *q, struct fault *f);
enum err mariadb_limit_none(struct mariadb_conn *c, struct fault *f);
void mariadb_rollback(struct mariadb_conn *c);
enum err mariadb_commit(struct mariadb_conn *c, struct fault *f);

/* --- mariadb_text.c --- */
struct str mariadb_quote(struct arena *a, struct str name);
/* What stands around a statement that is sent: "before" in front of the byte
 * "at" of its text, "after" behind it. */
struct mariadb_frame {
	struct str text; /* the statement, as long as it was */
	size_t at;
	const char *before, *after;
	bool unknown; /* see struct mariadb_flow */
};
/* The statement with ? for its @names, in its frame. */
enum err mariadb_text(struct arena *a, const struct sql *q,
    const struct mariadb_frame *fr, struct mariadb_text *t, struct fault *f);
/* How one value is sent. */
void mariadb_bind(struct arena *a, const struct value *v, MYSQL_BIND *b);
/* Where in the caller's text the server found this, from 1; 0. */
int mariadb_place(const struct mariadb_text *t, struct str near);

/* --- mariadb_type.c, mariadb_value.c --- */
void mariadb_columns(const MYSQL_FIELD *fields, unsigned n, struct column *out);
/* The dataType of a type as information_schema writes it. */
enum data_type mariadb_data_type(struct str name, struct str full);
/* Where the values of a column come to. */
struct mariadb_cell {
	enum enum_field_types kind; /* of the column */
	bool boolean, zoned, is_unsigned, text;
	unsigned width;
	int decimals;
	unsigned long length;
	my_bool is_null;
	union {
		long long i;
		double d;
		float r;
		MYSQL_TIME t;
	};
};
void mariadb_cell_of(const MYSQL_FIELD *field, struct mariadb_cell *cell,
    MYSQL_BIND *bind);
/* The value that was fetched. */
struct value mariadb_value(struct arena *a, MYSQL_STMT *st, unsigned col,
    struct mariadb_cell *cell);

/* --- mariadb_flow.c: rows on their way to the sink --- */
struct mariadb_flow {
	struct mariadb_conn *c;
	struct arena *a;
	struct arena *row; /* reset for each row */
	const struct sql *q;
	struct row_sink *to;
	struct sql_done *done;
	MYSQL_STMT *st;
	struct mariadb_cell *cells;
	struct value *values;
	unsigned n;
	int64_t seen, sent;
	int64_t bytes; /* of the values that came */
	bool ended;    /* the sink has enough */
	bool denied;   /* only the account stands against this write */
	bool unknown;  /* no value is to stand for a placeholder in a plan */
};
/* The columns of the statement, whether it was run or only prepared. */
enum err mariadb_flow_columns(struct mariadb_flow *w, struct fault *f);
/* All rows that there are; with a cursor, as many as are wanted. */
enum err mariadb_flow_rows(struct mariadb_flow *w, bool cursor,
    struct fault *f);

/* --- mariadb_read.c, mariadb_write.c, mariadb_plan.c, mariadb_call.c --- */
enum err mariadb_read(struct mariadb_flow *w, struct fault *f);
enum err mariadb_write(struct mariadb_flow *w, struct fault *f);
enum err mariadb_describe(struct mariadb_flow *w, struct fault *f);
/* Prepared, as a query or as the write it was taken for. */
enum err mariadb_ready(struct mariadb_flow *w, struct mariadb_text *t,
    struct fault *f);
enum err mariadb_plan(struct mariadb_flow *w, struct fault *f);
/* A caller's own EXPLAIN of a query. */
enum err mariadb_own_plan(struct mariadb_flow *w, struct fault *f);
/* The text prepared behind "words"; *st may be NULL. */
enum err mariadb_explain(struct mariadb_flow *w, const char *words,
    const struct mariadb_text *t, MYSQL_STMT **st, struct fault *f);
/* Is it what it was taken for, and can what it names take it back? */
enum err mariadb_write_safe(struct mariadb_flow *w, struct fault *f);
/* Is it the write that the caller may do? */
enum err mariadb_write_check(struct mariadb_flow *w, struct fault *f);
/* mariadb_check.c: of a write that the account may not do, as "f" says, which
 * stays where nothing more can be told: are its names right? */
enum err mariadb_check_names(struct mariadb_flow *w, struct fault *f);
/* The change of the structure that waited for finish. */
enum err mariadb_write_later(struct mariadb_conn *c, struct fault *f);
/* Can what it names take a write back? */
enum err mariadb_engines(struct mariadb_flow *w, struct fault *f);
enum err mariadb_call(void *conn, struct arena *a, const struct sql *q,
    struct row_sink *to, struct sql_done *done, struct fault *f);

/* --- mariadb_names.c: names in texts, and what the source knows of them --- */
struct mariadb_names {
	struct str *v;
	size_t n;
};
/* One more; false: more than we look at. */
bool mariadb_names_add(struct arena *a, struct mariadb_names *to,
    struct str name);
/* The names that stand in a text, "quoted" also those in double quotes, which a
 * trigger has with ANSI_QUOTES; false: more than we look at. */
bool mariadb_names(struct arena *a, const struct tokens *t, bool quoted,
    struct mariadb_names *out);
enum err mariadb_too_many(struct fault *f);
bool mariadb_is_ascii(struct str s);
/* Names of a text, all of which are in "names", in the small letters that a
 * server with lower_case_table_names gives them; one of another alphabet
 * becomes an i. */
enum err mariadb_fold(struct mariadb_conn *c, struct arena *a, struct str *name,
    size_t n, struct mariadb_names *names, struct fault *f);
bool mariadb_names_have(const struct mariadb_names *names, struct str name);
/* Does the server read token i another way than we do?  A name may begin with
 * a digit or a dollar there, and with anything behind a dot. */
bool mariadb_is_odd(const struct tokens *t, size_t i);
/* Is token i the name behind an AS, which is never a table that is there?  Only
 * where nothing but blanks stands around the AS, so that the server cannot read
 * one of them as part of a comment or a text, and not the other. */
bool mariadb_is_alias(const struct tokens *t, size_t i);
/* A list "(?,?,…)" for as many. */
struct str mariadb_marks(struct arena *a, size_t n);

/* --- mariadb_rules.c, mariadb_reach.c: deny and mask --- */
/* A word, or a table, that a source with rules does not know. */
enum err mariadb_no_table(struct mariadb_conn *c, struct str name,
    struct fault *f);
/* The frame of a read: tables with hidden or masked columns stand in front as
 * entries of a WITH. */
enum err mariadb_rules_frame(struct mariadb_conn *c, struct arena *a,
    const struct sql *q, struct mariadb_frame *out, struct fault *f);
/* May a write name what it names? */
enum err mariadb_rules_write(struct mariadb_conn *c, struct arena *a,
    const struct sql *q, struct fault *f);
/* Is this schema one of the server's own? */
bool mariadb_is_system(struct str schema);
/* Views that lead to what is hidden. */
struct mariadb_hidden {
	struct str *v; /* "schema", "view" */
	size_t n;
};
enum err mariadb_reach(struct mariadb_conn *c, struct arena *a,
    struct mariadb_hidden *h, struct fault *f);
/* What a column of information_schema.COLUMNS is computed from, or is by
 * default; a text that cannot be read where the server does not tell. */
#define MARIADB_MADE \
	"concat_ws(' ', IF(EXTRA LIKE '%%GENERATED%%', coalesce(GENERATION_EXPRESSION, '`'), NULL), COLUMN_DEFAULT)"
/* Rows of columns, with the schema and the table in front: which of them are
 * computed from hidden ones? */
void mariadb_made(const struct mariadb_conn *c, struct arena *a,
    const struct mariadb_rows *r, size_t column, size_t from,
    struct rules_made *out);
bool mariadb_is_made(const struct rules_made *m, size_t row);
/* Is a rule, or what a view leads to, against showing it? */
bool mariadb_hides(const struct mariadb_conn *c, const struct mariadb_hidden *h,
    struct str schema, struct str table);

/* --- mariadb_error.c, mariadb_hint.c --- */
enum err mariadb_fault(struct mariadb_conn *c, MYSQL_STMT *st,
    const struct mariadb_text *t, struct fault *f);
enum err mariadb_open_fault(struct mariadb_conn *c, struct fault *f);
/* Does this number say that the server is away? */
bool mariadb_is_gone(unsigned number);
/* "Did you mean", when the transaction is over. */
void mariadb_hint(struct mariadb_conn *c, struct arena *a, const struct sql *q,
    struct fault *f);

/* --- mariadb_moment.c: moments with a zone among the values --- */
/* A text that is exactly one, in UTC as the server wants it; else itself. */
struct value mariadb_moment(struct arena *a, const struct value *v);
/* Is one among the values? */
bool mariadb_moments(struct arena *a, const struct sql *q);
/* The statement with those in UTC that are said to be moments. */
const struct sql *mariadb_moments_typed(struct arena *a, const struct sql *q);
/* Those that a write compares with columns for moments, now in UTC: by an index
 * the server finds none that are equal, and says nothing. */
enum err mariadb_moments_compared(struct mariadb_flow *w, struct fault *f);
/* The statement could not be run: for such values, which are now in UTC, so
 * that it can be tried once more? */
bool mariadb_moments_refused(struct mariadb_flow *w);
/* It was run: did the server not wholly understand such values?  Likewise. */
bool mariadb_moments_warned(struct mariadb_flow *w);

/* --- mariadb_meta.c, mariadb_rights.c, mariadb_stamp.c --- */
enum err mariadb_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f);
enum err mariadb_stamp(void *conn, struct arena *a, struct deadline d,
    uint64_t *out, struct fault *f);
enum err mariadb_rights(void *conn, struct arena *a,
    void (*say)(void *arg, struct str sentence, const char *change), void *arg,
    struct fault *f);

#endif
