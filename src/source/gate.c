/* SPDX-License-Identifier: ISC */
/*
 * The gate: one statement, its class, and what the tools ask about it.  It
 * reads words in their places; the engine parses, and has the last word.
 */
#include <string.h>

#include "source/gate_int.h"

static const struct {
	const char *name;
	unsigned verbs;
} classes[] = {
	[SQL_SELECT] = { "select", VERB_SELECT },
	[SQL_INSERT] = { "insert", VERB_INSERT },
	[SQL_UPDATE] = { "update", VERB_UPDATE },
	[SQL_DELETE] = { "delete", VERB_DELETE },
	[SQL_MERGE] = { "merge", VERB_INSERT | VERB_UPDATE },
	[SQL_DDL] = { "ddl", VERB_ALL },
	[SQL_CALL] = { "call", VERB_EXECUTE },
	[SQL_TRANSACTION] = { "transaction", 0 },
	[SQL_SESSION] = { "session", 0 },
	[SQL_EXPLAIN] = { "explain", VERB_SELECT },
	[SQL_OTHER] = { "other", 0 },
};
_Static_assert(sizeof(classes) / sizeof(classes[0]) == SQL_OTHER + 1, "class");

const char *
sql_class_name(enum sql_class c)
{
	return classes[c].name;
}

unsigned
sql_class_verbs(enum sql_class c)
{
	return classes[c].verbs;
}

/* What a statement is by its verb alone. */
static const struct {
	enum word word;
	enum sql_class class;
} verbs[] = {
	{ WORD_SELECT, SQL_SELECT },
	{ WORD_VALUES, SQL_SELECT },
	{ WORD_TABLE, SQL_SELECT },
	{ WORD_FROM, SQL_SELECT },
	{ WORD_INSERT, SQL_INSERT },
	{ WORD_UPDATE, SQL_UPDATE },
	{ WORD_DELETE, SQL_DELETE },
	{ WORD_REPLACE, SQL_MERGE },
	{ WORD_MERGE, SQL_MERGE },
	{ WORD_CREATE, SQL_DDL },
	{ WORD_ALTER, SQL_DDL },
	{ WORD_DROP, SQL_DDL },
	{ WORD_TRUNCATE, SQL_DDL },
	{ WORD_RENAME, SQL_DDL },
	{ WORD_COMMENT, SQL_DDL },
	{ WORD_CALL, SQL_CALL },
	{ WORD_EXEC, SQL_CALL },
	{ WORD_EXECUTE, SQL_CALL },
	{ WORD_BEGIN, SQL_TRANSACTION },
	{ WORD_START, SQL_TRANSACTION },
	{ WORD_COMMIT, SQL_TRANSACTION },
	{ WORD_ROLLBACK, SQL_TRANSACTION },
	{ WORD_END, SQL_TRANSACTION },
	{ WORD_ABORT, SQL_TRANSACTION },
	{ WORD_SAVEPOINT, SQL_TRANSACTION },
	{ WORD_RELEASE, SQL_TRANSACTION },
	{ WORD_LOCK, SQL_TRANSACTION },
	{ WORD_UNLOCK, SQL_TRANSACTION },
	{ WORD_XA, SQL_TRANSACTION },
	{ WORD_SET, SQL_SESSION },
	{ WORD_USE, SQL_SESSION },
	{ WORD_PRAGMA, SQL_SESSION },
	{ WORD_ATTACH, SQL_SESSION },
	{ WORD_DETACH, SQL_SESSION },
	{ WORD_LOAD, SQL_SESSION },
	{ WORD_COPY, SQL_SESSION },
	{ WORD_RESET, SQL_SESSION },
	{ WORD_DISCARD, SQL_SESSION },
};

static enum sql_class
class_of(enum word w)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i].word == w)
			return verbs[i].class;
	return SQL_OTHER;
}

static bool
is_data_verb(enum word w)
{
	return w == WORD_INSERT || w == WORD_UPDATE || w == WORD_DELETE ||
	       w == WORD_REPLACE || w == WORD_MERGE;
}

/*
 * Does a data verb stand at i as a verb?  At the beginning of a group or
 * behind one, and with a name or a word behind it: replace(a, b, c) is a call.
 */
static bool
is_inner_verb(const struct tokens *t, size_t i)
{
	return i > 0 && i + 1 < t->n && is_data_verb(t->v[i].word) &&
	       (token_is(t, i - 1, '(') || token_is(t, i - 1, ')')) &&
	       (t->v[i + 1].kind == LEX_WORD || t->v[i + 1].kind == LEX_NAME);
}

