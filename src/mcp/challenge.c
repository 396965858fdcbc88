/* SPDX-License-Identifier: ISC */
/*
 * Headers that go with a credential: the challenge of a 401 (mcp.md 16.3) and
 * what is left of the caller's limit (SECURITY_MODEL A7).
 */
#include "mcp/mcp_int.h"

void
mcp_challenge(struct http_res *res, const struct conf *conf,
    bool credential_came)
{
	/* Bearer first: widely used clients read only the first scheme. */
	http_header(res, "WWW-Authenticate",
	    credential_came
		? STR("Bearer realm=\"mcp\", error=\"invalid_token\", "
		      "error_description=\"The access token is invalid\"")
		: STR("Bearer realm=\"mcp\""));
	if (conf->basic)
		http_header(res, "WWW-Authenticate",
		    STR("Basic realm=\"mcp\", charset=\"UTF-8\""));
}

static void
number(struct http_res *res, const char *name, int v)
{
	char text[20];

	http_header(res, name, (struct str){ text, buf_decimal(text, v) });
}

void
mcp_limit_headers(struct http_res *res, const struct limit_answer *l)
{
	number(res, "X-RateLimit-Limit", l->limit);
	number(res, "X-RateLimit-Remaining", l->remaining);
	number(res, "X-RateLimit-Reset", l->reset_s);
	if (!l->granted)
		number(res, "Retry-After", l->retry_s > 0 ? l->retry_s : 1);
}
