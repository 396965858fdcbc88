/* SPDX-License-Identifier: ISC */
/*
 * Arguments by table: the same row decodes the JSON, prints the schema in
 * tools/list and words the error.  JSON trees stop here.
 */
#ifndef TOOL_ARGS_H
#define TOOL_ARGS_H

#include "base/arena.h"
#include "base/fault.h"
#include "source/value.h"
#include "json/json.h"
#include "json/json_out.h"

enum arg_type {
	ARG_STR,   /* struct str; p NULL when absent */
	ARG_INT,   /* int64_t */
	ARG_BOOL,  /* bool */
	ARG_MAP,   /* struct arg_map: values for placeholders */
	ARG_NUMBER /* double */
};

enum {
	ARG_NEED = 1, /* required */
	ARG_CATALOG =
	    2, /* goes with naming a source: left out of source tools */
	ARG_SCHEMA = 4,  /* left out of source tools with one schema */
	ARG_MIRROR = 16, /* x-mcp-header "Source" when source_header is on */
	ARG_BRIEF =
	    32,       /* "about" tells range and default; the schema does not */
	ARG_RANGE = 8 /* a number has min and max; infinities for none */
};

/* No map holds more; a site's own limit is lower (limits.params). */
#define ARG_MAP_MAX 32766

struct arg_map {
	struct param *v;
	size_t n;
};

struct arg {
	const char *name;
	enum arg_type type;
	size_t at; /* offsetof in the struct of the tool */
	unsigned flags;
	double min, max; /* of the number (ARG_RANGE), or bytes of the text */
	const char *about;
	const char *const *values; /* enum of texts, NULL at the end; or NULL */
	size_t present;            /* offset + 1 of a bool that says it came */
	const char *dflt; /* as JSON, for the schema; args_read sets integers */
};

/*
 * Decode by the table into "to" (zeroed by the caller; defaults are set
 * here).  Faults: ERR_ARGUMENT with the sentences of tools.md 1.8 row 9, first
 * failing field in table order, unknown fields last.  "without" holds the
 * flags of rows that do not exist for this tool.  lax: unknown are ignored.
 * "arguments" may be NULL; what is decoded borrows from it.
 */
enum err args_read(const struct arg *table, unsigned without, bool lax,
    const json_t *arguments, struct arena *a, void *to,
    struct fault *f) FAULT_MUST_CHECK;

/* The inputSchema by the table (tools.md 1.2). */
void args_schema(const struct arg *table, unsigned without, bool lax,
    bool source_header, struct json_out *out, const char *key);

/* The sentences of row 9 that tools need for what a table cannot know. */
enum err arg_missing(struct fault *f, const char *field);
enum err arg_too_long(struct fault *f, const char *field, int64_t max);
enum err arg_too_many(struct fault *f, const char *field, int64_t max);

/* Values for placeholders: {"@name": scalar | {"dataType","direction","value"}}. */
enum err arg_map_read(const char *field, const json_t *v, struct arena *a,
    struct arg_map *to, struct fault *f) FAULT_MUST_CHECK;

/* Does the row exist when those flags are left out? */
static inline bool
arg_exists(const struct arg *g, unsigned without)
{
	return (g->flags & without & (ARG_CATALOG | ARG_SCHEMA)) == 0;
}

#endif
