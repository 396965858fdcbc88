/* SPDX-License-Identifier: ISC */
/*
 * deny and mask on ClickHouse, and the name "data".  The server has no hook
 * that could ask us and its old versions no WITH that could name a table: so a
 * table behind FROM or JOIN is replaced by a query that has only what may be
 * seen.  Wherever else the name of a table with rules stands, what it means
 * there is not for us to tell, and the statement ends.
 */
#include "source/clickhouse_int.h"

/* Functions that read tables or settings by a name in a text. */
static const char *const around[] = { "dictget*", "dicthas", "dictisin",
	"joinget*", "hascolumnintable", "merge", "remote*", "cluster*", "url*",
	"file*", "input", "view", "viewexplain", "dictionary", "mysql",
	"postgresql", "sqlite", "mongodb", "redis", "odbc", "jdbc", "hdfs*",
	"s3*", "gcs", "azure*", "iceberg*", "deltalake*", "hudi*", "executable",
	"loop", "fuzz*", "generaterandom", "mergetree*", "catboostevaluate",
	"modelevaluate", "getsetting", "filesystem*", "showcertificate",
	"globalin*" };

/* Words behind a table that are no other name for it. */
static const char *const behind[] = { "ALL", "ANTI", "ANY", "ARRAY", "ASOF",
	"CROSS", "EXCEPT", "FINAL", "FORMAT", "FULL", "GLOBAL", "GROUP",
	"HAVING", "INNER", "INTERSECT", "INTO", "JOIN", "LEFT", "LIMIT",
	"NATURAL", "OFFSET", "ON", "ORDER", "OUTER", "PASTE", "PREWHERE",
	"QUALIFY", "RIGHT", "SAMPLE", "SEMI", "SETTINGS", "UNION", "USING",
	"WHERE", "WINDOW", "WITH" };

struct looking {
	struct ch_flow *w;
	struct tokens t;
	struct ch_hidden hidden;
	struct ch_text *text;
};

/*
 * What versions of the server read in different ways, or what could be a name
 * that we do not read: `hidden\x5fpay`, $$ around a text, quotes outside of
 * ASCII, 1x.hidden_pay.
 */
static bool
is_unclear(const struct tokens *t, size_t i)
{
	struct str s = token_text(t, i);

	if (t->v[i].kind == LEX_NAME)
		return str_has(s, '\\');
	if (t->v[i].kind == LEX_TEXT)
		return s.p[0] == '$';
	for (size_t n = 0; n < s.len; n++) {
		bool dot = n > 0 && s.p[n - 1] == '.';

		if ((unsigned char)s.p[n] >= 0x80 || s.p[n] == '$' ||
		    (dot && (s.p[n] == '_' || (s.p[n] | 0x20) >= 'a')))
			return true;
	}
	return false;
}

static enum err
no_table(struct looking *k, struct str name, struct fault *f)
{
	k->w->c->hint_table = name;
	return rules_no_table(name, f);
}

/* Does the statement of a table name what is hidden, in quotes too? */
static bool
leads_there(const struct looking *k, size_t table)
{
	const struct conf_source *s = k->w->c->spec;
	struct arena *a = k->w->a;
	struct fault ignored = { 0 };
	struct tokens t;

	if (tokens_read(a, DIALECT_CLICKHOUSE,
		ch_cell(&k->hidden.tables, table, 3), &t, &ignored) != ERR_OK)
		return true;
	for (size_t i = 0; i < t.n; i++) {
		struct str name = token_name(a, &t, i);

		if (is_unclear(&t, i))
			return true;
		if (name.len == 0)
			continue;
		for (size_t n = 0; n < k->hidden.tables.rows; n++) {
			struct str other = ch_cell(&k->hidden.tables, n, 1);

			if (n != table && str_ieq(name, other) &&
			    (k->hidden.v[n] || rules_columns(s, other)))
				return true;
		}
	}
	return false;
}

/* Of all engines but those that keep rows of their own, rows may be another
 * table's. */
static bool
is_second(struct str engine)
{
	static const char *const own[] = { "*mergetree", "*log", "memory",
		"set", "join", "null" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_glob(str_of(own[i]), engine))
			return false;
	return true;
}

/* What a pattern finds can be anything, where a dictionary has its rows from is
 * not told, and what a materialized view keeps in a table of its own is the
 * view's. */
static bool
is_any(struct str table, struct str engine)
{
	return str_eq(engine, STR("Merge")) || str_eq(engine, STR("Buffer")) ||
	       str_eq(engine, STR("Dictionary")) ||
	       str_starts(table, STR(".inner"));
}

enum err
ch_hidden(struct ch_conn *c, struct arena *a, struct ch_hidden *h,
    struct fault *f)
{
	struct ch_flow w = { .c = c, .a = a };
	struct looking k = { .w = &w };
	bool found = true;
	enum err e = ch_table(c, a,
	    STR("SELECT database, name, engine, create_table_query FROM system.tables WHERE database != 'system'"),
	    &h->tables, f);

