/* SPDX-License-Identifier: ISC */
/*
 * What is known of each program that is a tool: from the configuration, its
 * comment lines and the JSON file that describes it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tool/script_int.h"

enum { DESCRIPTION_MAX = 256 << 10 };

enum err
script_complain(const struct conf_tool *t, struct fault *f, const char *fmt,
    ...)
{
	char text[FAULT_MSG];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fault_set(f, ERR_CONF, "%s:%d: tool %s: %s",
	    t->at.file == NULL ? "" : t->at.file, t->at.line, t->name, text);
}

void
script_leave(struct catalogue *c, struct script *s, const char *fmt, ...)
{
	const struct conf_tool *t = s->conf;
	struct str place =
	    arena_fmt(c->arena, "%s:%d: ", t->at.file, t->at.line);
	char text[FAULT_MSG];
	struct str why;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	why = str_of(text);
	if (str_starts(why, place))
		why = str_from(why, place.len);
	if (!s->left_out)
		c->left[c->nleft++] = (struct conf_left){ t->name,
			arena_fmt(c->arena, "%.*sleft out: %.*s",
			    (int)place.len, place.p, (int)why.len, why.p)
			    .p };
	s->left_out = true;
}

const char *
catalogue_left(const struct catalogue *c, size_t i)
{
	return i < c->nleft ? c->left[i].text : NULL;
}

static bool
file_text(struct arena *a, const char *path, struct str *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *p = arena_get(a, DESCRIPTION_MAX);
	size_t n = 0;
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && n < DESCRIPTION_MAX) {
		got = read(fd, p + n, DESCRIPTION_MAX - n);
		if (got > 0)
			n += (size_t)got;
	}
	if (fd >= 0)
		(void)close(fd);
	*out = (struct str){ p, n };
	return got == 0;
}

/* The JSON file as an object; NULL when there is none. */
static enum err
description(const struct conf_tool *t, struct arena *a, const json_t **out,
    struct fault *f)
{
	struct fault why = { 0 };
	struct str text;
	json_t *root = NULL;

	*out = NULL;
	if (t->schema_file == NULL)
		return ERR_OK;
	if (!file_text(a, t->schema_file, &text))
		return script_complain(t, f,
		    "%s cannot be read, or is larger than 256 KiB",
		    t->schema_file);
	if (json_parse(a, text, &json_limits_default, &root, &why) != ERR_OK)
		return script_complain(t, f, "%s: %s", t->schema_file, why.msg);
	if (!json_is_object(root))
		return script_complain(t, f, "%s must hold an object",
		    t->schema_file);
	*out = root;
	return ERR_OK;
}

/* Members that a description may have, and what each must be. */
static enum err
members_check(const struct conf_tool *t, const json_t *d, struct fault *f)
{
	static const struct {
		const char *name;
		json_type type;
		const char *words;
	} rows[] = {
		{ "name", JSON_STRING, "a text" },
		{ "title", JSON_STRING, "a text" },
		{ "description", JSON_STRING, "a text" },
		{ "inputSchema", JSON_OBJECT, "an object" },
		{ "outputSchema", JSON_OBJECT, "an object" },
		{ "annotations", JSON_OBJECT, "an object" },
		{ "icons", JSON_ARRAY, "a list" },
		{ "_meta", JSON_OBJECT, "an object" },
		{ "task", JSON_STRING, "a text" },
		{ "requires", JSON_ARRAY, "a list" },
	};
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)d, name, v)
	{
		size_t i = 0, n = sizeof(rows) / sizeof(rows[0]);

		while (i < n && strcmp(rows[i].name, name) != 0)
			i++;
		if (i == n)
			return script_complain(t, f,
			    "%s: there is no member \"%.64s\"", t->schema_file,
			    name);
		if (json_typeof(v) != rows[i].type)
			return script_complain(t, f, "%s: \"%s\" must be %s",
			    t->schema_file, name, rows[i].words);
	}
	return ERR_OK;
}

