/* SPDX-License-Identifier: ISC */
/* Questions and replies: every line of tests/cases/ask (its README says how
 * they are written). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mcp/ask_int.h"

static struct arena *arena;

static json_t *
parse(struct str text)
{
	struct fault f = { 0 };
	json_t *v = NULL;
	struct str inside = arena_fmt(arena, "[%.*s]", (int)text.len, text.p);

	if (json_parse(arena, inside, &json_limits_default, &v, &f) != ERR_OK)
		fail_msg("no JSON: %.*s", (int)text.len, text.p);
	return json_array_get(v, 0);
}

/* The piece before "sign", which is taken off with it; all where it is not. */
static struct str
piece(struct str *rest, const char *sign)
{
	size_t n = strlen(sign);
	struct str all = *rest;

	for (size_t i = 0; i + n <= all.len; i++)
		if (memcmp(all.p + i, sign, n) == 0) {
			*rest = str_from(all, i + n);
			return (struct str){ all.p, i };
		}
	*rest = (struct str){ 0 };
	return all;
}

static bool
request_ok(struct str line)
{
	return ask_wrong(arena, parse(line)) == NULL;
}

static bool
form_ok(struct str line)
{
	return request_ok(arena_fmt(arena,
	    "{\"method\":\"elicitation/create\",\"params\":{\"message\":\"?\","
	    "\"requestedSchema\":{\"type\":\"object\",\"properties\":{"
	    "\"p\":%.*s}}}}",
	    (int)line.len, line.p));
}

static bool
value_ok(struct str line)
{
	struct str property = piece(&line, " <- ");

	return ask_value_fits(arena, parse(property), parse(line));
}

static bool
reply_ok(struct str line)
{
	struct str request = piece(&line, " <- ");
	struct str reply = piece(&line, " = ");
	json_t *kept = NULL;

	if (!ask_answered(arena, parse(request), parse(reply), &kept))
		return false;
	if (line.p != NULL && !json_equal(kept, parse(line)))
		fail_msg("kept otherwise: %s", json_dumps(kept, 0));
	return true;
}

static int
run(const char *name, bool (*ok)(struct str line))
{
	const char *src = getenv("srcdir");
	char *line = NULL;
	size_t size = 0;
	int n = 0;
	FILE *in = fopen(arena_fmt(arena, "%s/tests/cases/ask/%s",
			     src == NULL ? "." : src, name)
			     .p,
	    "r");

	assert_non_null(in);
	while (getline(&line, &size, in) > 0) {
		struct str text = str_of(line);

		text.len--;
		if (text.len == 0 || text.p[0] == '#')
			continue;
		n++;
		if (ok(str_from(text, 3)) != str_starts(text, STR("ok ")))
			fail_msg("%s: %s", name, line);
	}
	free(line);
	fclose(in);
	return n;
}

static void
requests(void **state)
{
	(void)state;
	assert_true(run("requests", request_ok) > 40);
	assert_true(run("forms", form_ok) > 40);
}

static void
replies(void **state)
{
	(void)state;
	assert_true(run("values", value_ok) > 60);
	assert_true(run("replies", reply_ok) > 20);
}

/* "2025-06-18 REQUEST = RESULT", or "-". */
static bool
era_ok(struct str line)
{
	struct str era = { line.p - 3, 10 }, result = str_from(line, 8);
	struct str request = piece(&result, " = ");
	const json_t *told = ask_for_era(arena, parse(request), era_find(era));
	bool same = str_eq(result, STR("-"))
			? told == NULL
			: told != NULL && json_equal(told, parse(result));

	if (!same)
		fail_msg("%.*s", (int)line.len, line.p - 3);
	return false;
}

static void
eras(void **state)
{
	json_t *page = parse(STR(
	    "{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"url\","
	    "\"message\":\"?\",\"url\":\"https://h.example/\"}}"));
	const json_t *a = ask_for_era(arena, page, ERA_2025_11_25);
	const json_t *b = ask_for_era(arena, page, ERA_2025_11_25);
	struct str ids[2] = {
		json_text(
		    json_member(json_member(a, "params"), "elicitationId")),
		json_text(
		    json_member(json_member(b, "params"), "elicitationId")),
	};

	(void)state;
	assert_true(run("eras", era_ok) > 15);
	assert_int_equal(ids[0].len, 32);
	assert_false(str_eq(ids[0], ids[1]));
	assert_null(json_member(json_member(page, "params"), "elicitationId"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(replies),
		cmocka_unit_test(eras),
	};
	int bad;

	arena = arena_new(256u << 20);
	bad = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return bad;
}
