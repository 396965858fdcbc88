/* SPDX-License-Identifier: ISC */
/* "Did you mean": the closest names among those the caller may see. */
#include "source/mariadb_int.h"

#define HINT_MS 2000

static const char tables_sql[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() LIMIT 2000";

static const char columns_sql[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, " MARIADB_MADE
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";

static void
near_tables(struct mariadb_conn *c, struct arena *a,
    const struct mariadb_hidden *h, struct near *k, struct fault *ignored)
{
	struct mariadb_rows r;

	if (mariadb_ask(c, a, tables_sql, NULL, 0, &r, ignored) != ERR_OK)
		return;
	for (size_t i = 0; i < r.rows; i++)
		if (!mariadb_hides(c, h, mariadb_cell(&r, i, 0),
			mariadb_cell(&r, i, 1)))
			near_offer(k, mariadb_cell(&r, i, 1));
}

static void
near_columns(struct mariadb_conn *c, struct arena *a,
    const struct mariadb_hidden *h, struct str table, struct near *k,
    struct fault *ignored)
{
	struct rules_made made;
	struct mariadb_rows r;

	if (mariadb_ask(c, a, columns_sql, &table, 1, &r, ignored) != ERR_OK)
		return;
	mariadb_made(c, a, &r, 2, 3, &made);
	for (size_t i = 0; i < r.rows; i++)
		if (!mariadb_hides(c, h, mariadb_cell(&r, i, 0),
			mariadb_cell(&r, i, 1)) &&
		    !mariadb_is_made(&made, i) &&
		    !rules_denies(c->spec, mariadb_cell(&r, i, 1),
			mariadb_cell(&r, i, 2)))
			near_offer(k, mariadb_cell(&r, i, 2));
}

void
mariadb_hint(struct mariadb_conn *c, struct arena *a, const struct sql *q,
    struct fault *f)
{
	struct near k = { .arena = a, .wanted = c->hint_table };
	struct mariadb_hidden h = { 0 };
	struct fault ignored = { 0 };
	bool table = c->hint_table.len != 0;

	if (!table && c->hint_column.len == 0)
		return;
	if (!table)
		k.wanted = c->hint_column;
	mariadb_watch(c, deadline_in(HINT_MS), NULL);
	if (mariadb_begin(c, a, TURN_READ, NULL, &ignored) == ERR_OK &&
	    mariadb_reach(c, a, &h, &ignored) == ERR_OK) {
		if (table)
			near_tables(c, a, &h, &k, &ignored);
		for (size_t i = 0; !table && i < q->gate->ntables; i++)
			near_columns(c, a, &h, q->gate->tables[i], &k,
			    &ignored);
	}
	mariadb_rollback(c);
	near_say(&k,
	    table ? "The closest tables are" : "The closest columns are", f);
}
