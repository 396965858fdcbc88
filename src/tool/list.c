/* SPDX-License-Identifier: ISC */
/*
 * tools/list: pages rendered once for each set of rights, filter and form,
 * and kept; the next cursor is sealed for whoever asks.
 */
#include "tool/list_int.h"

#define PAGE_MAX    (8 << 20)
#define PAGE_LIFE_S 3600

/* What decides the bytes of a page. */
struct page_key {
	uint64_t rights;
	uint64_t ops[2];
	int64_t max_rows;
	unsigned types, scopes;
	int source, toolkit;
	int form; /* era_form */
	size_t from;
};

struct list_page {
	struct page_key key;
	unsigned *verbs; /* of the caller it was made for */
	struct arena *arena;
	struct str tools;
	size_t next; /* entry the next page begins with, or 0 */
	unsigned used;
};

/* Eras of one form get the same bytes. */
static int
era_form(const struct conf *conf, enum era era)
{
	bool scripts = conf_runs_programs(conf);

	if (era_modern(era) && (conf->source_header || scripts))
		return 4;
	if (era >= ERA_2025_11_25 && scripts)
		return 3;
	if (era_structured(era))
		return 2;
	return era >= ERA_2025_03_26;
}

static void
key_fill(struct page_key *k, const struct sight *s, enum era era, size_t from)
{
	*k = (struct page_key){
		.rights = s->who->rights,
		.ops = { s->filter->ops[0], s->filter->ops[1] },
		.max_rows = s->who->key.max_rows,
		.types = s->filter->types,
		.scopes = s->who->scopes,
		.source = s->filter->source,
		.toolkit = s->filter->toolkit,
		.form = era_form(s->catalogue->conf, era),
		.from = from,
	};
}

static bool
key_same(const struct page_key *a, const struct page_key *b)
{
	return a->rights == b->rights && a->ops[0] == b->ops[0] &&
	       a->ops[1] == b->ops[1] && a->max_rows == b->max_rows &&
	       a->types == b->types && a->scopes == b->scopes &&
	       a->source == b->source && a->toolkit == b->toolkit &&
	       a->form == b->form && a->from == b->from;
}

/* The fingerprint finds the page; the verbs themselves decide. */
static bool
page_fits(const struct list_page *p, const struct page_key *k,
    const struct caller *who)
{
	return p != NULL && key_same(&p->key, k) &&
	       (who->nsources == 0 ||
		   memcmp(p->verbs, who->verbs,
		       who->nsources * sizeof(*who->verbs)) == 0);
}

static void
page_render(struct list_page *p, const struct sight *s, enum era era)
{
	const struct catalogue *c = s->catalogue;
	int64_t left = c->conf->list_page_size;
	struct json_out out;
	struct buf b;

	buf_init(&b, p->arena, PAGE_MAX);
	json_out_init(&out, &b, NULL);
	json_arr(&out, NULL);
	for (size_t i = p->key.from; i < c->nentries; i++) {
		if (!sight_lists(s, &c->entries[i]))
			continue;
		if (left-- == 0) {
			p->next = i;
			break;
		}
		entry_write(s, &c->entries[i], era, &out);
	}
	json_end(&out);
	p->tools = buf_failed(&b) ? STR("[]") : buf_text(&b);
}

static struct list_page *
page_new(const struct sight *s, enum era era, const struct page_key *k)
{
	struct arena *a = arena_new(2 * PAGE_MAX);
	struct list_page *p = arena_zero(a, 1, sizeof(*p));
	size_t n = s->who->nsources;

	p->key = *k;
	p->arena = a;
	p->verbs = arena_zero(a, n + 1, sizeof(*p->verbs));
	if (n > 0)
		memcpy(p->verbs, s->who->verbs, n * sizeof(*p->verbs));
	page_render(p, s, era);
	return p;
}

static void
page_free(struct list_page *p)
{
	if (p != NULL)
		arena_free(p->arena);
}

