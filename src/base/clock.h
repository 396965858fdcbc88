/* SPDX-License-Identifier: ISC */
/* Time.  Who needs it gets it as an argument; these read it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Wall clock, microseconds since 1970 UTC. */
int64_t clock_wall_us(void);

/* Monotonic clock, milliseconds; for deadlines. */
int64_t clock_mono_ms(void);

/* A point on the monotonic clock; at_ms == 0 means none. */
struct deadline {
	int64_t at_ms;
};

/* "ms" from now. */
struct deadline deadline_in(int64_t ms);

/* The earlier of two. */
struct deadline deadline_min(struct deadline a, struct deadline b);

/* Milliseconds left, 0 when over; INT64_MAX when there is none. */
int64_t deadline_left(struct deadline d);

static inline bool
deadline_over(struct deadline d)
{
	return deadline_left(d) == 0;
}

/* RFC 3339 UTC with milliseconds, "2026-07-28T10:00:00.000Z": 24 bytes and a
 * zero behind them. */
#define CLOCK_TEXT 25
void clock_text(char out[static CLOCK_TEXT], int64_t wall_us);

/* Back from such a text, with or without the milliseconds, to seconds; false
 * when it is not that. */
bool clock_parse(const char *text, size_t len, int64_t *wall_s);

#endif
