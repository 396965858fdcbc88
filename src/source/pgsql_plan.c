/* SPDX-License-Identifier: ISC */
/* Plans of the server: what a write would do, and explain_sql's rows. */
#include "source/pgsql_int.h"

#define PLAN_DEPTH 200

static const struct json_limits plan_limits = { 400, 1000000, 1u << 22, 64 };

static const struct {
	const char *operation;
	unsigned verbs;
} operations[] = {
	{ "Insert", VERB_INSERT },
	{ "Update", VERB_UPDATE },
	{ "Delete", VERB_DELETE },
	{ "Merge", VERB_INSERT | VERB_UPDATE },
};

static unsigned
node_verbs(const json_t *node)
{
	struct str op = json_text(json_member(node, "Operation"));
	unsigned verbs = 0;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (str_eq(op, str_of(operations[i].operation)))
			verbs |= operations[i].verbs;
	if (str_eq(json_text(json_member(node, "Conflict Resolution")),
		STR("UPDATE")))
		verbs |= VERB_UPDATE;
	return verbs;
}

static unsigned
tree_verbs(const json_t *node, int depth)
{
	const json_t *kids = json_member(node, "Plans");
	unsigned verbs = node_verbs(node);
	size_t i;

	if (depth > PLAN_DEPTH)
		return VERB_ALL;
	for (i = 0; i < json_array_size(kids); i++)
		verbs |= tree_verbs(json_array_get(kids, i), depth + 1);
	return verbs;
}

/* The plans of a text; rules of the database can make several of one. */
static const json_t *
plans_of(struct arena *a, const PGresult *res, struct fault *f)
{
	struct str text = { PQgetvalue(res, 0, 0),
		(size_t)PQgetlength(res, 0, 0) };
	json_t *root;

	if (json_parse(a, text, &plan_limits, &root, f) != ERR_OK)
		return NULL;
	return root;
}

#define EXPLAIN "EXPLAIN (FORMAT JSON) "

/* Without values: the plan that is good for any.  A NULL in the place of one
 * would have the plan of a statement that finds nothing. */
static enum err
explain_any(struct pgsql_flow *w, const struct pgsql_frame *fr, PGresult **res,
    struct fault *f)
{
	struct buf b;
	int n = 0;
	enum err e = pgsql_ask(w->c, w->a,
	    "DEALLOCATE ALL; SET LOCAL plan_cache_mode = force_generic_plan",
	    NULL, 0, res, f);

	if (e == ERR_OK)
		e = pgsql_prepare(w, "mcp_plan", fr, &n, f);
	if (e != ERR_OK)
		return e;
	buf_init(&b, w->a, (size_t)1 << 22);
	buf_lit(&b, EXPLAIN "EXECUTE mcp_plan");
	for (int i = 0; i < n; i++)
		buf_str(&b, i == 0 ? STR(" (NULL") : STR(", NULL"));
	buf_str(&b, n > 0 ? STR(")") : STR(""));
	buf_char(&b, '\0');
	return pgsql_ask(w->c, w->a, b.p, NULL, 0, res, f);
}

static enum err
explain_these(struct pgsql_flow *w, const struct pgsql_frame *fr,
    PGresult **res, struct fault *f)
{
	struct pgsql_text t;
	enum err e = pgsql_text(w, EXPLAIN, fr, &t, f);

	if (e == ERR_OK)
		e = pgsql_typing_check(w, fr, f);
	return e == ERR_OK ? pgsql_send(w->c, w->a, &t, res, f) : e;
}

static enum err
explain(struct pgsql_flow *w, const struct pgsql_frame *fr, PGresult **res,
    struct fault *f)
{
	bool any = w->q->gate->nmarks > 0 && w->q->nparams == 0;
	enum err e =
	    any ? explain_any(w, fr, res, f) : explain_these(w, fr, res, f);

	if (e == ERR_OK && PQntuples(*res) == 0)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this statement has no plan");
	return e;
}

enum err
pgsql_plan_verbs(struct pgsql_flow *w, unsigned *verbs, struct fault *f)
{
	struct pgsql_frame fr = { w->q->text, "", "" };
	const json_t *plans;
	PGresult *res;
	size_t i;
	enum err e = explain(w, &fr, &res, f);

	*verbs = 0;
	if (e != ERR_OK)
		return e;
	plans = plans_of(w->a, res, f);
	if (plans == NULL)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "what this statement changes cannot be told");
	for (i = 0; i < json_array_size(plans); i++)
		*verbs |=
		    tree_verbs(json_member(json_array_get(plans, i), "Plan"),
			0);
	return ERR_OK;
}

struct plan_rows {
	struct pgsql_flow *w;
	int64_t next; /* id */
	bool ended;
};

