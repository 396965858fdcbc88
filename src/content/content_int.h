/* SPDX-License-Identifier: ISC */
/*
 * Inside the room: who sees what, addresses, files, and what is put into a
 * text.
 */
#ifndef CONTENT_CONTENT_INT_H
#define CONTENT_CONTENT_INT_H

#include "content/content.h"
#include "content/file_int.h"

/* --- sees.c: what a caller sees --- */

/* The source at all; nothing of it exists otherwise. */
bool sees_source(const struct tool_call *c, int source);

/* Its schema as resources: whoever may ask get_columns for it. */
bool sees_schema(const struct tool_call *c, int source, bool listed);

/* Rows of it as a sample: whoever may SELECT with a tool of it. */
bool sees_rows(const struct tool_call *c, int source);

/* A configured resource or prompt of that source (-1: of none). */
bool sees_configured(const struct tool_call *c, const char *source, int index);

/* --- uri.c: addresses --- */

#define SCHEMA_SCHEME "schema://"
#define URI_VALUES    16
#define URI_MAX       4096

/* Percent-encoding of all but unreserved characters (RFC 3986 2.3); a slash
 * stays where "slash" says so. */
void uri_encode(struct buf *to, struct str s, bool slash);

/* The one decoding; false for a broken escape, a zero byte, bad UTF-8. */
bool uri_decode(struct arena *a, struct str in, struct str *out);

/* A variable of a template and what a URI has there, decoded. */
struct uri_value {
	struct str name, value;
};

/* Does the URI fit the template?  {name} takes what has no slash, {+name}
 * also slashes; both at least one character, up to the first place where the
 * template goes on. */
bool uri_match(struct arena *a, struct str pattern, struct str uri,
    struct uri_value v[static URI_VALUES], size_t *n);

/* A URI with its scheme, of the characters that one may have. */
bool uri_valid(struct str uri);

/* Take the next variable of a template off *rest. */
bool uri_variable(struct str *rest, struct str *name, bool *slashes);

/* schema://SOURCE and schema://SOURCE/SCHEMA/TABLE. */
struct str uri_of_source(struct arena *a, struct str source);
struct str uri_of_table(struct arena *a, struct str source, struct str schema,
    struct str table);

/* --- mime.c --- */

/* By the ending of a file's name, or NULL. */
const char *mime_of(struct str name);

/* Is it a text that a model can read? */
bool mime_is_text(struct str mime);

/* How a value must be written inside a text of this kind. */
enum insert_form { INSERT_PLAIN, INSERT_JSON, INSERT_MARKUP, INSERT_URI };
enum insert_form mime_form(struct str mime);

/* --- insert.c: {{name}} --- */

struct insert_value {
	struct str name; /* "arg" or "question.name" */
	struct str value;
};

/* Each {{name}} that is known is replaced once; what a value holds is never
 * looked at again.  False: it would be too long. */
bool insert_values(struct arena *a, const char *text,
    const struct insert_value *v, size_t n, enum insert_form form,
    struct str *out);

/* --- meta.c: names from the sources' own catalogues --- */

struct table_name {
	struct str schema, table, type, about;
	int64_t rows; /* -1: unknown */
};

struct meta_want {
	struct str schema, table; /* exact, or empty */
	struct str begins;        /* of the table's name, or empty */
	size_t most;              /* tables; 0: FOLDER_FILES */
};

/* Charged like a metadata tool.  The tables in their order. */
enum err meta_tables(struct tool_call *c, int source, const struct meta_want *w,
    struct table_name **out, size_t *n, struct fault *f) FAULT_MUST_CHECK;

/* source_meta, counted among the statements of the caller that run. */
enum err meta_look(struct tool_call *c, int source, const struct meta_ask *ask,
    struct row_sink *to, struct fault *f) FAULT_MUST_CHECK;

/* --- source.c, table.c: a source's schema as text, a table as JSON --- */

enum err content_source(struct tool_call *c, int source, struct str *text,
    struct fault *f) FAULT_MUST_CHECK;
