/* SPDX-License-Identifier: ISC */
/*
 * Programs as tools: those a setting "command" names, and every one that lies
 * in the folder of scripts.  A program that somebody else could have written
 * is refused, as a configuration file is (SECURITY_MODEL 9).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_int.h"

/* Comment lines further down say nothing. */
enum { HEAD_MAX = 8192, SCRIPTS_MAX = 1000, SCRIPT_TIMEOUT_S = 30 };

static int
line_of(const config_setting_t *s, const char *member)
{
	const config_setting_t *m = config_setting_get_member(s, member);

	return (int)config_setting_source_line(m == NULL ? s : m);
}

const char *
script_wrong(struct walk *w, const char *path)
{
	struct stat st;

	if (path[0] != '/')
		return "the path of a program must be absolute";
	if (stat(path, &st) != 0)
		return arena_fmt(w->a, "this program cannot be found: %s",
		    strerror(errno))
		    .p;
	watch_script(w, path, &st);
	if (!S_ISREG(st.st_mode))
		return "this is no program";
	if (access(path, X_OK) != 0)
		return "this program may not be run by us; do: chmod +x";
	return file_owned(w->a, &st);
}

/* A file that describes a program. */
static const char *
description_wrong(struct walk *w, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return arena_fmt(w->a, "cannot open this file: %s",
		    strerror(errno))
		    .p;
	watch_script(w, path, &st);
	return S_ISREG(st.st_mode) ? file_owned(w->a, &st)
				   : "this is not a regular file";
}

static void
sql_done(struct walk *w, const config_setting_t *s, const struct conf_tool *t)
{
	static const char *const needed[] = { "about", "source", "sql" };
	const struct {
		const char *name;
		bool given;
	} others[] = {
		{ "writable", t->writable.n > 0 },
		{ "read_only", t->read_only },
		{ "requires", t->requires.n > 0 },
	};

	for (size_t i = 0; i < 3 && !w->torn; i++)
		if (config_setting_get_member(s, needed[i]) == NULL)
			complain(w, line_of(s, needed[i]),
			    "tools.%s needs the setting \"%s\"", t->name,
			    needed[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].given)
			complain(w, line_of(s, others[i].name),
			    "tools.%s.%s needs the setting \"command\" beside it",
			    t->name, others[i].name);
}

static void
description_done(struct walk *w, const config_setting_t *s,
    const struct conf_tool *t)
{
	const char *wrong = t->schema_file == NULL
				? NULL
				: description_wrong(w, t->schema_file);

	if (wrong != NULL)
		complain(w, line_of(s, "schema_file"),
		    "tools.%s.schema_file: %s: %s", t->name, t->schema_file,
		    wrong);
}

void
tool_done(struct walk *w, const config_setting_t *s, void *thing)
{
	const struct conf_tool *t = thing;
	const struct {
		const char *name;
		bool given;
	} others[] = {
		{ "sql", t->sql != NULL },
		{ "source", t->source != NULL },
		{ "procedure", t->procedure },
	};
	const char *wrong;

	if (config_setting_get_member(s, "command") == NULL) {
		sql_done(w, s, t);
		description_done(w, s, t);
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].given)
			complain(w, line_of(s, others[i].name),
			    "tools.%s.%s does not go with \"command\"", t->name,
			    others[i].name);
	if (t->command.n == 0) {
		complain(w, line_of(s, "command"),
		    "tools.%s.command must name a program", t->name);
		return;
	}
	wrong = script_wrong(w, t->command.v[0]);
	if (wrong != NULL)
		complain(w, line_of(s, "command"), "tools.%s.command: %s: %s",
		    t->name, t->command.v[0], wrong);
	description_done(w, s, t);
}

/* The beginning of a file, as text. */
static struct str
head_read(struct walk *w, const char *path)
{
	char *p = arena_get(w->a, HEAD_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, p, HEAD_MAX);

	if (fd >= 0)
		(void)close(fd);
	return (struct str){ p, n < 0 ? 0 : (size_t)n };
}

/* What editors and packages leave behind is no tool. */
static bool
name_counts(struct str name)
{
	static const char *const not [] = { "~", ".json", ".bak", ".orig",
		".dpkg-old", ".dpkg-dist", ".dpkg-new" };

	if (name.p[0] == '.' || name.p[0] == '#')
		return false;
	for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		if (str_ends(name, str_of(not [i])))
			return false;
	return true;
}

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111) != 0;
}

