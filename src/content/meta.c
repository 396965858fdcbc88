/* SPDX-License-Identifier: ISC */
/* Names of tables from a source's own catalogue. */
#include "content/content_int.h"

struct tables {
	struct row_sink sink;
	struct arena *a;
	const struct meta_want *want;
	struct table_name *v;
	size_t n, cap, most;
};

static bool
take_cols(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static struct str
text_of(struct arena *a, const struct value *v)
{
	return v->kind == VALUE_TEXT ? arena_dup(a, v->s) : (struct str){ 0 };
}

/* TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, REMARKS, ROW_ESTIMATE. */
static bool
take_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct tables *t =
	    (struct tables *)((char *)to - offsetof(struct tables, sink));

	if (n < 5)
		return true;
	if (t->n == t->cap) {
		size_t cap = t->cap == 0 ? 64 : 2 * t->cap;

		t->v = arena_grow(t->a, t->v, t->cap * sizeof(*t->v),
		    cap * sizeof(*t->v));
		t->cap = cap;
	}
	t->v[t->n++] = (struct table_name){
		.schema = text_of(t->a, &v[0]),
		.table = text_of(t->a, &v[1]),
		.type = text_of(t->a, &v[2]),
		.about = text_of(t->a, &v[3]),
		.rows = v[4].kind == VALUE_INT ? v[4].i : -1,
	};
	return t->n < t->most;
}

/* As a LIKE pattern. */
static struct str
pattern_of(struct arena *a, struct str begins)
{
	struct buf b;

	buf_init(&b, a, 2 * begins.len + 2);
	for (size_t i = 0; i < begins.len; i++) {
		if (str_has(STR("%_\\"), begins.p[i]))
			buf_char(&b, '\\');
		buf_char(&b, begins.p[i]);
	}
	buf_char(&b, '%');
	return buf_text(&b);
}

static enum err
charge(struct tool_call *c, int source, struct fault *f)
{
	return c->charge == NULL ? ERR_OK : c->charge(c->charge_arg, source, f);
}

enum err
meta_look(struct tool_call *c, int source, const struct meta_ask *ask,
    struct row_sink *to, struct fault *f)
{
	enum err e = tool_enter(c, f);

	if (e != ERR_OK)
		return e;
	e = source_meta(c->sources, source, c->arena, ask, to, f);
	tool_leave(c);
	return e;
}

enum err
meta_tables(struct tool_call *c, int source, const struct meta_want *w,
    struct table_name **out, size_t *n, struct fault *f)
{
	int64_t ms = (int64_t)c->conf->sources[source].timeout * 1000;
	struct meta_ask ask = { .what = META_TABLES,
		.schema = w->schema,
		.table = w->table };
	struct tables t = { .sink = { take_cols, take_row, NULL },
		.a = c->arena,
		.want = w,
		.most = w->most > 0 ? w->most : FOLDER_FILES };
	enum err e = charge(c, source, f);

	if (w->begins.len > 0)
		ask.pattern = pattern_of(c->arena, w->begins);
	ask.deadline = deadline_in(ms);
	if (e == ERR_OK)
		e = meta_look(c, source, &ask, &t.sink, f);
	*out = t.v;
	*n = t.n;
	return e;
}
