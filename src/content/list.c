/* SPDX-License-Identifier: ISC */
/*
 * resources/list and resources/templates/list: what is configured, in its
 * order, then each source with its tables.
 */
#include "content/content_int.h"

/* What an entry of either list may say. */
struct entry {
	struct str uri, name;
	const char *title, *about, *mime;
	int64_t size;                         /* -1: unknown */
	const struct conf_resource *resource; /* or NULL */
};

static void
put_names(struct json_out *out, const char *key, const struct conf_names *names)
{
	if (names->n == 0)
		return;
	json_arr(out, key);
	for (size_t i = 0; i < names->n; i++)
		json_z(out, NULL, names->v[i]);
	json_end(out);
}

static void
put_csp(struct json_out *out, const struct conf_resource *r)
{
	if (r->ui_connect.n + r->ui_load.n + r->ui_frames.n + r->ui_base.n == 0)
		return;
	json_obj(out, "csp");
	put_names(out, "connectDomains", &r->ui_connect);
	put_names(out, "resourceDomains", &r->ui_load);
	put_names(out, "frameDomains", &r->ui_frames);
	put_names(out, "baseUriDomains", &r->ui_base);
	json_end(out);
}

void
content_ui(struct json_out *out, const struct conf_resource *r)
{
	bool csp =
	    r != NULL &&
	    r->ui_connect.n + r->ui_load.n + r->ui_frames.n + r->ui_base.n > 0;

	if (r == NULL || (!csp && r->ui_permissions.n == 0 &&
			     r->ui_domain == NULL && !r->has_ui_border))
		return;
	json_obj(out, "_meta");
	json_obj(out, "ui");
	put_csp(out, r);
	if (r->ui_permissions.n > 0) {
		json_obj(out, "permissions");
		for (size_t i = 0; i < r->ui_permissions.n; i++) {
			json_obj(out, r->ui_permissions.v[i]);
			json_end(out);
		}
		json_end(out);
	}
	if (r->ui_domain != NULL)
		json_z(out, "domain", r->ui_domain);
	if (r->has_ui_border)
		json_bool(out, "prefersBorder", r->ui_border);
	json_end(out);
	json_end(out);
}

static void
put_entry(struct listing *l, const struct entry *e, const char *key)
{
	struct json_out *out = &l->out;
	bool titles = era_structured(l->call->era);

	json_obj(out, NULL);
	json_str(out, key, e->uri.p, e->uri.len);
	json_str(out, "name", e->name.p, e->name.len);
	if (titles && e->title != NULL)
		json_z(out, "title", e->title);
	if (e->about != NULL)
		json_z(out, "description", e->about);
	if (e->mime != NULL)
		json_z(out, "mimeType", e->mime);
	if (e->size >= 0)
		json_int(out, "size", e->size);
	if (titles)
		content_ui(out, e->resource);
	json_end(out);
}

/* --- what is configured --- */

static struct entry
configured(const struct conf_resource *r)
{
	return (struct entry){
		.uri = str_of(r->uri),
		.name = str_of(r->name),
		.title = r->title,
		.about = r->about,
		.mime = r->mime,
		.size = -1,
		.resource = r,
	};
}

static void
list_text(struct listing *l, const struct conf_resource *r)
{
	struct entry e = configured(r);

	e.size = (int64_t)strlen(r->text);
	if (e.mime == NULL)
		e.mime = "text/plain";
	if (listing_take(l))
		put_entry(l, &e, "uri");
}

/* A file that is not there is not listed. */
static void
list_file(struct listing *l, const struct conf_resource *r)
{
	struct entry e = configured(r);
	struct file file;
	struct fault f = { 0 };

	if (file_get(l->call->arena, r->path, -1, &file, &f) != ERR_OK)
		return;
	e.size = file.size;
	if (e.mime == NULL)
		e.mime = mime_of(str_of(r->path));
	if (listing_take(l))
		put_entry(l, &e, "uri");
}

static void
list_folder(struct listing *l, const struct conf_resource *r)
{
	struct arena *a = l->call->arena;
	struct entry e = configured(r);
	struct file *v = NULL;
	size_t n = 0;

	if (!folder_list(a, r->folder, &v, &n))
		return;
	for (size_t i = 0; i < n && !l->full; i++) {
		if (!listing_take(l))
			continue;
		e.uri = uri_in_folder(a, r->uri, v[i].rel);
		e.name = v[i].rel;
		e.title = NULL;
		e.size = v[i].size;
		e.mime = r->mime != NULL ? r->mime : mime_of(v[i].rel);
		put_entry(l, &e, "uri");
	}
}

