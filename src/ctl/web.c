/* SPDX-License-Identifier: ISC */
/* web: the snippet for a web server, with this site's paths in it. */
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/web.h"

/* Which files a word prints. */
static const struct {
	const char *word, *file, *more;
} servers[] = {
	{ "lighttpd", "lighttpd.conf", NULL },
	{ "lighttpd-cgi", "lighttpd-cgi.conf", NULL },
	{ "apache-fcgid", "apache-fcgid.conf", NULL },
	{ "apache-proxy", "apache-proxy.conf", NULL },
	{ "htaccess", "htaccess", NULL },
	{ "nginx", "nginx.conf", NULL },
	{ "caddy", "Caddyfile", NULL },
	{ "systemd", "mcp-fcgi.socket", "mcp-fcgi.service" },
};

enum place {
	PLACE_HANDLER,
	PLACE_FOLDER,
	PLACE_CONF,
	PLACE_MOUNT,   /* "/mcp" */
	PLACE_SEGMENT, /* "mcp", the last of it */
	PLACE_PATTERN, /* "mcp" inside a regular expression */
	PLACE_HOST,
	PLACE_STATE
};

/* Where a default of examples/web stands; the longer of two comes first.
 * What is around the default itself stays. */
static const struct {
	const char *before, *text;
	enum place place;
} places[] = {
	{ "", "/usr/lib/mcp-fcgi/mcp.fcgi", PLACE_HANDLER },
	{ "", "/usr/lib/mcp-fcgi", PLACE_FOLDER },
	{ "", "/etc/mcp-fcgi/mcp.conf", PLACE_CONF },
	{ "^/(", "mcp|", PLACE_PATTERN },
	{ "ScriptAlias ", "/mcp ", PLACE_MOUNT },
	{ "@mcp path ", "/mcp ", PLACE_MOUNT },
	{ " ", "/mcp/*", PLACE_MOUNT },
	{ "    \"", "/mcp\" =>", PLACE_MOUNT },
	{ "<Files \"", "mcp\">", PLACE_SEGMENT },
	{ "as \"", "mcp\",", PLACE_SEGMENT },
	{ "let \"", "mcp\" be", PLACE_SEGMENT },
	{ "(/.*)?$ ", "mcp [", PLACE_SEGMENT },
	{ "\n", "example.org {", PLACE_HOST },
	{ "\n", "StateDirectory=mcp-fcgi\nStateDirectoryMode=0700\n",
	    PLACE_STATE },
};

/* The length of the default itself inside places[].text. */
static size_t
default_len(enum place place, const char *text)
{
	static const char *const plain[] = { [PLACE_MOUNT] = "/mcp",
		[PLACE_SEGMENT] = "mcp",
		[PLACE_PATTERN] = "mcp",
		[PLACE_HOST] = "example.org",
		[PLACE_STATE] = NULL };

	if (place < PLACE_MOUNT || plain[place] == NULL)
		return strlen(text);
	return strlen(plain[place]);
}

static void
put_pattern(struct buf *to, const char *mount)
{
	for (const char *p = mount + 1; *p != '\0'; p++) {
		if (strchr(".+*?()[]{}^$|", *p) != NULL)
			buf_char(to, '\\');
		buf_char(to, *p);
	}
}

/* systemd makes folders below /var/lib only; any other one is let through. */
static void
put_state(struct buf *to, const char *state)
{
	struct str s = str_of(state);

	if (state == NULL || str_eq(s, STR("/var/lib/mcp-fcgi")))
		buf_lit(to,
		    "StateDirectory=mcp-fcgi\nStateDirectoryMode=0700\n");
	else
		buf_fmt(to, "ReadWritePaths=%s\n", state);
}

