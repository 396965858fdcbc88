/* SPDX-License-Identifier: ISC */
/* Which source a statement is for (tools.md 3, number 8). */
#include "tool/sql_int.h"

#define LISTED 20

static bool
name_is(const struct sight *s, int source, struct str name, bool fold)
{
	struct str own = str_of(s->catalogue->conf->sources[source].name);

	return fold ? str_ieq(own, name) : str_eq(own, name);
}

/* By its exact name; the sources stand in order. */
static int
source_exact(const struct catalogue *c, struct str name)
{
	size_t lo = 0, hi = c->conf->nsources;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int source = c->order[mid];
		int way = str_cmp(name, str_of(c->conf->sources[source].name));

		if (way == 0)
			return source;
		if (way < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return -1;
}

int
source_named(const struct sight *s, struct str name)
{
	int exact = source_exact(s->catalogue, name);

	if (exact >= 0 && sight_source(s, exact))
		return exact;
	for (int i = sight_next(s, -1); i >= 0; i = sight_next(s, i))
		if (name_is(s, i, name, true))
			return i;
	return -1;
}

struct str
source_list(const struct run *r)
{
	const struct conf *conf = r->call->conf;
	struct buf b;
	int n = 0;

	buf_init(&b, r->call->arena, FAULT_MSG);
	for (int i = sight_next(&r->sight, -1); i >= 0;
	     i = sight_next(&r->sight, i)) {
		if (n > 0)
			buf_lit(&b, ", ");
		if (n++ == LISTED) {
			buf_lit(&b, "...");
			break;
		}
		buf_str(&b, str_of(conf->sources[i].name));
	}
	return buf_text(&b);
}

enum err
source_pick(const struct run *r, struct str name, int *source, struct fault *f)
{
	struct str seen;

	*source = source_named(&r->sight, name);
	if (*source >= 0)
		return ERR_OK;
	seen = source_list(r);
	fault_set(f, ERR_SOURCE_NOT_FOUND, "there is no source '%.*s'",
	    (int)(name.len < 64 ? name.len : 64), name.p);
	if (seen.len > 0)
		fault_hint(f, "visible sources: %.*s", (int)seen.len, seen.p);
	return ERR_SOURCE_NOT_FOUND;
}

/* Could there be a three-part name?  Two points at least. */
static bool
maybe_three_parts(struct str text)
{
	const char *first = memchr(text.p, '.', text.len);

	return first != NULL &&
	       memchr(first + 1, '.',
		   text.len - (size_t)(first + 1 - text.p)) != NULL;
}

/* Any source of the token counts, also one that the path leaves out. */
static struct sight
whole_sight(const struct run *r, struct tool_filter *filter)
{
	tool_filter_init(filter);
	return (struct sight){ r->sight.catalogue, r->sight.who, filter };
}

static bool
names_source(const void *arg, struct str name)
{
	return source_named(arg, name) >= 0;
}

static enum err
one_at_a_time(struct fault *f)
{
	fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "one statement cannot use two sources");
	fault_hint(f, "query them one at a time");
	return ERR_STATEMENT_NOT_ALLOWED;
}

static enum err
read_as(const struct run *r, int source, struct str text, struct gate *g,
    struct fault *f)
{
	struct tool_filter all;
	struct sight whole = whole_sight(r, &all);

	return gate_read(r->call->arena,
	    source_engine(r->call->sources, source)->dialect, text,
	    names_source, &whole, g, f);
}

/* The source named in the text, if one is; the dialect is a guess until the
 * source is known, which is enough to find names, and not to quote them. */
static enum err
text_source(const struct run *r, int guess, struct str *text, struct str *named,
    struct fault *f)
{
	struct gate g = { 0 };
	enum err e;
	int source;

	*named = (struct str){ NULL, 0 };
	if (guess < 0 || !maybe_three_parts(*text))
		return ERR_OK;
	e = read_as(r, guess, *text, &g, f);
	if (e != ERR_OK)
		return e;
	if (g.two_sources)
		return one_at_a_time(f);
	*named = g.source;
	if (str_is_empty(g.source))
		return ERR_OK;
	source = source_named(&r->sight, g.source);
	if (source >= 0 && source != guess) {
		e = read_as(r, source, *text, &g, f);
		if (e != ERR_OK)
			return e;
		if (g.two_sources)
			return one_at_a_time(f);
	}
	if (!str_is_empty(g.source))
		*text = g.text;
	return ERR_OK;
}

/* The source that is settled before the text is read, or -1. */
static enum err
given_source(const struct run *r, struct str given, int *source,
    struct fault *f)
{
	*source = r->entry->source;
	if (*source >= 0)
		return ERR_OK;
	if (given.p != NULL)
		return source_pick(r, given, source, f);
	*source = r->sight.filter->source;
	return ERR_OK;
}

static enum err
other_source(const struct run *r, struct str given, int source,
    struct str named, struct fault *f)
{
	int also = -1;
	enum err e;

	if (given.p != NULL ||
	    (r->entry->source >= 0 && source_named(&r->sight, named) >= 0))
		return one_at_a_time(f);
	e = source_pick(r, named, &also, f);
	return e != ERR_OK || also == source ? e : one_at_a_time(f);
}

static enum err
missing_source(const struct run *r, const char *field, struct fault *f)
{
	struct str seen = source_list(r);

	if (seen.len == 0)
		return fault_set(f, ERR_SOURCE_NOT_FOUND,
		    "there is no source this token may use");
	arg_missing(f, field);
	fault_hint(f, "one of: %.*s", (int)seen.len, seen.p);
	return ERR_ARGUMENT;
}

enum err
source_place(const struct run *r, const char *field, struct str given,
    struct str *text, int *source, struct fault *f)
{
	struct str named;
	enum err e = given_source(r, given, source, f);

	if (e != ERR_OK)
		return e;
	e = text_source(r, *source >= 0 ? *source : sight_next(&r->sight, -1),
	    text, &named, f);
	if (e != ERR_OK)
		return e;
	if (*source >= 0)
		return str_is_empty(named) ||
			       name_is(&r->sight, *source, named, true)
			   ? ERR_OK
			   : other_source(r, given, *source, named, f);
	if (!str_is_empty(named))
		return source_pick(r, named, source, f);
	*source = sight_only(&r->sight);
	return *source >= 0 ? ERR_OK : missing_source(r, field, f);
}
