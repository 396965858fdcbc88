/* SPDX-License-Identifier: ISC */
/*
 * printf() and format() for callers.  The library's own can be told to make
 * seconds of work and gigabytes of text in one call that nothing interrupts,
 * so ours take small widths and precisions only.
 */
#include <string.h>

#include "source/sqlite_int.h"

#define WIDEST   1000
#define SPEC_MAX 32

struct call {
	sqlite3_value **argv;
	int argc, next;
	const char *wrong;
};

/* One conversion: flags, width and precision as they will be handed on. */
struct spec {
	char text[SPEC_MAX];
	size_t len;
};

static void
add(struct spec *s, char c)
{
	if (s->len + 4 < SPEC_MAX)
		s->text[s->len++] = c;
}

static sqlite3_value *
argument(struct call *c)
{
	return c->next < c->argc ? c->argv[c->next++] : NULL;
}

static void
add_number(struct call *c, struct spec *s, int64_t n)
{
	char digits[8];
	size_t len = 0;

	if (n < 0) {
		add(s, '-');
		n = -n;
	}
	if (n > WIDEST || n < 0) {
		c->wrong = "a width or precision is over 1000";
		return;
	}
	do {
		digits[len++] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	while (len > 0)
		add(s, digits[--len]);
}

/* Digits, or a star that takes an argument. */
static const char *
read_number(struct call *c, struct spec *s, const char *p)
{
	int64_t n = 0;

	if (*p == '*') {
		sqlite3_value *v = argument(c);

		add_number(c, s, v == NULL ? 0 : sqlite3_value_int(v));
		return p + 1;
	}
	if (*p < '0' || *p > '9')
		return p;
	while (*p >= '0' && *p <= '9') {
		if (n <= WIDEST)
			n = n * 10 + (*p - '0');
		p++;
	}
	add_number(c, s, n);
	return p;
}

/* Flags, width, precision and size; p is left at the conversion's letter. */
static const char *
read_spec(struct call *c, struct spec *s, const char *p)
{
	s->len = 0;
	add(s, '%');
	while (*p != '\0' && strchr("-+ #0!,", *p) != NULL)
		add(s, *p++);
	p = read_number(c, s, p);
	if (*p == '.') {
		add(s, '.');
		p = read_number(c, s, p + 1);
	}
	while (*p == 'l')
		p++;
	return p;
}

static void
end_spec(struct spec *s, const char *tail)
{
	while (*tail != '\0')
		s->text[s->len++] = *tail++;
	s->text[s->len] = '\0';
}

static void
convert(struct call *c, struct spec *s, char letter, sqlite3_str *out)
{
	const char tail[2] = { letter, '\0' };
	sqlite3_value *v = letter == '%' ? NULL : argument(c);

	if (strchr("diuxXo", letter) != NULL) {
		end_spec(s, "ll");
		end_spec(s, tail);
		sqlite3_str_appendf(out, s->text,
		    v == NULL ? 0 : sqlite3_value_int64(v));
	} else if (strchr("feEgG", letter) != NULL) {
		end_spec(s, tail);
		sqlite3_str_appendf(out, s->text,
		    v == NULL ? 0.0 : sqlite3_value_double(v));
	} else if (strchr("szqQw", letter) != NULL) {
		end_spec(s, letter == 'z' ? "s" : tail);
		sqlite3_str_appendf(out, s->text,
		    v == NULL ? NULL : (const char *)sqlite3_value_text(v));
	} else if (letter == 'c') {
		const char *text =
		    v == NULL ? NULL : (const char *)sqlite3_value_text(v);

		end_spec(s, tail);
		sqlite3_str_appendf(out, s->text,
		    text == NULL ? 0 : text[0] & 0xff);
	} else if (letter == '%') {
		sqlite3_str_appendchar(out, 1, '%');
	} else {
		c->wrong = "a conversion is not known";
	}
}

static void
run(struct call *c, const char *p, sqlite3_str *out)
{
	struct spec s;

	while (*p != '\0' && c->wrong == NULL) {
		size_t plain = strcspn(p, "%");

		sqlite3_str_append(out, p, (int)plain);
		p += plain;
		if (*p == '\0')
			break;
		p = read_spec(c, &s, p + 1);
		if (*p == '\0')
			break;
		if (c->wrong == NULL)
			convert(c, &s, *p, out);
		p++;
	}
}

static void
sqlite_printf(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct call c = { .argv = argv, .argc = argc, .next = 1 };
	const char *format =
	    argc == 0 ? NULL : (const char *)sqlite3_value_text(argv[0]);
	sqlite3_str *out;
	int rc, len;

	if (format == NULL)
		return;
	out = sqlite3_str_new(sqlite3_context_db_handle(ctx));
	run(&c, format, out);
	rc = sqlite3_str_errcode(out);
	len = sqlite3_str_length(out);
	if (c.wrong != NULL)
		sqlite3_result_error(ctx, c.wrong, -1);
	else if (rc != SQLITE_OK)
		sqlite3_result_error_code(ctx, rc);
	else
		sqlite3_result_text(ctx, len == 0 ? "" : sqlite3_str_value(out),
		    len, SQLITE_TRANSIENT);
	sqlite3_free(sqlite3_str_finish(out));
}

int
sqlite_printf_register(struct sqlite_link *l)
{
	const int how = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int rc = sqlite3_create_function_v2(l->h, "printf", -1, how, NULL,
	    sqlite_printf, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	return sqlite3_create_function_v2(l->h, "format", -1, how, NULL,
	    sqlite_printf, NULL, NULL, NULL);
}
