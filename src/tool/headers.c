/* SPDX-License-Identifier: ISC */
/* The arguments of a tool that a header mirrors (mcp.md 3.5). */
#include "tool/tool_int.h"

enum err
tool_headers(struct tool_call *c, struct str name, const json_t *arguments,
    enum err (*fn)(void *arg, const char *header, struct str value,
	bool is_integer, struct fault *f),
    void *arg, struct fault *f)
{
	const struct entry *e = catalogue_find(c->catalogue, name);
	struct sight s = { c->catalogue, c->who, c->filter };
	unsigned without;

	if (e == NULL || e->def->args == NULL || !c->conf->source_header ||
	    !era_modern(c->era) || !sight_calls(&s, e))
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
