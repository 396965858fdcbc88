/* SPDX-License-Identifier: ISC */
/* JSON Schema: the walk of a value along a schema. */
#include "json/schema.h"

#include <stdarg.h>
#include <stdio.h>

#include "json/schema_int.h"

bool
schema_no(struct check *c, const char *fmt, ...)
{
	va_list ap;

	if (c->quiet || c->why == NULL || c->why->text[0] != '\0')
		return false;
	va_start(ap, fmt);
	vsnprintf(c->why->text, sizeof(c->why->text), fmt, ap);
	va_end(ap);
	snprintf(c->why->at, sizeof(c->why->at), "%s", c->at);
	return false;
}

bool
schema_no_member(struct check *c, enum schema_what what, const char *name)
{
	bool first = !c->quiet && c->why != NULL && c->why->text[0] == '\0';

	if (first) {
		c->why->what = what;
		snprintf(c->why->member, sizeof(c->why->member), "%s", name);
	}
	return schema_no(c,
	    what == SCHEMA_LACKS ? "lacks the member '%.60s'"
				 : "has the unknown member '%.60s'",
	    name);
}

static void
json_drop(void *v)
{
	json_decref(v);
}

struct seen
seen_new(struct check *c)
{
	struct seen s = { json_object(), json_object(), false };

	arena_defer(c->arena, json_drop, s.names);
	arena_defer(c->arena, json_drop, s.indexes);
	return s;
}

void
seen_name(struct seen *s, const char *name)
{
	if (s != NULL)
		json_object_set_new(s->names, name, json_true());
}

void
seen_index(struct seen *s, size_t i)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", i);
	if (s != NULL)
		json_object_set_new(s->indexes, number, json_true());
}

void
seen_add(struct seen *to, const struct seen *from)
{
	if (to == NULL)
		return;
	json_object_update(to->names, from->names);
	json_object_update(to->indexes, from->indexes);
	to->all_items = to->all_items || from->all_items;
}

bool
schema_try(struct check *c, const json_t *schema, const json_t *value,
    struct seen *seen)
{
	bool quiet = c->quiet, ok;

	c->quiet = true;
	ok = schema_walk(c, schema, value, seen);
	c->quiet = quiet;
	return ok;
}

static bool
step(struct check *c, const char *piece, const json_t *schema,
    const json_t *value)
{
	size_t len = strlen(c->at);
	bool ok;

	snprintf(c->at + len, sizeof(c->at) - len, "/%s", piece);
	ok = schema_walk(c, schema, value, NULL);
	c->at[len] = '\0';
	return ok;
}

bool
schema_member(struct check *c, const char *name, const json_t *schema,
    const json_t *value)
{
	return step(c, name, schema, value);
}

bool
schema_item(struct check *c, size_t i, const json_t *schema,
    const json_t *value)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", i);
	return step(c, number, schema, value);
}

static bool
keywords(struct check *c, const struct keyword *table, const json_t *schema,
    const json_t *value, struct seen *seen)
{
	for (; table->name != NULL; table++) {
		const json_t *k = json_object_get(schema, table->name);

		if (k != NULL && !table->check(c, schema, k, value, seen))
			return false;
	}
	return true;
}

/* Members and items are kept track of only where somebody asks for them. */
static bool
wants_seen(const json_t *schema)
{
	return json_object_get(schema, schema_last[0].name) != NULL ||
	       json_object_get(schema, schema_last[1].name) != NULL;
}

static bool
walk_object(struct check *c, const json_t *schema, const json_t *value,
    struct seen *seen)
{
	struct seen own, *here = NULL;

	if (seen != NULL || wants_seen(schema)) {
		own = seen_new(c);
		here = &own;
	}
	if (!keywords(c, schema_values, schema, value, here) ||
	    !keywords(c, schema_containers, schema, value, here) ||
	    !keywords(c, schema_logic, schema, value, here) ||
	    !keywords(c, schema_last, schema, value, here))
		return false;
	if (seen != NULL)
		seen_add(seen, here);
	return true;
}

bool
schema_walk(struct check *c, const json_t *schema, const json_t *value,
    struct seen *seen)
{
	bool ok;

	if (json_is_true(schema))
		return true;
	if (!json_is_object(schema))
		return schema_no(c, "is not allowed here");
	if (c->depth == SCHEMA_DEPTH || ++c->steps > SCHEMA_STEPS)
		return schema_no(c, "is too deep to be checked");
	c->depth++;
	ok = walk_object(c, schema, value, seen);
	c->depth--;
	return ok;
}

bool
schema_holds(struct arena *a, const json_t *schema, const json_t *value,
    const struct schema_regex *re, struct schema_why *why)
{
	struct check c = { .arena = a, .root = schema, .re = re, .why = why };

	if (why != NULL)
		*why = (struct schema_why){ 0 };
	return schema_walk(&c, schema, value, NULL);
}
