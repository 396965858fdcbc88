/* SPDX-License-Identifier: ISC */
/*
 * One setting of libconfig's tree into its struct: the kinds of value that
 * libconfig knows, against the types that our rows want.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "conf/conf_int.h"

static int
line_of(const config_setting_t *s)
{
	return (int)config_setting_source_line(s);
}

static bool
is_int(const config_setting_t *s)
{
	return s->type == CONFIG_TYPE_INT || s->type == CONFIG_TYPE_INT64;
}

/* A name of a source, looked up once all are known. */
static void
ref_add(struct walk *w, const char *name, const char *path, int line)
{
	if (w->nrefs == w->refs_cap) {
		size_t cap = w->refs_cap == 0 ? 16 : 2 * w->refs_cap;

		w->refs = arena_grow(w->a, w->refs,
		    w->refs_cap * sizeof(*w->refs), cap * sizeof(*w->refs));
		w->refs_cap = cap;
	}
	w->refs[w->nrefs++] =
	    (struct ref){ name, arena_z(w->a, str_of(path)), line };
}

static int
by_text(const void *pa, const void *pb)
{
	const config_setting_t *const *a = pa, *const *b = pb;
	int d = strcmp((*a)->value.sval, (*b)->value.sval);

	return d != 0 ? d : line_of(*a) - line_of(*b);
}

/* Anything named twice is an error, in a list as well. */
static void
list_twice(struct walk *w, const config_setting_t *s, const char *path)
{
	size_t n = s->value.list == NULL ? 0 : s->value.list->length;
	config_setting_t **v;

	if (n < 2)
		return;
	v = arena_get(w->a, n * sizeof(*v));
	memcpy(v, s->value.list->elements, n * sizeof(*v));
	qsort(v, n, sizeof(*v), by_text);
	for (size_t i = 1; i < n; i++)
		if (strcmp(v[i - 1]->value.sval, v[i]->value.sval) == 0)
			complain(w, line_of(v[i]), "%s names \"%s\" twice",
			    path, v[i]->value.sval);
}

static const char *
item_wrong(struct walk *w, const struct setting *row, const char *text)
{
	const char *wrong;

	if (!utf8_valid(str_of(text)))
		return "must be UTF-8";
	if (text[0] == '\0')
		return "must not hold an empty text";
	if (row->words != NULL)
		return word_wrong(w->a, row, text);
	wrong = row->check == NULL ? NULL : row->check(text);
	return wrong == NULL ? NULL : wrong_text(w->a, wrong, text);
}

static void
read_list(struct walk *w, const struct setting *row, const config_setting_t *s,
    const char *path, void *in)
{
	struct conf_names *names =
	    (struct conf_names *)(void *)((char *)in + row->at);
	int n = config_setting_length(s);
	const char *wrong;

	names->n = 0;
	names->v = arena_zero(w->a, (size_t)n + 1, sizeof(*names->v));
	for (int i = 0; i < n; i++) {
		const config_setting_t *e =
		    config_setting_get_elem(s, (unsigned)i);

		if (e->type != CONFIG_TYPE_STRING) {
			complain(w, line_of(e), "%s must be %s", path,
			    type_name(SET_LIST));
			return;
		}
		wrong = item_wrong(w, row, e->value.sval);
		if (wrong != NULL)
			complain(w, line_of(e), "%s %s", path, wrong);
		names->v[names->n] = arena_z(w->a, str_of(e->value.sval));
		if (row->source)
			ref_add(w, names->v[names->n], path, line_of(e));
		names->n++;
	}
	if (row->need && n == 0)
		complain(w, line_of(s), "%s must name at least one", path);
	if (!row->again)
		list_twice(w, s, path);
}

/* A scalar of any kind, as text. */
static const char *
read_value(struct walk *w, const struct setting *row, const config_setting_t *s,
    void *in)
{
	char number[NUMBER_TEXT];
	const char *text;

	if (is_int(s)) {
		text = arena_fmt(w->a, "%lld", config_setting_get_int64(s)).p;
	} else if (s->type == CONFIG_TYPE_FLOAT && isfinite(s->value.fval)) {
		number_text(number, s->value.fval);
		text = arena_z(w->a, str_of(number));
	} else if (s->type == CONFIG_TYPE_BOOL) {
		text = s->value.ival ? "true" : "false";
	} else if (s->type == CONFIG_TYPE_STRING) {
		text = arena_z(w->a, str_of(s->value.sval));
	} else {
		return "must be text, a number, true or false";
	}
	if (!utf8_valid(str_of(text)))
		return "must be UTF-8";
	memcpy((char *)in + row->at, &text, sizeof(text));
	return NULL;
}

