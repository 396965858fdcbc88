/* SPDX-License-Identifier: ISC */
/*
 * The address as a client reaches it.  Each check is one request, judged by
 * what HOSTING says a server in between does to it.
 */
#include "ctl/visit.h"

#define PASS_AUTH "Apache: CGIPassAuth On"

/* Does anybody of ours answer there at all? */
static bool
try_reach(struct visit *v)
{
	struct curl_ask q = { .url = v->url,
		.headers = { VISIT_TYPE, VISIT_BOTH },
		.body = STR(VISIT_PING) };
	struct curl_answer r;

	if (!visit_ask(v, "address", &q, &r))
		return false;
	if (r.status != 200 || !visit_is_json(&r) ||
	    json_member(visit_json(v, &r), "result") == NULL) {
		visit_stranger(v, "address", &r);
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
		.headers = { VISIT_TYPE, VISIT_BOTH, header },
		.body = STR(VISIT_PING) };

	return visit_ask(v, "authorization", &q, r) &&
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
		.headers = { VISIT_TYPE, VISIT_BOTH, v->bearer },
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
	if (!visit_ask(v, "token", &q, &r))
		return;
	tools = json_member(json_member(visit_json(v, &r), "result"), "tools");
	if (r.status == 200 && tools != NULL)
		find(v->d, FIND_GOOD, "token", NULL, "it is good for %zu tools",
		    json_array_size(tools));
	else if (r.status == 401 && v->arrives)
		find(v->d, FIND_BAD, "token", "mcpctl key list",
		    "it is refused");
	else if (r.status != 401)
		visit_stranger(v, "token", &r);
}

/* A ping of n bytes: blanks may stand around JSON. */
static struct str
padded(struct visit *v, size_t n)
{
	char *p = arena_get(v->arena, n);

	(void)memset(p, ' ', n);
	(void)memcpy(p, VISIT_PING, sizeof(VISIT_PING) - 1);
	return (struct str){ p, n };
}

/* Over what mod_fcgid takes as shipped, and nearly what nginx and we take. */
static const size_t bodies[] = { 200000, 1000000 };

/* True when the next larger one is worth trying. */
static bool
try_body(struct visit *v, size_t bytes)
{
	struct curl_ask q = { .url = v->url,
		.headers = { VISIT_TYPE, VISIT_BOTH },
		.body = padded(v, bytes) };
	struct curl_answer r;

	if (!visit_ask(v, "body", &q, &r))
		return false;
	if (r.status == 200 && visit_is_json(&r)) {
		find(v->d, FIND_GOOD, "body", NULL, "%zu bytes pass", bytes);
		return true;
	}
	if (r.status == 413 && visit_is_json(&r))
		find(v->d, FIND_NOTE, "body", "limits = { body = ...; };",
		    "%zu bytes are over our own limit", bytes);
	else
		find(v->d, FIND_BAD, "body",
		    r.status == 413 ? "nginx: client_max_body_size 8m;"
				    : "Apache: FcgidMaxRequestLen 8388608",
		    "%zu bytes end in HTTP %d", bytes, r.status);
	return false;
}

static void
try_bodies(struct visit *v)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (!try_body(v, bodies[i]))
			return;
}

enum ctl_exit
doctor_out(struct doctor *d, const char *url, const char *token)
{
	struct visit v = { .d = d, .arena = d->c->arena, .url = url };

	if (token != NULL)
		v.bearer =
		    arena_fmt(v.arena, "Authorization: Bearer %s", token).p;
	if (!try_reach(&v))
		return CTL_FAILED;
	try_authorization(&v);
	try_token(&v);
	visit_protocol(&v);
	try_bodies(&v);
	visit_well_known(&v);
	visit_stream(&v);
	return CTL_DONE;
}
