/* SPDX-License-Identifier: ISC */
/*
 * Reading a file for somebody else: a configured one by its path, one below a
 * folder name by name from the folder's own descriptor, so that neither a
 * link nor ".." leads out of it, whatever changes meanwhile.
 */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/file_int.h"

enum { FILE_PATH_MAX = 4096 };

/* Nothing waits for the other end of a pipe, and no terminal becomes ours. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static enum err
gone(struct fault *f, const char *path, const char *why)
{
	fault_log(f, "%s: %s", path, why);
	return fault_set(f, ERR_UNKNOWN_RESOURCE, "Resource not found");
}

/* All of it; what grew meanwhile is cut, what shrank is short. */
static enum err
read_all(struct arena *a, int fd, const char *path, struct file *out,
    struct fault *f)
{
	char *p = arena_get(a, (size_t)out->size + 1);
	size_t n = 0;

	while (n < (size_t)out->size) {
		ssize_t r = read(fd, p + n, (size_t)out->size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return gone(f, path, "cannot be read");
		if (r == 0)
			break;
		n += (size_t)r;
	}
	out->text = (struct str){ p, n };
	return ERR_OK;
}

uint64_t
file_mark(const struct stat *st)
{
	const uint64_t parts[] = { (uint64_t)st->st_dev, (uint64_t)st->st_ino,
		(uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec };

	return str_hash((struct str){ (const char *)parts, sizeof(parts) });
}

/* What an open descriptor is, and its content where that is wanted. */
static enum err
take(struct arena *a, int fd, const char *path, int64_t max, struct file *out,
    struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return gone(f, path, "is no file");
	out->size = (int64_t)st.st_size;
	out->mark = file_mark(&st);
	if (max < 0)
		return ERR_OK;
	if (out->size > max)
		return fault_set(f, ERR_TOO_LARGE,
		    "the resource has %lld bytes, and at most %lld are sent",
		    (long long)out->size, (long long)max);
	return read_all(a, fd, path, out, f);
}

enum err
file_get(struct arena *a, const char *path, int64_t max, struct file *out,
    struct fault *f)
{
	struct stat st;
	enum err e;
	int fd;

	*out = (struct file){ 0 };
	/* Opening a device may do something by itself. */
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return gone(f, path, "is no file");
	fd = open(path, OPEN_FLAGS);
	if (fd < 0)
		return gone(f, path, "cannot be opened");
	e = take(a, fd, path, max, out, f);
	(void)close(fd);
	return e;
}

/* A name that may be offered: nothing hidden, no way up. */
static bool
name_shown(struct str name)
{
	return name.len > 0 && name.len < 256 && name.p[0] != '.' &&
	       !str_has(name, '\0');
}

/* Step into the folder "name"; the descriptor of the old one is closed. */
static int
step_into(int dir, const char *name)
{
	int next =
	    openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	(void)close(dir);
	return next;
}

/* The folder that holds the last name of "rel"; -1 when there is none. */
static int
open_above(struct arena *a, const char *folder, struct str *rel)
{
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct str name, rest = *rel;

	for (int depth = 0; dir >= 0; depth++) {
		if (depth > FOLDER_DEPTH || !str_cut(&rest, '/', &name) ||
		    !name_shown(name)) {
			(void)close(dir);
			return -1;
		}
		if (rest.p == NULL) {
			*rel = name;
			break;
		}
		dir = step_into(dir, arena_z(a, name));
	}
	return dir;
}

static enum err
get_in(struct arena *a, int dir, const char *name, int64_t max,
    struct file *out, struct fault *f)
{
	struct stat st;
	enum err e;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return gone(f, name, "is no file");
	fd = openat(dir, name, OPEN_FLAGS | O_NOFOLLOW);
	if (fd < 0)
		return gone(f, name, "cannot be opened");
	e = take(a, fd, name, max, out, f);
	(void)close(fd);
	return e;
}

enum err
folder_get(struct arena *a, const char *folder, struct str rel, int64_t max,
    struct file *out, struct fault *f)
{
	struct str name = rel;
	enum err e;
	int dir;

	*out = (struct file){ .rel = rel };
	if (rel.len == 0 || rel.len > FILE_PATH_MAX)
		return gone(f, folder, "is asked for a name that cannot be");
	dir = open_above(a, folder, &name);
	if (dir < 0)
		return gone(f, folder, "has no such folder in it");
	e = get_in(a, dir, arena_z(a, name), max, out, f);
	(void)close(dir);
	return e;
}
