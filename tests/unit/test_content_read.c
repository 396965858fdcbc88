/* SPDX-License-Identifier: ISC */
/* resources/read: every kind, every right, and every way out of a folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/content_site.h"

static const char more[] =
    "limits = { resource = 2048; };\n"
    "resources = {\n"
    "  text = { uri = \"test://text\"; text = \"words\"; };\n"
    "  html = { uri = \"test://html/{x}\"; mime = \"text/html\";\n"
    "    text = \"<b>{{x}}</b>\"; };\n"
    "  json = { uri = \"test://json/{id}/data\"; mime = \"application/json\";\n"
    "    text = \"{\\\"id\\\":\\\"{{id}}\\\"}\"; };\n"
    "  file = { uri = \"test://file\"; path = \"DOCS/intro.md\"; };\n"
    "  png = { uri = \"test://png\"; path = \"DOCS/dot.png\"; };\n"
    "  all = { uri = \"docs://all\"; folder = \"DOCS\"; };\n"
    "  page = { uri = \"page://{lang}/{name}\"; folder = \"DOCS\"; };\n"
    "  deep = { uri = \"deep://{+path}\"; folder = \"DOCS\"; };\n"
    "  ours = { uri = \"test://ours\"; text = \"shop only\";\n"
    "    source = \"shop\"; };\n"
    "  app = { uri = \"ui://view\"; text = \"<p>\"; ui_border = false; };\n"
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

static void
reads(const char *uri, const char *want)
{
	const char *got = content_read_text(&s, uri);

	if (got == NULL || strcmp(got, want) != 0)
		fail_msg("%s: %s (%s)", uri, got == NULL ? "NULL" : got,
		    s.site.fault.msg);
}

static void
unknown(const char *uri)
{
	const char *got = content_read_text(&s, uri);

	if (got != NULL || s.site.fault.code != ERR_UNKNOWN_RESOURCE)
		fail_msg("%s: %s %s", uri, got == NULL ? "" : got,
		    s.site.fault.msg);
	assert_string_equal(s.site.fault.msg, "Resource not found");
	assert_string_equal(s.site.fault.hint, uri);
	assert_int_equal(resource_find(content_call(&s), str_of(uri),
			     &s.site.fault),
	    ERR_UNKNOWN_RESOURCE);
	sources_reset(s.site.sources);
}

static void
test_each_kind(void **state)
{
	(void)state;
	reads("test://text", "words");
	reads("test://html/%3Ci%3E%22", "<b>&lt;i&gt;&quot;</b>");
	reads("test://json/a%22%5C%0A/data", "{\"id\":\"a\\\"\\\\\\n\"}");
	reads("test://file", "# Hi\n");
	reads("test://png", "blob");
	reads("docs://all/intro.md", "# Hi\n");
	reads("docs://all/en/deep/er.json", "{}");
	reads("docs://all/a%20b%25.md", "odd");
	reads("docs://all/%69ntro.md", "# Hi\n");
	reads("docs://all/empty.txt", "");
	reads("docs://all/plain", "words");
	reads("docs://all/raw", "blob");
	reads("page://en/page.txt", "page");
	reads("deep://intro.md", "# Hi\n");
	reads("deep://en/deep/er.json", "{}");
	reads("test://ours", "shop only");
	reads("ui://view", "<p>");
	assert_int_equal(resource_find(content_call(&s),
			     STR("docs://all/plain"), &s.site.fault),
	    ERR_OK);
	assert_int_equal(resource_find(content_call(&s),
			     STR("schema://shop/main/orders"), &s.site.fault),
	    ERR_OK);
	sources_reset(s.site.sources);
}

/* Members that a client sees beside the text. */
static void
test_members(void **state)
{
	static const struct {
		const char *uri, *want;
	} cases[] = {
		{ "docs://all/raw",
		    "[{\"uri\":\"docs://all/raw\",\"mimeType\":\"application/octet-stream\",\"blob\":\"//4=\"}]" },
		{ "test://text",
		    "[{\"uri\":\"test://text\",\"mimeType\":\"text/plain\",\"text\":\"words\"}]" },
		{ "ui://view",
		    "[{\"uri\":\"ui://view\",\"mimeType\":\"text/html;profile=mcp-app\",\"text\":\"<p>\",\"_meta\":{\"ui\":{\"prefersBorder\":false}}}]" },
	};
	struct str got;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(resource_read(content_call(&s),
				     str_of(cases[i].uri), &got, &s.site.fault),
		    ERR_OK);
		if (!str_eq(got, str_of(cases[i].want)))
			fail_msg("%.*s", (int)got.len, got.p);
	}
}

