/* SPDX-License-Identifier: ISC */
/* Addresses: every line of tests/cases/content/uri.txt, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "content/content_int.h"

static struct arena *a;

static int
begin(void **state)
{
	(void)state;
	a = arena_new((size_t)16 << 20);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* "a=x b=y" of what was found, or "-". */
static struct str
found(struct str pattern, struct str uri)
{
	struct uri_value v[URI_VALUES];
	struct buf b;
	size_t n;

	buf_init(&b, a, 65536);
	if (!uri_match(a, pattern, uri, v, &n))
		return STR("-");
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s%.*s=%.*s", i == 0 ? "" : " ",
		    (int)v[i].name.len, v[i].name.p, (int)v[i].value.len,
		    v[i].value.p);
	return buf_text(&b);
}

static void
test_cases(void **state)
{
	const char *src = getenv("srcdir");
	char line[1000];
	int n = 0;
	FILE *in = fopen(arena_fmt(a, "%s/tests/cases/content/uri.txt",
			     src == NULL ? "." : src)
			     .p,
	    "r");

	(void)state;
	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL) {
		struct str rest = { line, strcspn(line, "\n") }, pattern, uri,
			   got;

		if (rest.len == 0 || rest.p[0] == '#')
			continue;
		assert_true(str_cut(&rest, '|', &pattern));
		assert_true(str_cut(&rest, '|', &uri));
		got = found(str_trim(pattern), str_trim(uri));
		if (!str_eq(got, str_trim(rest)))
			fail_msg("%.*s: %.*s", (int)strcspn(line, "\n"), line,
			    (int)got.len, got.p);
		n++;
	}
	(void)fclose(in);
	assert_true(n > 25);
}

/* What a name becomes is found again by the template, whatever is in it. */
static void
test_there_and_back(void **state)
{
	static const struct str names[] = { STR("orders"), STR("odd/na me%"),
		STR("{x}"), STR("?#[]@:"), STR("\xc3\xa9"), STR(".."),
		STR("a%2Fb"), STR("\"'`;") };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct uri_value v[URI_VALUES];
		struct str uri =
		    uri_of_table(a, STR("shop"), names[i], names[i]);
		size_t n;

		assert_true(uri_valid(uri));
		assert_true(uri_match(a,
		    STR("schema://{source}/{schema}/{table}"), uri, v, &n));
		assert_int_equal(n, 3);
		assert_true(str_eq(v[1].value, names[i]));
		assert_true(str_eq(v[2].value, names[i]));
	}
}

static void
test_valid(void **state)
{
	static const char *const good[] = { "a:b", "docs://x/y?z=1#f",
		"urn:x:y", "A+b-c.d:%20" };
	static const char *const bad[] = { "", ":", "a:", "docs", "1a:b",
		"/a:b", "a b:c", "a:b c", "a:\"", "a:\xc3\xa9", "a:\n",
		"do_cs:x", "a:<b>" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(uri_valid(str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (uri_valid(str_of(bad[i])))
			fail_msg("%s", bad[i]);
}

/* One below, at and one above the longest. */
static void
test_longest(void **state)
{
	char *text = arena_get(a, URI_MAX + 2);
	struct uri_value v[URI_VALUES];
	size_t n;

	(void)state;
	memset(text, 'a', URI_MAX + 2);
	text[1] = ':';
	for (int d = -1; d <= 1; d++) {
		struct str uri = { text, (size_t)(URI_MAX + d) };

		assert_int_equal(uri_valid(uri), d <= 0);
		assert_int_equal(uri_match(a, STR("a:{x}"), uri, v, &n),
		    d <= 0);
	}
}

static void
test_insert(void **state)
{
	static const struct insert_value v[] = {
		{ STR("a"), STR("1\"<&\n\t\x7f\xc2\x85{{b}}") },
		{ STR("b"), STR("two") },
		{ STR("q.x"), STR("docs://a b") },
	};
	static const struct {
		const char *text;
		enum insert_form form;
		const char *want;
	} cases[] = {
		{ "{{a}}", INSERT_PLAIN, "1\"<&\n{{b}}" },
		{ "[{{a}}]", INSERT_JSON, "[1\\\"<&\\n{{b}}]" },
		{ "{{a}}", INSERT_MARKUP, "1&quot;&lt;&amp;\n{{b}}" },
		{ "{{b}}{{b}}", INSERT_PLAIN, "twotwo" },
		{ "{{c}} {{}} {b} {{ b }} {{b}", INSERT_PLAIN,
		    "{{c}} {{}} {b} {{ b }} {{b}" },
		{ "{{{b}}}", INSERT_PLAIN, "{two}" },
		{ "x://{{q.x}}", INSERT_URI, "x://docs%3A%2F%2Fa%20b" },
		{ "{{q.x}}/{{b}}", INSERT_URI, "docs://a b/two" },
		{ "", INSERT_PLAIN, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got;

		assert_true(
		    insert_values(a, cases[i].text, v, 3, cases[i].form, &got));
		if (!str_eq(got, str_of(cases[i].want)))
			fail_msg("%s: %.*s", cases[i].text, (int)got.len,
			    got.p);
	}
}

/* What would not fit is refused as a whole. */
static void
test_insert_too_much(void **state)
{
	size_t each = 1 << 20;
	char *big = arena_get(a, each);
	struct insert_value v = { STR("a"), { big, each } };
	struct arena *wide = arena_new((size_t)128 << 20);
	char text[17 * 5 + 1];
	struct str got;

	(void)state;
	memset(big, 'x', each);
	for (size_t i = 0; i < 17; i++)
		memcpy(text + 5 * i, "{{a}}", 6);
	assert_false(insert_values(wide, text, &v, 1, INSERT_PLAIN, &got));
	text[16 * 5] = '\0';
	assert_true(insert_values(wide, text, &v, 1, INSERT_PLAIN, &got));
	assert_int_equal(got.len, 16 * each);
	arena_free(wide);
}

static void
test_mime(void **state)
{
	(void)state;
	assert_string_equal(mime_of(STR("a.b/C.MD")), "text/markdown");
	assert_string_equal(mime_of(STR("x.png")), "image/png");
	assert_null(mime_of(STR("png")));
	assert_null(mime_of(STR("x.unknown")));
	assert_null(mime_of(STR("")));
	assert_true(mime_is_text(STR("text/html;profile=mcp-app")));
	assert_true(mime_is_text(STR("application/ld+json")));
	assert_true(mime_is_text(STR("image/svg+xml")));
	assert_false(mime_is_text(STR("image/png")));
	assert_int_equal(mime_form(STR("application/json")), INSERT_JSON);
	assert_int_equal(mime_form(STR("text/html; charset=utf-8")),
	    INSERT_MARKUP);
	assert_int_equal(mime_form(STR("text/plain")), INSERT_PLAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cases, begin, end),
		cmocka_unit_test_setup_teardown(test_there_and_back, begin,
		    end),
		cmocka_unit_test_setup_teardown(test_valid, begin, end),
		cmocka_unit_test_setup_teardown(test_longest, begin, end),
		cmocka_unit_test_setup_teardown(test_insert, begin, end),
		cmocka_unit_test_setup_teardown(test_insert_too_much, begin,
		    end),
		cmocka_unit_test_setup_teardown(test_mime, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
