/* SPDX-License-Identifier: ISC */
/* Prompts: the two of every site to the byte, and those of a configuration. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/content_site.h"

static const char prompts[] =
    "limits = { resource = 1024; };\n"
    "resources = { t = { uri = \"test://{x}\"; text = \"<{{x}}>\"; }; };\n"
    "prompts = {\n"
    "  many = { title = \"M\"; about = \"Many\";\n"
    "    params = { a = { about = \"A\"; required = true; };\n"
    "      n = { about = \"N\"; type = \"integer\"; min = 1; max = 9;\n"
    "        default = 3; };\n"
    "      f = { about = \"F\"; type = \"number\"; min = 0.5; };\n"
    "      b = { about = \"B\"; type = \"boolean\"; };\n"
    "      e = { about = \"E\"; enum = [ \"x\", \"y\" ]; }; };\n"
    "    messages = ( { text = \"{{a}}-{{n}}-{{e}}\"; },\n"
    "      { role = \"assistant\"; image = \"DOCS/dot.png\"; },\n"
    "      { audio = \"DOCS/raw\"; mime = \"audio/wav\"; },\n"
    "      { resource = \"x://{{a}}\"; text = \"{\\\"a\\\":\\\"{{a}}\\\"}\";\n"
    "        mime = \"application/json\"; },\n"
    "      { resource = \"f://x\"; path = \"DOCS/intro.md\"; },\n"
    "      { resource = \"test://{{e}}\"; } ); };\n"
    "  uri = { about = \"U\"; params = { u = { about = \"U\"; }; };\n"
    "    messages = ( { resource = \"{{u}}\"; text = \"x\"; } ); };\n"
    "  asks = { about = \"Asks\"; params = { a = { about = \"A\"; }; };\n"
    "    ask = { who = { message = \"Who is {{a}}?\"; params = {\n"
    "        name = { about = \"Name\"; required = true; };\n"
    "        age = { about = \"Age\"; type = \"integer\"; min = 0; max = 150;\n"
    "          default = 30; };\n"
    "        score = { about = \"S\"; type = \"number\"; default = 9.5; };\n"
    "        sure = { about = \"Q\"; type = \"boolean\"; default = true; };\n"
    "        mood = { about = \"M\"; enum = [ \"good\", \"bad\" ];\n"
    "          default = \"good\"; }; }; };\n"
    "      why = { message = \"Why?\"; params = {\n"
    "        text = { about = \"T\"; }; }; }; };\n"
    "    messages = ( { text = \"{{a}} {{who.name}} {{who.age}} {{who.mood}} {{why.text}}\"; } ); };\n"
    "  ours = { about = \"O\"; source = \"shop\";\n"
    "    messages = ( { resource = \"schema://shop/main/orders\"; } ); };\n"
    "  large = { about = \"L\"; messages = ( { image = \"DOCS/large.bin\"; },\n"
    "      { image = \"DOCS/large.bin\"; } ); };\n"
    "  theirs = { about = \"T\";\n"
    "    messages = ( { resource = \"schema://shop/main/orders\"; } ); };\n"
    "};\n";

static struct content_site s;
static struct prompt_result got;

static int
begin(void **state)
{
	(void)state;
	content_open(&s, prompts);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	content_close(&s);
	return 0;
}

static bool
holds(struct str text, const char *part)
{
	return memmem(text.p, text.len, part, strlen(part)) != NULL;
}

static enum err
get(const char *name, const char *arguments)
{
	struct tool_call *c = content_call(&s);
	enum err e = prompt_get(c, str_of(name),
	    arguments == NULL ? NULL : content_json(&s, str_of(arguments)),
	    &got, &s.site.fault);

	sources_reset(s.site.sources);
	return e;
}

static void
gives(const char *name, const char *arguments, const char *want)
{
	if (get(name, arguments) != ERR_OK)
		fail_msg("%s %s: %s", name, arguments, s.site.fault.msg);
	if (!str_eq(got.messages, str_of(want)))
		fail_msg("%s %s: %.*s", name, arguments, (int)got.messages.len,
		    got.messages.p);
}

static void
wrong(const char *name, const char *arguments, const char *field,
    const char *words)
{
	if (get(name, arguments) != ERR_ARGUMENT)
		fail_msg("%s %s: %s", name, arguments, s.site.fault.msg);
	assert_string_equal(s.site.fault.field, field);
	assert_string_equal(s.site.fault.msg + strlen("Invalid parameters: "),
	    words);
}

/* tools.md 7, to the byte. */
static void
test_own_list(void **state)
{
	static const char want[] =
	    "[{\"name\":\"create-greeting\",\"description\":\"Generate a customized greeting message\",\"arguments\":["
	    "{\"name\":\"name\",\"description\":\"Name of the person to greet\",\"required\":true},"
	    "{\"name\":\"style\",\"description\":\"The style of greeting, such as formal, excited, or casual. If not specified casual will be used\"}]},"
	    "{\"name\":\"search_metadata\",\"description\":\"Creates a prompt for searching metadata.\",\"arguments\":["
	    "{\"name\":\"query\",\"description\":\"Keywords to use for searching.\",\"required\":true},"
	    "{\"name\":\"entity_type\",\"description\":\"Entity type to filter by.\"},"
	    "{\"name\":\"limit\",\"description\":\"Maximum number of results to return. Default is 10.\"}]},"
	    "{\"name\":\"many\",";
	struct content_page page;

	(void)state;
	s.site.era = ERA_2025_03_26;
	assert_int_equal(prompt_list(content_call(&s), (struct str){ 0 }, &page,
			     &s.site.fault),
	    ERR_OK);
	assert_memory_equal(page.items.p, want, sizeof(want) - 1);
	s.site.era = ERA_2025_06_18;
	assert_int_equal(prompt_list(content_call(&s), (struct str){ 0 }, &page,
			     &s.site.fault),
	    ERR_OK);
	assert_true(holds(page.items,
	    "\"name\":\"search_metadata\",\"title\":\"Search metadata\","));
}

