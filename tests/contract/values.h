/* SPDX-License-Identifier: ISC */
/*
 * Exact values of an engine: tests/cases/values/NAME.txt, a line each of
 * "dataType JSON expression", the JSON without blanks outside of its string.
 */
#ifndef TESTS_VALUES_H
#define TESTS_VALUES_H

#include "source/source.h"

/* SELECT each expression from source 0; the number of those that came back as
 * something else, each said on stderr.  *cases: how many there are. */
int values_run(struct sources *s, const char *name, size_t *cases);

/* One statement's only value as JSON, or "CODE: sentence"; lent until the
 * arena ends. */
const char *values_one(struct sources *s, struct arena *a, struct sql_ask *ask,
    const char *sql, enum data_type *type);

/* A value for @v in a statement, and what values_one gives for it. */
struct value_case {
	struct value v;
	const char *sql, *want;
};

/* All of them; the number of those that gave something else, each said on
 * stderr. */
int values_bound(struct sources *s, const struct value_case *cases, size_t n);

/* Values as a table writes them. */
#define VALUE(k, member, x)         \
	{                           \
		k,                  \
		{                   \
			.member = x \
		}                   \
	}
#define I(n)       VALUE(VALUE_INT, i, n)
#define D(n)       VALUE(VALUE_REAL, d, n)
#define BOOLEAN(n) VALUE(VALUE_BOOL, i, n)
#define NIL        VALUE(VALUE_NULL, i, 0)
#define TEXT(k, z)                                \
	{                                         \
		k,                                \
		{                                 \
			.s = { z, sizeof(z) - 1 } \
		}                                 \
	}
#define T(z) TEXT(VALUE_TEXT, z)
#define E(z) TEXT(VALUE_EXACT, z)
#define B(z) TEXT(VALUE_BLOB, z)

#endif
