/* SPDX-License-Identifier: ISC */
/*
 * Types of columns, from the values in them: a column has the type that every
 * one of its values can be read as without losing anything, else it is text.
 */
#include "source/files_int.h"

/* Digits that every double gives back as they were. */
#define DOUBLE_DIGITS 15

static const struct {
	const char *name; /* in the configuration */
	const char *sql;
	unsigned bit;
} types[] = {
	[COLUMN_TEXT] = { "text", "TEXT", 0 },
	[COLUMN_INTEGER] = { "integer", "INTEGER", FITS_INTEGER },
	[COLUMN_NUMBER] = { "number", "REAL", FITS_NUMBER },
	[COLUMN_BOOLEAN] = { "boolean", "BOOLEAN", FITS_BOOLEAN },
	[COLUMN_DATE] = { "date", "DATE", FITS_DATE },
	[COLUMN_TIMESTAMP] = { "timestamp", "TIMESTAMP", FITS_TIMESTAMP },
};

_Static_assert(sizeof(types) / sizeof(types[0]) == COLUMN_TYPES,
    "every type has a row");

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits from *i on, their number. */
static size_t
digits(struct str s, size_t *i)
{
	size_t from = *i;

	while (*i < s.len && is_digit(s.p[*i]))
		(*i)++;
	return *i - from;
}

/* Digits that count: without zeros in front and without the exponent. */
static size_t
significant(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && s.p[i] != 'e' && s.p[i] != 'E'; i++)
		if (is_digit(s.p[i]) && (n > 0 || s.p[i] != '0'))
			n++;
	return n;
}

/* The whole part, without the zeros of a code or a phone number. */
static bool
whole_part(struct str s, size_t *i)
{
	size_t first = *i;

	return digits(s, i) > 0 && !(s.p[first] == '0' && *i - first > 1);
}

/* The digits of the exponent that a double has room for, whatever stands in
 * front of it. */
static bool
is_exponent(struct str s, size_t whole)
{
	int64_t e;

	if (s.len > 0 && s.p[0] == '+')
		s = str_from(s, 1);
	return s.len > 0 && s.p[0] != '+' && str_int(s, -280, 280, &e) &&
	       (int64_t)whole + e <= 300;
}

static bool
is_number(struct str s)
{
	size_t i = s.len > 0 && s.p[0] == '-' ? 1 : 0;
	size_t whole = i;

	if (s.len >= 64 || !whole_part(s, &i))
		return false;
	whole = i - whole;
	if (i < s.len && s.p[i] == '.') {
		i++;
		if (digits(s, &i) == 0)
			return false;
	}
	if (i < s.len && (s.p[i] == 'e' || s.p[i] == 'E')) {
		if (!is_exponent(str_from(s, i + 1), whole))
			return false;
		i = s.len;
	}
	return i == s.len &&
	       (significant(s) <= DOUBLE_DIGITS || files_double_keeps(s));
}

static bool
is_integer(struct str s)
{
	size_t i = s.len > 0 && s.p[0] == '-' ? 1 : 0;
	int64_t ignored;

	return whole_part(s, &i) && i == s.len && !str_eq(s, STR("-0")) &&
	       str_int(s, INT64_MIN, INT64_MAX, &ignored);
}

/* "n" digits at *i as a number within [lo, hi]; moves on. */
static bool
part(struct str s, size_t *i, size_t n, int64_t lo, int64_t hi, int64_t *out)
{
	struct str piece = { s.p + *i, n };

	if (*i + n > s.len || piece.p[0] == '-' || !str_int(piece, lo, hi, out))
		return false;
	*i += n;
	return true;
}

static bool
mark(struct str s, size_t *i, const char *any)
{
	if (*i >= s.len || strchr(any, s.p[*i]) == NULL || s.p[*i] == '\0')
		return false;
	(*i)++;
	return true;
}

