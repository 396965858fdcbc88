/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the parameters and the body of a request.  Each line is one
 * parameter up to an empty line; what follows is the body.  Whatever comes
 * of it, a decoded path has no dot segment, a body is within its cap, and no
 * header line that is written can be split.
 */

#include "http/http.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fake_io.h"

static const struct http_limits limits = { .body = 4096,
	.header = 512,
	.body_time_s = 1 };

/* The parameters, each with a zero behind it; returns the body. */
static struct str
take_env(struct fake_io *io, struct arena *a, struct str in)
{
	struct str line;

	while (str_cut(&in, '\n', &line)) {
		if (line.len == 0)
			return in;
		fake_env(io, arena_z(a, line));
	}
	return STR("");
}

static void
check_path(struct str path)
{
	struct str piece;

	while (str_cut(&path, '/', &piece))
		FUZZ_PROMISE(
		    !str_eq(piece, STR(".")) && !str_eq(piece, STR("..")));
}

static void
check_fields(const struct http_req *req)
{
	for (int i = 0; i < HTTP_F_COUNT; i++)
		FUZZ_PROMISE(str_eq(req->field[i], str_trim(req->field[i])));
}

/* What a client sent comes back in a header, or does not; never two lines. */
static void
check_answer(struct fake_io *io, struct arena *a, const struct http_req *req)
{
	struct fault f = { 0 };
	struct http_res res;
	size_t lines = 0;

	http_res_init(&res, a, &io->io, 65536);
	for (int i = 0; i < HTTP_F_COUNT; i++)
		http_header(&res, "X-Echo", req->field[i]);
	(void)fault_set(&f, ERR_HEADER, "%.*s", (int)req->path.len,
	    req->path.p);
	http_res_fault(&res, &f);
	http_send(&res);
	const char *end = strstr(io->out, "\r\n\r\n");
	FUZZ_PROMISE(end != NULL);
	for (const char *p = io->out; p < end; p++) {
		lines += *p == '\n';
		FUZZ_PROMISE((unsigned char)*p < 0x7f);
		FUZZ_PROMISE(
		    (unsigned char)*p >= 0x20 || *p == '\r' || *p == '\n');
	}
	FUZZ_PROMISE(lines <= 5 + HTTP_F_COUNT);
}

static void
check_request(struct fake_io *io, struct arena *a, struct http_req *req)
{
	struct fault f = { 0 };
	struct str value = { 0 }, body = { 0 };
	bool there;

	check_path(req->path);
	check_fields(req);
	(void)http_accept(req);
	if (http_check_type(req, &f) == ERR_OK)
		FUZZ_PROMISE(req->field[HTTP_F_COOKIE].p == NULL ||
			     req->field[HTTP_F_CONTENT_TYPE].p != NULL);
	if (http_query(req, "tools", a, &there, &value, &f) == ERR_OK && there)
		FUZZ_PROMISE(value.p != NULL);
	if (http_body(req, &body, &f) == ERR_OK)
		FUZZ_PROMISE(body.len <= limits.body);
	http_drain(req);
	check_answer(io, a, req);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fake_io io;
	struct arena *a = arena_new((size_t)64 << 20);
	struct fault f = { 0 };
	struct http_req req;

	fake_init(&io);
	io.body = take_env(&io, a, (struct str){ (const char *)data, size });
	io.piece = size % 13;
	if (http_read(&io.io, &limits, a, &req, &f) == ERR_OK)
		check_request(&io, a, &req);
	arena_free(a);
	return 0;
}
