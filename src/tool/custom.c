/* SPDX-License-Identifier: ISC */
/*
 * Configured SQL statements as tools: typed arguments by table, values bound,
 * rights and annotations from what the statement is.
 */
#include <math.h>
#include <stdlib.h>

#include "tool/custom_int.h"

#define TEXT_MAX 1048576.0

static const enum arg_type types[] = {
	[CONF_STRING] = ARG_STR,
	[CONF_INTEGER] = ARG_INT,
	[CONF_NUMBER] = ARG_NUMBER,
	[CONF_BOOLEAN] = ARG_BOOL,
};

static const size_t places[] = {
	[CONF_STRING] = offsetof(struct custom_slot, s),
	[CONF_INTEGER] = offsetof(struct custom_slot, i),
	[CONF_NUMBER] = offsetof(struct custom_slot, d),
	[CONF_BOOLEAN] = offsetof(struct custom_slot, b),
};

/* What a class amounts to as an operation (tools.md 2). */
static const char *op_of(enum sql_class class)
{
	switch (class) {
	case SQL_SELECT:
		return "execute_select";
	case SQL_INSERT:
		return "execute_insert";
	case SQL_UPDATE:
		return "execute_update";
	case SQL_CALL:
		return "execute_procedure";
	default:
		return "execute_sql";
	}
}

static const char *const *
values_of(const struct conf_param *p, struct arena *a)
{
	const char **v;

	if (p->values.n == 0 || p->type != CONF_STRING)
		return NULL;
	v = arena_zero(a, p->values.n + 1, sizeof(*v));
	for (size_t i = 0; i < p->values.n; i++)
		v[i] = p->values.v[i];
	return v;
}

/* The default as JSON, for the schema. */
static const char *
default_json(const struct conf_param *p, struct arena *a)
{
	struct json_out out;
	struct buf b;

	if (!p->has_default)
		return NULL;
	if (p->type != CONF_STRING)
		return p->dflt;
	buf_init(&b, a, 1 << 20);
	json_out_init(&out, &b, NULL);
	json_z(&out, NULL, p->dflt);
	buf_char(&b, '\0');
	return b.p;
}

static void
arg_make(struct arg *g, const struct conf_param *p, size_t i, struct arena *a)
{
	size_t at = i * sizeof(struct custom_slot);
	bool text = p->type == CONF_STRING;

	*g = (struct arg){
		.name = p->name,
		.type = types[p->type],
		.at = at + places[p->type],
		.flags = p->required ? ARG_NEED : 0,
		.min = p->has_min ? p->min
		       : text     ? 0
				  : -INFINITY,
		.max = p->has_max ? p->max
		       : text     ? TEXT_MAX
				  : INFINITY,
		.about = p->about != NULL ? p->about : p->name,
		.values = values_of(p, a),
		.present = at + offsetof(struct custom_slot, present) + 1,
		.dflt = default_json(p, a),
	};
	if (!text && (p->has_min || p->has_max))
		g->flags |= ARG_RANGE;
}

static enum err
complain(const struct conf_tool *t, struct fault *f, const char *what,
    struct str word)
{
	return fault_set(f, ERR_CONF, "%s:%d: tools.%s: %s%.*s",
	    t->at.file == NULL ? "" : t->at.file, t->at.line, t->name, what,
	    (int)word.len, word.p == NULL ? "" : word.p);
}

static bool
param_named(const struct conf_tool *t, struct str name)
{
	for (size_t i = 0; i < t->nparams; i++)
		if (str_eq(str_of(t->params[i].name), name))
			return true;
	return false;
}

static bool
mark_named(const struct gate *g, struct str name)
{
	for (size_t i = 0; i < g->nmarks; i++)
		if (str_eq(g->marks[i].name, name))
			return true;
	return false;
}

static enum err
params_check(const struct conf_tool *t, const struct gate *g, struct fault *f)
{
	for (size_t i = 0; i < g->nmarks; i++)
		if (!param_named(t, g->marks[i].name))
			return complain(t, f, "params lacks @",
			    g->marks[i].name);
	for (size_t i = 0; i < t->nparams; i++)
		if (!mark_named(g, str_of(t->params[i].name)))
			return complain(t, f, "the statement does not use @",
			    str_of(t->params[i].name));
	return ERR_OK;
}

static enum err
custom_make(struct custom *cu, const struct conf *conf,
    const struct conf_tool *t, struct sources *sources, struct arena *a,
    struct fault *f)
{
	struct fault why = { 0 };
	struct gate g = { 0 };
	enum err e;

