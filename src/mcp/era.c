/* SPDX-License-Identifier: ISC */
/*
 * The era of a message: the body decides, never the header, so that a proxy
 * which drops headers cannot turn a modern request into an older one
 * (mcp.md 4).
 */
#include "mcp/mcp_int.h"

static const char *const names[] = {
	[ERA_2024_11_05] = "2024-11-05",
	[ERA_2025_03_26] = "2025-03-26",
	[ERA_2025_06_18] = "2025-06-18",
	[ERA_2025_11_25] = "2025-11-25",
	[ERA_2026_07_28] = "2026-07-28",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == ERA_COUNT, "a name each");

const char *
era_name(enum era e)
{
	return e < ERA_COUNT ? names[e] : "unknown";
}

enum era
era_find(struct str name)
{
	int e;

	for (e = 0; e < ERA_COUNT; e++)
		if (str_eq(name, str_of(names[e])))
			break;
	return (enum era)e;
}

bool
era_header_modern(struct str header)
{
	static const char form[] = "dddd-dd-dd";

	if (header.len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < header.len; i++) {
		bool digit = header.p[i] >= '0' && header.p[i] <= '9';

		if (form[i] == 'd' ? !digit : header.p[i] != form[i])
			return false;
	}
	return str_cmp(header, str_of(names[ERA_2026_07_28])) >= 0;
}

enum err
era_refuse(struct str requested, struct fault *f)
{
	fault_set(f, ERR_VERSION, "Unsupported protocol version");
	fault_hint(f, "%.*s", (int)(requested.len > 100 ? 100 : requested.len),
	    requested.p == NULL ? "" : requested.p);
	return ERR_VERSION;
}

/* The header says modern and the body does not. */
static enum err
claim_missing(const struct message *msg, struct fault *f)
{
	if (msg->rpc.kind == RPC_NOTIFICATION)
		return ERR_OK;
	if (msg->rpc.kind == RPC_RESPONSE)
		return fault_set(f, ERR_REQUEST,
		    "Invalid Request: a response is not accepted here");
	if (str_eq(msg->rpc.method, STR("initialize")))
		return fault_set(f, ERR_HEADER_MISMATCH,
		    "MCP-Protocol-Version names a revision without initialize");
	return fault_set(f, ERR_META,
	    "Invalid parameters: missing required _meta key '%s'",
	    META_VERSION);
}

/* A message of the older revisions: the header names one of them. */
static enum err
choose_legacy(struct message *msg, struct str header, struct fault *f)
{
	enum era e;

	if (msg->rpc.kind == RPC_REQUEST &&
	    str_eq(msg->rpc.method, STR("initialize"))) {
		msg->era = initialize_era(&msg->rpc);
		return ERR_OK;
	}
	msg->era = msg->m->has_agreed  ? msg->m->agreed
		   : msg->session.good ? msg->session.era
				       : ERA_SILENT;
	if (str_is_empty(header))
		return ERR_OK;
	e = era_find(header);
	if (e == ERA_COUNT)
		return era_refuse(header, f);
	msg->era = e;
	return ERR_OK;
}

enum err
era_choose(struct message *msg, struct fault *f)
{
	struct str header = { 0 };

	if (msg->req != NULL)
		header = msg->req->field[HTTP_F_PROTOCOL_VERSION];
	msg->era = ERA_2026_07_28;
	if (msg->rpc.kind != RPC_RESPONSE &&
	    json_member(msg->rpc.meta, META_VERSION) != NULL)
		return ERR_OK;
	if (era_header_modern(header))
		return claim_missing(msg, f);
	return choose_legacy(msg, header, f);
}
