/* SPDX-License-Identifier: ISC */
/*
 * tools/list and tools/call: the catalogue does the work, this file knows how
 * each era wants it said (tools.md 1.3, 1.5, 1.8).
 */
#include "base/log.h"
#include "mcp/stream_int.h"
#include "mcp/task_int.h"

void
tools_call_of(const struct message *msg, struct tool_call *call)
{
	*call = (struct tool_call){
		.arena = msg->arena,
		.conf = msg->m->conf,
		.sources = msg->m->sources,
		.catalogue = msg->m->catalogue,
		.who = msg->attempt->who,
		.filter = msg->filter,
		.era = msg->era,
		.now_s = msg->now_s,
		.seal = &msg->m->seal,
		.attempt = msg->attempt,
		.charge = msg->m->charge,
		.charge_arg = msg->m->charge_arg,
		.places = msg->m->places,
	};
}

enum err
tools_list_run(struct message *msg, struct answer *out, struct fault *f)
{
	const json_t *cursor = json_member(msg->rpc.params, "cursor");
	struct str tools, next = { 0 };
	struct result r;
	enum err e;

	if (cursor != NULL && !json_is_string(cursor))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'cursor' must be a string");
	e = tool_list(msg->m->catalogue, msg->arena, msg->attempt->who,
	    msg->filter, msg->era, &msg->m->seal, msg->now_s, json_text(cursor),
	    &tools, &next, f);
	if (e != ERR_OK)
		return e;
	result_open(&r, msg);
	json_gap(&r.out, "tools");
	result_gap(&r, tools);
	if (!str_is_empty(next))
		json_str(&r.out, "nextCursor", next.p, next.len);
	result_close(&r, CACHE_PRIVATE, (struct str){ 0 }, out);
	return ERR_OK;
}

/* The result of a call, its text and its rows as they stand in memory. */
void
tools_result(const struct message *msg, const struct tool_result *t,
    struct answer *out)
{
	bool ready = !str_is_empty(t->content);
	struct result r;

	result_open(&r, msg);
	json_gap(&r.out, "content");
	buf_str(&r.b,
	    ready ? STR("[") : STR("[{\"type\":\"text\",\"text\":\""));
	result_gap(&r, ready ? t->content : t->text);
	buf_str(&r.b, ready ? STR("]") : STR("\"}]"));
	if (!t->is_error && era_structured(msg->era) &&
	    !str_is_empty(t->structured)) {
		json_gap(&r.out, "structuredContent");
		result_gap(&r, t->structured);
	}
	if (t->is_error)
		json_bool(&r.out, "isError", true);
	result_close(&r, CACHE_NONE, t->meta, out);
}

void
tools_timeout(const struct message *msg, int64_t limit_ms, struct answer *out)
{
	struct tool_result r = { 0 };
	struct tool_call call;
	struct fault f = { 0 };

	/* As it is said where the statement could be stopped. */
	(void)fault_set(&f, ERR_TIMEOUT,
	    "the statement took longer than it may");
	fault_hint(&f,
	    "The limit is %d s; narrow the statement or ask for less",
	    (int)((limit_ms + 999) / 1000));
	tools_call_of(msg, &call);
	tool_failed(&call, &f, &r);
	tools_result(msg, &r, out);
}

static enum err
check(const json_t *params, struct str *name, const json_t **args,
    struct fault *f)
{
	const json_t *v = json_member(params, "name");

	if (v == NULL)
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: missing required field 'name'");
	if (!json_is_string(v))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'name' must be a string");
	*name = json_text(v);
	*args = json_member(params, "arguments");
	if (*args != NULL && !json_is_object(*args))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'arguments' must be an object");
	return ERR_OK;
}

/* What one call has in hand while it is run, perhaps more than once. */
struct tool_ask {
	struct str name;
	const json_t *args;
	struct tool_call call;
	bool asked; /* the last run was not the end of it */
};

/* A fault as the result of the call. */
static enum err
call_failed(struct message *msg, struct tool_ask *t, struct answer *out,
    const struct fault *f)
{
	struct tool_result r = { 0 };

	tool_failed(&t->call, f, &r);
	tools_result(msg, &r, out);
	return ERR_OK;
}

static enum err
call_once(struct message *msg, void *arg, const struct tool_asking *asking,
    struct asked *asked, struct answer *out, struct fault *f)
{
	struct tool_ask *t = arg;
	struct tool_result r = { 0 };
	bool answered = false;
	enum err e;

	t->call.asking = asking;
	e = task_call(msg, &t->call, t->name, t->args, &r, out, &answered, f);
	*asked = (struct asked){ 0 };
	if (answered)
		return e;
	t->asked = e == ERR_OK && !str_is_empty(r.ask);
	*asked = (struct asked){ r.ask, r.state };
	if (e == ERR_ARGUMENT && era_lenient(msg->era)) {
		f->code = ERR_INVALID_ARGUMENT;
		return call_failed(msg, t, out, f);
	}
	if (e == ERR_OK && !t->asked)
		tools_result(msg, &r, out);
	return e;
}

enum err
tools_call_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct tool_ask t = { 0 };
	enum err e = check(msg->rpc.params, &t.name, &t.args, f);

	if (e != ERR_OK)
		return e;
	tools_call_of(msg, &t.call);
	t.call.events = stream_events(msg->stream);
	t.call.guard = stream_guard(msg->stream);
	msg->attempt->tool = t.name;
	e = asking_serve(msg, call_once, &t, out, f);
	/* A question that cannot be asked is the end of a call like others. */
	if (t.asked && e != ERR_OK && e != ERR_CAPABILITY) {
		if (f->log[0] != '\0')
			log_line("%s: %s", msg->attempt->id, f->log);
		return call_failed(msg, &t, out, f);
	}
	return e;
}
