/* SPDX-License-Identifier: ISC */
/*
 * Moments with a Z or an offset, as our answers tell them, among the values of
 * a statement.  The server reads such a text up to its zone and complains or
 * warns of the rest; where it takes the text for a moment it is told the same
 * one in UTC, which is the time zone of every session.
 */
#include <stdio.h>

#include "source/mariadb_int.h"

#define NO_MOMENT   1292 /* a text is not wholly a date or a time */
#define SECONDS     19   /* bytes up to the seconds */
#define FRACTION    6    /* digits of a second that the server knows */
#define DAY         1440 /* minutes */
#define NEAR        8    /* tokens between a column and its value */
#define OFFSET_MOST (16 * 60)

/* "Z", "+02:00" or "-05:30" in minutes. */
static bool
zone_of(struct str s, int *minutes)
{
	struct str hour = { s.p + 1, 2 }, minute = { s.p + 4, 2 };
	int64_t h, m;

	*minutes = 0;
	if (str_eq(s, STR("Z")))
		return true;
	if (s.len != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':' ||
	    s.p[1] < '0' || s.p[4] < '0' || !str_int(hour, 0, 23, &h) ||
	    !str_int(minute, 0, 59, &m))
		return false;
	*minutes = (int)(h * 60 + m) * (s.p[0] == '-' ? -1 : 1);
	return h * 60 + m < OFFSET_MOST;
}

/* How many bytes ".123" takes. */
static size_t
fraction_of(struct str s)
{
	size_t n = 1;

	if (s.len == 0 || s.p[0] != '.')
		return 0;
	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n > 1 ? n : 0;
}

static bool
is_day(int year, int month, int day)
{
	char text[64];
	int64_t ignored;

	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year,
	    month, day);
	return clock_parse(text, strlen(text), &ignored);
}

/* The day before or behind. */
static void
turn_day(int *year, int *month, int *day, bool back)
{
	*day += back ? -1 : 1;
	if (is_day(*year, *month, *day))
		return;
	*month += back ? -1 : 1;
	if (*month < 1 || *month > 12) {
		*year += back ? -1 : 1;
		*month = back ? 12 : 1;
	}
	for (*day = back ? 31 : 1; *day > 1 && !is_day(*year, *month, *day);)
		--*day;
}

/* Digits, as a text of that shape has them there. */
static int
number(struct str s, size_t at, size_t n)
{
	int v = 0;

	for (size_t i = at; i < at + n; i++)
		v = v * 10 + (s.p[i] - '0');
	return v;
}

static struct str
in_utc(struct arena *a, struct str s, struct str fraction, int zone)
{
	int year = number(s, 0, 4), month = number(s, 5, 2),
	    day = number(s, 8, 2);
	int minute = number(s, 11, 2) * 60 + number(s, 14, 2) - zone;

	if (minute < 0 || minute >= DAY)
		turn_day(&year, &month, &day, minute < 0);
	minute = (minute + DAY) % DAY;
	if (year < 1 || year > 9999)
		return (struct str){ 0 };
	return arena_fmt(a, "%04d-%02d-%02d %02d:%02d:%.2s%.*s", year, month,
	    day, minute / 60, minute % 60, s.p + 17, (int)fraction.len,
	    fraction.p == NULL ? "" : fraction.p);
}

/* The moment in UTC as the server wants it; p NULL: it is not exactly one with
 * a zone. */
static struct str
moment(struct arena *a, struct str s)
{
	const struct str none = { 0 };
	struct str fraction;
	char text[SECONDS + 1];
	int64_t ignored;
	size_t n;
	int zone;

	if (s.len <= SECONDS)
		return none;
	memcpy(text, s.p, SECONDS);
	text[SECONDS] = 'Z';
	if (!clock_parse(text, sizeof(text), &ignored))
		return none;
	n = fraction_of(str_from(s, SECONDS));
	fraction =
	    (struct str){ s.p + SECONDS, n > FRACTION + 1 ? FRACTION + 1 : n };
	return zone_of(str_from(s, SECONDS + n), &zone)
		   ? in_utc(a, s, fraction, zone)
		   : none;
}

struct value
mariadb_moment(struct arena *a, const struct value *v)
{
	struct str s = { 0 };

	if (v->kind == VALUE_TEXT)
		s = moment(a, v->s);
	return s.p == NULL ? *v : cell_text(s);
}

static bool
has_zone(struct arena *a, const struct value *v)
{
	return v->kind == VALUE_TEXT && moment(a, v->s).p != NULL;
}

bool
mariadb_moments(struct arena *a, const struct sql *q)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (has_zone(a, &q->params[i].value))
			return true;
	return false;
}

/* The same statement, its value i told in UTC. */
static const struct sql *
told(struct arena *a, const struct sql *q, size_t i)
{
	struct sql *to = arena_zero(a, 1, sizeof(*to));
	struct param *v = arena_zero(a, q->nparams, sizeof(*v));

	memcpy(v, q->params, q->nparams * sizeof(*v));
	v[i].value = mariadb_moment(a, &v[i].value);
	*to = *q;
	to->params = v;
	return to;
}

const struct sql *
mariadb_moments_typed(struct arena *a, const struct sql *q)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (q->params[i].type == DT_TIMESTAMP &&
		    has_zone(a, &q->params[i].value))
			q = told(a, q, i);
	return q;
}

