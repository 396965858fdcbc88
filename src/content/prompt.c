/* SPDX-License-Identifier: ISC */
/* prompts/list and prompts/get (tools.md 7). */
#include "content/content_int.h"

/* --- the list --- */

static void
put_params(struct json_out *out, const struct conf_prompt *p)
{
	if (p->nparams == 0)
		return;
	json_arr(out, "arguments");
	for (size_t i = 0; i < p->nparams; i++) {
		json_obj(out, NULL);
		json_z(out, "name", p->params[i].name);
		if (p->params[i].about != NULL)
			json_z(out, "description", p->params[i].about);
		if (p->params[i].required)
			json_bool(out, "required", true);
		json_end(out);
	}
	json_end(out);
}

static void
put_prompt(struct listing *l, const struct conf_prompt *p)
{
	struct json_out *out = &l->out;

	json_obj(out, NULL);
	json_z(out, "name", p->name);
	if (era_structured(l->call->era) && p->title != NULL)
		json_z(out, "title", p->title);
	if (p->about != NULL)
		json_z(out, "description", p->about);
	put_params(out, p);
	json_end(out);
}

enum err
prompt_list(struct tool_call *c, struct str cursor, struct content_page *out,
    struct fault *f)
{
	const struct conf_prompt *p;
	struct listing l;
	enum err e = listing_begin(&l, c, "prompts", cursor, f);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; (p = prompt_at(c->conf, i)) != NULL; i++)
		if (sees_configured(c, p->source, p->source_index) &&
		    listing_part(&l, i) && listing_take(&l))
			put_prompt(&l, p);
	return listing_end(&l, out, f);
}

/* --- one prompt --- */

/* What the messages of one prompt are made of. */
struct making {
	struct tool_call *call;
	const struct insert_value *v;
	size_t n;
	int64_t left; /* bytes that files may still have */
	struct json_out *out;
};

static enum err
too_large(struct fault *f)
{
	return fault_set(f, ERR_TOO_LARGE, "the prompt is too large to send");
}

static enum err
get_file(struct making *m, const char *path, struct str *bytes, struct fault *f)
{
	struct file file;
	enum err e = file_get(m->call->arena, path, m->left, &file, f);

	if (e == ERR_UNKNOWN_RESOURCE)
		return fault_set(f, ERR_OBJECT_NOT_FOUND,
		    "a file of this prompt cannot be read");
	if (e != ERR_OK)
		return e;
	m->left -= file.size;
	*bytes = file.text;
	return ERR_OK;
}

static enum err
put_text(struct making *m, struct str text)
{
	json_obj(m->out, "content");
	json_z(m->out, "type", "text");
	json_str(m->out, "text", text.p == NULL ? "" : text.p, text.len);
	json_end(m->out);
	return ERR_OK;
}

/* Before 2025-03-26 a sound is an embedded resource. */
static void
put_sound(struct making *m, const char *mime, struct str bytes)
{
	json_obj(m->out, "content");
	json_z(m->out, "type", "resource");
	json_obj(m->out, "resource");
	json_z(m->out, "uri", "audio://item");
	json_z(m->out, "mimeType", mime);
	json_base64(m->out, "blob", bytes.p, bytes.len);
	json_end(m->out);
	json_end(m->out);
}

static enum err
put_media(struct making *m, const struct conf_message *msg, struct fault *f)
{
	const char *path = msg->image != NULL ? msg->image : msg->audio;
	const char *mime =
	    msg->mime != NULL ? msg->mime : mime_of(str_of(path));
	struct str bytes;
	enum err e = get_file(m, path, &bytes, f);

	if (e != ERR_OK)
		return e;
	if (mime == NULL)
		mime = msg->image != NULL ? "image/png" : "audio/wav";
	if (msg->audio != NULL && m->call->era < ERA_2025_03_26) {
		put_sound(m, mime, bytes);
		return ERR_OK;
	}
	json_obj(m->out, "content");
	json_z(m->out, "type", msg->image != NULL ? "image" : "audio");
	json_base64(m->out, "data", bytes.p, bytes.len);
	json_z(m->out, "mimeType", mime);
	json_end(m->out);
	return ERR_OK;
}

