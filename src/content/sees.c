/* SPDX-License-Identifier: ISC */
/*
 * What a caller sees.  A source's schema is nothing that the metadata tools
 * would not tell, a sample nothing that a SELECT would not: so the tools that
 * this caller has here decide.
 */
#include "content/content_int.h"

bool
sees_source(const struct tool_call *c, int source)
{
	return (c->filter->source < 0 || c->filter->source == source) &&
	       (size_t)source < c->who->nsources && c->who->verbs[source] != 0;
}

/* Has this caller the tool, or that of the source alone? */
static bool
has_tool(const struct tool_call *c, int source, const char *op, bool listed)
{
	bool (*has)(struct catalogue *, const struct caller *,
	    const struct tool_filter *, struct str) =
	    listed ? tool_listed : tool_callable;

	return has(c->catalogue, c->who, c->filter, str_of(op)) ||
	       has(c->catalogue, c->who, c->filter,
		   arena_fmt(c->arena, "%s_%s", c->conf->sources[source].name,
		       op));
}

bool
sees_schema(const struct tool_call *c, int source, bool listed)
{
	return sees_source(c, source) &&
	       has_tool(c, source, "get_columns", listed);
}

bool
sees_rows(const struct tool_call *c, int source)
{
	return (auth_verbs(c->who, c->conf, source) & VERB_SELECT) != 0 &&
	       (has_tool(c, source, "execute_select", false) ||
		   has_tool(c, source, "execute_sql", false));
}

bool
sees_configured(const struct tool_call *c, const char *source, int index)
{
	if ((c->who->scopes & SCOPE_READ) == 0)
		return false;
	return source == NULL || (index >= 0 && sees_source(c, index));
}
