/* SPDX-License-Identifier: ISC */
/*
 * Procedures and functions of the database: found in pg_proc, called with
 * named values of their own types, read back as result sets and out values.
 */
#include "source/pgsql_int.h"

#define ARGS_MAX    100
#define CURSORS_MAX 16

enum {
	PROC_OID,
	PROC_SCHEMA,
	PROC_NAME,
	PROC_KIND,
	PROC_SET,
	PROC_NEEDED, /* inputs without a default */
	PROC_MODE,
	PROC_ARG, /* empty: it has no name */
	PROC_TYPE,
	PROC_TYPE_NAME,
	PROC_RETURNS
};

/* One row per argument, at least one per procedure. */
static const char find_sql[] =
    "SELECT p.oid, n.nspname, p.proname, p.prokind, p.proretset, p.pronargs - p.pronargdefaults, coalesce(p.proargmodes[u.i]::pg_catalog.text, CASE WHEN u.i IS NOT NULL THEN 'i' END), p.proargnames[u.i], u.type, pg_catalog.format_type(u.type, NULL), p.prorettype FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace LEFT JOIN LATERAL pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::pg_catalog.oid[])) WITH ORDINALITY AS u (type, i) ON true WHERE p.prokind IN ('p', 'f') AND p.oid >= 16384 AND p.prorettype NOT IN (2279, 3838) AND ($3 = 'f' AND p.proname = $1 OR $3 <> 'f' AND pg_catalog.lower(p.proname) = pg_catalog.lower($1)) AND CASE WHEN $2 = '' THEN pg_catalog.pg_function_is_visible(p.oid) ELSE n.nspname = $2 OR $3 <> 'f' AND pg_catalog.lower(n.nspname) = pg_catalog.lower($2) END ORDER BY p.oid, u.i";

struct arg {
	struct str name, type;
	Oid oid;
	char mode; /* i, o, b, v, t */
	const struct param *value;
};

struct calling {
	struct pgsql_flow w;
	const PGresult *found;
	struct arg args[ARGS_MAX];
	size_t n;
	struct str schema, name;
	bool is_procedure, is_set;
	struct str cursors[CURSORS_MAX];
	size_t ncursors;
};

/* "Did you mean", of those that need no schema before them. */
static enum err
no_procedure(struct calling *k, struct str name, struct fault *f)
{
	struct near near = { .arena = k->w.a, .wanted = name };
	PGresult *res = NULL;

	if (pgsql_ask(k->w.c, k->w.a,
		"SELECT DISTINCT p.proname FROM pg_catalog.pg_proc p WHERE p.prokind IN ('p', 'f') AND p.oid >= 16384 AND p.prorettype NOT IN (2279, 3838) AND pg_catalog.pg_function_is_visible(p.oid) AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') LIMIT 1000",
		NULL, 0, &res, f) != ERR_OK)
		return f->code;
	for (int i = 0; i < PQntuples(res); i++)
		near_offer(&near, pgsql_cell(res, i, 0));
	near_say(&near, "The closest procedures are", f);
	return fault_set(f, ERR_PROCEDURE_NOT_FOUND,
	    "there is no procedure '%.*s'", (int)name.len, name.p);
}

static enum err
find(struct calling *k, struct fault *f)
{
	struct arena *a = k->w.a;
	struct str name = k->w.q->procedure;
	const char *args[3] = { arena_z(a, name), arena_z(a, k->w.q->schema) };
	PGresult *res = NULL;
	enum err e = ERR_OK;

	for (int i = 0; i < 2 && e == ERR_OK; i++) {
		args[2] = i == 0 ? "f" : "t";
		e = pgsql_ask(k->w.c, a, find_sql, args, 3, &res, f);
		if (e == ERR_OK && PQntuples(res) > 0)
			break;
	}
	k->found = res;
	if (e == ERR_OK && PQntuples(res) == 0)
		return no_procedure(k, name, f);
	return e;
}

static bool
is_input(const struct arg *g)
{
	return g->mode == 'i' || g->mode == 'b';
}

/* By name, by "$2" or by "2". */
static const struct param *
value_of(const struct sql *q, const struct arg *g, size_t at)
{
	int64_t n;

	for (size_t i = 0; i < q->nparams; i++) {
		struct str name = q->params[i].name;

		if (g->name.len != 0
			? str_ieq(name, g->name)
			: str_int(name, 1, ARGS_MAX, &n) && (size_t)n == at + 1)
			return &q->params[i];
	}
	return NULL;
}

static int
behind(const PGresult *res, int row)
{
	int end = row;

	while (end < PQntuples(res) && str_eq(pgsql_cell(res, row, PROC_OID),
					   pgsql_cell(res, end, PROC_OID)))
		end++;
	return end;
}

