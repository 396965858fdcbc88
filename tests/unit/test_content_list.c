/* SPDX-License-Identifier: ISC */
/* The lists: what stands in them, by pages, by rights, and by setting. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/content_site.h"

static const char resources[] =
    "resources = {\n"
    "  text = { uri = \"test://text\"; text = \"words\"; title = \"T\";\n"
    "    about = \"A\"; };\n"
    "  png = { uri = \"test://png\"; path = \"DOCS/dot.png\"; };\n"
    "  all = { uri = \"docs://all\"; folder = \"DOCS\"; };\n"
    "  page = { uri = \"page://{lang}/{name}\"; folder = \"DOCS\";\n"
    "    title = \"Pages\"; };\n"
    "  ours = { uri = \"test://ours/{x}\"; text = \"{{x}}\";\n"
    "    source = \"shop\"; };\n"
    "};\n";

static struct content_site s;

static int
end(void **state)
{
	(void)state;
	content_close(&s);
	return 0;
}

static const char *
uris(json_t *list, const char *key)
{
	struct buf b;

	buf_init(&b, s.site.arena, 1 << 20);
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct str u =
		    json_text(json_member(json_array_get(list, i), key));

		buf_fmt(&b, "%s%.*s", i == 0 ? "" : " ", (int)u.len, u.p);
	}
	return arena_z(s.site.arena, buf_text(&b));
}

static const char whole[] =
    "test://text test://png docs://all/a%20b%25.md docs://all/dot.png"
    " docs://all/empty.txt docs://all/en/deep/er.json docs://all/en/page.txt"
    " docs://all/intro.md docs://all/large.bin docs://all/plain docs://all/raw"
    " schema://blog schema://blog/main/posts"
    " schema://shop schema://shop/main/big schema://shop/main/customers"
    " schema://shop/main/orders schema://shop/main/totals";

static void
test_whole(void **state)
{
	json_t *list;

	(void)state;
	content_open(&s, resources);
	list = content_list_all(&s);
	assert_string_equal(uris(list, "uri"), whole);
	assert_string_equal(site_dump(&s.site,
				content_entry(list, "test://text")),
	    "{\"uri\":\"test://text\",\"name\":\"text\",\"title\":\"T\",\"description\":\"A\",\"mimeType\":\"text/plain\",\"size\":5}");
	assert_string_equal(site_dump(&s.site,
				content_entry(list, "docs://all/en/page.txt")),
	    "{\"uri\":\"docs://all/en/page.txt\",\"name\":\"en/page.txt\",\"mimeType\":\"text/plain\",\"size\":4}");
	assert_string_equal(site_dump(&s.site,
				content_entry(list, "docs://all/raw")),
	    "{\"uri\":\"docs://all/raw\",\"name\":\"raw\",\"size\":2}");

	/* Whatever is listed can be read. */
	for (size_t i = 0; i < json_array_size(list); i++)
		assert_non_null(content_read_text(&s,
		    arena_z(s.site.arena,
			json_text(
			    json_member(json_array_get(list, i), "uri")))));

	s.site.era = ERA_2025_03_26;
	assert_null(
	    json_member(content_entry(content_list_all(&s), "test://text"),
		"title"));
}

/* Files come and go without anything being read again. */
static void
test_live(void **state)
{
	char path[300];

	(void)state;
	content_open(&s, resources);
	content_file(&s, "en/new.md", "new", 3);
	assert_non_null(
	    content_entry(content_list_all(&s), "docs://all/en/new.md"));
	snprintf(path, sizeof(path), "%s/en/new.md", s.docs);
	assert_int_equal(remove(path), 0);
	assert_null(
	    content_entry(content_list_all(&s), "docs://all/en/new.md"));
}

/* Pages of every length hold the same entries, each once. */
static void
test_pages(void **state)
{
	(void)state;
	for (int size = 1; size <= 18; size++) {
		char text[4096];

		snprintf(text, sizeof(text), "list_page_size = %d;\n%s", size,
		    resources);
		content_open(&s, text);
		assert_string_equal(uris(content_list_all(&s), "uri"), whole);
		if (size < 18)
			content_close(&s);
	}
}

typedef enum err list_fn(struct tool_call *c, struct str cursor,
    struct content_page *out, struct fault *f);

static json_t *
first_page(list_fn *list, struct content_page *page)
{
	assert_int_equal(list(content_call(&s), (struct str){ 0 }, page,
			     &s.site.fault),
	    ERR_OK);
	return content_json(&s, page->items);
}

