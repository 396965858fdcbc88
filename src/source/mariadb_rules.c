/* SPDX-License-Identifier: ISC */
/*
 * deny and mask on MariaDB, which has no hook that could ask us.
 *
 * Every name in the text that is a table or a view of the source is looked up:
 * a hidden one, or a view that leads to one, ends the statement.  A table with
 * hidden or masked columns gets an entry of a WITH in front of the text that
 * has its name and only what may be seen; a schema written before the name is
 * blanked.  Schemas of the server's own, functions of the database's own,
 * comments that hold code, and a WITH inside of the text, from where the server
 * does not find entries in front of it, are refused.
 */
#include "source/mariadb_int.h"

struct looking {
	struct mariadb_conn *c;
	struct arena *a;
	const struct sql *q;
	struct tokens t;
	struct str *name; /* of each token, as the server compares it */
	struct mariadb_names names;
	struct mariadb_hidden hidden;
	struct rules_made made; /* of each row of relations() */
	struct str current;     /* schema for bare names */
	char *text;             /* a copy, in which schemas are blanked */
	struct buf with;
	struct str put[32]; /* names that have an entry */
	size_t nput;
};

enum err
mariadb_no_table(struct mariadb_conn *c, struct str name, struct fault *f)
{
	c->hint_table = arena_dup(c->later, name);
	return rules_no_table(name, f);
}

/* ".name" is one of the current schema, and no entry of ours stands for it;
 * only right behind a name is a dot what it looks like. */
static bool
is_odd_dot(const struct tokens *t, size_t i)
{
	return token_is(t, i, '.') && token_is_name(t, i + 1) &&
	       (i == 0 || !token_is_name(t, i - 1) ||
		   t->v[i - 1].at + t->v[i - 1].len != t->v[i].at);
}

/* The names of the text as the server compares those of tables. */
static enum err
read_names(struct looking *k, struct fault *f)
{
	struct mariadb_rows r;
	enum err e;

	k->name = arena_zero(k->a, k->t.n + 1, sizeof(*k->name));
	for (size_t i = 0; i < k->t.n; i++)
		if (token_is_name(&k->t, i))
			k->name[i] = token_name(k->a, &k->t, i);
	if (!mariadb_names(k->a, &k->t, false, &k->names))
		return mariadb_too_many(f);
	e = mariadb_ask(k->c, k->a,
	    "SELECT DATABASE(), @@lower_case_table_names", NULL, 0, &r, f);
	if (e != ERR_OK)
		return e;
	k->current = mariadb_cell(&r, 0, 0);
	return mariadb_number(&r, 0, 1, 1) == 0
		   ? ERR_OK
		   : mariadb_fold(k->c, k->a, k->name, k->t.n, &k->names, f);
}

static enum err
check_tokens(struct looking *k, struct fault *f)
{
	for (size_t i = 0; i < k->t.n; i++) {
		if (k->t.v[i].code || k->t.v[i].maybe)
			return rules_not_here(STR("a comment that holds code"),
			    f);
		if (is_odd_dot(&k->t, i))
			return rules_not_here(
			    STR("a dot that does not follow a name"), f);
		if (mariadb_is_odd(&k->t, i))
			return rules_not_here(
			    STR("a name that begins with a digit or a dollar and has no backquotes"),
			    f);
		if (str_ieq(k->name[i], STR("load_file")) ||
		    (mariadb_is_system(k->name[i]) &&
			token_is(&k->t, i + 1, '.')))
			return rules_not_here(token_name(k->a, &k->t, i), f);
	}
	return ERR_OK;
}

static const char routines_sql[] =
    "SELECT ROUTINE_NAME, ROUTINE_TYPE = 'FUNCTION' FROM information_schema.ROUTINES WHERE ROUTINE_TYPE <> 'PROCEDURE' AND ROUTINE_SCHEMA <> 'sys' AND ROUTINE_NAME IN %s";

/* The server takes letters with accents, and blanks at the end, for the same in
 * the name of a function. */
static bool
is_routine(const struct looking *k, size_t i, struct str name)
{
	struct str s = token_name(k->a, &k->t, i);

	return str_ieq(s, name) || !mariadb_is_ascii(s) ||
	       str_ends(s, STR(" "));
}

