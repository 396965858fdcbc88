/* SPDX-License-Identifier: ISC */
/* The words the gate tells apart, and small questions about tokens. */
#include <stdlib.h>

#include "source/gate_int.h"

/* Sorted, for the search below. */
static const struct {
	const char *text;
	enum word word;
} words[] = {
	{ "ABORT", WORD_ABORT },
	{ "ALTER", WORD_ALTER },
	{ "ANALYZE", WORD_ANALYZE },
	{ "AS", WORD_AS },
	{ "ATTACH", WORD_ATTACH },
	{ "BEGIN", WORD_BEGIN },
	{ "BY", WORD_BY },
	{ "CALL", WORD_CALL },
	{ "COMMENT", WORD_COMMENT },
	{ "COMMIT", WORD_COMMIT },
	{ "CONFLICT", WORD_CONFLICT },
	{ "COPY", WORD_COPY },
	{ "CREATE", WORD_CREATE },
	{ "CYCLE", WORD_CYCLE },
	{ "DELETE", WORD_DELETE },
	{ "DESC", WORD_DESC },
	{ "DESCRIBE", WORD_DESCRIBE },
	{ "DETACH", WORD_DETACH },
	{ "DISCARD", WORD_DISCARD },
	{ "DISTINCT", WORD_DISTINCT },
	{ "DO", WORD_DO },
	{ "DROP", WORD_DROP },
	{ "DUPLICATE", WORD_DUPLICATE },
	{ "END", WORD_END },
	{ "EXCEPT", WORD_EXCEPT },
	{ "EXEC", WORD_EXEC },
	{ "EXECUTE", WORD_EXECUTE },
	{ "EXPLAIN", WORD_EXPLAIN },
	{ "FOR", WORD_FOR },
	{ "FROM", WORD_FROM },
	{ "FULL", WORD_FULL },
	{ "GROUP", WORD_GROUP },
	{ "HAVING", WORD_HAVING },
	{ "IGNORE", WORD_IGNORE },
	{ "IN", WORD_IN },
	{ "INSERT", WORD_INSERT },
	{ "INTERSECT", WORD_INTERSECT },
	{ "INTO", WORD_INTO },
	{ "JOIN", WORD_JOIN },
	{ "KEY", WORD_KEY },
	{ "LATERAL", WORD_LATERAL },
	{ "LIMIT", WORD_LIMIT },
	{ "LOAD", WORD_LOAD },
	{ "LOCK", WORD_LOCK },
	{ "MATERIALIZED", WORD_MATERIALIZED },
	{ "MERGE", WORD_MERGE },
	{ "NATURAL", WORD_NATURAL },
	{ "NO", WORD_NO },
	{ "NOT", WORD_NOT },
	{ "ON", WORD_ON },
	{ "ONLY", WORD_ONLY },
	{ "OR", WORD_OR },
	{ "ORDER", WORD_ORDER },
	{ "PRAGMA", WORD_PRAGMA },
	{ "RECURSIVE", WORD_RECURSIVE },
	{ "RELEASE", WORD_RELEASE },
	{ "RENAME", WORD_RENAME },
	{ "REPLACE", WORD_REPLACE },
	{ "RESET", WORD_RESET },
	{ "RETURNING", WORD_RETURNING },
	{ "ROLLBACK", WORD_ROLLBACK },
	{ "SAVEPOINT", WORD_SAVEPOINT },
	{ "SEARCH", WORD_SEARCH },
	{ "SELECT", WORD_SELECT },
	{ "SET", WORD_SET },
	{ "SHARE", WORD_SHARE },
	{ "START", WORD_START },
	{ "TABLE", WORD_TABLE },
	{ "TEMP", WORD_TEMP },
	{ "TEMPORARY", WORD_TEMPORARY },
	{ "TRIGGER", WORD_TRIGGER },
	{ "TRUNCATE", WORD_TRUNCATE },
	{ "UNION", WORD_UNION },
	{ "UNLOCK", WORD_UNLOCK },
	{ "UPDATE", WORD_UPDATE },
	{ "USE", WORD_USE },
	{ "USING", WORD_USING },
	{ "VALUES", WORD_VALUES },
	{ "VIEW", WORD_VIEW },
	{ "WHERE", WORD_WHERE },
	{ "WINDOW", WORD_WINDOW },
	{ "WITH", WORD_WITH },
	{ "XA", WORD_XA },
};

