/* SPDX-License-Identifier: ISC */
/*
 * SQLite behind ODBC has no account that could hold anything: its driver has
 * functions that read and write files and load code.  So the program of each
 * statement is looked at before it runs.  It is what the engine itself made of
 * the text, so no quoting hides a name, and what views, triggers and defaults
 * call stands in it as well.
 */
#include <string.h>

#include "source/odbc_int.h"
#include "source/sqlite_function.h"

#define OPENED_MAX 64
#define ROW_MAX    ((size_t)1 << 30)

/* The virtual tables of a program, as it writes them: an address each. */
struct opened {
	struct str v[OPENED_MAX];
	size_t n;
	bool more;
};

struct guarding {
	struct odbc_flow *w;
	struct opened opened;
	struct opened known;
	struct arena *row; /* reset for each step */
};

/* Without spaces and comments in front. */
static struct str
behind_blanks(struct str s)
{
	for (;;) {
		struct str line;
		size_t n = 2;

		while (s.len > 0 && strchr(" \t\n\f\r", s.p[0]) != NULL)
			s = str_from(s, 1);
		if (str_starts(s, STR("--"))) {
			(void)str_cut(&s, '\n', &line);
			continue;
		}
		if (!str_starts(s, STR("/*")))
			return s;
		while (n < s.len && !str_starts(str_from(s, n), STR("*/")))
			n++;
		s = str_from(s, n < s.len ? n + 2 : s.len);
	}
}

static struct str
first_word(struct str s)
{
	size_t n = 0;

	while (n < s.len && (s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'z')
		n++;
	return (struct str){ s.p, n };
}

/* What stands behind a caller's own EXPLAIN. */
static struct str
behind_explain(struct str s)
{
	static const char *const words[] = { "EXPLAIN", "QUERY", "PLAN" };

	s = behind_blanks(s);
	for (size_t i = 0; i < 3 && str_ieq(first_word(s), str_of(words[i]));
	     i++)
		s = behind_blanks(str_from(s, first_word(s).len));
	return s;
}

/* Some statements do what they do while they are prepared, so they are known
 * by their first word. */
static enum err
check_word(const struct sql *q, struct str text, struct fault *f)
{
	static const struct {
		const char *word;
		bool writes;
	} words[] = { { "SELECT", false }, { "WITH", false },
		{ "VALUES", false }, { "INSERT", true }, { "REPLACE", true },
		{ "UPDATE", true }, { "DELETE", true }, { "CREATE", true },
		{ "ALTER", true }, { "DROP", true }, { "REINDEX", true } };
	struct str word = first_word(text);
	bool writes = sql_writes(q) || q->describe || q->explain ||
		      q->gate->class == SQL_EXPLAIN;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_ieq(word, str_of(words[i].word)) &&
		    (writes || !words[i].writes))
			return ERR_OK;
	if (str_starts(text, STR("(")))
		return fault_set(f, ERR_SQL_SYNTAX, "near \"(\": syntax error");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "a statement that begins with \"%.*s\" cannot be run here",
	    (int)word.len, word.p);
}

static bool
has_bytes(struct str text, struct str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (str_ieq((struct str){ text.p + i, word.len }, word))
			return true;
	return false;
}

/* What a view or trigger will call is in no program yet.  A statement that
 * reads it is refused then; this one sooner. */
static enum err
check_ddl(struct str text, struct fault *f)
{
	static const char *const words[] = { "load_extension", "blob_import",
		"blob_export", "fts3_tokenizer", "sqlite_", "pragma_" };
	struct str first = first_word(text);

	if (!str_ieq(first, STR("CREATE")) && !str_ieq(first, STR("ALTER")))
		return ERR_OK;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has_bytes(text, str_of(words[i])))
			return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
			    "a change of the structure cannot name %s",
			    words[i]);
	return ERR_OK;
}

/* "upper(1)"; those that ALTER uses inside cannot be written by a caller. */
static enum err
check_function(const struct sql *q, struct str called, struct fault *f)
{
	static const char *const inner[] = { "sqlite_rename_", "sqlite_drop_",
		"sqlite_add_", "sqlite_find_", "sqlite_fail" };
	struct str rest = called, name = { 0 };

	(void)str_cut(&rest, '(', &name);
	if (rest.p != NULL && sqlite_is_harmless(name))
		return ERR_OK;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (q->gate->class == SQL_DDL &&
		    str_starts(name, str_of(inner[i])))
			return ERR_OK;
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "the function %.*s cannot be used here", (int)name.len, name.p);
}