#define SAYS(text)                                                            \
	"[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"" text \
	"\"}}]"

static void
test_own(void **state)
{
	(void)state;
	gives("create-greeting", "{\"name\":\"Ann\"}",
	    SAYS("Please write a casual greeting for Ann."));
	gives("create-greeting",
	    "{\"name\":\"{{style}}\",\"style\":\"for\\u0000mal\\n\",\"x\":1}",
	    SAYS("Please write a formal\\n greeting for {{style}}."));
	assert_string_equal(got.description,
	    "Generate a customized greeting message");
	gives("search_metadata", "{\"query\":\"q\"}",
	    SAYS(
		"Search for data assets related to 'q' in the metadata catalog. Limit to 10 results."));
	gives("search_metadata",
	    "{\"query\":\"q\",\"entity_type\":\"table\",\"limit\":7}",
	    SAYS(
		"Search for tables related to 'q' in the metadata catalog. Filter results to show only 'table' entities and limit to 7 results."));
	wrong("search_metadata", NULL, "query",
	    "missing required field 'query'");
	for (const char *const *p =
		 (const char *const[]){ "0", "51", "x", "1.5", "", NULL };
	     *p != NULL; p++)
		wrong("search_metadata",
		    arena_fmt(s.site.arena,
			"{\"query\":\"q\",\"limit\":\"%s\"}", *p)
			.p,
		    "limit", "field 'limit' must be between 1 and 50");
	assert_int_equal(get("search_metadata",
			     "{\"query\":\"q\",\"limit\":\"50\"}"),
	    ERR_OK);
}

