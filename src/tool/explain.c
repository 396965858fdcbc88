/* SPDX-License-Identifier: ISC */
/* explain_sql: the engine's plan as tables and, when asked, as a tree. */
#include "tool/sql_int.h"

#define NODES_MAX 500

/* What one step of a plan does with one table. */
struct access {
	struct str table, how, index, filters;
	int64_t rows; /* -1: nobody says */
};

struct node {
	int64_t id, parent;
	struct str detail;
	struct access access;
};

/* The columns of a plan (source/driver.h); the last ones are of drivers whose
 * detail is in words of their own. */
enum {
	AT_ID,
	AT_PARENT,
	AT_DETAIL,
	AT_TABLE,
	AT_ACCESS,
	AT_INDEX,
	AT_FILTERS,
	AT_ROWS,
	AT_COUNT
};

struct plan {
	struct row_sink sink;
	struct arena *arena;
	int at[AT_COUNT]; /* -1: there is none */
	struct node *nodes;
	size_t n;
	enum sql_dialect dialect;
	const struct sql_job *job;
	bool quiet; /* names of indexes could tell those of hidden columns */
};

static struct plan *
plan_of(struct row_sink *to)
{
	return (struct plan *)((char *)to - offsetof(struct plan, sink));
}

static bool
plan_cols(struct row_sink *to, const struct column *c, size_t n)
{
	struct plan *p = plan_of(to);

	static const char *const names[AT_COUNT] = { "id", "parent", "detail",
		"table", "access", "index", "filters", "estimated_rows" };

	for (int k = 0; k < AT_COUNT; k++) {
		p->at[k] = -1;
		for (size_t i = 0; i < n; i++)
			if (str_ieq(c[i].name, str_of(names[k])))
				p->at[k] = (int)i;
	}
	if (p->at[AT_DETAIL] < 0)
		p->at[AT_DETAIL] = (int)n - 1;
	return true;
}

static int64_t
int_at(const struct value *v, size_t n, int at)
{
	if (at < 0 || (size_t)at >= n || v[at].kind != VALUE_INT)
		return 0;
	return v[at].i;
}

static struct str
text_at(const struct plan *p, const struct value *v, size_t n, int at)
{
	if (at < 0 || (size_t)at >= n || v[at].kind != VALUE_TEXT)
		return (struct str){ "", 0 };
	return arena_dup(p->arena, v[at].s);
}

static bool
plan_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct plan *p = plan_of(to);
	struct node *node = &p->nodes[p->n];
	const int *at = p->at;

	if (p->n == NODES_MAX)
		return false;
	*node =
	    (struct node){ int_at(v, n, at[AT_ID]), int_at(v, n, at[AT_PARENT]),
		    text_at(p, v, n, at[AT_DETAIL]), { .rows = -1 } };
	if (at[AT_TABLE] >= 0)
		node->access = (struct access){
			.table = text_at(p, v, n, at[AT_TABLE]),
			.how = text_at(p, v, n, at[AT_ACCESS]),
			.index = text_at(p, v, n, at[AT_INDEX]),
			.filters = text_at(p, v, n, at[AT_FILTERS]),
			.rows =
			    at[AT_ROWS] < 0 ? -1 : int_at(v, n, at[AT_ROWS]),
		};
	p->n++;
	return true;
}

/* The next word of *rest. */
static struct str
word_next(struct str *rest)
{
	struct str word;

	while (str_cut(rest, ' ', &word))
		if (word.len > 0)
			return word;
	return (struct str){ "", 0 };
}

static struct str
in_brackets(struct str s)
{
	const char *from = s.len == 0 ? NULL : memchr(s.p, '(', s.len);

	while (s.len > 0 && s.p[s.len - 1] != ')')
		s.len--;
	if (from == NULL || s.len < 2 || from + 1 > s.p + s.len - 1)
		return (struct str){ NULL, 0 };
	return (struct str){ from + 1, (size_t)(s.p + s.len - 1 - (from + 1)) };
}

/* Behind "INDEX", up to what is compared; a name may have spaces. */
static struct str
index_in(struct str s)
{
	while (s.len > 0 && !str_starts(s, STR(" INDEX ")))
		s = str_from(s, 1);
	s = str_from(s, sizeof(" INDEX ") - 1);
	if (str_starts(s, STR("(")))
		return (struct str){ NULL, 0 };
	for (size_t i = s.len; i > 0; i--)
		if (str_starts(str_from(s, i - 1), STR(" (")))
			return (struct str){ s.p, i - 1 };
	return s;
}

/* "SEARCH t USING COVERING INDEX i (a=?)", "SCAN t": false for the rest. */
static bool
access_read(struct str detail, struct access *a)
{
	struct str rest = detail, verb = word_next(&rest);

	*a = (struct access){ .how = STR("other"), .rows = -1 };
	if (!str_eq(verb, STR("SCAN")) && !str_eq(verb, STR("SEARCH")))
		return false;
	a->how = str_eq(verb, STR("SCAN")) ? STR("scan") : STR("index");
	a->table = word_next(&rest);
	if (str_eq(a->table, STR("TABLE")))
		a->table = word_next(&rest);
	a->filters = in_brackets(detail);
	a->index = index_in(detail);
	if (a->index.len > 0)
		a->how = STR("index");
	return true;
}

static void
member(struct json_out *out, const char *key, struct str s)
{
	if (s.len > 0)
		json_str(out, key, s.p, s.len);
}

