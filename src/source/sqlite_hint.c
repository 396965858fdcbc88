/* SPDX-License-Identifier: ISC */
/*
 * "Did you mean": the closest names among those the caller may see, always by
 * the link for reading, which knows what is hidden.
 */
#include "source/near.h"
#include "source/source.h"
#include "source/sqlite_int.h"

struct ask {
	struct near near;
	struct sqlite_link *link;
	struct str table;
};

static bool
offer_table(void *arg, sqlite3_stmt *st)
{
	struct ask *k = arg;
	struct str name = sqlite_text(st, 0);

	if (sqlite_sees(k->link, name))
		near_offer(&k->near, name);
	return true;
}

static bool
offer_column(void *arg, sqlite3_stmt *st)
{
	struct ask *k = arg;
	struct str name = sqlite_text(st, 0);

	if (!rules_denies(k->link->conn->spec, k->table, name))
		near_offer(&k->near, name);
	return true;
}

/* With rules, only a link that knows the structure of now may tell names. */
static bool
knows_all(struct sqlite_link *l)
{
	return l->h != NULL && !(l->conn->rules && sqlite_link_changed(l));
}

static void
each_table(struct ask *k)
{
	struct sqlite_link *l = k->link;
	struct str sql = arena_fmt(k->near.arena,
	    "SELECT name FROM \"%s\".sqlite_master WHERE type IN ('table', "
	    "'view') ORDER BY name",
	    l->schema);

	(void)sqlite_query(l, sql.p, NULL, 0, offer_table, k);
}

void
sqlite_hint_tables(struct sqlite_link *l, struct arena *a, struct str name,
    struct fault *f)
{
	struct ask k = { .near = { .arena = a, .wanted = name },
		.link = &l->conn->rd };

	if (!knows_all(k.link))
		return;
	each_table(&k);
	near_say(&k.near, "The closest tables are", f);
}

void
sqlite_hint_columns(struct sqlite_link *l, struct arena *a,
    const struct gate *g, struct str name, struct fault *f)
{
	struct ask k = { .near = { .arena = a, .wanted = name },
		.link = &l->conn->rd };

	if (!knows_all(k.link))
		return;
	for (size_t i = 0; i < g->ntables; i++) {
		struct str args[2] = { g->tables[i], str_of(k.link->schema) };

		k.table = g->tables[i];
		if (sqlite_sees(k.link, k.table))
			(void)sqlite_query(k.link,
			    "SELECT name FROM pragma_table_info(?1, ?2)", args,
			    2, offer_column, &k);
	}
	near_say(&k.near, "The closest columns are", f);
}