#define LONGEST 12

enum word
word_of(struct str s)
{
	char up[LONGEST + 1];
	size_t lo = 0, hi = sizeof(words) / sizeof(words[0]);

	if (s.len < 2 || s.len > LONGEST)
		return WORD_NONE;
	for (size_t i = 0; i < s.len; i++)
		up[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32
							      : s.p[i]);
	up[s.len] = '\0';
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(up, words[mid].text);

		if (c == 0)
			return words[mid].word;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return WORD_NONE;
}

bool
token_is_name(const struct tokens *t, size_t i)
{
	return i < t->n &&
	       (t->v[i].kind == LEX_WORD || t->v[i].kind == LEX_NAME);
}

struct str
token_text(const struct tokens *t, size_t i)
{
	if (i >= t->n)
		return (struct str){ 0 };
	return (struct str){ t->text.p + t->v[i].at, t->v[i].len };
}

bool
token_is(const struct tokens *t, size_t i, char c)
{
	return i < t->n && t->v[i].kind == LEX_OP && t->text.p[t->v[i].at] == c;
}

enum word
token_word(const struct tokens *t, size_t i)
{
	return i < t->n ? t->v[i].word : WORD_NONE;
}

static void
add(struct arena *a, struct tokens *t, size_t *cap, struct token k)
{
	if (t->n == *cap) {
		size_t more = *cap == 0 ? 64 : *cap * 2;

		t->v = arena_grow(a, t->v, *cap * sizeof(k), more * sizeof(k));
		*cap = more;
	}
	t->v[t->n++] = k;
}

enum err
tokens_read(struct arena *a, enum sql_dialect d, struct str text,
    struct tokens *t, struct fault *f)
{
	size_t cap = 0;
	uint16_t depth = 0;
	struct token k;
	struct lex l;

	*t = (struct tokens){ .text = text };
	lex_init(&l, d, text);
	for (;;) {
		k = lex_next(&l);
		if (k.kind == LEX_BAD) {
			f->position = (int)k.at + 1;
			return fault_set(f, ERR_SQL_SYNTAX, "%s", l.why);
		}
		if (k.kind == LEX_END)
			return ERR_OK;
		if (k.kind == LEX_OP && text.p[k.at] == ')' && depth > 0)
			depth--;
		k.depth = depth;
		add(a, t, &cap, k);
		if (k.kind == LEX_OP && text.p[k.at] == '(' &&
		    depth < UINT16_MAX)
			depth++;
	}
}

/* Without the quotes; a doubled closing quote stands for one. */
static struct str
unquote(struct arena *a, struct str s)
{
	char end = s.p[0] == '[' ? ']' : s.p[0];
	char *out;
	size_t n = 0;

	if (s.len < 2)
		return (struct str){ 0 };
	out = arena_get(a, s.len);
	for (size_t i = 1; i < s.len - 1; i++) {
		out[n++] = s.p[i];
		if (s.p[i] == end && i + 1 < s.len - 1 && s.p[i + 1] == end)
			i++;
	}
	return (struct str){ out, n };
}

struct str
token_name(struct arena *a, const struct tokens *t, size_t i)
{
	struct str s = token_text(t, i);

	if (i >= t->n)
		return s;
	if (t->v[i].kind == LEX_WORD)
		return s;
	if (t->v[i].kind == LEX_NAME ||
	    (t->v[i].kind == LEX_TEXT && (s.p[0] == '\'' || s.p[0] == '"')))
		return unquote(a, s);
	return (struct str){ 0 };
}

size_t
token_behind(const struct tokens *t, size_t i)
{
	uint16_t depth = t->v[i].depth;

	for (i++; i < t->n; i++)
		if (t->v[i].depth == depth)
			return i + 1;
	return i;
}
