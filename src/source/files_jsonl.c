/* SPDX-License-Identifier: ISC */
/*
 * JSON lines: one object a line.  Its members are the columns, in the order
 * in which they first come; objects and arrays in them stay JSON text.
 */
#include "source/files_int.h"
#include "json/json.h"
#include "json/json_out.h"

/* The next line without its end; false at the end of the file. */
static bool
line(struct files_reader *r)
{
	struct files_in *in = &r->in;
	bool any = false;

	buf_cut(&r->text, 0);
	while (in->at < in->have || files_in_more(in)) {
		const char *p = in->p + in->at;
		size_t left = in->have - in->at;
		const char *end = memchr(p, '\n', left);

		any = true;
		buf_put(&r->text, p, end == NULL ? left : (size_t)(end - p));
		in->at += end == NULL ? left : (size_t)(end - p) + 1;
		if (end != NULL)
			break;
	}
	r->next_line++;
	return any;
}

/* The place of a member; usually the one behind the last. */
static size_t
place(struct files_reader *r, struct str name, size_t near)
{
	for (size_t i = 0; i < r->nnames; i++) {
		size_t k = (near + i) % r->nnames;

		if (str_eq(r->names[k], name))
			return k;
	}
	return r->learning ? files_name_add(r, name) : SIZE_MAX;
}

/* A value as JSON text, its numbers as they stand in "rest". */
static struct str
text_of(struct files_reader *r, const json_t *v, struct str *rest)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, r->row, r->record_max);
	json_out_init(&out, &b, NULL);
	json_tree_digits(&out, NULL, v, rest);
	return buf_text(&b);
}

static struct files_cell
cell(struct files_reader *r, const json_t *v, struct str *rest)
{
	struct files_cell c = { .typed = true };

	switch (json_typeof(v)) {
	case JSON_NULL:
		c.is_null = true;
		return c;
	case JSON_STRING:
		c.text = json_text(v);
		c.fits = files_fits(c.text) & (FITS_DATE | FITS_TIMESTAMP);
		return c;
	case JSON_TRUE:
	case JSON_FALSE:
		c.fits = FITS_BOOLEAN;
		c.text = json_is_true(v) ? STR("true") : STR("false");
		return c;
	case JSON_INTEGER:
	case JSON_REAL:
		c.text = json_number_next(rest);
		c.fits = files_fits(c.text) & (FITS_INTEGER | FITS_NUMBER);
		return c;
	default:
		c.text = text_of(r, v, rest);
		return c;
	}
}

static enum files_step
wrong(struct files_reader *r, const char *why)
{
	r->why = str_of(why);
	return STEP_WRONG;
}

/* The words for the log, without the line, which is always the first. */
static enum files_step
no_json(struct files_reader *r, const struct fault *f)
{
	static const char *const heads[] = { "JSON: ", "line 1, " };
	struct str why = str_of(f->log);

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (str_starts(why, str_of(heads[i])))
			why = str_from(why, strlen(heads[i]));
	r->why = arena_fmt(r->row, "it is no JSON: %.*s", (int)why.len, why.p);
	return STEP_WRONG;
}

static enum files_step
members(struct files_reader *r, json_t *root, struct str text)
{
	size_t near = 0;
	const char *name;
	json_t *v;

	for (size_t i = 0; i < r->nnames; i++)
		r->cells[i] = (struct files_cell){ .is_null = true };
	json_object_foreach(root, name, v)
	{
		size_t k = place(r, str_of(name), near);

		if (k == SIZE_MAX)
			return wrong(r,
			    "it has more members than a table may have columns");
		r->cells[k] = cell(r, v, &text);
		near = k + 1;
	}
	r->n = r->nnames;
	return STEP_RECORD;
}

enum files_step
files_jsonl_next(struct files_reader *r)
{
	struct json_limits limits = json_limits_default;
	struct fault f = { 0 };
	json_t *root;
	struct str text;

	do {
		r->line = r->next_line;
		if (!line(r))
			return STEP_END;
		text = buf_text(&r->text);
		while (text.len > 0 &&
		       strchr(" \t\r", text.p[text.len - 1]) != NULL)
			text.len--;
	} while (text.len == 0 && !buf_failed(&r->text));
	if (buf_failed(&r->text))
		return wrong(r, "it is longer than a record may be");
	limits.string = r->record_max;
	limits.number = r->record_max;
	if (json_parse_digits(r->row, text, &limits, &root, &f) != ERR_OK)
		return no_json(r, &f);
	if (!json_is_object(root))
		return wrong(r, "it is no JSON object");
	return members(r, root, text);
}
