/* SPDX-License-Identifier: ISC */
/* Resources and prompts of the site that the protocol is tested with. */
#include "tests/unit/mcp_fake.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *kinds[] = { "red", "green", "blue" };

static const struct conf_param id_params[] = {
	{ .name = "id", .about = "Id", .values = { kinds, 3 } },
};

static const struct conf_resource resources[] = {
	{ .name = "static",
	    .uri = "test://static-text",
	    .title = "Static",
	    .about = "A text",
	    .mime = "text/plain",
	    .text = "words",
	    .source_index = -1 },
	{ .name = "template",
	    .uri = "test://template/{id}/data",
	    .mime = "application/json",
	    .text = "{\"id\":\"{{id}}\"}",
	    .is_template = true,
	    .params = id_params,
	    .nparams = N(id_params),
	    .source_index = -1 },
	{ .name = "app",
	    .uri = "ui://view/\xc3\xa9",
	    .mime = "text/html;profile=mcp-app",
	    .text = "<p>",
	    .ui_permissions = { (const char *[]){ "camera" }, 1 },
	    .source_index = -1 },
	{ .name = "gone",
	    .uri = "test://gone",
	    .path = "/nonexistent/file",
	    .source_index = -1 },
	{ .name = "hidden",
	    .uri = "test://hidden",
	    .text = "secret",
	    .source = "none",
	    .source_index = -1 },
};

static const struct conf_param two_params[] = {
	{ .name = "arg1",
	    .about = "First",
	    .required = true,
	    .values = { kinds, 3 } },
	{ .name = "arg2", .about = "Second" },
};

static const struct conf_message two_messages[] = {
	{ .name = "1", .text = "{{arg1}} and {{arg2}}" },
	{ .name = "2",
	    .assistant = true,
	    .resource = "test://template/{{arg1}}/data" },
};

static const struct conf_param context_params[] = {
	{ .name = "context", .about = "Context", .required = true },
};

static const struct conf_ask asks[] = {
	{ .name = "user_context",
	    .message = "What is it about?",
	    .params = context_params,
	    .nparams = N(context_params) },
};

static const struct conf_message ask_messages[] = {
	{ .name = "1", .text = "About {{user_context.context}}" },
};

static const struct conf_prompt prompts[] = {
	{ .name = "two",
	    .title = "Two",
	    .about = "Two arguments",
	    .params = two_params,
	    .nparams = N(two_params),
	    .messages = two_messages,
	    .nmessages = N(two_messages),
	    .source_index = -1 },
	{ .name = "asks",
	    .about = "Asks first",
	    .asks = asks,
	    .nasks = N(asks),
	    .messages = ask_messages,
	    .nmessages = N(ask_messages),
	    .source_index = -1 },
};

void
fake_content(struct conf *conf)
{
	conf->list_page_size = 3;
	conf->source_resources = OFFER_TABLES;
	conf->limits.resource = 1024;
	conf->resources = resources;
	conf->nresources = N(resources);
	conf->prompts = prompts;
	conf->nprompts = N(prompts);
}
