/* SPDX-License-Identifier: ISC */
/* One site for the cases of a test program, opened and closed around each. */
#ifndef TESTS_TOOL_CASE_H
#define TESTS_TOOL_CASE_H

#include "tests/unit/tool_site.h"

extern struct site site;

/* Configured statements, to stand behind site_usual: a SELECT with every kind
 * of parameter, an INSERT and a SELECT as procedures, a DELETE. */
extern const char case_configured[];

/* Set-up and tear-down of cmocka: the usual site. */
int case_open(void **state);
int case_close(void **state);

/* Another site in the same case: these settings, or the usual ones and more. */
void case_again(const char *settings);
void case_more(const char *more);

/* {"query":SQL,"defaultCatalog":"shop", more} */
const char *shop(const char *sql, const char *more);

/* Of a result: a text ("" when it is none), a number, affectedRows of the
 * first set, is there a notice with this word? */
const char *text_of(json_t *o, const char *key);
int number_of(json_t *o, const char *key);
int affected(json_t *o);
bool notice(json_t *o, const char *word);

#endif
