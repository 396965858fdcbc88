/* SPDX-License-Identifier: ISC */
/*
 * Deny and mask for reads, by names instead of refusals.
 *
 * The file is attached under a secret name, "main" is empty, and an
 * unqualified name is looked up in "temp" first.  There we put
 *
 *   - for a table or view with hidden or masked columns a view of its name
 *     with the columns that are left, masked ones as '***';
 *   - for a hidden table or view a view that reads "main".itself, which is
 *     not there: the engine's own "no such table" comes at the very place
 *     where it would come for a name that never was;
 *   - the same for a view of the file that reads a hidden table, or that
 *     computes or filters with a hidden or masked column.
 *
 * What a view of the file merely passes on is hidden or masked in it too, by
 * the column it comes from.  The price: a masked table read through its view
 * has no rowid.
 */
#include <string.h>

#include "source/gate_int.h"
#include "source/source.h"
#include "source/sqlite_int.h"

#define VIEW_TEXT_MAX ((size_t)1 << 20)
#define LOOK_MEMORY   ((size_t)64 << 20) /* for one text of that length */

/* What one object becomes. */
struct cast {
	struct sqlite_link *link;
	struct buf text;
	size_t shown, hidden, masked;
};

static void
add_column(struct cast *c, struct str name, bool masked)
{
	struct arena *a = c->link->arena;

	if (c->shown + c->masked != 0)
		buf_lit(&c->text, ", ");
	if (masked)
		buf_lit(&c->text, "'***' AS ");
	buf_str(&c->text, sqlite_quote(a, name));
	if (masked)
		c->masked++;
	else
		c->shown++;
}

enum sqlite_rule
sqlite_column_rule(const struct sqlite_link *l, struct str table,
    sqlite3_stmt *st, int i)
{
	const struct conf_source *s = l->conn->spec;
	struct str name = str_of(sqlite3_column_name(st, i));
	struct str from_table = str_of(sqlite3_column_table_name(st, i));
	struct str from = str_of(sqlite3_column_origin_name(st, i));

	if (rules_denies(s, table, name) || rules_denies(s, from_table, from) ||
	    sqlite_is_made(l, table, name) ||
	    sqlite_is_made(l, from_table, from))
		return RULE_DENIED;
	if (rules_masks(s, table, name) || rules_masks(s, from_table, from))
		return RULE_MASKED;
	return RULE_NONE;
}

static int
make_view(struct cast *c, struct str name)
{
	struct arena *a = c->link->arena;
	struct str q = sqlite_quote(a, name);

	if (c->shown + c->masked == 0)
		return sqlite_exec(c->link,
		    arena_fmt(a, "CREATE TEMP VIEW %s AS SELECT * FROM main.%s",
			q.p, q.p)
			.p);
	return sqlite_exec(c->link,
	    arena_fmt(a, "CREATE TEMP VIEW %s AS SELECT %.*s FROM \"%s\".%s",
		q.p, (int)c->text.len, c->text.p, c->link->schema, q.p)
		.p);
}

static int
hide(struct sqlite_link *l, struct str name)
{
	struct cast none = { .link = l };

	return make_view(&none, name);
}

sqlite3_stmt *
sqlite_columns(struct sqlite_link *l, struct str name, bool as_caller, int *rc)
{
	struct str sql = arena_fmt(l->arena, "SELECT * FROM \"%s\".%s",
	    l->schema, sqlite_quote(l->arena, name).p);
	sqlite3_stmt *st = NULL;

	l->auth = (struct sqlite_auth){ .ours = !as_caller };
	*rc = sqlite3_prepare_v2(l->h, sql.p, -1, &st, NULL);
	l->auth.ours = true;
	return st;
}

static void
cast_columns(struct cast *c, sqlite3_stmt *st, struct str name)
{
	buf_init(&c->text, c->link->arena, VIEW_TEXT_MAX);
	for (int i = 0; i < sqlite3_column_count(st); i++) {
		enum sqlite_rule r = sqlite_column_rule(c->link, name, st, i);

		if (r == RULE_DENIED)
			c->hidden++;
		else
			add_column(c, str_of(sqlite3_column_name(st, i)),
			    r == RULE_MASKED);
	}
}

static int
cast_table(struct sqlite_link *l, struct str name)
{
	struct cast c = { .link = l };
	sqlite3_stmt *st;
	int rc;

	if (!sqlite_table_has_rules(l->conn->spec, name))
		return SQLITE_OK;
	st = sqlite_columns(l, name, false, &rc);
	cast_columns(&c, st, name);
	sqlite3_finalize(st);
	if (rc != SQLITE_OK || c.hidden + c.masked == 0)
		return rc;
	sqlite_names_add(l->arena, &l->ruled, name);
	return make_view(&c, name);
}

static bool
is_ruled(const struct sqlite_link *l, struct str name)
{
	return sqlite_names_has(&l->ruled, name) ||
	       sqlite_names_has(&l->away, name) ||
	       rules_denies(l->conn->spec, name, (struct str){ 0 });
}

/* NATURAL and USING compare columns, and read tables, of which the authorizer
 * is not asked. */
static bool
joins_in(struct arena *a, const struct sqlite_link *l, struct str sql)
{
	struct fault ignored = { 0 };
	struct tokens t;
	bool joins = false, ruled = false;

	if (tokens_read(a, DIALECT_SQLITE, sql, &t, &ignored) != ERR_OK)
		return true;
	for (size_t i = 3; i < t.n; i++) {
		struct str name = token_name(a, &t, i);

		joins = joins || token_word(&t, i) == WORD_NATURAL ||
			token_word(&t, i) == WORD_USING;
		ruled = ruled || (name.len > 0 && is_ruled(l, name));
	}
	return joins && ruled;
}