static int64_t
month_days(int64_t year, int64_t month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* YYYY-MM-DD at *i. */
static bool
date_part(struct str s, size_t *i)
{
	int64_t year, month, day;

	return part(s, i, 4, 0, 9999, &year) && mark(s, i, "-") &&
	       part(s, i, 2, 1, 12, &month) && mark(s, i, "-") &&
	       part(s, i, 2, 1, month_days(year, month), &day);
}

/* Z, +02:00 or nothing, up to the end. */
static bool
zone_part(struct str s, size_t *i)
{
	int64_t n;

	if (*i == s.len)
		return true;
	if (mark(s, i, "Zz"))
		return *i == s.len;
	return mark(s, i, "+-") && part(s, i, 2, 0, 14, &n) &&
	       mark(s, i, ":") && part(s, i, 2, 0, 59, &n) && *i == s.len;
}

/* HH:MM[:SS[.fraction]] and a zone, up to the end. */
static bool
time_part(struct str s, size_t *i)
{
	int64_t n;

	if (!part(s, i, 2, 0, 23, &n) || !mark(s, i, ":") ||
	    !part(s, i, 2, 0, 59, &n))
		return false;
	if (mark(s, i, ":")) {
		if (!part(s, i, 2, 0, 60, &n))
			return false;
		if (mark(s, i, ".") && digits(s, i) == 0)
			return false;
	}
	return zone_part(s, i);
}

static unsigned
fits_moment(struct str s)
{
	size_t i = 0;

	if (s.len < 10 || !date_part(s, &i))
		return 0;
	if (i == s.len)
		return FITS_DATE;
	return mark(s, &i, "T ") && time_part(s, &i) ? FITS_TIMESTAMP : 0;
}

unsigned
files_fits(struct str s)
{
	if (s.len == 0)
		return 0;
	if (!is_digit(s.p[0]) && s.p[0] != '-')
		return str_ieq(s, STR("true")) || str_ieq(s, STR("false"))
			   ? FITS_BOOLEAN
			   : 0;
	if (is_integer(s))
		return significant(s) <= DOUBLE_DIGITS
			   ? FITS_INTEGER | FITS_NUMBER
			   : FITS_INTEGER;
	if (is_number(s))
		return FITS_NUMBER;
	return fits_moment(s);
}

enum files_type
files_type_of(unsigned fits)
{
	for (int t = COLUMN_INTEGER; t < COLUMN_TYPES; t++)
		if ((fits & types[t].bit) != 0)
			return (enum files_type)t;
	return COLUMN_TEXT;
}

const char *
files_type_sql(enum files_type t)
{
	return types[t].sql;
}

unsigned
files_type_bit(enum files_type t)
{
	return types[t].bit;
}

const char *
files_type_name(enum files_type t)
{
	return types[t].name;
}

/* "[table.]column:type" in its pieces; false when it is not that. */
static bool
split(const char *text, struct str *name, enum files_type *type)
{
	const char *colon = strrchr(text, ':');

	if (colon == NULL || colon == text)
		return false;
	*name = (struct str){ text, (size_t)(colon - text) };
	for (int t = 0; t < COLUMN_TYPES; t++) {
		*type = (enum files_type)t;
		if (strcmp(colon + 1, types[t].name) == 0)
			return true;
	}
	return false;
}

/* Is "column" or "table.column" this one? */
static bool
names(struct str name, struct str table, struct str column)
{
	return str_ieq(name, column) ||
	       (name.len == table.len + 1 + column.len &&
		   name.p[table.len] == '.' &&
		   str_ieq((struct str){ name.p, table.len }, table) &&
		   str_ieq(str_from(name, table.len + 1), column));
}

bool
files_type_given(const struct conf_source *spec, struct str table,
    struct str column, enum files_type *out)
{
	for (size_t i = 0; i < spec->types.n; i++) {
		struct str name;

		if (split(spec->types.v[i], &name, out) &&
		    names(name, table, column))
			return true;
	}
	return false;
}

bool
files_type_is_for(const char *entry, struct str table, struct str column)
{
	enum files_type ignored;
	struct str name;

	return split(entry, &name, &ignored) && names(name, table, column);
}

const char *
files_types_wrong(const struct conf_source *spec)
{
	enum files_type ignored;
	struct str name;

	for (size_t i = 0; i < spec->types.n; i++)
		if (!split(spec->types.v[i], &name, &ignored))
			return "must be like \"column:type\" or "
			       "\"table.column:type\" with one of text, "
			       "integer, number, boolean, date, timestamp";
	return NULL;
}
