/* SPDX-License-Identifier: ISC */
/*
 * The table written out: as documentation, as a commented example, and as the
 * settings in force.  What conf_effective writes loads again to the same.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

/* The types in few words. */
static const char *const type_words[] = {
	[SET_GROUP] = "group",
	[SET_TEXT] = "text",
	[SET_PATH] = "path",
	[SET_BOOL] = "true or false",
	[SET_INT] = "integer",
	[SET_SIZE] = "size",
	[SET_TIME] = "duration",
	[SET_MILLIS] = "duration",
	[SET_NUMBER] = "number",
	[SET_RATE] = "rate",
	[SET_WORD] = "word",
	[SET_LIST] = "list",
	[SET_VALUE] = "value",
	[SET_SECRET] = "secret",
	[SET_SECRET_FILE] = "path",
	[SET_SECRET_ENV] = "variable",
};
_Static_assert(sizeof(type_words) / sizeof(type_words[0]) == SET_TYPES,
    "a word for each type");

bool
conf_setting(size_t i, struct setting_doc *row)
{
	const struct setting *s = conf_row(i);

	if (s == NULL)
		return false;
	*row = (struct setting_doc){ s->path, type_words[s->type], s->dflt,
		s->about };
	return true;
}

static void
put_indent(struct buf *to, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_char(to, '\t');
}

/* A text in quotes, so that libconfig reads the same bytes again. */
static void
put_text(struct buf *to, const char *text)
{
	buf_char(to, '"');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_fmt(to, "\\%c", *p);
		else if (*p == '\n')
			buf_lit(to, "\\n");
		else if ((unsigned char)*p < 0x20 || *p == 0x7f)
			buf_fmt(to, "\\x%02x", (unsigned)(unsigned char)*p);
		else
			buf_char(to, *p);
	}
	buf_char(to, '"');
}

static void
put_list(struct buf *to, const struct conf_names *names)
{
	buf_lit(to, "[ ");
	for (size_t i = 0; i < names->n; i++) {
		if (i > 0)
			buf_lit(to, ", ");
		put_text(to, names->v[i]);
	}
	buf_lit(to, " ]");
}

static int64_t
member_int(const struct setting *row, const void *at)
{
	int64_t v = 0;
	int i = 0;
	bool b = false;

	if (row->size == sizeof(v)) {
		memcpy(&v, at, sizeof(v));
		return v;
	}
	if (row->size == sizeof(i)) {
		memcpy(&i, at, sizeof(i));
		return i;
	}
	memcpy(&b, at, sizeof(b));
	return b;
}

/* In the largest unit that divides it. */
static void
put_units(struct buf *to, int64_t v, const char *const *names,
    const int64_t *units)
{
	while (*units > 1 && (v == 0 || v % *units != 0)) {
		names++;
		units++;
	}
	buf_fmt(to, "\"%" PRId64 "%s\"", v / *units, *names);
}

static void
put_time(struct buf *to, int64_t v)
{
	static const char *const names[] = { "d", "h", "m", "s" };
	static const int64_t units[] = { 86400, 3600, 60, 1 };

	put_units(to, v, names, units);
}

static void
put_size(struct buf *to, int64_t v)
{
	static const char *const names[] = { " GiB", " MiB", " KiB", "" };
	static const int64_t units[] = { 1 << 30, 1 << 20, 1 << 10, 1 };

	put_units(to, v, names, units);
}

static void
put_rate(struct buf *to, const struct conf_rate *rate)
{
	const char *unit = rate->window_s == 1      ? "s"
			   : rate->window_s == 60   ? "min"
			   : rate->window_s == 3600 ? "h"
						    : "d";

	buf_fmt(to, "\"%u/%s\"", (unsigned)rate->count, unit);
}

static void
put_word(struct buf *to, const struct setting *row, int64_t v)
{
	for (const struct word *w = row->words; w->name != NULL; w++)
		if (w->value == v)
			put_text(to, w->name);
}

