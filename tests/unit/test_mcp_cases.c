/* SPDX-License-Identifier: ISC */
/*
 * Every case of tests/cases/mcp: the expected answer, then the request
 * (tests/cases/mcp/README says how they are written).
 */
#include "config.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/mcp_fake.h"

static const char standard_meta[] =
    "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
    "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"cli\","
    "\"version\":\"1.0\"},"
    "\"io.modelcontextprotocol/clientCapabilities\":{}}";

struct one {
	struct str file, name, expect, request;
};

static int ncases;

/* Report one disagreement and go on with the next case. */
static int
differs(const struct one *c, const char *what, struct str got)
{
	fprintf(stderr, "%.*s: %.*s: %s; got: %.*s\n", (int)c->file.len,
	    c->file.p, (int)c->name.len, c->name.p, what,
	    got.len > 2000 ? 2000 : (int)got.len, got.p);
	return 1;
}

/* Is all of "want" in "got"?  Arrays must have the same length. */
static bool
covers(const json_t *got, const json_t *want)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_typeof(got) != json_typeof(want))
		return false;
	if (json_is_object(want)) {
		json_object_foreach((json_t *)(uintptr_t)want, key, v)
		{
			const json_t *g = json_object_get(got, key);

			if (g == NULL || !covers(g, v))
				return false;
		}
		return true;
	}
	if (json_is_array(want)) {
		if (json_array_size(want) != json_array_size(got))
			return false;
		json_array_foreach(want, i,
		    v) if (!covers(json_array_get(got, i), v)) return false;
		return true;
	}
	return json_equal(got, want);
}

/* Message number n of the answer: the body, or the n-th event. */
static bool
message_at(struct str body, size_t n, struct str *out)
{
	static const struct str mark = STR("data: ");
	struct str line;
	size_t seen = 0;

	if (!str_starts(body, STR("event: ")) &&
	    !str_starts(body, STR("id: "))) {
		*out = body;
		return n == 0;
	}
	while (str_cut(&body, '\n', &line))
		if (str_starts(line, mark) && line.len > mark.len &&
		    seen++ == n) {
			*out = str_from(line, mark.len);
			return true;
		}
	return false;
}

static json_t *
parse(struct arena *a, struct str text)
{
	struct fault f = { 0 };
	json_t *v = NULL;

	if (json_parse(a, text, &json_limits_default, &v, &f) != ERR_OK)
		return NULL;
	return v;
}

static const json_t *
at_path(const json_t *v, struct str path)
{
	struct str part;

	while (v != NULL && str_cut(&path, '/', &part)) {
		char name[128];

		snprintf(name, sizeof(name), "%.*s", (int)part.len, part.p);
		v = json_is_array(v)
			? json_array_get(v, (size_t)strtoul(name, NULL, 10))
			: json_object_get(v, name);
	}
	return v;
}

/* What the audit would print, "-" for nothing. */
static struct str
dash(struct str s)
{
	return str_is_empty(s) ? STR("-") : s;
}

static bool
audit_is(const struct fake *f, struct str want)
{
	const struct attempt *t = &f->attempt;
	struct str method = dash(t->method), era = dash(t->era),
		   code = dash(str_of(t->code)), client = dash(t->client),
		   text = arena_fmt(f->arena,
		       "%.*s era=%.*s code=%.*s status=%d client=%.*s event=%s",
		       (int)method.len, method.p, (int)era.len, era.p,
		       (int)code.len, code.p, t->status, (int)client.len,
		       client.p, mcp_event(t));

	if (str_eq(text, want))
		return true;
	fprintf(stderr, "audit: %.*s\n", (int)text.len, text.p);
	return false;
}

