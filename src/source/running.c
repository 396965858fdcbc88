/* SPDX-License-Identifier: ISC */
/* A statement while it runs; the same for every driver. */
#include "source/running.h"

void
running_start(struct running *r, struct deadline d,
    const struct source_pulse *p)
{
	r->deadline = d;
	r->pulse = p;
	r->started = clock_mono_ms();
	r->next_beat = r->started + RUNNING_BEAT_MS;
	r->limit_ms = deadline_left(d);
	r->why = ERR_OK;
}

enum err
running_look(struct running *r)
{
	int64_t now = clock_mono_ms();

	if (r->why != ERR_OK)
		return r->why;
	if (r->pulse != NULL && now >= r->next_beat) {
		r->next_beat = now + RUNNING_BEAT_MS;
		if (!r->pulse->beat(r->pulse->arg, now - r->started))
			r->why = ERR_CANCELLED;
	}
	if (r->why == ERR_OK && deadline_over(r->deadline))
		r->why = ERR_TIMEOUT;
	return r->why;
}

int
running_nap(const struct running *r)
{
	int64_t left = deadline_left(r->deadline);

	return left > RUNNING_BEAT_MS ? RUNNING_BEAT_MS : (int)left;
}

enum err
running_fault(enum err why, int64_t limit_ms, struct fault *f)
{
	if (why == ERR_CANCELLED)
		return fault_set(f, ERR_CANCELLED, "the call was cancelled");
	fault_hint(f,
	    "The limit is %lld s; narrow the statement or ask for less",
	    (long long)((limit_ms + 999) / 1000));
	return fault_set(f, ERR_TIMEOUT,
	    "the statement took longer than it may");
}

bool
sql_writes(const struct sql *q)
{
	switch (q->gate->class) {
	case SQL_INSERT:
	case SQL_UPDATE:
	case SQL_DELETE:
	case SQL_MERGE:
	case SQL_DDL:
	case SQL_CALL:
		return true;
	default:
		return false;
	}
}

enum err
sql_too_many(int64_t affected, int64_t limit, struct fault *f)
{
	fault_hint(f, "It would have changed %lld rows; the limit is %lld",
	    (long long)affected, (long long)limit);
	return fault_set(f, ERR_TOO_LARGE,
	    "the statement changes more rows than it may; nothing was changed");
}
