/* SPDX-License-Identifier: ISC */
/* The gate against tests/cases/gate: the expected answer, then the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/gate.h"

static bool
is_source(const void *arg, struct str s)
{
	(void)arg;
	return str_eq(s, STR("shop")) || str_eq(s, STR("blog"));
}

/* \n \t \0 and \\ */
static struct str
unescape(struct arena *a, struct str s)
{
	char *p = arena_get(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.len) {
			c = s.p[++i];
			c = (char)(c == 'n'   ? '\n'
				   : c == 'r' ? '\r'
				   : c == 't' ? '\t'
				   : c == '0' ? '\0'
					      : c);
		}
		p[n++] = c;
	}
	return (struct str){ p, n };
}

static struct str
joined(struct arena *a, const struct str *v, size_t n)
{
	struct str out = STR("");

	for (size_t i = 0; i < n; i++)
		out = arena_fmt(a, "%.*s%s%.*s", (int)out.len, out.p,
		    i == 0 ? "" : "+", (int)v[i].len, v[i].p);
	return out;
}

static struct str
marks(struct arena *a, const struct gate *g)
{
	struct str v[16];
	size_t n = g->nmarks < 16 ? g->nmarks : 16;

	for (size_t i = 0; i < n; i++)
		v[i] = g->marks[i].name;
	return joined(a, v, n);
}

static struct str
with(struct arena *a, struct str s, char from, char to)
{
	char *p = arena_z(a, s);

	for (size_t i = 0; i < s.len; i++)
		p[i] = p[i] == from ? to : p[i];
	return (struct str){ p, s.len };
}

/* Does one further expectation hold? */
static bool
holds(struct arena *a, const struct gate *g, struct str want)
{
	struct {
		struct str name, value;
	} have[] = {
		{ STR("verb="), g->verb },
		{ STR("first="), g->first },
		{ STR("source="), g->source },
		{ STR("tables="), joined(a, g->tables, g->ntables) },
		{ STR("marks="), marks(a, g) },
		{ STR("verbs="), with(a, verbs_text(a, g->verbs), ',', '+') },
		{ STR("text="), with(a, g->text, ' ', '_') },
	};

	for (size_t i = 0; i < sizeof(have) / sizeof(have[0]); i++)
		if (str_starts(want, have[i].name)) {
			if (str_eq(str_from(want, have[i].name.len),
				have[i].value))
				return true;
			print_error("have %.*s%.*s\n", (int)have[i].name.len,
			    have[i].name.p, (int)have[i].value.len,
			    have[i].value.p);
			return false;
		}
	if (str_eq(want, STR("where")))
		return g->has_where;
	if (str_eq(want, STR("nowhere")))
		return !g->has_where;
	if (str_eq(want, STR("order")))
		return g->has_order;
	if (str_eq(want, STR("returning")))
		return g->has_returning;
	if (str_eq(want, STR("two_sources")))
		return g->two_sources;
	return false;
}

/* One line; false with a complaint when it is not as expected. */
static bool
check(struct arena *a, enum sql_dialect d, struct str want, struct str sql)
{
	struct fault f = { 0 };
	struct gate g;
	enum err e = gate_read(a, d, unescape(a, sql), is_source, NULL, &g, &f);
	const char *have = e == ERR_OK ? sql_class_name(g.class) : err_name(e);
	struct str piece;

	str_cut(&want, ' ', &piece);
	if (!str_eq(piece, str_of(have))) {
		print_error("have %s (%s)\n", have, f.msg);
		return false;
	}
	while (str_cut(&want, ' ', &piece))
		if (!holds(a, &g, piece))
			return false;
	return true;
}

