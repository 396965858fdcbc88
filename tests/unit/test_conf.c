/* SPDX-License-Identifier: ISC */
/* The table with itself, every ceiling at its ends, secrets, drivers and the
 * examples. */
#include "conf_place.h"

static void
table_is_sound(void **state)
{
	struct setting_doc doc;
	size_t n = 0, rows = 0;

	(void)state;
	while (conf_setting(n, &doc))
		n++;
	assert_true(n > 100);
	for (int g = 0; g < GROUP_COUNT; g++) {
		struct span s = group_rows((enum group)g);
		const char *path = conf_groups[g].path;

		assert_true(s.n > 0 && s.n <= SETTINGS_MAX);
		if (conf_groups[g].like != 0)
			continue; /* the rows of another group */
		rows += s.n;
		for (size_t i = 0; i < s.n; i++) {
			const struct setting *row = &s.row[i];

			assert_int_equal(row->group, g);
			assert_memory_equal(row->path, path, strlen(path));
			assert_null(strchr(setting_name(row), '.'));
			assert_int_equal(row->about[strlen(row->about) - 1],
			    '.');
			assert_true(
			    row->type != SET_WORD || row->words != NULL);
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(row->path,
				    s.row[k].path);
		}
	}
	assert_int_equal(rows, n);
}

/* A configuration that gives one setting one value. */
static const char *
with(struct place *p, const struct setting *row, int64_t v)
{
	const char *name = setting_name(row);

	if (row->group == GROUP_LIMITS)
		return arena_fmt(p->a, "limits = { %s = %lld; };", name,
		    (long long)v)
		    .p;
	if (row->group == GROUP_TASKS)
		return arena_fmt(p->a, "tasks = { %s = %lld; };", name,
		    (long long)v)
		    .p;
	if (row->group == GROUP_STORE)
		return arena_fmt(p->a, "store = { %s = %lld; };", name,
		    (long long)v)
		    .p;
	if (row->group == GROUP_SOURCE)
		return arena_fmt(p->a,
		    "sources = { s = { driver = \"x\"; rate = \"1/s\"; %s = %lld; }; };",
		    name, (long long)v)
		    .p;
	if (row->group == GROUP_TOOL)
		return arena_fmt(p->a,
		    "tools = { t = { command = [ \"/bin/true\" ]; %s = %lld; }; };",
		    name, (long long)v)
		    .p;
	assert_int_equal(row->group, GROUP_TOP);
	return arena_fmt(p->a, "%s = %lld;", name, (long long)v).p;
}

static void
each_ceiling_at_its_ends(void **state)
{
	struct place *p = *state;
	size_t n = 0;

	for (size_t i = 0; conf_row(i) != NULL; i++) {
		const struct setting *row = conf_row(i);
		bool number = row->type == SET_INT || row->type == SET_SIZE ||
			      row->type == SET_TIME || row->type == SET_MILLIS;

		if (!number)
			continue;
		assert_true(row->max > row->min);
		good(p, with(p, row, row->min));
		good(p, with(p, row, row->max));
		put(p, "mcp.conf", with(p, row, row->min - 1), 0600);
		refused(p, "must be between");
		put(p, "mcp.conf", with(p, row, row->max + 1), 0600);
		refused(p, "must be between");
		put(p, "mcp.conf", with(p, row, INT64_MAX), 0600);
		refused(p,
		    row->group == GROUP_SOURCE || row->group == GROUP_TOOL
			? setting_name(row)
			: row->path);
		n++;
	}
	assert_true(n > 35);
}

static void
secrets_here(void **state)
{
	static const unsigned open_to[] = { 0640, 0604, 0644 };
	struct place *p = *state;

	good(p, SOURCE("password = \"hush\";"));
	assert_int_equal(p->c->sources[0].password.len, 4);
	assert_memory_equal(p->c->sources[0].password.bytes, "hush", 4);
	for (size_t i = 0; i < sizeof(open_to) / sizeof(open_to[0]); i++) {
		put(p, "mcp.conf", SOURCE("password = \"hush\";"), open_to[i]);
		refused(p,
		    "mcp.conf:1: sources.s.password stands in a file that others can read");
		assert_null(strstr(p->said.p, "hush"));
	}
}

static void
secrets_by_file(void **state)
{
	struct place *p = *state;

	put(p, "secret", "hush\n", 0640);
	good(p, SOURCE("password_file = \"secret\";"));
	assert_int_equal(p->c->sources[0].password.len, 4);
	assert_int_equal(p->c->files.n, 2);
	put(p, "secret", "hush\n", 0644);
	refused(p, "names a file that is open to others");
	put(p, "secret", "hush\n", 0620);
	refused(p, "names a file that is open to others");
	put(p, "secret", "\n", 0600);
	refused(p, "password_file is empty");
}

static void
secrets_by_variable(void **state)
{
	struct place *p = *state;

	setenv("MCP_TEST_PASSWORD", "hush", 1);
	good(p, "key_env = \"MCP_TEST_KEY\";" SOURCE(
		    "password_env = \"MCP_TEST_PASSWORD\";"));
	assert_int_equal(p->c->sources[0].password.len, 4);
	assert_int_equal(p->c->variables.n, 2);
	assert_string_equal(p->c->variables.v[0], "MCP_TEST_PASSWORD");
	assert_string_equal(p->c->variables.v[1], "MCP_TEST_KEY");
	unsetenv("MCP_TEST_PASSWORD");
	refused(p, "names a variable that is not set: MCP_TEST_PASSWORD");
}

