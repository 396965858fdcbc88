/* SPDX-License-Identifier: ISC */
/*
 * What is offered beside tools: resources (sources, tables, configured texts,
 * files, folders and templates), prompts, and the completion of their
 * arguments.  Nothing is made ahead or kept: each list is built when it is
 * asked for, so that a folder is seen as it is.
 */
#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include "tool/tool.h"

/* One page of a list. */
struct content_page {
	struct str items;   /* the JSON array */
	struct str next;    /* cursor of the next page, or empty */
	struct str notices; /* JSON array of what could not be looked at, or
			     * empty */
};

/* The pages of resources/list, resources/templates/list and prompts/list.
 * "cursor" p NULL: from the start; one that is not of this list: ERR_PARAMS. */
enum err resource_list(struct tool_call *c, struct str cursor,
    struct content_page *out, struct fault *f) FAULT_MUST_CHECK;
enum err resource_templates(struct tool_call *c, struct str cursor,
    struct content_page *out, struct fault *f) FAULT_MUST_CHECK;
enum err prompt_list(struct tool_call *c, struct str cursor,
    struct content_page *out, struct fault *f) FAULT_MUST_CHECK;

/*
 * The array "contents" of resources/read.  ERR_UNKNOWN_RESOURCE, with the URI
 * as hint, for what does not exist and what this caller does not see alike; the
 * codes of a failed tool call for what cannot be read now.
 */
enum err resource_read(struct tool_call *c, struct str uri,
    struct str *contents, struct fault *f) FAULT_MUST_CHECK;

/*
 * News of what can be read, for who looks every second or so; kept between the
 * looks.  "most" sources of those the caller sees are watched.
 */
struct content_watch;
struct content_watch *content_watch_new(struct arena *a,
    const struct conf *conf, size_t most);

/* Look at sources, files and folders: a number that changes when the lists of
 * resources may have. */
uint64_t content_watch_look(struct content_watch *w, struct tool_call *c,
    int64_t now_ms);

/* Since that look: a number that changes when resource_read would give
 * something else; 0: there is no such resource. */
uint64_t content_watch_one(const struct content_watch *w, struct tool_call *c,
    struct str uri);

/* Would resource_read find it?  Reads nothing of it; ERR_UNKNOWN_RESOURCE. */
enum err resource_find(struct tool_call *c, struct str uri,
    struct fault *f) FAULT_MUST_CHECK;

struct prompt_result {
	const char *description;
	struct str messages; /* the JSON array */
	struct str ask;      /* as in struct tool_result; else empty */
};

/*
 * prompts/get.  ERR_UNKNOWN_PROMPT, also for what this caller does not see;
 * ERR_ARGUMENT for a bad argument.  With "ask" nothing is finished: it is to be
 * called again with the answers in c->asking.
 */
enum err prompt_get(struct tool_call *c, struct str name,
    const json_t *arguments, struct prompt_result *out,
    struct fault *f) FAULT_MUST_CHECK;

/* What completion/complete asks for. */
struct complete_ask {
	bool prompt;           /* ref/prompt, else ref/resource */
	struct str ref;        /* name, or URI template */
	struct str name;       /* of the argument */
	struct str value;      /* what is typed so far */
	const json_t *context; /* values of other arguments, or NULL */
};

/* The object "completion".  ERR_PARAMS for an unknown reference or argument. */
enum err complete_find(struct tool_call *c, const struct complete_ask *q,
    struct str *completion, struct fault *f) FAULT_MUST_CHECK;

#endif
