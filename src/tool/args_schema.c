/* SPDX-License-Identifier: ISC */
/* The inputSchema of a tool by its table of arguments (tools.md 1.2). */
#include <math.h>

#include "tool/args.h"

static const char *const type_names[] = {
	[ARG_STR] = "string",
	[ARG_INT] = "integer",
	[ARG_BOOL] = "boolean",
	[ARG_MAP] = "object",
	[ARG_NUMBER] = "number",
};
_Static_assert(sizeof(type_names) / sizeof(type_names[0]) == ARG_NUMBER + 1,
    "a name for each type");

static void
bound_write(struct json_out *out, const char *key, double v)
{
	if (!isinf(v))
		json_double(out, key, v);
}

static void
property_write(const struct arg *g, bool source_header, struct json_out *out)
{
	json_obj(out, g->name);
	json_z(out, "type", type_names[g->type]);
	json_z(out, "description", g->about);
	if (g->values != NULL) {
		json_arr(out, "enum");
		for (size_t i = 0; g->values[i] != NULL; i++)
			json_z(out, NULL, g->values[i]);
		json_end(out);
	}
	if ((g->flags & (ARG_RANGE | ARG_BRIEF)) == ARG_RANGE) {
		bound_write(out, "minimum", g->min);
		bound_write(out, "maximum", g->max);
	}
	if (g->dflt != NULL && (g->flags & ARG_BRIEF) == 0)
		json_raw(out, "default", str_of(g->dflt));
	if (g->type == ARG_MAP)
		json_bool(out, "additionalProperties", true);
	if (source_header && (g->flags & ARG_MIRROR) != 0)
		json_z(out, "x-mcp-header", "Source");
	json_end(out);
}

static size_t
count(const struct arg *table, unsigned without, unsigned flags)
{
	size_t n = 0;

	for (const struct arg *g = table; g->name != NULL; g++)
		n += arg_exists(g, without) && (g->flags & flags) == flags;
	return n;
}

void
args_schema(const struct arg *table, unsigned without, bool lax,
    bool source_header, struct json_out *out, const char *key)
{
	json_obj(out, key);
	json_z(out, "type", "object");
	if (count(table, without, 0) > 0) {
		json_obj(out, "properties");
		for (const struct arg *g = table; g->name != NULL; g++)
			if (arg_exists(g, without))
				property_write(g, source_header, out);
		json_end(out);
	}
	if (count(table, without, ARG_NEED) > 0) {
		json_arr(out, "required");
		for (const struct arg *g = table; g->name != NULL; g++)
			if (arg_exists(g, without) && (g->flags & ARG_NEED))
				json_z(out, NULL, g->name);
		json_end(out);
	}
	if (!lax)
		json_bool(out, "additionalProperties", false);
	json_end(out);
}
