/* SPDX-License-Identifier: ISC */
/*
 * One value: from the file or from its default, checked against its row,
 * stored in its struct.
 */
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "conf/conf_int.h"

static const char *const type_names[] = {
	[SET_GROUP] = "a group in braces",
	[SET_TEXT] = "text in quotes",
	[SET_PATH] = "a path in quotes",
	[SET_BOOL] = "true or false",
	[SET_INT] = "an integer",
	[SET_SIZE] =
	    "a number of bytes, or text such as \"64 KiB\" or \"1 MiB\"",
	[SET_TIME] =
	    "a duration such as \"30s\", \"15m\", \"12h\" or \"90d\", or a number of seconds",
	[SET_MILLIS] =
	    "a duration such as \"30s\", \"15m\", \"12h\" or \"90d\", or a number of seconds",
	[SET_NUMBER] = "a number",
	[SET_RATE] = "a rate such as \"10/s\", \"120/min\" or \"1000/h\"",
	[SET_WORD] = "one word in quotes",
	[SET_LIST] = "a list of texts in brackets, [ \"a\", \"b\" ]",
	[SET_VALUE] = "one value",
	[SET_SECRET] = "text in quotes",
	[SET_SECRET_FILE] = "the path of a file in quotes",
	[SET_SECRET_ENV] = "the name of a variable in quotes",
};
_Static_assert(sizeof(type_names) / sizeof(type_names[0]) == SET_TYPES,
    "a name for each type");

const char *
type_name(enum setting_type t)
{
	return type_names[t];
}

const char *
wrong_text(struct arena *a, const char *wrong, const char *text)
{
	if (strchr(text, '@') != NULL)
		return wrong; /* it may hold a password */
	return arena_fmt(a, "%s, not \"%.100s\"", wrong, text).p;
}

static const char *
must_be(struct arena *a, const struct setting *row, const char *text)
{
	return arena_fmt(a, "must be %s, not \"%.100s\"", type_names[row->type],
	    text)
	    .p;
}

void
number_text(char out[static NUMBER_TEXT], double v)
{
	int n = 0;

	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf(out, NUMBER_TEXT, "%.*g", digits, v);
		if (strtod(out, NULL) == v)
			break;
	}
	if (strpbrk(out, ".en") == NULL)
		snprintf(out + n, NUMBER_TEXT - (size_t)n, ".0");
}

/* Store an integer in a member of its size. */
static void
store(const struct setting *row, int64_t v, void *in)
{
	void *to = (char *)in + row->at;
	int i = (int)v;
	bool b = v != 0;

	if (row->size == sizeof(int64_t))
		memcpy(to, &v, sizeof(v));
	else if (row->size == sizeof(int))
		memcpy(to, &i, sizeof(i));
	else
		memcpy(to, &b, sizeof(b));
}

const char *
value_int(struct arena *a, const struct setting *row, int64_t v, void *in)
{
	const char *unit = row->type == SET_SIZE  ? " bytes"
			   : row->type == SET_INT ? ""
						  : " seconds";

	if (row->max != 0 && (v < row->min || v > row->max))
		return arena_fmt(a,
		    "must be between %" PRId64 " and %" PRId64
		    "%s, not %" PRId64,
		    row->min, row->max, unit, v)
		    .p;
	store(row, row->type == SET_MILLIS ? v * 1000 : v, in);
	return NULL;
}

/* "64 KiB" and the like; only digits count bytes. */
static bool
parse_size(struct str s, int64_t *out)
{
	static const struct {
		struct str name;
		int shift;
	} units[] = {
		{ { "KiB", 3 }, 10 },
		{ { "MiB", 3 }, 20 },
		{ { "GiB", 3 }, 30 },
		{ { "K", 1 }, 10 },
		{ { "M", 1 }, 20 },
		{ { "G", 1 }, 30 },
		{ { "", 0 }, 0 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!str_ends(s, units[i].name))
			continue;
		s.len -= units[i].name.len;
		if (!str_int(str_trim(s), 0, INT64_MAX >> units[i].shift, out))
			return false;
		*out <<= units[i].shift;
		return true;
	}
	return false;
}

