/* SPDX-License-Identifier: ISC */
/*
 * One file on its way into the joined text.  Read just closely enough to know
 * comments, texts and brackets, for what libconfig does not do: finding
 * includes relative to their file, naming the bracket or quote that was never
 * closed, keeping integers past 32 bits (it wraps them silently), and
 * refusing zero bytes (it takes the first for the end).
 */
#include <string.h>

#include "conf/conf_int.h"

#define NEST_MAX 32

struct scan {
	struct walk *w;
	const char *p, *end;
	const char *run; /* nothing is copied yet from here on */
	int file;
	bool stop;     /* after a complaint that makes the rest pointless */
	bool settings; /* there is more than comments and includes */
	int depth;
	char open[NEST_MAX];
	int open_line[NEST_MAX];
	const struct scan_above *up;
};

static void
scan_stop(struct scan *s, int line, const char *sentence)
{
	complain(s->w, line, "%s", sentence);
	s->w->broken = true;
	s->stop = true;
}

static void
scan_copy(struct scan *s)
{
	buf_put(&s->w->text, s->run, (size_t)(s->p - s->run));
	s->run = s->p;
}

static char
scan_peek(const struct scan *s)
{
	return s->end - s->p > 1 ? s->p[1] : '\0';
}

static void
scan_comment(struct scan *s)
{
	const char *nl = memchr(s->p, '\n', (size_t)(s->end - s->p));

	s->p = nl == NULL ? s->end : nl;
}

/* From a / on: a comment of either kind, or just a /. */
static void
scan_slash(struct scan *s)
{
	int line = s->w->lines;

	if (scan_peek(s) == '/') {
		scan_comment(s);
		return;
	}
	if (scan_peek(s) != '*') {
		s->p++;
		return;
	}
	for (s->p += 2; s->p < s->end; s->p++) {
		s->w->lines += *s->p == '\n';
		if (*s->p == '*' && scan_peek(s) == '/') {
			s->p += 2;
			return;
		}
	}
	scan_stop(s, line, "this comment is never closed with */");
}

/* From the opening quote to behind the closing one. */
static void
scan_text(struct scan *s)
{
	int line = s->w->lines;

	for (s->p++; s->p < s->end; s->p++) {
		s->w->lines += *s->p == '\n';
		if (*s->p == '"') {
			s->p++;
			return;
		}
		if (*s->p != '\\')
			continue;
		if (s->end - s->p >= 4 && memcmp(s->p, "\\x00", 4) == 0)
			break;
		if (scan_peek(s) == '"' || scan_peek(s) == '\\')
			s->p++;
	}
	if (s->p < s->end)
		scan_stop(s, s->w->lines, "a text cannot hold a zero byte");
	else
		scan_stop(s, line, "this text is never closed with \"");
}

static void
scan_open(struct scan *s)
{
	if (s->depth == NEST_MAX) {
		scan_stop(s, s->w->lines,
		    "too many brackets inside each other");
		return;
	}
	s->open[s->depth] = *s->p;
	s->open_line[s->depth++] = s->w->lines;
	s->p++;
}

static void
scan_close(struct scan *s)
{
	char mine = *s->p == '}' ? '{' : *s->p == ']' ? '[' : '(';
	int top = s->depth - 1;

	if (top >= 0 && s->open[top] == mine) {
		s->depth = top;
		s->p++;
		return;
	}
	s->w->broken = s->stop = true;
	if (top < 0)
		complain(s->w, s->w->lines,
		    "this %c closes nothing that was opened in this file",
		    *s->p);
	else
		complain(s->w, s->w->lines,
		    "this %c does not close the %c of line %d", *s->p,
		    s->open[top], text_at(s->w, s->open_line[top]).line);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       is_digit(c) || c == '_' || c == '-' || c == '*';
}

static void
scan_name(struct scan *s)
{
	while (s->p < s->end && is_name(*s->p))
		s->p++;
}

static void
scan_number(struct scan *s)
{
	struct str digits = { s->p + (*s->p == '+'), 0 };
	int64_t v;

	for (s->p++; s->p < s->end && is_digit(*s->p);)
		s->p++;
	digits.len = (size_t)(s->p - digits.p);
	if (s->p < s->end && (*s->p == 'x' || *s->p == 'X')) {
		scan_stop(s, s->w->lines, "write this number in decimal");
		return;
	}
	if (s->p < s->end && strchr(".eEL", *s->p) != NULL) {
		while (s->p < s->end &&
		       (is_name(*s->p) || *s->p == '.' || *s->p == '+'))
			s->p++;
		return;
	}
	if (digits.len < 10)
		return;
	if (!str_int(digits, INT64_MIN, INT64_MAX, &v)) {
		scan_stop(s, s->w->lines, "this number is too large");
		return;
	}
	scan_copy(s);
	buf_char(&s->w->text, 'L');
}

