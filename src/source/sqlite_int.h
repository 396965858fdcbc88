/* SPDX-License-Identifier: ISC */
/*
 * Inside the SQLite driver: what its files share.
 *
 * A source has one link for reading and, once something is written, one for
 * writing.  A source with deny or mask rules is read through a link whose
 * "main" is empty: the file is attached under a name nobody can know, and
 * what has rules is reached through views of ours in "temp".  So a hidden
 * column or table is not refused, it is not there, for "*", NATURAL JOIN and
 * the rest of the language alike; sqlite_view.c tells how.
 */
#ifndef SOURCE_SQLITE_INT_H
#define SOURCE_SQLITE_INT_H

#include <sqlite3.h>

#include "source/driver.h"
#include "source/running.h"
#include "source/source.h"

#define SQLITE_KEPT    16  /* prepared statements of a link */
#define SQLITE_BEAT_MS 100 /* between two beats of the pulse */

struct sqlite_names {
	struct str *v;
	size_t n;
};

/* A statement that stays prepared; the block holds its text and columns. */
struct sqlite_kept {
	sqlite3_stmt *st;
	void *block;
	struct str text;
	unsigned kind;
	uint64_t used;
	struct column *cols;
	size_t ncols;
	bool untyped; /* a column takes its type from the first row */
	int has_key;  /* -1: not asked yet */
};

/* What the authorizer may let pass, and what it saw. */
struct sqlite_auth {
	unsigned verbs; /* VERB_ bits of a write, 0 for a read */
	bool ddl;
	bool ours;     /* a statement of ours: everything passes */
	bool stepping; /* virtual tables prepare their own while they step */
	bool selected; /* the write holds a SELECT of the caller */
	bool leaned;   /* a trigger of it reads what the caller may not */
	bool denied;
	int action; /* first refusal: what, and about which names */
	char name[128], part[128];
	unsigned restricted; /* reads of columns that have a rule */
};

struct sqlite_conn;

/* Statements of ours that every link keeps (sqlite_turn.c). */
enum sqlite_turn {
	TURN_READ,
	TURN_WRITE,
	TURN_COMMIT,
	TURN_ROLLBACK,
	TURN_VERSION,
	TURN_COUNT
};

struct sqlite_link {
	sqlite3 *h;
	struct sqlite_conn *conn;
	struct arena *arena; /* lives as long as h */
	bool writing;
	const char *schema; /* where the file's tables are */
	int64_t version;    /* of the schema, as our views know it */
	struct sqlite_auth auth;
	struct sqlite_names inner;    /* tables inside of virtual tables */
	struct sqlite_names triggers; /* of the file */
	struct sqlite_names hidden;   /* views that would show what is denied */
	struct sqlite_names clean;    /* views that only pass columns on */
	struct sqlite_names passed;   /* "view.column" of restricted ones */
	struct sqlite_names away;     /* virtual tables made of hidden ones */
	struct sqlite_names ruled;    /* what has columns that have a rule */
	struct rules_made made;       /* columns that are computed */
	sqlite3_stmt *turn[TURN_COUNT];
	struct sqlite_kept kept[SQLITE_KEPT];
	uint64_t clock;
};

struct sqlite_conn {
	const struct conf *conf;
	const struct conf_source *spec;
	struct arena *arena;
	const char *path; /* with the folder's links resolved */
	struct sqlite_link rd, wr;
	bool rules;    /* deny or mask is set */
	bool checked;  /* the file was looked at in this request */
	bool in_write; /* a transaction waits for finish */
	struct deadline deadline;
	const struct source_pulse *pulse;
	int64_t started, next_beat;
	enum err why; /* of an interruption, or ERR_OK */
};

/* sqlite_value.c: values, each by its storage class. */
void sqlite_start(void);
int sqlite_bind(sqlite3_stmt *st, int i, const struct value *v);
struct value sqlite_value(sqlite3_stmt *st, int i);

/* sqlite_temp.c: what SQLite believes to be files of the disk; those without
 * a name, of a large sort or statement, are pieces of its own memory. */
#define SQLITE_TEMP_VFS "memory-temp"
void sqlite_temp_start(void);

/* sqlite_type.c: dataType of a declared type, and what its parentheses say. */
enum data_type sqlite_type(struct str declared);
void sqlite_type_size(struct str declared, struct column *c);
/* The type of an undeclared column from a value. */
void sqlite_type_of(const struct value *v, struct column *c);

/* sqlite_open.c: open and close a link; make it usable for this request. */
enum err sqlite_link_open(struct sqlite_link *l, struct fault *f);
void sqlite_link_close(struct sqlite_link *l);
enum err sqlite_link_use(struct sqlite_link *l, struct fault *f);
/* Where the file is now: its path with the folder's links resolved. */
enum err sqlite_path(struct arena *a, const char *path, const char **out,
    struct fault *f);

/* sqlite_turn.c: open and use the link, begin TURN_READ or TURN_WRITE, and be
 * sure of the structure.  A read without rules needs no transaction. */
