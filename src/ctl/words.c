/* SPDX-License-Identifier: ISC */
/* The sentences of mcpctl. */
#include "ctl/ctl.h"

#define B OPT_BIT

#define KEY_RIGHTS                                                            \
	(B(OPT_SCOPE) | B(OPT_SOURCE) | B(OPT_ENVIRONMENT) | B(OPT_EXPIRES) | \
	    B(OPT_RATE) | B(OPT_OWNER) | B(OPT_USER) | B(OPT_ADDRESS) |       \
	    B(OPT_CONFIRM) | B(OPT_MAX_ROWS))
#define LOCAL (B(OPT_KEY) | B(OPT_SCOPE) | B(OPT_TOOLS) | B(OPT_OPS))

const struct ctl_command ctl_commands[] = {
	{ "init", B(OPT_DIR) | B(OPT_URL) | B(OPT_OWNER), cmd_init,
	    "make a site: a configuration to fill in and its state folder" },
	{ "check", 0, cmd_check,
	    "read the configuration and name every fault" },
	{ "doctor", B(OPT_URL) | B(OPT_KEY), cmd_doctor,
	    "look the site over, or try its address from outside" },
	{ "key create <name>", KEY_RIGHTS, cmd_key_create,
	    "make a key and print it, this once" },
	{ "key list", B(OPT_ALL), cmd_key_list, "the keys and their rights" },
	{ "key show <key>", 0, cmd_key_show, "all about one key" },
	{ "key revoke <key>", 0, cmd_key_revoke, "end a key for good" },
	{ "key rotate <key>", B(OPT_GRACE), cmd_key_rotate,
	    "a new secret with the same rights" },
	{ "key extend <key>", B(OPT_EXPIRES), cmd_key_extend,
	    "another end for a key" },
	{ "key rename <key> <name>", 0, cmd_key_rename, "another name" },
	{ "client [claude-code|claude-desktop|cursor|vscode|gemini|codex|opencode|inspector|curl]",
	    B(OPT_URL), cmd_client, "lines to paste into a client" },
	{ "call <tool> [json]", LOCAL, cmd_call, "run one tool here" },
	{ "tools", LOCAL | B(OPT_COST), cmd_tools, "the tools a key sees" },
	{ "resources", LOCAL, cmd_resources, "the resources a key may read" },
	{ "prompts", LOCAL, cmd_prompts, "the prompts a key is offered" },
	{ "web <lighttpd|lighttpd-cgi|apache-fcgid|apache-proxy|htaccess|nginx|caddy|systemd>",
	    0, cmd_web, "lines to paste into a web server" },
	{ "log",
	    B(OPT_FOLLOW) | B(OPT_KEY) | B(OPT_TOOL) | B(OPT_FAILED) |
		B(OPT_ALL) | B(OPT_LINES),
	    cmd_log, "what was asked, by whom, and how it went" },
	{ "usage", B(OPT_KEY) | B(OPT_TOOL) | B(OPT_ALL), cmd_usage,
	    "how often each key called each tool, by day" },
	{ "serve", B(OPT_PORT) | B(OPT_CGI) | B(OPT_WORKERS), cmd_serve,
	    "answer on loopback, behind a lighttpd of its own" },
	{ "stdio", LOCAL, cmd_stdio,
	    "speak MCP over standard input and output" },
	{ "config", B(OPT_EXAMPLE) | B(OPT_EFFECTIVE) | B(OPT_LIST), cmd_config,
	    "the settings, as text" },
	{ "backup <folder>", 0, cmd_backup,
	    "consistent copies of the databases, without the pepper" },
	{ "store copy <shared|folder>", B(OPT_FORCE), cmd_store_copy,
	    "all keys to the shared store, or back to the state folder" },
	{ "import [source]", 0, cmd_import,
	    "read changed files in, whatever their size" },
	{ "gc", 0, cmd_gc, "drop what has expired" },
	{ "task list", 0, cmd_tasks, "calls that go on without their clients" },
	{ "task cancel <task>", 0, cmd_tasks_cancel, "stop one of them" },
	{ "help [command] [word]", B(OPT_COMPLETION) | B(OPT_LIST), cmd_help,
	    "explain a command" },
	{ "version", 0, cmd_version, "which mcpctl this is" },
};

const size_t ctl_ncommands = sizeof(ctl_commands) / sizeof(ctl_commands[0]);
