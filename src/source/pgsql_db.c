/* SPDX-License-Identifier: ISC */
/*
 * Databases of our own on PostgreSQL: const statements over one kept
 * connection.  A statement that is used again is prepared; after a restart of
 * the server, or a failover, the connection is made anew before the next
 * statement, never in the middle of a transaction.
 */
#include <poll.h>
#include <string.h>

#include "source/pgsql_int.h"

#define KEPT        64
#define VALUES_MAX  32
#define TEXT_NUMBER 24

struct kept {
	const char *sql;  /* as it was given; its address is the key */
	const char *text; /* as the server wants it */
	bool used, prepared;
};

struct own {
	struct pgsql_conn c; /* first */
	struct kept kept[KEPT];
	size_t nkept;
	uint64_t of; /* the connection they are of */
};

struct own_values {
	int n;
	Oid types[VALUES_MAX];
	const char *v[VALUES_MAX];
	char numbers[VALUES_MAX][TEXT_NUMBER];
};

/* What a statement is to do, and what has come of it. */
struct own_flow {
	struct own *o;
	db_row *row;
	void *arg;
	int64_t changes;
	bool any, enough;
};

/* By SQLSTATE, the longer beginnings first; "lost": the connection is of no
 * use any more. */
static const struct {
	const char *begin;
	enum err code;
	bool lost;
	const char *words;
} troubles[] = {
	{ "23", ERR_CONFLICT, false, "a rule of the database forbids it" },
	{ "40", ERR_BUSY, false, "another transaction is in the way" },
	{ "55P03", ERR_BUSY, false, "another transaction is in the way" },
	{ "57014", ERR_UNAVAILABLE, true, "its server takes too long" },
	{ "53100", ERR_UNAVAILABLE, false, "the disk of its server is full" },
	{ "53", ERR_UNAVAILABLE, true, "its server is short of something" },
	{ "25006", ERR_UNAVAILABLE, true, "its server takes no writes" },
	{ "42P01", ERR_OBJECT_NOT_FOUND, false, "its tables are missing" },
	{ "42501", ERR_UNAVAILABLE, false,
	    "its account may not do what it has to" },
	{ "57P", ERR_UNAVAILABLE, true,
	    "its server is shutting down or starting" },
	{ "08", ERR_UNAVAILABLE, true, "the connection to its server broke" },
	{ "26000", ERR_UNAVAILABLE, true,
	    "the connection to its server was changed" },
};

static enum err
trouble(struct pgsql_conn *c, const PGresult *res, struct fault *f)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	fault_log(f, "%s: %s: %s", c->spec->name, state == NULL ? "" : state,
	    PQresultErrorMessage(res));
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		if (state == NULL || strncmp(state, troubles[i].begin,
					 strlen(troubles[i].begin)) != 0)
			continue;
		c->lost = c->lost || troubles[i].lost;
		return fault_set(f, troubles[i].code, "%s", troubles[i].words);
	}
	return fault_set(f, ERR_INTERNAL, "a statement of ours failed");
}

/* What the rest of the driver says, in the words of this part. */
static enum err
reworded(struct pgsql_conn *c, enum err e, struct fault *f)
{
	switch (e) {
	case ERR_SOURCE_UNREACHABLE:
		return fault_set(f, ERR_UNAVAILABLE,
		    "the connection to its server broke");
	case ERR_TIMEOUT:
	case ERR_CANCELLED:
		c->lost = true;
		f->hint[0] = '\0';
		return fault_set(f, ERR_UNAVAILABLE,
		    "its server takes too long");
	default:
		return e;
	}
}

static struct deadline
patience(const struct own *o)
{
	return deadline_in((int64_t)o->c.spec->timeout * 1000);
}

static enum err
connect_now(struct own *o, struct fault *f)
{
	struct pgsql_conn *c = &o->c;
	struct deadline d =
	    deadline_in((int64_t)c->spec->connect_timeout * 1000);
	enum err e = pgsql_connect(c, d, f);

	if (e != ERR_OK)
		f->code = e = ERR_UNAVAILABLE;
	return e;
}

