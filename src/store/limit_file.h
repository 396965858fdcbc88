/* SPDX-License-Identifier: ISC */
/* The table of the limits as a file that processes of one machine share. */
#ifndef STORE_LIMIT_FILE_H
#define STORE_LIMIT_FILE_H

#include <sys/types.h>

#include "base/fault.h"
#include "base/str.h"
#include "store/limit_table.h"

#define LIMIT_FILE_WHAT "limit store"

struct limit_file {
	const char *path;
	size_t folder;             /* how much of the path names the folder */
	struct limit_table *table; /* NULL: not mapped now */
	size_t size;
	dev_t dev;
	ino_t ino;
	int64_t looked_s; /* when it was last asked whether it is stale */
};

/* Map it, make it when it is missing; a replaced one is seen once a second.
 * Time in microseconds. */
enum err limit_file_ready(struct limit_file *l, int64_t now,
    struct fault *f) FAULT_MUST_CHECK;
void limit_file_close(struct limit_file *l);

/* Charge a bucket; m->who is filled in here. */
enum err limit_file_charge(struct limit_file *l, struct str bucket,
    struct limit_move *m, bool *granted, int64_t *tat,
    struct fault *f) FAULT_MUST_CHECK;

/* Swap the mark of a name, as limit_table_swap does. */
enum err limit_file_swap(struct limit_file *l, struct str name, int64_t now,
    int64_t *was, int64_t next, bool *granted,
    struct fault *f) FAULT_MUST_CHECK;

/* Leave out the buckets that are full. */
enum err limit_file_gc(struct limit_file *l, int64_t now, int64_t *removed,
    struct fault *f) FAULT_MUST_CHECK;

#endif
