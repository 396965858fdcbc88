/* SPDX-License-Identifier: ISC */
/*
 * The authorizer: an allow-list of what a statement of a caller may do, and
 * the rules deny and mask.  The library asks it while it prepares.
 *
 * What it is never asked about (measured with 3.40): the columns that join
 * through NATURAL or USING, and all of "INSERT INTO a SELECT * FROM b" when a
 * and b are alike.  For reads sqlite_view.c makes both harmless; for writes
 * sqlite_write.c refuses the first and the link's count_changes setting keeps
 * the library from the second.
 */
#include <string.h>

#include "source/source.h"
#include "source/sqlite_function.h"
#include "source/sqlite_int.h"

bool
sqlite_is_system(struct str table)
{
	static const char *const names[] = { "sqlite_*", "pragma_*", "dbstat",
		"bytecode", "tables_used", "completion", "fsdir" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_glob(str_of(names[i]), table))
			return true;
	return false;
}

static void
remember(char out[static 128], const char *name)
{
	size_t n = name == NULL ? 0 : strlen(name);

	if (n > 127)
		n = 127;
	if (n != 0)
		memcpy(out, name, n);
	out[n] = '\0';
}

static int
deny(struct sqlite_link *l, int action, const char *name, const char *part)
{
	if (!l->auth.denied) {
		l->auth.denied = true;
		l->auth.action = action;
		remember(l->auth.name, name);
		remember(l->auth.part, part);
	}
	return SQLITE_DENY;
}

static bool
denies(const struct sqlite_link *l, struct str table, struct str column)
{
	return l->conn->rules && (rules_denies(l->conn->spec, table, column) ||
				     sqlite_names_has(&l->away, table));
}

bool
sqlite_sees(const struct sqlite_link *l, struct str table)
{
	return !sqlite_is_system(table) &&
	       !denies(l, table, (struct str){ 0 }) &&
	       !sqlite_names_has(&l->inner, table) &&
	       !sqlite_names_has(&l->conn->rd.hidden, table);
}

/* Could a rule be about one of this table's columns? */
static bool
has_rules(const struct conf_names *rules, struct str table)
{
	for (size_t i = 0; i < rules->n; i++) {
		struct str t = str_of(rules->v[i]);

		while (t.len > 0 && t.p[t.len - 1] != '.')
			t.len--;
		if (t.len > 0)
			t.len--;
		if (t.len > 0 && str_glob(t, table))
			return true;
	}
	return false;
}

bool
sqlite_table_has_rules(const struct conf_source *s, struct str table)
{
	return has_rules(&s->deny, table) || has_rules(&s->mask, table);
}

static bool
in_trigger(const struct sqlite_link *l, const char *context)
{
	return context != NULL &&
	       sqlite_names_has(&l->triggers, str_of(context));
}

/*
 * A write reads what its caller may not.  A trigger of the file may do that,
 * unless callers can make triggers; but a caller's own WITH entry can carry a
 * trigger's name, so such a write may hold no SELECT of the caller.
 */
static int
lean(struct sqlite_link *l, const char *table, const char *column,
    const char *context)
{
	l->auth.leaned = true;
	if (!in_trigger(l, context) || l->auth.ddl || l->conn->spec->ddl ||
	    l->auth.selected)
		return deny(l, SQLITE_READ, table, column);
	return SQLITE_OK;
}

/* "view.column" of a view of the file that passes a restricted one on. */
static bool
is_passed(const struct sqlite_link *l, struct str table, struct str column)
{
	for (size_t i = 0; i < l->passed.n; i++) {
		struct str p = l->passed.v[i];

		if (p.len == table.len + 1 + column.len &&
		    str_ieq((struct str){ p.p, table.len }, table) &&
		    str_ieq(str_from(p, table.len + 1), column))
			return true;
	}
	return false;
}

static bool
has_rule(const struct sqlite_link *l, struct str table, struct str column)
{
	return rules_denies(l->conn->spec, table, column) ||
	       rules_masks(l->conn->spec, table, column) ||
	       sqlite_is_made(l, table, column);
}

/* A view of the file reads it: the caller cannot name the table. */
static int
read_by_view(struct sqlite_link *l, struct str table, struct str column,
    const char *context)
{
	if (!has_rule(l, table, column)) {
		l->auth.restricted += is_passed(l, table, column);
		return SQLITE_OK;
	}
	if (context != NULL && !sqlite_names_has(&l->clean, str_of(context)))
		l->auth.restricted++;
	return SQLITE_IGNORE;
}

