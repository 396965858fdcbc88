/* SPDX-License-Identifier: ISC */
/*
 * Resources and prompts: which of their settings go together, what stands in
 * double braces, and that the files they name are there and are nobody
 * else's.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf_int.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* Prompts that are there without a setting. */
static const char *const own_prompts[] = { "create-greeting",
	"search_metadata" };

static int
line_of(const config_setting_t *s, const char *member)
{
	const config_setting_t *m = config_setting_get_member(s, member);

	return (int)config_setting_source_line(m == NULL ? s : m);
}

/* A scheme (RFC 3986 3.1) and its colon; the length, or 0. */
static size_t
scheme_length(const char *text)
{
	size_t n = strspn(text, LETTERS);

	if (n == 0)
		return 0;
	n = strspn(text, LETTERS DIGITS "+-.");
	return text[n] == ':' && text[n + 1] != '\0' ? n + 1 : 0;
}

/* "{name}" or "{+name}" at p; its length, or 0. */
static size_t
variable_length(const char *p)
{
	size_t at = p[1] == '+' ? 2 : 1, n = strspn(p + at, LETTERS DIGITS "_");

	if (strspn(p + at, LETTERS) == 0 || n > 64 || p[at + n] != '}')
		return 0;
	return at + n + 1;
}

const char *
check_uri(const char *text)
{
	size_t at = scheme_length(text), n;

	if (at == 0)
		return "must be a URI with its scheme, such as \"docs://manual\"";
	while (text[at] != '\0') {
		n = text[at] == '{' ? variable_length(text + at)
				    : strspn(text + at, LETTERS DIGITS
					  "-._~:/?[]@!$&'()*+,;=%");
		if (n == 0)
			return "must be made of the characters of a URI, without a fragment, and variables such as {name}";
		if (text[at] == '{' && text[at + n] == '{')
			return "must have something between two variables";
		at += n;
	}
	return NULL;
}

const char *
check_mime(const char *text)
{
	size_t n = strspn(text, LETTERS DIGITS "!#$&-^_.+");
	size_t m = text[n] != '/'
		       ? 0
		       : strspn(text + n + 1, LETTERS DIGITS "!#$&-^_.+");

	if (n == 0 || m == 0 ||
	    (text[n + 1 + m] != '\0' && text[n + 1 + m] != ';'))
		return "must be a media type such as \"text/markdown\"";
	return NULL;
}

static void
names_add(struct walk *w, struct conf_names *names, const char *path)
{
	names->v = arena_grow(w->a, (void *)names->v,
	    names->n * sizeof(*names->v), (names->n + 1) * sizeof(*names->v));
	names->v[names->n++] = path;
}

/* A file or folder that is read for whoever asks. */
static void
read_from(struct walk *w, int line, const char *where, const char *path,
    bool folder)
{
	const char *wrong = NULL;
	struct stat st;

	if (path == NULL)
		return;
	names_add(w, folder ? &w->c->content_folders : &w->c->content_files,
	    path);
	if (stat(path, &st) != 0)
		wrong =
		    arena_fmt(w->a, "cannot be found: %s", strerror(errno)).p;
	else if (folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		wrong = folder ? "this is no folder" : "this is no file";
	if (wrong == NULL)
		wrong = file_owned(w->a, &st);
	if (wrong == NULL)
		wrong = file_place(path);
	if (wrong != NULL)
		complain(w, line, "%s: %s: %s", where, path, wrong);
}

/* The first of "names" that is given; a second one is complained of. */
static const char *
one_of(struct walk *w, const config_setting_t *s, const char *where,
    const char *const *names)
{
	const char *first = NULL;

	for (; *names != NULL; names++) {
		if (config_setting_get_member(s, *names) == NULL)
			continue;
		if (first != NULL)
			complain(w, line_of(s, *names),
			    "%s.%s does not go with \"%s\"", where, *names,
			    first);
		else
			first = *names;
	}
	return first;
}

/* --- what stands in braces --- */

/* Is "name" among the parameters? */
static bool
has_param(const struct conf_param *p, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(str_of(p[i].name), name))
			return true;
	return false;
}

static bool
has_variable(const char *uri, struct str name)
{
	for (const char *p = strchr(uri, '{'); p != NULL;
	     p = strchr(p + 1, '{')) {
		struct str v = { p + 1, strcspn(p + 1, "}") };

		if (str_starts(v, STR("+")))
			v = str_from(v, 1);
		if (str_eq(v, name))
			return true;
	}
	return false;
}

