/* SPDX-License-Identifier: ISC */
/*
 * The address as a client reaches it.  Each check is one request, judged by
 * what HOSTING says a server in between does to it.
 */
#include "ctl/curl.h"
#include "ctl/doctor.h"
#include "json/json.h"

#define PING      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"
#define JSON_TYPE "Content-Type: application/json"
#define BOTH      "Accept: application/json, text/event-stream"
#define PASS_AUTH "Apache: CGIPassAuth On"
#define ROUTE_WELL \
	"route /.well-known/oauth-* and /.well-known/openid-configuration to mcp.fcgi"
#define SLOW_SQL                                                                \
	"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE " \
	"n < 12000000) SELECT count(*) FROM c"

struct visit {
	struct doctor *d;
	struct arena *arena;
	const char *url;
	const char *bearer; /* header line, or NULL */
	const char *token;
	bool arrives; /* Authorization does */
};

/* One request; false, and a finding, when there was no HTTP answer. */
static bool
ask(struct visit *v, const char *check, const struct curl_ask *q,
    struct curl_answer *out)
{
	struct fault f = { 0 };

	if (curl_run(v->arena, q, out, &f) != ERR_OK) {
		find(v->d, FIND_BAD, check, f.hint[0] != '\0' ? f.hint : NULL,
		    "%s", f.msg);
		return false;
	}
	if (out->status != 0)
		return true;
	find(v->d, FIND_BAD, check, NULL, "%s: no answer: %.*s", q->url,
	    (int)out->error.len, out->error.p);
	return false;
}

static bool
is_json(const struct curl_answer *r)
{
	return str_starts(r->type, STR("application/json"));
}

static bool
is_html(const struct curl_answer *r)
{
	return str_starts(r->type, STR("text/html")) ||
	       str_starts(r->body, STR("<"));
}

static const json_t *
body_json(struct visit *v, const struct curl_answer *r)
{
	const struct json_limits wide = { 64, 1000000, 4u << 20, 64 };
	struct fault f = { 0 };
	json_t *root = NULL;

	return json_parse(v->arena, r->body, &wide, &root, &f) == ERR_OK ? root
									 : NULL;
}

/* What a status that is not ours says about the server in between. */
static const struct {
	int status;
	const char *text, *fix;
} strangers[] = {
	{ 301, "the server redirects; clients do not follow a POST",
	    "use the address it redirects to" },
	{ 302, "the server redirects; clients do not follow a POST",
	    "use the address it redirects to" },
	{ 308, "the server redirects; clients do not follow a POST",
	    "use the address it redirects to" },
	{ 403,
	    "the server refuses before we are asked (mod_security? no ExecCGI?)",
	    "Apache: SecRuleEngine Off for this path, or Options +ExecCGI" },
	{ 404, "nothing is mounted there",
	    "mcpctl web SERVER prints the lines for it" },
	{ 405, "the address is served as a plain file",
	    "mcpctl web SERVER prints the lines for it" },
	{ 413, "the server's limit for bodies is too low",
	    "nginx: client_max_body_size 8m;" },
	{ 500, "the program could not be run, or died",
	    "see the web server's error log; mcpctl doctor" },
	{ 502, "the server does not reach the program",
	    "is mcp-fcgi.socket running?" },
	{ 503, "the server does not reach the program",
	    "is mcp-fcgi.socket running?" },
	{ 504, "the server did not wait long enough",
	    "nginx: fastcgi_read_timeout 120s;" },
};

static void
stranger(struct visit *v, const char *check, const struct curl_answer *r)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		if (strangers[i].status != r->status)
			continue;
		find(v->d, FIND_BAD, check, strangers[i].fix,
		    "HTTP %d: %s%s%.*s", r->status, strangers[i].text,
		    r->redirect.len > 0 ? ": " : "", (int)r->redirect.len,
		    r->redirect.p);
		return;
	}
	find(v->d, FIND_BAD, check, NULL, "HTTP %d with %.*s", r->status,
	    (int)r->type.len, r->type.p);
}

