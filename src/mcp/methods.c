/* SPDX-License-Identifier: ISC */
/*
 * The methods, one row each, and the ladder every message climbs to its row
 * (mcp.md 3.3 steps 7 and 8).
 */
#include "base/log.h"
#include "mcp/stream_int.h"

static const struct method methods[] = {
	{ "initialize", METHOD_LEGACY, true, initialize_run, NULL },
	{ "ping", METHOD_LEGACY, true, ping_run, NULL },
	{ "server/discover", METHOD_MODERN, true, discover_run, NULL },
	{ "logging/setLevel", METHOD_LEGACY, false, set_level_run,
	    logging_offered },
	{ "tools/list", METHOD_BOTH, false, tools_list_run, NULL },
	{ "tools/call", METHOD_BOTH, false, tools_call_run, NULL },
	{ "resources/list", METHOD_BOTH, false, resources_list_run, NULL },
	{ "resources/templates/list", METHOD_BOTH, false,
	    resources_templates_run, NULL },
	{ "resources/read", METHOD_BOTH, false, resources_read_run, NULL },
	{ "resources/subscribe", METHOD_LEGACY, false, subscribe_run,
	    subscribe_offered },
	{ "resources/unsubscribe", METHOD_LEGACY, false, unsubscribe_run,
	    subscribe_offered },
	{ "prompts/list", METHOD_BOTH, false, prompts_list_run, NULL },
	{ "prompts/get", METHOD_BOTH, false, prompts_get_run, NULL },
	{ "subscriptions/listen", METHOD_MODERN, false, listen_run,
	    listen_offered },
	{ "completion/complete", METHOD_BOTH, false, completion_run, NULL },
	{ "tasks/get", METHOD_MODERN, false, tasks_get_run, tasks_offered },
	{ "tasks/update", METHOD_MODERN, false, tasks_update_run,
	    tasks_offered },
	{ "tasks/cancel", METHOD_MODERN, false, tasks_cancel_run,
	    tasks_offered },
};

static const struct method *
method_find(const struct message *msg)
{
	unsigned want = era_modern(msg->era) ? METHOD_MODERN : METHOD_LEGACY;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if ((methods[i].eras & want) != 0 &&
		    str_eq(msg->rpc.method, str_of(methods[i].name)) &&
		    (methods[i].offered == NULL || methods[i].offered(msg)))
			return &methods[i];
	return NULL;
}

bool
message_known(const struct message *msg)
{
	return msg->attempt->who != NULL && msg->attempt->who->known;
}

bool
message_needs_key(const struct message *msg)
{
	const struct method *row;

	if (message_known(msg) || msg->rpc.kind == RPC_NOTIFICATION)
		return false;
	if (msg->rpc.kind == RPC_RESPONSE)
		return true;
	row = method_find(msg);
	return row == NULL || !row->open;
}

static enum err
step_key(struct message *msg, struct fault *f)
{
	if (message_needs_key(msg))
		return fault_set(f, ERR_UNAUTHORIZED,
		    "Unauthorized: invalid or missing access token");
	return ERR_OK;
}

static enum err
step_method(struct message *msg, struct fault *f)
{
	char word[FAULT_MSG];

	msg->method = method_find(msg);
	if (msg->method == NULL)
		return fault_set(f, ERR_UNKNOWN_METHOD, "Method not found: %s",
		    fault_word(word, msg->rpc.method, 256));
	return ERR_OK;
}

typedef enum err step(struct message *msg, struct fault *f);

/* The ladder, the first failing step answers.  The order is the published
 * one of each era: a modern client learns that a method is unknown before it
 * is asked for a credential, an older one after. */
static step *const legacy[] = { step_key, session_check, step_method,
	meta_optional, NULL };
static step *const modern[] = { meta_required, header_version, header_served,
	header_names, step_method, step_key, header_params, meta_optional,
	NULL };

static enum err
climb(struct message *msg, struct fault *f)
{
	step *const *s = era_modern(msg->era) ? modern : legacy;
	enum err e = ERR_OK;

	for (; e == ERR_OK && *s != NULL; s++)
		e = (*s)(msg, f);
	return e;
}

/* A message that is no request: taken, and never answered.  Who answers to us
 * must be somebody; whether anybody waits for it is not told. */
static enum err
accept_only(struct message *msg, struct answer *out, struct fault *f)
{
	if (msg->rpc.kind == RPC_RESPONSE && message_needs_key(msg))
		return step_key(msg, f);
	if (session_check(msg, f) != ERR_OK)
		return f->code;
	*out = (struct answer){ .status = 202 };
	if (era_modern(msg->era) || !message_known(msg))
		return ERR_OK;
	if (msg->rpc.kind == RPC_RESPONSE)
		legacy_reply(msg);
	else if (str_eq(msg->rpc.method, STR("notifications/cancelled")))
		cancel_post(msg);
	return ERR_OK;
}

static enum err
serve(struct message *msg, struct answer *out, struct fault *f)
{
	enum err e = era_choose(msg, f);

	msg->attempt->era = str_of(era_name(msg->era));
	if (e == ERR_OK && msg->rpc.kind != RPC_REQUEST)
		return accept_only(msg, out, f);
	if (e == ERR_OK)
		e = climb(msg, f);
	return e == ERR_OK ? msg->method->run(msg, out, f) : e;
}

void
message_run(struct message *msg, struct answer *out)
{
	struct attempt *t = msg->attempt;
	struct fault f = { 0 };
	struct str client = meta_client(msg);

	*out = (struct answer){ 0 };
	t->method = msg->rpc.method;
	if (client.p != NULL)
		t->client = client;
	if (serve(msg, out, &f) != ERR_OK) {
		answer_fault(out, msg->arena, msg->era, msg->rpc.id, &f, t);
		t->code = err_name(f.code);
		if (f.log[0] != '\0')
			log_line("%s: %s", t->id, f.log);
	}
	/* What was called off has no answer (mcp.md 7.7). */
	if (msg->stream != NULL && msg->stream->cancel.came) {
		*out = (struct answer){ .status = 202 };
		t->code = err_name(ERR_CANCELLED);
	}
	t->status = out->status;
}
