/* SPDX-License-Identifier: ISC */
/* The head of a result set: its columns, their labels and their schema. */
#include "rows/rows_int.h"

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

static void
member_number(struct json_out *out, const char *key, int64_t v)
{
	if (v >= 0)
		json_int(out, key, v);
}

static void
column_schema(const struct rows_out *r, size_t i)
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
		member_number(out, "length", c->length);
		member_number(out, "precision", c->precision);
		member_number(out, "scale", c->scale);
		if (c->nullable >= 0)
			json_bool(out, "nullable", c->nullable != 0);
	}
	json_end(out);
}

void
rows_schema(struct rows_out *r)
{
	json_arr(r->out, "schema");
	for (size_t i = 0; i < r->ncolumns; i++)
		column_schema(r, i);
	json_end(r->out);
}
