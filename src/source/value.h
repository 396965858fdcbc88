/* SPDX-License-Identifier: ISC */
/* A value, a column, a parameter, and the sink that rows go to. */
#ifndef SOURCE_VALUE_H
#define SOURCE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* dataType codes of tools.md 1.6. */
enum data_type {
	DT_UNKNOWN = 0,
	DT_BINARY = 1,
	DT_TEXT = 5,
	DT_TINYINT = 6,
	DT_SMALLINT = 7,
	DT_INTEGER = 8,
	DT_BIGINT = 9,
	DT_REAL = 10,
	DT_DOUBLE = 11,
	DT_DECIMAL = 12,
	DT_NUMERIC = 13,
	DT_BOOLEAN = 14,
	DT_DATE = 15,
	DT_TIME = 16,
	DT_TIMESTAMP = 17,
	DT_UUID = 18
};

/* How a value is written (tools.md 1.6). */
enum value_kind {
	VALUE_NULL,
	VALUE_INT,  /* number, beyond 2^53 a string of digits */
	VALUE_REAL, /* number; NaN and infinities as strings */
	VALUE_BOOL, /* i is 0 or 1 */
	VALUE_TEXT, /* string */
	VALUE_BLOB, /* string, base64 */
	VALUE_EXACT /* string holding exact digits: decimals, as text in s */
};

struct value {
	enum value_kind kind;
	union {
		int64_t i;
		double d;
		struct str s; /* lent until the sink returns */
	};
};

/* A text, or NULL where there is none. */
static inline struct value
cell_text(struct str s)
{
	if (s.p == NULL)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

/* A text, or NULL where it is empty. */
static inline struct value
cell_filled(struct str s)
{
	if (s.len == 0)
		s.p = NULL;
	return cell_text(s);
}

/* A number, or NULL where it is not known. */
static inline struct value
cell_int(int64_t n, bool known)
{
	if (!known)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_INT, .i = n };
}

struct column {
	struct str name;
	enum data_type type;
	struct str type_name;
	struct str schema, table; /* p NULL: unknown */
	int nullable;             /* -1 unknown */
	int64_t length;           /* -1 unknown */
	int precision, scale;     /* -1 unknown */
};

/* A named value of the caller, bound and never spliced. */
struct param {
	struct str name; /* without '@' */
	struct value value;
	int direction; /* 1 in, 2 in/out, 4 out, 5 return (tools.md 1.8) */
	enum data_type type; /* as the caller gave it; DT_UNKNOWN: not */
};

/* A value that a procedure gives back. */
struct param_out {
	struct str name;
	struct value value;
	enum data_type type;
	int direction; /* as above */
};

/*
 * Where rows go.  Columns come once before the first row, also when there is
 * none; row answers "go on?".  Several result sets: cols is called again.
 */
struct row_sink {
	bool (*cols)(struct row_sink *to, const struct column *c, size_t n);
	bool (*row)(struct row_sink *to, const struct value *v, size_t n);
	/* Out values of a procedure; may be NULL. */
	void (*out)(struct row_sink *to, const struct param_out *p, size_t n);
};

#endif
