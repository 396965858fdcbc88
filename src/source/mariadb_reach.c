/* SPDX-License-Identifier: ISC */
/*
 * Views, and tables whose rows are those of others, that lead to what is
 * hidden: the server writes their texts with every name in full, so what stands
 * in a text is all that it can lead to.  One whose text the account may not see
 * leads anywhere.
 */
#include "source/mariadb_int.h"

static const char views_sql[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN ('sys', 'mysql', 'performance_schema')";

/* Engines that keep rows of their own need no look. */
static const char seconds_sql[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE ENGINE NOT IN ('InnoDB', 'MyISAM', 'Aria', 'MEMORY', 'CSV', 'ARCHIVE', 'BLACKHOLE', 'ROCKSDB', 'TokuDB', 'Columnstore', 'SEQUENCE') AND TABLE_SCHEMA NOT IN ('information_schema', 'sys', 'mysql', 'performance_schema')";

enum { REL_SCHEMA, REL_NAME, REL_TEXT };

/* What may lead somewhere: a view with its query, or a table with the
 * statement that makes it. */
struct leading {
	struct str schema, name, text;
	bool view, away;
};

struct reaching {
	struct mariadb_conn *c;
	struct arena *a;
	struct mariadb_hidden *h;
	struct leading *v;
	size_t n;
};

static bool
is_listed(const struct mariadb_hidden *h, struct str view)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_ieq(h->v[2 * i + 1], view))
			return true;
	return false;
}

static bool
leads_away(const struct reaching *k, struct str name)
{
	return rules_denies(k->c->spec, name, (struct str){ 0 }) ||
	       rules_columns(k->c->spec, name) || is_listed(k->h, name);
}

/* Was the view made without quotes (sql_quote_show_create)?  Else they stand
 * around each name: AS `a`, `shop`.`t`. */
static bool
is_bare(const struct tokens *t)
{
	for (size_t i = 0; i + 1 < t->n; i++)
		if (t->v[i + 1].kind == LEX_WORD &&
		    (token_is(t, i, '.') ||
			(str_eq(token_text(t, i), STR("AS")) &&
			    !str_ieq(token_text(t, i + 1), STR("OF")))))
			return true;
	return false;
}

/* Only functions of the database's own stand there in quotes; without them
 * nobody can tell. */
static bool
is_function(const struct tokens *t, size_t i, bool bare)
{
	return token_is(t, i + 1, '(') &&
	       (t->v[i].kind == LEX_NAME || (bare && t->v[i].kind == LEX_WORD));
}

static bool
query_leads_away(const struct reaching *k, struct str text)
{
	struct fault ignored = { 0 };
	struct tokens t;
	bool bare;

	if (text.len == 0 ||
	    tokens_read(k->a, DIALECT_MARIADB, text, &t, &ignored) != ERR_OK)
		return true;
	bare = is_bare(&t);
	for (size_t i = 0; i < t.n; i++)
		if (is_function(&t, i, bare) ||
		    ((t.v[i].kind == LEX_NAME ||
			 (bare && t.v[i].kind == LEX_WORD)) &&
			leads_away(k, token_name(k->a, &t, i))))
			return true;
	return false;
}

/* From the token "from" on, in its strings too: UNION=(`a`,`b`),
 * CONNECTION='mysql://host/database/a'. */
static bool
names_lead_away(const struct reaching *k, struct str text, size_t from,
    bool strings)
{
	struct fault ignored = { 0 };
	struct tokens t;

	if (tokens_read(k->a, DIALECT_MARIADB, text, &t, &ignored) != ERR_OK)
		return true;
	for (size_t i = from; i < t.n; i++) {
		struct str name = token_name(k->a, &t, i);
		bool string = t.v[i].kind == LEX_TEXT;

		if (string && strings ? names_lead_away(k, name, 0, false)
				      : leads_away(k, name))
			return true;
	}
	return false;
}

/* CREATE TABLE `a`: its own name is the third. */
static bool
table_leads_away(const struct reaching *k, struct str text)
{
	return text.len == 0 || names_lead_away(k, text, 3, true);
}

