/* SPDX-License-Identifier: ISC */
/* Between the two halves of a listener: what is new, and saying it. */
#ifndef MCP_LISTEN_INT_H
#define MCP_LISTEN_INT_H

#include "mcp/mcp_int.h"

enum { TOPIC_TOOLS, TOPIC_PROMPTS, TOPIC_RESOURCES, TOPIC_COUNT };
enum { WATCHED_MAX = 100 };

/* One resource. */
struct watched {
	struct str uri;
	uint64_t mark;
};

struct news {
	struct message *msg;
	struct mcp_view view;
	struct arena *scratch; /* of one look */
	struct arena *arena;   /* of what stays as long as the view */
	struct content_watch *watch;
	struct attempt nobody; /* for calls that nobody made */
	bool asked[TOPIC_COUNT];
	uint64_t print[TOPIC_COUNT];
	struct watched *one; /* of WATCHED_MAX */
	size_t nones;
	uint64_t seen; /* of what is looked at every second */
	int64_t due_ms;
	/* Where news go: the method, and the URI or p NULL. */
	void (*tell)(struct news *n, const char *method, struct str uri);
};

/* Read params.notifications: ERR_PARAMS. */
enum err news_ask(struct news *n, struct fault *f) FAULT_MUST_CHECK;

/* Member "notifications": what will be told. */
void news_honour(struct news *n, struct json_out *o);

/* How everything stands at the beginning, nothing is told. */
void news_begin(struct news *n, int64_t now_ms);

/* The view is another one. */
void news_view(struct news *n, int64_t now_ms);

/* Time has passed. */
void news_look(struct news *n, int64_t now_ms);

void news_end(struct news *n);

#endif
