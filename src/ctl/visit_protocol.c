/* SPDX-License-Identifier: ISC */
/* Does the protocol come through: both eras, origins, the page, events? */
#include "ctl/visit.h"

/* Some seconds of work that no index shortens. */
#define SLOW_SQL                                                                \
	"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE " \
	"n < 8000000) SELECT count(*) FROM c"

#define CALL(tool, arguments)                                                 \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":" \
	"{\"name\":\"" tool "\",\"arguments\":{" arguments "},"               \
	"\"_meta\":{\"progressToken\":1}}}"

static bool
has(struct visit *v, struct str text, const char *word)
{
	return strstr(arena_z(v->arena, text), word) != NULL;
}

static void
try_legacy(struct visit *v)
{
	struct curl_ask q = {
		.url = v->url,
		.headers = { VISIT_TYPE, VISIT_BOTH },
		.body = STR(
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
		    "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
		    "\"clientInfo\":{\"name\":\"mcpctl\",\"version\":\"1\"}}}")
	};
	struct curl_answer r;
	struct str version;

	if (!visit_ask(v, "protocol", &q, &r))
		return;
	version =
	    json_text(json_member(json_member(visit_json(v, &r), "result"),
		"protocolVersion"));
	if (r.status == 200 && str_eq(version, STR("2025-11-25")))
		find(v->d, FIND_GOOD, "protocol", NULL,
		    "initialize, 2025-11-25");
	else
		visit_stranger(v, "protocol", &r);
}

static void
try_modern(struct visit *v)
{
	struct curl_ask q = {
		.url = v->url,
		.headers = { VISIT_TYPE, VISIT_BOTH,
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

	if (!visit_ask(v, "protocol", &q, &r))
		return;
	root = visit_json(v, &r);
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
		visit_stranger(v, "protocol", &r);
	}
}

/* A page elsewhere must not be able to ask with its visitor's network. */
static void
try_origin(struct visit *v)
{
	struct curl_ask q = { .url = v->url,
		.headers = { VISIT_TYPE, VISIT_BOTH,
		    "Origin: https://elsewhere.invalid" },
		.body = STR(VISIT_PING) };
	struct curl_answer r;

	if (!visit_ask(v, "origin", &q, &r))
		return;
	if (r.status == 403)
		find(v->d, FIND_GOOD, "origin", NULL,
		    "a foreign origin is refused");
	else
		find(v->d, FIND_BAD, "origin", "pass the Origin header on",
		    "a foreign origin gets HTTP %d", r.status);
}

/* A source whose engine, by its rank, runs the slow statement and is slow at
 * it; the others come last. */
static int
rank_of(struct str engine)
{
	static const char *const able[] = { "sqlite", "files", "postgresql" };

	for (int i = 0; i < (int)(sizeof(able) / sizeof(able[0])); i++)
		if (str_eq(engine, str_of(able[i])))
			return i;
	return (int)(sizeof(able) / sizeof(able[0]));
}

/* The name in a row of get_catalogs, or NULL: it may not be asked. */
static const char *
name_in(struct visit *v, const json_t *row)
{
	struct str name = json_text(json_array_get(row, 0));
	struct str verbs = json_text(json_array_get(row, 2));

	/* It goes into JSON again as it stands. */
	if (name.len == 0 || str_has(name, '"') || str_has(name, '\\') ||
	    !has(v, verbs, "SELECT"))
		return NULL;
	return arena_z(v->arena, name);
}

enum { ASKED = 3, RANKS = 4 }; /* sources at most; and one rank for the rest */

/* Some sources this token may ask, the best first. */
static size_t
some_sources(struct visit *v, const char *to[static ASKED])
{
	struct curl_ask q = { .url = v->url,
		.headers = { VISIT_TYPE, "Accept: application/json",
		    v->bearer },
		.body = STR(CALL("get_catalogs", "")) };
	struct curl_answer r;
	const json_t *rows, *text;
	size_t n = 0;

	if (!visit_ask(v, "stream", &q, &r))
		return 0;
	text =
	    json_array_get(json_member(json_member(visit_json(v, &r), "result"),
			       "content"),
		0);
	r.body = json_text(json_member(text, "text"));
	rows = json_member(json_array_get(json_member(visit_json(v, &r),
					      "results"),
			       0),
	    "rows");
	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < json_array_size(rows); i++) {
			const json_t *row = json_array_get(rows, i);

			if (n < ASKED &&
			    rank_of(json_text(json_array_get(row, 1))) ==
				rank &&
			    (to[n] = name_in(v, row)) != NULL)
				n++;
		}
	return n;
}

