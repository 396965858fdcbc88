/* SPDX-License-Identifier: ISC */
/*
 * A table as JSON: what the metadata tools tell of its columns and, for who
 * may SELECT, some rows as a SELECT of that caller would give them.
 */
#include "base/clock.h"
#include "content/content_int.h"
#include "rows/rows.h"

enum { SAMPLE_ROWS = 5 };

enum {
	COL_NAME = 2,
	COL_TYPE = 5,
	COL_NULLABLE = 8,
	COL_DEFAULT,
	COL_KEY,
	COL_REFERENCES,
	COL_REMARKS,
	COL_COUNT
};

struct columns {
	struct row_sink sink;
	struct json_out *out;
};

static bool
take_cols(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static void
put_cell(struct json_out *out, const char *key, const struct value *v)
{
	if (v->kind == VALUE_TEXT && v->s.len > 0)
		json_str(out, key, v->s.p, v->s.len);
}

static bool
take_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct json_out *out =
	    ((struct columns *)((char *)to - offsetof(struct columns, sink)))
		->out;

	if (n < COL_COUNT)
		return true;
	json_obj(out, NULL);
	put_cell(out, "name", &v[COL_NAME]);
	put_cell(out, "type", &v[COL_TYPE]);
	if (v[COL_NULLABLE].kind == VALUE_TEXT)
		json_bool(out, "nullable",
		    !str_eq(v[COL_NULLABLE].s, STR("NO")));
	put_cell(out, "default", &v[COL_DEFAULT]);
	put_cell(out, "key", &v[COL_KEY]);
	put_cell(out, "references", &v[COL_REFERENCES]);
	put_cell(out, "about", &v[COL_REMARKS]);
	json_end(out);
	return !json_failed(out);
}

static enum err
put_columns(struct tool_call *c, int source, const struct table_name *t,
    struct json_out *out, struct fault *f)
{
	struct meta_ask ask = { .what = META_COLUMNS,
		.schema = t->schema,
		.table = t->table };
	struct columns to = { .sink = { take_cols, take_row, NULL },
		.out = out };
	enum err e;

	ask.deadline =
	    deadline_in((int64_t)c->conf->sources[source].timeout * 1000);
	json_arr(out, "columns");
	e = meta_look(c, source, &ask, &to.sink, f);
	json_end(out);
	return e;
}

/* Told what will run: the audit line is on disk before the engine sees it. */
static enum err
begin(void *arg, const struct gate *g, struct fault *f)
{
	struct attempt *t = arg;

	(void)g;
	if (t->put == NULL || t->put(t, "begin", f) == ERR_OK || !t->required)
		return ERR_OK;
	return fault_set(f, ERR_UNAVAILABLE,
	    "the audit cannot be written, so nothing was run");
}

static struct str
statement(struct tool_call *c, int source, const struct table_name *t)
{
	struct str table = source_quote(c->sources, source, c->arena, t->table);
	struct str schema =
	    source_quote(c->sources, source, c->arena, t->schema);

	if (t->schema.len == 0)
		return arena_fmt(c->arena, "SELECT * FROM %.*s", (int)table.len,
		    table.p);
	return arena_fmt(c->arena, "SELECT * FROM %.*s.%.*s", (int)schema.len,
	    schema.p, (int)table.len, table.p);
}

/* Is anybody still there to read it? */
static bool
beat(void *arg, int64_t elapsed_ms)
{
	struct tool_events *e = arg;

	(void)elapsed_ms;
	return e->alive == NULL || e->alive(e);
}

static enum err
run_sample(struct tool_call *c, int source, struct sql_ask *ask,
    struct rows_out *rows, struct fault *f)
{
	int64_t ms = (int64_t)c->conf->sources[source].timeout * 1000;
	struct source_pulse pulse = { beat, c->events };
	struct sql_done done;
	struct gate gate;
	enum err e = tool_enter(c, f);

	if (e != ERR_OK)
		return e;
	ask->deadline = deadline_in(ms);
	ask->pulse = c->events == NULL ? NULL : &pulse;
	if (c->guard != NULL)
		c->guard->arm(c->guard,
		    ms + 1000 * (int64_t)c->conf->limits.hard_extra);
	e = source_run(c->sources, source, c->arena, ask, &gate, &rows->sink,
	    &done, f);
	if (c->guard != NULL)
		c->guard->disarm(c->guard);
	tool_leave(c);
	return e;
}

