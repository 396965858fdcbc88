/* SPDX-License-Identifier: ISC */
/* What goes out ahead of an answer, and a request that is called off. */
#ifndef MCP_STREAM_INT_H
#define MCP_STREAM_INT_H

#include "mcp/mcp_int.h"

/* --- cancel.c: notifications/cancelled of the older revisions --- */

/* A request that runs, while it can be called off. */
struct cancel {
	bool tried, listed; /* there is a file for it */
	bool came;
	int64_t begun_ms, looked_ms;
	struct str id;
};

/* List a running request where a cancellation finds it, if it may be one. */
void cancel_list(struct stream *s);

/* Has it been called off?  Asked often: lists it once it has run a while, if
 * it was not before. */
bool cancel_came(struct stream *s, int64_t now_ms);

/* The notification: call off what it names, if it runs. */
void cancel_post(struct message *msg);

/* --- stream.c: events before the answer --- */

struct stream {
	struct tool_events events; /* what the tool sees */
	struct tool_guard guard;
	struct message *msg;
	struct http_res *res;
	struct tool_guard *hard;    /* the real one behind ours, while armed */
	int64_t limit_ms, until_ms; /* of it */
	bool accept_sse, accept_json;
	bool whole; /* part of a batch: nothing may leave before the rest */
	/* Makes the last words of one message those of the whole response;
	 * NULL where they are the same. */
	void (*wrap)(void *arg, struct answer *out);
	void *wrap_arg;
	struct str token; /* progressToken as JSON, or empty */
	double progress;  /* of the last event */
	bool progressed;
	int64_t long_ms; /* from when on it runs long; 0: not begun */
	int64_t sent_ms; /* when the client last heard from us */
	struct bus *bus; /* NULL: not opened */
	struct cancel cancel;
};

void stream_init(struct stream *s, struct message *msg, struct http_res *res,
    struct http_accept accept);

/* Give the answer to the response in the form that was chosen. */
void stream_answer(struct stream *s, const struct answer *out);

/* Could something go out ahead of the answer? */
bool stream_can(const struct stream *s);

/* Send a message ahead, which opens the stream; false: nobody gets it. */
bool stream_send(struct stream *s, struct str text);

/* Is somebody still waiting for the answer?  Asked often: it also keeps the
 * stream alive. */
bool stream_there(struct stream *s);

/* The folder where it meets other requests, opened once. */
enum err stream_bus(struct stream *s, struct bus **out,
    struct fault *f) FAULT_MUST_CHECK;

/* The events and the guard for one tools/call; may be NULL. */
struct tool_events *stream_events(struct stream *s);
struct tool_guard *stream_guard(struct stream *s);

/* --- logging.c: log notifications (mcp.md 7.3, 13.2) --- */

/* The place of a level in their order, debug 0; -1: there is none such. */
int log_level(struct str name);

/* Does this request want messages of that level? */
bool log_wanted(const struct message *msg, struct str level);

/* One as JSON text: "json" is its data. */
struct str log_text(struct arena *a, struct str level, struct str logger,
    struct str json);

bool logging_offered(const struct message *msg);
enum err set_level_run(struct message *msg, struct answer *out,
    struct fault *f) FAULT_MUST_CHECK;

#endif
