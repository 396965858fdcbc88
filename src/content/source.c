/* SPDX-License-Identifier: ISC */
/*
 * The schema of a source as Markdown: what it is, then its tables with their
 * columns, as much as one answer of the source may hold.
 */
#include "content/content_int.h"

enum {
	COL_SCHEMA,
	COL_TABLE,
	COL_NAME,
	COL_TYPE = 5,
	COL_NULLABLE = 8,
	COL_DEFAULT,
	COL_KEY,
	COL_REFERENCES,
	COL_REMARKS,
	COL_COUNT
};

struct schema_text {
	struct row_sink sink;
	struct buf b;
	size_t max;
	const struct table_name *v; /* all tables */
	bool *begun;
	size_t n, now;  /* now: whose columns come; n: none yet */
	size_t written; /* tables */
	bool schemas;   /* names need theirs */
	bool cut;
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
cell(const struct value *v)
{
	return v->kind == VALUE_TEXT ? v->s : (struct str){ 0 };
}

static bool
is_table(const struct table_name *t, struct str schema, struct str table)
{
	return str_eq(t->schema, schema) && str_eq(t->table, table);
}

static void
heading(struct schema_text *t, const struct table_name *n)
{
	buf_lit(&t->b, "\n## ");
	if (t->schemas && n->schema.len > 0) {
		buf_str(&t->b, n->schema);
		buf_char(&t->b, '.');
	}
	buf_str(&t->b, n->table);
	buf_fmt(&t->b, " (%s)\n\n",
	    str_eq(n->type, STR("VIEW")) ? "view" : "table");
	if (n->about.len > 0) {
		buf_str(&t->b, n->about);
		buf_lit(&t->b, "\n\n");
	}
}

/* The next column is one of this table: its heading, if it has none yet.
 * Columns come in the order of the tables, or nearly so. */
static void
begin_table(struct schema_text *t, struct str schema, struct str table)
{
	size_t from = t->now == t->n ? 0 : t->now;

	for (size_t k = 0; k < t->n; k++) {
		size_t i = (from + k) % t->n;

		if (!is_table(&t->v[i], schema, table))
			continue;
		t->now = i;
		if (t->begun[i])
			return;
		t->begun[i] = true;
		t->written++;
		heading(t, &t->v[i]);
		return;
	}
}

static void
put_part(struct buf *b, const char *before, struct str s)
{
	if (s.len == 0)
		return;
	buf_str(b, str_of(before));
	buf_str(b, s);
}

static bool
take_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct schema_text *t =
	    (struct schema_text *)((char *)to -
				   offsetof(struct schema_text, sink));
	size_t mark = t->b.len, written = t->written;

	if (n < COL_COUNT)
		return true;
	begin_table(t, cell(&v[COL_SCHEMA]), cell(&v[COL_TABLE]));
	buf_lit(&t->b, "- ");
	buf_str(&t->b, cell(&v[COL_NAME]));
	put_part(&t->b, " ", cell(&v[COL_TYPE]));
	if (str_eq(cell(&v[COL_KEY]), STR("PRI")))
		buf_lit(&t->b, ", primary key");
	else if (str_eq(cell(&v[COL_KEY]), STR("UNI")))
		buf_lit(&t->b, ", unique");
	if (str_eq(cell(&v[COL_NULLABLE]), STR("NO")) &&
	    !str_eq(cell(&v[COL_KEY]), STR("PRI")))
		buf_lit(&t->b, ", not null");
	put_part(&t->b, ", default ", cell(&v[COL_DEFAULT]));
	put_part(&t->b, ", references ", cell(&v[COL_REFERENCES]));
	put_part(&t->b, ", ", cell(&v[COL_REMARKS]));
	buf_char(&t->b, '\n');
	if (t->b.len <= t->max)
		return true;
	buf_cut(&t->b, mark);
	t->written = written;
	t->cut = true;
	return false;
}

static void
head(struct schema_text *t, const struct tool_call *c, int source)
{
	const struct conf_source *s = &c->conf->sources[source];
	const struct source_driver *d = source_driver(c->sources, source);
	struct str one = uri_of_table(c->arena, str_of(s->name),
	    t->n > 0 ? t->v[0].schema : STR("main"),
	    t->n > 0 ? t->v[0].table : STR(""));

	buf_fmt(&t->b, "# %s", s->name);
	if (d != NULL)
		buf_fmt(&t->b, " (%s)", d->data_source);
	buf_char(&t->b, '\n');
	if (s->about != NULL)
		buf_fmt(&t->b, "\n%s\n", s->about);
	if (s->instructions != NULL) {
		buf_lit(&t->b, "\n");
		buf_str(&t->b, str_of(s->instructions));
		buf_lit(&t->b, "\n");
	}
	if (t->n == 0) {
		buf_lit(&t->b, "\nIt has no tables.\n");
		return;
	}
	buf_lit(&t->b,
	    "\nEach table with some of its rows is a resource too: ");
	buf_str(&t->b, one);
	buf_char(&t->b, '\n');
}

static bool
has_schemas(const struct tool_call *c, int source)
{
	const struct source_driver *d = source_driver(c->sources, source);

	return d != NULL && (d->caps & SOURCE_CAN_SCHEMAS) != 0;
}

/* Tables without columns, and how many there was no room for. */
static void
tail(struct schema_text *t)
{
	for (size_t i = 0; i < t->n && !t->cut; i++) {
		if (t->begun[i])
			continue;
		if (t->b.len >= t->max)
			break;
		t->written++;
		heading(t, &t->v[i]);
	}
	if (t->cut || t->written < t->n)
		buf_fmt(&t->b,
		    "\nThis is not all: %zu more tables are not shown here.\n",
		    t->n - t->written);
}

enum err
content_source(struct tool_call *c, int source, struct str *text,
    struct fault *f)
{
	const struct conf_source *s = &c->conf->sources[source];
	struct meta_ask ask = { .what = META_COLUMNS };
	struct schema_text t = { .sink = { take_cols, take_row, NULL },
		.max = (size_t)s->max_bytes,
		.schemas = has_schemas(c, source) };
	struct table_name *v = NULL;
	enum err e =
	    meta_tables(c, source, &(struct meta_want){ 0 }, &v, &t.n, f);

	if (e != ERR_OK)
		return e;
	t.v = v;
	t.now = t.n;
	t.begun = arena_zero(c->arena, t.n + 1, sizeof(*t.begun));
	buf_init(&t.b, c->arena, t.max + ((size_t)2 << 20));
	head(&t, c, source);
	ask.deadline = deadline_in((int64_t)s->timeout * 1000);
	if (t.n > 0)
		e = meta_look(c, source, &ask, &t.sink, f);
	if (e != ERR_OK)
		return e;
	tail(&t);
	*text = buf_text(&t.b);
	return ERR_OK;
}
