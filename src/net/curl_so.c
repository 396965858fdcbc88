/* SPDX-License-Identifier: ISC */
/*
 * The module "curl": libcurl with everything said that it could take from the
 * environment, a file of the user's or the other side.  It asks for nothing of
 * the program.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/curl.h"

#define BEAT_MS  100
#define REDIRECT 300

extern const struct curl_module mcp_module_curl
    __attribute__((visibility("default")));

struct going {
	const struct net_ask *q;
	const struct curl_gate *gate;
	struct net_answer *out;
	CURL *h;
	struct curl_slist *headers;
	bool refused; /* an address */
	bool large;
};

/* A multi handle keeps connections; all else is made anew for each request. */
static void *
begin(void)
{
	(void)unsetenv("SSLKEYLOGFILE");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	return curl_multi_init();
}

static void
end(void *conn)
{
	(void)curl_multi_cleanup(conn);
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct going *g = arg;

	(void)purpose;
	if (!g->gate->may(g->gate->arg, &to->addr)) {
		g->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t
take(char *p, size_t size, size_t n, void *arg)
{
	struct going *g = arg;
	long status = 0;

	n *= size;
	(void)curl_easy_getinfo(g->h, CURLINFO_RESPONSE_CODE, &status);
	g->out->status = (int)status;
	if (n > g->q->max_bytes - (size_t)g->out->bytes) {
		g->large = true;
		return 0;
	}
	g->out->bytes += (int64_t)n;
	g->out->enough =
	    g->q->take != NULL && !g->q->take(g->q->arg, (int)status, p, n);
	return g->out->enough ? 0 : n;
}

static bool
set_headers(struct going *g)
{
	static const char *const ours[] = { "Expect:", "Accept: */*" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		g->headers = curl_slist_append(g->headers, ours[i]);
	for (const char *const *p = g->q->headers; p != NULL && *p != NULL; p++)
		g->headers = curl_slist_append(g->headers, *p);
	return curl_easy_setopt(g->h, CURLOPT_HTTPHEADER, g->headers) ==
	       CURLE_OK;
}

/* Where it may go, and nowhere else. */
static bool
set_way(struct going *g)
{
	CURL *h = g->h;

	return curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https") ==
		   CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NOPROXY, "*") == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) ==
		   CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) ==
		   CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket) ==
		   CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, g) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HTTP_VERSION,
		   (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_HTTP09_ALLOWED, 0L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_URL, g->q->url) == CURLE_OK;
}

static bool
set_tls(struct going *g)
{
	CURL *h = g->h;

	return curl_easy_setopt(h, CURLOPT_SSLVERSION,
		   (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER,
		   g->q->verify ? 1L : 0L) == CURLE_OK &&
	       curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST,
		   g->q->verify ? 2L : 0L) == CURLE_OK &&
	       (g->q->ca == NULL ||
		   curl_easy_setopt(h, CURLOPT_CAINFO, g->q->ca) == CURLE_OK);
}

static bool
set_what(struct going *g)
{
	const struct net_ask *q = g->q;
	CURL *h = g->h;
	bool ok =
	    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_WRITEDATA, g) == CURLE_OK;

	if (ok && q->body.p != NULL)
		ok = curl_easy_setopt(h, CURLOPT_POST, 1L) == CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)q->body.len) == CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_POSTFIELDS, q->body.p) ==
			 CURLE_OK;
	if (ok && q->user != NULL)
		ok = curl_easy_setopt(h, CURLOPT_HTTPAUTH,
			 (long)CURLAUTH_BASIC) == CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_USERNAME, q->user) ==
			 CURLE_OK &&
		     curl_easy_setopt(h, CURLOPT_PASSWORD,
			 q->password == NULL ? "" : q->password) == CURLE_OK;
	if (ok && q->once)
		ok = curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
	if (ok && q->connect_ms > 0)
		ok = curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)q->connect_ms) == CURLE_OK;
	return ok;
}

static int64_t
left_ms(const struct going *g)
{
	int64_t at = g->q->deadline.at_ms;

	return at == 0 ? BEAT_MS : at - g->gate->now_ms();
}

