/* SPDX-License-Identifier: ISC */
/*
 * What the gate found in the statements of late, by their text: a client that
 * asks the same again with other values is not read again.
 */
#include "source/source_int.h"

#define GATES_KEPT   16
#define GATES_TEXT   4096 /* longer ones are read each time */
#define GATES_MEMORY ((size_t)1 << 20)

struct gates {
	struct arena *arena;
	uint64_t clock;
	struct kept_gate {
		struct arena *arena; /* what gate points to */
		struct str text;
		struct gate gate;
		uint64_t used;
	} v[GATES_KEPT];
};

struct gates *
gates_new(void)
{
	struct arena *a = arena_new(GATES_MEMORY);
	struct gates *k = arena_zero(a, 1, sizeof(*k));

	k->arena = a;
	return k;
}

void
gates_free(struct gates *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < GATES_KEPT; i++)
		arena_free(k->v[i].arena);
	arena_free(k->arena);
}

static struct kept_gate *
find(struct gates *k, struct str text)
{
	for (size_t i = 0; i < GATES_KEPT; i++)
		if (k->v[i].used != 0 && str_eq(k->v[i].text, text))
			return &k->v[i];
	return NULL;
}

static struct kept_gate *
oldest(struct gates *k)
{
	struct kept_gate *old = &k->v[0];

	for (size_t i = 1; i < GATES_KEPT; i++)
		if (k->v[i].used < old->used)
			old = &k->v[i];
	if (old->arena == NULL)
		old->arena = arena_new(GATES_MEMORY);
	arena_reset(old->arena);
	old->used = 0;
	return old;
}

static bool
is_own_name(const void *arg, struct str name)
{
	const struct conf_source *spec = arg;

	return str_ieq(name, str_of(spec->name));
}

enum err
gates_read(struct gates *k, struct arena *a, enum sql_dialect d,
    const struct conf_source *spec, struct str text, struct gate *g,
    struct fault *f)
{
	struct kept_gate *p;
	enum err e;

	if (text.len > GATES_TEXT)
		return gate_read(a, d, text, is_own_name, spec, g, f);
	p = find(k, text);
	if (p == NULL) {
		p = oldest(k);
		p->text = arena_dup(p->arena, text);
		e = gate_read(p->arena, d, p->text, is_own_name, spec, g, f);
		if (e != ERR_OK)
			return e;
		p->gate = *g;
	}
	p->used = ++k->clock;
	*g = p->gate;
	return ERR_OK;
}
