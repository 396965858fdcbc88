/* SPDX-License-Identifier: ISC */
/* completion/complete: what is offered, to whom, and how much of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/content_site.h"

static const char more[] =
    "resources = {\n"
    "  page = { uri = \"page://{lang}/{name}\"; folder = \"DOCS\"; };\n"
    "  deep = { uri = \"deep://{+path}\"; folder = \"DOCS\"; };\n"
    "  item = { uri = \"item://{kind}/{table}\"; text = \"{{kind}}\";\n"
    "    params = { kind = { about = \"K\"; enum = [ \"new\", \"used\" ]; };\n"
    "      table = { about = \"T\"; complete = \"tables\"; }; }; };\n"
    "  ours = { uri = \"ours://{x}\"; text = \"{{x}}\"; source = \"shop\"; };\n"
    "};\n"
    "prompts = {\n"
    "  p = { about = \"P\"; params = {\n"
    "      where = { about = \"W\"; complete = \"sources\"; };\n"
    "      part = { about = \"S\"; complete = \"schemas\"; };\n"
    "      what = { about = \"T\"; complete = \"tables\"; };\n"
    "      how = { about = \"H\"; enum = [ \"fast\", \"Fine\", \"slow\" ]; };\n"
    "      free = { about = \"F\"; }; };\n"
    "    messages = ( { text = \"{{where}}{{part}}{{what}}{{how}}{{free}}\"; } ); };\n"
    "};\n";

static struct content_site s;

static int
begin(void **state)
{
	(void)state;
	content_open(&s, more);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	content_close(&s);
	return 0;
}

static enum err
ask(bool prompt, const char *ref, const char *name, const char *value,
    const char *context, struct str *out)
{
	struct complete_ask q = { .prompt = prompt,
		.ref = str_of(ref),
		.name = str_of(name),
		.value = str_of(value),
		.context = context == NULL
			       ? NULL
			       : content_json(&s, str_of(context)) };
	enum err e = complete_find(content_call(&s), &q, out, &s.site.fault);

	sources_reset(s.site.sources);
	return e;
}

#define ALL(values, n) \
	"{\"values\":[" values "],\"total\":" n ",\"hasMore\":false}"

static void
test_offers(void **state)
{
	static const char schema[] = "schema://{source}/{schema}/{table}";
	static const struct {
		bool prompt;
		const char *ref, *name, *value, *context, *want;
	} cases[] = {
		{ true, "p", "where", "", NULL, ALL("\"blog\",\"shop\"", "2") },
		{ true, "p", "where", "S", NULL, ALL("\"shop\"", "1") },
		{ true, "p", "where", "shopx", NULL, ALL("", "0") },
		{ true, "p", "part", "", NULL, ALL("\"main\"", "1") },
		{ true, "p", "what", "", "{\"where\":\"blog\"}",
		    ALL("\"posts\"", "1") },
		{ true, "p", "what", "o", NULL, ALL("\"orders\"", "1") },
		{ true, "p", "what", "p", "{\"where\":\"shop\"}",
		    ALL("", "0") },
		{ true, "p", "what", "", "{\"where\":\"none\"}", ALL("", "0") },
		{ true, "p", "what", "%", NULL, ALL("", "0") },
		{ true, "p", "what", "_", NULL, ALL("", "0") },
		{ true, "p", "what", "secret", NULL, ALL("", "0") },
		{ true, "p", "what", "", "{\"where\":\"shop\",\"part\":\"no\"}",
		    ALL("", "0") },
		{ true, "p", "how", "f", NULL, ALL("\"fast\",\"Fine\"", "2") },
		{ true, "p", "free", "f", NULL, ALL("", "0") },
		{ true, "create-greeting", "style", "f", NULL, ALL("", "0") },
		{ false, "schema://{source}", "source", "b", NULL,
		    ALL("\"blog\"", "1") },
		{ false, schema, "source", "", NULL,
		    ALL("\"blog\",\"shop\"", "2") },
		{ false, schema, "schema", "m", "{\"source\":\"shop\"}",
		    ALL("\"main\"", "1") },
		{ false, schema, "table", "",
		    "{\"source\":\"shop\",\"schema\":\"main\"}",
		    ALL("\"big\",\"customers\",\"orders\",\"totals\"", "4") },
		{ false, "page://{lang}/{name}", "lang", "", NULL,
		    ALL("\"en\"", "1") },
		{ false, "page://{lang}/{name}", "name", "",
		    "{\"lang\":\"en\"}", ALL("\"page.txt\"", "1") },
		{ false, "page://{lang}/{name}", "name", "",
		    "{\"lang\":\"..\"}", ALL("", "0") },
		{ false, "deep://{+path}", "path", "en/", NULL,
		    ALL("\"en/deep/er.json\",\"en/page.txt\"", "2") },
		{ false, "deep://{+path}", "path", ".", NULL, ALL("", "0") },
		{ false, "item://{kind}/{table}", "kind", "", NULL,
		    ALL("\"new\",\"used\"", "2") },
		{ false, "item://{kind}/{table}", "table", "cust", NULL,
		    ALL("\"customers\"", "1") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = { 0 };

		if (ask(cases[i].prompt, cases[i].ref, cases[i].name,
			cases[i].value, cases[i].context, &got) != ERR_OK)
			fail_msg("%zu: %s", i, s.site.fault.msg);
		if (!str_eq(got, str_of(cases[i].want)))
			fail_msg("%zu %s: %.*s", i, cases[i].want, (int)got.len,
			    got.p);
	}
}

static void
unknown(bool prompt, const char *ref, const char *name)
{
	struct str got;

	if (ask(prompt, ref, name, "", NULL, &got) != ERR_PARAMS)
		fail_msg("%s %s", ref, name);
}

static void
test_unknown(void **state)
{
	(void)state;
	unknown(true, "none", "x");
	unknown(true, "p", "x");
	unknown(true, "", "");
	unknown(false, "none://{x}", "x");
	unknown(false, "page://{lang}/{name}", "x");
	unknown(false, "schema://{source}", "table");
	unknown(false, "schema://shop", "source");
	unknown(false, "ours://{x}", "y");
}

static void
test_rights(void **state)
{
	struct str got;

	(void)state;
	site_grants(&s.site, SCOPE_READ, "blog:SELECT");
	assert_int_equal(ask(true, "p", "where", "", NULL, &got), ERR_OK);
	assert_true(str_eq(got, STR(ALL("\"blog\"", "1"))));
	assert_int_equal(ask(true, "p", "what", "", "{\"where\":\"shop\"}",
			     &got),
	    ERR_OK);
	assert_true(str_eq(got, STR(ALL("", "0"))));
	unknown(false, "ours://{x}", "x");
	site_caller(&s.site, SCOPE_WRITE, VERB_ALL);
	unknown(true, "p", "where");
	unknown(false, "page://{lang}/{name}", "lang");
	/* The address of the sources is no secret; there are none. */
	assert_int_equal(ask(false, "schema://{source}", "source", "", NULL,
			     &got),
	    ERR_OK);
	assert_true(str_eq(got, STR(ALL("", "0"))));
}

/* One below, at and one above what an answer may hold. */
static void
test_ceiling(void **state)
{
	(void)state;
	for (int n = 96; n <= 98; n++) {
		struct str got = { 0 };
		json_t *c;

		for (int i = 0; i < n; i++)
			site_sql(&s.site, "shop.db",
			    arena_fmt(s.site.arena,
				"CREATE TABLE IF NOT EXISTS t%03d(x)", i)
				.p);
		assert_int_equal(ask(true, "p", "what", "",
				     "{\"where\":\"shop\"}", &got),
		    ERR_OK);
		c = content_json(&s, got);
		assert_int_equal(json_array_size(json_member(c, "values")),
		    n + 4 > 100 ? 100 : n + 4);
		assert_int_equal(json_integer_value(json_member(c, "total")),
		    n + 4);
		assert_int_equal(json_is_true(json_member(c, "hasMore")),
		    n + 4 > 100);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_offers),
		TEST(test_unknown),
		TEST(test_rights),
		TEST(test_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