/* A property that is just true or false: the older revisions want objects. */
static void
plain_booleans(json_t *schema)
{
	json_t *properties = json_object_get(schema, "properties"), *v;
	const char *name;
	void *tmp;

	json_object_foreach_safe(properties, tmp, name, v)
	{
		json_t *with = json_object();

		if (!json_is_boolean(v)) {
			json_decref(with);
			continue;
		}
		if (json_is_false(v))
			(void)json_object_set_new(with, "not", json_object());
		(void)json_object_set_new(properties, name, with);
	}
}

static enum err
schema_check(struct catalogue *c, const struct script *s, const char *name,
    const json_t *schema, struct fault *f)
{
	struct fault why = { 0 };

	if (schema_test(schema, &c->regex->re, &why) == ERR_OK)
		return ERR_OK;
	if (c->regex->fault.code != ERR_OK) {
		(void)script_complain(s->conf, f, "%s: %s", name,
		    c->regex->fault.msg);
		f->code = c->regex->fault.code;
		return f->code;
	}
	return script_complain(s->conf, f, "%s: %s", name, why.msg);
}

static enum err
schemas_check(struct catalogue *c, struct script *s, struct fault *f)
{
	enum err e = schema_check(c, s, "inputSchema", s->input, f);

	if (e == ERR_OK && s->output != NULL)
		e = schema_check(c, s, "outputSchema", s->output, f);
	if (e != ERR_OK)
		return e;
	if (!str_eq(json_text(json_member(s->input, "type")), STR("object")))
		return script_complain(s->conf, f,
		    "inputSchema: \"type\" must be \"object\"");
	plain_booleans(s->input);
	return script_headers(s, c->arena, f);
}

static const char *
member_text(const json_t *d, const char *name, const char *otherwise)
{
	const json_t *v = json_member(d, name);

	return v == NULL ? otherwise : json_string_value(v);
}

/* The file may say what "task" in mcp.conf says. */
static enum err
task_check(const struct catalogue *c, struct script *s, const json_t *d,
    struct fault *f)
{
	static const struct {
		const char *word;
		enum conf_task task;
	} words[] = {
		{ "auto", CONF_TASK_AUTO },
		{ "never", CONF_TASK_NEVER },
		{ "always", CONF_TASK_ALWAYS },
	};
	const json_t *v = json_member(d, "task");
	size_t i = 0, n = sizeof(words) / sizeof(words[0]);

	s->task = s->conf->task;
	while (
	    v != NULL && i < n && !str_eq(json_text(v), str_of(words[i].word)))
		i++;
	if (i == n)
		return script_complain(s->conf, f,
		    "%s: \"task\" must be auto, never or always",
		    s->conf->schema_file);
	if (v != NULL)
		s->task = words[i].task;
	if (s->task != CONF_TASK_ALWAYS || c->conf->tasks.enabled)
		return ERR_OK;
	return script_complain(s->conf, f,
	    "it always runs as a task, and tasks.enabled is false");
}

/* Of a statement the arguments may be those of the configuration, and the
 * result is ours. */
static enum err
statement_check(struct catalogue *c, struct script *s, struct fault *f)
{
	const char *name;
	json_t *v;

	if (s->output != NULL)
		return script_complain(s->conf, f,
		    "%s: the result of a statement has a schema of its own",
		    s->conf->schema_file);
	json_object_foreach(json_member(s->input, "properties"), name, v)
	{
		size_t i = 0;

		while (i < s->conf->nparams &&
		       strcmp(s->conf->params[i].name, name) != 0)
			i++;
		if (i == s->conf->nparams)
			return script_complain(s->conf, f,
			    "%s: params lacks \"%.64s\"", s->conf->schema_file,
			    name);
	}
	return s->input == NULL ? ERR_OK : schemas_check(c, s, f);
}

static enum err
script_make(struct catalogue *c, struct script *s, const struct conf_tool *t,
    struct fault *f)
{
	const json_t *d;
	enum err e = description(t, c->arena, &d, f);

