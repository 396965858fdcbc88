/* SPDX-License-Identifier: ISC */
/*
 * Names in a statement: the entries of WITH, the tables, and three-part names
 * whose first part is a source.
 */
#include <string.h>

#include "source/gate_int.h"

/* Behind a SEARCH or CYCLE clause (PostgreSQL): its last word is the name
 * behind SET or USING. */
static size_t
skip_clause(const struct tokens *t, size_t i, enum word last)
{
	uint16_t depth = t->v[i].depth;

	for (; i < t->n && t->v[i].depth >= depth; i++)
		if (t->v[i].word == last && t->v[i].depth == depth)
			return i + 2;
	return i;
}

/* One entry, name [(columns)] AS [NOT MATERIALIZED] (body): the token behind
 * it, or t->n when it reads otherwise. */
static size_t
skip_entry(const struct tokens *t, size_t i)
{
	i++;
	if (token_is(t, i, '('))
		i = token_behind(t, i);
	if (token_word(t, i) != WORD_AS)
		return t->n;
	i++;
	while (token_word(t, i) == WORD_NOT ||
	       token_word(t, i) == WORD_MATERIALIZED)
		i++;
	if (!token_is(t, i, '('))
		return t->n;
	i = token_behind(t, i);
	if (token_word(t, i) == WORD_SEARCH)
		i = skip_clause(t, i, WORD_SET);
	if (token_word(t, i) == WORD_CYCLE)
		i = skip_clause(t, i, WORD_USING);
	return i;
}

/* ClickHouse also writes WITH expression AS name: its verb is the first one
 * on this level. */
static size_t
loose_with(const struct tokens *t, size_t i)
{
	uint16_t depth = t->v[i].depth;

	for (i++; i < t->n; i++) {
		enum word w = t->v[i].word;

		if (t->v[i].depth == depth &&
		    (w == WORD_SELECT || w == WORD_INSERT || w == WORD_UPDATE ||
			w == WORD_DELETE))
			return i;
	}
	return t->n;
}

size_t
gate_with(const struct tokens *t, enum sql_dialect d, size_t i)
{
	if (d == DIALECT_CLICKHOUSE)
		return loose_with(t, i);
	i++;
	if (token_word(t, i) == WORD_RECURSIVE)
		i++;
	for (;;) {
		i = skip_entry(t, i);
		if (!token_is(t, i, ','))
			return i;
		i++;
	}
}

/* Is the name at i an entry of a WITH? */
static bool
is_entry(const struct tokens *t, size_t i)
{
	enum word before = i == 0 ? WORD_NONE : token_word(t, i - 1);

	return i > 0 &&
	       (before == WORD_WITH || before == WORD_RECURSIVE ||
		   token_is(t, i - 1, ',')) &&
	       (t->v[i].kind == LEX_WORD || t->v[i].kind == LEX_NAME) &&
	       skip_entry(t, i) < t->n;
}

/* The entries of all WITHs, so that they are not taken for tables. */
static size_t
read_entries(struct arena *a, const struct tokens *t,
    struct str out[static GATE_NAMES])
{
	size_t n = 0;
	bool any = false;

	for (size_t i = 0; i < t->n && n < GATE_NAMES; i++) {
		any = any || t->v[i].word == WORD_WITH;
		if (any && is_entry(t, i))
			out[n++] = token_name(a, t, i);
	}
	return n;
}

/* A name of several parts, each with the tokens it takes. */
struct chain {
	size_t parts;
	size_t first[5],
	    last[5]; /* tokens of a part, quotes of ours included */
	size_t end;  /* the token behind */
};

static bool
is_part(const struct tokens *t, size_t i)
{
	struct str s = token_text(t, i);

	return i < t->n &&
	       (t->v[i].kind == LEX_WORD || t->v[i].kind == LEX_NAME ||
		   (t->v[i].kind == LEX_TEXT && s.p[0] == '"'));
}

/* The bracket that ends the one at "from": behind one word, and in a name that
 * has a part before it behind several; t->n when there is none. */
