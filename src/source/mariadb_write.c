/* SPDX-License-Identifier: ISC */
/*
 * Writing: the first word must be the verb that the caller may, the server
 * must take the text where only statements on rows fit, and what it changed
 * is counted before it is kept.  What changes the structure cannot be taken
 * back here, so it is only prepared, and runs when it is to be kept.
 */
#include "source/mariadb_int.h"

#define DDL_MS 30000

static const struct {
	enum word word;
	unsigned verbs;
} data_words[] = {
	{ WORD_INSERT, VERB_INSERT },
	{ WORD_REPLACE, VERB_INSERT | VERB_UPDATE },
	{ WORD_UPDATE, VERB_UPDATE },
	{ WORD_DELETE, VERB_DELETE },
};

static enum err
other_statement(struct fault *f)
{
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "this statement is not what it was taken for");
}

static bool
changes_structure(enum word w)
{
	static const enum word words[] = { WORD_CREATE, WORD_ALTER, WORD_DROP,
		WORD_TRUNCATE, WORD_RENAME };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] == w)
			return true;
	return false;
}

/* Do only some versions of the server read a part of it? */
static bool
is_versioned(const struct tokens *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].maybe)
			return true;
	return false;
}

static unsigned
verbs_of(const struct tokens *t)
{
	unsigned verbs = 0;

	for (size_t i = 0; i < sizeof(data_words) / sizeof(data_words[0]); i++)
		if (token_word(t, 0) == data_words[i].word)
			verbs = data_words[i].verbs;
	for (size_t i = 0; verbs != 0 && i < t->n; i++)
		if (t->v[i].word == WORD_DUPLICATE)
			verbs |= VERB_UPDATE;
	return verbs;
}

/* The server reads EXPLAIN before statements on rows only. */
static enum err
check_rows(struct mariadb_flow *w, struct fault *f)
{
	const struct mariadb_frame fr = { w->q->text, 0, "", "", w->unknown };
	struct mariadb_text t;
	MYSQL_STMT *st;
	enum err e = mariadb_text(w->a, w->q, &fr, &t, f);

	if (e == ERR_OK) {
		e = mariadb_explain(w, "EXPLAIN ", &t, &st, f);
		mariadb_stmt_close(w->c, st);
	}
	return e;
}

/* CALL [schema.]name: it is only looked at here. */
static enum err
check_call(struct mariadb_flow *w, const struct tokens *t, struct fault *f)
{
	size_t at = token_is(t, 2, '.') ? 3 : 1;
	struct str args[2] = { token_name(w->a, t, at), { 0 } };
	struct mariadb_rows r;
	enum err e;

	if (!w->q->describe) {
		fault_hint(f, "execute_procedure calls it");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "a procedure of this source is not called by a statement");
	}
	if (at == 3)
		args[1] = token_name(w->a, t, 1);
	e = mariadb_ask(w->c, w->a,
	    "SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE' AND ROUTINE_NAME = ? AND ROUTINE_SCHEMA = IFNULL(?, DATABASE())",
	    args, 2, &r, f);
	if (e == ERR_OK && r.rows == 0)
		return fault_set(f, ERR_PROCEDURE_NOT_FOUND,
		    "there is no procedure '%.*s'", (int)args[0].len,
		    args[0].p);
	return e;
}

/* Is the first word what the caller may? */
static enum err
check_words(struct mariadb_flow *w, struct fault *f)
{
	struct tokens t;
	unsigned verbs;
	enum err e = tokens_read(w->a, DIALECT_MARIADB, w->q->text, &t, f);

	if (e != ERR_OK)
		return e;
	if (is_versioned(&t))
		return other_statement(f);
	if (w->q->gate->class == SQL_DDL)
		return changes_structure(token_word(&t, 0))
			   ? ERR_OK
			   : other_statement(f);
	if (w->q->gate->class == SQL_CALL && token_word(&t, 0) == WORD_CALL)
		return check_call(w, &t, f);
	verbs = verbs_of(&t);
	if (verbs == 0)
		return other_statement(f);
	if ((verbs & ~w->q->verbs) != 0)
		return fault_set(f, ERR_PERMISSION_DENIED,
		    "this statement needs more rights than the token holds");
	return ERR_OK;
}

enum err
mariadb_write_safe(struct mariadb_flow *w, struct fault *f)
{
	enum err e = check_words(w, f);

	return e == ERR_OK && w->q->gate->class != SQL_DDL &&
		       w->q->gate->class != SQL_CALL
		   ? mariadb_engines(w, f)
		   : e;
}

enum err
mariadb_write_check(struct mariadb_flow *w, struct fault *f)
{
	enum err e = check_words(w, f);

	return e == ERR_OK && w->q->gate->class != SQL_DDL &&
		       w->q->gate->class != SQL_CALL
		   ? check_rows(w, f)
		   : e;
}

