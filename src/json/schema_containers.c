/* SPDX-License-Identifier: ISC */
/* JSON Schema: keywords about the members of objects and the items of arrays. */
#include <stdio.h>

#include "json/schema_int.h"

#define UNUSED ((void)schema, (void)seen)

static bool
check_properties(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const char *name;
	json_t *sub;

	(void)schema;
	if (!json_is_object(value))
		return true;
	json_object_foreach((json_t *)k, name, sub)
	{
		const json_t *v = json_object_get(value, name);

		if (v == NULL)
			continue;
		seen_name(seen, name);
		if (!schema_member(c, name, sub, v))
			return false;
	}
	return true;
}

static bool
name_matches(const struct check *c, const char *pattern, const char *name)
{
	return c->re != NULL &&
	       c->re->match(c->re->arg, str_of(pattern), str_of(name)) == 1;
}

static bool
check_patterns(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const char *pattern, *name;
	json_t *sub, *v;

	(void)schema;
	json_object_foreach((json_t *)k, pattern, sub)
	{
		json_object_foreach((json_t *)value, name, v)
		{
			if (!name_matches(c, pattern, name))
				continue;
			seen_name(seen, name);
			if (!schema_member(c, name, sub, v))
				return false;
		}
	}
	return true;
}

/* Is the member looked at by "properties" or "patternProperties"? */
static bool
is_named(const struct check *c, const json_t *schema, const char *name)
{
	const char *pattern;
	json_t *sub;

	if (json_object_get(json_object_get(schema, "properties"), name) !=
	    NULL)
		return true;
	json_object_foreach(json_object_get(schema, "patternProperties"),
	    pattern, sub) if (name_matches(c, pattern, name)) return true;
	return false;
}

static bool
check_additional(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)value, name, v)
	{
		if (is_named(c, schema, name))
			continue;
		if (json_is_false(k))
			return schema_no_member(c, SCHEMA_UNKNOWN, name);
		seen_name(seen, name);
		if (!schema_member(c, name, k, v))
			return false;
	}
	return true;
}

static bool
check_names(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const char *name;
	json_t *v;

	UNUSED;
	json_object_foreach((json_t *)value, name, v)
	{
		json_t *text = json_string(name);
		bool ok = schema_try(c, k, text, NULL);

		json_decref(text);
		if (!ok)
			return schema_no(c, "has a member with a bad name");
	}
	return true;
}

static bool
check_required(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t i;
	json_t *name;

	UNUSED;
	if (!json_is_object(value))
		return true;
	json_array_foreach(k, i, name)
	{
		const char *want = json_string_value(name);

		if (json_object_get(value, want) == NULL)
			return schema_no_member(c, SCHEMA_LACKS, want);
	}
	return true;
}

static bool
check_dependent(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const char *name;
	json_t *list;

	json_object_foreach((json_t *)k, name,
	    list) if (json_object_get(value, name) != NULL &&
		      !check_required(c, schema, list, value,
			  seen)) return false;
	return true;
}

static bool
check_dependent_schemas(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const char *name;
	json_t *sub;

	(void)schema;
	json_object_foreach((json_t *)k, name,
	    sub) if (json_object_get(value, name) != NULL &&
		     !schema_walk(c, sub, value, seen)) return false;
	return true;
}

#define COUNT_CHECK(fn, is, size, cond, words)                                 \
	static bool fn(struct check *c, const json_t *schema, const json_t *k, \
	    const json_t *value, struct seen *seen)                            \
	{                                                                      \
		UNUSED;                                                        \
		return !is(value) ||                                           \
		       (double)size(value) cond json_number_value(k) ||        \
		       schema_no(c, words, json_number_value(k));              \
	}

COUNT_CHECK(check_min_members, json_is_object, json_object_size, >=,
    "must have at least %.0f members")
COUNT_CHECK(check_max_members, json_is_object, json_object_size, <=,
    "must have at most %.0f members")
COUNT_CHECK(check_min_items, json_is_array, json_array_size, >=,
    "must have at least %.0f items")
COUNT_CHECK(check_max_items, json_is_array, json_array_size, <=,
    "must have at most %.0f items")

static bool
check_prefix(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t i;
	json_t *sub;

	(void)schema;
	if (!json_is_array(value))
		return true;
	json_array_foreach(k, i, sub)
	{
		if (i >= json_array_size(value))
			break;
		seen_index(seen, i);
		if (!schema_item(c, i, sub, json_array_get(value, i)))
			return false;
	}
	return true;
}

static bool
check_items(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t from = json_array_size(json_object_get(schema, "prefixItems"));

	if (!json_is_array(value))
		return true;
	for (size_t i = from; i < json_array_size(value); i++)
		if (!schema_item(c, i, k, json_array_get(value, i)))
			return false;
	if (seen != NULL)
		seen->all_items = true;
	return true;
}

static bool
check_contains(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	const json_t *least = json_object_get(schema, "minContains");
	const json_t *most = json_object_get(schema, "maxContains");
	double n = 0;
	size_t i;
	json_t *v;

	if (!json_is_array(value))
		return true;
	json_array_foreach(value, i, v)
	{
		if (!schema_try(c, k, v, NULL))
			continue;
		n++;
		seen_index(seen, i);
	}
	if (n < (least == NULL ? 1 : json_number_value(least)))
		return schema_no(c, "holds too few of the wanted items");
	if (most != NULL && n > json_number_value(most))
		return schema_no(c, "holds too many of the wanted items");
	return true;
}

static bool
check_unique(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t n = json_array_size(value);

	UNUSED;
	if (!json_is_true(k))
		return true;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (++c->steps > SCHEMA_STEPS ||
			    schema_equal(json_array_get(value, i),
				json_array_get(value, j)))
				return schema_no(c, "has an item twice");
	return true;
}

const struct keyword schema_containers[] = {
	{ "properties", check_properties, SHAPE_SCHEMAS },
	{ "patternProperties", check_patterns, SHAPE_PATTERNS },
	{ "propertyNames", check_names, SHAPE_SCHEMA },
	{ "required", check_required, SHAPE_NAMES },
	{ "dependentRequired", check_dependent, SHAPE_LISTS },
	{ "dependentSchemas", check_dependent_schemas, SHAPE_SCHEMAS },
	{ "minProperties", check_min_members, SHAPE_WHOLE },
	{ "maxProperties", check_max_members, SHAPE_WHOLE },
	{ "minItems", check_min_items, SHAPE_WHOLE },
	{ "maxItems", check_max_items, SHAPE_WHOLE },
	{ "prefixItems", check_prefix, SHAPE_LIST },
	{ "items", check_items, SHAPE_SCHEMA },
	{ "contains", check_contains, SHAPE_SCHEMA },
	{ "uniqueItems", check_unique, SHAPE_BOOLEAN },
	{ "additionalProperties", check_additional, SHAPE_SCHEMA },
	{ 0 },
};
