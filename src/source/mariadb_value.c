/* SPDX-License-Identifier: ISC */
/* Values from the binary protocol, in the forms of tools.md 1.6. */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/mariadb_int.h"

#define ANY_DECIMALS 31 /* as many as there are */

void
mariadb_cell_of(const MYSQL_FIELD *f, struct mariadb_cell *cell,
    MYSQL_BIND *bind)
{
	*cell = (struct mariadb_cell){ .kind = f->type,
		.boolean = f->length == 1 && (f->type == MYSQL_TYPE_TINY ||
						 f->type == MYSQL_TYPE_BIT),
		.zoned = f->type == MYSQL_TYPE_TIMESTAMP,
		.is_unsigned = (f->flags & UNSIGNED_FLAG) != 0,
		.width = (unsigned)f->length,
		.decimals = (int)f->decimals };
	*bind = (MYSQL_BIND){ .length = &cell->length,
		.is_null = &cell->is_null,
		.buffer = &cell->i,
		.buffer_length = 0 };
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->is_unsigned = cell->is_unsigned;
		break;
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
		bind->buffer_type = f->type;
		break;
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_NEWDATE:
	case MYSQL_TYPE_TIME:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
		bind->buffer_type = f->type;
		bind->buffer = &cell->t;
		bind->buffer_length = sizeof(cell->t);
		break;
	default:
		bind->buffer_type = MYSQL_TYPE_BLOB;
		break;
	}
}

/* The shortest decimal that is this float again. */
static double
widened(float x)
{
	char text[32];

	for (int digits = 1; digits <= FLT_DECIMAL_DIG; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, (double)x);
		if (strtof(text, NULL) == x)
			break;
	}
	return strtod(text, NULL);
}

static struct value
integer(struct arena *a, const struct mariadb_cell *c)
{
	if (c->boolean && (c->i == 0 || c->i == 1))
		return (struct value){ .kind = VALUE_BOOL, .i = c->i };
	if (c->is_unsigned && c->i < 0)
		return (struct value){ .kind = VALUE_EXACT,
			.s = arena_fmt(a, "%llu", (unsigned long long)c->i) };
	return (struct value){ .kind = VALUE_INT, .i = c->i };
}

/* Seconds and what the column has behind them. */
static void
put_seconds(struct buf *b, const struct mariadb_cell *c)
{
	unsigned long part = c->t.second_part;
	int digits = c->decimals > 6 ? 6 : c->decimals;

	buf_fmt(b, "%02u:%02u", c->t.minute, c->t.second);
	if (c->decimals >= ANY_DECIMALS && part == 0)
		return;
	if (digits <= 0)
		return;
	for (int i = digits; i < 6; i++)
		part /= 10;
	buf_fmt(b, ".%0*lu", digits, part);
}

static struct value
moment(struct arena *a, const struct mariadb_cell *c)
{
	const MYSQL_TIME *t = &c->t;
	struct buf b;

	buf_init(&b, a, 96);
	if (c->kind == MYSQL_TYPE_TIME) {
		buf_fmt(&b, "%s%02u:", t->neg ? "-" : "",
		    t->day * 24 + t->hour);
		put_seconds(&b, c);
		return (struct value){ .kind = VALUE_TEXT, .s = buf_text(&b) };
	}
	buf_fmt(&b, "%04u-%02u-%02u", t->year, t->month, t->day);
	if (c->kind != MYSQL_TYPE_DATE && c->kind != MYSQL_TYPE_NEWDATE) {
		buf_fmt(&b, "T%02u:", t->hour);
		put_seconds(&b, c);
	}
	if (c->zoned && t->year != 0)
		buf_char(&b, 'Z');
	return (struct value){ .kind = VALUE_TEXT, .s = buf_text(&b) };
}

/* One or eight bytes, the highest first, as 0 and 1. */
static struct value
bits(struct arena *a, const struct mariadb_cell *c, struct str s)
{
	size_t skip = s.len * 8 > c->width ? s.len * 8 - c->width : 0;
	struct buf b;

	if (c->boolean && s.len == 1)
		return (struct value){ .kind = VALUE_BOOL, .i = s.p[0] & 1 };
	buf_init(&b, a, 128);
	for (size_t i = skip; i < s.len * 8; i++)
		buf_char(&b, (s.p[i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0');
	return (struct value){ .kind = VALUE_TEXT, .s = buf_text(&b) };
}

static struct value
bytes(struct arena *a, MYSQL_STMT *st, unsigned col, struct mariadb_cell *c)
{
	struct str s = { arena_get(a, c->length + 1), c->length };
	MYSQL_BIND b = { .buffer_type = MYSQL_TYPE_BLOB,
		.buffer = (void *)(uintptr_t)s.p,
		.buffer_length = c->length };

	if (s.len > 0)
		(void)mysql_stmt_fetch_column(st, &b, col, 0);
	if (c->kind == MYSQL_TYPE_BIT)
		return bits(a, c, s);
	return (
	    struct value){ .kind = c->text ? VALUE_TEXT : VALUE_BLOB, .s = s };
}

struct value
mariadb_value(struct arena *a, MYSQL_STMT *st, unsigned col,
    struct mariadb_cell *c)
{
	struct value v;

	if (c->is_null || c->kind == MYSQL_TYPE_NULL)
		return (struct value){ .kind = VALUE_NULL };
	switch (c->kind) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
		return integer(a, c);
	case MYSQL_TYPE_FLOAT:
		return (struct value){ .kind = VALUE_REAL, .d = widened(c->r) };
	case MYSQL_TYPE_DOUBLE:
		return (struct value){ .kind = VALUE_REAL, .d = c->d };
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_NEWDATE:
	case MYSQL_TYPE_TIME:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
		return moment(a, c);
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		v = bytes(a, st, col, c);
		v.kind = VALUE_EXACT;
		return v;
	default:
		return bytes(a, st, col, c);
	}
}
