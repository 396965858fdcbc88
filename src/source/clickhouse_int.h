/* SPDX-License-Identifier: ISC */
/*
 * Inside the ClickHouse driver: what its files share.
 *
 * A read is asked of the server twice: first as DESCRIBE TABLE (text), which
 * takes a query expression and nothing else, then by itself, both with
 * readonly = 1 in a URL that we alone write.  The rows come as tab-separated
 * text, which is exact, and only once the server has all of them: so what went
 * wrong in the middle has a status of its own.  An account whose profile is
 * read-only takes no settings; there the rows come as they are found, and a
 * last line that is an exception is one.
 */
#ifndef SOURCE_CLICKHOUSE_INT_H
#define SOURCE_CLICKHOUSE_INT_H

#include "conf/conf.h"
#include "source/driver_core.h"

#define CH_ID_MAX 64

struct ch_conn {
	const struct conf *conf;
	const struct conf_source *spec;
	struct arena *arena;
	struct net *net;
	struct str allowed; /* addresses, for net */
	bool rules;         /* deny or mask is set */
	bool plain;         /* the account takes no settings */
	int64_t year;       /* of the server's version, "18" of 18.16 */
	int64_t queries;    /* sent so far, for their names */
	struct running run;
	struct arena *pending_arena;
	struct str pending; /* an INSERT that waits for finish */
	struct str pending_schema;
	struct str hint_table, hint_column; /* names that were not found */
	bool other_type; /* the last fault: a value of a type that is not fit */
	bool lost;
};

/* --- clickhouse_open.c --- */
enum err ch_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f);
void ch_close(void *conn);

/* --- clickhouse_http.c --- */
struct ch_query {
	struct str sql;
	struct str schema;   /* database of bare names; empty: the source's */
	const struct sql *q; /* whose words a fault is about; NULL: ours */
	const struct ch_text *text;
	bool write;       /* without readonly = 1 */
	int64_t max_rows; /* 0: all */
	/* A piece of the answer; false: enough. */
	bool (*take)(void *arg, const char *p, size_t n);
	void *arg;
};
enum err ch_send(struct ch_conn *c, struct arena *a,
    const struct ch_query *query, struct fault *f);

/* --- clickhouse_rows.c: the answer, line by line --- */
struct ch_rows {
	struct ch_conn *c;
	struct arena *a;   /* of columns */
	struct arena *row; /* reset for each */
	struct row_sink *to;
	int64_t skip, max;
	struct buf left; /* the beginning of a line */
	int line;        /* 0 names, 1 types, 2 rows */
	struct column *columns;
	struct value *values;
	size_t n;
	int64_t sent;
	bool more, ended, broken;
	struct buf held; /* the last line, while it may be an exception */
	bool holds;
};
void ch_rows_begin(struct ch_rows *r, struct ch_conn *c, struct arena *a,
    struct row_sink *to);
bool ch_rows_take(void *rows, const char *p, size_t n);
/* Everything came: ERR_OK, or what was wrong with it. */
enum err ch_rows_end(struct ch_rows *r, const struct ch_query *query,
    struct fault *f);

/* A query of ours: all its cells as texts, in lines of "n". */
struct ch_table {
	struct row_sink sink;
	struct arena *a;
	struct str *v;
	size_t n, rows, room;
};
enum err ch_table(struct ch_conn *c, struct arena *a, struct str sql,
    struct ch_table *t, struct fault *f);
/* The same with bare names of that database. */
enum err ch_table_in(struct ch_conn *c, struct arena *a, struct str sql,
    struct str schema, struct ch_table *t, struct fault *f);
struct str ch_cell(const struct ch_table *t, size_t row, size_t col);

/* --- clickhouse_type.c, clickhouse_value.c --- */
void ch_column(struct str name, struct str type, struct column *out);
/* Lent until the arena is reset. */
struct value ch_value(struct arena *a, const struct column *c, struct str cell);

/* A text, or NULL for the empty one. */
struct value ch_text_value(struct str s);

/* --- clickhouse_literal.c, clickhouse_text.c --- */
struct ch_edit {
	size_t at, len;
	struct str text;
};
#define CH_EDITS 256
/* The server takes a number for a decimal, or for a float, by how it is
 * written, and does not compare the two. */
