/* SPDX-License-Identifier: ISC */
/*
 * The door: load, free, find, and whether anything changed on disk.
 */
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_int.h"

/* Far above what CONF_TEXT_MAX can need. */
#define ARENA_MAX ((size_t)512 << 20)

static const char *
absolute(struct arena *a, const char *path)
{
	char here[PATH_MAX];

	if (path[0] == '/' || getcwd(here, sizeof(here)) == NULL)
		return arena_z(a, str_of(path));
	return arena_fmt(a, "%s/%s", here, path).p;
}

struct conf_stat
stat_of(const struct stat *st)
{
	return (struct conf_stat){ st->st_dev, st->st_ino, st->st_size,
		st->st_mtim, st->st_ctim };
}

/* One more file and its state, in two arrays that grow together. */
static void
watch_add(struct arena *a, struct conf_names *files, struct conf_stat **stats,
    size_t *cap, const char *path, const struct stat *st)
{
	if (files->n == *cap) {
		size_t old = *cap, new = old == 0 ? 8 : 2 * old;

		files->v = arena_grow(a, (void *)files->v,
		    old * sizeof(*files->v), new * sizeof(*files->v));
		*stats = arena_grow(a, *stats, old * sizeof(**stats),
		    new * sizeof(**stats));
		*cap = new;
	}
	files->v[files->n] = path;
	(*stats)[files->n++] = stat_of(st);
}

void
watch_file(struct walk *w, const char *path, const struct stat *st)
{
	watch_add(w->a, &w->c->files, &w->stats, &w->watched_cap, path, st);
}

void
watch_script(struct walk *w, const char *path, const struct stat *st)
{
	watch_add(w->a, &w->c->watched, &w->script_stats, &w->scripts_cap, path,
	    st);
}

void
watch_variable(struct walk *w, const char *name)
{
	struct conf_names *v = &w->c->variables;

	v->v = arena_grow(w->a, (void *)v->v, v->n * sizeof(*v->v),
	    (v->n + 1) * sizeof(*v->v));
	v->v[v->n++] = arena_z(w->a, str_of(name));
}

/* A number that is another one when a file is. */
static uint64_t
stamp_make(uint64_t stamp, const struct conf_names *files,
    const struct conf_stat *stats)
{
	for (size_t i = 0; i < files->n; i++) {
		const uint64_t parts[] = { (uint64_t)stats[i].dev,
			(uint64_t)stats[i].ino, (uint64_t)stats[i].size,
			(uint64_t)stats[i].mtime.tv_sec,
			(uint64_t)stats[i].mtime.tv_nsec, stamp };

		stamp = str_hash(
		    (struct str){ (const char *)parts, sizeof(parts) });
	}
	return stamp;
}

static void
read_tree(struct walk *w)
{
	config_t tree;

	config_init(&tree);
	if (config_read_string(&tree, w->text.p) == CONFIG_TRUE) {
		walk_all(w, config_root_setting(&tree));
		check_all(w);
	} else {
		text_syntax(w, &tree);
	}
	config_destroy(&tree);
}

enum err
conf_load(const char *path, struct conf **out, struct buf *complaints,
    struct fault *f)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct walk w = { .a = a };
	enum err err;

	*out = NULL;
	w.c = arena_zero(a, 1, sizeof(*w.c));
	w.c->arena = a;
	w.c->file = absolute(a, path);
	text_join(&w, w.c->file);
	if (!w.broken)
		read_tree(&w);
	w.c->stats = w.stats;
	w.c->watched_stats = w.script_stats;
	w.c->stamp = stamp_make(0xcbf29ce484222325u, &w.c->files, w.stats);
	w.c->stamp = stamp_make(w.c->stamp, &w.c->watched, w.script_stats);
	err = complain_all(&w, complaints, f);
	if (err == ERR_OK)
		*out = w.c;
	else
		conf_free(w.c);
	return err;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	arena_free(c->arena);
}

static bool
time_differs(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec || a.tv_nsec != b.tv_nsec;
}

static bool
any_changed(const struct conf_names *files, const struct conf_stat *was)
{
	struct stat st;

	for (size_t i = 0; i < files->n; i++, was++) {
		struct conf_stat is;

		if (stat(files->v[i], &st) != 0) {
			if (was->ino == 0)
				continue; /* it was not there then either */
			return true;
		}
		is = stat_of(&st);
		if (is.dev != was->dev || is.ino != was->ino ||
		    is.size != was->size ||
		    time_differs(is.mtime, was->mtime) ||
		    time_differs(is.ctime, was->ctime))
			return true;
	}
	return false;
}

bool
conf_changed(const struct conf *c)
{
	return any_changed(&c->files, c->stats) ||
	       any_changed(&c->watched, c->watched_stats);
}

/* The home folder; suEXEC takes the variable away. */
static const char *
home(void)
{
	const char *dir = getenv("HOME");
	const struct passwd *pw;

	if (dir != NULL && dir[0] == '/')
		return dir;
	pw = getpwuid(geteuid());
	return pw == NULL ? NULL : pw->pw_dir;
}

const char *
conf_find(struct arena *a, const char *arg, const char *env)
{
	static const char *const places[] = { SYSCONFDIR "/mcp-fcgi/mcp.conf",
		"/etc/mcp-fcgi/mcp.conf" };
	const char *dir, *path;

	if (arg != NULL && arg[0] != '\0')
		return absolute(a, arg);
	if (env != NULL && env[0] != '\0')
		return absolute(a, env);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], F_OK) == 0)
			return places[i];
	dir = home();
	if (dir == NULL)
		return NULL;
	path = arena_fmt(a, "%s/mcp/mcp.conf", dir).p;
	return access(path, F_OK) == 0 ? path : NULL;
}

int
conf_source_index(const struct conf *c, struct str name)
{
	size_t lo = 0, hi = c->nsources;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = str_cmp(name, str_of(c->sources[mid].name));

		if (d == 0)
			return (int)mid;
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return -1;
}

static const struct conf_given *
given(const struct conf_source *s, const char *setting)
{
	for (size_t i = 0; i < s->ngiven; i++)
		if (strcmp(s->given[i].name, setting) == 0)
			return &s->given[i];
	return NULL;
}

struct conf_at
conf_source_at(const struct conf_source *s, const char *setting)
{
	const struct conf_given *g = given(s, setting);

	return g == NULL ? s->at : g->at;
}

bool
conf_source_has(const struct conf_source *s, const char *setting)
{
	return given(s, setting) != NULL;
}

enum err
conf_check_drivers(const struct conf *c, const char *const *known,
    struct buf *complaints, struct fault *f)
{
	struct walk w = { .a = c->arena };
	bool bad = false;

	for (size_t i = 0; i < c->nsources; i++) {
		const struct conf_source *s = &c->sources[i];
		size_t k = 0;

		while (known[k] != NULL && strcmp(known[k], s->driver) != 0)
			k++;
		if (known[k] != NULL)
			continue;
		bad = true;
		buf_fmt(complaints,
		    "%s:%d: sources.%s.driver: there is no driver \"%.64s\"%s\n",
		    s->driver_at.file, s->driver_at.line, s->name, s->driver,
		    did_you_mean(w.a, s->driver, known));
	}
	if (!bad)
		return ERR_OK;
	return fault_set(f, ERR_CONF, "the configuration has mistakes");
}