/* ERR_UNKNOWN_RESOURCE; *escaped is the inside of a JSON string. */
enum err content_table(struct tool_call *c, int source, struct str schema,
    struct str table, struct str *escaped, struct fault *f) FAULT_MUST_CHECK;

/* Is it there?  ERR_UNKNOWN_RESOURCE. */
enum err content_table_find(struct tool_call *c, int source, struct str schema,
    struct str table, struct fault *f) FAULT_MUST_CHECK;

/* --- read.c --- */

/* One object of "contents", read under the caller's rights. */
enum err content_write(struct tool_call *c, struct str uri,
    struct json_out *out, struct fault *f) FAULT_MUST_CHECK;

/* {"uri","mimeType","text"|"blob"}: bytes as text where they can be. */
void content_bytes(struct json_out *out, const char *key, struct str uri,
    const char *mime, struct str bytes, const struct conf_resource *r);

/* Bytes of what may come out of it, escapes and all. */
#define CONTENTS_MAX ((size_t)56 << 20)

/* The address of a file in a folder that has this one. */
struct str uri_in_folder(struct arena *a, const char *uri, struct str rel);

/* The member "_meta" for an MCP App, where there is something to say. */
void content_ui(struct json_out *out, const struct conf_resource *r);

/* The URI as it is quoted in a fault. */
enum err resource_unknown(struct fault *f, struct str uri);

/* What a URI leads to, as far as a change of it can be seen. */
struct seen {
	int source;    /* or -1 */
	uint64_t mark; /* of a file or text; 0 beside a source */
};

/* ERR_UNKNOWN_RESOURCE. */
enum err resource_seen(struct tool_call *c, struct str uri, struct seen *out,
    struct fault *f) FAULT_MUST_CHECK;

/* --- page.c: lists by pages --- */

struct listing {
	struct tool_call *call;
	struct json_out out;
	struct buf b;
	struct buf notices;
	const char *kind; /* of the cursor */
	int64_t left;     /* entries this page still holds */
	size_t part;      /* what is being listed */
	int64_t at, skip; /* entries of that part so far, and passed over */
	struct deadline until; /* then no further database is asked */
	bool full;
};

enum err listing_begin(struct listing *l, struct tool_call *c, const char *kind,
    struct str cursor, struct fault *f) FAULT_MUST_CHECK;

/* Begin a part; false: the page is full, or the part was on an earlier one. */
bool listing_part(struct listing *l, size_t part);

/* Is the next entry one of this page?  Asked once before each. */
bool listing_take(struct listing *l);

/* Something that could not be looked at. */
void listing_notice(struct listing *l, const char *source,
    const struct fault *f);

enum err listing_end(struct listing *l, struct content_page *out,
    struct fault *f) FAULT_MUST_CHECK;

/* --- prompt_own.c: configured prompts and the two that are built in --- */

/* Number i of all, or NULL; the built-in ones come first. */
const struct conf_prompt *prompt_at(const struct conf *conf, size_t i);

/* The visible one of that name, or NULL. */
const struct conf_prompt *prompt_named(const struct tool_call *c,
    struct str name);

/* The text of a built-in one whose words depend on its arguments; false:
 * this is none. */
bool prompt_own_text(struct tool_call *c, const struct conf_prompt *p,
    const struct insert_value *v, size_t n, struct str *text);

/* --- prompt_args.c --- */

#define PROMPT_VALUE_MAX 4096

/* Values for all parameters: given, default or empty. */
enum err prompt_values(struct tool_call *c, const struct conf_prompt *p,
    const json_t *arguments, struct insert_value **out, size_t *n,
    struct fault *f) FAULT_MUST_CHECK;

/* --- prompt_ask.c --- */

/* The answers as further values; with some missing, *ask is what is to be
 * asked. */
enum err prompt_answers(struct tool_call *c, const struct conf_prompt *p,
    struct insert_value **v, size_t *n, struct str *ask,
    struct fault *f) FAULT_MUST_CHECK;

#endif
