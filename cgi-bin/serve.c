/* SPDX-License-Identifier: ISC */
/*
 * The way of a request, from the bytes to the answer.  This is the page to
 * read first: every other file is one step of it.
 */
#include "cgi-bin/serve.h"

#include "cgi-bin/route.h"

void
serve(struct site *site, struct http_io *io)
{
	struct arena *a = site->arena;
	struct fault f = { 0 };
	struct http_req req;
	struct http_res res;

	http_res_init(&res, a, io, SITE_ANSWER_MAX);
	if (http_read(io, site_limits(site), a, &req, &f) == ERR_OK)
		route(site, &req, &res);
	else
		http_res_fault(&res, &f);
	http_drain(&req);
	http_send(&res);
	site_rest(site);
	arena_reset(a);
}
