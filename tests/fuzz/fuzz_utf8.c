/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as text: the fast check agrees with a slow one, cuts stay valid,
 * and whatever the bytes, the JSON made of them is JSON.
 */
#include "base/arena.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "json/json.h"
#include "json/json_out.h"

#define ROOM ((size_t)16 << 20)

/* A character read bit by bit (RFC 3629 section 3): its length, or 0. */
static size_t
slow_step(const uint8_t *p, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = 0;
	uint32_t c;

	while (n < 8 && (p[0] & (0x80 >> n)) != 0)
		n++;
	if (n == 0)
		return 1;
	if (n == 1 || n > 4 || n > left)
		return 0;
	c = p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static bool
slow_valid(const uint8_t *p, size_t size)
{
	bool valid = true;

	for (size_t i = 0; i < size;) {
		size_t n = slow_step(p + i, size - i);
		const char *at = (const char *)p + i;

		FUZZ_PROMISE(utf8_step(at, size - i) == n);
		if (n == 0) {
			n = utf8_bad(at, size - i);
			FUZZ_PROMISE(n >= 1 && n <= 3 && n <= size - i);
			valid = false;
		}
		i += n;
	}
	return valid;
}

static void
check_json(struct str text, bool valid)
{
	const struct json_limits limits = { 64, 20000, ROOM, 64 };
	struct arena *a = arena_new(16 * ROOM);
	struct fault f = { 0 };
	struct json_out o;
	struct buf b;
	json_t *root;

	buf_init(&b, a, ROOM);
	json_out_init(&o, &b, NULL);
	json_str(&o, NULL, text.p, text.len);
	FUZZ_PROMISE(json_parse(a, buf_text(&b), &limits, &root, &f) == ERR_OK);
	FUZZ_PROMISE(str_eq(json_text(root), text) == valid);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	bool valid = slow_valid(data, size);

	FUZZ_PROMISE(utf8_valid(text) == valid);
	if (valid && size != 0) {
		struct str cut = utf8_cut(text, data[0] % (size + 1));

		FUZZ_PROMISE(utf8_valid(cut));
	}
	check_json(text, valid);
	(void)str_glob(text, text);
	(void)str_like(text, text);
	return 0;
}