/* INSERT OR REPLACE, UPDATE OR REPLACE */
static bool
replaces(const struct tokens *t, size_t i)
{
	return token_word(t, i + 1) == WORD_OR &&
	       token_word(t, i + 2) == WORD_REPLACE;
}

/* ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE */
static bool
upserts(const struct tokens *t)
{
	for (size_t i = 1; i < t->n; i++)
		if (t->v[i].word == WORD_UPDATE &&
		    (t->v[i - 1].word == WORD_DO ||
			(t->v[i - 1].word == WORD_KEY &&
			    token_word(t, i - 2) == WORD_DUPLICATE)))
			return true;
	return false;
}

/* A SELECT that writes or locks is none. */
static bool
selects_into(const struct tokens *t, size_t from)
{
	for (size_t i = from; i < t->n; i++) {
		enum word next = token_word(t, i + 1);

		if (t->v[i].word == WORD_INTO && !token_is(t, i - 1, '.') &&
		    !is_data_verb(token_word(t, i - 1)))
			return true;
		if (t->v[i].word == WORD_FOR &&
		    (next == WORD_UPDATE || next == WORD_SHARE ||
			next == WORD_NO || next == WORD_KEY))
			return true;
		if (t->v[i].word == WORD_LOCK && next == WORD_IN)
			return true;
	}
	return false;
}

/* The class from the verbs it needs. */
static enum sql_class
class_of_verbs(unsigned v)
{
	if ((v & VERB_DELETE) != 0)
		return SQL_DELETE;
	if ((v & VERB_INSERT) != 0)
		return (v & VERB_UPDATE) != 0 ? SQL_MERGE : SQL_INSERT;
	return SQL_UPDATE;
}

/* A data statement or a query whose main verb is at m. */
static void
read_data(struct gate *g, const struct tokens *t, size_t m)
{
	unsigned need = 0;

	g->class = class_of(t->v[m].word);
	g->verb = token_text(t, m);
	if (g->class != SQL_SELECT)
		need = classes[g->class].verbs;
	if (replaces(t, m))
		need = VERB_INSERT | VERB_UPDATE;
	for (size_t i = 0; i < t->n; i++) {
		if (i == m || !is_inner_verb(t, i))
			continue;
		if (need == 0)
			g->verb = token_text(t, i);
		need |= classes[class_of(t->v[i].word)].verbs;
		if (replaces(t, i))
			need |= VERB_INSERT | VERB_UPDATE;
	}
	if (need != 0 && upserts(t))
		need |= VERB_UPDATE;
	if (need != 0) {
		g->class = class_of_verbs(need);
		g->verbs = need;
	} else if (selects_into(t, m)) {
		g->class = SQL_OTHER;
	} else {
		g->verbs = VERB_SELECT;
	}
}

static void classify(struct gate *g, enum sql_dialect d, const struct tokens *t,
    size_t from);

/*
 * EXPLAIN and its kin, whose options end where a statement begins.  With
 * ANALYZE the statement is executed, so a write keeps its own class.
 */
static void
read_explain(struct gate *g, enum sql_dialect d, const struct tokens *t,
    size_t from)
{
	struct str verb = token_text(t, from);
	uint16_t depth = t->v[from].depth;
	bool runs = false;
	size_t i = from;

	for (; i < t->n; i++) {
		enum sql_class c = class_of(t->v[i].word);

		runs = runs || t->v[i].word == WORD_ANALYZE;
		if (i > from && t->v[i].depth == depth &&
		    (c != SQL_OTHER || t->v[i].word == WORD_WITH))
			break;
	}
	g->class = SQL_OTHER;
	if (token_word(t, from) == WORD_ANALYZE &&
	    token_word(t, i) == WORD_TABLE)
		return; /* upkeep of a table */
	if (i < t->n)
		classify(g, d, t, i);
	if (i == t->n || (runs && g->class != SQL_SELECT))
		return;
	if (token_word(t, from) == WORD_EXPLAIN || g->class == SQL_SELECT) {
		g->class = SQL_EXPLAIN;
		g->verbs = VERB_SELECT;
	}
	g->verb = verb;
}

