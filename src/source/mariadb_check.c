/* SPDX-License-Identifier: ISC */
/*
 * A write that is only looked at, on an account that may not do it: the server
 * does not say more of one than that.  The names in it are those of a query
 * made of its pieces, and the server is asked about that one.
 */
#include "source/mariadb_int.h"

/* The pieces: "SELECT" what "FROM" from rest. */
struct pieces {
	struct str what, from, rest, query;
};

static struct str
between(const struct tokens *t, size_t from, size_t to)
{
	size_t at = from < t->n ? t->v[from].at : t->text.len;
	size_t end = to < t->n ? t->v[to].at : t->text.len;

	return at < end ? (struct str){ t->text.p + at, end - at } : STR("");
}

/* The first of these words outside of parentheses, from i on; t->n. */
static size_t
find(const struct tokens *t, size_t i, const char *const *words)
{
	for (; i < t->n; i++)
		for (size_t k = 0; t->v[i].depth == 0 && words[k] != NULL; k++)
			if (t->v[i].kind == LEX_WORD &&
			    str_ieq(token_text(t, i), str_of(words[k])))
				return i;
	return t->n;
}

/* Words between the verb and the table. */
static size_t
skip_words(const struct tokens *t)
{
	static const char *const words[] = { "LOW_PRIORITY", "HIGH_PRIORITY",
		"DELAYED", "QUICK", "IGNORE", "INTO" };
	size_t i = 1, k = 0;

	while (k < sizeof(words) / sizeof(words[0])) {
		bool is = str_ieq(token_text(t, i), str_of(words[k]));

		i += is;
		k = is ? 0 : k + 1;
	}
	return i;
}

static bool
of_update(const struct tokens *t, struct pieces *p)
{
	static const char *const set[] = { "SET", NULL }, *const end[] = {
		"WHERE", "ORDER", "LIMIT", NULL
	};
	size_t at = find(t, 1, set), behind = find(t, at, end);

	p->what = between(t, at + 1, behind);
	p->from = between(t, skip_words(t), at);
	p->rest = between(t, behind, t->n);
	return at < t->n;
}

static bool
of_delete(const struct tokens *t, struct pieces *p)
{
	static const char *const from[] = { "FROM", NULL }, *const end[] = {
		"RETURNING", NULL
	};
	size_t at = find(t, 1, from);

	p->what = STR("1");
	p->from = between(t, at + 1, find(t, at, end));
	return at < t->n;
}

/* [INTO] [schema.]table [(columns)] rows, or a query. */
static bool
of_insert(const struct tokens *t, struct pieces *p)
{
	static const char *const query[] = { "SELECT", "WITH", NULL },
				 *const end[] = { "ON", "RETURNING", NULL };
	size_t at = skip_words(t), behind = at + 1, rows;

	if (token_is(t, behind, '.'))
		behind += 2;
	p->from = between(t, at, behind);
	p->what = STR("1");
	rows = find(t, behind, query);
	if (token_is(t, behind, '(') && rows != behind + 1) {
		size_t close = token_behind(t, behind);

		if (close > behind + 2)
			p->what = between(t, behind + 1, close - 1);
	}
	if (rows < t->n)
		p->query = between(t, rows, find(t, rows, end));
	return at < t->n;
}

static enum err
look(struct mariadb_flow *w, struct str sql, struct fault *f)
{
	MYSQL_STMT *st = mysql_stmt_init(w->c->h);
	enum err e = ERR_OK;

	if (st == NULL)
		return fault_set(f, ERR_INTERNAL, "no memory for a statement");
	if (mariadb_prepare(w->c, st, sql.p, sql.len) != 0)
		e = mariadb_fault(w->c, st, NULL, f);
	mariadb_stmt_close(w->c, st);
	return e;
}

enum err
mariadb_check_names(struct mariadb_flow *w, struct fault *f)
{
	const struct mariadb_frame fr = { w->q->text, 0, "", "", w->unknown };
	struct pieces p = { 0 };
	struct mariadb_text text;
	struct fault scratch = { 0 };
	struct tokens t;
	enum word verb;
	bool known;

	if (mariadb_text(w->a, w->q, &fr, &text, &scratch) != ERR_OK ||
	    tokens_read(w->a, DIALECT_MARIADB,
		(struct str){ text.sql, text.len }, &t, &scratch) != ERR_OK)
		return f->code;
	verb = token_word(&t, 0);
	known = verb == WORD_UPDATE   ? of_update(&t, &p)
		: verb == WORD_DELETE ? of_delete(&t, &p)
		: verb == WORD_INSERT || verb == WORD_REPLACE
		    ? of_insert(&t, &p)
		    : false;
	if (!known)
		return f->code;
	*f = (struct fault){ 0 };
	scratch.code = look(w,
	    arena_fmt(w->a, "SELECT %.*s FROM %.*s %.*s", (int)p.what.len,
		p.what.p, (int)p.from.len, p.from.p, (int)p.rest.len, p.rest.p),
	    f);
	return scratch.code == ERR_OK && p.query.len > 0 ? look(w, p.query, f)
							 : scratch.code;
}
