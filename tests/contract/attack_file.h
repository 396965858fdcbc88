/* SPDX-License-Identifier: ISC */
/* Attacks as data: tests/cases/attacks/FILE, "= NAME" before those of a test. */
#ifndef TESTS_ATTACK_FILE_H
#define TESTS_ATTACK_FILE_H

#include "base/arena.h"

/* Give each statement of a section to "check", "folder" in the place of
 * {folder}; fails the test when there are none. */
void attack_each(struct arena *a, const char *file, const char *section,
    const char *folder, void (*check)(const char *sql));

#endif
