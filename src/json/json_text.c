/* SPDX-License-Identifier: ISC */
/*
 * Text inside JSON strings (RFC 8259 section 7).  What needs no escape goes
 * over in one piece, to the buffer and to its twin.
 */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "json/json_out_int.h"

#define HIGH 1 /* part of a character beyond ASCII */
#define HEX  2 /* a control without a short form */

/* Per byte: 0 for itself, HIGH, HEX, or the letter behind the backslash. */
static const unsigned char kinds[256] = {
	[0x00 ... 0x07] = HEX,
	['\b'] = 'b',
	['\t'] = 't',
	['\n'] = 'n',
	[0x0b] = HEX,
	['\f'] = 'f',
	['\r'] = 'r',
	[0x0e ... 0x1f] = HEX,
	['"'] = '"',
	['\\'] = '\\',
	[0x80 ... 0xff] = HIGH,
};

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Is one of the eight bytes less than n (n <= 128), or past ASCII?  It may
 * say yes too often behind such a byte, never no. */
static uint64_t
any_below(uint64_t w, unsigned char n)
{
	return (w - EACH(n)) | w;
}

/* How many bytes at p go over as they are, eight at a time. */
static size_t
plain_run(const char *p, size_t n)
{
	size_t i = 0;
	uint64_t w;

	while (n - i >= sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		if (((any_below(w, 0x20) | any_below(w ^ EACH('"'), 1) |
			 any_below(w ^ EACH('\\'), 1)) &
			EACH(0x80)) != 0)
			break;
		i += sizeof(w);
	}
	return i;
}

size_t
json_plain(const char *p, size_t n)
{
	size_t i = plain_run(p, n);

	while (i < n) {
		unsigned char kind = kinds[(unsigned char)p[i]];
		size_t step;

		if (kind == 0) {
			if ((++i & 15) == 0)
				i += plain_run(p + i, n - i);
			continue;
		}
		step = kind == HIGH ? utf8_step(p + i, n - i) : 0;
		if (step == 0)
			break;
		i += step;
	}
	return i;
}

/* What stands for the byte c behind a backslash: its length in out. */
static size_t
behind_backslash(char out[static 5], unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	if (kinds[c] != HEX) {
		out[0] = (char)kinds[c];
		return 1;
	}
	memcpy(out, "u00", 3);
	out[3] = hex[c >> 4];
	out[4] = hex[c & 15];
	return 5;
}

/* A byte that needs an escape. */
static void
put_escape(struct buf *b, unsigned char c)
{
	char text[6] = "\\";

	buf_put(b, text, 1 + behind_backslash(text + 1, c));
}

/* The same for the twin, where the backslash and what follows it are escaped
 * once more. */
static void
twin_escape(struct buf *b, unsigned char c)
{
	char text[5];
	size_t n = behind_backslash(text, c);

	buf_lit(b, "\\\\");
	if (c == '"' || c == '\\')
		buf_char(b, '\\');
	buf_put(b, text, n);
}

void
json_both(struct json_out *o, const char *p, size_t n)
{
	buf_put(o->b, p, n);
	if (o->twin != NULL)
		buf_put(o->twin, p, n);
}

void
json_quote(struct json_out *o)
{
	buf_char(o->b, '"');
	if (o->twin != NULL)
		buf_lit(o->twin, "\\\"");
}

/* One escape or one error in the text at p: the bytes it took. */
static size_t
put_special(struct json_out *o, const char *p, size_t n)
{
	unsigned char c = (unsigned char)*p;

	if (kinds[c] == HIGH) {
		json_both(o, "\xef\xbf\xbd", 3); /* U+FFFD */
		return utf8_bad(p, n);
	}
	put_escape(o->b, c);
	if (o->twin != NULL)
		twin_escape(o->twin, c);
	return 1;
}

void
json_quoted(struct json_out *o, const char *p, size_t n)
{
	json_quote(o);
	while (n != 0) {
		size_t done = json_plain(p, n);

		json_both(o, p, done);
		if (done < n)
			done += put_special(o, p + done, n - done);
		p += done;
		n -= done;
	}
	json_quote(o);
}

void
json_finished(struct json_out *o, struct str json)
{
	size_t i = 0;

	buf_str(o->b, json);
	while (o->twin != NULL && i < json.len) {
		size_t n = json_plain(json.p + i, json.len - i);

		buf_put(o->twin, json.p + i, n);
		i += n;
		if (i == json.len)
			break;
		if (kinds[(unsigned char)json.p[i]] == HIGH) {
			buf_lit(o->twin, "\xef\xbf\xbd");
			i += utf8_bad(json.p + i, json.len - i);
		} else {
			put_escape(o->twin, (unsigned char)json.p[i++]);
		}
	}
}
