/* SPDX-License-Identifier: ISC */
/* Rules and types that are for nothing: a slip of the pen shows data that was
 * to be hidden, and nothing else tells. */
#include "ctl/unmatched.h"
#include "source/files.h"
#include "source/source.h"

static const char *const settings[LIST_COUNT] = { "deny", "mask", "types" };

static const struct conf_names *
list_of(const struct conf_source *s, int list)
{
	const struct conf_names *const lists[LIST_COUNT] = { &s->deny, &s->mask,
		&s->types };

	return lists[list];
}

void
unmatched_begin(struct unmatched *u, struct arena *a,
    const struct conf_source *s)
{
	u->source = s;
	for (int k = 0; k < LIST_COUNT; k++)
		u->entries[k] =
		    arena_zero(a, list_of(s, k)->n + 1, sizeof(*u->entries[k]));
}

void
unmatched_see(struct unmatched *u, struct str schema, struct str table,
    struct str column)
{
	for (int k = 0; k < LIST_COUNT; k++) {
		const struct conf_names *list = list_of(u->source, k);

		for (size_t i = 0; i < list->n; i++) {
			struct unmatched_entry *e = &u->entries[k][i];

			if (k == LIST_TYPES) {
				e->seen |= files_type_is_for(list->v[i], table,
				    column);
				continue;
			}
			e->seen |= rule_matches(list->v[i], table, column);
			e->schema |=
			    schema.len > 0 && rule_begins(list->v[i], schema);
		}
	}
}

void
unmatched_say(const struct unmatched *u, struct arena *a,
    void (*say)(void *arg, const char *setting, struct str sentence), void *arg)
{
	for (int k = 0; k < LIST_COUNT; k++) {
		const struct conf_names *list = list_of(u->source, k);

		for (size_t i = 0; i < list->n; i++) {
			const struct unmatched_entry *e = &u->entries[k][i];

			if (e->seen)
				continue;
			say(arg, settings[k],
			    arena_fmt(a, "%s: %s \"%.200s\" %s%s",
				u->source->name, settings[k], list->v[i],
				k == LIST_TYPES
				    ? "is for no column that is there"
				    : "hides nothing: no table or column that is there has that name",
				e->schema
				    ? "; it begins with a schema, and rules are written without"
				    : ""));
		}
	}
}
