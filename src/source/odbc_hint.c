/* SPDX-License-Identifier: ISC */
/* "Did you mean": the closest names that the database has. */
#include "source/odbc_int.h"

static const struct str none;

/* The name as it is written, then in small letters. */
static bool
has_rows(struct odbc_conn *c, struct arena *a, enum odbc_catalog what,
    struct str name, struct odbc_rows *rows)
{
	struct fault ignored = { 0 };
	struct str folded = arena_dup(a, name);
	char *p = (char *)(uintptr_t)folded.p; /* our own copy */

	for (size_t i = 0; i < folded.len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] | 0x20);
	if (odbc_catalog(c, a, what, none, none, name, rows, &ignored) !=
	    ERR_OK)
		return false;
	if (rows->n == 0 && !str_eq(folded, name) &&
	    odbc_catalog(c, a, what, none, none, folded, rows, &ignored) !=
		ERR_OK)
		return false;
	return rows->n > 0;
}

void
odbc_hint_tables(struct odbc_conn *c, struct arena *a, struct str name,
    struct fault *f)
{
	struct near k = { .arena = a, .wanted = name };
	struct fault ignored = { 0 };
	struct odbc_rows rows;

	if (odbc_catalog(c, a, CATALOG_TABLES, none, none, none, &rows,
		&ignored) != ERR_OK)
		return;
	for (size_t i = 0; i < rows.n; i++)
		if (!str_starts(odbc_rows_at(&rows, i, 4), STR("SYSTEM")) &&
		    odbc_rows_at(&rows, i, 3).len > 0)
			near_offer(&k, odbc_rows_at(&rows, i, 3));
	near_say(&k, "The closest tables are", f);
}

void
odbc_hint_columns(struct odbc_conn *c, struct arena *a, const struct gate *g,
    struct str name, struct fault *f)
{
	struct near k = { .arena = a, .wanted = name };
	struct odbc_rows rows;

	for (size_t t = 0; t < g->ntables; t++)
		if (has_rows(c, a, CATALOG_COLUMNS, g->tables[t], &rows))
			for (size_t i = 0; i < rows.n; i++)
				near_offer(&k, odbc_rows_at(&rows, i, 4));
	near_say(&k, "The closest columns are", f);
}

/* Is the result one table's rows, in the order of a primary key?  Of the
 * engines that are known here only SQLite keeps them in it. */
bool
odbc_has_key(struct odbc_conn *c, struct arena *a, const struct gate *g)
{
	struct odbc_rows rows;

	return odbc_is_sqlite(c) && g->ntables == 1 &&
	       has_rows(c, a, CATALOG_KEYS, g->tables[0], &rows);
}