/* Is the file that was read last among those that include it? */
static bool
scan_loops(const struct walk *w, const struct scan_above *up, int file)
{
	const struct stat *mine = &w->files[file].st, *st;

	for (; up != NULL; up = up->up) {
		st = &w->files[up->file].st;
		if (st->st_dev == mine->st_dev && st->st_ino == mine->st_ino)
			return true;
	}
	return false;
}

/* The text of another file, on lines of its own. */
static void
include_file(struct scan *s, const char *path)
{
	struct walk *w = s->w;
	int line = text_at(w, w->lines).line, file;
	struct scan_above me = { s->up, s->file, 1, w->lines };

	if (s->up != NULL)
		me.depth = s->up->depth + 1;
	if (me.depth > CONF_DEPTH_MAX) {
		complain(w, w->lines, "includes are nested deeper than %d",
		    CONF_DEPTH_MAX);
		w->torn = true;
		return;
	}
	file = text_open(w, path);
	if (file < 0)
		return;
	if (scan_loops(w, &me, file)) {
		complain(w, w->lines,
		    "@include \"%s\": that file is the one this stands in, or includes it",
		    path);
		w->torn = true;
		return;
	}
	buf_char(&w->text, '\n');
	w->lines++;
	text_part(w, file, 1);
	scan_file(w, file, &me);
	buf_char(&w->text, '\n');
	w->lines++;
	text_part(w, s->file, line);
}

/* From an @ on. */
static void
scan_at(struct scan *s)
{
	static const char word[] = "@include";
	size_t n = sizeof(word) - 1;
	struct str rest = { s->p, (size_t)(s->end - s->p) }, name;
	const char *quote;

	if (!str_starts(rest, str_of(word))) {
		scan_stop(s, s->w->lines,
		    "after @ only include is known: @include \"file\"");
		return;
	}
	scan_copy(s);
	rest = str_from(rest, n);
	rest.len = strcspn(rest.p, "\n");
	rest = str_trim(rest);
	quote = rest.len < 3 || *rest.p != '"'
		    ? NULL
		    : memchr(rest.p + 1, '"', rest.len - 1);
	if (quote == NULL || quote == rest.p + 1) {
		scan_stop(s, s->w->lines,
		    "the name of a file in quotes must follow @include on the same line");
		return;
	}
	name = (struct str){ rest.p + 1, (size_t)(quote - rest.p - 1) };
	s->p = quote + 1;
	while (s->p < s->end && strchr(" \t;", *s->p) != NULL)
		s->p++;
	s->run = s->p;
	include_file(s, file_beside(s->w->a, s->w->files[s->file].path,
			    arena_z(s->w->a, name)));
}

/* One step through the file. */
static void
scan_step(struct scan *s)
{
	char c = *s->p;

	if (c == '\n') {
		s->w->lines++;
		s->p++;
	} else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
		s->p++;
	} else if (c == '#') {
		scan_comment(s);
	} else if (c == '/') {
		scan_slash(s);
	} else if (c == '@') {
		scan_at(s);
	} else {
		s->settings = true;
		if (c == '"')
			scan_text(s);
		else if (strchr("{[(", c) != NULL)
			scan_open(s);
		else if (strchr("}])", c) != NULL)
			scan_close(s);
		else if (is_digit(c) || c == '-' || c == '+')
			scan_number(s);
		else if (is_name(c))
			scan_name(s);
		else
			s->p++;
	}
}

/* Everything after it would be lost on libconfig. */
static bool
scan_zero(struct walk *w, struct str text)
{
	const char *zero =
	    text.len == 0 ? NULL : memchr(text.p, '\0', text.len);

	if (zero == NULL)
		return false;
	for (const char *p = text.p; p < zero; p++)
		w->lines += *p == '\n';
	complain(w, w->lines, "there is a zero byte in this line");
	w->broken = true;
	return true;
}

void
scan_file(struct walk *w, int file, const struct scan_above *up)
{
	struct str text = w->files[file].text;
	struct scan s = { .w = w, .file = file, .up = up };
	bool program = str_starts(text, STR("#!"));
	const char *wrong;

	if (scan_zero(w, text))
		return;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	s.p = s.run = text.p;
	s.end = text.p + text.len;
	while (s.p < s.end && !s.stop)
		scan_step(&s);
	scan_copy(&s);
	if (!s.stop && s.depth > 0) {
		complain(w, s.open_line[s.depth - 1],
		    "this %c is never closed in its file", s.open[s.depth - 1]);
		w->broken = true;
	}
	/* A program file of two lines has to lie there, and tells nothing. */
	wrong = program && !s.settings ? NULL : file_place(w->files[file].path);
	if (wrong != NULL)
		complain(w, up == NULL ? 1 : up->line, "%s%s",
		    up == NULL ? "" : "@include: ", wrong);
}
