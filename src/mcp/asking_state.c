/* SPDX-License-Identifier: ISC */
/*
 * What a modern client carries from one round to the next (requestState,
 * mcp.md 14): hidden and bound to the principal and to method, name and
 * arguments of the request, so that it opens for nothing else.
 */
#include <sodium.h>

#include "mcp/ask_int.h"

#define STATE_MAX ((size_t)64 << 10)

enum { SUBJECT_LEN = 32 };

/* Whatever fits into it was read once before. */
static const struct json_limits state_limits = {
	.depth = 128,
	.elements = STATE_MAX,
	.string = STATE_MAX,
	.number = 64,
};

static int
hash_text(const char *p, size_t n, void *arg)
{
	return crypto_generichash_update(arg, (const unsigned char *)p, n);
}

/* A text with its length before it, so that two cannot run together. */
static void
hash_part(crypto_generichash_state *st, struct str s)
{
	uint64_t n = s.len;

	(void)hash_text((const char *)&n, sizeof(n), st);
	if (s.len != 0)
		(void)hash_text(s.p, s.len, st);
}

/* What the state belongs to.  Members in one order, whatever order the client
 * sends them in; no arguments are empty ones. */
struct str
asking_subject(const struct asking *a)
{
	const struct rpc_call *c = &a->msg->rpc;
	const json_t *args = json_member(c->params, "arguments");
	unsigned char *out = arena_get(a->msg->arena, SUBJECT_LEN);
	crypto_generichash_state st;

	crypto_generichash_init(&st, NULL, 0, SUBJECT_LEN);
	hash_part(&st, str_of(era_name(a->msg->era)));
	hash_part(&st, c->method);
	hash_part(&st, json_text(json_member(c->params, "name")));
	hash_part(&st, json_text(json_member(c->params, "uri")));
	if (json_is_object(args) && json_object_size(args) > 0)
		(void)json_dump_callback(args, hash_text, &st,
		    JSON_SORT_KEYS | JSON_COMPACT);
	crypto_generichash_final(&st, out, SUBJECT_LEN);
	return (struct str){ (char *)out, SUBJECT_LEN };
}

enum err
asking_hide(const struct asking *a, struct str state, struct str *out,
    struct fault *f)
{
	const struct message *msg = a->msg;
	struct json_out o;
	struct buf b;

	buf_init(&b, msg->arena, STATE_MAX);
	json_out_init(&o, &b, NULL);
	json_obj(&o, NULL);
	json_z(&o, "mark", a->mark);
	json_int(&o, "round", a->round + 1);
	json_tree(&o, "asked", a->asked);
	if (a->given != NULL)
		json_tree(&o, "given", a->given);
	if (!str_is_empty(state))
		json_raw(&o, "state", state);
	json_end(&o);
	if (json_failed(&o))
		return fault_set(f, ERR_TOO_LARGE,
		    "the question to the user and its state are larger than %d KiB",
		    (int)(STATE_MAX >> 10));
	*out = seal_hide(&msg->m->states, msg->arena,
	    str_of(msg->attempt->who->key.id), asking_subject(a),
	    msg->now_s + msg->m->conf->limits.question_time, buf_text(&b));
	return ERR_OK;
}

static enum err
refuse(struct fault *f)
{
	return fault_set(f, ERR_PARAMS,
	    "Invalid parameters: field 'requestState' is not ours, not of this request, or expired");
}

/* The tree as the text it was, for whoever keeps it as text. */
static struct str
text_of(struct arena *a, const json_t *v)
{
	struct json_out o;
	struct buf b;

	if (v == NULL)
		return (struct str){ 0 };
	buf_init(&b, a, 2 * STATE_MAX);
	json_out_init(&o, &b, NULL);
	json_tree(&o, NULL, v);
	return buf_text(&b);
}

enum err
asking_show(struct asking *a, struct str hidden, struct fault *f)
{
	const struct message *msg = a->msg;
	struct fault ours = { 0 };
	struct str text, mark;
	json_t *root = NULL;

	if (!seal_show(&msg->m->states, msg->arena,
		str_of(msg->attempt->who->key.id), asking_subject(a),
		msg->now_s, hidden, &text) ||
	    json_parse(msg->arena, text, &state_limits, &root, &ours) != ERR_OK)
		return refuse(f);
	mark = json_text(json_member(root, "mark"));
	if (mark.len != sizeof(a->mark) - 1)
		return refuse(f);
	memcpy(a->mark, mark.p, mark.len);
	a->round = (unsigned)json_integer_value(json_member(root, "round"));
	a->asked = json_member(root, "asked");
	a->given = json_member(root, "given");
	a->base.state = text_of(msg->arena, json_member(root, "state"));
	return ERR_OK;
}
