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
