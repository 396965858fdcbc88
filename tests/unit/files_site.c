/* SPDX-License-Identifier: ISC */
/* A private site whose only source is a folder of files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files_site.h"

#define TEXT_MAX ((size_t)4 << 20)

struct str
files_slurp(struct arena *a, const char *path)
{
	char *p = arena_get(a, TEXT_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, p, TEXT_MAX);
	close(fd);
	assert_true(n >= 0);
	return (struct str){ p, (size_t)n };
}

static void
spit(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, text.len), (ssize_t)text.len);
	close(fd);
}

static void
empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			assert_int_equal(unlinkat(dirfd(d), e->d_name, 0), 0);
	closedir(d);
}

void
files_site_open(struct files_site *s)
{
	*s = (struct files_site){ .a = arena_new((size_t)256 << 20) };
	snprintf(s->root, sizeof(s->root), "/tmp/files.XXXXXX");
	assert_non_null(mkdtemp(s->root));
	snprintf(s->data, sizeof(s->data), "%s/data", s->root);
	assert_int_equal(mkdir(s->data, 0700), 0);
	assert_int_equal(mkdir(arena_fmt(s->a, "%s/state", s->root).p, 0700),
	    0);
}

void
files_site_clear(struct files_site *s)
{
	empty(s->data);
	empty(arena_fmt(s->a, "%s/state/files", s->root).p);
}

void
files_site_close(struct files_site *s)
{
	files_site_clear(s);
	conf_free(s->conf);
	(void)rmdir(arena_fmt(s->a, "%s/state/files", s->root).p);
	(void)rmdir(arena_fmt(s->a, "%s/state", s->root).p);
	(void)unlink(arena_fmt(s->a, "%s/mcp.conf", s->root).p);
	(void)rmdir(s->data);
	assert_int_equal(rmdir(s->root), 0);
	arena_free(s->a);
}

void
files_site_load(struct files_site *s, struct str settings)
{
	const char *file = arena_fmt(s->a, "%s/mcp.conf", s->root).p;
	struct fault f = { 0 };
	struct buf bad;

	spit(file,
	    arena_fmt(s->a,
		"state = \"state\";\nsources = { d = { driver = \"files\"; "
		"path = \"data\"; %.*s }; };\n",
		(int)settings.len, settings.p));
	buf_init(&bad, s->a, 4096);
	conf_free(s->conf);
	if (conf_load(file, &s->conf, &bad, &f) != ERR_OK) {
		print_error("%.*s", (int)bad.len, bad.p);
		fail();
	}
	s->spec = &s->conf->sources[0];
}

void
files_site_put(struct files_site *s, const char *name, struct str text)
{
	spit(arena_fmt(s->a, "%s/%s", s->data, name).p, text);
}

enum err
files_site_import(struct files_site *s, struct files_report *out,
    struct fault *f)
{
	const struct files_watch w = { .beat = NULL };

	return files_import(s->conf, s->spec, 0, &w, s->a, out, f);
}