/* Read what is known of one; all that is wrong with it is said. */
static void
script_add(struct walk *w, struct conf_tool *t, const char *file)
{
	const char *dir = w->c->tools_dir;
	const char *path = arena_fmt(w->a, "%s/%s", dir, file).p, *wrong;
	struct str name = str_of(file);
	const char *dot = strrchr(file, '.');

	if (dot != NULL)
		name.len = (size_t)(dot - file);
	*t = (struct conf_tool){ .name = arena_z(w->a, name),
		.source_index = -1,
		.timeout = SCRIPT_TIMEOUT_S,
		.at = { path, 1 } };
	t->command.v = arena_zero(w->a, 1, sizeof(*t->command.v));
	t->command.v[t->command.n++] = path;
	if (!named_tool(t->name))
		leave_out(w, t->name, t->at,
		    "this cannot be the name of a tool: 1 to 64 letters, digits, _ and -; rename it, or chmod a-x if it is none");
	wrong = script_wrong(w, path);
	if (wrong != NULL)
		leave_out(w, t->name, t->at, "%s", wrong);
	else
		script_describe(w, path, head_read(w, path), t);
	t->schema_file = arena_fmt(w->a, "%s/%s.json", dir, t->name).p;
	if (access(t->schema_file, F_OK) != 0) {
		t->schema_file = NULL;
		return;
	}
	wrong = description_wrong(w, t->schema_file);
	if (wrong != NULL)
		leave_out(w, t->name, (struct conf_at){ t->schema_file, 1 },
		    "%s", wrong);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The programs in the folder by name; NULL when it cannot be read. */
static const char **
programs(struct walk *w, size_t *n)
{
	const char **names = arena_zero(w->a, SCRIPTS_MAX + 1, sizeof(*names));
	const char *dir = w->c->tools_dir;
	DIR *d = opendir(dir);
	const struct dirent *e;

	*n = 0;
	if (d == NULL)
		return NULL;
	while ((e = readdir(d)) != NULL && *n < SCRIPTS_MAX)
		if (name_counts(str_of(e->d_name)) &&
		    is_program(arena_fmt(w->a, "%s/%s", dir, e->d_name).p))
			names[(*n)++] = arena_z(w->a, str_of(e->d_name));
	(void)closedir(d);
	qsort(names, *n, sizeof(*names), by_bytes);
	return names;
}

/* Where else a tool of that name stands, or NULL. */
static const struct conf_tool *
tool_other(const struct walk *w, const struct conf_tool *scripts, size_t n,
    const struct conf_tool *t)
{
	for (size_t i = 0; i < w->c->ntools; i++)
		if (strcmp(w->c->tools[i].name, t->name) == 0)
			return &w->c->tools[i];
	for (size_t i = 0; i < n; i++)
		if (&scripts[i] != t && strcmp(scripts[i].name, t->name) == 0)
			return &scripts[i];
	return NULL;
}

/* Two of one name are both unfit: which was meant cannot be known. */
static bool
script_alone(struct walk *w, const struct conf_tool *scripts, size_t n,
    const struct conf_tool *t)
{
	const struct conf_tool *other = tool_other(w, scripts, n, t);

	if (other == NULL)
		return true;
	leave_out(w, t->name, t->at,
	    "another tool is named \"%s\" (%s:%d); rename one of them", t->name,
	    other->at.file, other->at.line);
	return false;
}

static void
scripts_read(struct walk *w)
{
	size_t n, fit = 0;
	const char **names = programs(w, &n);
	struct conf_tool *all = arena_zero(w->a, n + 1, sizeof(*all));
	struct conf_tool *good = arena_zero(w->a, n + 1, sizeof(*good));
	bool *unfit = arena_zero(w->a, n + 1, sizeof(*unfit));

	if (names == NULL) {
		leave_out(w, "", (struct conf_at){ w->c->tools_dir, 1 },
		    "this folder cannot be read");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t before = w->nleft;

		script_add(w, &all[i], names[i]);
		unfit[i] = w->nleft > before;
	}
	for (size_t i = 0; i < n; i++)
		if (script_alone(w, all, n, &all[i]) && !unfit[i])
			good[fit++] = all[i];
	w->c->scripts = good;
	w->c->nscripts = fit;
}

void
scripts_find(struct walk *w)
{
	bool named = w->c->tools_dir != NULL;
	const char *dir =
	    named ? w->c->tools_dir : file_beside(w->a, w->c->file, "tools.d");
	const char *wrong;
	struct stat st;

	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
		if (named)
			complain(w, 1, "tools_dir: %s is no folder", dir);
		else
			watch_script(w, dir, &(struct stat){ 0 });
		return;
	}
	w->c->tools_dir = dir;
	watch_script(w, dir, &st);
	wrong = file_owned(w->a, &st);
	if (wrong != NULL)
		leave_out(w, "", (struct conf_at){ dir, 1 },
		    "all of this folder: %s", wrong);
	else
		scripts_read(w);
}
