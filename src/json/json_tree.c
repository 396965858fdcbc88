/* SPDX-License-Identifier: ISC */
/* A jansson tree through the writer.  The recursion is as deep as the tree,
 * and a tree is never deeper than the reader's limit allows. */
#include <jansson.h>
#include <string.h>

#include "json/json_out.h"

static void
members(struct json_out *o, const json_t *v)
{
	const char *name;
	json_t *member;

	/* jansson only takes a pointer it may write through. */
	json_object_foreach((json_t *)v, name, member)
	{
		json_tree(o, name, member);
	}
}

static void
items(struct json_out *o, const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		json_tree(o, NULL, json_array_get(v, i));
}

void
json_tree(struct json_out *o, const char *key, const struct json_t *v)
{
	switch (v == NULL ? JSON_NULL : json_typeof(v)) {
	case JSON_OBJECT:
		json_obj(o, key);
		if (o->depth <= JSON_DEPTH)
			members(o, v);
		json_end(o);
		break;
	case JSON_ARRAY:
		json_arr(o, key);
		if (o->depth <= JSON_DEPTH)
			items(o, v);
		json_end(o);
		break;
	case JSON_STRING:
		json_str(o, key, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		json_int(o, key, json_integer_value(v));
		break;
	case JSON_REAL:
		json_double(o, key, json_real_value(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		json_bool(o, key, json_is_true(v));
		break;
	default:
		json_nil(o, key);
	}
}
