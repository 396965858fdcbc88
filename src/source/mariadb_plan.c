/* SPDX-License-Identifier: ISC */
/* Plans of the server as explain_sql's rows: its tree, node by node. */
#include "source/mariadb_int.h"

#define PLAN_DEPTH 100

static const struct json_limits plan_limits = { 400, 1000000, 1u << 22, 64 };

struct plan_rows {
	struct mariadb_flow *w;
	int64_t next; /* id */
	bool ended;
};

static struct str
member(const json_t *node, const char *name)
{
	return json_text(json_member(node, name));
}

static struct str
table_of(const struct plan_rows *p, struct str name)
{
	const struct sql *q = p->w->q;

	return gate_table(p->w->a, DIALECT_MARIADB, q->text, q->gate, name);
}

static struct str
access_of(struct str type, struct str table)
{
	if (table.len == 0)
		return (struct str){ 0 };
	if (str_eq(type, STR("ALL")))
		return STR("scan");
	return type.len == 0 || str_eq(type, STR("system")) ? STR("other")
							    : STR("index");
}

/* "block-nl-join" and "temporary_table" as words. */
static struct str
words_of(struct arena *a, const char *key)
{
	char *p = arena_z(a, str_of(key));

	for (char *c = p; *c != '\0'; c++)
		if (*c == '_' || *c == '-')
			*c = ' ';
	return str_of(p);
}

/* Names of indexes are like those of columns, which may be hidden. */
static struct str
index_of(const struct plan_rows *p, const json_t *node, struct str table)
{
	const struct mariadb_conn *c = p->w->c;

	return c->rules && rules_columns(c->spec, table) ? (struct str){ 0 }
							 : member(node, "key");
}

static struct str
detail_of(const struct plan_rows *p, const char *key, const json_t *node)
{
	struct arena *a = p->w->a;
	struct str table = table_of(p, member(node, "table_name")),
		   index = index_of(p, node, table),
		   type = member(node, "access_type"),
		   message = member(node, "message"), name = words_of(a, key);

	if (message.len != 0)
		return message;
	if (table.len == 0)
		return name;
	return arena_fmt(a, "%.*s%s%.*s on %.*s",
	    type.len == 0 ? (int)name.len : (int)type.len,
	    type.len == 0 ? name.p : type.p, index.len != 0 ? " using " : "",
	    (int)index.len, index.len != 0 ? index.p : "", (int)table.len,
	    table.p);
}

static struct value
rows_of(const json_t *node)
{
	const json_t *n = json_member(node, "rows");

	if (n == NULL)
		n = json_member(node, "rows_examined_per_scan");
	return cell_int(json_integer_value(n), json_is_integer(n));
}

static int64_t
put_node(struct plan_rows *p, const char *key, const json_t *node,
    int64_t parent)
{
	struct str table = table_of(p, member(node, "table_name")),
		   type = member(node, "access_type");
	int64_t id = ++p->next;
	struct value v[PLAN_OUT_COUNT] = {
		[PLAN_OUT_ID] = cell_int(id, true),
		[PLAN_OUT_PARENT] = cell_int(parent, true),
		[PLAN_OUT_DETAIL] = cell_text(detail_of(p, key, node)),
		[PLAN_OUT_TABLE] = cell_filled(table),
		[PLAN_OUT_ACCESS] = cell_filled(access_of(type, table)),
		[PLAN_OUT_INDEX] = cell_filled(index_of(p, node, table)),
		[PLAN_OUT_FILTERS] =
		    cell_filled(member(node, "attached_condition")),
		[PLAN_OUT_ROWS] = rows_of(node),
	};

	p->ended = p->ended || !p->w->to->row(p->w->to, v, PLAN_OUT_COUNT);
	return id;
}

/* What only holds other nodes is none itself. */
static bool
is_frame(const char *key, const json_t *node, int64_t parent)
{
	return strcmp(key, "query_block") == 0 && parent == 0 &&
	       json_member(node, "message") == NULL;
}

/* The query that stands for a placeholder. */
static bool
is_unknown(const json_t *block)
{
	const json_t *list = json_member(block, "nested_loop"),
		     *table = json_member(json_array_size(list) > 0
					      ? json_array_get(list, 0)
					      : block,
			 "table");

	return str_eq(member(table, "table_name"), STR(MARIADB_UNKNOWN));
}

