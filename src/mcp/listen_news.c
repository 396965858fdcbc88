/* SPDX-License-Identifier: ISC */
/*
 * What is listened to, and what is new of it.  A list has changed when this
 * caller would get other bytes, a resource when reading it would give
 * something else, and for no other reason is anything told.
 */
#include "content/content.h"
#include "mcp/listen_int.h"

enum {
	LOOK_MS = 1000,      /* between two looks at sources and files */
	SOURCES_MAX = 24,    /* watched by one listener: each is a connection */
	PAGES_MAX = 10000,   /* more than any list has */
	OWN_MAX = 64u << 20, /* of what stays with a view, and of a look */
	CURSOR_TEXT = 4096,
};

/* All pages of a list as one number. */
static bool
print_pages(struct tool_call *c,
    enum err (*list)(struct tool_call *c, struct str cursor,
	struct content_page *out, struct fault *f),
    uint64_t *print)
{
	struct content_page page = { 0 };
	struct str next = { 0 };
	char cursor[CURSOR_TEXT];
	struct fault f = { 0 };

	for (int i = 0; i < PAGES_MAX; i++) {
		if (list(c, next, &page, &f) != ERR_OK)
			return false;
		*print = *print * 31 + str_hash(page.items);
		if (str_is_empty(page.next))
			break;
		if (page.next.len > sizeof(cursor))
			return false;
		memcpy(cursor, page.next.p, page.next.len);
		next = (struct str){ cursor, page.next.len };
		arena_reset(c->arena); /* one page at a time */
	}
	return true;
}

static enum err
tools_page(struct tool_call *c, struct str cursor, struct content_page *out,
    struct fault *f)
{
	*out = (struct content_page){ 0 };
	return tool_list(c->catalogue, c->arena, c->who, c->filter, c->era,
	    c->seal, c->now_s, cursor, &out->items, &out->next, f);
}

static bool
print_tools(struct tool_call *c, uint64_t *print)
{
	return print_pages(c, tools_page, print);
}

static bool
print_prompts(struct tool_call *c, uint64_t *print)
{
	return print_pages(c, prompt_list, print);
}

static bool
print_resources(struct tool_call *c, uint64_t *print)
{
	return print_pages(c, resource_list, print) &&
	       print_pages(c, resource_templates, print);
}

static const struct topic {
	const char *asked;  /* member of "notifications" */
	const char *method; /* of the notification */
	/* A number that changes with the list as this caller would get it;
	 * false: it cannot be seen now. */
	bool (*print)(struct tool_call *c, uint64_t *print);
} topics[TOPIC_COUNT] = {
	[TOPIC_TOOLS] = { "toolsListChanged",
	    "notifications/tools/list_changed", print_tools },
	[TOPIC_PROMPTS] = { "promptsListChanged",
	    "notifications/prompts/list_changed", print_prompts },
	[TOPIC_RESOURCES] = { "resourcesListChanged",
	    "notifications/resources/list_changed", print_resources },
};

/* --- what is asked for --- */

/* One member of "notifications": true, false or absent. */
static enum err
ask_topic(const json_t *wanted, const char *name, bool *asked, struct fault *f)
{
	const json_t *v = json_member(wanted, name);

	if (v != NULL && !json_is_boolean(v))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'notifications.%s' must be a boolean",
		    name);
	*asked = json_is_true(v);
	return ERR_OK;
}

static enum err
ask_resources(struct news *n, const json_t *wanted, struct fault *f)
{
	const json_t *v = json_member(wanted, "resourceSubscriptions");
	size_t count = json_array_size(v);

	if (v != NULL && !json_is_array(v))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'notifications.resourceSubscriptions' must be an array");
	if (count > WATCHED_MAX)
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'notifications.resourceSubscriptions' has more than %d entries",
		    WATCHED_MAX);
	n->one = arena_zero(n->msg->arena, count + 1, sizeof(*n->one));
	for (size_t i = 0; i < count; i++) {
		const json_t *uri = json_array_get(v, i);

		if (!json_is_string(uri))
			return fault_set(f, ERR_PARAMS,
			    "Invalid parameters: field 'notifications.resourceSubscriptions[%zu]' must be a string",
			    i);
		n->one[n->nones++].uri = json_text(uri);
	}
	return ERR_OK;
}

enum err
news_ask(struct news *n, struct fault *f)
{
	const json_t *wanted = json_member(n->msg->rpc.params, "notifications");
	enum err e = ERR_OK;

	if (wanted == NULL)
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: missing required field 'notifications'");
	if (!json_is_object(wanted))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'notifications' must be an object");
	for (size_t i = 0; i < TOPIC_COUNT && e == ERR_OK; i++)
		e = ask_topic(wanted, topics[i].asked, &n->asked[i], f);
	return e == ERR_OK ? ask_resources(n, wanted, f) : e;
}

