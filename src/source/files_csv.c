/* SPDX-License-Identifier: ISC */
/*
 * Records of CSV (RFC 4180) and of values with tabs between.  Lines end with
 * CR LF, LF or CR, in one file too.  With tabs a quote inside of a value is
 * a character like any other.
 */
#include "source/files_int.h"

#define END (-1)

/* The next byte, not taken yet. */
static inline int
peek(struct files_reader *r)
{
	struct files_in *in = &r->in;

	if (in->at == in->have && !files_in_more(in))
		return END;
	return (unsigned char)in->p[in->at];
}

/* Take the end of a line, "c" being its first byte. */
static void
take_end(struct files_reader *r, int c)
{
	r->in.at++;
	r->next_line++;
	if (c == '\r' && peek(r) == '\n')
		r->in.at++;
}

static bool
is_end(int c)
{
	return c == '\n' || c == '\r' || c == END;
}

static enum files_step
wrong(struct files_reader *r, const char *why)
{
	int c;

	r->why = str_of(why);
	for (c = peek(r); !is_end(c); c = peek(r))
		r->in.at++;
	if (c != END)
		take_end(r, c);
	return STEP_WRONG;
}

static void
span_end(struct files_reader *r, size_t from, bool quoted)
{
	files_row_room(r, r->n);
	r->spans[r->n].at = from;
	r->spans[r->n].len = r->text.len - from;
	r->spans[r->n].quoted = quoted;
	r->n++;
}

/* A value without quotes, up to what ends it. */
static const char *
plain(struct files_reader *r)
{
	size_t from = r->text.len;
	bool strict = r->format == FORMAT_CSV;

	while (peek(r) != END) {
		const char *p = r->in.p + r->in.at;
		size_t left = r->in.have - r->in.at, n = 0;

		while (n < left && p[n] != r->delimiter && p[n] != '\n' &&
		       p[n] != '\r' && !(strict && p[n] == '"'))
			n++;
		buf_put(&r->text, p, n);
		r->in.at += n;
		if (n < left)
			break;
	}
	if (strict && peek(r) == '"')
		return "a quote stands inside of a value without quotes";
	span_end(r, from, false);
	return NULL;
}

/* Inside of quotes, the first one taken; all is text up to the next quote
 * that is no pair. */
static const char *
quoted(struct files_reader *r)
{
	size_t from = r->text.len;
	int c;

	while ((c = peek(r)) != END) {
		if (c == '\n')
			r->next_line++;
		r->in.at++;
		if (c == '"') {
			if (peek(r) != '"') {
				span_end(r, from, true);
				break;
			}
			r->in.at++;
		}
		buf_char(&r->text, (char)c);
	}
	if (c == END)
		return "a quoted value does not end";
	c = peek(r);
	return is_end(c) || c == (unsigned char)r->delimiter
		   ? NULL
		   : "text stands behind the quote that ends a value";
}

static const char *
value(struct files_reader *r)
{
	if (peek(r) != '"')
		return plain(r);
	r->in.at++;
	return quoted(r);
}

enum files_step
files_csv_next(struct files_reader *r)
{
	int c = peek(r);
	const char *why;

	r->line = r->next_line;
	r->n = 0;
	buf_cut(&r->text, 0);
	if (c == END)
		return STEP_END;
	for (;;) {
		why = value(r);
		if (why == NULL && buf_failed(&r->text))
			why = "it is longer than a record may be";
		if (why == NULL && r->n > r->columns_max)
			why =
			    "it has more values than a table may have columns";
		if (why != NULL)
			return wrong(r, why);
		c = peek(r);
		if (is_end(c))
			break;
		r->in.at++;
	}
	if (c != END)
		take_end(r, c);
	return STEP_RECORD;
}
