/* SPDX-License-Identifier: ISC */
/*
 * Values in the forms of tools.md 1.6, from the driver's own texts: a number
 * that goes through a machine's type of the wrong size would come out another.
 * A long value comes in pieces, and ends at the limit for values.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "source/odbc_int.h"

#define PIECE      4096
#define NUMBER_MAX 64
#define VALUE_MAX  ((int64_t)1 << 20) /* where the configuration says nothing */

static SQLRETURN
get(struct odbc_conn *c, SQLHSTMT s, int n, SQLSMALLINT as, void *p,
    size_t size, SQLLEN *len)
{
	SQLRETURN r;

	odbc_enter(c, s);
	r = SQLGetData(s, (SQLUSMALLINT)n, as, p, (SQLLEN)size, len);
	odbc_leave(c);
	return r;
}

static enum err
too_long(struct fault *f)
{
	fault_hint(f, "Ask for a part of the value");
	return fault_set(f, ERR_TOO_LARGE, "a value is larger than it may be");
}

/* Bytes of this piece: a text's last byte is its zero. */
static size_t
piece_length(SQLRETURN r, SQLLEN len, size_t room)
{
	if (r == SQL_SUCCESS_WITH_INFO &&
	    (len == SQL_NO_TOTAL || len < 0 || (size_t)len > room))
		return room;
	return len < 0 ? 0 : (size_t)len;
}

/* The rest of a value that did not fit into "first". */
static enum err
rest(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n, SQLSMALLINT as,
    struct str first, struct str *out, struct fault *f)
{
	int64_t most =
	    c->conf->limits.value > 0 ? c->conf->limits.value : VALUE_MAX;
	size_t zero = as == SQL_C_CHAR ? 1 : 0;
	SQLRETURN r = SQL_SUCCESS_WITH_INFO;
	struct buf b;

	buf_init(&b, a, (size_t)most + 2 * PIECE);
	buf_str(&b, first);
	while (r == SQL_SUCCESS_WITH_INFO) {
		size_t room = b.len, left = (size_t)most + PIECE - b.len;
		SQLLEN len = 0;

		if (room > left)
			room = left;
		if ((int64_t)b.len > most || !buf_room(&b, room))
			return too_long(f);
		r = get(c, s, n, as, b.p + b.len, room, &len);
		if (r == SQL_NO_DATA)
			break;
		if (!SQL_SUCCEEDED(r))
			return odbc_fault(c, a, SQL_HANDLE_STMT, s, NULL, f);
		b.len += piece_length(r, len, room - zero);
	}
	*out = buf_text(&b);
	return (int64_t)b.len > most ? too_long(f) : ERR_OK;
}

/* All of it; p NULL for NULL. */
static enum err
whole(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n, SQLSMALLINT as,
    struct str *out, struct fault *f)
{
	char piece[PIECE];
	size_t zero = as == SQL_C_CHAR ? 1 : 0;
	struct str first;
	SQLLEN len = 0;
	SQLRETURN r = get(c, s, n, as, piece, sizeof(piece), &len);

	*out = (struct str){ 0 };
	if (r != SQL_NO_DATA && !SQL_SUCCEEDED(r))
		return odbc_fault(c, a, SQL_HANDLE_STMT, s, NULL, f);
	if (r != SQL_NO_DATA && len == SQL_NULL_DATA)
		return ERR_OK;
	first = (struct str){ piece,
		r == SQL_NO_DATA ? 0
				 : piece_length(r, len, sizeof(piece) - zero) };
	if (r == SQL_SUCCESS_WITH_INFO && first.len == sizeof(piece) - zero)
		return rest(c, a, s, n, as, first, out, f);
	*out = arena_dup(a, first);
	return ERR_OK;
}

enum err
odbc_cell(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    struct str *out, struct fault *f)
{
	return whole(c, a, s, n, SQL_C_CHAR, out, f);
}

