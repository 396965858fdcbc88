/* SPDX-License-Identifier: ISC */
/* What the tests of the state folder share: one site for each test. */
#ifndef TESTS_UNIT_STORE_CASE_H
#define TESTS_UNIT_STORE_CASE_H

#include <sys/types.h>

#include "tests/unit/store_site.h"

#define NOW 1800000000

extern struct site site;
extern int64_t at_s; /* the time that check() tells */
extern const struct key plain;

int case_set_up(void **state);
int case_tear_down(void **state);

void make_key(char token[static KEY_TEXT_LEN + 1]);
enum err check(const char *token, struct fault *f);
enum err charge(struct fault *f);

/* Unavailable, with that sentence, and without a path in it. */
void says(enum err err, const struct fault *f, const char *sentence);

/* The store does not open, with that sentence. */
void opens_with(const char *sentence);

/* A file in the state folder, in place of what had that name. */
void write_file(const char *name, const char *p, size_t n, mode_t mode);

#endif
