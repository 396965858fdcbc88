/* SPDX-License-Identifier: ISC */
/* The writer: commas, nesting and values. */
#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "json/json_out_int.h"

#define EXACT INT64_C(9007199254740991) /* 2^53 - 1, RFC 8259 section 6 */

void
json_out_init(struct json_out *o, struct buf *b, struct buf *twin)
{
	*o = (struct json_out){ .b = b, .twin = twin };
}

static bool
in_object(const struct json_out *o)
{
	return o->depth != 0 && o->depth <= JSON_DEPTH &&
	       o->close[o->depth - 1] == '}';
}

/* What stands before a value: the comma, and the name inside an object. */
static void
lead(struct json_out *o, const char *key)
{
	if (o->keyed) {
		assert(key == NULL);
		o->keyed = false;
	} else if (o->depth > JSON_DEPTH) {
		return; /* failed already */
	} else if (key != NULL) {
		assert(in_object(o));
		json_name(o, o->comma, key, strlen(key));
	} else {
		assert(!in_object(o) && (o->depth != 0 || !o->comma));
		if (o->comma)
			json_both(o, ",", 1);
	}
	o->comma = true;
}

void
json_key(struct json_out *o, struct str key)
{
	assert(!o->keyed);
	if (o->depth > JSON_DEPTH)
		return;
	assert(in_object(o));
	json_name(o, o->comma, key.p, key.len);
	o->keyed = true;
}

static void
enter(struct json_out *o, const char *key, const char *opening, char closing)
{
	lead(o, key);
	json_both(o, opening, 1);
	if (o->depth < JSON_DEPTH)
		o->close[o->depth] = closing;
	else
		o->b->failed = true;
	o->depth++;
	o->comma = false;
}

void
json_obj(struct json_out *o, const char *key)
{
	enter(o, key, "{", '}');
}

void
json_arr(struct json_out *o, const char *key)
{
	enter(o, key, "[", ']');
}

void
json_end(struct json_out *o)
{
	assert(o->depth != 0 && !o->keyed);
	o->depth--;
	if (o->depth < JSON_DEPTH)
		json_both(o, &o->close[o->depth], 1);
	o->comma = true;
}

void
json_str(struct json_out *o, const char *key, const char *p, size_t n)
{
	lead(o, key);
	json_quoted(o, p, n);
}

void
json_z(struct json_out *o, const char *key, const char *z)
{
	if (z == NULL)
		json_nil(o, key);
	else
		json_str(o, key, z, strlen(z));
}

void
json_int(struct json_out *o, const char *key, int64_t v)
{
	char text[20];

	lead(o, key);
	json_both(o, text, buf_decimal(text, v));
}

void
json_big(struct json_out *o, const char *key, int64_t v)
{
	char text[20];

	if (v >= -EXACT && v <= EXACT)
		json_int(o, key, v);
	else
		json_str(o, key, text, buf_decimal(text, v));
}

void
json_double(struct json_out *o, const char *key, double v)
{
	char text[32];

	if (isnan(v)) {
		json_z(o, key, "NaN");
	} else if (isinf(v)) {
		json_z(o, key, v > 0 ? "Infinity" : "-Infinity");
	} else {
		lead(o, key);
		json_both(o, text, json_double_text(text, v));
	}
}

static void
word(struct json_out *o, const char *key, const char *text)
{
	lead(o, key);
	json_both(o, text, strlen(text));
}

void
json_bool(struct json_out *o, const char *key, bool v)
{
	word(o, key, v ? "true" : "false");
}

void
json_nil(struct json_out *o, const char *key)
{
	word(o, key, "null");
}

void
json_base64(struct json_out *o, const char *key, const void *p, size_t n)
{
	enum { PIECE = 768 }; /* a multiple of 3: no padding but at the end */
	const unsigned char *from = p;
	char text[PIECE / 3 * 4 + 1];

	lead(o, key);
	json_quote(o);
	while (n != 0) {
		size_t piece = n < PIECE ? n : PIECE;

		(void)sodium_bin2base64(text, sizeof(text), from, piece,
		    sodium_base64_VARIANT_ORIGINAL);
		json_both(o, text, strlen(text));
		from += piece;
		n -= piece;
	}
	json_quote(o);
}

void
json_gap(struct json_out *o, const char *key)
{
	assert(o->twin == NULL);
	lead(o, key);
}

void
json_raw(struct json_out *o, const char *key, struct str json)
{
	assert(json.len != 0);
	lead(o, key);
	json_finished(o, json);
}

struct json_mark
json_mark(const struct json_out *o)
{
	return (struct json_mark){
		.len = o->b->len,
		.twin_len = o->twin == NULL ? 0 : o->twin->len,
		.depth = o->depth,
		.comma = o->comma,
		.keyed = o->keyed,
		.failed = json_failed(o),
	};
}

void
json_rewind(struct json_out *o, struct json_mark m)
{
	buf_cut(o->b, m.len);
	if (o->twin != NULL)
		buf_cut(o->twin, m.twin_len);
	o->b->failed = m.failed;
	o->depth = m.depth;
	o->comma = m.comma;
	o->keyed = m.keyed;
}
