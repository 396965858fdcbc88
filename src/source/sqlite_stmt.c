/* SPDX-License-Identifier: ISC */
/*
 * Prepared statements of a link, kept by text and by what they may do.  A
 * warm statement costs one hash and one comparison.
 */
#include <string.h>

#include "source/sqlite_int.h"

enum { KIND_EXPLAIN = 256, KIND_DESCRIBE = 512, KIND_DDL = 1024 };

void
sqlite_kept_drop(struct sqlite_kept *k)
{
	sqlite3_finalize(k->st);
	sqlite3_free(k->block);
	*k = (struct sqlite_kept){ 0 };
}

static bool
is_ddl(const struct sql *q)
{
	return q->gate->class == SQL_DDL;
}

static unsigned
kind_of(const struct sql *q)
{
	return q->verbs | (q->explain ? KIND_EXPLAIN : 0) |
	       (q->describe ? KIND_DESCRIBE : 0) | (is_ddl(q) ? KIND_DDL : 0);
}

static struct sqlite_kept *
find(struct sqlite_link *l, struct str text, unsigned kind)
{
	for (size_t i = 0; i < SQLITE_KEPT; i++) {
		struct sqlite_kept *k = &l->kept[i];

		if (k->st != NULL && k->kind == kind && str_eq(k->text, text))
			return k;
	}
	return NULL;
}

static struct sqlite_kept *
oldest(struct sqlite_link *l)
{
	struct sqlite_kept *k = &l->kept[0];

	for (size_t i = 1; i < SQLITE_KEPT; i++)
		if (l->kept[i].used < k->used)
			k = &l->kept[i];
	return k;
}

/* Copy a text into the block; NULL becomes an empty text. */
static struct str
put(char **at, const char *z)
{
	size_t n = z == NULL ? 0 : strlen(z);
	struct str s = { *at, n };

	if (n != 0)
		memcpy(*at, z, n);
	*at += n;
	return s;
}

static size_t
names_size(sqlite3_stmt *st, int n)
{
	size_t size = 0;

	for (int i = 0; i < n; i++) {
		const char *texts[] = { sqlite3_column_name(st, i),
			sqlite3_column_decltype(st, i),
			sqlite3_column_table_name(st, i) };

		for (size_t k = 0; k < 3; k++)
			size += texts[k] == NULL ? 0 : strlen(texts[k]);
	}
	return size;
}

static void
read_column(sqlite3_stmt *st, int i, struct column *c, char **at)
{
	const char *table = sqlite3_column_table_name(st, i);

	*c = (struct column){ .nullable = -1 };
	c->name = put(at, sqlite3_column_name(st, i));
	c->type_name = put(at, sqlite3_column_decltype(st, i));
	c->type = sqlite_type(c->type_name);
	sqlite_type_size(c->type_name, c);
	if (table != NULL) {
		c->schema = STR("main");
		c->table = put(at, table);
	}
}

/* Text and columns in one block. */
static int
keep(struct sqlite_kept *k, struct str text)
{
	int n = sqlite3_column_count(k->st);
	size_t size = (size_t)n * sizeof(*k->cols);
	char *block =
	    sqlite3_malloc64(size + text.len + names_size(k->st, n) + 1);
	char *at;

	if (block == NULL)
		return SQLITE_NOMEM;
	at = block + size;
	memcpy(at, text.p, text.len);
	k->text = (struct str){ at, text.len };
	at += text.len;
	k->cols = (struct column *)(void *)block;
	k->ncols = (size_t)n;
	k->untyped = false;
	for (int i = 0; i < n; i++) {
		read_column(k->st, i, &k->cols[i], &at);
		k->untyped = k->untyped || k->cols[i].type == DT_UNKNOWN;
	}
	k->has_key = -1;
	sqlite3_free(k->block);
	k->block = block;
	return SQLITE_OK;
}

void
sqlite_kept_refresh(struct sqlite_kept *k)
{
	/* Without memory for it the columns stay those of before. */
	(void)keep(k, k->text);
}

/* What is left behind the statement must be nothing (Q4). */
static bool
is_alone(struct sqlite_link *l, const char *tail, const char *end)
{
	while (tail < end) {
		sqlite3_stmt *st = NULL;
		const char *next = end;
		int rc = sqlite3_prepare_v3(l->h, tail, (int)(end - tail), 0,
		    &st, &next);

		sqlite3_finalize(st);
		if (rc != SQLITE_OK || st != NULL)
			return false;
		if (next <= tail)
			break;
		tail = next;
	}
	return true;
}

/* The second look, by the engine's own words about the statement. */
static enum err
check(struct sqlite_link *l, const struct sql *q, sqlite3_stmt *st,
    const char *tail, const char *end, struct fault *f)
{
	if (st == NULL)
		return fault_set(f, ERR_SQL_SYNTAX, "there is no statement");
	if (!is_alone(l, tail, end))
		return fault_set(f, ERR_MULTIPLE_STATEMENTS,
		    "exactly one statement is allowed");
	if (sqlite3_stmt_isexplain(st) == 1) {
		fault_hint(f, "EXPLAIN QUERY PLAN shows how it is answered");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "EXPLAIN without QUERY PLAN is not allowed");
	}
	/* Indexes are called like columns; explain_sql leaves them out. */
	if (sqlite3_stmt_isexplain(st) == 2 && !q->explain &&
	    rules_any_columns(l->conn->spec))
		return rules_not_here(STR("EXPLAIN"), f);
	if (!l->writing && !sqlite3_stmt_readonly(st))
		return fault_set(f, ERR_READ_ONLY,
		    "the statement would change the source");
	for (int i = 1; i <= sqlite3_bind_parameter_count(st) && !q->describe;
	     i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);

		if (name == NULL || name[0] != '@')
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "placeholders are written @name");
	}
	return ERR_OK;
}

static struct str
text_of(const struct sqlite_link *l, struct arena *a, const struct sql *q)
{
	struct str s = q->text;

	if (l->conn->rules && !l->writing)
		s = sqlite_views_text(a, s);
	if (q->explain)
		s = arena_fmt(a, "EXPLAIN QUERY PLAN %.*s", (int)s.len, s.p);
	return s;
}

enum err
sqlite_prepare(struct sqlite_link *l, struct arena *a, const struct sql *q,
    struct sqlite_kept **out, struct fault *f)
{
	unsigned kind = kind_of(q);
	struct sqlite_kept *k = find(l, q->text, kind);
	struct sqlite_kept new = { .kind = kind };
	const char *tail = NULL;
	struct str s;
	enum err e;
	int rc;

	l->auth = (struct sqlite_auth){ .verbs = q->verbs, .ddl = is_ddl(q) };
	if (k != NULL) {
		k->used = ++l->clock;
		*out = k;
		return ERR_OK;
	}
	if (str_has(q->text, '\0'))
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement holds a NUL byte");
	s = text_of(l, a, q);
	rc = sqlite3_prepare_v3(l->h, s.p, (int)s.len,
	    SQLITE_PREPARE_PERSISTENT, &new.st, &tail);
	if (rc != SQLITE_OK)
		return sqlite_fault(l, a, rc, q, f);
	e = check(l, q, new.st, tail, s.p + s.len, f);
	if (e == ERR_OK && keep(&new, q->text) != SQLITE_OK)
		e = sqlite_fault(l, a, SQLITE_NOMEM, q, f);
	if (e != ERR_OK) {
		sqlite_kept_drop(&new);
		return e;
	}
	new.used = ++l->clock;
	k = oldest(l);
	sqlite_kept_drop(k);
	*k = new;
	*out = k;
	return ERR_OK;
}
