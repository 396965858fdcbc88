/* SPDX-License-Identifier: ISC */
/*
 * Reading one file of the configuration, once, through one descriptor: what
 * was checked is what is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_int.h"

/* SECURITY_MODEL 9: who else could have written it? */
const char *
file_owned(struct arena *a, const struct stat *st)
{
	unsigned mode = (unsigned)st->st_mode & 07777;

	if (st->st_uid != 0 && st->st_uid != geteuid())
		return arena_fmt(a,
		    "this file belongs to user %u, but must belong to root or to the user we run as (%u)",
		    (unsigned)st->st_uid, (unsigned)geteuid())
		    .p;
	if ((mode & (S_IWGRP | S_IWOTH)) != 0)
		return arena_fmt(a,
		    "this file may be written by others (mode %04o); do: chmod go-w",
		    mode)
		    .p;
	return NULL;
}

static const char *
file_trust(struct arena *a, const struct stat *st)
{
	const char *wrong = S_ISREG(st->st_mode) ? file_owned(a, st)
						 : "this is not a regular file";

	if (wrong == NULL && (size_t)st->st_size > CONF_FILE_MAX)
		return "this file is larger than 1 MiB";
	return wrong;
}

/* All of it, a zero behind it; false when reading fails. */
static bool
read_all(int fd, char *p, size_t n, size_t *got)
{
	ssize_t r;

	*got = 0;
	while (*got < n) {
		r = read(fd, p + *got, n - *got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return false;
		if (r == 0)
			break;
		*got += (size_t)r;
	}
	p[*got] = '\0';
	return true;
}

const char *
file_read(struct arena *a, const char *path, struct conf_file *out)
{
	const char *wrong = NULL;
	char *p;
	int fd;

	out->path = path;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return arena_fmt(a, "cannot open this file: %s",
		    strerror(errno))
		    .p;
	if (fstat(fd, &out->st) != 0) {
		wrong = "cannot look at this file";
		goto done;
	}
	wrong = file_trust(a, &out->st);
	if (wrong != NULL)
		goto done;
	p = arena_get(a, (size_t)out->st.st_size + 1);
	if (!read_all(fd, p, (size_t)out->st.st_size, &out->text.len))
		wrong =
		    arena_fmt(a, "cannot read this file: %s", strerror(errno))
			.p;
	out->text.p = p;
done:
	close(fd);
	return wrong;
}

const char *
file_place(const char *path)
{
	const char *root = getenv("DOCUMENT_ROOT");
	char inner[PATH_MAX], outer[PATH_MAX];
	size_t n;

	if (root == NULL || root[0] != '/')
		return NULL;
	if (realpath(root, outer) == NULL || realpath(path, inner) == NULL)
		return NULL;
	n = strlen(outer);
	if (n == 1 || strncmp(inner, outer, n) != 0)
		return NULL;
	if (inner[n] != '/' && inner[n] != '\0')
		return NULL;
	return "this file lies inside the document root, where the web server could hand it out; move it elsewhere";
}

const char *
file_beside(struct arena *a, const char *from, const char *path)
{
	const char *slash = strrchr(from, '/');

	if (path[0] == '/' || slash == NULL)
		return arena_z(a, str_of(path));
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	return arena_fmt(a, "%.*s/%s", (int)(slash - from), from, path).p;
}

struct str
text_line(struct str text, int line)
{
	struct str piece = { "", 0 };

	for (int i = 0; i < line; i++)
		if (!str_cut(&text, '\n', &piece))
			return (struct str){ "", 0 };
	if (str_ends(piece, STR("\r")))
		piece.len--;
	return piece;
}
