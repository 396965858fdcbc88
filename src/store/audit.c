/* SPDX-License-Identifier: ISC */
/*
 * The audit file (SECURITY_MODEL 8): whole lines, appended by many processes
 * at once, each with one write.
 *
 * A disk that runs full can leave a piece of a line at the end, and another
 * process would write its own line right behind it.  So whoever leaves a
 * piece marks the file with the owner's execute bit, which costs no room;
 * the next writer sees the mark in the stat it makes anyway, starts with a
 * newline and takes the mark away.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "store/store_int.h"

enum { ID_POOL = 32 };

struct audit {
	struct arena *arena;
	const char *path;
	int fd; /* -1: not open now */
	dev_t dev;
	ino_t ino;
	unsigned char ids[ID_POOL * AUDIT_ID];
	size_t nids; /* not yet given away */
};

static enum err
trouble(struct fault *f, const struct audit *a, const char *why)
{
	fault_log(f, "%s: %s", a->path, why);
	f->retry_s = 1;
	return fault_set(f, ERR_UNAVAILABLE,
	    "the audit file cannot be written");
}

static void
close_it(struct audit *a)
{
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
}

static void
mark(int fd)
{
	(void)!fchmod(fd, 0700);
}

/* The size when the last byte is no newline, else 0. */
static off_t
torn_size(int fd)
{
	struct stat st;
	char last;

	if (fstat(fd, &st) != 0 || st.st_size == 0 ||
	    pread(fd, &last, 1, st.st_size - 1) != 1 || last == '\n')
		return 0;
	return st.st_size;
}

/*
 * Does the file end in the middle of a line?  A line that crosses a page looks
 * like that while it is being written.  The change of mode waits for the lock
 * that a write holds, so when the size is the same behind it, no write was at
 * work before.
 */
static bool
ends_torn(int fd)
{
	for (;;) {
		off_t size = torn_size(fd);

		if (size == 0)
			return false;
		mark(fd);
		if (torn_size(fd) == size)
			return true;
	}
}

static enum err
open_it(struct audit *a, struct fault *f)
{
	struct stat st;

	a->fd = open(a->path,
	    O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
		O_NOCTTY,
	    0600);
	if (a->fd < 0)
		return trouble(f, a, strerror(errno));
	if (state_file(a->path, "audit file", true, f) != ERR_OK) {
		close_it(a);
		return f->code;
	}
	if (fstat(a->fd, &st) != 0) {
		close_it(a);
		return trouble(f, a, strerror(errno));
	}
	a->dev = st.st_dev;
	a->ino = st.st_ino;
	if (torn_size(a->fd) != 0) /* a process was killed in the middle? */
		mark(a->fd);
	return ERR_OK;
}

enum err
audit_open(const char *state, struct audit **out, struct fault *f)
{
	struct arena *arena;
	struct audit *a;
	enum err err = state_check(state, f);

	*out = NULL;
	if (err != ERR_OK)
		return err;
	arena = arena_new(16384);
	a = arena_zero(arena, 1, sizeof(*a));
	a->arena = arena;
	a->path = arena_fmt(arena, "%s/audit.jsonl", state).p;
	err = open_it(a, f);
	if (err != ERR_OK) {
		arena_free(arena);
		return err;
	}
	*out = a;
	return ERR_OK;
}

void
audit_close(struct audit *a)
{
	if (a == NULL)
		return;
	close_it(a);
	arena_free(a->arena);
}

/* The open file, a new one after rotation; *torn: it needs a newline first. */
static enum err
ready(struct audit *a, bool *torn, struct fault *f)
{
	struct stat st;
	bool there = stat(a->path, &st) == 0;
	enum err err;

	if (a->fd < 0 || !there || st.st_ino != a->ino || st.st_dev != a->dev) {
		close_it(a);
		err = open_it(a, f);
		if (err != ERR_OK)
			return err;
		if (fstat(a->fd, &st) != 0)
			return trouble(f, a, strerror(errno));
	}
	*torn = (st.st_mode & S_IXUSR) != 0;
	return ERR_OK;
}

/* One write; true when all of it is in the file. */
static bool
append(int fd, const struct iovec *v, int n, int *error)
{
	size_t want = 0;
	ssize_t got;

	for (int i = 0; i < n; i++)
		want += v[i].iov_len;
	do {
		got = n == 1 ? write(fd, v[0].iov_base, v[0].iov_len)
			     : writev(fd, v, n);
	} while (got < 0 && errno == EINTR);
	if (got == (ssize_t)want)
		return true;
	*error = got < 0 ? errno : ENOSPC;
	if (got > 0)
		mark(fd);
	return false;
}

/* After a torn line: look again with the others held off, then repair. */
static bool
append_after_tear(int fd, struct iovec line, int *error)
{
	struct iovec v[2] = { { (void *)(uintptr_t) "\n", 1 }, line };
	bool done;

	(void)!flock(fd, LOCK_EX);
	if (ends_torn(fd))
		done = append(fd, v, 2, error);
	else
		done = append(fd, v + 1, 1, error);
	if (done)
		(void)!fchmod(fd, 0600);
	(void)!flock(fd, LOCK_UN);
	return done;
}

enum err
audit_write(struct audit *a, struct str line, struct fault *f)
{
	struct iovec v = { (void *)(uintptr_t)line.p, line.len };
	bool torn = false;
	bool done;
	int error = 0;
	enum err err = ready(a, &torn, f);

	if (err != ERR_OK)
		return err;
	done = torn ? append_after_tear(a->fd, v, &error)
		    : append(a->fd, &v, 1, &error);
	return done ? ERR_OK : trouble(f, a, strerror(error));
}

int
audit_fd(const struct audit *a)
{
	return a->fd;
}

void
audit_id(struct audit *a, unsigned char out[static AUDIT_ID])
{
	if (a->nids == 0) {
		randombytes_buf(a->ids, sizeof(a->ids));
		a->nids = ID_POOL;
	}
	memcpy(out, a->ids + --a->nids * AUDIT_ID, AUDIT_ID);
}
