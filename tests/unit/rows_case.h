/* SPDX-License-Identifier: ISC */
/* A result that is written, for the tests of the room rows. */
#ifndef TESTS_ROWS_CASE_H
#define TESTS_ROWS_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rows/rows.h"
#include "json/json.h"

extern struct arena *mem;
extern struct buf body, twin;
extern struct json_out out;
extern struct rows_out rows;

#define COLUMN(label, code)                                                  \
	{                                                                    \
		{ label, sizeof(label) - 1 }, code, { "T", 1 }, { NULL, 0 }, \
		    { NULL, 0 }, -1, -1, -1, -1                              \
	}

/* Set-up and tear-down of cmocka; a case may open anew. */
int case_open(void **state);
int case_close(void **state);

struct value text(const char *z);
struct value number(int64_t i);

/* Begin a result, with two columns, an integer and a text; add a row. */
void begin(enum rows_form form);
void columns(const char *a, const char *b);
bool row(struct value a, struct value b);

/* The whole as text; the twin, read as a string, must be the same bytes. */
const char *finish(enum rows_form form);

#endif
