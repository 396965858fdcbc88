/* SPDX-License-Identifier: ISC */
/*
 * Any request to the endpoint: lines of header, an empty line, the body.
 * Whatever came, the answer is whole: a status, and JSON-RPC or nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/mcp_fake.h"

/* A promise of the protocol was broken. */
static void
broken(const char *what, struct str text)
{
	fprintf(stderr, "%s: %.*s\n", what, (int)text.len, text.p);
	abort();
}

static json_t *
parse(struct arena *a, struct str text)
{
	static const struct json_limits wide = { 200, 1000000, 64u << 20, 64 };
	struct fault f = { 0 };
	json_t *v = NULL;

	return json_parse(a, text, &wide, &v, &f) == ERR_OK ? v : NULL;
}

/* One message, or an array of them. */
static void
check_message(const json_t *v, struct str text)
{
	const json_t *id = json_member(v, "id"), *one;
	size_t i;

	if (json_is_array(v)) {
		json_array_foreach(v, i, one) check_message(one, text);
		return;
	}
	if (!str_eq(json_text(json_member(v, "jsonrpc")), STR("2.0")))
		broken("no message", text);
	if (id != NULL && !json_is_string(id) && !json_is_integer(id))
		broken("bad id", text);
	if (json_member(v, "method") == NULL &&
	    (json_member(v, "result") != NULL) ==
		(json_member(v, "error") != NULL))
		broken("neither result nor error, or both", text);
}

static void
check_text(struct arena *a, struct str text)
{
	json_t *v = parse(a, text);

	if (v == NULL)
		broken("not JSON", text);
	check_message(v, text);
}

static void
check_answer(struct fake *f)
{
	struct str body = fake_body(f), line;

	if (body.p == NULL)
		broken("no header", buf_text(&f->sent));
	if ((body.len == 0) != (f->res.status == 202))
		broken("202 and an empty body go together", body);
	if (body.len == 0)
		return;
	if (!str_starts(body, STR("event: "))) {
		check_text(f->arena, body);
		return;
	}
	while (str_cut(&body, '\n', &line))
		if (str_starts(line, STR("data: ")))
			check_text(f->arena, str_from(line, 6));
}

/* A request whose id can be read gets its id back. */
static void
check_id(struct fake *f, struct str body)
{
	const json_t *id, *got;
	json_t *asked = parse(f->arena, body);
	struct str text = fake_body(f);

	id = json_member(asked, "id");
	if (!json_is_object(asked) ||
	    (!json_is_string(id) && !json_is_integer(id)) ||
	    !json_is_string(json_member(asked, "method")) ||
	    !str_starts(text, STR("{")))
		return;
	got = json_member(parse(f->arena, text), "id");
	if (f->attempt.code != NULL &&
	    (str_eq(str_of(f->attempt.code), STR("INVALID_JSON")) ||
		f->res.status == 415 || f->res.status == 406 ||
		f->res.status == 413 || f->res.status == 408))
		return;
	if (f->attempt.method.p != NULL && !json_equal(id, got))
		broken("the id is lost", text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size }, line, name;
	struct tool_filter filter = { 0 };
	struct fake *f = malloc(sizeof(*f));
	int headers = 0;

	if (f == NULL)
		abort();
	fake_init(f, size % 4 != 0);
	fake_guarded(f);
	while (str_cut(&rest, '\n', &line) && line.len > 0 && headers++ < 20) {
		struct str value = line;

		(void)str_cut(&value, ':', &name);
		if (memchr(line.p, '\0', line.len) != NULL || name.len > 64)
			continue;
		if (str_eq(name, STR("query")))
			fake_param(f, "REQUEST_URI",
			    arena_fmt(f->arena, "/mcp?%.*s", (int)value.len,
				value.p == NULL ? "" : value.p));
		else if (value.p != NULL)
			fake_header(f, name, value);
	}
	rest = str_from(rest, 0);
	fake_post(f, rest);
	check_answer(f);
	check_id(f, rest);
	line = mcp_message(&f->mcp, f->arena, rest, &filter, &f->attempt);
	if (line.len > 0)
		check_text(f->arena, line);
	fake_done(f);
	free(f);
	return 0;
}