	if (e != ERR_OK)
		return e;
	h->v = arena_zero(a, h->tables.rows + 1, sizeof(*h->v));
	k.hidden = *h;
	for (size_t i = 0; i < h->tables.rows; i++)
		h->v[i] = rules_denies(c->spec, ch_cell(&h->tables, i, 1),
			      (struct str){ 0 }) ||
			  is_any(ch_cell(&h->tables, i, 1),
			      ch_cell(&h->tables, i, 2));
	/* A view of a view, and so on, until nothing is added. */
	while (found) {
		found = false;
		for (size_t i = 0; i < h->tables.rows; i++) {
			if (h->v[i] || !is_second(ch_cell(&h->tables, i, 2)) ||
			    !leads_there(&k, i))
				continue;
			h->v[i] = found = true;
		}
	}
	return ERR_OK;
}

bool
ch_hides(const struct ch_hidden *h, struct str database, struct str table)
{
	for (size_t i = 0; i < h->tables.rows; i++)
		if (str_eq(ch_cell(&h->tables, i, 0), database) &&
		    str_eq(ch_cell(&h->tables, i, 1), table))
			return h->v[i];
	return true; /* not there a moment ago */
}

/* A name some hidden table has, in whichever database. */
static bool
is_hidden(const struct looking *k, struct str name)
{
	if (rules_denies(k->w->c->spec, name, (struct str){ 0 }))
		return true;
	for (size_t i = 0; i < k->hidden.tables.rows; i++)
		if (k->hidden.v[i] &&
		    str_ieq(ch_cell(&k->hidden.tables, i, 1), name))
			return true;
	return false;
}

/* A name some table with rules about its columns has. */
static bool
has_rules(const struct looking *k, struct str name)
{
	if (!rules_columns(k->w->c->spec, name))
		return false;
	for (size_t i = 0; i < k->hidden.tables.rows; i++)
		if (str_ieq(ch_cell(&k->hidden.tables, i, 1), name))
			return true;
	return false;
}

/* The database that stands before the name at i, or that of bare names. */
static struct str
database_of(const struct looking *k, size_t i)
{
	const struct ch_flow *w = k->w;

	if (i >= 2 && token_is(&k->t, i - 1, '.'))
		return token_name(w->a, &k->t, i - 2);
	if (w->q->schema.len > 0)
		return w->q->schema;
	return w->c->spec->database == NULL ? STR("default")
					    : str_of(w->c->spec->database);
}

/* "(SELECT `id`, '***' AS `phone` FROM `shop`.`customers`)".  Of a table that
 * we do not find nothing is sent: a bare name could be of a database that only
 * the server knows. */
static enum err
query_of(struct looking *k, struct str database, struct str table,
    struct str *out, struct fault *f)
{
	const struct conf_source *s = k->w->c->spec;
	struct arena *a = k->w->a;
	struct rules_made made;
	struct ch_table columns;
	size_t n = 0;
	struct buf b;
	enum err e = ch_table(k->w->c, a,
	    arena_fmt(a, CH_COLUMNS " WHERE database = %s AND table = %s",
		ch_text_literal(a, database).p, ch_text_literal(a, table).p),
	    &columns, f);

	if (e == ERR_OK && columns.rows == 0)
		e = no_table(k, table, f);
	if (e != ERR_OK)
		return e;
	ch_made(k->w->c, a, &columns, &made);
	buf_init(&b, a, (size_t)1 << 20);
	buf_lit(&b, "(SELECT ");
	for (size_t i = 0; i < columns.rows; i++) {
		struct str name = ch_cell(&columns, i, 2);

		if (rules_denies(s, table, name) || made.v[i].hidden)
			continue;
		buf_fmt(&b, "%s%s%s", n++ == 0 ? "" : ", ",
		    rules_masks(s, table, name) ? "'***' AS " : "",
		    ch_quote(a, name).p);
	}
	/* Each column is hidden, and still it has rows. */
	if (n == 0)
		buf_lit(&b, "NULL AS nothing");
	buf_fmt(&b, " FROM %s.%s)", ch_quote(a, database).p,
	    ch_quote(a, table).p);
	*out = buf_text(&b);
	return ERR_OK;
}

static bool
has_alias(const struct looking *k, size_t i)
{
	struct str s = token_text(&k->t, i);

	if (!token_is_name(&k->t, i))
		return false;
	if (k->t.v[i].kind == LEX_NAME)
		return true;
	for (size_t n = 0; n < sizeof(behind) / sizeof(behind[0]); n++)
		if (str_ieq(s, str_of(behind[n])))
			return false;
	return true;
}

/* Put the query where the table's name, with its database, stands. */
static enum err
replace(struct looking *k, size_t i, struct str database, struct str table,
    struct fault *f)
{
	struct arena *a = k->w->a;
	size_t first = i >= 2 && token_is(&k->t, i - 1, '.') ? i - 2 : i;
	size_t at = k->t.v[first].at;
	struct str query;
	enum err e = query_of(k, database, table, &query, f);

