/* SPDX-License-Identifier: ISC */
/*
 * All prompts in the order of their list: the two that every site has, then
 * those that are configured.
 */
#include "content/content_int.h"

static const struct conf_param greeting_params[] = {
	{ .name = "name",
	    .about = "Name of the person to greet",
	    .required = true },
	{ .name = "style",
	    .about =
		"The style of greeting, such as formal, excited, or casual. If not specified casual will be used",
	    .dflt = "casual",
	    .has_default = true },
};

static const struct conf_param search_params[] = {
	{ .name = "query",
	    .about = "Keywords to use for searching.",
	    .required = true },
	{ .name = "entity_type", .about = "Entity type to filter by." },
	{ .name = "limit",
	    .about = "Maximum number of results to return. Default is 10.",
	    .type = CONF_INTEGER,
	    .dflt = "10",
	    .has_default = true,
	    .has_min = true,
	    .has_max = true,
	    .min = 1,
	    .max = 50 },
};

static const struct conf_message greeting_messages[] = {
	{ .name = "1",
	    .text = "Please write a {{style}} greeting for {{name}}." },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { OWN_GREETING, OWN_SEARCH };

static const struct conf_prompt own[] = {
	[OWN_GREETING] = { .name = "create-greeting",
	    .title = "Create a greeting",
	    .about = "Generate a customized greeting message",
	    .source_index = -1,
	    .params = greeting_params,
	    .nparams = N(greeting_params),
	    .messages = greeting_messages,
	    .nmessages = N(greeting_messages) },
	[OWN_SEARCH] = { .name = "search_metadata",
	    .title = "Search metadata",
	    .about = "Creates a prompt for searching metadata.",
	    .source_index = -1,
	    .params = search_params,
	    .nparams = N(search_params) },
};

const struct conf_prompt *
prompt_at(const struct conf *conf, size_t i)
{
	if (i < N(own))
		return &own[i];
	return i - N(own) < conf->nprompts ? &conf->prompts[i - N(own)] : NULL;
}

const struct conf_prompt *
prompt_named(const struct tool_call *c, struct str name)
{
	const struct conf_prompt *p;

	for (size_t i = 0; (p = prompt_at(c->conf, i)) != NULL; i++)
		if (str_eq(str_of(p->name), name))
			return sees_configured(c, p->source, p->source_index)
				   ? p
				   : NULL;
	return NULL;
}

bool
prompt_own_text(struct tool_call *c, const struct conf_prompt *p,
    const struct insert_value *v, size_t n, struct str *text)
{
	static const char some[] =
	    "Search for {{entity_type}}s related to '{{query}}' in the metadata catalog. Filter results to show only '{{entity_type}}' entities and limit to {{limit}} results.";
	static const char any[] =
	    "Search for data assets related to '{{query}}' in the metadata catalog. Limit to {{limit}} results.";
	struct str tool = STR("search_metadata");
	bool typed = false;

	if (p != &own[OWN_SEARCH])
		return false;
	for (size_t i = 0; i < n; i++)
		typed = typed || (str_eq(v[i].name, STR("entity_type")) &&
				     v[i].value.len > 0);
	if (!insert_values(c->arena, typed ? some : any, v, n, INSERT_PLAIN,
		text))
		return false;
	if (tool_callable(c->catalogue, c->who, c->filter, tool))
		*text = arena_fmt(c->arena, "%.*s Use the tool %.*s.",
		    (int)text->len, text->p, (int)tool.len, tool.p);
	return true;
}