/* Held back, the first bytes come with the last.  Ours leave once a second, so
 * on a fast machine there may be only one event before the result. */
enum { APART_MS = 250 };

/* Where the source ends it, it was slow enough. */
static bool
was_run(struct visit *v, const struct curl_answer *r)
{
	return r->status == 200 &&
	       str_starts(r->type, STR("text/event-stream")) &&
	       has(v, r->body, "\"result\"") &&
	       (!has(v, r->body, "\"isError\":true") ||
		   has(v, r->body, "\"TIMEOUT: "));
}

static void
judge_stream(struct visit *v, const struct curl_answer *r)
{
	if (r->total_ms < 1500)
		find(v->d, FIND_NOTE, "stream", NULL,
		    "events arrive; the statement was too quick to see how");
	else if (r->total_ms - r->first_ms > APART_MS)
		find(v->d, FIND_GOOD, "stream", NULL,
		    "the first event after %lld ms, the last after %lld ms",
		    (long long)r->first_ms, (long long)r->total_ms);
	else
		find(v->d, FIND_WARN, "stream",
		    "lighttpd: server.stream-response-body = 1; fcgid: FcgidOutputBufferSize 0; proxy_fcgi: flushpackets=on",
		    "all events arrive at the end, after %lld ms",
		    (long long)r->total_ms);
}

/* An answer as an event stream, and whether its first bytes come early. */
void
visit_stream(struct visit *v)
{
	const char *name[ASKED] = { NULL };
	size_t n = v->bearer == NULL ? 0 : some_sources(v, name);
	struct curl_ask q = { .url = v->url,
		.seconds = 60,
		.headers = { VISIT_TYPE, "Accept: text/event-stream",
		    v->bearer } };
	struct curl_answer r;

	if (n == 0) {
		find(v->d, FIND_NOTE, "stream", NULL,
		    "not tried: it takes a token that may ask a source");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		q.body = arena_fmt(v->arena,
		    CALL("execute_select",
			"\"query\":\"" SLOW_SQL "\",\"defaultCatalog\":\"%s\""),
		    name[i]);
		if (!visit_ask(v, "stream", &q, &r))
			return;
		if (was_run(v, &r)) {
			judge_stream(v, &r);
			return;
		}
	}
	find(v->d, FIND_NOTE, "stream", NULL,
	    "not tried: the slow statement it takes was not run by %s%s%s%s%s",
	    name[0], n > 1 ? ", " : "", n > 1 ? name[1] : "", n > 2 ? ", " : "",
	    n > 2 ? name[2] : "");
}

static void
try_page(struct visit *v)
{
	struct curl_ask page = { .url = v->url,
		.headers = { "Accept: text/html" } };
	struct curl_ask events = { .url = v->url,
		.headers = { "Accept: text/event-stream" } };
	struct curl_answer r;

	if (!visit_ask(v, "page", &page, &r))
		return;
	if (r.status == 200 && visit_is_html(&r))
		find(v->d, FIND_GOOD, "page", NULL, "a browser sees our page");
	else
		find(v->d, FIND_WARN, "page", "let GET reach mcp.fcgi, too",
		    "a browser gets HTTP %d", r.status);
	if (!visit_ask(v, "page", &events, &r))
		return;
	if (r.status == 405)
		find(v->d, FIND_GOOD, "page", NULL,
		    "GET for a stream gets 405");
	else
		find(v->d, FIND_WARN, "page", "let GET reach mcp.fcgi, too",
		    "GET for a stream gets HTTP %d instead of 405", r.status);
}

void
visit_protocol(struct visit *v)
{
	try_legacy(v);
	try_modern(v);
	try_origin(v);
	try_page(v);
}