static const char *
read_number(const struct setting *row, const config_setting_t *s, void *in)
{
	double v;

	if (is_int(s))
		v = (double)config_setting_get_int64(s);
	else if (s->type == CONFIG_TYPE_FLOAT && isfinite(s->value.fval))
		v = s->value.fval;
	else
		return "must be a number";
	memcpy((char *)in + row->at, &v, sizeof(v));
	return NULL;
}

static const char *
read_path(struct walk *w, const struct setting *row, const config_setting_t *s,
    void *in)
{
	const char *path;

	if (s->value.sval[0] == '\0' || !utf8_valid(str_of(s->value.sval)))
		return "must be a path";
	path = file_beside(w->a, text_file(w, line_of(s))->path, s->value.sval);
	memcpy((char *)in + row->at, &path, sizeof(path));
	return NULL;
}

/* Switches may be written as words, and words of three as switches. */
static const char *
read_bool(struct walk *w, const struct setting *row, const config_setting_t *s,
    void *in)
{
	static const char *const yes[] = { "on", "yes", "true" };
	static const char *const no[] = { "off", "no", "false" };

	if (s->type == CONFIG_TYPE_BOOL)
		return value_text(w->a, row, s->value.ival ? "true" : "false",
		    in);
	for (size_t i = 0; s->type == CONFIG_TYPE_STRING && i < 3; i++) {
		if (strcmp(s->value.sval, yes[i]) == 0)
			return value_text(w->a, row, "true", in);
		if (strcmp(s->value.sval, no[i]) == 0)
			return value_text(w->a, row, "false", in);
	}
	return arena_fmt(w->a, "must be %s", type_name(SET_BOOL)).p;
}

/* One value that is no list; what is wrong with it, or NULL. */
static const char *
read_scalar(struct walk *w, const struct setting *row,
    const config_setting_t *s, void *in)
{
	bool text = s->type == CONFIG_TYPE_STRING;

	switch ((enum setting_type)row->type) {
	case SET_VALUE:
		return read_value(w, row, s, in);
	case SET_NUMBER:
		return read_number(row, s, in);
	case SET_BOOL:
		return read_bool(w, row, s, in);
	case SET_PATH:
		if (text)
			return read_path(w, row, s, in);
		break;
	case SET_INT:
	case SET_SIZE:
	case SET_TIME:
	case SET_MILLIS:
		if (is_int(s))
			return value_int(w->a, row, config_setting_get_int64(s),
			    in);
		if (text && row->type != SET_INT)
			return value_text(w->a, row, s->value.sval, in);
		break;
	case SET_WORD:
		if (s->type == CONFIG_TYPE_BOOL)
			return value_text(w->a, row,
			    s->value.ival ? "on" : "off", in);
		if (text)
			return value_text(w->a, row, s->value.sval, in);
		break;
	default:
		if (text)
			return value_text(w->a, row, s->value.sval, in);
		break;
	}
	return arena_fmt(w->a, "must be %s", type_name(row->type)).p;
}

static bool
is_list(const config_setting_t *s)
{
	return s->type == CONFIG_TYPE_ARRAY || s->type == CONFIG_TYPE_LIST;
}

void
value_read(struct walk *w, const struct setting *row, const config_setting_t *s,
    const char *path, void *in)
{
	static const bool yes = true;
	const char *wrong = NULL;

	if (row->type >= SET_SECRET)
		secret_read(w, row, s, path, in);
	else if (row->type == SET_LIST && is_list(s))
		read_list(w, row, s, path, in);
	else if (row->type == SET_LIST)
		wrong = arena_fmt(w->a, "must be %s", type_name(SET_LIST)).p;
	else
		wrong = read_scalar(w, row, s, in);
	if (wrong != NULL) {
		complain(w, line_of(s), "%s %s", path, wrong);
		return;
	}
	if (row->has != 0)
		memcpy((char *)in + row->has, &yes, sizeof(yes));
	if (row->where != 0) {
		struct conf_at at = text_at(w, line_of(s));

		memcpy((char *)in + row->where, &at, sizeof(at));
	}
	if (row->source && row->type == SET_TEXT)
		ref_add(w, arena_z(w->a, str_of(s->value.sval)), path,
		    line_of(s));
}
