/* SPDX-License-Identifier: ISC */
/*
 * What SQLite says, in the words of tools.md 1.8: the code by what the caller
 * can do next, the sentence without paths and without a trace of what is
 * hidden.  The library's own text goes to our log where it could tell more.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "source/gate_int.h"
#include "source/source.h"
#include "source/sqlite_int.h"

static const char hot[] = "the database was left in the middle of a write and "
			  "must be opened by a program that may write it first";

/* By result code; the extended ones first. */
static const struct {
	int rc;
	enum err code;
	const char *words;
} troubles[] = {
	{ SQLITE_READONLY_ROLLBACK, ERR_SOURCE_UNREACHABLE, hot },
	{ SQLITE_READONLY_RECOVERY, ERR_SOURCE_UNREACHABLE, hot },
	{ SQLITE_READONLY_CANTINIT, ERR_SOURCE_UNREACHABLE, hot },
	{ SQLITE_BUSY, ERR_BUSY, "the database is locked by another program" },
	{ SQLITE_LOCKED, ERR_BUSY, "the database is locked" },
	{ SQLITE_READONLY, ERR_READ_ONLY,
	    "the database file cannot be written here" },
	{ SQLITE_FULL, ERR_SOURCE_UNREACHABLE,
	    "the disk of the source is full" },
	{ SQLITE_CANTOPEN, ERR_SOURCE_UNREACHABLE,
	    "the database file cannot be opened" },
	{ SQLITE_NOTADB, ERR_SQL_ERROR,
	    "the database file is not a SQLite database" },
	{ SQLITE_CORRUPT, ERR_SQL_ERROR, "the database file is damaged" },
	{ SQLITE_IOERR, ERR_SOURCE_UNREACHABLE,
	    "the database file cannot be read" },
	{ SQLITE_PROTOCOL, ERR_BUSY, "the database is locked" },
	{ SQLITE_IOERR_NOMEM, ERR_TOO_LARGE,
	    "the statement needs more memory than it may have" },
	{ SQLITE_NOMEM, ERR_TOO_LARGE,
	    "the statement needs more memory than it may have" },
	{ SQLITE_TOOBIG, ERR_TOO_LARGE,
	    "a value or the statement is larger than it may be" },
	{ SQLITE_SCHEMA, ERR_BUSY, "the structure of the source just changed" },
	{ SQLITE_MISUSE, ERR_INTERNAL, "the statement cannot be run" },
};

static bool
known_trouble(int rc, struct fault *f)
{
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (troubles[i].rc == rc || troubles[i].rc == (rc & 0xff)) {
			fault_set(f, troubles[i].code, "%s", troubles[i].words);
			return true;
		}
	return false;
}

/* A write-ahead log needs its index beside it, which we may not make. */
static bool
is_lonely_wal(const char *path, int rc)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	if (((rc & 0xff) != SQLITE_CANTOPEN &&
		rc != SQLITE_READONLY_DIRECTORY) ||
	    n == 0 || n >= sizeof(folder))
		return false;
	memcpy(folder, path, n);
	folder[n] = '\0';
	return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 &&
	       faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0;
}

enum err
sqlite_open_fault(const struct sqlite_link *l, const char *path, int rc,
    struct fault *f)
{
	fault_log(f, "%s: %s (%d)", path,
	    l->h == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(l->h), rc);
	if (is_lonely_wal(path, rc))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the database uses a write-ahead log, and its folder cannot "
		    "be written here");
	if (known_trouble(rc, f))
		return f->code;
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    "the database file cannot be opened");
}

static enum err
interrupted(const struct sqlite_link *l, struct fault *f)
{
	const struct sqlite_conn *c = l->conn;

	return running_fault(c->why, c->deadline.at_ms - c->started, f);
}

/* The name as the caller wrote it, or NULL when they did not. */
static const char *
as_written(struct arena *a, const struct sql *q, struct str name)
{
	struct str s = gate_spelling(a, DIALECT_SQLITE, q->gate->text, name);

	return s.p == NULL ? NULL : arena_z(a, s);
}

static enum err
no_table(struct sqlite_link *l, struct arena *a, const char *name,
    struct fault *f)
{
	sqlite_hint_tables(l, a, str_of(name), f);
	return fault_set(f, ERR_TABLE_NOT_FOUND, "no such table: %s", name);
}

static enum err
no_column(struct sqlite_link *l, struct arena *a, const struct sql *q,
    const char *name, struct fault *f)
{
	sqlite_hint_columns(l, a, q->gate, str_of(name), f);
	return fault_set(f, ERR_COLUMN_NOT_FOUND, "no such column: %s", name);
}

static const char *
verb_name(int action)
{
	switch (action) {
	case SQLITE_INSERT:
		return "INSERT";
	case SQLITE_UPDATE:
		return "UPDATE";
	case SQLITE_DELETE:
		return "DELETE";
	default:
		return "This statement";
	}
}

/* Refused by a rule: as if the name were not there.  A name the caller did
 * not write (through "*", a trigger, a foreign key) is not told. */
