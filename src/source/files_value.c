/* SPDX-License-Identifier: ISC */
/*
 * Values of files as their columns hold them: numbers that a double gives back
 * digit by digit, and moments in the one form of tools.md 1.6.
 */
#include <stdio.h>
#include <stdlib.h>

#include "source/files_int.h"
#include "json/json_out.h"

/* Digits that tell any two doubles apart. */
#define DOUBLE_DIGITS_MAX 17
#define NUMBER_MAX        64
#define EXPONENT_MAX      9999

/* A decimal number as 0.DIGITS and a power of ten, its sign left out. */
struct decimal {
	char digits[NUMBER_MAX];
	size_t n;
	int64_t power;
};

static void
decimal_of(struct str s, struct decimal *out)
{
	bool fraction = false;
	int64_t e = 0;
	size_t i;

	*out = (struct decimal){ .n = 0 };
	for (i = 0; i < s.len && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';

		fraction = fraction || s.p[i] == '.';
		if (digit && (out->n > 0 || s.p[i] != '0'))
			out->digits[out->n++] = s.p[i];
		if (digit && (fraction ? out->n == 0 : out->n > 0))
			out->power += fraction ? -1 : 1;
	}
	s = str_from(s, i + 1);
	if (str_starts(s, STR("+")))
		s = str_from(s, 1);
	if (str_int(s, -EXPONENT_MAX, EXPONENT_MAX, &e))
		out->power += e;
	while (out->n > 0 && out->digits[out->n - 1] == '0')
		out->n--;
	if (out->n == 0)
		out->power = 0;
}

static bool
same(const struct decimal *a, struct str text)
{
	struct decimal b;

	decimal_of(text, &b);
	return a->power == b.power && a->n == b.n &&
	       memcmp(a->digits, b.digits, a->n) == 0;
}

double
files_double(struct str number)
{
	char z[NUMBER_MAX];

	if (number.len >= sizeof(z))
		return 0;
	memcpy(z, number.p, number.len);
	z[number.len] = '\0';
	return strtod(z, NULL);
}

bool
files_double_keeps(struct str number)
{
	char text[2 * NUMBER_MAX];
	struct decimal d;
	double v;
	int n;

	if (number.len >= NUMBER_MAX)
		return false;
	decimal_of(number, &d);
	if (d.n > DOUBLE_DIGITS_MAX)
		return false;
	v = files_double(number);
	/* As the shortest text of it, or as all of its digits. */
	if (same(&d, (struct str){ text, json_double_text(text, v) }))
		return true;
	n = snprintf(text, sizeof(text), "%.*g", DOUBLE_DIGITS_MAX, v);
	return n > 0 && same(&d, (struct str){ text, (size_t)n });
}

struct str
files_moment(struct arena *a, struct str s)
{
	static const size_t zone_at = sizeof("YYYY-MM-DDTHH:MM") - 1;
	struct buf b;

	buf_init(&b, a, s.len + 4);
	buf_put(&b, s.p, zone_at);
	b.p[sizeof("YYYY-MM-DD") - 1] = 'T';
	if (s.len == zone_at || s.p[zone_at] != ':')
		buf_lit(&b, ":00");
	buf_str(&b, str_from(s, zone_at));
	if (b.p[b.len - 1] == 'z')
		b.p[b.len - 1] = 'Z';
	return buf_text(&b);
}
