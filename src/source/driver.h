/* SPDX-License-Identifier: ISC */
/*
 * The contract of a driver.  What is known of it without opening anything
 * (name, dialect, settings) is a row of source/drivers.c; what it does is one
 * const struct of functions, in the program itself or in a module NAME.so.  It
 * is finished when tests/contract/driver_contract.c passes with it.
 */
#ifndef SOURCE_DRIVER_H
#define SOURCE_DRIVER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "source/db.h"
#include "source/gate.h"
#include "source/value.h"

struct conf;
struct conf_source;

enum {
	SOURCE_CAN_WRITE = 1,
	SOURCE_CAN_CALL = 2,    /* has procedures of its own */
	SOURCE_CAN_SCHEMAS = 4, /* more than one schema is possible */
	SOURCE_CAN_CANCEL = 8,
	SOURCE_CAN_STORE = 16,   /* our keys and limits may lie there */
	SOURCE_NO_WAY_BACK = 32, /* no transactions: what is written stays */
	SOURCE_ONLY_INSERTS = 64 /* has no other write */
};

/* Called now and then while a statement runs (about every 100 ms at most);
 * false: stop, answer ERR_CANCELLED.  For progress and gone clients. */
struct source_pulse {
	bool (*beat)(void *arg, int64_t elapsed_ms);
	void *arg;
};

/* One statement, checked by the gate and the rights already. */
struct sql {
	const struct gate *gate;
	struct str
	    text; /* gate->text, perhaps with the "data" name bound in front */
	const struct param *params;
	size_t nparams;
	struct deadline deadline;
	const struct source_pulse *pulse; /* or NULL */
	unsigned verbs;       /* what the engine may let this statement do */
	int64_t skip;         /* rows to pass over first (a cursor's offset) */
	int64_t max_rows;     /* the sink stops earlier if it wants */
	int64_t max_affected; /* more: rolled back, ERR_TOO_LARGE */
	bool describe;        /* columns only: prepare, never step */
	bool explain;         /* the plan instead of the rows, see below */
	bool dry_run;         /* run, count, roll back */
	struct str schema;    /* for unqualified names, or empty */
	struct str data;      /* bind the name "data" to this table, or empty */
	struct str procedure; /* for (*call): its name; there is no text */
};

struct sql_done {
	int64_t affected; /* -1 when not applicable */
	bool more;    /* rows were left when the sink or max_rows said stop */
	bool has_key; /* the result has a stable order by a primary key */
	bool rolled_back;
};

enum meta_what {
	META_SCHEMAS,
	META_TABLES,
	META_COLUMNS,
	META_PROCEDURES,
	META_PARAMETERS
};

/* What to describe; empty texts do not narrow.  Names are exact,
 * case-sensitive first, then, if nothing matched, case-insensitive. */
struct meta_ask {
	enum meta_what what;
	struct str schema, table, column, procedure, parameter;
	struct str pattern; /* LIKE, folded: tables, columns or procedures */
	struct str type;    /* "TABLE" or "VIEW" */
	struct deadline deadline;
};

/*
 * What makes a server fit for a database of our own (source/db.h): writing,
 * each statement committed by itself unless a script says BEGIN.  A lost
 * connection is made anew; what may have run is never run a second time, save
 * a read.  ERR_UNAVAILABLE where it cannot be used now, ERR_BUSY where somebody
 * is in the way, ERR_CONFLICT where a rule forbids it.
 */
struct driver_db {
	enum err (*open)(const struct conf *conf,
	    const struct conf_source *spec, void **conn, struct fault *f);
	void (*close)(void *conn); /* takes NULL */
	enum err (*run)(void *conn, const char *sql, const struct value *v,
	    size_t n, db_row *row, void *arg, int64_t *changes,
	    struct fault *f);
	enum err (*script)(void *conn, const char *sql, struct fault *f);
};

/*
 * What a driver does.  All of these keep to the deadline they were given by a
 * clock of their own and, with SOURCE_CAN_CANCEL, end the statement at the
 * server too, when time is up or the pulse says stop.  ERR_TIMEOUT names the
 * limit in its hint.  Faults are those of tools.md 1.8, without hosts, users,
 * paths and values.
 */
