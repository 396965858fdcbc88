/* SPDX-License-Identifier: ISC */
/*
 * The names that can be called under one configuration, in the order of
 * tools.md 1.1, with a hash for look-up.
 */
#include <stdlib.h>

#include "tool/list_int.h"
#include "tool/script_int.h"
#include "tool/tool_int.h"

static bool
names_has(const struct conf_names *names, const char *word)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(str_of(names->v[i]), str_of(word)))
			return true;
	return false;
}

static size_t
index_at(const struct catalogue *c, struct str name)
{
	return str_hash(name) & c->mask;
}

static const struct entry *
index_find(const struct catalogue *c, struct str name)
{
	for (size_t at = index_at(c, name); c->index[at] != 0;
	     at = (at + 1) & c->mask) {
		const struct entry *e = &c->entries[c->index[at] - 1];

		if (str_eq(e->name, name))
			return e;
	}
	return NULL;
}

static const struct entry *
alias_find(const struct catalogue *c, struct str name)
{
	for (size_t i = 0; i < tool_ndefs; i++)
		for (size_t k = 0; k < 3; k++) {
			const char *alias = tool_defs[i].aliases[k];

			if (alias != NULL && str_eq(name, str_of(alias)))
				return index_find(c, str_of(tool_defs[i].name));
		}
	return NULL;
}

const struct entry *
catalogue_find(const struct catalogue *c, struct str name)
{
	const struct entry *e = index_find(c, name);

	if (e == NULL && c->conf->aliases)
		e = alias_find(c, name);
	return e;
}

static void
index_fill(struct catalogue *c)
{
	size_t size = 16;

	while (size < c->nentries * 2 + 2)
		size *= 2;
	c->mask = size - 1;
	c->index = arena_zero(c->arena, size, sizeof(*c->index));
	for (size_t i = 0; i < c->nentries; i++) {
		size_t at = index_at(c, c->entries[i].name);

		while (c->index[at] != 0)
			at = (at + 1) & c->mask;
		c->index[at] = (uint32_t)i + 1;
	}
}

/* What an entry is, for the complaint about two of one name. */
static struct str
entry_origin(const struct catalogue *c, const struct entry *e)
{
	if (e->custom != NULL)
		return arena_fmt(c->arena, "the configured tool of %s",
		    c->conf->sources[e->source].name);
	if (e->script != NULL)
		return arena_fmt(c->arena, "the program %s",
		    e->script->conf->command.v[0]);
	if (e->source >= 0)
		return arena_fmt(c->arena, "%s of source %s", e->def->name,
		    c->conf->sources[e->source].name);
	return STR("a built-in tool");
}

/* Where the configuration says so; the file at least. */
static struct conf_at
entry_at(const struct catalogue *c, const struct entry *e)
{
	if (e->custom != NULL)
		return e->custom->conf->at;
	if (e->script != NULL)
		return e->script->conf->at;
	if (e->source >= 0)
		return c->conf->sources[e->source].at;
	return (struct conf_at){ c->conf->file, 1 };
}

/* A program of the folder makes way for all others. */
static bool
folder_leaves(struct catalogue *c, const struct entry *e,
    const struct entry *other)
{
	struct str what;

	if (e->script == NULL || !script_of_folder(c, e->script))
		return false;
	what = entry_origin(c, other);
	script_leave(c, (struct script *)e->script,
	    "'%.*s' is the name of %.*s too; rename this file",
	    (int)e->name.len, e->name.p, (int)what.len, what.p);
	return true;
}

static enum err
collisions_check(struct catalogue *c, struct fault *f)
{
	for (size_t i = 0; i < c->nentries; i++) {
		const struct entry *e = &c->entries[i];
		const struct entry *first = index_find(c, e->name);
		struct conf_at at;
		struct str a, b;

		if (first == e || folder_leaves(c, e, first) ||
		    folder_leaves(c, first, e))
			continue;
		a = entry_origin(c, first);
		b = entry_origin(c, e);
		at = entry_at(c,
		    e->custom == NULL && first->custom != NULL ? first : e);
		return fault_set(f, ERR_CONF,
		    "%s:%d: two tools are named '%.*s': %.*s and %.*s", at.file,
		    at.line, (int)e->name.len, e->name.p, (int)a.len, a.p,
		    (int)b.len, b.p);
	}
	return ERR_OK;
}

