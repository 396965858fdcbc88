/* SPDX-License-Identifier: ISC */
/*
 * A table of buckets in memory that processes share.  A place is taken by the
 * first charge of its bucket and belongs to it as long as the table lives; a
 * charge is one compare-and-swap of 64 bits, so there is no lock that a killed
 * process could leave behind.  Who wants another table copies this one, which
 * freezes each place as it is read: whoever comes later sees that, and looks
 * for the new table.
 */
#ifndef STORE_LIMIT_TABLE_H
#define STORE_LIMIT_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sixty-four bits at once, or no table among processes. */
#define LIMIT_TABLE_WORKS (ATOMIC_LLONG_LOCK_FREE == 2)

struct limit_place {
	_Atomic uint64_t who; /* 0: nobody yet */
	_Atomic int64_t tat;  /* microseconds; negative: frozen */
};

struct limit_table {
	char magic[8];
	uint64_t places;        /* a power of two */
	unsigned char key[16];  /* names become numbers with it */
	_Atomic uint64_t taken; /* places, a hint only */
	uint64_t unused[3];
	struct limit_place at[];
};

enum { LIMIT_PLACES_MIN = 1024, LIMIT_PLACES_MAX = 1 << 22 };

static inline size_t
limit_table_size(uint64_t places)
{
	return sizeof(struct limit_table) +
	       (size_t)places * sizeof(struct limit_place);
}

/* Fill zeroed memory of that size. */
void limit_table_init(struct limit_table *t, uint64_t places,
    const unsigned char key[static 16]);

/* Is this such a table, whole? */
bool limit_table_valid(const struct limit_table *t, size_t size);

/* One charge, all times in microseconds. */
struct limit_move {
	uint64_t who; /* not 0 */
	int64_t now;
	int64_t cost;   /* of one request */
	int64_t room;   /* of the bucket: burst times cost */
	int64_t latest; /* believable; a later one is of a wrong clock */
};

enum limit_verdict {
	LIMIT_GRANTED,
	LIMIT_REFUSED,
	LIMIT_FULL,  /* no place is left */
	LIMIT_FROZEN /* the table has been replaced */
};

/* *tat: when the bucket will be full again, after the charge. */
enum limit_verdict limit_table_charge(struct limit_table *t,
    const struct limit_move *m, int64_t *tat);

/*
 * The same place as a mark of who holds something: "*was" becomes "next", or
 * LIMIT_REFUSED and *was is what stands there.  Neither is negative.
 */
enum limit_verdict limit_table_swap(struct limit_table *t, uint64_t who,
    int64_t *was, int64_t next);

/* Freeze place i; false when its bucket is full at "now" or nobody's. */
bool limit_table_freeze(struct limit_table *t, uint64_t i, int64_t now,
    uint64_t *who, int64_t *tat);

/* Put a bucket into a table that nobody else knows yet; false: no place. */
bool limit_table_put(struct limit_table *t, uint64_t who, int64_t tat);

#endif
