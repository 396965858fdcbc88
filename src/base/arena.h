/* SPDX-License-Identifier: ISC */
/*
 * Everything made for one request comes from its arena and goes with it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

/*
 * A new arena that will hand out at most "max" bytes.  Meeting that ceiling is
 * a fault of ours (whatever a caller can make large has a lower one that
 * fails politely), so the process ends with a line in the log.
 */
struct arena *arena_new(size_t max);

/* Run what was deferred, newest first, then give all memory back.
 * Accepts NULL. */
void arena_free(struct arena *a);

/* Like arena_free, but ready for the next request: the first block is kept,
 * so a warm worker allocates nothing. */
void arena_reset(struct arena *a);

/* Memory of that size, aligned for any type, not zeroed.  Never NULL. */
void *arena_get(struct arena *a, size_t size);

/* The same, zeroed; the product is checked. */
void *arena_zero(struct arena *a, size_t n, size_t size);

/*
 * Grow a piece got from this arena from "old" to "new" bytes.  The newest
 * piece and pieces with a block of their own grow in place, so a buffer that
 * doubles does not leave its past behind.
 */
void *arena_grow(struct arena *a, void *p, size_t old, size_t new);

/* A copy, with a zero behind it that the length does not count. */
struct str arena_dup(struct arena *a, struct str s);

/* The same as a C string. */
char *arena_z(struct arena *a, struct str s);

/* Formatted text. */
struct str arena_fmt(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Call fn(arg) when the arena ends or is reset. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);

/* Bytes handed out since the start or the last reset. */
size_t arena_used(const struct arena *a);

#endif