/* Take the procedure at "row" if the values are its arguments. */
static bool
fits(struct calling *k, int row, int end)
{
	const PGresult *r = k->found;
	size_t used = 0, inputs = 0;
	int64_t needed = 0;

	k->n = 0;
	(void)str_int(pgsql_cell(r, row, PROC_NEEDED), 0, ARGS_MAX, &needed);
	for (int i = row; i < end && k->n < ARGS_MAX; i++) {
		struct arg *g = &k->args[k->n];

		if (pgsql_cell(r, i, PROC_MODE).len == 0)
			continue;
		*g = (struct arg){ .name = pgsql_cell(r, i, PROC_ARG),
			.type = pgsql_cell(r, i, PROC_TYPE_NAME),
			.oid = pgsql_oid(r, i, PROC_TYPE),
			.mode = pgsql_letter(r, i, PROC_MODE) };
		if (is_input(g))
			g->value = value_of(k->w.q, g, k->n);
		used += g->value != NULL;
		if (is_input(g) && (int64_t)inputs++ < needed &&
		    g->value == NULL)
			return false;
		k->n++;
	}
	return used == k->w.q->nparams;
}

/* What was wanted, for the hint. */
static enum err
no_fit(struct calling *k, struct fault *f)
{
	struct buf b;
	int end = behind(k->found, 0);

	buf_init(&b, k->w.a, FAULT_MSG);
	for (int i = 0; i < end; i++) {
		struct str mode = pgsql_cell(k->found, i, PROC_MODE),
			   name = pgsql_cell(k->found, i, PROC_ARG),
			   type = pgsql_cell(k->found, i, PROC_TYPE_NAME);

		if (mode.len == 0 || (mode.p[0] != 'i' && mode.p[0] != 'b'))
			continue;
		buf_str(&b, b.len == 0 ? STR("") : STR(", "));
		if (name.len != 0)
			buf_fmt(&b, "@%.*s ", (int)name.len, name.p);
		else
			buf_fmt(&b, "@%d ", i + 1);
		buf_str(&b, type);
	}
	fault_hint(f, "It takes %.*s", b.len == 0 ? 4 : (int)b.len,
	    b.len == 0 ? "none" : b.p);
	return fault_set(f, ERR_INVALID_ARGUMENT,
	    "the values do not fit the procedure's parameters");
}

static enum err
choose(struct calling *k, struct fault *f)
{
	const PGresult *r = k->found;

	for (int row = 0, end; row < PQntuples(r); row = end) {
		end = behind(r, row);
		if (!fits(k, row, end))
			continue;
		k->schema = pgsql_cell(r, row, PROC_SCHEMA);
		k->name = pgsql_cell(r, row, PROC_NAME);
		k->is_procedure = pgsql_letter(r, row, PROC_KIND) == 'p';
		k->is_set = pgsql_letter(r, row, PROC_SET) == 't';
		return ERR_OK;
	}
	return no_fit(k, f);
}

/* The call, its values as $1, $2 … of the arguments' own types. */
static void
put_call(struct calling *k, struct pgsql_text *t)
{
	struct param *p = arena_zero(k->w.a, k->n + 1, sizeof(*p));
	struct arena *a = k->w.a;
	struct buf b;
	size_t n = 0, put = 0;

	buf_init(&b, a, (size_t)1 << 20);
	buf_str(&b, k->is_procedure ? STR("CALL ") : STR("SELECT * FROM "));
	buf_str(&b, pgsql_quote(a, k->schema));
	buf_char(&b, '.');
	buf_str(&b, pgsql_quote(a, k->name));
	buf_char(&b, '(');
	for (size_t i = 0; i < k->n; i++) {
		const struct arg *g = &k->args[i];
		bool out = k->is_procedure && g->mode == 'o';

		if (g->value == NULL && !out)
			continue;
		buf_str(&b, put++ == 0 ? STR("") : STR(", "));
		if (g->name.len != 0) {
			buf_str(&b, pgsql_quote(a, g->name));
			buf_lit(&b, " => ");
		}
		if (out) {
			buf_fmt(&b, "NULL::%.*s", (int)g->type.len, g->type.p);
			continue;
		}
		p[n] = *g->value;
		buf_fmt(&b, "$%d::%.*s", (int)++n, (int)g->type.len, g->type.p);
	}
	buf_lit(&b, ")");
	buf_char(&b, '\0');
	*t = (struct pgsql_text){ .sql = b.p, .q = k->w.q };
	pgsql_bind(a, p, n, t);
	for (int i = 0; i < t->n; i++)
		if (t->formats[i] == 0)
			t->types[i] = 0;
}

static void
note_cursor(struct calling *k, Oid type, const struct value *v)
{
	if (type == PG_REFCURSOR && v->kind == VALUE_TEXT &&
	    k->ncursors < CURSORS_MAX)
		k->cursors[k->ncursors++] = arena_dup(k->w.a, v->s);
}

