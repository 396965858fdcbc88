/* SPDX-License-Identifier: ISC */
/*
 * The plan of a statement, from databases that are known to show one: ODBC has
 * no word for it.
 */
#include <string.h>

#include "source/odbc_int.h"

#define DEPTH_MAX 64

static const struct {
	const char *name;
	enum data_type type;
} heads[] = {
	{ "id", DT_INTEGER },
	{ "parent", DT_INTEGER },
	{ "detail", DT_TEXT },
	{ "table", DT_TEXT },
	{ "access", DT_TEXT },
	{ "index", DT_TEXT },
	{ "filters", DT_TEXT },
	{ "estimated_rows", DT_BIGINT },
};
#define NHEADS (sizeof(heads) / sizeof(heads[0]))

/* One line of the plan. */
struct step {
	int64_t id, parent;
	struct str detail, table, access, index, filters;
	int64_t rows;
};

struct planning {
	struct odbc_flow *w;
	struct step steps[DEPTH_MAX * 4];
	size_t n;
	struct {
		size_t indent;
		int64_t id;
	} above[DEPTH_MAX];
	size_t depth;
};

static bool
send_heads(struct odbc_flow *w, size_t n)
{
	struct column c[NHEADS];

	for (size_t i = 0; i < n; i++)
		c[i] = (struct column){ .name = str_of(heads[i].name),
			.type = heads[i].type,
			.type_name = heads[i].type == DT_TEXT ? STR("TEXT")
							      : STR("INTEGER"),
			.nullable = -1,
			.length = -1,
			.precision = -1,
			.scale = -1 };
	return w->to->cols(w->to, c, n);
}

