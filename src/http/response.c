/* SPDX-License-Identifier: ISC */
/*
 * The answer: built whole, then written in one go.  Here also stands what a
 * fault becomes that happened before a protocol was known.
 */
#include "http/http_int.h"

static const struct status_text {
	int status;
	const char *text;
} statuses[] = {
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

static const char *
status_text(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Unknown";
}

static const struct early_fault {
	enum err code;
	int status;
	int rpc;
	const char *data;   /* error.data as JSON, or NULL */
	const char *header; /* one more header line, or NULL */
} early[] = {
	{ ERR_NOT_FOUND, 404, -32600, NULL, NULL },
	{ ERR_BAD_URL, 400, -32600, NULL, NULL },
	{ ERR_FORBIDDEN, 403, -32600, NULL, NULL },
	{ ERR_METHOD, 405, -32600, NULL, "Allow: POST\r\n" },
	{ ERR_MEDIA, 415, -32600, NULL, NULL },
	{ ERR_NOT_ACCEPTABLE, 406, -32600, NULL, NULL },
	{ ERR_BODY_BIG, 413, -32600, NULL, NULL },
	{ ERR_BODY_SHORT, 400, -32600, NULL, NULL },
	{ ERR_BODY_SLOW, 408, -32600, NULL, NULL },
	{ ERR_HEADER, 400, -32600, NULL, NULL },
	{ ERR_HEADER_BIG, 431, -32600, NULL, NULL },
	{ ERR_UNAUTHORIZED, 401, -32001, "{\"type\":\"authentication_error\"}",
	    NULL },
	{ ERR_RATE, 429, -32000, NULL, NULL },
	{ ERR_UNAVAILABLE, 503, -32603, NULL, "Retry-After: 1\r\n" },
	{ ERR_SCOPE, 403, -32600, NULL, NULL },
	/* The last row is for everything else. */
	{ ERR_INTERNAL, 500, -32603, NULL, NULL },
};

static const struct early_fault *
early_find(enum err code)
{
	size_t last = sizeof(early) / sizeof(early[0]) - 1;

	for (size_t i = 0; i < last; i++)
		if (early[i].code == code)
			return &early[i];
	return &early[last];
}

void
http_res_init(struct http_res *res, struct arena *a, struct http_io *io,
    size_t max)
{
	memset(res, 0, sizeof(*res));
	res->arena = a;
	res->io = io;
	res->status = 200;
	res->max = max;
	buf_init(&res->head, a, 32768);
}

bool
header_safe(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < 0x20 || value.p[i] > 0x7e)
			return false;
	return true;
}

void
http_header(struct http_res *res, const char *name, struct str value)
{
	if (!header_safe(value))
		return;
	buf_str(&res->head, str_of(name));
	buf_lit(&res->head, ": ");
	buf_str(&res->head, value);
	buf_lit(&res->head, "\r\n");
}

static size_t
body_length(const struct http_res *res)
{
	size_t n = 0;

	for (size_t i = 0; i < res->nbody; i++)
		n += res->body[i].len;
	return n;
}

/* All pieces as one. */
static struct str
body_joined(const struct http_res *res)
{
	struct buf b;

	buf_init(&b, res->arena, SIZE_MAX);
	(void)buf_room(&b, body_length(res) + 1);
	for (size_t i = 0; i < res->nbody; i++)
		buf_str(&b, res->body[i]);
	return buf_text(&b);
}

void
http_piece(struct http_res *res, struct str piece)
{
	if (piece.len == 0)
		return;
	if (res->nbody == HTTP_PIECES) {
		res->body[0] = body_joined(res);
		res->nbody = 1;
	}
	res->body[res->nbody++] = piece;
}

/* A sentence inside a JSON string. */
static void
put_json_text(struct buf *b, const char *text)
{
	buf_char(b, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_fmt(b, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			buf_fmt(b, "\\u%04x", (unsigned)*text);
		else
			buf_char(b, *text);
	}
	buf_char(b, '"');
}

void
http_res_fault(struct http_res *res, const struct fault *f)
{
	const struct early_fault *e = early_find(f->code);
	struct buf b;

	buf_init(&b, res->arena, 8 * FAULT_MSG);
	buf_fmt(&b,
	    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":%d,\"message\":", e->rpc);
	put_json_text(&b, f->msg[0] != '\0' ? f->msg : status_text(e->status));
	if (e->data != NULL) {
		buf_lit(&b, ",\"data\":");
		buf_str(&b, str_of(e->data));
	}
	buf_lit(&b, "}}");

	res->status = e->status;
	res->type = "application/json";
	res->nbody = 0;
	if (e->header != NULL)
		buf_str(&res->head, str_of(e->header));
	http_piece(res, buf_text(&b));
}

/* The header, up to and with its empty line. */
static struct str
head_text(struct http_res *res, bool with_length)
{
	struct buf b;

	buf_init(&b, res->arena, SIZE_MAX);
	buf_lit(&b, "Status: ");
	buf_int(&b, res->status);
	buf_char(&b, ' ');
	buf_str(&b, str_of(status_text(res->status)));
	buf_lit(&b, "\r\n");
	if (res->type != NULL) {
		buf_lit(&b, "Content-Type: ");
		buf_str(&b, str_of(res->type));
		buf_lit(&b, "\r\n");
	}
	if (with_length && res->status != 204) {
		buf_lit(&b, "Content-Length: ");
		buf_int(&b, (int64_t)body_length(res));
		buf_lit(&b, "\r\n");
	}
	buf_lit(&b, "X-Content-Type-Options: nosniff\r\n"
		    "Cache-Control: no-store\r\n");
	buf_str(&b, buf_text(&res->head));
	buf_lit(&b, "\r\n");
	return buf_text(&b);
}

/* An answer over its own ceiling is a fault of ours, but still an answer. */
static void
check_size(struct http_res *res)
{
	struct fault f = { .code = ERR_INTERNAL };

	if (body_length(res) <= res->max)
		return;
	(void)fault_set(&f, ERR_INTERNAL, "the answer is too large");
	http_res_fault(res, &f);
}

void
http_send(struct http_res *res)
{
	struct iovec v[HTTP_PIECES + 1];
	int n = 1;

	if (res->streaming) {
		http_stream_end(res);
		return;
	}
	check_size(res);
	struct str head = head_text(res, true);
	v[0] = (struct iovec){ (void *)(uintptr_t)head.p, head.len };
	for (size_t i = 0; i < res->nbody && !res->head_only; i++)
		v[n++] = (struct iovec){ (void *)(uintptr_t)res->body[i].p,
			res->body[i].len };
	res->sent = res->head_only ? 0 : body_length(res);
	if (!res->io->send(res->io, v, n, true))
		res->gone = true;
}

struct str
http_render(struct http_res *res)
{
	struct str head = { 0 };
	struct buf b;

	if (!res->streaming)
		head = head_text(res, true);
	buf_init(&b, res->arena, SIZE_MAX);
	(void)buf_room(&b, head.len + body_length(res) + 1);
	buf_str(&b, head);
	for (size_t i = 0; i < res->nbody; i++)
		buf_str(&b, res->body[i]);
	return buf_text(&b);
}

bool
http_stream(struct http_res *res)
{
	if (res->streaming)
		return !res->gone;
	res->status = 200;
	res->type = "text/event-stream";
	http_header(res, "X-Accel-Buffering", STR("no"));
	struct str head = head_text(res, false);
	struct iovec v = { (void *)(uintptr_t)head.p, head.len };
	res->streaming = true;
	res->gone = !res->io->send(res->io, &v, 1, false);
	return !res->gone;
}
