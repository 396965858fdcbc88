/* SPDX-License-Identifier: ISC */
/*
 * Writing: explained first, so that the server itself says what the statement
 * would change, then run row by row, counted, and left open for finish.
 */
#include <string.h>

#include "source/pgsql_int.h"

static enum err
refused(unsigned missing, struct fault *f)
{
	static const char *const names[] = { "SELECT", "INSERT", "UPDATE",
		"DELETE", "EXECUTE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((missing & (1u << i)) != 0)
			return fault_set(f, ERR_PERMISSION_DENIED,
			    "%s is not allowed in this statement", names[i]);
	return ERR_OK;
}

static enum err
check_plan(struct pgsql_flow *w, struct fault *f)
{
	enum sql_class class = w->q->gate->class;
	unsigned verbs = 0;
	enum err e;

	if (class == SQL_DDL || class == SQL_CALL)
		return ERR_OK;
	e = pgsql_plan_verbs(w, &verbs, f);
	if (e != ERR_OK)
		return e;
	/* MERGE deletes where it says so. */
	if (class == SQL_MERGE &&
	    gate_has_word(w->a, DIALECT_PGSQL, w->q->text, STR("DELETE")))
		verbs |= VERB_DELETE;
	if (verbs == 0)
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this statement changes no rows");
	return refused(verbs & ~w->q->verbs, f);
}

/* The words a result's tag may begin with, by class. */
static bool
tag_fits(enum sql_class class, const char *tag)
{
	static const char *const writes[] = { "INSERT", "UPDATE", "DELETE",
		"MERGE", "SELECT" };
	static const char *const others[] = { "CREATE", "ALTER", "DROP",
		"TRUNCATE", "COMMENT", "GRANT", "REVOKE", "REINDEX", "REFRESH",
		"IMPORT", "SECURITY", "SELECT" };

	if (class == SQL_CALL)
		return strcmp(tag, "CALL") == 0;
	if (class == SQL_DDL) {
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			if (strncmp(tag, others[i], strlen(others[i])) == 0)
				return true;
		return false;
	}
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		if (strncmp(tag, writes[i], strlen(writes[i])) == 0)
			return true;
	return false;
}

/* One result of the statement: columns once, rows as they come. */
static enum err
take(struct pgsql_flow *w, PGresult *res, const struct pgsql_text *t,
    bool *begun, struct fault *f)
{
	ExecStatusType s = PQresultStatus(res);
	enum err e = ERR_OK;

	if (s != PGRES_SINGLE_TUPLE && s != PGRES_TUPLES_OK &&
	    s != PGRES_COMMAND_OK)
		return pgsql_fault(w->c, w->a, res, t, f);
	if (s != PGRES_COMMAND_OK && !*begun) {
		*begun = true;
		e = pgsql_flow_plain(w, res);
	}
	if (e == ERR_OK && s == PGRES_SINGLE_TUPLE)
		(void)pgsql_flow_rows(w, res);
	if (s == PGRES_SINGLE_TUPLE)
		return e;
	if (!tag_fits(w->q->gate->class, PQcmdStatus(res)))
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this statement did something else than it was taken for");
	if (PQcmdTuples(res)[0] != '\0' &&
	    strncmp(PQcmdStatus(res), "SELECT", 6) != 0)
		(void)str_int(str_of(PQcmdTuples(res)), 0, INT64_MAX,
		    &w->done->affected);
	return e;
}

static enum err
run(struct pgsql_flow *w, struct fault *f)
{
	struct pgsql_frame fr = { w->q->text, "", "" };
	struct pgsql_text t;
	PGresult *res = NULL;
	bool begun = false;
	enum err e = pgsql_text(w, "", &fr, &t, f);

	if (e != ERR_OK)
		return e;
	if (!PQsendQueryParams(w->c->h, t.sql, t.n, t.types, t.values,
		t.lengths, t.formats, 0) ||
	    !PQsetSingleRowMode(w->c->h))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the connection to the source broke off");
	while (e == ERR_OK && (e = pgsql_next(w->c, &res, f)) == ERR_OK &&
	       res != NULL) {
		e = take(w, res, &t, &begun, f);
		PQclear(res);
	}
	if (e != ERR_OK)
		pgsql_drain(w->c);
	else if (!begun)
		(void)w->to->cols(w->to, NULL, 0);
	return e;
}

/* A write inside of WITH, or behind EXPLAIN, has another tag than its own. */
static bool
tells_nothing(const struct gate *g)
{
	static const char *const told[] = { "INSERT", "UPDATE", "DELETE",
		"MERGE" };

	if (g->class == SQL_DDL || g->class == SQL_CALL)
		return false;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (str_ieq(g->first, str_of(told[i])))
			return false;
	return true;
}

/* The session's own counters; what earlier transactions changed may still be
 * in them, so only their growth counts. */
static enum err
counters(struct pgsql_flow *w, int64_t *n, struct fault *f)
{
	PGresult *res;
	enum err e;

	*n = 0;
	if (!tells_nothing(w->q->gate))
		return ERR_OK;
	e = pgsql_ask(w->c, w->a,
	    "SELECT pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(oid) + pg_catalog.pg_stat_get_xact_tuples_updated(oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(oid)) FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p')",
	    NULL, 0, &res, f);
	if (e == ERR_OK)
		(void)str_int(str_of(PQgetvalue(res, 0, 0)), 0, INT64_MAX, n);
	return e;
}

/* Run it, and know how many rows it changed. */
static enum err
run_counted(struct pgsql_flow *w, struct fault *f)
{
	int64_t before, after;
	enum err e = counters(w, &before, f);

	if (e == ERR_OK)
		e = run(w, f);
	if (e == ERR_OK)
		e = counters(w, &after, f);
	if (e == ERR_OK && after - before > w->done->affected &&
	    tells_nothing(w->q->gate))
		w->done->affected = after - before;
	return e;
}

/* What a sequence is set to stays when everything else is taken back. */
static enum err
check_trial(struct pgsql_flow *w, struct fault *f)
{
	struct tokens t;
	enum err e = tokens_read(w->a, DIALECT_PGSQL, w->q->text, &t, f);

	for (size_t i = 0; e == ERR_OK && i < t.n; i++)
		if (str_eq(token_name(w->a, &t, i), STR("setval")) ||
		    str_ieq(token_text(&t, i), STR("setval")))
			e = fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
			    "setval cannot be taken back, so it cannot be tried");
	return e;
}

/* What it would change, and reach, before it runs. */
static enum err
look_ahead(struct pgsql_flow *w, struct fault *f)
{
	enum err e = pgsql_rules_write(w->c, w->a, w->q, f);

	if (e == ERR_OK)
		e = check_plan(w, f);
	if (e == ERR_OK)
		e = pgsql_rules_check(w->c, w->a, w->q, f);
	return e;
}

enum err
pgsql_write(struct pgsql_flow *w, struct fault *f)
{
	struct pgsql_conn *c = w->c;
	enum err e = w->q->dry_run ? check_trial(w, f) : ERR_OK;

	if (e == ERR_OK)
		e = pgsql_settle(w, true, look_ahead, f);
	if (e == ERR_OK)
		e = run_counted(w, f);
	if (e == ERR_OK && w->done->affected > w->q->max_affected)
		e = sql_too_many(w->done->affected, w->q->max_affected, f);
	if (e == ERR_OK && PQtransactionStatus(c->h) != PQTRANS_INTRANS) {
		c->lost = true;
		e = fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "the statement left its transaction");
	}
	c->writing = e == ERR_OK && !w->q->dry_run;
	w->done->rolled_back = !c->writing;
	if (!c->writing)
		pgsql_rollback(c);
	return e;
}