static enum err
alias_check(struct catalogue *c, struct fault *f)
{
	for (size_t i = 0; i < c->nentries && c->conf->aliases; i++) {
		const struct entry *own = &c->entries[i], *e;
		struct conf_at at = entry_at(c, own);

		if (own->custom == NULL && own->script == NULL)
			continue;
		e = alias_find(c, own->name);
		if (e == NULL)
			continue;
		if (own->script != NULL && script_of_folder(c, own->script))
			script_leave(c, (struct script *)own->script,
			    "'%.*s' is an alias of %s; rename this file (or say aliases = false)",
			    (int)own->name.len, own->name.p, e->def->name);
		else
			return fault_set(f, ERR_CONF,
			    "%s:%d: the tool '%.*s' has a name that is an alias of %s (or say aliases = false)",
			    at.file, at.line, (int)own->name.len, own->name.p,
			    e->def->name);
	}
	return ERR_OK;
}

static enum err
ops_check(const struct conf_names *ops, struct conf_at at, struct fault *f)
{
	for (size_t i = 0; i < ops->n; i++)
		if (tool_op(str_of(ops->v[i])) < 0)
			return fault_set(f, ERR_CONF,
			    "%s:%d: source_ops: there is no operation '%s'",
			    at.file, at.line, ops->v[i]);
	return ERR_OK;
}

static struct entry *
entry_add(struct catalogue *c, const struct tool_def *def, struct str name)
{
	struct entry *e = &c->entries[c->nentries++];

	*e = (struct entry){ .def = def, .name = name, .source = -1 };
	return e;
}

static void
plain_add(struct catalogue *c)
{
	for (size_t i = 0; i < tool_ndefs; i++) {
		const struct tool_def *d = &tool_defs[i];

		if (d->run != NULL && names_has(&c->conf->groups, d->group))
			entry_add(c, d, str_of(d->name))->op = i;
	}
}

static void
custom_add(struct catalogue *c)
{
	for (size_t i = 0; i < c->conf->ntools; i++) {
		const struct custom *cu = &c->customs[i];
		struct entry *e;

		if (c->conf->tools[i].command.n > 0)
			continue;
		e = entry_add(c, &custom_def, str_of(cu->conf->name));
		e->custom = cu;
		e->described = c->described[i];
		e->source = cu->conf->source_index;
		e->op = cu->op;
	}
}

static void
script_add(struct catalogue *c)
{
	for (size_t i = 0; i < c->nscripts; i++) {
		const struct script *s = &c->scripts[i];
		struct entry *e;

		if (s->left_out)
			continue;
		e = entry_add(c, &script_def, str_of(s->conf->name));
		e->script = s;
		e->op = OP_NONE;
	}
}

static bool
op_wanted(const struct conf *conf, const struct conf_source *s, const char *op)
{
	return (conf->source_ops.n == 0 || names_has(&conf->source_ops, op)) &&
	       (s->ops.n == 0 || names_has(&s->ops, op));
}

static void
source_add(struct catalogue *c, int source)
{
	const struct conf_source *s = &c->conf->sources[source];

	for (size_t i = 0; i < tool_ndefs; i++) {
		const struct tool_def *d = &tool_defs[i];
		struct entry *e;

		if (!d->per_source || !names_has(&c->conf->groups, d->group) ||
		    !op_wanted(c->conf, s, d->name))
			continue;
		e = entry_add(c, d,
		    arena_fmt(c->arena, "%s_%s", s->name, d->name));
		e->source = source;
		e->op = i;
	}
}

struct ranked {
	const char *name;
	int source;
};

static int
rank(const void *a, const void *b)
{
	return strcmp(((const struct ranked *)a)->name,
	    ((const struct ranked *)b)->name);
}

