/* SPDX-License-Identifier: ISC */
/* The head of a result set: its columns, their labels and their schema. */
#include "rows/pen.h"

const struct column *
rows_columns(struct arena *a, const struct column *c, size_t n)
{
	struct column *copy = arena_zero(a, n, sizeof(*copy));

	for (size_t i = 0; i < n; i++) {
		copy[i] = c[i];
		copy[i].name = arena_dup(a, c[i].name);
		copy[i].type_name = arena_dup(a, c[i].type_name);
		if (c[i].schema.p != NULL)
			copy[i].schema = arena_dup(a, c[i].schema);
		if (c[i].table.p != NULL)
			copy[i].table = arena_dup(a, c[i].table);
	}
	return copy;
}

static bool
label_taken(const struct str *labels, size_t n, struct str label)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(labels[i], label))
			return true;
	return false;
}

/* Is it the name of a column still to come?  That one keeps its own. */
static bool
label_named(const struct column *c, size_t n, struct str label)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(c[i].name, label))
			return true;
	return false;
}

struct str *
rows_labels(struct arena *a, const struct column *c, size_t n)
{
	struct str *labels = arena_zero(a, n, sizeof(*labels));

	for (size_t i = 0; i < n; i++) {
		struct str label = c[i].name;

		for (int k = 2; label_taken(labels, i, label) ||
				(k > 2 && label_named(c, n, label));
		     k++)
			label = arena_fmt(a, "%.*s_%d", (int)c[i].name.len,
			    c[i].name.p == NULL ? "" : c[i].name.p, k);
		labels[i] = label;
	}
	return labels;
}

static void
member_text(struct json_out *out, const char *key, struct str s)
{
	if (!str_is_empty(s))
		json_str(out, key, s.p, s.len);
}

/* Every name by the writer: one of them needs an escape. */
static void
column_hard(const struct rows_out *r, size_t i)
{
	const struct column *c = &r->columns[i];
	struct json_out *out = r->out;

	json_obj(out, NULL);
	json_int(out, "ordinal", (int64_t)i);
	if (!r->brief) {
		member_text(out, "catalogName", r->catalog);
		member_text(out, "schemaName", c->schema);
		member_text(out, "tableName", c->table);
	}
	json_str(out, "columnName", c->name.p, c->name.len);
	json_int(out, "dataType", c->type);
	json_str(out, "dataTypeName", c->type_name.p, c->type_name.len);
	if (!r->brief) {
		if (c->length >= 0)
			json_int(out, "length", c->length);
		if (c->precision >= 0)
			json_int(out, "precision", c->precision);
		if (c->scale >= 0)
			json_int(out, "scale", c->scale);
		if (c->nullable >= 0)
			json_bool(out, "nullable", c->nullable != 0);
	}
	json_end(out);
}

/* What stands before each value, in either form. */
#define LIT(text)                      \
	{                              \
		text, sizeof(text) - 1 \
	}
#define KEY(before, name)                                                    \
	{                                                                    \
		LIT(before "\"" name "\":"), LIT(before "\\\"" name "\\\":") \
	}

enum {
	ORDINAL,
	CATALOG,
	SCHEMA,
	TABLE,
	NAME,
	TYPE,
	TYPE_NAME,
	LENGTH,
	PRECISION,
	SCALE,
	NULLABLE,
	KEYS
};

static const struct rows_key keys[KEYS] = {
	[ORDINAL] = KEY("{", "ordinal"),
	[CATALOG] = KEY(",", "catalogName"),
	[SCHEMA] = KEY(",", "schemaName"),
	[TABLE] = KEY(",", "tableName"),
	[NAME] = KEY(",", "columnName"),
	[TYPE] = KEY(",", "dataType"),
	[TYPE_NAME] = KEY(",", "dataTypeName"),
	[LENGTH] = KEY(",", "length"),
	[PRECISION] = KEY(",", "precision"),
	[SCALE] = KEY(",", "scale"),
	[NULLABLE] = KEY(",", "nullable"),
};

/* All keys and numbers of a column, escaped. */
enum { COLUMN_ROOM = 512 };

static void
pen_name(struct pen *p, int key, struct str s)
{
	if (str_is_empty(s))
		return;
	pen_key(p, &keys[key]);
	pen_text(p, s);
}

static void
pen_count(struct pen *p, int key, int64_t v)
{
	if (v < 0)
		return;
	pen_key(p, &keys[key]);
	pen_int(p, v);
}

static bool
is_plain(struct str s)
{
	return json_plain(s.p, s.len) == s.len;
}

/* With the pen, if every name is easy and there is room. */
static bool
column_easy(const struct rows_out *r, size_t i)
{
	const struct column *c = &r->columns[i];
	struct json_out *out = r->out;
	size_t need = COLUMN_ROOM + r->catalog.len + c->schema.len +
		      c->table.len + c->name.len + c->type_name.len;
	struct pen p;

	if (!is_plain(r->catalog) || !is_plain(c->schema) ||
	    !is_plain(c->table) || !is_plain(c->name) ||
	    !is_plain(c->type_name) || !buf_has_room(out->b, need) ||
	    !buf_has_room(out->twin, need))
		return false;
	pen_open(&p, out);
	if (out->comma)
		pen_char(&p, ',');
	pen_count(&p, ORDINAL, (int64_t)i);
	if (!r->brief) {
		pen_name(&p, CATALOG, r->catalog);
		pen_name(&p, SCHEMA, c->schema);
		pen_name(&p, TABLE, c->table);
	}
	pen_key(&p, &keys[NAME]);
	pen_text(&p, c->name);
	pen_key(&p, &keys[TYPE]);
	pen_int(&p, c->type);
	pen_key(&p, &keys[TYPE_NAME]);
	pen_text(&p, c->type_name);
	if (!r->brief) {
		pen_count(&p, LENGTH, c->length);
		pen_count(&p, PRECISION, c->precision);
		pen_count(&p, SCALE, c->scale);
		if (c->nullable >= 0) {
			pen_key(&p, &keys[NULLABLE]);
			pen_both(&p, c->nullable != 0 ? "true" : "false",
			    c->nullable != 0 ? 4 : 5);
		}
	}
	pen_char(&p, '}');
	pen_close(&p, out);
	out->comma = true;
	return true;
}

void
rows_schema(struct rows_out *r)
{
	json_arr(r->out, "schema");
	for (size_t i = 0; i < r->ncolumns; i++)
		if (!column_easy(r, i))
			column_hard(r, i);
	json_end(r->out);
}