/* A server that went away has said so on the socket by now. */
static bool
is_alive(struct pgsql_conn *c)
{
	struct pollfd p = { .events = POLLIN };

	if (c->h == NULL || c->lost || PQstatus(c->h) != CONNECTION_OK)
		return false;
	p.fd = PQsocket(c->h);
	while (poll(&p, 1, 0) > 0) {
		if (!PQconsumeInput(c->h) || PQstatus(c->h) != CONNECTION_OK)
			return false;
		(void)PQisBusy(c->h); /* reads what it says */
		if (c->lost)
			return false;
	}
	return true;
}

static enum err
ready(struct own *o, struct fault *f)
{
	struct pgsql_conn *c = &o->c;
	enum err e = ERR_OK;

	if (!is_alive(c)) {
		if (c->open) {
			c->lost = true;
			return fault_set(f, ERR_UNAVAILABLE,
			    "the connection to its server broke");
		}
		e = connect_now(o, f);
	}
	if (o->of != c->connected)
		for (size_t i = 0; i < o->nkept; i++)
			o->kept[i].used = o->kept[i].prepared = false;
	o->of = c->connected;
	return e;
}

/* "?1" as "$1"; no text of ours has a question mark otherwise. */
static const char *
own_text(struct arena *a, const char *sql)
{
	char *text = arena_z(a, str_of(sql));

	for (char *p = text; *p != '\0'; p++)
		if (*p == '?')
			*p = '$';
	return text;
}

/* NULL: there are more statements than are kept. */
static struct kept *
kept_of(struct own *o, const char *sql)
{
	for (size_t i = 0; i < o->nkept; i++)
		if (o->kept[i].sql == sql)
			return &o->kept[i];
	if (o->nkept == KEPT)
		return NULL;
	o->kept[o->nkept] =
	    (struct kept){ sql, own_text(o->c.arena, sql), false, false };
	return &o->kept[o->nkept++];
}

/* Whole numbers and texts, which is all that our tables hold. */
static enum err
bind(struct arena *a, const struct value *v, size_t n, struct own_values *out,
    struct fault *f)
{
	if (n > VALUES_MAX)
		return fault_set(f, ERR_INTERNAL, "a statement of ours failed");
	out->n = (int)n;
	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == VALUE_INT) {
			size_t len = buf_decimal(out->numbers[i], v[i].i);

			out->numbers[i][len] = '\0';
			out->types[i] = PG_INT8;
			out->v[i] = out->numbers[i];
		} else if (str_has(v[i].s, '\0')) {
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "a text has a zero byte in it");
		} else {
			out->types[i] = PG_TEXT;
			out->v[i] = arena_z(a, v[i].s);
		}
	}
	return ERR_OK;
}

static struct value
cell(const PGresult *res, int col)
{
	struct value v = { .kind = VALUE_TEXT, .s = pgsql_cell(res, 0, col) };
	int64_t i;

	if (PQgetisnull(res, 0, col))
		return (struct value){ .kind = VALUE_NULL };
	if (PQftype(res, col) == PG_INT8 &&
	    str_int(v.s, INT64_MIN, INT64_MAX, &i))
		return (struct value){ .kind = VALUE_INT, .i = i };
	return v;
}

static void
take_row(struct own_flow *w, const PGresult *res)
{
	struct value v[VALUES_MAX];
	int n = PQnfields(res);

	w->any = true;
	/* As long as rows come there is progress. */
	w->o->c.run.deadline = patience(w->o);
	if (w->row == NULL || w->enough || n > VALUES_MAX)
		return;
	for (int i = 0; i < n; i++)
		v[i] = cell(res, i);
	w->enough = !w->row(w->arg, v, (size_t)n);
}

static enum err
take(struct own_flow *w, PGresult *res, struct fault *f)
{
	switch (PQresultStatus(res)) {
	case PGRES_SINGLE_TUPLE:
		take_row(w, res);
		return ERR_OK;
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		if (strncmp(PQcmdStatus(res), "SELECT", 6) != 0)
			(void)str_int(str_of(PQcmdTuples(res)), 0, INT64_MAX,
			    &w->changes);
		return ERR_OK;
	default:
		return trouble(&w->o->c, res, f);
	}
}

/* All that comes of what was sent. */
static enum err
collect(struct own_flow *w, bool sent, struct fault *f)
{
	struct pgsql_conn *c = &w->o->c;
	PGresult *res = NULL;
	enum err e = ERR_OK;

	if (!sent) {
		c->lost = true;
		fault_log(f, "%s", PQerrorMessage(c->h));
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the connection broke");
	}
	while (e == ERR_OK && (e = pgsql_next(c, &res, f)) == ERR_OK &&
	       res != NULL) {
		e = take(w, res, f);
		PQclear(res);
	}
	if (e != ERR_OK)
		pgsql_drain(c);
	/* A commit whose time was over may be on one server only. */
	if (e == ERR_OK && c->run.why != ERR_OK)
		e = c->run.why;
	return e;
}

