/* SPDX-License-Identifier: ISC */
/*
 * Settings of configured tools, statements and programs, and of their
 * parameters.
 */
#include "conf/settings_int.h"

static const struct word task_words[] = {
	{ "auto", CONF_TASK_AUTO },
	{ "never", CONF_TASK_NEVER },
	{ "always", CONF_TASK_ALWAYS },
	{ 0 },
};

static const struct word type_words[] = {
	{ "string", CONF_STRING },
	{ "integer", CONF_INTEGER },
	{ "number", CONF_NUMBER },
	{ "boolean", CONF_BOOLEAN },
	{ 0 },
};

static const struct word complete_words[] = {
	{ "nothing", COMPLETE_NOTHING },
	{ "sources", COMPLETE_SOURCES },
	{ "schemas", COMPLETE_SCHEMAS },
	{ "tables", COMPLETE_TABLES },
	{ 0 },
};

/* clang-format off */
const struct setting conf_tool_rows[] = {
	{ "tools.*.title", .type = SET_TEXT, TOOL(title), RANGE(1, 200),
	    .about = "Name for people." },
	{ "tools.*.about", .type = SET_TEXT, TOOL(about), RANGE(1, 2000),
	    .about = "What it does, for the model." },
	{ "tools.*.source", .type = SET_TEXT, TOOL(source), .source = true,
	    .about = "Source it runs on." },
	{ "tools.*.sql", .type = SET_TEXT, TOOL(sql), RANGE(1, 16 * MIB),
	    .about = "The statement, with @name where a parameter is bound." },
	{ "tools.*.procedure", .type = SET_BOOL, TOOL(procedure), .dflt = "false",
	    .about = "Also list it with get_procedures and run it with execute_procedure." },
	{ "tools.*.command", .type = SET_LIST, TOOL(command), .again = true,
	    .about = "Or the program to run, an absolute path, and its arguments; never a shell." },
	{ "tools.*.schema_file", .type = SET_PATH, TOOL(schema_file),
	    .about = "JSON file that describes it: title, description, inputSchema, icons and more." },
	{ "tools.*.timeout", .type = SET_TIME, TOOL(timeout), RANGE(1, DAY), .dflt = "30s",
	    .about = "Time for one run of a command." },
	{ "tools.*.writable", .type = SET_LIST, TOOL(writable), .check = check_folder,
	    .about = "Folders that a command may write to, beside /tmp." },
	{ "tools.*.read_only", .type = SET_BOOL, TOOL(read_only), .dflt = "false",
	    .about = "The command changes nothing, so that a token that may only read can run it." },
	{ "tools.*.requires", .type = SET_LIST, TOOL(requires), .check = check_capability,
	    .about = "What a command needs of the client: elicitation, elicitation.url, sampling, roots; who lacks it is told so before it runs." },
	{ "tools.*.task", .type = SET_WORD, TOOL(task), .words = task_words, .dflt = "auto",
	    .about = "Whether a call that takes long becomes a task, for clients that know tasks: when it must, never, or each call." },
	{ "tools.*.params", .type = SET_GROUP, .group = GROUP_TOOL, .child = GROUP_PARAM,
	    .about = "Its parameters, each a group under its name." },
	{ "tools.*.params.*.type", .type = SET_WORD, PARAM(type), .words = type_words, .dflt = "string",
	    .about = "What kind of value it takes." },
	{ "tools.*.params.*.about", .type = SET_TEXT, PARAM(about), RANGE(1, 1000), .need = true,
	    .about = "What it means, for the model." },
	{ "tools.*.params.*.required", .type = SET_BOOL, PARAM(required), .dflt = "false",
	    .about = "Refuse a call without it." },
	{ "tools.*.params.*.default", .type = SET_VALUE, PARAM(dflt),
	    .has = offsetof(struct conf_param, has_default),
	    .about = "Value where the call gives none; otherwise NULL is bound." },
	{ "tools.*.params.*.min", .type = SET_NUMBER, PARAM(min),
	    .has = offsetof(struct conf_param, has_min),
	    .about = "Smallest integer or number." },
	{ "tools.*.params.*.max", .type = SET_NUMBER, PARAM(max),
	    .has = offsetof(struct conf_param, has_max),
	    .about = "Largest integer or number." },
	{ "tools.*.params.*.enum", .type = SET_LIST, PARAM(values),
	    .about = "The only strings it takes." },
	{ "tools.*.params.*.complete", .type = SET_WORD, PARAM(complete), .words = complete_words, .dflt = "nothing",
	    .about = "Names that a client is offered while it is typed, in prompts and resources." },
};
/* clang-format on */

const size_t conf_tool_nrows =
    sizeof(conf_tool_rows) / sizeof(conf_tool_rows[0]);