static void
put_number(struct buf *to, double v)
{
	char text[NUMBER_TEXT];

	number_text(text, v);
	buf_fmt(to, "%s", text);
}

/* Was it given, or has it a default? */
static bool
has_value(const struct setting *row, const void *in)
{
	const char *at = (const char *)in + row->at;
	const void *p;

	if (row->has != 0)
		return *((const bool *)in + row->has);
	switch ((enum setting_type)row->type) {
	case SET_TEXT:
	case SET_PATH:
	case SET_VALUE:
		memcpy(&p, at, sizeof(p));
		return p != NULL;
	case SET_LIST:
		return ((const struct conf_names *)(const void *)at)->n > 0 ||
		       row->dflt != NULL;
	case SET_RATE:
		return ((const struct conf_rate *)(const void *)at)->set;
	case SET_INT:
		return row->dflt != NULL || member_int(row, at) != 0;
	case SET_SECRET:
		return ((const struct secret *)(const void *)at)->bytes != NULL;
	case SET_SECRET_FILE:
	case SET_SECRET_ENV:
		return false;
	default:
		return true;
	}
}

/* A default of a parameter is text in the struct, whatever it was. */
static void
put_value(struct buf *to, const char *text, const void *in)
{
	const struct conf_param *p = in;

	if (p->type == CONF_STRING)
		put_text(to, text);
	else if (p->type == CONF_NUMBER)
		put_number(to, strtod(text, NULL));
	else
		buf_fmt(to, "%s", text);
}

static void
put_member(struct buf *to, const struct setting *row, const void *in)
{
	const void *at = (const char *)in + row->at;
	const char *text = NULL;
	double d = 0;

	switch ((enum setting_type)row->type) {
	case SET_TEXT:
	case SET_PATH:
	case SET_VALUE:
		memcpy(&text, at, sizeof(text));
		if (row->type == SET_VALUE)
			put_value(to, text, in);
		else
			put_text(to, text);
		break;
	case SET_BOOL:
		buf_fmt(to, "%s", member_int(row, at) ? "true" : "false");
		break;
	case SET_SIZE:
		put_size(to, member_int(row, at));
		break;
	case SET_TIME:
		put_time(to, member_int(row, at));
		break;
	case SET_MILLIS:
		put_time(to, member_int(row, at) / 1000);
		break;
	case SET_NUMBER:
		memcpy(&d, at, sizeof(d));
		put_number(to, d);
		break;
	case SET_RATE:
		put_rate(to, at);
		break;
	case SET_WORD:
		put_word(to, row, member_int(row, at));
		break;
	case SET_LIST:
		put_list(to, at);
		break;
	default:
		buf_int(to, member_int(row, at));
		break;
	}
}

static void put_group(struct buf *to, enum group g, const void *in, int depth);

/* A collection or the one group of its kind. */
static void
put_child(struct buf *to, const struct setting *row, const void *in, int depth)
{
	const struct group_def *def = &conf_groups[row->child];
	const char *things = NULL, *name;
	bool list = def->size != 0 && def->named == NULL;
	size_t n = 0;

	if (def->size != 0) {
		memcpy(&things, (const char *)in + def->items, sizeof(things));
		memcpy(&n, (const char *)in + def->count, sizeof(n));
		if (n == 0)
			return;
	}
	put_indent(to, depth);
	buf_fmt(to, "%s = %c\n", setting_name(row), list ? '(' : '{');
	if (def->size == 0)
		put_group(to, row->child, in, depth + 1);
	for (size_t i = 0; i < n; i++, things += def->size) {
		memcpy(&name, things, sizeof(name));
		put_indent(to, depth + 1);
		buf_fmt(to, "%s%s{\n", list ? "" : name, list ? "" : " = ");
		put_group(to, row->child, things, depth + 2);
		put_indent(to, depth + 1);
		buf_fmt(to, "}%s\n", !list ? ";" : i + 1 < n ? "," : "");
	}
	put_indent(to, depth);
	buf_fmt(to, "%c;\n", list ? ')' : '}');
}