static void
test_configured(void **state)
{
	(void)state;
	s.site.era = ERA_2026_07_28;
	gives("many", "{\"a\":\"\\\"1\",\"e\":\"y\"}",
	    "[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"\\\"1-3-y\"}},"
	    "{\"role\":\"assistant\",\"content\":{\"type\":\"image\",\"data\":\"iVBORw0KGgoA/w==\",\"mimeType\":\"image/png\"}},"
	    "{\"role\":\"user\",\"content\":{\"type\":\"audio\",\"data\":\"//4=\",\"mimeType\":\"audio/wav\"}},"
	    "{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{\"uri\":\"x://%221\",\"mimeType\":\"application/json\",\"text\":\"{\\\"a\\\":\\\"\\\\\\\"1\\\"}\"}}},"
	    "{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{\"uri\":\"f://x\",\"mimeType\":\"text/markdown\",\"text\":\"# Hi\\n\"}}},"
	    "{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{\"uri\":\"test://y\",\"mimeType\":\"text/plain\",\"text\":\"<y>\"}}}]");
	s.site.era = ERA_2024_11_05;
	assert_int_equal(get("many", "{\"a\":\"1\",\"e\":\"x\"}"), ERR_OK);
	assert_false(holds(got.messages, "\"audio\""));
	assert_true(holds(got.messages,
	    "{\"uri\":\"audio://item\",\"mimeType\":\"audio/wav\",\"blob\":\"//4=\"}"));
}

static void
test_arguments(void **state)
{
	char text[4200];

	(void)state;
	wrong("many", "{}", "a", "missing required field 'a'");
	wrong("many", "{\"a\":[]}", "a", "field 'a' must be a string");
	wrong("many", "{\"a\":null}", "a", "field 'a' must be a string");
	wrong("many", "{\"a\":\"x\",\"n\":\"10\"}", "n",
	    "field 'n' must be between 1 and 9");
	wrong("many", "{\"a\":\"x\",\"f\":\"0.4\"}", "f",
	    "field 'f' must be at least 0.5");
	wrong("many", "{\"a\":\"x\",\"f\":\"1,5\"}", "f",
	    "field 'f' must be a number");
	wrong("many", "{\"a\":\"x\",\"b\":\"yes\"}", "b",
	    "field 'b' must be true or false");
	wrong("many", "{\"a\":\"x\",\"e\":\"z\"}", "e",
	    "field 'e' must be one of x, y");
	assert_int_equal(
	    get("many",
		"{\"a\":1.5,\"n\":9,\"f\":0.5,\"b\":true,\"e\":\"x\",\"more\":{}}"),
	    ERR_OK);
	for (int n = 4095; n <= 4097; n++) {
		memset(text, 'x', sizeof(text));
		memcpy(text, "{\"name\":\"", 9);
		memcpy(text + 9 + n, "\"}", 3);
		assert_int_equal(get("create-greeting", text),
		    n <= 4096 ? ERR_OK : ERR_ARGUMENT);
	}
}

/* A URI that comes from an argument is one, or there is no prompt. */
static void
test_uri(void **state)
{
	static const char *const bad[] = { "{}", "{\"u\":\"\"}",
		"{\"u\":\"x\"}", "{\"u\":\"a b:c\"}", "{\"u\":\"a:b c\"}",
		"{\"u\":\"javascript\"}", "{\"u\":\"a:\\\"\"}" };

	(void)state;
	gives("uri", "{\"u\":\"test://example-resource\"}",
	    "[{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{\"uri\":\"test://example-resource\",\"mimeType\":\"text/plain\",\"text\":\"x\"}}}]");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (get("uri", bad[i]) != ERR_PARAMS)
			fail_msg("%s", bad[i]);
}

static void
test_rights(void **state)
{
	(void)state;
	assert_int_equal(get("ours", NULL), ERR_OK);
	assert_int_equal(get("none", NULL), ERR_UNKNOWN_PROMPT);
	assert_string_equal(s.site.fault.msg, "Prompt not found: none");
	site_grants(&s.site, SCOPE_READ, "blog:SELECT");
	assert_int_equal(get("ours", NULL), ERR_UNKNOWN_PROMPT);
	/* What is embedded is read with the rights of who asks. */
	assert_int_equal(get("theirs", NULL), ERR_UNKNOWN_RESOURCE);
	site_caller(&s.site, SCOPE_WRITE, VERB_ALL);
	assert_int_equal(get("create-greeting", "{\"name\":\"x\"}"),
	    ERR_UNKNOWN_PROMPT);
}

