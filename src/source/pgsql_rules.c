/* SPDX-License-Identifier: ISC */
/*
 * deny and mask on PostgreSQL, which has no hook that could ask us.
 *
 * A read of a table with hidden or masked columns finds an entry of a WITH in
 * front of it that has the table's name and only what may be seen; a schema
 * written before the name is blanked.  What could get around that is refused
 * by its words: functions that take SQL or names as text, the catalogues,
 * functions of the database's own that may read tables.  And when the server
 * has understood the statement, its locks tell every relation that is behind
 * it, through views and partitions too: one of those that is hidden, and was
 * not put there by us, ends it before a row is read.
 */
#include <string.h>

#include "source/pgsql_int.h"

#define NAMES_MAX PGSQL_NAMES_MAX

/* Words that lead around the rules. */
static const char *const around[] = { "pg_*", "has_*_privilege", "to_reg*",
	"_reg*", "regclass*", "regproc*", "regoper*", "regtype*", "regrole*",
	"regnamespace*", "regconfig*", "regdictionary*", "regcollation*",
	"format_type", "oidvectortypes", "array_in", "array_recv", "domain_in",
	"domain_recv", "record_in", "record_recv", "query_to_*", "table_to_*",
	"cursor_to_*", "schema_to_*", "database_to_*", "ts_stat", "ts_rewrite",
	"dblink*", "crosstab*", "connectby", "xpath_table", "lo_*", "loread",
	"lowrite", "currval", "nextval", "setval", "lastval",
	"information_schema", "col_description", "obj_description",
	"shobj_description", "current_setting", "set_config",
	"row_security_active", "currtid*", "binary_upgrade_*" };

/* A name of the text that some table with rules has. */
struct named {
	struct str name;
	struct str schema; /* of the table that is meant */
	bool put;          /* an entry of ours stands for it */
	Oid oid;           /* then, of the table */
};

struct looking {
	struct pgsql_conn *c;
	struct arena *a;
	const struct sql *q;
	struct tokens t;
	char *text; /* a copy, in which schemas are blanked */
	struct named v[NAMES_MAX];
	size_t n;
	struct buf with;
	struct rules_made made;
};

enum err
pgsql_no_table(struct pgsql_conn *c, struct arena *a, struct str name,
    struct fault *f)
{
	c->hint_table = arena_dup(a, name);
	return rules_no_table(name, f);
}

/* The server takes as much of a name as it keeps. */
#define NAME_LEN 63

/* U&"d\0061ta" would be a name that we do not read. */
static bool
is_coded(const struct tokens *t, size_t i)
{
	struct str s = token_text(t, i);

	if (t->v[i].kind == LEX_NAME && s.len > 0 && (s.p[0] | 0x20) == 'u')
		return true;
	return t->v[i].kind == LEX_WORD && str_ieq(s, STR("U")) &&
	       token_is(t, i + 1, '&') && i + 2 < t->n &&
	       t->v[i + 2].kind == LEX_NAME;
}

/* Where a letter is a byte, the server folds those outside of ASCII too, by
 * its locale. */
static bool
is_folded(const struct looking *k, size_t i)
{
	const char *set = PQparameterStatus(k->c->h, "server_encoding");
	struct str s = token_text(&k->t, i);

	if (k->t.v[i].kind != LEX_WORD ||
	    (set != NULL && strcmp(set, "UTF8") == 0))
		return false;
	for (size_t n = 0; n < s.len; n++)
		if ((unsigned char)s.p[n] >= 0x80)
			return true;
	return false;
}

static enum err
check_word(struct looking *k, size_t i, struct fault *f)
{
	struct str name = token_name(k->a, &k->t, i);

	if (is_coded(&k->t, i))
		return rules_not_here(STR("U&\"\""), f);
	if (name.len > NAME_LEN || is_folded(k, i))
		return rules_not_here(name, f);
	for (size_t w = 0; w < sizeof(around) / sizeof(around[0]); w++)
		if (str_glob(str_of(around[w]), name))
			return rules_not_here(name, f);
	return ERR_OK;
}

/* No parenthesis closes one of ours, and no word leads around. */
static enum err
check_tokens(struct looking *k, struct fault *f)
{
	int depth = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < k->t.n && e == ERR_OK; i++) {
		depth += token_is(&k->t, i, '(') - token_is(&k->t, i, ')');
		if (depth < 0)
			return fault_set(f, ERR_SQL_SYNTAX,
			    "syntax error at or near \")\"");
		if (token_is_name(&k->t, i))
			e = check_word(k, i, f);
	}
	return e;
}

static enum err
look(struct looking *k, struct pgsql_conn *c, struct arena *a,
    const struct sql *q, struct fault *f)
{
	enum err e;

	*k = (struct looking){ .c = c, .a = a, .q = q };
	e = tokens_read(a, DIALECT_PGSQL, q->text, &k->t, f);
	if (e == ERR_OK)
		e = check_tokens(k, f);
	for (size_t i = 0; e == ERR_OK && i < q->gate->ntables; i++)
		if (pgsql_hides(c, q->gate->tables[i]))
			e = pgsql_no_table(c, a, q->gate->tables[i], f);
	return e;
}

