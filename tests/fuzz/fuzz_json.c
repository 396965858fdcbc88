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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(16 * ROOM);
	struct str text = { (const char *)data, size }, once;
	struct fault f = { 0 };
	struct buf twin;
	json_t *root;

	if (json_parse(a, text, &json_limits_default, &root, &f) != ERR_OK) {
		FUZZ_PROMISE(f.code == ERR_JSON && root == NULL);
		FUZZ_PROMISE(f.msg[0] != '\0' && f.log[0] != '\0');
		arena_free(a);
		return 0;
	}
	buf_init(&twin, a, ROOM);
	buf_char(&twin, '"');
	once = written(a, root, &twin);
	buf_char(&twin, '"');
	FUZZ_PROMISE(str_eq(written(a, again(a, once), NULL), once));
	FUZZ_PROMISE(str_eq(json_text(again(a, buf_text(&twin))), once));
	arena_free(a);
	return 0;
}