static void put_members(struct plan_rows *p, const json_t *node, int64_t parent,
    int depth);

static void
put_member(struct plan_rows *p, const char *key, const json_t *v,
    int64_t parent, int depth)
{
	size_t i;

	if (json_is_object(v) && !is_unknown(v))
		put_members(p, v,
		    is_frame(key, v, parent) ? parent
					     : put_node(p, key, v, parent),
		    depth + 1);
	for (i = 0; i < json_array_size(v); i++)
		put_members(p, json_array_get(v, i), parent, depth + 1);
}

static void
put_members(struct plan_rows *p, const json_t *node, int64_t parent, int depth)
{
	const char *key;
	json_t *v;

	if (depth > PLAN_DEPTH || !json_is_object(node))
		return;
	json_object_foreach((json_t *)(uintptr_t)node, key, v)
	{
		put_member(p, key, v, parent, depth);
	}
}

enum err
mariadb_explain(struct mariadb_flow *w, const char *words,
    const struct mariadb_text *t, MYSQL_STMT **st, struct fault *f)
{
	struct str sql = arena_fmt(w->a, "%s%.*s", words, (int)t->len, t->sql);

	*st = mysql_stmt_init(w->c->h);
	if (*st == NULL)
		return fault_set(f, ERR_INTERNAL, "no memory for a statement");
	if (mariadb_prepare(w->c, *st, sql.p, sql.len) != 0)
		return mariadb_fault(w->c, *st, t, f);
	return ERR_OK;
}

static enum err
ask(struct mariadb_flow *w, MYSQL_STMT **st, json_t **root, struct fault *f)
{
	struct mariadb_rows r;
	struct mariadb_text t;
	enum err e = mariadb_ready(w, &t, f);

	if (e == ERR_OK)
		e = mariadb_explain(w, "EXPLAIN FORMAT=JSON ", &t, st, f);
	if (e != ERR_OK)
		return e;
	if ((t.n > 0 && mysql_stmt_bind_param(*st, t.binds) != 0) ||
	    mariadb_execute(w->c, *st) != 0)
		return mariadb_fault(w->c, *st, NULL, f);
	e = mariadb_take(w->c, w->a, *st, &r, f);
	return e == ERR_OK ? json_parse(w->a, mariadb_cell(&r, 0, 0),
				 &plan_limits, root, f)
			   : e;
}

static enum err
plan_once(struct mariadb_flow *w, json_t **root, struct fault *f)
{
	MYSQL_STMT *st = NULL;
	enum err e = ask(w, &st, root, f);

	mariadb_stmt_close(w->c, st);
	mariadb_stmt_close(w->c, w->st);
	w->st = NULL;
	return e;
}

static bool
names_table(const json_t *node, int depth)
{
	struct str name = member(node, "table_name");
	const char *key;
	json_t *v;

	if (depth > PLAN_DEPTH)
		return false;
	if (name.len != 0 && !str_eq(name, STR(MARIADB_UNKNOWN)))
		return true;
	for (size_t i = 0; i < json_array_size(node); i++)
		if (names_table(json_array_get(node, i), depth + 1))
			return true;
	json_object_foreach((json_t *)(uintptr_t)node, key, v)
	{
		if (names_table(v, depth + 1))
			return true;
	}
	return false;
}

/* Planned with any values, no row may have them: then the server sees at once
 * that there is nothing to plan, and is given ones that it cannot look into,
 * none of which is cheap enough to be tried. */
static enum err
plan(struct mariadb_flow *w, json_t **root, struct fault *f)
{
	struct fault second = { 0 };
	json_t *other = NULL;
	enum err e;

	if (w->q->gate->class == SQL_DDL)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this statement has no plan");
	e = plan_once(w, root, f);
	if (w->c->lost || w->q->gate->nmarks <= w->q->nparams ||
	    (e == ERR_OK && names_table(*root, 0)))
		return e;
	w->unknown = true;
	if ((w->c->is_mysql ||
		mariadb_do(w->c, "SET SESSION expensive_subquery_limit = 0",
		    &second) == ERR_OK) &&
	    plan_once(w, &other, &second) == ERR_OK && names_table(other, 0)) {
		*root = other;
		*f = (struct fault){ 0 };
		return ERR_OK;
	}
	return e;
}

