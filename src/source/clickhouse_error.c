/* SPDX-License-Identifier: ISC */
/*
 * What the server says, in the words of tools.md 1.8: the code by its own
 * number, its sentence only where it speaks of the caller's text.
 */
#include <string.h>

#include "source/clickhouse_int.h"

/* Without words the server's own sentence is passed on. */
static const struct code {
	int64_t number;
	enum err code;
	const char *words;
} codes[] = {
	{ 10, ERR_COLUMN_NOT_FOUND, NULL },
	{ 16, ERR_COLUMN_NOT_FOUND, NULL },
	{ 47, ERR_COLUMN_NOT_FOUND, NULL },
	{ 60, ERR_TABLE_NOT_FOUND, NULL },
	{ 62, ERR_SQL_SYNTAX, NULL },
	{ 81, ERR_SCHEMA_NOT_FOUND, NULL },
	{ 158, ERR_TOO_LARGE, NULL },
	{ 159, ERR_TIMEOUT, NULL },
	{ 160, ERR_TIMEOUT, NULL },
	{ 164, ERR_READ_ONLY,
	    "the server runs nothing here that could change something, nor functions that stand for tables" },
	{ 192, ERR_SOURCE_AUTH_FAILED,
	    "the source does not take the account it was configured with" },
	{ 193, ERR_SOURCE_AUTH_FAILED,
	    "the source does not take the account it was configured with" },
	{ 194, ERR_SOURCE_AUTH_FAILED,
	    "the source wants a password, and none is configured" },
	{ 195, ERR_SOURCE_AUTH_FAILED,
	    "the source does not let this account in from here" },
	{ 198, ERR_SOURCE_UNREACHABLE,
	    "the server does not find another one that it asks" },
	{ 201, ERR_BUSY, "the account has used up its quota" },
	{ 202, ERR_BUSY, "the server has no room for one more statement" },
	{ 203, ERR_BUSY, "the server has no connection to spare" },
	{ 209, ERR_SOURCE_UNREACHABLE, "the server waits for another one" },
	{ 210, ERR_SOURCE_UNREACHABLE, "the server waits for another one" },
	{ 241, ERR_TOO_LARGE,
	    "the statement needs more memory than the server gives it" },
	{ 242, ERR_READ_ONLY, "the table can only be read" },
	{ 243, ERR_SOURCE_UNREACHABLE, "the server's disk is full" },
	{ 279, ERR_SOURCE_UNREACHABLE,
	    "the server does not reach another one that it asks" },
	{ 291, ERR_PERMISSION_DENIED, "the account may not use this database" },
	{ 307, ERR_TOO_LARGE, NULL },
	{ 392, ERR_PERMISSION_DENIED, "the account may not do this" },
	{ 394, ERR_CANCELLED, "the call was cancelled" },
	{ 396, ERR_TOO_LARGE, NULL },
	{ 469, ERR_CONSTRAINT_VIOLATION, NULL },
	{ 497, ERR_PERMISSION_DENIED, "the account may not do this" },
	{ 516, ERR_SOURCE_AUTH_FAILED,
	    "the source does not take the account it was configured with" },
	{ 1000, ERR_SQL_ERROR, "the server failed inside" },
	{ 1001, ERR_SQL_ERROR, "the server failed inside" },
	{ 1002, ERR_SQL_ERROR, "the server failed inside" },
};

static const struct code *
code_of(int64_t number)
{
	static const struct code other = { 0, ERR_SQL_ERROR, NULL };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].number == number)
			return &codes[i];
	return &other;
}

/* Illegal types of arguments, a mismatch of types, no type for both, a text
 * that is too long for a DateTime. */
static bool
is_other_type(int64_t number)
{
	return number == 43 || number == 53 || number == 386 || number == 131;
}

/* From behind the first "word" on; p NULL: it is not there. */
static struct str
behind(struct str s, struct str word)
{
	for (size_t i = 0; i + word.len <= s.len; i++)
		if (memcmp(s.p + i, word.p, word.len) == 0)
			return str_from(s, i + word.len);
	return (struct str){ 0 };
}

static struct str
before(struct str s, struct str word)
{
	struct str rest = behind(s, word);

	if (rest.p == NULL)
		return s;
	return (struct str){ s.p, s.len - rest.len - word.len };
}

