/* SPDX-License-Identifier: ISC */
/*
 * Reading.  A pass of our own over the text keeps the ceilings, without
 * recursion and without memory; only then jansson builds the tree and judges
 * the grammar.
 */
#include <sodium.h>
#include <string.h>

#include "base/utf8.h"
#include "json/json.h"

const struct json_limits json_limits_default = {
	.depth = 64,
	.elements = 20000,
	.string = 1048576,
	.number = 64,
};

void
json_start(void)
{
	json_object_seed(randombytes_random() | 1);
}

struct scan {
	const char *p;
	const char *end;
	const struct json_limits *limits;
	size_t depth;
	size_t elements;
	const char *wrong; /* NULL while all is well */
	const char *from;  /* of the text, and a copy of it that has a 0 for */
	char *copy;        /* every long number; NULL: numbers stay */
};

/* Longer ones may be more than an int64_t or a double holds. */
#define NUMBER_SHORT 18

static bool
in_number(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
	       c == 'e' || c == 'E';
}

/* s->p is behind the opening quote; leave it behind the closing one. */
static void
scan_string(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p != '"')
		s->p += *s->p == '\\' ? 2 : 1;
	if (s->p >= s->end)
		s->wrong = "a string without an end";
	else if ((size_t)(s->p - from) > s->limits->string)
		s->wrong = "a string is too long";
	else
		s->p++;
}

static size_t
digits(struct str *s)
{
	size_t n = 0;

	while (n < s->len && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	*s = str_from(*s, n);
	return n;
}

/* Take one of these characters off. */
static bool
take(struct str *s, const char *any)
{
	if (s->len == 0 || strchr(any, s->p[0]) == NULL)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* A number as the grammar has it. */
static bool
is_number(struct str s)
{
	(void)take(&s, "-");
	if (!take(&s, "0") && digits(&s) == 0)
		return false;
	if (take(&s, ".") && digits(&s) == 0)
		return false;
	if (take(&s, "eE")) {
		(void)take(&s, "+-");
		return digits(&s) > 0 && s.len == 0;
	}
	return s.len == 0;
}

static void
scan_number(struct scan *s)
{
	struct str number = { .p = s->p };

	while (s->p < s->end && in_number(*s->p))
		s->p++;
	number.len = (size_t)(s->p - number.p);
	if (number.len > s->limits->number)
		s->wrong = "a number is too long";
	if (s->copy == NULL || !is_number(number))
		return;
	if (number.len > NUMBER_SHORT || str_has(number, 'e') ||
	    str_has(number, 'E')) {
		memset(s->copy + (number.p - s->from), ' ', number.len);
		s->copy[number.p - s->from] = '0';
	}
}

static void
scan_word(struct scan *s)
{
	while (s->p < s->end && *s->p >= 'a' && *s->p <= 'z')
		s->p++;
}

static void
scan_open(struct scan *s)
{
	s->p++;
	s->depth++;
	if (s->depth > s->limits->depth)
		s->wrong = "nested too deep";
}

static void
scan_value(struct scan *s)
{
	char c = *s->p;

	s->elements++;
	/* A name looks like one value too many until its colon is seen. */
	if (s->elements - 1 > s->limits->elements)
		s->wrong = "too many values";
	else if (c == '{' || c == '[')
		scan_open(s);
	else if (c == '-' || (c >= '0' && c <= '9'))
		scan_number(s);
	else if (c >= 'a' && c <= 'z')
		scan_word(s);
	else if (c == '"') {
		s->p++;
		scan_string(s);
	} else
		s->wrong = "a byte that begins no value";
}

static void
scan_token(struct scan *s)
{
	switch (*s->p) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case ',':
		s->p++;
		break;
	case ':':
		s->p++;
		if (s->elements != 0)
			s->elements--;
		break;
	case '}':
	case ']':
		s->p++;
		if (s->depth == 0)
			s->wrong = "a bracket closes nothing";
		else
			s->depth--;
		break;
	default:
		scan_value(s);
	}
}

/* What is wrong with the text as far as jansson would not see it; or NULL. */
static const char *
scan(struct str text, const struct json_limits *limits, char *copy)
{
	struct scan s = { .p = text.p,
		.limits = limits,
		.from = text.p,
		.copy = copy };

	if (text.len == 0)
		return "no text";
	s.end = text.p + text.len;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		return "a byte order mark";
	if (!utf8_valid(text))
		return "not UTF-8";
	while (s.p < s.end && s.wrong == NULL)
		scan_token(&s);
	if (s.wrong == NULL && s.elements > limits->elements)
		return "too many values";
	return s.wrong;
}

static enum err
refuse(struct fault *f)
{
	return fault_set(f, ERR_JSON, "Parse error: invalid JSON");
}

static void
root_free(void *root)
{
	json_decref(root);
}

/* "copy" is of the text, and read instead of it; or NULL. */
static enum err
parse(struct arena *a, struct str text, char *copy,
    const struct json_limits *limits, json_t **root, struct fault *f)
{
	const int flags =
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY;
	const char *wrong = scan(text, limits, copy);
	json_error_t e;
	char *near;

	*root = NULL;
	if (wrong != NULL) {
		fault_log(f, "JSON: %s", wrong);
		return refuse(f);
	}
	*root = json_loadb(copy == NULL ? text.p : copy, text.len, flags, &e);
	arena_defer(a, root_free, *root); /* takes NULL */
	if (*root != NULL)
		return ERR_OK;
	/* jansson quotes the caller's text, which may hold a secret. */
	near = strstr(e.text, " near '");
	if (near != NULL)
		*near = '\0';
	fault_log(f, "JSON: line %d, column %d: %s", e.line, e.column, e.text);
	return refuse(f);
}

enum err
json_parse(struct arena *a, struct str text, const struct json_limits *limits,
    json_t **root, struct fault *f)
{
	return parse(a, text, NULL, limits, root, f);
}

enum err
json_parse_digits(struct arena *a, struct str text,
    const struct json_limits *limits, json_t **root, struct fault *f)
{
	return parse(a, text, arena_z(a, text), limits, root, f);
}

struct str
json_number_next(struct str *rest)
{
	static const struct json_limits any = { .string = SIZE_MAX };
	struct scan s = { .p = rest->p,
		.end = rest->p + rest->len,
		.limits = &any };
	struct str number;

	while (s.p < s.end && *s.p != '-' && (*s.p < '0' || *s.p > '9'))
		if (*s.p >= 'a' && *s.p <= 'z')
			scan_word(&s);
		else if (*s.p++ == '"')
			scan_string(&s);
	number.p = s.p;
	while (s.p < s.end && in_number(*s.p))
		s.p++;
	number.len = (size_t)(s.p - number.p);
	*rest = str_from(*rest, (size_t)(s.p - rest->p));
	return number;
}

struct str
json_text(const json_t *v)
{
	if (!json_is_string(v))
		return (struct str){ NULL, 0 };
	return (struct str){ json_string_value(v), json_string_length(v) };
}

json_t *
json_member(const json_t *o, const char *name)
{
	return json_object_get(o, name);
}
