/* SPDX-License-Identifier: ISC */
/*
 * resources/read: from an address to what stands there.  What is configured
 * comes first; whatever a caller does not see is as if it never was.
 */
#include "base/utf8.h"
#include "content/content_int.h"

/* An address that was understood. */
struct found {
	const struct conf_resource *resource; /* or a source: */
	int source;
	struct str schema, table; /* empty: the source as a whole */
	struct str rel;           /* in the resource's folder */
	struct uri_value v[URI_VALUES];
	size_t n; /* of a template */
};

enum err
resource_unknown(struct fault *f, struct str uri)
{
	char word[FAULT_MSG];

	fault_hint(f, "%s", fault_word(word, uri, FAULT_MSG - 1));
	return fault_set(f, ERR_UNKNOWN_RESOURCE, "Resource not found");
}

/* --- finding --- */

struct str
uri_in_folder(struct arena *a, const char *uri, struct str rel)
{
	struct str base = str_of(uri);
	struct buf b;

	buf_init(&b, a, base.len + 3 * rel.len + 2);
	buf_str(&b, base);
	if (!str_ends(base, STR("/")))
		buf_char(&b, '/');
	uri_encode(&b, rel, true);
	return buf_text(&b);
}

/* The file of a plain folder: what follows its address, each name decoded by
 * itself, so that an encoded slash is no slash. */
static bool
folder_match(struct arena *a, const char *base, struct str uri, struct str *rel)
{
	struct str head = str_of(base), piece, name;
	struct buf b;

	if (uri.len > URI_MAX || !str_starts(uri, head))
		return false;
	uri = str_from(uri, head.len);
	if (!str_ends(head, STR("/"))) {
		if (!str_starts(uri, STR("/")))
			return false;
		uri = str_from(uri, 1);
	}
	buf_init(&b, a, uri.len + 1);
	while (str_cut(&uri, '/', &piece)) {
		if (!uri_decode(a, piece, &name) || str_has(name, '/'))
			return false;
		if (b.len > 0)
			buf_char(&b, '/');
		buf_str(&b, name);
	}
	*rel = buf_text(&b);
	return rel->len > 0;
}

/* The file of a template over a folder: the values are the names on its way;
 * only {+name} may hold slashes of its own. */
static bool
template_path(struct arena *a, const struct conf_resource *r, struct found *w)
{
	struct str rest = str_of(r->uri), name;
	bool slashes;
	struct buf b;

	buf_init(&b, a, URI_MAX);
	for (size_t i = 0; i < w->n; i++) {
		if (!uri_variable(&rest, &name, &slashes) ||
		    (!slashes && str_has(w->v[i].value, '/')))
			return false;
		if (i > 0)
			buf_char(&b, '/');
		buf_str(&b, w->v[i].value);
	}
	w->rel = buf_text(&b);
	return !buf_failed(&b);
}

static bool
match(struct arena *a, const struct conf_resource *r, struct str uri,
    struct found *w)
{
	if (r->is_template)
		return uri_match(a, str_of(r->uri), uri, w->v, &w->n) &&
		       (r->folder == NULL || template_path(a, r, w));
	if (r->folder != NULL)
		return folder_match(a, r->uri, uri, &w->rel);
	return str_eq(uri, str_of(r->uri));
}

/* Is the file there?  What one does not hold may be another's. */
static bool
exists(struct tool_call *c, const struct found *w)
{
	const struct conf_resource *r = w->resource;
	struct fault f = { 0 };
	struct file file;

	if (r->text != NULL)
		return true;
	if (r->folder == NULL)
		return file_get(c->arena, r->path, -1, &file, &f) == ERR_OK;
	return folder_get(c->arena, r->folder, w->rel, -1, &file, &f) == ERR_OK;
}

/* Addresses without variables come before templates. */
static bool
find_configured(struct tool_call *c, struct str uri, bool templates,
    struct found *w)
{
	const struct conf *conf = c->conf;

	for (size_t i = 0; i < conf->nresources; i++) {
		const struct conf_resource *r = &conf->resources[i];

		*w = (struct found){ .resource = r, .source = -1 };
		if (r->is_template == templates &&
		    sees_configured(c, r->source, r->source_index) &&
		    match(c->arena, r, uri, w) && exists(c, w))
			return true;
	}
	return false;
}

static bool
find_source(struct tool_call *c, struct str uri, struct found *w)
{
	static const char *const forms[] = { SCHEMA_SCHEME "{source}",
		SCHEMA_SCHEME "{source}/{schema}/{table}" };
	size_t i = 0;

	*w = (struct found){ .source = -1 };
	while (
	    i < 2 && !uri_match(c->arena, str_of(forms[i]), uri, w->v, &w->n))
		i++;
	if (i == 2 || c->conf->source_resources == OFFER_OFF ||
	    (i == 1 && c->conf->source_resources != OFFER_TABLES))
		return false;
	w->source = conf_source_index(c->conf, w->v[0].value);
	if (w->source < 0 || !sees_schema(c, w->source, false))
		return false;
	if (i == 1) {
		w->schema = w->v[1].value;
		w->table = w->v[2].value;
	}
	return true;
}

static bool
find(struct tool_call *c, struct str uri, struct found *w)
{
	return find_configured(c, uri, false, w) ||
	       find_configured(c, uri, true, w) || find_source(c, uri, w);
}

/* --- writing --- */

