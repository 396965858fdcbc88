/* SPDX-License-Identifier: ISC */
/*
 * Metadata in the columns of tools.md 3, from the engine's own catalogue.
 * Denied tables and columns never get here; positions are counted over what
 * is left, so that no gap tells of them.
 */
#include "source/heading.h"
#include "source/source.h"
#include "source/sqlite_int.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

struct describing {
	struct sqlite_link *link;
	struct arena *arena;
	const struct meta_ask *ask;
	struct row_sink *to;
	bool fold;  /* names are compared with letters folded */
	bool ended; /* the sink has enough */
	size_t rows;
	struct str table; /* whose columns are described */
	sqlite3_stmt *star;
	int column;
	int64_t position;
};

static bool
row(struct describing *d, const struct value *v, size_t n)
{
	d->rows++;
	d->ended = d->ended || !d->to->row(d->to, v, n);
	return !d->ended;
}

/* An empty name does not narrow. */
static bool
is_named(const struct describing *d, struct str wanted, struct str name)
{
	if (str_is_empty(wanted))
		return true;
	return d->fold ? str_ieq(wanted, name) : str_eq(wanted, name);
}

static bool
is_like(struct str pattern, struct str name)
{
	return str_is_empty(pattern) || str_like(pattern, name);
}

static bool
table_row(void *arg, sqlite3_stmt *st)
{
	struct describing *d = arg;
	struct str name = sqlite_text(st, 0);
	struct str type = str_eq(sqlite_text(st, 1), STR("view"))
			      ? STR("VIEW")
			      : STR("TABLE");
	struct value v[] = {
		cell_text(STR("main")),
		cell_text(name),
		cell_text(type),
		{ .kind = VALUE_NULL },
		sqlite_value(st, 2),
	};

	if (!sqlite_sees(d->link, name) || !is_named(d, d->ask->table, name) ||
	    !is_like(d->ask->pattern, name) ||
	    (!str_is_empty(d->ask->type) && !str_eq(d->ask->type, type)))
		return true;
	return row(d, v, COUNT(v));
}

static bool
see_any(void *arg, sqlite3_stmt *st)
{
	(void)st;
	*(bool *)arg = true;
	return false;
}

static int
each_table(struct describing *d, bool (*fn)(void *, sqlite3_stmt *))
{
	const char *s = d->link->schema;
	struct arena *a = d->arena;
	bool stat = false;
	int rc = sqlite_query(d->link,
	    arena_fmt(a,
		"SELECT 1 FROM \"%s\".sqlite_master WHERE "
		"name = 'sqlite_stat1'",
		s)
		.p,
	    NULL, 0, see_any, &stat);

	if (rc != SQLITE_OK)
		return rc;
	return sqlite_query(d->link,
	    arena_fmt(a,
		"SELECT m.name, m.type, %s FROM \"%s\".sqlite_master m %s%s%s "
		"WHERE m.type IN ('table', 'view') AND (?1 IS NULL OR m.name "
		"= ?1 COLLATE NOCASE) ORDER BY m.name",
		stat ? "e.n" : "NULL", s,
		stat ? "LEFT JOIN (SELECT tbl, max(CAST(stat AS INTEGER)) n "
		       "FROM \""
		     : "",
		stat ? s : "",
		stat ? "\".sqlite_stat1 GROUP BY tbl) e ON e.tbl = m.name" : "")
		.p,
	    &d->ask->table, 1, fn, d);
}

/* "main.customers.id", or nothing when it leads to what is hidden. */
static struct str
reference(struct describing *d, struct str table, struct str column)
{
	if (table.p == NULL || column.p == NULL ||
	    !sqlite_sees(d->link, table) ||
	    rules_denies(d->link->conn->spec, table, column))
		return (struct str){ 0 };
	return arena_fmt(d->arena, "main.%.*s.%.*s", (int)table.len, table.p,
	    (int)column.len, column.p);
}

static enum sqlite_rule
rule_of(const struct describing *d)
{
	if (d->star == NULL)
		return RULE_NONE;
	return sqlite_column_rule(d->link, d->table, d->star, d->column);
}

enum {
	COL_NAME,
	COL_TYPE,
	COL_NOTNULL,
	COL_DEFAULT,
	COL_PK,
	COL_UNIQUE,
	COL_PARENT,
	COL_TO
};

static const char column_sql[] =
    "SELECT x.name, x.type, x.\"notnull\", x.dflt_value, x.pk, EXISTS (SELECT "
    "1 FROM pragma_index_list(?1, ?2) i WHERE i.\"unique\" AND NOT i.partial "
    "AND (SELECT count(*) FROM pragma_index_info(i.name, ?2)) = 1 AND (SELECT "
    "name FROM pragma_index_info(i.name, ?2)) = x.name), f.\"table\", "
    "coalesce(f.\"to\", (SELECT name FROM pragma_table_info(f.\"table\", ?2) "
    "WHERE pk = 1)) FROM pragma_table_xinfo(?1, ?2) x LEFT JOIN "
    "pragma_foreign_key_list(?1, ?2) f ON f.\"from\" = x.name COLLATE NOCASE "
    "WHERE x.hidden <> 1 GROUP BY x.cid ORDER BY x.cid";

