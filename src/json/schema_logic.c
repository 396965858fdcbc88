/* SPDX-License-Identifier: ISC */
/* JSON Schema: keywords made of other schemas, and what is left at the end. */
#include <stdio.h>

#include "json/schema_int.h"

static bool
check_all(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t i;
	json_t *sub;

	(void)schema;
	json_array_foreach(k, i,
	    sub) if (!schema_walk(c, sub, value, seen)) return false;
	return true;
}

static bool
check_any(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	bool found = false;
	size_t i;
	json_t *sub;

	(void)schema;
	json_array_foreach(k, i, sub) found =
	    schema_try(c, sub, value, seen) || found;
	return found || schema_no(c, "fits none of the alternatives");
}

static bool
check_one(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t i, found = 0;
	json_t *sub;

	(void)schema;
	json_array_foreach(k, i, sub) found += schema_try(c, sub, value, seen);
	return found == 1 ||
	       schema_no(c, found == 0 ? "fits none of the alternatives"
				       : "fits more than one alternative");
}

static bool
check_not(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	(void)schema, (void)seen;
	return !schema_try(c, k, value, NULL) ||
	       schema_no(c, "is what it must not be");
}

static bool
check_if(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	bool holds = schema_try(c, k, value, seen);
	const json_t *next = json_object_get(schema, holds ? "then" : "else");

	return next == NULL || schema_walk(c, next, value, seen);
}

static bool
check_ref(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const json_t *to = schema_find(c->root, json_text(k));

	(void)schema;
	return to != NULL ? schema_walk(c, to, value, seen)
			  : schema_no(c, "cannot be checked");
}

static bool
check_left_members(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const char *name;
	json_t *v;

	(void)schema;
	if (!json_is_object(value) || seen == NULL)
		return true;
	json_object_foreach((json_t *)value, name, v)
	{
		if (json_object_get(seen->names, name) != NULL)
			continue;
		if (json_is_false(k))
			return schema_no_member(c, SCHEMA_UNKNOWN, name);
		if (!schema_member(c, name, k, v))
			return false;
		seen_name(seen, name);
	}
	return true;
}

static bool
check_left_items(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	char number[24];
	size_t i;
	json_t *v;

	(void)schema;
	if (!json_is_array(value) || seen == NULL || seen->all_items)
		return true;
	json_array_foreach(value, i, v)
	{
		snprintf(number, sizeof(number), "%zu", i);
		if (json_object_get(seen->indexes, number) == NULL &&
		    !schema_item(c, i, k, v))
			return false;
	}
	seen->all_items = true;
	return true;
}

const struct keyword schema_logic[] = {
	{ "$ref", check_ref, SHAPE_REF },
	{ "$dynamicRef", check_ref, SHAPE_REF },
	{ "allOf", check_all, SHAPE_LIST },
	{ "anyOf", check_any, SHAPE_LIST },
	{ "oneOf", check_one, SHAPE_LIST },
	{ "not", check_not, SHAPE_SCHEMA },
	{ "if", check_if, SHAPE_SCHEMA },
	{ 0 },
};

const struct keyword schema_last[] = {
	{ "unevaluatedProperties", check_left_members, SHAPE_SCHEMA },
	{ "unevaluatedItems", check_left_items, SHAPE_SCHEMA },
	{ 0 },
};
