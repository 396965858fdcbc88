/* SPDX-License-Identifier: ISC */
/*
 * The folder of the tasks: one file for each, written beside and renamed, so
 * that a reader finds the old one or the new one.
 */
#define _GNU_SOURCE /* O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "task/task_int.h"

static void
folder_done(void *arg)
{
	tasks_close(arg);
}

void
tasks_close(struct tasks *s)
{
	if (s->dir >= 0)
		(void)close(s->dir);
	if (s->lock >= 0)
		(void)close(s->lock);
	s->dir = s->lock = -1;
}

static enum err
no_folder(struct fault *f)
{
	fault_log(f, "the folder tasks of the state folder: %s",
	    strerror(errno));
	return fault_set(f, ERR_UNAVAILABLE, "tasks cannot be kept now");
}

bool
tasks_exist(struct arena *a, const char *state)
{
	return state != NULL &&
	       access(arena_fmt(a, "%s/tasks", state).p, F_OK) == 0;
}

enum err
tasks_open(struct arena *a, const char *state, struct tasks **out,
    struct fault *f)
{
	struct tasks *s = arena_zero(a, 1, sizeof(*s));
	const char *path =
	    arena_fmt(a, "%s/tasks", state == NULL ? "." : state).p;

	s->arena = a;
	s->dir = s->lock = -1;
	arena_defer(a, folder_done, s);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return no_folder(f);
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (s->dir < 0)
		return no_folder(f);
	s->lock = openat(s->dir, "lock",
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0)
		return no_folder(f);
	*out = s;
	return ERR_OK;
}

void
task_id(char out[static TASK_ID_LEN + 1])
{
	unsigned char raw[TASK_ID_LEN / 2];

	randombytes_buf(raw, sizeof(raw));
	(void)sodium_bin2hex(out, TASK_ID_LEN + 1, raw, sizeof(raw));
}

struct task_name
task_name(const char *id, const char *end)
{
	struct task_name n;

	(void)snprintf(n.text, sizeof(n.text), "%.*s%s", TASK_ID_LEN, id, end);
	return n;
}

/* All of a file, or up to its first newline. */
static bool
file_read(int dir, const char *name, struct arena *a, bool head,
    struct str *out)
{
	struct buf b;
	char piece[16384];
	ssize_t n = 1;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return false;
	buf_init(&b, a, TASK_FILE_MAX);
	while (n > 0 && !(head && str_has(buf_text(&b), '\n'))) {
		n = read(fd, piece, sizeof(piece));
		if (n > 0)
			buf_put(&b, piece, (size_t)n);
	}
	(void)close(fd);
	*out = buf_text(&b);
	return n >= 0 && !buf_failed(&b);
}

bool
task_load(struct tasks *s, struct arena *a, const char *name, bool head,
    struct task *out)
{
	struct str text;
	const char *end;

	if (!file_read(s->dir, name, a, head, &text))
		return false;
	end = text.len == 0 ? NULL : memchr(text.p, '\n', text.len);
	if (head && end != NULL) {
		struct buf b;

		buf_init(&b, a, TASK_FILE_MAX);
		buf_put(&b, text.p, (size_t)(end - text.p));
		buf_lit(&b, "\n\n");
		text = buf_text(&b);
	}
	return task_text_read(a, text, out);
}

static bool
write_all(int fd, struct str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			text = str_from(text, (size_t)n);
	}
	return true;
}

/* Written, on disk, and in its place. */
static bool
file_write(struct tasks *s, const char *id, struct str text)
{
	struct task_name fresh = task_name(id, TASK_FRESH),
			 name = task_name(id, TASK_FILE);
	int fd = openat(s->dir, fresh.text,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok = write_all(fd, text) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	ok = ok && renameat(s->dir, fresh.text, s->dir, name.text) == 0;
	if (!ok) {
		int saved = errno;

		(void)unlinkat(s->dir, fresh.text, 0);
		errno = saved;
	}
	return ok && fsync(s->dir) == 0;
}

enum err
task_write(struct tasks *s, struct task *t, int64_t now_ms, struct fault *f)
{
	struct buf b;

	t->updated_ms = now_ms;
	buf_init(&b, s->arena, TASK_FILE_MAX);
	task_text_write(t, &b);
	if (buf_failed(&b))
		return fault_set(f, ERR_TOO_LARGE,
		    "the result is larger than a task can keep");
	if (!file_write(s, t->id, buf_text(&b))) {
		fault_log(f, "task %.8s: %s", t->id, strerror(errno));
		return fault_set(f, ERR_UNAVAILABLE,
		    "the task cannot be kept now");
	}
	if (task_is_over(t)) {
		struct task_name n = task_name(t->id, TASK_WORDS);

		(void)unlinkat(s->dir, n.text, 0);
		n = task_name(t->id, TASK_CANCEL);
		(void)unlinkat(s->dir, n.text, 0);
	}
	return ERR_OK;
}

void
task_remove(struct tasks *s, const char *id)
{
	static const char *const ends[] = { TASK_FILE, TASK_CANCEL, TASK_WORDS,
		TASK_FRESH };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct task_name n = task_name(id, ends[i]);

		(void)unlinkat(s->dir, n.text, 0);
	}
}

