/* SPDX-License-Identifier: ISC */
/*
 * Against DNS rebinding and foreign pages: an Origin must be ours or listed,
 * and where we serve the loopback a Host must name it.
 */
#include "cgi-bin/origin.h"

/* The part of a URL before its path. */
static struct str
origin_of(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n;

	if (host == NULL)
		return STR("");
	n = (size_t)(host + 3 - url) + strcspn(host + 3, "/?#");
	return (struct str){ url, n };
}

/* Without the port; an IPv6 address keeps its brackets. */
static struct str
without_port(struct str host)
{
	for (size_t i = host.len; i > 0; i--) {
		char c = host.p[i - 1];
		if (c == ':')
			return (struct str){ host.p, i - 1 };
		if (c < '0' || c > '9')
			return host;
	}
	return host;
}

/* A default port says nothing: https://h:443 is https://h. */
static struct str
without_default_port(struct str origin)
{
	if (str_starts(origin, STR("https:")) && str_ends(origin, STR(":443")))
		return (struct str){ origin.p, origin.len - 4 };
	if (str_starts(origin, STR("http:")) && str_ends(origin, STR(":80")))
		return (struct str){ origin.p, origin.len - 3 };
	return origin;
}

static bool
origin_eq(struct str a, struct str b)
{
	return a.len > 0 &&
	       str_ieq(without_default_port(a), without_default_port(b));
}

static bool
is_loopback_host(struct str host)
{
	host = without_port(host);
	return str_ieq(host, STR("localhost")) ||
	       str_eq(host, STR("127.0.0.1")) || str_eq(host, STR("[::1]"));
}

static bool
is_loopback_address(struct str address)
{
	return str_starts(address, STR("127.")) ||
	       str_eq(address, STR("::1")) ||
	       str_starts(address, STR("::ffff:127."));
}

/* On the loopback a client names the port it found, not the public URL. */
static bool
is_own_loopback(const struct http_req *req, struct str origin)
{
	struct str host = req->field[HTTP_F_HOST];

	if (!is_loopback_address(req->field[HTTP_F_SERVER_ADDR]) ||
	    !is_loopback_host(host) || !str_starts(origin, STR("http://")))
		return false;
	return origin_eq(origin,
	    arena_fmt(req->arena, "http://%.*s", (int)host.len, host.p));
}

static bool
origin_listed(const struct conf *conf, struct str origin)
{
	for (size_t i = 0; i < conf->origins.n; i++)
		if (origin_eq(origin, str_of(conf->origins.v[i])))
			return true;
	return false;
}

static bool
origin_allowed(const struct conf *conf, const struct http_req *req,
    struct str origin)
{
	if (conf->base_url != NULL &&
	    origin_eq(origin, origin_of(conf->base_url)))
		return true;
	return origin_listed(conf, origin) || is_own_loopback(req, origin);
}

/* An entry of "hosts" may name a port or leave it open. */
static bool
host_listed(const struct conf *conf, struct str host)
{
	for (size_t i = 0; i < conf->hosts.n; i++) {
		struct str want = str_of(conf->hosts.v[i]);
		if (str_ieq(host, want) || str_ieq(without_port(host), want))
			return true;
	}
	return false;
}

/* The host of base_url: a proxy on this machine passes it on to loopback. */
static bool
is_public_host(const struct conf *conf, struct str host)
{
	struct str own;

	if (conf->base_url == NULL)
		return false;
	own = origin_of(conf->base_url);
	for (size_t i = 0; i + 3 <= own.len; i++)
		if (memcmp(own.p + i, "://", 3) == 0)
			return str_ieq(without_port(host),
			    without_port(str_from(own, i + 3)));
	return false;
}

static bool
host_allowed(const struct conf *conf, const struct http_req *req,
    struct str host)
{
	if (conf->hosts.n > 0)
		return host_listed(conf, host) || is_public_host(conf, host);
	return !is_loopback_address(req->field[HTTP_F_SERVER_ADDR]) ||
	       is_loopback_host(host) || is_public_host(conf, host);
}

enum err
origin_check(const struct conf *conf, const struct http_req *req,
    struct fault *f)
{
	struct str origin = req->field[HTTP_F_ORIGIN];
	struct str host = req->field[HTTP_F_HOST];

	if (origin.p != NULL && !origin_allowed(conf, req, origin))
		return fault_set(f, ERR_FORBIDDEN,
		    "this Origin is not allowed here");
	if (host.p != NULL && !host_allowed(conf, req, host))
		return fault_set(f, ERR_FORBIDDEN,
		    "this Host is not served here");
	return ERR_OK;
}

void
origin_headers(const struct conf *conf, const struct http_req *req,
    struct http_res *res)
{
	struct str origin = req->field[HTTP_F_ORIGIN];

	if (conf->origins.n == 0)
		return;
	http_header(res, "Vary", STR("Origin"));
	if (origin.p == NULL)
		return;
	http_header(res, "Access-Control-Allow-Origin", origin);
	http_header(res, "Access-Control-Expose-Headers",
	    STR("WWW-Authenticate, Mcp-Session-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"));
}

/* Names a client mirrors arguments in; each site has its own. */
static bool
is_param_header(struct str name)
{
	if (!str_ieq((struct str){ name.p, name.len < 10 ? name.len : 10 },
		STR("mcp-param-")))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] != '-' &&
		    !(name.p[i] >= '0' && name.p[i] <= '9') &&
		    !((name.p[i] | 32) >= 'a' && (name.p[i] | 32) <= 'z'))
			return false;
	return true;
}

static struct str
allowed_headers(const struct http_req *req)
{
	struct str asked = { 0 }, piece;
	struct buf b;
	bool twice;

	buf_init(&b, req->arena, 16384);
	buf_lit(&b, "Authorization, Content-Type, Accept, X-API-Key, "
		    "MCP-Protocol-Version, Mcp-Method, Mcp-Name, "
		    "Mcp-Session-Id, Last-Event-ID");
	(void)http_param(req, "HTTP_ACCESS_CONTROL_REQUEST_HEADERS", &asked,
	    &twice);
	while (str_cut(&asked, ',', &piece)) {
		if (!is_param_header(str_trim(piece)))
			continue;
		buf_lit(&b, ", ");
		buf_str(&b, str_trim(piece));
	}
	return buf_text(&b);
}

void
origin_options(const struct conf *conf, const struct http_req *req,
    struct http_res *res)
{
	struct fault f = { 0 };

	if (conf->origins.n == 0) {
		(void)fault_set(&f, ERR_METHOD, "use POST");
		http_res_fault(res, &f);
		return;
	}
	res->status = 204;
	http_header(res, "Access-Control-Allow-Methods", STR("POST, GET"));
	http_header(res, "Access-Control-Allow-Headers", allowed_headers(req));
	http_header(res, "Access-Control-Max-Age", STR("600"));
}
