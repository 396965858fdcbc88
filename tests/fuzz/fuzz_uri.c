/* SPDX-License-Identifier: ISC */
/*
 * Up to the first newline a template, then an address: what a template finds
 * in an address is the same when it is put together again, holds no zero byte,
 * and a text with it inserted is as long as it must be.
 */
#include "content/content_int.h"
#include "fuzz.h"

/* The template with its values, encoded, must fit itself. */
static void
again(struct arena *a, struct str pattern, const struct uri_value *v, size_t n)
{
	struct uri_value w[URI_VALUES];
	struct str rest = pattern, name;
	bool slashes;
	struct buf b;
	size_t m, i;

	buf_init(&b, a, 1 << 20);
	for (i = 0; i < n; i++) {
		struct str before = rest;

		FUZZ_PROMISE(uri_variable(&rest, &name, &slashes));
		buf_put(&b, before.p,
		    before.len - rest.len - name.len - 2 - slashes);
		uri_encode(&b, v[i].value, false);
	}
	buf_str(&b, rest);
	if (b.len > URI_MAX || !uri_match(a, pattern, buf_text(&b), w, &m))
		return; /* a value may hold what the template goes on with */
	FUZZ_PROMISE(m == n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)64 << 20);
	struct str rest = { (const char *)data, size }, pattern, decoded;
	struct insert_value in[URI_VALUES];
	struct uri_value v[URI_VALUES];
	size_t n;

	if (str_cut(&rest, '\n', &pattern) && rest.p != NULL) {
		if (uri_match(a, pattern, rest, v, &n)) {
			FUZZ_PROMISE(n <= URI_VALUES && rest.len <= URI_MAX);
			for (size_t i = 0; i < n; i++) {
				FUZZ_PROMISE(!str_has(v[i].value, '\0') &&
					     v[i].value.len > 0);
				in[i] = (struct insert_value){ v[i].name,
					v[i].value };
			}
			again(a, pattern, v, n);
			(void)insert_values(a, arena_z(a, pattern), in, n,
			    INSERT_JSON, &decoded);
		}
		(void)uri_valid(rest);
		FUZZ_PROMISE(
		    !uri_decode(a, rest, &decoded) || decoded.len <= rest.len);
	}
	arena_free(a);
	return 0;
}