/* One text after the other, so that many need no more memory than one. */
static bool
joins_by_name(const struct sqlite_link *l, struct str sql)
{
	struct arena *a;
	bool joins;

	if (sql.len > VIEW_TEXT_MAX)
		return true;
	a = arena_new(LOOK_MEMORY);
	joins = joins_in(a, l, sql);
	arena_free(a);
	return joins;
}

/* The view only passes on; its restricted columns are so in other views too. */
static void
remember_passed(struct sqlite_link *l, sqlite3_stmt *st, struct str view)
{
	sqlite_names_add(l->arena, &l->clean, view);
	for (int i = 0; i < sqlite3_column_count(st); i++)
		if (sqlite_column_rule(l, view, st, i) != RULE_NONE)
			sqlite_names_add(l->arena, &l->passed,
			    arena_fmt(l->arena, "%.*s.%s", (int)view.len,
				view.p, sqlite3_column_name(st, i)));
}

/*
 * A view of the file.  Each restricted column that it passes on is read once
 * for it; a read beyond these computes or filters, and then so would what we
 * leave of the view.  Where a column comes from is only known while the rules
 * do not blank it.
 */
static int
cast_view(struct sqlite_link *l, struct str name, struct str sql)
{
	struct cast c = { .link = l };
	unsigned reads;
	sqlite3_stmt *st;
	int rc;

	sqlite3_finalize(sqlite_columns(l, name, true, &rc));
	reads = l->auth.restricted;
	if (rc == SQLITE_AUTH)
		return hide(l, name);
	if (joins_by_name(l, sql)) {
		sqlite_names_add(l->arena, &l->away, name);
		return hide(l, name);
	}
	st = sqlite_columns(l, name, false, &rc);
	if (rc != SQLITE_OK)
		return hide(l, name); /* why it is broken may name others */
	cast_columns(&c, st, name);
	if (reads <= c.hidden + c.masked)
		remember_passed(l, st, name);
	sqlite3_finalize(st);
	if (reads > c.hidden + c.masked)
		return hide(l, name);
	if (c.hidden + c.masked == 0)
		return SQLITE_OK;
	sqlite_names_add(l->arena, &l->ruled, name);
	return make_view(&c, name);
}

struct object {
	struct str name, sql;
	bool view;
};

struct objects {
	struct arena *arena;
	struct object *v;
	size_t n, cap;
};

static bool
add_object(void *arg, sqlite3_stmt *st)
{
	struct objects *o = arg;

	if (o->n == o->cap) {
		size_t more = o->cap == 0 ? 64 : o->cap * 2;

		o->v = arena_grow(o->arena, o->v, o->cap * sizeof(*o->v),
		    more * sizeof(*o->v));
		o->cap = more;
	}
	o->v[o->n].name = arena_dup(o->arena, sqlite_text(st, 0));
	o->v[o->n].view = sqlite3_column_int(st, 1) != 0;
	if (o->v[o->n].view)
		o->v[o->n].sql = arena_dup(o->arena, sqlite_text(st, 2));
	o->n++;
	return true;
}

static int
cast_object(struct sqlite_link *l, const struct object *o)
{
	if (rules_denies(l->conn->spec, o->name, (struct str){ 0 }) ||
	    sqlite_names_has(&l->away, o->name))
		return hide(l, o->name);
	if (sqlite_names_has(&l->inner, o->name))
		return SQLITE_OK;
	return o->view ? cast_view(l, o->name, o->sql) : cast_table(l, o->name);
}

/* Views that were hidden without a rule of their own: those of ours that
 * read from nowhere. */
static int
read_hidden(struct sqlite_link *l)
{
	return sqlite_names_read(l,
	    "SELECT name FROM sqlite_temp_master WHERE type = 'view' AND "
	    "sql LIKE '% AS SELECT * FROM main.%' AND ?1 <> ''",
	    &l->hidden);
}

enum err
sqlite_views_make(struct sqlite_link *l, struct fault *f)
{
	struct objects all = { .arena = l->arena };
	struct str sql = arena_fmt(l->arena,
	    "SELECT name, type = 'view', sql FROM \"%s\".sqlite_master WHERE type IN "
	    "('table', 'view') AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' ORDER BY "
	    "type, rowid",
	    l->schema);
	int rc = sqlite_query(l, sql.p, NULL, 0, add_object, &all);

	for (size_t i = 0; i < all.n && rc == SQLITE_OK; i++)
		rc = cast_object(l, &all.v[i]);
	if (rc == SQLITE_OK)
		rc = read_hidden(l);
	if (rc == SQLITE_OK)
		return ERR_OK;
	return sqlite_open_fault(l, l->conn->path, rc, f);
}

/*
 * A caller writes main.orders, as the metadata say; here it is blanked, since
 * "main" is empty.  Where "main" also stands for something else (an alias)
 * the text stays as it is.
 */
struct str
sqlite_views_text(struct arena *a, struct str text)
{
	struct fault f = { 0 };
	struct tokens t;
	char *p;

	if (tokens_read(a, DIALECT_SQLITE, text, &t, &f) != ERR_OK)
		return text;
	for (size_t i = 0; i < t.n; i++)
		if (str_ieq(token_name(a, &t, i), STR("main")) &&
		    t.v[i].kind != LEX_TEXT && !token_is(&t, i + 1, '.'))
			return text;
	p = arena_z(a, text);
	for (size_t i = 0; i + 1 < t.n; i++)
		if (str_ieq(token_name(a, &t, i), STR("main")) &&
		    token_is(&t, i + 1, '.'))
			memset(p + t.v[i].at, ' ',
			    (size_t)t.v[i + 1].at + 1 - t.v[i].at);
	return (struct str){ p, text.len };
}