/* One line of what is expected. */
static int
check_line(const struct one *c, struct fake *f, struct str line, size_t *at)
{
	struct str body = fake_body(f), msg = { 0 }, rest = line, word;
	int64_t n;

	(void)str_cut(&rest, ' ', &word);
	rest = str_trim(rest);
	if (str_eq(word, STR("status"))) {
		assert_true(str_int(rest, 100, 599, &n));
		return f->res.status == n
			   ? 0
			   : differs(c, "status",
				 arena_fmt(f->arena, "%d %.*s", f->res.status,
				     (int)body.len, body.p));
	}
	if (str_eq(word, STR("empty")))
		return body.len == 0 ? 0 : differs(c, "not empty", body);
	if (str_eq(word, STR("header")))
		return fake_sent(f, arena_z(f->arena, rest))
			   ? 0
			   : differs(c, arena_z(f->arena, rest),
				 buf_text(&f->sent));
	if (str_eq(word, STR("no-header")) ||
	    str_eq(word, STR("some-header"))) {
		struct str head = { f->sent.p, (size_t)(body.p - f->sent.p) };
		bool there = memmem(head.p, head.len, rest.p, rest.len) != NULL;

		return there == (word.p[0] == 's')
			   ? 0
			   : differs(c, "the header has it or not", head);
	}
	if (str_eq(word, STR("audit")))
		return audit_is(f, rest) ? 0 : differs(c, "audit", rest);
	if (str_eq(word, STR("text")))
		return memmem(body.p, body.len, rest.p, rest.len) != NULL
			   ? 0
			   : differs(c, "text is not there", body);
	if (str_eq(word, STR("never")))
		return body.len == 0 || memmem(body.p, body.len, rest.p,
					    rest.len) == NULL
			   ? 0
			   : differs(c, "text is there", body);
	if (str_eq(word, STR("body"))) {
		json_t *want = parse(f->arena, rest), *got;

		if (want == NULL)
			return differs(c, "bad expectation", rest);
		if (!message_at(body, (*at)++, &msg))
			return differs(c, "no such message", body);
		got = parse(f->arena, msg);
		if (got == NULL)
			return differs(c, "not JSON", msg);
		return covers(got, want) ? 0 : differs(c, "body", msg);
	}
	if (str_eq(word, STR("absent"))) {
		if (*at == 0 || !message_at(body, *at - 1, &msg))
			return differs(c, "absent needs a body first", line);
		return at_path(parse(f->arena, msg), rest) == NULL
			   ? 0
			   : differs(c, arena_z(f->arena, line), msg);
	}
	return differs(c, "unknown expectation", line);
}

/* Switches of the configuration. */
static void
set_switches(struct fake *f, struct str names)
{
	const struct {
		const char *name;
		bool *at;
	} all[] = {
		{ "streams", &f->conf.streams },
		{ "sessions", &f->conf.sessions },
		{ "logging", &f->conf.logging },
	};
	struct str name;

	while (str_cut(&names, ' ', &name))
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
			if (str_eq(name, str_of(all[i].name)))
				*all[i].at = true;
}

/* A limit that is soon met. */
static enum err
charge_more(void *arg, struct fault *f)
{
	struct fake *fake = arg;

	f->retry_s = 7;
	return fake->more-- > 0 ? ERR_OK
				: fault_set(f, ERR_RATE, "Rate limit exceeded");
}

/* One line of the request; true: it was a blank line, the body follows. */
static bool
request_line(struct fake *f, struct str line)
{
	struct str rest = line, name;

	if (str_is_empty(line))
		return true;
	(void)str_cut(&rest, ':', &name);
	rest = str_trim(rest);
	if (str_eq(name, STR("no-key"))) {
		f->who.known = false;
	} else if (str_eq(name, STR("query"))) {
		fake_param(f, "REQUEST_URI",
		    arena_fmt(f->arena, "/mcp?%.*s", (int)rest.len, rest.p));
	} else if (str_eq(name, STR("more"))) {
		int64_t n;

		assert_true(str_int(rest, 0, 100, &n));
		f->more = (int)n;
		f->mcp.charge_more = charge_more;
		f->mcp.charge_arg = f;
	} else if (str_eq(name, STR("set"))) {
		set_switches(f, rest);
	} else if (str_eq(name, STR("session"))) {
		fake_header(f, STR("Mcp-Session-Id"), fake_session(f, rest));
	} else if (str_eq(name, STR("modern"))) {
		struct str method;

		(void)str_cut(&rest, ' ', &method);
		fake_header(f, STR("MCP-Protocol-Version"), STR("2026-07-28"));
		fake_header(f, STR("Mcp-Method"), method);
		if (rest.p != NULL)
			fake_header(f, STR("Mcp-Name"), rest);
	} else {
		fake_header(f, name, rest);
	}
	return false;
}