static void
add(struct arena *a, struct opened *to, struct str table)
{
	for (size_t i = 0; i < to->n; i++)
		if (str_eq(to->v[i], table))
			return;
	if (to->n == OPENED_MAX)
		to->more = true;
	else
		to->v[to->n++] = arena_dup(a, table);
}

/* One step of the program: its word and what it is about. */
static enum err
check_step(struct guarding *g, struct str word, struct str about,
    struct opened *to, struct fault *f)
{
	static const char *const calls[] = { "Function", "PureFunc", "Agg" };
	static const char *const opens[] = { "VOpen", "VUpdate", "VBegin",
		"VRename", "VCheck" };
	static const char *const bad[] = { "VCreate", "VDestroy", "Vacuum",
		"IncrVacuum", "JournalMode", "Checkpoint", "AutoCommit",
		"Savepoint", "MaxPgcnt", "Pagecount" };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (str_starts(word, str_of(calls[i])))
			return check_function(g->w->q, about, f);
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++)
		if (str_eq(word, str_of(opens[i])))
			add(g->w->a, to, about);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_eq(word, str_of(bad[i])))
			return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
			    "this statement cannot be run here");
	return ERR_OK;
}

/* The driver keeps the rows of a write to itself, and nobody would miss them
 * before it is done.  CREATE and its like have such steps of their own. */
static enum err
check_rows(const struct sql *q, struct str word, struct fault *f)
{
	enum sql_class class = q->gate->class;
	bool writes = class == SQL_INSERT || class == SQL_UPDATE ||
		      class == SQL_DELETE || class == SQL_MERGE;

	if (!writes || q->explain || !str_eq(word, STR("ResultRow")))
		return ERR_OK;
	fault_hint(f, "Leave RETURNING out and read the rows by a SELECT");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "the driver of this source gives no rows of a write");
}

enum { STEP_WORD = 2, STEP_ABOUT = 6 };

/* Ask for the program of a text, of the caller's or of ours. */
static enum err
look(struct guarding *g, struct str text, bool ours, struct opened *to,
    struct fault *f)
{
	struct odbc_flow *w = g->w;
	const struct sql *q = ours ? NULL : w->q;
	SQLHSTMT s = NULL;
	bool end = false;
	enum err e = odbc_stmt(w->c, &s, f);

	if (e == ERR_OK)
		e = odbc_prepare(w->c, w->a, s, text, q, f);
	if (e == ERR_OK && !ours)
		e = odbc_bind(w->c, w->a, s, q, f);
	if (e == ERR_OK)
		e = odbc_execute(w->c, w->a, s, q, f);
	if (e == ERR_OK && odbc_ncolumns(s) < STEP_ABOUT)
		e = fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "what this statement does cannot be seen");
	while (e == ERR_OK) {
		struct str word = { 0 }, about = { 0 };

		e = odbc_fetch(w->c, w->a, s, &end, f);
		if (e != ERR_OK || end)
			break;
		e = odbc_cell(w->c, g->row, s, STEP_WORD, &word, f);
		if (e == ERR_OK)
			e = odbc_cell(w->c, g->row, s, STEP_ABOUT, &about, f);
		if (e == ERR_OK)
			e = check_step(g, word, about, to, f);
		if (e == ERR_OK && !ours)
			e = check_rows(w->q, word, f);
		arena_reset(g->row);
	}
	odbc_stmt_end(w->c, s);
	return e;
}

static struct str
explaining(struct arena *a, const char *before, struct str text)
{
	struct buf b;

	buf_init(&b, a, text.len + 64);
	buf_lit(&b, "EXPLAIN ");
	buf_str(&b, str_of(before));
	buf_str(&b, text);
	return str_of(arena_z(a, buf_text(&b)));
}

/* Virtual tables whose modules only keep and search data.  The file may be
 * anybody's work: a name must be the one in the text that made the table, where
 * the word in front of the module stands once; and what is no function of the
 * engine's takes no arguments. */
