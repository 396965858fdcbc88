/* SPDX-License-Identifier: ISC */
/*
 * All of the folder: counting what is there, showing it, and clearing away
 * what has expired or belongs to nothing.
 */
#define _GNU_SOURCE /* fdopendir */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/task_int.h"

/* The log of the workers is cut when it is longer. */
#define LOG_MAX ((off_t)1 << 20)

/* Files without a task, left by somebody who was killed: younger ones may be
 * about to get one. */
enum { ORPHAN_S = 60 };

typedef bool visit(void *arg, const struct task *t);

/* Each file that is a task's, expired ones too. */
static void
walk(struct tasks *s, visit *fn, void *arg)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct arena *a = arena_new(4 * TASK_FILE_MAX);
	const struct dirent *e;
	bool more = true;

	while (d != NULL && more && (e = readdir(d)) != NULL) {
		struct task t;

		if (!task_id_spelt(str_of(e->d_name)))
			continue;
		arena_reset(a);
		if (task_load(s, a, e->d_name, true, &t))
			more = fn(arg, &t);
	}
	if (d != NULL)
		(void)closedir(d);
	else if (fd >= 0)
		(void)close(fd);
	arena_free(a);
}

struct counting {
	struct tasks *s;
	struct str principal;
	int64_t now_ms;
	struct task_counts *out;
};

static bool
count(void *arg, const struct task *t)
{
	const struct counting *c = arg;
	bool own = str_eq(t->principal, c->principal);
	/* One whose worker is lost waits for nothing. */
	bool open = t->status == TASK_INPUT_REQUIRED ||
		    (t->status == TASK_WORKING && task_is_held(c->s, t->id));

	if (task_expired(t, c->now_ms) && !open)
		return true;
	c->out->all.kept++;
	c->out->all.open += open;
	c->out->own.kept += own;
	c->out->own.open += own && open;
	return true;
}

void
tasks_count(struct tasks *s, struct str principal, int64_t now_ms,
    struct task_counts *out)
{
	struct counting c = { s, principal, now_ms, out };

	*out = (struct task_counts){ 0 };
	walk(s, count, &c);
}

struct showing {
	int64_t now_ms;
	visit *fn;
	void *arg;
};

static bool
show(void *arg, const struct task *t)
{
	const struct showing *w = arg;

	return task_expired(t, w->now_ms) || w->fn(w->arg, t);
}

void
tasks_each(struct tasks *s, int64_t now_ms,
    bool (*fn)(void *arg, const struct task *t), void *arg)
{
	struct showing w = { now_ms, fn, arg };

	walk(s, show, &w);
}

struct sweeping {
	struct tasks *s;
	int64_t now_ms;
	int64_t removed;
};

static bool
sweep(void *arg, const struct task *t)
{
	struct sweeping *w = arg;

	if (!task_expired(t, w->now_ms) || !task_lock(w->s, t->id))
		return true;
	task_remove(w->s, t->id);
	task_unlock(w->s, t->id);
	w->removed++;
	return true;
}

/* What stands beside a task that is not there, or a file that is none. */
static void
sweep_orphan(const struct sweeping *w, const char *name)
{
	struct str id = { name, TASK_ID_LEN };
	struct arena *a;
	struct stat st;
	struct task t;

	if (strlen(name) < TASK_ID_LEN || !task_id_spelt(id) ||
	    fstatat(w->s->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    st.st_mtime > w->now_ms / 1000 - ORPHAN_S)
		return;
	a = arena_new(4 * TASK_FILE_MAX);
	if (!task_load(w->s, a, task_name(name, TASK_FILE).text, true, &t) &&
	    !task_is_held(w->s, name))
		(void)unlinkat(w->s->dir, name, 0);
	arena_free(a);
}

static void
sweep_orphans(const struct sweeping *w)
{
	int fd = openat(w->s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		sweep_orphan(w, e->d_name);
	if (d != NULL)
		(void)closedir(d);
}

int64_t
tasks_sweep(struct tasks *s, int64_t now_ms)
{
	struct sweeping w = { s, now_ms, 0 };
	struct stat st;

	walk(s, sweep, &w);
	sweep_orphans(&w);
	if (fstatat(s->dir, "log", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_size > LOG_MAX)
		(void)unlinkat(s->dir, "log", 0);
	return w.removed;
}
