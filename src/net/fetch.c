/* SPDX-License-Identifier: ISC */
/* The door: the module opened, its ends told as faults. */
#include "base/arena.h"
#include "base/module.h"
#include "net/curl.h"
#include "net/reach.h"

#define PACKAGE "mcp-fcgi-curl"

struct net {
	struct arena *arena;
	struct module module;
	const struct curl_module *curl;
	void *conn;
};

static enum err
same_version(const struct curl_module *m, struct fault *f)
{
	if (m->version == CURL_MODULE_VERSION)
		return ERR_OK;
	return fault_set(f, ERR_CONF,
	    "the module curl is of another version; install %s", PACKAGE);
}

enum err
net_open(struct net **n, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 16);
	struct net *new = arena_zero(a, 1, sizeof(*new));
	enum err e;

	*n = NULL;
	new->arena = a;
	e = module_open(&new->module, "curl", PACKAGE, f);
	if (e == ERR_OK) {
		new->curl = new->module.offers;
		e = same_version(new->curl, f);
	}
	if (e == ERR_OK) {
		new->conn = new->curl->open();
		if (new->conn == NULL)
			e = fault_set(f, ERR_INTERNAL,
			    "no memory for a connection");
	}
	if (e != ERR_OK) {
		net_close(new);
		return e;
	}
	*n = new;
	return ERR_OK;
}

/* The module stays: the libraries behind it do not bear being unloaded. */
void
net_close(struct net *n)
{
	if (n == NULL)
		return;
	if (n->conn != NULL)
		n->curl->close(n->conn);
	arena_free(n->arena);
}

struct str
net_host(struct str url)
{
	struct str s = { 0 };
	size_t n = 0;

	if (str_starts(url, STR("https://")))
		s = str_from(url, 8);
	else if (str_starts(url, STR("http://")))
		s = str_from(url, 7);
	if (s.len > 0 && s.p[0] == '[') {
		s = str_from(s, 1);
		while (n < s.len && s.p[n] != ']')
			n++;
		return (struct str){ s.p, n };
	}
	while (n < s.len && strchr(":/?#", s.p[n]) == NULL)
		n++;
	return (struct str){ s.p, n };
}

static bool
may(const void *arg, const struct sockaddr *sa)
{
	const struct net_ask *q = arg;
	struct address a;

	return reach_address(sa, &a) &&
	       reach_allows(net_host(str_of(q->url)), q->allowed, &a);
}

static const struct {
	enum err code;
	const char *words;
} ends[] = {
	[CURL_END_OK] = { ERR_OK, "" },
	[CURL_END_MEMORY] = { ERR_INTERNAL, "no memory for a request" },
	[CURL_END_HOST] = { ERR_SOURCE_UNREACHABLE, "the host is not known" },
	[CURL_END_ADDRESS] = { ERR_SOURCE_UNREACHABLE,
	    "the host has an address that is not allowed here" },
	[CURL_END_CONNECT] = { ERR_SOURCE_UNREACHABLE,
	    "the server cannot be reached" },
	[CURL_END_TLS] = { ERR_SOURCE_UNREACHABLE,
	    "the server does not speak TLS as it is wanted" },
	[CURL_END_CERTIFICATE] = { ERR_SOURCE_UNREACHABLE,
	    "the certificate of the server cannot be verified" },
	[CURL_END_BROKEN] = { ERR_SOURCE_UNREACHABLE,
	    "the connection to the server broke off" },
	[CURL_END_REDIRECT] = { ERR_SOURCE_UNREACHABLE,
	    "the server sends elsewhere, which is not followed" },
	[CURL_END_LARGE] = { ERR_TOO_LARGE,
	    "the answer is larger than it may be" },
	[CURL_END_TIME] = { ERR_TIMEOUT, "the answer did not come in time" },
	[CURL_END_CANCELLED] = { ERR_CANCELLED, "the call was cancelled" },
	[CURL_END_URL] = { ERR_SOURCE_UNREACHABLE,
	    "the address is no http:// or https:// one" },
};

enum err
net_fetch(struct net *n, const struct net_ask *q, struct net_answer *out,
    struct fault *f)
{
	const struct curl_gate gate = { may, q, clock_mono_ms };
	char why[CURL_WHY] = "";
	enum curl_end end = CURL_END_URL;

	*out = (struct net_answer){ 0 };
	if (net_host(str_of(q->url)).len > 0)
		end = n->curl->fetch(n->conn, q, &gate, out, why);
	if (end == CURL_END_OK)
		return ERR_OK;
	fault_log(f, "%s", why);
	return fault_set(f, ends[end].code, "%s", ends[end].words);
}