/* What has rows of its own is looked at when they have come. */
static enum err
run_once(struct mariadb_flow *w, bool *again, struct fault *f)
{
	struct mariadb_text t;
	enum err e = mariadb_ready(w, &t, f);

	if (e != ERR_OK)
		return e;
	if (mariadb_execute(w->c, w->st) == 0)
		*again = mysql_stmt_field_count(w->st) == 0 &&
			 mariadb_moments_warned(w);
	else if (mariadb_moments_refused(w))
		*again = true;
	else
		e = mariadb_fault(w->c, w->st, NULL, f);
	return e;
}

/* Moments with a zone that the server does not take are told in UTC, and what
 * was done with them before is taken back. */
static enum err
execute(struct mariadb_flow *w, struct fault *f)
{
	bool again = false, zoned = mariadb_moments(w->a, w->q);
	enum err e = zoned ? mariadb_do(w->c, "SAVEPOINT mcp", f) : ERR_OK;

	if (e == ERR_OK && zoned)
		e = mariadb_moments_compared(w, f);
	if (e == ERR_OK)
		e = run_once(w, &again, f);
	while (e == ERR_OK && again) {
		again = false;
		mariadb_stmt_close(w->c, w->st);
		w->st = NULL;
		e = mariadb_do(w->c, "ROLLBACK TO SAVEPOINT mcp", f);
		if (e == ERR_OK)
			e = run_once(w, &again, f);
	}
	return e;
}

static enum err
rows_of(struct mariadb_flow *w, struct fault *f)
{
	enum err e = mariadb_flow_rows(w, false, f);

	if (e != ERR_OK || !mariadb_moments_warned(w))
		return e;
	fault_hint(f, "give the moment with dataType 17");
	return fault_set(f, ERR_SQL_ERROR,
	    "the server does not take the zone of a moment here");
}

static enum err
run(struct mariadb_flow *w, struct fault *f)
{
	enum err e = execute(w, f);

	if (e == ERR_OK)
		e = mariadb_flow_columns(w, f);
	if (e == ERR_OK && w->n > 0)
		e = rows_of(w, f);
	if (e == ERR_OK)
		w->done->affected =
		    w->n > 0 ? w->seen
			     : (int64_t)mysql_stmt_affected_rows(w->st);
	return e;
}

static enum err
rows(struct mariadb_flow *w, struct fault *f)
{
	struct mariadb_conn *c = w->c;
	enum err e = mariadb_begin(c, w->a, TURN_WRITE, w->q, f);

	if (e == ERR_OK)
		e = mariadb_write_safe(w, f);
	if (e == ERR_OK)
		e = run(w, f);
	mariadb_stmt_close(c, w->st);
	if (e == ERR_OK && w->done->affected > w->q->max_affected)
		e = sql_too_many(w->done->affected, w->q->max_affected, f);
	if (e == ERR_OK &&
	    (c->h->server_status & SERVER_STATUS_IN_TRANS) == 0) {
		c->lost = true;
		e = fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "the statement left its transaction");
	}
	return e;
}

static enum err
structure(struct mariadb_flow *w, struct fault *f)
{
	struct mariadb_conn *c = w->c;
	struct mariadb_text t;
	enum err e;

	if (w->q->dry_run)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this source cannot take back a change of the structure, so it cannot be tried");
	e = mariadb_begin(c, w->a, TURN_WRITE, w->q, f);
	if (e == ERR_OK)
		e = mariadb_ready(w, &t, f);
	if (e == ERR_OK)
		e = mariadb_flow_columns(w, f);
	mariadb_stmt_close(c, w->st);
	if (e == ERR_OK)
		c->ddl = arena_dup(c->later, (struct str){ t.sql, t.len });
	return e;
}

enum err
mariadb_write(struct mariadb_flow *w, struct fault *f)
{
	struct mariadb_conn *c = w->c;
	enum err e =
	    w->q->gate->class == SQL_DDL ? structure(w, f) : rows(w, f);

	c->writing = e == ERR_OK && !w->q->dry_run;
	w->done->rolled_back = !c->writing;
	if (!c->writing)
		mariadb_rollback(c);
	return e;
}

/* The change of the structure that waited; the server keeps it at once. */
enum err
mariadb_write_later(struct mariadb_conn *c, struct fault *f)
{
	struct str sql = c->ddl;
	MYSQL_STMT *st;
	enum err e = ERR_OK;

	mariadb_watch(c, deadline_in(DDL_MS), NULL);
	st = mysql_stmt_init(c->h);
	if (st == NULL || mariadb_prepare(c, st, sql.p, sql.len) != 0 ||
	    mariadb_execute(c, st) != 0)
		e = mariadb_fault(c, st, NULL, f);
	mariadb_stmt_close(c, st);
	c->open = c->writing = false;
	c->ddl = (struct str){ 0 };
	return e;
}