/* "{{name}}" or "{{name.name}}" from *p on: the inside; false at the end. */
static bool
next_insert(const char **p, struct str *inside)
{
	while ((*p = strstr(*p, "{{")) != NULL) {
		size_t n = strspn(*p + 2, LETTERS DIGITS "_.");

		inside->p = *p + 2;
		inside->len = n;
		*p += 2;
		if (n > 0 && strncmp(inside->p + n, "}}", 2) == 0)
			return true;
	}
	return false;
}

/* What a text may say in double braces. */
struct known {
	const struct conf_prompt *prompt; /* or */
	const struct conf_resource *resource;
};

static bool
is_known(const struct known *k, struct str name)
{
	const struct conf_prompt *p = k->prompt;
	struct str rest = name, ask;

	if (k->resource != NULL)
		return has_variable(k->resource->uri, name);
	if (!str_has(name, '.'))
		return has_param(p->params, p->nparams, name);
	(void)str_cut(&rest, '.', &ask);
	for (size_t i = 0; i < p->nasks; i++)
		if (str_eq(str_of(p->asks[i].name), ask))
			return has_param(p->asks[i].params, p->asks[i].nparams,
			    rest);
	return false;
}

static void
check_inserts(struct walk *w, int line, const char *where, const char *text,
    const struct known *k)
{
	struct str name;

	if (text == NULL)
		return;
	while (next_insert(&text, &name))
		if (!is_known(k, name))
			complain(w, line, "%s: nothing is named {{%.*s}}",
			    where, (int)name.len, name.p);
}

/* --- resources --- */

/* Two of one address could not be told apart. */
static void
check_same(struct walk *w, int line, const struct conf_resource *r)
{
	for (size_t i = 0; i < w->nuris; i++)
		if (strcmp(w->uris[i].name, r->uri) == 0) {
			complain(w, line,
			    "resources.%s.uri is that of resources.%s", r->name,
			    w->uris[i].where);
			return;
		}
	w->uris = arena_grow(w->a, w->uris, w->nuris * sizeof(*w->uris),
	    (w->nuris + 1) * sizeof(*w->uris));
	w->uris[w->nuris++] = (struct ref){ r->uri, r->name, line };
}

static void
check_template(struct walk *w, const config_setting_t *s, const char *where,
    const struct conf_resource *r)
{
	const struct known known = { .resource = r };

	if (r->path != NULL && r->is_template)
		complain(w, line_of(s, "path"),
		    "%s.path: a template needs \"text\" or \"folder\"", where);
	if (r->is_template)
		check_inserts(w, line_of(s, "text"),
		    arena_fmt(w->a, "%s.text", where).p, r->text, &known);
	for (size_t i = 0; i < r->nparams; i++)
		if (!has_variable(r->uri, str_of(r->params[i].name)))
			complain(w, line_of(s, "params"),
			    "%s.params: the uri has no variable {%s}", where,
			    r->params[i].name);
}

static void
check_ui(struct walk *w, const config_setting_t *s, const char *where,
    struct conf_resource *r)
{
	static const char *const names[] = { "ui_connect", "ui_load",
		"ui_frames", "ui_base", "ui_permissions", "ui_domain",
		"ui_border" };