static size_t
bracket_end(const struct tokens *t, size_t from, bool several)
{
	size_t i = from + 2;

	if (!is_part(t, from + 1))
		return t->n;
	while (several && i < t->n &&
	       (is_part(t, i) || t->v[i].kind == LEX_NUMBER))
		i++;
	return token_is(t, i, ']') ? i : t->n;
}

/* One part at i: a name, or words in brackets where those are no quotes. */
static bool
read_part(const struct tokens *t, struct chain *c, size_t *i)
{
	size_t from = *i;
	size_t to = from;

	if (token_is(t, from, '['))
		to = bracket_end(t, from, c->parts > 0);
	else if (!is_part(t, from))
		return false;
	if (to >= t->n)
		return false;
	c->first[c->parts] = from;
	c->last[c->parts++] = to;
	*i = to + 1;
	return true;
}

static struct chain
read_chain(const struct tokens *t, size_t i)
{
	struct chain c = { 0 };

	while (c.parts < 5 && read_part(t, &c, &i)) {
		c.end = i;
		if (!token_is(t, i, '.'))
			break;
		i++;
	}
	return c;
}

static struct str
part_name(struct arena *a, const struct tokens *t, const struct chain *c,
    size_t i)
{
	size_t first = c->first[i], last = c->last[i];
	size_t from, to;

	if (last - first <= 2)
		return token_name(a, t, first == last ? first : first + 1);
	from = t->v[first].at + 1;
	to = t->v[last].at;
	return (struct str){ t->text.p + from, to - from };
}

static bool
is_in(const struct str *v, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(v[i], name))
			return true;
	return false;
}

static void
add_table(struct gate *g, struct str name)
{
	if (g->ntables < GATE_NAMES && name.len != 0 &&
	    !is_in(g->tables, g->ntables, name))
		g->tables[g->ntables++] = name;
}

/* Write the dialect's own quotes where the caller's are another's.  A name
 * that those would read otherwise keeps what it has, for the engine to
 * refuse. */
static void
requote(char *p, const struct tokens *t, const struct chain *c, size_t i,
    enum sql_dialect d)
{
	const struct token *from = &t->v[c->first[i]];
	const struct token *to = &t->v[c->last[i]];
	char q = d == DIALECT_MARIADB ? '`' : '"';
	char open = p[from->at];
	size_t end;

	if (open != '[' && open != '`' && open != '"')
		return;
	if (d == DIALECT_SQLITE || d == DIALECT_ODBC)
		return;
	end = to->at + to->len - 1;
	for (size_t k = from->at + 1; k < end; k++)
		if (p[k] == q || p[k] == open || p[k] == '\\')
			return;
	p[from->at] = q;
	p[end] = q;
}

/* Blank the source and its dot, so that all positions stay. */
static void
take_source(struct arena *a, const struct tokens *t, const struct chain *c,
    enum sql_dialect d, struct gate *g, struct str source)
{
	const struct token *from = &t->v[c->first[0]];
	const struct token *to = &t->v[c->first[1]];
	char *p;

	if (!str_is_empty(g->source) && !str_ieq(g->source, source)) {
		g->two_sources = true;
		return;
	}
	if (str_is_empty(g->source)) {
		g->text.p = arena_dup(a, g->text).p;
		g->source = source;
	}
	p = (char *)(uintptr_t)g->text.p; /* our own copy */
	memset(p + from->at, ' ', to->at - from->at);
	for (size_t i = 1; i < c->parts; i++)
		requote(p, t, c, i, d);
}

/* Calls whose FROM is no table: extract(year FROM x), but EXISTS (SELECT). */
static bool
is_call(const struct tokens *t, size_t open)
{
	return open > 0 && t->v[open - 1].kind == LEX_WORD &&
	       t->v[open - 1].word == WORD_NONE &&
	       token_word(t, open + 1) != WORD_SELECT &&
	       token_word(t, open + 1) != WORD_WITH;
}

