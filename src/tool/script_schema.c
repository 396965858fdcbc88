/* SPDX-License-Identifier: ISC */
/*
 * The inputSchema of a script: made of its params, looked through for headers
 * (mcp.md 3.5), and laid beside the arguments of a call (tools.md 1.8 row 9).
 */
#include <stdio.h>

#include "tool/script_int.h"

enum { HEADERS_MAX = 32, HEADER_DEPTH = 8 };

static void
tree_drop(void *tree)
{
	json_decref(tree);
}

static json_t *
param_schema(const struct conf_param *p)
{
	static const char *const types[] = {
		[CONF_STRING] = "string",
		[CONF_INTEGER] = "integer",
		[CONF_NUMBER] = "number",
		[CONF_BOOLEAN] = "boolean",
	};
	json_t *s = json_object(), *values;

	(void)json_object_set_new(s, "type", json_string(types[p->type]));
	if (p->about != NULL)
		(void)json_object_set_new(s, "description",
		    json_string(p->about));
	if (p->has_min)
		(void)json_object_set_new(s, "minimum", json_real(p->min));
	if (p->has_max)
		(void)json_object_set_new(s, "maximum", json_real(p->max));
	if (p->has_default)
		(void)json_object_set_new(s, "default",
		    p->type == CONF_STRING
			? json_string(p->dflt)
			: json_loads(p->dflt, JSON_DECODE_ANY, NULL));
	if (p->values.n == 0)
		return s;
	values = json_array();
	for (size_t i = 0; i < p->values.n; i++)
		(void)json_array_append_new(values,
		    json_string(p->values.v[i]));
	(void)json_object_set_new(s, "enum", values);
	return s;
}

json_t *
script_params(const struct conf_tool *t, struct arena *a)
{
	json_t *root = json_object(), *properties = json_object();
	json_t *needed = json_array();

	for (size_t i = 0; i < t->nparams; i++) {
		const struct conf_param *p = &t->params[i];

		(void)json_object_set_new(properties, p->name, param_schema(p));
		if (p->required)
			(void)json_array_append_new(needed,
			    json_string(p->name));
	}
	(void)json_object_set_new(root, "type", json_string("object"));
	(void)json_object_set_new(root, "properties", properties);
	if (json_array_size(needed) > 0)
		(void)json_object_set(root, "required", needed);
	json_decref(needed);
	(void)json_object_set_new(root, "additionalProperties", json_false());
	arena_defer(a, tree_drop, root);
	return root;
}

/* Where the search for headers stands. */
struct search {
	struct script *s;
	struct arena *a;
	const char *path[HEADER_DEPTH + 1];
	size_t depth;
	struct fault *f;
};

static enum err
header_wrong(const struct search *w, const char *what)
{
	return script_complain(w->s->conf, w->f, "x-mcp-header %s", what);
}