bool
ch_is_exception(struct str line)
{
	struct str rest = behind(line, STR("Code: "));

	return rest.p != NULL && rest.len > 0 && rest.p[0] >= '0' &&
	       rest.p[0] <= '9' &&
	       behind(rest, STR("DB::Exception: ")).p != NULL;
}

/* "Code: 47, e.displayText() = DB::Exception: SENTENCE, e.what() = …" of the
 * old servers, "Code: 47. DB::Exception: SENTENCE (NAME) (version …)" of the
 * new.  What another server said to that one is behind that one's name. */
static struct str
sentence_of(struct str said)
{
	struct str s = behind(said, STR("DB::Exception: "));

	while (str_starts(s, STR("Received from ")))
		s = behind(s, STR("DB::Exception: "));
	s = before(s, STR(": while receiving packet from "));
	s = before(s, STR(", e.what() = "));
	s = before(s, STR(" (version "));
	s = before(s, STR(". Expected"));
	return str_trim(before(s, STR(". Note")));
}

/* The word behind "word" up to one of "ends", without quotes. */
static struct str
name_behind(struct str s, struct str word, const char *ends)
{
	struct str name = behind(s, word);
	size_t n = 0;

	while (name.len > 0 && strchr("`'\" ", name.p[0]) != NULL)
		name = str_from(name, 1);
	while (n < name.len && strchr(ends, name.p[n]) == NULL)
		n++;
	return (struct str){ name.p, n };
}

static enum err
missing_table(struct ch_conn *c, struct arena *a, struct str text,
    struct fault *f)
{
	struct str name =
	    before(behind(text, STR("Table ")), STR(" doesn't exist"));

	name = str_behind_last(before(name, STR(" does not exist")), '.');
	if (name.len > 1 && name.p[0] == '`')
		name = (struct str){ name.p + 1, name.len - 2 };

	if (name.len == 0)
		name = name_behind(text, STR("identifier "), "`'\" ,;");
	c->hint_table = arena_dup(a, name);
	return fault_set(f, ERR_TABLE_NOT_FOUND, "no such table: %.*s",
	    (int)name.len, name.p);
}

