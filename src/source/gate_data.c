/* SPDX-License-Identifier: ISC */
/*
 * The name "data" as an entry of WITH in front of a statement, and look-ups of
 * single words in a text.
 */
#include "base/buf.h"
#include "source/gate_int.h"

#define ENTRY_MAX 4096 /* beside the statement: the entry with its name */

static bool
is_data(struct str s)
{
	return str_ieq(s, STR("data"));
}

bool
gate_wants_data(const struct gate *g)
{
	for (size_t i = 0; i < g->ntables; i++)
		if (is_data(g->tables[i]))
			return true;
	return false;
}

/* Where the entry goes: behind WITH and RECURSIVE, or in front of all. */
static size_t
entry_place(const struct tokens *t, bool *merged)
{
	size_t i = 0;

	while (token_is(t, i, '('))
		i++;
	*merged = token_word(t, i) == WORD_WITH && i == 0;
	if (!*merged)
		return 0;
	if (token_word(t, i + 1) == WORD_RECURSIVE)
		i++;
	return (size_t)t->v[i].at + t->v[i].len;
}

/* In a copy: the gate may be remembered for the next time. */
static void
move_marks(struct arena *a, struct gate *g, size_t at, size_t len)
{
	struct gate_mark *moved = arena_zero(a, g->nmarks + 1, sizeof(*moved));

	for (size_t i = 0; i < g->nmarks; i++) {
		moved[i] = g->marks[i];
		if (moved[i].at >= at)
			moved[i].at += len;
	}
	g->marks = moved;
}

void
gate_bind_data(struct arena *a, enum sql_dialect d, struct gate *g,
    struct str quoted, size_t *at, size_t *len)
{
	struct fault f = { 0 };
	struct tokens t;
	struct buf b;
	bool merged;

	*at = 0;
	*len = 0;
	if (tokens_read(a, d, g->text, &t, &f) != ERR_OK)
		return; /* the gate has read it before */
	*at = entry_place(&t, &merged);
	buf_init(&b, a, g->text.len + quoted.len + ENTRY_MAX);
	buf_put(&b, g->text.p, *at);
	if (merged)
		buf_lit(&b, " data AS (SELECT * FROM ");
	else
		buf_lit(&b, "WITH data AS (SELECT * FROM ");
	buf_str(&b, quoted);
	if (merged)
		buf_lit(&b, "),");
	else
		buf_lit(&b, ") ");
	*len = b.len - *at;
	buf_put(&b, g->text.p + *at, g->text.len - *at);
	g->text = buf_text(&b);
	move_marks(a, g, *at, *len);
}

struct str
gate_spelling(struct arena *a, enum sql_dialect d, struct str text,
    struct str name)
{
	struct fault f = { 0 };
	struct tokens t;

	if (tokens_read(a, d, text, &t, &f) != ERR_OK)
		return (struct str){ 0 };
	for (size_t i = 0; i < t.n; i++) {
		struct str s = token_name(a, &t, i);

		if (t.v[i].kind != LEX_TEXT && str_ieq(s, name))
			return s;
	}
	return (struct str){ 0 };
}

bool
gate_has_word(struct arena *a, enum sql_dialect d, struct str text,
    struct str word)
{
	struct fault f = { 0 };
	struct tokens t;

	if (tokens_read(a, d, text, &t, &f) != ERR_OK)
		return true; /* unclear: as if it were there */
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].kind == LEX_WORD && str_ieq(token_text(&t, i), word))
			return true;
	return false;
}
