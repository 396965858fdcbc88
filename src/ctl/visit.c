/* SPDX-License-Identifier: ISC */
/* One request of the doctor, and how an answer that is not ours is read. */
#include "ctl/visit.h"

/* One request; false, and a finding, when there was no HTTP answer. */
bool
visit_ask(struct visit *v, const char *check, const struct curl_ask *q,
    struct curl_answer *out)
{
	struct fault f = { 0 };

	if (curl_run(v->arena, q, out, &f) != ERR_OK) {
		find_fault(v->d, check, NULL, "install libcurl", &f);
		return false;
	}
	if (out->status != 0)
		return true;
	find(v->d, FIND_BAD, check, "start the web server, or correct --url",
	    "%s: no answer: %.*s", q->url, (int)out->error.len, out->error.p);
	return false;
}

bool
visit_is_json(const struct curl_answer *r)
{
	return str_starts(r->type, STR("application/json"));
}

bool
visit_is_html(const struct curl_answer *r)
{
	return str_starts(r->type, STR("text/html")) ||
	       str_starts(r->body, STR("<"));
}

const json_t *
visit_json(struct visit *v, const struct curl_answer *r)
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

/* An error as our program writes it: then no server in between is to blame. */
static bool
is_ours(struct visit *v, const char *check, const struct curl_answer *r)
{
	const json_t *root = visit_is_json(r) ? visit_json(v, r) : NULL;
	struct str why =
	    json_text(json_member(json_member(root, "error"), "message"));

	if (why.len == 0 || json_member(root, "jsonrpc") == NULL)
		return false;
	find(v->d, FIND_BAD, check,
	    r->status >= 500 ? "on that machine: mcpctl check, mcpctl doctor"
			     : "ask for what the program takes",
	    "HTTP %d: the program itself says: %.*s", r->status, (int)why.len,
	    why.p);
	return true;
}

void
visit_stranger(struct visit *v, const char *check, const struct curl_answer *r)
{
	if (is_ours(v, check, r))
		return;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		if (strangers[i].status != r->status)
			continue;
		find(v->d, FIND_BAD, check, strangers[i].fix,
		    "HTTP %d: %s%s%.*s", r->status, strangers[i].text,
		    r->redirect.len > 0 ? ": " : "", (int)r->redirect.len,
		    r->redirect.p);
		return;
	}
	find(v->d, FIND_BAD, check,
	    "give the address to mcp.fcgi: mcpctl web SERVER",
	    "HTTP %d with %.*s", r->status, (int)r->type.len, r->type.p);
}
