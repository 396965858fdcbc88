/* SPDX-License-Identifier: ISC */
/*
 * The ladder before the protocol (mcp.md 3.3, steps 1 to 4): path, Origin and
 * Host, method, credential.  The first step that fails answers.
 */
#include "cgi-bin/route.h"

#include "base/log.h"
#include "cgi-bin/origin.h"
#include "cgi-bin/post.h"
#include "page/page.h"

/* A refusal in words of its own, before a protocol is spoken. */
static void
refuse(struct http_res *res, const struct fault *f)
{
	if (f->log[0] != '\0')
		log_line("%s", f->log);
	http_res_fault(res, f);
}

static enum err
not_found(struct fault *f)
{
	return fault_set(f, ERR_NOT_FOUND, "not found");
}

/* [a-z][a-z0-9_]{0,30}, as the configuration demands it. */
static bool
is_source_id(struct str s)
{
	if (s.len == 0 || s.len > 31 || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (s.p[i] != '_' && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !(s.p[i] >= 'a' && s.p[i] <= 'z'))
			return false;
	return true;
}

static enum err
at_connection(const struct conf *conf, struct str id,
    struct tool_filter *filter, struct fault *f)
{
	if (!is_source_id(id))
		return fault_set(f, ERR_BAD_URL,
		    "this is no id of a connection");
	filter->source = conf_source_index(conf, id);
	filter->nowhere = filter->source < 0;
	return ERR_OK;
}

static enum err
at_toolkit(const struct conf *conf, struct str name, struct tool_filter *filter,
    struct fault *f)
{
	for (size_t i = 0; i < conf->ntoolkits; i++)
		if (str_eq(name, str_of(conf->toolkits[i].name))) {
			filter->toolkit = (int)i;
			return ERR_OK;
		}
	if (!is_source_id(name))
		return not_found(f);
	filter->nowhere = true;
	return ERR_OK;
}

/* What stands below the mount.  Which names there are is not for those who show
 * no token: to them all answer alike. */
static const struct below {
	const char *prefix;
	enum err (*take)(const struct conf *conf, struct str rest,
	    struct tool_filter *filter, struct fault *f);
} below[] = {
	{ "/connections/", at_connection },
	{ "/toolkits/", at_toolkit },
};

static enum err
path_check(const struct conf *conf, struct str path, struct tool_filter *filter,
    struct fault *f)
{
	struct str mount = str_of(conf->mount), rest;

	if (str_ends(mount, STR("/")))
		mount.len--;
	if (!str_starts(path, mount))
		return not_found(f);
	rest = str_from(path, mount.len);
	if (rest.len == 0 || str_eq(rest, STR("/")))
		return ERR_OK;
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		struct str prefix = str_of(below[i].prefix);
		if (str_starts(rest, prefix))
			return below[i].take(conf, str_from(rest, prefix.len),
			    filter, f);
	}
	return not_found(f);
}

static void
get(struct site *site, struct http_req *req, struct tool_filter *filter,
    struct http_res *res)
{
	(void)filter;
	res->head_only = req->method == HTTP_HEAD;
	page_get(site->conf, req, res);
}

static void
options(struct site *site, struct http_req *req, struct tool_filter *filter,
    struct http_res *res)
{
	(void)filter;
	origin_options(site->conf, req, res);
}

static void
other(struct site *site, struct http_req *req, struct tool_filter *filter,
    struct http_res *res)
{
	struct fault f = { 0 };

	(void)site;
	(void)req;
	(void)filter;
	(void)fault_set(&f, ERR_METHOD, "use POST");
	refuse(res, &f);
}

typedef void answer(struct site *site, struct http_req *req,
    struct tool_filter *filter, struct http_res *res);

static answer *const by_method[] = {
	[HTTP_GET] = get,
	[HTTP_HEAD] = get,
	[HTTP_POST] = post_answer,
	[HTTP_PUT] = other,
	[HTTP_DELETE] = other,
	[HTTP_OPTIONS] = options,
	[HTTP_OTHER] = other,
};

void
route(struct site *site, struct http_req *req, struct http_res *res)
{
	struct tool_filter filter;
	struct fault f = { 0 };

	tool_filter_init(&filter);
	if (site_ready(site, req->field[HTTP_F_MCP_CONFIG], &f) != ERR_OK ||
	    site_outside(site, req->field[HTTP_F_DOCUMENT_ROOT], &f) !=
		ERR_OK ||
	    path_check(site->conf, req->path, &filter, &f) != ERR_OK) {
		refuse(res, &f);
		return;
	}
	if (origin_check(site->conf, req, &f) != ERR_OK) {
		post_refuse(site, req, res, &f);
		return;
	}
	origin_headers(site->conf, req, res);
	by_method[req->method](site, req, &filter, res);
}
