/* SPDX-License-Identifier: ISC */
/* News of resources: what is noticed, and what is none. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/unit/content_site.h"

static const char resources[] =
    "resources = {\n"
    "  text = { uri = \"test://text\"; text = \"words\"; };\n"
    "  file = { uri = \"test://file\"; path = \"DOCS/plain\"; };\n"
    "  all = { uri = \"docs://all\"; folder = \"DOCS/en\"; };\n"
    "};\n";

static struct content_site s;
static struct content_watch *w;
static int64_t now;

static uint64_t
look(void)
{
	now += 1000;
	return content_watch_look(w, content_call(&s), now);
}

static uint64_t
one(const char *uri)
{
	return content_watch_one(w, content_call(&s), str_of(uri));
}

static int
begin(void **state)
{
	(void)state;
	content_open(&s, resources);
	w = content_watch_new(s.site.arena, s.site.conf, 24);
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
shop(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(s.site.conf
					  ->sources[conf_source_index(s.site
									  .conf,
					      STR("shop"))]
					  .path,
			     &db),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void
test_nothing_new(void **state)
{
	uint64_t first = look(), single = one("test://file");

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_true(look() == first);
		assert_true(one("test://file") == single);
	}
	assert_true(single != 0);
	assert_true(one("test://text") != 0);
	assert_true(one("schema://shop") != 0);
	assert_true(one("test://nowhere") == 0);
	assert_true(one("schema://nowhere") == 0);
	assert_true(one("docs://all/none") == 0);
}

static void
test_a_file(void **state)
{
	uint64_t first = look(), single = one("test://file"),
		 inner = one("docs://all/page.txt");

	(void)state;
	/* As long as before: the list says the same of it. */
	content_file(&s, "new", "WORDS", 5);
	assert_int_equal(rename(arena_fmt(s.site.arena, "%s/new", s.docs).p,
			     arena_fmt(s.site.arena, "%s/plain", s.docs).p),
	    0);
	assert_true(look() == first);
	assert_true(one("test://file") != single);
	assert_true(one("docs://all/page.txt") == inner);
	/* Of another size: so does the list. */
	content_file(&s, "plain", "more words", 10);
	assert_true(look() != first);
	first = look();
	content_file(&s, "en/page.txt", "longer than it was", 18);
	assert_true(one("docs://all/page.txt") != inner);
	assert_true(look() != first);
}

static void
test_a_folder(void **state)
{
	uint64_t first = look();

	(void)state;
	content_file(&s, "en/deep/more.txt", "x", 1);
	assert_true(look() != first);
	assert_true(one("docs://all/deep/more.txt") != 0);
	assert_int_equal(unlink(arena_fmt(s.site.arena, "%s/en/deep/more.txt",
			     s.docs)
				    .p),
	    0);
	assert_true(look() == first);
	assert_true(one("docs://all/deep/more.txt") == 0);
}

/* Rows are no news, tables and columns are. */
static void
test_a_source(void **state)
{
	uint64_t first = look(), schema = one("schema://shop");

	(void)state;
	shop("CREATE TABLE IF NOT EXISTS extra (id INTEGER)");
	assert_true(look() != first);
	assert_true(one("schema://shop") != schema);
	first = look();
	schema = one("schema://shop");
	shop("INSERT INTO extra VALUES (1)");
	assert_true(look() == first);
	assert_true(one("schema://shop") == schema);
	shop("ALTER TABLE extra ADD COLUMN note TEXT");
	assert_true(look() != first);
	assert_true(one("schema://shop") != schema);
}

/* The verbs decide about the sample, and so about what is read. */
static void
test_other_rights(void **state)
{
	size_t i;
	uint64_t schema;

	(void)state;
	i = (size_t)conf_source_index(s.site.conf, STR("shop"));
	(void)look();
	schema = one("schema://shop");
	s.site.who.verbs[i] ^= VERB_EXECUTE;
	assert_true(one("schema://shop") != schema);
}

/* Of more sources than may be watched, the others are not opened. */
static void
test_at_most(void **state)
{
	uint64_t first;

	(void)state;
	w = content_watch_new(s.site.arena, s.site.conf, 0);
	first = look();
	shop("CREATE TABLE fresh (id INTEGER)");
	assert_true(look() == first);
	shop("DROP TABLE fresh");
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_nothing_new),
		T(test_a_file),
		T(test_a_folder),
		T(test_a_source),
		T(test_other_rights),
		T(test_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