static enum err
missing_column(struct ch_conn *c, struct arena *a, struct str text,
    struct fault *f)
{
	static const char *const words[] = { "identifier: ", "identifier ",
		"Missing columns: ", "column ", "Column " };
	struct str name = { 0 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (name.len == 0)
			name = str_behind_last(name_behind(text,
						   str_of(words[i]), "`'\" ,;"),
			    '.');
	c->hint_column = arena_dup(a, name);
	return fault_set(f, ERR_COLUMN_NOT_FOUND, "no such column: %.*s",
	    (int)name.len, name.p);
}

/* Values of the caller and paths of the server are not repeated. */
static size_t
left_out(const struct ch_query *query, struct str rest, bool start)
{
	size_t n = 0;

	if (start && rest.p[0] == '/') {
		while (n < rest.len && strchr(" ,;:'\"`)", rest.p[n]) == NULL)
			n++;
		return n > 1 ? n : 0;
	}
	for (size_t i = 0; query->q != NULL && i < query->q->nparams; i++) {
		const struct value *v = &query->q->params[i].value;

		if (v->kind >= VALUE_TEXT && v->s.len > 0 &&
		    str_starts(rest, v->s))
			return v->s.len;
	}
	return 0;
}

static struct str
cleaned(struct arena *a, const struct ch_query *query, struct str text)
{
	struct buf b;

	buf_init(&b, a, text.len * 4 + 64);
	for (size_t i = 0; i < text.len;) {
		size_t skip = left_out(query, str_from(text, i),
		    i == 0 || strchr(" '\"`(", text.p[i - 1]) != NULL);

		if (skip == 0)
			buf_char(&b,
			    (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
		else
			buf_lit(&b, "...");
		i += skip == 0 ? 1 : skip;
	}
	return buf_text(&b);
}

/* "Syntax error: failed at position 12 (line 1, col 12): text. Expected …" */
static enum err
syntax(const struct ch_query *query, struct str text, struct fault *f)
{
	struct str at = behind(text, STR("at position ")), number = at;
	int64_t n = 0;

	number.len = 0;
	while (number.len < at.len && at.p[number.len] >= '0' &&
	       at.p[number.len] <= '9')
		number.len++;
	if (query->text != NULL && str_int(number, 1, INT32_MAX, &n))
		f->position = ch_text_place(query->text, n);
	if (f->position > 0)
		return fault_set(f, ERR_SQL_SYNTAX, "syntax error at byte %d",
		    f->position);
	return fault_set(f, ERR_SQL_SYNTAX, "syntax error");
}

enum err
ch_fault(struct ch_conn *c, struct arena *a, const struct ch_query *query,
    struct str said, struct fault *f)
{
	struct str text = behind(said, STR("Code: ")), number = text;
	const struct code *k;
	int64_t n = 0;

	number.len = 0;
	while (number.len < text.len && text.p[number.len] >= '0' &&
	       text.p[number.len] <= '9')
		number.len++;
	(void)str_int(number, 0, INT32_MAX, &n);
	k = code_of(n);
	c->other_type = is_other_type(n);
	fault_log(f, "%.*s", (int)said.len, said.p);
	text = sentence_of(said);
	if (k->code == ERR_TIMEOUT)
		return running_fault(ERR_TIMEOUT, c->run.limit_ms, f);
	if (k->words != NULL)
		return fault_set(f, k->code, "%s", k->words);
	if (k->code == ERR_SQL_SYNTAX)
		return syntax(query, text, f);
	if (k->code == ERR_TABLE_NOT_FOUND)
		return missing_table(c, a, text, f);
	if (k->code == ERR_COLUMN_NOT_FOUND)
		return missing_column(c, a, text, f);
	/* Such words may hold what the caller may not read. */
	if (c->rules || text.len == 0)
		return fault_set(f, k->code,
		    "the source could not work this out");
	text = cleaned(a, query, text);
	return fault_set(f, k->code, "%.*s", (int)text.len, text.p);
}

static struct str
tables_sql(struct arena *a)
{
	return arena_dup(a,
	    STR("SELECT database, name FROM system.tables WHERE database != 'system' ORDER BY 1, 2 LIMIT 2000"));
}

static void
hint_tables(struct ch_flow *w, struct fault *f)
{
	struct near k = { .arena = w->a, .wanted = w->c->hint_table };
	struct fault ignored = { 0 };
	struct ch_hidden h = { 0 };
	struct ch_table t;

	if (w->c->rules && ch_hidden(w->c, w->a, &h, &ignored) != ERR_OK)
		return;
	if (ch_table(w->c, w->a, tables_sql(w->a), &t, &ignored) != ERR_OK)
		return;
	for (size_t i = 0; i < t.rows; i++)
		if (!w->c->rules ||
		    !ch_hides(&h, ch_cell(&t, i, 0), ch_cell(&t, i, 1)))
			near_offer(&k, ch_cell(&t, i, 1));
	near_say(&k, "The closest tables are", f);
}

static void
hint_columns(struct ch_flow *w, struct fault *f)
{
	struct near k = { .arena = w->a, .wanted = w->c->hint_column };
	const struct gate *g = w->q->gate;
	struct fault ignored = { 0 };

	for (size_t n = 0; n < g->ntables; n++) {
		struct str table = g->tables[n];
		struct rules_made made;
		struct ch_table t;

		if (str_eq(table, STR("data")) && w->q->data.len > 0)
			table = w->q->data;
		if (rules_denies(w->c->spec, table, (struct str){ 0 }) ||
		    ch_table(w->c, w->a,
			arena_fmt(w->a,
			    CH_COLUMNS
			    " WHERE database != 'system' AND table = %s",
			    ch_text_literal(w->a, table).p),
			&t, &ignored) != ERR_OK)
			continue;
		ch_made(w->c, w->a, &t, &made);
		for (size_t i = 0; i < t.rows; i++)
			if (!made.v[i].hidden &&
			    !rules_denies(w->c->spec, table, ch_cell(&t, i, 2)))
				near_offer(&k, ch_cell(&t, i, 2));
	}
	near_say(&k, "The closest columns are", f);
}

void
ch_hint(struct ch_flow *w, struct fault *f)
{
	if (w->c->hint_table.len > 0)
		hint_tables(w, f);
	else if (w->c->hint_column.len > 0)
		hint_columns(w, f);
}