	if (strncmp(r->uri, "ui://", 5) == 0) {
		if (r->mime == NULL)
			r->mime = "text/html;profile=mcp-app";
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (config_setting_get_member(s, names[i]) != NULL)
			complain(w, line_of(s, names[i]),
			    "%s.%s is for a resource whose uri begins with ui://",
			    where, names[i]);
}

void
resource_done(struct walk *w, const config_setting_t *s, void *thing)
{
	static const char *const kinds[] = { "text", "path", "folder", NULL };
	struct conf_resource *r = thing;
	const char *where = arena_fmt(w->a, "resources.%s", r->name).p;

	r->source_index = -1;
	if (w->torn)
		return;
	if (one_of(w, s, where, kinds) == NULL)
		complain(w, line_of(s, ""),
		    "%s needs one of the settings text, path and folder",
		    where);
	read_from(w, line_of(s, "path"), arena_fmt(w->a, "%s.path", where).p,
	    r->path, false);
	read_from(w, line_of(s, "folder"),
	    arena_fmt(w->a, "%s.folder", where).p, r->folder, true);
	if (r->uri == NULL)
		return;
	r->is_template = strchr(r->uri, '{') != NULL;
	if (strncmp(r->uri, "schema:", 7) == 0)
		complain(w, line_of(s, "uri"),
		    "%s.uri: the scheme schema: is that of the sources", where);
	check_same(w, line_of(s, "uri"), r);
	check_template(w, s, where, r);
	check_ui(w, s, where, r);
}

/* --- prompts --- */

void
message_done(struct walk *w, const config_setting_t *s, void *thing)
{
	static const char *const kinds[] = { "resource", "image", "audio",
		NULL };
	static const char *const contents[] = { "text", "path", NULL };
	const struct conf_message *m = thing;
	const char *where = arena_fmt(w->a, "message %s", m->name).p, *kind;

	if (w->torn)
		return;
	kind = one_of(w, s, where, kinds);
	if (kind == NULL && m->text == NULL)
		complain(w, line_of(s, ""),
		    "%s needs one of the settings text, image, audio and resource",
		    where);
	if (kind != NULL && strcmp(kind, "resource") != 0 && m->text != NULL)
		complain(w, line_of(s, "text"),
		    "%s.text does not go with \"%s\"", where, kind);
	if (m->path != NULL && m->resource == NULL)
		complain(w, line_of(s, "path"),
		    "%s.path needs the setting \"resource\" beside it", where);
	if (m->resource != NULL)
		(void)one_of(w, s, where, contents);
	read_from(w, line_of(s, "image"), arena_fmt(w->a, "%s.image", where).p,
	    m->image, false);
	read_from(w, line_of(s, "audio"), arena_fmt(w->a, "%s.audio", where).p,
	    m->audio, false);
	read_from(w, line_of(s, "path"), arena_fmt(w->a, "%s.path", where).p,
	    m->path, false);
}

void
ask_done(struct walk *w, const config_setting_t *s, void *thing)
{
	const struct conf_ask *k = thing;

	if (k->nparams == 0 && !w->torn)
		complain(w, line_of(s, "params"),
		    "question %s must have at least one parameter", k->name);
}

/* A URI that is told at the beginning comes from the argument as a whole. */
static const char *
resource_wrong(const char *uri)
{
	if (strncmp(uri, "{{", 2) == 0)
		return NULL;
	return scheme_length(uri) > 0 ? NULL
				      : "must begin with the scheme of a URI";
}

/* What message number i says of arguments. */
static void
check_message(struct walk *w, const config_setting_t *s, const char *where,
    const struct known *k, size_t i)
{
	const struct conf_message *m = &k->prompt->messages[i];
	int line = (int)config_setting_source_line(
	    config_setting_get_elem(config_setting_get_member(s, "messages"),
		(unsigned)i));
	const char *wrong;

	check_inserts(w, line, where, m->text, k);
	check_inserts(w, line, where, m->resource, k);
	wrong = m->resource == NULL ? NULL : resource_wrong(m->resource);
	if (wrong != NULL)
		complain(w, line, "%s: resource %s", where, wrong);
}

void
prompt_done(struct walk *w, const config_setting_t *s, void *thing)
{
	struct conf_prompt *p = thing;
	/* A question cannot hold answers. */
	const struct conf_prompt unasked = { .params = p->params,
		.nparams = p->nparams };
	const struct known known = { .prompt = p };
	const struct known before = { .prompt = &unasked };
	const char *where = arena_fmt(w->a, "prompts.%s", p->name).p;
	const config_setting_t *list = config_setting_get_member(s, "messages");

	p->source_index = -1;
	for (size_t i = 0; i < sizeof(own_prompts) / sizeof(own_prompts[0]);
	     i++)
		if (strcmp(p->name, own_prompts[i]) == 0)
			complain(w, line_of(s, ""),
			    "%s: a prompt of that name is built in", where);
	if (p->nmessages == 0 && !w->torn && list != NULL &&
	    list->type == CONFIG_TYPE_LIST)
		complain(w, line_of(s, "messages"),
		    "%s.messages must have at least one message", where);
	for (size_t i = 0; i < p->nmessages; i++)
		check_message(w, s, where, &known, i);
	for (size_t i = 0; i < p->nasks; i++)
		check_inserts(w, line_of(s, "ask"), where, p->asks[i].message,
		    &before);
}

static int
index_of(const struct conf *c, const char *source)
{
	return source == NULL ? -1 : conf_source_index(c, str_of(source));
}

void
content_check(struct walk *w)
{
	struct conf *c = w->c;
	struct conf_resource *r = (struct conf_resource *)c->resources;
	struct conf_prompt *p = (struct conf_prompt *)c->prompts;

	for (size_t i = 0; i < c->nresources; i++)
		r[i].source_index = index_of(c, r[i].source);
	for (size_t i = 0; i < c->nprompts; i++)
		p[i].source_index = index_of(c, p[i].source);
}
