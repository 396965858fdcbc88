/* SPDX-License-Identifier: ISC */
/*
 * Arrays of messages, which one revision had (mcp.md 7.5).  Every element is a
 * message of its own, with an answer and an audit line of its own; only what
 * is wrong with the array as such, or a missing credential, refuses them all.
 */
#include "base/log.h"
#include "mcp/stream_int.h"

/* All answers together; each has lower ceilings of its own. */
#define BATCH_MAX (64u << 20)

/* A batch while it runs. */
struct batch {
	struct message *each;
	struct fault *faults; /* what is wrong with an element, by index */
	size_t n, at;
	bool sse;
	struct buf all;
};

static enum err
refuse(struct fault *f, const char *why)
{
	return fault_set(f, ERR_REQUEST, "Invalid Request: %s", why);
}

enum err
batch_check(const struct message *msg, const json_t *array, struct fault *f)
{
	struct str h = { 0 };

	if (msg->req != NULL)
		h = msg->req->field[HTTP_F_PROTOCOL_VERSION];
	if (!str_is_empty(h) && era_find(h) != ERA_2025_03_26)
		return refuse(f, "this revision has no batches");
	if (msg->session.good && msg->session.era != ERA_2025_03_26)
		return refuse(f, "this revision has no batches");
	if (msg->m->has_agreed && msg->m->agreed != ERA_2025_03_26)
		return refuse(f, "this revision has no batches");
	if (json_array_size(array) == 0)
		return refuse(f, "the batch is empty");
	if (json_array_size(array) > (size_t)msg->m->conf->limits.batch)
		return fault_set(f, ERR_REQUEST,
		    "Invalid Request: a batch has at most %d messages",
		    msg->m->conf->limits.batch);
	return ERR_OK;
}

/* Take one element apart. */
static enum err
read_one(struct batch *b, size_t i, const json_t *v, struct fault *f)
{
	struct message *msg = &b->each[i];

	if (rpc_read(msg->arena, v, &msg->rpc, &b->faults[i]) != ERR_OK)
		return ERR_OK; /* its own answer says so */
	if (json_member(msg->rpc.meta, META_VERSION) != NULL)
		return refuse(f, "this revision has no batches");
	if (msg->rpc.kind == RPC_REQUEST &&
	    str_eq(msg->rpc.method, STR("initialize")))
		(void)refuse(&b->faults[i],
		    "initialize must not be in a batch");
	return ERR_OK;
}

/* All of them; the strictest decides for the array. */
static enum err
read_all(struct batch *b, const json_t *array, struct fault *f)
{
	size_t shaped = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (read_one(b, i, json_array_get(array, i), f) != ERR_OK)
			return f->code;
		shaped += !str_is_empty(b->each[i].rpc.method) ||
			  b->faults[i].code == ERR_OK;
	}
	if (shaped == 0)
		return refuse(f, "no element of the batch is a message");
	for (size_t i = 0; i < b->n; i++)
		if (b->faults[i].code == ERR_OK &&
		    message_needs_key(&b->each[i]))
			return fault_set(f, ERR_UNAUTHORIZED, "no credential");
	return session_check(b->each, f);
}

static void
add(struct batch *b, struct buf *all, const struct answer *one)
{
	if (one->n == 0)
		return;
	if (b->sse)
		buf_lit(all, "event: message\ndata: ");
	else
		buf_char(all, all->len == 0 ? '[' : ',');
	for (size_t i = 0; i < one->n; i++)
		buf_str(all, one->piece[i]);
	if (b->sse)
		buf_lit(all, "\n\n");
}

static void
finish(const struct batch *b, struct buf *all, struct answer *out)
{
	*out = (struct answer){ .status = 202 };
	if (all->len == 0)
		return;
	if (!b->sse)
		buf_char(all, ']');
	*out = (struct answer){
		.status = 200,
		.piece = { buf_text(all) },
		.n = 1,
		.events = b->sse,
	};
}

/* Last words: what is answered by now, this answer, and for the rest that
 * nothing came of them. */
static void
wrap(void *arg, struct answer *out)
{
	static const struct fault never = { .code = ERR_INTERNAL };
	struct batch *b = arg;
	struct answer one;
	struct buf all;

	buf_init(&all, b->each->arena, BATCH_MAX);
	buf_str(&all, buf_text(&b->all));
	add(b, &all, out);
	for (size_t i = b->at + 1; i < b->n; i++) {
		const struct message *m = &b->each[i];

		if (m->rpc.kind != RPC_REQUEST)
			continue;
		answer_fault(&one, m->arena, m->era, m->rpc.id, &never,
		    m->attempt);
		add(b, &all, &one);
	}
	finish(b, &all, out);
}

/* One element, with an attempt of its own. */
static void
run_one(struct message *each, const struct fault *wrong, struct answer *out)
{
	struct attempt *whole = each->attempt, t = *whole;
	struct fault f = { 0 };

	each->attempt = &t;
	if (wrong->code == ERR_OK) {
		message_run(each, out);
	} else {
		answer_fault(out, each->arena, each->era, each->rpc.id, wrong,
		    &t);
		t.method = each->rpc.method;
		t.code = err_name(wrong->code);
		t.status = out->status;
		if (wrong->code != ERR_REQUEST && each->rpc.kind != RPC_REQUEST)
			*out = (struct answer){ .status = 202 };
	}
	each->attempt = whole;
	if (t.put != NULL && t.put(&t, mcp_event(&t), &f) != ERR_OK)
		log_line("audit: %s", f.log);
}

/* Each counts as if it had come alone; the request has paid for the first. */
static void
charge(struct batch *b)
{
	const struct mcp *m = b->each->m;
	struct fault f = { 0 };

	if (b->at > 0 && m->charge_more != NULL &&
	    m->charge_more(m->charge_arg, &f) != ERR_OK)
		b->faults[b->at] = f;
}

static void
run_all(struct batch *b, struct stream *s)
{
	struct answer one;

	for (b->at = 0; b->at < b->n; b->at++) {
		struct message *each = &b->each[b->at];

		if (s != NULL)
			s->msg = each;
		charge(b);
		run_one(each, &b->faults[b->at], &one);
		add(b, &b->all, &one);
	}
}

enum err
batch_run(const struct message *msg, const json_t *array, bool sse,
    struct answer *out, struct fault *f)
{
	struct batch b = { .n = json_array_size(array), .sse = sse };

	b.each = arena_zero(msg->arena, b.n, sizeof(*b.each));
	b.faults = arena_zero(msg->arena, b.n, sizeof(*b.faults));
	for (size_t i = 0; i < b.n; i++)
		b.each[i] = *msg;
	if (read_all(&b, array, f) != ERR_OK)
		return f->code;
	buf_init(&b.all, msg->arena, BATCH_MAX);
	if (msg->stream != NULL) {
		msg->stream->whole = true;
		msg->stream->wrap = wrap;
		msg->stream->wrap_arg = &b;
	}
	run_all(&b, msg->stream);
	if (msg->stream != NULL)
		msg->stream->wrap = NULL;
	finish(&b, &b.all, out);
	if (buf_failed(&b.all))
		return fault_set(f, ERR_INTERNAL, "the answers are too large");
	return ERR_OK;
}
