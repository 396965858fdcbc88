/* SPDX-License-Identifier: ISC */
/* The names that stand in a text, each once, and questions about many. */
#include "source/mariadb_int.h"

#define NAMES_MAX 400

bool
mariadb_names_add(struct arena *a, struct mariadb_names *to, struct str name)
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
mariadb_names(struct arena *a, const struct tokens *t, bool quoted,
    struct mariadb_names *out)
{
	bool all = true;

	for (size_t i = 0; i < t->n && all; i++)
		if (token_is_name(t, i) ||
		    (quoted && token_text(t, i).p[0] == '"'))
			all = mariadb_names_add(a, out, token_name(a, t, i));
	return all;
}

static size_t
digits_end(struct str s, size_t i)
{
	while (i < s.len && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

/* 0x1f and 0b10; with a large letter they are names. */
static bool
is_bits(struct str s)
{
	const char *of = s.len > 2 && s.p[0] == '0' && s.p[1] == 'x'
			     ? "0123456789abcdefABCDEF"
			 : s.len > 2 && s.p[0] == '0' && s.p[1] == 'b' ? "01"
								       : "";

	for (size_t i = 2; i < s.len; i++)
		if (s.p[i] == '\0' || strchr(of, s.p[i]) == NULL)
			return false;
	return *of != '\0';
}

/* 12, 12., 1.5, .5, and each with an exponent. */
static bool
is_decimal(struct str s)
{
	size_t i = digits_end(s, 0), from;

	if (i < s.len && s.p[i] == '.')
		i = digits_end(s, i + 1);
	if (i == s.len)
		return true;
	if ((s.p[i] | 32) != 'e')
		return false;
	i++;
	if (i < s.len && (s.p[i] == '+' || s.p[i] == '-'))
		i++;
	from = i;
	i = digits_end(s, i);
	return i > from && i == s.len;
}

bool
mariadb_is_odd(const struct tokens *t, size_t i)
{
	struct str s = token_text(t, i);

	if (token_is(t, i, '$'))
		return true;
	if (i >= t->n || t->v[i].kind != LEX_NUMBER)
		return false;
	if (s.p[0] == '.' && i > 0 &&
	    t->v[i - 1].at + t->v[i - 1].len == t->v[i].at &&
	    (token_is_name(t, i - 1) || t->v[i - 1].kind == LEX_TEXT))
		return true;
	return !is_bits(s) && !is_decimal(s);
}

bool
mariadb_names_have(const struct mariadb_names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_ieq(names->v[i], name))
			return true;
	return false;
}

bool
mariadb_is_alias(const struct tokens *t, size_t i)
{
	size_t from, at;

	if (i == 0 || token_word(t, i - 1) != WORD_AS ||
	    t->v[i - 1].kind != LEX_WORD || t->v[i].kind != LEX_WORD)
		return false;
	at = t->v[i - 1].at;
	from = at + t->v[i - 1].len;
	if (at == 0 || t->text.p[at - 1] != ' ' || from == t->v[i].at)
		return false;
	while (from < t->v[i].at && t->text.p[from] == ' ')
		from++;
	return from == t->v[i].at;
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

enum err
mariadb_too_many(struct fault *f)
{
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "the statement names more than can be looked at");
}

bool
mariadb_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static void
take_folded(struct str *name, size_t n, struct str was, struct str is)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(name[i], was))
			name[i] = is;
}

enum err
mariadb_fold(struct mariadb_conn *c, struct arena *a, struct str *name,
    size_t n, struct mariadb_names *names, struct fault *f)
{
	size_t all = names->n;
	struct mariadb_rows r;

	for (size_t i = 0; i < all; i++) {
		struct str was = names->v[i];
		enum err e;

		if (mariadb_is_ascii(was))
			continue;
		e = mariadb_ask(c, a,
		    "SELECT LOWER(CONVERT(? USING utf8) COLLATE utf8_general_ci)",
		    &was, 1, &r, f);
		if (e != ERR_OK)
			return e;
		take_folded(name, n, was, mariadb_cell(&r, 0, 0));
		if (!mariadb_names_add(a, names, mariadb_cell(&r, 0, 0)))
			return mariadb_too_many(f);
	}
	return ERR_OK;
}
