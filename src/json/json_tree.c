/* SPDX-License-Identifier: ISC */
/* A jansson tree through the writer.  The recursion is as deep as the tree,
 * and a tree is never deeper than the reader's limit allows. */
#include <jansson.h>
#include <string.h>

#include "json/json.h"
#include "json/json_out.h"

/* "rest" is where numbers are to be found as they were written, or NULL. */
static void tree(struct json_out *o, const char *key, const json_t *v,
    struct str *rest);

static void
members(struct json_out *o, const json_t *v, struct str *rest)
{
	const char *name;
	json_t *member;

	/* jansson only takes a pointer it may write through. */
	json_object_foreach((json_t *)v, name, member)
	{
		tree(o, name, member, rest);
	}
}

static void
items(struct json_out *o, const json_t *v, struct str *rest)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		tree(o, NULL, json_array_get(v, i), rest);
}

static void
number(struct json_out *o, const char *key, const json_t *v, struct str *rest)
{
	if (rest != NULL)
		json_raw(o, key, json_number_next(rest));
	else if (json_is_integer(v))
		json_int(o, key, json_integer_value(v));
	else
		json_double(o, key, json_real_value(v));
}

static void
tree(struct json_out *o, const char *key, const json_t *v, struct str *rest)
{
	switch (v == NULL ? JSON_NULL : json_typeof(v)) {
	case JSON_OBJECT:
		json_obj(o, key);
		if (o->depth <= JSON_DEPTH)
			members(o, v, rest);
		json_end(o);
		break;
	case JSON_ARRAY:
		json_arr(o, key);
		if (o->depth <= JSON_DEPTH)
			items(o, v, rest);
		json_end(o);
		break;
	case JSON_STRING:
		json_str(o, key, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		number(o, key, v, rest);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		json_bool(o, key, json_is_true(v));
		break;
	default:
		json_nil(o, key);
	}
}

void
json_tree(struct json_out *o, const char *key, const struct json_t *v)
{
	tree(o, key, v, NULL);
}

void
json_tree_digits(struct json_out *o, const char *key, const struct json_t *v,
    struct str *rest)
{
	tree(o, key, v, rest);
}
