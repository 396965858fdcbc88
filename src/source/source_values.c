/* SPDX-License-Identifier: ISC */
/*
 * What an engine says of a statement goes to the caller without the values
 * that were bound to it (tools.md 1.8): they may be secrets that come from
 * elsewhere than who reads the error.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "source/source_int.h"

/* A value shorter than this is told from the words around it by quotes only. */
#define PLAIN_MIN ((size_t)4)

#define DIGITS_MAX 24

static struct str
text_of(const struct value *v, char digits[static DIGITS_MAX])
{
	switch (v->kind) {
	case VALUE_TEXT:
	case VALUE_EXACT:
	case VALUE_BLOB:
		return v->s;
	case VALUE_INT:
		(void)snprintf(digits, DIGITS_MAX, "%" PRId64, v->i);
		return str_of(digits);
	case VALUE_NULL:
	case VALUE_BOOL:
	case VALUE_REAL:
		break;
	}
	return (struct str){ 0 };
}

static bool
is_quote(char c)
{
	return c == '\'' || c == '"' || c == '`';
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Do these bytes of a sentence tell the value, and not a part of a word? */
static bool
tells(const char *msg, const char *at, size_t n)
{
	char before = at == msg ? ' ' : at[-1], after = at[n];

	if (is_quote(before) && before == after)
		return true;
	return n >= PLAIN_MIN && !is_word(before) && !is_word(after);
}

/* The value's first bytes at the end of a sentence that was cut. */
static size_t
cut_value(const char *at, struct str value)
{
	size_t n = strlen(at);

	return n >= PLAIN_MIN && n < value.len && memcmp(at, value.p, n) == 0
		   ? n
		   : 0;
}

static void
hide(char *msg, struct str value)
{
	char *to = msg;

	for (const char *at = msg; *at != '\0';) {
		size_t n = 0;

		if (strncmp(at, value.p, value.len) == 0 &&
		    tells(msg, at, value.len))
			n = value.len;
		else if (at != msg && is_quote(at[-1]))
			n = cut_value(at, value);
		*to++ = n > 0 ? '?' : *at;
		at += n > 0 ? n : 1;
	}
	*to = '\0';
}

void
values_hide(const struct param *params, size_t n, struct fault *f)
{
	char digits[DIGITS_MAX];

	if (f->code != ERR_SQL_ERROR && f->code != ERR_SQL_SYNTAX &&
	    f->code != ERR_CONSTRAINT_VIOLATION)
		return;
	for (size_t i = 0; i < n; i++) {
		struct str value = text_of(&params[i].value, digits);

		if (value.len > 0 && memchr(value.p, '\0', value.len) == NULL)
			hide(f->msg, value);
	}
}
