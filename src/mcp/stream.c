/* SPDX-License-Identifier: ISC */
/*
 * How the answer leaves: as JSON, as one buffered event, or as a stream that
 * opens with its first event, so that everything refused before keeps its own
 * status and a call that nothing is told of, and that is soon done, stays plain
 * JSON.
 */
#include <math.h>

#include "base/clock.h"
#include "mcp/bus_int.h"
#include "mcp/stream_int.h"

/* A client hears from us this often while a statement runs. */
#define QUIET_MS 1000

/* A request that may be called off by hanging up is a stream from here on:
 * lighttpd and Apache see that a client is gone when they write to it. */
#define LONG_MS 5000

/* Where it is said how long to wait before coming again. */
#define RETRY_MS 1000

static int64_t
now_ms(const struct stream *s)
{
	const struct mcp *m = s->msg->m;

	return m->clock_ms != NULL ? m->clock_ms() : clock_mono_ms();
}

/* One revision wants to be told first where it would take up again.  Nothing
 * can be taken up here, for GET is not offered; the id names the request in
 * our log. */
static void
prime(const struct stream *s, struct http_res *res)
{
	const struct message *msg = s->msg;

	if (msg->era == ERA_2025_11_25 && msg->m->conf->streams)
		(void)http_prime(res, str_of(msg->attempt->id), RETRY_MS);
}

/* The whole answer at once, in the form this client wants. */
static void
answer_put(const struct stream *s, const struct answer *out,
    struct http_res *res)
{
	bool asked = s->accept_sse && !s->whole && !str_is_empty(s->token);

	res->status = out->status;
	res->type = out->n == 0   ? NULL
		    : out->events ? "text/event-stream"
				  : "application/json";
	for (size_t i = 0; i < out->n; i++)
		http_piece(res, out->piece[i]);
	if (out->status == 200 && !out->events && (!s->accept_json || asked)) {
		http_as_sse(res);
		prime(s, res);
	}
}

/* The answer the client gets when the statement cannot be stopped in time,
 * in the form the response has by now. */
static void
last_words(struct stream *s, struct http_res *w)
{
	int64_t limit_ms =
	    s->limit_ms - 1000LL * s->msg->m->conf->limits.hard_extra;
	struct answer out;

	if (str_eq(s->msg->rpc.method, STR("tools/call")))
		tools_timeout(s->msg, limit_ms, &out);
	else
		resources_timeout(s->msg, limit_ms, &out);
	if (s->wrap != NULL)
		s->wrap(s->wrap_arg, &out);
	http_res_init(w, s->msg->arena, s->res->io, s->res->max);
	w->head = s->res->head;
	answer_put(s, &out, w);
	w->streaming = s->res->streaming;
}

/* Prepare them, and start the hard deadline. */
static void
arm(struct stream *s, int64_t ms)
{
	struct mcp *m = s->msg->m;
	struct attempt *t = s->msg->attempt, now = *t;
	struct http_res w;

	if (m->guard == NULL)
		return;
	last_words(s, &w);
	t->code = err_name(ERR_TIMEOUT);
	t->status = 200;
	t->start_us -= ms * 1000; /* the line will be true when it is written */
	s->hard = m->guard(m->guard_arg, &w, t);
	t->start_us = now.start_us;
	t->code = now.code;
	t->status = now.status;
	if (s->hard != NULL)
		s->hard->arm(s->hard, ms);
}

/* Open it with the first event.  From then on other last words are right. */
static void
open_stream(struct stream *s)
{
	if (s->res->streaming || s->whole || !s->accept_sse)
		return;
	cancel_list(s); /* who hears of it may call it off */
	s->res->status = 200;
	(void)http_stream(s->res);
	prime(s, s->res);
	s->sent_ms = now_ms(s);
	if (s->hard == NULL)
		return;
	s->hard->disarm(s->hard);
	arm(s, s->until_ms > s->sent_ms ? s->until_ms - s->sent_ms : 1);
}

/* Should the work go on though nobody may be there?  Only the modern era
 * takes a closed connection for "stop" (mcp.md 3.4, 7.7). */
static bool
go_on(const struct stream *s)
{
	if (s->cancel.came)
		return false;
	return !s->res->gone || !era_modern(s->msg->era);
}

static bool
send_event(struct stream *s, struct str text)
{
	(void)http_event(s->res, &text, 1);
	s->sent_ms = now_ms(s);
	return go_on(s);
}

static bool
on_progress(struct tool_events *e, double progress, double total,
    struct str message)
{
	struct stream *s = (struct stream *)e;
	struct json_out o;
	struct buf b;

