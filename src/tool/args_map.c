/* SPDX-License-Identifier: ISC */
/*
 * Values for placeholders: a map from name (with or without '@') to a scalar,
 * or to an object that also says the type.  They are bound, never spliced.
 */
#include "base/base64.h"

#include "tool/args.h"

#define WIDE_DIGITS 38

struct map_reader {
	const char *field;
	struct arena *a;
	struct fault *f;
	struct str name;
};

static enum err
map_wrong(const struct map_reader *m, const char *what)
{
	return fault_field(m->f, str_of(m->field),
	    "Invalid parameters: field '%s' must hold %s for '%.*s'", m->field,
	    what, (int)(m->name.len < 64 ? m->name.len : 64), m->name.p);
}

static enum err
value_plain(const struct map_reader *m, const json_t *v, struct value *to)
{
	switch (json_typeof(v)) {
	case JSON_NULL:
		*to = (struct value){ .kind = VALUE_NULL };
		return ERR_OK;
	case JSON_TRUE:
	case JSON_FALSE:
		*to = (struct value){ VALUE_BOOL, { .i = json_is_true(v) } };
		return ERR_OK;
	case JSON_INTEGER:
		*to =
		    (struct value){ VALUE_INT, { .i = json_integer_value(v) } };
		return ERR_OK;
	case JSON_REAL:
		*to = (struct value){ VALUE_REAL, { .d = json_real_value(v) } };
		return ERR_OK;
	case JSON_STRING:
		*to = (struct value){ VALUE_TEXT, { .s = json_text(v) } };
		if (str_has(to->s, '\0'))
			return map_wrong(m, "no NUL character");
		return ERR_OK;
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return map_wrong(m, "a scalar or {\"dataType\",\"value\"}");
}

static enum err
as_binary(const struct map_reader *m, struct value *v)
{
	struct str bytes;

	if (v->kind != VALUE_TEXT || !base64_decode(m->a, v->s, &bytes))
		return map_wrong(m, "base64 text");
	*v = (struct value){ VALUE_BLOB, { .s = bytes } };
	return ERR_OK;
}

static bool
is_digits(struct str s)
{
	size_t sign = s.len > 0 && s.p[0] == '-', i = sign;

	while (i < s.len && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i == s.len && i > sign && i - sign <= WIDE_DIGITS;
}

static enum err
as_integer(const struct map_reader *m, struct value *v)
{
	int64_t n;

	if (v->kind == VALUE_INT)
		return ERR_OK;
	if (v->kind != VALUE_TEXT || !str_int(v->s, INT64_MIN, INT64_MAX, &n))
		return map_wrong(m, "an integer");
	*v = (struct value){ VALUE_INT, { .i = n } };
	return ERR_OK;
}

/* Past 64 bits with a sign: its digits, as the engines have wider ones. */
static enum err
as_bigint(const struct map_reader *m, struct value *v)
{
	int64_t n;

	if (v->kind != VALUE_TEXT || !is_digits(v->s) ||
	    str_int(v->s, INT64_MIN, INT64_MAX, &n))
		return as_integer(m, v);
	v->kind = VALUE_EXACT;
	return ERR_OK;
}

static enum err
as_real(const struct map_reader *m, struct value *v)
{
	if (v->kind == VALUE_INT)
		*v = (struct value){ VALUE_REAL, { .d = (double)v->i } };
	return v->kind == VALUE_REAL ? ERR_OK : map_wrong(m, "a number");
}

static bool
is_decimal(struct str s)
{
	size_t i = s.len > 0 && (s.p[0] == '-' || s.p[0] == '+');
	size_t digits = 0, points = 0;

	for (; i < s.len; i++) {
		digits += s.p[i] >= '0' && s.p[i] <= '9';
		points += s.p[i] == '.';
		if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	}
	return digits > 0 && points <= 1;
}

static enum err
as_decimal(const struct map_reader *m, struct value *v)
{
	if (v->kind == VALUE_INT || v->kind == VALUE_REAL)
		return ERR_OK;
	if (v->kind != VALUE_TEXT || !is_decimal(v->s))
		return map_wrong(m, "a number or a string of digits");
	v->kind = VALUE_EXACT;
	return ERR_OK;
}

static enum err
as_boolean(const struct map_reader *m, struct value *v)
{
	if (v->kind == VALUE_TEXT &&
	    (str_eq(v->s, STR("true")) || str_eq(v->s, STR("false"))))
		*v = (struct value){ VALUE_BOOL, { .i = v->s.p[0] == 't' } };
	return v->kind == VALUE_BOOL ? ERR_OK : map_wrong(m, "a boolean");
}

static enum err
as_text(const struct map_reader *m, struct value *v)
{
	return v->kind == VALUE_TEXT ? ERR_OK : map_wrong(m, "a string");
}

/* By the codes of tools.md 1.6; a hole is a code that does not exist. */
static enum err (*const typed[])(const struct map_reader *, struct value *) = {
	[DT_BINARY] = as_binary,
	[DT_TEXT] = as_text,
	[DT_TINYINT] = as_integer,
	[DT_SMALLINT] = as_integer,
	[DT_INTEGER] = as_integer,
	[DT_BIGINT] = as_bigint,
	[DT_REAL] = as_real,
	[DT_DOUBLE] = as_real,
	[DT_DECIMAL] = as_decimal,
	[DT_NUMERIC] = as_decimal,
	[DT_BOOLEAN] = as_boolean,
	[DT_DATE] = as_text,
	[DT_TIME] = as_text,
	[DT_TIMESTAMP] = as_text,
	[DT_UUID] = as_text,
};

static enum err
value_typed(const struct map_reader *m, json_int_t code, struct value *v)
{
	if (code < 0 ||
	    code >= (json_int_t)(sizeof(typed) / sizeof(typed[0])) ||
	    typed[code] == NULL)
		return map_wrong(m, "a known dataType");
	if (v->kind == VALUE_NULL)
		return ERR_OK;
	return typed[code](m, v);
}

/* 1 in, 2 in and out, 4 out, 5 return (tools.md 1.8). */
static bool
direction_is(json_int_t d)
{
	return d == 1 || d == 2 || d == 4 || d == 5;
}

static enum err
value_object(const struct map_reader *m, const json_t *o, struct param *to)
{
	const json_t *v = json_member(o, "value");
	const json_t *type = json_member(o, "dataType");
	const json_t *way = json_member(o, "direction");
	size_t known = (v != NULL) + (type != NULL) + (way != NULL);
	enum err e;

	if (known != json_object_size(o))
		return map_wrong(m, "only dataType, direction and value");
	if (way != NULL &&
	    (!json_is_integer(way) || !direction_is(json_integer_value(way))))
		return map_wrong(m, "a direction of 1, 2, 4 or 5");
	to->direction = way == NULL ? 1 : (int)json_integer_value(way);
	if (v == NULL && to->direction < 4)
		return map_wrong(m, "a value");
	if (type != NULL && !json_is_integer(type))
		return map_wrong(m, "a known dataType");
	e = v == NULL ? ERR_OK : value_plain(m, v, &to->value);
	if (e != ERR_OK || type == NULL)
		return e;
	e = value_typed(m, json_integer_value(type), &to->value);
	if (e == ERR_OK)
		to->type = (enum data_type)json_integer_value(type);
	return e;
}

/* A name may stand there twice only with and without its '@'. */
static enum err
name_check(const struct map_reader *m, const json_t *o, struct str key)
{
	if (str_is_empty(m->name) || str_has(m->name, '\0') ||
	    m->name.len > 128)
		return fault_field(m->f, str_of(m->field),
		    "Invalid parameters: field '%s' must hold names of 1 to 128 characters",
		    m->field);
	if (key.len > m->name.len &&
	    json_member(o, arena_z(m->a, m->name)) != NULL)
		return map_wrong(m, "one value only");
	return ERR_OK;
}

static enum err
entry_read(struct map_reader *m, const json_t *o, void *i, struct param *p)
{
	const json_t *v = json_object_iter_value(i);
	struct str key = { json_object_iter_key(i),
		json_object_iter_key_len(i) };
	enum err e;

	m->name = str_from(key, str_starts(key, STR("@")));
	e = name_check(m, o, key);
	if (e != ERR_OK)
		return e;
	p->name = m->name;
	p->direction = 1;
	return json_is_object(v) ? value_object(m, v, p)
				 : value_plain(m, v, &p->value);
}

enum err
arg_map_read(const char *field, const json_t *v, struct arena *a,
    struct arg_map *to, struct fault *f)
{
	struct map_reader m = { field, a, f, { NULL, 0 } };
	json_t *o = (json_t *)(uintptr_t)v; /* the iterator's want */

	if (json_object_size(v) > ARG_MAP_MAX)
		return arg_too_many(f, field, ARG_MAP_MAX);
	to->v = arena_zero(a, json_object_size(v) + 1, sizeof(*to->v));
	for (void *i = json_object_iter(o); i != NULL;
	     i = json_object_iter_next(o, i)) {
		enum err e = entry_read(&m, v, i, &to->v[to->n]);

		if (e != ERR_OK)
			return e;
		to->n++;
	}
	return ERR_OK;
}
