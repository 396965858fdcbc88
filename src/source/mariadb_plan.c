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
access_of(struct str type, struct str table)
{
	if (table.len == 0 || type.len == 0)
		return (struct str){ 0 };
	if (str_eq(type, STR("ALL")))
		return STR("scan");
	return str_eq(type, STR("system")) ? STR("other") : STR("index");
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

static struct str
detail_of(struct arena *a, const char *key, const json_t *node)
{
	struct str table = member(node, "table_name"),
		   index = member(node, "key"),
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
	struct arena *a = p->w->a;
	struct str table = member(node, "table_name"),
		   type = member(node, "access_type");
	int64_t id = ++p->next;
	struct value v[PLAN_OUT_COUNT] = {
		[PLAN_OUT_ID] = cell_int(id, true),
		[PLAN_OUT_PARENT] = cell_int(parent, true),
		[PLAN_OUT_DETAIL] = cell_text(detail_of(a, key, node)),
		[PLAN_OUT_TABLE] = cell_filled(table),
		[PLAN_OUT_ACCESS] = cell_filled(access_of(type, table)),
		[PLAN_OUT_INDEX] = cell_filled(member(node, "key")),
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

static void put_members(struct plan_rows *p, const json_t *node, int64_t parent,
    int depth);

static void
put_member(struct plan_rows *p, const char *key, const json_t *v,
    int64_t parent, int depth)
{
	size_t i;

	if (json_is_object(v))
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
plan(struct mariadb_flow *w, MYSQL_STMT **st, json_t **root, struct fault *f)
{
	struct mariadb_rows r;
	struct mariadb_text t;
	enum err e;

	if (w->q->gate->class == SQL_DDL)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this statement has no plan");
	e = mariadb_ready(w, &t, f);
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

enum err
mariadb_plan(struct mariadb_flow *w, struct fault *f)
{
	struct plan_rows p = { .w = w };
	MYSQL_STMT *st = NULL;
	json_t *root = NULL;
	enum err e = mariadb_begin(w->c, w->a,
	    sql_writes(w->q) ? TURN_WRITE : TURN_READ, w->q, f);

	if (e == ERR_OK)
		e = plan(w, &st, &root, f);
	mariadb_stmt_close(w->c, st);
	mariadb_stmt_close(w->c, w->st);
	if (e == ERR_OK) {
		p.ended = !heading_plan(w->to);
		put_members(&p, root, 0, 0);
	}
	mariadb_rollback(w->c);
	return e;
}