/* Functions of the database's own, and of its packages, may read tables. */
static enum err
check_functions(struct looking *k, struct fault *f)
{
	struct mariadb_rows r;
	enum err e;

	if (k->names.n == 0)
		return ERR_OK;
	e = mariadb_ask(k->c, k->a,
	    arena_fmt(k->a, routines_sql, mariadb_marks(k->a, k->names.n).p).p,
	    k->names.v, k->names.n, &r, f);
	for (size_t row = 0; e == ERR_OK && row < r.rows; row++) {
		struct str name = mariadb_cell(&r, row, 0);
		bool package = mariadb_number(&r, row, 1, 0) == 0;

		for (size_t i = 0; i < k->t.n; i++)
			if (token_is_name(&k->t, i) &&
			    token_is(&k->t, i + 1, package ? '.' : '(') &&
			    is_routine(k, i, name))
				return rules_not_here(name, f);
	}
	return e;
}

static enum err
look(struct looking *k, struct fault *f)
{
	enum err e = tokens_read(k->a, DIALECT_MARIADB, k->q->text, &k->t, f);

	if (e == ERR_OK)
		e = read_names(k, f);
	if (e == ERR_OK)
		e = check_tokens(k, f);
	for (size_t i = 0; e == ERR_OK && i < k->q->gate->ntables; i++)
		if (rules_denies(k->c->spec, k->q->gate->tables[i],
			(struct str){ 0 }))
			e = mariadb_no_table(k->c, k->q->gate->tables[i], f);
	if (e == ERR_OK)
		e = check_functions(k, f);
	if (e == ERR_OK)
		e = mariadb_reach(k->c, k->a, &k->hidden, f);
	return e;
}

enum { REL_SCHEMA, REL_NAME, REL_COLUMN, REL_FROM };

