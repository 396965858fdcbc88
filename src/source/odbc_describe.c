/* SPDX-License-Identifier: ISC */
/* Columns of tables and parameters of procedures, one by one. */
#include "source/odbc_describe.h"

void
odbc_send(struct describing *d, const struct value *v)
{
	d->sent++;
	d->ended = !d->to->row(d->to, v, heading_count(d->m->what));
}

/* What is known of a table's columns besides the columns themselves. */
struct links {
	struct odbc_rows keys, references, indexes;
};

static enum err
read_links(struct describing *d, const struct thing *t, struct links *l,
    struct fault *f)
{
	enum err e = odbc_catalog(d->c, d->a, CATALOG_KEYS, t->catalog,
	    t->schema, t->name, &l->keys, f);

	if (e == ERR_OK)
		e = odbc_catalog(d->c, d->a, CATALOG_REFERENCES, t->catalog,
		    t->schema, t->name, &l->references, f);
	if (e == ERR_OK)
		e = odbc_catalog(d->c, d->a, CATALOG_INDEXES, t->catalog,
		    t->schema, t->name, &l->indexes, f);
	return e;
}

/* Is it the only column of a unique index? */
static bool
is_unique(const struct odbc_rows *r, struct str column)
{
	for (size_t i = 0; i < r->n; i++) {
		struct str index = odbc_rows_at(r, i, 6);
		size_t columns = 0;

		if (int_of(odbc_rows_at(r, i, 4), 1) != 0 ||
		    !str_eq(odbc_rows_at(r, i, 9), column))
			continue;
		for (size_t k = 0; k < r->n; k++)
			columns += str_eq(odbc_rows_at(r, k, 6), index);
		if (columns == 1)
			return true;
	}
	return false;
}

static struct str
key_of(const struct links *l, struct str column)
{
	for (size_t i = 0; i < l->keys.n; i++)
		if (str_eq(odbc_rows_at(&l->keys, i, 4), column))
			return STR("PRI");
	return is_unique(&l->indexes, column) ? STR("UNI") : (struct str){ 0 };
}

/* "public.customers.id" */
static struct str
reference_of(struct arena *a, const struct odbc_rows *r, struct str column)
{
	for (size_t i = 0; i < r->n; i++) {
		struct str s =
		    shown(odbc_rows_at(r, i, 1), odbc_rows_at(r, i, 2));
		struct str t = odbc_rows_at(r, i, 3),
			   to = odbc_rows_at(r, i, 4);

		if (str_eq(odbc_rows_at(r, i, 8), column))
			return arena_fmt(a, "%.*s.%.*s.%.*s", (int)s.len, s.p,
			    (int)t.len, t.p, (int)to.len, to.p);
	}
	return (struct str){ 0 };
}

/* "decimal(10,2)" says it better than a driver that mixes the two up. */
static void
exact_sizes(struct str type, struct value *precision, struct value *scale)
{
	struct str rest = type, p, s;
	int64_t a, b;

	(void)str_cut(&rest, '(', &p);
	if (rest.p == NULL || !str_cut(&rest, ',', &p) || rest.p == NULL ||
	    !str_cut(&rest, ')', &s))
		return;
	if (!str_int(str_trim(p), 1, 10000, &a) ||
	    !str_int(str_trim(s), 0, a, &b))
		return;
	*precision = number(a);
	*scale = number(b);
}

