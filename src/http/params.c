/* SPDX-License-Identifier: ISC */
/* Name-value pairs of FastCGI (specification 3.4), made an environment. */
#include "http/http_int.h"

/* One length, of one byte or of four. */
static bool
take_length(const char **p, size_t *left, size_t *len)
{
	const unsigned char *u = (const unsigned char *)*p;
	size_t used = 1;

	if (*left < 1)
		return false;
	*len = u[0];
	if (u[0] & 0x80) {
		if (*left < 4)
			return false;
		*len = (size_t)(u[0] & 0x7f) << 24 | (size_t)u[1] << 16 |
		       (size_t)u[2] << 8 | u[3];
		used = 4;
	}
	*p += used;
	*left -= used;
	return true;
}

/* No name may end early or reach into its value, and no value end early. */
static bool
is_plain(const char *name, size_t nname, size_t nvalue)
{
	return nname > 0 && memchr(name, '=', nname) == NULL &&
	       memchr(name, '\0', nname + nvalue) == NULL;
}

bool
params_split(char *p, size_t n, char **env, size_t max)
{
	const char *from = p;
	size_t left = n, count = 0, nname, nvalue;
	char *to = p;

	while (left > 0) {
		if (!take_length(&from, &left, &nname) ||
		    !take_length(&from, &left, &nvalue) || nname > left ||
		    nvalue > left - nname || count == max ||
		    !is_plain(from, nname, nvalue))
			return false;
		/* Two lengths took two bytes or more: room for '=' and zero. */
		env[count++] = to;
		memmove(to, from, nname);
		to[nname] = '=';
		memmove(to + nname + 1, from + nname, nvalue);
		to[nname + 1 + nvalue] = '\0';
		to += nname + nvalue + 2;
		from += nname + nvalue;
		left -= nname + nvalue;
	}
	env[count] = NULL;
	return true;
}