	if (str_is_empty(s->token) || !isfinite(progress) ||
	    (s->progressed && progress <= s->progress))
		return go_on(s);
	open_stream(s);
	if (!s->res->streaming)
		return go_on(s);
	s->progressed = true;
	s->progress = progress;
	buf_init(&b, s->msg->arena, 6 * (message.len + s->token.len) + 512);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "jsonrpc", "2.0");
	json_z(&o, "method", "notifications/progress");
	json_obj(&o, "params");
	json_raw(&o, META_PROGRESS, s->token);
	json_double(&o, "progress", progress);
	if (total > 0)
		json_double(&o, "total", total);
	if (message.len > 0 && s->msg->era != ERA_2024_11_05)
		json_str(&o, "message", message.p, message.len);
	json_end(&o);
	json_end(&o);
	return send_event(s, buf_text(&b));
}

static bool
on_log(struct tool_events *e, struct str level, struct str logger,
    struct str json)
{
	struct stream *s = (struct stream *)e;

	if (!log_wanted(s->msg, level))
		return go_on(s);
	open_stream(s);
	if (!s->res->streaming)
		return go_on(s);
	return send_event(s, log_text(s->msg->arena, level, logger, json));
}

static bool
runs_long(struct stream *s, int64_t now)
{
	if (!era_modern(s->msg->era))
		return false;
	if (s->long_ms == 0)
		s->long_ms = now + LONG_MS;
	return now >= s->long_ms;
}

static bool
on_alive(struct tool_events *e)
{
	struct stream *s = (struct stream *)e;
	int64_t now = now_ms(s);

	if (cancel_came(s, now) || s->res->gone)
		return go_on(s);
	if (!s->res->streaming && runs_long(s, now))
		open_stream(s);
	if (s->res->streaming && now - s->sent_ms >= QUIET_MS) {
		s->sent_ms = now;
		(void)http_comment(s->res);
	}
	if (!s->res->gone && s->res->io->gone != NULL)
		s->res->gone = s->res->io->gone(s->res->io);
	return go_on(s);
}

bool
stream_can(const struct stream *s)
{
	return s != NULL && s->accept_sse && !s->whole && !s->res->gone;
}

bool
stream_send(struct stream *s, struct str text)
{
	if (!stream_can(s))
		return false;
	open_stream(s);
	(void)send_event(s, text);
	return !s->res->gone;
}

bool
stream_there(struct stream *s)
{
	(void)on_alive(&s->events);
	return !s->res->gone && !s->cancel.came;
}

enum err
stream_bus(struct stream *s, struct bus **out, struct fault *f)
{
	const struct message *msg = s->msg;
	enum err e = ERR_OK;

	if (s->bus == NULL)
		e = bus_open(msg->arena, msg->m->conf,
		    msg->attempt->who->key.id, &s->bus, f);
	*out = s->bus;
	return e;
}

static struct stream *
stream_of(struct tool_guard *g)
{
	return (struct stream *)((char *)g - offsetof(struct stream, guard));
}

static void
guard_arm(struct tool_guard *g, int64_t ms)
{
	struct stream *s = stream_of(g);

	s->limit_ms = ms;
	s->until_ms = now_ms(s) + ms;
	arm(s, ms);
}

static void
guard_disarm(struct tool_guard *g)
{
	struct stream *s = stream_of(g);

	if (s->hard != NULL)
		s->hard->disarm(s->hard);
	s->hard = NULL;
}

void
stream_init(struct stream *s, struct message *msg, struct http_res *res,
    struct http_accept accept)
{
	*s = (struct stream){
		.events = { on_progress, on_log, on_alive },
		.guard = { guard_arm, guard_disarm },
		.msg = msg,
		.res = res,
		.accept_sse = accept.sse,
		.accept_json = accept.json,
	};
}

struct tool_events *
stream_events(struct stream *s)
{
	const json_t *token;

	if (s == NULL)
		return NULL;
	token = json_member(s->msg->rpc.meta, META_PROGRESS);
	if (!rpc_token(s->msg->arena, token, &s->token))
		s->token = (struct str){ 0 };
	return &s->events;
}

struct tool_guard *
stream_guard(struct stream *s)
{
	return s == NULL ? NULL : &s->guard;
}

void
stream_answer(struct stream *s, const struct answer *out)
{
	struct http_res *res = s->res;

	if (res->streaming) {
		if (out->n > 0)
			(void)http_event(res, out->piece, out->n);
		return;
	}
	answer_put(s, out, res);
}