enum err
mariadb_plan(struct mariadb_flow *w, struct fault *f)
{
	struct plan_rows p = { .w = w };
	json_t *root = NULL;
	enum err e = mariadb_begin(w->c, w->a,
	    sql_writes(w->q) ? TURN_WRITE : TURN_READ, w->q, f);

	if (e == ERR_OK)
		e = plan(w, &root, f);
	if (e == ERR_OK) {
		p.ended = !heading_plan(w->to);
		put_members(&p, root, 0, 0);
	}
	mariadb_rollback(w->c);
	return e;
}

/* The token where the statement begins behind EXPLAIN [EXTENDED | PARTITIONS |
 * FORMAT = word], or behind ANALYZE, which runs it; 0. */
static size_t
behind_explain(const struct tokens *t)
{
	struct str option = token_text(t, 1);
	size_t i = 1;

	if (str_ieq(option, STR("EXTENDED")) ||
	    str_ieq(option, STR("PARTITIONS")))
		i = 2;
	else if (str_ieq(option, STR("FORMAT")) && token_is(t, 2, '=') &&
		 token_is_name(t, 3))
		i = 4;
	for (size_t k = 0; k <= i && k < t->n; k++)
		if (t->v[k].code || t->v[k].maybe)
			return 0;
	return token_is(t, i, '(') || token_word(t, i) == WORD_SELECT ||
		       token_word(t, i) == WORD_WITH ||
		       token_word(t, i) == WORD_VALUES
		   ? i
		   : 0;
}

static enum err
no_explain(struct fault *f)
{
	fault_hint(f, "explain_sql shows the plan of other statements");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "only a query can be explained so");
}

/* The rows of the EXPLAIN whose query is "inner", with blanks before it. */
static enum err
own_rows(struct mariadb_flow *w, const char *words, const struct sql *inner,
    struct fault *f)
{
	struct mariadb_flow look = *w;
	struct mariadb_text t;
	enum err e;

	look.q = inner;
	e = mariadb_ready(&look, &t, f);
	mariadb_stmt_close(w->c, look.st);
	if (e == ERR_OK)
		e = mariadb_explain(w, words, &t, &w->st, f);
	if (e != ERR_OK)
		return e;
	if (!w->q->describe &&
	    ((t.n > 0 && mysql_stmt_bind_param(w->st, t.binds) != 0) ||
		mariadb_execute(w->c, w->st) != 0))
		return mariadb_fault(w->c, w->st, NULL, f);
	e = mariadb_flow_columns(w, f);
	return e == ERR_OK && !w->q->describe && !w->ended
		   ? mariadb_flow_rows(w, false, f)
		   : e;
}

enum err
mariadb_own_plan(struct mariadb_flow *w, struct fault *f)
{
	struct gate g = *w->q->gate;
	struct sql inner = *w->q;
	struct tokens t;
	const char *words;
	size_t at;
	char *text;
	enum err e = tokens_read(w->a, DIALECT_MARIADB, w->q->text, &t, f);

	if (e != ERR_OK)
		return e;
	at = behind_explain(&t);
	if (at == 0)
		return no_explain(f);
	if (w->c->rules) {
		e = rules_not_here(token_text(&t, 0), f);
		fault_hint(f, "explain_sql shows the plan");
		return e;
	}
	words = arena_fmt(w->a, "%.*s ", (int)t.v[at].at, w->q->text.p).p;
	text = arena_z(w->a, w->q->text);
	memset(text, ' ', t.v[at].at);
	g.class = SQL_SELECT;
	g.text = inner.text = (struct str){ text, w->q->text.len };
	inner.gate = &g;
	e = mariadb_begin(w->c, w->a, TURN_READ, w->q, f);
	if (e == ERR_OK)
		e = own_rows(w, words, &inner, f);
	mariadb_stmt_close(w->c, w->st);
	mariadb_rollback(w->c);
	return e;
}
