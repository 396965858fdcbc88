/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a sealed text, and as the payload of one: nothing opens that
 * was not sealed, and what was sealed comes back whole.
 */
#include <string.h>

#include "auth/auth.h"
#include "fuzz.h"

static const struct seal seal = { { 3, 1, 4 } };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)32 << 20);
	struct str given = { (const char *)data, size };
	struct str who = STR("0123456789ab");
	struct str text, payload;
	char *other;

	FUZZ_PROMISE(!seal_open(&seal, a, who, 0, given, &payload));
	if (size <= 16384) {
		text = seal_make(&seal, a, who, 100, given);
		FUZZ_PROMISE(seal_open(&seal, a, who, 99, text, &payload));
		FUZZ_PROMISE(str_eq(payload, given));
		FUZZ_PROMISE(!seal_open(&seal, a, who, 100, text, &payload));
		other = arena_z(a, text);
		other[size == 0 ? 0 : data[0] % text.len] ^= 1;
		text.p = other;
		FUZZ_PROMISE(!seal_open(&seal, a, who, 99, text, &payload));
	}
	arena_free(a);
	return 0;
}
