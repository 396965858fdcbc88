/* SPDX-License-Identifier: ISC */
/* The cases of tests/cases/attacks: one statement a line, in sections. */
#ifndef TESTS_ATTACKS_H
#define TESTS_ATTACKS_H

#include <stddef.h>

#include "base/arena.h"

/* "check" with every statement of a section, "folder" for {folder}; how many
 * there were.  The statements are in memory of "a". */
size_t attacks_each(struct arena *a, const char *file, const char *section,
    const char *folder, void (*check)(const char *sql));

#endif