void
content_bytes(struct json_out *out, const char *key, struct str uri,
    const char *mime, struct str bytes, const struct conf_resource *r)
{
	bool text = mime == NULL || mime_is_text(str_of(mime));

	text = text && utf8_valid(bytes) && !str_has(bytes, '\0');
	if (mime == NULL)
		mime = text ? "text/plain" : "application/octet-stream";
	json_obj(out, key);
	json_str(out, "uri", uri.p, uri.len);
	json_z(out, "mimeType", mime);
	if (text)
		json_str(out, "text", bytes.p == NULL ? "" : bytes.p,
		    bytes.len);
	else
		json_base64(out, "blob", bytes.p, bytes.len);
	content_ui(out, r);
	json_end(out);
}

/* The text of a template with the values of its variables. */
static enum err
write_template(struct tool_call *c, struct str uri, const struct found *w,
    struct json_out *out, struct fault *f)
{
	const struct conf_resource *r = w->resource;
	const char *mime = r->mime == NULL ? "text/plain" : r->mime;
	struct insert_value v[URI_VALUES];
	struct str text;

	for (size_t i = 0; i < w->n; i++)
		v[i] = (struct insert_value){ w->v[i].name, w->v[i].value };
	if (!insert_values(c->arena, r->text, v, w->n, mime_form(str_of(mime)),
		&text))
		return fault_set(f, ERR_TOO_LARGE,
		    "the resource is too large to send");
	content_bytes(out, NULL, uri, mime, text, r);
	return ERR_OK;
}

static enum err
write_file(struct tool_call *c, struct str uri, const struct found *w,
    struct json_out *out, struct fault *f)
{
	const struct conf_resource *r = w->resource;
	int64_t max = c->conf->limits.resource;
	const char *mime = r->mime;
	struct file file;
	enum err e;

	if (r->folder != NULL)
		e = folder_get(c->arena, r->folder, w->rel, max, &file, f);
	else
		e = file_get(c->arena, r->path, max, &file, f);
	if (e == ERR_UNKNOWN_RESOURCE)
		return resource_unknown(f, uri);
	if (e != ERR_OK)
		return e;
	if (mime == NULL)
		mime = mime_of(r->folder != NULL ? w->rel : str_of(r->path));
	content_bytes(out, NULL, uri, mime, file.text, r);
	return ERR_OK;
}

/* Text that is the inside of a JSON string already. */
static void
write_escaped(struct json_out *out, struct str uri, const char *mime,
    struct str escaped)
{
	json_obj(out, NULL);
	json_str(out, "uri", uri.p, uri.len);
	json_z(out, "mimeType", mime);
	json_gap(out, "text");
	buf_char(out->b, '"');
	buf_str(out->b, escaped);
	buf_char(out->b, '"');
	json_end(out);
}

static enum err
write_source(struct tool_call *c, struct str uri, const struct found *w,
    struct json_out *out, struct fault *f)
{
	struct str text;
	enum err e;

	c->attempt->source = str_of(c->conf->sources[w->source].name);
	if (w->table.len > 0) {
		e = content_table(c, w->source, w->schema, w->table, &text, f);
		if (e == ERR_OK)
			write_escaped(out, uri, "application/json", text);
	} else {
		e = content_source(c, w->source, &text, f);
		if (e == ERR_OK)
			content_bytes(out, NULL, uri, "text/markdown", text,
			    NULL);
	}
	return e == ERR_UNKNOWN_RESOURCE ? resource_unknown(f, uri) : e;
}

enum err
content_write(struct tool_call *c, struct str uri, struct json_out *out,
    struct fault *f)
{
	struct found w;

	if (!find(c, uri, &w))
		return resource_unknown(f, uri);
	if (w.resource == NULL)
		return write_source(c, uri, &w, out, f);
	if (w.resource->text == NULL)
		return write_file(c, uri, &w, out, f);
	if (w.resource->is_template)
		return write_template(c, uri, &w, out, f);
	content_bytes(out, NULL, uri,
	    w.resource->mime == NULL ? "text/plain" : w.resource->mime,
	    str_of(w.resource->text), w.resource);
	return ERR_OK;
}

enum err
resource_read(struct tool_call *c, struct str uri, struct str *contents,
    struct fault *f)
{
	struct json_out out;
	struct buf b;
	enum err e;

	buf_init(&b, c->arena, CONTENTS_MAX);
	json_out_init(&out, &b, NULL);
	json_arr(&out, NULL);
	e = content_write(c, uri, &out, f);
	json_end(&out);
	if (e != ERR_OK)
		return e;
	if (json_failed(&out))
		return fault_set(f, ERR_TOO_LARGE,
		    "the resource is too large to send");
	*contents = buf_text(&b);
	return ERR_OK;
}

/* Of a file its mark, of a text its words. */
static uint64_t
mark_of(struct tool_call *c, const struct found *w)
{
	const struct conf_resource *r = w->resource;
	struct fault f = { 0 };
	struct file file;
	enum err e;

	if (r->text != NULL)
		return str_hash(str_of(r->text)) | 1;
	if (r->folder != NULL)
		e = folder_get(c->arena, r->folder, w->rel, -1, &file, &f);
	else
		e = file_get(c->arena, r->path, -1, &file, &f);
	return e == ERR_OK ? file.mark | 1 : 0;
}

enum err
resource_seen(struct tool_call *c, struct str uri, struct seen *out,
    struct fault *f)
{
	struct found w;

	if (!find(c, uri, &w))
		return resource_unknown(f, uri);
	*out = (struct seen){ .source = w.source };
	if (w.resource != NULL)
		out->mark = mark_of(c, &w);
	return ERR_OK;
}

enum err
resource_find(struct tool_call *c, struct str uri, struct fault *f)
{
	struct fault why = { 0 };
	struct found w;

	if (!find(c, uri, &w))
		return resource_unknown(f, uri);
	if (w.table.len > 0 && content_table_find(c, w.source, w.schema,
				   w.table, &why) == ERR_UNKNOWN_RESOURCE)
		return resource_unknown(f, uri);
	return ERR_OK;
}
