/* SPDX-License-Identifier: ISC */
/*
 * "Did you mean": the closest names among those the caller may see, always by
 * the link for reading, which knows what is hidden.
 */
#include "base/buf.h"
#include "source/source.h"
#include "source/sqlite_int.h"

#define NEAREST 5

struct near {
	struct sqlite_link *link;
	struct arena *arena;
	struct str wanted, table;
	struct str names[NEAREST];
	size_t far[NEAREST];
	size_t n;
};

/* Into its place among the closest, which stay sorted. */
static void
offer(struct near *k, struct str name)
{
	size_t far = str_distance(k->wanted, name);
	size_t i;

	for (i = 0; i < k->n; i++)
		if (str_ieq(k->names[i], name))
			return;
	if (k->n == NEAREST && far >= k->far[NEAREST - 1])
		return;
	if (k->n < NEAREST)
		k->n++;
	for (i = k->n - 1; i > 0 && k->far[i - 1] > far; i--) {
		k->names[i] = k->names[i - 1];
		k->far[i] = k->far[i - 1];
	}
	k->names[i] = arena_dup(k->arena, name);
	k->far[i] = far;
}

static bool
offer_table(void *arg, sqlite3_stmt *st)
{
	struct near *k = arg;
	struct str name = sqlite_text(st, 0);

	if (sqlite_sees(k->link, name))
		offer(k, name);
	return true;
}

static bool
offer_column(void *arg, sqlite3_stmt *st)
{
	struct near *k = arg;
	struct str name = sqlite_text(st, 0);

	if (!rules_denies(k->link->conn->spec, k->table, name))
		offer(k, name);
	return true;
}

static void
say(const struct near *k, const char *what, struct fault *f)
{
	struct buf b;

	if (k->n == 0)
		return;
	buf_init(&b, k->arena, FAULT_MSG);
	for (size_t i = 0; i < k->n; i++) {
		if (i != 0)
			buf_lit(&b, ", ");
		buf_str(&b, k->names[i]);
	}
	fault_hint(f, "%s: %.*s", what, (int)b.len, b.p);
}

/* With rules, only a link that knows the structure of now may tell names. */
static bool
knows_all(struct sqlite_link *l)
{
	return l->h != NULL && !(l->conn->rules && sqlite_link_changed(l));
}

static void
each_table(struct near *k)
{
	struct sqlite_link *l = k->link;
	struct str sql = arena_fmt(k->arena,
	    "SELECT name FROM \"%s\".sqlite_master WHERE type IN ('table', "
	    "'view') ORDER BY name",
	    l->schema);

	(void)sqlite_query(l, sql.p, NULL, 0, offer_table, k);
}

void
sqlite_hint_tables(struct sqlite_link *l, struct arena *a, struct str name,
    struct fault *f)
{
	struct near k = { .link = &l->conn->rd, .arena = a, .wanted = name };

	if (!knows_all(k.link))
		return;
	each_table(&k);
	say(&k, "The closest tables are", f);
}

void
sqlite_hint_columns(struct sqlite_link *l, struct arena *a,
    const struct gate *g, struct str name, struct fault *f)
{
	struct near k = { .link = &l->conn->rd, .arena = a, .wanted = name };

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
	say(&k, "The closest columns are", f);
}
