/* SPDX-License-Identifier: ISC */
/*
 * What lies in a folder and the folders in it: regular files, by path.  Links
 * and hidden names are passed over.
 */
#define _GNU_SOURCE /* O_NOFOLLOW */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "content/file_int.h"

struct scan {
	struct arena *a;
	struct file *v;
	size_t n, cap;
};

static void
add(struct scan *s, struct str rel, int64_t size)
{
	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 64 : 2 * s->cap;

		s->v = arena_grow(s->a, s->v, s->cap * sizeof(*s->v),
		    cap * sizeof(*s->v));
		s->cap = cap;
	}
	s->v[s->n++] = (struct file){ .rel = rel, .size = size };
}

static struct str
join(struct arena *a, struct str above, struct str name)
{
	if (above.len == 0)
		return arena_dup(a, name);
	return arena_fmt(a, "%.*s/%.*s", (int)above.len, above.p, (int)name.len,
	    name.p);
}

static void scan(struct scan *s, int dir, struct str above, int depth);

static void
look(struct scan *s, int dir, struct str above, const char *z, int depth)
{
	struct str name = str_of(z);
	struct stat st;
	int inner;

	if (z[0] == '.' || !utf8_valid(name) ||
	    fstatat(dir, z, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (S_ISREG(st.st_mode))
		add(s, join(s->a, above, name), (int64_t)st.st_size);
	if (!S_ISDIR(st.st_mode) || depth >= FOLDER_DEPTH)
		return;
	inner = openat(dir, z, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner >= 0)
		scan(s, inner, join(s->a, above, name), depth + 1);
}

/* Takes the descriptor. */
static void
scan(struct scan *s, int dir, struct str above, int depth)
{
	DIR *d = fdopendir(dir);
	const struct dirent *e;

	if (d == NULL) {
		(void)close(dir);
		return;
	}
	while (s->n < FOLDER_FILES && (e = readdir(d)) != NULL)
		look(s, dirfd(d), above, e->d_name, depth);
	(void)closedir(d);
}

static int
by_path(const void *pa, const void *pb)
{
	const struct file *a = pa, *b = pb;

	return str_cmp(a->rel, b->rel);
}

bool
folder_list(struct arena *a, const char *folder, struct file **out, size_t *n)
{
	struct scan s = { .a = a };
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		scan(&s, dir, (struct str){ 0 }, 0);
	if (s.n > 1)
		qsort(s.v, s.n, sizeof(*s.v), by_path);
	*out = s.v;
	*n = s.n;
	return dir >= 0;
}
