/* SPDX-License-Identifier: ISC */
/*
 * Inside the room: one message on its way from text to answer.
 */
#ifndef MCP_MCP_INT_H
#define MCP_MCP_INT_H

#include "mcp/mcp.h"

#define META_VERSION      "io.modelcontextprotocol/protocolVersion"
#define META_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"
#define META_CLIENT       "io.modelcontextprotocol/clientInfo"
#define META_LOG_LEVEL    "io.modelcontextprotocol/logLevel"
#define META_SERVER       "io.modelcontextprotocol/serverInfo"
#define META_PROGRESS     "progressToken"
#define META_SUBSCRIPTION "io.modelcontextprotocol/subscriptionId"

/* The newest revision that is opened with initialize. */
#define ERA_NEWEST_LEGACY ERA_2025_11_25
/* What a request without any version is (mcp.md 3.2). */
#define ERA_SILENT ERA_2025_03_26

enum rpc_kind { RPC_REQUEST, RPC_NOTIFICATION, RPC_RESPONSE };

/* The envelope of one message. */
struct rpc_call {
	enum rpc_kind kind;
	struct str id; /* as JSON text; empty when there is none */
	struct str method;
	const json_t *params; /* the object, or NULL */
	bool params_bad;      /* came, and is no object */
	const json_t *meta;   /* params._meta: the object, or NULL */
	const json_t *reply;  /* of a response: all of it */
};

/* An answer in pieces that are gathered, never copied. */
struct answer {
	int status;
	struct str piece[HTTP_PIECES];
	size_t n;       /* 0: no body */
	bool events;    /* the pieces are server-sent events already */
	int retry_s;    /* when to come again, or 0 */
	enum err fault; /* what it says, or ERR_OK */
};

struct bus;
struct method;
struct stream;

/* What a session id tells of the client who brings it (mcp.md 7.1). */
struct session {
	bool came, good;
	enum era era;
	/* What it said it can. */
	bool form, url, sampling, sampling_tools, sampling_context, roots;
	struct str id;
};

/* One message and all it may use. */
struct message {
	struct mcp *m;
	struct arena *arena;
	const struct http_req *req; /* NULL: it did not come by HTTP */
	struct attempt *attempt;
	const struct tool_filter *filter;
	struct stream *stream; /* NULL: nothing can be sent ahead */
	int64_t now_s;
	struct rpc_call rpc;
	enum era era;
	struct session session;
	const struct method *method; /* once it is known to be offered */
};

/* --- envelope.c: from JSON to struct rpc_call --- */

/* Take one message apart: ERR_REQUEST.  The id is set whenever it could be
 * read, also on failure. */
enum err rpc_read(struct arena *a, const json_t *v, struct rpc_call *c,
    struct fault *f) FAULT_MUST_CHECK;

/* A string or integer as JSON text; false for any other type. */
bool rpc_token(struct arena *a, const json_t *v, struct str *out);

/* --- era.c: which revision a message is served under (mcp.md 4) --- */

/* Choose; the era is set on failure too, for the form of the error. */
enum err era_choose(struct message *msg, struct fault *f) FAULT_MUST_CHECK;

/* Does the header name a revision of the modern era, known or not? */
bool era_header_modern(struct str header);

/* ERR_VERSION about "requested". */
enum err era_refuse(struct str requested, struct fault *f);

/* --- meta.c: what params._meta must and may hold (mcp.md 5) --- */

enum err meta_required(struct message *msg, struct fault *f) FAULT_MUST_CHECK;
enum err meta_optional(struct message *msg, struct fault *f) FAULT_MUST_CHECK;

/* Name and version of the client for the audit, p NULL when it said none. */
struct str meta_client(const struct message *msg);

/* --- headers.c: headers that repeat the body (mcp.md 3.3, 8b to 8f) --- */

enum err header_version(struct message *msg, struct fault *f) FAULT_MUST_CHECK;
enum err header_served(struct message *msg, struct fault *f) FAULT_MUST_CHECK;
enum err header_names(struct message *msg, struct fault *f) FAULT_MUST_CHECK;
enum err header_params(struct message *msg, struct fault *f) FAULT_MUST_CHECK;

/* The value behind "=?base64?...?=", or the value itself (mcp.md 3.5); false
 * when the inside is not strict Base64 of UTF-8. */
bool header_decode(struct arena *a, struct str in, struct str *out);

/* --- methods.c: the table of methods and the way to them --- */

