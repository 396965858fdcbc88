/* SPDX-License-Identifier: ISC */
/* Extensions of the protocol, offered by us and declared by clients. */
#include "mcp/mcp_int.h"

/* MCP Apps: views for the hosts of clients, which are resources like others. */
static bool
ui_offered(const struct message *msg)
{
	const struct conf *conf = msg->m->conf;

	for (size_t i = 0; i < conf->nresources; i++)
		if (str_starts(str_of(conf->resources[i].uri), STR("ui://")))
			return true;
	return false;
}

static const struct {
	const char *name;
	bool modern; /* only there */
	bool (*offered)(const struct message *msg);
} extensions[] = {
	{ EXTENSION_TASKS, true, tasks_offered },
	{ EXTENSION_UI, false, ui_offered },
};

void
extensions_describe(struct json_out *out, const struct message *msg)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]);
	     i++) {
		if ((extensions[i].modern && !era_modern(msg->era)) ||
		    !extensions[i].offered(msg))
			continue;
		if (!any)
			json_obj(out, "extensions");
		any = true;
		json_obj(out, extensions[i].name);
		json_end(out);
	}
	if (any)
		json_end(out);
}

bool
extension_declared(const struct message *msg, const char *name)
{
	const json_t *can = json_member(msg->rpc.meta, META_CAPABILITIES);

	return era_modern(msg->era) &&
	       json_is_object(
		   json_member(json_member(can, "extensions"), name));
}