struct driver_work {
	/* Connect, or say why not.  On failure leave nothing open. */
	enum err (*open)(const struct conf *conf,
	    const struct conf_source *spec, const struct deadline *d,
	    void **conn, struct fault *f);
	void (*close)(void *conn); /* takes NULL */

	/*
	 * Run one statement: columns once, then every row, to the sink.  A read
	 * leaves nothing changed whatever the text says.  A write is committed
	 * by (*finish) only.  With q->explain the rows are the plan: columns
	 * id, parent (0 at the root), detail; a driver whose detail is not
	 * written as SQLite's adds table, access ("scan", "index", "other"),
	 * index, filters and estimated_rows, NULL where a step has none.
	 */
	enum err (*run)(void *conn, struct arena *a, const struct sql *q,
	    struct row_sink *to, struct sql_done *done, struct fault *f);

	/*
	 * With SOURCE_CAN_CALL, else NULL: run the engine's own procedure or
	 * function q->procedure (a bare name; q->schema says where, if the
	 * caller did) with q->params by name.  Each result set begins with cols;
	 * values of out and in/out parameters go to to->out.  Like a write it
	 * is committed by (*finish) only.
	 */
	enum err (*call)(void *conn, struct arena *a, const struct sql *q,
	    struct row_sink *to, struct sql_done *done, struct fault *f);

	/* End the open write: commit or roll back. */
	enum err (*finish)(void *conn, bool commit, struct fault *f);

	/*
	 * Describe tables, columns, keys, procedures in the columns of
	 * tools.md 3 without the catalog column (source/heading.h); denied
	 * objects never come.  ROW_ESTIMATE is what the engine's statistics
	 * say, NULL when they say nothing; rows are never counted for it.
	 */
	enum err (*meta)(void *conn, struct arena *a, const struct meta_ask *m,
	    struct row_sink *to, struct fault *f);

	/* Forget what one request left behind; false: close it instead.  "bad"
	 * is the fault of the last call or ERR_OK. */
	bool (*reset)(void *conn, enum err bad);

	/*
	 * A number that is another one when the structure (tables, views,
	 * columns) is, for who asks once a second; NULL where the engine has
	 * nothing cheap to say it by.  It need not differ between two files.
	 */
	enum err (*stamp)(void *conn, struct arena *a, struct deadline d,
	    uint64_t *out, struct fault *f);

	/*
	 * What the account may do that a source should not, each one sentence
	 * for the administrator, and what to change (NULL: use an account
	 * that may less); NULL where an engine has no accounts.
	 */
	enum err (*rights)(void *conn, struct arena *a,
	    void (*say)(void *arg, struct str sentence, const char *change),
	    void *arg, struct fault *f);

	/* With SOURCE_CAN_STORE, else NULL. */
	const struct driver_db *db;
};

struct driver_said;

struct source_driver {
	const char *name;        /* as written in the configuration */
	const char *data_source; /* as DATA_SOURCE says it */
	enum sql_dialect dialect;
	unsigned caps;

	/* Sentences for get_instructions: dialect, quoting, qualified names. */
	const char *guide;

	/* Of the settings that say where a source is: those it reads, and
	 * those it cannot do without.  Both end with NULL. */
	const char *const *settings;
	const char *const *needs;

	/* What these lists cannot say, or NULL (driver_check.h). */
	void (*check)(const struct conf_source *spec, struct driver_said *said);

	const char *package; /* Debian's, with its module */
	const char *opens;   /* another module that its own opens, or NULL */
	const struct driver_work *work; /* NULL: in a module of its name */
};

/* Drivers by name (source/drivers.c); NULL when there is none. */
const struct source_driver *driver_find(struct str name);

/* Names of all drivers, NULL at the end, for complaints. */
const char *const *driver_names(void);

/* What it does: its module is opened if it must be, and stays open.  NULL:
 * the module is missing, or out of reach here. */
const struct driver_work *driver_load(const struct source_driver *d,
    struct fault *f);

/* Are the settings of a source those of its driver?  Complaints are lines
 * "file:line: sentence"; returns their number.  Opens nothing. */
size_t driver_check(const struct source_driver *d,
    const struct conf_source *spec, struct buf *complaints);

/* The same for the settings of the store. */
size_t driver_check_store(const struct conf_source *store,
    struct buf *complaints);

#endif