static void
test_cursors(void **state)
{
	list_fn *const lists[] = { resource_list, resource_templates,
		prompt_list };
	struct content_page page, other;
	struct str mine;
	char text[4096];

	(void)state;
	(void)snprintf(text, sizeof(text), "list_page_size = 1;\n%s",
	    resources);
	content_open(&s, text);
	for (size_t i = 0; i < 3; i++) {
		(void)first_page(lists[i], &page);
		assert_true(page.next.len > 0);
		mine = page.next;
		/* Of another list, changed, late, of another token. */
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(lists[k](content_call(&s), mine,
					     &other, &s.site.fault),
			    i == k ? ERR_OK : ERR_PARAMS);
		((char *)(uintptr_t)mine.p)[mine.len / 2] ^= 1;
		assert_int_equal(lists[i](content_call(&s), mine, &other,
				     &s.site.fault),
		    ERR_PARAMS);
		((char *)(uintptr_t)mine.p)[mine.len / 2] ^= 1;
		s.site.now_s += 3601;
		assert_int_equal(lists[i](content_call(&s), mine, &other,
				     &s.site.fault),
		    ERR_PARAMS);
		s.site.now_s -= 3601;
		s.site.who.key.id[0] = 'f';
		assert_int_equal(lists[i](content_call(&s), mine, &other,
				     &s.site.fault),
		    ERR_PARAMS);
		s.site.who.key.id[0] = '0';
		assert_int_equal(lists[i](content_call(&s), STR(""), &other,
				     &s.site.fault),
		    ERR_PARAMS);
	}
}

static void
test_templates(void **state)
{
	struct content_page page;
	json_t *list;

	(void)state;
	content_open(&s, resources);
	list = first_page(resource_templates, &page);
	assert_string_equal(uris(list, "uriTemplate"),
	    "page://{lang}/{name} test://ours/{x} schema://{source} schema://{source}/{schema}/{table}");
	assert_string_equal(site_dump(&s.site, json_array_get(list, 0)),
	    "{\"uriTemplate\":\"page://{lang}/{name}\",\"name\":\"page\",\"title\":\"Pages\"}");
	assert_int_equal(page.next.len, 0);
}

static void
test_rights(void **state)
{
	struct content_page page;

	(void)state;
	content_open(&s, resources);
	site_grants(&s.site, SCOPE_READ, "blog:SELECT");
	assert_null(content_entry(content_list_all(&s), "schema://shop"));
	assert_non_null(content_entry(content_list_all(&s), "schema://blog"));
	assert_string_equal(uris(first_page(resource_templates, &page),
				"uriTemplate"),
	    "page://{lang}/{name} schema://{source} schema://{source}/{schema}/{table}");

	site_caller(&s.site, SCOPE_WRITE, VERB_ALL);
	assert_int_equal(json_array_size(content_list_all(&s)), 0);
	assert_int_equal(json_array_size(first_page(resource_templates, &page)),
	    0);
	assert_int_equal(json_array_size(first_page(prompt_list, &page)), 0);

	/* The path and the query narrow as they do for tools. */
	site_reader(&s.site);
	s.site.filter.source = conf_source_index(s.site.conf, STR("blog"));
	assert_null(content_entry(content_list_all(&s), "schema://shop"));
	assert_non_null(content_entry(content_list_all(&s), "schema://blog"));
	tool_filter_init(&s.site.filter);
	assert_true(site_narrow(&s.site, "sql", NULL));
	assert_null(content_entry(content_list_all(&s), "schema://blog"));
	assert_non_null(content_read_text(&s, "schema://blog"));
	assert_true(site_narrow(&s.site, NULL, "get_columns"));
	assert_non_null(content_entry(content_list_all(&s), "schema://blog"));
}

static void
test_source_resources(void **state)
{
	static const struct {
		const char *word, *list, *templates;
	} cases[] = {
		{ "tables",
		    "schema://blog schema://blog/main/posts schema://shop schema://shop/main/big schema://shop/main/customers schema://shop/main/orders schema://shop/main/totals",
		    "schema://{source} schema://{source}/{schema}/{table}" },
		{ "sources", "schema://blog schema://shop",
		    "schema://{source}" },
		{ "off", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct content_page page;
		char text[100];

		snprintf(text, sizeof(text), "source_resources = \"%s\";\n",
		    cases[i].word);
		content_open(&s, text);
		assert_string_equal(uris(content_list_all(&s), "uri"),
		    cases[i].list);
		assert_string_equal(uris(first_page(resource_templates, &page),
					"uriTemplate"),
		    cases[i].templates);
		assert_int_equal(content_read_text(&s, "schema://shop") != NULL,
		    i < 2);
		assert_int_equal(content_read_text(&s,
				     "schema://shop/main/orders") != NULL,
		    i < 1);
		if (i < 2)
			content_close(&s);
	}
}

/* A source that is away stays listed, and the answer says why its tables are
 * not. */
static void
test_source_away(void **state)
{
	struct content_page page;
	char path[200];

	(void)state;
	content_open(&s, "");
	snprintf(path, sizeof(path), "%s/blog.db", s.site.dir);
	assert_int_equal(remove(path), 0);
	assert_string_equal(uris(first_page(resource_list, &page), "uri"),
	    "schema://blog schema://shop schema://shop/main/big schema://shop/main/customers schema://shop/main/orders schema://shop/main/totals");
	assert_true(
	    str_starts(page.notices, STR("[\"blog: SOURCE_UNREACHABLE: ")));
	assert_null(memmem(page.notices.p, page.notices.len, s.site.dir,
	    strlen(s.site.dir)));
	assert_null(content_read_text(&s, "schema://blog"));
	assert_int_equal(s.site.fault.code, ERR_SOURCE_UNREACHABLE);
}

#define TEST(f) cmocka_unit_test_teardown(f, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_live),
		TEST(test_pages),
		TEST(test_cursors),
		TEST(test_templates),
		TEST(test_rights),
		TEST(test_source_resources),
		TEST(test_source_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
