/* SPDX-License-Identifier: ISC */
/*
 * Procedures and functions of the database: found in information_schema,
 * called with named values, read back as result sets and out values.  They run
 * inside of XA, where the server lets nothing end the transaction.
 */
#include "source/mariadb_int.h"

#define ARGS_MAX 100

enum { PROC_SCHEMA, PROC_NAME, PROC_TYPE, PROC_MODE, PROC_ARG, PROC_FULL };

/* One row per parameter, at least one per procedure. */
static const char find_sql[] =
    "SELECT r.ROUTINE_SCHEMA, r.ROUTINE_NAME, r.ROUTINE_TYPE, p.PARAMETER_MODE, p.PARAMETER_NAME, p.DTD_IDENTIFIER FROM information_schema.ROUTINES r LEFT JOIN information_schema.PARAMETERS p ON p.SPECIFIC_SCHEMA = r.ROUTINE_SCHEMA AND p.SPECIFIC_NAME = r.ROUTINE_NAME AND p.ROUTINE_TYPE = r.ROUTINE_TYPE AND p.ORDINAL_POSITION > 0 WHERE r.ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION') AND r.ROUTINE_NAME = ? AND r.ROUTINE_SCHEMA = DATABASE() ORDER BY r.ROUTINE_TYPE DESC, p.ORDINAL_POSITION";

struct arg {
	struct str name, type;
	bool in, out;
	const struct param *value;
};

struct calling {
	struct mariadb_flow w;
	struct mariadb_rows found;
	struct arg args[ARGS_MAX];
	MYSQL_BIND binds[ARGS_MAX];
	size_t n;
	struct str schema, name;
	bool is_procedure;
};

static enum err
no_procedure(struct calling *k, struct fault *f)
{
	struct str name = k->w.q->procedure;
	struct near near = { .arena = k->w.a, .wanted = name };
	struct mariadb_rows r;
	enum err e = mariadb_ask(k->w.c, k->w.a,
	    "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION') AND ROUTINE_SCHEMA = DATABASE() LIMIT 1000",
	    NULL, 0, &r, f);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < r.rows; i++)
		near_offer(&near, mariadb_cell(&r, i, 0));
	near_say(&near, "The closest procedures are", f);
	return fault_set(f, ERR_PROCEDURE_NOT_FOUND,
	    "there is no procedure '%.*s'", (int)name.len, name.p);
}

static const struct param *
value_of(const struct sql *q, struct str name)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_ieq(q->params[i].name, name))
			return &q->params[i];
	return NULL;
}

static size_t
behind(const struct mariadb_rows *r, size_t row)
{
	size_t end = row;

	while (end < r->rows && str_eq(mariadb_cell(r, row, PROC_TYPE),
				    mariadb_cell(r, end, PROC_TYPE)))
		end++;
	return end;
}

/* Take the procedure at "row" if the values are its parameters. */
static bool
fits(struct calling *k, size_t row, size_t end)
{
	const struct mariadb_rows *r = &k->found;
	size_t used = 0;

	k->n = 0;
	for (size_t i = row; i < end && k->n < ARGS_MAX; i++) {
		struct str mode = mariadb_cell(r, i, PROC_MODE);
		struct arg *g = &k->args[k->n];

		if (mode.len == 0)
			continue;
		*g = (struct arg){ .name = mariadb_cell(r, i, PROC_ARG),
			.type = mariadb_cell(r, i, PROC_FULL),
			.in = !str_eq(mode, STR("OUT")),
			.out = !str_eq(mode, STR("IN")) };
		if (g->in) {
			g->value = value_of(k->w.q, g->name);
			if (g->value == NULL)
				return false;
			used++;
		}
		k->n++;
	}
	return used == k->w.q->nparams;
}

