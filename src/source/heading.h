/* SPDX-License-Identifier: ISC */
/* The columns of metadata (tools.md 3), the same for every driver. */
#ifndef SOURCE_HEADING_H
#define SOURCE_HEADING_H

#include "source/driver.h"

#define HEADING_MAX 14 /* columns of one kind, at most */

/* Send the columns of that kind; what the sink says. */
bool heading_send(enum meta_what what, struct row_sink *to);

/* The columns of a plan that is not written as SQLite's (driver.h). */
enum {
	PLAN_OUT_ID,
	PLAN_OUT_PARENT,
	PLAN_OUT_DETAIL,
	PLAN_OUT_TABLE,
	PLAN_OUT_ACCESS,
	PLAN_OUT_INDEX,
	PLAN_OUT_FILTERS,
	PLAN_OUT_ROWS,
	PLAN_OUT_COUNT
};

/* Send them; what the sink says. */
bool heading_plan(struct row_sink *to);

/* How many there are. */
size_t heading_count(enum meta_what what);

#endif
