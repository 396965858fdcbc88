/* SPDX-License-Identifier: ISC */
/*
 * {{name}} in a text.  A value goes in once, written so that it stays a value
 * in a text of that kind, and without control characters.
 */
#include "base/html.h"
#include "content/content_int.h"

#define TEXT_MAX ((size_t)16 << 20)

static void
put_json(struct buf *to, char c)
{
	if (c == '\n') {
		buf_lit(to, "\\n");
		return;
	}
	if (c == '"' || c == '\\')
		buf_char(to, '\\');
	buf_char(to, c);
}

/* A control character that is no line end; of two bytes: on to its second. */
static bool
control_at(struct str s, size_t *i)
{
	unsigned char c = (unsigned char)s.p[*i];

	if (c == 0xc2 && *i + 1 < s.len && (unsigned char)s.p[*i + 1] < 0xa0) {
		(*i)++;
		return true;
	}
	return (c < 0x20 && c != '\n') || c == 0x7f;
}

static void
put_value(struct buf *to, struct str s, enum insert_form form)
{
	if (form == INSERT_URI) {
		uri_encode(to, s, false);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (control_at(s, &i))
			continue;
		if (form == INSERT_JSON)
			put_json(to, c);
		else if (form == INSERT_MARKUP)
			html_text(to, (struct str){ s.p + i, 1 });
		else
			buf_char(to, c);
	}
}

static bool
is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* The name in "{{name}}" at the beginning of s, or empty. */
static struct str
name_at(struct str s)
{
	size_t n = 2;

	if (!str_starts(s, STR("{{")))
		return (struct str){ 0 };
	while (n < s.len && is_name_char(s.p[n]))
		n++;
	if (!str_starts(str_from(s, n), STR("}}")))
		return (struct str){ 0 };
	return (struct str){ s.p + 2, n - 2 };
}

bool
insert_values(struct arena *a, const char *text, const struct insert_value *v,
    size_t n, enum insert_form form, struct str *out)
{
	struct str rest = str_of(text);
	struct buf b;

	buf_init(&b, a, TEXT_MAX);
	while (rest.len > 0) {
		struct str name = name_at(rest);
		size_t i = 0;

		while (i < n && (name.len == 0 || !str_eq(v[i].name, name)))
			i++;
		if (name.len == 0 || i == n) {
			buf_char(&b, rest.p[0]);
			rest = str_from(rest, 1);
			continue;
		}
		/* At the beginning of an address it is one itself. */
		put_value(&b, v[i].value,
		    form == INSERT_URI && b.len == 0 ? INSERT_PLAIN : form);
		rest = str_from(rest, name.len + 4);
	}
	*out = buf_text(&b);
	return !buf_failed(&b);
}
