/* SPDX-License-Identifier: ISC */
/*
 * A line of the audit: JSON in printable ASCII and nothing else, so that no
 * terminal, pager or reader of lines can be led astray by what it holds.
 * Each text has its own ceiling, counted as it stands in the line; fields
 * without a value are left out.
 */
#include <sodium.h>

#include "auth/auth_int.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/word.h"

enum { CLIENT_CHARS = 100, ASKED_CHARS = 64 };

/* The code point of a valid character. */
static uint32_t
code_point(const char *p, size_t n)
{
	static const uint8_t first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = (uint8_t)p[0] & first[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((uint8_t)p[i] & 0x3f);
	return c;
}

static void
put_unit(char *out, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";

	memcpy(out, "\\u", 2);
	for (int i = 0; i < 4; i++)
		out[2 + i] = hex[unit >> (12 - 4 * i) & 15];
}

/* One character as it stands in the line; the length. */
static size_t
escape(uint32_t c, char out[static 12])
{
	if (c == '"' || c == '\\') {
		out[0] = '\\';
		out[1] = (char)c;
		return 2;
	}
	if (c >= ' ' && c < 0x7f) {
		out[0] = (char)c;
		return 1;
	}
	if (c <= 0xffff) {
		put_unit(out, c);
		return 6;
	}
	put_unit(out, 0xd800 + ((c - 0x10000) >> 10));
	put_unit(out + 6, 0xdc00 + ((c - 0x10000) & 0x3ff));
	return 12;
}

static bool
is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* How many characters at the beginning stand for themselves. */
static size_t
plain_run(struct str s)
{
	size_t n = 0;

	while (s.len - n >= 8) {
		uint64_t w = word_at(s.p + n);

		if (((word_any_below(w, ' ') | word_has(w, 0x7f) |
			 word_has(w, '"') | word_has(w, '\\')) &
			WORD_TOPS) != 0)
			break;
		n += 8;
	}
	while (n < s.len && is_plain(s.p[n]))
		n++;
	return n;
}

/* The text, escaped, in at most max bytes. */
static void
put_escaped(struct buf *b, struct str s, size_t max)
{
	size_t used = 0;

	while (s.len != 0) {
		char out[12];
		size_t run = plain_run(s), step;

		if (run > max - used)
			run = max - used;
		buf_put(b, s.p, run);
		used += run;
		s = str_from(s, run);
		if (s.len == 0 || used == max)
			return;
		step = utf8_step(s.p, s.len);
		size_t n =
		    escape(step == 0 ? 0xfffd : code_point(s.p, step), out);

		if (used + n > max)
			return;
		buf_put(b, out, n);
		used += n;
		s = str_from(s, step == 0 ? 1 : step);
	}
}

/* A member's name with what stands before and behind it. */
#define NAME(name) STR(",\"" name "\":")

static void
put_text(struct buf *b, struct str name, struct str s, size_t max)
{
	if (str_is_empty(s))
		return;
	buf_str(b, name);
	buf_char(b, '"');
	put_escaped(b, s, max);
	buf_char(b, '"');
}

static void
put_count(struct buf *b, struct str name, int64_t v)
{
	if (v < 0)
		return;
	buf_str(b, name);
	buf_int(b, v);
}

static void
put_hash(struct buf *b, struct str name, const uint8_t *h)
{
	char hex[2 * ATTEMPT_HASH + 1];

	if (h == NULL)
		return;
	sodium_bin2hex(hex, sizeof(hex), h, ATTEMPT_HASH);
	buf_str(b, name);
	buf_char(b, '"');
	buf_put(b, hex, sizeof(hex) - 1);
	buf_char(b, '"');
}

/* The statement cut to its ceiling, and a keyed hash of the whole of it. */
static void
put_sql(struct buf *b, const struct attempt *t)
{
	uint8_t h[ATTEMPT_HASH];

	if (str_is_empty(t->sql))
		return;
	put_text(b, NAME("sql"), t->sql, t->sql_max);
	if (attempt_hashed(t)) {
		put_hash(b, NAME("sql_hash"), t->sql_hash);
		return;
	}
	attempt_hash(t, h);
	put_hash(b, NAME("sql_hash"), h);
}

/* The first characters of the client's name, good UTF-8 or not. */
static struct str
client_cut(struct str s)
{
	size_t at = 0;

	for (int i = 0; i < CLIENT_CHARS && at < s.len; i++) {
		size_t step = utf8_step(s.p + at, s.len - at);

		at += step == 0 ? 1 : step;
	}
	return (struct str){ s.p, at };
}

static void
put_all(struct buf *b, const struct attempt *t, const char *event,
    int64_t now_us)
{
	struct str key = t->who == NULL ? STR("") : str_of(t->who->seen);
	char ts[CLOCK_TEXT];

	clock_text(ts, now_us);
	buf_lit(b, "{\"ts\":\"");
	buf_str(b, str_of(ts));
	buf_lit(b, "\",\"id\":\"");
	buf_str(b, str_of(t->id));
	buf_lit(b, "\",\"event\":\"");
	buf_str(b, str_of(event));
	buf_char(b, '"');
	put_text(b, NAME("key_id"), key, 64);
	put_text(b, NAME("ip"), t->address, 64);
	put_text(b, NAME("era"), t->era, 32);
	put_text(b, NAME("method"), t->method, 256);
	put_text(b, NAME("tool"), t->tool, 256);
	put_text(b, NAME("source"), t->source, 128);
	put_sql(b, t);
	put_hash(b, NAME("params_hash"), t->params_hash);
	put_text(b, NAME("asked"), t->asked, ASKED_CHARS);
	put_text(b, NAME("answered"), t->answered, ASKED_CHARS);
	put_count(b, NAME("rows"), t->rows);
	put_count(b, NAME("bytes"), t->bytes);
	put_count(b, NAME("affected"), t->affected);
	put_count(b, NAME("events"), t->events);
	put_count(b, NAME("ms"),
	    now_us < t->start_us ? 0 : (now_us - t->start_us) / 1000);
	if (t->status != 0)
		put_count(b, NAME("status"), t->status);
	put_text(b, NAME("code"), str_of(t->code), 64);
	put_text(b, NAME("client"), client_cut(t->client), 600);
	buf_lit(b, "}\n");
}

void
audit_line(const struct attempt *t, struct buf *b, const char *event,
    int64_t now_us)
{
	struct attempt small = *t;

	put_all(b, t, event, now_us);
	if (!buf_failed(b))
		return;
	/* All but the statement fits into the least ceiling there is. */
	small.sql = (struct str){ NULL, 0 };
	buf_cut(b, 0);
	put_all(b, &small, event, now_us);
}
