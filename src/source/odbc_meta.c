/* SPDX-License-Identifier: ISC */
/*
 * Metadata in the columns of tools.md 3: the names of tables are all asked for
 * and compared here, exactly first, then with letters folded.
 */
#include <stdlib.h>

#include "source/odbc_describe.h"

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
table_kind(struct str type)
{
	const struct str sys = STR("SYSTEM"), view = STR("VIEW"),
			 table = STR("TABLE");

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
			.kind = procedures
				    ? procedure_kind(odbc_rows_at(&rows, i, 8))
				    : table_kind(odbc_rows_at(&rows, i, 4)),
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
			odbc_send(d, v);
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
			odbc_send(d, v);
	}
	return e;
}

static enum err
columns(struct describing *d, struct fault *f)
{
	enum err e = find(d, false, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < d->n; i++)
		if (same(d, d->m->table, d->v[i].name))
			e = odbc_columns_of(d, &d->v[i], f);
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
			odbc_send(d, v);
	}
	return e;
}

static enum err
parameters(struct describing *d, struct fault *f)
{
	enum err e = find(d, true, f);

	for (size_t i = 0; e == ERR_OK && !d->ended && i < d->n; i++)
		if (same(d, d->m->procedure, d->v[i].name))
			e = odbc_parameters_of(d, &d->v[i], f);
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