static struct value
text(struct str s)
{
	if (s.len == 0)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

static struct str
access_of(struct str type, struct str table)
{
	if (table.len == 0)
		return (struct str){ 0 };
	if (str_eq(type, STR("Seq Scan")))
		return STR("scan");
	if (str_starts(type, STR("Index")) || str_starts(type, STR("Bitmap")))
		return STR("index");
	return STR("other");
}

/* Its conditions, with " AND " between. */
static struct str
filters_of(struct arena *a, const json_t *node)
{
	static const char *const keys[] = { "Index Cond", "Recheck Cond",
		"Hash Cond", "Merge Cond", "Join Filter", "Filter" };
	struct buf b;

	buf_init(&b, a, (size_t)1 << 20);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct str s = json_text(json_member(node, keys[i]));

		if (s.len == 0)
			continue;
		buf_str(&b, b.len == 0 ? STR("") : STR(" AND "));
		buf_str(&b, s);
	}
	return buf_text(&b);
}

static struct str
detail_of(struct arena *a, const json_t *node, struct str table,
    struct str index)
{
	struct str type = json_text(json_member(node, "Node Type"));
	struct str op = json_text(json_member(node, "Operation"));

	return arena_fmt(a, "%.*s%s%.*s%s%.*s",
	    (int)(op.len != 0 ? op.len : type.len), op.len != 0 ? op.p : type.p,
	    index.len != 0 ? " using " : "", (int)index.len,
	    index.len != 0 ? index.p : "", table.len != 0 ? " on " : "",
	    (int)table.len, table.len != 0 ? table.p : "");
}

static void
put_node(struct plan_rows *p, const json_t *node, int64_t parent, int depth)
{
	struct arena *a = p->w->a;
	struct str table = json_text(json_member(node, "Relation Name"));
	struct str index = json_text(json_member(node, "Index Name"));
	struct str type = json_text(json_member(node, "Node Type"));
	const json_t *kids = json_member(node, "Plans");
	const json_t *rows = json_member(node, "Plan Rows");
	int64_t id = ++p->next;
	size_t i;
	struct value v[PLAN_OUT_COUNT] = {
		[PLAN_OUT_ID] = { .kind = VALUE_INT, .i = id },
		[PLAN_OUT_PARENT] = { .kind = VALUE_INT, .i = parent },
		[PLAN_OUT_DETAIL] = text(detail_of(a, node, table, index)),
		[PLAN_OUT_TABLE] = text(table),
		[PLAN_OUT_ACCESS] = text(access_of(type, table)),
		[PLAN_OUT_INDEX] = text(index),
		[PLAN_OUT_FILTERS] = text(filters_of(a, node)),
		[PLAN_OUT_ROWS] = { .kind = VALUE_INT,
		    .i = json_integer_value(rows) },
	};

	if (p->ended || depth > PLAN_DEPTH)
		return;
	p->ended = !p->w->to->row(p->w->to, v, PLAN_OUT_COUNT);
	for (i = 0; i < json_array_size(kids); i++)
		put_node(p, json_array_get(kids, i), id, depth + 1);
}

/* The frame of hidden columns must be understood before it is planned: what a
 * view of the source reads is in the plan too. */
static enum err
framed(struct pgsql_flow *w, struct fault *f)
{
	bool read = w->q->gate->class == SQL_SELECT;
	struct pgsql_frame fr = { w->q->text, "", "" };
	enum err e = ERR_OK;

	e = read ? pgsql_rules_frame(w->c, w->a, w->q, &fr, f)
		 : pgsql_rules_write(w->c, w->a, w->q, f);
	if (e == ERR_OK)
		e = explain(w, &fr, &w->plan, f);
	if (e == ERR_OK)
		e = pgsql_rules_check(w->c, w->a, w->q, f);
	return e;
}

enum err
pgsql_plan(struct pgsql_flow *w, struct fault *f)
{
	struct plan_rows p = { .w = w };
	const json_t *plans = NULL;
	size_t i;
	enum err e = pgsql_settle(w, false, framed, f);

	if (e == ERR_OK) {
		plans = plans_of(w->a, w->plan, f);
		e = plans == NULL ? f->code : ERR_OK;
	}
	if (e == ERR_OK)
		p.ended = !heading_plan(w->to);
	for (i = 0; i < json_array_size(plans); i++)
		put_node(&p, json_member(json_array_get(plans, i), "Plan"), 0,
		    0);
	pgsql_rollback(w->c);
	return e;
}

static enum err
explained(struct pgsql_flow *w, struct fault *f)
{
	struct pgsql_frame fr = { w->q->text, "", "" };
	struct pgsql_text t;
	enum err e = pgsql_rules_write(w->c, w->a, w->q, f);

	if (e == ERR_OK)
		e = pgsql_text(w, "", &fr, &t, f);
	return e == ERR_OK ? pgsql_send(w->c, w->a, &t, &w->plan, f) : e;
}

/* To the server it is no query, so it has no cursor. */
enum err
pgsql_explain(struct pgsql_flow *w, struct fault *f)
{
	enum err e = pgsql_settle(w, false, explained, f);

	if (e == ERR_OK)
		e = pgsql_flow_columns(w, w->plan, f);
	if (e == ERR_OK)
		(void)pgsql_flow_rows(w, w->plan);
	pgsql_rollback(w->c);
	return e;
}
