/* SPDX-License-Identifier: ISC */
/* JSON Schema: is the schema itself good, and what do its references name. */
#include <math.h>

#include "json/schema_int.h"

struct look {
	const json_t *root;
	const struct schema_regex *re;
	struct fault *f;
	unsigned depth, nodes;
};

static enum err look_at(struct look *l, const json_t *schema);

static int
hex_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return at == NULL ? -1 : (int)(at - digits);
}

/* One character of a fragment, percent-decoded (RFC 3986 2.1). */
static char
fragment_char(struct str in, size_t *i)
{
	int hi, lo;

	if (in.p[*i] != '%' || *i + 3 > in.len)
		return in.p[*i];
	hi = hex_of(in.p[*i + 1]);
	lo = hex_of(in.p[*i + 2]);
	if (hi < 0 || lo < 0)
		return in.p[*i];
	*i += 2;
	return (char)(hi << 4 | lo);
}

/* "~1" and "~0" of JSON pointers (RFC 6901), after percent-decoding. */
static void
unescape(struct str in, char *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len && n + 1 < max; i++) {
		char c = fragment_char(in, &i);

		if (c == '~' && i + 1 < in.len)
			c = in.p[++i] == '1' ? '/' : '~';
		out[n++] = c;
	}
	out[n] = '\0';
}

static const json_t *
by_pointer(const json_t *v, struct str path)
{
	struct str piece;

	if (!str_cut(&path, '/', &piece))
		return v;
	while (v != NULL && str_cut(&path, '/', &piece)) {
		char name[256];
		int64_t i;

		unescape(piece, name, sizeof(name));
		if (json_is_array(v))
			v = str_int(piece, 0, 1000000, &i)
				? json_array_get(v, (size_t)i)
				: NULL;
		else
			v = json_object_get(v, name);
	}
	return v;
}

/* The subschema with this "$anchor", anywhere below. */
static const json_t *
by_anchor(const json_t *v, struct str name, unsigned depth)
{
	const json_t *found = NULL;
	const char *key;
	json_t *sub;
	size_t i;

	if (depth == SCHEMA_DEPTH)
		return NULL;
	if (json_is_array(v)) {
		json_array_foreach(v, i, sub)
		{
			found = by_anchor(sub, name, depth + 1);
			if (found != NULL)
				return found;
		}
		return NULL;
	}
	if (str_eq(json_text(json_object_get(v, "$anchor")), name) ||
	    str_eq(json_text(json_object_get(v, "$dynamicAnchor")), name))
		return v;
	json_object_foreach((json_t *)v, key, sub)
	{
		found = by_anchor(sub, name, depth + 1);
		if (found != NULL)
			return found;
	}
	return NULL;
}

const json_t *
schema_find(const json_t *root, struct str ref)
{
	struct str id = json_text(json_object_get(root, "$id"));

	if (!str_is_empty(id) && str_starts(ref, id))
		ref = str_from(ref, id.len);
	if (str_is_empty(ref) || str_eq(ref, STR("#")))
		return root;
	if (ref.p[0] != '#')
		return NULL;
	ref = str_from(ref, 1);
	return ref.p[0] == '/' ? by_pointer(root, ref)
			       : by_anchor(root, ref, 0);
}

static enum err
bad(struct look *l, const char *keyword, const char *what)
{
	return fault_set(l->f, ERR_CONF, "the schema's \"%s\" %s", keyword,
	    what);
}

static enum err
each(struct look *l, const json_t *v)
{
	const char *name;
	json_t *sub;
	size_t i;
	enum err e = ERR_OK;

	if (json_is_array(v)) {
		json_array_foreach(v, i, sub) if (e == ERR_OK) e =
		    look_at(l, sub);
		return e;
	}
	json_object_foreach((json_t *)v, name, sub) if (e == ERR_OK) e =
	    look_at(l, sub);
	return e;
}

static bool
is_names(const json_t *v)
{
	size_t i;
	json_t *one;

	json_array_foreach(v, i, one) if (!json_is_string(one)) return false;
	return json_is_array(v);
}

static bool
is_pattern(const struct look *l, struct str p)
{
	return l->re != NULL && l->re->match(l->re->arg, p, STR("")) >= 0;
}

static enum err
test_patterns(struct look *l, const char *name, const json_t *v)
{
	const char *p;
	json_t *sub;

	if (!json_is_object(v))
		return bad(l, name, "must be an object");
	json_object_foreach((json_t *)v, p,
	    sub) if (!is_pattern(l, str_of(p))) return bad(l, name,
	    "holds a pattern that cannot be used");
	return each(l, v);
}

static bool
is_type_word(const json_t *v)
{
	static const char *const words[] = { "object", "array", "string",
		"integer", "number", "boolean", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(json_text(v), str_of(words[i])))
			return true;
	return false;
}

static bool
is_type_list(const json_t *v)
{
	size_t i;
	json_t *one;

	json_array_foreach(v, i, one) if (!is_type_word(one)) return false;
	return json_array_size(v) > 0;
}

