/* SPDX-License-Identifier: ISC */
/* Files as a source: changes, trouble, several at once, rights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../contract/contract.h"
#include "files_site.h"

static struct files_site s;
static struct sources *sources;
static struct outcome out;

static int
set_up(void **state)
{
	(void)state;
	files_site_open(&s);
	out.a = s.a;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sources_free(sources);
	sources = NULL;
	files_site_close(&s);
	return 0;
}

static void
load(const char *settings)
{
	sources_free(sources);
	files_site_load(&s, str_of(settings));
	sources = sources_new(s.conf);
}

static void
ask(const char *sql)
{
	struct sql_ask q = { .classes = SQL_BIT(SQL_SELECT),
		.verbs = VERB_SELECT,
		.max_rows = 100 };

	contract_ask(sources, &q, sql, false, &out);
	sources_reset(sources);
}

static void
gives(const char *sql, const char *rows)
{
	ask(sql);
	assert_int_equal(out.e, ERR_OK);
	assert_string_equal(arena_z(s.a, out.rows), rows);
}

static void
fails(const char *sql, enum err code, const char *words)
{
	ask(sql);
	assert_string_equal(err_name(out.e), err_name(code));
	assert_string_equal(out.f.msg, words);
	assert_null(strstr(out.f.msg, s.root));
}

static const char *
copy(void)
{
	return files_cache(s.a, s.conf, s.spec).p;
}

static ino_t
copy_inode(void)
{
	struct stat st;

	return stat(copy(), &st) == 0 ? st.st_ino : 0;
}

static void
changes_are_seen(void **state)
{
	ino_t first;

	(void)state;
	load("");
	files_site_put(&s, "a.csv", STR("n\n1\n"));
	gives("SELECT n FROM a", "1\n");
	gives("SELECT n FROM data", "1\n");
	first = copy_inode();
	gives("SELECT n FROM a", "1\n");
	assert_int_equal(copy_inode(), first);
	files_site_put(&s, "a.csv", STR("n\n1\n2\n"));
	gives("SELECT n FROM a", "1\n2\n");
	files_site_put(&s, "b.csv", STR("m\n7\n"));
	gives("SELECT m FROM b", "7\n");
	assert_int_equal(unlink(arena_fmt(s.a, "%s/a.csv", s.data).p), 0);
	ask("SELECT n FROM a");
	assert_int_equal(out.e, ERR_TABLE_NOT_FOUND);
	gives("SELECT m FROM data", "7\n");
}

/* A listener asks whether the structure may be another. */
static void
the_stamp_follows_the_files(void **state)
{
	uint64_t first = 0, same = 0, other = 0;

	(void)state;
	load("");
	files_site_put(&s, "a.csv", STR("n\n1\n"));
	assert_int_equal(source_stamp(sources, 0, s.a, &first), STAMP_OK);
	assert_int_equal(source_stamp(sources, 0, s.a, &same), STAMP_OK);
	files_site_put(&s, "a.csv", STR("m,n\n1,2\n"));
	assert_int_equal(source_stamp(sources, 0, s.a, &other), STAMP_OK);
	assert_true(first == same);
	assert_true(first != other);
}

/* Other settings read the same file otherwise. */
static void
settings_count_as_a_change(void **state)
{
	(void)state;
	load("");
	files_site_put(&s, "a.csv", STR("1\n2\n"));
	gives("SELECT * FROM a", "2\n");
	load("header = false;");
	gives("SELECT * FROM a", "1\n2\n");
}

static void
a_broken_file_is_named_and_the_copy_stays(void **state)
{
	ino_t first;

	(void)state;
	load("");
	files_site_put(&s, "a.csv", STR("n\n1\n"));
	gives("SELECT n FROM a", "1\n");
	first = copy_inode();
	files_site_put(&s, "a.csv", STR("n\n1\n2,3\n"));
	fails("SELECT n FROM a", ERR_SOURCE_UNREACHABLE,
	    "a.csv:3: it has 2 values, the file 1 columns");
	assert_int_equal(copy_inode(), first);
	assert_int_not_equal(access(arena_fmt(s.a, "%s/state/files/d.new",
					s.root)
					.p,
				 F_OK),
	    0);
	files_site_put(&s, "a.csv", STR("n\n3\n"));
	gives("SELECT n FROM a", "3\n");
}

static void
what_is_no_plain_file(void **state)
{
	const char *link;

	(void)state;
	load("");
	files_site_put(&s, "a.csv", STR("n\n1\n"));
	link = arena_fmt(s.a, "%s/l.csv", s.data).p;
	assert_int_equal(symlink("/etc/passwd", link), 0);
	fails("SELECT 1", ERR_SOURCE_UNREACHABLE,
	    "the file l.csv is a symbolic link");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(mkfifo(link, 0600), 0);
	fails("SELECT 1", ERR_SOURCE_UNREACHABLE,
	    "the file l.csv is no regular file");
	assert_int_equal(unlink(link), 0);
	gives("SELECT n FROM a", "1\n");
}

