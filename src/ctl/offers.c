/* SPDX-License-Identifier: ISC */
/* resources and prompts: what a key may read and start with. */
#include "ctl/local.h"
#include "ctl/table.h"

static const struct table_column resource_columns[] = {
	{ "RESOURCE", "uri", 0 },
	{ "TYPE", "type", 0 },
	{ "BYTES", "bytes", TABLE_RIGHT },
	{ "ABOUT", "description", TABLE_CUT },
};

static const struct table_column prompt_columns[] = {
	{ "PROMPT", "name", 0 },
	{ "ARGUMENTS", "arguments", 0 },
	{ "ABOUT", "description", TABLE_CUT },
};

/* A list of the protocol, and its entries as rows. */
struct offers {
	const char *method, *key;
	void (*row)(struct arena *a, struct table *t, const json_t *entry);
};

static void
put(struct table *t, const json_t *entry, const char *name)
{
	struct str s = json_text(json_member(entry, name));

	if (s.p == NULL)
		table_nil(t, "");
	else
		table_text(t, s);
}

static void
resource_row(struct arena *a, struct table *t, const json_t *entry)
{
	const json_t *size = json_member(entry, "size");

	(void)a;
	put(t, entry,
	    json_member(entry, "uri") != NULL ? "uri" : "uriTemplate");
	put(t, entry, "mimeType");
	if (size == NULL)
		table_nil(t, "");
	else
		table_int(t, json_integer_value(size));
	put(t, entry, "description");
}

static void
prompt_row(struct arena *a, struct table *t, const json_t *entry)
{
	const json_t *args = json_member(entry, "arguments");
	struct buf b;

	buf_init(&b, a, 1 << 20);
	for (size_t i = 0; i < json_array_size(args); i++) {
		struct str name =
		    json_text(json_member(json_array_get(args, i), "name"));

		buf_fmt(&b, "%s%.*s", i == 0 ? "" : ",", (int)name.len, name.p);
	}
	put(t, entry, "name");
	table_list(t, buf_text(&b));
	put(t, entry, "description");
}

static struct str
request(struct arena *a, const char *method, struct str cursor)
{
	/* A cursor is base64url: nothing in it wants escaping. */
	return arena_fmt(a,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s%.*s%s}}",
	    method, cursor.len == 0 ? "" : "\"cursor\":\"", (int)cursor.len,
	    cursor.p == NULL ? "" : cursor.p, cursor.len == 0 ? "" : "\"");
}

/* Said on the way, where it does not disturb the table. */
static void
notices(const json_t *result)
{
	const json_t *all =
	    json_member(json_member(result, "_meta"), "mcp-fcgi/notices");

	for (size_t i = 0; i < json_array_size(all); i++)
		ctl_say("%s", json_string_value(json_array_get(all, i)));
}

static enum ctl_exit
list(struct local *l, const struct offers *o, struct table *t)
{
	const struct json_limits wide = { 64, SIZE_MAX, SIZE_MAX, 64 };
	struct ctl *c = l->c;
	struct str cursor = { 0 };
	struct fault f = { 0 };

	do {
		const json_t *result, *entries;
		json_t *root = NULL;

		if (json_parse(c->arena,
			local_message(l, c->arena,
			    request(c->arena, o->method, cursor)),
			&wide, &root, &f) != ERR_OK)
			return ctl_fault(c, &f);
		result = json_member(root, "result");
		entries = json_member(result, o->key);
		for (size_t i = 0; i < json_array_size(entries); i++)
			o->row(c->arena, t, json_array_get(entries, i));
		notices(result);
		cursor = json_text(json_member(result, "nextCursor"));
	} while (cursor.len > 0);
	return CTL_DONE;
}

static enum ctl_exit
list_all(struct ctl *c, const struct offers *o,
    const struct table_column *columns, size_t n)
{
	struct local l;
	struct table *t;
	enum ctl_exit e = local_open(c, &l);

	if (e == CTL_DONE) {
		local_agree(&l);
		t = table_new(c, columns, n);
		for (; o->method != NULL && e == CTL_DONE; o++)
			e = list(&l, o, t);
		if (e == CTL_DONE)
			table_done(t);
	}
	local_close(&l);
	return e;
}

enum ctl_exit
cmd_resources(struct ctl *c)
{
	static const struct offers lists[] = {
		{ "resources/list", "resources", resource_row },
		{ "resources/templates/list", "resourceTemplates",
		    resource_row },
		{ 0 },
	};

	return list_all(c, lists, resource_columns, 4);
}

enum ctl_exit
cmd_prompts(struct ctl *c)
{
	static const struct offers lists[] = {
		{ "prompts/list", "prompts", prompt_row },
		{ 0 },
	};

	return list_all(c, lists, prompt_columns, 3);
}
