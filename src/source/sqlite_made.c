/* SPDX-License-Identifier: ISC */
/*
 * What the authorizer is not asked about: columns that the library computes
 * from others, and virtual tables whose rows are made of another table's, such
 * as an index of its words.  Those made of what is hidden are hidden with it.
 */
#include "source/gate_int.h"
#include "source/source.h"
#include "source/sqlite_int.h"

/* What is only looked at goes with the look, and each text when the next one
 * comes; what is longer than any that people write is not read. */
#define LOOK_MEMORY ((size_t)64 << 20)
#define TEXT_MAX    ((size_t)1 << 20)

/* A text that nobody can read may be made of anything. */
#define UNREADABLE STR("\"")

/* CREATE TABLE t (a, b AS (…), …): what stands behind the name of b. */
static struct str
definition_of(struct arena *a, struct str sql, struct str column)
{
	struct fault ignored = { 0 };
	struct tokens t;
	bool first = false;

	arena_reset(a);
	if (sql.len > TEXT_MAX ||
	    tokens_read(a, DIALECT_SQLITE, sql, &t, &ignored) != ERR_OK)
		return UNREADABLE;
	for (size_t i = 0; i < t.n; i++) {
		size_t end = i, at;

		if (!first || !str_ieq(token_name(a, &t, i), column)) {
			first = (token_is(&t, i, '(') && t.v[i].depth == 0) ||
				(token_is(&t, i, ',') && t.v[i].depth == 1);
			continue;
		}
		while (end < t.n &&
		       !(token_is(&t, end, ',') && t.v[end].depth == 1))
			end++;
		at = (size_t)t.v[i].at + t.v[i].len;
		return (struct str){ sql.p + at,
			(end < t.n ? t.v[end].at : sql.len) - at };
	}
	return UNREADABLE;
}

struct virtual;

/* What the file has of such. */
struct making {
	struct sqlite_link *link;
	struct arena *arena;
	struct arena *text; /* of the one in hand */
	struct sqlite_names tables, views;
	struct virtual *v;
	size_t n;
};

/* Room doubles, so it is full whenever the count is a power of two. */
static void *
room(struct arena *a, void *p, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return p;
	return arena_grow(a, p, n * size, (n == 0 ? 1 : n * 2) * size);
}

enum { MADE_TABLE, MADE_COLUMN, MADE_SQL };

static bool
add_column(void *arg, sqlite3_stmt *st)
{
	struct making *k = arg;
	struct rules_made *m = &k->link->made;
	struct arena *a = k->link->arena;
	struct str column = arena_dup(a, sqlite_text(st, MADE_COLUMN));

	m->v = room(a, m->v, m->n, sizeof(*m->v));
	m->v[m->n++] = (struct rules_column){
		.table = arena_dup(a, sqlite_text(st, MADE_TABLE)),
		.column = column,
		.from = arena_dup(k->arena,
		    definition_of(k->text, sqlite_text(st, MADE_SQL), column)),
	};
	return true;
}

static int
read_columns(struct making *k)
{
	struct sqlite_link *l = k->link;
	struct str schema = str_of(l->schema);
	int rc = sqlite_query(l,
	    arena_fmt(l->arena,
		"SELECT m.name, x.name, m.sql FROM \"%s\".sqlite_master m, pragma_table_xinfo(m.name, ?1) x WHERE m.type = 'table' AND m.rootpage <> 0 AND x.hidden IN (2, 3)",
		l->schema)
		.p,
	    &schema, 1, add_column, k);

	rules_make(l->conn->spec, DIALECT_SQLITE, &l->made);
	return rc;
}

bool
sqlite_is_made(const struct sqlite_link *l, struct str table, struct str column)
{
	return rules_made_hides(&l->made, (struct str){ 0 }, table, column);
}

/* A virtual table and the statement that makes it. */
struct virtual
{
	struct str name, sql;
};