enum err
task_unknown(struct fault *f)
{
	return fault_set(f, ERR_PARAMS,
	    "Invalid parameters: there is no task with this 'taskId'");
}

bool
task_last(struct tasks *s, const char *id, struct task *out)
{
	struct task_name words = task_name(id, TASK_WORDS);

	return task_load(s, s->arena, words.text, false, out) &&
	       task_is_over(out) && strcmp(out->id, id) == 0;
}

/*
 * Its worker is gone.  What became of it is settled by whoever looks first:
 * the last words of the worker, or that it was asked to stop, or that it was
 * lost.
 */
static enum err
bury(struct tasks *s, int64_t now_ms, struct task *t, struct fault *f)
{
	struct task_name name = task_name(t->id, TASK_FILE);
	enum err e = ERR_OK;

	if (!task_lock(s, t->id))
		return ERR_OK;
	if (!task_load(s, s->arena, name.text, false, t)) {
		e = task_unknown(f);
	} else if (!task_is_over(t)) {
		struct task last;

		if (t->status == TASK_WORKING && task_last(s, t->id, &last))
			*t = last;
		else if (task_cancelled(s, t->id))
			t->status = TASK_CANCELLED;
		else if (t->status == TASK_WORKING)
			t->status = TASK_FAILED;
		e = task_write(s, t, now_ms, f);
	}
	task_unlock(s, t->id);
	return e;
}

enum err
task_read(struct tasks *s, struct str id, int64_t now_ms, struct task *out,
    struct fault *f)
{
	if (!task_id_spelt(id) || !task_again(s, arena_z(s->arena, id), out) ||
	    task_expired(out, now_ms))
		return task_unknown(f);
	if (task_is_over(out) ||
	    (out->status == TASK_INPUT_REQUIRED &&
		!task_cancelled(s, out->id)) ||
	    task_is_held(s, out->id))
		return ERR_OK;
	return bury(s, now_ms, out, f);
}

bool
task_again(struct tasks *s, const char *id, struct task *out)
{
	struct task_name name = task_name(id, TASK_FILE);

	return task_load(s, s->arena, name.text, false, out) &&
	       strcmp(out->id, id) == 0;
}

enum err
task_cancel(struct tasks *s, const char *id, struct fault *f)
{
	struct task_name name = task_name(id, TASK_CANCEL);
	int fd = openat(s->dir, name.text,
	    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		fault_log(f, "task %.8s: %s", id, strerror(errno));
		return fault_set(f, ERR_UNAVAILABLE,
		    "the task cannot be cancelled now");
	}
	(void)close(fd);
	return ERR_OK;
}

bool
task_cancelled(struct tasks *s, const char *id)
{
	struct task_name name = task_name(id, TASK_CANCEL);

	return faccessat(s->dir, name.text, F_OK, 0) == 0;
}

int
task_words_open(struct tasks *s, const char *id)
{
	struct task_name name = task_name(id, TASK_WORDS);

	return openat(s->dir, name.text,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
}

struct str
task_words(struct arena *a, struct task t, int64_t now_ms)
{
	struct buf b;

	t.updated_ms = now_ms;
	buf_init(&b, a, TASK_FILE_MAX);
	task_text_write(&t, &b);
	return buf_text(&b);
}

int
tasks_log(struct tasks *s)
{
	return openat(s->dir, "log",
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

size_t
tasks_keep(const struct tasks *s, int out[static 2])
{
	out[0] = s->dir;
	out[1] = s->lock;
	return 2;
}
