/* SPDX-License-Identifier: ISC */
/*
 * Asking the user in the older revisions (mcp.md 7.6): the questions go out as
 * requests on the stream of the answer, and each reply comes in a POST of its
 * own, to whichever process, which leaves it where this one waits.
 */
#include "base/clock.h"
#include "mcp/ask_int.h"
#include "mcp/bus_int.h"
#include "mcp/nonce.h"
#include "mcp/stream_int.h"

/* "q-" and 128 bits are the id of a question. */
#define ID_BEGIN STR("q-")

enum { QUESTIONS_MAX = 16, LOOK_MS = 500 };

#define QUESTION_MAX ((size_t)16 << 20)

/* A reply as we write it may be longer than it came: a byte of it is six at
 * most. */
#define REPLY_TIMES 6

/* One question on its way. */
struct question {
	const char *key;
	struct str id;    /* without the beginning */
	struct str text;  /* as it is sent */
	struct str reply; /* p NULL: none yet */
};

/* Those that are asked together. */
struct questions {
	struct message *msg;
	struct bus *bus;
	size_t n, left;
	struct question all[QUESTIONS_MAX];
};

bool
legacy_can(struct message *msg, struct tool_asking *to)
{
	const struct session *s = &msg->session;

	if (!s->good || !stream_can(msg->stream))
		return false;
	to->form = s->form;
	to->url = s->url;
	to->sampling = s->sampling;
	to->sampling_tools = s->sampling_tools;
	to->sampling_context = s->sampling_context;
	to->roots = s->roots;
	return true;
}

static struct str
question_text(const struct message *msg, const json_t *request, struct str id)
{
	const json_t *params = json_member(request, "params");
	struct str method = json_text(json_member(request, "method"));
	struct json_out o;
	struct buf b;

	buf_init(&b, msg->arena, QUESTION_MAX);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "jsonrpc", "2.0");
	json_z(&o, "id", arena_fmt(msg->arena, "q-%.*s", (int)id.len, id.p).p);
	json_str(&o, "method", method.p, method.len);
	if (params != NULL)
		json_tree(&o, "params", params);
	json_end(&o);
	return json_failed(&o) ? (struct str){ 0 } : buf_text(&b);
}

/* Each as this revision has it, with a place for its reply. */
static enum err
prepare(struct questions *q, const json_t *requests, struct fault *f)
{
	struct arena *a = q->msg->arena;
	json_t *request;
	const char *key;

	if (json_object_size(requests) > QUESTIONS_MAX)
		return fault_set(f, ERR_INTERNAL,
		    "more than %d questions at once", QUESTIONS_MAX);
	json_object_foreach((json_t *)(uintptr_t)requests, key, request)
	{
		struct question *one = &q->all[q->n++];
		json_t *said = ask_for_era(a, request, q->msg->era);

		if (said == NULL)
			return fault_set(f, ERR_PERMISSION_DENIED,
			    "the tool has to ask the user in a way that this client's revision of the protocol does not have");
		*one = (struct question){ .key = key, .id = nonce_make(a) };
		one->text = question_text(q->msg, said, one->id);
		if (one->text.p == NULL)
			return fault_set(f, ERR_INTERNAL,
			    "the question is too long");
		if (!bus_put(q->bus, BUS_QUESTION, one->id))
			return fault_set(f, ERR_BUSY,
			    "the question cannot be put now");
	}
	q->left = q->n;
	return ERR_OK;
}

static enum err
send_all(struct questions *q, struct fault *f)
{
	for (size_t i = 0; i < q->n; i++)
		if (!stream_send(q->msg->stream, q->all[i].text))
			return fault_set(f, ERR_CANCELLED,
			    "the client is gone");
	return ERR_OK;
}

static void
look(struct questions *q)
{
	size_t max = REPLY_TIMES * (size_t)q->msg->m->conf->limits.body;

	for (size_t i = 0; i < q->n; i++) {
		struct question *one = &q->all[i];

		if (one->reply.p != NULL)
			continue;
		one->reply = bus_reply(q->bus, one->id, max);
		q->left -= one->reply.p != NULL;
	}
}