bool
pgsql_hides(const struct pgsql_conn *c, struct str table)
{
	return c->rules && rules_denies(c->spec, table, (struct str){ 0 });
}

/* The names that could be those of tables with rules about columns. */
static void
collect(struct looking *k)
{
	for (size_t i = 0; i < k->t.n; i++) {
		struct str name;
		size_t at = 0;

		if (!token_is_name(&k->t, i))
			continue;
		name = token_name(k->a, &k->t, i);
		if (!rules_columns(k->c->spec, name))
			continue;
		while (at < k->n && !str_ieq(k->v[at].name, name))
			at++;
		if (at == k->n && k->n < NAMES_MAX)
			k->v[k->n++] = (struct named){ .name = name };
	}
}

static const char *
names_of(const struct looking *k)
{
	struct str names[NAMES_MAX];

	for (size_t i = 0; i < k->n; i++)
		names[i] = k->v[i].name;
	return pgsql_names(k->a, names, k->n);
}

enum { REL_SCHEMA, REL_NAME, REL_VISIBLE, REL_COLUMN, REL_OID };

static const char relations_sql[] =
    "SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid), a.attname, c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND c.relname = ANY ($1::pg_catalog.name[]) ORDER BY n.nspname, c.relname, a.attnum";

/* The columns of all relations by names of the text that rules could be
 * about; "res" is set when there are such names. */
static enum err
relations(struct looking *k, PGresult **res, struct fault *f)
{
	const char *names[1];
	enum err e;

	collect(k);
	if (k->n == 0)
		return ERR_OK;
	names[0] = names_of(k);
	e = pgsql_made(k->c, k->a, &k->made, f);
	return e == ERR_OK
		   ? pgsql_ask(k->c, k->a, relations_sql, names, 1, res, f)
		   : e;
}

static bool
same_relation(const PGresult *res, int a, int b)
{
	return str_eq(pgsql_cell(res, a, REL_SCHEMA),
		   pgsql_cell(res, b, REL_SCHEMA)) &&
	       str_eq(pgsql_cell(res, a, REL_NAME),
		   pgsql_cell(res, b, REL_NAME));
}

/* Rows of one relation begin at "row": where do they end? */
static int
behind(const PGresult *res, int row)
{
	int end = row;

	while (end < PQntuples(res) && same_relation(res, row, end))
		end++;
	return end;
}

static bool
has_rules(const struct looking *k, const PGresult *res, int row, int end)
{
	struct str table = pgsql_cell(res, row, REL_NAME);

	for (int i = row; i < end; i++) {
		struct str column = pgsql_cell(res, i, REL_COLUMN);

		if (rules_denies(k->c->spec, table, column) ||
		    rules_masks(k->c->spec, table, column))
			return true;
	}
	return false;
}

/* Is the name used for this relation?  Its schema, written before it, is
 * blanked. */
static bool
uses(struct looking *k, struct str schema, struct str table, bool visible)
{
	bool used = false;

	for (size_t i = 0; i < k->t.n; i++) {
		bool dotted = i >= 2 && token_is(&k->t, i - 1, '.') &&
			      token_is_name(&k->t, i - 2);

		if (!token_is_name(&k->t, i) ||
		    !str_ieq(token_name(k->a, &k->t, i), table))
			continue;
		if (dotted && str_ieq(token_name(k->a, &k->t, i - 2), schema)) {
			const struct token *s = &k->t.v[i - 2];

			memset(k->text + s->at, ' ', s->len);
			k->text[k->t.v[i - 1].at] = ' ';
			used = true;
		}
		used = used || (!dotted && visible);
	}
	return used;
}

/* What stands before the schema would be one itself, were ours blanked. */
static bool
is_behind(const struct looking *k, struct str schema, struct str table)
{
	for (size_t i = 3; i < k->t.n; i++)
		if (token_is(&k->t, i - 1, '.') &&
		    token_is(&k->t, i - 3, '.') &&
		    str_ieq(token_name(k->a, &k->t, i), table) &&
		    str_ieq(token_name(k->a, &k->t, i - 2), schema))
			return true;
	return false;
}

/* "name" AS NOT MATERIALIZED (SELECT … FROM "schema"."name") */
static void
put_entry(struct looking *k, const PGresult *res, int row, int end)
{
	struct str table = pgsql_cell(res, row, REL_NAME);
	struct buf *b = &k->with;
	bool any = false;

	buf_str(b, b->len == 0 ? STR("WITH ") : STR(", "));
	buf_str(b, pgsql_quote(k->a, table));
	buf_lit(b, " AS NOT MATERIALIZED (SELECT ");
	for (int i = row; i < end; i++) {
		struct str column = pgsql_cell(res, i, REL_COLUMN);

		if (rules_denies(k->c->spec, table, column) ||
		    rules_made_hides(&k->made, pgsql_cell(res, i, REL_SCHEMA),
			table, column))
			continue;
		buf_str(b, any ? STR(", ") : STR(""));
		if (rules_masks(k->c->spec, table, column))
			buf_lit(b, "'***'::pg_catalog.text AS ");
		buf_str(b, pgsql_quote(k->a, column));
		any = true;
	}
	buf_lit(b, " FROM ");
	buf_str(b, pgsql_quote(k->a, pgsql_cell(res, row, REL_SCHEMA)));
	buf_char(b, '.');
	buf_str(b, pgsql_quote(k->a, table));
	buf_char(b, ')');
}

