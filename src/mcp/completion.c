/* SPDX-License-Identifier: ISC */
/* completion/complete (mcp.md 11). */
#include "content/content.h"
#include "mcp/mcp_int.h"

static enum err
need_object(const json_t *v, const char *name, struct fault *f)
{
	if (json_is_object(v))
		return ERR_OK;
	return fault_set(f, ERR_PARAMS,
	    v == NULL ? "Invalid parameters: missing required field '%s'"
		      : "Invalid parameters: field '%s' must be an object",
	    name);
}

static enum err
read_ref(const json_t *params, struct complete_ask *q, struct fault *f)
{
	const json_t *ref = json_member(params, "ref");
	struct str type = { 0 };
	enum err e = need_object(ref, "ref", f);

	if (e == ERR_OK)
		e = param_text(ref, "type", &type, f);
	if (e != ERR_OK)
		return e;
	q->prompt = str_eq(type, STR("ref/prompt"));
	if (!q->prompt && !str_eq(type, STR("ref/resource")))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'type' must be one of ref/prompt, ref/resource");
	return param_text(ref, q->prompt ? "name" : "uri", &q->ref, f);
}

/* The context came with 2025-06-18; what older clients call so is theirs. */
static enum err
read_context(const struct message *msg, struct complete_ask *q, struct fault *f)
{
	const json_t *context = json_member(msg->rpc.params, "context");
	enum err e;

	if (context == NULL || msg->era < ERA_2025_06_18)
		return ERR_OK;
	e = need_object(context, "context", f);
	q->context = json_member(context, "arguments");
	if (e == ERR_OK && q->context != NULL)
		e = need_object(q->context, "arguments", f);
	return e;
}

static enum err
read_all(const struct message *msg, struct complete_ask *q, struct fault *f)
{
	const json_t *argument = json_member(msg->rpc.params, "argument");
	enum err e = read_ref(msg->rpc.params, q, f);

	if (e == ERR_OK)
		e = need_object(argument, "argument", f);
	if (e == ERR_OK)
		e = param_text(argument, "name", &q->name, f);
	if (e == ERR_OK)
		e = param_text(argument, "value", &q->value, f);
	return e == ERR_OK ? read_context(msg, q, f) : e;
}

enum err
completion_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct complete_ask q = { 0 };
	struct tool_call call;
	struct str completion;
	struct result r;
	enum err e = read_all(msg, &q, f);

	if (e != ERR_OK)
		return e;
	msg->attempt->tool = q.ref;
	tools_call_of(msg, &call);
	e = complete_find(&call, &q, &completion, f);
	if (e != ERR_OK)
		return e;
	result_open(&r, msg);
	json_gap(&r.out, "completion");
	result_gap(&r, completion);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
	return ERR_OK;
}
