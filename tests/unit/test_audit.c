/* SPDX-License-Identifier: ISC */
/* The audit file: whole lines whoever writes, whatever goes wrong. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/store_site.h"
#include "json/json.h"

static struct site site;

static int
set_up(void **state)
{
	(void)state;
	site_make(&site);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	site_remove(&site);
	return 0;
}

static struct audit *
open_audit(void)
{
	struct fault f = { 0 };
	struct audit *a;

	assert_int_equal(audit_open(site.state, &a, &f), ERR_OK);
	return a;
}

static enum err
put(struct audit *a, const char *line)
{
	struct fault f = { 0 };

	return audit_write(a, str_of(line), &f);
}

/* The whole file, in the arena. */
static struct str
content(const char *name)
{
	FILE *fp = fopen(site_path(&site, name), "r");
	struct stat st;
	char *p;
	size_t n;

	assert_non_null(fp);
	assert_int_equal(fstat(fileno(fp), &st), 0);
	p = arena_get(site.arena, (size_t)st.st_size + 1);
	n = fread(p, 1, (size_t)st.st_size, fp);
	assert_int_equal(n, st.st_size);
	fclose(fp);
	return (struct str){ p, n };
}

static void
holds(const char *name, const char *text)
{
	struct str got = content(name);

	if (!str_eq(got, str_of(text)))
		fail_msg("%s holds: %.*s", name, (int)got.len, got.p);
}

enum { WRITERS = 32, LINES = 2000 };

/* Lines of many lengths, some larger than a page. */
static void
write_many(int who)
{
	static char line[8192];
	struct fault f = { 0 };
	struct audit *a;

	if (audit_open(site.state, &a, &f) != ERR_OK)
		_exit(1);
	for (int i = 0; i < LINES; i++) {
		int pad = i % 100 == 0 ? 8000 : (who * 31 + i * 7) % 200;
		int n = snprintf(line, sizeof(line),
		    "{\"who\":%d,\"i\":%d,\"pad\":\"%0*d\"}\n", who, i, pad, 0);

		if (audit_write(a, (struct str){ line, (size_t)n }, &f) !=
		    ERR_OK)
			_exit(2);
	}
	audit_close(a);
	_exit(0);
}

static void
count_line(struct arena *a, struct str line, int next[static WRITERS])
{
	struct fault f = { 0 };
	json_t *o;
	int who;

	if (json_parse(a, line, &json_limits_default, &o, &f) != ERR_OK)
		fail_msg("not JSON: %.*s", (int)line.len, line.p);
	who = (int)json_integer_value(json_member(o, "who"));
	assert_in_range(who, 0, WRITERS - 1);
	assert_int_equal(json_integer_value(json_member(o, "i")), next[who]);
	next[who]++;
}

static void
many_writers_no_mixed_line(void **state)
{
	int next[WRITERS] = { 0 };
	struct arena *a = arena_new(1 << 20);
	struct str all, line;
	int status;

	(void)state;
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_many(i);
	for (int i = 0; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	all = content("audit.jsonl");
	while (str_cut(&all, '\n', &line) && all.p != NULL) {
		count_line(a, line, next);
		arena_reset(a);
	}
	assert_int_equal(line.len, 0); /* the last byte is a newline */
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(next[i], LINES);
	arena_free(a);
}

static void
file_is_private(void **state)
{
	struct audit *a;
	struct stat st;

	(void)state;
	(void)umask(0);
	a = open_audit();
	assert_int_equal(stat(site_path(&site, "audit.jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(audit_fd(a) >= 0);
	audit_close(a);
	audit_close(NULL);
}

static void
rotation_is_noticed(void **state)
{
	struct audit *a = open_audit();

	(void)state;
	assert_int_equal(put(a, "{\"n\":1}\n"), ERR_OK);
	assert_int_equal(rename(site_path(&site, "audit.jsonl"),
			     site_path(&site, "audit.1")),
	    0);
	assert_int_equal(put(a, "{\"n\":2}\n"), ERR_OK);
	assert_int_equal(unlink(site_path(&site, "audit.jsonl")), 0);
	assert_int_equal(put(a, "{\"n\":3}\n"), ERR_OK);
	/* The one who rotates may have made the new file already. */
	assert_int_equal(close(open(site_path(&site, "new"), O_CREAT | O_WRONLY,
			     0600)),
	    0);
	assert_int_equal(rename(site_path(&site, "audit.jsonl"),
			     site_path(&site, "audit.2")),
	    0);
	assert_int_equal(rename(site_path(&site, "new"),
			     site_path(&site, "audit.jsonl")),
	    0);
	assert_int_equal(put(a, "{\"n\":4}\n"), ERR_OK);
	holds("audit.1", "{\"n\":1}\n");
	holds("audit.2", "{\"n\":3}\n");
	holds("audit.jsonl", "{\"n\":4}\n");
	audit_close(a);
}

/* A file that may not grow is what a full disk looks like. */
static void
limit_file(rlim_t bytes)
{
	struct rlimit l;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void
full_disk_in_a_line(void **state)
{
	struct audit *a = open_audit();
	struct audit *other = open_audit();

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(put(a, "{\"n\":1}\n"), ERR_OK);
	limit_file(12);
	assert_int_equal(put(a, "{\"n\":2}\n"), ERR_UNAVAILABLE);
	assert_int_equal(put(a, "{\"n\":3}\n"), ERR_UNAVAILABLE);
	limit_file(RLIM_INFINITY);
	/* Another process, which saw nothing of it, comes first. */
	assert_int_equal(put(other, "{\"n\":4}\n"), ERR_OK);
	assert_int_equal(put(a, "{\"n\":5}\n"), ERR_OK);
	holds("audit.jsonl", "{\"n\":1}\n{\"n\"\n{\"n\":4}\n{\"n\":5}\n");
	audit_close(a);
	audit_close(other);
}

static void
torn_line_of_a_killed_writer(void **state)
{
	struct audit *a = open_audit();

	(void)state;
	assert_int_equal(put(a, "{\"n\":1}\n{\"n\":"), ERR_OK);
	audit_close(a);
	a = open_audit();
	assert_int_equal(put(a, "{\"n\":2}\n"), ERR_OK);
	assert_int_equal(put(a, "{\"n\":3}\n"), ERR_OK);
	holds("audit.jsonl", "{\"n\":1}\n{\"n\":\n{\"n\":2}\n{\"n\":3}\n");
	audit_close(a);
}

static void
not_openable(const char *log_part)
{
	struct fault f = { 0 };
	struct audit *a = NULL;

	assert_int_equal(audit_open(site.state, &a, &f), ERR_UNAVAILABLE);
	assert_null(a);
	assert_int_equal(f.retry_s, 1);
	assert_null(strstr(f.msg, site.folder));
	if (strstr(f.log, log_part) == NULL && strstr(f.msg, log_part) == NULL)
		fail_msg("%s / %s", f.msg, f.log);
}

static void
what_is_no_audit_file(void **state)
{
	const char *path = site_path(&site, "audit.jsonl");
	int fd;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	not_openable("directory");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	not_openable("symbolic");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	not_openable("no plain file");
	assert_int_equal(unlink(path), 0);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0622), 0);
	not_openable("can be written by others");
	assert_int_equal(fchmod(fd, 0644), 0);
	not_openable("can be read by everybody");
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(many_writers_no_mixed_line),
		T(file_is_private),
		T(rotation_is_noticed),
		T(full_disk_in_a_line),
		T(torn_line_of_a_killed_writer),
		T(what_is_no_audit_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