static bool
add_virtual(void *arg, sqlite3_stmt *st)
{
	struct making *k = arg;

	k->v = room(k->arena, k->v, k->n, sizeof(*k->v));
	k->v[k->n++] =
	    (struct virtual){ arena_dup(k->arena, sqlite_text(st, 0)),
		    arena_dup(k->arena, sqlite_text(st, 1)) };
	return true;
}

/* Does the statement name a column that is hidden in this table?  Older
 * modules than fts5 take all columns of a table without naming them. */
static bool
takes_hidden(const struct making *k, const struct tokens *t, struct str table)
{
	const struct conf_source *s = k->link->conn->spec;

	if (!sqlite_table_has_rules(s, table) ||
	    !sqlite_names_has(&k->tables, table))
		return false;
	if (!str_ieq(token_text(t, 5), STR("fts5")))
		return true;
	for (size_t i = 6; i < t->n; i++) {
		struct str name = token_name(k->text, t, i);

		if (name.len > 0 && (rules_denies(s, table, name) ||
					rules_masks(s, table, name) ||
					sqlite_is_made(k->link, table, name)))
			return true;
	}
	return false;
}

/* CREATE VIRTUAL TABLE name USING module(…): the name is the fourth token. */
static bool
leads_away(const struct making *k, const struct virtual *v)
{
	const struct sqlite_link *l = k->link;
	struct fault ignored = { 0 };
	struct tokens t;

	arena_reset(k->text);
	if (v->sql.len > TEXT_MAX || tokens_read(k->text, DIALECT_SQLITE,
					 v->sql, &t, &ignored) != ERR_OK)
		return true;
	for (size_t i = 4; i < t.n; i++) {
		struct str name = token_name(k->text, &t, i);

		if (name.len > 0 &&
		    (rules_denies(l->conn->spec, name, (struct str){ 0 }) ||
			sqlite_names_has(&l->away, name) ||
			sqlite_names_has(&k->views, name) ||
			takes_hidden(k, &t, name)))
			return true;
	}
	return false;
}

static int
names_of(const struct making *k, const char *type, struct sqlite_names *out)
{
	struct sqlite_link *l = k->link;

	return sqlite_names_read(l,
	    arena_fmt(k->arena,
		"SELECT name FROM \"%s\".sqlite_master WHERE type = '%s' AND ?1 <> ''",
		l->schema, type)
		.p,
	    out);
}

/* One that is made of one that is, until nothing is added. */
static int
read_virtual(struct making *k)
{
	struct sqlite_link *l = k->link;
	bool more = true;
	int rc = sqlite_query(l,
	    arena_fmt(l->arena,
		"SELECT name, sql FROM \"%s\".sqlite_master WHERE type = 'table' AND rootpage = 0 AND sql LIKE 'CREATE VIRTUAL %%'",
		l->schema)
		.p,
	    NULL, 0, add_virtual, k);

	if (rc == SQLITE_OK && k->n != 0)
		rc = names_of(k, "view", &k->views);
	if (rc == SQLITE_OK && k->n != 0)
		rc = names_of(k, "table", &k->tables);
	while (rc == SQLITE_OK && more) {
		more = false;
		for (size_t i = 0; i < k->n; i++) {
			if (sqlite_names_has(&l->away, k->v[i].name) ||
			    !leads_away(k, &k->v[i]))
				continue;
			sqlite_names_add(l->arena, &l->away, k->v[i].name);
			more = true;
		}
	}
	return rc;
}

int
sqlite_made_read(struct sqlite_link *l)
{
	struct making k = { .link = l };
	int rc;

	if (!l->conn->rules)
		return SQLITE_OK;
	k.arena = arena_new(LOOK_MEMORY);
	k.text = arena_new(LOOK_MEMORY);
	rc = read_columns(&k);
	if (rc == SQLITE_OK)
		rc = read_virtual(&k);
	arena_free(k.text);
	arena_free(k.arena);
	return rc;
}
