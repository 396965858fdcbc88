/* SPDX-License-Identifier: ISC */
/* What the query string of the URL narrows the list to (tools.md 2). */
#include "mcp/mcp_int.h"

/* One query parameter; a broken escape is a bad value like any other. */
static enum err
query_value(const struct http_req *req, const char *name, bool *has,
    struct str *value, struct fault *f)
{
	if (http_query(req, name, req->arena, has, value, f) == ERR_OK)
		return ERR_OK;
	return fault_set(f, ERR_FILTER,
	    "Invalid value for parameter '%s': it cannot be decoded", name);
}

enum err
filter_narrow(const struct http_req *req, struct tool_filter *filter,
    struct fault *f)
{
	bool has_tools = false, has_ops = false;
	struct str tools = { 0 }, ops = { 0 };
	enum err e;

	if (str_is_empty(req->query))
		return ERR_OK;
	e = query_value(req, "tools", &has_tools, &tools, f);
	if (e != ERR_OK)
		return e;
	e = query_value(req, "ops", &has_ops, &ops, f);
	if (e != ERR_OK) {
		struct fault first = { 0 };

		/* When both are bad it is "tools" that is reported. */
		if (tool_filter_query(filter, has_tools, tools, false, ops,
			&first) != ERR_OK)
			*f = first;
		return f->code;
	}
	return tool_filter_query(filter, has_tools, tools, has_ops, ops, f);
}
