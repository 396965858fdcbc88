/* SPDX-License-Identifier: ISC */
/*
 * Values from the server's own texts, which are exact, in the forms of
 * tools.md 1.6.
 */
#include <stdlib.h>
#include <string.h>

#include "source/pgsql_int.h"

struct str
pgsql_cell(const PGresult *res, int row, int col)
{
	if (PQgetisnull(res, row, col))
		return (struct str){ 0 };
	return (struct str){ PQgetvalue(res, row, col),
		(size_t)PQgetlength(res, row, col) };
}

char
pgsql_letter(const PGresult *res, int row, int col)
{
	struct str s = pgsql_cell(res, row, col);

	return s.len == 0 ? '\0' : s.p[0];
}

Oid
pgsql_oid(const PGresult *res, int row, int col)
{
	int64_t n = 0;

	(void)str_int(pgsql_cell(res, row, col), 0, UINT32_MAX, &n);
	return (Oid)n;
}

static struct value
text(struct str s)
{
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

static struct value
integer(struct str s)
{
	struct value v = { .kind = VALUE_INT };

	return str_int(s, INT64_MIN, INT64_MAX, &v.i) ? v : text(s);
}

static int
nibble(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* "\x0aff" */
static struct value
bytes(struct arena *a, struct str s)
{
	size_t n = s.len < 2 ? 0 : (s.len - 2) / 2;
	char *p = arena_get(a, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)(nibble(s.p[2 + 2 * i]) << 4 |
			      nibble(s.p[3 + 2 * i]));
	return (struct value){ .kind = VALUE_BLOB, .s = { p, n } };
}

/* The offset at the end, "+02", "-03:30" or "+00", as ISO 8601 writes it. */
static void
put_zone(struct buf *b, struct str zone)
{
	if (str_eq(zone, STR("+00"))) {
		buf_char(b, 'Z');
		return;
	}
	buf_str(b, zone);
	if (zone.len == 3)
		buf_lit(b, ":00");
}

/* "2026-01-01 10:00:00.5+00 BC" with T for the blank and the zone in full;
 * "infinity" stays. */
static struct value
moment(struct arena *a, struct str s, bool zoned)
{
	size_t day = 0, end = s.len, zone;
	struct buf b;

	if (s.len == 0 || s.p[s.len - 1] == 'y')
		return text(s);
	if (str_ends(s, STR(" BC")))
		end -= 3;
	while (day < end && s.p[day] != ' ' && s.p[day] != ':')
		day++;
	zone = end;
	for (size_t i = day + 1; zoned && i < end; i++)
		if (s.p[i] == '+' || s.p[i] == '-') {
			zone = i;
			break;
		}
	buf_init(&b, a, s.len + 16);
	buf_put(&b, s.p, day);
	if (day < end)
		buf_char(&b, s.p[day] == ' ' ? 'T' : ':');
	buf_put(&b, s.p + day + 1, zone > day ? zone - day - 1 : 0);
	if (zone < end)
		put_zone(&b, (struct str){ s.p + zone, end - zone });
	buf_put(&b, s.p + end, s.len - end);
	return text(buf_text(&b));
}

struct value
pgsql_value(struct arena *a, Oid type, const PGresult *res, int row, int col)
{
	struct str s = { PQgetvalue(res, row, col),
		(size_t)PQgetlength(res, row, col) };

	if (PQgetisnull(res, row, col))
		return (struct value){ .kind = VALUE_NULL };
	switch (type) {
	case PG_BOOL:
		return (struct value){ .kind = VALUE_BOOL,
			.i = s.len > 0 && s.p[0] == 't' };
	case PG_INT2:
	case PG_INT4:
	case PG_INT8:
	case PG_OID:
		return integer(s);
	case PG_FLOAT4:
	case PG_FLOAT8:
		return (
		    struct value){ .kind = VALUE_REAL, .d = strtod(s.p, NULL) };
	case PG_NUMERIC:
		return (struct value){ .kind = VALUE_EXACT, .s = s };
	case PG_BYTEA:
		return bytes(a, s);
	case PG_TIMESTAMP:
		return moment(a, s, false);
	case PG_TIMESTAMPTZ:
	case PG_TIMETZ:
		return moment(a, s, true);
	default:
		return text(s);
	}
}