/* At its second use a statement is prepared: what is asked once costs one
 * round trip. */
static enum err
prepare(struct own *o, struct kept *k, const char *name,
    const struct own_values *b, struct fault *f)
{
	struct own_flow w = { .o = o };
	enum err e = ERR_OK;

	if (!k->prepared && k->used) {
		e = collect(&w,
		    PQsendPrepare(o->c.h, name, k->text, b->n, b->types) == 1,
		    f);
		k->prepared = e == ERR_OK;
	}
	k->used = true;
	return e;
}

static enum err
once(struct own_flow *w, struct kept *k, const struct own_values *b,
    struct fault *f)
{
	struct own *o = w->o;
	char name[32] = "s";
	int sent;
	enum err e;

	name[1 + buf_decimal(name + 1, k - o->kept)] = '\0';
	e = prepare(o, k, name, b, f);
	if (e != ERR_OK)
		return e;
	sent = k->prepared ? PQsendQueryPrepared(o->c.h, name, b->n, b->v, NULL,
				 NULL, 0)
			   : PQsendQueryParams(o->c.h, k->text, b->n, b->types,
				 b->v, NULL, NULL, 0);
	if (sent)
		(void)PQsetSingleRowMode(o->c.h);
	return collect(w, sent == 1, f);
}

static bool
is_read(const char *sql)
{
	return strncmp(sql, "SELECT", 6) == 0;
}

/* Once more, if the first try cannot have done anything. */
static enum err
try_twice(struct own_flow *w, struct kept *k, const struct own_values *b,
    struct fault *f)
{
	struct pgsql_conn *c = &w->o->c;
	enum err e = ERR_OK;

	for (int i = 0; i < 2; i++) {
		e = ready(w->o, f);
		if (e != ERR_OK)
			return e;
		pgsql_watch(c, patience(w->o), NULL);
		e = once(w, k, b, f);
		if (e == ERR_OK || !c->lost || c->run.why != ERR_OK ||
		    c->open || w->any || !is_read(k->sql))
			break;
	}
	return reworded(c, e, f);
}

static enum err
own_run(void *conn, const char *sql, const struct value *v, size_t n,
    db_row *row, void *arg, int64_t *changes, struct fault *f)
{
	struct own *o = conn;
	struct own_flow w = { .o = o, .row = row, .arg = arg };
	struct kept *k = kept_of(o, sql);
	struct arena *a;
	struct own_values b;
	enum err e;

	if (k == NULL)
		return fault_set(f, ERR_INTERNAL, "a statement of ours failed");
	a = arena_new((size_t)1 << 20);
	e = bind(a, v, n, &b, f);
	if (e == ERR_OK)
		e = try_twice(&w, k, &b, f);
	arena_free(a);
	if (changes != NULL)
		*changes = w.changes;
	return e;
}

static enum err
own_script(void *conn, const char *sql, struct fault *f)
{
	struct own *o = conn;
	struct own_flow w = { .o = o };
	enum err e = ready(o, f);

	if (e != ERR_OK)
		return e;
	pgsql_watch(&o->c, patience(o), NULL);
	e = collect(&w, PQsendQuery(o->c.h, sql) == 1, f);
	o->c.open = !o->c.lost && PQtransactionStatus(o->c.h) != PQTRANS_IDLE;
	return reworded(&o->c, e, f);
}

static enum err
own_open(const struct conf *conf, const struct conf_source *spec, void **conn,
    struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct own *o = arena_zero(a, 1, sizeof(*o));
	enum err e;

	*conn = NULL;
	o->c.conf = conf;
	o->c.spec = spec;
	o->c.arena = a;
	o->c.own = true;
	e = connect_now(o, f);
	if (e != ERR_OK) {
		pgsql_close(o);
		return e;
	}
	*conn = o;
	return ERR_OK;
}

const struct driver_db pgsql_db = {
	.open = own_open,
	.close = pgsql_close,
	.run = own_run,
	.script = own_script,
};
