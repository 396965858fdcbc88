/* SPDX-License-Identifier: ISC */
/* prompts/list and prompts/get (mcp.md 10); a prompt may ask the user. */
#include "content/content.h"
#include "mcp/stream_int.h"

enum err
prompts_list_run(struct message *msg, struct answer *out, struct fault *f)
{
	return content_list(msg, "prompts", prompt_list, out, f);
}

struct prompt_ask {
	struct str name;
	const json_t *args;
	struct tool_call call;
};

static enum err
get_once(struct message *msg, void *arg, const struct tool_asking *asking,
    struct asked *asked, struct answer *out, struct fault *f)
{
	struct prompt_ask *p = arg;
	struct prompt_result got;
	struct result r;
	enum err e;

	p->call.asking = asking;
	e = prompt_get(&p->call, p->name, p->args, &got, f);
	if (e != ERR_OK)
		return e;
	asked->ask = got.ask;
	if (!str_is_empty(got.ask))
		return ERR_OK;
	msg->attempt->bytes = (int64_t)got.messages.len;
	result_open(&r, msg);
	if (got.description != NULL)
		json_z(&r.out, "description", got.description);
	json_gap(&r.out, "messages");
	result_gap(&r, got.messages);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
	return ERR_OK;
}

enum err
prompts_get_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct prompt_ask p = { .args =
				    json_member(msg->rpc.params, "arguments") };
	enum err e = param_text(msg->rpc.params, "name", &p.name, f);

	if (e != ERR_OK)
		return e;
	if (p.args != NULL && !json_is_object(p.args))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'arguments' must be an object");
	msg->attempt->tool = p.name;
	tools_call_of(msg, &p.call);
	p.call.events = stream_events(msg->stream);
	p.call.guard = stream_guard(msg->stream);
	return asking_serve(msg, get_once, &p, out, f);
}
