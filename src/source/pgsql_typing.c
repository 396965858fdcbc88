/* SPDX-License-Identifier: ISC */
/*
 * Types of values that have none of their own.  The server is asked first, for
 * it knows what a text is compared with; only what it cannot tell is a text.
 */
#include "source/pgsql_int.h"

enum err
pgsql_prepare(struct pgsql_flow *w, const char *name,
    const struct pgsql_frame *fr, int *n, struct fault *f)
{
	struct pgsql_text t;
	PGresult *res = NULL;
	enum err e = pgsql_text(w, "", fr, &t, f);

	if (e != ERR_OK)
		return e;
	if (n != NULL)
		*n = t.n;
	if (!PQsendPrepare(w->c->h, name, t.sql, t.n, t.types))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the connection to the source broke off");
	e = pgsql_next(w->c, &res, f);
	if (e == ERR_OK && PQresultStatus(res) != PGRES_COMMAND_OK)
		e = pgsql_fault(w->c, w->a, res, &t, f);
	PQclear(res);
	pgsql_drain(w->c);
	return e;
}

enum err
pgsql_typing_check(struct pgsql_flow *w, const struct pgsql_frame *fr,
    struct fault *f)
{
	if (!w->typing.again || w->typing.apart)
		return ERR_OK;
	return pgsql_prepare(w, "", fr, NULL, f);
}

/* Is there another way to give the types? */
static bool
adapt(struct pgsql_flow *w)
{
	struct pgsql_typing *t = &w->typing;
	int untyped = w->c->untyped;

	if (w->c->lost || t->all)
		return false;
	if (untyped != 0) {
		t->all = untyped < 0 || t->ntexts == PGSQL_TEXTS;
		if (!t->all)
			t->texts[t->ntexts++] = untyped;
		return true;
	}
	if (!w->c->unfit)
		return false;
	if (t->tested && !t->open)
		return t->open = true;
	if (!t->again || t->apart)
		return false;
	*t = (struct pgsql_typing){ .apart = true, .open = t->open };
	return true;
}

/* What was wrong before the places went apart is what the caller wrote. */
static bool
tells_less(const struct pgsql_flow *w, enum err e)
{
	return w->typing.apart && !w->c->lost && e == ERR_SQL_ERROR;
}

enum err
pgsql_settle(struct pgsql_flow *w, bool write,
    enum err (*step)(struct pgsql_flow *w, struct fault *f), struct fault *f)
{
	struct pgsql_conn *c = w->c;
	struct fault first = { 0 };
	enum err e;

	w->typing = (struct pgsql_typing){ 0 };
	for (;;) {
		e = pgsql_begin(c, w->a, write, w->q, f);
		c->untyped = 0;
		c->unfit = false;
		if (e == ERR_OK)
			e = step(w, f);
		if (e == ERR_OK)
			return e;
		if (!w->typing.apart)
			first = *f;
		if (!adapt(w))
			break;
		c->hint_table = c->hint_column = (struct str){ 0 };
		pgsql_rollback(c);
		*f = (struct fault){ 0 };
		pgsql_watch(c, w->q->deadline, w->q->pulse);
	}
	if (tells_less(w, e)) {
		*f = first;
		e = first.code;
	}
	return e;
}
