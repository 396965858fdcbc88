/* SPDX-License-Identifier: ISC */
/* The closest names by distance, sorted. */
#include "source/near.h"

#include "base/buf.h"

void
near_offer(struct near *k, struct str name)
{
	size_t far = str_distance(k->wanted, name);
	size_t i;

	for (i = 0; i < k->n; i++)
		if (str_ieq(k->names[i], name))
			return;
	if (k->n == NEAREST && far >= k->far[NEAREST - 1])
		return;
	if (k->n < NEAREST)
		k->n++;
	for (i = k->n - 1; i > 0 && k->far[i - 1] > far; i--) {
		k->names[i] = k->names[i - 1];
		k->far[i] = k->far[i - 1];
	}
	k->names[i] = arena_dup(k->arena, name);
	k->far[i] = far;
}

void
near_say(const struct near *k, const char *what, struct fault *f)
{
	struct buf b;

	if (k->n == 0)
		return;
	buf_init(&b, k->arena, FAULT_MSG);
	for (size_t i = 0; i < k->n; i++) {
		if (i != 0)
			buf_lit(&b, ", ");
		buf_str(&b, k->names[i]);
	}
	fault_hint(f, "%s: %.*s", what, (int)b.len, b.p);
}
