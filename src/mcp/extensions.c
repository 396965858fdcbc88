/* SPDX-License-Identifier: ISC */
/* Extensions of the protocol, offered by us and declared by clients. */
#include "mcp/mcp_int.h"

static const struct {
	const char *name;
	bool modern; /* only there */
	bool (*offered)(const struct message *msg);
} extensions[] = {
	{ EXTENSION_TASKS, true, tasks_offered },
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