static void
classify(struct gate *g, enum sql_dialect d, const struct tokens *t,
    size_t from)
{
	enum word w = token_word(t, from);
	size_t m = w == WORD_WITH ? gate_with(t, d, from) : from;

	g->verb = token_text(t, from);
	g->class = class_of(w);
	g->verbs = classes[g->class].verbs;
	if (w == WORD_EXPLAIN || w == WORD_ANALYZE || w == WORD_DESCRIBE ||
	    w == WORD_DESC) {
		read_explain(g, d, t, from);
	} else if (m < t->n && (class_of(t->v[m].word) == SQL_SELECT ||
				   is_data_verb(t->v[m].word))) {
		read_data(g, t, m);
	} else if (w == WORD_WITH) {
		g->class = SQL_OTHER;
		g->verbs = 0;
	}
	/* Only some versions read it: nobody can say what it is. */
	if (t->v[from].maybe || (m < t->n && t->v[m].maybe)) {
		g->class = SQL_OTHER;
		g->verbs = 0;
	}
	for (size_t i = m; i < t->n; i++) {
		bool outer = t->v[i].depth == t->v[from].depth;

		if (outer && t->v[i].word == WORD_WHERE)
			g->has_where = true;
		if (t->v[i].word == WORD_ORDER &&
		    t->v[i].depth <= t->v[from].depth)
			g->has_order = true;
		if (outer && t->v[i].word == WORD_RETURNING)
			g->has_returning = true;
	}
}

/* SQLite writes the statements of a trigger with semicolons. */
static bool
is_trigger(enum sql_dialect d, const struct tokens *t)
{
	size_t i = 1;

	if (d != DIALECT_SQLITE || token_word(t, 0) != WORD_CREATE)
		return false;
	if (token_word(t, i) == WORD_TEMP || token_word(t, i) == WORD_TEMPORARY)
		i++;
	return token_word(t, i) == WORD_TRIGGER;
}

/* Cut at the ';' that ends the statement; anything behind it is a second. */
static enum err
one_only(enum sql_dialect d, struct tokens *t, struct fault *f)
{
	bool trigger = is_trigger(d, t);

	for (size_t i = 0; i < t->n; i++) {
		if (!token_is(t, i, ';'))
			continue;
		if (trigger && !(i > 1 && t->v[i - 1].word == WORD_END &&
				   token_is(t, i - 2, ';')))
			continue;
		if (i + 1 < t->n) {
			f->position = (int)t->v[i + 1].at + 1;
			fault_hint(f, "Send the statements one at a time");
			return fault_set(f, ERR_MULTIPLE_STATEMENTS,
			    "exactly one statement is allowed");
		}
		t->n = i;
	}
	if (t->n == 0)
		return fault_set(f, ERR_SQL_SYNTAX, "there is no statement");
	return ERR_OK;
}

static void
read_marks(struct arena *a, const struct tokens *t, struct gate *g)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->v[i].kind == LEX_MARK;
	if (n == 0)
		return;
	g->marks = arena_get(a, n * sizeof(*g->marks));
	for (size_t i = 0; i < t->n; i++) {
		struct str s = token_text(t, i);

		if (t->v[i].kind == LEX_MARK)
			g->marks[g->nmarks++] = (struct gate_mark){
				.at = t->v[i].at,
				.len = s.len,
				.name = str_from(s, 1),
			};
	}
}

/* Behind the last token, and behind the comment of code it stands in. */
static struct str
statement_text(const struct tokens *t)
{
	const struct token *last = &t->v[t->n - 1];
	size_t end = (size_t)last->at + last->len;

	if (last->code) {
		while (end + 2 < t->text.len &&
		       memcmp(t->text.p + end, "*/", 2) != 0)
			end++;
		end += 2;
	}
	return (struct str){ t->text.p, end };
}

enum err
gate_read(struct arena *a, enum sql_dialect d, struct str text,
    bool (*known)(const void *, struct str), const void *arg, struct gate *g,
    struct fault *f)
{
	struct tokens t;
	size_t first = 0;
	enum err e;

	*g = (struct gate){ .class = SQL_OTHER };
	if (str_has(text, '\0'))
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement holds a NUL byte");
	e = tokens_read(a, d, text, &t, f);
	if (e != ERR_OK)
		return e;
	while (token_is(&t, first, '('))
		first++;
	g->first = token_text(&t, first);
	e = one_only(d, &t, f);
	if (e != ERR_OK)
		return e;
	g->text = statement_text(&t);
	if (first < t.n)
		classify(g, d, &t, first);
	read_marks(a, &t, g);
	gate_names(a, d, &t, known, arg, g);
	return ERR_OK;
}
