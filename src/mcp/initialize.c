/* SPDX-License-Identifier: ISC */
/*
 * The handshake of the older revisions: nothing of it is kept (mcp.md 7.1),
 * save what a conversation over stdio agreed on.
 */
#include "mcp/stream_int.h"

enum era
initialize_era(const struct rpc_call *c)
{
	enum era e =
	    era_find(json_text(json_member(c->params, "protocolVersion")));

	return e == ERA_COUNT || era_modern(e) ? ERA_NEWEST_LEGACY : e;
}

/* The parameters: a version, and objects where there is anything else. */
static enum err
check(const json_t *params, struct fault *f)
{
	static const char *const objects[] = { "capabilities", "clientInfo" };
	const json_t *v = json_member(params, "protocolVersion");

	if (v == NULL)
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: missing required field 'protocolVersion'");
	if (!json_is_string(v))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'protocolVersion' must be a string");
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		v = json_member(params, objects[i]);
		if (v != NULL && !json_is_object(v))
			return fault_set(f, ERR_PARAMS,
			    "Invalid parameters: field '%s' must be an object",
			    objects[i]);
	}
	return ERR_OK;
}

void
server_describe(struct json_out *out, const struct message *msg)
{
	const struct conf *conf = msg->m->conf;
	static const struct {
		const char *name;
		bool single; /* one of its things can be listened to */
	} offered[] = { { "tools", false }, { "resources", true },
		{ "prompts", false } };
	bool listens = listen_offered(msg);

	json_obj(out, "capabilities");
	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++) {
		json_obj(out, offered[i].name);
		if (listens)
			json_bool(out, "listChanged", true);
		if (listens && offered[i].single)
			json_bool(out, "subscribe", true);
		json_end(out);
	}
	if (msg->era >= ERA_2025_03_26) {
		json_obj(out, "completions");
		json_end(out);
	}
	if (logging_offered(msg)) {
		json_obj(out, "logging");
		json_end(out);
	}
	extensions_describe(out, msg);
	json_end(out);
	if (conf->instructions != NULL && conf->instructions[0] != '\0')
		json_z(out, "instructions", conf->instructions);
}

enum err
initialize_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct result r;
	enum err e = check(msg->rpc.params, f);

	if (e != ERR_OK)
		return e;
	if (msg->req == NULL) {
		msg->m->agreed = msg->era;
		msg->m->has_agreed = true;
	}
	result_open(&r, msg);
	json_z(&r.out, "protocolVersion", era_name(msg->era));
	server_describe(&r.out, msg);
	server_info(&r.out, "serverInfo", msg->m->conf,
	    era_structured(msg->era));
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
	session_give(msg);
	return ERR_OK;
}

enum err
ping_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct result r;

	(void)f;
	result_open(&r, msg);
	result_close(&r, CACHE_NONE, (struct str){ 0 }, out);
	return ERR_OK;
}