/* All files of a prompt together have one ceiling. */
static void
test_ceiling(void **state)
{
	char bytes[513] = { 0 };

	(void)state;
	content_file(&s, "large.bin", bytes, 512);
	assert_int_equal(get("large", NULL), ERR_OK);
	content_file(&s, "large.bin", bytes, 513);
	assert_int_equal(get("large", NULL), ERR_TOO_LARGE);
}

static enum err
answer(const char *answers)
{
	struct tool_asking asking = { .form = true,
		.answers = content_json(&s, str_of(answers)) };
	struct tool_call *c = content_call(&s);
	enum err e;

	c->asking = &asking;
	e = prompt_get(c, STR("asks"), content_json(&s, STR("{\"a\":\"Bo\"}")),
	    &got, &s.site.fault);
	return e;
}

static void
test_asks(void **state)
{
	static const char want[] =
	    "{\"who\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"form\",\"message\":\"Who is Bo?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{"
	    "\"name\":{\"type\":\"string\",\"description\":\"Name\"},"
	    "\"age\":{\"type\":\"integer\",\"description\":\"Age\",\"minimum\":0,\"maximum\":150,\"default\":30},"
	    "\"score\":{\"type\":\"number\",\"description\":\"S\",\"default\":9.5},"
	    "\"sure\":{\"type\":\"boolean\",\"description\":\"Q\",\"default\":true},"
	    "\"mood\":{\"type\":\"string\",\"description\":\"M\",\"enum\":[\"good\",\"bad\"],\"default\":\"good\"}},"
	    "\"required\":[\"name\"]}}},"
	    "\"why\":{\"method\":\"elicitation/create\",\"params\":{\"mode\":\"form\",\"message\":\"Why?\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{"
	    "\"text\":{\"type\":\"string\",\"description\":\"T\"}}}}}}";

	(void)state;
	assert_int_equal(get("asks", "{\"a\":\"Bo\"}"), ERR_OK);
	if (!str_eq(got.ask, str_of(want)))
		fail_msg("%.*s", (int)got.ask.len, got.ask.p);
	assert_int_equal(got.messages.len, 0);

	/* One answer of two: it is asked again. */
	assert_int_equal(
	    answer(
		"{\"who\":{\"action\":\"accept\",\"content\":{\"name\":\"B\"}}}"),
	    ERR_OK);
	assert_true(got.ask.len > 0);

	assert_int_equal(
	    answer(
		"{\"who\":{\"action\":\"accept\",\"content\":{\"name\":\"{{a}}\",\"age\":41}},\"why\":{\"action\":\"accept\",\"content\":{\"text\":\"so\"}}}"),
	    ERR_OK);
	assert_int_equal(got.ask.len, 0);
	assert_true(str_eq(got.messages, STR(SAYS("Bo {{a}} 41 good so"))));
}

static void
test_not_answered(void **state)
{
	(void)state;
	assert_int_equal(
	    answer(
		"{\"who\":{\"action\":\"decline\"},\"why\":{\"action\":\"accept\",\"content\":{}}}"),
	    ERR_PARAMS);
	assert_string_equal(s.site.fault.msg,
	    "The user did not answer the question 'who'");
	assert_int_equal(
	    answer(
		"{\"who\":{\"action\":\"accept\",\"content\":{\"name\":\"x\"}},\"why\":{\"action\":\"cancel\"}}"),
	    ERR_PARAMS);
	assert_int_equal(
	    answer(
		"{\"who\":{\"action\":\"accept\"},\"why\":{\"action\":\"accept\"}}"),
	    ERR_ARGUMENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_own_list),
		TEST(test_own),
		TEST(test_configured),
		TEST(test_arguments),
		TEST(test_uri),
		TEST(test_rights),
		TEST(test_ceiling),
		TEST(test_asks),
		TEST(test_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
