/* SPDX-License-Identifier: ISC */
/* One entry of tools/list, in the fields that its era knows (tools.md 1.3). */
#include "tool/script_int.h"

/*
 * The members of a result and their types, no prose.  Every byte stands here
 * a dozen times in a list of at most 10,000 (DESIGN 8a), so of RESULTSETS only
 * what a program would act on is named; mcp-tools(7) has the rest.
 */
#define SETS(more)                                                              \
	"{\"type\":\"object\",\"properties\":{"                                 \
	"\"results\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}}" more \
	"}}"
#define PAGED                                    \
	",\"truncated\":{\"type\":\"boolean\"}," \
	"\"nextCursor\":{\"type\":\"string\"}"

static const char *const shapes[] = {
	[SHAPE_TEXT] = SETS(""),
	[SHAPE_SETS] = SETS(PAGED),
	[SHAPE_CALL] = SETS(PAGED ",\"parameters\":{\"type\":\"object\"}"),
	[SHAPE_DATA] =
	    "{\"type\":\"object\","
	    "\"required\":[\"source\",\"columns\",\"rows\",\"rows_returned\"],"
	    "\"properties\":{\"source\":{\"type\":\"string\"},"
	    "\"columns\":{\"type\":\"array\"},"
	    "\"rows\":{\"type\":\"array\"},"
	    "\"rows_returned\":{\"type\":\"integer\"},"
	    "\"truncated\":{\"type\":\"boolean\"}}}",
	[SHAPE_CHECK] =
	    "{\"type\":\"object\",\"required\":[\"valid\",\"statement\"],"
	    "\"properties\":{\"valid\":{\"type\":\"boolean\"},"
	    "\"statement\":{\"type\":\"string\"},"
	    "\"class\":{\"type\":\"string\"},"
	    "\"tables\":{\"type\":\"array\"},"
	    "\"columns\":{\"type\":\"array\"},"
	    "\"error\":{\"type\":\"string\"}}}",
	[SHAPE_PLAN] = "{\"type\":\"object\",\"required\":[\"statement\"],"
		       "\"properties\":{\"statement\":{\"type\":\"string\"},"
		       "\"tables\":{\"type\":\"array\"},"
		       "\"plan\":{\"type\":\"array\"},"
		       "\"error\":{\"type\":\"string\"}}}",
};
_Static_assert(sizeof(shapes) / sizeof(shapes[0]) == SHAPE_PLAN + 1,
    "a schema for each shape");

static const char *const hints[] = {
	[HINT_READ] = "{\"readOnlyHint\":true,\"openWorldHint\":false}",
	[HINT_WRITE] = "{\"readOnlyHint\":false,\"destructiveHint\":false,"
		       "\"idempotentHint\":false,\"openWorldHint\":false}",
	[HINT_DESTROY] = "{\"readOnlyHint\":false,\"destructiveHint\":true,"
			 "\"idempotentHint\":false,\"openWorldHint\":false}",
};

static enum tool_hint
hint_of(const struct sight *s, const struct entry *e)
{
	if (e->custom == NULL)
		return e->def->hint != HINT_BY_RIGHTS ? e->def->hint
		       : sight_writes(s, e)           ? HINT_DESTROY
						      : HINT_READ;
	if (e->custom->reads)
		return HINT_READ;
	return e->custom->class == SQL_BIT(SQL_INSERT) ? HINT_WRITE
						       : HINT_DESTROY;
}

/* Out values come of procedures only, which a reader cannot run. */
static enum tool_shape
shape_of(const struct sight *s, const struct entry *e)
{
	if (e->def->shape == SHAPE_CALL && !sight_writes(s, e))
		return SHAPE_SETS;
	return e->def->shape;
}

/* The largest row limit that query_source could meet. */
static int64_t
rows_most(const struct sight *s)
{
	int64_t most = 0;

	for (int i = sight_next(s, -1); i >= 0; i = sight_next(s, i))
		if (sight_max_rows(s, i) > most)
			most = sight_max_rows(s, i);
	return most;
}

static void
about_own(const struct sight *s, const struct entry *e, struct buf *to)
{
	const struct tool_def *d = e->def;
	const char *about = d->about_write != NULL && sight_writes(s, e)
				? d->about_write
				: d->about;

	buf_str(to, str_of(about));
	if (d->shape == SHAPE_DATA)
		buf_fmt(to, " Maximum %lld rows returned.",
		    (long long)rows_most(s));
}

/* A source tool begins with what the source says of itself. */
static void
about_source(const struct sight *s, const struct entry *e, struct buf *to)
{
	const struct conf_source *conf =
	    &s->catalogue->conf->sources[e->source];
	struct str about = str_of(conf->about);

	if (str_is_empty(about))
		about = str_of(conf->name);
	buf_str(to, about);
	buf_str(to, about.p[about.len - 1] == '.' ? STR(" ") : STR(". "));
	about_own(s, e, to);
}

static void
about_write(const struct sight *s, const struct entry *e, struct json_out *out)
{
	struct buf text;

	if (e->script != NULL) {
		json_z(out, "description", e->script->about);
		return;
	}
	if (e->described != NULL) {
		json_z(out, "description", e->described->about);
		return;
	}
	if (e->custom != NULL) {
		json_z(out, "description",
		    e->custom->conf->about != NULL ? e->custom->conf->about
						   : e->custom->conf->name);
		return;
	}
	buf_init(&text, out->b->arena, 64 << 10);
	if (e->source >= 0)
		about_source(s, e, &text);
	else
		about_own(s, e, &text);
	json_str(out, "description", text.p, text.len);
}

static void
title_write(const struct entry *e, struct json_out *out)
{
	const char *title = e->script != NULL      ? e->script->title
			    : e->described != NULL ? e->described->title
			    : e->custom != NULL    ? e->custom->conf->title
						   : e->def->title;

	if (title != NULL)
		json_z(out, "title", title);
}

static void
hints_write(const struct sight *s, const struct entry *e, struct json_out *out)
{
	if (e->described == NULL || e->described->annotations == NULL) {
		json_raw(out, "annotations", str_of(hints[hint_of(s, e)]));
		return;
	}
	json_obj(out, "annotations");
	if (e->custom != NULL &&
	    json_member(e->described->annotations, "readOnlyHint") == NULL)
		json_bool(out, "readOnlyHint", e->custom->reads);
	script_annotations(e->described, out);
	json_end(out);
}

void
entry_write(const struct sight *s, const struct entry *e, enum era era,
    struct json_out *out)
{
	struct catalogue *c = s->catalogue;
	bool mirror = era_modern(era) && c->conf->source_header;

	json_obj(out, NULL);
	json_str(out, "name", e->name.p, e->name.len);
	if (era_structured(era))
		title_write(e, out);
	about_write(s, e, out);
	if (e->script != NULL) {
		script_write(e->script, era, out);
		json_end(out);
		return;
	}
	if (e->described != NULL && e->described->input != NULL)
		json_tree(out, "inputSchema", e->described->input);
	else
		args_schema(e->custom != NULL ? e->custom->args : e->def->args,
		    entry_without(c, e), e->def->lax, mirror, out,
		    "inputSchema");
	if (era_structured(era))
		json_raw(out, "outputSchema", str_of(shapes[shape_of(s, e)]));
	if (e->described != NULL)
		script_extras(e->described, era, out);
	if (era >= ERA_2025_03_26)
		hints_write(s, e, out);
	json_end(out);
}
