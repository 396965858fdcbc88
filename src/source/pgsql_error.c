/* SPDX-License-Identifier: ISC */
/*
 * What the server says, in the words of tools.md 1.8: the code by SQLSTATE,
 * its own sentence only where it speaks of the caller's text.
 */
#include <string.h>

#include "source/pgsql_int.h"
#include "source/sqlstate.h"

static const struct sqlstate *
state_of(const char *state)
{
	static const struct sqlstate other = { "", ERR_SQL_ERROR, NULL };
	const struct sqlstate *s = sqlstate_find(state);

	return s == NULL ? &other : s;
}

/* The last name in quotes of a sentence: relation "shop.orders". */
static struct str
quoted_name(struct str text)
{
	struct str rest = text, piece, name = { 0 };

	(void)str_cut(&rest, '"', &piece);
	if (rest.p != NULL && str_cut(&rest, '"', &name) && rest.p != NULL)
		return name;
	return (struct str){ 0 };
}

/* "column c.nane does not exist", "column \"nane\" does not exist". */
static struct str
column_name(struct str text)
{
	struct str name = quoted_name(text), rest = text, word;

	if (name.len > 0)
		return name;
	while (str_cut(&rest, ' ', &word))
		if (str_eq(word, STR("column")) && str_cut(&rest, ' ', &word))
			return str_behind_last(word, '.');
	return name;
}

static enum err
missing_table(struct pgsql_conn *c, struct arena *a, struct str text,
    struct fault *f)
{
	struct str name = str_behind_last(quoted_name(text), '.');

	fault_set(f, ERR_TABLE_NOT_FOUND, "no such table: %.*s", (int)name.len,
	    name.p);
	c->hint_table = arena_dup(a, name);
	return ERR_TABLE_NOT_FOUND;
}

static enum err
missing_column(struct pgsql_conn *c, struct arena *a, struct str text,
    struct fault *f)
{
	struct str name = column_name(text);

	fault_set(f, ERR_COLUMN_NOT_FOUND, "no such column: %.*s",
	    (int)name.len, name.p);
	c->hint_column = arena_dup(a, name);
	return ERR_COLUMN_NOT_FOUND;
}

/* The server names the account and the database in some sentences, a value of
 * another's row in others. */
static struct str
cleaned(const struct pgsql_conn *c, struct arena *a, struct str text)
{
	const char *out[] = { c->spec->user, c->spec->database, c->spec->host,
		c->spec->socket };
	struct buf b;

	buf_init(&b, a, text.len * 4 + 64);
	for (size_t i = 0; i < text.len;) {
		size_t skip = 0;

		for (size_t k = 0; k < sizeof(out) / sizeof(out[0]); k++) {
			struct str s = arena_fmt(a, "\"%s\"",
			    out[k] == NULL ? "" : out[k]);

			if (out[k] != NULL && str_starts(str_from(text, i), s))
				skip = s.len;
		}
		if (skip == 0)
			buf_char(&b, text.p[i] == '\n' ? ' ' : text.p[i]);
		else
			buf_lit(&b, "\"...\"");
		i += skip == 0 ? 1 : skip;
	}
	return buf_text(&b);
}

/* Once a statement with rules runs, the server's words may hold what the
 * caller may not read. */
static bool
is_closed(const struct pgsql_conn *c, const struct pgsql_text *t)
{
	return c->rules && t == NULL;
}

/* "could not determine data type of parameter $1", whatever the language. */
static int
number_in(struct str text)
{
	struct str rest = text, piece;
	size_t n = 0;
	int64_t number;

	(void)str_cut(&rest, '$', &piece);
	while (n < rest.len && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	if (n == 0 || !str_int((struct str){ rest.p, n }, 1, 65535, &number))
		return -1;
	return (int)number;
}

/* Something else may come of it with other types of the values. */
static void
note_types(struct pgsql_conn *c, const char *sqlstate, struct str text)
{
	static const char *const unfit[] = { "42P08", "42804", "42883",
		"42725" };

	c->untyped = strcmp(sqlstate, "42P18") == 0 ? number_in(text) : 0;
	c->unfit = false;
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++)
		c->unfit = c->unfit || strcmp(sqlstate, unfit[i]) == 0;
}

static enum err
by_state(struct pgsql_conn *c, struct arena *a, const char *sqlstate,
    struct str text, const struct pgsql_text *t, struct fault *f)
{
	const struct sqlstate *s = state_of(sqlstate);

	if (strcmp(sqlstate, "57014") == 0 && c->run.why == ERR_OK)
		c->run.why = ERR_TIMEOUT; /* the server's own limit */
	if (strcmp(sqlstate, "57014") == 0)
		return running_fault(c->run.why, c->run.limit_ms, f);
	if (t != NULL)
		note_types(c, sqlstate, text);
	if (s->code == ERR_SOURCE_UNREACHABLE)
		c->lost = true;
	if (s->words != NULL)
		return fault_set(f, s->code, "%s", s->words);
	if (is_closed(c, t))
		return fault_set(f, s->code,
		    "the source could not work this out");
	if (s->code == ERR_TABLE_NOT_FOUND)
		return missing_table(c, a, text, f);
	if (s->code == ERR_COLUMN_NOT_FOUND)
		return missing_column(c, a, text, f);
	text = cleaned(c, a, text);
	return fault_set(f, s->code, "%.*s", (int)text.len, text.p);
}

