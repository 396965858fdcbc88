/* SPDX-License-Identifier: ISC */
/*
 * Values as literals, for servers that bind none, and the statement with what
 * stands in it for placeholders and names.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "source/clickhouse_int.h"

#define STATEMENT_MAX ((size_t)1 << 26)
#define DECIMAL_MAX   38

static void
put_quoted(struct buf *b, struct str s, char q)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_char(b, q);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == (unsigned char)q || c == '\\') {
			buf_char(b, '\\');
			buf_char(b, (char)c);
		} else if (c < ' ') {
			buf_lit(b, "\\x");
			buf_char(b, hex[c >> 4]);
			buf_char(b, hex[c & 15]);
		} else {
			buf_char(b, (char)c);
		}
	}
	buf_char(b, q);
}

/* With a zero behind it. */
static struct str
quoted(struct arena *a, struct str s, char q)
{
	struct buf b;

	buf_init(&b, a, s.len * 4 + 4);
	put_quoted(&b, s, q);
	buf_char(&b, '\0');
	b.len--;
	return buf_text(&b);
}

struct str
ch_text_literal(struct arena *a, struct str s)
{
	return quoted(a, s, '\'');
}

struct str
ch_quote(struct arena *a, struct str name)
{
	return quoted(a, name, '`');
}

/* The shortest of 15 to 17 digits that reads back the same; a number with a
 * point or an exponent is no integer. */
static struct str
real(struct arena *a, double d)
{
	struct str s = { 0 };

	if (isnan(d))
		return STR("nan");
	if (isinf(d))
		return d < 0 ? STR("(-inf)") : STR("inf");
	for (int digits = 15; digits <= 17; digits++) {
		s = arena_fmt(a, "%.*g", digits, d);
		if (strtod(s.p, NULL) == d)
			break;
	}
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

/* Digits with at most one point; anything else is a text. */
static struct str
exact(struct arena *a, struct str s)
{
	size_t digits = 0, scale = 0, i = s.len > 0 && s.p[0] == '-';
	bool point = false;

	for (; i < s.len; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return ch_text_literal(a, s);
		digits++;
		scale += point;
	}
	if (digits == 0 || digits > DECIMAL_MAX)
		return ch_text_literal(a, s);
	return arena_fmt(a, "toDecimal128('%.*s', %zu)", (int)s.len, s.p,
	    scale);
}

struct str
ch_literal(struct arena *a, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		return arena_fmt(a, v->i < 0 ? "(%lld)" : "%lld",
		    (long long)v->i);
	case VALUE_REAL:
		return real(a, v->d);
	case VALUE_BOOL:
		return v->i != 0 ? STR("1") : STR("0");
	case VALUE_TEXT:
		return ch_text_literal(a, v->s);
	case VALUE_BLOB:
		return blob(a, v->s);
	case VALUE_EXACT:
		return exact(a, v->s);
	case VALUE_NULL:
		break;
	}
	return STR("NULL");
}

enum err
ch_edit(struct ch_text *t, size_t at, size_t len, struct str text,
    struct fault *f)
{
	size_t i = t->n;

	if (t->n == CH_EDITS)
		return fault_set(f, ERR_TOO_LARGE,
		    "the statement names too many tables and values");
	for (; i > 0 && t->edits[i - 1].at > at; i--)
		t->edits[i] = t->edits[i - 1];
	t->edits[i] = (struct ch_edit){ at, len, text };
	t->n++;
	return ERR_OK;
}

static enum err
edit_mark(struct arena *a, const struct sql *q, const struct gate_mark *m,
    struct ch_text *t, struct fault *f)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, m->name))
			return ch_edit(t, m->at, m->len,
			    ch_literal(a, &q->params[i].value), f);
	if (q->describe || q->explain)
		return ch_edit(t, m->at, m->len, STR("NULL"), f);
	return fault_set(f, ERR_INVALID_ARGUMENT,
	    "no value for the placeholder @%.*s", (int)m->name.len, m->name.p);
}

enum err
ch_text_make(struct arena *a, const struct sql *q, struct ch_text *t,
    struct fault *f)
{
	enum err e = ERR_OK;
	size_t from = 0;
	struct buf b;

	for (size_t i = 0; i < q->gate->nmarks && e == ERR_OK; i++)
		e = edit_mark(a, q, &q->gate->marks[i], t, f);
	if (e != ERR_OK)
		return e;
	buf_init(&b, a, STATEMENT_MAX);
	for (size_t i = 0; i < t->n; i++) {
		buf_put(&b, q->text.p + from, t->edits[i].at - from);
		buf_str(&b, t->edits[i].text);
		from = t->edits[i].at + t->edits[i].len;
	}
	buf_put(&b, q->text.p + from, q->text.len - from);
	t->sql = buf_text(&b);
	if (buf_failed(&b))
		return fault_set(f, ERR_TOO_LARGE, "the statement is too long");
	if (t->sql.len == 0 || memchr(t->sql.p, '\0', t->sql.len) != NULL)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement holds a NUL");
	return ERR_OK;
}

int
ch_text_place(const struct ch_text *t, int64_t at)
{
	int64_t pos = at - 1 - (int64_t)t->prefix, shift = 0;

	if (pos < 0)
		return 0;
	/* What is missing at the end is missed behind it. */
	if (pos > (int64_t)t->sql.len)
		pos = (int64_t)t->sql.len;
	for (size_t i = 0; i < t->n; i++) {
		const struct ch_edit *e = &t->edits[i];
		int64_t start = (int64_t)e->at + shift;

		if (pos < start)
			break;
		if (pos < start + (int64_t)e->text.len)
			return (int)e->at + 1;
		shift += (int64_t)e->text.len - (int64_t)e->len;
	}
	return (int)(pos - shift) + 1;
}
