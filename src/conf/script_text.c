/* SPDX-License-Identifier: ISC */
/*
 * What a program says of itself in its leading comment lines:
 *
 *	# about: What it does.
 *	# param NAME TYPE [required]: What it means.
 *	# readOnly: yes
 *
 * and "title", "timeout", "requires" and "task" in the same way.
 */
#include <string.h>

#include "base/utf8.h"
#include "conf/conf_int.h"

enum { PARAMS_MAX = 100 };

struct head {
	struct walk *w;
	const char *path;
	struct conf_tool *t;
	struct conf_param *params;
	int line;
};

static void
wrong(struct head *h, const char *what)
{
	leave_out(h->w, h->t->name, (struct conf_at){ h->path, h->line }, "%s",
	    what);
}

static void
set_about(struct head *h, struct str text)
{
	h->t->about = h->t->about == NULL
			  ? arena_z(h->w->a, text)
			  : arena_fmt(h->w->a, "%s %.*s", h->t->about,
				(int)text.len, text.p)
				.p;
}

static void
set_title(struct head *h, struct str text)
{
	h->t->title = arena_z(h->w->a, text);
}

static void
set_read_only(struct head *h, struct str text)
{
	h->t->read_only = str_eq(text, STR("yes"));
	if (!h->t->read_only && !str_eq(text, STR("no")))
		wrong(h, "readOnly must be yes or no");
}

static void
set_timeout(struct head *h, struct str text)
{
	int64_t s;

	if (str_duration(text, &s) && s <= 86400)
		h->t->timeout = (int)s;
	else
		wrong(h, "timeout must be a duration such as 90s, at most 1d");
}

/* "sampling, roots" */
static void
set_requires(struct head *h, struct str text)
{
	const char **v = arena_zero(h->w->a, text.len + 1, sizeof(*v));
	struct str one;

	h->t->requires = (struct conf_names){ v, 0 };
	while (str_cut(&text, ',', &one)) {
		const char *name = arena_z(h->w->a, str_trim(one));
		const char *why = check_capability(name);

		if (why != NULL) {
			wrong(h, arena_fmt(h->w->a, "requires %s", why).p);
			return;
		}
		v[h->t->requires.n++] = name;
	}
}

static void
set_task(struct head *h, struct str text)
{
	static const char *const words[] = {
		[CONF_TASK_AUTO] = "auto",
		[CONF_TASK_NEVER] = "never",
		[CONF_TASK_ALWAYS] = "always",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(text, str_of(words[i]))) {
			h->t->task = (enum conf_task)i;
			return;
		}
	wrong(h, "task must be auto, never or always");
}

static bool
type_of(struct str word, enum conf_type *type)
{
	static const char *const words[] = {
		[CONF_STRING] = "string",
		[CONF_INTEGER] = "integer",
		[CONF_NUMBER] = "number",
		[CONF_BOOLEAN] = "boolean",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(word, str_of(words[i]))) {
			*type = (enum conf_type)i;
			return true;
		}
	return false;
}

/* "NAME TYPE [required]" and what it means. */
static void
add_param(struct head *h, struct str what, struct str about)
{
	struct conf_param p = { .at = { h->path, h->line } };
	struct str name, type, last = { 0 };

	(void)str_cut(&what, ' ', &name);
	if (!str_cut(&what, ' ', &type) || !type_of(type, &p.type)) {
		wrong(h,
		    "param needs a name and one of string, integer, number, boolean");
		return;
	}
	p.name = arena_z(h->w->a, name);
	p.about = arena_z(h->w->a, about);
	p.required = str_cut(&what, ' ', &last) &&
		     str_eq(str_trim(last), STR("required"));
	if (!str_is_empty(str_trim(last)) && !p.required)
		wrong(h, "after a param's type only \"required\" may stand");
	if (!named_param(p.name))
		wrong(h,
		    "the name of a param is a letter, then up to 63 letters, digits and _");
	for (size_t i = 0; i < h->t->nparams; i++)
		if (strcmp(h->params[i].name, p.name) == 0)
			wrong(h, "this param is there already");
	if (h->t->nparams == PARAMS_MAX)
		wrong(h, "there are more than 100 params");
	else
		h->params[h->t->nparams++] = p;
}

/* One comment line without its sign. */
static void
comment(struct head *h, struct str text)
{
	static const struct {
		const char *word;
		void (*set)(struct head *h, struct str text);
	} words[] = {
		{ "about", set_about },
		{ "title", set_title },
		{ "readOnly", set_read_only },
		{ "timeout", set_timeout },
		{ "requires", set_requires },
		{ "task", set_task },
	};
	struct str rest = text, word;

	if (!str_cut(&rest, ':', &word) || rest.p == NULL)
		return;
	rest = str_trim(rest);
	if (!utf8_valid(text) || str_is_empty(rest))
		return;
	if (str_starts(word, STR("param "))) {
		add_param(h, str_trim(str_from(word, 6)), rest);
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(str_trim(word), str_of(words[i].word)))
			words[i].set(h, rest);
}

void
script_describe(struct walk *w, const char *path, struct str text,
    struct conf_tool *t)
{
	struct head h = { w, path, t,
		arena_zero(w->a, PARAMS_MAX, sizeof(struct conf_param)), 0 };
	struct str line;

	while (text.len > 0 && str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		h.line++;
		if (str_starts(line, STR("#")))
			comment(&h, str_trim(str_from(line, 1)));
		else if (str_starts(line, STR("//")))
			comment(&h, str_trim(str_from(line, 2)));
		else if (!str_is_empty(line) && !str_eq(line, STR("<?php")))
			break;
	}
	t->params = h.params;
}