/* What was wanted, for the hint. */
static enum err
no_fit(struct calling *k, struct fault *f)
{
	const struct mariadb_rows *r = &k->found;
	struct buf b;

	buf_init(&b, k->w.a, FAULT_MSG);
	for (size_t i = 0; i < behind(r, 0); i++) {
		struct str mode = mariadb_cell(r, i, PROC_MODE),
			   name = mariadb_cell(r, i, PROC_ARG),
			   type = mariadb_cell(r, i, PROC_FULL);

		if (mode.len == 0 || str_eq(mode, STR("OUT")))
			continue;
		buf_fmt(&b, "%s@%.*s %.*s", b.len == 0 ? "" : ", ",
		    (int)name.len, name.p, (int)type.len, type.p);
	}
	fault_hint(f, "It takes %.*s", b.len == 0 ? 4 : (int)b.len,
	    b.len == 0 ? "none" : b.p);
	return fault_set(f, ERR_INVALID_ARGUMENT,
	    "the values do not fit the procedure's parameters");
}

static enum err
choose(struct calling *k, struct fault *f)
{
	const struct mariadb_rows *r = &k->found;
	enum err e = mariadb_ask(k->w.c, k->w.a, find_sql, &k->w.q->procedure,
	    1, &k->found, f);

	if (e != ERR_OK)
		return e;
	if (r->rows == 0)
		return no_procedure(k, f);
	for (size_t row = 0, end; row < r->rows; row = end) {
		end = behind(r, row);
		if (!fits(k, row, end))
			continue;
		k->schema = mariadb_cell(r, row, PROC_SCHEMA);
		k->name = mariadb_cell(r, row, PROC_NAME);
		k->is_procedure =
		    str_eq(mariadb_cell(r, row, PROC_TYPE), STR("PROCEDURE"));
		return ERR_OK;
	}
	return no_fit(k, f);
}

static void
bind(struct arena *a, const struct arg *g, MYSQL_BIND *to)
{
	struct value v = { .kind = VALUE_NULL };

	if (g->in)
		v = g->value->value;
	if (g->in && (g->value->type == DT_TIMESTAMP ||
			 str_starts(g->type, STR("datetime")) ||
			 str_starts(g->type, STR("timestamp"))))
		v = mariadb_moment(a, &v);
	mariadb_bind(a, &v, to);
}

static enum err
prepare(struct calling *k, struct fault *f)
{
	struct arena *a = k->w.a;
	struct str marks = k->n == 0 ? STR("()") : mariadb_marks(a, k->n);
	struct str sql = arena_fmt(a, "%s %s.%s%s%s%s",
	    k->is_procedure ? "CALL" : "SELECT", mariadb_quote(a, k->schema).p,
	    mariadb_quote(a, k->name).p, marks.p, k->is_procedure ? "" : " AS ",
	    k->is_procedure ? "" : mariadb_quote(a, k->name).p);

	for (size_t i = 0; i < k->n; i++)
		bind(a, &k->args[i], &k->binds[i]);
	k->w.st = mysql_stmt_init(k->w.c->h);
	if (k->w.st == NULL)
		return fault_set(f, ERR_INTERNAL, "no memory for a statement");
	if (mariadb_prepare(k->w.c, k->w.st, sql.p, sql.len) != 0 ||
	    (k->n > 0 && mysql_stmt_bind_param(k->w.st, k->binds) != 0) ||
	    mariadb_execute(k->w.c, k->w.st) != 0)
		return mariadb_fault(k->w.c, k->w.st, NULL, f);
	return ERR_OK;
}

/* The one row of out values comes last, in the order of the parameters; a
 * function's value is the one of its row. */
struct outs_sink {
	struct row_sink sink;
	struct calling *k;
	const struct column *c;
};

static bool
out_columns(struct row_sink *to, const struct column *c, size_t n)
{
	(void)n;
	((struct outs_sink *)to)->c = c; /* in the arena of the call */
	return true;
}

static bool
out_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct calling *k = ((struct outs_sink *)to)->k;
	const struct column *c = ((struct outs_sink *)to)->c;
	struct param_out *outs = arena_zero(k->w.a, n + 1, sizeof(*outs));
	size_t m = 0;

	for (size_t i = 0; i < k->n && m < n; i++) {
		if (!k->args[i].out)
			continue;
		outs[m] = (struct param_out){ .name = k->args[i].name,
			.value = v[m],
			.type = c[m].type,
			.direction = k->args[i].in ? 2 : 4 };
		m++;
	}
	if (k->w.to->out != NULL && m > 0)
		k->w.to->out(k->w.to, outs, m);
	return true;
}

