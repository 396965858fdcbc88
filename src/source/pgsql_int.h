/* SPDX-License-Identifier: ISC */
/*
 * Inside the PostgreSQL driver: what its files share.
 *
 * A read is BEGIN READ ONLY, a statement of ours, DECLARE … CURSOR FOR the
 * caller's text and FETCH in small batches, then ROLLBACK: the server's own
 * grammar refuses all but a query there, and what was not fetched never sits
 * in our memory.  A write is explained first; what the plan would change must
 * be what the caller may.  Texts of callers go by the extended protocol only.
 */
#ifndef SOURCE_PGSQL_INT_H
#define SOURCE_PGSQL_INT_H

#include <libpq-fe.h>

#include "conf/conf.h"
#include "source/driver_core.h"

#define PGSQL_TYPES    64 /* of one connection that are no built-in ones */
#define PGSQL_NAME_MAX 63

/* Type numbers the server never changes (pg_type.dat). */
enum {
	PG_BOOL = 16,
	PG_BYTEA = 17,
	PG_INT8 = 20,
	PG_INT2 = 21,
	PG_INT4 = 23,
	PG_TEXT = 25,
	PG_OID = 26,
	PG_FLOAT4 = 700,
	PG_FLOAT8 = 701,
	PG_BPCHAR = 1042,
	PG_VARCHAR = 1043,
	PG_DATE = 1082,
	PG_TIME = 1083,
	PG_TIMESTAMP = 1114,
	PG_TIMESTAMPTZ = 1184,
	PG_TIMETZ = 1266,
	PG_BIT = 1560,
	PG_VARBIT = 1562,
	PG_NUMERIC = 1700,
	PG_REFCURSOR = 1790,
	PG_UUID = 2950
};

struct pgsql_type {
	Oid oid;
	enum data_type type;
	char name[PGSQL_NAME_MAX + 3]; /* "integer[]" too */
};

struct pgsql_conn {
	const struct conf *conf;
	const struct conf_source *spec;
	struct arena *arena;
	PGconn *h;
	PGcancel *cancel;
	bool own;           /* for a database of ours, see pgsql_db.c */
	size_t place;       /* the host that was good, of those there are */
	uint64_t connected; /* how often */
	bool rules;         /* deny or mask is set */
	bool open;          /* a transaction is */
	bool writing;       /* and it waits for finish */
	bool used;          /* since the last reset */
	bool heard;         /* the last fault of connecting is the server's */
	bool lost;          /* the connection is of no use any more */
	Oid *framed;      /* tables our entries stand for, in this statement */
	const char *seen; /* relations that the rules have looked at in it */
	size_t nframed;
	struct pgsql_type types[PGSQL_TYPES];
	size_t ntypes;
	struct running run;                 /* with "why" we cancelled it */
	struct str hint_table, hint_column; /* names that were not found */
	/* What the server said of the last caller's text: the number of a value
	 * whose type it could not tell, -1 for any; that types do not fit. */
	int untyped;
	bool unfit;
};

/*
 * How the values that have no type of their own, texts and NULLs, get one: by
 * the server, from where they stand; as texts, where it finds none; each place
 * of a name by itself, where one name stands in places of different types.
 */
#define PGSQL_TEXTS 8
struct pgsql_typing {
	bool again;             /* such a value stands in several places */
	bool apart;             /* each place by itself */
	bool tested;            /* an IS NULL stands behind one */
	bool open;              /* and what is before it can be more than it */
	bool all;               /* texts all of them */
	int texts[PGSQL_TEXTS]; /* the numbers of those that are texts */
	size_t ntexts;
};

/* A caller's text as it is sent, and how to find a place of it again. */
struct pgsql_text {
	const char *sql; /* ends with a zero */
	size_t prefix;   /* bytes of ours in front */
	const struct sql *q;
	int n;
	int *numbers; /* of the placeholders, in the order of the gate */
	Oid *types;
	const char **values;
	int *lengths, *formats;
};

struct pgsql_flow;

/* --- pgsql_open.c --- */
enum err pgsql_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f);
void pgsql_close(void *conn);
enum err pgsql_connect(struct pgsql_conn *c, struct deadline d,
    struct fault *f);

/* --- pgsql_host.c --- */
#define PGSQL_PLACES 16
struct pgsql_place {
	const char *host, *port; /* NULL: the library's own */
};
/* The hosts of a source, at least one; more than fit are left out. */
size_t pgsql_places(struct arena *a, const struct conf_source *s,
    struct pgsql_place out[static PGSQL_PLACES]);
