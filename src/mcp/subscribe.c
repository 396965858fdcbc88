/* SPDX-License-Identifier: ISC */
/*
 * resources/subscribe and resources/unsubscribe of the older revisions.  News
 * would come on a stream that a stateless responder does not have, so nothing
 * is kept: a client that must call them before it reads is told that the
 * resource is there (mcp.md 7.4).
 */
#include "content/content.h"
#include "mcp/mcp_int.h"

bool
subscribe_offered(const struct message *msg)
{
	return msg->m->conf->streams && msg->req != NULL;
}

static void
empty(const struct message *msg, struct answer *out)
{
	struct result r;

	result_open(&r, msg);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
}

enum err
subscribe_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct str uri = { 0 };
	struct tool_call call;
	enum err e = param_text(msg->rpc.params, "uri", &uri, f);

	if (e != ERR_OK)
		return e;
	msg->attempt->tool = uri;
	tools_call_of(msg, &call);
	e = resource_find(&call, uri, f);
	if (e == ERR_OK)
		empty(msg, out);
	return e;
}

enum err
unsubscribe_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct str uri = { 0 };
	enum err e = param_text(msg->rpc.params, "uri", &uri, f);

	if (e == ERR_OK)
		empty(msg, out);
	return e;
}
