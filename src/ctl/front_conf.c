/* SPDX-License-Identifier: ISC */
/* What the lighttpd of "serve" is told: the tested lines of HOSTING 2.1 and
 * 2.2 on a listening socket it inherits. */
#include <stdlib.h>

#include "ctl/front.h"

#define WELL_KNOWN "\\.well-known/(oauth-[a-z-]+|openid-configuration)"

/* A string of lighttpd's configuration. */
static void
quoted(struct buf *to, const char *s)
{
	buf_char(to, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_char(to, '\\');
		buf_char(to, *s);
	}
	buf_char(to, '"');
}

static void
pass_on(const char *name, struct buf *to)
{
	if (name != NULL && getenv(name) != NULL)
		buf_fmt(to, ", \"%s\" => env.%s", name, name);
}

/* mod_cgi passes nothing on by itself.  lighttpd takes the values from its own
 * environment, so that no secret stands in a file. */
static void
passed_on(const struct conf *conf, struct buf *to)
{
	if (conf == NULL)
		return;
	pass_on(conf->key_env, to);
	for (size_t i = 0; i < conf->variables.n; i++)
		pass_on(conf->variables.v[i], to);
}

static void
environment(const struct front *w, struct buf *to)
{
	buf_lit(to, "( \"MCP_CONFIG\" => ");
	quoted(to, w->conf);
	buf_lit(to, ", \"MCP_BASE_URL\" => ");
	quoted(to, w->url);
	if (w->cgi)
		passed_on(w->settings, to);
	buf_lit(to, " )\n");
}

/* Workers of our own on one socket: whoever is free takes the next request. */
static void
fastcgi(const struct front *w, struct buf *to)
{
	struct arena *a = to->arena;

	buf_lit(to,
	    "    fastcgi.server = ( \"\" => ((\n        \"bin-path\" => ");
	quoted(to, arena_fmt(a, "%s --workers %d", w->handler, w->workers).p);
	buf_fmt(to,
	    ",\n        \"socket\" => \"%s/mcp.sock\",\n"
	    "        \"check-local\" => \"disable\",\n"
	    "        \"max-procs\" => 1,\n"
	    "        \"bin-environment\" => ",
	    w->dir);
	environment(w, to);
	buf_lit(to, "    )))\n");
}

static void
cgi(const struct front *w, struct buf *to)
{
	buf_lit(to, "    cgi.assign = ( \"mcp.fcgi\" => \"\" )\n"
		    "    setenv.set-environment = ");
	environment(w, to);
}

static void
aliases(const struct front *w, struct buf *to)
{
	static const char *const places[] = { "/mcp",
		"/.well-known/oauth-protected-resource",
		"/.well-known/oauth-authorization-server",
		"/.well-known/openid-configuration" };

	buf_lit(to, "alias.url = (");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		buf_fmt(to, "%s\n    \"%s\" => ", i == 0 ? "" : ",", places[i]);
		quoted(to, w->handler);
	}
	buf_lit(to, " )\n");
}

void
front_conf(const struct front *w, struct buf *to)
{
	buf_fmt(to,
	    "server.document-root = \"%s/www\"\n"
	    "server.upload-dirs = ( \"%s\" )\n"
	    "server.bind = \"127.0.0.1\"\n"
	    "server.port = %d\n"
	    "server.systemd-socket-activation = \"enable\"\n"
	    "server.modules = ( %s )\n",
	    w->dir, w->dir, w->port,
	    w->cgi ? "\"mod_alias\", \"mod_setenv\", \"mod_cgi\""
		   : "\"mod_fastcgi\"");
	if (w->cgi)
		aliases(w, to);
	buf_lit(to, "$HTTP[\"url\"] =~ \"^/(mcp|" WELL_KNOWN ")(/|$)\" {\n"
		    "    server.stream-response-body = 1\n");
	if (w->cgi)
		cgi(w, to);
	else
		fastcgi(w, to);
	buf_lit(to, "}\n");
}