static struct str
key_of(sqlite3_stmt *st, bool pk)
{
	if (pk)
		return STR("PRI");
	if (sqlite3_column_int(st, COL_UNIQUE) != 0)
		return STR("UNI");
	return (struct str){ 0 };
}

static void
column_values(struct describing *d, sqlite3_stmt *st, bool masked,
    struct value v[static HEADING_MAX])
{
	struct str type = sqlite_text(st, COL_TYPE);
	bool pk = sqlite3_column_int(st, COL_PK) != 0;
	bool no_null = pk || sqlite3_column_int(st, COL_NOTNULL) != 0;
	struct column c = { .type = sqlite_type(type) };
	const struct str none = { 0 };
	int i = 0;

	sqlite_type_size(type, &c);
	v[i++] = cell_text(STR("main"));
	v[i++] = cell_text(d->table);
	v[i++] = cell_text(sqlite_text(st, COL_NAME));
	v[i++] = cell_int(d->position, true);
	v[i++] = cell_int(c.type, c.type != DT_UNKNOWN);
	v[i++] = cell_text(type);
	v[i++] = cell_int(c.length >= 0 ? c.length : c.precision,
	    c.length >= 0 || c.precision >= 0);
	v[i++] = cell_int(c.scale, c.scale >= 0);
	v[i++] = cell_text(no_null ? STR("NO") : STR("YES"));
	v[i++] = cell_text(masked ? none : sqlite_text(st, COL_DEFAULT));
	v[i++] = cell_text(key_of(st, pk));
	v[i++] = cell_text(
	    reference(d, sqlite_text(st, COL_PARENT), sqlite_text(st, COL_TO)));
	v[i++] = cell_text(masked ? STR("masked: values read as ***") : none);
}

static bool
column_row(void *arg, sqlite3_stmt *st)
{
	struct value v[HEADING_MAX];
	struct describing *d = arg;
	struct str name = sqlite_text(st, COL_NAME);
	enum sqlite_rule rule = rule_of(d);

	d->column++;
	if (rule == RULE_DENIED)
		return true;
	d->position++;
	if (!is_named(d, d->ask->column, name) ||
	    !is_like(d->ask->pattern, name))
		return true;
	column_values(d, st, rule == RULE_MASKED, v);
	return row(d, v, heading_count(META_COLUMNS));
}

static bool
table_columns(void *arg, sqlite3_stmt *st)
{
	struct describing *d = arg;
	struct str name = sqlite_text(st, 0);
	struct str args[2] = { name, str_of(d->link->schema) };
	int rc = SQLITE_OK;

	if (!sqlite_sees(d->link, name) || !is_named(d, d->ask->table, name))
		return true;
	d->table = name;
	d->column = 0;
	d->position = 0;
	d->star = d->link->conn->rules
		      ? sqlite_columns(d->link, name, false, &rc)
		      : NULL;
	d->link->auth.ours = true;
	/* A view that is broken has no columns to tell of. */
	if (rc == SQLITE_OK)
		(void)sqlite_query(d->link, column_sql, args, 2, column_row, d);
	sqlite3_finalize(d->star);
	d->star = NULL;
	return !d->ended;
}

/* Names as they are first; if nothing has one, with letters folded. */
static int
twice(struct describing *d, bool (*fn)(void *, sqlite3_stmt *))
{
	int rc = each_table(d, fn);

	if (rc != SQLITE_OK || d->rows != 0 ||
	    (str_is_empty(d->ask->table) && str_is_empty(d->ask->column)))
		return rc;
	d->fold = true;
	return each_table(d, fn);
}

static int
describe(struct describing *d)
{
	struct value main_schema = cell_text(STR("main"));
	bool here = str_is_empty(d->ask->schema) ||
		    str_ieq(d->ask->schema, STR("main"));

	if (d->ask->what > META_COLUMNS)
		return SQLITE_OK; /* the front lists the configured ones */
	d->ended = !heading_send(d->ask->what, d->to);
	switch (d->ask->what) {
	case META_SCHEMAS:
		if (here)
			row(d, &main_schema, 1);
		return SQLITE_OK;
	case META_TABLES:
		return here ? twice(d, table_row) : SQLITE_OK;
	case META_COLUMNS:
		return here ? twice(d, table_columns) : SQLITE_OK;
	default:
		break;
	}
	return SQLITE_OK;
}

enum err
sqlite_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f)
{
	struct sqlite_conn *c = conn;
	struct describing d = { .link = &c->rd,
		.arena = a,
		.ask = m,
		.to = to };
	enum err e;
	int rc;

	c->deadline = m->deadline;
	c->pulse = NULL;
	c->started = clock_mono_ms();
	c->why = ERR_OK;
	e = sqlite_turn_begin(&c->rd, a, TURN_READ, f);
	if (e != ERR_OK)
		return e;
	rc = describe(&d);
	if (rc != SQLITE_OK)
		e = sqlite_fault(&c->rd, a, rc, NULL, f);
	(void)sqlite_turn_end(&c->rd, false);
	return e;
}
