/* SPDX-License-Identifier: ISC */
/* The audit files of a state folder: the one in use, and those that were
 * rotated away and still lie there. */
#ifndef STORE_AUDIT_FILES_H
#define STORE_AUDIT_FILES_H

#include <stdbool.h>

/* The path of each, lent; false ends it.  A folder that cannot be read has
 * none. */
void audit_files(const char *state, bool (*fn)(void *arg, const char *path),
    void *arg);

#endif