static bool
is_count(const json_t *v)
{
	double d = json_number_value(v);

	return json_is_number(v) && d >= 0 && floor(d) == d;
}

typedef enum err shape_test(struct look *l, const char *name, const json_t *v);

static enum err
test_any(struct look *l, const char *name, const json_t *v)
{
	(void)l, (void)name, (void)v;
	return ERR_OK;
}

#define SHAPE_TEST(fn, cond, words)                                           \
	static enum err fn(struct look *l, const char *name, const json_t *v) \
	{                                                                     \
		return (cond) ? ERR_OK : bad(l, name, words);                 \
	}

SHAPE_TEST(test_type, is_type_word(v) || is_type_list(v),
    "names an unknown type")
SHAPE_TEST(test_array, json_is_array(v), "must be an array")
SHAPE_TEST(test_number, json_is_number(v), "must be a number")
SHAPE_TEST(test_positive, json_is_number(v) && json_number_value(v) > 0,
    "must be more than 0")
SHAPE_TEST(test_count, is_count(v), "must be a count")
SHAPE_TEST(test_boolean, json_is_boolean(v), "must be true or false")
SHAPE_TEST(test_names, is_names(v), "must be a list of names")
SHAPE_TEST(test_regex, json_is_string(v) && is_pattern(l, json_text(v)),
    "is a pattern that cannot be used")
SHAPE_TEST(test_ref,
    json_is_string(v) && schema_find(l->root, json_text(v)) != NULL,
    "names nothing in this document")
SHAPE_TEST(test_lists, json_is_object(v), "must be an object")

static enum err
test_schemas(struct look *l, const char *name, const json_t *v)
{
	return json_is_object(v) ? each(l, v)
				 : bad(l, name, "must be an object");
}

static enum err
test_schema(struct look *l, const char *name, const json_t *v)
{
	(void)name;
	return look_at(l, v);
}

static enum err
test_list(struct look *l, const char *name, const json_t *v)
{
	return json_array_size(v) > 0
		   ? each(l, v)
		   : bad(l, name, "must be a list of schemas");
}

static shape_test *const shape_tests[] = {
	[SHAPE_ANY] = test_any,
	[SHAPE_TYPE] = test_type,
	[SHAPE_ARRAY] = test_array,
	[SHAPE_NUMBER] = test_number,
	[SHAPE_POSITIVE] = test_positive,
	[SHAPE_WHOLE] = test_count,
	[SHAPE_BOOLEAN] = test_boolean,
	[SHAPE_NAMES] = test_names,
	[SHAPE_REGEX] = test_regex,
	[SHAPE_REF] = test_ref,
	[SHAPE_SCHEMAS] = test_schemas,
	[SHAPE_PATTERNS] = test_patterns,
	[SHAPE_SCHEMA] = test_schema,
	[SHAPE_LIST] = test_list,
	[SHAPE_LISTS] = test_lists,
};
_Static_assert(sizeof(shape_tests) / sizeof(shape_tests[0]) == SHAPE_COUNT,
    "one test for each shape");

static enum err
test_table(struct look *l, const struct keyword *k, const json_t *schema)
{
	for (; k->name != NULL; k++) {
		const json_t *v = json_object_get(schema, k->name);
		enum err e =
		    v == NULL ? ERR_OK : shape_tests[k->shape](l, k->name, v);

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* Schemas under keywords that check nothing by themselves. */
static enum err
test_others(struct look *l, const json_t *schema)
{
	static const char *const one[] = { "then", "else" };
	const json_t *defs = json_object_get(schema, "$defs");
	enum err e = defs == NULL ? ERR_OK
		     : json_is_object(defs)
			 ? each(l, defs)
			 : bad(l, "$defs", "must be an object");

	for (size_t i = 0; e == ERR_OK && i < 2; i++) {
		const json_t *v = json_object_get(schema, one[i]);

		if (v != NULL)
			e = look_at(l, v);
	}
	return e;
}

static enum err
look_at(struct look *l, const json_t *schema)
{
	enum err e;

	if (json_is_boolean(schema))
		return ERR_OK;
	if (!json_is_object(schema))
		return fault_set(l->f, ERR_CONF,
		    "a schema must be an object, true or false");
	if (l->depth == SCHEMA_DEPTH || ++l->nodes > SCHEMA_NODES)
		return fault_set(l->f, ERR_CONF, "the schema is too large");
	l->depth++;
	e = test_table(l, schema_values, schema);
	if (e == ERR_OK)
		e = test_table(l, schema_containers, schema);
	if (e == ERR_OK)
		e = test_table(l, schema_logic, schema);
	if (e == ERR_OK)
		e = test_table(l, schema_last, schema);
	if (e == ERR_OK)
		e = test_others(l, schema);
	l->depth--;
	return e;
}

enum err
schema_test(const json_t *schema, const struct schema_regex *re,
    struct fault *f)
{
	struct look l = { .root = schema, .re = re, .f = f };

	return look_at(&l, schema);
}
