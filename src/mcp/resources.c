/* SPDX-License-Identifier: ISC */
/* resources/list, resources/templates/list and resources/read (mcp.md 9). */
#include "content/content.h"
#include "mcp/stream_int.h"

enum err
param_text(const json_t *params, const char *name, struct str *out,
    struct fault *f)
{
	const json_t *v = json_member(params, name);

	if (v == NULL)
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: missing required field '%s'", name);
	if (!json_is_string(v))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field '%s' must be a string", name);
	*out = json_text(v);
	return ERR_OK;
}

void
resources_timeout(const struct message *msg, int64_t limit_ms,
    struct answer *out)
{
	struct fault f = { 0 };

	(void)fault_set(&f, ERR_TIMEOUT,
	    "the statement took longer than the %d s it may",
	    (int)((limit_ms + 999) / 1000));
	answer_fault(out, msg->arena, msg->era, msg->rpc.id, &f, msg->attempt);
}

enum err
content_list(struct message *msg, const char *key,
    enum err (*list)(struct tool_call *c, struct str cursor,
	struct content_page *out, struct fault *f),
    struct answer *out, struct fault *f)
{
	const json_t *cursor = json_member(msg->rpc.params, "cursor");
	struct str meta = { 0 };
	struct content_page page;
	struct tool_call call;
	struct result r;
	enum err e;

	if (cursor != NULL && !json_is_string(cursor))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'cursor' must be a string");
	tools_call_of(msg, &call);
	e = list(&call, json_text(cursor), &page, f);
	if (e != ERR_OK)
		return e;
	result_open(&r, msg);
	json_gap(&r.out, key);
	result_gap(&r, page.items);
	if (!str_is_empty(page.next))
		json_str(&r.out, "nextCursor", page.next.p, page.next.len);
	if (!str_is_empty(page.notices))
		meta = arena_fmt(msg->arena, "\"mcp-fcgi/notices\":%.*s",
		    (int)page.notices.len, page.notices.p);
	result_close(&r, CACHE_PRIVATE, meta, out);
	return ERR_OK;
}

enum err
resources_list_run(struct message *msg, struct answer *out, struct fault *f)
{
	return content_list(msg, "resources", resource_list, out, f);
}

enum err
resources_templates_run(struct message *msg, struct answer *out,
    struct fault *f)
{
	return content_list(msg, "resourceTemplates", resource_templates, out,
	    f);
}

enum err
resources_read_run(struct message *msg, struct answer *out, struct fault *f)
{
	struct str uri = { 0 }, contents;
	struct tool_call call;
	struct result r;
	enum err e = param_text(msg->rpc.params, "uri", &uri, f);

	if (e != ERR_OK)
		return e;
	msg->attempt->tool = uri;
	tools_call_of(msg, &call);
	call.events = stream_events(msg->stream);
	call.guard = stream_guard(msg->stream);
	e = resource_read(&call, uri, &contents, f);
	if (e != ERR_OK)
		return e;
	msg->attempt->bytes = (int64_t)contents.len;
	result_open(&r, msg);
	json_gap(&r.out, "contents");
	result_gap(&r, contents);
	result_close(&r, CACHE_NOW, (struct str){ 0 }, out);
	return ERR_OK;
}
