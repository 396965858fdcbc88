/* SPDX-License-Identifier: ISC */
/*
 * The catalogue of tools: what exists, what a caller sees, and running one.
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "auth/auth.h"
#include "source/source.h"
#include "json/json.h"
#include "json/json_out.h"

/* Revisions, oldest first; also decides the profile of tools.md. */
enum era {
	ERA_2024_11_05,
	ERA_2025_03_26,
	ERA_2025_06_18,
	ERA_2025_11_25,
	ERA_2026_07_28,
	ERA_COUNT
};

static inline bool
era_modern(enum era e)
{
	return e >= ERA_2026_07_28;
}
/* structuredContent, outputSchema and titles exist (profiles B and C). */
static inline bool
era_structured(enum era e)
{
	return e >= ERA_2025_06_18;
}
/* A bad argument is a tool result (profile C). */
static inline bool
era_lenient(enum era e)
{
	return e >= ERA_2025_11_25;
}

enum tool_type { TOOL_UNIVERSAL = 1, TOOL_SQL = 2, TOOL_SOURCE = 4 };

/* What narrows a request: query string and path (tools.md 2). */
struct tool_filter {
	unsigned types; /* TOOL_ bits; all when there is no "tools" */
	uint64_t
	    ops[2]; /* bits by index of the base name; all ones without "ops" */
	int source; /* of <mount>/connections/<id>, or -1 */
	int toolkit; /* of <mount>/toolkits/<name>, or -1 */
	bool
	    nowhere; /* there is none of that name: 404 once it is known who asks */
};
void tool_filter_init(struct tool_filter *f);

/* Narrow by the values of "tools" and "ops" (present says which came):
 * ERR_FILTER with the sentence of tools.md 2. */
enum err tool_filter_query(struct tool_filter *t, bool has_tools,
    struct str tools, bool has_ops, struct str ops,
    struct fault *f) FAULT_MUST_CHECK;

struct catalogue;

/* The catalogue of a configuration; complains about colliding names, but
 * leaves a program of tools_dir out rather than complain of it.  ERR_BUSY:
 * only a process that is less confined could make it. */
enum err catalogue_new(const struct conf *conf, struct sources *sources,
    struct catalogue **out, struct fault *f) FAULT_MUST_CHECK;
void catalogue_free(struct catalogue *c); /* takes NULL */

/* Number i of the programs of tools_dir that are left out of it beside those
 * of conf.left, as "file:line: sentence"; NULL past the last. */
const char *catalogue_left(const struct catalogue *c, size_t i);

/*
 * The "tools" array of tools/list as JSON text, from a small cache kept per
 * rights, filter and era; lent until the next call.  "cursor" p NULL: from
 * the start.  *next is the cursor of the next page or empty; a bad cursor is
 * ERR_PARAMS.
 */
enum err tool_list(struct catalogue *c, struct arena *a,
    const struct caller *who, const struct tool_filter *filter, enum era era,
    const struct seal *seal, int64_t now_s, struct str cursor,
    struct str *tools, struct str *next, struct fault *f) FAULT_MUST_CHECK;

/* Events of a running call, when the client asked and the answer streams. */
struct tool_events {
	bool (*progress)(struct tool_events *e, double progress, double total,
	    struct str message);
	bool (*log)(struct tool_events *e, struct str level, struct str logger,
	    struct str json);
	bool (*alive)(
	    struct tool_events *e); /* keep-alive; false: client gone */
};

/* Arms the hard deadline around a statement (SECURITY_MODEL 3): after "ms" the
 * prepared TIMEOUT answer is sent and the process ends. */
struct tool_guard {
	void (*arm)(struct tool_guard *g, int64_t ms);
	void (*disarm)(struct tool_guard *g);
};

/* The places of the caller for statements that run (limits.sources_in_flight):
 * one is held while a source is at work.  "apart" is for before this process is
 * copied. */
struct tool_places {
	enum err (*enter)(struct tool_places *p, struct fault *f);
	void (*leave)(struct tool_places *p);
	void (*apart)(struct tool_places *p);
};

/*
 * A caller who can be asked in the middle of a call (mcp.md 14).  "answers"
 * holds the replies by the keys of the requests, "state" what the tool gave to
 * be kept; both are empty at the first run.
 */