static struct named *
entry_of(struct looking *k, struct str table)
{
	for (size_t i = 0; i < k->n; i++)
		if (str_ieq(k->v[i].name, table))
			return &k->v[i];
	return NULL;
}

/* An entry for each table with rules that the text names. */
static enum err
put_entries(struct looking *k, const PGresult *res, struct fault *f)
{
	for (int row = 0, end; row < PQntuples(res); row = end) {
		struct str table = pgsql_cell(res, row, REL_NAME);
		struct named *e = entry_of(k, table);

		end = behind(res, row);
		if (e == NULL || !has_rules(k, res, row, end))
			continue;
		if (is_behind(k, pgsql_cell(res, row, REL_SCHEMA), table))
			return rules_not_here(STR("a name before a schema"), f);
		if (!uses(k, pgsql_cell(res, row, REL_SCHEMA), table,
			PQgetvalue(res, row, REL_VISIBLE)[0] == 't'))
			continue;
		if (e->put)
			return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
			    "%.*s of two schemas cannot be in one statement here",
			    (int)table.len, table.p);
		e->put = true;
		e->schema = pgsql_cell(res, row, REL_SCHEMA);
		e->oid = pgsql_oid(res, row, REL_OID);
		put_entry(k, res, row, end);
	}
	return ERR_OK;
}

/* What check() will need to know: the entries of ours. */
static void
remember(struct looking *k)
{
	k->c->framed = arena_zero(k->a, k->n + 1, sizeof(*k->c->framed));
	k->c->nframed = 0;
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].put)
			k->c->framed[k->c->nframed++] = k->v[i].oid;
}

enum err
pgsql_rules_frame(struct pgsql_conn *c, struct arena *a, const struct sql *q,
    struct pgsql_frame *out, struct fault *f)
{
	struct looking k;
	PGresult *res;
	enum err e;

	*out = (struct pgsql_frame){ q->text, "", "" };
	c->nframed = 0;
	if (!c->rules)
		return ERR_OK;
	e = look(&k, c, a, q, f);
	if (e == ERR_OK)
		e = pgsql_calls(c, a, &k.t, f);
	if (e == ERR_OK)
		e = pgsql_casts(c, a, &k.t, f);
	if (e != ERR_OK)
		return e;
	e = relations(&k, &res, f);
	if (e != ERR_OK || k.n == 0)
		return e;
	k.text = arena_z(a, q->text);
	buf_init(&k.with, a, (size_t)1 << 22);
	e = put_entries(&k, res, f);
	remember(&k);
	if (e != ERR_OK || k.with.len == 0)
		return e;
	buf_lit(&k.with, " SELECT * FROM (\n");
	buf_char(&k.with, '\0');
	*out = (struct pgsql_frame){ { k.text, q->text.len }, k.with.p,
		"\n) AS mcp_rows" };
	return ERR_OK;
}

/* A plan names what is behind a view, and every column it looks at. */
static enum err
no_explain(struct fault *f)
{
	fault_hint(f, "explain_sql shows the plan of a statement");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "EXPLAIN is not available where columns are hidden or masked");
}

/* A write that names what has rules is none. */
static enum err
untouched(struct looking *k, const PGresult *res, struct fault *f)
{
	for (int row = 0, end; row < PQntuples(res); row = end) {
		struct str table = pgsql_cell(res, row, REL_NAME);

		end = behind(res, row);
		if (entry_of(k, table) == NULL || !has_rules(k, res, row, end))
			continue;
		if (pgsql_hides(k->c, table))
			return pgsql_no_table(k->c, k->a, table, f);
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "%.*s has hidden or masked columns: a write cannot name it",
		    (int)table.len, table.p);
	}
	return ERR_OK;
}

enum err
pgsql_rules_write(struct pgsql_conn *c, struct arena *a, const struct sql *q,
    struct fault *f)
{
	struct looking k;
	PGresult *res = NULL;
	enum err e;

	c->nframed = 0;
	if (!c->rules)
		return ERR_OK;
	if (q->gate->class == SQL_DDL || q->gate->class == SQL_CALL)
		return rules_not_here(q->gate->verb, f);
	if (q->gate->class == SQL_EXPLAIN)
		return no_explain(f);
	e = look(&k, c, a, q, f);
	if (e == ERR_OK)
		e = relations(&k, &res, f);
	if (e == ERR_OK && k.n > 0)
		e = untouched(&k, res, f);
	if (e == ERR_OK)
		e = pgsql_calls(c, a, &k.t, f);
	return e == ERR_OK ? pgsql_casts(c, a, &k.t, f) : e;
}
