/* SPDX-License-Identifier: ISC */
/*
 * The envelope of JSON-RPC 2.0: one parsed value becomes a struct rpc_call, or
 * a fault that says which rule of the envelope it breaks (mcp.md 2).
 */
#include "mcp/mcp_int.h"

bool
rpc_token(struct arena *a, const json_t *v, struct str *out)
{
	struct json_out o;
	struct buf b;
	struct str text;

	if (json_is_integer(v)) {
		*out = arena_fmt(a, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(v));
		return true;
	}
	if (!json_is_string(v))
		return false;
	text = json_text(v);
	buf_init(&b, a, 6 * text.len + 2); /* every byte escaped */
	json_out_init(&o, &b, NULL);
	json_str(&o, NULL, text.p, text.len);
	*out = buf_text(&b);
	return true;
}

/* What kind of message it is; ERR_REQUEST when it is none. */
static enum err
kind_of(const json_t *v, struct rpc_call *c, struct fault *f)
{
	const json_t *id = json_member(v, "id"),
		     *method = json_member(v, "method");

	if (id != NULL && c->id.p == NULL)
		return fault_set(f, ERR_REQUEST,
		    "Invalid Request: 'id' must be a string or an integer");
	if (!str_eq(json_text(json_member(v, "jsonrpc")), STR("2.0")))
		return fault_set(f, ERR_REQUEST,
		    "Invalid Request: 'jsonrpc' must be \"2.0\"");
	if (method != NULL) {
		if (!json_is_string(method))
			return fault_set(f, ERR_REQUEST,
			    "Invalid Request: 'method' must be a string");
		c->method = json_text(method);
		c->kind = id == NULL ? RPC_NOTIFICATION : RPC_REQUEST;
		return ERR_OK;
	}
	if (json_member(v, "result") == NULL && json_member(v, "error") == NULL)
		return fault_set(f, ERR_REQUEST,
		    "Invalid Request: missing 'method'");
	c->kind = RPC_RESPONSE;
	c->reply = v;
	return ERR_OK;
}

enum err
rpc_read(struct arena *a, const json_t *v, struct rpc_call *c, struct fault *f)
{
	const json_t *params, *meta;
	enum err e;

	*c = (struct rpc_call){ 0 };
	if (!json_is_object(v))
		return fault_set(f, ERR_REQUEST,
		    "Invalid Request: the message must be an object");
	if (!rpc_token(a, json_member(v, "id"), &c->id))
		c->id = (struct str){ 0 };
	e = kind_of(v, c, f);
	if (e != ERR_OK)
		return e;
	params = json_member(v, "params");
	c->params_bad = params != NULL && !json_is_object(params);
	c->params = c->params_bad ? NULL : params;
	meta = json_member(c->params, "_meta");
	c->meta = json_is_object(meta) ? meta : NULL;
	return ERR_OK;
}