enum ch_form {
	CH_PLAIN,   /* numbers as floats, texts as texts */
	CH_NUMBERS, /* numbers as decimals */
	CH_DIGITS,  /* and texts that are numbers or moments too */
	CH_TEXTS,   /* numbers as texts, which IN takes for decimals */
	CH_FORMS
};
struct ch_text {
	struct str sql;
	size_t prefix; /* bytes of ours in front */
	enum ch_form form;
	const struct tokens *rows; /* of an INSERT with VALUES, or NULL */
	struct ch_edit edits[CH_EDITS];
	size_t n;
};
/* A value as this server reads it; the only place where one becomes text. */
struct str ch_literal(struct arena *a, const struct value *v,
    enum ch_form form);
/* The same where the server reads a value of a row of VALUES, by the type of
 * its column. */
struct str ch_item(struct arena *a, const struct value *v);
/* Is any value written in another way? */
bool ch_forms_differ(struct arena *a, const struct sql *q, enum ch_form one,
    enum ch_form other);
struct str ch_text_literal(struct arena *a, struct str s);
struct str ch_quote(struct arena *a, struct str name);
/* Replace a piece of the statement. */
enum err ch_edit(struct ch_text *t, size_t at, size_t len, struct str text,
    struct fault *f);
/* The statement with its values and edits. */
enum err ch_text_make(struct arena *a, const struct sql *q, struct ch_text *t,
    struct fault *f);
/* The text from that byte of the statement on, as it is sent. */
struct str ch_text_from(const struct ch_text *t, size_t at);
/* Where in the caller's text that byte of what was sent is, from 1; 0. */
int ch_text_place(const struct ch_text *t, int64_t at);

/* --- clickhouse_read.c, clickhouse_write.c, clickhouse_plan.c --- */
struct ch_flow {
	struct ch_conn *c;
	struct arena *a;
	const struct sql *q;
	struct row_sink *to;
	struct sql_done *done;
};
enum err ch_read(struct ch_flow *w, struct fault *f);
/* Is it a query expression?  Its columns go to "to", if that is there. */
enum err ch_describe(struct ch_flow *w, const struct ch_text *t, struct str sql,
    struct row_sink *to, struct fault *f);
/* The query with its values, in the first form that the server takes; what
 * begins at the byte "from" is asked about.  "look" does that. */
enum err ch_fit(struct ch_flow *w, struct ch_text *t, size_t from,
    enum err (*look)(struct ch_flow *w, struct ch_text *t, struct str sql,
	struct fault *f),
    struct fault *f);
/* It is a query expression. */
enum err ch_is_query(struct ch_flow *w, struct ch_text *t, struct str sql,
    struct fault *f);
enum err ch_write(struct ch_flow *w, struct fault *f);
#define CH_EXPLAIN_YEAR 21 /* of servers that have EXPLAIN */
enum err ch_plan(struct ch_flow *w, struct fault *f);

/* --- clickhouse_rules.c: deny and mask, and the name "data" --- */
/* Of every table: does a rule hide it, or a view that leads there? */
struct ch_hidden {
	struct ch_table tables; /* database, name, engine, its statement */
	bool *v;
};
enum err ch_hidden(struct ch_conn *c, struct arena *a, struct ch_hidden *h,
    struct fault *f);
bool ch_hides(const struct ch_hidden *h, struct str database, struct str table);
/* Columns, each with what it is computed from, or is by default. */
#define CH_COLUMNS \
	"SELECT database, table, name, default_expression FROM system.columns"
/* Which rows of such are computed from hidden ones? */
void ch_made(const struct ch_conn *c, struct arena *a,
    const struct ch_table *columns, struct rules_made *out);
/* What has to be replaced in the statement; ends what must not run. */
enum err ch_rules(struct ch_flow *w, struct ch_text *t, struct fault *f);

/* --- clickhouse_error.c --- */
enum err ch_fault(struct ch_conn *c, struct arena *a,
    const struct ch_query *query, struct str said, struct fault *f);
/* Is this line the server's last word instead of a row? */
bool ch_is_exception(struct str line);
/* "Did you mean". */
void ch_hint(struct ch_flow *w, struct fault *f);

/* --- clickhouse_meta.c --- */
enum err ch_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f);
enum err ch_stamp(void *conn, struct arena *a, struct deadline d, uint64_t *out,
    struct fault *f);
enum err ch_rights(void *conn, struct arena *a,
    void (*say)(void *arg, struct str sentence, const char *change), void *arg,
    struct fault *f);

#endif