static void
list_configured(struct listing *l, const struct conf_resource *r)
{
	if (r->is_template ||
	    !sees_configured(l->call, r->source, r->source_index))
		return;
	if (r->text != NULL)
		list_text(l, r);
	else if (r->path != NULL)
		list_file(l, r);
	else
		list_folder(l, r);
}

/* --- sources --- */

static void
list_tables(struct listing *l, int source, struct fault *f)
{
	struct tool_call *c = l->call;
	const char *name = c->conf->sources[source].name;
	struct table_name *v = NULL;
	size_t n = 0;

	if (meta_tables(c, source, &(struct meta_want){ 0 }, &v, &n, f) !=
	    ERR_OK) {
		listing_notice(l, name, f);
		return;
	}
	for (size_t i = 0; i < n && !l->full; i++) {
		struct entry e = {
			.uri = uri_of_table(c->arena, str_of(name), v[i].schema,
			    v[i].table),
			.name = arena_fmt(c->arena, "%s.%.*s.%.*s", name,
			    (int)v[i].schema.len, v[i].schema.p,
			    (int)v[i].table.len, v[i].table.p),
			.about = v[i].about.len == 0
				     ? NULL
				     : arena_z(c->arena, v[i].about),
			.mime = "application/json",
			.size = -1,
		};

		if (listing_take(l))
			put_entry(l, &e, "uri");
	}
}

static void
list_source(struct listing *l, int source)
{
	const struct conf *conf = l->call->conf;
	const struct conf_source *s = &conf->sources[source];
	struct entry e = {
		.uri = uri_of_source(l->call->arena, str_of(s->name)),
		.name = str_of(s->name),
		.about = s->about,
		.mime = "text/markdown",
		.size = -1,
	};
	struct fault f = { 0 };

	if (!sees_schema(l->call, source, true))
		return;
	if (listing_take(l))
		put_entry(l, &e, "uri");
	if (conf->source_resources != OFFER_TABLES)
		return;
	/* A full page asks no database, and slow ones make the page shorter. */
	if (l->left == 0 || deadline_over(l->until))
		l->full = true;
	else
		list_tables(l, source, &f);
}

enum err
resource_list(struct tool_call *c, struct str cursor, struct content_page *out,
    struct fault *f)
{
	const struct conf *conf = c->conf;
	struct listing l;
	enum err e = listing_begin(&l, c, "resources", cursor, f);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < conf->nresources; i++)
		if (listing_part(&l, i))
			list_configured(&l, &conf->resources[i]);
	for (size_t i = 0; i < conf->nsources; i++)
		if (conf->source_resources != OFFER_OFF &&
		    listing_part(&l, conf->nresources + i))
			list_source(&l, (int)i);
	return listing_end(&l, out, f);
}

/* --- templates --- */

static void
list_own_templates(struct listing *l)
{
	static const struct entry own[] = {
		{ { SCHEMA_SCHEME "{source}", sizeof(SCHEMA_SCHEME) + 7 },
		    { "source", 6 }, "Schema of a source",
		    "Tables and columns of a source, as Markdown",
		    "text/markdown", -1, NULL },
		{ { SCHEMA_SCHEME "{source}/{schema}/{table}",
		      sizeof(SCHEMA_SCHEME) + 24 },
		    { "table", 5 }, "Table of a source",
		    "Columns and keys of a table with some of its rows, as JSON",
		    "application/json", -1, NULL },
	};
	const struct conf *conf = l->call->conf;
	bool any = false;

	for (size_t i = 0; i < conf->nsources && !any; i++)
		any = sees_schema(l->call, (int)i, true);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && any; i++)
		if ((i == 0 || conf->source_resources == OFFER_TABLES) &&
		    listing_take(l))
			put_entry(l, &own[i], "uriTemplate");
}

enum err
resource_templates(struct tool_call *c, struct str cursor,
    struct content_page *out, struct fault *f)
{
	const struct conf *conf = c->conf;
	struct listing l;
	enum err e = listing_begin(&l, c, "templates", cursor, f);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < conf->nresources; i++) {
		const struct conf_resource *r = &conf->resources[i];
		struct entry t = configured(r);

		if (t.mime == NULL && r->text != NULL)
			t.mime = "text/plain";
		if (r->is_template &&
		    sees_configured(c, r->source, r->source_index) &&
		    listing_part(&l, i) && listing_take(&l))
			put_entry(&l, &t, "uriTemplate");
	}
	if (conf->source_resources != OFFER_OFF &&
	    listing_part(&l, conf->nresources))
		list_own_templates(&l);
	return listing_end(&l, out, f);
}