static const char *
store_rate(struct arena *a, const struct setting *row, const char *text,
    void *in)
{
	static const struct {
		struct str name;
		uint32_t seconds;
	} units[] = {
		{ { "s", 1 }, 1 },
		{ { "min", 3 }, 60 },
		{ { "h", 1 }, 3600 },
		{ { "d", 1 }, 86400 },
	};
	struct conf_rate *rate =
	    (struct conf_rate *)(void *)((char *)in + row->at);
	struct str s = str_of(text), count;
	int64_t n;

	if (!str_cut(&s, '/', &count) || s.p == NULL ||
	    !str_int(count, 1, 1000000, &n))
		return must_be(a, row, text);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!str_eq(s, units[i].name))
			continue;
		rate->set = true;
		rate->count = (uint32_t)n;
		rate->window_s = units[i].seconds;
		return NULL;
	}
	return must_be(a, row, text);
}

/* The names of words, as conf_nearest wants them. */
static const char *const *
word_names(struct arena *a, const struct word *words)
{
	const char **v;
	size_t n = 0;

	while (words[n].name != NULL)
		n++;
	v = arena_zero(a, n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = words[i].name;
	return v;
}

static const struct word *
find_word(const struct setting *row, const char *text)
{
	const struct word *word = row->words;

	while (word->name != NULL && strcmp(word->name, text) != 0)
		word++;
	return word->name == NULL ? NULL : word;
}

const char *
word_wrong(struct arena *a, const struct setting *row, const char *text)
{
	const struct word *word;
	struct buf b;

	if (find_word(row, text) != NULL)
		return NULL;
	buf_init(&b, a, 4096);
	buf_lit(&b, "must be one of");
	for (word = row->words; word->name != NULL; word++)
		buf_fmt(&b, "%s %s", word == row->words ? "" : ",", word->name);
	buf_fmt(&b, ", not \"%.100s\"%s", text,
	    did_you_mean(a, text, word_names(a, row->words)));
	buf_char(&b, '\0');
	return b.p;
}

/* Text that goes out as JSON one day. */
static const char *
check_text(struct arena *a, const struct setting *row, const char *text)
{
	struct str s = str_of(text);
	const char *wrong;

	if (!utf8_valid(s))
		return "must be UTF-8";
	if (row->max != 0 && row->type == SET_TEXT &&
	    ((int64_t)s.len < row->min || (int64_t)s.len > row->max))
		return arena_fmt(a,
		    "must have between %" PRId64 " and %" PRId64 " bytes",
		    row->min, row->max)
		    .p;
	wrong = row->check == NULL ? NULL : row->check(text);
	return wrong == NULL ? NULL : wrong_text(a, wrong, text);
}

static const char *
store_text(struct arena *a, const struct setting *row, const char *text,
    void *in)
{
	const char *wrong = check_text(a, row, text);
	const char *copy;

	if (wrong != NULL)
		return wrong;
	copy = arena_z(a, str_of(text));
	memcpy((char *)in + row->at, &copy, sizeof(copy));
	return NULL;
}

static const char *
store_word(struct arena *a, const struct setting *row, const char *text,
    void *in)
{
	const struct word *word = find_word(row, text);

	if (word == NULL)
		return word_wrong(a, row, text);
	store(row, word->value, in);
	return NULL;
}

/* A default list stands in its row as "a, b". */
static const char *
store_words(struct arena *a, const struct setting *row, const char *text,
    void *in)
{
	struct conf_names *names =
	    (struct conf_names *)(void *)((char *)in + row->at);
	struct str rest = str_of(text), piece;

	names->v = arena_zero(a, strlen(text), sizeof(*names->v));
	while (str_cut(&rest, ',', &piece))
		names->v[names->n++] = arena_z(a, str_trim(piece));
	return NULL;
}

const char *
value_text(struct arena *a, const struct setting *row, const char *text,
    void *in)
{
	struct str s = str_of(text);
	int64_t v;

	switch ((enum setting_type)row->type) {
	case SET_TEXT:
		return store_text(a, row, text, in);
	case SET_WORD:
		return store_word(a, row, text, in);
	case SET_LIST:
		return store_words(a, row, text, in);
	case SET_RATE:
		return store_rate(a, row, text, in);
	case SET_BOOL:
		store(row, strcmp(text, "true") == 0, in);
		return NULL;
	case SET_INT:
		if (!str_int(s, INT64_MIN, INT64_MAX, &v))
			break;
		return value_int(a, row, v, in);
	case SET_SIZE:
		if (!parse_size(s, &v))
			break;
		return value_int(a, row, v, in);
	case SET_TIME:
	case SET_MILLIS:
		if (strcmp(text, "0") == 0 || strcmp(text, "0s") == 0)
			v = 0;
		else if (!str_duration(s, &v))
			break;
		return value_int(a, row, v, in);
	default:
		break;
	}
	return must_be(a, row, text);
}
