/* SPDX-License-Identifier: ISC */
/* Tables behind the names that a statement gives them. */
#include "source/gate_int.h"

static bool
is_table(const struct gate *g, struct str name)
{
	for (size_t i = 0; i < g->ntables; i++)
		if (str_ieq(g->tables[i], name))
			return true;
	return false;
}

/* Written as "table [AS] name". */
struct str
gate_table(struct arena *a, enum sql_dialect d, struct str text,
    const struct gate *g, struct str name)
{
	struct fault ignored = { 0 };
	struct tokens t;

	if (name.len == 0 || is_table(g, name) ||
	    tokens_read(a, d, text, &t, &ignored) != ERR_OK)
		return name;
	for (size_t i = 1; i < t.n; i++) {
		size_t of = i - 1;
		struct str table;

		if (!token_is_name(&t, i) ||
		    !str_ieq(token_name(a, &t, i), name))
			continue;
		if (of > 0 && token_word(&t, of) == WORD_AS)
			of--;
		table = token_name(a, &t, of);
		if (token_is_name(&t, of) && is_table(g, table))
			return table;
	}
	return name;
}