	if (e != ERR_OK)
		return e;
	if (!has_alias(k, i + 1))
		query = arena_fmt(a, "%.*s AS %s", (int)query.len, query.p,
		    ch_quote(a, token_name(a, &k->t, i)).p);
	return ch_edit(k->text, at, (size_t)k->t.v[i].at + k->t.v[i].len - at,
	    query, f);
}

/* Behind FROM or JOIN, with or without a database. */
static bool
is_table(const struct looking *k, size_t i)
{
	enum word w;

	if (token_is(&k->t, i + 1, '.') || token_is(&k->t, i + 1, '('))
		return false;
	if (i >= 2 && token_is(&k->t, i - 1, '.') &&
	    token_is_name(&k->t, i - 2))
		i -= 2;
	w = i == 0 ? WORD_NONE : token_word(&k->t, i - 1);
	return w == WORD_FROM || w == WORD_JOIN;
}

/* The target of an INSERT is looked at by who writes. */
static bool
is_target(const struct looking *k, size_t i)
{
	return k->w->q->gate->class == SQL_INSERT && i >= 2 && i < 6 &&
	       token_word(&k->t, 0) == WORD_INSERT &&
	       (token_word(&k->t, i - 1) == WORD_INTO ||
		   token_word(&k->t, i - 1) == WORD_TABLE ||
		   token_is(&k->t, i - 1, '.')) &&
	       !token_is(&k->t, i + 1, '.');
}

static enum err
look_at_function(struct looking *k, size_t i, struct str name, struct fault *f)
{
	enum word before = i == 0 ? WORD_NONE : token_word(&k->t, i - 1);

	for (size_t n = 0; n < sizeof(around) / sizeof(around[0]); n++)
		if (str_glob(str_of(around[n]), name))
			return rules_not_here(name, f);
	if ((before == WORD_FROM || before == WORD_JOIN) &&
	    !str_ieq(name, STR("numbers")))
		return rules_not_here(name, f);
	return ERR_OK;
}

/* What is in there tells of everything. */
static bool
is_catalogue(struct str database)
{
	return str_ieq(database, STR("system")) ||
	       str_ieq(database, STR("information_schema"));
}

static enum err
look_at(struct looking *k, size_t i, struct fault *f)
{
	struct str name = token_name(k->w->a, &k->t, i);

	if (token_is(&k->t, i + 1, '.') && is_catalogue(name))
		return no_table(k, name, f);
	if (token_is(&k->t, i + 1, '('))
		return look_at_function(k, i, name, f);
	if (is_hidden(k, name))
		return no_table(k, name, f);
	if (!has_rules(k, name) || token_is(&k->t, i + 1, '.') ||
	    is_target(k, i))
		return ERR_OK;
	if (!is_table(k, i))
		return rules_not_here(name, f);
	return replace(k, i, database_of(k, i), name, f);
}

/* "data" behind FROM or JOIN is the table that it stands for here. */
static bool
is_data(const struct looking *k, size_t i)
{
	return k->w->q->data.len > 0 && is_table(k, i) &&
	       !token_is(&k->t, i - 1, '.') &&
	       str_ieq(token_name(k->w->a, &k->t, i), STR("data"));
}

static enum err
replace_data(struct looking *k, size_t i, struct fault *f)
{
	struct str table = k->w->q->data;
	struct str name = ch_quote(k->w->a, table);

	if (k->w->c->rules && is_hidden(k, table))
		return no_table(k, STR("data"), f);
	if (k->w->c->rules && has_rules(k, table))
		return replace(k, i, database_of(k, i), table, f);
	if (!has_alias(k, i + 1))
		name =
		    arena_fmt(k->w->a, "%.*s AS data", (int)name.len, name.p);
	return ch_edit(k->text, k->t.v[i].at, k->t.v[i].len, name, f);
}

enum err
ch_rules(struct ch_flow *w, struct ch_text *t, struct fault *f)
{
	struct looking k = { .w = w, .text = t };
	enum err e;

	if (!w->c->rules && w->q->data.len == 0)
		return ERR_OK;
	if (w->c->rules && is_catalogue(database_of(&k, 0)))
		return fault_set(f, ERR_SCHEMA_NOT_FOUND,
		    "no such schema: system");
	e = tokens_read(w->a, DIALECT_CLICKHOUSE, w->q->text, &k.t, f);
	if (e == ERR_OK && w->c->rules)
		e = ch_hidden(w->c, w->a, &k.hidden, f);
	if (e == ERR_OK && w->c->rules && w->q->gate->class == SQL_EXPLAIN) {
		e = rules_not_here(w->q->gate->verb, f);
		fault_hint(f, "explain_sql names the tables that are read");
	}
	for (size_t i = 0; i < k.t.n && e == ERR_OK; i++) {
		if (w->c->rules && is_unclear(&k.t, i))
			return rules_not_here(token_text(&k.t, i), f);
		if (!token_is_name(&k.t, i))
			continue;
		if (is_data(&k, i))
			e = replace_data(&k, i, f);
		else if (w->c->rules)
			e = look_at(&k, i, f);
	}
	return e;
}
