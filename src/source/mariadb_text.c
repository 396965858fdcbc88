/* SPDX-License-Identifier: ISC */
/* A caller's text with ? for @name, its values bound, and places in it. */
#include "source/mariadb_int.h"

struct str
mariadb_quote(struct arena *a, struct str name)
{
	struct buf b;

	buf_init(&b, a, name.len * 2 + 16);
	buf_char(&b, '`');
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '`')
			buf_char(&b, '`');
		buf_char(&b, name.p[i]);
	}
	buf_lit(&b, "`");
	buf_char(&b, '\0');
	return (struct str){ b.p, b.len - 1 };
}

/* A decimal is sent as one, so that no digit of it is lost. */
void
mariadb_bind(struct arena *a, const struct value *v, MYSQL_BIND *b)
{
	static const enum enum_field_types types[] = {
		[VALUE_NULL] = MYSQL_TYPE_NULL,
		[VALUE_INT] = MYSQL_TYPE_LONGLONG,
		[VALUE_REAL] = MYSQL_TYPE_DOUBLE,
		[VALUE_BOOL] = MYSQL_TYPE_TINY,
		[VALUE_TEXT] = MYSQL_TYPE_STRING,
		[VALUE_BLOB] = MYSQL_TYPE_BLOB,
		[VALUE_EXACT] = MYSQL_TYPE_NEWDECIMAL,
	};

	*b = (MYSQL_BIND){ .buffer_type = types[v->kind] };
	switch (v->kind) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		b->buffer = arena_get(a, sizeof(v->i));
		memcpy(b->buffer, &v->i, sizeof(v->i));
		break;
	case VALUE_REAL:
		b->buffer = arena_get(a, sizeof(v->d));
		memcpy(b->buffer, &v->d, sizeof(v->d));
		break;
	case VALUE_BOOL:
		b->buffer = arena_z(a, v->i != 0 ? STR("\1") : STR("\0"));
		break;
	case VALUE_TEXT:
	case VALUE_BLOB:
	case VALUE_EXACT:
		b->buffer = arena_z(a, v->s);
		b->buffer_length = v->s.len;
		break;
	}
}

static const struct param *
param_of(const struct sql *q, struct str name)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, name))
			return &q->params[i];
	return NULL;
}

/* The text from "from" to "to", our words before the byte "at" of it. */
static void
put_piece(struct buf *b, const struct mariadb_frame *fr, size_t from, size_t to,
    bool last)
{
	if (fr->at < from || fr->at > to || (fr->at == to && !last)) {
		buf_put(b, fr->text.p + from, to - from);
		return;
	}
	buf_put(b, fr->text.p + from, fr->at - from);
	buf_str(b, str_of(fr->before));
	buf_put(b, fr->text.p + fr->at, to - fr->at);
}

/* Does the mark stand behind LIMIT or OFFSET, where only numbers can? */
static bool
is_limit(struct str text, size_t at)
{
	struct str s = str_trim((struct str){ text.p, at });
	size_t from;

	if (str_ends(s, STR(","))) {
		s = str_trim((struct str){ s.p, s.len - 1 });
		while (s.len > 0 && strchr(" \t\r\n", s.p[s.len - 1]) == NULL)
			s.len--;
		s = str_trim(s);
	}
	for (from = s.len; from > 0 && (s.p[from - 1] | 32) >= 'a' &&
			   (s.p[from - 1] | 32) <= 'z';)
		from--;
	return str_ieq(str_from(s, from), STR("LIMIT")) ||
	       str_ieq(str_from(s, from), STR("OFFSET"));
}

/* A placeholder without a value: NULL, but for a plan, which would be that of
 * NULL, any value, or one that the server does not look into before it runs. */
static struct str
put_none(struct arena *a, const struct sql *q, size_t i, bool unknown,
    MYSQL_BIND *b)
{
	struct value v = { .kind = VALUE_NULL };

	if (q->explain && is_limit(q->text, q->gate->marks[i].at)) {
		v = (struct value){ .kind = VALUE_INT, .i = 1 };
		unknown = false;
	} else if (q->explain && !unknown) {
		v = cell_text(arena_fmt(a, "%zu", i + 1));
	}
	mariadb_bind(a, &v, b);
	return q->explain && unknown
		   ? STR("(SELECT ? FROM information_schema.CHARACTER_SETS AS " MARIADB_UNKNOWN
			 " LIMIT 1)")
		   : STR("?");
}

static enum err
put_marks(struct buf *b, struct arena *a, const struct sql *q,
    const struct mariadb_frame *fr, struct mariadb_text *t, struct fault *f)
{
	size_t from = 0;

	for (size_t i = 0; i < q->gate->nmarks; i++) {
		const struct gate_mark *m = &q->gate->marks[i];
		const struct param *p = param_of(q, m->name);
		struct str mark = STR("?");

		if (p == NULL && !q->describe && !q->explain)
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "no value for the placeholder @%.*s",
			    (int)m->name.len, m->name.p);
		if (p == NULL)
			mark = put_none(a, q, i, fr->unknown, &t->binds[i]);
		else
			mariadb_bind(a, &p->value, &t->binds[i]);
		put_piece(b, fr, from, m->at, false);
		buf_str(b, mark);
		t->marks[i] = mark.len;
		from = m->at + m->len;
	}
	put_piece(b, fr, from, fr->text.len, true);
	return ERR_OK;
}

enum err
mariadb_text(struct arena *a, const struct sql *q,
    const struct mariadb_frame *fr, struct mariadb_text *t, struct fault *f)
{
	struct buf b;
	enum err e;

	*t = (struct mariadb_text){ .q = q,
		.prefix = strlen(fr->before),
		.at = fr->at,
		.n = q->gate->nmarks };
	t->binds = arena_zero(a, t->n + 1, sizeof(*t->binds));
	t->marks = arena_zero(a, t->n + 1, sizeof(*t->marks));
	buf_init(&b, a, (size_t)1 << 26);
	e = put_marks(&b, a, q, fr, t, f);
	if (e != ERR_OK)
		return e;
	buf_str(&b, str_of(fr->after));
	buf_char(&b, '\0');
	if (buf_failed(&b))
		return fault_set(f, ERR_TOO_LARGE, "the statement is too long");
	t->sql = b.p;
	t->len = b.len - 1;
	if (memchr(b.p, '\0', t->len) != NULL)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement holds a NUL");
	return ERR_OK;
}

/* The server tells the rest of the text from the place on, cut short. */
int
mariadb_place(const struct mariadb_text *t, struct str near)
{
	const struct gate *g = t->q->gate;
	struct str sent = { t->sql, t->len };
	size_t pos = 0;

	if (near.len > t->len)
		return 0;
	if (str_ends(sent, near))
		pos = t->len - near.len;
	else
		while (pos < t->len && !str_starts(str_from(sent, pos), near))
			pos++;
	if (pos >= t->at && pos < t->at + t->prefix)
		return 0;
	if (pos >= t->at)
		pos -= t->prefix;
	for (size_t i = 0; i < g->nmarks && pos > g->marks[i].at; i++) {
		if (pos < g->marks[i].at + t->marks[i])
			return (int)g->marks[i].at + 1;
		pos += g->marks[i].len - t->marks[i];
	}
	return pos > t->q->text.len ? (int)t->q->text.len + 1 : (int)pos + 1;
}