	if (gate_read(a, source_engine(sources, t->source_index)->dialect,
		str_of(t->sql), NULL, NULL, &g, &why) != ERR_OK)
		return complain(t, f, "", str_of(why.msg));
	if (sql_class_verbs(g.class) == 0)
		return complain(t, f,
		    "a statement of this kind is never run: ", g.verb);
	if (g.class == SQL_DDL && !conf->sources[t->source_index].ddl)
		return complain(t, f,
		    "the source must say ddl = true for a statement with ",
		    g.verb);
	e = params_check(t, &g, f);
	if (e == ERR_OK && t->task == CONF_TASK_ALWAYS && !conf->tasks.enabled)
		e = complain(t, f,
		    "it always runs as a task, and tasks.enabled is false",
		    STR(""));
	if (e != ERR_OK)
		return e;
	cu->conf = t;
	cu->verbs = sql_class_verbs(g.class) | g.verbs;
	cu->class = SQL_BIT(g.class);
	cu->op = (size_t)tool_op(str_of(op_of(g.class)));
	cu->reads = g.class == SQL_SELECT || g.class == SQL_EXPLAIN;
	cu->args = arena_zero(a, t->nparams + 1, sizeof(*cu->args));
	for (size_t i = 0; i < t->nparams; i++)
		arg_make(&cu->args[i], &t->params[i], i, a);
	return ERR_OK;
}

enum err
customs_new(const struct conf *conf, struct sources *sources, struct arena *a,
    const struct custom **out, struct fault *f)
{
	struct custom *all = arena_zero(a, conf->ntools + 1, sizeof(*all));

	for (size_t i = 0; i < conf->ntools; i++) {
		const struct conf_tool *t = &conf->tools[i];
		enum err e = t->command.n > 0
				 ? ERR_OK
				 : custom_make(&all[i], conf, t, sources, a, f);

		if (e != ERR_OK)
			return e;
	}
	*out = all;
	return ERR_OK;
}

struct value
custom_default(const struct conf_param *p)
{
	struct value v = { .kind = VALUE_NULL };
	int64_t n = 0;

	if (!p->has_default)
		return v;
	switch (p->type) {
	case CONF_STRING:
		return (struct value){ VALUE_TEXT, { .s = str_of(p->dflt) } };
	case CONF_INTEGER:
		(void)str_int(str_of(p->dflt), INT64_MIN, INT64_MAX, &n);
		return (struct value){ VALUE_INT, { .i = n } };
	case CONF_NUMBER:
		return (
		    struct value){ VALUE_REAL, { .d = strtod(p->dflt, NULL) } };
	case CONF_BOOLEAN:
		return (struct value){ VALUE_BOOL,
			{ .i = strcmp(p->dflt, "true") == 0 } };
	}
	return v;
}

static struct value
slot_value(const struct conf_param *p, const struct custom_slot *s)
{
	if (!s->present)
		return custom_default(p);
	switch (p->type) {
	case CONF_STRING:
		return (struct value){ VALUE_TEXT, { .s = s->s } };
	case CONF_INTEGER:
		return (struct value){ VALUE_INT, { .i = s->i } };
	case CONF_NUMBER:
		return (struct value){ VALUE_REAL, { .d = s->d } };
	case CONF_BOOLEAN:
		return (struct value){ VALUE_BOOL, { .i = s->b } };
	}
	return (struct value){ .kind = VALUE_NULL };
}

enum err
custom_run(struct run *r, const struct custom *cu, const struct arg_map *values,
    unsigned verbs, int64_t timeout_s, struct fault *f)
{
	struct sql_job j;

	job_init(&j, r, cu->conf->source_index, str_of(cu->conf->sql), values);
	job_limits(&j, timeout_s, 0);
	j.whole = j.ask.text;
	j.configured = cu->conf->name;
	j.ask.classes = cu->class;
	j.ask.verbs |= verbs;
	j.ask.all_rows = true;
	return job_answer(&j, f);
}

enum err
op_custom(struct run *r, const void *args, struct fault *f)
{
	const struct custom *cu = r->entry->custom;
	const struct custom_slot *slots = args;
	struct arg_map map = { NULL, cu->conf->nparams };

	map.v = arena_zero(r->call->arena, map.n + 1, sizeof(*map.v));
	for (size_t i = 0; i < map.n; i++) {
		const struct conf_param *p = &cu->conf->params[i];

		map.v[i] = (struct param){ str_of(p->name),
			slot_value(p, &slots[i]), 1, DT_UNKNOWN };
	}
	return custom_run(r, cu, &map, 0, 0, f);
}
