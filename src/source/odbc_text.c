/* SPDX-License-Identifier: ISC */
/* A caller's text with ? for @name, and its values bound. */
#include <string.h>

#include "source/odbc_int.h"

#define TEXT_MAX ((size_t)1 << 26)

static const struct value *
value_of(const struct sql *q, struct str name)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, name))
			return &q->params[i].value;
	return NULL;
}

static bool
is_small(const struct value *v)
{
	return v->i >= INT32_MIN && v->i <= INT32_MAX;
}

/* The type that a mark must be told to have, or NULL: its place says it. */
static const char *
type_of(const struct odbc_flow *w, size_t i)
{
	static const char *const types[] = {
		[VALUE_NULL] = "text",
		[VALUE_INT] = "bigint",
		[VALUE_REAL] = "double precision",
		[VALUE_BOOL] = "boolean",
		[VALUE_TEXT] = "text",
		[VALUE_BLOB] = "bytea",
		[VALUE_EXACT] = "numeric",
	};
	const struct value *v = value_of(w->q, w->q->gate->marks[i].name);
	enum value_kind kind = v == NULL ? VALUE_NULL : v->kind;

	if (w->c->engine == NULL || !w->c->engine->casts)
		return NULL;
	/* The driver would write a boolean as a digit without a type. */
	if (kind != VALUE_BLOB && kind != VALUE_BOOL &&
	    (w->typed == NULL || !w->typed[i]))
		return NULL;
	return kind == VALUE_INT && is_small(v) ? "integer" : types[kind];
}

/* "number" 0: it is bound. */
static void
put_mark(struct buf *b, size_t number, const char *type)
{
	if (type != NULL)
		buf_lit(b, "CAST(");
	if (number == 0)
		buf_char(b, '?');
	else
		buf_fmt(b, "$%zu", number);
	if (type != NULL)
		buf_fmt(b, " AS %s)", type);
}

static bool
is_foreign(const struct tokens *t, size_t i)
{
	return i < t->n && t->v[i].kind == LEX_NAME &&
	       (t->text.p[t->v[i].at] == '[' || t->text.p[t->v[i].at] == '`');
}

/* A part of a name, where no index of an array can stand. */
static bool
is_part(const struct tokens *t, size_t i)
{
	enum word before = i == 0 ? WORD_NONE : token_word(t, i - 1);

	if (!is_foreign(t, i))
		return false;
	if (i > 0 && token_is(t, i - 1, '.'))
		return true;
	if (!token_is(t, i + 1, '.'))
		return false;
	return is_foreign(t, i + 2) || t->text.p[t->v[i].at] == '`' ||
	       (i > 0 && token_is(t, i - 1, ',')) || before == WORD_FROM ||
	       before == WORD_JOIN || before == WORD_INTO ||
	       before == WORD_WHERE || before == WORD_SELECT ||
	       (before == WORD_UPDATE && i == 1);
}

/* What is left of a three-part name, in quotes that the engine knows.  A name
 * that those would read otherwise stays, for the engine to refuse. */
static struct str
requoted(const struct odbc_flow *w, struct str text)
{
	struct fault ignored = { 0 };
	struct tokens t;
	char *p;

	if (w->c->engine == NULL || !w->c->engine->requotes ||
	    tokens_read(w->a, DIALECT_ODBC, text, &t, &ignored) != ERR_OK)
		return text;
	p = (char *)(uintptr_t)arena_dup(w->a, text).p; /* our own copy */
	for (size_t i = 0; i < t.n; i++) {
		struct str name = token_text(&t, i);
		struct str inner = str_from(name, 1);

		if (name.len < 3 || !is_part(&t, i))
			continue;
		inner.len--;
		if (str_has(inner, '"') || str_has(inner, name.p[0]) ||
		    str_has(inner, ']') || str_has(inner, '\\'))
			continue;
		p[t.v[i].at] = p[t.v[i].at + t.v[i].len - 1] = '"';
	}
	return (struct str){ p, text.len };
}

enum err
odbc_text(const struct odbc_flow *w, const char *prefix, struct str *out,
    struct fault *f)
{
	const struct sql *q = w->q;
	struct str text = requoted(w, q->text);
	size_t from = 0;
	struct buf b;