enum err sqlite_turn_begin(struct sqlite_link *l, struct arena *a,
    enum sqlite_turn which, struct fault *f);
int sqlite_turn_end(struct sqlite_link *l, bool commit); /* or roll back */
int sqlite_version(struct sqlite_link *l, int64_t *out);
/* Has the structure of the file changed since the link was opened? */
bool sqlite_link_changed(struct sqlite_link *l);

/* sqlite_query.c: a statement of ours; args are bound as text, an empty one
 * as NULL.  "row" may end it by false. */
int sqlite_query(struct sqlite_link *l, const char *sql, const struct str *args,
    size_t nargs, bool (*row)(void *arg, sqlite3_stmt *st), void *arg);
int sqlite_exec(struct sqlite_link *l, const char *sql);
struct str sqlite_text(sqlite3_stmt *st, int i); /* lent, p NULL for NULL */
struct str sqlite_quote(struct arena *a, struct str name);
void sqlite_names_add(struct arena *a, struct sqlite_names *to,
    struct str name);
bool sqlite_names_has(const struct sqlite_names *n, struct str name);
int sqlite_names_read(struct sqlite_link *l, const char *sql,
    struct sqlite_names *out);

/* sqlite_printf.c: printf() and format() with a ceiling. */
int sqlite_printf_register(struct sqlite_link *l);

/* sqlite_auth.c */
int sqlite_authorize(void *link, int action, const char *p1, const char *p2,
    const char *db, const char *context);
/* What shows the engine instead of the data. */
bool sqlite_is_system(struct str table);
/* Does a visible object of the caller's have this name? */
bool sqlite_sees(const struct sqlite_link *l, struct str table);
/* Is one of the table's columns denied or masked? */
bool sqlite_table_has_rules(const struct conf_source *s, struct str table);

/* sqlite_made.c: columns and virtual tables that are made of others. */
int sqlite_made_read(struct sqlite_link *l);
/* Is the column computed from one that is denied or masked? */
bool sqlite_is_made(const struct sqlite_link *l, struct str table,
    struct str column);

/* sqlite_view.c: what has rules, as views of ours. */
enum err sqlite_views_make(struct sqlite_link *l, struct fault *f);
/* "SELECT *" of a table or view of the file, prepared past the rules, or as a
 * caller; NULL when it cannot be, and *rc says why. */
sqlite3_stmt *sqlite_columns(struct sqlite_link *l, struct str name,
    bool as_caller, int *rc);
/* The rule for its column i, by its own name and by the one it comes from. */
enum sqlite_rule { RULE_NONE, RULE_MASKED, RULE_DENIED };
enum sqlite_rule sqlite_column_rule(const struct sqlite_link *l,
    struct str table, sqlite3_stmt *st, int i);
/* The text with the qualifier "main." blanked, where it means the file. */
struct str sqlite_views_text(struct arena *a, struct str text);

/* sqlite_stmt.c: prepare, or find what is prepared. */
enum err sqlite_prepare(struct sqlite_link *l, struct arena *a,
    const struct sql *q, struct sqlite_kept **out, struct fault *f);
void sqlite_kept_drop(struct sqlite_kept *k);
/* The columns again, after the library prepared it anew. */
void sqlite_kept_refresh(struct sqlite_kept *k);

/* sqlite_rows.c: rows on their way to the sink. */
struct sqlite_flow {
	struct sqlite_link *link;
	struct arena *arena;
	struct sqlite_kept *kept;
	const struct sql *q;
	struct row_sink *to;
	struct value *values;
	size_t n; /* columns sent */
	bool begun, ended;
	int64_t seen, sent;
	bool more; /* rows were left */
};
/* Step to the end or until there is enough; a write goes on to its end.
 * SQLITE_DONE, or what went wrong. */
int sqlite_flow_run(struct sqlite_flow *w, bool write);
/* The columns alone. */
void sqlite_flow_empty(struct sqlite_flow *w);

/* sqlite_error.c: a result code in the words of tools.md 1.8. */
enum err sqlite_fault(struct sqlite_link *l, struct arena *a, int rc,
    const struct sql *q, struct fault *f);
/* A text of the engine's without the file's path and our name for it. */
struct str sqlite_cleaned(const struct sqlite_link *l, struct arena *a,
    struct str text);
enum err sqlite_open_fault(const struct sqlite_link *l, const char *path,
    int rc, struct fault *f);

/* sqlite_hint.c: the closest visible names. */
void sqlite_hint_tables(struct sqlite_link *l, struct arena *a, struct str name,
    struct fault *f);
void sqlite_hint_columns(struct sqlite_link *l, struct arena *a,
    const struct gate *g, struct str name, struct fault *f);

/* sqlite_write.c */
enum err sqlite_write_check(struct sqlite_link *l, struct arena *a,
    const struct sql *q, struct fault *f);

/* sqlite_meta.c */
enum err sqlite_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f);

#endif
