/* SPDX-License-Identifier: ISC */
/*
 * SQL text to tokens, for each dialect by its own rules of strings, quotes
 * and comments.  Where a dialect or its versions disagree about where
 * something ends, the text is refused as unclear rather than read one way.
 */
#include <string.h>

#include "source/gate_int.h"

static const char open_text[] = "a string is not closed";
static const char open_name[] = "a quoted name is not closed";
static const char open_comment[] = "a comment is not closed";
static const char nested[] = "a comment inside a comment is unclear here";
static const char slashed[] = "a backslash before a quote is unclear here";
static const char unclear[] =
    "what databases read in ways of their own is unclear here";
static const char odd_mark[] = "placeholders are written @name";
static const char crossed[] = "a /*! comment ends inside a quote";

/* What a dialect has; everything not named here is common to all. */
enum {
	HAS_HASH = 1,      /* # to the end of the line */
	HAS_NESTED = 2,    /* comments nest */
	HAS_DOLLAR = 4,    /* $tag$ text $tag$ */
	HAS_ESCAPE = 8,    /* backslash in strings */
	HAS_DTEXT = 16,    /* "..." is a string */
	HAS_BRACKET = 32,  /* [name] */
	HAS_CODE = 64,     /* code in a comment that opens with a ! */
	HAS_ESTRING = 128, /* E'..' has backslashes, U&'..' */
	HAS_BLANK = 256,   /* -- wants a blank behind it */
	NO_NESTED = 512,   /* versions differ, so it is refused */
	NO_SLASH = 1024,   /* the same for a backslash before a quote */
	NO_UNCLEAR = 2048  /* and for all else that databases read in ways of
			      their own */
};

static const unsigned has[] = {
	[DIALECT_SQLITE] = HAS_BRACKET,
	[DIALECT_PGSQL] = HAS_NESTED | HAS_DOLLAR | HAS_ESTRING,
	[DIALECT_MARIADB] = HAS_HASH | HAS_ESCAPE | HAS_DTEXT | HAS_CODE |
			    HAS_BLANK | NO_NESTED,
	[DIALECT_CLICKHOUSE] = HAS_HASH | HAS_ESCAPE | HAS_DOLLAR | NO_NESTED,
	[DIALECT_ODBC] = HAS_BRACKET | NO_NESTED | NO_SLASH | NO_UNCLEAR,
};
_Static_assert(sizeof(has) / sizeof(has[0]) == DIALECT_ODBC + 1, "a dialect");

void
lex_init(struct lex *l, enum sql_dialect d, struct str text)
{
	*l = (struct lex){ .d = d, .text = text };
}

static bool
can(const struct lex *l, unsigned what)
{
	return (has[l->d] & what) != 0;
}