static enum err
send_outs(struct calling *k, struct fault *f)
{
	struct outs_sink outs = { { out_columns, out_row, NULL }, k, NULL };
	struct sql q = { .max_rows = 1 };
	struct sql_done ignored = { 0 };
	struct mariadb_flow w = k->w;
	enum err e;

	w.to = &outs.sink;
	w.q = &q;
	w.done = &ignored;
	w.row = NULL;
	w.seen = w.sent = 0;
	e = mariadb_flow_columns(&w, f);
	if (e == ERR_OK)
		e = mariadb_flow_rows(&w, false, f);
	arena_free(w.row);
	return e;
}

/* A function's row, and its value as what it returns. */
struct return_sink {
	struct row_sink sink;
	struct row_sink *to;
	enum data_type type;
};

static bool
pass_columns(struct row_sink *to, const struct column *c, size_t n)
{
	struct return_sink *back = (struct return_sink *)to;

	back->type = c[0].type;
	return back->to->cols(back->to, c, n);
}

static bool
return_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct row_sink *out = ((struct return_sink *)to)->to;
	struct param_out p = { .name = STR("return_value"),
		.value = v[0],
		.type = ((struct return_sink *)to)->type,
		.direction = 5 };

	if (out->out != NULL)
		out->out(out, &p, 1);
	return out->row(out, v, n);
}

static enum err
one_set(struct calling *k, struct fault *f)
{
	enum err e;

	if (mysql_stmt_field_count(k->w.st) == 0)
		return ERR_OK;
	if ((k->w.c->h->server_status & SERVER_PS_OUT_PARAMS) != 0)
		return send_outs(k, f);
	k->w.seen = k->w.sent = k->w.bytes = 0;
	k->w.ended = false;
	e = mariadb_flow_columns(&k->w, f);
	return e == ERR_OK ? mariadb_flow_rows(&k->w, false, f) : e;
}

static enum err
run(struct calling *k, struct fault *f)
{
	struct return_sink back = { { pass_columns, return_row, NULL }, k->w.to,
		DT_UNKNOWN };
	enum err e = choose(k, f);
	int more = 0;

	if (e == ERR_OK)
		e = prepare(k, f);
	if (e == ERR_OK && !k->is_procedure)
		k->w.to = &back.sink;
	while (e == ERR_OK && more == 0) {
		e = one_set(k, f);
		more = e == ERR_OK ? mariadb_next(k->w.c, k->w.st) : -1;
	}
	k->w.to = back.to;
	return more > 0 ? mariadb_fault(k->w.c, k->w.st, NULL, f) : e;
}

enum err
mariadb_call(void *conn, struct arena *a, const struct sql *q,
    struct row_sink *to, struct sql_done *done, struct fault *f)
{
	struct mariadb_conn *c = conn;
	struct calling *k = arena_zero(a, 1, sizeof(*k));
	enum err e;

	*done = (struct sql_done){ .affected = -1 };
	k->w = (struct mariadb_flow){ .c = c,
		.a = a,
		.q = q,
		.to = to,
		.done = done };
	mariadb_watch(c, q->deadline, q->pulse);
	if (c->rules)
		return rules_no_procedures(f);
	e = mariadb_begin(c, a, TURN_CALL, q, f);
	if (e == ERR_OK)
		e = run(k, f);
	mariadb_stmt_close(c, k->w.st);
	arena_free(k->w.row);
	if (e == ERR_OK &&
	    (c->h->server_status & SERVER_STATUS_IN_TRANS) == 0) {
		c->lost = true;
		e = fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "the procedure left its transaction");
	}
	c->writing = e == ERR_OK && !q->dry_run;
	done->rolled_back = !c->writing;
	if (!c->writing)
		mariadb_rollback(c);
	return e;
}
