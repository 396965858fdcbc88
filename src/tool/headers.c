/* SPDX-License-Identifier: ISC */
/* The arguments of a tool that a header mirrors (mcp.md 3.5). */
#include "tool/script_int.h"

/* As the header would spell it: p NULL when the argument is absent. */
static struct str
header_text(struct arena *a, const json_t *v)
{
	if (json_is_integer(v))
		return arena_fmt(a, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v))
		return arena_fmt(a, "%.17g", json_real_value(v));
	if (json_is_boolean(v))
		return json_is_true(v) ? STR("true") : STR("false");
	if (v == NULL || json_is_null(v))
		return (struct str){ 0 };
	/* Of a wrong type: no header fits it, its check comes later. */
	return json_is_string(v) ? json_text(v) : STR("\n");
}

static enum err
script_mirrored(const struct tool_call *c, const struct script *s,
    const json_t *arguments,
    enum err (*fn)(void *arg, const char *header, struct str value,
	bool is_integer, struct fault *f),
    void *arg, struct fault *f)
{
	for (size_t i = 0; i < s->nheaders; i++) {
		const struct script_header *h = &s->headers[i];
		const json_t *v = arguments;
		enum err e;

		for (const char **p = h->path; *p != NULL; p++)
			v = json_member(v, *p);
		e = fn(arg, h->name, header_text(c->arena, v), h->is_integer,
		    f);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
tool_headers(struct tool_call *c, struct str name, const json_t *arguments,
    enum err (*fn)(void *arg, const char *header, struct str value,
	bool is_integer, struct fault *f),
    void *arg, struct fault *f)
{
	const struct entry *e = catalogue_find(c->catalogue, name);
	struct sight s = { c->catalogue, c->who, c->filter };
	unsigned without;

	if (e == NULL || !era_modern(c->era) || !sight_calls(&s, e))
		return ERR_OK;
	if (e->script != NULL)
		return script_mirrored(c, e->script, arguments, fn, arg, f);
	if (e->described != NULL)
		return script_mirrored(c, e->described, arguments, fn, arg, f);
	if (e->def->args == NULL || !c->conf->source_header)
		return ERR_OK;
	without = entry_without(c->catalogue, e);
	for (const struct arg *g = e->def->args; g->name != NULL; g++) {
		enum err err;

		if ((g->flags & ARG_MIRROR) == 0 || !arg_exists(g, without))
			continue;
		err = fn(arg, "Source",
		    json_text(json_member(arguments, g->name)), false, f);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}