/* The member "sample"; a source that gives none spoils nothing else. */
static enum err
put_sample(struct tool_call *c, int source, const struct table_name *t,
    struct json_out *out, struct fault *f)
{
	const struct conf_source *s = &c->conf->sources[source];
	struct sql_ask ask = { .text = statement(c, source, t),
		.classes = SQL_BIT(SQL_SELECT),
		.verbs = auth_verbs(c->who, c->conf, source),
		.max_rows = SAMPLE_ROWS,
		.begin = begin,
		.begin_arg = c->attempt };
	struct json_mark before = json_mark(out);
	struct fault why = { 0 };
	struct rows_out rows;
	enum err e;

	c->attempt->sql = ask.text;
	if (c->who->key.max_rows > 0 && c->who->key.max_rows < ask.max_rows)
		ask.max_rows = c->who->key.max_rows;
	json_obj(out, "sample");
	rows_begin(&rows, out, c->arena, ROWS_OBJECTS);
	rows.max_rows = ask.max_rows;
	rows.max_bytes = s->max_bytes;
	rows.max_cell = s->max_cell;
	e = run_sample(c, source, &ask, &rows, &why);
	if (e == ERR_OK) {
		rows_end(&rows, -1);
		json_end(out);
		c->attempt->rows = rows.rows;
		return ERR_OK;
	}
	if (e == ERR_UNAVAILABLE) {
		*f = why;
		return e;
	}
	json_rewind(out, before);
	json_z(out, "notice",
	    arena_fmt(c->arena, "no sample: %s: %s", err_name(e), why.msg).p);
	return ERR_OK;
}

static void
put_table(struct json_out *out, const char *source, const struct table_name *t)
{
	json_z(out, "source", source);
	json_str(out, "schema", t->schema.p, t->schema.len);
	json_str(out, "table", t->table.p, t->table.len);
	json_str(out, "type", t->type.p, t->type.len);
	if (t->about.len > 0)
		json_str(out, "about", t->about.p, t->about.len);
	if (t->rows >= 0)
		json_int(out, "rowEstimate", t->rows);
}

/* The one table of exactly that name. */
static enum err
find_table(struct tool_call *c, int source, struct str schema, struct str table,
    struct table_name *out, struct fault *f)
{
	struct meta_want w = { .schema = schema, .table = table };
	struct table_name *v;
	size_t n;
	enum err e = meta_tables(c, source, &w, &v, &n, f);

	if (e == ERR_SCHEMA_NOT_FOUND || e == ERR_TABLE_NOT_FOUND)
		n = 0;
	else if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].schema, schema) && str_eq(v[i].table, table)) {
			*out = v[i];
			return ERR_OK;
		}
	return fault_set(f, ERR_UNKNOWN_RESOURCE, "Resource not found");
}

enum err
content_table_find(struct tool_call *c, int source, struct str schema,
    struct str table, struct fault *f)
{
	struct table_name t;

	return find_table(c, source, schema, table, &t, f);
}

enum err
content_table(struct tool_call *c, int source, struct str schema,
    struct str table, struct str *escaped, struct fault *f)
{
	const struct conf_source *s = &c->conf->sources[source];
	size_t max = (size_t)s->max_bytes + ((size_t)1 << 20);
	struct buf body, twin;
	struct json_out out;
	struct table_name t;
	enum err e = find_table(c, source, schema, table, &t, f);

	if (e != ERR_OK)
		return e;
	buf_init(&body, c->arena, max);
	buf_init(&twin, c->arena, 2 * max);
	json_out_init(&out, &body, &twin);
	json_obj(&out, NULL);
	put_table(&out, s->name, &t);
	e = put_columns(c, source, &t, &out, f);
	if (e == ERR_OK && sees_rows(c, source))
		e = put_sample(c, source, &t, &out, f);
	json_end(&out);
	if (e != ERR_OK)
		return e;
	if (json_failed(&out))
		return fault_set(f, ERR_TOO_LARGE,
		    "the description of this table is too large to send");
	*escaped = buf_text(&twin);
	return ERR_OK;
}