/* Does anybody of ours answer there at all? */
static bool
try_reach(struct visit *v)
{
	struct curl_ask q = { .url = v->url,
		.headers = { JSON_TYPE, BOTH },
		.body = STR(PING) };
	struct curl_answer r;

	if (!ask(v, "address", &q, &r))
		return false;
	if (r.status != 200 || !is_json(&r) ||
	    json_member(body_json(v, &r), "result") == NULL) {
		stranger(v, "address", &r);
		return false;
	}
	find(v->d, FIND_GOOD, "address", NULL, "%s answers in %lld ms", v->url,
	    (long long)r.total_ms);
	if (str_starts(str_of(v->url), STR("http://")) &&
	    strstr(v->url, "//127.") == NULL &&
	    strstr(v->url, "//localhost") == NULL)
		find(v->d, FIND_WARN, "address", "https://",
		    "tokens cross the network in the clear");
	return true;
}

/* A wrong token is refused even where none is needed: 200 means it was
 * lost on the way. */
static bool
header_arrives(struct visit *v, const char *header, struct curl_answer *r)
{
	struct curl_ask q = { .url = v->url,
		.headers = { JSON_TYPE, BOTH, header },
		.body = STR(PING) };

	return ask(v, "authorization", &q, r) &&
	       (r->status == 401 || r->status == 429);
}

static void
try_authorization(struct visit *v)
{
	struct curl_answer r = { 0 };

	v->arrives = header_arrives(v, "Authorization: Bearer wrong", &r);
	if (v->arrives) {
		find(v->d, FIND_GOOD, "authorization", NULL,
		    "the header arrives");
		return;
	}
	if (r.status == 0)
		return;
	find(v->d, FIND_BAD, "authorization", PASS_AUTH,
	    "the web server does not pass the Authorization header on");
	if (header_arrives(v, "X-API-Key: wrong", &r))
		find(v->d, FIND_NOTE, "authorization", NULL,
		    "until then the token may be sent as X-API-Key");
}

static void
try_token(struct visit *v)
{
	struct curl_ask q = {
		.url = v->url,
		.headers = { JSON_TYPE, BOTH, v->bearer },
		.body = STR(
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}")
	};
	struct curl_answer r;
	const json_t *tools;

	if (v->bearer == NULL) {
		find(v->d, FIND_NOTE, "token", "--key -",
		    "none given: what needs one was not tried");
		return;
	}
	if (!ask(v, "token", &q, &r))
		return;
	tools = json_member(json_member(body_json(v, &r), "result"), "tools");
	if (r.status == 200 && tools != NULL)
		find(v->d, FIND_GOOD, "token", NULL, "it is good for %zu tools",
		    json_array_size(tools));
	else if (r.status == 401 && v->arrives)
		find(v->d, FIND_BAD, "token", "mcpctl key list",
		    "it is refused");
	else if (r.status != 401)
		stranger(v, "token", &r);
}

/* A ping of n bytes: blanks may stand around JSON. */
static struct str
padded(struct visit *v, size_t n)
{
	char *p = arena_get(v->arena, n);

	(void)memset(p, ' ', n);
	(void)memcpy(p, PING, sizeof(PING) - 1);
	return (struct str){ p, n };
}

static const struct {
	size_t bytes;
	const char *fix;
} bodies[] = {
	{ 200000, "Apache: FcgidMaxRequestLen 8388608" },
	{ 1000000, "nginx: client_max_body_size 8m;" },
};

static void
try_bodies(struct visit *v)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct curl_ask q = { .url = v->url,
			.headers = { JSON_TYPE, BOTH },
			.body = padded(v, bodies[i].bytes) };
		struct curl_answer r;

		if (!ask(v, "body", &q, &r))
			return;
		if (r.status == 200 && is_json(&r))
			find(v->d, FIND_GOOD, "body", NULL, "%zu bytes pass",
			    bodies[i].bytes);
		else if (r.status == 413 && is_json(&r))
			find(v->d, FIND_NOTE, "body",
			    "limits = { body = ...; };",
			    "%zu bytes are over our own limit",
			    bodies[i].bytes);
		else
			find(v->d, FIND_BAD, "body", bodies[i].fix,
			    "%zu bytes end in HTTP %d", bodies[i].bytes,
			    r.status);
	}
}

