/* SPDX-License-Identifier: ISC */
/* validate_sql: says what a statement is, without running it. */
#include "tool/sql_int.h"

/* Takes the columns of a prepared statement, no rows. */
struct head_sink {
	struct row_sink sink;
	struct arena *arena;
	struct column *columns;
	size_t n;
};

static bool
head_cols(struct row_sink *to, const struct column *c, size_t n)
{
	struct head_sink *h =
	    (struct head_sink *)((char *)to - offsetof(struct head_sink, sink));

	h->columns = arena_zero(h->arena, n + 1, sizeof(*h->columns));
	for (size_t i = 0; i < n; i++) {
		h->columns[i].name = arena_dup(h->arena, c[i].name);
		h->columns[i].type_name = arena_dup(h->arena, c[i].type_name);
	}
	h->n = n;
	return true;
}

static bool
head_row(struct row_sink *to, const struct value *v, size_t n)
{
	(void)to;
	(void)v;
	(void)n;
	return false;
}

/* The check could not be made; all else is the statement's own fault. */
static bool
check_failed(enum err e)
{
	static const enum err codes[] = { ERR_SOURCE_NOT_FOUND, ERR_TIMEOUT,
		ERR_CANCELLED, ERR_BUSY, ERR_SOURCE_UNREACHABLE,
		ERR_SOURCE_AUTH_FAILED, ERR_STORE_UNAVAILABLE, ERR_INTERNAL };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (e == codes[i])
			return true;
	return e < ERR_INVALID_ARGUMENT;
}

static void
columns_write(struct json_out *out, const struct head_sink *h)
{
	json_arr(out, "columns");
	for (size_t i = 0; i < h->n; i++) {
		json_obj(out, NULL);
		json_str(out, "name", h->columns[i].name.p,
		    h->columns[i].name.len);
		json_str(out, "type", h->columns[i].type_name.p,
		    h->columns[i].type_name.len);
		json_end(out);
	}
	json_end(out);
}

static void
tables_write(struct json_out *out, const struct gate *g)
{
	json_arr(out, "tables");
	for (size_t i = 0; i < g->ntables; i++)
		json_str(out, NULL, g->tables[i].p, g->tables[i].len);
	json_end(out);
}

/* A statement may be right and still not be this token's to run. */
static void
missing_notice(struct sql_job *j)
{
	unsigned need = sql_class_verbs(j->gate.class);
	unsigned missing = need & ~j->ask.verbs;
	struct arena *a = j->run->call->arena;
	struct str words;

	if (need == 0) {
		answer_notice(j->run,
		    arena_fmt(a, "%s statements are never run here",
			sql_class_name(j->gate.class)));
		return;
	}
	if (missing == 0)
		return;
	words = verbs_text(a, missing);
	answer_notice(j->run,
	    arena_fmt(a, "this token may not run it: %.*s is missing",
		(int)words.len, words.p));
}

static void
fault_write(struct json_out *out, const struct fault *f)
{
	json_z(out, "error", f->msg);
	if (f->position > 0)
		json_int(out, "position", f->position);
	if (f->hint[0] != '\0')
		json_z(out, "hint", f->hint);
}

static enum err
verdict_write(struct sql_job *j, const struct head_sink *h, bool read,
    enum err e, struct fault *f)
{
	struct run *r = j->run;
	struct json_out *out = &r->out;

	answer_begin(r, (int64_t)j->ask.text.len * 8);
	json_bool(out, "valid", e == ERR_OK);
	json_str(out, "statement", j->whole.p, j->whole.len);
	if (read) {
		json_z(out, "class", sql_class_name(j->gate.class));
		tables_write(out, &j->gate);
	}
	if (e == ERR_OK)
		columns_write(out, h);
	else
		fault_write(out, f);
	if (read && e == ERR_OK)
		missing_notice(j);
	answer_tail(r, &(struct rows_out){ .cut = ROWS_WHOLE }, false,
	    (struct str){ NULL, 0 });
	return answer_end(r, f);
}

enum err
op_validate(struct run *r, const void *args, struct fault *f)
{
	const struct op_args *a = args;
	struct head_sink head = { { head_cols, head_row, NULL }, r->call->arena,
		NULL, 0 };
	struct str text = a->query;
	struct fault scratch = { 0 };
	struct sql_job j;
	int source;
	bool read;
	enum err e = source_place(r, "catalog", a->catalog, &text, &source, f);

	if (e != ERR_OK)
		return e;
	job_init(&j, r, source, text, NULL);
	e = job_check(&j, "statement", f);
	if (e != ERR_OK)
		return e;
	job_limits(&j, 0, 0);
	j.whole = a->query;
	j.ask.schema = a->schema;
	j.ask.describe = true;
	j.ask.any_class = true;
	j.ask.classes = ~0u;
	read = gate_read(r->call->arena,
		   source_engine(r->call->sources, source)->dialect, text, NULL,
		   NULL, &j.gate, &scratch) == ERR_OK;
	e = job_run(&j, &head.sink, f);
	e = job_finish(&j, e, f);
	if (e != ERR_OK && check_failed(e))
		return e;
	return verdict_write(&j, &head, read, e, f);
}
