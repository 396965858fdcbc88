/* SPDX-License-Identifier: ISC */
/* How each client wants to be told about a server with a bearer token. */
#include "ctl/client.h"

const struct client_row client_rows[] = {
	{ "claude-code", "Claude Code", "in a shell",
	    "claude mcp add --transport http @NAME@ @SHELL@ \\\n"
	    "    --header \"Authorization: Bearer @TOKEN@\"\n" },
	/* Claude Desktop starts programs only; mcp-remote is the bridge.  The
	 * header has no space because some platforms split arguments there. */
	{ "claude-desktop", "Claude Desktop",
	    "claude_desktop_config.json (Settings, Developer, Edit Config)",
	    "{\n"
	    "  \"mcpServers\": {\n"
	    "    \"@NAME@\": {\n"
	    "      \"command\": \"npx\",\n"
	    "      \"args\": [\"-y\", \"mcp-remote\", \"@URL@\", @HTTP@\"--header\", \"Authorization:${MCP_AUTH}\"],\n"
	    "      \"env\": { \"MCP_AUTH\": \"Bearer @TOKEN@\" }\n"
	    "    }\n"
	    "  }\n"
	    "}\n" },
	{ "cursor", "Cursor",
	    "~/.cursor/mcp.json, or .cursor/mcp.json of a project",
	    "{\n"
	    "  \"mcpServers\": {\n"
	    "    \"@NAME@\": {\n"
	    "      \"url\": \"@URL@\",\n"
	    "      \"headers\": { \"Authorization\": \"Bearer @TOKEN@\" }\n"
	    "    }\n"
	    "  }\n"
	    "}\n" },
	{ "vscode", "VS Code", ".vscode/mcp.json; it asks for the token once",
	    "{\n"
	    "  \"inputs\": [\n"
	    "    { \"type\": \"promptString\", \"id\": \"@NAME@-token\", \"description\": \"Token for @NAME@\", \"password\": true }\n"
	    "  ],\n"
	    "  \"servers\": {\n"
	    "    \"@NAME@\": {\n"
	    "      \"type\": \"http\",\n"
	    "      \"url\": \"@URL@\",\n"
	    "      \"headers\": { \"Authorization\": \"Bearer ${input:@NAME@-token}\" }\n"
	    "    }\n"
	    "  }\n"
	    "}\n" },
	{ "gemini", "Gemini CLI",
	    "in a shell; it writes ~/.gemini/settings.json",
	    "gemini mcp add --scope user --transport http \\\n"
	    "    --header \"Authorization: Bearer @TOKEN@\" @NAME@ @SHELL@\n" },
	/* Codex takes the token from the environment only. */
	{ "codex", "Codex",
	    "~/.codex/config.toml, and the token in the environment",
	    "[mcp_servers.@NAME@]\n"
	    "url = \"@URL@\"\n"
	    "bearer_token_env_var = \"MCP_FCGI_TOKEN\"\n"
	    "\n"
	    "# in the shell that starts codex:\n"
	    "# export MCP_FCGI_TOKEN=@TOKEN@\n" },
	{ "opencode", "opencode",
	    "opencode.json; version 1 has no level \"servers\" under \"mcp\"",
	    "{\n"
	    "  \"$schema\": \"https://opencode.ai/config.json\",\n"
	    "  \"mcp\": {\n"
	    "    \"servers\": {\n"
	    "      \"@NAME@\": {\n"
	    "        \"type\": \"remote\",\n"
	    "        \"url\": \"@URL@\",\n"
	    "        \"headers\": { \"Authorization\": \"Bearer @TOKEN@\" }\n"
	    "      }\n"
	    "    }\n"
	    "  }\n"
	    "}\n" },
	{ "inspector", "MCP Inspector",
	    "in a shell, with Node.js 22.19 or newer",
	    "npx @@modelcontextprotocol/inspector --cli @SHELL@ --transport http \\\n"
	    "    --header \"Authorization: Bearer @TOKEN@\" --method tools/list\n" },
	{ "curl", "curl", "in a shell; no handshake is needed",
	    "curl -u me:@TOKEN@ @SHELL@ \\\n"
	    "    -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}'\n" },
};

const size_t client_nrows = sizeof(client_rows) / sizeof(client_rows[0]);
