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

/* NULL: there is no value for it. */
static const struct param *
value_of(const struct sql *q, struct str name)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, name))
			return &q->params[i];
	return NULL;
}

static bool
is_untyped(const struct value *v)
{
	return v->kind == VALUE_NULL || v->kind == VALUE_TEXT;
}

static struct str
word_next(struct str *rest)
{
	size_t from = 0, end;

	while (from < rest->len &&
	       strchr(" \t\r\n\f\v", rest->p[from]) != NULL &&
	       rest->p[from] != '\0')
		from++;
	for (end = from; end < rest->len; end++) {
		char c = rest->p[end];

		if (c != '_' && c != '$' && (c & 0x80) == 0 &&
		    (c < '0' || c > '9') &&
		    ((c | 0x20) < 'a' || (c | 0x20) > 'z'))
			break;
	}
	*rest = str_from(*rest, from);
	end -= from;
	from = rest->len < end ? rest->len : end;
	*rest = str_from(*rest, from);
	return (struct str){ rest->p - from, from };
}

/* IS NULL, or IS NOT NULL, behind a placeholder: any type is good there, and
 * so the server finds none. */
static bool
is_null_test(struct str rest)
{
	struct str word = word_next(&rest);

	if (str_ieq(word, STR("ISNULL")) || str_ieq(word, STR("NOTNULL")))
		return true;
	if (!str_ieq(word, STR("IS")))
		return false;
	word = word_next(&rest);
	if (str_ieq(word, STR("NOT")))
		word = word_next(&rest);
	return str_ieq(word, STR("NULL"));
}

/* Placeholders get their numbers in the order in which they stand.  One name
 * has one number, so that the server sees that @v and @v are the same, but for
 * places that are apart. */
struct numbering {
	struct arena *a;
	const struct sql *q;
	struct pgsql_typing *how;
	struct str rest; /* of the statement, behind the placeholder */
	struct param *bound;
	bool *apart;
	struct {
		struct str name;
		int number;
	} * known;
	size_t nknown;
	int n;
};

static int
number_next(struct numbering *k, struct str name)
{
	static const struct param none = { .value = { .kind = VALUE_NULL } };
	const struct param *p = value_of(k->q, name);
	bool untyped, tested;

	p = p == NULL ? &none : p;
	untyped = is_untyped(&p->value);
	tested = untyped && is_null_test(k->rest);
	k->how->tested = k->how->tested || tested;
	for (size_t i = 0; !tested && !k->how->apart && i < k->nknown; i++)
		if (str_eq(k->known[i].name, name)) {
			k->how->again = k->how->again || untyped;
			return k->known[i].number;
		}
	k->how->again = k->how->again || (k->how->apart && untyped);
	k->bound[k->n] = *p;
	k->apart[k->n++] = tested;
	if (!tested && !k->how->apart) {
		k->known[k->nknown].name = name;
		k->known[k->nknown++].number = k->n;
	}
	return k->n;
}

static bool
is_text(const struct pgsql_typing *how, int number)
{
	for (size_t i = 0; i < how->ntexts; i++)
		if (how->texts[i] == number)
			return true;
	return how->all;
}

static enum err
put_statement(struct numbering *k, const struct pgsql_frame *fr, struct buf *b,
    struct pgsql_text *t, struct fault *f)
{
	const struct gate *g = k->q->gate;
	size_t from = 0;

	for (size_t i = 0; i < g->nmarks; i++) {
		const struct gate_mark *m = &g->marks[i];

		if (!k->q->describe && !k->q->explain &&
		    value_of(k->q, m->name) == NULL)
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "no value for the placeholder @%.*s",
			    (int)m->name.len, m->name.p);
		buf_put(b, fr->text.p + from, m->at - from);
		from = m->at + m->len;
		k->rest = str_from(fr->text, from);
		t->numbers[i] = number_next(k, m->name);
		buf_fmt(b, "$%d", t->numbers[i]);
	}
	buf_put(b, fr->text.p + from, fr->text.len - from);
	return ERR_OK;
}

static void
bind_all(const struct numbering *k, struct pgsql_text *t)
{
	pgsql_bind(k->a, k->bound, (size_t)k->n, t);
	for (int i = 0; i < k->n; i++)
		if (t->types[i] == 0 &&
		    ((k->apart[i] && !k->how->open) || is_text(k->how, i + 1)))
			t->types[i] = PG_TEXT;
}

enum err
pgsql_text(struct pgsql_flow *w, const char *prefix,
    const struct pgsql_frame *fr, struct pgsql_text *t, struct fault *f)
{
	struct arena *a = w->a;
	size_t marks = w->q->gate->nmarks;
	struct numbering k = { .a = a, .q = w->q, .how = &w->typing };
	struct buf b;
	enum err e;

	*t = (struct pgsql_text){ .q = w->q,
		.prefix = strlen(prefix) + strlen(fr->before) };
	t->numbers = arena_zero(a, marks + 1, sizeof(*t->numbers));
	k.bound = arena_zero(a, marks + 1, sizeof(*k.bound));
	k.apart = arena_zero(a, marks + 1, sizeof(*k.apart));
	k.known = arena_zero(a, marks + 1, sizeof(*k.known));
	w->typing.again = false;
	buf_init(&b, a, (size_t)1 << 26);
	buf_str(&b, str_of(prefix));
	buf_str(&b, str_of(fr->before));
	e = put_statement(&k, fr, &b, t, f);
	if (e != ERR_OK)
		return e;
	buf_str(&b, str_of(fr->after));
	buf_char(&b, '\0');
	if (buf_failed(&b))
		return fault_set(f, ERR_TOO_LARGE, "the statement is too long");
	t->sql = b.p;
	if (memchr(b.p, '\0', b.len - 1) != NULL)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement holds a NUL");
	bind_all(&k, t);
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
		size_t len = (size_t)snprintf(number, sizeof(number), "$%d",
		    t->numbers[i]);

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