static void
test_attacks(void **state)
{
	const char *src = getenv("srcdir");
	char line[1000];
	int n = 0;
	FILE *in = fopen(arena_fmt(s.site.arena,
			     "%s/tests/cases/attacks/resources.txt",
			     src == NULL ? "." : src)
			     .p,
	    "r");

	(void)state;
	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		unknown(line);
		n++;
	}
	(void)fclose(in);
	assert_true(n > 70);
	unknown("");
}

/* A name that becomes a link between the look and the read is not followed,
 * nor is a folder that does. */
static void
test_links_made_later(void **state)
{
	char path[300], away[300];

	(void)state;
	snprintf(path, sizeof(path), "%s/en", s.docs);
	snprintf(away, sizeof(away), "%s/away", s.docs);
	reads("docs://all/en/page.txt", "page");
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(symlink("away", path), 0);
	unknown("docs://all/en/page.txt");
	unknown("page://en/page.txt");
	reads("docs://all/away/page.txt", "page");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(away, path), 0);
}

/* One below, at and one above the ceiling. */
static void
test_ceiling(void **state)
{
	char bytes[2049];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (size_t n = 2047; n <= 2049; n++) {
		const char *got;

		content_file(&s, "big.txt", bytes, n);
		got = content_read_text(&s, "docs://all/big.txt");
		if (n <= 2048) {
			assert_non_null(got);
			assert_int_equal(strlen(got), n);
			continue;
		}
		assert_null(got);
		assert_int_equal(s.site.fault.code, ERR_TOO_LARGE);
		assert_string_equal(s.site.fault.msg,
		    "the resource has 2049 bytes, and at most 2048 are sent");
	}
	content_file(&s, "big.txt", "", 0);
}

/* What is configured and no longer there is gone, and its path stays ours. */
static void
test_file_gone(void **state)
{
	char path[300];

	(void)state;
	snprintf(path, sizeof(path), "%s/dot.png", s.docs);
	assert_int_equal(unlink(path), 0);
	unknown("test://png");
	assert_null(strstr(s.site.fault.msg, s.docs));
	assert_null(content_entry(content_list_all(&s), "test://png"));
	assert_int_equal(mkfifo(path, 0600), 0);
	unknown("test://png");
}

static void
test_schema(void **state)
{
	const char *text = content_read_text(&s, "schema://shop");

	(void)state;
	assert_non_null(text);
	assert_true(strncmp(text, "# shop (sqlite)\n\nOrders of the web shop\n",
			40) == 0);
	assert_non_null(strstr(text, "schema://shop/main/big"));
	assert_non_null(strstr(text,
	    "## customers (table)\n\n- id INTEGER, primary key\n- name TEXT, not null\n- phone TEXT, masked"));
	assert_non_null(
	    strstr(text, "- customer INTEGER, references main.customers.id\n"));
	assert_non_null(strstr(text, "## totals (view)"));
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "This is not all"));
}

/* As much as an answer of the source may hold, and what is missing is said. */
static void
test_schema_too_large(void **state)
{
	const char *text, *said;
	int shown = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct buf b;

		buf_init(&b, s.site.arena, 1 << 20);
		buf_fmt(&b, "CREATE TABLE wide%02d(a", i);
		for (int k = 0; k < 100; k++)
			buf_fmt(&b, ", a_rather_long_name_of_a_column_%03d", k);
		buf_fmt(&b, ")%c", '\0');
		site_sql(&s.site, "blog.db", b.p);
	}
	text = content_read_text(&s, "schema://blog");
	assert_non_null(text);
	assert_in_range(strlen(text), 90000, 100000 + 100);
	said = strstr(text, "This is not all: ");
	assert_non_null(said);
	for (const char *p = text; (p = strstr(p, "\n## ")) != NULL; p++)
		shown++;
	/* 40 of these and posts. */
	assert_true(str_starts(str_of(said),
	    arena_fmt(s.site.arena, "This is not all: %d more tables",
		41 - shown)));
}

static json_t *
table(const char *uri)
{
	const char *text = content_read_text(&s, uri);

	if (text == NULL)
		fail_msg("%s: %s", uri, s.site.fault.msg);
	return content_json(&s, str_of(text));
}

