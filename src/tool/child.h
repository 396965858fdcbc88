/* SPDX-License-Identifier: ISC */
/*
 * One child process of a script tool: an argument list, never a shell; a
 * clean environment; a process group and rlimits of its own; text in, lines
 * out, a deadline.  Whatever happens, nothing of it is left running.
 */
#ifndef TOOL_CHILD_H
#define TOOL_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"

struct child_spec {
	const char *const *argv; /* argv[0] absolute; NULL at the end */
	const char *const *env;  /* NAME=value, NULL at the end; all it gets */
	struct str input;        /* written to its stdin, then closed */
	size_t output_max;       /* bytes of stdout in all */
	size_t line_max;         /* bytes of one line */
	int cpu_s;               /* RLIMIT_CPU, 0: none of its own */
};

struct child_end {
	int status;             /* as waitpid gives it */
	bool ended;             /* by us, before it was ready */
	struct str stderr_line; /* the last line of stderr, for the log */
};

/* One line of stdout without its newline; "whole" is false for a last line
 * that has none.  False: enough, end it. */
typedef bool child_line(void *arg, struct str line, bool whole);

/*
 * Run it to its end.  Faults: ERR_TIMEOUT at the deadline, ERR_CANCELLED when
 * "beat" (called about every 100 ms, may be NULL) or "line" says so,
 * ERR_TOO_LARGE over output_max or line_max, ERR_BUSY when it could not be
 * started.  In each case, and also when the child ends well but leaves
 * processes behind, all that came from it is killed and reaped: SIGTERM
 * first, SIGKILL after a short grace.  The same happens when this process
 * dies in the middle.
 */
enum err child_run(struct arena *a, const struct child_spec *spec,
    struct deadline until, child_line *line, bool (*beat)(void *arg), void *arg,
    struct child_end *end, struct fault *f) FAULT_MUST_CHECK;

#endif
