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

/* Clean is metadata or a 404 of ours; what a client cannot bear is named. */
enum place { PLACE_CLEAN, PLACE_HTML, PLACE_WRONG };

static enum place
judge(struct visit *v, const char *url, const struct curl_answer *r)
{
	bool metadata = visit_is_json(r) && visit_json(v, r) != NULL;

	if (r->status == 404)
		return visit_is_html(r) ? PLACE_HTML : PLACE_CLEAN;
	if (r->status == 200 && metadata)
		return PLACE_CLEAN;
	if (r->status == 200)
		find(v->d, FIND_BAD, "well-known", ROUTE_WELL,
		    "%s: 200 without metadata makes clients stop", url);
	else
		find(v->d, FIND_WARN, "well-known", ROUTE_WELL,
		    "%s: HTTP %d; clients expect 404", url, r->status);
	return PLACE_WRONG;
}

void
visit_well_known(struct visit *v)
{
	size_t count[PLACE_WRONG + 1] = { 0 };

	for (size_t i = 0; i < WELL_KNOWN; i++) {
		struct curl_ask q = { .url = well_known(v, i),
			.headers = { "Accept: application/json" } };
		struct curl_answer r;

		if (!visit_ask(v, "well-known", &q, &r))
			return;
		count[judge(v, q.url, &r)]++;
	}
	if (count[PLACE_CLEAN] > 0)
		find(v->d, FIND_GOOD, "well-known", NULL,
		    "%zu of the %d places are clean", count[PLACE_CLEAN],
		    WELL_KNOWN);
	if (count[PLACE_HTML] > 0)
		find(v->d, FIND_NOTE, "well-known", ROUTE_WELL,
		    "%zu places answer 404 as HTML; clients bear it",
		    count[PLACE_HTML]);
}