static void
put(struct buf *to, enum place place, const struct web_paths *p)
{
	const char *slash;

	switch (place) {
	case PLACE_HANDLER:
		buf_str(to, str_of(p->handler));
		break;
	case PLACE_FOLDER:
		slash = strrchr(p->handler, '/');
		buf_put(to, p->handler, (size_t)(slash - p->handler));
		break;
	case PLACE_CONF:
		buf_str(to, str_of(p->conf));
		break;
	case PLACE_MOUNT:
		buf_str(to, str_of(p->mount));
		break;
	case PLACE_SEGMENT:
		buf_str(to, str_of(strrchr(p->mount, '/') + 1));
		break;
	case PLACE_PATTERN:
		put_pattern(to, p->mount);
		break;
	case PLACE_HOST:
		buf_str(to, str_of(p->host));
		break;
	case PLACE_STATE:
		put_state(to, p->state);
		break;
	}
}

/* The length of the default at "at", written to "to"; 0 when there is none. */
static size_t
replace(struct buf *to, struct str text, size_t at, const struct web_paths *p)
{
	struct str here = str_from(text, at);
	struct str past = { text.p, at };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!str_starts(here, str_of(places[i].text)) ||
		    !str_ends(past, str_of(places[i].before)))
			continue;
		put(to, places[i].place, p);
		return default_len(places[i].place, places[i].text);
	}
	return 0;
}

void
web_expand(struct buf *to, const char *text, const struct web_paths *p)
{
	struct str s = str_of(text);

	for (size_t i = 0; i < s.len;) {
		size_t n = replace(to, s, i, p);

		if (n == 0)
			buf_char(to, s.p[i++]);
		i += n;
	}
}

/* The host of base_url, without port. */
static const char *
host_of(struct ctl *c, const char *url)
{
	const char *at = url == NULL ? NULL : strstr(url, "://");

	if (at == NULL)
		return "example.org";
	return arena_fmt(c->arena, "%.*s", (int)strcspn(at + 3, ":/"), at + 3)
	    .p;
}

static enum ctl_exit
paths(struct ctl *c, struct web_paths *p)
{
	enum ctl_exit e = ctl_open_conf(c);
	struct fault f = { 0 };

	if (e != CTL_DONE)
		return e;
	p->handler = ctl_handler(c);
	if (p->handler == NULL)
		return CTL_FAILED;
	p->conf = c->conf->file;
	p->mount = c->conf->mount == NULL ? "/mcp" : c->conf->mount;
	p->host = host_of(c, c->conf->base_url);
	p->state = c->conf->state;
	if (p->mount[0] == '/' && p->mount[1] != '\0')
		return CTL_DONE;
	(void)fault_set(&f, ERR_CONF,
	    "base_url has no path, and these lines want one");
	fault_hint(&f, "base_url = \"https://%s/mcp\";", p->host);
	return ctl_fault(c, &f);
}

static void
print(struct ctl *c, const char *file, const struct web_paths *p)
{
	struct json_out *o = &c->json;
	struct buf b;

	for (size_t i = 0; i < web_ntexts; i++) {
		if (file == NULL ||
		    !str_eq(str_of(web_texts[i].name), str_of(file)))
			continue;
		buf_init(&b, c->arena, 65536);
		web_expand(&b, web_texts[i].text, p);
		if (!ctl_has(c, OPT_JSON)) {
			if (c->out.len > 0)
				buf_char(&c->out, '\n');
			buf_str(&c->out, buf_text(&b));
			continue;
		}
		json_obj(o, NULL);
		json_z(o, "file", file);
		json_str(o, "text", b.p, b.len);
		json_end(o);
	}
}

enum ctl_exit
cmd_web(struct ctl *c)
{
	struct web_paths p = { 0 };
	enum ctl_exit e = paths(c, &p);

	if (e != CTL_DONE)
		return e;
	if (ctl_has(c, OPT_JSON))
		json_arr(&c->json, NULL);
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		if (!str_eq(str_of(servers[i].word), str_of(c->args[0])))
			continue;
		print(c, servers[i].file, &p);
		print(c, servers[i].more, &p);
	}
	if (ctl_has(c, OPT_JSON)) {
		json_end(&c->json);
		buf_char(&c->out, '\n');
	}
	return CTL_DONE;
}
