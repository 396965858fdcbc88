/* SPDX-License-Identifier: ISC */
/* Narrowing by the query parameters "tools" and "ops" (tools.md 2). */
#include "tool/tool_int.h"

void
tool_filter_init(struct tool_filter *f)
{
	*f = (struct tool_filter){
		.types = TOOL_UNIVERSAL | TOOL_SQL | TOOL_SOURCE,
		.ops = { UINT64_MAX, UINT64_MAX },
		.source = -1,
		.toolkit = -1,
	};
}

static bool
type_add(struct tool_filter *t, struct str word)
{
	static const struct {
		const char *name;
		enum tool_type type;
	} types[] = {
		{ "universal", TOOL_UNIVERSAL },
		{ "sql", TOOL_SQL },
		{ "source", TOOL_SOURCE },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(word, str_of(types[i].name))) {
			t->types |= types[i].type;
			return true;
		}
	return false;
}

static bool
op_add(struct tool_filter *t, struct str word)
{
	int op = tool_op(word);

	if (op >= 0)
		t->ops[op / 64] |= UINT64_C(1) << op % 64;
	return op >= 0;
}

/* Every word must be known; the first that is not is quoted. */
static enum err
words_read(struct tool_filter *t, const char *name, struct str value,
    bool (*add)(struct tool_filter *, struct str), struct fault *f)
{
	struct str rest = { value.p == NULL ? "" : value.p, value.len };
	struct str word;

	while (str_cut(&rest, ',', &word))
		if (!add(t, word))
			return fault_set(f, ERR_FILTER,
			    "Invalid value for parameter '%s': '%.*s'", name,
			    (int)word.len, word.p);
	return ERR_OK;
}

enum err
tool_filter_query(struct tool_filter *t, bool has_tools, struct str tools,
    bool has_ops, struct str ops, struct fault *f)
{
	enum err e;

	if (has_tools) {
		t->types = 0;
		e = words_read(t, "tools", tools, type_add, f);
		if (e != ERR_OK)
			return e;
	}
	if (!has_ops)
		return ERR_OK;
	t->ops[0] = t->ops[1] = 0;
	return words_read(t, "ops", ops, op_add, f);
}