struct method {
	const char *name;
	unsigned eras; /* METHOD_LEGACY, METHOD_MODERN */
	bool open;     /* needs no credential */
	enum err (
	    *run)(struct message *msg, struct answer *out, struct fault *f);
	/* Is it there for this message?  NULL: always. */
	bool (*offered)(const struct message *msg);
};
enum { METHOD_LEGACY = 1, METHOD_MODERN = 2, METHOD_BOTH = 3 };

/* Choose the era, climb the ladder, run the method; never fails: a fault
 * becomes an answer.  The attempt learns method, era, client, status, code. */
void message_run(struct message *msg, struct answer *out);

/* Was a good credential shown? */
bool message_known(const struct message *msg);

/* Would this message be refused for want of a credential? */
bool message_needs_key(const struct message *msg);

/* --- the methods --- */

enum err initialize_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err ping_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err discover_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err tools_list_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err tools_call_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
bool tasks_offered(const struct message *msg);
enum err tasks_get_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err tasks_update_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err tasks_cancel_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;

enum err resources_list_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err resources_templates_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err resources_read_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err prompts_list_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err prompts_get_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err completion_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;

/* A page of a list of theirs, as the member "key" of a result. */
struct content_page;
enum err content_list(struct message *msg, const char *key,
    enum err (*list)(struct tool_call *c, struct str cursor,
	struct content_page *out, struct fault *f),
    struct answer *out, struct fault *f) FAULT_MUST_CHECK;

/* The error of what ran longer than it may, where there is no tool. */
void resources_timeout(const struct message *msg, int64_t limit_ms,
    struct answer *out);

/* A parameter that must be there as a string. */
enum err param_text(const json_t *params, const char *name, struct str *out,
    struct fault *f) FAULT_MUST_CHECK;

/* The revision an initialize asks for, or the one we offer instead. */
enum era initialize_era(const struct rpc_call *c);

/* Members "capabilities" and "instructions" of initialize and discover. */
void server_describe(struct json_out *out, const struct message *msg);

/* --- session.c: the signed session id of the older revisions --- */

/* Look at the id the request brings, if ids are given out here and the caller
 * is known; what is wrong with it shows in session_check. */
void session_read(struct message *msg);

/* ERR_SESSION when one came that is bad, expired or another's. */
enum err session_check(struct message *msg, struct fault *f) FAULT_MUST_CHECK;

/* Put one on the answer of initialize, where ids are given out. */
void session_give(const struct message *msg);

/* --- extensions.c: what both sides must name before it is used (mcp.md 15) --- */

#define EXTENSION_TASKS "io.modelcontextprotocol/tasks"
#define EXTENSION_UI    "io.modelcontextprotocol/ui"

/* Member "extensions" of the capabilities, when there are any. */
void extensions_describe(struct json_out *out, const struct message *msg);

/* Did the client of this request declare it? */
bool extension_declared(const struct message *msg, const char *name);

/* --- answer.c: results --- */

enum cache {
	CACHE_NONE,
	CACHE_PUBLIC,
	CACHE_PRIVATE,
	CACHE_NOW /* private, and another one may be right at once */
};

#define RESULT_GAPS 2

/* A result while it is written: the text of it, and what is gathered into it
 * without being copied. */
struct result {
	const struct message *msg;
	struct buf b;
	struct json_out out; /* stands inside "result":{ */
	const char *type;
	size_t n;
	struct {
		size_t at; /* byte of b it stands before */
		struct str text;
	} gap[RESULT_GAPS];
};

void result_open(struct result *r, const struct message *msg);

/* What kind of result it is in the modern era, where it is not "complete". */
void result_type(struct result *r, const char *type);

/* Text that goes in here; lent until the answer is sent. */
void result_gap(struct result *r, struct str text);

/* Type, hints (mcp.md 12.2) and _meta as the era has them; "meta" are further
 * members of _meta as JSON text, or empty. */
void result_close(struct result *r, enum cache cache, struct str meta,
    struct answer *out);

/* name, version and title of this server, as an object. */
void server_info(struct json_out *out, const char *key, const struct conf *conf,
    bool title);

/* What stands under "result" or "error" in the whole answer to this message. */
struct str answer_inner(const struct message *msg, const struct answer *out);

/* The whole answer as one text. */
struct str answer_join(struct arena *a, const struct answer *out);

/* --- mcp_fault.c --- */

void answer_fault(struct answer *out, struct arena *a, enum era era,
    struct str id, const struct fault *f, const struct attempt *t);

/* Retry-After, where this answer is one that may be asked for again. */
void answer_retry(struct http_res *res, const struct answer *out,
    const struct attempt *t);

/* --- message.c: one text, whatever carried it --- */

void message_init(struct message *msg, struct mcp *m, struct arena *a,
    const struct tool_filter *filter, struct attempt *t);

