/* SPDX-License-Identifier: ISC */
/* "Did you mean": the closest of many names, for hints. */
#ifndef SOURCE_NEAR_H
#define SOURCE_NEAR_H

#include "base/arena.h"
#include "base/fault.h"

#define NEAREST 5

struct near {
	struct arena *arena;
	struct str wanted;
	struct str names[NEAREST]; /* the closest first */
	size_t far[NEAREST];
	size_t n;
};

/* One of the names; kept when it is among the closest. */
void near_offer(struct near *k, struct str name);

/* "WHAT: a, b, c" as the hint of a fault; nothing without names. */
void near_say(const struct near *k, const char *what, struct fault *f);

#endif
