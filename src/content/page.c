/* SPDX-License-Identifier: ISC */
/*
 * Lists by pages.  A list is made of parts (a configured resource, a source),
 * each with entries; a cursor says which entry of which part comes next, and
 * is sealed like that of tools/list.
 */
#include "content/content_int.h"

#define PAGE_MAX    ((size_t)16 << 20)
#define PAGE_LIFE_S 3600
#define PAGE_MS     10000

/* "resources:STAMP:", so that a cursor of another list or configuration is
 * none. */
static struct str
cursor_head(const struct listing *l)
{
	return arena_fmt(l->call->arena, "%s:%016llx:", l->kind,
	    (unsigned long long)l->call->conf->stamp);
}

static bool
cursor_read(struct listing *l, struct str cursor)
{
	const struct tool_call *c = l->call;
	struct str head = cursor_head(l), payload, part;
	int64_t n;

	if (!seal_open(c->seal, c->arena, str_of(c->who->key.id), c->now_s,
		cursor, &payload) ||
	    !str_starts(payload, head))
		return false;
	payload = str_from(payload, head.len);
	if (!str_cut(&payload, ':', &part) ||
	    !str_int(part, 0, INT64_MAX, &n) ||
	    !str_int(payload, 0, INT64_MAX, &l->skip))
		return false;
	l->part = (size_t)n;
	return true;
}

enum err
listing_begin(struct listing *l, struct tool_call *c, const char *kind,
    struct str cursor, struct fault *f)
{
	*l = (struct listing){
		.call = c,
		.kind = kind,
		.left = c->conf->list_page_size,
		.until = deadline_in(PAGE_MS),
	};
	if (cursor.p != NULL && !cursor_read(l, cursor))
		return fault_set(f, ERR_PARAMS,
		    "Invalid parameters: field 'cursor' is not a cursor of this list");
	buf_init(&l->b, c->arena, PAGE_MAX);
	buf_init(&l->notices, c->arena, 65536);
	json_out_init(&l->out, &l->b, NULL);
	json_arr(&l->out, NULL);
	return ERR_OK;
}

bool
listing_part(struct listing *l, size_t part)
{
	if (l->full || part < l->part)
		return false;
	if (part > l->part)
		l->skip = 0;
	l->part = part;
	l->at = 0;
	return true;
}

bool
listing_take(struct listing *l)
{
	if (l->full)
		return false;
	if (l->at < l->skip) {
		l->at++;
		return false;
	}
	if (l->left == 0) {
		l->full = true;
		return false;
	}
	l->left--;
	l->at++;
	return true;
}

void
listing_notice(struct listing *l, const char *source, const struct fault *f)
{
	struct json_out o;

	buf_char(&l->notices, l->notices.len == 0 ? '[' : ',');
	json_out_init(&o, &l->notices, NULL);
	json_z(&o, NULL,
	    arena_fmt(l->call->arena, "%s: %s: %s", source, err_name(f->code),
		f->msg)
		.p);
}

enum err
listing_end(struct listing *l, struct content_page *out, struct fault *f)
{
	const struct tool_call *c = l->call;

	json_end(&l->out);
	if (buf_failed(&l->b))
		return fault_set(f, ERR_TOO_LARGE,
		    "this page of the list is too large to send");
	*out = (struct content_page){ .items = buf_text(&l->b) };
	if (l->notices.len > 0) {
		buf_char(&l->notices, ']');
		if (!buf_failed(&l->notices))
			out->notices = buf_text(&l->notices);
	}
	if (l->full)
		out->next = seal_make(c->seal, c->arena, str_of(c->who->key.id),
		    c->now_s + PAGE_LIFE_S,
		    arena_fmt(c->arena, "%.*s%zu:%lld", (int)cursor_head(l).len,
			cursor_head(l).p, l->part, (long long)l->at));
	return ERR_OK;
}
