/* SPDX-License-Identifier: ISC */
/*
 * The folder where two requests meet, and the files in it.  A question is
 * answered by renaming its file twice, so that it is answered once: who takes
 * it first writes into it, and then shows it.
 */
#define _GNU_SOURCE /* flock beside the POSIX names */
#include "mcp/bus_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp/nonce.h"

enum {
	FILES_MAX = 32,    /* of one process */
	YOUNG_S = 2,       /* made, and perhaps not locked yet */
	OLD_S = 24 * 3600, /* where no locks are to be had */
	POLL_MS = 100      /* how often to look where nothing tells */
};

#define FOLDER "bus"

static const char letters[BUS_KINDS + 1] = "acqwr";

struct name {
	char text[64];
};

struct held {
	struct name name;
	struct name others[2]; /* what it may have been renamed to, or empty */
	int fd;
};

struct bus {
	struct arena *arena;
	const char *token, *path;
	int dir;
	int watch; /* inotify; -1: not begun, or not to be had */
	bool watching;
	bool deaf; /* SIGTERM waits */
	sigset_t before;
	struct held held[FILES_MAX];
	size_t n;
};

static struct name
name_of(const struct bus *b, enum bus_kind kind, struct str id)
{
	struct name n;

	(void)snprintf(n.text, sizeof(n.text), "%c.%s.%.*s", letters[kind],
	    b->token, (int)id.len, id.p);
	return n;
}

static void
bus_close(void *arg)
{
	struct bus *b = arg;

	bus_drop(b, 0);
	if (b->deaf)
		(void)sigprocmask(SIG_SETMASK, &b->before, NULL);
	if (b->watch >= 0)
		(void)close(b->watch);
	(void)close(b->dir);
}

static enum err
unusable(struct fault *f, const char *path, const char *why)
{
	fault_log(f, "%s: %s", path, why);
	return fault_set(f, ERR_BUSY,
	    "nobody can be waited for on this server now");
}

/* Ours alone, or nobody's. */
static int
folder_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && (st.st_mode & 077) == 0 &&
	    (st.st_uid == geteuid() || geteuid() == 0))
		return fd;
	(void)close(fd);
	errno = EPERM;
	return -1;
}

enum err
bus_open(struct arena *a, const struct conf *conf, const char *token,
    struct bus **out, struct fault *f)
{
	const char *path;
	struct bus *b;
	int fd;

	if (conf->state == NULL || token[0] == '\0')
		return unusable(f, FOLDER, "there is no state folder");
	path = arena_fmt(a, "%s/" FOLDER, conf->state).p;
	fd = folder_open(path);
	if (fd < 0 && errno == ENOENT) {
		(void)mkdir(path, 0700);
		fd = folder_open(path);
	}
	if (fd < 0)
		return unusable(f, path, strerror(errno));
	b = arena_zero(a, 1, sizeof(*b));
	b->arena = a;
	b->token = token;
	b->path = path;
	b->dir = fd;
	b->watch = -1;
	arena_defer(a, bus_close, b);
	*out = b;
	return ERR_OK;
}

static void
be_deaf(struct bus *b)
{
	sigset_t set;

	if (b->deaf)
		return;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	b->deaf = sigprocmask(SIG_BLOCK, &set, &b->before) == 0;
}

bool
bus_leaving(const struct bus *b)
{
	sigset_t set;

	return b->deaf && sigpending(&set) == 0 &&
	       sigismember(&set, SIGTERM) == 1;
}

static bool
lock(int fd, int how)
{
	int rc;

	do
		rc = flock(fd, how);
	while (rc != 0 && errno == EINTR);
	return rc == 0;
}

