/* SPDX-License-Identifier: ISC */
/*
 * What a driver says, in the words of tools.md 1.8: the code by SQLSTATE, and
 * by the database's own sentence where a driver has one state for everything.
 */
#include <string.h>

#include "source/odbc_int.h"
#include "source/sqlstate.h"

#define SAID_MAX 2048

/* One sentence of the driver's. */
struct said {
	char state[8];
	char text[SAID_MAX];
};

/* States that only ODBC has, or that mean something else here. */
static const struct sqlstate own_states[] = {
	{ "42S02", ERR_TABLE_NOT_FOUND, NULL },
	{ "S0002", ERR_TABLE_NOT_FOUND, NULL },
	{ "42S22", ERR_COLUMN_NOT_FOUND, NULL },
	{ "S0022", ERR_COLUMN_NOT_FOUND, NULL },
	{ "42000", ERR_SQL_SYNTAX, NULL },
	{ "37000", ERR_SQL_SYNTAX, NULL },
	{ "HYT00", ERR_TIMEOUT, NULL },
	{ "HYT01", ERR_SOURCE_UNREACHABLE,
	    "the server of the source does not answer in time" },
	{ "HY008", ERR_CANCELLED, "the call was cancelled" },
	{ "HY001", ERR_TOO_LARGE, "a value or row is larger than it may be" },
	{ "HY010", ERR_SOURCE_UNREACHABLE,
	    "the connection to the source broke off" },
	{ "IM002", ERR_SOURCE_UNREACHABLE,
	    "this source is not configured well" },
	{ "IM003", ERR_SOURCE_UNREACHABLE,
	    "the ODBC driver of this source is not installed" },
	{ "01000", ERR_SOURCE_UNREACHABLE,
	    "the ODBC driver of this source is not installed" },
};

/* Words of sentences whose state says nothing; the name that is missing stands
 * behind "name". */
static const struct phrase {
	const char *word;
	enum err code;
	const char *words;
} sentences[] = {
	{ "no such table: ", ERR_TABLE_NOT_FOUND, NULL },
	{ "no such column: ", ERR_COLUMN_NOT_FOUND, NULL },
	{ "has no column named ", ERR_COLUMN_NOT_FOUND, NULL },
	{ "syntax error", ERR_SQL_SYNTAX, NULL },
	{ "incomplete input", ERR_SQL_SYNTAX, NULL },
	{ "unrecognized token", ERR_SQL_SYNTAX, NULL },
	{ "only one SQL statement", ERR_MULTIPLE_STATEMENTS, NULL },
	{ "constraint failed", ERR_CONSTRAINT_VIOLATION, NULL },
	{ "readonly database", ERR_READ_ONLY,
	    "the database of this source can only be read" },
	{ "database is locked", ERR_BUSY, "a lock was not to be had" },
	{ "unable to open database", ERR_SOURCE_UNREACHABLE,
	    "the database of this source cannot be opened" },
	{ "not an error", ERR_SQL_ERROR, NULL },
	{ "interrupted", ERR_TIMEOUT, NULL },
	{ "password authentication failed", ERR_SOURCE_AUTH_FAILED,
	    "the source does not take the account it was configured with" },
	{ "no password supplied", ERR_SOURCE_AUTH_FAILED,
	    "the source wants a password, and none is configured" },
	{ "server closed the connection", ERR_SOURCE_UNREACHABLE,
	    "the connection to the source broke off" },
	{ "no connection to the server", ERR_SOURCE_UNREACHABLE,
	    "the connection to the source broke off" },
	/* Without an error of the server's before it. */
	{ "No query has been executed", ERR_SOURCE_UNREACHABLE,
	    "the connection to the source broke off" },
};

/* "[Maker][Driver]sentence" without what is in brackets. */
static struct str
sentence(const char *text)
{
	struct str s = str_of(text);

	while (s.len > 0 && s.p[0] == '[') {
		size_t n = 0;

		while (n < s.len && s.p[n] != ']')
			n++;
		s = str_from(s, n + (n < s.len));
	}
	s = str_trim(s);
	if (str_starts(s, STR("ERROR: ")))
		s = str_from(s, 7);
	if (str_ends(s, STR(";")))
		s.len--;
	return s;
}

/* The first that says more than that something failed. */
static bool
listen(SQLSMALLINT kind, SQLHANDLE h, struct said *out, struct fault *f)
{
	bool any = false;

	for (SQLSMALLINT i = 1; i <= 8; i++) {
		struct said s = { .state = "" };
		SQLINTEGER native = 0;
		SQLSMALLINT len = 0;

		if (!SQL_SUCCEEDED(SQLGetDiagRec(kind, h, i, (SQLCHAR *)s.state,
			&native, (SQLCHAR *)s.text, sizeof(s.text), &len)))
			break;
		s.state[5] = '\0';
		s.text[sizeof(s.text) - 1] = '\0';
		fault_log(f, "%s: %s", s.state, s.text);
		/* The lines behind the first are the driver's own. */
		s.text[strcspn(s.text, "\n")] = '\0';
		if (!any || strncmp(out->state, "01", 2) == 0)
			*out = s;
		any = true;
	}
	return any;
}

static const struct sqlstate *
state_of(const char *state)
{
	const struct sqlstate *s = sqlstate_among(own_states,
	    sizeof(own_states) / sizeof(own_states[0]), state);

	return s == NULL ? sqlstate_find(state) : s;
}

