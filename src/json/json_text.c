/* SPDX-License-Identifier: ISC */
/*
 * Text inside JSON strings (RFC 8259 section 7).  What needs no escape goes
 * over in one piece, to the buffer and to its twin.
 */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "base/word.h"
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

/* Do eight bytes at p go over as they are? */
static bool
plain_word(const char *p)
{
	uint64_t w = word_at(p);

	return ((word_any_below(w, 0x20) | word_has(w, '"') |
		    word_has(w, '\\')) &
		   WORD_TOPS) == 0;
}

/* How many bytes at p go over as they are, eight at a time; the last eight
 * may have been looked at in part before. */
static size_t
plain_run(const char *p, size_t n)
{
	size_t i = 0;

	while (n - i >= 8) {
		if (!plain_word(p + i))
			return i;
		i += 8;
	}
	return n >= 8 && plain_word(p + n - 8) ? n : i;
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

/* What stands around a text; copied four bytes at once, of which some count. */
struct frame {
	char before[4], after[4];
	unsigned char nbefore, nafter;
};

enum { FRAME_TEXT, FRAME_NAME, FRAME_NEXT, FRAMES };

/* In the buffer, and in its twin. */
static const struct frame frames[FRAMES][2] = {
	[FRAME_TEXT] = { { "\"", "\"", 1, 1 }, { "\\\"", "\\\"", 2, 2 } },
	[FRAME_NAME] = { { "\"", "\":", 1, 2 }, { "\\\"", "\\\":", 2, 3 } },
	[FRAME_NEXT] = { { ",\"", "\":", 2, 2 }, { ",\\\"", "\\\":", 3, 3 } },
};

static void
framed(struct buf *b, const struct frame *f, const char *p, size_t n)
{
	char *to;

	if (b->failed ||
	    b->cap - b->len < n + sizeof(f->before) + sizeof(f->after)) {
		buf_put(b, f->before, f->nbefore);
		buf_put(b, p, n);
		buf_put(b, f->after, f->nafter);
		return;
	}
	to = b->p + b->len;
	memcpy(to, f->before, sizeof(f->before));
	to += f->nbefore;
	if (n != 0)
		memcpy(to, p, n);
	to += n;
	memcpy(to, f->after, sizeof(f->after));
	b->len += f->nbefore + n + f->nafter;
}

/* A text that needs no escape, in its frame. */
static void
both_framed(struct json_out *o, int frame, const char *p, size_t n)
{
	framed(o->b, &frames[frame][0], p, n);
	if (o->twin != NULL)
		framed(o->twin, &frames[frame][1], p, n);
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
	size_t done = json_plain(p, n);

	if (done == n) {
		both_framed(o, FRAME_TEXT, p, n);
		return;
	}
	json_quote(o);
	for (; n != 0; done = json_plain(p, n)) {
		json_both(o, p, done);
		if (done < n)
			done += put_special(o, p + done, n - done);
		p += done;
		n -= done;
	}
	json_quote(o);
}

void
json_name(struct json_out *o, bool next, const char *p, size_t n)
{
	if (json_plain(p, n) == n) {
		both_framed(o, next ? FRAME_NEXT : FRAME_NAME, p, n);
		return;
	}
	if (next)
		json_both(o, ",", 1);
	json_quoted(o, p, n);
	json_both(o, ":", 1);
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
