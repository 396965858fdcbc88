/* SPDX-License-Identifier: ISC */
/*
 * The walk: every group of the file against the rows that may stand in it.
 * What no row knows is complained of with the nearest name that one does.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf_int.h"

/* Longer paths of names are cut in complaints only. */
#define PATH_TEXT 256

static void walk_group(struct walk *w, const config_setting_t *s, enum group g,
    const char *path, void *in);

static int
line_of(const config_setting_t *s)
{
	return (int)config_setting_source_line(s);
}

static void
path_join(char out[static PATH_TEXT], const char *path, const char *name)
{
	const char *dot = path[0] == '\0' ? "" : ".";

	if (snprintf(out, PATH_TEXT, "%s%s%s", path, dot, name) < 0)
		out[0] = '\0';
}

/* Every row's default; they were tried by the tests. */
static void
fill_defaults(struct walk *w, enum group g, void *in)
{
	struct span rows = w->rows[g];

	for (size_t i = 0; i < rows.n; i++) {
		if (rows.row[i].dflt == NULL)
			continue;
		if (value_text(w->a, &rows.row[i], rows.row[i].dflt, in) !=
		    NULL)
			log_die("bad default of %s", rows.row[i].path);
	}
}

static int
row_find(struct span rows, const char *name)
{
	for (size_t i = 0; i < rows.n; i++)
		if (strcmp(setting_name(&rows.row[i]), name) == 0)
			return (int)i;
	return -1;
}

static void
unknown(struct walk *w, const config_setting_t *s, struct span rows,
    const char *path)
{
	const char **known = arena_zero(w->a, rows.n + 1, sizeof(*known));
	const char *near;
	struct buf b;

	for (size_t i = 0; i < rows.n; i++)
		known[i] = setting_name(&rows.row[i]);
	near = did_you_mean(w->a, s->name, known);
	buf_init(&b, w->a, 4096);
	if (near[0] == '\0') {
		buf_lit(&b, " (known:");
		for (size_t i = 0; i < rows.n; i++)
			buf_fmt(&b, "%s %s", i == 0 ? "" : ",", known[i]);
		buf_lit(&b, ")");
	}
	buf_char(&b, '\0');
	complain(w, line_of(s), "there is no setting \"%.64s\"%s%s%s%s",
	    s->name, path[0] == '\0' ? "" : " in ", path, near, b.p);
}

/* A thing with nothing but defaults, made once for each group. */
static const void *
fresh_thing(struct walk *w, enum group g)
{
	if (w->fresh[g] == NULL) {
		w->fresh[g] = arena_zero(w->a, 1, conf_groups[g].size);
		fill_defaults(w, g, w->fresh[g]);
	}
	return w->fresh[g];
}

/* One thing of a collection, under its name or its number. */
static void
walk_thing(struct walk *w, const config_setting_t *s, enum group g,
    const char *name, const char *path, void *thing)
{
	const struct group_def *def = &conf_groups[g];
	struct conf_at at = text_at(w, line_of(s));

	memcpy(thing, fresh_thing(w, g), def->size);
	memcpy(thing, &name, sizeof(name));
	memcpy((char *)thing + def->at, &at, sizeof(at));
	if (def->named != NULL && !def->named(name))
		complain(w, line_of(s),
		    "\"%.100s\" cannot be the name of %s: %s", name, def->about,
		    def->rule);
	if (s->type != CONFIG_TYPE_GROUP) {
		complain(w, line_of(s), "%s must be %s", path,
		    type_name(SET_GROUP));
		return;
	}
	walk_group(w, s, g, path, thing);
	if (def->done != NULL)
		def->done(w, s, thing);
}

/* All things of a collection, into their parent's array. */
static void
walk_things(struct walk *w, const config_setting_t *s, enum group g,
    const char *path, void *in)
{
	const struct group_def *def = &conf_groups[g];
	size_t n = (size_t)config_setting_length(s);
	char inner[PATH_TEXT];
	const char *name;
	char *things;

	if (n > def->most) {
		complain(w, line_of(s),
		    "%s has %zu entries, and at most %u can be", path, n,
		    (unsigned)def->most);
		return;
	}
	things = arena_zero(w->a, n + 1, def->size);
	for (size_t i = 0; i < n; i++) {
		const config_setting_t *e =
		    config_setting_get_elem(s, (unsigned)i);

		name = def->named == NULL
			   ? arena_z(w->a, arena_fmt(w->a, "%zu", i + 1))
			   : arena_z(w->a, str_of(e->name));
		path_join(inner, path, name);
		walk_thing(w, e, g, name, inner, things + i * def->size);
	}
	memcpy((char *)in + def->items, &things, sizeof(things));
	memcpy((char *)in + def->count, &n, sizeof(n));
}

/* A group that there is one of; its settings are its parent's. */
static void
walk_one(struct walk *w, const config_setting_t *s, enum group g,
    const char *path, void *in)
{
	walk_group(w, s, g, path, in);
	if (conf_groups[g].done != NULL)
		conf_groups[g].done(w, s, in);
}

static void
walk_child(struct walk *w, const struct setting *row, const config_setting_t *s,
    const char *path, void *in)
{
	const struct group_def *def = &conf_groups[row->child];
	bool list = def->size != 0 && def->named == NULL;

	if (list && s->type != CONFIG_TYPE_LIST)
		complain(w, line_of(s),
		    "%s must be a list of groups, ( { ... }, { ... } )", path);
	else if (!list && s->type != CONFIG_TYPE_GROUP)
		complain(w, line_of(s), "%s must be %s", path,
		    type_name(SET_GROUP));
	else if (def->size == 0)
		walk_one(w, s, row->child, path, in);
	else
		walk_things(w, s, row->child, path, in);
}

static void
walk_group(struct walk *w, const config_setting_t *s, enum group g,
    const char *path, void *in)
{
	struct span rows = w->rows[g];
	int n = config_setting_length(s), found;
	bool given[SETTINGS_MAX] = { false };
	char inner[PATH_TEXT];

	for (int i = 0; i < n; i++) {
		const config_setting_t *e =
		    config_setting_get_elem(s, (unsigned)i);

		found = row_find(rows, e->name);
		if (found < 0) {
			unknown(w, e, rows, path);
			continue;
		}
		given[found] = true;
		path_join(inner, path, e->name);
		if (rows.row[found].type == SET_GROUP)
			walk_child(w, &rows.row[found], e, inner, in);
		else
			value_read(w, &rows.row[found], e, inner, in);
	}
	for (size_t i = 0; i < rows.n && !w->torn; i++)
		if (rows.row[i].need && !given[i])
			complain(w, line_of(s), "%s needs the setting \"%s\"",
			    path, setting_name(&rows.row[i]));
}

void
walk_all(struct walk *w, const config_setting_t *root)
{
	for (int g = 0; g < GROUP_COUNT; g++)
		w->rows[g] = group_rows((enum group)g);
	for (int g = 0; g < GROUP_COUNT; g++)
		if (conf_groups[g].size == 0)
			fill_defaults(w, (enum group)g, w->c);
	walk_group(w, root, GROUP_TOP, "", w->c);
}