static const char relations_sql[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, " MARIADB_MADE
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql') AND TABLE_NAME IN %s ORDER BY BINARY TABLE_SCHEMA, BINARY TABLE_NAME, ORDINAL_POSITION";

static enum err
relations(struct looking *k, struct mariadb_rows *r, struct fault *f)
{
	enum err e;

	*r = (struct mariadb_rows){ 0 };
	if (k->names.n == 0)
		return ERR_OK;
	e = mariadb_ask(k->c, k->a,
	    arena_fmt(k->a, relations_sql, mariadb_marks(k->a, k->names.n).p).p,
	    k->names.v, k->names.n, r, f);
	if (e == ERR_OK)
		mariadb_made(k->c, k->a, r, REL_COLUMN, REL_FROM, &k->made);
	return e;
}

/* Rows of one relation begin at "row": where do they end? */
static size_t
behind(const struct mariadb_rows *r, size_t row)
{
	size_t end = row;

	while (end < r->rows &&
	       str_eq(mariadb_cell(r, row, REL_SCHEMA),
		   mariadb_cell(r, end, REL_SCHEMA)) &&
	       str_eq(mariadb_cell(r, row, REL_NAME),
		   mariadb_cell(r, end, REL_NAME)))
		end++;
	return end;
}

static bool
has_rules(const struct looking *k, const struct mariadb_rows *r, size_t row,
    size_t end)
{
	struct str table = mariadb_cell(r, row, REL_NAME);

	for (size_t i = row; i < end; i++) {
		struct str column = mariadb_cell(r, i, REL_COLUMN);

		if (rules_denies(k->c->spec, table, column) ||
		    rules_masks(k->c->spec, table, column))
			return true;
	}
	return false;
}

/* The token by which the text means this relation, or t.n: bare, where its
 * schema is the current one, or behind its schema, which is blanked then. */
static size_t
use_of(struct looking *k, struct str schema, struct str table, bool blank)
{
	size_t used = k->t.n;

	for (size_t i = 0; i < k->t.n; i++) {
		bool dotted = i >= 2 && token_is(&k->t, i - 1, '.') &&
			      token_is_name(&k->t, i - 2);

		if (!token_is_name(&k->t, i) || !str_ieq(k->name[i], table) ||
		    mariadb_is_alias(&k->t, i))
			continue;
		if (!dotted && str_ieq(schema, k->current))
			used = i;
		if (!dotted || !str_ieq(k->name[i - 2], schema))
			continue;
		used = i;
		if (blank) {
			const struct token *s = &k->t.v[i - 2];

			memset(k->text + s->at, ' ', s->len);
			k->text[k->t.v[i - 1].at] = ' ';
		}
	}
	return used;
}

/* `name` AS (SELECT … FROM `schema`.`name`) */
static void
put_entry(struct looking *k, const struct mariadb_rows *r, size_t row,
    size_t end)
{
	struct str table = mariadb_cell(r, row, REL_NAME);
	struct buf *b = &k->with;
	bool any = false;

	buf_str(b, b->len == 0 ? STR("") : STR(", "));
	buf_str(b, mariadb_quote(k->a, table));
	buf_lit(b, " AS (SELECT ");
	for (size_t i = row; i < end; i++) {
		struct str column = mariadb_cell(r, i, REL_COLUMN);

		if (rules_denies(k->c->spec, table, column) ||
		    mariadb_is_made(&k->made, i))
			continue;
		buf_str(b, any ? STR(", ") : STR(""));
		if (rules_masks(k->c->spec, table, column))
			buf_lit(b, "'***' AS ");
		buf_str(b, mariadb_quote(k->a, column));
		any = true;
	}
	if (!any)
		buf_lit(b, "NULL AS `nothing`");
	buf_lit(b, " FROM ");
	buf_str(b, mariadb_quote(k->a, mariadb_cell(r, row, REL_SCHEMA)));
	buf_char(b, '.');
	buf_str(b, mariadb_quote(k->a, table));
	buf_char(b, ')');
}

static bool
was_put(const struct looking *k, struct str table)
{
	for (size_t i = 0; i < k->nput; i++)
		if (str_ieq(k->put[i], table))
			return true;
	return false;
}

/* A word before a dot is a schema to the server only where the dot goes on as
 * a name without quotes; else it may be a keyword (FROM.`x`), and what stands
 * behind the dot one of the current schema. */
static bool
may_be_bare(struct looking *k, struct str schema, struct str table)
{
	for (size_t i = 2; i < k->t.n && str_ieq(schema, k->current); i++)
		if (token_is(&k->t, i - 1, '.') &&
		    k->t.v[i - 2].kind == LEX_WORD &&
		    (k->t.v[i].kind != LEX_WORD ||
			k->t.v[i - 1].at + 1 != k->t.v[i].at) &&
		    str_ieq(k->name[i], table) &&
		    !str_ieq(k->name[i - 2], schema))
			return true;
	return false;
}

/* What stands before the schema: it would be one itself, were ours blanked. */
static bool
is_behind(struct looking *k, struct str schema, struct str table)
{
	for (size_t i = 3; i < k->t.n; i++)
		if (token_is(&k->t, i - 1, '.') &&
		    token_is(&k->t, i - 3, '.') && str_ieq(k->name[i], table) &&
		    str_ieq(k->name[i - 2], schema))
			return true;
	return false;
}

/* A server may fold letters of names that we do not: could the table be meant
 * where we do not see it? */
static bool
may_be_folded(struct looking *k, struct str schema, struct str table)
{
	if (!mariadb_names_have(&k->names, table))
		return true;
	for (size_t i = 2; i < k->t.n && !mariadb_is_ascii(schema); i++)
		if (token_is(&k->t, i - 1, '.') && str_ieq(k->name[i], table) &&
		    !mariadb_is_ascii(k->name[i - 2]))
			return true;
	return false;
}

/* One relation that the text may mean; "write": it may not be one with
 * rules. */
static enum err
judge(struct looking *k, const struct mariadb_rows *r, size_t row, size_t end,
    bool write, struct fault *f)
{
	struct str schema = mariadb_cell(r, row, REL_SCHEMA),
		   table = mariadb_cell(r, row, REL_NAME);
	bool hidden = mariadb_hides(k->c, &k->hidden, schema, table),
	     ruled = has_rules(k, r, row, end);
	size_t at = use_of(k, schema, table, ruled && !write);

	if (!hidden && !ruled)
		return ERR_OK;
	if (may_be_bare(k, schema, table))
		return rules_not_here(
		    STR("a dot between a word and what is no plain name"), f);
	if (is_behind(k, schema, table))
		return rules_not_here(STR("a name before a schema"), f);
	if (at == k->t.n)
		return may_be_folded(k, schema, table)
			   ? rules_not_here(table, f)
			   : ERR_OK;
	if (hidden)
		return mariadb_no_table(k->c, token_name(k->a, &k->t, at), f);
	if (write)
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "%.*s has hidden or masked columns: a write cannot name it",
		    (int)table.len, table.p);
	if (was_put(k, table) || k->nput == sizeof(k->put) / sizeof(k->put[0]))
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "%.*s of two schemas cannot be in one statement here",
		    (int)table.len, table.p);
	k->put[k->nput++] = table;
	put_entry(k, r, row, end);
	return ERR_OK;
}