static enum err
await(struct questions *q, struct fault *f)
{
	int seconds = q->msg->m->conf->limits.ask_time;
	struct deadline until = deadline_in(seconds * 1000LL);

	for (look(q); q->left > 0; look(q)) {
		int64_t left = deadline_left(until);

		if (left == 0)
			return fault_set(f, ERR_TIMEOUT,
			    "the user was asked and did not answer within %d s",
			    seconds);
		if (!stream_there(q->msg->stream))
			return fault_set(f, ERR_CANCELLED,
			    "the client is gone");
		if (bus_leaving(q->bus))
			return fault_set(f, ERR_BUSY,
			    "the server is being restarted");
		bus_wait(q->bus, left < LOOK_MS ? (int)left : LOOK_MS);
	}
	return ERR_OK;
}

/* The replies as one object by the keys of the questions. */
static enum err
gather(struct questions *q, json_t **answers, struct fault *f)
{
	struct arena *a = q->msg->arena;
	struct fault why = { 0 };
	struct json_out o;
	struct buf b;

	buf_init(&b, a, QUESTIONS_MAX * QUESTION_MAX);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	for (size_t i = 0; i < q->n; i++) {
		struct question *one = &q->all[i];

		if (!str_starts(one->reply, STR("+")))
			return fault_set(f, ERR_CANCELLED,
			    "the client did not ask the user and says that it failed");
		json_raw(&o, one->key, str_from(one->reply, 1));
	}
	json_end(&o);
	if (json_parse(a, buf_text(&b), &json_limits_default, answers, &why) !=
	    ERR_OK) {
		fault_log(f, "%s", why.msg);
		return fault_set(f, ERR_CANCELLED,
		    "the client's reply cannot be read");
	}
	return ERR_OK;
}

enum err
legacy_ask(struct message *msg, const json_t *requests, json_t **answers,
    struct fault *f)
{
	const struct conf *conf = msg->m->conf;
	struct questions *q = arena_zero(msg->arena, 1, sizeof(*q));
	size_t before;
	enum err e;

	*answers = NULL;
	q->msg = msg;
	if (!stream_can(msg->stream))
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "the user has to be asked, which this client does not offer");
	/* Before the others: it stays when they go. */
	cancel_list(msg->stream);
	e = stream_bus(msg->stream, &q->bus, f);
	if (e != ERR_OK)
		return e;
	before = bus_held(q->bus);
	e = bus_seat(q->bus, conf->limits.asks, conf->limits.asks_total, f);
	if (e == ERR_OK && msg->m->stand != NULL)
		msg->m->stand(msg->m->stand_arg);
	if (e == ERR_OK)
		e = prepare(q, requests, f);
	if (e == ERR_OK)
		e = send_all(q, f);
	if (e == ERR_OK)
		e = await(q, f);
	bus_drop(q->bus, before);
	return e == ERR_OK ? gather(q, answers, f) : e;
}

/* The id of a question of ours, without its beginning. */
static bool
question_id(const json_t *id, struct str *out)
{
	struct str text = json_text(id);

	if (!str_starts(text, ID_BEGIN) ||
	    text.len != ID_BEGIN.len + NONCE_TEXT)
		return false;
	*out = str_from(text, ID_BEGIN.len);
	for (size_t i = 0; i < out->len; i++)
		if (!(out->p[i] >= '0' && out->p[i] <= '9') &&
		    !(out->p[i] >= 'a' && out->p[i] <= 'f'))
			return false;
	return true;
}

/* '+' and the result, or '-' for an error. */
static struct str
reply_text(const struct message *msg)
{
	const json_t *result = json_member(msg->rpc.reply, "result");
	const json_t *error = json_member(msg->rpc.reply, "error");
	struct json_out o;
	struct buf b;

	if (!json_is_object(result) || error != NULL)
		return STR("-");
	buf_init(&b, msg->arena,
	    REPLY_TIMES * (size_t)msg->m->conf->limits.body);
	buf_char(&b, '+');
	json_out_init(&o, &b, NULL);
	json_tree(&o, NULL, result);
	return json_failed(&o) ? STR("-") : buf_text(&b);
}

void
legacy_reply(struct message *msg)
{
	const struct mcp *m = msg->m;
	struct fault f = { 0 };
	struct bus *bus;
	struct str id;

	if (!m->conf->streams || msg->req == NULL ||
	    !question_id(json_member(msg->rpc.reply, "id"), &id))
		return;
	if (bus_open(msg->arena, m->conf, msg->attempt->who->key.id, &bus,
		&f) == ERR_OK)
		(void)bus_answer(bus, id, reply_text(msg));
}
