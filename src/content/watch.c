/* SPDX-License-Identifier: ISC */
/*
 * News of what can be read.  An engine that has a number for its structure is
 * asked for it at each look; of another one the names of its tables are
 * compared now and then.  What cannot be asked stays as it was last seen.
 */
#include "content/content_int.h"

enum {
	DEAR_MS = 10000, /* between two looks at an engine without a number */
	FAILED_MS = 30000,
};

struct seen_source {
	uint64_t stamp;
	int64_t due_ms; /* not asked before */
};

struct content_watch {
	struct seen_source *v;
	size_t n, most;
};

struct content_watch *
content_watch_new(struct arena *a, const struct conf *conf, size_t most)
{
	struct content_watch *w = arena_zero(a, 1, sizeof(*w));

	w->n = conf->nsources;
	w->most = most;
	w->v = arena_zero(a, w->n + 1, sizeof(*w->v));
	return w;
}

static uint64_t
mix(uint64_t h, uint64_t with)
{
	return (h ^ with) * 0x9e3779b97f4a7c15u + (h >> 29);
}

/* The names of all tables. */
static bool
tables_stamp(struct tool_call *c, int source, uint64_t *out)
{
	struct table_name *v = NULL;
	struct fault f = { 0 };
	uint64_t h = 1;
	size_t n = 0;

	if (meta_tables(c, source, &(struct meta_want){ 0 }, &v, &n, &f) !=
	    ERR_OK)
		return false;
	for (size_t i = 0; i < n; i++) {
		h = mix(h, str_hash(v[i].schema));
		h = mix(h, str_hash(v[i].table));
		h = mix(h, str_hash(v[i].type));
	}
	*out = h;
	return true;
}

static void
look_source(struct content_watch *w, struct tool_call *c, int source,
    int64_t now_ms)
{
	struct seen_source *s = &w->v[source];

	if (now_ms < s->due_ms)
		return;
	switch (source_stamp(c->sources, source, c->arena, &s->stamp)) {
	case STAMP_OK:
		return;
	case STAMP_NONE:
		s->due_ms = now_ms + DEAR_MS;
		if (tables_stamp(c, source, &s->stamp))
			return;
		/* fall through */
	case STAMP_FAILED:
		s->due_ms = now_ms + FAILED_MS;
	}
}

/* What lies in a folder, by name and size, as the list tells it. */
static uint64_t
look_folder(struct tool_call *c, const char *folder)
{
	struct file *v = NULL;
	uint64_t h = 1;
	size_t n = 0;

	if (!folder_list(c->arena, folder, &v, &n))
		return 0;
	for (size_t i = 0; i < n; i++)
		h = mix(mix(h, str_hash(v[i].rel)), (uint64_t)v[i].size);
	return h;
}

static uint64_t
look_configured(struct tool_call *c, const struct conf_resource *r)
{
	struct fault f = { 0 };
	struct file file;

	if (r->is_template || !sees_configured(c, r->source, r->source_index))
		return 0;
	if (r->folder != NULL)
		return look_folder(c, r->folder);
	if (r->path == NULL ||
	    file_get(c->arena, r->path, -1, &file, &f) != ERR_OK)
		return 0;
	return (uint64_t)file.size + 1;
}

uint64_t
content_watch_look(struct content_watch *w, struct tool_call *c, int64_t now_ms)
{
	const struct conf *conf = c->conf;
	size_t looked = 0;
	uint64_t h = 1;

	for (size_t i = 0; i < conf->nsources && looked < w->most; i++) {
		if (!sees_schema(c, (int)i, false))
			continue;
		looked++;
		look_source(w, c, (int)i, now_ms);
		h = mix(h, w->v[i].stamp);
	}
	for (size_t i = 0; i < conf->nresources; i++)
		h = mix(h, look_configured(c, &conf->resources[i]));
	if (looked > 0)
		sources_reset(c->sources);
	return h;
}

static uint64_t
names_mark(uint64_t h, const struct conf_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		h = mix(h, str_hash(str_of(names->v[i])));
	return mix(h, names->n);
}

/* What the text of a source depends on beside its structure. */
static uint64_t
source_mark(const struct tool_call *c, int source)
{
	const struct conf_source *s = &c->conf->sources[source];
	uint64_t h = names_mark(names_mark(2, &s->deny), &s->mask);

	h = mix(h, str_hash(str_of(s->about)));
	h = mix(h, str_hash(str_of(s->instructions)));
	return mix(h, auth_verbs(c->who, c->conf, source));
}

uint64_t
content_watch_one(const struct content_watch *w, struct tool_call *c,
    struct str uri)
{
	struct fault f = { 0 };
	struct seen s;

	if (resource_seen(c, uri, &s, &f) != ERR_OK)
		return 0;
	if (s.source < 0)
		return s.mark;
	return mix(source_mark(c, s.source), w->v[s.source].stamp) | 1;
}
