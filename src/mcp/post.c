/* SPDX-License-Identifier: ISC */
/*
 * A POST to the endpoint, from the media type to the answer (mcp.md 3.3 from
 * step 5 on).
 */
#include "mcp/stream_int.h"

/* What comes before the body is understood: type, form of the answer, bytes. */
static enum err
take_body(struct http_req *req, struct str *body, struct http_accept *accept,
    struct fault *f)
{
	enum err e = http_check_type(req, f);

	if (e != ERR_OK)
		return e;
	*accept = http_accept(req);
	if (!accept->json && !accept->sse)
		return fault_set(f, ERR_NOT_ACCEPTABLE,
		    "Accept must allow application/json or text/event-stream");
	return http_body(req, body, f);
}

void
mcp_post(struct mcp *m, struct http_req *req, struct tool_filter *filter,
    struct attempt *t, struct http_res *res)
{
	struct http_accept accept;
	struct fault f = { 0 };
	struct message msg;
	struct answer out;
	struct stream s;
	struct str body = { 0 };

	message_init(&msg, m, res->arena, filter, t);
	msg.req = req;
	t->client = req->field[HTTP_F_USER_AGENT];
	if (take_body(req, &body, &accept, &f) != ERR_OK) {
		mcp_res_fault(res, ERA_SILENT, (struct str){ 0 }, &f, t);
		t->code = err_name(f.code);
		t->status = res->status;
		return;
	}
	stream_init(&s, &msg, res, accept);
	msg.stream = &s;
	message_body(&msg, body, filter, !accept.json, &out);
	if (out.fault == ERR_UNAUTHORIZED)
		mcp_challenge(res, m->conf, false);
	answer_retry(res, &out, t);
	stream_answer(&s, &out);
	t->status = res->status; /* a stream had begun as 200 */
}
