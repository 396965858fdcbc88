/* SPDX-License-Identifier: ISC */
/*
 * Addresses of resources: how names become one, and what a template finds in
 * one.  An address is decoded once, piece by piece after it was taken apart, so
 * that nothing encoded can pose as a slash of ours.
 */
#include "base/utf8.h"
#include "content/content_int.h"

static bool
is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

void
uri_encode(struct buf *to, struct str s, bool slash)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unreserved(s.p[i]) || (slash && c == '/')) {
			buf_char(to, s.p[i]);
			continue;
		}
		buf_char(to, '%');
		buf_char(to, hex[c >> 4]);
		buf_char(to, hex[c & 15]);
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
uri_decode(struct arena *a, struct str in, struct str *out)
{
	char *p = arena_get(a, in.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		int hi, lo;

		if (in.p[i] != '%') {
			p[n++] = in.p[i];
			continue;
		}
		if (in.len - i < 3)
			return false;
		hi = hex_digit(in.p[i + 1]);
		lo = hex_digit(in.p[i + 2]);
		if (hi < 0 || lo < 0)
			return false;
		p[n++] = (char)(hi << 4 | lo);
		i += 2;
	}
	p[n] = '\0';
	*out = (struct str){ p, n };
	return !str_has(*out, '\0') && utf8_valid(*out);
}

bool
uri_valid(struct str uri)
{
	static const struct str others = STR(":/?#[]@!$&'()*+,;=%");
	size_t colon = 0;

	if (uri.len > URI_MAX)
		return false;
	for (size_t i = 0; i < uri.len; i++) {
		if (uri.p[i] == ':' && colon == 0)
			colon = i;
		if (!is_unreserved(uri.p[i]) && !str_has(others, uri.p[i]))
			return false;
	}
	for (size_t i = 0; i < colon; i++)
		if (str_has(STR("/?#[]@!$&'()*,;=%_~"), uri.p[i]) ||
		    (i == 0 && !(uri.p[i] >= 'a' && uri.p[i] <= 'z') &&
			!(uri.p[i] >= 'A' && uri.p[i] <= 'Z')))
			return false;
	return colon > 0 && colon + 1 < uri.len;
}

/* Where "what" stands first in s, or s.len. */
static size_t
find(struct str s, struct str what)
{
	for (size_t i = 0; what.len <= s.len && i <= s.len - what.len; i++)
		if (memcmp(s.p + i, what.p, what.len) == 0)
			return i;
	return s.len;
}

/* The text of a template up to its next variable. */
static struct str
literal(struct str rest)
{
	for (size_t i = 0; i < rest.len; i++)
		if (rest.p[i] == '{')
			return (struct str){ rest.p, i };
	return rest;
}

bool
uri_variable(struct str *rest, struct str *name, bool *slashes)
{
	struct str r = str_from(*rest, literal(*rest).len);

	if (r.len == 0)
		return false;
	*name = (struct str){ r.p + 1, find(r, STR("}")) - 1 };
	*slashes = str_starts(*name, STR("+"));
	*rest = str_from(r, name->len + 2);
	if (*slashes)
		*name = str_from(*name, 1);
	return true;
}

static bool
may_stand(struct str raw, bool slashes)
{
	for (size_t i = 0; i < raw.len; i++)
		if (raw.p[i] == '?' || raw.p[i] == '#' ||
		    (raw.p[i] == '/' && !slashes))
			return false;
	return raw.len > 0;
}

bool
uri_match(struct arena *a, struct str pattern, struct str uri,
    struct uri_value v[static URI_VALUES], size_t *n)
{
	struct str lit = literal(pattern), raw;
	bool slashes;

	*n = 0;
	if (uri.len > URI_MAX || !str_starts(uri, lit))
		return false;
	uri = str_from(uri, lit.len);
	while (
	    *n < URI_VALUES && uri_variable(&pattern, &v[*n].name, &slashes)) {
		lit = literal(pattern);
		raw = uri;
		if (lit.len > 0 && lit.len == pattern.len) {
			/* The last piece stands at the end. */
			if (!str_ends(uri, lit))
				return false;
			raw.len -= lit.len;
		} else if (lit.len > 0) {
			raw.len = find(uri, lit);
		}
		if (!may_stand(raw, slashes) ||
		    !uri_decode(a, raw, &v[*n].value) ||
		    uri.len - raw.len < lit.len)
			return false;
		uri = str_from(uri, raw.len + lit.len);
		(*n)++;
	}
	return uri.len == 0 && literal(pattern).len == pattern.len;
}

struct str
uri_of_source(struct arena *a, struct str source)
{
	struct buf b;

	buf_init(&b, a, 3 * source.len + 32);
	buf_lit(&b, SCHEMA_SCHEME);
	uri_encode(&b, source, false);
	return buf_text(&b);
}

struct str
uri_of_table(struct arena *a, struct str source, struct str schema,
    struct str table)
{
	struct buf b;

	buf_init(&b, a, 3 * (source.len + schema.len + table.len) + 32);
	buf_lit(&b, SCHEMA_SCHEME);
	uri_encode(&b, source, false);
	buf_char(&b, '/');
	uri_encode(&b, schema, false);
	buf_char(&b, '/');
	uri_encode(&b, table, false);
	return buf_text(&b);
}
