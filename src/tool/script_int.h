/* SPDX-License-Identifier: ISC */
/*
 * Programs as tools: what is known of one under a configuration, how its
 * arguments are checked, and one run of it.
 */
#ifndef TOOL_SCRIPT_INT_H
#define TOOL_SCRIPT_INT_H

#include "base/module.h"
#include "base/regex.h"
#include "tool/tool_int.h"
#include "json/schema.h"

/* Output of one run; a picture in Base64 fits. */
#define SCRIPT_OUTPUT_MAX ((size_t)8 << 20)
#define SCRIPT_LINE_MAX   ((size_t)6 << 20)

/* An argument that a header mirrors (mcp.md 3.5). */
struct script_header {
	const char *name;  /* "Region" */
	const char **path; /* names of members from the root, NULL at the end */
	bool is_integer;
};

struct script {
	const struct conf_tool *conf;
	const char *title, *about; /* title may be NULL */
	bool reads;
	unsigned needs; /* of the client, a bit for each (script_needs.c) */
	enum conf_task task;
	json_t *input;             /* inputSchema */
	const json_t *output;      /* outputSchema, or NULL */
	const json_t *annotations; /* as written, or NULL */
	const json_t *icons, *meta;
	struct script_header *headers;
	size_t nheaders;
	bool left_out; /* unfit: it has no entry */
};

/* Is it one of the folder, so that nobody named it in the configuration? */
static inline bool
script_of_folder(const struct catalogue *c, const struct script *s)
{
	return s->conf >= c->conf->scripts &&
	       s->conf < c->conf->scripts + c->conf->nscripts;
}

/* It is no tool, and why. */
void script_leave(struct catalogue *c, struct script *s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Patterns in schemas, by the module regex, opened when the first is met. */
struct script_regex {
	struct module module;
	struct schema_regex re; /* what the schema check is given */
	struct fault fault;     /* why the module is missing */
};

extern const struct tool_def script_def;

/* All scripts of a configuration into c->scripts: ERR_CONF names the file;
 * those of the folder that are unfit are marked so. */
enum err scripts_new(struct catalogue *c, struct fault *f) FAULT_MUST_CHECK;

/* Say what is wrong with a script, with its file and line. */
enum err script_complain(const struct conf_tool *t, struct fault *f,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The inputSchema that "params" of the configuration amount to. */
json_t *script_params(const struct conf_tool *t, struct arena *a);

/* Look through inputSchema for x-mcp-header. */
enum err script_headers(struct script *s, struct arena *a,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * The arguments against inputSchema: ERR_ARGUMENT in the words of tools.md
 * 1.8 row 9.  *checked are the same with texts that mean integers or booleans
 * made such.
 */
enum err script_arguments(struct run *r, const struct script *s,
    const json_t *arguments, json_t **checked,
    struct fault *f) FAULT_MUST_CHECK;

/* What it needs of the client, from the configuration and its description. */
enum err script_needs_read(struct script *s, const json_t *description,
    struct fault *f) FAULT_MUST_CHECK;

/* Does the client have it?  ERR_CAPABILITY; in the older eras
 * ERR_PERMISSION_DENIED. */
enum err script_needs_check(const struct script *s, const struct tool_call *c,
    struct fault *f) FAULT_MUST_CHECK;

/* The members of tools/list that a script has of its own. */
void script_write(const struct script *s, enum era era, struct json_out *out);

/* icons and _meta, and the members of annotations, as they were written. */
void script_extras(const struct script *s, enum era era, struct json_out *out);
void script_annotations(const struct script *s, struct json_out *out);

/* _meta.ui: a view for those who can show one (script_ui.c). */
enum err script_ui(const struct script *s, const struct conf *conf,
    struct fault *f) FAULT_MUST_CHECK;

/* Check the arguments, run it, make the result. */
enum err script_call(struct run *r, const json_t *arguments,
    struct fault *f) FAULT_MUST_CHECK;

/* What a script has said so far (script_lines.c). */
struct script_said {
	struct run *run;
	struct arena *line; /* of the line in hand */
	struct buf text;    /* plain output */
	struct buf content; /* JSON items with commas between */
	struct buf twin;    /* structured content as the inside of a string */
	struct str structured, ask, state;
	enum { SAID_NOTHING, SAID_TEXT, SAID_LINES } form;
	bool has_content, is_error, gone;
	unsigned events; /* told so far */
	int64_t event_ms;
	int error; /* the code of an error of its own, or 0 */
	struct str error_text;
	const char *wrong; /* what it did wrong, for the log */
};
void said_init(struct script_said *s, struct run *r);
bool said_line(void *said, struct str line, bool whole);

/* One item of content in the form of the era (mcp.md 18.1); what is wrong
 * with it, or NULL. */
const char *script_item(const json_t *item, enum era era, struct json_out *out);

#endif
