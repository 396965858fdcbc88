/* SPDX-License-Identifier: ISC */
/*
 * The room's door: what a file must be to be trusted, every ceiling at its
 * ends, secrets, change, and the table with itself.
 */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf_int.h"

struct place {
	struct arena *a;
	char dir[64];
	const char *conf; /* DIR/mcp.conf */
	struct conf *c;   /* after good() */
	struct buf said;  /* complaints, after bad() */
	struct fault f;
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->a = arena_new((size_t)1 << 30);
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_conf_XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->conf = arena_fmt(p->a, "%s/mcp.conf", p->dir).p;
	*state = p;
	return 0;
}

/* Files only; no test makes a folder within. */
static int
teardown(void **state)
{
	static const char *const files[] = { "mcp.conf", "b.conf", "secret",
		"link", "fifo" };
	struct place *p = *state;

	conf_free(p->c);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(arena_fmt(p->a, "%s/%s", p->dir, files[i]).p);
	assert_int_equal(rmdir(p->dir), 0);
	arena_free(p->a);
	free(p);
	return 0;
}

static const char *
put(struct place *p, const char *name, const char *text, unsigned mode)
{
	const char *path = arena_fmt(p->a, "%s/%s", p->dir, name).p;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static enum err
load(struct place *p)
{
	conf_free(p->c);
	buf_init(&p->said, p->a, (size_t)1 << 20);
	p->f = (struct fault){ 0 };
	return conf_load(p->conf, &p->c, &p->said, &p->f);
}

static void
good(struct place *p, const char *text)
{
	put(p, "mcp.conf", text, 0600);
	if (load(p) != ERR_OK)
		fail_msg("%s\n%.*s", text, (int)p->said.len, p->said.p);
}

/* Refused, with "words" in the complaint. */
static void
refused(struct place *p, const char *words)
{
	assert_int_equal(load(p), ERR_CONF);
	assert_null(p->c);
	buf_char(&p->said, '\0');
	if (strstr(p->said.p, words) == NULL)
		fail_msg("not \"%s\" but %s", words, p->said.p);
}

static void
table_is_sound(void **state)
{
	struct setting_doc doc;
	size_t n = 0, rows = 0;

	(void)state;
	while (conf_setting(n, &doc))
		n++;
	assert_int_equal(n, conf_table_len);
	for (int g = 0; g < GROUP_COUNT; g++) {
		struct span s = group_rows((enum group)g);
		const char *path = conf_groups[g].path;

		assert_true(s.n > 0 && s.n <= SETTINGS_MAX);
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
	assert_int_equal(rows, conf_table_len);
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
	if (row->group == GROUP_SOURCE)
		return arena_fmt(p->a,
		    "sources = { s = { driver = \"x\"; rate = \"1/s\"; %s = %lld; }; };",
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

	for (size_t i = 0; i < conf_table_len; i++) {
		const struct setting *row = &conf_table[i];
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
		refused(p, row->path + (row->group == GROUP_SOURCE ? 10 : 0));
		n++;
	}
	assert_true(n > 35);
}

static void
who_may_write_the_file(void **state)
{
	static const unsigned bad[] = { 0620, 0602, 0660, 0666, 0777 };
	static const unsigned fine[] = { 0400, 0600, 0644, 0444, 0755 };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(p, "mcp.conf", "title = \"x\";", bad[i]);
		refused(p, "mcp.conf:1: this file may be written by others");
		unlink(p->conf);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		put(p, "mcp.conf", "title = \"x\";", fine[i]);
		assert_int_equal(load(p), ERR_OK);
		unlink(p->conf);
	}
}

static void
included_files_too(void **state)
{
	struct place *p = *state;

	put(p, "mcp.conf", "\n@include \"b.conf\"\n", 0600);
	put(p, "b.conf", "", 0622);
	refused(p, "mcp.conf:2: @include");
	put(p, "b.conf", "title = \"x\";", 0600);
	assert_int_equal(load(p), ERR_OK);
	assert_int_equal(p->c->files.n, 2);
}

static void
whose_the_file_is(void **state)
{
	struct place *p = *state;

	if (geteuid() != 0)
		skip();
	put(p, "mcp.conf", "", 0600);
	assert_int_equal(chown(p->conf, 12345, 0), 0);
	refused(p, "mcp.conf:1: this file belongs to user 12345");
}

static void
what_the_file_is(void **state)
{
	struct place *p = *state;
	const char *path = p->conf;

	refused(p, "mcp.conf:1: cannot open this file: No such file");
	p->conf = arena_fmt(p->a, "%s/fifo", p->dir).p;
	assert_int_equal(mkfifo(p->conf, 0600), 0);
	refused(p, "fifo:1: this is not a regular file");
	p->conf = p->dir;
	refused(p, "this is not a regular file");
	put(p, "mcp.conf", "title = \"linked\";", 0600);
	p->conf = arena_fmt(p->a, "%s/link", p->dir).p;
	assert_int_equal(symlink(path, p->conf), 0);
	assert_int_equal(load(p), ERR_OK);
	assert_string_equal(p->c->title, "linked");
	p->conf = path;
}

static void
size_of_the_file(void **state)
{
	struct place *p = *state;
	char *text = arena_get(p->a, CONF_FILE_MAX + 2);

	memset(text, '\n', CONF_FILE_MAX + 1);
	text[CONF_FILE_MAX - 1] = '\0';
	good(p, text);
	text[CONF_FILE_MAX - 1] = '\n';
	text[CONF_FILE_MAX] = '\0';
	good(p, text);
	text[CONF_FILE_MAX] = '\n';
	text[CONF_FILE_MAX + 1] = '\0';
	put(p, "mcp.conf", text, 0600);
	refused(p, "mcp.conf:1: this file is larger than 1 MiB");
}

static void
size_of_all_files(void **state)
{
	struct place *p = *state;
	char *text = arena_get(p->a, CONF_FILE_MAX);
	struct buf b;

	memset(text, '\n', CONF_FILE_MAX - 1);
	text[CONF_FILE_MAX - 1] = '\0';
	put(p, "b.conf", text, 0600);
	buf_init(&b, p->a, 1 << 20);
	for (int i = 0; i < 5; i++)
		buf_lit(&b, "@include \"b.conf\"\n");
	buf_char(&b, '\0');
	put(p, "mcp.conf", b.p, 0600);
	refused(p, "larger than 4 MiB");

	put(p, "b.conf", "", 0600);
	buf_cut(&b, 0);
	for (int i = 0; i < CONF_FILES_MAX; i++)
		buf_lit(&b, "@include \"b.conf\"\n");
	buf_char(&b, '\0');
	put(p, "mcp.conf", b.p, 0600);
	refused(p, "mcp.conf:256: more than 256 files");
	put(p, "mcp.conf", b.p + sizeof("@include \"b.conf\"\n") - 1, 0600);
	assert_int_equal(load(p), ERR_OK);
}

static void
the_document_root(void **state)
{
	struct place *p = *state;
	const char *b;

	put(p, "mcp.conf", "title = \"x\";", 0600);
	setenv("DOCUMENT_ROOT", p->dir, 1);
	refused(p, "mcp.conf:1: this file lies inside the document root");
	setenv("DOCUMENT_ROOT", "/tmp/", 1);
	refused(p, "inside the document root");
	setenv("DOCUMENT_ROOT",
	    arena_fmt(p->a, "%.*s", (int)strlen(p->dir) - 1, p->dir).p, 1);
	assert_int_equal(load(p), ERR_OK);

	/* A program file of two lines belongs there, what it names does not. */
	b = put(p, "b.conf", "#!/mcp.fcgi\n# nothing\n", 0700);
	setenv("DOCUMENT_ROOT", p->dir, 1);
	p->conf = b;
	assert_int_equal(load(p), ERR_OK);
	put(p, "b.conf", "#!/mcp.fcgi\n@include \"mcp.conf\"\n", 0700);
	refused(p, "b.conf:2: @include");
	put(p, "b.conf", "#!/mcp.fcgi\ntitle = \"x\";\n", 0700);
	refused(p, "b.conf:1: this file lies inside");
	put(p, "b.conf", "# no program\n", 0600);
	refused(p, "b.conf:1: this file lies inside");
	unsetenv("DOCUMENT_ROOT");
}

#define SOURCE(text) "sources = { s = { driver = \"x\"; " text " }; };"

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
touch(const char *path, long ns)
{
	struct timespec t[2] = { { 1000000000, ns }, { 1000000000, ns } };

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static void
changes_are_seen(void **state)
{
	static const char *const names[] = { "mcp.conf", "b.conf", "secret" };
	struct place *p = *state;
	uint64_t stamp;

	put(p, "secret", "hush", 0600);
	put(p, "b.conf", SOURCE("password_file = \"secret\";"), 0600);
	put(p, "mcp.conf", "@include \"b.conf\"", 0600);
	for (size_t i = 0; i < 3; i++) {
		const char *path = arena_fmt(p->a, "%s/%s", p->dir, names[i]).p;

		touch(path, 1);
		assert_int_equal(load(p), ERR_OK);
		assert_false(conf_changed(p->c));
		stamp = p->c->stamp;
		touch(path, 2);
		assert_true(conf_changed(p->c));
		assert_int_equal(load(p), ERR_OK);
		assert_int_not_equal(p->c->stamp, stamp);
		stamp = p->c->stamp;
		assert_int_equal(load(p), ERR_OK);
		assert_int_equal(p->c->stamp, stamp);
		assert_int_equal(truncate(path, 0), 0);
		touch(path, 2);
		assert_true(conf_changed(p->c));
		unlink(path);
		assert_true(conf_changed(p->c));
		put(p, "secret", "hush", 0600);
		put(p, "b.conf", SOURCE("password_file = \"secret\";"), 0600);
		put(p, "mcp.conf", "@include \"b.conf\"", 0600);
	}
}

static void
where_the_file_is_found(void **state)
{
	struct place *p = *state;
	char *home = getenv("HOME");
	char here[PATH_MAX];

	assert_string_equal(conf_find(p->a, "/a", "/b"), "/a");
	assert_string_equal(conf_find(p->a, NULL, "/b"), "/b");
	assert_string_equal(conf_find(p->a, "", "/b"), "/b");
	assert_non_null(getcwd(here, sizeof(here)));
	assert_string_equal(conf_find(p->a, "x.conf", NULL),
	    arena_fmt(p->a, "%s/x.conf", here).p);
	if (access("/etc/mcp-fcgi/mcp.conf", F_OK) == 0 ||
	    access(SYSCONFDIR "/mcp-fcgi/mcp.conf", F_OK) == 0)
		skip();
	home = home == NULL ? NULL : arena_z(p->a, str_of(home));
	setenv("HOME", p->dir, 1);
	assert_null(conf_find(p->a, NULL, NULL));
	assert_int_equal(mkdir(arena_fmt(p->a, "%s/mcp", p->dir).p, 0700), 0);
	put(p, "mcp/mcp.conf", "", 0600);
	assert_string_equal(conf_find(p->a, NULL, ""),
	    arena_fmt(p->a, "%s/mcp/mcp.conf", p->dir).p);
	unlink(arena_fmt(p->a, "%s/mcp/mcp.conf", p->dir).p);
	rmdir(arena_fmt(p->a, "%s/mcp", p->dir).p);
	if (home != NULL)
		setenv("HOME", home, 1);
}

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
	for (size_t i = 0; i < conf_table_len; i++)
		assert_non_null(strstr(b.p, setting_name(&conf_table[i])));
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, text, 99999) > 0);
	close(fd);
	good(p, text);
	assert_int_equal(p->c->nsources, 2);
	assert_int_equal(p->c->ntools, 2);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(table_is_sound),
		TEST(each_ceiling_at_its_ends),
		TEST(who_may_write_the_file),
		TEST(included_files_too),
		TEST(whose_the_file_is),
		TEST(what_the_file_is),
		TEST(size_of_the_file),
		TEST(size_of_all_files),
		TEST(the_document_root),
		TEST(secrets_here),
		TEST(secrets_by_file),
		TEST(secrets_by_variable),
		TEST(changes_are_seen),
		TEST(where_the_file_is_found),
		TEST(drivers_are_checked),
		TEST(sources_by_index),
		TEST(a_flood_of_complaints),
		TEST(examples_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