static int
check_read(struct sqlite_link *l, const char *table, const char *column,
    const char *db, const char *context)
{
	struct str t = str_of(table), c = str_of(column);

	if (sqlite_is_system(t) && !l->auth.ddl)
		return deny(l, SQLITE_READ, table, "");
	if (!l->writing && db != NULL && strcmp(db, "temp") == 0)
		return SQLITE_OK; /* our views, and what the engine makes */
	if (sqlite_names_has(&l->inner, t))
		return deny(l, SQLITE_READ, table, "");
	if (!l->conn->rules)
		return SQLITE_OK;
	if (denies(l, t, (struct str){ 0 }) ||
	    (l->writing && sqlite_names_has(&l->conn->rd.hidden, t)))
		return l->writing ? lean(l, table, "", context)
				  : deny(l, SQLITE_READ, table, "");
	if (!l->writing)
		return read_by_view(l, t, c, context);
	if (has_rule(l, t, c))
		return lean(l, table, column, context);
	return SQLITE_OK;
}

static int
check_write(struct sqlite_link *l, unsigned verb, int action, const char *table,
    const char *column, const char *context)
{
	struct str t = str_of(table);
	bool denied = denies(l, t, (struct str){ 0 }) ||
		      (column != NULL && denies(l, t, str_of(column)));

	if (!l->writing)
		return deny(l, action, table, column);
	if (l->auth.ddl && sqlite_is_system(t))
		return SQLITE_OK; /* how the library keeps the schema */
	if (sqlite_is_system(t) || sqlite_names_has(&l->inner, t))
		return deny(l, action, table, column);
	if (in_trigger(l, context))
		return denied && l->conn->spec->ddl
			   ? deny(l, action, table, column)
			   : SQLITE_OK;
	if (denied || (l->auth.verbs & verb) == 0)
		return deny(l, action, table, column);
	return SQLITE_OK;
}

/* Changes of the structure; the name of the table is p1 or p2. */
static int
check_ddl(struct sqlite_link *l, int action, const char *p1, const char *p2)
{
	static const struct {
		int action;
		bool second;
	} allowed[] = {
		{ SQLITE_CREATE_TABLE, false },
		{ SQLITE_CREATE_INDEX, true },
		{ SQLITE_CREATE_VIEW, false },
		{ SQLITE_CREATE_TRIGGER, true },
		{ SQLITE_DROP_TABLE, false },
		{ SQLITE_DROP_INDEX, true },
		{ SQLITE_DROP_VIEW, false },
		{ SQLITE_DROP_TRIGGER, true },
		{ SQLITE_ALTER_TABLE, true },
		{ SQLITE_REINDEX, false },
	};

	if (!l->writing || !l->auth.ddl)
		return deny(l, action, p1, p2);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		struct str table = str_of(allowed[i].second ? p2 : p1);

		if (allowed[i].action != action)
			continue;
		if (denies(l, table, (struct str){ 0 }) ||
		    sqlite_table_has_rules(l->conn->spec, table))
			return deny(l, action, table.p, "");
		return SQLITE_OK;
	}
	return deny(l, action, p1, p2);
}

/* SQLite's own name for a function has any case; those that ALTER uses
 * inside cannot be written by a caller (sqlite_write.c). */
static int
check_function(struct sqlite_link *l, const char *name)
{
	if (name != NULL &&
	    (sqlite_is_harmless(str_of(name)) ||
		(l->auth.ddl && sqlite3_strnicmp(name, "sqlite_", 7) == 0)))
		return SQLITE_OK;
	return deny(l, SQLITE_FUNCTION, name, "");
}

/* A virtual table reads and writes its inner tables while it steps. */
static bool
is_inner(const struct sqlite_link *l, int action, const char *p1)
{
	switch (action) {
	case SQLITE_PRAGMA:
		return sqlite3_stricmp(p1, "data_version") == 0;
	case SQLITE_SELECT:
		return true;
	case SQLITE_READ:
		return sqlite_names_has(&l->inner, str_of(p1));
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return l->writing && sqlite_names_has(&l->inner, str_of(p1));
	default:
		return false;
	}
}

static int
check_select(struct sqlite_link *l, const char *context)
{
	if (!l->writing || context != NULL)
		return SQLITE_OK;
	l->auth.selected = true;
	return l->auth.leaned ? deny(l, SQLITE_SELECT, "", "") : SQLITE_OK;
}

int
sqlite_authorize(void *link, int action, const char *p1, const char *p2,
    const char *db, const char *context)
{
	struct sqlite_link *l = link;

	if (l->auth.ours)
		return SQLITE_OK;
	if (l->auth.stepping && is_inner(l, action, p1))
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
		return check_select(l, context);
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return check_read(l, p1, p2, db, context);
	case SQLITE_FUNCTION:
		return check_function(l, p2);
	case SQLITE_INSERT:
		return check_write(l, VERB_INSERT, action, p1, NULL, context);
	case SQLITE_UPDATE:
		return check_write(l, VERB_UPDATE, action, p1, p2, context);
	case SQLITE_DELETE:
		return check_write(l, VERB_DELETE, action, p1, NULL, context);
	default:
		return check_ddl(l, action, p1, p2);
	}
}