/* Does the sentence speak of this text as a moment?  What stands in a column
 * that is read is none of the caller's values. */
static bool
names(struct str sentence, struct str text, bool stored)
{
	static const char head[] = "ncorrect datetime value: '";
	size_t at = 0;
	struct str rest;

	while (at < sentence.len &&
	       !str_starts(str_from(sentence, at), str_of(head)))
		at++;
	rest = str_from(sentence, at);
	if (rest.len < sizeof(head) - 1 + text.len + 1)
		return false;
	rest = str_from(rest, sizeof(head) - 1);
	return str_starts(rest, text) && rest.p[text.len] == '\'' &&
	       (stored || rest.len == text.len + 1);
}

static bool
tell(struct mariadb_flow *w, struct str sentence, bool stored)
{
	bool any = false;

	for (size_t i = 0; i < w->q->nparams; i++) {
		const struct value *v = &w->q->params[i].value;

		if (!has_zone(w->a, v) || !names(sentence, v->s, stored))
			continue;
		w->q = told(w->a, w->q, i);
		any = true;
	}
	return any;
}

bool
mariadb_moments_refused(struct mariadb_flow *w)
{
	return mysql_stmt_errno(w->st) == NO_MOMENT &&
	       tell(w, str_of(mysql_stmt_error(w->st)), true);
}

bool
mariadb_moments_warned(struct mariadb_flow *w)
{
	struct fault ignored = { 0 };
	struct mariadb_rows r;
	bool any = false;

	if (!mariadb_moments(w->a, w->q) ||
	    mariadb_ask(w->c, w->a, "SHOW WARNINGS LIMIT 1024", NULL, 0, &r,
		&ignored) != ERR_OK)
		return false;
	for (size_t i = 0; i < r.rows; i++)
		if (mariadb_number(&r, i, 1, 0) == NO_MOMENT &&
		    tell(w, mariadb_cell(&r, i, 2), false))
			any = true;
	return any;
}

/* Does only a comparison stand between?  An opening parenthesis is none. */
static bool
compares(const struct tokens *t, size_t from, size_t to, bool *any)
{
	*any = false;
	for (size_t i = from; i < to; i++) {
		bool is = token_is(t, i, '=') || token_is(t, i, '<') ||
			  token_is(t, i, '>') ||
			  str_ieq(token_text(t, i), STR("IN"));

		if (!is && !token_is(t, i, '('))
			return false;
		*any = *any || is;
	}
	return true;
}

/* The column that the mark at token i is compared with, or t->n. */
static size_t
compared(const struct tokens *t, size_t i)
{
	size_t at = i;
	bool any;

	while (at > 0 && i - at < NEAR && compares(t, at - 1, i, &any))
		at--;
	if (at > 0 && compares(t, at, i, &any) && any &&
	    token_is_name(t, at - 1))
		return at - 1;
	for (at = i + 1; at <= i + NEAR && compares(t, i + 1, at + 1, &any);)
		at++;
	if (!compares(t, i + 1, at, &any) || !any)
		return t->n;
	while (token_is_name(t, at) && token_is(t, at + 1, '.'))
		at += 2;
	return token_is_name(t, at) && !token_is(t, at + 1, '(') ? at : t->n;
}

/* Is each column of that name in the tables of the statement for moments? */
static enum err
is_moment(struct mariadb_flow *w, struct str column, bool *is, struct fault *f)
{
	const struct gate *g = w->q->gate;
	struct str *args = arena_zero(w->a, g->ntables + 1, sizeof(*args));
	struct mariadb_rows r;
	enum err e;

	*is = false;
	if (g->ntables == 0)
		return ERR_OK;
	args[0] = column;
	memcpy(args + 1, g->tables, g->ntables * sizeof(*args));
	e = mariadb_ask(w->c, w->a,
	    arena_fmt(w->a,
		"SELECT min(DATA_TYPE IN ('datetime', 'timestamp')) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = ? AND TABLE_NAME IN %s",
		mariadb_marks(w->a, g->ntables).p)
		.p,
	    args, g->ntables + 1, &r, f);
	*is = e == ERR_OK && mariadb_number(&r, 0, 0, 0) == 1;
	return e;
}

/* The value of the mark at token i, or q->nparams. */
static size_t
value_at(const struct sql *q, const struct token *v)
{
	const struct gate *g = q->gate;

	for (size_t m = 0; m < g->nmarks; m++)
		for (size_t i = 0; i < q->nparams; i++)
			if (g->marks[m].at == v->at &&
			    str_eq(g->marks[m].name, q->params[i].name))
				return i;
	return q->nparams;
}

enum err
mariadb_moments_compared(struct mariadb_flow *w, struct fault *f)
{
	struct tokens t;
	enum err e = tokens_read(w->a, DIALECT_MARIADB, w->q->text, &t, f);

	for (size_t i = 0; e == ERR_OK && i < t.n; i++) {
		size_t v = value_at(w->q, &t.v[i]), column;
		bool is = false;

		if (v == w->q->nparams ||
		    !has_zone(w->a, &w->q->params[v].value))
			continue;
		column = compared(&t, i);
		if (column < t.n)
			e = is_moment(w, token_name(w->a, &t, column), &is, f);
		if (is)
			w->q = told(w->a, w->q, v);
	}
	return e;
}
