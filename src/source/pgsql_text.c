/* SPDX-License-Identifier: ISC */
/* A caller's text with $n for @name, its values bound, and places in it. */
#include <stdio.h>

#include "source/pgsql_int.h"

struct str
pgsql_quote(struct arena *a, struct str name)
{
	char *p = arena_get(a, name.len * 2 + 3);
	size_t n = 0;

	p[n++] = '"';
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '"')
			p[n++] = '"';
		p[n++] = name.p[i];
	}
	p[n++] = '"';
	p[n] = '\0';
	return (struct str){ p, n };
}

/* Numbers are sent with the smallest type that holds them, so that functions
 * that want an integer find one; texts without one, so that the server reads
 * them as what they are compared with. */
static void
bind_one(struct arena *a, const struct value *v, struct pgsql_text *t, int i)
{
	static const Oid types[] = {
		[VALUE_NULL] = 0,
		[VALUE_INT] = PG_INT8,
		[VALUE_REAL] = PG_FLOAT8,
		[VALUE_BOOL] = PG_BOOL,
		[VALUE_TEXT] = 0,
		[VALUE_BLOB] = PG_BYTEA,
		[VALUE_EXACT] = PG_NUMERIC,
	};

	t->types[i] = types[v->kind];
	switch (v->kind) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		if (v->i >= INT32_MIN && v->i <= INT32_MAX)
			t->types[i] = PG_INT4;
		t->values[i] = arena_fmt(a, "%lld", (long long)v->i).p;
		break;
	case VALUE_REAL:
		t->values[i] = arena_fmt(a, "%.17g", v->d).p;
		break;
	case VALUE_BOOL:
		t->values[i] = v->i != 0 ? "t" : "f";
		break;
	case VALUE_BLOB:
		t->formats[i] = 1;
		t->lengths[i] = (int)v->s.len;
		t->values[i] = arena_z(a, v->s);
		break;
	case VALUE_TEXT:
	case VALUE_EXACT:
		t->values[i] = arena_z(a, v->s);
		break;
	}
}

void
pgsql_bind(struct arena *a, const struct param *p, size_t n,
    struct pgsql_text *t)
{
	t->n = (int)n;
	t->types = arena_zero(a, n + 1, sizeof(*t->types));
	t->values = arena_zero(a, n + 1, sizeof(*t->values));
	t->lengths = arena_zero(a, n + 1, sizeof(*t->lengths));
	t->formats = arena_zero(a, n + 1, sizeof(*t->formats));
	for (size_t i = 0; i < n; i++)
		bind_one(a, &p[i].value, t, (int)i);
}

/* The number of a placeholder, from 1; 0: there is no value for it. */
static int
number_of(const struct sql *q, struct str name)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, name))
			return (int)i + 1;
	return 0;
}

enum err
pgsql_text(struct arena *a, const struct sql *q, const char *prefix,
    const struct pgsql_frame *fr, struct pgsql_text *t, struct fault *f)
{
	size_t from = 0;
	struct buf b;

	*t = (struct pgsql_text){ .q = q,
		.prefix = strlen(prefix) + strlen(fr->before) };
	buf_init(&b, a, (size_t)1 << 26);
	buf_str(&b, str_of(prefix));
	buf_str(&b, str_of(fr->before));
	for (size_t i = 0; i < q->gate->nmarks; i++) {
		const struct gate_mark *m = &q->gate->marks[i];
		int n = number_of(q, m->name);

		if (n == 0 && !q->describe && !q->explain)
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "no value for the placeholder @%.*s",
			    (int)m->name.len, m->name.p);
		buf_put(&b, fr->text.p + from, m->at - from);
		buf_fmt(&b, "$%d", n == 0 ? (int)(q->nparams + i) + 1 : n);
		from = m->at + m->len;
	}
	buf_put(&b, fr->text.p + from, fr->text.len - from);
	buf_str(&b, str_of(fr->after));
	buf_char(&b, '\0');
	if (buf_failed(&b))
		return fault_set(f, ERR_TOO_LARGE, "the statement is too long");
	t->sql = b.p;
	if (memchr(b.p, '\0', b.len - 1) != NULL)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement holds a NUL");
	pgsql_bind(a, q->params, q->nparams, t);
	return ERR_OK;
}

/* Bytes of the first "at" - 1 characters. */
static size_t
bytes_before(const char *z, int at)
{
	size_t n = 0;

	for (int i = 1; i < at && z[n] != '\0'; i++) {
		n++;
		while ((z[n] & 0xc0) == 0x80)
			n++;
	}
	return n;
}

int
pgsql_place(const struct pgsql_text *t, int at)
{
	const struct gate *g = t->q->gate;
	size_t pos = at < 1 ? 0 : bytes_before(t->sql, at), shift = 0;

	if (at < 1 || pos < t->prefix)
		return 0;
	pos -= t->prefix;
	for (size_t i = 0; i < g->nmarks; i++) {
		const struct gate_mark *m = &g->marks[i];
		char number[16];
		int n = number_of(t->q, m->name);
		size_t len = (size_t)snprintf(number, sizeof(number), "$%d",
		    n == 0 ? (int)(t->q->nparams + i) + 1 : n);

		if (pos + shift < m->at + m->len)
			break;
		shift += m->len - len;
	}
	return (int)(pos + shift) + 1;
}

/* One of "{"a","b"}". */
static void
put_element(struct buf *b, struct str s, bool lower)
{
	buf_str(b, b->len == 1 ? STR("\"") : STR(",\""));
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '"' || c == '\\')
			buf_char(b, '\\');
		buf_char(b,
		    lower && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
	buf_char(b, '"');
}

const char *
pgsql_names(struct arena *a, const struct str *v, size_t n)
{
	struct buf b;

	buf_init(&b, a, (size_t)1 << 20);
	buf_char(&b, '{');
	for (size_t i = 0; i < n; i++) {
		put_element(&b, v[i], false);
		put_element(&b, v[i], true);
	}
	buf_char(&b, '}');
	buf_char(&b, '\0');
	return b.p;
}
