/* SPDX-License-Identifier: ISC */
/* The names that stand in a text, each once, and questions about many. */
#include "source/mariadb_int.h"

#define NAMES_MAX 400

static bool
add(struct arena *a, struct mariadb_names *to, struct str name)
{
	for (size_t i = 0; i < to->n; i++)
		if (str_ieq(to->v[i], name))
			return true;
	if (to->n == NAMES_MAX)
		return false;
	if (to->v == NULL)
		to->v = arena_zero(a, NAMES_MAX, sizeof(*to->v));
	to->v[to->n++] = name;
	return true;
}

bool
mariadb_names(struct arena *a, const struct tokens *t,
    struct mariadb_names *out)
{
	bool all = true;

	for (size_t i = 0; i < t->n && all; i++)
		if (t->v[i].kind == LEX_WORD || t->v[i].kind == LEX_NAME)
			all = add(a, out, token_name(a, t, i));
	return all;
}

bool
mariadb_names_have(const struct mariadb_names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_ieq(names->v[i], name))
			return true;
	return false;
}

struct str
mariadb_marks(struct arena *a, size_t n)
{
	struct buf b;

	buf_init(&b, a, n * 2 + 8);
	for (size_t i = 0; i < n; i++)
		buf_str(&b, i == 0 ? STR("(?") : STR(",?"));
	buf_lit(&b, ")");
	buf_char(&b, '\0');
	return (struct str){ b.p, b.len - 1 };
}

bool
mariadb_is_system(struct str schema)
{
	static const char *const own[] = { "information_schema",
		"performance_schema", "mysql", "sys" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_ieq(schema, str_of(own[i])))
			return true;
	return false;
}
