/* SPDX-License-Identifier: ISC */
/* JSON Schema: keywords about one value, its type, number or text. */
#include <math.h>
#include <stdio.h>

#include "base/utf8.h"
#include "json/schema_int.h"

static bool
is_whole(const json_t *v)
{
	double d;

	if (json_is_integer(v))
		return true;
	d = json_is_real(v) ? json_real_value(v) : NAN;
	return isfinite(d) && floor(d) == d;
}

static bool
is_type(const json_t *v, const char *name)
{
	switch (name[0]) {
	case 'o':
		return json_is_object(v);
	case 'a':
		return json_is_array(v);
	case 's':
		return json_is_string(v);
	case 'i':
		return is_whole(v);
	case 'b':
		return json_is_boolean(v);
	case 'n':
		return name[2] == 'l' ? json_is_null(v) : json_is_number(v);
	default:
		return false;
	}
}

/* "a string", "an integer", "null". */
static const char *
type_words(const char *name)
{
	static const char *const words[] = { "an object", "an array",
		"a string", "an integer", "a number", "a boolean" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(strchr(words[i], ' ') + 1, name) == 0)
			return words[i];
	return name;
}

static bool
check_type(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t i;
	json_t *one;

	(void)schema, (void)seen;
	if (json_is_string(k))
		return is_type(value, json_string_value(k)) ||
		       schema_no(c, "must be %s",
			   type_words(json_string_value(k)));
	json_array_foreach(k, i, one)
	{
		if (json_is_string(one) &&
		    is_type(value, json_string_value(one)))
			return true;
	}
	return schema_no(c, "is of none of the allowed types");
}

bool
schema_equal(const json_t *a, const json_t *b)
{
	const char *name;
	json_t *v;
	size_t i;

	if (json_is_number(a) && json_is_number(b)) {
		if (json_is_integer(a) && json_is_integer(b))
			return json_integer_value(a) == json_integer_value(b);
		return json_number_value(a) == json_number_value(b);
	}
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_array(a)) {
		if (json_array_size(a) != json_array_size(b))
			return false;
		json_array_foreach(a, i,
		    v) if (!schema_equal(v, json_array_get(b, i))) return false;
		return true;
	}
	if (!json_is_object(a))
		return json_equal(a, b);
	if (json_object_size(a) != json_object_size(b))
		return false;
	json_object_foreach((json_t *)a, name, v)
	{
		const json_t *other = json_object_get(b, name);

		if (other == NULL || !schema_equal(v, other))
			return false;
	}
	return true;
}

static bool
no_of_list(struct check *c, const json_t *k)
{
	char list[160] = "";
	size_t i, n = 0;
	json_t *one;

	json_array_foreach(k, i, one)
	{
		const char *text = json_string_value(one);
		size_t len = text == NULL ? sizeof(list) : strlen(text);

		if (len + 3 > sizeof(list) - n)
			return schema_no(c, "is none of the allowed values");
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
		    i == 0 ? "" : ", ", text);
	}
	return schema_no(c, "must be one of %s", list);
}

static bool
check_enum(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	size_t i;
	json_t *one;

	(void)schema, (void)seen;
	json_array_foreach(k, i, one)
	{
		if (schema_equal(one, value))
			return true;
	}
	return no_of_list(c, k);
}

static bool
check_const(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	(void)schema, (void)seen;
	return schema_equal(k, value) ||
	       schema_no(c, "is not the one allowed value");
}

/* -1, 0, 1 as "a" is below, at or above "b"; exact for two integers. */
static int
compare(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b)) {
		json_int_t x = json_integer_value(a), y = json_integer_value(b);
		return (x > y) - (x < y);
	}
	double x = json_number_value(a), y = json_number_value(b);
	return (x > y) - (x < y);
}

/* A bound; with the other one beside it both are said. */
static bool
no_bound(struct check *c, const json_t *schema, const json_t *k,
    const char *words)
{
	const json_t *lo = json_object_get(schema, "minimum");
	const json_t *hi = json_object_get(schema, "maximum");

	if ((k == lo || k == hi) && json_is_number(lo) && json_is_number(hi))
		return schema_no(c, "must be between %.17g and %.17g",
		    json_number_value(lo), json_number_value(hi));
	return schema_no(c, "%s %.17g", words, json_number_value(k));
}

#define NUMBER_CHECK(fn, cond, words)                                          \
	static bool fn(struct check *c, const json_t *schema, const json_t *k, \
	    const json_t *value, struct seen *seen)                            \
	{                                                                      \
		(void)seen;                                                    \
		return !json_is_number(value) || compare(value, k) cond ||     \
		       no_bound(c, schema, k, words);                          \
	}

NUMBER_CHECK(check_minimum, >= 0, "must be at least")
NUMBER_CHECK(check_maximum, <= 0, "must be at most")
NUMBER_CHECK(check_above, > 0, "must be more than")
NUMBER_CHECK(check_below, < 0, "must be less than")

static bool
is_multiple(const json_t *value, const json_t *of)
{
	double q;

	if (json_is_integer(value) && json_is_integer(of))
		return json_integer_value(of) != 0 &&
		       json_integer_value(value) % json_integer_value(of) == 0;
	q = json_number_value(value) / json_number_value(of);
	if (!isfinite(q))
		return fmod(json_number_value(value), json_number_value(of)) ==
		       0;
	return fabs(q - nearbyint(q)) <= 1e-9 * fmax(1, fabs(q)) &&
	       fabs(q - nearbyint(q)) < 1e-6;
}

static bool
check_multiple(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	(void)schema, (void)seen;
	return !json_is_number(value) || is_multiple(value, k) ||
	       schema_no(c, "must be a multiple of %.17g",
		   json_number_value(k));
}

/* Length in characters, not bytes. */
static size_t
length(const json_t *v)
{
	struct str s = json_text(v);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static bool
check_min_length(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	(void)schema, (void)seen;
	return !json_is_string(value) ||
	       (double)length(value) >= json_number_value(k) ||
	       schema_no(c, "must have at least %.0f characters",
		   json_number_value(k));
}

static bool
check_max_length(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	(void)schema, (void)seen;
	return !json_is_string(value) ||
	       (double)length(value) <= json_number_value(k) ||
	       schema_no(c, "must have at most %.0f characters",
		   json_number_value(k));
}

static bool
check_pattern(struct check *c, const json_t *schema, const json_t *k,
    const json_t *value, struct seen *seen)
{
	(void)schema, (void)seen;
	if (!json_is_string(value))
		return true;
	return (c->re != NULL && c->re->match(c->re->arg, json_text(k),
				     json_text(value)) == 1) ||
	       schema_no(c, "does not match the pattern %s",
		   json_string_value(k));
}

const struct keyword schema_values[] = {
	{ "type", check_type, SHAPE_TYPE },
	{ "enum", check_enum, SHAPE_ARRAY },
	{ "const", check_const, SHAPE_ANY },
	{ "minimum", check_minimum, SHAPE_NUMBER },
	{ "maximum", check_maximum, SHAPE_NUMBER },
	{ "exclusiveMinimum", check_above, SHAPE_NUMBER },
	{ "exclusiveMaximum", check_below, SHAPE_NUMBER },
	{ "multipleOf", check_multiple, SHAPE_POSITIVE },
	{ "minLength", check_min_length, SHAPE_WHOLE },
	{ "maxLength", check_max_length, SHAPE_WHOLE },
	{ "pattern", check_pattern, SHAPE_REGEX },
	{ 0 },
};