/* Parse, shape, filter, then the one message or the batch.  "sse": the client
 * takes nothing but events. */
void message_body(struct message *msg, struct str body,
    struct tool_filter *filter, bool sse, struct answer *out);

/* --- filter.c --- */

/* The parameters "tools" and "ops" of the URL (tools.md 2): ERR_FILTER. */
enum err filter_narrow(const struct http_req *req, struct tool_filter *filter,
    struct fault *f) FAULT_MUST_CHECK;

/* --- batch.c: arrays, 2025-03-26 only (mcp.md 7.5) --- */

/* May there be an array at all, and one of this length? */
enum err batch_check(const struct message *msg, const json_t *array,
    struct fault *f) FAULT_MUST_CHECK;

/* Answer every element; "msg" is a message without an envelope.  A fault
 * refuses the array as a whole. */
enum err batch_run(const struct message *msg, const json_t *array, bool sse,
    struct answer *out, struct fault *f) FAULT_MUST_CHECK;

/* --- asking.c: requests that may ask the user (mcp.md 14 and 7.6) --- */

/* tools/call, prompts/get or resources/read while it is served. */
struct asking {
	struct tool_asking base; /* what tools and prompts see */
	struct message *msg;
	bool reachable;      /* false: there is no way to ask this client */
	json_t *asked;       /* the requests, or NULL */
	json_t *open;        /* those of them without a good reply, or NULL */
	const json_t *given; /* good replies to the others */
	const json_t
	    *early;     /* replies that came before any question, or NULL */
	unsigned round; /* how often it has been asked */
	char mark[33];  /* of the question whose replies are used */
};

/*
 * Modern: read params.inputResponses and params.requestState, which must belong
 * to this principal, method, name and arguments: ERR_PARAMS.  Legacy: what
 * the session says the client can do.
 */
enum err asking_begin(struct message *msg, struct asking *a,
    struct fault *f) FAULT_MUST_CHECK;

/*
 * It asked: "ask" is a JSON object of requests by key, "state" JSON text to come
 * back with the replies, or empty.  Modern: *again is false and the answer is
 * written, or ERR_CAPABILITY.  Legacy: the requests are sent and the replies
 * awaited, *again is true.  ERR_PERMISSION_DENIED where the user cannot be
 * asked, ERR_INTERNAL for a question no client understands.
 */
enum err asking_go_on(struct message *msg, struct asking *a, struct str ask,
    struct str state, bool *again, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;

/* What it asked as a tree, each request good and within what the client can:
 * ERR_INTERNAL, ERR_CAPABILITY. */
enum err asking_check(const struct asking *a, struct str ask, json_t **requests,
    struct fault *f) FAULT_MUST_CHECK;

struct asked {
	struct str ask, state;
};

/* One run of what may ask: sets *asked, or has written the answer.  "asking" is
 * NULL when the client cannot be asked. */
typedef enum err asking_run(struct message *msg, void *arg,
    const struct tool_asking *asking, struct asked *asked, struct answer *out,
    struct fault *f);

/* All of it: begin, run, ask, run again. */
enum err asking_serve(struct message *msg, asking_run *run, void *arg,
    struct answer *out, struct fault *f) FAULT_MUST_CHECK;

/* --- legacy_ask.c: the same in the older revisions (mcp.md 7.6) --- */

/* From the session id: false when this client cannot be asked. */
bool legacy_can(struct message *msg, struct tool_asking *to);

/* Send each request (an object by key) and wait for the replies, an object by
 * the same keys. */
enum err legacy_ask(struct message *msg, const json_t *requests,
    json_t **answers, struct fault *f) FAULT_MUST_CHECK;

/* A response: to the process that waits for it, if one does. */
void legacy_reply(struct message *msg);
/* --- subscribe.c: what is left of it in the older revisions --- */

bool subscribe_offered(const struct message *msg);
enum err subscribe_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;
enum err unsubscribe_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;

/* --- listen.c: a standing stream of news (mcp.md 13.3) --- */

/* Can this message become one, and so may "listChanged" be promised? */
bool listen_offered(const struct message *msg);

/* Open it, stay until the client goes or it must end, say good-bye. */
enum err listen_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;

/* --- tools.c --- */

/* What a tool may use on behalf of this message; no events, no guard. */
void tools_call_of(const struct message *msg, struct tool_call *call);

/* What came out of a tool, as the result of the call. */
void tools_result(const struct message *msg, const struct tool_result *t,
    struct answer *out);

/* The TIMEOUT result of tools.md 1.8, the limit in its text. */
void tools_timeout(const struct message *msg, int64_t limit_ms,
    struct answer *out);

#endif