static enum err
judge_all(struct looking *k, bool write, struct fault *f)
{
	struct mariadb_rows r;
	enum err e = relations(k, &r, f);

	for (size_t row = 0, end; e == ERR_OK && row < r.rows; row = end) {
		end = behind(&r, row);
		e = judge(k, &r, row, end, write, f);
	}
	return e;
}

/* WITH ROLLUP, WITH TIES and WITH QUERY EXPANSION are none. */
static bool
is_with(const struct looking *k, size_t i)
{
	struct str next = token_text(&k->t, i + 1);

	return token_word(&k->t, i) == WORD_WITH &&
	       ((!str_ieq(next, STR("ROLLUP")) && !str_ieq(next, STR("TIES")) &&
		    !str_ieq(next, STR("QUERY"))) ||
		   token_word(&k->t, i + 2) == WORD_AS ||
		   token_is(&k->t, i + 2, '('));
}

/* From the entries of an inner WITH the server does not look for ours: it
 * would take the tables themselves. */
static enum err
check_with(const struct looking *k, struct fault *f)
{
	for (size_t i = 1; i < k->t.n; i++)
		if (is_with(k, i))
			return rules_not_here(
			    STR("a WITH that is not the first word"), f);
	return ERR_OK;
}

/* In front of the text, or first among the entries of its own WITH. */
static void
frame(struct looking *k, struct mariadb_frame *out)
{
	bool own = token_word(&k->t, 0) == WORD_WITH;
	size_t last = own && token_word(&k->t, 1) == WORD_RECURSIVE ? 1 : 0;
	struct str with = buf_text(&k->with);

	out->text = (struct str){ k->text, k->q->text.len };
	out->at = own ? k->t.v[last].at + k->t.v[last].len : 0;
	out->before = arena_fmt(k->a, "%s %.*s%s", own ? "" : "WITH",
	    (int)with.len, with.p, own ? "," : " ")
			  .p;
}

enum err
mariadb_rules_frame(struct mariadb_conn *c, struct arena *a,
    const struct sql *q, struct mariadb_frame *out, struct fault *f)
{
	struct looking k = { .c = c, .a = a, .q = q };
	enum err e;

	*out = (struct mariadb_frame){ .text = q->text,
		.before = "",
		.after = "" };
	if (!c->rules)
		return ERR_OK;
	k.text = arena_z(a, q->text);
	buf_init(&k.with, a, (size_t)1 << 22);
	e = look(&k, f);
	if (e == ERR_OK)
		e = judge_all(&k, false, f);
	if (e == ERR_OK && buf_failed(&k.with))
		e = fault_set(f, ERR_TOO_LARGE, "there are too many columns");
	if (e != ERR_OK || k.with.len == 0)
		return e;
	e = check_with(&k, f);
	if (e == ERR_OK)
		frame(&k, out);
	return e;
}

enum err
mariadb_rules_write(struct mariadb_conn *c, struct arena *a,
    const struct sql *q, struct fault *f)
{
	struct looking k = { .c = c, .a = a, .q = q };
	enum err e;

	if (!c->rules)
		return ERR_OK;
	if (q->gate->class == SQL_DDL || q->gate->class == SQL_CALL)
		return rules_not_here(q->gate->verb, f);
	e = look(&k, f);
	return e == ERR_OK ? judge_all(&k, true, f) : e;
}