/* The one row of a procedure: its out values, in the order of its arguments. */
static void
send_outs(struct calling *k, const PGresult *res)
{
	struct param_out *outs = arena_zero(k->w.a, k->n + 2, sizeof(*outs));
	size_t n = 0;

	for (int col = 0; col < PQnfields(res) && PQntuples(res) > 0; col++) {
		struct str name = str_of(PQfname(res, col));
		bool both = false;

		for (size_t i = 0; i < k->n; i++)
			both = both || (k->args[i].mode == 'b' &&
					   str_eq(k->args[i].name, name));
		outs[n] = (struct param_out){ .name = name,
			.type = pgsql_data_type(PQftype(res, col)),
			.value =
			    pgsql_value(k->w.a, PQftype(res, col), res, 0, col),
			.direction = both ? 2 : 4 };
		note_cursor(k, PQftype(res, col), &outs[n].value);
		n++;
		if (n > k->n)
			break;
	}
	if (k->w.to->out != NULL && n > 0)
		k->w.to->out(k->w.to, outs, n);
}

static bool
has_outs(const struct calling *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->args[i].mode == 'o' || k->args[i].mode == 'b')
			return true;
	return false;
}

static void
send_return(struct calling *k, const PGresult *res)
{
	struct param_out p = { .name = STR("return_value"), .direction = 5 };

	if (PQntuples(res) != 1 || PQnfields(res) != 1)
		return;
	p.type = pgsql_data_type(PQftype(res, 0));
	p.value = pgsql_value(k->w.a, PQftype(res, 0), res, 0, 0);
	if (k->w.to->out != NULL)
		k->w.to->out(k->w.to, &p, 1);
}

/* A function's rows; refcursors among them are result sets of their own. */
static enum err
send_rows(struct calling *k, const PGresult *res, struct fault *f)
{
	enum err e = ERR_OK;

	for (int col = 0; col < PQnfields(res); col++)
		for (int r = 0; r < PQntuples(res); r++) {
			struct value v =
			    pgsql_value(k->w.a, PQftype(res, col), res, r, col);

			note_cursor(k, PQftype(res, col), &v);
		}
	if (k->ncursors > 0 && PQnfields(res) == 1)
		return ERR_OK;
	e = pgsql_flow_columns(&k->w, res, f);
	if (e == ERR_OK && !k->w.ended)
		(void)pgsql_flow_rows(&k->w, res);
	return e;
}

static enum err
send_cursors(struct calling *k, struct fault *f)
{
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < k->ncursors; i++) {
		PGresult *res;

		e = pgsql_ask(k->w.c, k->w.a,
		    arena_fmt(k->w.a, "FETCH FORWARD %lld IN %s",
			(long long)k->w.q->max_rows + 1,
			pgsql_quote(k->w.a, k->cursors[i]).p)
			.p,
		    NULL, 0, &res, f);
		k->w.sent = 0;
		k->w.ended = false;
		if (e == ERR_OK)
			e = pgsql_flow_columns(&k->w, res, f);
		if (e == ERR_OK && !k->w.ended)
			(void)pgsql_flow_rows(&k->w, res);
	}
	return e;
}

static enum err
run(struct calling *k, struct fault *f)
{
	struct pgsql_text t;
	PGresult *res;
	enum err e = find(k, f);

	if (e == ERR_OK)
		e = choose(k, f);
	if (e != ERR_OK)
		return e;
	put_call(k, &t);
	e = pgsql_send(k->w.c, k->w.a, &t, &res, f);
	if (e != ERR_OK)
		return e;
	if (k->is_procedure || (has_outs(k) && !k->is_set)) {
		send_outs(k, res);
	} else {
		e = send_rows(k, res, f);
		if (e == ERR_OK && !k->is_set)
			send_return(k, res);
	}
	return e == ERR_OK ? send_cursors(k, f) : e;
}

enum err
pgsql_call(void *conn, struct arena *a, const struct sql *q,
    struct row_sink *to, struct sql_done *done, struct fault *f)
{
	struct pgsql_conn *c = conn;
	struct calling *k = arena_zero(a, 1, sizeof(*k));
	enum err e;

	*done = (struct sql_done){ .affected = -1 };
	k->w = (struct pgsql_flow){ .c = c,
		.a = a,
		.q = q,
		.to = to,
		.done = done };
	pgsql_watch(c, q->deadline, q->pulse);
	if (c->rules)
		return rules_no_procedures(f);
	e = pgsql_begin(c, a, true, q, f);
	if (e == ERR_OK)
		e = run(k, f);
	arena_free(k->w.row);
	if (e == ERR_OK && PQtransactionStatus(c->h) != PQTRANS_INTRANS) {
		c->lost = true;
		e = fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "the procedure left its transaction");
	}
	c->writing = e == ERR_OK && !q->dry_run;
	done->rolled_back = !c->writing;
	if (!c->writing)
		pgsql_rollback(c);
	return e;
}
