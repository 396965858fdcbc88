/* SPDX-License-Identifier: ISC */
/* What a file must be to be trusted, how large it may be, where it is found
 * and when it has changed. */
#include "conf_place.h"

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
	const char *b, *shorter;

	put(p, "mcp.conf", "title = \"x\";", 0600);
	setenv("DOCUMENT_ROOT", p->dir, 1);
	refused(p, "mcp.conf:1: this file lies inside the document root");
	setenv("DOCUMENT_ROOT", "/tmp/", 1);
	refused(p, "inside the document root");
	shorter = arena_fmt(p->a, "%.*s", (int)strlen(p->dir) - 1, p->dir).p;
	assert_int_equal(mkdir(shorter, 0700), 0);
	setenv("DOCUMENT_ROOT", shorter, 1);
	assert_int_equal(load(p), ERR_OK);
	rmdir(shorter);

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

/* What resources and prompts are read from: whose, and where. */
static void
files_that_are_served(void **state)
{
	struct place *p = *state;
	const char *dir;

	dir = arena_fmt(p->a, "%s/docs", p->dir).p;
	assert_int_equal(mkdir(dir, 0755), 0);
	put(p, "docs/a.md", "x", 0644);
	put(p, "mcp.conf",
	    "resources = { f = { uri = \"a:f\"; path = \"docs/a.md\"; };\n"
	    "d = { uri = \"a:d\"; folder = \"docs\"; }; };\n"
	    "prompts = { p = { about = \"P\"; messages = (\n"
	    "{ image = \"docs/a.md\"; } ); }; };",
	    0600);
	assert_int_equal(load(p), ERR_OK);
	assert_int_equal(p->c->content_files.n, 2);
	assert_int_equal(p->c->content_folders.n, 1);
	assert_string_equal(p->c->content_folders.v[0], dir);

	put(p, "docs/a.md", "x", 0664);
	refused(p, "mcp.conf:1: resources.f.path: ");
	refused(p, "may be written by others (mode 0664)");
	refused(p, "mcp.conf:4: message 1.image: ");
	put(p, "docs/a.md", "x", 0644);
	assert_int_equal(chmod(dir, 0777), 0);
	refused(p, "mcp.conf:2: resources.d.folder: ");
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(load(p), ERR_OK);
	setenv("DOCUMENT_ROOT", dir, 1);
	refused(p, "inside the document root");
	unsetenv("DOCUMENT_ROOT");
	(void)unlink(arena_fmt(p->a, "%s/a.md", dir).p);
	refused(p, "docs/a.md: cannot be found");
	rmdir(dir);
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_may_write_the_file),
		TEST(included_files_too),
		TEST(whose_the_file_is),
		TEST(what_the_file_is),
		TEST(size_of_the_file),
		TEST(size_of_all_files),
		TEST(the_document_root),
		TEST(files_that_are_served),
		TEST(changes_are_seen),
		TEST(where_the_file_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
