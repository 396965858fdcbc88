/* SPDX-License-Identifier: ISC */
/* One statement of a caller on its way to a source and back. */
#ifndef TOOL_SQL_INT_H
#define TOOL_SQL_INT_H

#include "tool/ops_int.h"

/* How far the user was asked about a write. */
enum confirm { CONFIRM_NOT, CONFIRM_COUNTED, CONFIRM_PLAIN, CONFIRM_AGREED };

struct sql_job {
	struct run *run;
	int source;
	struct sql_ask ask;
	struct gate gate;
	struct sql_done done;
	struct rows_out rows;
	struct str whole;  /* the text as it came: what a cursor belongs to */
	struct str cursor; /* as it came, or p NULL */
	struct source_pulse pulse;
	int64_t timeout_s;
	enum confirm confirm;
	int64_t agreed;         /* the count the user said yes to */
	const char *configured; /* the name of a statement that nobody typed */
};

/*
 * The visible source of that name: exact, then with letters folded; -1.
 */
int source_named(const struct sight *s, struct str name);

/* The same as an argument: SOURCE_NOT_FOUND lists the visible ones. */
enum err source_pick(const struct run *r, struct str name, int *source,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * Where a statement runs: the entry's own source, the argument ("field"), the
 * path, a three-part name in the text, or the only visible source.  *text
 * loses the source part of its three-part names.
 */
enum err source_place(const struct run *r, const char *field, struct str given,
    struct str *text, int *source, struct fault *f) FAULT_MUST_CHECK;

/* The visible names, "a, b, c", cut after 20. */
struct str source_list(const struct run *r);

/* Start a job with the limits of its source; asked values of 0 are none.
 * Lowered ones leave a notice. */
void job_init(struct sql_job *j, struct run *r, int source, struct str text,
    const struct arg_map *params);
void job_limits(struct sql_job *j, int64_t timeout_s, int64_t max_rows);

/* The source's own rate limit, if it has one (ERR_RATE). */
enum err run_charge(const struct run *r, int source,
    struct fault *f) FAULT_MUST_CHECK;

/* The length of the text against max_sql, the values against limits.params. */
enum err job_check(const struct sql_job *j, const char *field,
    struct fault *f) FAULT_MUST_CHECK;

/* Statement, values and source: what a cursor or an agreement belongs to. */
struct cursor_of job_hash(const struct sql_job *j);

/*
 * confirm.c: before a write runs, with what the gate found in it.  It may be
 * refused (PERMISSION_DENIED, CANCELLED, CONFLICT), or be only counted.
 */
enum err confirm_begin(struct sql_job *j, const struct gate *g,
    struct fault *f) FAULT_MUST_CHECK;

/* Behind the run: must the user be asked?  Nothing is committed yet. */
bool confirm_open(struct sql_job *j, enum err e);

/* Roll back, and ask. */
enum err confirm_ask(struct sql_job *j, struct fault *f) FAULT_MUST_CHECK;

/* Take up the cursor that came, if one did. */
enum err job_resume(struct sql_job *j, struct fault *f) FAULT_MUST_CHECK;

/* Audit, guard, pulse and the source; rows go to "to". */
enum err job_run(struct sql_job *j, struct row_sink *to,
    struct fault *f) FAULT_MUST_CHECK;

/* The same with RESULTSETS as the answer; a write is committed behind it. */
enum err job_answer(struct sql_job *j, struct fault *f) FAULT_MUST_CHECK;

/* Commit or roll back; on a failure before, roll back and keep the fault. */
enum err job_finish(struct sql_job *j, enum err e,
    struct fault *f) FAULT_MUST_CHECK;

#endif