static void
put_group(struct buf *to, enum group g, const void *in, int depth)
{
	struct span rows = group_rows(g);

	for (size_t i = 0; i < rows.n; i++) {
		const struct setting *row = &rows.row[i];

		if (row->type == SET_GROUP) {
			put_child(to, row, in, depth);
			continue;
		}
		if (!has_value(row, in))
			continue;
		put_indent(to, depth);
		if (row->type == SET_SECRET) {
			buf_fmt(to, "# %s is set\n", setting_name(row));
			continue;
		}
		buf_fmt(to, "%s = ", setting_name(row));
		put_member(to, row, in);
		buf_lit(to, ";\n");
	}
}

void
conf_effective(const struct conf *c, struct buf *to)
{
	put_group(to, GROUP_TOP, c, 0);
}

/* A value to show where there is no default. */
static void
put_sample(struct buf *to, const struct setting *row)
{
	static const char *const samples[SET_TYPES] = {
		[SET_TEXT] = "\"...\"",
		[SET_PATH] = "\"/path\"",
		[SET_BOOL] = "false",
		[SET_INT] = "1",
		[SET_SIZE] = "\"1 MiB\"",
		[SET_TIME] = "\"30s\"",
		[SET_MILLIS] = "\"30s\"",
		[SET_NUMBER] = "1.0",
		[SET_RATE] = "\"60/min\"",
		[SET_LIST] = "[ \"...\" ]",
		[SET_VALUE] = "\"...\"",
		[SET_SECRET] = "\"...\"",
		[SET_SECRET_FILE] = "\"/path\"",
		[SET_SECRET_ENV] = "\"NAME\"",
	};
	bool bare = row->type == SET_BOOL || row->type == SET_INT;
	struct str rest = str_of(row->dflt), piece;
	const char *comma = "";

	if (row->dflt == NULL) {
		buf_fmt(to, "%s",
		    samples[row->type] == NULL ? "\"...\""
					       : samples[row->type]);
	} else if (row->type == SET_LIST) {
		buf_lit(to, "[ ");
		for (; str_cut(&rest, ',', &piece); comma = ", ") {
			piece = str_trim(piece);
			buf_fmt(to, "%s\"%.*s\"", comma, (int)piece.len,
			    piece.p);
		}
		buf_lit(to, " ]");
	} else {
		buf_fmt(to, bare ? "%s" : "\"%s\"", row->dflt);
	}
}

static void
example_group(struct buf *to, enum group g, int depth)
{
	struct span rows = group_rows(g);

	for (size_t i = 0; i < rows.n; i++) {
		const struct setting *row = &rows.row[i];
		bool many =
		    row->type == SET_GROUP && conf_groups[row->child].size != 0;
		bool list = many && conf_groups[row->child].named == NULL;

		buf_lit(to, "\n#");
		put_indent(to, depth);
		buf_fmt(to, "  %s", row->about);
		for (const struct word *w = row->words;
		     w != NULL && w->name != NULL; w++)
			buf_fmt(to, "%s%s",
			    w == row->words ? " One of: " : ", ", w->name);
		buf_lit(to, "\n#");
		put_indent(to, depth);
		buf_fmt(to, "%s = ", setting_name(row));
		if (row->type != SET_GROUP) {
			put_sample(to, row);
			buf_lit(to, ";\n");
			continue;
		}
		buf_fmt(to, "%s\n", list ? "( {" : many ? "{ NAME = {" : "{");
		example_group(to, row->child, depth + 1);
		buf_lit(to, "#");
		put_indent(to, depth);
		buf_fmt(to, "%s\n", list ? "} );" : many ? "}; };" : "};");
	}
}

void
conf_example(struct buf *to)
{
	buf_lit(to,
	    "# mcp.conf: every setting there is, with its default where it has one.\n"
	    "# Take the # away from what you change; mcp.conf(5) says more.\n");
	example_group(to, GROUP_TOP, 0);
}