/* What is embedded: a text, a file, or a resource of ours. */
static enum err
put_embedded(struct making *m, const struct conf_message *msg, struct str uri,
    struct fault *f)
{
	struct arena *a = m->call->arena;
	const char *mime = msg->mime;
	struct str bytes;
	enum err e;

	if (msg->text == NULL && msg->path == NULL)
		return content_write(m->call, uri, m->out, f);
	if (msg->text != NULL) {
		mime = mime == NULL ? "text/plain" : mime;
		if (!insert_values(a, msg->text, m->v, m->n,
			mime_form(str_of(mime)), &bytes))
			return too_large(f);
	} else {
		e = get_file(m, msg->path, &bytes, f);
		if (e != ERR_OK)
			return e;
		mime = mime == NULL ? mime_of(str_of(msg->path)) : mime;
	}
	content_bytes(m->out, NULL, uri, mime, bytes, NULL);
	return ERR_OK;
}

static enum err
put_resource(struct making *m, const struct conf_message *msg, struct fault *f)
{
	struct str uri;
	enum err e;

	if (!insert_values(m->call->arena, msg->resource, m->v, m->n,
		INSERT_URI, &uri))
		return too_large(f);
	if (!uri_valid(uri))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: the arguments of this prompt must give a URI with its scheme");
	json_obj(m->out, "content");
	json_z(m->out, "type", "resource");
	json_key(m->out, STR("resource"));
	e = put_embedded(m, msg, uri, f);
	if (e != ERR_OK)
		json_nil(m->out, NULL);
	json_end(m->out);
	return e;
}

static enum err
put_message(struct making *m, const struct conf_message *msg, struct fault *f)
{
	struct str text;
	enum err e;

	json_obj(m->out, NULL);
	json_z(m->out, "role", msg->assistant ? "assistant" : "user");
	if (msg->resource != NULL)
		e = put_resource(m, msg, f);
	else if (msg->image != NULL || msg->audio != NULL)
		e = put_media(m, msg, f);
	else if (insert_values(m->call->arena, msg->text, m->v, m->n,
		     INSERT_PLAIN, &text))
		e = put_text(m, text);
	else
		e = too_large(f);
	json_end(m->out);
	return e;
}

static enum err
put_messages(struct making *m, const struct conf_prompt *p, struct fault *f)
{
	struct str text;
	enum err e = ERR_OK;

	json_arr(m->out, NULL);
	if (prompt_own_text(m->call, p, m->v, m->n, &text)) {
		json_obj(m->out, NULL);
		json_z(m->out, "role", "user");
		e = put_text(m, text);
		json_end(m->out);
	}
	for (size_t i = 0; i < p->nmessages && e == ERR_OK; i++)
		e = put_message(m, &p->messages[i], f);
	json_end(m->out);
	if (e == ERR_OK && json_failed(m->out))
		return too_large(f);
	return e;
}

enum err
prompt_get(struct tool_call *c, struct str name, const json_t *arguments,
    struct prompt_result *out, struct fault *f)
{
	const struct conf_prompt *p = prompt_named(c, name);
	struct making m = { .call = c, .left = c->conf->limits.resource };
	struct insert_value *v;
	char word[FAULT_MSG];
	struct json_out o;
	struct buf b;
	enum err e;

	*out = (struct prompt_result){ 0 };
	if (p == NULL)
		return fault_set(f, ERR_UNKNOWN_PROMPT, "Prompt not found: %s",
		    fault_word(word, name, 128));
	e = prompt_values(c, p, arguments, &v, &m.n, f);
	if (e == ERR_OK)
		e = prompt_answers(c, p, &v, &m.n, &out->ask, f);
	if (e != ERR_OK || out->ask.len > 0)
		return e;
	buf_init(&b, c->arena, CONTENTS_MAX);
	json_out_init(&o, &b, NULL);
	m.v = v;
	m.out = &o;
	e = put_messages(&m, p, f);
	out->description = p->about;
	out->messages = buf_text(&b);
	return e;
}