static void
accesses_write(struct json_out *out, const struct plan *p)
{
	const struct sql_job *j = p->job;

	json_arr(out, "tables");
	for (size_t i = 0; i < p->n; i++) {
		struct access a = p->nodes[i].access;

		if (p->at[AT_TABLE] >= 0 ? a.table.len == 0
					 : !access_read(p->nodes[i].detail, &a))
			continue;
		a.table = gate_table(p->arena, p->dialect, j->ask.text,
		    &j->gate, a.table);
		json_obj(out, NULL);
		json_str(out, "table_name", a.table.p, a.table.len);
		if (a.rows >= 0)
			json_int(out, "estimated_rows", a.rows);
		member(out, "filters", a.filters);
		json_str(out, "access", a.how.p, a.how.len);
		if (!p->quiet)
			member(out, "index", a.index);
		json_end(out);
	}
	json_end(out);
}

static bool
is_letter(char c)
{
	return c == '_' || c == '$' || (c & 0x80) != 0 ||
	       (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Is "name" there, and no part of another word? */
static bool
is_word(struct str s, size_t at, struct str name)
{
	return str_starts(str_from(s, at), name) &&
	       (at == 0 || !is_letter(s.p[at - 1])) &&
	       (at + name.len == s.len || !is_letter(s.p[at + name.len]));
}

/* A step in the engine's words; without the index it uses where that has to
 * stay unsaid. */
static struct str
step_of(const struct plan *p, const struct node *node)
{
	struct str s = node->detail;
	struct access a = node->access;
	struct buf b;

	if (!p->quiet)
		return s;
	if (p->at[AT_TABLE] < 0)
		(void)access_read(s, &a);
	if (a.index.len == 0)
		return s;
	buf_init(&b, p->arena, s.len * sizeof("(index)"));
	for (size_t i = 0; i < s.len;) {
		bool told = is_word(s, i, a.index);

		if (told)
			buf_lit(&b, "(index)");
		else
			buf_char(&b, s.p[i]);
		i += told ? a.index.len : 1;
	}
	return buf_text(&b);
}

/* Parents come before their children, so one level after the other ends;
 * the writer's depth bounds what a strange plan could make. */
static void
nodes_write(struct json_out *out, const struct plan *p, int64_t parent,
    size_t from, unsigned depth)
{
	for (size_t i = from; i < p->n && depth < JSON_DEPTH / 2 - 4; i++) {
		const struct node *node = &p->nodes[i];
		struct str step;

		if (node->parent != parent)
			continue;
		step = step_of(p, node);
		json_obj(out, NULL);
		json_str(out, "name", step.p, step.len);
		json_arr(out, "children");
		nodes_write(out, p, node->id, i + 1, depth + 1);
		json_end(out);
		json_obj(out, "extra_info");
		json_end(out);
		json_end(out);
	}
}

static enum err
plan_answer(struct sql_job *j, const struct plan *p, bool tree, struct fault *f)
{
	struct run *r = j->run;

	answer_begin(r, (int64_t)j->whole.len * 8);
	json_str(&r->out, "statement", j->whole.p, j->whole.len);
	accesses_write(&r->out, p);
	if (tree) {
		json_arr(&r->out, "plan");
		nodes_write(&r->out, p, 0, 0, 0);
		json_end(&r->out);
	}
	return answer_end(r, f);
}

/* EXPLAIN is ours to add: an ANALYZE behind it would run the statement. */
static enum err
explain_check(const struct sql_job *j, struct fault *f)
{
	struct tool_call *c = j->run->call;
	struct gate g = { 0 };
	enum err e =
	    gate_read(c->arena, source_engine(c->sources, j->source)->dialect,
		j->ask.text, NULL, NULL, &g, f);

	if (e != ERR_OK)
		return e;
	if (!str_ieq(g.first, STR("EXPLAIN")) &&
	    !str_ieq(g.first, STR("ANALYZE")) && g.class != SQL_EXPLAIN)
		return ERR_OK;
	fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "the statement must not begin with %.*s", (int)g.first.len,
	    g.first.p);
	fault_hint(f, "give the statement alone");
	return ERR_STATEMENT_NOT_ALLOWED;
}

static enum err
explain_run(struct sql_job *j, bool tree, struct fault *f)
{
	struct arena *a = j->run->call->arena;
	const struct conf_source *spec =
	    &j->run->call->conf->sources[j->source];
	struct plan p = { .sink = { plan_cols, plan_row, NULL },
		.arena = a,
		.dialect =
		    source_engine(j->run->call->sources, j->source)->dialect,
		.job = j,
		.quiet = rules_any_columns(spec) };
	enum err e;

	p.nodes = arena_zero(a, NODES_MAX, sizeof(*p.nodes));
	j->ask.explain = true;
	j->ask.max_rows = NODES_MAX;
	j->ask.all_rows = true;
	j->ask.classes = SQL_BIT(SQL_SELECT) | SQL_BIT(SQL_INSERT) |
			 SQL_BIT(SQL_UPDATE) | SQL_BIT(SQL_DELETE) |
			 SQL_BIT(SQL_MERGE);
	e = job_run(j, &p.sink, f);
	if (e == ERR_OK)
		e = plan_answer(j, &p, tree, f);
	/* Nothing ran; whatever the engine opened is rolled back. */
	j->ask.dry_run = true;
	return job_finish(j, e, f);
}

enum err
op_explain(struct run *r, const void *args, struct fault *f)
{
	const struct op_args *a = args;
	struct str text = a->query;
	struct sql_job j;
	int source;
	enum err e = source_place(r, "catalog", a->catalog, &text, &source, f);

	if (e != ERR_OK)
		return e;
	job_init(&j, r, source, text, NULL);
	e = job_check(&j, "statement", f);
	if (e == ERR_OK)
		e = explain_check(&j, f);
	if (e != ERR_OK)
		return e;
	job_limits(&j, 0, 0);
	j.whole = a->query;
	j.ask.schema = a->schema;
	return explain_run(&j, a->plan, f);
}