static const char good_sql[] =
    "SELECT column1 || '(1)' FROM (VALUES ('json_each'), ('json_tree'))"
    " WHERE NOT EXISTS (SELECT 1 FROM main.sqlite_master"
    " WHERE lower(name) = column1)"
    " UNION ALL SELECT '\"' || name || '\"' FROM main.sqlite_master"
    " WHERE type = 'table' AND rootpage = 0 AND name NOT LIKE '%\"%'"
    " AND sql LIKE 'create virtual table %' AND sql NOT LIKE '%using%using%'"
    " AND (sql LIKE '% USING fts_%' OR sql LIKE '% USING rtree%'"
    " OR sql LIKE '% USING geopoly%')"
    " AND lower(trim(substr(sql, 22, instr(lower(sql), 'using') - 22),"
    " ' \"[]`''' || char(9, 10, 12, 13))) = lower(name) LIMIT 64";

static enum err
good_tables(struct guarding *g, struct odbc_rows *out, struct fault *f)
{
	struct odbc_flow *w = g->w;
	SQLHSTMT s = NULL;
	bool end = false;
	enum err e = odbc_stmt(w->c, &s, f);

	out->v = arena_zero(w->a, OPENED_MAX, sizeof(*out->v));
	out->ncols = 1;
	if (e == ERR_OK)
		e = odbc_prepare(w->c, w->a, s, str_of(good_sql), NULL, f);
	if (e == ERR_OK)
		e = odbc_execute(w->c, w->a, s, NULL, f);
	while (e == ERR_OK && out->n < OPENED_MAX) {
		e = odbc_fetch(w->c, w->a, s, &end, f);
		if (e != ERR_OK || end)
			break;
		e = odbc_cell(w->c, w->a, s, 1, &out->v[out->n++], f);
	}
	odbc_stmt_end(w->c, s);
	return e;
}

/* A program tells no names of virtual tables, but the same one has the same
 * address in each program of a connection. */
static enum err
check_opened(struct guarding *g, struct fault *f)
{
	struct odbc_rows good = { 0 };
	enum err e = good_tables(g, &good, f);

	/* One that turns out to be something else is not known then. */
	for (size_t i = 0; e == ERR_OK && i < good.n; i++) {
		struct fault ignored = { 0 };
		struct str text =
		    explaining(g->w->a, "SELECT 1 FROM main.", good.v[i]);

		(void)look(g, text, true, &g->known, &ignored);
	}
	for (size_t i = 0; e == ERR_OK && i < g->opened.n; i++) {
		bool known = false;

		for (size_t k = 0; k < g->known.n; k++)
			known = known || str_eq(g->opened.v[i], g->known.v[k]);
		if (!known)
			e = fault_set(f, ERR_PERMISSION_DENIED,
			    "a table of this statement cannot be used here");
	}
	if (e == ERR_OK && g->opened.more)
		e = fault_set(f, ERR_TOO_LARGE,
		    "the statement uses too many virtual tables");
	return e;
}

/* From here on the structure stays as it is until the transaction ends. */
static enum err
hold(struct odbc_flow *w, struct fault *f)
{
	static const char sql[] = "SELECT count(*) FROM main.sqlite_master";
	SQLHSTMT s = NULL;
	bool end = false;
	enum err e;

	if (sql_writes(w->q))
		return ERR_OK;
	e = odbc_stmt(w->c, &s, f);
	if (e == ERR_OK)
		e = odbc_prepare(w->c, w->a, s, str_of(sql), NULL, f);
	if (e == ERR_OK)
		e = odbc_execute(w->c, w->a, s, NULL, f);
	if (e == ERR_OK)
		e = odbc_fetch(w->c, w->a, s, &end, f);
	odbc_stmt_end(w->c, s);
	return e;
}

enum err
odbc_guard(struct odbc_flow *w, struct fault *f)
{
	struct guarding *g;
	struct str text;
	enum err e;

	if (!odbc_is_sqlite(w->c))
		return ERR_OK;
	e = odbc_text(w, "", &text, f);
	if (e != ERR_OK)
		return e;
	text = behind_explain(text);
	e = check_word(w->q, text, f);
	if (e == ERR_OK)
		e = check_ddl(text, f);
	if (e == ERR_OK)
		e = hold(w, f);
	if (e != ERR_OK)
		return e;
	g = arena_zero(w->a, 1, sizeof(*g));
	g->w = w;
	g->row = arena_new(ROW_MAX);
	e = look(g, explaining(w->a, "", text), false, &g->opened, f);
	if (e == ERR_OK && g->opened.n > 0)
		e = check_opened(g, f);
	arena_free(g->row);
	return e;
}
