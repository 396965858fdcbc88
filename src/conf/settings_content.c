/* SPDX-License-Identifier: ISC */
/* Settings of resources and prompts. */
#include "conf/settings_int.h"

static const struct word role_words[] = {
	{ "user", false },
	{ "assistant", true },
	{ 0 },
};

static const struct word permission_words[] = {
	{ "camera", 0 },
	{ "microphone", 0 },
	{ "geolocation", 0 },
	{ "clipboardWrite", 0 },
	{ 0 },
};

/* clang-format off */
const struct setting conf_content_rows[] = {
	{ "resources.*.uri", .type = SET_TEXT, RESOURCE(uri), RANGE(1, 1000), .check = check_uri, .need = true,
	    .about = "What it is asked for by; with {name} in it, it is a template." },
	{ "resources.*.text", .type = SET_TEXT, RESOURCE(text), RANGE(1, MIB),
	    .about = "Its content; in a template {{name}} stands for the value of a variable." },
	{ "resources.*.path", .type = SET_PATH, RESOURCE(path),
	    .about = "Or the file with its content." },
	{ "resources.*.folder", .type = SET_PATH, RESOURCE(folder),
	    .about = "Or a folder, each file of which is a resource." },
	{ "resources.*.mime", .type = SET_TEXT, RESOURCE(mime), RANGE(3, 200), .check = check_mime,
	    .about = "Media type; not given: by the ending of the file's name." },
	{ "resources.*.title", .type = SET_TEXT, RESOURCE(title), RANGE(1, 200),
	    .about = "Name for people." },
	{ "resources.*.about", .type = SET_TEXT, RESOURCE(about), RANGE(1, 2000),
	    .about = "What it is, for the model." },
	{ "resources.*.source", .type = SET_TEXT, RESOURCE(source), .source = true,
	    .about = "Only for tokens that see this source." },
	{ "resources.*.params", .type = SET_GROUP, .group = GROUP_RESOURCE, .child = GROUP_RESOURCE_PARAM,
	    .about = "What is known of the variables of a template, as tools.*.params." },
	{ "resources.*.ui_connect", .type = SET_LIST, RESOURCE(ui_connect), .check = check_csp,
	    .about = "Origins that an MCP App may connect to." },
	{ "resources.*.ui_load", .type = SET_LIST, RESOURCE(ui_load), .check = check_csp,
	    .about = "Origins that it may load images, styles and scripts from." },
	{ "resources.*.ui_frames", .type = SET_LIST, RESOURCE(ui_frames), .check = check_csp,
	    .about = "Origins that it may show in frames." },
	{ "resources.*.ui_base", .type = SET_LIST, RESOURCE(ui_base), .check = check_csp,
	    .about = "Origins that its base URI may have." },
	{ "resources.*.ui_permissions", .type = SET_LIST, RESOURCE(ui_permissions), .words = permission_words,
	    .about = "What it wants to use." },
	{ "resources.*.ui_domain", .type = SET_TEXT, RESOURCE(ui_domain), RANGE(1, 255),
	    .about = "Domain of its own that it wants to run under." },
	{ "resources.*.ui_border", .type = SET_BOOL, RESOURCE(ui_border),
	    .has = offsetof(struct conf_resource, has_ui_border),
	    .about = "Whether it wants a border around it." },
	{ "prompts.*.title", .type = SET_TEXT, PROMPT(title), RANGE(1, 200),
	    .about = "Name for people." },
	{ "prompts.*.about", .type = SET_TEXT, PROMPT(about), RANGE(1, 2000), .need = true,
	    .about = "What it is for." },
	{ "prompts.*.source", .type = SET_TEXT, PROMPT(source), .source = true,
	    .about = "Only for tokens that see this source." },
	{ "prompts.*.params", .type = SET_GROUP, .group = GROUP_PROMPT, .child = GROUP_PROMPT_PARAM,
	    .about = "Its arguments, as tools.*.params." },
	{ "prompts.*.messages", .type = SET_GROUP, .group = GROUP_PROMPT, .child = GROUP_MESSAGE, .need = true,
	    .about = "Its messages, a list of groups." },
	{ "prompts.*.ask", .type = SET_GROUP, .group = GROUP_PROMPT, .child = GROUP_ASK,
	    .about = "What the user is asked before the prompt is given, each a group under its name." },
	{ "prompts.*.messages.*.role", .type = SET_WORD, MESSAGE(assistant), .words = role_words, .dflt = "user",
	    .about = "Who says it." },
	{ "prompts.*.messages.*.text", .type = SET_TEXT, MESSAGE(text), RANGE(1, MIB),
	    .about = "Text, with {{name}} for arguments and {{question.name}} for what the user answered." },
	{ "prompts.*.messages.*.image", .type = SET_PATH, MESSAGE(image),
	    .about = "Or a file with an image." },
	{ "prompts.*.messages.*.audio", .type = SET_PATH, MESSAGE(audio),
	    .about = "Or a file with sound." },
	{ "prompts.*.messages.*.resource", .type = SET_TEXT, MESSAGE(resource), RANGE(1, 1000),
	    .about = "Or the URI of a resource that is embedded." },
	{ "prompts.*.messages.*.path", .type = SET_PATH, MESSAGE(path),
	    .about = "File with the content of that resource; neither path nor text: it is one of this server." },
	{ "prompts.*.messages.*.mime", .type = SET_TEXT, MESSAGE(mime), RANGE(3, 200), .check = check_mime,
	    .about = "Media type of a file or resource; not given: by the ending of the file's name." },
	{ "prompts.*.ask.*.message", .type = SET_TEXT, ASK(message), RANGE(1, 2000), .need = true,
	    .about = "The question, with {{name}} for arguments." },
	{ "prompts.*.ask.*.params", .type = SET_GROUP, .group = GROUP_ASK, .child = GROUP_ASK_PARAM, .need = true,
	    .about = "What the user is to fill in, as tools.*.params." },
};
/* clang-format on */

const size_t conf_content_nrows =
    sizeof(conf_content_rows) / sizeof(conf_content_rows[0]);
