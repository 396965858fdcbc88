/* SPDX-License-Identifier: ISC */
/*
 * What the authorizer is not asked about in statements that write: rows that
 * REPLACE takes away; and on sources with deny or mask rules the columns that
 * NATURAL and USING join by, and the column list of an INSERT.  The words are
 * looked for as bytes first, so that no misread quote can hide one.
 */
#include <string.h>

#include "source/gate_int.h"
#include "source/source.h"
#include "source/sqlite_int.h"

static bool
has_bytes(struct str text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.len; i++)
		if (str_ieq((struct str){ text.p + i, n }, str_of(word)))
			return true;
	return false;
}

static enum err
check_joins(struct arena *a, struct str text, struct fault *f)
{
	static const char *const words[] = { "natural", "using" };

	for (size_t i = 0; i < 2; i++) {
		if (!has_bytes(text, words[i]) ||
		    !gate_has_word(a, DIALECT_SQLITE, text, str_of(words[i])))
			continue;
		fault_hint(f, "Join with ON.");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "NATURAL and USING cannot be part of a write here");
	}
	return ERR_OK;
}

/* Changing the structure, the library itself reads what callers may not, so
 * a text that names such things is refused whole. */
static enum err
check_ddl(struct str text, struct fault *f)
{
	static const char *const words[] = { "sqlite_", "pragma_", "dbstat",
		"bytecode", "tables_used" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has_bytes(text, words[i]))
			return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
			    "a change of the structure cannot name %s",
			    words[i]);
	return ERR_OK;
}

/*
 * REPLACE takes rows away, of which the authorizer is told nothing, so it
 * needs the right to update as well.  replace(a, b, c) is a call.
 */
static enum err
check_replace(struct arena *a, const struct sql *q, struct fault *f)
{
	const unsigned both = VERB_INSERT | VERB_UPDATE;
	struct tokens t;

	if ((q->verbs & both) == both || !has_bytes(q->text, "replace"))
		return ERR_OK;
	if (tokens_read(a, DIALECT_SQLITE, q->text, &t, f) != ERR_OK)
		return f->code;
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].word == WORD_REPLACE && !token_is(&t, i + 1, '('))
			return fault_set(f, ERR_PERMISSION_DENIED,
			    "REPLACE needs the rights to INSERT and to UPDATE");
	return ERR_OK;
}

struct column_ask {
	const struct conf_source *spec;
	struct str table;
	bool denied;
};

static bool
see_column(void *arg, sqlite3_stmt *st)
{
	struct column_ask *k = arg;

	k->denied = rules_denies(k->spec, k->table, sqlite_text(st, 0));
	return !k->denied;
}

static bool
has_denied_column(struct sqlite_link *l, struct str table)
{
	struct column_ask k = { .spec = l->conn->spec, .table = table };

	(void)sqlite_query(l, "SELECT name FROM pragma_table_xinfo(?1)", &table,
	    1, see_column, &k);
	return k.denied;
}

static enum err
no_list(struct str table, struct fault *f)
{
	fault_hint(f, "INSERT INTO %.*s (first, second) VALUES (1, 2)",
	    (int)table.len, table.p);
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "an INSERT into %.*s must name its columns", (int)table.len,
	    table.p);
}

/* The list behind INSERT INTO t [AS x]: no hidden column may be in it. */
static enum err
check_list(struct sqlite_link *l, struct arena *a, const struct tokens *t,
    size_t i, struct str table, struct fault *f)
{
	struct gate g = { .tables = { table }, .ntables = 1 };

	if (token_word(t, i) == WORD_AS)
		i += 2;
	if (str_ieq(token_text(t, i), STR("DEFAULT")))
		return ERR_OK;
	if (!token_is(t, i, '('))
		return no_list(table, f);
	for (i++; i < t->n && !token_is(t, i, ')'); i++) {
		struct str c = token_name(a, t, i);

		if (c.len == 0 || !rules_denies(l->conn->spec, table, c))
			continue;
		sqlite_hint_columns(l, a, &g, c, f);
		return fault_set(f, ERR_COLUMN_NOT_FOUND,
		    "no such column: %.*s", (int)c.len, c.p);
	}
	return ERR_OK;
}

static enum err
check_insert(struct sqlite_link *l, struct arena *a, struct str text,
    struct fault *f)
{
	struct tokens t;
	struct str table;
	enum err e = tokens_read(a, DIALECT_SQLITE, text, &t, f);
	size_t i = 0;

	if (e != ERR_OK)
		return e;
	while (i < t.n && t.v[i].word != WORD_INTO)
		i++;
	if (token_is(&t, i + 2, '.'))
		i += 2;
	if (i + 1 >= t.n)
		return ERR_OK; /* not for the engine either */
	table = token_name(a, &t, i + 1);
	if (!sqlite_table_has_rules(l->conn->spec, table) ||
	    !has_denied_column(l, table))
		return ERR_OK;
	return check_list(l, a, &t, i + 2, table, f);
}

enum err
sqlite_write_check(struct sqlite_link *l, struct arena *a, const struct sql *q,
    struct fault *f)
{
	enum sql_class c = q->gate->class;
	enum err e = ERR_OK;

	if (c == SQL_DDL)
		e = check_ddl(q->text, f);
	else
		e = check_replace(a, q, f);
	if (e != ERR_OK || !l->conn->rules)
		return e;
	e = check_joins(a, q->text, f);
	if (e == ERR_OK && has_bytes(q->text, "into"))
		e = check_insert(l, a, q->text, f);
	return e;
}
