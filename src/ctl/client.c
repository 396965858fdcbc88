/* SPDX-License-Identifier: ISC */
/* client: lines to paste, with the address and the token filled in. */
#include <stdlib.h>

#include "ctl/client.h"

struct filling {
	const char *name; /* of the server inside the client */
	const char *url;
	const char *token;
	bool allow_http; /* mcp-remote wants to be told */
};

/* The address as one word of a shell. */
static void
quote(struct buf *to, const char *url)
{
	static const char safe[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._:/@+,";

	if (url[strspn(url, safe)] == '\0') {
		buf_str(to, str_of(url));
		return;
	}
	buf_char(to, '\'');
	for (; *url != '\0'; url++)
		if (*url == '\'')
			buf_lit(to, "'\\''");
		else
			buf_char(to, *url);
	buf_char(to, '\'');
}

/* What stands between at signs in a template. */
static void
fill(struct buf *to, struct str word, const struct filling *with)
{
	if (str_eq(word, STR("NAME")))
		buf_str(to, str_of(with->name));
	else if (str_eq(word, STR("URL")))
		buf_str(to, str_of(with->url));
	else if (str_eq(word, STR("SHELL")))
		quote(to, with->url);
	else if (str_eq(word, STR("TOKEN")))
		buf_str(to, str_of(with->token));
	else if (str_eq(word, STR("HTTP")))
		buf_str(to,
		    with->allow_http ? STR("\"--allow-http\", ") : STR(""));
	else
		buf_char(to, '@'); /* "@@" is one */
}

static void
expand(struct buf *to, const char *text, const struct filling *with)
{
	struct str rest = str_of(text);
	struct str piece;
	bool word = false;

	while (str_cut(&rest, '@', &piece)) {
		if (word)
			fill(to, piece, with);
		else
			buf_str(to, piece);
		word = !word;
	}
}

/* Letters, digits and dashes of the title, or our own name. */
static const char *
server_name(struct ctl *c)
{
	const char *title = c->conf == NULL ? NULL : c->conf->title;
	struct buf b;

	buf_init(&b, c->arena, 64);
	for (; title != NULL && *title != '\0' && b.len < 32; title++) {
		char ch = *title | 0x20;

		if ((ch >= 'a' && ch <= 'z') ||
		    (*title >= '0' && *title <= '9'))
			buf_char(&b, *title >= 'A' ? ch : *title);
		else if (b.len > 0 && b.p[b.len - 1] != '-')
			buf_char(&b, '-');
	}
	while (b.len > 0 && b.p[b.len - 1] == '-')
		b.len--;
	return b.len == 0 ? "mcp-fcgi" : arena_z(c->arena, buf_text(&b));
}

/* Plain http to this very machine is nothing mcp-remote minds. */
static bool
wants_allow_http(struct str url)
{
	return str_starts(url, STR("http://")) &&
	       !str_starts(url, STR("http://127.0.0.1")) &&
	       !str_starts(url, STR("http://localhost"));
}

static void
one_text(struct ctl *c, const struct client_row *row,
    const struct filling *with)
{
	buf_fmt(&c->out, "%s: %s\n\n", row->title, row->where);
	expand(&c->out, row->text, with);
	buf_char(&c->out, '\n');
}

static void
one_json(struct ctl *c, const struct client_row *row,
    const struct filling *with)
{
	struct json_out *o = &c->json;
	struct buf b;

	buf_init(&b, c->arena, 16384);
	expand(&b, row->text, with);
	json_obj(o, NULL);
	json_z(o, "client", row->word);
	json_z(o, "title", row->title);
	json_z(o, "where", row->where);
	json_str(o, "text", b.p, b.len);
	json_end(o);
}

static enum ctl_exit
address(struct ctl *c, struct filling *with)
{
	const char *url;
	const char *token = getenv("MCP_KEY");
	enum ctl_exit e = ctl_url(c, URL_QUERY, &url);

	/* An address given is enough; a configuration adds the name. */
	if (e == CTL_DONE && (url == NULL || ctl_has(c, OPT_CONFIG)))
		e = ctl_open_conf(c);
	if (e != CTL_DONE)
		return e;
	if (url == NULL)
		url = c->conf->base_url;
	if (url == NULL)
		return ctl_usage(c,
		    "%s names no base_url; give the address with --url",
		    c->conf->file);
	if (token != NULL && !key_well_formed(str_of(token)))
		return ctl_usage(c, "MCP_KEY holds no key of ours");
	with->url = url;
	with->token = token == NULL ? "YOUR_TOKEN" : token;
	with->name = server_name(c);
	with->allow_http = wants_allow_http(str_of(url));
	return CTL_DONE;
}

enum ctl_exit
cmd_client(struct ctl *c)
{
	struct filling with = { 0 };
	enum ctl_exit e = address(c, &with);
	bool json = ctl_has(c, OPT_JSON);

	if (e != CTL_DONE)
		return e;
	if (json)
		json_arr(&c->json, NULL);
	for (size_t i = 0; i < client_nrows; i++) {
		const struct client_row *row = &client_rows[i];

		if (c->nargs > 0 &&
		    !str_eq(str_of(row->word), str_of(c->args[0])))
			continue;
		if (json)
			one_json(c, row, &with);
		else
			one_text(c, row, &with);
	}
	if (json) {
		json_end(&c->json);
		buf_char(&c->out, '\n');
	}
	return CTL_DONE;
}
