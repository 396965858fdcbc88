/* SPDX-License-Identifier: ISC */
/*
 * explain_sql's rows.  Servers before 20 have no EXPLAIN: there the plan is
 * what can be said of the tables that are read.
 */
#include "source/clickhouse_int.h"

enum {
	OUT_ID,
	OUT_PARENT,
	OUT_DETAIL,
	OUT_TABLE,
	OUT_ACCESS,
	OUT_INDEX,
	OUT_FILTERS,
	OUT_ROWS,
	OUT_COUNT
};

static struct value
number(struct str s)
{
	struct value v = { .kind = VALUE_INT };

	if (str_int(s, 0, INT64_MAX, &v.i))
		return v;
	return (struct value){ .kind = VALUE_NULL };
}

static bool
put_columns(struct row_sink *to)
{
	static const char *const names[OUT_COUNT] = { "id", "parent", "detail",
		"table", "access", "index", "filters", "estimated_rows" };
	struct column c[OUT_COUNT];

	for (int i = 0; i < OUT_COUNT; i++) {
		bool n = i == OUT_ID || i == OUT_PARENT || i == OUT_ROWS;

		ch_column(str_of(names[i]), n ? STR("Int64") : STR("String"),
		    &c[i]);
		c[i].nullable = -1;
	}
	return to->cols(to, c, OUT_COUNT);
}

/* The server's own lines, each step deeper by two blanks. */
static enum err
servers_plan(struct ch_flow *w, const struct ch_text *t, struct fault *f)
{
	struct ch_table lines;
	int64_t parents[64] = { 0 };
	enum err e = ch_table_in(w->c, w->a,
	    arena_fmt(w->a, "EXPLAIN %.*s", (int)t->sql.len, t->sql.p),
	    w->q->schema, &lines, f);

	for (size_t i = 0; e == ERR_OK && i < lines.rows; i++) {
		struct str line = ch_cell(&lines, i, 0);
		size_t depth = 0;
		struct value v[OUT_COUNT] = { 0 };

		while (depth < line.len && line.p[depth] == ' ')
			depth++;
		line = str_from(line, depth);
		depth = depth / 2 < 62 ? depth / 2 : 62;
		parents[depth + 1] = (int64_t)i + 1;
		v[OUT_ID] =
		    (struct value){ .kind = VALUE_INT, .i = (int64_t)i + 1 };
		v[OUT_PARENT] =
		    (struct value){ .kind = VALUE_INT, .i = parents[depth] };
		v[OUT_DETAIL] = ch_text_value(line);
		if (!w->to->row(w->to, v, OUT_COUNT))
			break;
	}
	return e;
}

/* One table that is read: its engine, its key, its rows. */
static enum err
put_table(struct ch_flow *w, struct str name, int64_t id, struct fault *f)
{
	struct arena *a = w->a;
	struct ch_table t;
	struct value v[OUT_COUNT] = { 0 };
	struct str engine, key = { 0 };
	const char *quoted = ch_text_literal(a, name).p;
	enum err e = ch_table(w->c, a,
	    arena_fmt(a,
		"SELECT engine, primary_key, (SELECT toInt64(sum(rows)) FROM system.parts WHERE active AND table = %s) FROM system.tables WHERE name = %s AND database != 'system' LIMIT 1",
		quoted, quoted),
	    &t, f);

	if (e != ERR_OK)
		return e;
	engine = ch_cell(&t, 0, 0);
	/* It may be made of columns that rules hide. */
	if (!w->c->rules || !rules_columns(w->c->spec, name))
		key = ch_cell(&t, 0, 1);
	v[OUT_ID] = (struct value){ .kind = VALUE_INT, .i = id };
	v[OUT_PARENT] = (struct value){ .kind = VALUE_INT, .i = 0 };
	v[OUT_DETAIL] = ch_text_value(arena_fmt(a, "Read %.*s%s%.*s%s%.*s",
	    (int)name.len, name.p, engine.len > 0 ? " of " : "",
	    (int)engine.len, engine.len > 0 ? engine.p : "",
	    key.len > 0 ? " by primary key " : "", (int)key.len,
	    key.len > 0 ? key.p : ""));
	v[OUT_TABLE] = ch_text_value(name);
	v[OUT_ACCESS] = ch_text_value(STR("other"));
	if (str_ends(engine, STR("MergeTree")))
		v[OUT_ROWS] = number(ch_cell(&t, 0, 2));
	(void)w->to->row(w->to, v, OUT_COUNT);
	return ERR_OK;
}

static enum err
our_plan(struct ch_flow *w, struct fault *f)
{
	const struct gate *g = w->q->gate;
	struct value v[OUT_COUNT] = { 0 };
	enum err e = ERR_OK;

	for (size_t i = 0; i < g->ntables && e == ERR_OK; i++) {
		bool data =
		    str_eq(g->tables[i], STR("data")) && w->q->data.len > 0;

		e = put_table(w, data ? w->q->data : g->tables[i],
		    (int64_t)i + 1, f);
	}
	if (g->ntables > 0 || e != ERR_OK)
		return e;
	v[OUT_ID] = (struct value){ .kind = VALUE_INT, .i = 1 };
	v[OUT_PARENT] = (struct value){ .kind = VALUE_INT, .i = 0 };
	v[OUT_DETAIL] = ch_text_value(STR("Read no table"));
	(void)w->to->row(w->to, v, OUT_COUNT);
	return ERR_OK;
}

/* A write is as good as what it says: that it can be read is enough. */
static enum err
understood(struct ch_flow *w, struct ch_text *t, struct fault *f)
{
	struct sql q = *w->q;
	struct ch_flow look = { w->c, w->a, &q, w->to, w->done };
	enum err e;

	if (sql_writes(w->q)) {
		q.describe = true;
		return ch_write(&look, f);
	}
	t->prefix = sizeof("DESCRIBE TABLE (\n") - 1;
	e = ch_rules(w, t, f);
	return e == ERR_OK ? ch_fit(w, t, 0, ch_is_query, f) : e;
}

enum err
ch_plan(struct ch_flow *w, struct fault *f)
{
	struct ch_text t = { .n = 0 };
	enum err e = understood(w, &t, f);

	if (e != ERR_OK)
		return e;
	if (!put_columns(w->to))
		return ERR_OK;
	/* The server's own plan would name what rules hide. */
	if (w->c->year >= CH_EXPLAIN_YEAR && !w->c->rules && !sql_writes(w->q))
		return servers_plan(w, &t, f);
	return our_plan(w, f);
}