bool
bus_put(struct bus *b, enum bus_kind kind, struct str id)
{
	struct held *h = &b->held[b->n];

	if (b->n == FILES_MAX)
		return false;
	be_deaf(b);
	*h = (struct held){ .name = name_of(b, kind, id) };
	h->fd = openat(b->dir, h->name.text,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (h->fd < 0)
		return false;
	/* Where there are no locks it is as good without. */
	(void)lock(h->fd, LOCK_EX);
	if (kind == BUS_QUESTION) {
		h->others[0] = name_of(b, BUS_TAKEN, id);
		h->others[1] = name_of(b, BUS_REPLY, id);
	}
	b->n++;
	return true;
}

bool
bus_has(const struct bus *b, enum bus_kind kind, struct str id)
{
	return faccessat(b->dir, name_of(b, kind, id).text, F_OK, 0) == 0;
}

/* In the order in which an answer moves on, so that it cannot get away. */
static void
give_up(const struct bus *b, const struct held *h)
{
	(void)unlinkat(b->dir, h->name.text, 0);
	for (size_t i = 0; i < 2; i++)
		if (h->others[i].text[0] != '\0')
			(void)unlinkat(b->dir, h->others[i].text, 0);
	(void)close(h->fd);
}

size_t
bus_held(const struct bus *b)
{
	return b->n;
}

void
bus_drop(struct bus *b, size_t keep)
{
	while (b->n > keep)
		give_up(b, &b->held[--b->n]);
}

bool
bus_remove(struct bus *b, enum bus_kind kind, struct str id)
{
	return unlinkat(b->dir, name_of(b, kind, id).text, 0) == 0;
}

/* Is it still the file of that name? */
static bool
is_same(int dir, const char *name, const struct stat *st)
{
	struct stat now;

	return fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_ino == st->st_ino && now.st_dev == st->st_dev;
}

/* Remove a file whose process is gone, with its lock in hand, so that it is
 * not another one by then; false: it is somebody's. */
static bool
sweep_one(int dir, const char *name)
{
	int64_t now_s = clock_wall_us() / 1000000;
	int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool left;

	if (fd < 0)
		return false;
	left = fstat(fd, &st) == 0 && now_s - st.st_mtime >= YOUNG_S;
	if (left && !lock(fd, LOCK_EX | LOCK_NB))
		left = errno != EWOULDBLOCK && now_s - st.st_mtime >= OLD_S;
	left = left && is_same(dir, name, &st) && unlinkat(dir, name, 0) == 0;
	(void)close(fd);
	return left;
}

struct count {
	int64_t swept;
	int own, all;
};

/* Remove what is left over, and count who waits. */
static void
go_round(int dir, struct str own, struct count *c)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	*c = (struct count){ 0 };
	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		struct str name = str_of(e->d_name);

		if (name.len < 2 || name.p[0] == '.' || name.p[1] != '.')
			continue;
		if (sweep_one(dir, e->d_name)) {
			c->swept++;
			continue;
		}
		c->all += name.p[0] == letters[BUS_ASK];
		c->own += !str_is_empty(own) && str_starts(name, own);
	}
	(void)closedir(d);
}

enum err
bus_seat(struct bus *b, int own, int all, struct fault *f)
{
	struct name mine = name_of(b, BUS_ASK, STR(""));
	struct str id = nonce_make(b->arena);
	struct count c;

	if (!bus_put(b, BUS_ASK, id))
		return unusable(f, FOLDER, strerror(errno));
	/* Counted with ours among them, so that two who come at once are not
	 * both the last. */
	go_round(b->dir, str_of(mine.text), &c);
	if (c.own <= own && c.all <= all)
		return ERR_OK;
	bus_drop(b, b->n - 1);
	return fault_set(f, ERR_BUSY,
	    c.own > own
		? "this token has too many requests that wait for their user"
		: "too many requests wait for their users on this server");
}

static void
drain(int fd)
{
	char trash[4096];

	while (read(fd, trash, sizeof(trash)) > 0)
		;
}

void
bus_wait(struct bus *b, int ms)
{
	struct pollfd p = { .events = POLLIN };

	if (!b->watching) {
		b->watching = true;
		b->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (b->watch >= 0 && inotify_add_watch(b->watch, b->path,
					 IN_MOVED_TO | IN_DELETE) < 0) {
			(void)close(b->watch);
			b->watch = -1;
		}
		return;
	}
	p.fd = b->watch;
	if (b->watch < 0) {
		(void)poll(NULL, 0, ms < POLL_MS ? ms : POLL_MS);
		return;
	}
	/* A network file system tells nothing of what others do. */
	if (poll(&p, 1, ms) > 0)
		drain(b->watch);
}

static bool
write_all(int fd, struct str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = str_from(text, (size_t)n);
	}
	return true;
}

bool
bus_answer(struct bus *b, struct str id, struct str text)
{
	struct name asked = name_of(b, BUS_QUESTION, id);
	struct name taken = name_of(b, BUS_TAKEN, id);
	struct name shown = name_of(b, BUS_REPLY, id);
	int fd = openat(b->dir, asked.text, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	if (renameat(b->dir, asked.text, b->dir, taken.text) != 0) {
		(void)close(fd);
		return false;
	}
	done = write_all(fd, text);
	(void)close(fd);
	if (done)
		return renameat(b->dir, taken.text, b->dir, shown.text) == 0;
	(void)unlinkat(b->dir, taken.text, 0);
	return false;
}

struct str
bus_reply(struct bus *b, struct str id, size_t max)
{
	int fd = openat(b->dir, name_of(b, BUS_REPLY, id).text,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct str none = { 0 };
	struct stat st;
	size_t n = 0;
	char *p;

	if (fd < 0)
		return none;
	if (fstat(fd, &st) != 0 || st.st_size < 0 || (size_t)st.st_size > max) {
		(void)close(fd);
		return none;
	}
	p = arena_get(b->arena, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	(void)close(fd);
	return (struct str){ p, n };
}

int64_t
bus_sweep(const struct conf *conf)
{
	struct count c = { 0 };
	char path[4096];
	int dir;

	if (conf->state == NULL)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/" FOLDER, conf->state);
	dir = folder_open(path);
	if (dir < 0)
		return 0;
	go_round(dir, STR(""), &c);
	(void)close(dir);
	return c.swept;
}
