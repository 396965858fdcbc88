/* SPDX-License-Identifier: ISC */
/*
 * Headers of the modern era that repeat what the body says, so that a web
 * server can decide without parsing JSON.  Where the two disagree nothing is
 * done (mcp.md 3.3 8b to 8f, 3.5; SECURITY_MODEL J5).
 */
#include "base/base64.h"
#include "base/utf8.h"
#include "mcp/mcp_int.h"

/* Methods whose Mcp-Name is a parameter, also those not offered here: the
 * header comes before the question whether the method is known. */
static const struct {
	const char *method, *param;
} named[] = {
	{ "tools/call", "name" },
	{ "prompts/get", "name" },
	{ "resources/read", "uri" },
	{ "tasks/get", "taskId" },
	{ "tasks/update", "taskId" },
	{ "tasks/cancel", "taskId" },
};

static enum err
mismatch(struct fault *f, const char *header, const char *what)
{
	return fault_set(f, ERR_HEADER_MISMATCH, "%s %s", header, what);
}

enum err
header_version(struct message *msg, struct fault *f)
{
	struct str h;

	if (msg->req == NULL)
		return ERR_OK;
	h = msg->req->field[HTTP_F_PROTOCOL_VERSION];
	if (str_is_empty(h))
		return mismatch(f, "MCP-Protocol-Version", "is missing");
	if (!str_eq(h, json_text(json_member(msg->rpc.meta, META_VERSION))))
		return mismatch(f, "MCP-Protocol-Version",
		    "does not match the version in _meta");
	return ERR_OK;
}

enum err
header_served(struct message *msg, struct fault *f)
{
	struct str claim = json_text(json_member(msg->rpc.meta, META_VERSION));

	if (!str_eq(claim, str_of(era_name(ERA_2026_07_28))))
		return era_refuse(claim, f);
	return ERR_OK;
}

bool
header_decode(struct arena *a, struct str in, struct str *out)
{
	static const struct str open = STR("=?base64?"), shut = STR("?=");

	*out = in;
	if (in.len < open.len + shut.len || !str_starts(in, open) ||
	    !str_ends(in, shut))
		return true;
	in = (struct str){ in.p + open.len, in.len - open.len - shut.len };
	return base64_decode(a, in, out) && utf8_valid(*out);
}

/* The parameter that Mcp-Name must repeat; p NULL when there is none. */
static struct str
name_in_body(const struct rpc_call *c)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (str_eq(c->method, str_of(named[i].method)))
			return json_text(
			    json_member(c->params, named[i].param));
	return (struct str){ 0 };
}

enum err
header_names(struct message *msg, struct fault *f)
{
	struct str h, name, value;

	if (msg->req == NULL)
		return ERR_OK;
	h = msg->req->field[HTTP_F_MCP_METHOD];
	if (h.p == NULL)
		return mismatch(f, "Mcp-Method", "is missing");
	if (!str_eq(h, msg->rpc.method))
		return mismatch(f, "Mcp-Method", "does not match the method");
	name = name_in_body(&msg->rpc);
	if (name.p == NULL)
		return ERR_OK;
	h = msg->req->field[HTTP_F_MCP_NAME];
	if (h.p == NULL)
		return mismatch(f, "Mcp-Name", "is missing");
	if (!header_decode(msg->arena, h, &value))
		return mismatch(f, "Mcp-Name", "is not valid Base64 of UTF-8");
	if (!str_eq(value, name))
		return mismatch(f, "Mcp-Name", "does not match the body");
	return ERR_OK;
}

/* 42, -7 and 42.0 as the integer they are. */
static bool
whole_number(struct str s, int64_t *out)
{
	const char *dot = s.len == 0 ? NULL : memchr(s.p, '.', s.len);

	if (dot != NULL) {
		struct str zeros = str_from(s, (size_t)(dot - s.p) + 1);

		if (str_is_empty(zeros))
			return false;
		for (size_t i = 0; i < zeros.len; i++)
			if (zeros.p[i] != '0')
				return false;
		s.len = (size_t)(dot - s.p);
	}
	return str_int(s, INT64_MIN, INT64_MAX, out);
}

static bool
param_equal(struct str header, struct str value, bool is_integer)
{
	int64_t x, y;

	if (is_integer && whole_number(header, &x) && whole_number(value, &y))
		return x == y;
	return str_eq(header, value);
}

/* One argument with an x-mcp-header, beside the header it is mirrored in. */
static enum err
param_check(void *arg, const char *header, struct str value, bool is_integer,
    struct fault *f)
{
	struct message *msg = arg;
	struct str raw = { 0 }, h;
	bool twice = false, came;
	char name[80], *cgi = name + sizeof("HTTP_MCP_PARAM_") - 1;
	size_t n = strlen(header);

	if (n >= sizeof(name) - (size_t)(cgi - name))
		return fault_set(f, ERR_INTERNAL, "header name too long");
	memcpy(name, "HTTP_MCP_PARAM_", sizeof("HTTP_MCP_PARAM_") - 1);
	for (size_t i = 0; i <= n; i++)
		cgi[i] = header[i] == '-' ? '_'
			 : header[i] >= 'a' && header[i] <= 'z'
			     ? (char)(header[i] - 'a' + 'A')
			     : header[i];
	came = http_param(msg->req, name, &raw, &twice);
	if (came != (value.p != NULL))
		return fault_set(f, ERR_HEADER_MISMATCH,
		    came ? "Mcp-Param-%s came without its argument"
			 : "Mcp-Param-%s is missing",
		    header);
	if (!came)
		return ERR_OK;
	if (twice || !header_decode(msg->arena, raw, &h) ||
	    !param_equal(h, value, is_integer))
		return fault_set(f, ERR_HEADER_MISMATCH,
		    "Mcp-Param-%s does not match its argument", header);
	return ERR_OK;
}

enum err
header_params(struct message *msg, struct fault *f)
{
	struct tool_call call;
	struct str name;
	const json_t *args;

	if (msg->req == NULL || !str_eq(msg->rpc.method, STR("tools/call")))
		return ERR_OK;
	name = json_text(json_member(msg->rpc.params, "name"));
	args = json_member(msg->rpc.params, "arguments");
	if (name.p == NULL || (args != NULL && !json_is_object(args)))
		return ERR_OK; /* answered as a bad parameter, one step later */
	tools_call_of(msg, &call);
	return tool_headers(&call, name, args, param_check, msg, f);
}