static const struct phrase *
phrase_of(const char *text)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strstr(text, sentences[i].word) != NULL)
			return &sentences[i];
	return NULL;
}

/* relation "shop.nosuch" does not exist; no such column: c.nosuch (1). */
static struct str
missing_name(struct str text, const struct phrase *w)
{
	struct str rest = text, name = { 0 };
	const char *at = w == NULL ? NULL : strstr(text.p, w->word);

	if (at != NULL && at < text.p + text.len) {
		rest = str_from(text, (size_t)(at - text.p) + strlen(w->word));
		(void)str_cut(&rest, ' ', &name);
		return str_behind_last(name, '.');
	}
	(void)str_cut(&rest, '"', &name);
	if (rest.p != NULL && str_cut(&rest, '"', &name) && rest.p != NULL)
		return str_behind_last(name, '.');
	rest = text;
	while (str_cut(&rest, ' ', &name))
		if (str_eq(name, STR("column")) && str_cut(&rest, ' ', &name))
			return str_behind_last(name, '.');
	return (struct str){ 0 };
}

static enum err
missing(struct odbc_conn *c, struct arena *a, enum err code, struct str name,
    struct fault *f)
{
	bool table = code == ERR_TABLE_NOT_FOUND;

	fault_set(f, code, "no such %s: %.*s", table ? "table" : "column",
	    (int)name.len, name.p);
	*(table ? &c->hint_table : &c->hint_column) = arena_dup(a, name);
	return code;
}

/* Where the word is that a syntax error is near of, if it is there once. */
static int
place_of(struct str text, const struct sql *q)
{
	struct str rest = text, word = { 0 };
	const char *at = strstr(text.p, "near \"");
	size_t found = 0, n = 0;

	if (at == NULL || at >= text.p + text.len)
		return 0;
	rest = str_from(text, (size_t)(at - text.p) + 6);
	(void)str_cut(&rest, '"', &word);
	for (size_t i = 0; word.len > 0 && i + word.len <= q->text.len; i++)
		if (memcmp(q->text.p + i, word.p, word.len) == 0) {
			found = i + 1;
			n++;
		}
	return n == 1 ? (int)found : 0;
}

/* "could not determine data type of parameter $1", whatever the language. */
static int64_t
untyped_in(const struct said *s)
{
	struct str rest = str_of(s->text), piece;
	int64_t number = 0;
	size_t n = 0;

	if (strcmp(s->state, "42P18") != 0 || !str_cut(&rest, '$', &piece))
		return 0;
	while (n < rest.len && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	(void)str_int((struct str){ rest.p, n }, 1, INT32_MAX, &number);
	return number;
}

static enum err
by_words(struct odbc_conn *c, struct arena *a, const struct said *s,
    const struct sql *q, struct fault *f)
{
	const struct sqlstate *st = state_of(s->state);
	const struct phrase *w = st == NULL ? phrase_of(s->text) : NULL;
	enum err code = st != NULL  ? st->code
			: w != NULL ? w->code
				    : ERR_SQL_ERROR;
	const char *words = st != NULL  ? st->words
			    : w != NULL ? w->words
					: NULL;
	struct str text = sentence(s->text);

	c->doubtful = c->doubtful || (st == NULL && w == NULL);
	c->wants_call = strcmp(s->state, "42809") == 0;
	c->untyped = untyped_in(s);
	c->unfit =
	    strcmp(s->state, "42725") == 0 || strcmp(s->state, "42883") == 0;
	if (code == ERR_SOURCE_UNREACHABLE)
		c->lost = true;
	if (code == ERR_TIMEOUT)
		return running_fault(code, c->run.limit_ms, f);
	if (words != NULL)
		return fault_set(f, code, "%s", words);
	if ((code == ERR_TABLE_NOT_FOUND || code == ERR_COLUMN_NOT_FOUND) &&
	    missing_name(text, w).len > 0)
		return missing(c, a, code, missing_name(text, w), f);
	if (code == ERR_SQL_SYNTAX && q != NULL)
		f->position = place_of(text, q);
	text = odbc_clean(a, c->spec, text);
	return fault_set(f, code, "%.*s", (int)text.len, text.p);
}

enum err
odbc_fault(struct odbc_conn *c, struct arena *a, SQLSMALLINT kind, SQLHANDLE h,
    const struct sql *q, struct fault *f)
{
	struct said s = { .state = "" };
	struct arena *own = NULL;
	enum err e;

	if (!listen(kind, h, &s, f) ||
	    (c->run.why == ERR_OK && odbc_is_dead(c))) {
		c->lost = true;
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the connection to the source broke off");
	}
	if (a == NULL)
		a = own = arena_new((size_t)1 << 20);
	e = by_words(c, a, &s, q, f);
	if (own != NULL)
		arena_free(own);
	return e;
}

/* Nothing of the driver's own words: they hold hosts and accounts. */
enum err
odbc_open_fault(struct odbc_conn *c, struct fault *f)
{
	struct said s = { .state = "" };
	const struct phrase *w;
	const struct sqlstate *st;

	if (!listen(SQL_HANDLE_DBC, c->dbc, &s, f))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the server of the source cannot be reached");
	w = phrase_of(s.text);
	st = state_of(s.state);
	if (w != NULL && w->words != NULL)
		return fault_set(f, w->code, "%s", w->words);
	if (st != NULL && st->words != NULL && strncmp(s.state, "08", 2) != 0)
		return fault_set(f, st->code, "%s", st->words);
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "the server of the source cannot be reached");
}
