/* SPDX-License-Identifier: ISC */
/*
 * Complaints: collected while the configuration is read, sorted by where they
 * stand, and written as "file:line: sentence".
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

/* After so many the reader has seen enough. */
#define COMPLAINTS_MAX 100
#define SENTENCE_MAX   1024

static void
control_hide(char *p)
{
	for (; *p != '\0'; p++)
		if (((unsigned char)*p < 0x20 && *p != '\n') || *p == 0x7f)
			*p = '?';
}

void
complain(struct walk *w, int line, const char *fmt, ...)
{
	char text[SENTENCE_MAX];
	struct complaint *c;
	va_list ap;

	if (w->ncomplaints > COMPLAINTS_MAX)
		return;
	if (w->complaints == NULL)
		w->complaints = arena_zero(w->a, COMPLAINTS_MAX + 1,
		    sizeof(*w->complaints));
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	control_hide(text);
	c = &w->complaints[w->ncomplaints];
	c->line = line;
	c->seq = w->ncomplaints++;
	c->text = arena_z(w->a, str_of(text));
}

void
leave_out(struct walk *w, const char *tool, struct conf_at at, const char *fmt,
    ...)
{
	struct conf_left *left = (struct conf_left *)w->c->left;
	char text[SENTENCE_MAX], *line;
	va_list ap;

	if (w->nleft++ >= COMPLAINTS_MAX)
		return;
	if (left == NULL)
		left = arena_zero(w->a, COMPLAINTS_MAX, sizeof(*left));
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line = (char *)arena_fmt(w->a, "%s:%d: left out: %s", at.file, at.line,
	    text)
		   .p;
	for (char *p = line; *p != '\0'; p++)
		if (*p == '\n')
			*p = '?';
	control_hide(line);
	left[w->c->nleft++] = (struct conf_left){ tool, line };
	w->c->left = left;
}

static int
by_place(const void *pa, const void *pb)
{
	const struct complaint *a = pa, *b = pb;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

enum err
complain_all(struct walk *w, struct buf *to, struct fault *f)
{
	size_t n = w->ncomplaints;
	struct conf_at at;

	if (n == 0)
		return ERR_OK;
	qsort(w->complaints, n, sizeof(*w->complaints), by_place);
	if (n > COMPLAINTS_MAX)
		n = COMPLAINTS_MAX;
	for (size_t i = 0; i < n; i++) {
		at = text_at(w, w->complaints[i].line);
		buf_fmt(to, "%s:%d: %s\n", at.file, at.line,
		    w->complaints[i].text);
	}
	if (w->ncomplaints > n)
		buf_fmt(to, "%s:1: there is more; mend these first\n",
		    w->c->file);
	for (size_t i = 0; i < w->c->nleft; i++)
		buf_fmt(to, "%s\n", w->c->left[i].text);
	at = text_at(w, w->complaints[0].line);
	fault_log(f, "%s:%d: %.*s", at.file, at.line,
	    (int)strcspn(w->complaints[0].text, "\n"), w->complaints[0].text);
	return fault_set(f, ERR_CONF, "the configuration has mistakes");
}

/* How far apart two names are; the beginning of a longer one is near. */
static size_t
distance(const char *word, const char *known)
{
	size_t n = strlen(word);

	if (n >= 3 && strncmp(word, known, n) == 0)
		return 1;
	return str_distance(str_of(word), str_of(known));
}

const char *
conf_nearest(const char *word, const char *const *known)
{
	const char *best = NULL;
	size_t least = (strlen(word) + 1) / 3 + 1, d;

	for (; *known != NULL; known++) {
		d = distance(word, *known);
		if (d >= least)
			continue;
		least = d;
		best = *known;
	}
	return best;
}

const char *
did_you_mean(struct arena *a, const char *word, const char *const *known)
{
	const char *best = conf_nearest(word, known);

	if (best == NULL)
		return "";
	return arena_fmt(a, "; did you mean \"%s\"?", best).p;
}
