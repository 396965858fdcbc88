/* SPDX-License-Identifier: ISC */
/*
 * The contract of a driver: one file that fills one const struct.  It is
 * finished when tests/contract/driver_contract.c passes with it.
 */
#ifndef SOURCE_DRIVER_H
#define SOURCE_DRIVER_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "source/gate.h"
#include "source/value.h"

struct conf;
struct conf_source;

enum {
	SOURCE_CAN_WRITE = 1,
	SOURCE_CAN_CALL = 2,    /* has procedures of its own */
	SOURCE_CAN_SCHEMAS = 4, /* more than one schema is possible */
	SOURCE_CAN_CANCEL = 8
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
	bool explain;      /* the plan instead of the rows (driver's columns) */
	bool dry_run;      /* run, count, roll back */
	struct str schema; /* for unqualified names, or empty */
	struct str data;   /* bind the name "data" to this table, or empty */
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

struct source_driver {
	const char *name;        /* as written in the configuration */
	const char *data_source; /* as DATA_SOURCE says it */
	enum sql_dialect dialect;
	unsigned caps;

	/* Is the configuration complete for this driver? Called at check time. */
	enum err (*check)(const struct conf_source *spec, struct fault *f);

	/* Connect, or say why not.  On failure leave nothing open. */
	enum err (*open)(const struct conf *conf,
	    const struct conf_source *spec, const struct deadline *d,
	    void **conn, struct fault *f);
	void (*close)(void *conn); /* takes NULL */

	/* Run one statement: columns once, then every row, to the sink.  A read
	 * leaves nothing changed whatever the text says.  A write is committed
	 * by (*finish) only. */
	enum err (*run)(void *conn, struct arena *a, const struct sql *q,
	    struct row_sink *to, struct sql_done *done, struct fault *f);

	/* End the open write: commit or roll back. */
	enum err (*finish)(void *conn, bool commit, struct fault *f);

	/* Describe tables, columns, keys, procedures in the columns of
	 * tools.md 3 without the catalog column; denied objects never come. */
	enum err (*meta)(void *conn, struct arena *a, const struct meta_ask *m,
	    struct row_sink *to, struct fault *f);

	/* Forget what one request left behind; false: close it instead.  "bad"
	 * is the fault of the last call or ERR_OK. */
	bool (*reset)(void *conn, enum err bad);

	/* Sentences for get_instructions: dialect, quoting, qualified names. */
	const char *guide;
};

/* Drivers by name (source/drivers.c); NULL when there is none. */
const struct source_driver *driver_find(struct str name);

/* Names of all drivers, NULL at the end, for complaints. */
const char *const *driver_names(void);

#endif
