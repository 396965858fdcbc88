/* SPDX-License-Identifier: ISC */
/* tools: what a key is shown, and what reading it costs. */
#include "ctl/local.h"
#include "ctl/table.h"

static const struct table_column cost_columns[] = {
	{ "TOOL", "name", 0 },
	{ "BYTES", "bytes", TABLE_RIGHT },
	{ "TOKENS", "tokens", TABLE_RIGHT },
};

static const struct table_column list_columns[] = {
	{ "TOOL", "name", 0 },
	{ "KIND", "kind", 0 },
	{ "ABOUT", "description", TABLE_CUT },
};

/* A tokenizer makes about one token of four bytes of such text. */
static int64_t
tokens(size_t bytes)
{
	return (int64_t)(bytes + 3) / 4;
}

struct sum {
	struct table *table;
	size_t n, bytes;
};

static bool
cost_row(void *arg, struct str name, size_t bytes)
{
	struct sum *s = arg;

	table_text(s->table, name);
	table_int(s->table, (int64_t)bytes);
	table_int(s->table, tokens(bytes));
	s->n++;
	s->bytes += bytes;
	return true;
}

/* The array around them: two brackets and the commas between. */
static size_t
whole(const struct sum *s)
{
	return s->n == 0 ? 2 : s->bytes + s->n + 1;
}

static enum ctl_exit
cost(struct local *l)
{
	struct ctl *c = l->c;
	struct json_out *o = &c->json;
	struct sum s = { 0 };
	struct fault f = { 0 };
	bool json = ctl_has(c, OPT_JSON);

	if (json) {
		json_obj(o, NULL);
		json_key(o, STR("tools"));
	}
	s.table = table_new(c, cost_columns, 3);
	if (tool_cost(l->mcp.catalogue, c->arena, &l->who, &l->filter,
		ERA_2026_07_28, cost_row, &s, &f) != ERR_OK)
		return ctl_fault(c, &f);
	if (!json) {
		table_text(s.table, STR("the whole list"));
		table_int(s.table, (int64_t)whole(&s));
		table_int(s.table, tokens(whole(&s)));
		table_done(s.table);
		return CTL_DONE;
	}
	json_end(o);
	json_int(o, "bytes", (int64_t)whole(&s));
	json_int(o, "tokens", tokens(whole(&s)));
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}

static void
list_row(struct table *t, const json_t *tool)
{
	const json_t *hints = json_member(tool, "annotations");

	table_text(t, json_text(json_member(tool, "name")));
	table_text(t, json_is_true(json_member(hints, "readOnlyHint"))
			  ? STR("read")
			  : STR("write"));
	table_text(t, json_text(json_member(tool, "description")));
}

static struct str
list_request(struct arena *a, struct str cursor)
{
	if (cursor.len == 0)
		return STR(
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
	/* A cursor is base64url: nothing in it wants escaping. */
	return arena_fmt(a,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"%.*s\"}}",
	    (int)cursor.len, cursor.p);
}

static enum ctl_exit
list(struct local *l)
{
	const struct json_limits wide = { 64, SIZE_MAX, SIZE_MAX, 64 };
	struct ctl *c = l->c;
	struct table *t = table_new(c, list_columns, 3);
	struct str cursor = { 0 };
	struct fault f = { 0 };

	do {
		json_t *root = NULL;
		struct str answer =
		    local_message(l, c->arena, list_request(c->arena, cursor));
		const json_t *result, *tools;

		if (json_parse(c->arena, answer, &wide, &root, &f) != ERR_OK)
			return ctl_fault(c, &f);
		result = json_member(root, "result");
		tools = json_member(result, "tools");
		for (size_t i = 0; i < json_array_size(tools); i++)
			list_row(t, json_array_get(tools, i));
		cursor = json_text(json_member(result, "nextCursor"));
	} while (cursor.len > 0);
	table_done(t);
	return CTL_DONE;
}

enum ctl_exit
cmd_tools(struct ctl *c)
{
	struct local l;
	enum ctl_exit e = local_open(c, &l);

	if (e == CTL_DONE) {
		local_agree(&l);
		e = ctl_has(c, OPT_COST) ? cost(&l) : list(&l);
	}
	local_close(&l);
	return e;
}