void
news_honour(struct news *n, struct json_out *o)
{
	json_obj(o, "notifications");
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		if (n->asked[i])
			json_bool(o, topics[i].asked, true);
	if (n->nones > 0)
		json_arr(o, "resourceSubscriptions");
	for (size_t i = 0; i < n->nones; i++)
		json_str(o, NULL, n->one[i].uri.p, n->one[i].uri.len);
	if (n->nones > 0)
		json_end(o);
	json_end(o);
}

/* --- what is new --- */

/* Nothing of a look is charged or written down. */
static void
call_of(struct news *n, struct tool_call *c)
{
	tools_call_of(n->msg, c);
	c->arena = n->scratch;
	c->conf = n->view.conf;
	c->sources = n->view.sources;
	c->catalogue = n->view.catalogue;
	c->who = n->view.who;
	c->filter = n->view.filter;
	c->attempt = &n->nobody;
	c->charge = NULL;
	c->places = NULL;
}

/* Is there anything that must be looked at again and again? */
static bool
looks(const struct news *n)
{
	return n->asked[TOPIC_RESOURCES] || n->nones > 0;
}

/* Has this list changed since the last look?  One that cannot be seen has. */
static bool
topic_changed(struct news *n, struct tool_call *c, size_t i)
{
	uint64_t print = 1;

	if (c->catalogue == NULL || !topics[i].print(c, &print))
		return true;
	if (print == n->print[i])
		return false;
	n->print[i] = print;
	return true;
}

static void
tell_topics(struct news *n, struct tool_call *c, size_t from)
{
	for (size_t i = from; i < TOPIC_COUNT; i++)
		if (n->asked[i] && topic_changed(n, c, i))
			n->tell(n, topics[i].method, (struct str){ 0 });
}

static void
tell_ones(struct news *n, struct tool_call *c)
{
	for (size_t i = 0; i < n->nones; i++) {
		uint64_t mark =
		    c->catalogue == NULL
			? 0
			: content_watch_one(n->watch, c, n->one[i].uri);

		if (mark == n->one[i].mark)
			continue;
		n->one[i].mark = mark;
		n->tell(n, "notifications/resources/updated", n->one[i].uri);
	}
}

/* Look at sources and files; true: they are not as they were. */
static bool
changed(struct news *n, struct tool_call *c, int64_t now_ms)
{
	uint64_t seen = content_watch_look(n->watch, c, now_ms);
	bool other = seen != n->seen;

	n->due_ms = now_ms + LOOK_MS;
	n->seen = seen;
	return other;
}

/* What belongs to a view is made anew with it. */
static void
watch_begin(struct news *n, struct tool_call *c, int64_t now_ms)
{
	if (!looks(n) || c->catalogue == NULL)
		return;
	arena_reset(n->arena);
	n->watch = content_watch_new(n->arena, n->view.conf, SOURCES_MAX);
	(void)changed(n, c, now_ms);
}

/* Only what is there can be listened to. */
static void
keep_found(struct news *n, struct tool_call *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->nones; i++) {
		struct fault f = { 0 };

		if (resource_find(c, n->one[i].uri, &f) != ERR_OK)
			continue;
		n->one[kept] = n->one[i];
		n->one[kept].mark =
		    content_watch_one(n->watch, c, n->one[kept].uri);
		kept++;
	}
	n->nones = kept;
}

void
news_begin(struct news *n, int64_t now_ms)
{
	struct tool_call c;

	n->scratch = arena_new(OWN_MAX);
	n->arena = arena_new(OWN_MAX);
	call_of(n, &c);
	watch_begin(n, &c, now_ms);
	keep_found(n, &c);
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		if (n->asked[i])
			(void)topic_changed(n, &c, i);
}

void
news_view(struct news *n, int64_t now_ms)
{
	struct tool_call c;

	call_of(n, &c);
	watch_begin(n, &c, now_ms);
	tell_topics(n, &c, 0);
	tell_ones(n, &c);
	arena_reset(n->scratch);
}

void
news_look(struct news *n, int64_t now_ms)
{
	struct tool_call c;

	if (!looks(n) || now_ms < n->due_ms || n->view.catalogue == NULL)
		return;
	call_of(n, &c);
	if (changed(n, &c, now_ms))
		tell_topics(n, &c, TOPIC_RESOURCES);
	tell_ones(n, &c);
	arena_reset(n->scratch);
}

void
news_end(struct news *n)
{
	arena_free(n->scratch);
	arena_free(n->arena);
}
