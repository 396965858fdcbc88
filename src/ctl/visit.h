/* SPDX-License-Identifier: ISC */
/* A visit to an address: what its checks share, and the checks of the
 * protocol. */
#ifndef CTL_VISIT_H
#define CTL_VISIT_H

#include "ctl/curl.h"
#include "ctl/doctor.h"
#include "json/json.h"

#define VISIT_PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"
#define VISIT_TYPE "Content-Type: application/json"
#define VISIT_BOTH "Accept: application/json, text/event-stream"

struct visit {
	struct doctor *d;
	struct arena *arena;
	const char *url;
	const char *bearer; /* header line, or NULL */
	bool arrives;       /* Authorization does */
};

/* One request; false, and a finding, when there was no HTTP answer. */
bool visit_ask(struct visit *v, const char *check, const struct curl_ask *q,
    struct curl_answer *out);

/* The body as a tree, or NULL. */
const json_t *visit_json(struct visit *v, const struct curl_answer *r);

bool visit_is_json(const struct curl_answer *r);
bool visit_is_html(const struct curl_answer *r);

/* An answer that is not ours: what its status says about the server in
 * between. */
void visit_stranger(struct visit *v, const char *check,
    const struct curl_answer *r);

/* Both eras, foreign origins, the page, events (visit_protocol.c). */
void visit_protocol(struct visit *v);
void visit_stream(struct visit *v);

/* The places of OAuth metadata (visit_well.c). */
void visit_well_known(struct visit *v);

#endif
