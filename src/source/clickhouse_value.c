/* SPDX-License-Identifier: ISC */
/*
 * Values from the server's own texts, which are exact, in the forms of
 * tools.md 1.6.
 */
#include <stdlib.h>

#include "source/clickhouse_int.h"

static struct value
text(struct str s)
{
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

struct value
ch_text_value(struct str s)
{
	return s.len == 0 ? (struct value){ .kind = VALUE_NULL } : text(s);
}

/* Past the greatest signed number: its digits. */
static struct value
integer(struct str s)
{
	struct value v = { .kind = VALUE_INT };

	if (str_int(s, INT64_MIN, INT64_MAX, &v.i))
		return v;
	return (struct value){ .kind = VALUE_EXACT, .s = s };
}

static struct value
real(struct arena *a, struct str s)
{
	return (struct value){ .kind = VALUE_REAL,
		.d = strtod(arena_z(a, s), NULL) };
}

/* "2026-07-28 10:00:00.5"; of a zone only UTC is known here. */
static struct value
moment(struct arena *a, const struct column *c, struct str s)
{
	bool utc = str_ends(c->type_name, STR("'UTC')")) ||
		   str_ends(c->type_name, STR("'UTC'))"));
	char *p = arena_get(a, s.len + 1);
	size_t n = s.len;

	for (size_t i = 0; i < s.len; i++)
		p[i] = s.p[i] == ' ' ? 'T' : s.p[i];
	if (utc)
		p[n++] = 'Z';
	return text((struct str){ p, n });
}

struct value
ch_value(struct arena *a, const struct column *c, struct str cell)
{
	switch (c->type) {
	case DT_BOOLEAN:
		return (struct value){ .kind = VALUE_BOOL,
			.i = str_eq(cell, STR("true")) ||
			     str_eq(cell, STR("1")) };
	case DT_TINYINT:
	case DT_SMALLINT:
	case DT_INTEGER:
	case DT_BIGINT:
		return integer(cell);
	case DT_REAL:
	case DT_DOUBLE:
		return real(a, cell);
	case DT_DECIMAL:
	case DT_NUMERIC:
		return (struct value){ .kind = VALUE_EXACT, .s = cell };
	case DT_BINARY:
		return (struct value){ .kind = VALUE_BLOB, .s = cell };
	case DT_TIMESTAMP:
		return moment(a, c, cell);
	default:
		return text(cell);
	}
}