static void
column_row(struct describing *d, const struct thing *t,
    const struct odbc_rows *r, size_t i, const struct links *l)
{
	struct str name = odbc_rows_at(r, i, 4), type = odbc_rows_at(r, i, 6);
	struct str key = key_of(l, name), dflt = odbc_rows_at(r, i, 13),
		   remarks = odbc_rows_at(r, i, 12);
	enum data_type is =
	    odbc_data_type((int)int_of(odbc_rows_at(r, i, 5), 0), type);
	bool exact = is == DT_DECIMAL || is == DT_NUMERIC;
	bool no_null = key.p != NULL && str_eq(key, STR("PRI"));
	struct value v[HEADING_MAX];
	int n = 0;

	no_null = no_null || int_of(odbc_rows_at(r, i, 11), 2) == SQL_NO_NULLS;
	v[n++] = text(t->shown);
	v[n++] = text(t->name);
	v[n++] = text(name);
	v[n++] = number((int64_t)i + 1);
	v[n++] = number(is);
	v[n++] = text(type);
	v[n++] = number_of(
	    exact || is == DT_TEXT ? odbc_rows_at(r, i, 7) : (struct str){ 0 });
	v[n++] = number_of(exact ? odbc_rows_at(r, i, 9) : (struct str){ 0 });
	if (exact)
		exact_sizes(type, &v[n - 2], &v[n - 1]);
	v[n++] = text(no_null ? STR("NO") : STR("YES"));
	v[n++] = default_of(dflt);
	v[n++] = text(key);
	v[n++] = text(reference_of(d->a, &l->references, name));
	v[n++] = text(remarks.len > 0 ? remarks : (struct str){ 0 });
	odbc_send(d, v);
}

enum err
odbc_columns_of(struct describing *d, const struct thing *t, struct fault *f)
{
	struct odbc_rows rows;
	struct links links;
	bool known = false;
	enum err e = odbc_catalog(d->c, d->a, CATALOG_COLUMNS, t->catalog,
	    t->schema, t->name, &rows, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < rows.n; i++) {
		struct str name = odbc_rows_at(&rows, i, 4);

		if (!str_eq(odbc_rows_at(&rows, i, 3), t->name) ||
		    !same(d, d->m->column, name) || !is_like(d, name))
			continue;
		if (!known)
			e = read_links(d, t, &links, f);
		known = true;
		if (e == ERR_OK)
			column_row(d, t, &rows, i, &links);
	}
	return e;
}

/* A parameter's name is asked for with or without its '@'. */
static bool
is_parameter(const struct describing *d, struct str name)
{
	struct str wanted = d->m->parameter;

	if (str_starts(wanted, STR("@")))
		wanted = str_from(wanted, 1);
	return str_is_empty(wanted) || str_ieq(wanted, str_from(name, 1));
}

static void
parameter_row(struct describing *d, const struct thing *t,
    const struct odbc_rows *r, size_t i, int64_t nth)
{
	struct str name = odbc_rows_at(r, i, 4), type = odbc_rows_at(r, i, 7);
	int64_t direction = int_of(odbc_rows_at(r, i, 5), 1);
	struct str dflt = odbc_rows_at(r, i, 14),
		   remarks = odbc_rows_at(r, i, 13);
	struct value v[HEADING_MAX];
	int n = 0;

	if (direction == SQL_RETURN_VALUE)
		name = STR("@return_value");
	else if (name.len == 0)
		name = arena_fmt(d->a, "@%lld", (long long)nth);
	else if (name.p[0] != '@')
		name = arena_fmt(d->a, "@%.*s", (int)name.len, name.p);
	v[n++] = text(t->shown);
	v[n++] = text(t->name);
	v[n++] = text(name);
	v[n++] = number(nth);
	v[n++] = number(direction);
	v[n++] =
	    number(odbc_data_type((int)int_of(odbc_rows_at(r, i, 6), 0), type));
	v[n++] = text(type);
	v[n++] = text(direction <= SQL_PARAM_INPUT_OUTPUT && dflt.len == 0
			  ? STR("YES")
			  : STR("NO"));
	v[n++] = default_of(dflt);
	v[n++] = text(remarks.len > 0 ? remarks : (struct str){ 0 });
	if (is_parameter(d, name))
		odbc_send(d, v);
}

enum err
odbc_parameters_of(struct describing *d, const struct thing *t, struct fault *f)
{
	struct odbc_rows rows;
	int64_t nth = 0;
	enum err e = odbc_catalog(d->c, d->a, CATALOG_PARAMETERS, t->catalog,
	    t->schema, t->name, &rows, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < rows.n; i++) {
		int64_t kind = int_of(odbc_rows_at(&rows, i, 5), 1);

		if (kind == SQL_RESULT_COL ||
		    !str_eq(odbc_rows_at(&rows, i, 3), t->name))
			continue;
		parameter_row(d, t, &rows, i,
		    kind == SQL_RETURN_VALUE ? 0 : ++nth);
	}
	return e;
}