static struct value
text(struct str s)
{
	if (s.p == NULL)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

static bool
send_step(struct odbc_flow *w, const struct step *s, size_t n)
{
	struct value v[NHEADS] = {
		{ .kind = VALUE_INT, .i = s->id },
		{ .kind = VALUE_INT, .i = s->parent },
		text(s->detail),
		text(s->table),
		text(s->access),
		text(s->index),
		text(s->filters),
		{ .kind = s->rows < 0 ? VALUE_NULL : VALUE_INT, .i = s->rows },
	};

	return w->to->row(w->to, v, n);
}

/* Where a word stands, s.len when it does not. */
static size_t
find(struct str s, struct str word)
{
	size_t i = 0;

	while (i < s.len && !str_starts(str_from(s, i), word))
		i++;
	return i;
}

/* What stands between two words, p NULL without the first. */
static struct str
between(struct str s, const char *from, const char *to)
{
	size_t at = find(s, str_of(from));

	if (at == s.len)
		return (struct str){ 0 };
	s = str_from(s, at + strlen(from));
	return (struct str){ s.p, find(s, str_of(to)) };
}

/* "Index Scan using orders_pkey on orders o  (cost=0.15 rows=1 width=8)" */
static void
understand(struct step *s)
{
	struct str head = between(s->detail, "", "  (cost");
	struct str rows = between(s->detail, " rows=", " ");

	s->rows = -1;
	(void)(rows.p != NULL && str_int(rows, 0, INT64_MAX, &s->rows));
	s->table = between(head, " on ", " ");
	s->index = between(head, " using ", " ");
	if (s->table.p == NULL || str_starts(head, STR("Bitmap Index")))
		return;
	if (str_starts(head, STR("Seq Scan")))
		s->access = STR("scan");
	else
		s->access = str_starts(head, STR("Index")) ||
				    str_starts(head, STR("Bitmap"))
				? STR("index")
				: STR("other");
}

/* A line that begins a step, or says more of the one before. */
static void
take_line(struct planning *p, struct str line)
{
	struct str s = str_trim(line);
	size_t indent = 0;
	struct step *step;

	while (indent < line.len && line.p[indent] == ' ')
		indent++;
	if (p->n > 0 && !str_starts(s, STR("->  "))) {
		struct str filter = between(s, "Filter: ", "\n");

		if (filter.p == NULL)
			filter = between(s, "Cond: ", "\n");
		step = &p->steps[p->n - 1];
		if (filter.p != NULL && step->filters.p == NULL)
			step->filters = filter;
		return;
	}
	if (p->n == sizeof(p->steps) / sizeof(p->steps[0]))
		return;
	while (p->depth > 0 && p->above[p->depth - 1].indent >= indent)
		p->depth--;
	step = &p->steps[p->n++];
	*step = (struct step){ .id = (int64_t)p->n,
		.parent = p->depth == 0 ? 0 : p->above[p->depth - 1].id,
		.detail = str_starts(s, STR("->  ")) ? str_from(s, 4) : s };
	understand(step);
	if (p->depth < DEPTH_MAX) {
		p->above[p->depth].indent = p->n == 1 ? 0 : indent;
		p->above[p->depth++].id = step->id;
	}
}

static enum err
lines(struct odbc_flow *w, struct fault *f)
{
	struct planning *p = arena_zero(w->a, 1, sizeof(*p));
	bool end = false;
	enum err e = ERR_OK;

	while (e == ERR_OK && !end) {
		struct str line;

		e = odbc_fetch(w->c, w->a, w->s, &end, f);
		if (e != ERR_OK || end)
			break;
		e = odbc_cell(w->c, w->a, w->s, 1, &line, f);
		if (e == ERR_OK && line.p != NULL)
			take_line(p, line);
	}
	if (e != ERR_OK || !send_heads(w, NHEADS))
		return e;
	for (size_t i = 0; i < p->n; i++)
		if (!send_step(w, &p->steps[i], NHEADS))
			break;
	return e;
}

/* id, parent, something else, detail: as SQLite has it. */
static enum err
tree(struct odbc_flow *w, struct fault *f)
{
	bool end = false, more = send_heads(w, 3);
	enum err e = ERR_OK;

	while (e == ERR_OK && more) {
		struct step s = { .rows = -1 };
		struct str id, parent;

		e = odbc_fetch(w->c, w->a, w->s, &end, f);
		if (e != ERR_OK || end)
			break;
		e = odbc_cell(w->c, w->a, w->s, 1, &id, f);
		if (e == ERR_OK)
			e = odbc_cell(w->c, w->a, w->s, 2, &parent, f);
		if (e == ERR_OK)
			e = odbc_cell(w->c, w->a, w->s, 4, &s.detail, f);
		if (e != ERR_OK)
			break;
		(void)str_int(id, 0, INT64_MAX, &s.id);
		(void)str_int(parent, 0, INT64_MAX, &s.parent);
		more = send_step(w, &s, 3);
	}
	return e;
}

/* What can be explained without being run. */
static bool is_plain(enum sql_class class)
{
	return class == SQL_SELECT || class == SQL_INSERT ||
	       class == SQL_UPDATE || class == SQL_DELETE || class == SQL_MERGE;
}

/* A statement of ours, or "q" within it. */
static enum err
say(struct odbc_flow *w, struct str said, const struct sql *q, struct fault *f)
{
	SQLHSTMT s = NULL;
	enum err e = odbc_stmt(w->c, &s, f);

	if (e == ERR_OK)
		e = odbc_prepare(w->c, w->a, s, said, q, f);
	if (e == ERR_OK)
		e = odbc_execute(w->c, w->a, s, q, f);
	odbc_stmt_end(w->c, s);
	return e;
}

/* The plan that is good for any value: a NULL in the place of one would have
 * that of a statement that finds nothing.  What is prepared outlives the
 * transaction, and the connection is not used again. */
static enum err
prepare_any(struct odbc_flow *w, struct fault *f)
{
	size_t n = w->q->gate->nmarks;
	struct str made;
	struct buf b;
	enum err e;

	w->numbered = true;
	e = odbc_text(w, "PREPARE mcp_plan AS ", &made, f);
	w->numbered = false;
	if (e == ERR_OK)
		e = odbc_use_schema(w->c, w->a, w->q->schema, f);
	if (e == ERR_OK)
		e = say(w,
		    STR("SET LOCAL plan_cache_mode = force_generic_plan"), NULL,
		    f);
	w->c->stained = true;
	if (e == ERR_OK)
		e = say(w, made, w->q, f);
	if (e == ERR_OK)
		e = odbc_stmt(w->c, &w->s, f);
	if (e != ERR_OK)
		return e;
	buf_init(&b, w->a, n * 8 + 128);
	buf_str(&b, str_of(w->c->engine->explain));
	buf_lit(&b, "EXECUTE mcp_plan");
	for (size_t i = 0; i < n; i++)
		buf_str(&b, i == 0 ? STR(" (NULL") : STR(", NULL"));
	buf_char(&b, ')');
	return odbc_prepare(w->c, w->a, w->s,
	    str_of(arena_z(w->a, buf_text(&b))), w->q, f);
}

enum err
odbc_plan(struct odbc_flow *w, struct fault *f)
{
	const struct odbc_engine *g = w->c->engine;
	enum err e;

	if (g == NULL || g->plan == PLAN_NONE || !is_plain(w->q->gate->class))
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "the plan of this statement cannot be had through ODBC");
	if (g->prepares && w->q->gate->nmarks > 0 && w->q->nparams == 0)
		e = prepare_any(w, f);
	else
		e = odbc_flow_prepare(w, g->explain, f);
	if (e == ERR_OK)
		e = odbc_execute(w->c, w->a, w->s, w->q, f);
	if (e == ERR_OK)
		e = g->plan == PLAN_TREE ? tree(w, f) : lines(w, f);
	odbc_stmt_end(w->c, w->s);
	w->s = NULL;
	odbc_rollback(w->c);
	return e;
}