static void
test_table(void **state)
{
	json_t *t = table("schema://shop/main/customers");
	json_t *sample = json_member(t, "sample");

	(void)state;
	assert_string_equal(site_dump(&s.site, json_member(t, "columns")),
	    "[{\"name\":\"id\",\"type\":\"INTEGER\",\"nullable\":false,\"key\":\"PRI\"},"
	    "{\"name\":\"name\",\"type\":\"TEXT\",\"nullable\":false},"
	    "{\"name\":\"phone\",\"type\":\"TEXT\",\"nullable\":true,\"about\":\"masked: values read as ***\"}]");
	assert_string_equal(site_dump(&s.site, sample),
	    "{\"columns\":[\"id\",\"name\",\"phone\"],\"rows\":[{\"id\":1,\"name\":\"Ann\",\"phone\":\"***\"},{\"id\":2,\"name\":\"Bob\",\"phone\":\"***\"}]}");
	assert_true(str_eq(s.site.attempt.source, STR("shop")));
	assert_true(str_eq(s.site.attempt.sql,
	    STR("SELECT * FROM \"main\".\"customers\"")));
	assert_int_equal(s.site.attempt.rows, 2);

	/* No more rows than a sample has, nor than the token may see. */
	t = table("schema://shop/main/big");
	assert_int_equal(json_array_size(
			     json_member(json_member(t, "sample"), "rows")),
	    5);
	s.site.who.key.max_rows = 2;
	t = table("schema://shop/main/big");
	assert_int_equal(json_array_size(
			     json_member(json_member(t, "sample"), "rows")),
	    2);
}

static void
test_rights(void **state)
{
	json_t *t;

	(void)state;
	/* A source that is not granted is not there. */
	site_grants(&s.site, SCOPE_READ, "blog:SELECT");
	unknown("schema://shop");
	unknown("schema://shop/main/orders");
	unknown("test://ours");
	reads("test://text", "words");
	assert_non_null(content_read_text(&s, "schema://blog"));

	/* Without SELECT its schema may be known, its rows not. */
	site_grants(&s.site, SCOPE_READ | SCOPE_WRITE, "shop:INSERT");
	t = table("schema://shop/main/orders");
	assert_non_null(json_member(t, "columns"));
	assert_null(json_member(t, "sample"));
	assert_int_equal(s.site.attempt.rows, -1);

	/* Nor are they where SELECT is held on another source. */
	site_grants(&s.site, SCOPE_READ | SCOPE_WRITE,
	    "shop:INSERT blog:SELECT");
	t = table("schema://shop/main/orders");
	assert_null(json_member(t, "sample"));
	assert_null(json_member(t, "notice"));

	/* Without the scope nothing is read. */
	site_caller(&s.site, SCOPE_WRITE, VERB_ALL);
	unknown("test://text");
	unknown("docs://all/intro.md");
	unknown("schema://shop");

	/* connections/blog knows no shop. */
	site_reader(&s.site);
	s.site.filter.source = conf_source_index(s.site.conf, STR("blog"));
	unknown("schema://shop/main/orders");
	unknown("test://ours");
	assert_non_null(content_read_text(&s, "schema://blog/main/posts"));
	reads("test://text", "words");
}

static enum err
refuse_line(struct attempt *t, const char *event, struct fault *f)
{
	(void)t;
	(void)event;
	return fault_set(f, ERR_UNAVAILABLE, "no disk");
}

/* Rows are not read before the audit knows. */
static void
test_audit_first(void **state)
{
	struct tool_call *c = content_call(&s);
	struct str got;

	(void)state;
	c->attempt->put = refuse_line;
	c->attempt->required = true;
	assert_int_equal(resource_read(c, STR("schema://shop/main/orders"),
			     &got, &s.site.fault),
	    ERR_UNAVAILABLE);
	sources_reset(s.site.sources);
}

static enum err
charge(void *arg, int source, struct fault *f)
{
	(void)source;
	++*(int *)arg;
	return fault_set(f, ERR_RATE, "slow down");
}

static void
test_charged(void **state)
{
	struct tool_call *c = content_call(&s);
	struct str got;
	int n = 0;

	(void)state;
	c->charge = charge;
	c->charge_arg = &n;
	assert_int_equal(resource_read(c, STR("schema://shop"), &got,
			     &s.site.fault),
	    ERR_RATE);
	assert_int_equal(resource_read(c, STR("schema://shop/main/orders"),
			     &got, &s.site.fault),
	    ERR_RATE);
	assert_int_equal(resource_read(c, STR("test://text"), &got,
			     &s.site.fault),
	    ERR_OK);
	assert_int_equal(n, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_kind),
		TEST(test_members),
		TEST(test_attacks),
		TEST(test_links_made_later),
		TEST(test_ceiling),
		TEST(test_file_gone),
		TEST(test_schema),
		TEST(test_schema_too_large),
		TEST(test_table),
		TEST(test_rights),
		TEST(test_audit_first),
		TEST(test_charged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
