/* SPDX-License-Identifier: ISC */
/*
 * Columns that the database computes from others: one that is made of what is
 * denied or masked would tell it, and is denied with it.
 */
#include "source/gate_int.h"
#include "source/source.h"

/* For one text at a time, however many there are; what is longer than any that
 * people write is not read. */
#define LOOK_MEMORY ((size_t)64 << 20)
#define TEXT_MAX    ((size_t)1 << 20)

static bool
same_table(const struct rules_column *a, const struct rules_column *b)
{
	return str_eq(a->schema, b->schema) && str_eq(a->table, b->table);
}

/* Another computed column of the table by this name, and hidden? */
static bool
is_hidden(const struct rules_made *m, const struct rules_column *of,
    struct str name)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].hidden && same_table(&m->v[i], of) &&
		    str_ieq(m->v[i].column, name))
			return true;
	return false;
}

/* Is what it is made of hidden?  What cannot be read may be. */
static bool
is_made_of_hidden(struct arena *a, const struct conf_source *spec,
    enum sql_dialect d, const struct rules_made *m,
    const struct rules_column *c)
{
	struct fault ignored = { 0 };
	struct tokens t;

	arena_reset(a);
	if (c->from.len > TEXT_MAX ||
	    tokens_read(a, d, c->from, &t, &ignored) != ERR_OK)
		return true;
	for (size_t i = 0; i < t.n; i++) {
		struct str name = token_name(a, &t, i);

		if (token_is_name(&t, i) &&
		    (rules_denies(spec, c->table, name) ||
			rules_masks(spec, c->table, name) ||
			is_hidden(m, c, name)))
			return true;
	}
	return false;
}

static bool
names_hidden(struct arena *a, const struct conf_source *spec,
    enum sql_dialect d, struct str text)
{
	struct fault ignored = { 0 };
	struct tokens t;

	if (tokens_read(a, d, text, &t, &ignored) != ERR_OK)
		return true;
	for (size_t i = 0; i < t.n; i++) {
		struct str name = token_name(a, &t, i);

		if (name.len == 0)
			continue;
		name = str_behind_last(name, '.'); /* 'shop.hidden_s' */
		if (rules_denies(spec, name, (struct str){ 0 }))
			return true;
	}
	return false;
}

bool
rules_tells(const struct conf_source *spec, enum sql_dialect d, struct str text)
{
	struct arena *a;
	bool tells;

	if (text.len == 0 || text.len > TEXT_MAX)
		return text.len > 0;
	a = arena_new(LOOK_MEMORY);
	tells = names_hidden(a, spec, d, text);
	arena_free(a);
	return tells;
}

void
rules_make(const struct conf_source *spec, enum sql_dialect d,
    struct rules_made *m)
{
	struct arena *a = arena_new(LOOK_MEMORY);
	bool found = true;

	/* One made of one that is made of it, until nothing is added. */
	while (found) {
		found = false;
		for (size_t i = 0; i < m->n; i++) {
			struct rules_column *c = &m->v[i];

			if (c->hidden || c->from.len == 0 ||
			    !rules_columns(spec, c->table) ||
			    !is_made_of_hidden(a, spec, d, m, c))
				continue;
			c->hidden = found = true;
		}
	}
	arena_free(a);
}

bool
rules_made_hides(const struct rules_made *m, struct str schema,
    struct str table, struct str column)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].hidden && str_eq(m->v[i].schema, schema) &&
		    str_eq(m->v[i].table, table) &&
		    str_eq(m->v[i].column, column))
			return true;
	return false;
}
