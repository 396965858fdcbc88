/* SPDX-License-Identifier: ISC */
/*
 * Values as literals, for servers that bind none.  A number with a point is a
 * float to the server, save in a row of VALUES, where the column's type counts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "source/clickhouse_int.h"

#define DECIMAL_MAX  38
#define FLOAT_DIGITS 15 /* that a float keeps */

/* A number as it is written: an optional '-', digits, at most one point. */
struct digits {
	size_t n, scale;
	bool point, zeros; /* zeros that need not be written in front */
};

static bool
digits_read(struct str s, struct digits *d)
{
	size_t sign = s.len > 0 && s.p[0] == '-';

	*d = (struct digits){ 0 };
	for (size_t i = sign; i < s.len; i++) {
		if (s.p[i] == '.' && !d->point) {
			d->point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		d->n++;
		d->scale += d->point;
	}
	d->zeros = s.len > sign + 1 && s.p[sign] == '0' && s.p[sign + 1] != '.';
	return d->n > 0 && d->n <= DECIMAL_MAX;
}

/* The shortest of 15 to 17 digits that reads back the same. */
static struct str
shortest(struct arena *a, double d)
{
	struct str s = { 0 };

	for (int digits = FLOAT_DIGITS; digits <= FLOAT_DIGITS + 2; digits++) {
		s = arena_fmt(a, "%.*g", digits, d);
		if (strtod(s.p, NULL) == d)
			break;
	}
	return s;
}

/* A number with a point or an exponent is no integer. */
static struct str
real(struct arena *a, double d)
{
	struct str s;

	if (isnan(d))
		return STR("nan");
	if (isinf(d))
		return d < 0 ? STR("(-inf)") : STR("inf");
	s = shortest(a, d);
	if (strpbrk(s.p, ".e") == NULL)
		s = arena_fmt(a, "%s.0", s.p);
	return d < 0 ? arena_fmt(a, "(%s)", s.p) : s;
}

static struct str
blob(struct arena *a, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf b;

	buf_init(&b, a, s.len * 2 + 16);
	buf_lit(&b, "unhex('");
	for (size_t i = 0; i < s.len; i++) {
		buf_char(&b, hex[(unsigned char)s.p[i] >> 4]);
		buf_char(&b, hex[(unsigned char)s.p[i] & 15]);
	}
	buf_lit(&b, "')");
	return buf_text(&b);
}

/* Past what an Int64 holds and not past a UInt64. */
static bool
is_unsigned(struct str s, const struct digits *d)
{
	int64_t n;

	return !d->point && !d->zeros && s.p[0] != '-' &&
	       !str_int(s, INT64_MIN, INT64_MAX, &n) &&
	       (s.len < 20 ||
		   (s.len == 20 &&
		       str_cmp(s, STR("18446744073709551615")) <= 0));
}

/* Anything that is no number is a text. */
static struct str
exact(struct arena *a, struct str s)
{
	struct digits d;

	if (!digits_read(s, &d))
		return ch_text_literal(a, s);
	if (is_unsigned(s, &d))
		return s;
	return arena_fmt(a, "toDecimal128('%.*s', %zu)", (int)s.len, s.p,
	    d.scale);
}

/* An integer as one, anything else as a decimal. */
static struct str
number(struct arena *a, struct str s)
{
	int64_t n;

	if (str_int(s, INT64_MIN, INT64_MAX, &n))
		return arena_fmt(a, n < 0 ? "(%lld)" : "%lld", (long long)n);
	return exact(a, s);
}

/* As a decimal, if it can be one; where a float may be meant too, only with as
 * many digits as the server makes the same float of. */
static struct str
real_in(struct arena *a, double v, enum ch_form form)
{
	struct str s = form == CH_NUMBERS
			   ? arena_fmt(a, "%.*g", FLOAT_DIGITS, v)
			   : shortest(a, v);
	struct digits d;

	if (form == CH_PLAIN || strtod(s.p, NULL) != v || !digits_read(s, &d))
		return real(a, v);
	return form == CH_TEXTS ? ch_text_literal(a, s) : number(a, s);
}

/* A moment as a DateTime in UTC is told. */
static bool
is_moment(struct str s)
{
	static const char like[] = "0000-00-00T00:00:00Z";

	if (s.len != sizeof(like) - 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (like[i] == '0' ? s.p[i] < '0' || s.p[i] > '9'
				   : s.p[i] != like[i])
			return false;
	return true;
}

static struct str
text_in(struct arena *a, struct str s, enum ch_form form)
{
	struct digits d;

	if (form == CH_DIGITS && is_moment(s))
		return arena_fmt(a, "toDateTime('%.10s %.8s', 'UTC')", s.p,
		    s.p + 11);
	return form == CH_DIGITS && digits_read(s, &d) && !d.zeros &&
		       s.p[s.len - 1] != '.'
		   ? number(a, s)
		   : ch_text_literal(a, s);
}

struct str
ch_literal(struct arena *a, const struct value *v, enum ch_form form)
{
	switch (v->kind) {
	case VALUE_INT:
		return arena_fmt(a, v->i < 0 ? "(%lld)" : "%lld",
		    (long long)v->i);
	case VALUE_REAL:
		return real_in(a, v->d, form);
	case VALUE_BOOL:
		return v->i != 0 ? STR("1") : STR("0");
	case VALUE_TEXT:
		return text_in(a, v->s, form);
	case VALUE_BLOB:
		return blob(a, v->s);
	case VALUE_EXACT:
		return form == CH_TEXTS ? ch_text_literal(a, v->s)
					: exact(a, v->s);
	case VALUE_NULL:
		break;
	}
	return STR("NULL");
}

struct str
ch_item(struct arena *a, const struct value *v)
{
	struct digits d;

	if (v->kind == VALUE_EXACT && digits_read(v->s, &d))
		return v->s;
	if (v->kind == VALUE_REAL && isfinite(v->d))
		return shortest(a, v->d);
	return ch_literal(a, v, CH_PLAIN);
}

bool
ch_forms_differ(struct arena *a, const struct sql *q, enum ch_form one,
    enum ch_form other)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (!str_eq(ch_literal(a, &q->params[i].value, one),
			ch_literal(a, &q->params[i].value, other)))
			return true;
	return false;
}
