/* SPDX-License-Identifier: ISC */
/*
 * get_instructions: what a model should know before it writes SQL.  The
 * administrator's words come first, then what the server knows itself, so it
 * is never empty.
 */
#include "tool/sql_int.h"

#define TEXT_MAX (1 << 20)

static const struct column instruction_columns[] = {
	{ { "CATALOG", 7 }, DT_TEXT, { "VARCHAR", 7 }, { NULL, 0 }, { NULL, 0 },
	    -1, -1, -1, -1 },
	{ { "INSTRUCTIONS", 12 }, DT_TEXT, { "VARCHAR", 7 }, { NULL, 0 },
	    { NULL, 0 }, -1, -1, -1, -1 },
};

static void
limits_put(const struct run *r, int source, struct buf *b)
{
	const struct conf_source *conf = &r->call->conf->sources[source];

	buf_fmt(b,
	    "- Limits: %lld rows, %lld bytes, %lld characters in a cell, %d seconds for a statement",
	    (long long)sight_max_rows(&r->sight, source),
	    (long long)conf->max_bytes, (long long)conf->max_cell,
	    conf->timeout);
	if (!conf->readonly)
		buf_fmt(b, ", %lld rows changed",
		    (long long)conf->max_affected);
	buf_lit(b, ". A cut answer says `truncated`.\n");
}

static void
rights_put(const struct run *r, int source, struct buf *b)
{
	const struct tool_call *c = r->call;
	struct str verbs =
	    verbs_text(c->arena, auth_verbs(c->who, c->conf, source));

	buf_fmt(b, "- This token may: %.*s.", (int)verbs.len, verbs.p);
	if (c->conf->sources[source].readonly)
		buf_lit(b, " The source is read-only.");
	buf_char(b, '\n');
}

static void
values_put(struct buf *b)
{
	buf_lit(b,
	    "- Values: integers beyond 2^53 and decimals come as strings of digits, binary as base64, NaN and infinities as strings, dates as `yyyy-MM-dd`, times as `HH:mm:ss`, timestamps as `yyyy-MM-ddTHH:mm:ss`, SQL NULL as null.\n");
	buf_lit(b,
	    "- Give values as `parameters` for `@name`; one statement at a time.\n");
}

static struct str
markdown_of(const struct run *r, int source)
{
	const struct tool_call *c = r->call;
	const struct conf_source *conf = &c->conf->sources[source];
	const struct source_driver *d = source_engine(c->sources, source);
	struct buf b;

	buf_init(&b, c->arena, TEXT_MAX);
	buf_fmt(&b, "# %s\n\n", conf->name);
	if (conf->instructions != NULL) {
		buf_str(&b, str_of(conf->instructions));
		buf_lit(&b, "\n\n");
	} else if (conf->about != NULL) {
		buf_str(&b, str_of(conf->about));
		buf_lit(&b, "\n\n");
	}
	buf_fmt(&b, "- Engine: %s.", d->data_source);
	if (d->guide != NULL) {
		buf_char(&b, ' ');
		buf_str(&b, str_of(d->guide));
	}
	buf_char(&b, '\n');
	limits_put(r, source, &b);
	rights_put(r, source, &b);
	values_put(&b);
	return buf_text(&b);
}

static bool
wanted(const struct run *r, const struct op_args *a, int named, int source)
{
	if (named >= 0 && source != named)
		return false;
	return a->driver.p == NULL ||
	       str_ieq(a->driver,
		   str_of(
		       source_engine(r->call->sources, source)->data_source));
}

static enum err
named_source(const struct run *r, const struct op_args *a, int *named,
    struct fault *f)
{
	*named = r->entry->source;
	if (*named >= 0)
		return ERR_OK;
	if (a->catalog.p != NULL)
		return source_pick(r, a->catalog, named, f);
	if (a->driver.p != NULL)
		return ERR_OK;
	*named = sight_only(&r->sight);
	if (*named >= 0)
		return ERR_OK;
	arg_missing(f, "catalogName");
	fault_hint(f, "one of: %.*s", (int)source_list(r).len,
	    source_list(r).p);
	return ERR_ARGUMENT;
}

static void
source_put(struct run *r, struct rows_out *rows, int source, struct buf *text)
{
	struct str markdown = markdown_of(r, source);
	const struct value row[] = {
		{ VALUE_TEXT,
		    { .s = str_of(r->call->conf->sources[source].name) } },
		{ VALUE_TEXT, { .s = markdown } },
	};

	(void)rows->sink.row(&rows->sink, row, 2);
	if (text->len > 0)
		buf_char(text, '\n');
	buf_str(text, markdown);
}

static enum err
nothing_wanted(const struct run *r, const struct op_args *a, struct fault *f)
{
	struct str seen = source_list(r);

	fault_set(f, ERR_SOURCE_NOT_FOUND,
	    "there is no source with the driver '%.*s'",
	    (int)(a->driver.len < 64 ? a->driver.len : 64), a->driver.p);
	if (seen.len > 0)
		fault_hint(f, "visible sources: %.*s", (int)seen.len, seen.p);
	return ERR_SOURCE_NOT_FOUND;
}

enum err
op_instructions(struct run *r, const void *args, struct fault *f)
{
	const struct op_args *a = args;
	struct rows_out rows;
	struct buf text;
	int named;
	enum err e = named_source(r, a, &named, f);

	if (e != ERR_OK)
		return e;
	buf_init(&text, r->call->arena, 8 * TEXT_MAX);
	answer_begin(r, 8 * TEXT_MAX);
	json_arr(&r->out, "results");
	rows_begin(&rows, &r->out, r->call->arena, ROWS_SETS);
	rows.brief = true;
	(void)rows.sink.cols(&rows.sink, instruction_columns, 2);
	for (int i = sight_next(&r->sight, -1); i >= 0;
	     i = sight_next(&r->sight, i))
		if (wanted(r, a, named, i))
			source_put(r, &rows, i, &text);
	if (rows.rows == 0)
		return nothing_wanted(r, a, f);
	rows_end(&rows, -1);
	json_end(&r->out);
	answer_tail(r, &rows, true, (struct str){ NULL, 0 });
	r->markdown = answer_escape(r->call->arena, buf_text(&text));
	return answer_end(r, f);
}