/* All of them as the library's two lists. */
struct pgsql_place pgsql_place_all(struct arena *a, const struct pgsql_place *p,
    size_t n);

/* --- pgsql_db.c --- */
extern const struct driver_db pgsql_db;

/* --- pgsql_wait.c: one result, or none after ERR_… --- */

/* From now on what is sent keeps to this. */
void pgsql_watch(struct pgsql_conn *c, struct deadline d,
    const struct source_pulse *p);
/* A text of ours, with text values or NULLs; several statements when there are
 * none.  *res is freed with the arena. */
enum err pgsql_ask(struct pgsql_conn *c, struct arena *a, const char *sql,
    const char *const *values, int n, PGresult **res, struct fault *f);
/* A text of the caller's. */
enum err pgsql_send(struct pgsql_conn *c, struct arena *a,
    const struct pgsql_text *t, PGresult **res, struct fault *f);
/* Wait for the next result of what was sent; NULL at the end. */
enum err pgsql_next(struct pgsql_conn *c, PGresult **res, struct fault *f);
/* Read to the end of what was sent. */
void pgsql_drain(struct pgsql_conn *c);
/* End the transaction. */
void pgsql_rollback(struct pgsql_conn *c);
/* Begin one: the deadline at the server too, the schema for bare names. */
enum err pgsql_begin(struct pgsql_conn *c, struct arena *a, bool write,
    const struct sql *q, struct fault *f);

/* --- pgsql_text.c --- */
struct str pgsql_quote(struct arena *a, struct str name);
struct str pgsql_literal(struct arena *a, struct str text);
/* An array of the names, and of each in small letters, as the server reads
 * one. */
const char *pgsql_names(struct arena *a, const struct str *v, size_t n);
/* What stands around a statement that is sent. */
struct pgsql_frame {
	struct str text; /* the statement, as long as it was */
	const char *before, *after;
};
/* The statement with $n for its @names, in its frame, behind "prefix". */
enum err pgsql_text(struct pgsql_flow *w, const char *prefix,
    const struct pgsql_frame *fr, struct pgsql_text *t, struct fault *f);
/* Bind values as $1, $2, … in this order. */
void pgsql_bind(struct arena *a, const struct param *p, size_t n,
    struct pgsql_text *t);
/* Where in the caller's text the server's character number is, from 1; 0. */
int pgsql_place(const struct pgsql_text *t, int at);

/* --- pgsql_type.c, pgsql_value.c --- */
const struct pgsql_type *pgsql_type(struct pgsql_conn *c, Oid oid);
enum err pgsql_types_learn(struct pgsql_conn *c, struct arena *a,
    const PGresult *res, struct fault *f);
enum data_type pgsql_data_type(Oid oid);
void pgsql_columns(struct pgsql_conn *c, const PGresult *res,
    struct column *out);
struct value pgsql_value(struct arena *a, Oid type, const PGresult *res,
    int row, int col);
/* A text of a result, lent; p NULL for NULL. */
struct str pgsql_cell(const PGresult *res, int row, int col);
/* Its first letter, '\0' when there is none. */
char pgsql_letter(const PGresult *res, int row, int col);
/* The number of a relation, procedure or type. */
Oid pgsql_oid(const PGresult *res, int row, int col);
/* What the modifier of a type says. */
void pgsql_type_size(Oid type, int mod, struct column *c);

/* --- pgsql_read.c, pgsql_write.c, pgsql_plan.c, pgsql_call.c --- */
struct pgsql_flow {
	struct pgsql_conn *c;
	struct arena *a;
	struct arena *row; /* reset for each batch */
	const struct sql *q;
	struct row_sink *to;
	struct sql_done *done;
	Oid *types;
	struct value *values;
	int n;
	int64_t sent;
	bool ended; /* the sink has enough */
	struct pgsql_typing typing;
	PGresult *plan; /* an EXPLAIN's; freed with the arena */
};
enum err pgsql_flow_columns(struct pgsql_flow *w, const PGresult *res,
    struct fault *f);
/* The same while the connection is busy: types that nobody knows yet stay so. */
enum err pgsql_flow_plain(struct pgsql_flow *w, const PGresult *res);
/* Rows to the sink; false: enough. */
bool pgsql_flow_rows(struct pgsql_flow *w, const PGresult *res);
enum err pgsql_read(struct pgsql_flow *w, struct fault *f);
/* The caller's own EXPLAIN. */
enum err pgsql_explain(struct pgsql_flow *w, struct fault *f);
enum err pgsql_write(struct pgsql_flow *w, struct fault *f);
enum err pgsql_describe(struct pgsql_flow *w, struct fault *f);
enum err pgsql_plan(struct pgsql_flow *w, struct fault *f);
/* What the statement would change, as the server plans it: VERB_ bits. */
enum err pgsql_plan_verbs(struct pgsql_flow *w, unsigned *verbs,
    struct fault *f);