static CURLcode
result(CURLM *m)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(m, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			return msg->data.result;
	return CURLE_RECV_ERROR;
}

/* Until it is there, the time is over or the pulse says stop. */
static enum curl_end
drive(struct going *g, CURLM *m, CURLcode *code)
{
	int64_t next = g->gate->now_ms() + BEAT_MS, left;
	int running = 1;

	while (curl_multi_perform(m, &running) == CURLM_OK && running > 0) {
		left = left_ms(g);
		if (left <= 0)
			return CURL_END_TIME;
		if (g->q->beat != NULL && g->gate->now_ms() >= next) {
			next = g->gate->now_ms() + BEAT_MS;
			if (!g->q->beat(g->q->arg))
				return CURL_END_CANCELLED;
		}
		if (curl_multi_poll(m, NULL, 0,
			left < BEAT_MS ? (int)left : BEAT_MS, NULL) != CURLM_OK)
			break;
	}
	*code = result(m);
	return CURL_END_OK;
}

static const struct {
	CURLcode code;
	enum curl_end end;
} codes[] = {
	{ CURLE_OK, CURL_END_OK },
	{ CURLE_OUT_OF_MEMORY, CURL_END_MEMORY },
	{ CURLE_COULDNT_RESOLVE_HOST, CURL_END_HOST },
	{ CURLE_COULDNT_CONNECT, CURL_END_CONNECT },
	{ CURLE_OPERATION_TIMEDOUT, CURL_END_CONNECT },
	{ CURLE_SSL_CONNECT_ERROR, CURL_END_TLS },
	{ CURLE_SSL_CERTPROBLEM, CURL_END_TLS },
	{ CURLE_SSL_CIPHER, CURL_END_TLS },
	{ CURLE_SSL_CACERT_BADFILE, CURL_END_CERTIFICATE },
	{ CURLE_PEER_FAILED_VERIFICATION, CURL_END_CERTIFICATE },
	{ CURLE_URL_MALFORMAT, CURL_END_URL },
	{ CURLE_UNSUPPORTED_PROTOCOL, CURL_END_URL },
	{ CURLE_LOGIN_DENIED, CURL_END_URL },
};

static enum curl_end
end_of(const struct going *g, CURLcode code)
{
	if (g->large)
		return CURL_END_LARGE;
	if (g->out->enough)
		return CURL_END_OK;
	if (g->refused && code == CURLE_COULDNT_CONNECT)
		return CURL_END_ADDRESS;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].end;
	return CURL_END_BROKEN;
}

static enum curl_end
run(struct going *g, CURLM *m, char why[static CURL_WHY])
{
	CURLcode code = CURLE_OK;
	enum curl_end end;
	long status = 0;

	if (curl_multi_add_handle(m, g->h) != CURLM_OK)
		return CURL_END_MEMORY;
	end = drive(g, m, &code);
	(void)curl_multi_remove_handle(m, g->h);
	if (end != CURL_END_OK)
		return end;
	(void)curl_easy_getinfo(g->h, CURLINFO_RESPONSE_CODE, &status);
	g->out->status = (int)status;
	if (code != CURLE_OK)
		(void)snprintf(why, CURL_WHY, "%s", curl_easy_strerror(code));
	end = end_of(g, code);
	if (end == CURL_END_OK && status / 100 == REDIRECT / 100)
		return CURL_END_REDIRECT;
	return end;
}

static enum curl_end
fetch(void *conn, const struct net_ask *q, const struct curl_gate *gate,
    struct net_answer *out, char why[static CURL_WHY])
{
	struct going g = { .q = q,
		.gate = gate,
		.out = out,
		.h = curl_easy_init() };
	enum curl_end end = CURL_END_MEMORY;

	if (g.h != NULL && set_way(&g) && set_tls(&g) && set_what(&g) &&
	    set_headers(&g))
		end = run(&g, conn, why);
	curl_easy_cleanup(g.h);
	curl_slist_free_all(g.headers);
	return end;
}

const struct curl_module mcp_module_curl = { CURL_MODULE_VERSION, begin, end,
	fetch };
