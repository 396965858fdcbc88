/* SPDX-License-Identifier: ISC */
/* What only some databases know, by the name that ODBC has for them. */
#include <string.h>
#include <strings.h>

#include "source/odbc_int.h"

#define FORGET_MS 2000

static const struct odbc_engine engines[] = {
	/* In brackets, so that no ANALYZE can follow. */
	{ "PostgreSQL", "EXPLAIN (FORMAT TEXT) ", PLAN_LINES,
	    "SET LOCAL search_path TO ", "SELECT pg_advisory_unlock_all()",
	    .requotes = true, .prepares = true, .casts = true },
	{ "SQLite", "EXPLAIN QUERY PLAN ", PLAN_TREE, NULL, NULL,
	    .is_sqlite = true },
};

const struct odbc_engine *
odbc_engine_find(const char *dbms)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strncasecmp(dbms, engines[i].name,
			strlen(engines[i].name)) == 0)
			return &engines[i];
	return NULL;
}

bool
odbc_is_sqlite(const struct odbc_conn *c)
{
	return (c->engine != NULL && c->engine->is_sqlite) ||
	       (c->driver != NULL && c->driver->is_sqlite);
}

/* The schema as it is written there. */
static enum err
find_schema(struct odbc_conn *c, struct arena *a, struct str *schema,
    struct fault *f)
{
	struct odbc_rows rows;
	enum err e = odbc_catalog(c, a, CATALOG_SCHEMAS, (struct str){ 0 },
	    (struct str){ 0 }, (struct str){ 0 }, &rows, f);
	size_t found = rows.n;

	for (size_t i = 0; e == ERR_OK && i < rows.n; i++) {
		struct str name = odbc_rows_at(&rows, i, 2);

		if (str_ieq(name, *schema) &&
		    (found == rows.n || str_eq(name, *schema)))
			found = i;
	}
	if (e != ERR_OK)
		return e;
	/* Where there are none, all is in the one that we call so. */
	if (rows.n == 0 && str_ieq(*schema, STR("main"))) {
		*schema = (struct str){ 0 };
		return ERR_OK;
	}
	if (found == rows.n)
		return fault_set(f, ERR_SCHEMA_NOT_FOUND,
		    "no such schema: %.*s", (int)schema->len, schema->p);
	*schema = odbc_rows_at(&rows, found, 2);
	return ERR_OK;
}

static struct str
quoted(struct arena *a, const char *before, struct str name)
{
	struct buf b;

	buf_init(&b, a, name.len * 2 + 256);
	buf_str(&b, str_of(before));
	buf_char(&b, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '"')
			buf_char(&b, '"');
		buf_char(&b, name.p[i]);
	}
	buf_char(&b, '"');
	return arena_dup(a, buf_text(&b));
}

enum err
odbc_use_schema(struct odbc_conn *c, struct arena *a, struct str schema,
    struct fault *f)
{
	SQLHSTMT s = NULL;
	enum err e;

	if (schema.len == 0)
		return ERR_OK;
	e = find_schema(c, a, &schema, f);
	if (e != ERR_OK || schema.len == 0)
		return e;
	if (c->engine == NULL || c->engine->schema == NULL) {
		fault_hint(f, "Write the schema before the table's name");
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "this source cannot change the schema of a statement");
	}
	e = odbc_stmt(c, &s, f);
	if (e == ERR_OK)
		e = odbc_prepare(c, a, s, quoted(a, c->engine->schema, schema),
		    NULL, f);
	if (e == ERR_OK)
		e = odbc_execute(c, a, s, NULL, f);
	odbc_stmt_end(c, s);
	return e;
}

bool
odbc_forget(struct odbc_conn *c)
{
	struct fault ignored = { 0 };
	struct arena *a;
	SQLHSTMT s = NULL;
	bool end = true;
	enum err e;

	if (c->engine == NULL || c->engine->forget == NULL)
		return true;
	a = arena_new((size_t)1 << 20);
	odbc_begin(c, deadline_in(FORGET_MS), NULL);
	e = odbc_stmt(c, &s, &ignored);
	if (e == ERR_OK)
		e = odbc_prepare(c, a, s, str_of(c->engine->forget), NULL,
		    &ignored);
	if (e == ERR_OK)
		e = odbc_execute(c, a, s, NULL, &ignored);
	if (e == ERR_OK)
		e = odbc_fetch(c, a, s, &end, &ignored);
	odbc_stmt_end(c, s);
	odbc_rollback(c);
	arena_free(a);
	return e == ERR_OK && !end && !c->lost;
}