enum err pgsql_call(void *conn, struct arena *a, const struct sql *q,
    struct row_sink *to, struct sql_done *done, struct fault *f);

/* --- pgsql_typing.c --- */

/* Begin a transaction, and take a step that runs nothing of the caller's; once
 * more with other types while the server cannot make these out. */
enum err pgsql_settle(struct pgsql_flow *w, bool write,
    enum err (*step)(struct pgsql_flow *w, struct fault *f), struct fault *f);
/* Have the server read the statement and keep it by that name; *n, if it is
 * not NULL, gets how many values it wants. */
enum err pgsql_prepare(struct pgsql_flow *w, const char *name,
    const struct pgsql_frame *fr, int *n, struct fault *f);
/* Behind pgsql_text: a value that stands in several places has one type in all
 * of them?  Where the statement is inside another the server would not say so
 * before it runs. */
enum err pgsql_typing_check(struct pgsql_flow *w, const struct pgsql_frame *fr,
    struct fault *f);

/* --- pgsql_rules.c, pgsql_reach.c, pgsql_casts.c: deny and mask --- */

/* How many names of a statement are looked at. */
#define PGSQL_NAMES_MAX 64
/* A word, or a table, that a source with rules does not know. */
enum err pgsql_no_table(struct pgsql_conn *c, struct arena *a, struct str name,
    struct fault *f);
/* The frame of a read: tables with hidden or masked columns stand in front as
 * entries of a WITH. */
enum err pgsql_rules_frame(struct pgsql_conn *c, struct arena *a,
    const struct sql *q, struct pgsql_frame *out, struct fault *f);
/* After the server understood the statement: does it reach what is hidden? */
enum err pgsql_rules_check(struct pgsql_conn *c, struct arena *a,
    const struct sql *q, struct fault *f);
/* And after its rows were read: did what it called reach more? */
enum err pgsql_rules_after(struct pgsql_conn *c, struct arena *a,
    const struct sql *q, struct fault *f);
/* May a write name what it names? */
enum err pgsql_rules_write(struct pgsql_conn *c, struct arena *a,
    const struct sql *q, struct fault *f);
/* Does a type of the text tell columns that are denied? */
enum err pgsql_casts(struct pgsql_conn *c, struct arena *a,
    const struct tokens *t, struct fault *f);
/* Does the text call what may read tables by itself? */
enum err pgsql_calls(struct pgsql_conn *c, struct arena *a,
    const struct tokens *t, struct fault *f);
/* The columns that are computed from others. */
enum err pgsql_made(struct pgsql_conn *c, struct arena *a, struct rules_made *m,
    struct fault *f);
/* Of tables in a result: those that rules hide, views that lead to what is
 * hidden among them. */
struct pgsql_hidden {
	Oid *v;
	size_t n;
};
enum err pgsql_rules_list(struct pgsql_conn *c, struct arena *a,
    const PGresult *tables, int column, struct pgsql_hidden *h,
    struct fault *f);
bool pgsql_listed(const struct pgsql_hidden *h, Oid oid);
/* Is this view, or table, hidden by a rule about itself? */
bool pgsql_hides(const struct pgsql_conn *c, struct str table);

/* --- pgsql_error.c, pgsql_hint.c --- */
enum err pgsql_fault(struct pgsql_conn *c, struct arena *a, const PGresult *res,
    const struct pgsql_text *t, struct fault *f);
/* Why there is no connection; true: a server is there, and it is about it. */
bool pgsql_open_fault(const struct pgsql_conn *c, struct fault *f);
void pgsql_hint_tables(struct pgsql_conn *c, struct arena *a, struct str name,
    struct fault *f);
void pgsql_hint_columns(struct pgsql_conn *c, struct arena *a,
    const struct gate *g, struct str name, struct fault *f);

/* --- pgsql_meta.c, pgsql_rights.c --- */
enum err pgsql_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f);
/* --- pgsql_stamp.c --- */
enum err pgsql_stamp(void *conn, struct arena *a, struct deadline d,
    uint64_t *out, struct fault *f);

enum err pgsql_rights(void *conn, struct arena *a,
    void (*say)(void *arg, struct str sentence, const char *change), void *arg,
    struct fault *f);

#endif