/* Rewritten at once with the same size, still another file. */
static void
drivers_are_checked(void **state)
{
	static const char *const known[] = { "sqlite", "pgsql", NULL };
	struct place *p = *state;

	good(p,
	    "sources = {\n a = { driver = \"sqlite\"; };\n b = {\n  about = \"x\";\n  driver = \"sqlit\"; };\n c = { driver = \"oracle\"; };\n};");
	buf_init(&p->said, p->a, 10000);
	assert_int_equal(conf_check_drivers(p->c, known, &p->said, &p->f),
	    ERR_CONF);
	buf_char(&p->said, '\0');
	assert_string_equal(p->said.p,
	    arena_fmt(p->a,
		"%s:5: sources.b.driver: there is no driver \"sqlit\"; did you mean \"sqlite\"?\n%s:6: sources.c.driver: there is no driver \"oracle\"\n",
		p->conf, p->conf)
		.p);
	good(p, "sources = { a = { driver = \"pgsql\"; }; };");
	assert_int_equal(conf_check_drivers(p->c, known, &p->said, &p->f),
	    ERR_OK);
}

static void
sources_by_index(void **state)
{
	struct place *p = *state;

	good(p,
	    "sources = { c = { driver = \"x\"; }; a = { driver = \"x\"; }; b = { driver = \"x\"; }; };"
	    "tools = { t = { about = \"t\"; source = \"c\"; sql = \"SELECT 1\"; }; };");
	assert_int_equal(conf_source_index(p->c, STR("a")), 0);
	assert_int_equal(conf_source_index(p->c, STR("c")), 2);
	assert_int_equal(conf_source_index(p->c, STR("d")), -1);
	assert_int_equal(conf_source_index(p->c, STR("")), -1);
	assert_int_equal(p->c->tools[0].source_index, 2);
	assert_int_equal(p->c->sources[2].at.line, 1);
	assert_string_equal(p->c->sources[2].at.file, p->conf);
}

static void
a_flood_of_complaints(void **state)
{
	struct place *p = *state;
	struct buf b;

	buf_init(&b, p->a, 1 << 20);
	for (int i = 0; i < 1000; i++)
		buf_fmt(&b, "x%d = 1\n", i);
	buf_char(&b, '\0');
	put(p, "mcp.conf", b.p, 0600);
	refused(p, "mcp.conf:100: there is no setting \"x99\"");
	assert_null(strstr(p->said.p, "x100\""));
	assert_non_null(strstr(p->said.p, "there is more"));
	assert_non_null(
	    strstr(p->f.log, "mcp.conf:1: there is no setting \"x0\""));
	assert_null(strstr(p->f.msg, p->dir));
}

/* What the program prints as an example, and the example we ship. */
static void
examples_load(void **state)
{
	struct place *p = *state;
	const char *src = getenv("srcdir");
	const char *path =
	    arena_fmt(p->a, "%s/examples/mcp.conf", src == NULL ? "." : src).p;
	char *text = arena_zero(p->a, 1, 100000);
	struct buf b;
	int fd;

	buf_init(&b, p->a, 1 << 20);
	conf_example(&b);
	buf_char(&b, '\0');
	good(p, b.p);
	for (size_t i = 0; conf_row(i) != NULL; i++)
		assert_non_null(strstr(b.p, setting_name(conf_row(i))));
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, text, 99999) > 0);
	close(fd);
	good(p, text);
	assert_int_equal(p->c->nsources, 2);
	assert_int_equal(p->c->ntools, 2);
}

/* Each row has its paragraph, with the type and the default that hold. */
static void
the_manual_page_agrees(void **state)
{
	struct place *p = *state;
	const char *src = getenv("srcdir");
	char *text = arena_zero(p->a, 1, 100000);
	const char *item, *next, *at;
	struct setting_doc d;
	size_t items = 0, rows = 0;
	int fd =
	    open(arena_fmt(p->a, "%s/man/mcp.conf.5", src == NULL ? "." : src)
		     .p,
		O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, text, 99999) > 0);
	close(fd);
	for (size_t i = 0; conf_setting(i, &d); i++) {
		rows++;
		item = strstr(text,
		    arena_fmt(p->a, "\n.It Va %s Pq %s\n", d.path, d.type).p);
		if (item == NULL)
			fail_msg("mcp.conf(5) has no %s (%s)", d.path, d.type);
		if (d.dflt == NULL)
			continue;
		next = strstr(item + 1, "\n.It ");
		at = strstr(item, arena_fmt(p->a, "\nDefault %s", d.dflt).p);
		if (at == NULL || (next != NULL && at > next))
			fail_msg("mcp.conf(5): default of %s", d.path);
	}
	for (at = text; (at = strstr(at, "\n.It Va ")) != NULL; at++)
		items++;
	assert_int_equal(items, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(table_is_sound),
		TEST(each_ceiling_at_its_ends),
		TEST(secrets_here),
		TEST(secrets_by_file),
		TEST(secrets_by_variable),
		TEST(drivers_are_checked),
		TEST(sources_by_index),
		TEST(a_flood_of_complaints),
		TEST(examples_load),
		TEST(the_manual_page_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
