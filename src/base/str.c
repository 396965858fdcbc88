/* SPDX-License-Identifier: ISC */
/* Looking at text and reading numbers out of it. */
#include "base/str.h"
#include "base/utf8.h"

/* ASCII only: the locale has no say. */
static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
str_ieq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold(a.p[i]) != fold(b.p[i]))
			return false;
	return true;
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

bool
str_starts(struct str s, struct str with)
{
	return s.len >= with.len && str_eq((struct str){ s.p, with.len }, with);
}

bool
str_ends(struct str s, struct str with)
{
	return s.len >= with.len && str_eq(str_from(s, s.len - with.len), with);
}

bool
str_has(struct str s, char c)
{
	return s.len != 0 && memchr(s.p, c, s.len) != NULL;
}

struct str
str_trim(struct str s)
{
	while (s.len != 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len != 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

struct str
str_from(struct str s, size_t from)
{
	if (from == 0)
		return s;
	if (from >= s.len)
		return (struct str){ s.p == NULL ? NULL : s.p + s.len, 0 };
	return (struct str){ s.p + from, s.len - from };
}

struct str
str_behind_last(struct str s, char c)
{
	size_t n = s.len;

	while (n > 0 && s.p[n - 1] != c)
		n--;
	return str_from(s, n);
}

bool
str_cut(struct str *rest, char sep, struct str *piece)
{
	const char *end;

	if (rest->p == NULL)
		return false;
	end = rest->len == 0 ? NULL : memchr(rest->p, sep, rest->len);
	if (end == NULL) {
		*piece = *rest;
		*rest = (struct str){ NULL, 0 };
		return true;
	}
	*piece = (struct str){ rest->p, (size_t)(end - rest->p) };
	*rest = str_from(*rest, piece->len + 1);
	return true;
}

/* Digits only; at least one; no more than UINT64_MAX. */
static bool
digits(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = (unsigned)(unsigned char)s.p[i] - '0';

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

bool
str_int(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool minus = s.len != 0 && s.p[0] == '-';
	uint64_t u;
	int64_t v;

	if (!digits(str_from(s, minus), &u))
		return false;
	if (u > (uint64_t)INT64_MAX + minus)
		return false;
	v = minus ? (int64_t)(0 - u) : (int64_t)u;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool
str_duration(struct str s, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const int64_t most = (int64_t)36525 * 86400;
	int64_t n;

	if (s.len < 2)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (s.p[s.len - 1] != units[i].unit)
			continue;
		s.len--;
		if (s.p[0] == '-' ||
		    !str_int(s, 1, most / units[i].seconds, &n))
			return false;
		*seconds = n * units[i].seconds;
		return true;
	}
	return false;
}

bool
str_glob(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

	/* One step back to the last '*' is enough: an earlier one could only
	 * give away more of what the last one can still take. */
	while (i < s.len) {
		if (p < pattern.len && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.len &&
			   fold(pattern.p[p]) == fold(s.p[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	return p == pattern.len;
}

/* Bytes of the character at s.p[i]; a bad byte counts as one. */
static size_t
char_at(struct str s, size_t i)
{
	size_t n = utf8_step(s.p + i, s.len - i);

	return n == 0 ? 1 : n;
}

/* Match one pattern element that is no '%' against s at i: false, or both
 * advance. */
static bool
like_one(struct str pattern, size_t *p, struct str s, size_t *i)
{
	char c;

	if (*p == pattern.len)
		return false;
	c = pattern.p[*p];
	if (c == '_') {
		*p += 1;
		*i += char_at(s, *i);
		return true;
	}
	if (c == '\\' && *p + 1 < pattern.len) {
		if (fold(pattern.p[*p + 1]) != fold(s.p[*i]))
			return false;
		*p += 2;
	} else {
		if (fold(c) != fold(s.p[*i]))
			return false;
		*p += 1;
	}
	*i += 1;
	return true;
}

bool
str_like(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

	while (i < s.len) {
		if (p < pattern.len && pattern.p[p] == '%') {
			star = p++;
			from = i;
		} else if (like_one(pattern, &p, s, &i)) {
			continue;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			from += char_at(s, from);
			i = from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.p[p] == '%')
		p++;
	return p == pattern.len;
}

#define DISTANCE_MAX 64

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t
str_distance(struct str a, struct str b)
{
	size_t row[DISTANCE_MAX + 1];

	if (a.len > DISTANCE_MAX || b.len > DISTANCE_MAX)
		return a.len > b.len ? a.len : b.len;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t swap = corner + (fold(a.p[i]) != fold(b.p[j]));

			corner = row[j + 1];
			row[j + 1] = least(swap, corner + 1, row[j] + 1);
		}
	}
	return row[b.len];
}

uint64_t
str_hash(struct str s)
{
	uint64_t h = 14695981039346656037U;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211U;
	return h;
}
