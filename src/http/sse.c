/* SPDX-License-Identifier: ISC */
/* Server-sent events: one message each, flushed at once (mcp.md 3.4). */
#include "http/http_int.h"

#define EVENT_OPEN  "event: message\ndata: "
#define EVENT_CLOSE "\n\n"

static struct iovec
iov_of(struct str s)
{
	return (struct iovec){ (void *)(uintptr_t)s.p, s.len };
}

static bool
send_now(struct http_res *res, const struct iovec *v, int n, bool last)
{
	if (!res->gone && !res->io->send(res->io, v, n, last))
		res->gone = true;
	return !res->gone;
}

bool
http_event(struct http_res *res, const struct str *pieces, size_t n)
{
	struct iovec *v = arena_get(res->arena, (n + 2) * sizeof(*v));
	int used = 0;

	v[used++] = iov_of(STR(EVENT_OPEN));
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].len == 0)
			continue;
		v[used++] = iov_of(pieces[i]);
		res->sent += pieces[i].len;
	}
	v[used++] = iov_of(STR(EVENT_CLOSE));
	return send_now(res, v, used, false);
}

bool
http_comment(struct http_res *res)
{
	struct iovec v = iov_of(STR(":\n\n"));

	return send_now(res, &v, 1, false);
}

bool
http_prime(struct http_res *res, struct str id, int retry_ms)
{
	struct str event = arena_fmt(res->arena,
	    "id: %.*s\nretry: %d\ndata: \n\n", (int)id.len, id.p, retry_ms);
	struct iovec v = iov_of(event);

	if (res->streaming)
		return send_now(res, &v, 1, false);
	if (res->nbody == HTTP_PIECES)
		return true;
	memmove(res->body + 1, res->body, res->nbody * sizeof(*res->body));
	res->body[0] = event;
	res->nbody++;
	return true;
}

void
http_stream_end(struct http_res *res)
{
	if (!res->ended)
		(void)send_now(res, NULL, 0, true);
	res->ended = true;
}

void
http_as_sse(struct http_res *res)
{
	struct str old[HTTP_PIECES];
	size_t n = res->nbody;

	memcpy(old, res->body, sizeof(old));
	res->nbody = 0;
	http_piece(res, STR(EVENT_OPEN));
	for (size_t i = 0; i < n; i++)
		http_piece(res, old[i]);
	http_piece(res, STR(EVENT_CLOSE));
	res->type = "text/event-stream";
	http_header(res, "X-Accel-Buffering", STR("no"));
}