/* Web servers keep letters, digits and '-' apart, and nothing else. */
static bool
name_good(struct str name)
{
	const struct str good = STR("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = 0; i < name.len; i++)
		if (!str_has(good, name.p[i]))
			return false;
	return name.len > 0 && name.len <= 60;
}

static enum err
header_add(struct search *w, const json_t *schema, const json_t *v)
{
	struct str name = json_text(v);
	struct str type = json_text(json_member(schema, "type"));
	struct script_header *h;

	if (!name_good(name))
		return header_wrong(w,
		    "must be 1 to 60 letters, digits and '-'");
	if (!str_eq(type, STR("string")) && !str_eq(type, STR("integer")) &&
	    !str_eq(type, STR("boolean")))
		return header_wrong(w,
		    "is for a property of type string, integer or boolean");
	for (size_t i = 0; i < w->s->nheaders; i++)
		if (str_ieq(name, str_of(w->s->headers[i].name)))
			return header_wrong(w, "names a header twice");
	if (w->s->nheaders == HEADERS_MAX)
		return header_wrong(w, "is used more than 32 times");
	h = &w->s->headers[w->s->nheaders++];
	h->name = arena_z(w->a, name);
	h->is_integer = str_eq(type, STR("integer"));
	h->path = arena_zero(w->a, w->depth + 1, sizeof(*h->path));
	for (size_t i = 0; i < w->depth; i++)
		h->path[i] = w->path[i];
	return ERR_OK;
}

/* Is the keyword anywhere below, where no header can follow? */
static bool
hides_header(const json_t *v, unsigned depth)
{
	const char *name;
	json_t *sub;
	size_t i;

	if (depth > SCHEMA_DEPTH)
		return false;
	if (json_member(v, "x-mcp-header") != NULL)
		return true;
	if (json_is_array(v)) {
		json_array_foreach(v, i, sub)
		{
			if (hides_header(sub, depth + 1))
				return true;
		}
		return false;
	}
	json_object_foreach((json_t *)(uintptr_t)v, name, sub)
	{
		if (hides_header(sub, depth + 1))
			return true;
	}
	return false;
}

static enum err headers_below(struct search *w, const json_t *schema);

static enum err
properties_below(struct search *w, const json_t *properties)
{
	const char *name;
	json_t *sub;
	enum err e = ERR_OK;

	json_object_foreach((json_t *)(uintptr_t)properties, name, sub)
	{
		const json_t *v = json_member(sub, "x-mcp-header");

		if (w->depth == HEADER_DEPTH)
			return hides_header(properties, 0)
				   ? header_wrong(w, "stands too deep")
				   : ERR_OK;
		w->path[w->depth++] = name;
		if (v != NULL)
			e = header_add(w, sub, v);
		if (e == ERR_OK)
			e = headers_below(w, sub);
		w->depth--;
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
headers_below(struct search *w, const json_t *schema)
{
	const char *name;
	json_t *sub;

	json_object_foreach((json_t *)(uintptr_t)schema, name, sub)
	{
		enum err e = ERR_OK;

		if (strcmp(name, "properties") == 0)
			e = properties_below(w, sub);
		else if (strcmp(name, "default") != 0 &&
			 strcmp(name, "examples") != 0 && hides_header(sub, 0))
			e = header_wrong(w,
			    "must be reachable through \"properties\" only");
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
script_headers(struct script *s, struct arena *a, struct fault *f)
{
	struct search w = { .s = s, .a = a, .f = f };

	if (json_member(s->input, "x-mcp-header") != NULL)
		return header_wrong(&w, "belongs to a property");
	s->headers = arena_zero(a, HEADERS_MAX, sizeof(*s->headers));
	return headers_below(&w, s->input);
}

/* "/a/b" as "a.b", cut to what a fault has room for. */
static void
field_of(char out[static 72], const struct schema_why *why)
{
	const char *at = why->at[0] == '/' ? why->at + 1 : why->at;
	const char *dot = at[0] != '\0' && why->member[0] != '\0' ? "." : "";

	(void)snprintf(out, 72, "%.40s%s%.30s", at, dot, why->member);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '/')
			*p = '.';
}

/* What an object may hold, for the sentence about a member it may not. */
static struct str
known_members(struct arena *a, const json_t *schema)
{
	struct buf b;
	const char *name;
	json_t *v;

	buf_init(&b, a, 300);
	json_object_foreach(json_member(schema, "properties"), name, v)
	{
		if (b.len > 0)
			buf_lit(&b, ", ");
		buf_str(&b, str_of(name));
	}
	return b.len == 0 ? STR("none") : buf_text(&b);
}

static enum err
refuse(struct run *r, const struct script *s, const struct schema_why *why,
    struct fault *f)
{
	struct str known;
	char field[72];

	field_of(field, why);
	switch (why->what) {
	case SCHEMA_LACKS:
		return arg_missing(f, field);
	case SCHEMA_UNKNOWN:
		if (why->at[0] != '\0')
			break;
		known = known_members(r->call->arena, s->input);
		return fault_field(f, str_of(field),
		    "Invalid parameters: unknown field '%s' (known: %.*s)",
		    field, (int)known.len, known.p);
	case SCHEMA_WRONG:
		if (field[0] != '\0')
			return fault_field(f, str_of(field),
			    "Invalid parameters: field '%s' %s", field,
			    why->text);
		return fault_field(f, STR("arguments"),
		    "Invalid parameters: field 'arguments' %s", why->text);
	}
	return fault_field(f, str_of(field),
	    "Invalid parameters: unknown field '%s'", field);
}

/* Models send "7" for 7 and "true" for true (tools.md 1.8). */
static json_t *
meant(const json_t *schema, const json_t *v)
{
	struct str type = json_text(json_member(schema, "type"));
	struct str s = json_text(v);
	int64_t n;

	if (!json_is_string(v))
		return NULL;
	if (str_eq(type, STR("integer")) &&
	    str_int(s, INT64_MIN, INT64_MAX, &n))
		return json_integer(n);
	if (str_eq(type, STR("boolean")) && str_eq(s, STR("true")))
		return json_true();
	if (str_eq(type, STR("boolean")) && str_eq(s, STR("false")))
		return json_false();
	return NULL;
}

enum err
script_arguments(struct run *r, const struct script *s, const json_t *arguments,
    json_t **checked, struct fault *f)
{
	json_t *copy = arguments == NULL
			   ? json_object()
			   : json_copy((json_t *)(uintptr_t)arguments);
	struct schema_why why;
	const char *name;
	json_t *sub;

	arena_defer(r->call->arena, tree_drop, copy);
	json_object_foreach(json_member(s->input, "properties"), name, sub)
	{
		json_t *v = meant(sub, json_object_get(copy, name));

		if (v != NULL)
			(void)json_object_set_new(copy, name, v);
	}
	*checked = copy;
	if (schema_holds(r->call->arena, s->input, copy,
		&r->call->catalogue->regex->re, &why))
		return ERR_OK;
	return refuse(r, s, &why, f);
}