static unsigned char
at(const struct lex *l, size_t i)
{
	return i < l->text.len ? (unsigned char)l->text.p[i] : 0;
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_start(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c >= 0x80;
}

static bool
is_name(unsigned char c)
{
	return is_start(c) || is_digit(c) || c == '$';
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t
line_end(const struct lex *l, size_t i)
{
	while (i < l->text.len && l->text.p[i] != '\n' &&
	       (l->text.p[i] != '\r' || l->d != DIALECT_PGSQL))
		i++;
	return i;
}

/* Where a comment that opens at i ends, 0 when it does not. */
static size_t
comment_end(struct lex *l, size_t i)
{
	size_t depth = 1;

	for (i += 2; i + 1 < l->text.len; i++) {
		if (at(l, i) == '*' && at(l, i + 1) == '/') {
			depth--;
			i++;
			if (depth == 0)
				return i + 1;
		} else if (at(l, i) == '/' && at(l, i + 1) == '*') {
			if (can(l, NO_NESTED)) {
				l->why = nested;
				return 0;
			}
			if (can(l, HAS_NESTED)) {
				depth++;
				i++;
			}
		}
	}
	l->why = open_comment;
	return 0;
}

/* Enter a comment that holds code; its end must lie outside of quotes
 * whichever way a server reads it. */
static bool
enter_code(struct lex *l)
{
	size_t i = l->at + (at(l, l->at + 2) == 'M' ? 4 : 3);
	size_t end = comment_end(l, l->at);
	size_t digits = i;

	if (end == 0 || l->code_end != 0)
		return false;
	while (is_digit(at(l, i)) && i - digits < 6)
		i++;
	l->maybe = i != digits;
	l->code_end = end - 2;
	l->at = i;
	return true;
}

static bool
is_code(const struct lex *l)
{
	return can(l, HAS_CODE) &&
	       (at(l, l->at + 2) == '!' ||
		   (at(l, l->at + 2) == 'M' && at(l, l->at + 3) == '!'));
}

/* Code in a comment, #, dashes without a blank, a comment that a CR may end,
 * what ODBC itself puts in braces:
 * a comment here and a statement elsewhere, or the other way round. */
static bool
is_unclear(const struct lex *l)
{
	unsigned char c = at(l, l->at), next = at(l, l->at + 1),
		      behind = at(l, l->at + 2);

	if (!can(l, NO_UNCLEAR))
		return false;
	if (c == '/' && next == '*')
		return behind == '!' ||
		       (behind == 'M' && at(l, l->at + 3) == '!');
	if (c != '-' || next != '-')
		return c == '#' || c == '$' || c == '?' || c == '{';
	if (!is_blank(behind) && l->at + 2 < l->text.len)
		return true;
	for (size_t i = l->at; i < line_end(l, l->at); i++)
		if (at(l, i) == '\r' && at(l, i + 1) != '\n')
			return true;
	return false;
}

static bool
is_dashes(const struct lex *l)
{
	unsigned char behind = at(l, l->at + 2);

	return at(l, l->at) == '-' && at(l, l->at + 1) == '-' &&
	       (!can(l, HAS_BLANK) || is_blank(behind) || behind < ' ' ||
		   behind == 0x7f);
}

/* Pass one blank or comment; false when there is none or l->why is set. */
static bool
pass(struct lex *l)
{
	unsigned char c = at(l, l->at);
	size_t end;

	if (l->code_end != 0 && l->at == l->code_end) {
		l->at += 2;
		l->code_end = 0;
		l->maybe = false;
		return true;
	}
	if (is_blank(c) && l->at < l->text.len) {
		l->at++;
		return true;
	}
	if (is_unclear(l)) {
		l->why = unclear;
		return false;
	}
	if (is_dashes(l) || (c == '#' && can(l, HAS_HASH))) {
		l->at = line_end(l, l->at);
		return true;
	}
	if (c != '/' || at(l, l->at + 1) != '*')
		return false;
	if (is_code(l))
		return enter_code(l);
	end = comment_end(l, l->at);
	if (end != 0)
		l->at = end;
	return end != 0;
}

/* Behind the closing quote of what opens at i, 0 when it is not closed. */
static size_t
quote_end(struct lex *l, size_t i, bool escapes)
{
	char q = l->text.p[i];

	for (i++; i < l->text.len; i++) {
		if (l->text.p[i] == '\\' && escapes) {
			i++;
			continue;
		}
		if (l->text.p[i] != q)
			continue;
		if (can(l, NO_SLASH) && l->text.p[i - 1] == '\\') {
			l->why = slashed;
			return 0;
		}
		if (at(l, i + 1) != (unsigned char)q)
			return i + 1;
		i++;
	}
	return 0;
}

/* PostgreSQL goes on with a string that is closed and opened again on
 * another line, by the rules of its first piece. */
static size_t
text_continues(const struct lex *l, size_t i)
{
	bool line = false;

	for (;;) {
		unsigned char c = at(l, i);

		if (is_blank(c) && i < l->text.len) {
			line = line || c == '\n' || c == '\r';
			i++;
		} else if (c == '-' && at(l, i + 1) == '-' && line) {
			i = line_end(l, i);
		} else {
			return line && c == '\'' ? i : 0;
		}
	}
}

static struct token
take(struct lex *l, enum lex_kind kind, size_t end)
{
	struct token t = { .at = (uint32_t)l->at,
		.len = (uint32_t)(end - l->at),
		.kind = (uint8_t)kind,
		.code = l->code_end != 0,
		.maybe = l->maybe };

	if (l->code_end != 0 && end > l->code_end) {
		l->why = crossed;
		t.kind = LEX_BAD;
	}
	l->at = end;
	return t;
}

static struct token
bad(struct lex *l, const char *why)
{
	if (l->why == NULL)
		l->why = why;
	return (struct token){ .kind = LEX_BAD, .at = (uint32_t)l->at };
}

/* A string whose quote stands at i; letters may stand before it. */
static struct token
text(struct lex *l, size_t i, bool escapes)
{
	size_t end = quote_end(l, i, escapes);
	size_t more;

	while (end != 0 && can(l, HAS_ESTRING)) {
		more = text_continues(l, end);
		if (more == 0)
			break;
		end = quote_end(l, more, escapes);
	}
	return end == 0 ? bad(l, open_text) : take(l, LEX_TEXT, end);
}

static struct token
name(struct lex *l, size_t i)
{
	const char *close;
	size_t end = 0;

	if (l->text.p[i] == '[') {
		close = memchr(l->text.p + i, ']', l->text.len - i);
		if (close != NULL)
			end = (size_t)(close - l->text.p) + 1;
	} else {
		end = quote_end(l, i, l->d == DIALECT_CLICKHOUSE);
	}
	return end == 0 ? bad(l, open_name) : take(l, LEX_NAME, end);
}

/* $tag$ ... $tag$; anything else that begins with a dollar is one byte or a
 * number like $1. */
static struct token
dollar(struct lex *l)
{
	size_t i = l->at + 1, n;
	const char *p = l->text.p;

	while (is_name(at(l, i)) && at(l, i) != '$' &&
	       !(i == l->at + 1 && is_digit(at(l, i))))
		i++;
	if (at(l, i) != '$')
		return take(l, LEX_OP, l->at + 1);
	n = i + 1 - l->at;
	for (i++; i + n <= l->text.len; i++)
		if (p[i] == '$' && memcmp(p + i, p + l->at, n) == 0)
			return take(l, LEX_TEXT, i + n);
	return bad(l, open_text);
}

static struct token
number(struct lex *l)
{
	bool hex = (at(l, l->at + 1) | 32) == 'x';
	size_t i = l->at;

	for (;; i++) {
		unsigned char c = at(l, i);

		if (is_start(c) || is_digit(c) || c == '.')
			continue;
		if ((c == '+' || c == '-') && !hex && i > l->at &&
		    (at(l, i - 1) | 32) == 'e' && is_digit(at(l, i + 1)))
			continue;
		return take(l, LEX_NUMBER, i);
	}
}

/*
 * @name, and what SQLite takes for a parameter besides: its name may go on in
 * parentheses that swallow quotes, so that form is refused.
 */
static struct token
mark(struct lex *l)
{
	enum lex_kind kind = at(l, l->at) == '@' ? LEX_MARK : LEX_NUMBER;
	size_t i = l->at + 1;

	while (is_name(at(l, i)))
		i++;
	if (l->d == DIALECT_SQLITE &&
	    (at(l, i) == '(' || (at(l, i) == ':' && at(l, i + 1) == ':')))
		return bad(l, odd_mark);
	return take(l, kind, i);
}

/* A word, or the string or name that its letters are the beginning of. */
static struct token
word(struct lex *l)
{
	size_t i = l->at;
	struct token t;
	unsigned char c = at(l, i) | 32;

	while (is_name(at(l, i)))
		i++;
	if (i == l->at + 1 && at(l, i) == '\'' && strchr("xbne", c) != NULL)
		return text(l, i,
		    can(l, HAS_ESCAPE) || (c == 'e' && can(l, HAS_ESTRING)));
	if (i == l->at + 1 && c == 'u' && at(l, i) == '&' &&
	    can(l, HAS_ESTRING)) {
		if (at(l, i + 1) == '\'')
			return text(l, i + 1, false);
		if (at(l, i + 1) == '"')
			return name(l, i + 1);
	}
	if (at(l, i) == '\'' && can(l, NO_UNCLEAR))
		return bad(l, unclear); /* Oracle's q'[it's]' */
	t = take(l, LEX_WORD, i);
	t.word = (uint8_t)word_of((struct str){ l->text.p + t.at, t.len });
	return t;
}

static bool
is_mark(const struct lex *l, unsigned char c)
{
	if (!is_name(at(l, l->at + 1)))
		return false;
	if (c == '@')
		return l->at == 0 || at(l, l->at - 1) != '@';
	return l->d == DIALECT_SQLITE && (c == '$' || c == ':' || c == '#');
}

struct token
lex_next(struct lex *l)
{
	unsigned char c;

	while (pass(l))
		;
	if (l->why != NULL)
		return bad(l, l->why);
	c = at(l, l->at);
	if (l->at >= l->text.len)
		return (struct token){ .kind = LEX_END, .at = (uint32_t)l->at };
	if (c == '\'' || (c == '"' && can(l, HAS_DTEXT)))
		return text(l, l->at, can(l, HAS_ESCAPE));
	if (c == '"' || c == '`' || (c == '[' && can(l, HAS_BRACKET)))
		return name(l, l->at);
	if (c == '$' && can(l, HAS_DOLLAR))
		return dollar(l);
	if (is_digit(c) || (c == '.' && is_digit(at(l, l->at + 1))))
		return number(l);
	if (is_start(c))
		return word(l);
	return is_mark(l, c) ? mark(l) : take(l, LEX_OP, l->at + 1);
}
