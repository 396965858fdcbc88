/* SPDX-License-Identifier: ISC */
/*
 * subscriptions/listen: a stream that stands until its client goes or its time
 * is over, and tells which lists have changed for this caller (mcp.md 13.3).
 * What there is to see is the site's to find out, through struct mcp_watch;
 * here stands what is said about it.
 */
#include "base/clock.h"
#include "mcp/listen_int.h"
#include "mcp/stream_int.h"

enum {
	TICK_MS = 300, /* at most so long between two looks */
	/* Some servers learn only by writing that a client has gone, and from
	 * the second write: so comments come in pairs. */
	COMMENT_MS = 5000,
	AGAIN_MS = 1000,
	EVENT_MAX = 1 << 20,
};

struct listener {
	struct news news;
	struct message *msg;
	struct http_res *res;
	int64_t end_ms;  /* of its time */
	int64_t sent_ms; /* when the client last heard from us */
	bool first;      /* that was the first comment of two */
	int64_t told;    /* notifications so far */
};

static int64_t
now_ms(const struct listener *l)
{
	const struct mcp *m = l->msg->m;

	return m->clock_ms != NULL ? m->clock_ms() : clock_mono_ms();
}

bool
listen_offered(const struct message *msg)
{
	return msg->m->watch.open != NULL && msg->m->conf->streams &&
	       msg->req != NULL && era_modern(msg->era);
}

/* --- what is said --- */

/* Begin a notification: the id of the request stands on everything. */
static void
event_open(struct listener *l, struct json_out *o, struct buf *b,
    const char *method)
{
	buf_init(b, l->news.scratch, EVENT_MAX);
	json_out_init(o, b, NULL);
	json_obj(o, NULL);
	json_z(o, "jsonrpc", "2.0");
	json_z(o, "method", method);
	json_obj(o, "params");
	json_obj(o, "_meta");
	json_raw(o, META_SUBSCRIPTION, l->msg->rpc.id);
	json_end(o);
}

static void
event_send(struct listener *l, struct json_out *o, struct buf *b)
{
	struct str text;

	json_end(o);
	json_end(o);
	if (json_failed(o))
		return;
	text = buf_text(b);
	(void)http_event(l->res, &text, 1);
	l->sent_ms = now_ms(l);
}

static void
acknowledge(struct listener *l)
{
	struct json_out o;
	struct buf b;

	event_open(l, &o, &b, "notifications/subscriptions/acknowledged");
	news_honour(&l->news, &o);
	event_send(l, &o, &b);
}

static void
tell(struct news *n, const char *method, struct str uri)
{
	struct listener *l = (struct listener *)n;
	struct json_out o;
	struct buf b;

	event_open(l, &o, &b, method);
	if (uri.p != NULL)
		json_str(&o, "uri", uri.p, uri.len);
	event_send(l, &o, &b);
	l->told++;
}

/* --- how long it stands --- */

/* The client is still there, as far as can be known. */
static bool
stays(struct listener *l)
{
	struct http_io *io = l->res->io;

	if (!l->res->gone && io->gone != NULL)
		l->res->gone = io->gone(io);
	return !l->res->gone;
}

/* When the next comment is due. */
static int64_t
comment_ms(const struct listener *l)
{
	return l->sent_ms + (l->first ? AGAIN_MS : COMMENT_MS);
}

static int64_t
wait_ms(const struct listener *l, int64_t now)
{
	int64_t ms = TICK_MS;

	if (l->end_ms - now < ms)
		ms = l->end_ms - now;
	if (comment_ms(l) - now < ms)
		ms = comment_ms(l) - now;
	return ms > 0 ? ms : 0;
}

/* Look at what the wait brought; false: it was the last. */
static bool
take(struct listener *l, enum mcp_news what)
{
	switch (what) {
	case MCP_NEWS_NONE:
		news_look(&l->news, now_ms(l));
		return true;
	case MCP_NEWS_LOOK:
		news_view(&l->news, now_ms(l));
		return !l->news.view.leave;
	case MCP_NEWS_REFUSED:
		l->msg->attempt->code = err_name(ERR_CANCELLED);
		return false;
	case MCP_NEWS_LEAVE:
		return false;
	}
	return false;
}

static bool
turn(struct listener *l)
{
	struct mcp_watch *w = &l->msg->m->watch;
	int64_t now = now_ms(l);

	if (!stays(l) || now >= l->end_ms)
		return false;
	if (now >= comment_ms(l)) {
		l->sent_ms = now;
		l->first = !l->first;
		(void)http_comment(l->res);
	}
	return take(l, w->wait(w->arg, wait_ms(l, now), &l->news.view));
}

/* From the acknowledgment to the last turn. */
static void
stand(struct listener *l)
{
	news_begin(&l->news, now_ms(l));
	l->sent_ms = now_ms(l);
	l->end_ms = l->sent_ms + 1000LL * l->msg->m->conf->limits.listen_time;
	l->res->status = 200;
	(void)http_stream(l->res);
	acknowledge(l);
	while (turn(l))
		continue;
	l->msg->attempt->events = l->told;
	news_end(&l->news);
}

/* The empty result that says it ended well. */
static void
good_bye(const struct message *msg, struct answer *out)
{
	struct result r;

	result_open(&r, msg);
	result_close(&r, CACHE_NONE,
	    arena_fmt(msg->arena, "\"%s\":%.*s", META_SUBSCRIPTION,
		(int)msg->rpc.id.len, msg->rpc.id.p),
	    out);
}

/* It stands in the audit from its beginning, not only when it is over. */
static enum err
account(struct attempt *t, struct fault *f)
{
	t->events = 0;
	return t->put == NULL ? ERR_OK : t->put(t, "begin", f);
}

enum err
listen_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct mcp_watch *w = &msg->m->watch;
	struct listener l = { .news = { .msg = msg, .tell = tell },
		.msg = msg,
		.res = msg->stream->res };
	enum err e = news_ask(&l.news, f);

	if (e == ERR_OK && !msg->stream->accept_sse)
		e = fault_set(f, ERR_NOT_ACCEPTABLE,
		    "Accept must allow text/event-stream: this method answers with a stream");
	if (e == ERR_OK)
		e = w->open(w->arg, msg->attempt->who, msg->filter,
		    &l.news.view, f);
	if (e != ERR_OK)
		return e;
	e = account(msg->attempt, f);
	if (e == ERR_OK) {
		stand(&l);
		good_bye(msg, out);
	}
	w->close(w->arg);
	return e;
}