/* Where clients look for metadata (HOSTING 5), around the mount. */
static void
try_well_known(struct visit *v)
{
	static const char *const names[] = { "oauth-protected-resource",
		"oauth-authorization-server", "openid-configuration" };
	const char *slashes = strstr(v->url, "://");
	size_t host =
	    (size_t)(slashes + 3 - v->url) + strcspn(slashes + 3, "/?");
	struct str origin = { v->url, host };
	struct str path = { v->url + host, strcspn(v->url + host, "?") };

	for (size_t i = 0; i < 7; i++) {
		struct curl_ask q = { .headers = {
					  "Accept: application/json" } };
		struct curl_answer r;
		struct str url =
		    i < 6
			? arena_fmt(v->arena, "%.*s/.well-known/%s%.*s",
			      (int)origin.len, origin.p, names[i / 2],
			      i % 2 == 0 ? (int)path.len : 0, path.p)
			: arena_fmt(v->arena,
			      "%.*s%.*s/.well-known/openid-configuration",
			      (int)origin.len, origin.p, (int)path.len, path.p);

		q.url = url.p;
		if (!ask(v, "well-known", &q, &r))
			return;
		if (r.status == 200 &&
		    (!is_json(&r) || body_json(v, &r) == NULL))
			find(v->d, FIND_BAD, "well-known", ROUTE_WELL,
			    "%s: 200 without metadata makes clients stop",
			    url.p);
		else if (r.status == 404 && is_html(&r))
			find(v->d, FIND_NOTE, "well-known", ROUTE_WELL,
			    "%s: 404 as HTML; clients bear it", url.p);
		else if (r.status == 404 || r.status == 200)
			find(v->d, FIND_GOOD, "well-known", NULL, "%s: %d",
			    url.p, r.status);
		else
			find(v->d, FIND_WARN, "well-known", ROUTE_WELL,
			    "%s: HTTP %d; clients expect 404", url.p, r.status);
	}
}

static void
try_legacy(struct visit *v)
{
	struct curl_ask q = {
		.url = v->url,
		.headers = { JSON_TYPE, BOTH },
		.body = STR(
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
		    "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
		    "\"clientInfo\":{\"name\":\"mcpctl\",\"version\":\"1\"}}}")
	};
	struct curl_answer r;
	struct str version;

	if (!ask(v, "protocol", &q, &r))
		return;
	version = json_text(json_member(json_member(body_json(v, &r), "result"),
	    "protocolVersion"));
	if (r.status == 200 && str_eq(version, STR("2025-11-25")))
		find(v->d, FIND_GOOD, "protocol", NULL,
		    "initialize, 2025-11-25");
	else
		stranger(v, "protocol", &r);
}

static void
try_modern(struct visit *v)
{
	struct curl_ask q = {
		.url = v->url,
		.headers = { JSON_TYPE, BOTH,
		    "MCP-Protocol-Version: 2026-07-28",
		    "Mcp-Method: server/discover" },
		.body = STR(
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":"
		    "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
		    "\"io.modelcontextprotocol/clientCapabilities\":{},"
		    "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"mcpctl\",\"version\":\"1\"}}}}")
	};
	struct curl_answer r;
	const json_t *root;

	if (!ask(v, "protocol", &q, &r))
		return;
	root = body_json(v, &r);
	if (r.status == 200 && json_member(root, "result") != NULL) {
		find(v->d, FIND_GOOD, "protocol", NULL,
		    "server/discover, 2026-07-28");
	} else if (r.status == 400 && json_member(root, "error") != NULL) {
		struct str why = json_text(
		    json_member(json_member(root, "error"), "message"));

		find(v->d, FIND_BAD, "protocol",
		    "let the server pass Mcp-* headers on",
		    "server/discover is refused: %.*s", (int)why.len, why.p);
	} else {
		stranger(v, "protocol", &r);
	}
}

