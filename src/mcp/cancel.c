/* SPDX-License-Identifier: ISC */
/*
 * A request of the older revisions that is called off while it runs: by a
 * notification in a POST of its own, which may reach another process
 * (mcp.md 7.7).  A request that has run a while leaves a file; who calls it
 * off removes that file, and the request sees it.
 */
#include "mcp/bus_int.h"
#include "mcp/nonce.h"
#include "mcp/stream_int.h"

/* What is over sooner cannot be called off, and costs nothing extra. */
enum { LIST_AFTER_MS = 100, LOOK_MS = 100 };

/* Ids are the client's, and the next client of the same token counts from one
 * too: so it is the session that must be the same, or else the address. */
static struct str
name_of(const struct message *msg, struct str request)
{
	struct str whose =
	    msg->session.good ? msg->session.id : msg->attempt->address;

	return nonce_of(msg->arena,
	    arena_fmt(msg->arena, "%.*s\n%.*s", (int)whose.len,
		whose.p == NULL ? "" : whose.p, (int)request.len, request.p));
}

static bool
possible(const struct message *msg)
{
	return !era_modern(msg->era) && msg->m->conf->streams &&
	       msg->req != NULL && message_known(msg);
}

void
cancel_list(struct stream *s)
{
	struct cancel *c = &s->cancel;
	struct fault f = { 0 };
	struct bus *bus;

	if (c->tried || s->whole || !possible(s->msg))
		return;
	c->tried = true;
	c->id = name_of(s->msg, s->msg->rpc.id);
	c->listed =
	    stream_bus(s, &bus, &f) == ERR_OK && bus_put(bus, BUS_CALL, c->id);
}

bool
cancel_came(struct stream *s, int64_t now_ms)
{
	struct cancel *c = &s->cancel;

	if (c->came || (c->tried && !c->listed))
		return c->came;
	if (c->begun_ms == 0)
		c->begun_ms = now_ms;
	if (!c->listed) {
		if (now_ms - c->begun_ms >= LIST_AFTER_MS)
			cancel_list(s);
		return false;
	}
	if (now_ms - c->looked_ms < LOOK_MS)
		return false;
	c->looked_ms = now_ms;
	/* A web server ends a CGI program whose client is gone. */
	c->came = !bus_has(s->bus, BUS_CALL, c->id) ||
		  (s->msg->req->is_cgi && bus_leaving(s->bus));
	return c->came;
}

void
cancel_post(struct message *msg)
{
	const json_t *id = json_member(msg->rpc.params, "requestId");
	struct fault f = { 0 };
	struct str request;
	struct bus *bus;

	if (!possible(msg) || !rpc_token(msg->arena, id, &request))
		return;
	if (bus_open(msg->arena, msg->m->conf, msg->attempt->who->key.id, &bus,
		&f) == ERR_OK)
		(void)bus_remove(bus, BUS_CALL, name_of(msg, request));
}
