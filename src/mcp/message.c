/* SPDX-License-Identifier: ISC */
/*
 * One text, whatever carried it: parsed, taken apart, answered.  stdio and the
 * admin command come in here, a POST by way of post.c.
 */
#include "mcp/mcp_int.h"

/* A fault of the way in, as the answer. */
static void
refuse(struct message *msg, struct answer *out, const struct fault *f)
{
	answer_fault(out, msg->arena, msg->era, msg->rpc.id, f, msg->attempt);
	msg->attempt->code = err_name(f->code);
	msg->attempt->status = out->status;
}

static enum err
parse(const struct message *msg, struct str body, json_t **root,
    struct fault *f)
{
	const struct conf_limits *l = &msg->m->conf->limits;
	const struct json_limits limits = {
		.depth = (size_t)l->json_depth,
		.elements = (size_t)l->json_elements,
		.string = (size_t)l->json_string,
		.number = json_limits_default.number,
	};

	return json_parse(msg->arena, body, &limits, root, f);
}

/* The shape of it: an array that may be one, or an envelope. */
static enum err
shape(struct message *msg, const json_t *root, struct fault *f)
{
	if (json_is_array(root))
		return batch_check(msg, root, f);
	return rpc_read(msg->arena, root, &msg->rpc, f);
}

/* What was asked, on its own line of the audit. */
static enum err
run_batch(struct message *msg, const json_t *root, bool sse, struct answer *out,
    struct fault *f)
{
	struct attempt *t = msg->attempt;

	msg->era = ERA_2025_03_26;
	t->method = STR("batch");
	t->era = str_of(era_name(msg->era));
	if (batch_run(msg, root, sse, out, f) != ERR_OK)
		return f->code;
	t->status = out->status;
	return ERR_OK;
}

void
message_body(struct message *msg, struct str body, struct tool_filter *filter,
    bool sse, struct answer *out)
{
	struct fault f = { 0 };
	json_t *root = NULL;
	enum err e = parse(msg, body, &root, &f);

	session_read(msg);
	if (e == ERR_OK)
		e = shape(msg, root, &f);
	if (e == ERR_OK && msg->req != NULL)
		e = filter_narrow(msg->req, filter, &f);
	if (e == ERR_OK && json_is_array(root))
		e = run_batch(msg, root, sse, out, &f);
	else if (e == ERR_OK)
		message_run(msg, out);
	if (e != ERR_OK)
		refuse(msg, out, &f);
}

void
message_init(struct message *msg, struct mcp *m, struct arena *a,
    const struct tool_filter *filter, struct attempt *t)
{
	*msg = (struct message){
		.m = m,
		.arena = a,
		.attempt = t,
		.filter = filter,
		.now_s = t->start_us / 1000000,
		.era = ERA_SILENT,
	};
}

struct str
mcp_message(struct mcp *m, struct arena *a, struct str body,
    struct tool_filter *filter, struct attempt *t)
{
	struct message msg;
	struct answer out;

	message_init(&msg, m, a, filter, t);
	message_body(&msg, body, filter, false, &out);
	return answer_join(a, &out);
}