/* The page used longest ago gives its place. */
static struct list_page *
page_get(const struct sight *s, enum era era, size_t from)
{
	struct catalogue *c = s->catalogue;
	struct page_key k;
	size_t oldest = 0;

	key_fill(&k, s, era, from);
	c->turn++;
	for (size_t i = 0; i < LIST_PAGES; i++) {
		struct list_page *p = c->pages[i];

		if (page_fits(p, &k, s->who)) {
			p->used = c->turn;
			return p;
		}
		if (p == NULL || (c->pages[oldest] != NULL &&
				     p->used < c->pages[oldest]->used))
			oldest = i;
	}
	page_free(c->pages[oldest]);
	c->pages[oldest] = page_new(s, era, &k);
	c->pages[oldest]->used = c->turn;
	return c->pages[oldest];
}

void
list_forget(struct catalogue *c)
{
	for (size_t i = 0; i < LIST_PAGES; i++) {
		page_free(c->pages[i]);
		c->pages[i] = NULL;
	}
}

static struct str
principal_of(const struct caller *who)
{
	return str_of(who->key.id);
}

/* "tools:STAMP:ENTRY", so that a cursor of another configuration is none. */
static struct str
page_cursor_make(const struct sight *s, struct arena *a,
    const struct seal *seal, int64_t now_s, size_t next)
{
	struct str payload = arena_fmt(a, "tools:%016llx:%zu",
	    (unsigned long long)s->catalogue->conf->stamp, next);

	return seal_make(seal, a, principal_of(s->who), now_s + PAGE_LIFE_S,
	    payload);
}

static bool
page_cursor_read(const struct sight *s, struct arena *a,
    const struct seal *seal, int64_t now_s, struct str cursor, size_t *from)
{
	struct str head = arena_fmt(a,
	    "tools:%016llx:", (unsigned long long)s->catalogue->conf->stamp);
	struct str payload;
	int64_t at;

	if (!seal_open(seal, a, principal_of(s->who), now_s, cursor, &payload))
		return false;
	if (!str_starts(payload, head) ||
	    !str_int(str_from(payload, head.len), 1,
		(int64_t)s->catalogue->nentries, &at))
		return false;
	*from = (size_t)at;
	return true;
}

enum err
tool_list(struct catalogue *c, struct arena *a, const struct caller *who,
    const struct tool_filter *filter, enum era era, const struct seal *seal,
    int64_t now_s, struct str cursor, struct str *tools, struct str *next,
    struct fault *f)
{
	struct sight s = { c, who, filter };
	const struct list_page *page;
	size_t from = 0;

	if (cursor.p != NULL &&
	    !page_cursor_read(&s, a, seal, now_s, cursor, &from))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'cursor' is not a cursor of this list");
	page = page_get(&s, era, from);
	*tools = page->tools;
	*next = page->next == 0
		    ? (struct str){ NULL, 0 }
		    : page_cursor_make(&s, a, seal, now_s, page->next);
	return ERR_OK;
}

bool
tool_listed(struct catalogue *c, const struct caller *who,
    const struct tool_filter *filter, struct str name)
{
	const struct entry *e = catalogue_find(c, name);
	struct sight s = { c, who, filter };

	return e != NULL && sight_lists(&s, e);
}

bool
tool_callable(struct catalogue *c, const struct caller *who,
    const struct tool_filter *filter, struct str name)
{
	const struct entry *e = catalogue_find(c, name);
	struct sight s = { c, who, filter };

	return e != NULL && sight_calls(&s, e);
}

enum err
tool_cost(struct catalogue *c, struct arena *a, const struct caller *who,
    const struct tool_filter *filter, enum era era,
    bool (*fn)(void *arg, struct str name, size_t bytes), void *arg,
    struct fault *f)
{
	struct sight s = { c, who, filter };

	for (size_t i = 0; i < c->nentries; i++) {
		struct json_out out;
		struct buf b;

		if (!sight_lists(&s, &c->entries[i]))
			continue;
		buf_init(&b, a, PAGE_MAX);
		json_out_init(&out, &b, NULL);
		entry_write(&s, &c->entries[i], era, &out);
		if (json_failed(&out))
			return fault_set(f, ERR_TOO_LARGE,
			    "the entry of a tool is too large to list");
		if (!fn(arg, c->entries[i].name, b.len))
			break;
	}
	return ERR_OK;
}