/* A page elsewhere must not be able to ask with its visitor's network. */
static void
try_origin(struct visit *v)
{
	struct curl_ask q = { .url = v->url,
		.headers = { JSON_TYPE, BOTH,
		    "Origin: https://elsewhere.invalid" },
		.body = STR(PING) };
	struct curl_answer r;

	if (!ask(v, "origin", &q, &r))
		return;
	if (r.status == 403)
		find(v->d, FIND_GOOD, "origin", NULL,
		    "a foreign origin is refused");
	else
		find(v->d, FIND_BAD, "origin", "pass the Origin header on",
		    "a foreign origin gets HTTP %d", r.status);
}

/* The answer as an event stream, and whether its first bytes come early. */
static void
try_stream(struct visit *v)
{
	struct curl_ask q = { .url = v->url,
		.seconds = 60,
		.headers = { JSON_TYPE, "Accept: text/event-stream",
		    v->bearer },
		.body = STR(
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
		    "{\"name\":\"execute_select\",\"arguments\":{\"query\":\"" SLOW_SQL
		    "\"},"
		    "\"_meta\":{\"progressToken\":1}}}") };
	struct curl_answer r;

	if (v->bearer == NULL || !ask(v, "stream", &q, &r))
		return;
	if (r.status != 200 || !str_starts(r.type, STR("text/event-stream"))) {
		find(v->d, FIND_NOTE, "stream", NULL,
		    "not tried: this token cannot run the slow statement it needs");
		return;
	}
	if (r.total_ms < 700)
		find(v->d, FIND_NOTE, "stream", NULL,
		    "events arrive; the statement was too quick to see how");
	else if (r.first_ms * 2 < r.total_ms)
		find(v->d, FIND_GOOD, "stream", NULL,
		    "the first event after %lld ms, the last after %lld ms",
		    (long long)r.first_ms, (long long)r.total_ms);
	else
		find(v->d, FIND_WARN, "stream",
		    "lighttpd: server.stream-response-body = 1; fcgid: FcgidOutputBufferSize 0; proxy_fcgi: flushpackets=on",
		    "all events arrive at the end, after %lld ms",
		    (long long)r.total_ms);
}

static void
try_page(struct visit *v)
{
	struct curl_ask page = { .url = v->url,
		.headers = { "Accept: text/html" } };
	struct curl_ask events = { .url = v->url,
		.headers = { "Accept: text/event-stream" } };
	struct curl_answer r;

	if (!ask(v, "page", &page, &r))
		return;
	if (r.status == 200 && is_html(&r))
		find(v->d, FIND_GOOD, "page", NULL, "a browser sees our page");
	else
		find(v->d, FIND_WARN, "page", NULL, "a browser gets HTTP %d",
		    r.status);
	if (!ask(v, "page", &events, &r))
		return;
	if (r.status == 405)
		find(v->d, FIND_GOOD, "page", NULL,
		    "GET for a stream gets 405");
	else
		find(v->d, FIND_WARN, "page", NULL,
		    "GET for a stream gets HTTP %d instead of 405", r.status);
}

enum ctl_exit
doctor_out(struct doctor *d, const char *url, const char *token)
{
	struct visit v = { .d = d,
		.arena = d->c->arena,
		.url = url,
		.token = token };

	if (token != NULL)
		v.bearer =
		    arena_fmt(v.arena, "Authorization: Bearer %s", token).p;
	if (!try_reach(&v))
		return CTL_FAILED;
	try_authorization(&v);
	try_token(&v);
	try_legacy(&v);
	try_modern(&v);
	try_origin(&v);
	try_bodies(&v);
	try_well_known(&v);
	try_page(&v);
	try_stream(&v);
	return CTL_DONE;
}