static bool
ends_from(enum word w)
{
	static const enum word ends[] = { WORD_WHERE, WORD_GROUP, WORD_ORDER,
		WORD_HAVING, WORD_LIMIT, WORD_UNION, WORD_INTERSECT,
		WORD_EXCEPT, WORD_SET, WORD_RETURNING, WORD_VALUES, WORD_SELECT,
		WORD_WINDOW };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i] == w)
			return true;
	return false;
}

#define LEVELS 128

/* Where in the statement we are: on each level of parentheses, whether a
 * comma brings another table, and whether it is a call. */
struct place {
	bool in_from[LEVELS], in_call[LEVELS];
};

/* Does a table's name come behind token i? */
static bool
brings_table(const struct tokens *t, size_t i, struct place *p)
{
	uint16_t level = t->v[i].depth;
	enum word before = i == 0 ? WORD_NONE : token_word(t, i - 1);

	if (level >= LEVELS - 1)
		return false;
	if (token_is(t, i, '(')) {
		p->in_from[level + 1] = false;
		p->in_call[level + 1] = is_call(t, i);
		return p->in_from[level] && before != WORD_NONE &&
		       !is_call(t, i);
	}
	if (token_is(t, i, ','))
		return p->in_from[level];
	switch (t->v[i].word) {
	case WORD_FROM:
		if (p->in_call[level] || before == WORD_DISTINCT)
			return false;
		p->in_from[level] = true;
		return true;
	case WORD_JOIN:
	case WORD_INTO:
	case WORD_TABLE:
		return true;
	case WORD_UPDATE:
		return before == WORD_NONE &&
		       (i == 0 || t->v[i - 1].kind == LEX_OP);
	default:
		if (ends_from(t->v[i].word))
			p->in_from[level] = false;
		return false;
	}
}

/* Words between FROM, INTO or UPDATE and the name. */
static size_t
skip_words(const struct tokens *t, size_t i)
{
	for (;; i++) {
		enum word w = token_word(t, i);

		if (w == WORD_OR && i + 2 < t->n)
			i++;
		else if (w != WORD_ONLY && w != WORD_LATERAL &&
			 w != WORD_IGNORE && w != WORD_TABLE)
			return i;
	}
}

/* A word that begins a query instead of naming a table. */
static bool
is_query(enum word w)
{
	return w == WORD_SELECT || w == WORD_VALUES || w == WORD_WITH ||
	       w == WORD_FROM;
}

/* Is the chain where a table is expected one, and not a call or a query? */
static bool
is_table(const struct tokens *t, const struct chain *c, bool into)
{
	if (c->parts == 0 || c->parts > 3)
		return false;
	if (token_is(t, c->end, '(') && !into)
		return false;
	return c->parts > 1 || !is_query(t->v[c->first[0]].word);
}

static void
read_name(struct arena *a, enum sql_dialect d, const struct tokens *t,
    const struct chain *c, bool table, bool (*known)(const void *, struct str),
    const void *arg, struct gate *g)
{
	struct str source = part_name(a, t, c, 0);

	if (known != NULL && (c->parts == 4 || (c->parts == 3 && table)) &&
	    known(arg, source))
		take_source(a, t, c, d, g, source);
}

void
gate_names(struct arena *a, enum sql_dialect d, const struct tokens *t,
    bool (*known)(const void *, struct str), const void *arg, struct gate *g)
{
	struct str entries[GATE_NAMES];
	size_t nentries = read_entries(a, t, entries);
	struct place place = { 0 };
	bool want = false, into = false;

	for (size_t i = 0; i < t->n; i++) {
		struct chain c = read_chain(t, want ? skip_words(t, i) : i);
		bool table = want && is_table(t, &c, into);
		struct str name;

		if (c.parts == 0 || (c.parts == 1 && !table)) {
			want = brings_table(t, i, &place);
			into = t->v[i].word == WORD_INTO;
			continue;
		}
		want = false;
		read_name(a, d, t, &c, table, known, arg, g);
		name = part_name(a, t, &c, c.parts - 1);
		i = c.end - 1;
		if (table && (c.parts > 1 || !is_in(entries, nentries, name)))
			add_table(g, name);
	}
}
