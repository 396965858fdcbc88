/* SPDX-License-Identifier: ISC */
/*
 * The page for a person who opens the endpoint in a browser.  It knows the
 * public URL and whether a credential arrived, not whether it is good: asking
 * that costs a look into the store, and a stranger could ask for ever.
 */
#include "page/page.h"

#include "base/html.h"
#include "page/page_int.h"

enum { PAGE_MAX = 65536 };

/* "{url}" in a template. */
static void
put_filled(struct buf *b, const char *template, struct str url)
{
	const char *at;

	while ((at = strstr(template, "{url}")) != NULL) {
		html_text(b, (struct str){ template, (size_t)(at - template) });
		html_text(b, url);
		template = at + 5;
	}
	html_text(b, str_of(template));
}

static const struct client {
	const char *name;
	const char *text;
} clients[] = {
	{ "Claude Code", "claude mcp add --transport http my-data {url} \\\n"
			 "  --header \"Authorization: Bearer $TOKEN\"" },
	{ "Cursor, VS Code and others that read a JSON file",
	    "{\n  \"type\": \"http\",\n  \"url\": \"{url}\",\n"
	    "  \"headers\": { \"Authorization\": \"Bearer TOKEN\" }\n}" },
	{ "A script",
	    "curl -u \"me:$TOKEN\" {url} \\\n"
	    "  -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}'" },
};

static void
put_clients(struct buf *b, struct str url)
{
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		buf_lit(b, "<section class=\"card\"><h3>");
		html_text(b, str_of(clients[i].name));
		buf_lit(b, "</h3><pre>");
		put_filled(b, clients[i].text, url);
		buf_lit(b, "</pre></section>\n");
	}
}

/* The question everybody has when a token "does not work". */
static void
put_arrival(struct buf *b, bool came)
{
	buf_lit(b, "<section class=\"card\"><h3><span class=\"dot");
	if (came)
		buf_lit(b, " yes\"></span>An Authorization header arrived</h3>"
			   "<p>The web server passes it on. Whether the token "
			   "in it is good, a client learns from its first "
			   "call.</p>");
	else
		buf_lit(b, "\"></span>No Authorization header arrived</h3>"
			   "<p>That is as it should be for a browser. If you "
			   "did send one, the web server keeps it to itself: "
			   "Apache needs <code>CGIPassAuth On</code>.</p>");
	buf_lit(b, "</section>\n");
}

static void
put_head(struct buf *b, struct str title)
{
	buf_lit(b, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
		   "<meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" "
		   "content=\"width=device-width,initial-scale=1\">\n"
		   "<meta name=\"robots\" content=\"noindex\">\n<title>");
	html_text(b, title);
	buf_lit(b, "</title>\n<style>");
	buf_str(b, str_of(page_style));
	buf_lit(b, "</style>\n</head>\n<body>\n<main>\n"
		   "<p class=\"kind\">Model Context Protocol</p>\n<h1>");
	html_text(b, title);
	buf_lit(b, "</h1>\n");
}

/* Of what was asked for: of the whole, a connection or a toolkit. */
static struct str
address(struct arena *a, const struct conf *conf, struct str path)
{
	struct str url = str_of(conf->base_url), mount = str_of(conf->mount);

	if (url.len == 0)
		url = STR("https://THIS-HOST/mcp");
	if (str_ends(mount, STR("/")))
		mount.len--;
	if (!str_starts(path, mount) || path.len <= mount.len + 1)
		return url;
	return arena_fmt(a, "%.*s%.*s", (int)url.len, url.p,
	    (int)(path.len - mount.len), path.p + mount.len);
}

static void
put_page(struct buf *b, const struct conf *conf, struct str url, bool came)
{
	struct str title = str_of(conf->title);

	put_head(b, title.len > 0 ? title : STR("An endpoint for AI clients"));
	buf_lit(b, "<p class=\"lead\">This address answers programs that speak "
		   "the Model Context Protocol: assistants, editors and "
		   "scripts that ask databases for you. There is nothing to "
		   "click here; a client connects to</p>\n<pre class=\"url\">");
	html_text(b, url);
	buf_lit(b, "</pre>\n");
	put_arrival(b, came);
	buf_lit(b,
	    "<h2>Connect a client</h2>\n"
	    "<p>You need a personal access token from whoever runs this "
	    "server. Put it where the lines say <code>TOKEN</code>.</p>\n");
	put_clients(b, url);
	buf_lit(b, "<footer>Do you run this server? <code>mcpctl key create "
		   "NAME</code> makes a token, <code>mcpctl client</code> "
		   "prints these lines for every usual client, <code>mcpctl "
		   "doctor</code> finds what is in the way.</footer>\n"
		   "</main>\n</body>\n</html>\n");
}

static void
page_html(const struct conf *conf, const struct http_req *req, bool came,
    struct http_res *res)
{
	struct buf b;

	buf_init(&b, res->arena, PAGE_MAX);
	put_page(&b, conf, address(res->arena, conf, req->path), came);
	res->type = "text/html; charset=utf-8";
	http_header(res, "Content-Security-Policy",
	    arena_fmt(res->arena,
		"default-src 'none'; style-src '%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		page_style_hash));
	http_header(res, "Referrer-Policy", STR("no-referrer"));
	http_header(res, "X-Frame-Options", STR("DENY"));
	http_piece(res, buf_text(&b));
}

static void
page_status(bool came, struct http_res *res)
{
	res->type = "application/json";
	http_piece(res, came ? STR("{\"status\":\"ok\",\"protocol\":\"mcp\","
				   "\"authorization\":\"arrived\"}\n")
			     : STR("{\"status\":\"ok\",\"protocol\":\"mcp\","
				   "\"authorization\":\"none\"}\n"));
}

void
page_get(const struct conf *conf, const struct http_req *req,
    struct http_res *res)
{
	struct http_accept accept = http_accept(req);
	bool came = req->field[HTTP_F_AUTHORIZATION].p != NULL ||
		    req->field[HTTP_F_API_KEY].p != NULL;
	struct fault f = { 0 };

	http_header(res, "Vary", STR("Accept"));
	if (accept.sse_named || req->field[HTTP_F_PROTOCOL_VERSION].p != NULL) {
		(void)fault_set(&f, ERR_METHOD,
		    "no stream is offered here; use POST");
		http_res_fault(res, &f);
	} else if (accept.html) {
		page_html(conf, req, came, res);
	} else {
		page_status(came, res);
	}
}