static void
run_file(const char *name, enum sql_dialect d)
{
	const char *srcdir = getenv("srcdir");
	struct arena *a = arena_new((size_t)1 << 26);
	char path[512], line[8192];
	int n = 0, bad = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/tests/cases/gate/%s.txt",
	    srcdir == NULL ? "." : srcdir, name);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL) {
		char *colon = strstr(line, " : ");
		char *end = strchr(line, '\n');

		if (line[0] == '#' || colon == NULL || end == NULL)
			continue;
		n++;
		if (!check(a, d, (struct str){ line, (size_t)(colon - line) },
			(struct str){ colon + 3, (size_t)(end - colon - 3) })) {
			bad++;
			print_error("%s (dialect %d): %s", name, d, line);
		}
		arena_reset(a);
	}
	fclose(in);
	arena_free(a);
	assert_true(n > 5);
	assert_int_equal(bad, 0);
}

static const char *const files[] = { "sqlite", "pgsql", "mariadb", "clickhouse",
	"odbc" };

static void
all_dialects(void **state)
{
	(void)state;
	for (int d = 0; d <= DIALECT_ODBC; d++)
		run_file("all", (enum sql_dialect)d);
}

static void
each_dialect(void **state)
{
	(void)state;
	for (int d = 0; d <= DIALECT_ODBC; d++)
		run_file(files[d], (enum sql_dialect)d);
}

static void
data_is_bound_in_front(void **state)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "SELECT data.data, 'data' FROM data WHERE x=@p",
		    "WITH data AS (SELECT * FROM \"t\") SELECT data.data, "
		    "'data' FROM data WHERE x=@p" },
		{ "WITH x AS (SELECT 1) SELECT * FROM data, x WHERE y=@p",
		    "WITH data AS (SELECT * FROM \"t\"), x AS (SELECT 1) "
		    "SELECT * FROM data, x WHERE y=@p" },
		{ "WITH RECURSIVE x AS (SELECT 1) SELECT * FROM data WHERE y=@p",
		    "WITH RECURSIVE data AS (SELECT * FROM \"t\"), x AS (SELECT "
		    "1) SELECT * FROM data WHERE y=@p" },
	};
	struct arena *a = arena_new((size_t)1 << 20);
	struct fault f = { 0 };
	struct gate g, whole;
	size_t at, len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(gate_read(a, DIALECT_SQLITE,
				     str_of(cases[i].sql), NULL, NULL, &g, &f),
		    ERR_OK);
		assert_true(gate_wants_data(&g));
		whole = g;
		gate_bind_data(a, DIALECT_SQLITE, &g, STR("\"t\""), &at, &len);
		assert_memory_equal(whole.text.p + whole.marks[0].at, "@p", 2);
		assert_string_equal(arena_z(a, g.text), cases[i].want);
		assert_memory_equal(g.text.p + g.marks[0].at, "@p", 2);
		assert_memory_equal(g.text.p + at + len, cases[i].sql + at, 5);
	}
	assert_int_equal(
	    gate_read(a, DIALECT_SQLITE,
		STR("WITH data AS (SELECT 1) SELECT * FROM data, \"x\""), NULL,
		NULL, &g, &f),
	    ERR_OK);
	assert_false(gate_wants_data(&g));
	arena_free(a);
}

static void
words_are_found_as_words(void **state)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct str sql =
	    STR("SELECT \"E Mail\", 'using' /* USING */ FROM T -- using");

	(void)state;
	assert_false(gate_has_word(a, DIALECT_SQLITE, sql, STR("USING")));
	assert_true(gate_has_word(a, DIALECT_SQLITE, sql, STR("from")));
	assert_string_equal(arena_z(a, gate_spelling(a, DIALECT_SQLITE, sql,
					   STR("e mail"))),
	    "E Mail");
	assert_string_equal(arena_z(a, gate_spelling(a, DIALECT_SQLITE, sql,
					   STR("t"))),
	    "T");
	assert_null(gate_spelling(a, DIALECT_SQLITE, sql, STR("using")).p);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_dialects),
		cmocka_unit_test(each_dialect),
		cmocka_unit_test(data_is_bound_in_front),
		cmocka_unit_test(words_are_found_as_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
