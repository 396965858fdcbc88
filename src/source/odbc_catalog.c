/* SPDX-License-Identifier: ISC */
/*
 * The functions of ODBC that describe a database: each gives a result of its
 * own shape, read here as texts.
 */
#include <string.h>

#include "source/odbc_int.h"

#define ROWS_MAX  100000
#define ROW_ARENA ((size_t)1 << 26)

/* Arguments as ODBC takes them: NULL for all. */
struct names {
	SQLCHAR *catalog, *schema, *name;
};

static SQLRETURN
tables(SQLHSTMT s, const struct names *n)
{
	return SQLTables(s, n->catalog, SQL_NTS, n->schema, SQL_NTS, n->name,
	    SQL_NTS, NULL, 0);
}

static SQLRETURN
schemas(SQLHSTMT s, const struct names *n)
{
	static char none[] = "", all[] = SQL_ALL_SCHEMAS;

	(void)n;
	return SQLTables(s, (SQLCHAR *)none, SQL_NTS, (SQLCHAR *)all, SQL_NTS,
	    (SQLCHAR *)none, SQL_NTS, (SQLCHAR *)none, SQL_NTS);
}

static SQLRETURN
columns(SQLHSTMT s, const struct names *n)
{
	return SQLColumns(s, n->catalog, SQL_NTS, n->schema, SQL_NTS, n->name,
	    SQL_NTS, NULL, 0);
}

static SQLRETURN
keys(SQLHSTMT s, const struct names *n)
{
	return SQLPrimaryKeys(s, n->catalog, SQL_NTS, n->schema, SQL_NTS,
	    n->name, SQL_NTS);
}

static SQLRETURN
references(SQLHSTMT s, const struct names *n)
{
	return SQLForeignKeys(s, NULL, 0, NULL, 0, NULL, 0, n->catalog, SQL_NTS,
	    n->schema, SQL_NTS, n->name, SQL_NTS);
}

static SQLRETURN
indexes(SQLHSTMT s, const struct names *n)
{
	return SQLStatistics(s, n->catalog, SQL_NTS, n->schema, SQL_NTS,
	    n->name, SQL_NTS, SQL_INDEX_ALL, SQL_QUICK);
}

static SQLRETURN
procedures(SQLHSTMT s, const struct names *n)
{
	return SQLProcedures(s, n->catalog, SQL_NTS, n->schema, SQL_NTS,
	    n->name, SQL_NTS);
}

static SQLRETURN
parameters(SQLHSTMT s, const struct names *n)
{
	return SQLProcedureColumns(s, n->catalog, SQL_NTS, n->schema, SQL_NTS,
	    n->name, SQL_NTS, NULL, 0);
}

static const struct function {
	SQLRETURN (*ask)(SQLHSTMT s, const struct names *n);
	bool pattern; /* its names are patterns, so they are escaped */
} functions[] = {
	[CATALOG_TABLES] = { tables, true },
	[CATALOG_SCHEMAS] = { schemas, true },
	[CATALOG_COLUMNS] = { columns, true },
	[CATALOG_KEYS] = { keys, false },
	[CATALOG_REFERENCES] = { references, false },
	[CATALOG_INDEXES] = { indexes, false },
	[CATALOG_PROCEDURES] = { procedures, true },
	[CATALOG_PARAMETERS] = { parameters, true },
};

/* A name in a pattern of its own. */
static SQLCHAR *
argument(struct odbc_conn *c, struct arena *a, struct str name, bool pattern)
{
	char escape[8] = "";
	SQLSMALLINT n = 0;
	struct buf b;

	if (name.len == 0)
		return NULL;
	if (!pattern ||
	    !SQL_SUCCEEDED(SQLGetInfo(c->dbc, SQL_SEARCH_PATTERN_ESCAPE, escape,
		sizeof(escape), &n)) ||
	    escape[0] == '\0')
		return (SQLCHAR *)arena_z(a, name);
	buf_init(&b, a, name.len * 2 + 8);
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '%' || name.p[i] == '_' ||
		    name.p[i] == escape[0])
			buf_char(&b, escape[0]);
		buf_char(&b, name.p[i]);
	}
	return (SQLCHAR *)arena_z(a, buf_text(&b));
}

struct str
odbc_rows_at(const struct odbc_rows *r, size_t row, int col)
{
	if (col < 1 || (size_t)col > r->ncols)
		return (struct str){ 0 };
	return r->v[row * r->ncols + (size_t)col - 1];
}

static void
grow(struct arena *a, struct odbc_rows *r)
{
	size_t more = r->room == 0 ? 64 : r->room * 2;

	if (r->n < r->room)
		return;
	r->v = arena_grow(a, r->v, r->room * r->ncols * sizeof(*r->v),
	    more * r->ncols * sizeof(*r->v));
	r->room = more;
}

bool
odbc_is_system(struct str schema)
{
	return str_starts(schema, STR("pg_")) ||
	       str_ieq(schema, STR("information_schema")) ||
	       str_ieq(schema, STR("sys"));
}

static enum err
take_row(struct odbc_conn *c, struct arena *row, SQLHSTMT s, size_t n,
    struct str *cells, struct fault *f)
{
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < n; i++)
		e = odbc_cell(c, row, s, (int)i + 1, &cells[i], f);
	return e;
}

/* Rows to keep: the engine's own things only if they are asked for. */
static enum err
take(struct odbc_conn *c, struct arena *a, SQLHSTMT s, bool all,
    struct odbc_rows *out, struct fault *f)
{
	struct arena *row = arena_new(ROW_ARENA);
	struct str *cells;
	bool end = false;
	enum err e = ERR_OK;

	out->ncols = (size_t)odbc_ncolumns(s);
	cells = arena_zero(a, out->ncols + 1, sizeof(*cells));
	while (e == ERR_OK && out->ncols > 1 && out->n < ROWS_MAX) {
		e = odbc_fetch(c, a, s, &end, f);
		if (e != ERR_OK || end)
			break;
		e = take_row(c, row, s, out->ncols, cells, f);
		if (e == ERR_OK && (all || !odbc_is_system(cells[1]))) {
			grow(a, out);
			for (size_t i = 0; i < out->ncols; i++)
				out->v[out->n * out->ncols + i] =
				    cells[i].p == NULL ? cells[i]
						       : arena_dup(a, cells[i]);
			out->n++;
		}
		arena_reset(row);
	}
	arena_free(row);
	return e;
}

enum err
odbc_catalog(struct odbc_conn *c, struct arena *a, enum odbc_catalog what,
    struct str catalog, struct str schema, struct str name,
    struct odbc_rows *out, struct fault *f)
{
	const struct function *fn = &functions[what];
	struct names names = {
		argument(c, a, catalog, fn->pattern),
		argument(c, a, schema, fn->pattern),
		argument(c, a, name, fn->pattern),
	};
	SQLHSTMT s = NULL;
	SQLRETURN r;
	enum err e;

	*out = (struct odbc_rows){ 0 };
	e = odbc_stmt(c, &s, f);
	if (e != ERR_OK)
		return e;
	c->open = true;
	odbc_enter(c, s);
	r = fn->ask(s, &names);
	odbc_leave(c);
	/* What a driver does not have it has none of. */
	if (SQL_SUCCEEDED(r))
		e = take(c, a, s, schema.len > 0, out, f);
	else if (what == CATALOG_TABLES || what == CATALOG_COLUMNS)
		e = odbc_fault(c, a, SQL_HANDLE_STMT, s, NULL, f);
	odbc_stmt_end(c, s);
	return e;
}
