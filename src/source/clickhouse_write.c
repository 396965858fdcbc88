/* SPDX-License-Identifier: ISC */
/*
 * INSERT, the one write there is.  The server has no transactions: a statement
 * is looked at, counted, and kept until finish says that it is meant.  Where
 * its rows come from is read with readonly = 1 like any other query, so that
 * no function that stands for a table is in it.
 */
#include "source/clickhouse_int.h"

/* The pieces of INSERT INTO [TABLE] [db.]name [(columns)] VALUES or a query. */
struct insert {
	struct tokens t;
	size_t name;    /* token of the table's name */
	size_t columns; /* of the '(' of its columns, or 0 */
	size_t rows;    /* of VALUES, or of the query */
};

static enum err
not_this(struct fault *f)
{
	fault_hint(f,
	    "INSERT INTO table (columns) VALUES (...) or SELECT ... can be run");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "this form of INSERT is not allowed");
}

/* (a, b, people.mail): names alone, for whatever else could stand there would
 * be asked about as if it were one. */
static bool
are_names(const struct tokens *t, size_t open, size_t behind)
{
	bool wanted = true;

	for (size_t i = open + 1; i + 1 < behind; i++) {
		if (wanted ? !token_is_name(t, i)
			   : !token_is(t, i, ',') && !token_is(t, i, '.'))
			return false;
		wanted = !wanted;
	}
	return !wanted;
}

static enum err
read_insert(struct ch_flow *w, struct insert *n, struct fault *f)
{
	size_t i = 2;
	enum err e =
	    tokens_read(w->a, DIALECT_CLICKHOUSE, w->q->text, &n->t, f);

	if (e != ERR_OK)
		return e;
	if (token_word(&n->t, 0) != WORD_INSERT ||
	    token_word(&n->t, 1) != WORD_INTO)
		return not_this(f);
	if (token_word(&n->t, i) == WORD_TABLE)
		i++;
	if (!token_is_name(&n->t, i))
		return not_this(f);
	if (token_is(&n->t, i + 1, '.') && token_is_name(&n->t, i + 2))
		i += 2;
	n->name = i++;
	if (token_is(&n->t, i, '(') &&
	    token_word(&n->t, i + 1) != WORD_SELECT &&
	    token_word(&n->t, i + 1) != WORD_WITH) {
		n->columns = i;
		i = token_behind(&n->t, i);
		if (!are_names(&n->t, n->columns, i))
			return not_this(f);
	}
	n->rows = i;
	if (token_word(&n->t, i) != WORD_VALUES &&
	    token_word(&n->t, i) != WORD_SELECT &&
	    token_word(&n->t, i) != WORD_WITH && !token_is(&n->t, i, '('))
		return not_this(f);
	return ERR_OK;
}

/* Rows in parentheses; what they hold are values and no queries. */
static enum err
count_values(const struct insert *n, int64_t *count, struct fault *f)
{
	uint16_t depth = n->t.v[n->rows].depth;

	*count = 0;
	for (size_t i = n->rows + 1; i < n->t.n; i++) {
		if (n->t.v[i].word == WORD_SELECT)
			return not_this(f);
		if (n->t.v[i].depth == depth && token_is(&n->t, i, '('))
			++*count;
	}
	return *count == 0 ? not_this(f) : ERR_OK;
}

static enum err
count_query(struct ch_flow *w, struct str query, int64_t *count,
    struct fault *f)
{
	struct ch_table answer;
	enum err e = ch_table_in(w->c, w->a,
	    arena_fmt(w->a, "SELECT toInt64(count()) FROM (\n%.*s\n)",
		(int)query.len, query.p),
	    w->q->schema, &answer, f);

	if (e == ERR_OK &&
	    !str_int(ch_cell(&answer, 0, 0), 0, INT64_MAX, count))
		e = fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the answer of the server broke off");
	return e;
}

