/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as JSON.  What is taken goes out as JSON, comes in again and goes
 * out the same; the twin is the inside of a string that holds it.
 */
#include "base/arena.h"
#include "fuzz.h"
#include "json/json.h"
#include "json/json_out.h"

#define ROOM ((size_t)16 << 20)

static struct str
written(struct arena *a, const json_t *root, struct buf *twin)
{
	struct json_out o;
	struct buf b;

	buf_init(&b, a, ROOM);
	json_out_init(&o, &b, twin);
	json_tree(&o, NULL, root);
	FUZZ_PROMISE(!json_failed(&o));
	return buf_text(&b);
}

/* What we wrote ourselves may be longer than what a caller may send. */
static json_t *
again(struct arena *a, struct str text)
{
	const struct json_limits limits = { 64, 20000, ROOM, 64 };
	struct fault f = { 0 };
	json_t *root;

	FUZZ_PROMISE(json_parse(a, text, &limits, &root, &f) == ERR_OK);
	return root;
}

/* With its numbers as they stand in the text; p NULL: refused. */
static struct str
with_digits(struct arena *a, struct str text, const struct json_limits *limits)
{
	struct str rest = text;
	struct fault f = { 0 };
	struct json_out o;
	struct buf b;
	json_t *root;

	if (json_parse_digits(a, text, limits, &root, &f) != ERR_OK)
		return (struct str){ 0 };
	buf_init(&b, a, ROOM);
	json_out_init(&o, &b, NULL);
	json_tree_digits(&o, NULL, root, &rest);
	FUZZ_PROMISE(!json_failed(&o));
	return buf_text(&b);
}

/* Nothing is refused for its size, and what comes out stays as it is. */
static void
check_digits(struct arena *a, struct str text, bool taken)
{
	const struct json_limits wide = { 64, 20000, ROOM, 64 };
	struct str once = with_digits(a, text, &json_limits_default);

	FUZZ_PROMISE(once.p != NULL || !taken);
	if (once.p != NULL)
		FUZZ_PROMISE(str_eq(with_digits(a, once, &wide), once));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(16 * ROOM);
	struct str text = { (const char *)data, size }, once;
	struct fault f = { 0 };
	struct buf twin;
	json_t *root;

	if (json_parse(a, text, &json_limits_default, &root, &f) != ERR_OK) {
		check_digits(a, text, false);
		FUZZ_PROMISE(f.code == ERR_JSON && root == NULL);
		FUZZ_PROMISE(f.msg[0] != '\0' && f.log[0] != '\0');
		arena_free(a);
		return 0;
	}
	check_digits(a, text, true);
	buf_init(&twin, a, ROOM);
	buf_char(&twin, '"');
	once = written(a, root, &twin);
	buf_char(&twin, '"');
	FUZZ_PROMISE(str_eq(written(a, again(a, once), NULL), once));
	FUZZ_PROMISE(str_eq(json_text(again(a, buf_text(&twin))), once));
	arena_free(a);
	return 0;
}
