/* SPDX-License-Identifier: ISC */
/*
 * Metadata in the columns of tools.md 3: the names of tables are all asked for
 * and compared here, exactly first, then with letters folded.
 */
#include <stdlib.h>

#include "source/odbc_int.h"

/* A table or a procedure that was found. */
struct thing {
	struct str catalog, schema, name, kind, remarks;
	struct str shown; /* its schema, as it is told */
};

struct describing {
	struct odbc_conn *c;
	struct arena *a;
	const struct meta_ask *m;
	struct row_sink *to;
	struct thing *v;
	size_t n, sent;
	bool fold; /* names are compared with letters folded */
	bool ended;
};

static struct value
text(struct str s)
{
	if (s.p == NULL)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

static struct value
number(int64_t n)
{
	return (struct value){ .kind = VALUE_INT, .i = n };
}

/* A number that a driver wrote, or NULL. */
static struct value
number_of(struct str s)
{
	int64_t n;

	if (s.p == NULL || !str_int(s, INT64_MIN, INT64_MAX, &n))
		return (struct value){ .kind = VALUE_NULL };
	return number(n);
}

/* A default; the word NULL stands for none. */
static struct value
default_of(struct str s)
{
	return text(
	    s.len == 0 || str_ieq(s, STR("NULL")) ? (struct str){ 0 } : s);
}

static int64_t
int_of(struct str s, int64_t other)
{
	int64_t n;

	return s.p != NULL && str_int(s, INT64_MIN, INT64_MAX, &n) ? n : other;
}

static bool
same(const struct describing *d, struct str wanted, struct str name)
{
	if (str_is_empty(wanted))
		return true;
	return d->fold ? str_ieq(wanted, name) : str_eq(wanted, name);
}

static bool
is_like(const struct describing *d, struct str name)
{
	return str_is_empty(d->m->pattern) || str_like(d->m->pattern, name);
}

static void
send(struct describing *d, const struct value *v)
{
	d->sent++;
	d->ended = !d->to->row(d->to, v, heading_count(d->m->what));
}

/* Where there are no schemas, the catalogue is what stands before a name. */
static struct str
shown(struct str catalog, struct str schema)
{
	if (schema.len > 0)
		return schema;
	return catalog.len > 0 ? catalog : STR("main");
}

static bool
here(const struct describing *d, struct str schema)
{
	if (str_is_empty(d->m->schema))
		return !odbc_is_system(schema);
	return same(d, d->m->schema, schema);
}

/* A schema of the engine's own is looked into if it is named. */
static struct str
system_asked(const struct describing *d)
{
	return odbc_is_system(d->m->schema) ? d->m->schema : (struct str){ 0 };
}

static int
by_name(const void *x, const void *y)
{
	const struct thing *a = x, *b = y;
	int order = str_cmp(a->shown, b->shown);

	return order != 0 ? order : str_cmp(a->name, b->name);
}

/* "TABLE", "VIEW", or p NULL: none of both. */
static struct str
table_kind(struct arena *a, struct str type)
{
	const struct str sys = STR("SYSTEM"), view = STR("VIEW"),
			 table = STR("TABLE");

	(void)a;
	if (str_starts(type, sys) || str_ends(type, STR("TEMPORARY")))
		return (struct str){ 0 };
	if (str_ends(type, view))
		return view;
	return str_ends(type, table) || str_starts(type, table)
		   ? table
		   : (struct str){ 0 };
}

static struct str
procedure_kind(struct str type)
{
	return int_of(type, 0) == SQL_PT_FUNCTION ? STR("FUNCTION")
						  : STR("PROCEDURE");
}

/* All of a kind that the schema asked for has. */
static enum err
find(struct describing *d, bool procedures, struct fault *f)
{
	struct odbc_rows rows;
	const struct str none = { 0 };
	enum err e = odbc_catalog(d->c, d->a,
	    procedures ? CATALOG_PROCEDURES : CATALOG_TABLES, none,
	    system_asked(d), none, &rows, f);

	if (e != ERR_OK)
		return e;
	d->n = 0;
	d->v = arena_zero(d->a, rows.n + 1, sizeof(*d->v));
	for (size_t i = 0; i < rows.n; i++) {
		struct thing t = {
			.catalog = odbc_rows_at(&rows, i, 1),
			.schema = odbc_rows_at(&rows, i, 2),
			.name = odbc_rows_at(&rows, i, 3),
			.kind =
			    procedures
				? procedure_kind(odbc_rows_at(&rows, i, 8))
				: table_kind(d->a, odbc_rows_at(&rows, i, 4)),
			.remarks = odbc_rows_at(&rows, i, procedures ? 7 : 5),
		};

		t.shown = shown(t.catalog, t.schema);
		if (t.name.len > 0 && t.kind.p != NULL && here(d, t.shown))
			d->v[d->n++] = t;
	}
	qsort(d->v, d->n, sizeof(*d->v), by_name);
	return ERR_OK;
}

static enum err
schemas(struct describing *d, struct fault *f)
{
	const struct str none = { 0 };
	struct str last = { 0 };
	struct odbc_rows rows;
	struct value v[1];
	enum err e = odbc_catalog(d->c, d->a, CATALOG_SCHEMAS, none,
	    system_asked(d), none, &rows, f);

	d->v = arena_zero(d->a, rows.n + 1, sizeof(*d->v));
	for (size_t i = 0; e == ERR_OK && i < rows.n; i++) {
		struct str name = odbc_rows_at(&rows, i, 2);

		if (name.len > 0 && here(d, name))
			d->v[d->n++] = (struct thing){ .shown = name };
	}
	qsort(d->v, d->n, sizeof(*d->v), by_name);
	if (e == ERR_OK && d->n == 0)
		e = find(d, false, f);
	for (size_t i = 0; e == ERR_OK && !d->ended && i < d->n; i++) {
		v[0] = text(d->v[i].shown);
		if (last.p == NULL || !str_eq(last, d->v[i].shown))
			send(d, v);
		last = d->v[i].shown;
	}
	return e;
}

/* What the driver's own statistics say of one table. */
static enum err
estimate(struct describing *d, const struct thing *t, struct value *out,
    struct fault *f)
{
	struct odbc_rows rows;
	enum err e;

	*out = (struct value){ .kind = VALUE_NULL };
	if (str_is_empty(d->m->table) || str_eq(t->kind, STR("VIEW")))
		return ERR_OK;
	e = odbc_catalog(d->c, d->a, CATALOG_INDEXES, t->catalog, t->schema,
	    t->name, &rows, f);
	for (size_t i = 0; e == ERR_OK && i < rows.n; i++)
		if (int_of(odbc_rows_at(&rows, i, 7), -1) == SQL_TABLE_STAT &&
		    int_of(odbc_rows_at(&rows, i, 11), 0) > 0)
			*out = number_of(odbc_rows_at(&rows, i, 11));
	return e;
}

static enum err
tables(struct describing *d, struct fault *f)
{
	enum err e = find(d, false, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < d->n; i++) {
		const struct thing *t = &d->v[i];
		struct value v[] = { text(t->shown), text(t->name),
			text(t->kind), text(t->remarks),
			{ .kind = VALUE_NULL } };

		if (!same(d, d->m->table, t->name) || !is_like(d, t->name) ||
		    (!str_is_empty(d->m->type) && !str_eq(d->m->type, t->kind)))
			continue;
		if (t->remarks.len == 0)
			v[3] = text((struct str){ 0 });
		e = estimate(d, t, &v[4], f);
		if (e == ERR_OK)
			send(d, v);
	}
	return e;
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
	send(d, v);
}

static enum err
columns_of(struct describing *d, const struct thing *t, struct fault *f)
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

static enum err
columns(struct describing *d, struct fault *f)
{
	enum err e = find(d, false, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < d->n; i++)
		if (same(d, d->m->table, d->v[i].name))
			e = columns_of(d, &d->v[i], f);
	return e;
}

static enum err
procedures(struct describing *d, struct fault *f)
{
	enum err e = find(d, true, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < d->n; i++) {
		const struct thing *t = &d->v[i];
		struct value v[] = { text(t->shown), text(t->name),
			text(t->kind),
			text(t->remarks.len > 0 ? t->remarks
						: (struct str){ 0 }) };

		if (same(d, d->m->procedure, t->name) && is_like(d, t->name))
			send(d, v);
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
		send(d, v);
}

static enum err
parameters_of(struct describing *d, const struct thing *t, struct fault *f)
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

static enum err
parameters(struct describing *d, struct fault *f)
{
	enum err e = find(d, true, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < d->n; i++)
		if (same(d, d->m->procedure, d->v[i].name))
			e = parameters_of(d, &d->v[i], f);
	return e;
}

/* Names as they are first; if nothing has one, with letters folded. */
static enum err
twice(struct describing *d, struct fault *f)
{
	static enum err (*const kinds[])(struct describing *,
	    struct fault *) = {
		[META_SCHEMAS] = schemas,
		[META_TABLES] = tables,
		[META_COLUMNS] = columns,
		[META_PROCEDURES] = procedures,
		[META_PARAMETERS] = parameters,
	};
	const struct meta_ask *m = d->m;
	enum err e = kinds[m->what](d, f);

	if (e != ERR_OK || d->sent != 0 ||
	    m->table.len + m->column.len + m->schema.len + m->procedure.len ==
		0)
		return e;
	d->fold = true;
	d->n = 0;
	return kinds[m->what](d, f);
}

enum err
odbc_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f)
{
	struct odbc_conn *c = conn;
	struct describing d = { .c = c, .a = a, .m = m, .to = to };
	enum err e;

	odbc_begin(c, m->deadline, NULL);
	e = odbc_sure(c, f);
	if (e == ERR_OK)
		d.ended = !heading_send(m->what, to);
	if (e == ERR_OK && !d.ended)
		e = twice(&d, f);
	odbc_rollback(c);
	return e;
}
