/* SPDX-License-Identifier: ISC */
/* A statement while it runs: its clock, and what every driver says of its end. */
#ifndef SOURCE_RUNNING_H
#define SOURCE_RUNNING_H

#include "source/driver.h"

#define RUNNING_BEAT_MS 100 /* between two beats of the pulse */

struct running {
	struct deadline deadline;
	const struct source_pulse *pulse;
	int64_t started, next_beat;
	int64_t limit_ms; /* from the start to the deadline */
	enum err why;     /* it has to end: ERR_TIMEOUT or ERR_CANCELLED */
};

/* From now on it keeps to this. */
void running_start(struct running *r, struct deadline d,
    const struct source_pulse *p);

/* Look at the clock and ask the pulse; r->why once it has to end. */
enum err running_look(struct running *r);

/* How long to wait before the next look. */
int running_nap(const struct running *r);

/* The fault of one that had to end; limit_ms is what it could have taken. */
enum err running_fault(enum err why, int64_t limit_ms, struct fault *f);

/* Does it change something, as far as the gate can tell? */
bool sql_writes(const struct sql *q);

/* It changed more rows than q->max_affected. */
enum err sql_too_many(int64_t affected, int64_t limit, struct fault *f);

#endif