/* Sources by name, bytewise. */
static void
order_fill(struct catalogue *c)
{
	size_t n = c->conf->nsources;
	struct ranked *r = arena_zero(c->arena, n + 1, sizeof(*r));

	c->order = arena_zero(c->arena, n + 1, sizeof(*c->order));
	c->place = arena_zero(c->arena, n + 1, sizeof(*c->place));
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ c->conf->sources[i].name, (int)i };
	qsort(r, n, sizeof(*r), rank);
	for (size_t i = 0; i < n; i++) {
		c->order[i] = r[i].source;
		c->place[r[i].source] = (int)i;
	}
}

/* A toolkit may name a program that is left out: it lacks it. */
static bool
is_left(const struct catalogue *c, const char *name)
{
	for (size_t i = 0; i < c->nleft; i++)
		if (strcmp(c->left[i].tool, name) == 0)
			return true;
	for (size_t i = 0; i < c->conf->nleft; i++)
		if (c->conf->left[i].tool[0] == '\0' ||
		    strcmp(c->conf->left[i].tool, name) == 0)
			return true;
	return false;
}

static enum err
kits_fill(struct catalogue *c, struct fault *f)
{
	c->kit_words = (c->nentries + 63) / 64;
	c->kits = arena_zero(c->arena, c->conf->ntoolkits * c->kit_words + 1,
	    sizeof(*c->kits));
	for (size_t k = 0; k < c->conf->ntoolkits; k++) {
		const struct conf_toolkit *kit = &c->conf->toolkits[k];

		for (size_t i = 0; i < kit->tools.n; i++) {
			const struct entry *e =
			    index_find(c, str_of(kit->tools.v[i]));
			size_t at;

			if (e == NULL && is_left(c, kit->tools.v[i]))
				continue;
			if (e == NULL)
				return fault_set(f, ERR_CONF,
				    "%s:%d: toolkit '%s': there is no tool '%s'",
				    kit->at.file, kit->at.line, kit->name,
				    kit->tools.v[i]);
			at = (size_t)(e - c->entries);
			c->kits[k * c->kit_words + at / 64] |= UINT64_C(1)
							       << at % 64;
		}
	}
	return ERR_OK;
}

static void
entries_add(struct catalogue *c)
{
	c->nentries = 0;
	plain_add(c);
	custom_add(c);
	script_add(c);
	for (size_t i = 0; i < c->conf->nsources; i++)
		source_add(c, c->order[i]);
	index_fill(c);
}

static enum err
entries_fill(struct catalogue *c, struct fault *f)
{
	size_t max = tool_ndefs * (c->conf->nsources + 1) + c->conf->ntools +
		     c->conf->nscripts;
	size_t left = c->nleft;
	enum err e;

	c->entries = arena_zero(c->arena, max, sizeof(*c->entries));
	order_fill(c);
	entries_add(c);
	e = collisions_check(c, f);
	if (e == ERR_OK)
		e = alias_check(c, f);
	if (e == ERR_OK && c->nleft > left)
		entries_add(c);
	return e == ERR_OK ? kits_fill(c, f) : e;
}

static enum err
catalogue_fill(struct catalogue *c, struct fault *f)
{
	enum err e = ops_check(&c->conf->source_ops,
	    (struct conf_at){ c->conf->file, 1 }, f);

	for (size_t i = 0; e == ERR_OK && i < c->conf->nsources; i++)
		e = ops_check(&c->conf->sources[i].ops,
		    conf_source_at(&c->conf->sources[i], "ops"), f);
	if (e == ERR_OK)
		e = customs_new(c->conf, c->sources, c->arena, &c->customs, f);
	if (e == ERR_OK)
		e = scripts_new(c, f);
	return e == ERR_OK ? entries_fill(c, f) : e;
}

enum err
catalogue_new(const struct conf *conf, struct sources *sources,
    struct catalogue **out, struct fault *f)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct catalogue *c = arena_zero(a, 1, sizeof(*c));
	enum err e;

	c->conf = conf;
	c->sources = sources;
	c->arena = a;
	c->facts = arena_zero(a, conf->nsources + 1, sizeof(*c->facts));
	e = catalogue_fill(c, f);
	if (e != ERR_OK) {
		arena_free(a);
		return e;
	}
	*out = c;
	return ERR_OK;
}

void
catalogue_free(struct catalogue *c)
{
	if (c == NULL)
		return;
	list_forget(c);
	arena_free(c->arena);
}