	buf_init(&b, w->a, TEXT_MAX);
	buf_str(&b, str_of(prefix));
	for (size_t i = 0; i < q->gate->nmarks; i++) {
		const struct gate_mark *m = &q->gate->marks[i];

		buf_put(&b, text.p + from, m->at - from);
		put_mark(&b, w->numbered ? i + 1 : 0, type_of(w, i));
		from = m->at + m->len;
	}
	buf_put(&b, text.p + from, text.len - from);
	buf_char(&b, '\0');
	if (buf_failed(&b))
		return fault_set(f, ERR_TOO_LARGE, "the statement is too long");
	if (memchr(b.p, '\0', b.len - 1) != NULL)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement holds a NUL");
	*out = (struct str){ b.p, b.len - 1 };
	return ERR_OK;
}

/* What is bound lives as long as the arena. */
struct bound {
	SQLSMALLINT c_type, type;
	SQLULEN size;
	SQLSMALLINT digits;
	SQLPOINTER p;
	SQLLEN len; /* of p */
	SQLLEN *indicator;
};

static void
bind_text(struct arena *a, struct str s, SQLSMALLINT type, struct bound *b)
{
	b->c_type = SQL_C_CHAR;
	b->type = type;
	b->p = arena_z(a, s);
	b->len = (SQLLEN)s.len;
	b->size = s.len == 0 ? 1 : s.len;
	*b->indicator = b->len;
}

static void
bind_number(struct arena *a, const struct value *v, struct bound *b)
{
	if (v->kind == VALUE_REAL) {
		double *p = arena_get(a, sizeof(*p));

		*p = v->d;
		b->p = p;
		b->c_type = SQL_C_DOUBLE;
		b->type = SQL_DOUBLE;
		b->size = 15;
	} else {
		SQLBIGINT *p = arena_get(a, sizeof(*p));
		bool small = is_small(v);

		*p = v->i;
		b->p = p;
		b->c_type = SQL_C_SBIGINT;
		b->type = small ? SQL_INTEGER : SQL_BIGINT;
		b->size = small ? 10 : 19;
	}
}

/* Digits in all, and behind the point. */
static void
bind_exact(struct arena *a, struct str s, struct bound *b)
{
	size_t digits = 0, behind = 0;
	bool point = false;

	bind_text(a, s, SQL_NUMERIC, b);
	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';

		digits += digit;
		behind += digit && point;
		point = point || s.p[i] == '.';
	}
	b->size = digits == 0 ? 1 : digits;
	b->digits = (SQLSMALLINT)behind;
}

static void
bind_value(struct arena *a, const struct value *v, struct bound *b)
{
	char *bit;

	switch (v->kind) {
	case VALUE_NULL:
		bind_text(a, STR(""), SQL_VARCHAR, b);
		*b->indicator = SQL_NULL_DATA;
		break;
	case VALUE_INT:
	case VALUE_REAL:
		bind_number(a, v, b);
		break;
	case VALUE_BOOL:
		bit = arena_get(a, 1);
		*bit = v->i != 0;
		b->p = bit;
		b->c_type = SQL_C_BIT;
		b->type = ODBC_BIT_TYPE;
		b->size = 1;
		break;
	case VALUE_TEXT:
		bind_text(a, v->s, SQL_VARCHAR, b);
		break;
	case VALUE_BLOB:
		bind_text(a, v->s, SQL_LONGVARBINARY, b);
		b->c_type = SQL_C_BINARY;
		break;
	case VALUE_EXACT:
		bind_exact(a, v->s, b);
		break;
	}
}

enum err
odbc_bind_one(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    const struct value *v, struct fault *f)
{
	struct bound b = { .indicator = arena_zero(a, 1, sizeof(SQLLEN)) };

	bind_value(a, v, &b);
	if (SQL_SUCCEEDED(SQLBindParameter(s, (SQLUSMALLINT)n, SQL_PARAM_INPUT,
		b.c_type, b.type, b.size, b.digits, b.p, b.len, b.indicator)))
		return ERR_OK;
	return odbc_fault(c, a, SQL_HANDLE_STMT, s, NULL, f);
}

/* A statement that is only looked at needs no values. */
enum err
odbc_bind(struct odbc_conn *c, struct arena *a, SQLHSTMT s, const struct sql *q,
    struct fault *f)
{
	static const struct value none = { .kind = VALUE_NULL };
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < q->gate->nmarks; i++) {
		struct str name = q->gate->marks[i].name;
		const struct value *v = value_of(q, name);

		if (v == NULL && !q->describe && !q->explain)
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "no value for the placeholder @%.*s", (int)name.len,
			    name.p);
		e = odbc_bind_one(c, a, s, (int)i + 1, v == NULL ? &none : v,
		    f);
	}
	return e;
}