static void
put_position(const PGresult *res, const struct pgsql_text *t, struct fault *f)
{
	const char *at = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
	int64_t n;

	if (t != NULL && at != NULL && str_int(str_of(at), 1, INT32_MAX, &n))
		f->position = pgsql_place(t, (int)n);
}

enum err
pgsql_fault(struct pgsql_conn *c, struct arena *a, const PGresult *res,
    const struct pgsql_text *t, struct fault *f)
{
	const char *sqlstate, *text;
	struct arena *own = NULL;
	enum err e;

	if (res == NULL)
		return running_fault(c->run.why, c->run.limit_ms, f);
	sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	fault_log(f, "%s: %s", sqlstate == NULL ? "" : sqlstate,
	    PQresultErrorMessage(res));
	if (PQresultStatus(res) >= PGRES_COPY_OUT &&
	    PQresultStatus(res) <= PGRES_COPY_IN) {
		c->lost = true;
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "COPY statements are not allowed");
	}
	if (sqlstate == NULL) {
		c->lost = PQstatus(c->h) == CONNECTION_BAD;
		if (strstr(PQresultErrorMessage(res), "memory") != NULL) {
			c->lost = true;
			return fault_set(f, ERR_TOO_LARGE,
			    "a value or row is larger than it may be");
		}
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the connection to the source broke off");
	}
	if (a == NULL)
		a = own = arena_new((size_t)1 << 20);
	e = by_state(c, a, sqlstate, str_of(text == NULL ? "" : text), t, f);
	if (own != NULL)
		arena_free(own);
	put_position(res, t, f);
	return e;
}

static const char no_connection[] = "the server has no connection to spare";
static const char own_none[] = "its server has no connection to spare";

/* libpq's sentences when there is no connection, and ours for a source and for
 * a database of our own.  "speaks": there is a server, and this is about it. */
static const struct {
	const char *word;
	enum err code;
	bool speaks;
	const char *words, *own;
} open_words[] = {
	{ "password authentication failed", ERR_SOURCE_AUTH_FAILED, true,
	    "the source does not take the account it was configured with",
	    "its server does not take the account" },
	{ "no password supplied", ERR_SOURCE_AUTH_FAILED, true,
	    "the source wants a password, and none is configured",
	    "its server wants a password, and none is configured" },
	{ "authentication", ERR_SOURCE_AUTH_FAILED, true,
	    "the source does not take the account it was configured with",
	    "its server does not take the account" },
	{ "no pg_hba.conf entry", ERR_SOURCE_AUTH_FAILED, true,
	    "the source does not let this account in from here",
	    "its server does not let the account in from here" },
	{ "role ", ERR_SOURCE_AUTH_FAILED, true,
	    "the source does not take the account it was configured with",
	    "its server does not take the account" },
	{ "too many connections", ERR_BUSY, true, no_connection, own_none },
	{ "too many clients", ERR_BUSY, true, no_connection, own_none },
	{ "connection slots are reserved", ERR_BUSY, true, no_connection,
	    own_none },
	{ "certificate", ERR_SOURCE_UNREACHABLE, true,
	    "the certificate of the server cannot be verified",
	    "the certificate of its server cannot be verified" },
	{ "SSL", ERR_SOURCE_UNREACHABLE, true,
	    "the server does not speak TLS as the source wants it",
	    "its server does not speak TLS as the setting tls wants it" },
	{ "could not translate host name", ERR_SOURCE_UNREACHABLE, false,
	    "the host of the source is not known",
	    "the host of its server is not known" },
	{ "database ", ERR_SOURCE_UNREACHABLE, true,
	    "the server has no database of that name",
	    "its server has no database of that name" },
	{ "starting up", ERR_SOURCE_UNREACHABLE, true, "the server is starting",
	    "its server is starting" },
	{ "shutting down", ERR_SOURCE_UNREACHABLE, true,
	    "the server is shutting down", "its server is shutting down" },
	{ "standby mode", ERR_SOURCE_UNREACHABLE, false,
	    "the server is a standby, and another one is wanted",
	    "its server is a standby, which takes no writes" },
};

bool
pgsql_open_fault(const struct pgsql_conn *c, struct fault *f)
{
	const char *text = PQerrorMessage(c->h);

	fault_log(f, "%s: %s", c->spec->name, text);
	for (size_t i = 0; i < sizeof(open_words) / sizeof(open_words[0]); i++)
		if (strstr(text, open_words[i].word) != NULL) {
			fault_set(f, open_words[i].code, "%s",
			    c->own ? open_words[i].own : open_words[i].words);
			return open_words[i].speaks;
		}
	fault_set(f, ERR_SOURCE_UNREACHABLE, "%s",
	    c->own ? "its server cannot be reached"
		   : "the server of the source cannot be reached");
	return false;
}