/* The statement that makes the table; empty when the account may not see it. */
static struct str
text_of(const struct reaching *k, struct str schema, struct str table)
{
	struct fault ignored = { 0 };
	struct mariadb_rows r;

	if (mariadb_ask(k->c, k->a,
		arena_fmt(k->a, "SHOW CREATE TABLE %s.%s",
		    mariadb_quote(k->a, schema).p, mariadb_quote(k->a, table).p)
		    .p,
		NULL, 0, &r, &ignored) != ERR_OK)
		return (struct str){ 0 };
	return mariadb_cell(&r, 0, 1);
}

static enum err
collect(struct reaching *k, struct fault *f)
{
	struct mariadb_rows views, tables;
	enum err e = mariadb_ask(k->c, k->a, views_sql, NULL, 0, &views, f);

	if (e == ERR_OK)
		e = mariadb_ask(k->c, k->a, seconds_sql, NULL, 0, &tables, f);
	if (e != ERR_OK)
		return e;
	k->v = arena_zero(k->a, views.rows + tables.rows + 1, sizeof(*k->v));
	for (size_t i = 0; i < views.rows; i++)
		k->v[k->n++] = (struct leading){
			.schema = mariadb_cell(&views, i, REL_SCHEMA),
			.name = mariadb_cell(&views, i, REL_NAME),
			.text = mariadb_cell(&views, i, REL_TEXT),
			.view = true,
		};
	for (size_t i = 0; i < tables.rows; i++) {
		struct str schema = mariadb_cell(&tables, i, REL_SCHEMA),
			   name = mariadb_cell(&tables, i, REL_NAME);

		k->v[k->n++] = (struct leading){ .schema = schema,
			.name = name,
			.text = text_of(k, schema, name) };
	}
	return ERR_OK;
}

/* Until no further one leads to one that does. */
enum err
mariadb_reach(struct mariadb_conn *c, struct arena *a, struct mariadb_hidden *h,
    struct fault *f)
{
	struct reaching k = { .c = c, .a = a, .h = h };
	bool more = true;
	enum err e;

	*h = (struct mariadb_hidden){ 0 };
	if (!c->rules)
		return ERR_OK;
	e = collect(&k, f);
	if (e != ERR_OK)
		return e;
	h->v = arena_zero(a, 2 * k.n + 2, sizeof(*h->v));
	while (more) {
		more = false;
		for (size_t i = 0; i < k.n; i++) {
			struct leading *l = &k.v[i];

			if (l->away ||
			    !(l->view ? query_leads_away(&k, l->text)
				      : table_leads_away(&k, l->text)))
				continue;
			h->v[2 * h->n] = l->schema;
			h->v[2 * h->n + 1] = l->name;
			h->n++;
			l->away = more = true;
		}
	}
	return ERR_OK;
}

bool
mariadb_hides(const struct mariadb_conn *c, const struct mariadb_hidden *h,
    struct str schema, struct str table)
{
	if (rules_denies(c->spec, table, (struct str){ 0 }))
		return c->rules;
	for (size_t i = 0; i < h->n; i++)
		if (str_eq(h->v[2 * i], schema) &&
		    str_eq(h->v[2 * i + 1], table))
			return true;
	return false;
}

void
mariadb_made(const struct mariadb_conn *c, struct arena *a,
    const struct mariadb_rows *r, size_t column, size_t from,
    struct rules_made *out)
{
	*out = (struct rules_made){ 0 };
	if (!c->rules)
		return;
	out->n = r->rows;
	out->v = arena_zero(a, r->rows + 1, sizeof(*out->v));
	for (size_t i = 0; i < r->rows; i++)
		out->v[i] = (struct rules_column){
			.schema = mariadb_cell(r, i, REL_SCHEMA),
			.table = mariadb_cell(r, i, REL_NAME),
			.column = mariadb_cell(r, i, column),
			.from = mariadb_cell(r, i, from),
		};
	rules_make(c->spec, DIALECT_MARIADB, out);
}

bool
mariadb_is_made(const struct rules_made *m, size_t row)
{
	return row < m->n && m->v[row].hidden;
}