struct tool_asking {
	const char *can; /* "elicitation,elicitation.url,sampling,roots" */
	bool form, url, sampling, roots;
	bool sampling_tools, sampling_context;
	const json_t *answers; /* an object, or NULL */
	struct str state;      /* JSON text, or empty */
	/* Use the answers up before something happens that must not happen
	 * twice: ERR_CONFLICT when they were used before. */
	enum err (*once)(const struct tool_asking *a, struct fault *f);
};

/* One call and what it may use. */
struct tool_call {
	struct arena *arena;
	const struct conf *conf;
	struct sources *sources;
	struct catalogue *catalogue;
	const struct caller *who;
	const struct tool_filter *filter;
	enum era era;
	int64_t now_s;
	const struct seal *seal;
	struct attempt *attempt;
	struct tool_events *events; /* or NULL */
	struct tool_guard *guard;   /* or NULL */
	/* Charge the caller on a source before it is used (sources.*.rate);
	 * NULL where nothing is charged. */
	enum err (*charge)(void *arg, int source, struct fault *f);
	void *charge_arg;
	struct tool_places *places;       /* or NULL */
	const struct tool_asking *asking; /* NULL: cannot be asked */
};

/*
 * What came out.  "text" is the inside of a JSON string: the escaped text of
 * the one text item.  "structured" is the JSON object, or empty.
 */
struct tool_result {
	struct str text;
	struct str structured;
	struct str meta; /* JSON members for _meta, without braces, or empty */
	struct str
	    content; /* ready JSON items instead of the one text item, or empty */
	/* A JSON object of requests to the user by key: nothing is finished,
	 * the call is to be run again with their answers.  Else empty. */
	struct str ask;
	struct str state; /* JSON text to come back with them, or empty */
	bool is_error;
};

/*
 * Find, check the arguments, run.  ERR_UNKNOWN_TOOL for unknown, hidden and
 * forbidden alike; ERR_ARGUMENT for a bad argument (its form by era is mcp's);
 * ERR_UNAVAILABLE when the audit cannot be written; a failed call is ERR_OK
 * with is_error and the text of tools.md 1.8.
 */
enum err tool_run(struct tool_call *c, struct str name, const json_t *arguments,
    struct tool_result *out, struct fault *f) FAULT_MUST_CHECK;

/* May a call of this tool become a task (mcp.md 15.2)?  Never, for one that
 * this caller does not see. */
enum conf_task tool_task(const struct tool_call *c, struct str name);

/* Around the work of a source; ERR_BUSY when the caller has too much of it.
 * No tool_leave after a refusal. */
static inline enum err FAULT_MUST_CHECK
tool_enter(const struct tool_call *c, struct fault *f)
{
	return c->places == NULL ? ERR_OK : c->places->enter(c->places, f);
}

static inline void
tool_leave(const struct tool_call *c)
{
	if (c->places != NULL)
		c->places->leave(c->places);
}

/* Before this process is copied: nothing is open that two cannot share. */
void tool_apart(struct tool_call *c);

/* A fault as the result of a call that failed: the text of tools.md 1.8, and
 * code, retryable and hint for programs.  The attempt learns the code. */
void tool_failed(struct tool_call *c, const struct fault *f,
    struct tool_result *out);

/* Headers that mirror arguments (x-mcp-header) of a tool this caller sees:
 * calls fn for every annotated property with the argument's text, p NULL
 * when it is absent.  Unknown tools have none. */
enum err tool_headers(struct tool_call *c, struct str name,
    const json_t *arguments,
    enum err (*fn)(void *arg, const char *header, struct str value,
	bool is_integer, struct fault *f),
    void *arg, struct fault *f) FAULT_MUST_CHECK;

/* Is a tool of this name in this caller's list, and may it be called?  Runs
 * nothing. */
bool tool_listed(struct catalogue *c, const struct caller *who,
    const struct tool_filter *filter, struct str name);
bool tool_callable(struct catalogue *c, const struct caller *who,
    const struct tool_filter *filter, struct str name);

/* Bytes of each listed tool, for "tools --cost". */
enum err tool_cost(struct catalogue *c, struct arena *a,
    const struct caller *who, const struct tool_filter *filter, enum era era,
    bool (*fn)(void *arg, struct str name, size_t bytes), void *arg,
    struct fault *f) FAULT_MUST_CHECK;

#endif