static void
too_wide(void **state)
{
	struct buf b;

	(void)state;
	load("");
	buf_init(&b, s.a, (size_t)1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_fmt(&b, "%sc%d", i == 0 ? "" : ",", i);
	buf_char(&b, '\n');
	files_site_put(&s, "a.csv", buf_text(&b));
	fails("SELECT 1", ERR_SOURCE_UNREACHABLE,
	    "a.csv: line 1: it has more values than a table may have columns");
}

static void
too_large_for_a_request(void **state)
{
	struct files_report r;
	struct fault f = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, s.a, (size_t)1 << 20);
	buf_lit(&b, "n\n");
	for (int i = 0; i < 1000; i++)
		buf_fmt(&b, "%d\n", i);
	load("");
	((struct conf *)s.conf)->limits.import = 1024;
	files_site_put(&s, "a.csv", buf_text(&b));
	fails("SELECT count(*) FROM a", ERR_BUSY,
	    "the files of this source have changed and are too large to be read in during a request");
	assert_non_null(strstr(out.f.hint, "mcpctl import d"));
	assert_int_equal(files_site_import(&s, &r, &f), ERR_OK);
	assert_int_equal(r.rows, 1000);
	gives("SELECT count(*) FROM a", "1000\n");
}

static bool
stop(void *arg, int64_t done, int64_t total)
{
	(void)arg;
	(void)done;
	(void)total;
	return false;
}

/* Time and the one who waits end it; nothing is left behind. */
static void
it_can_be_stopped(void **state)
{
	struct files_watch late = { .deadline = { 1 } },
			   gone = { .beat = stop };
	struct files_report r;
	struct fault f = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, s.a, (size_t)1 << 20);
	buf_lit(&b, "n\n");
	for (int i = 0; i < 5000; i++)
		buf_fmt(&b, "%d\n", i);
	load("");
	files_site_put(&s, "a.csv", buf_text(&b));
	assert_int_equal(files_import(s.conf, s.spec, 0, &late, s.a, &r, &f),
	    ERR_TIMEOUT);
	assert_int_equal(files_import(s.conf, s.spec, 0, &gone, s.a, &r, &f),
	    ERR_CANCELLED);
	assert_int_not_equal(access(copy(), F_OK), 0);
	assert_int_not_equal(access(arena_fmt(s.a, "%s/state/files/d.new",
					s.root)
					.p,
				 F_OK),
	    0);
}

/* Many ask at once: one imports, the others wait for it. */
static void
one_imports_for_all(void **state)
{
	enum { PROCESSES = 6 };
	pid_t pid[PROCESSES];
	int built = 0;

	(void)state;
	load("");
	files_site_put(&s, "a.csv", STR("n\n1\n2\n"));
	for (int i = 0; i < PROCESSES; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0) {
			struct files_report r;
			struct fault f = { 0 };

			if (files_site_import(&s, &r, &f) != ERR_OK)
				_exit(9);
			_exit(r.fresh ? 0 : 1);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		built += WEXITSTATUS(status);
	}
	assert_int_equal(built, 1);
}

static void
rules_hold(void **state)
{
	(void)state;
	load("deny = [ \"secret\", \"a.pay\" ]; mask = [ \"a.phone\" ];");
	files_site_put(&s, "a.csv", STR("id,pay,phone\n1,9,555\n"));
	files_site_put(&s, "secret.csv", STR("x\n1\n"));
	gives("SELECT * FROM a", "1|'***'\n");
	ask("SELECT pay FROM a");
	assert_int_equal(out.e, ERR_COLUMN_NOT_FOUND);
	ask("SELECT * FROM secret");
	assert_int_equal(out.e, ERR_TABLE_NOT_FOUND);
}

static void
nothing_is_written(void **state)
{
	struct sql_ask q = { .classes = SQL_BIT(SQL_DELETE),
		.verbs = VERB_SELECT | VERB_DELETE,
		.max_rows = 100,
		.max_affected = 100 };

	(void)state;
	load("");
	files_site_put(&s, "a.csv", STR("n\n1\n"));
	contract_ask(sources, &q, "DELETE FROM a WHERE n = 1", true, &out);
	assert_int_equal(out.e, ERR_READ_ONLY);
	gives("SELECT n FROM a", "1\n");
}

static void
wrong_settings(void **state)
{
	static const char *const wrong[][2] = {
		{ "types = [ \"n:money\" ];", "sources.d.types must be like" },
		{ "delimiter = \"\\\"\";", "sources.d.delimiter must be" },
		{ "readonly = false;", "sources.d.readonly must be true" },
		{ "host = \"x\";", "sources.d.host is no setting" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf b;

		load(wrong[i][0]);
		buf_init(&b, s.a, 4096);
		assert_int_equal(driver_check(driver_find(STR(FILES_DRIVER)),
				     s.spec, &b),
		    1);
		buf_char(&b, '\0');
		assert_non_null(strstr(b.p, wrong[i][1]));
		assert_non_null(strstr(b.p, "mcp.conf:2: "));
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(changes_are_seen),
		CASE(the_stamp_follows_the_files),
		CASE(settings_count_as_a_change),
		CASE(a_broken_file_is_named_and_the_copy_stays),
		CASE(what_is_no_plain_file),
		CASE(too_wide),
		CASE(too_large_for_a_request),
		CASE(it_can_be_stopped),
		CASE(one_imports_for_all),
		CASE(rules_hold),
		CASE(nothing_is_written),
		CASE(wrong_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