static struct value
text(struct str s)
{
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

/* What is no integer, in a column of them: SQLite has any value there. */
static struct value
no_integer(struct arena *a, struct str s)
{
	const char *z = arena_z(a, s);
	char *end;
	double d;

	if (s.len == 0 || s.len > NUMBER_MAX ||
	    strspn(z, "-+.0123456789eE") != s.len)
		return text(s);
	d = strtod(z, &end);
	if (*end != '\0' || !isfinite(d))
		return text(s);
	return (struct value){ .kind = VALUE_REAL, .d = d };
}

/* Digits that no machine's type holds stay digits. */
static struct value
integer(struct arena *a, struct str s)
{
	struct value v = { .kind = VALUE_INT };

	if (str_int(s, INT64_MIN, INT64_MAX, &v.i))
		return v;
	for (size_t i = s.len > 0 && s.p[0] == '-'; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return no_integer(a, s);
	return (struct value){ .kind = VALUE_EXACT, .s = s };
}

static struct value
truth(struct str s)
{
	static const char *const yes[] = { "1", "t", "true", "y", "yes" };
	static const char *const no[] = { "0", "f", "false", "n", "no" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (str_ieq(s, str_of(yes[i])))
			return (struct value){ .kind = VALUE_BOOL, .i = 1 };
		if (str_ieq(s, str_of(no[i])))
			return (struct value){ .kind = VALUE_BOOL, .i = 0 };
	}
	return text(s);
}

/* Small letters, no braces. */
static struct value
uuid(struct arena *a, struct str s)
{
	char *p;

	if (s.len > 2 && s.p[0] == '{')
		s = (struct str){ s.p + 1, s.len - 2 };
	p = arena_z(a, s);
	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)tolower((unsigned char)p[i]);
	return text((struct str){ p, s.len });
}

/* "2026-01-01 10:00:00.5 BC" with T for the blank and, in UTC, with Z. */
static struct value
moment(struct arena *a, struct str s, bool utc)
{
	size_t end = str_ends(s, STR(" BC")) ? s.len - 3 : s.len;
	struct buf b;

	if (end < 11 || s.p[10] != ' ')
		return text(s);
	buf_init(&b, a, s.len + 16);
	buf_put(&b, s.p, 10);
	buf_char(&b, 'T');
	buf_put(&b, s.p + 11, end - 11);
	if (utc)
		buf_char(&b, 'Z');
	buf_put(&b, s.p + end, s.len - end);
	return text(buf_text(&b));
}

static enum err
real(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n, struct value *out,
    struct fault *f)
{
	SQLLEN len = 0;
	double d = 0;

	if (!SQL_SUCCEEDED(get(c, s, n, SQL_C_DOUBLE, &d, sizeof(d), &len)))
		return odbc_fault(c, a, SQL_HANDLE_STMT, s, NULL, f);
	*out = len == SQL_NULL_DATA
		   ? (struct value){ .kind = VALUE_NULL }
		   : (struct value){ .kind = VALUE_REAL, .d = d };
	return ERR_OK;
}

static struct value
by_text(struct arena *a, enum odbc_how how, struct str s)
{
	switch (how) {
	case HOW_INTEGER:
		return integer(a, s);
	case HOW_REAL: /* of a parameter */
	case HOW_EXACT:
		return (struct value){ .kind = VALUE_EXACT, .s = s };
	case HOW_BOOL:
		return truth(s);
	case HOW_BYTES:
		return (struct value){ .kind = VALUE_BLOB, .s = s };
	case HOW_UUID:
		return uuid(a, s);
	case HOW_MOMENT:
	case HOW_MOMENT_UTC:
		return moment(a, s, how == HOW_MOMENT_UTC);
	default:
		return text(s);
	}
}

enum err
odbc_value(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    enum odbc_how how, struct value *out, struct fault *f)
{
	struct str t;
	enum err e;

	if (how == HOW_REAL)
		return real(c, a, s, n, out, f);
	e = whole(c, a, s, n, how == HOW_BYTES ? SQL_C_BINARY : SQL_C_CHAR, &t,
	    f);
	if (e != ERR_OK)
		return e;
	*out = t.p == NULL ? (struct value){ .kind = VALUE_NULL }
			   : by_text(a, how, t);
	return ERR_OK;
}

/* A parameter's value comes as text, whatever it is. */
struct value
odbc_value_of(struct arena *a, int type, struct str type_name, struct str s)
{
	enum odbc_how how = odbc_how(type, type_name);

	return by_text(a, how == HOW_BYTES ? HOW_TEXT : how, s);
}

bool
odbc_value_text(struct arena *a, const struct value *v, struct str *out)
{
	*out = (struct str){ 0 };
	switch (v->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_INT:
		*out = arena_fmt(a, "%lld", (long long)v->i);
		return true;
	case VALUE_REAL:
		*out = arena_fmt(a, "%.17g", v->d);
		return true;
	case VALUE_BOOL:
		*out = v->i != 0 ? STR("1") : STR("0");
		return true;
	case VALUE_TEXT:
	case VALUE_EXACT:
		*out = v->s;
		return true;
	case VALUE_BLOB:
		return false;
	}
	return false;
}
