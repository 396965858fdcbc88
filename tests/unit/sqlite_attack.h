/* SPDX-License-Identifier: ISC */
/* What attacks on a SQLite source have in common: the data, and the cases of
 * tests/cases/attacks. */
#ifndef TESTS_SQLITE_ATTACK_H
#define TESTS_SQLITE_ATTACK_H

#include "sqlite_file.h"

/* open_all with the tables and views that the cases are about. */
int open_attacked(void **state);

/* Run with every right; the outcome is in "out". */
void run(const char *sql);

/* All bytes of the file, folded into one number. */
uint64_t file_sum(void);

/* Not answered, nothing changed, and no path told. */
void stopped(const char *sql);

/* Refused with one of these codes, a blank between them. */
void stopped_with(const char *codes, const char *sql);

/* The source still works. */
void alive(void);

/* "check" with every case of the section, codes and statement apart. */
void each_case(const char *file, const char *section,
    void (*check)(const char *codes, const char *sql));

#endif
