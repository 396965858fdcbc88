/* SPDX-License-Identifier: ISC */
/* Where clients look for OAuth metadata, mostly after a 401 (HOSTING 5). */
#include "ctl/visit.h"

#define WELL_KNOWN 7
#define ROUTE_WELL                                                             \
	"route /.well-known/oauth-* and /.well-known/openid-configuration to " \
	"mcp.fcgi"

/* Path number i of the seven, around the mount. */
static const char *
well_known(struct visit *v, size_t i)
{
	static const char *const names[] = { "oauth-protected-resource",
		"oauth-authorization-server", "openid-configuration" };
	const char *slashes = strstr(v->url, "://");
	int host =
	    (int)(slashes + 3 - v->url) + (int)strcspn(slashes + 3, "/?");
	const char *path = v->url + host;
	int len = (int)strcspn(path, "?");

	if (i == WELL_KNOWN - 1)
		return arena_fmt(v->arena, "%.*s%.*s/.well-known/%s", host,
		    v->url, len, path, names[2])
		    .p;
	return arena_fmt(v->arena, "%.*s/.well-known/%s%.*s", host, v->url,
	    names[i / 2], i % 2 == 0 ? len : 0, path)
	    .p;
}

/* True when the answer is as it should be: metadata or a clean 404. */
static bool
judge_well_known(struct visit *v, const char *url, const struct curl_answer *r)
{
	bool metadata = visit_is_json(r) && visit_json(v, r) != NULL;

	if (r->status == 200 && !metadata)
		find(v->d, FIND_BAD, "well-known", ROUTE_WELL,
		    "%s: 200 without metadata makes clients stop", url);
	else if (r->status == 404 && visit_is_html(r))
		find(v->d, FIND_NOTE, "well-known", ROUTE_WELL,
		    "%s: 404 as HTML; clients bear it", url);
	else if (r->status != 404 && r->status != 200)
		find(v->d, FIND_WARN, "well-known", ROUTE_WELL,
		    "%s: HTTP %d; clients expect 404", url, r->status);
	else
		return true;
	return false;
}

void
visit_well_known(struct visit *v)
{
	size_t good = 0;

	for (size_t i = 0; i < WELL_KNOWN; i++) {
		struct curl_ask q = { .url = well_known(v, i),
			.headers = { "Accept: application/json" } };
		struct curl_answer r;

		if (!visit_ask(v, "well-known", &q, &r))
			return;
		good += judge_well_known(v, q.url, &r);
	}
	if (good > 0)
		find(v->d, FIND_GOOD, "well-known", NULL,
		    "%zu of the %d places are clean", good, WELL_KNOWN);
}
