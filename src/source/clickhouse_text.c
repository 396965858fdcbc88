/* SPDX-License-Identifier: ISC */
/* The statement with what stands in it for placeholders and names. */
#include <string.h>

#include "source/clickhouse_int.h"

#define STATEMENT_MAX ((size_t)1 << 26)

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

/* A value of a row alone, which the server reads by the type of its column. */
static bool
is_item(const struct tokens *t, size_t at)
{
	size_t rows = 0, i = 0;

	while (rows < t->n && t->v[rows].word != WORD_VALUES)
		rows++;
	while (i < t->n && t->v[i].at < at)
		i++;
	return i > rows && i + 1 < t->n &&
	       t->v[i].depth == t->v[rows].depth + 1 &&
	       (token_is(t, i - 1, '(') || token_is(t, i - 1, ',')) &&
	       (token_is(t, i + 1, ')') || token_is(t, i + 1, ','));
}

static enum err
edit_mark(struct arena *a, const struct sql *q, const struct gate_mark *m,
    struct ch_text *t, struct fault *f)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, m->name))
			return ch_edit(t, m->at, m->len,
			    t->rows != NULL && is_item(t->rows, m->at)
				? ch_item(a, &q->params[i].value)
				: ch_literal(a, &q->params[i].value, t->form),
			    f);
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

struct str
ch_text_from(const struct ch_text *t, size_t at)
{
	int64_t shift = 0;

	for (size_t i = 0; i < t->n && t->edits[i].at < at; i++)
		shift +=
		    (int64_t)t->edits[i].text.len - (int64_t)t->edits[i].len;
	return str_from(t->sql, (size_t)((int64_t)at + shift));
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
