/* SPDX-License-Identifier: ISC */
/* Any eight bytes as a double, and any text as a number: out, in, the same. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "json/json.h"
#include "json/json_out.h"

static void
check_double(struct arena *a, double v)
{
	char text[32];
	size_t n = json_double_text(text, v);
	struct fault f = { 0 };
	json_t *root;

	FUZZ_PROMISE(n >= 1 && n <= sizeof(text));
	FUZZ_PROMISE(json_parse(a, (struct str){ text, n },
			 &json_limits_default, &root, &f) == ERR_OK);
	FUZZ_PROMISE(json_number_value(root) == v);
}

/* The strict reader of integers and JSON agree on what both take. */
static void
check_int(struct str text, const json_t *root)
{
	int64_t v;

	if (json_is_integer(root) && str_int(text, INT64_MIN, INT64_MAX, &v))
		FUZZ_PROMISE(v == json_integer_value(root));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)16 << 20);
	struct str text = { (const char *)data, size };
	struct fault f = { 0 };
	json_t *root;
	double v;

	if (size >= sizeof(v)) {
		memcpy(&v, data, sizeof(v));
		if (isfinite(v))
			check_double(a, v);
	}
	if (json_parse(a, text, &json_limits_default, &root, &f) == ERR_OK) {
		if (json_is_number(root))
			check_double(a, json_number_value(root));
		check_int(text, root);
	}
	arena_free(a);
	return 0;
}
