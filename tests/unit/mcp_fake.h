/* SPDX-License-Identifier: ISC */
/*
 * What the tests of the protocol put below and beside it: a request out of
 * memory, an answer into memory, and a catalogue with a handful of tools whose
 * only purpose is to be wrong in one way each.
 */
#ifndef TESTS_MCP_FAKE_H
#define TESTS_MCP_FAKE_H

#include "mcp/mcp.h"

#define FAKE_ENV 64

struct fake {
	struct http_io io;
	struct arena *arena;
	struct conf conf;
	struct mcp mcp;
	struct caller who;
	struct attempt attempt;
	struct http_req req;
	struct http_res res;
	char *env[FAKE_ENV];
	size_t nenv;
	struct str body;  /* what is left of it */
	struct buf sent;  /* all that went out */
	int sends, lines; /* calls of send; audit lines put */
	bool hung_up;
	/* What the last guard was given. */
	struct str last_words;
	const char *last_code;
	int64_t armed_ms;
	bool disarmed;
	struct tool_guard guard;
	bool guard_fails;
	int more; /* messages of a batch that may be charged beside the first */
};

void fake_init(struct fake *f, bool known);

/* Give the configuration resources and prompts. */
void fake_content(struct conf *conf);

void fake_done(struct fake *f);

/* A request header by its HTTP name, or a CGI parameter by its own. */
void fake_header(struct fake *f, struct str name, struct str value);
void fake_param(struct fake *f, const char *name, struct str value);

/* A session id of this caller: "2025-06-18 fsr x", good for an hour; with
 * "!" at the end altered, with "-" expired, with "?" another's. */
struct str fake_session(struct fake *f, struct str text);

/* Post it and send the answer. */
void fake_post(struct fake *f, struct str body);

/* Arm last words through fake_guard(). */
void fake_guarded(struct fake *f);

/* The part of the answer behind its header. */
struct str fake_body(const struct fake *f);

/* Did this line of the header go out? */
bool fake_sent(const struct fake *f, const char *line);

/* Are these bytes in the text? */
bool fake_holds(struct str text, const char *part);

/* What the tools "ask" and "once" ask at a first run, and keep; "once" uses the
 * answers up. */
extern const char *fake_ask, *fake_keep;
extern const char *fake_about; /* of the one tool that is listed */
extern int fake_runs;          /* how often they came to their end */

/* Hears all that goes out, at once; NULL: nobody listens. */
extern void (*fake_hears)(struct fake *f, struct str text);

/* What the tool "slow" does in the middle; false: it fails. */
extern bool (*fake_slow)(struct tool_call *c);

#endif
