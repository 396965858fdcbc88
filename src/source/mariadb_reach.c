/* SPDX-License-Identifier: ISC */
/*
 * Views that lead to what is hidden: the server writes their texts with every
 * name in full, so what stands in a text is all that it can lead to.  A view
 * whose text the account may not see leads anywhere.
 */
#include "source/mariadb_int.h"

static const char views_sql[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN ('sys', 'mysql', 'performance_schema')";

enum { VIEW_SCHEMA, VIEW_NAME, VIEW_TEXT };

static bool
is_listed(const struct mariadb_hidden *h, struct str view)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_ieq(h->v[2 * i + 1], view))
			return true;
	return false;
}

static bool
leads_away(const struct mariadb_conn *c, const struct mariadb_hidden *h,
    struct str name)
{
	return rules_denies(c->spec, name, (struct str){ 0 }) ||
	       rules_columns(c->spec, name) || is_listed(h, name);
}

/* Only functions of the database's own stand there in quotes. */
static bool
is_function(const struct tokens *t, size_t i)
{
	return t->v[i].kind == LEX_NAME && token_is(t, i + 1, '(');
}

static bool
text_leads_away(const struct mariadb_conn *c, struct arena *a,
    const struct mariadb_hidden *h, struct str text)
{
	struct fault ignored = { 0 };
	struct tokens t;

	if (text.len == 0 ||
	    tokens_read(a, DIALECT_MARIADB, text, &t, &ignored) != ERR_OK)
		return true;
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].kind == LEX_NAME &&
		    (is_function(&t, i) ||
			leads_away(c, h, token_name(a, &t, i))))
			return true;
	return false;
}

/* Until no further view leads to one that does. */
enum err
mariadb_reach(struct mariadb_conn *c, struct arena *a, struct mariadb_hidden *h,
    struct fault *f)
{
	struct mariadb_rows r;
	bool *away, more = true;
	enum err e;

	*h = (struct mariadb_hidden){ 0 };
	if (!c->rules)
		return ERR_OK;
	e = mariadb_ask(c, a, views_sql, NULL, 0, &r, f);
	if (e != ERR_OK)
		return e;
	h->v = arena_zero(a, 2 * r.rows + 2, sizeof(*h->v));
	away = arena_zero(a, r.rows + 1, sizeof(*away));
	while (more) {
		more = false;
		for (size_t i = 0; i < r.rows; i++) {
			if (away[i] || !text_leads_away(c, a, h,
					   mariadb_cell(&r, i, VIEW_TEXT)))
				continue;
			h->v[2 * h->n] = mariadb_cell(&r, i, VIEW_SCHEMA);
			h->v[2 * h->n + 1] = mariadb_cell(&r, i, VIEW_NAME);
			h->n++;
			away[i] = more = true;
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