static enum err
refused_name(struct sqlite_link *l, struct arena *a, const struct sql *q,
    struct fault *f)
{
	struct str table = str_of(l->auth.name), column = str_of(l->auth.part);
	bool whole = rules_denies(l->conn->spec, table, (struct str){ 0 });
	const char *as = as_written(a, q, whole ? table : column);

	if (whole && as != NULL)
		return no_table(l, a, as, f);
	if (as != NULL && rules_denies(l->conn->spec, table, column))
		return no_column(l, a, q, as, f);
	if (as != NULL)
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "column %s is masked: a statement that writes cannot read "
		    "it",
		    as);
	fault_hint(f, "Name the columns instead of '*', and write without "
		      "reading other tables");
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "a part of this statement is not available here");
}

static bool
is_ruled(const struct sqlite_link *l)
{
	struct str t = str_of(l->auth.name), c = str_of(l->auth.part);

	return l->conn->rules && t.len != 0 &&
	       (rules_denies(l->conn->spec, t, c) ||
		   rules_masks(l->conn->spec, t, c));
}

/*
 * The library makes a table of its own (pragma_table_info, dbstat) known to
 * itself and asks as for a write to what holds the schema, which the caller did
 * not name.
 */
static bool
is_own(const struct sqlite_link *l, struct arena *a, const struct sql *q)
{
	struct str name = str_of(l->auth.name);

	return sqlite_is_system(name) && as_written(a, q, name) == NULL;
}

static enum err
own_table(struct arena *a, const struct sql *q, struct fault *f)
{
	struct str name = STR("what the engine tells of itself");
	struct fault ignored = { 0 };
	struct tokens t = { 0 };

	if (tokens_read(a, DIALECT_SQLITE, q->gate->text, &t, &ignored) !=
	    ERR_OK)
		t.n = 0;
	for (size_t i = t.n; i > 0; i--)
		if (t.v[i - 1].kind != LEX_TEXT &&
		    sqlite_is_system(token_name(a, &t, i - 1)))
			name = token_name(a, &t, i - 1);
	fault_hint(f, "get_tables and get_columns describe the source");
	return fault_set(f, ERR_PERMISSION_DENIED, "%.*s cannot be read here",
	    (int)name.len, name.p);
}

static enum err
refused(struct sqlite_link *l, struct arena *a, const struct sql *q,
    struct fault *f)
{
	const struct sqlite_auth *au = &l->auth;

	switch (au->action) {
	case SQLITE_FUNCTION:
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "the function %s cannot be used here", au->name);
	case SQLITE_READ:
		if (is_ruled(l))
			return refused_name(l, a, q, f);
		fault_hint(f, "get_tables and get_columns describe the source");
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "%s cannot be read here", au->name);
	case SQLITE_SELECT:
		fault_hint(f, "Write one row at a time, from values alone");
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "this statement cannot be combined with a SELECT.");
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		if (is_ruled(l))
			return refused_name(l, a, q, f);
		if (is_own(l, a, q))
			return own_table(a, q, f);
		if (!l->writing)
			return fault_set(f, ERR_READ_ONLY,
			    "%s is not allowed in a read",
			    verb_name(au->action));
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "%s on %s is not allowed here", verb_name(au->action),
		    au->name);
	default:
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this statement is not allowed");
	}
}

/* The library's sentences that name something, by their beginning. */
static const struct {
	const char *begin;
	enum err code;
} sentences[] = {
	{ "no such table: ", ERR_TABLE_NOT_FOUND },
	{ "no such view: ", ERR_TABLE_NOT_FOUND },
	{ "no such column: ", ERR_COLUMN_NOT_FOUND },
	{ "no such index: ", ERR_OBJECT_NOT_FOUND },
	{ "incomplete input", ERR_SQL_SYNTAX },
	{ "unrecognized token", ERR_SQL_SYNTAX },
	{ "near \"", ERR_SQL_SYNTAX },
	{ "parser stack overflow", ERR_SQL_SYNTAX },
	{ "Expression tree is too large", ERR_SQL_SYNTAX },
	{ "too many terms in compound SELECT", ERR_SQL_SYNTAX },
	{ "too many columns", ERR_SQL_SYNTAX },
};

struct str
sqlite_cleaned(const struct sqlite_link *l, struct arena *a, struct str text)
{
	const char *out[] = { l->schema, l->conn->path, l->conn->spec->path };
	struct buf b;
	struct str s = text;

	if (strcmp(l->schema, "main") == 0)
		out[0] = NULL;
	buf_init(&b, a, s.len + 64);
	for (size_t i = 0; i < s.len;) {
		size_t skip = 0;

		for (size_t k = 0; k < 3; k++)
			if (out[k] != NULL &&
			    str_starts(str_from(s, i), str_of(out[k])))
				skip =
				    strlen(out[k]) +
				    (k == 0 && s.p[i + strlen(out[k])] == '.');
		if (skip == 0)
			buf_char(&b, s.p[i]);
		i += skip == 0 ? 1 : skip;
	}
	return buf_text(&b);
}