/* A table with hidden or masked columns is written by naming others. */
static enum err
check_target(struct ch_flow *w, const struct insert *n, struct fault *f)
{
	const struct conf_source *s = w->c->spec;
	struct str table = token_name(w->a, &n->t, n->name);

	if (rules_denies(s, table, (struct str){ 0 })) {
		w->c->hint_table = table;
		return fault_set(f, ERR_TABLE_NOT_FOUND, "no such table: %.*s",
		    (int)table.len, table.p);
	}
	if (!rules_columns(s, table))
		return ERR_OK;
	if (n->columns == 0)
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "name the columns: some of this table cannot be written");
	for (size_t i = n->columns; i < n->rows; i++) {
		struct str name = token_name(w->a, &n->t, i);

		if (name.len > 0 && (rules_denies(s, table, name) ||
					rules_masks(s, table, name)))
			return fault_set(f, ERR_COLUMN_NOT_FOUND,
			    "no such column: %.*s", (int)name.len, name.p);
	}
	return ERR_OK;
}

/* The table and its columns as a query; an account that may not read them
 * learns nothing. */
static enum err
check_names(struct ch_flow *w, const struct insert *n, struct fault *f)
{
	const struct token *v = n->t.v;
	const char *text = w->q->text.p;
	size_t table =
		   v[n->name - (token_is(&n->t, n->name - 1, '.') ? 2 : 0)].at,
	       end = v[n->name].at + v[n->name].len;
	struct str columns = STR("*");
	const struct ch_text places = { .n = 0 };
	enum err e;

	if (n->columns != 0) {
		size_t at = v[n->columns].at + 1,
		       to = v[token_behind(&n->t, n->columns) - 1].at;

		columns = (struct str){ text + at, to - at };
	}
	e = ch_describe(w, &places,
	    arena_fmt(w->a, "SELECT %.*s FROM %.*s", (int)columns.len,
		columns.p, (int)(end - table), text + table),
	    NULL, f);
	f->position = 0;
	if (e != ERR_PERMISSION_DENIED)
		return e;
	*f = (struct fault){ 0 };
	return ERR_OK;
}

static void
keep(struct ch_conn *c, const struct sql *q, const struct ch_text *t)
{
	arena_free(c->pending_arena);
	c->pending_arena = arena_new(t->sql.len + q->schema.len + 4096);
	c->pending = arena_dup(c->pending_arena, t->sql);
	c->pending_schema = arena_dup(c->pending_arena, q->schema);
}

/* What it reads is looked at, and counted when it is to run. */
static enum err
look_at_query(struct ch_flow *w, struct ch_text *t, size_t from, int64_t *count,
    struct fault *f)
{
	enum err e = ch_fit(w, t, from, ch_is_query, f);

	/* Its places are those of the query, not of the statement. */
	f->position = 0;
	return e == ERR_OK && !w->q->describe
		   ? count_query(w, ch_text_from(t, from), count, f)
		   : e;
}

static enum err
look(struct ch_flow *w, const struct insert *n, struct ch_text *t,
    struct fault *f)
{
	bool values = token_word(&n->t, n->rows) == WORD_VALUES;
	int64_t count = 0;
	enum err e = check_target(w, n, f);

	t->rows = values ? &n->t : NULL;
	if (e == ERR_OK)
		e = ch_rules(w, t, f);
	if (e == ERR_OK && w->q->describe)
		e = check_names(w, n, f);
	if (e == ERR_OK && values)
		e = ch_text_make(w->a, w->q, t, f);
	if (e == ERR_OK)
		e = values ? count_values(n, &count, f)
			   : look_at_query(w, t, n->t.v[n->rows].at, &count, f);
	w->done->affected = count;
	if (e == ERR_OK && count > w->q->max_affected)
		e = sql_too_many(count, w->q->max_affected, f);
	return e;
}

enum err
ch_write(struct ch_flow *w, struct fault *f)
{
	struct insert n = { .columns = 0 };
	struct ch_text t = { .n = 0 };
	enum err e;

	if (w->q->gate->class != SQL_INSERT)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "only INSERT can change something in this source");
	if (w->q->dry_run) {
		fault_hint(f, "The server has no transactions");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this source cannot take a write back, so none is tried");
	}
	if (w->c->plain && !w->q->describe)
		return fault_set(f, ERR_READ_ONLY,
		    "the account of this source can only read");
	e = read_insert(w, &n, f);
	if (e == ERR_OK)
		e = look(w, &n, &t, f);
	if (e != ERR_OK || w->q->describe)
		return e;
	keep(w->c, w->q, &t);
	(void)w->to->cols(w->to, NULL, 0);
	return ERR_OK;
}
