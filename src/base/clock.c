/* SPDX-License-Identifier: ISC */
/* Reading clocks, deadlines, and RFC 3339 text (always UTC). */
#include <string.h>
#include <time.h>

#include "base/clock.h"

int64_t
clock_wall_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
clock_mono_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct deadline
deadline_in(int64_t ms)
{
	int64_t now = clock_mono_ms();

	if (ms > INT64_MAX - now)
		return (struct deadline){ 0 };
	if (now + ms <= 0)
		return (struct deadline){ 1 }; /* long over, but not "none" */
	return (struct deadline){ now + ms };
}

struct deadline
deadline_min(struct deadline a, struct deadline b)
{
	if (a.at_ms == 0)
		return b;
	if (b.at_ms == 0)
		return a;
	return a.at_ms < b.at_ms ? a : b;
}

int64_t
deadline_left(struct deadline d)
{
	int64_t now;

	if (d.at_ms == 0)
		return INT64_MAX;
	now = clock_mono_ms();
	return d.at_ms > now ? d.at_ms - now : 0;
}

static void
put_digits(char *p, int n, int64_t v)
{
	while (n-- > 0) {
		p[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

/*
 * The date so many days after 1970-01-01.  Years are counted from March, so
 * that the leap day is the last one; the library's way reads the time zone's
 * file first.
 */
static void
put_date(char *out, int64_t days)
{
	int64_t d = days + 719468;
	int64_t era = d / 146097, of_era = d % 146097;
	int64_t y =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	put_digits(out, 4, era * 400 + y + (m >= 10));
	put_digits(out + 5, 2, m < 10 ? m + 3 : m - 9);
	put_digits(out + 8, 2, of_year - (153 * m + 2) / 5 + 1);
}

void
clock_text(char out[static CLOCK_TEXT], int64_t wall_us)
{
	const int64_t last = INT64_C(253402300799999999); /* end of 9999 */
	int64_t s;

	if (wall_us < 0)
		wall_us = 0;
	if (wall_us > last)
		wall_us = last;
	s = wall_us / 1000000;
	memcpy(out, "0000-00-00T00:00:00.000Z", CLOCK_TEXT);
	put_date(out, s / 86400);
	put_digits(out + 11, 2, s / 3600 % 24);
	put_digits(out + 14, 2, s / 60 % 60);
	put_digits(out + 17, 2, s % 60);
	put_digits(out + 20, 3, wall_us / 1000 % 1000);
}

/* Do the bytes have the shape, where '0' in it stands for any digit? */
static bool
has_shape(const char *text, const char *shape)
{
	for (; *shape != '\0'; text++, shape++) {
		if (*shape == '0' ? *text < '0' || *text > '9'
				  : *text != *shape)
			return false;
	}
	return true;
}

static int
number(const char *p, int n)
{
	int v = 0;

	while (n-- > 0)
		v = v * 10 + (*p++ - '0');
	return v;
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01, Gregorian: years counted from March, so that the
 * leap day is the last one. */
static int64_t
days_since_1970(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       1 - 719468;
}

bool
clock_parse(const char *text, size_t len, int64_t *wall_s)
{
	int year, month, day, hour, minute, second;

	if (!(len == 20 && has_shape(text, "0000-00-00T00:00:00Z")) &&
	    !(len == 24 && has_shape(text, "0000-00-00T00:00:00.000Z")))
		return false;
	year = number(text, 4);
	month = number(text + 5, 2);
	day = number(text + 8, 2);
	hour = number(text + 11, 2);
	minute = number(text + 14, 2);
	second = number(text + 17, 2);
	if (year == 0 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	*wall_s = days_since_1970(year, month, day) * 86400 + hour * 3600 +
		  minute * 60 + second;
	return true;
}
