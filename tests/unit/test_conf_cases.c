/* SPDX-License-Identifier: ISC */
/*
 * Every folder of tests/cases/conf: its mcp.conf is copied with all beside it
 * to a private folder and loaded there.  "expect" holds the complaints, word
 * for word; or "ok" and lines that "config --effective" has in this order.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "conf/conf.h"

#define TEXT_MAX ((size_t)1 << 20)

struct room {
	struct arena *a;
	char dir[PATH_MAX];
	char cases[PATH_MAX];
};

static struct str
slurp(struct arena *a, const char *path)
{
	char *p = arena_get(a, TEXT_MAX);
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return (struct str){ NULL, 0 };
	n = read(fd, p, TEXT_MAX);
	close(fd);
	assert_true(n >= 0);
	return (struct str){ p, (size_t)n };
}

static void
spit(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, text.len), (ssize_t)text.len);
	close(fd);
}

/* Copy a folder with what is in it, for us alone. */
static void
copy(struct arena *a, const char *from, const char *to)
{
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(from);

	assert_non_null(d);
	assert_true(mkdir(to, 0700) == 0 || errno == EEXIST);
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		const char *src = arena_fmt(a, "%s/%s", from, e->d_name).p;
		const char *dst = arena_fmt(a, "%s/%s", to, e->d_name).p;

		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(stat(src, &st), 0);
		if (S_ISDIR(st.st_mode))
			copy(a, src, dst);
		else
			spit(dst, slurp(a, src));
	}
	closedir(d);
}

static void
wipe(struct arena *a, const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	if (d == NULL)
		return;
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		const char *path = arena_fmt(a, "%s/%s", dir, e->d_name).p;

		if (e->d_name[0] != '.' && unlink(path) != 0)
			wipe(a, path);
	}
	closedir(d);
	rmdir(dir);
}

/* Without "what" wherever it stands: the folder differs each time. */
static struct str
without(struct arena *a, struct str text, const char *what)
{
	struct buf b;
	size_t n = strlen(what);

	buf_init(&b, a, TEXT_MAX);
	for (; text.len > 0; text = str_from(text, 1)) {
		while (str_starts(text, str_of(what)))
			text = str_from(text, n);
		if (text.len > 0)
			buf_char(&b, text.p[0]);
	}
	return buf_text(&b);
}

/* All lines of "want", in their order, among those of "have"? */
static void
in_order(const char *name, struct str want, struct str have)
{
	struct str line, other;

	while (str_cut(&want, '\n', &line)) {
		bool found = line.len == 0;

		while (!found && str_cut(&have, '\n', &other)) {
			while (other.len > 0 && other.p[0] == '\t')
				other = str_from(other, 1);
			found = str_eq(line, other);
		}
		if (!found)
			fail_msg("%s: no line \"%.*s\"", name, (int)line.len,
			    line.p);
	}
}

static struct str
effective(struct arena *a, const struct conf *c)
{
	struct buf b;

	buf_init(&b, a, TEXT_MAX);
	conf_effective(c, &b);
	buf_fmt(&b, "mount \"%s\"\n", c->mount);
	return buf_text(&b);
}

/* Secrets are never written out. */
static bool
has_secret(const struct conf *c)
{
	for (size_t i = 0; i < c->nsources; i++)
		if (c->sources[i].password.bytes != NULL)
			return true;
	return false;
}

/* What is in force, written out and loaded, is in force again. */
static void
again(struct room *r, const char *name, struct str first)
{
	const char *path = arena_fmt(r->a, "%s/again.conf", r->dir).p;
	struct str text = { first.p, first.len };
	struct fault f = { 0 };
	struct buf b;
	struct conf *c;

	while (text.p[text.len - 1] != ';' && text.len > 1)
		text.len--;
	spit(path, text);
	buf_init(&b, r->a, TEXT_MAX);
	if (conf_load(path, &c, &b, &f) != ERR_OK)
		fail_msg("%s again: %.*s", name, (int)b.len, b.p);
	if (!str_eq(effective(r->a, c), first))
		fail_msg("%s: not the same again", name);
	conf_free(c);
	unlink(path);
}

static void
one_case(struct room *r, const char *name)
{
	const char *dir = arena_fmt(r->a, "%s/%s", r->dir, name).p;
	const char *from = arena_fmt(r->a, "%s/%s", r->cases, name).p;
	const char *here = arena_fmt(r->a, "%s/", dir).p;
	struct str want = slurp(r->a, arena_fmt(r->a, "%s/expect", from).p),
		   have;
	struct fault f = { 0 };
	struct buf b;
	struct conf *c;
	enum err err;

	if (want.p == NULL)
		fail_msg("%s: there is no file \"expect\"", name);
	copy(r->a, from, dir);
	buf_init(&b, r->a, TEXT_MAX);
	err = conf_load(arena_fmt(r->a, "%s/mcp.conf", dir).p, &c, &b, &f);
	have = without(r->a, buf_text(&b), here);
	if (!str_starts(want, STR("ok\n"))) {
		assert_int_equal(err, ERR_CONF);
		assert_null(c);
		if (!str_eq(want, have))
			fail_msg("%s: expected\n%.*sbut got\n%.*s", name,
			    (int)want.len, want.p, (int)have.len, have.p);
	} else if (err != ERR_OK) {
		fail_msg("%s: %.*s", name, (int)have.len, have.p);
	} else {
		in_order(name, str_from(want, 3),
		    without(r->a, effective(r->a, c), here));
		if (!has_secret(c))
			again(r, name, effective(r->a, c));
	}
	conf_free(c);
	wipe(r->a, dir);
}

static void
all_cases(void **state)
{
	const char *src = getenv("srcdir");
	struct room r = { .a = arena_new((size_t)1 << 30) };
	char tmp[] = "/tmp/test_conf_XXXXXX";
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)state;
	assert_non_null(mkdtemp(tmp));
	snprintf(r.dir, sizeof(r.dir), "%s", tmp);
	snprintf(r.cases, sizeof(r.cases), "%s/tests/cases/conf",
	    src == NULL ? "." : src);
	d = opendir(r.cases);
	assert_non_null(d);
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		one_case(&r, e->d_name);
		arena_reset(r.a);
		n++;
	}
	closedir(d);
	wipe(r.a, r.dir);
	print_message("%zu cases\n", n);
	assert_true(n > 100);
	arena_free(r.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
