/* SPDX-License-Identifier: ISC */
/*
 * The shortest decimal text of a double.  Most numbers in a table are integers
 * or have two decimals, and need no printf.
 */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/json_out.h"

#define EXACT 9007199254740992.0 /* 2^53 */

/* Up to 15 digits every decimal has a double of its own, so a decimal that
 * reads back equal is the only one of its length. */
#define UNIQUE 1e15

/* cents / 100 as text, cents not a multiple of 100. */
static size_t
put_cents(char *out, int64_t cents)
{
	size_t n = 0;
	int64_t u = cents < 0 ? -cents : cents;

	if (cents < 0)
		out[n++] = '-';
	n += buf_decimal(out + n, u / 100);
	out[n++] = '.';
	out[n++] = (char)('0' + u / 10 % 10);
	if (u % 10 != 0)
		out[n++] = (char)('0' + u % 10);
	return n;
}

/* "1e-07" becomes "1e-7" and "1e+20" becomes "1e20"; the point is a point
 * whatever the locale says. */
static size_t
tidy(char *text)
{
	char *e = strchr(text, 'e');
	char *comma = strchr(text, ',');
	char *to, *from;

	if (comma != NULL)
		*comma = '.';
	if (e == NULL)
		return strlen(text);
	to = e + 1;
	from = e + 1;
	if (*from == '-')
		to++;
	from++;
	while (*from == '0')
		from++;
	memmove(to, from, strlen(from) + 1);
	return strlen(text);
}

size_t
json_double_text(char out[static 32], double v)
{
	double cents;

	assert(isfinite(v));
	if (v == trunc(v) && fabs(v) < EXACT)
		return buf_decimal(out, (int64_t)v);
	cents = nearbyint(v * 100);
	if (fabs(cents) < UNIQUE && cents / 100 == v)
		return put_cents(out, (int64_t)cents);
	/* Below DBL_MIN a double has fewer digits than 15. */
	for (int digits = fabs(v) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		(void)snprintf(out, 32, "%.*g", digits, v);
		if (strtod(out, NULL) == v)
			break;
	}
	return tidy(out);
}
