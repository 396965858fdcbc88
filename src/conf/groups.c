/* SPDX-License-Identifier: ISC */
/*
 * The groups that settings stand in: where each is kept, what a name in it is
 * called and how it is written.
 */
#include "conf/settings_int.h"

#define HELD(p, items_, count_, s)                                     \
	.items = offsetof(struct p, items_),                           \
	.count = offsetof(struct p, count_), .size = sizeof(struct s), \
	.at = offsetof(struct s, at)

#define ID_RULE    "a small letter, then up to 30 small letters, digits and _"
#define TOOL_RULE  "1 to 64 letters, digits, _ and -"
#define PARAM_RULE "a letter, then up to 63 letters, digits and _"

/* Parameters of other things than tools, with the same settings. */
#define PARAMS_OF(p)                                             \
	.path = (p), .about = "a parameter", .rule = PARAM_RULE, \
	.named = named_param, .most = 100, .done = param_done,   \
	.like = GROUP_PARAM

const struct group_def conf_groups[GROUP_COUNT] = {
	[GROUP_TOP] = { .path = "" },
	[GROUP_LIMITS] = { .path = "limits" },
	[GROUP_SOURCE] = { .path = "sources.*",
	    .about = "a source",
	    .rule = ID_RULE,
	    .named = named_source,
	    .most = 10000,
	    .done = source_done,
	    HELD(conf, sources, nsources, conf_source) },
	[GROUP_ENVIRONMENT] = { .path = "environments.*",
	    .about = "an environment",
	    .rule = ID_RULE,
	    .named = named_source,
	    .most = 1000,
	    HELD(conf, environments, nenvironments, conf_environment) },
	[GROUP_TOOL] = { .path = "tools.*",
	    .about = "a tool",
	    .rule = TOOL_RULE,
	    .named = named_tool,
	    .most = 10000,
	    .done = tool_done,
	    HELD(conf, tools, ntools, conf_tool) },
	[GROUP_PARAM] = { .path = "tools.*.params.*",
	    .about = "a parameter",
	    .rule = PARAM_RULE,
	    .named = named_param,
	    .most = 100,
	    .done = param_done,
	    HELD(conf_tool, params, nparams, conf_param) },
	[GROUP_TOOLKIT] = { .path = "toolkits.*",
	    .about = "a toolkit",
	    .rule = ID_RULE,
	    .named = named_source,
	    .most = 1000,
	    HELD(conf, toolkits, ntoolkits, conf_toolkit) },
	[GROUP_RESOURCE] = { .path = "resources.*",
	    .about = "a resource",
	    .rule = TOOL_RULE,
	    .named = named_tool,
	    .most = 10000,
	    .done = resource_done,
	    HELD(conf, resources, nresources, conf_resource) },
	[GROUP_RESOURCE_PARAM] = { PARAMS_OF("resources.*.params.*"),
	    HELD(conf_resource, params, nparams, conf_param) },
	[GROUP_PROMPT] = { .path = "prompts.*",
	    .about = "a prompt",
	    .rule = TOOL_RULE,
	    .named = named_tool,
	    .most = 10000,
	    .done = prompt_done,
	    HELD(conf, prompts, nprompts, conf_prompt) },
	[GROUP_PROMPT_PARAM] = { PARAMS_OF("prompts.*.params.*"),
	    HELD(conf_prompt, params, nparams, conf_param) },
	[GROUP_MESSAGE] = { .path = "prompts.*.messages.*",
	    .about = "a message",
	    .most = 100,
	    .done = message_done,
	    HELD(conf_prompt, messages, nmessages, conf_message) },
	[GROUP_ASK] = { .path = "prompts.*.ask.*",
	    .about = "a question",
	    .rule = PARAM_RULE,
	    .named = named_param,
	    .most = 20,
	    .done = ask_done,
	    HELD(conf_prompt, asks, nasks, conf_ask) },
	[GROUP_ASK_PARAM] = { PARAMS_OF("prompts.*.ask.*.params.*"),
	    HELD(conf_ask, params, nparams, conf_param) },
	[GROUP_TASKS] = { .path = "tasks" },
	[GROUP_STORE] = { .path = "store", .done = store_done },
};

/* A name stands first in each, so the walk can set it. */
_Static_assert(offsetof(struct conf_source, name) == 0, "name first");
_Static_assert(offsetof(struct conf_environment, name) == 0, "name first");
_Static_assert(offsetof(struct conf_tool, name) == 0, "name first");
_Static_assert(offsetof(struct conf_param, name) == 0, "name first");
_Static_assert(offsetof(struct conf_toolkit, name) == 0, "name first");
_Static_assert(offsetof(struct conf_resource, name) == 0, "name first");
_Static_assert(offsetof(struct conf_prompt, name) == 0, "name first");
_Static_assert(offsetof(struct conf_message, name) == 0, "name first");
_Static_assert(offsetof(struct conf_ask, name) == 0, "name first");

static const struct {
	const struct setting *row;
	const size_t *n;
} tables[] = {
	{ conf_site_rows, &conf_site_nrows },
	{ conf_source_rows, &conf_source_nrows },
	{ conf_store_rows, &conf_store_nrows },
	{ conf_tool_rows, &conf_tool_nrows },
	{ conf_content_rows, &conf_content_nrows },
};

const struct setting *
conf_row(size_t i)
{
	for (size_t k = 0; k < sizeof(tables) / sizeof(tables[0]); k++) {
		if (i < *tables[k].n)
			return &tables[k].row[i];
		i -= *tables[k].n;
	}
	return NULL;
}

struct span
group_rows(enum group g)
{
	const struct setting *row;
	struct span s = { NULL, 0 };

	if (conf_groups[g].like != 0)
		g = (enum group)conf_groups[g].like;
	for (size_t i = 0; (row = conf_row(i)) != NULL; i++) {
		if (row->group != g)
			continue;
		if (s.row == NULL)
			s.row = row;
		s.n++;
	}
	return s;
}

const char *
setting_name(const struct setting *s)
{
	size_t skip = strlen(conf_groups[s->group].path);

	return s->path + skip + (skip > 0);
}
