/* SPDX-License-Identifier: ISC */
/*
 * The front of all sources: it owns one connection per source and worker,
 * reads the statement, checks the rights, sets deadline and budgets, and calls
 * the driver.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "conf/conf.h"
#include "source/driver.h"

struct sources;

/* For every configured source; opens nothing yet. */
struct sources *sources_new(const struct conf *conf);
void sources_free(struct sources *s); /* takes NULL */

const struct source_driver *source_driver(const struct sources *s, int source);

/* One statement of a caller. */
struct sql_ask {
	struct str text;
	const struct param *params;
	size_t nparams;
	unsigned classes; /* SQL_BITs the tool allows */
	unsigned verbs;   /* VERB_ bits the token holds on this source */
	bool all_rows;    /* UPDATE without WHERE is meant */
	bool describe, explain, dry_run;
	bool any_class; /* validate: prepare writes too, whatever the verbs */
	int64_t skip, max_rows, max_affected;
	struct str schema, data;
	struct str procedure; /* run this instead of a text */
	struct deadline deadline;
	const struct source_pulse *pulse;
	/* Told what will run, before it runs; not ERR_OK stops it.  May be NULL. */
	enum err (*begin)(void *arg, const struct gate *g, struct fault *f);
	void *begin_arg;
};

/*
 * Run it.  Writes stay open until source_finish.  Faults are those of
 * tools.md 1.8 with hints; a driver's message has been cleaned of paths,
 * hosts, users and values.  The gate's findings are left in *g
 * (names in it live until sixteen other statements were run).  With
 * q->procedure the engine's own procedure of that name runs, with params by
 * name; engines without procedures answer PROCEDURE_NOT_FOUND.
 */
enum err source_run(struct sources *s, int source, struct arena *a,
    const struct sql_ask *q, struct gate *g, struct row_sink *to,
    struct sql_done *done, struct fault *f) FAULT_MUST_CHECK;

/* Commit or roll back what source_run left open; harmless otherwise. */
enum err source_finish(struct sources *s, int source, bool commit,
    struct fault *f) FAULT_MUST_CHECK;

/* A name as the source's dialect quotes it. */
struct str source_quote(const struct sources *s, int source, struct arena *a,
    struct str name);

/* Metadata rows, configured procedures included. */
enum err source_meta(struct sources *s, int source, struct arena *a,
    const struct meta_ask *m, struct row_sink *to,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * A number that is another one when the structure of the source is.
 * STAMP_NONE: this engine has none that is cheap; compare what source_meta
 * says instead, and not often.
 */
enum source_stamp { STAMP_OK, STAMP_NONE, STAMP_FAILED };
enum source_stamp source_stamp(struct sources *s, int source, struct arena *a,
    uint64_t *out);

/* Cheap facts for the tool list; opens nothing for engines that need no
 * connection to know. */
struct source_facts {
	bool many_schemas;
	bool procedures;
	struct str only_table; /* when there is exactly one, for "data" */
};
enum err source_facts(struct sources *s, int source, struct arena *a,
    struct source_facts *out, struct fault *f) FAULT_MUST_CHECK;

/* Close every connection; the next statement opens its own.  A copy of this
 * process must not share them. */
void sources_close(struct sources *s);

/* At the end of a request: roll back, reset or drop what it used. */
void sources_reset(struct sources *s);

/*
 * deny and mask of a source: globs of "table" or "table.column", letters
 * folded; an empty column asks about the table.  What they mean is the same
 * for every driver: a denied name is as if it never was, in answers, errors,
 * metadata and for "*"; a masked column reads as "***" wherever it is used,
 * also in WHERE.  A view that needs one of them for more than passing it on
 * is denied as a whole.  mcp.conf(5) says it for the administrator.
 */
bool rules_denies(const struct conf_source *spec, struct str table,
    struct str column);
/* Is there any rule about columns of this table? */
bool rules_columns(const struct conf_source *spec, struct str table);
/* Is any rule about columns? */
bool rules_any_columns(const struct conf_source *spec);
bool rules_masks(const struct conf_source *spec, struct str table,
    struct str column);

/* One rule, asked about one column: is that what it is for? */
bool rule_matches(const char *rule, struct str table, struct str column);
/* Does a rule of two pieces begin with this schema, by mistake? */
bool rule_begins(const char *rule, struct str schema);

/* Columns the database computes from others, with the text they are computed
 * by: those made of what is denied or masked are denied too. */
struct rules_column {
	struct str schema, table, column, from;
	bool hidden;
};
/* Of one source; a driver makes it for a look at rules. */
struct rules_made {
	struct rules_column *v;
	size_t n;
};
/* Does a text of the database, the default of a column, name a hidden table,
 * or cannot be read? */
bool rules_tells(const struct conf_source *spec, enum sql_dialect d,
    struct str text);
/* Which of them are hidden? */
void rules_make(const struct conf_source *spec, enum sql_dialect d,
    struct rules_made *m);
bool rules_made_hides(const struct rules_made *m, struct str schema,
    struct str table, struct str column);

/* What a driver says of a word that would lead around the rules, of a hidden
 * table, and of the database's own procedures. */
enum err rules_not_here(struct str word, struct fault *f);
enum err rules_no_table(struct str name, struct fault *f);
enum err rules_no_procedures(struct fault *f);

#endif