	if (e == ERR_OK)
		e = members_check(t, d, f);
	if (e != ERR_OK)
		return e;
	s->conf = t;
	s->title = member_text(d, "title", t->title);
	s->about = member_text(d, "description", t->about);
	s->input = json_member(d, "inputSchema");
	s->output = json_member(d, "outputSchema");
	s->annotations = json_member(d, "annotations");
	s->icons = json_member(d, "icons");
	s->meta = json_member(d, "_meta");
	s->reads = t->read_only ||
		   json_is_true(json_member(s->annotations, "readOnlyHint"));
	if (s->about == NULL || s->about[0] == '\0')
		return script_complain(t, f,
		    "say what it does: \"description\" in a JSON file, or a line \"# about: TEXT\" at its beginning");
	if (s->input == NULL && t->command.n > 0)
		s->input = script_params(t, c->arena);
	e = script_needs_read(s, d, f);
	if (e == ERR_OK)
		e = task_check(c, s, d, f);
	if (e == ERR_OK)
		e = script_ui(s, c->conf, f);
	if (e != ERR_OK)
		return e;
	return t->command.n > 0 ? schemas_check(c, s, f)
				: statement_check(c, s, f);
}

/* Open at the first pattern, for as long as the catalogue lives. */
static int
regex_match(void *arg, struct str pattern, struct str text)
{
	struct script_regex *r = arg;
	const struct regex_module *m;

	if (module_open(&r->module, "regex", "libpcre2 and the module regex",
		&r->fault) != ERR_OK)
		return -1;
	m = r->module.offers;
	return m->match(pattern, text);
}

static void
regex_close(void *arg)
{
	struct script_regex *r = arg;

	module_close(&r->module);
}

static enum err
described_make(struct catalogue *c, size_t i, struct fault *f)
{
	struct script *s = arena_zero(c->arena, 1, sizeof(*s));

	c->described[i] = s;
	return script_make(c, s, &c->conf->tools[i], f);
}

/* One of the folder may be unfit.  What only another process could make is
 * not. */
static enum err
script_try(struct catalogue *c, struct script *s, const struct conf_tool *t,
    struct fault *f)
{
	struct fault why = { 0 };
	enum err e = script_make(c, s, t, &why);

	s->conf = t;
	if (e != ERR_OK && e != ERR_BUSY && script_of_folder(c, s)) {
		script_leave(c, s, "%s", why.msg);
		return ERR_OK;
	}
	if (e != ERR_OK)
		*f = why;
	return e;
}

enum err
scripts_new(struct catalogue *c, struct fault *f)
{
	const struct conf *conf = c->conf;
	size_t most = conf->ntools + conf->nscripts;
	struct script *all = arena_zero(c->arena, most + 1, sizeof(*all));
	enum err e = ERR_OK;

	c->regex = arena_zero(c->arena, 1, sizeof(*c->regex));
	c->regex->re = (struct schema_regex){ regex_match, c->regex };
	arena_defer(c->arena, regex_close, c->regex);
	c->scripts = all;
	c->left = arena_zero(c->arena, most + 1, sizeof(*c->left));
	c->described =
	    arena_zero(c->arena, conf->ntools + 1, sizeof(*c->described));
	for (size_t i = 0; i < most && e == ERR_OK; i++) {
		const struct conf_tool *t =
		    i < conf->ntools ? &conf->tools[i]
				     : &conf->scripts[i - conf->ntools];

		if (t->command.n > 0)
			e = script_try(c, &all[c->nscripts++], t, f);
		else if (t->schema_file != NULL)
			e = described_make(c, i, f);
	}
	return e;
}

void
script_extras(const struct script *s, enum era era, struct json_out *out)
{
	if (s->icons != NULL && era >= ERA_2025_11_25)
		json_tree(out, "icons", s->icons);
	if (s->meta != NULL && era_structured(era))
		json_tree(out, "_meta", s->meta);
}

void
script_annotations(const struct script *s, struct json_out *out)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)s->annotations, name, v)
	{
		json_tree(out, name, v);
	}
}

void
script_write(const struct script *s, enum era era, struct json_out *out)
{
	const json_t *root = json_member(s->output, "type");
	bool object = str_eq(json_text(root), STR("object"));

	json_tree(out, "inputSchema", s->input);
	if (s->output != NULL && era_structured(era) &&
	    (object || era_modern(era)))
		json_tree(out, "outputSchema", s->output);
	script_extras(s, era, out);
	if (era < ERA_2025_03_26)
		return;
	json_obj(out, "annotations");
	if (json_member(s->annotations, "readOnlyHint") == NULL)
		json_bool(out, "readOnlyHint", s->reads);
	script_annotations(s, out);
	json_end(out);
}
