/* SPDX-License-Identifier: ISC */
/*
 * Arguments by table: the same row decodes the JSON, prints the schema in
 * tools/list and words the error.  JSON trees stop here.
 */
#ifndef TOOL_ARGS_H
#define TOOL_ARGS_H

#include "base/arena.h"
#include "base/fault.h"
#include "json/json.h"
#include "json/json_out.h"
#include "source/value.h"

enum arg_type {
	ARG_STR,    /* struct str; p NULL when absent */
	ARG_INT,    /* int64_t */
	ARG_BOOL,   /* bool */
	ARG_MAP,    /* struct arg_map: values for placeholders */
	ARG_NUMBER  /* double */
};

enum {
	ARG_NEED = 1,    /* required */
	ARG_CATALOG = 2, /* names a source: left out of source tools, mirrored as
	                  * x-mcp-header "Source" when source_header is on */
	ARG_SCHEMA = 4,  /* left out of source tools with one schema */
	ARG_NUL_OK = 8   /* may hold \\u0000 (SECURITY_MODEL J2: nothing of ours) */
};

struct arg_map {
	struct param *v;
	size_t n;
};

struct arg {
	const char *name;
	enum arg_type type;
	size_t at;      /* offsetof in the struct of the tool */
	unsigned flags;
	int64_t min, max; /* of the number, or bytes of the text; max 0: none */
	const char *about;
	const char *const *values; /* enum, NULL at the end; or NULL */
	size_t present; /* offset + 1 of a bool that says it came, or 0 */
	int64_t dflt;   /* of integers */
};

/* Decode by the table into "to" (zeroed by the caller; defaults are set
 * here).  Faults: ERR_ARGUMENT with the sentences of tools.md 1.8 row 9, first
 * failing field in table order, unknown fields last.  "without" holds the
 * flags of rows that do not exist for this tool.  lax: unknown are ignored. */
enum err args_read(const struct arg *table, unsigned without, bool lax,
    const json_t *arguments, struct arena *a, void *to, struct fault *f)
    FAULT_MUST_CHECK;

/* The inputSchema by the table (tools.md 1.2). */
void args_schema(const struct arg *table, unsigned without, bool lax,
    bool source_header, struct json_out *out, const char *key);

#endif
