/* SPDX-License-Identifier: ISC */
/*
 * Any bytes in every text of an attempt, cut at zero bytes: the line is
 * printable ASCII, JSON, within its ceiling, and ends with its only newline.
 */
#include "auth/auth_int.h"
#include "fuzz.h"
#include "json/json.h"

static struct str
piece(struct str *rest)
{
	struct str s = { NULL, 0 };

	(void)str_cut(rest, '\0', &s);
	return s;
}

static void
check_line(struct arena *a, struct str line, size_t max)
{
	struct fault f = { 0 };
	json_t *o;

	FUZZ_PROMISE(line.len > 1 && line.len <= max);
	FUZZ_PROMISE(line.p[line.len - 1] == '\n');
	for (size_t i = 0; i + 1 < line.len; i++)
		FUZZ_PROMISE(line.p[i] >= ' ' && line.p[i] <= '~');
	FUZZ_PROMISE(
	    json_parse(a, line, &json_limits_default, &o, &f) == ERR_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[32] = { 1 };
	struct str rest = { (const char *)data, size };
	struct arena *a = arena_new((size_t)4 << 20);
	struct attempt t;

	attempt_init(&t, NULL, key, true, 0);
	t.sql = piece(&rest);
	t.client = piece(&rest);
	t.tool = piece(&rest);
	t.method = piece(&rest);
	t.source = piece(&rest);
	t.address = piece(&rest);
	t.era = rest;
	attempt_params(&t, a, t.sql);
	check_line(a, attempt_line(&t, a, "call"), 8192);
	t.line_max = 2048;
	check_line(a, attempt_line(&t, a, "call"), 2048);
	arena_free(a);
	return 0;
}