/* "$M" stands for the three standard keys of _meta. */
static struct str
expand(struct arena *a, struct str body)
{
	struct buf b;

	buf_init(&b, a, 8u << 20);
	for (size_t i = 0; i < body.len; i++)
		if (body.p[i] == '$' && i + 1 < body.len &&
		    body.p[i + 1] == 'M') {
			buf_str(&b, str_of(standard_meta));
			i++;
		} else {
			buf_char(&b, body.p[i]);
		}
	return buf_text(&b);
}

/* For tests/e2e/schema_cases.py: what was answered, to which method, in which
 * revision, a line each. */
static void
keep(const struct fake *f)
{
	struct str body = fake_body(f), msg, method;
	FILE *to;

	if (getenv("MCP_ANSWERS") == NULL || body.len == 0 ||
	    f->attempt.era.len == 0)
		return;
	to = fopen(getenv("MCP_ANSWERS"), "ab");
	assert_non_null(to);
	method = dash(f->attempt.method);
	if (method.p[strcspn(method.p, "\n\t")] != '\0')
		method = STR("-");
	for (size_t i = 0; message_at(body, i, &msg); i++)
		fprintf(to, "%.*s\t%.*s\t%.*s\n", (int)f->attempt.era.len,
		    f->attempt.era.p, (int)method.len, method.p, (int)msg.len,
		    msg.p);
	fclose(to);
}

static int
run_case(const struct one *c)
{
	struct fake f;
	struct str request = c->request, expect = c->expect, line;
	size_t at = 0;
	int bad = 0;

	ncases++;
	fake_init(&f, true);
	while (str_cut(&request, '\n', &line))
		if (request_line(&f, line))
			break;
	while (request.len > 0 && request.p[request.len - 1] == '\n')
		request.len--;
	fake_post(&f, expand(f.arena, request));
	while (str_cut(&expect, '\n', &line))
		if (!str_is_empty(line) && line.p[0] != '#')
			bad |= check_line(c, &f, line, &at);
	keep(&f);
	fake_done(&f);
	return bad;
}

static struct str
slurp(struct arena *a, const char *path)
{
	FILE *in = fopen(path, "rb");
	struct buf b;
	int ch;

	if (in == NULL)
		fail_msg("cannot read %s", path);
	buf_init(&b, a, 8u << 20);
	while ((ch = getc(in)) != EOF)
		buf_char(&b, (char)ch);
	fclose(in);
	return buf_text(&b);
}

/* Take the next "=== name" with all that belongs to it off *rest. */
static bool
next_case(struct str *rest, struct one *c)
{
	const char *p = memmem(rest->p, rest->len, "=== ", 4), *end, *sep;

	if (p == NULL)
		return false;
	*rest = str_from(*rest, (size_t)(p - rest->p) + 4);
	(void)str_cut(rest, '\n', &c->name);
	end = memmem(rest->p, rest->len, "\n=== ", 5);
	c->expect = *rest;
	if (end != NULL)
		c->expect.len = (size_t)(end - rest->p) + 1;
	*rest = str_from(*rest, c->expect.len);
	sep = memmem(c->expect.p, c->expect.len, "---\n", 4);
	if (sep == NULL)
		fail_msg("%.*s: no ---", (int)c->name.len, c->name.p);
	c->request = str_from(c->expect, (size_t)(sep - c->expect.p) + 4);
	c->expect.len = (size_t)(sep - c->expect.p);
	return true;
}

static int
run_file(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct one c = { .file = str_of(slash == NULL ? path : slash + 1) };
	struct str rest = slurp(a, path);
	int bad = 0, before = ncases;

	while (next_case(&rest, &c))
		bad |= run_case(&c);
	if (ncases == before)
		fail_msg("%s holds no case", path);
	return bad;
}

static void
test_cases(void **state)
{
	struct arena *a = arena_new(64u << 20);
	const char *src = getenv("srcdir");
	glob_t found;
	int bad = 0;

	(void)state;
	assert_int_equal(glob(arena_z(a,
				  arena_fmt(a, "%s/tests/cases/mcp/*.case",
				      src == NULL ? "." : src)),
			     0, NULL, &found),
	    0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		bad |= run_file(a, found.gl_pathv[i]);
	globfree(&found);
	print_message("%d cases\n", ncases);
	assert_true(ncases > 200);
	assert_int_equal(bad, 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
