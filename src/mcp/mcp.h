/* SPDX-License-Identifier: ISC */
/*
 * The protocol: envelope, eras, header checks, methods (spec/mcp.md).
 */
#ifndef MCP_MCP_H
#define MCP_MCP_H

#include "http/http.h"
#include "tool/tool.h"

/* The site as one caller sees it at a moment; lent until the next look. */
struct mcp_view {
	const struct conf *conf;
	struct sources *sources;
	struct catalogue *catalogue; /* NULL: it cannot be seen from here */
	const struct caller *who;
	const struct tool_filter *filter;
	bool leave; /* nothing after this can be seen from here */
};

enum mcp_news {
	MCP_NEWS_NONE,
	MCP_NEWS_LOOK,    /* the view is another one, or what is in it */
	MCP_NEWS_LEAVE,   /* this process is asked to end, or must */
	MCP_NEWS_REFUSED, /* the token is good no more */
};

/* What a standing stream (subscriptions/listen) needs of the site. */
struct mcp_watch {
	/*
	 * Take a place among the listeners and a first look: ERR_RATE when this
	 * token has enough of them, ERR_UNAVAILABLE when all together are too
	 * many.
	 */
	enum err (*open)(void *arg, const struct caller *who,
	    const struct tool_filter *filter, struct mcp_view *view,
	    struct fault *f);
	/* Wait for news, at most so long. */
	enum mcp_news (*wait)(void *arg, int64_t ms, struct mcp_view *view);
	void (*close)(void *arg);
	void *arg;
};

/* What the protocol needs of the site; made once per configuration. */
struct mcp {
	const struct conf *conf;
	struct sources *sources;
	struct catalogue *catalogue;
	struct seal seal; /* of cursors */
	struct seal session_seal;
	struct seal states; /* of what a client carries between two rounds */
	/* Use a mark up, once for all processes, kept until then: ERR_CONFLICT
	 * when it was used before.  NULL: nothing that needs it is done. */
	enum err (*once)(void *arg, struct str mark, int64_t until_s,
	    struct fault *f);
	void *once_arg;
	/* Prepared last words: called when a call begins that may run long, with
	 * the whole answer it would get; NULL where there is no such thing. */
	struct tool_guard *(*guard)(void *arg, struct http_res *timeout_answer,
	    struct attempt *t);
	void *guard_arg;
	int64_t (*clock_ms)(void); /* monotonic; NULL: the machine's own */
	/* This process will be long at one request: another shall take its
	 * place meanwhile.  NULL: none can. */
	void (*stand)(void *arg);
	void *stand_arg;
	/* As in struct tool_call; set for each request, or NULL. */
	enum err (*charge)(void *arg, int source, struct fault *f);
	/* Charge a message of a batch beside its first; with charge_arg. */
	enum err (*charge_more)(void *arg, struct fault *f);
	void *charge_arg;
	struct tool_places *places;
	struct mcp_watch watch; /* open NULL: no standing streams */
	/* Messages without HTTP: what their last initialize agreed on. */
	bool has_agreed;
	enum era agreed;
};

/*
 * Answer a POST whose credential is settled (mcp.md 3.3 from step 5 on): media
 * type, body, envelope, filter, era, method.
 */
void mcp_post(struct mcp *m, struct http_req *req, struct tool_filter *filter,
    struct attempt *t, struct http_res *res);

/*
 * One message without HTTP (stdio, mcpctl): the answer as JSON text, empty for
 * a notification.  No header rules hold; all else does.
 */
struct str mcp_message(struct mcp *m, struct arena *a, struct str body,
    struct tool_filter *filter, struct attempt *t);

/*
 * Both fill in the attempt (method, era, client, tool, status, code), whose line
 * is the caller's to put, under the event this names; the elements of a batch
 * get lines of their own here.
 */
const char *mcp_event(const struct attempt *t);

/* Write a fault as a JSON-RPC error (mcp/mcp_fault.c): status and body.
 * "id" is the id as JSON text, or empty. */
void mcp_res_fault(struct http_res *res, enum era era, struct str id,
    const struct fault *f, const struct attempt *t);

/* The 401 challenge, Bearer first (mcp.md 16.3). */
void mcp_challenge(struct http_res *res, const struct conf *conf,
    bool credential_came);

/* X-RateLimit-* and Retry-After (SECURITY_MODEL A7). */
void mcp_limit_headers(struct http_res *res, const struct limit_answer *l);

/* Remove from the state folder what requests left there that were ended while
 * they waited for somebody; how many files. */
int64_t mcp_sweep(const struct conf *conf);

/* "2025-06-18" of an era, and back (ERA_COUNT when unknown). */
const char *era_name(enum era e);
enum era era_find(struct str name);

/* Name and version of this server. */
#define MCP_NAME "mcp-fcgi"

#endif