static struct str
cleaned(const struct sqlite_link *l, struct arena *a)
{
	return sqlite_cleaned(l, a, str_of(sqlite3_errmsg(l->h)));
}

/* "no such column: c.email" and "no such column: email" are the same here, or
 * one could tell a hidden name from none. */
static enum err
missing(struct sqlite_link *l, struct arena *a, const struct sql *q,
    enum err code, struct str name, struct fault *f)
{
	struct str last = str_behind_last(name, '.');
	const char *as = as_written(a, q, last);

	if (as == NULL)
		as = arena_z(a, last);
	return code == ERR_TABLE_NOT_FOUND ? no_table(l, a, as, f)
					   : no_column(l, a, q, as, f);
}

/* Of the names in the text, a hidden table comes before the others: else the
 * complaint about what is behind it would show that it is there. */
static const char *
hidden_table(struct sqlite_link *l, struct arena *a, const struct sql *q)
{
	const struct gate *g = q->gate;

	for (size_t i = 0; l->conn->rules && i < g->ntables; i++)
		if (!sqlite_sees(l, g->tables[i]))
			return arena_z(a, g->tables[i]);
	return NULL;
}

static bool
shows_hidden(const struct sqlite_link *l, struct str table, struct str column)
{
	return l->conn->rules && rules_denies(l->conn->spec, table, column);
}

/* "UNIQUE constraint failed: t.a, t.b" without hidden names. */
static enum err
constraint(struct sqlite_link *l, struct arena *a, struct fault *f)
{
	struct str text = cleaned(l, a);
	struct str rest = text, piece;
	bool hide = false;

	(void)str_cut(&rest, ':', &piece);
	while (rest.p != NULL && str_cut(&rest, ',', &piece)) {
		struct str column = str_behind_last(str_trim(piece), '.');
		struct str table = str_trim(piece);

		table.len -= column.len;
		if (table.len > 0)
			table.len--;
		hide = hide || shows_hidden(l, table, column);
	}
	if (hide)
		return fault_set(f, ERR_CONSTRAINT_VIOLATION,
		    "a constraint of the source forbids it");
	return fault_set(f, ERR_CONSTRAINT_VIOLATION, "%.*s", (int)text.len,
	    text.p);
}

/* "table t has no column named c", as INSERT and UPDATE say it. */
static struct str
named_column(struct str text)
{
	static const char words[] = " has no column named ";
	size_t n = sizeof(words) - 1;

	for (size_t i = 0; i + n < text.len; i++)
		if (memcmp(text.p + i, words, n) == 0)
			return str_from(text, i + n);
	return (struct str){ 0 };
}

static enum err
by_sentence(struct sqlite_link *l, struct arena *a, const struct sql *q,
    struct fault *f)
{
	struct str text = cleaned(l, a);
	int at = sqlite3_error_offset(l->h);
	const char *hidden;

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		struct str begin = str_of(sentences[i].begin);
		enum err code = sentences[i].code;

		if (!str_starts(text, begin))
			continue;
		if (at >= 0)
			f->position = at + 1;
		if (code == ERR_SQL_SYNTAX || code == ERR_OBJECT_NOT_FOUND)
			return fault_set(f, code, "%.*s", (int)text.len,
			    text.p);
		hidden = hidden_table(l, a, q);
		if (hidden != NULL && l->writing)
			return no_table(l, a, hidden, f);
		return missing(l, a, q, code, str_from(text, begin.len), f);
	}
	hidden = hidden_table(l, a, q);
	if (hidden != NULL && l->writing)
		return no_table(l, a, hidden, f);
	if (named_column(text).len != 0)
		return missing(l, a, q, ERR_COLUMN_NOT_FOUND,
		    named_column(text), f);
	return fault_set(f, ERR_SQL_ERROR, "%.*s", (int)text.len, text.p);
}

enum err
sqlite_fault(struct sqlite_link *l, struct arena *a, int rc,
    const struct sql *q, struct fault *f)
{
	struct str text;

	fault_log(f, "%s (%d)", sqlite3_errmsg(l->h), rc);
	if ((rc & 0xff) == SQLITE_INTERRUPT)
		return interrupted(l, f);
	if (q != NULL && l->auth.denied &&
	    ((rc & 0xff) == SQLITE_AUTH || (rc & 0xff) == SQLITE_ERROR))
		return refused(l, a, q, f);
	if ((rc & 0xff) == SQLITE_CONSTRAINT)
		return constraint(l, a, f);
	if ((rc & 0xff) == SQLITE_ERROR && q != NULL)
		return by_sentence(l, a, q, f);
	if ((rc & 0xff) == SQLITE_CANTOPEN)
		return sqlite_open_fault(l, l->conn->path, rc, f);
	if (known_trouble(rc, f))
		return f->code;
	text = cleaned(l, a);
	return fault_set(f, ERR_SQL_ERROR, "%.*s", (int)text.len, text.p);
}
