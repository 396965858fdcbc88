/* SPDX-License-Identifier: ISC */
/*
 * A statement on its way: limits, the audit line before it, the guard and the
 * pulse around it, the commit behind it.
 */
#include "base/clock.h"
#include "tool/sql_int.h"

/* Values go into the keyed hash only, each with its name and kind. */
static struct str
params_text(struct arena *a, const struct param *p, size_t n)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, a, 8 << 20);
	json_out_init(&out, &b, NULL);
	json_arr(&out, NULL);
	for (size_t i = 0; i < n; i++) {
		json_str(&out, NULL, p[i].name.p, p[i].name.len);
		json_int(&out, NULL, p[i].value.kind);
		rows_value(&out, NULL, &p[i].value, 0);
	}
	json_end(&out);
	return buf_text(&b);
}

static bool
job_beat(void *arg, int64_t elapsed_ms)
{
	struct run *r = ((struct sql_job *)arg)->run;
	struct tool_events *e = r->call->events;
	int64_t s = elapsed_ms / 1000;

	if (e == NULL)
		return true;
	if (s > r->progress_s && e->progress != NULL) {
		r->progress_s = s;
		return e->progress(e, (double)s, 0,
		    arena_fmt(r->call->arena, "running for %lld s",
			(long long)s));
	}
	return e->alive == NULL || e->alive(e);
}

void
job_init(struct sql_job *j, struct run *r, int source, struct str text,
    const struct arg_map *params)
{
	const struct conf_source *conf = &r->call->conf->sources[source];

	*j = (struct sql_job){
		.run = r,
		.source = source,
		.pulse = { job_beat, j },
		.ask = {
			.text = text,
			.params = params == NULL ? NULL : params->v,
			.nparams = params == NULL ? 0 : params->n,
			.verbs = auth_verbs(r->call->who, r->call->conf, source),
			.max_affected = conf->max_affected,
		},
	};
	j->ask.pulse = r->call->events == NULL ? NULL : &j->pulse;
}

static int64_t
lowered(struct run *r, const char *name, int64_t asked, int64_t limit)
{
	if (asked == 0 || asked == limit)
		return limit;
	if (asked < limit)
		return asked;
	answer_notice(r,
	    arena_fmt(r->call->arena, "%s lowered to %lld, the limit here",
		name, (long long)limit));
	return limit;
}

void
job_limits(struct sql_job *j, int64_t timeout_s, int64_t max_rows)
{
	struct run *r = j->run;
	const struct conf_source *conf = &r->call->conf->sources[j->source];

	j->ask.max_rows = lowered(r, "maxRows", max_rows,
	    sight_max_rows(&r->sight, j->source));
	j->timeout_s = lowered(r, "timeout", timeout_s, conf->timeout);
}

enum err
job_check(const struct sql_job *j, const char *field, struct fault *f)
{
	int64_t max = j->run->call->conf->sources[j->source].max_sql;

	int64_t most = j->run->call->conf->limits.params;

	if (j->ask.text.len > (uint64_t)max)
		return arg_too_long(f, field, max);
	if (j->ask.nparams > (uint64_t)most)
		return arg_too_many(f, "parameters", most);
	return ERR_OK;
}

struct cursor_of
job_hash(const struct sql_job *j)
{
	struct tool_call *c = j->run->call;
	struct cursor_of of;
	struct str parts[4] = {
		j->whole,
		params_text(c->arena, j->ask.params, j->ask.nparams),
		str_of(c->conf->sources[j->source].name),
		j->ask.schema,
	};

	cursor_hash(&of, parts, 4);
	return of;
}

enum err
job_resume(struct sql_job *j, struct fault *f)
{
	struct cursor_of of;

	if (j->cursor.p == NULL)
		return ERR_OK;
	of = job_hash(j);
	return cursor_open(j->run, &of, j->cursor, &j->ask.skip, f);
}

/* Told what will run: the audit line is on disk before the engine sees it. */
static enum err
job_begin(void *arg, const struct gate *g, struct fault *f)
{
	struct sql_job *j = arg;
	struct attempt *t = j->run->call->attempt;
	enum err e = confirm_begin(j, g, f);

	if (e != ERR_OK)
		return e;
	j->rows.drain = g->class != SQL_SELECT && g->class != SQL_EXPLAIN;
	if (j->ask.nparams > 0)
		attempt_params(t, j->run->call->arena,
		    params_text(j->run->call->arena, j->ask.params,
			j->ask.nparams));
	if (t->put == NULL || t->put(t, "begin", f) == ERR_OK || !t->required)
		return ERR_OK;
	return fault_set(f, ERR_UNAVAILABLE,
	    "the audit cannot be written, so nothing was run");
}

enum err
run_charge(const struct run *r, int source, struct fault *f)
{
	const struct tool_call *c = r->call;

	return c->charge == NULL ? ERR_OK : c->charge(c->charge_arg, source, f);
}

enum err
job_run(struct sql_job *j, struct row_sink *to, struct fault *f)
{
	struct tool_call *c = j->run->call;
	int64_t ms = j->timeout_s * 1000;
	enum err e = run_charge(j->run, j->source, f);

	if (e == ERR_OK)
		e = tool_enter(c, f);
	if (e != ERR_OK)
		return e;
	c->attempt->source = str_of(c->conf->sources[j->source].name);
	c->attempt->sql = j->whole.p != NULL ? j->whole : j->ask.text;
	j->ask.begin = job_begin;
	j->ask.begin_arg = j;
	j->ask.deadline = deadline_in(ms);
	if (c->guard != NULL)
		c->guard->arm(c->guard,
		    ms + 1000 * (int64_t)c->conf->limits.hard_extra);
	e = source_run(c->sources, j->source, c->arena, &j->ask, &j->gate, to,
	    &j->done, f);
	if (c->guard != NULL)
		c->guard->disarm(c->guard);
	tool_leave(c);
	return e;
}

enum err
job_finish(struct sql_job *j, enum err e, struct fault *f)
{
	struct sources *s = j->run->call->sources;
	struct fault second = { 0 };

	if (e == ERR_OK)
		return source_finish(s, j->source, !j->ask.dry_run, f);
	if (source_finish(s, j->source, false, &second) != ERR_OK)
		fault_log(f, "roll-back failed too: %s", second.msg);
	return e;
}

/* "parameters": out values by @name. */
static void
outs_write(struct json_out *out, const struct rows_out *rows)
{
	if (rows->nouts == 0)
		return;
	json_obj(out, "parameters");
	for (size_t i = 0; i < rows->nouts; i++) {
		const struct param_out *p = &rows->outs[i];

		json_key(out, arena_fmt(rows->arena, "@%.*s", (int)p->name.len,
				  p->name.p));
		json_obj(out, NULL);
		json_int(out, "dataType", p->type);
		json_int(out, "direction", p->direction);
		rows_value(out, "value", &p->value, rows->max_cell);
		json_end(out);
	}
	json_end(out);
}

/* Where to go on, when there is a stable order to go on in. */
static struct str
job_cursor(const struct sql_job *j)
{
	bool stable = j->gate.has_order || j->done.has_key;
	struct cursor_of of;

	if (j->gate.class != SQL_SELECT || !stable ||
	    (j->rows.cut != ROWS_CUT_ROWS && j->rows.cut != ROWS_CUT_BYTES))
		return (struct str){ NULL, 0 };
	of = job_hash(j);
	return cursor_make(j->run, &of, j->ask.skip + j->rows.rows);
}

static void
rows_setup(struct sql_job *j)
{
	struct run *r = j->run;
	const struct conf_source *conf = &r->call->conf->sources[j->source];

	rows_begin(&j->rows, &r->out, r->call->arena, ROWS_SETS);
	j->rows.catalog = str_of(conf->name);
	j->rows.max_rows = j->ask.max_rows;
	j->rows.max_bytes = conf->max_bytes;
	j->rows.max_cell = conf->max_cell;
}

static enum err
job_close(struct sql_job *j, struct fault *f)
{
	struct run *r = j->run;
	bool count = !j->ask.describe &&
		     (j->rows.ncolumns > 0 || j->gate.class == SQL_SELECT);

	if (j->done.more)
		rows_left(&j->rows);
	rows_end(&j->rows, j->done.affected);
	json_end(&r->out);
	outs_write(&r->out, &j->rows);
	if (j->ask.dry_run)
		answer_notice(r, STR("rolled back"));
	answer_tail(r, &j->rows, count, job_cursor(j));
	r->call->attempt->rows = j->rows.rows;
	r->call->attempt->affected = j->done.affected;
	return answer_end(r, f);
}

enum err
job_answer(struct sql_job *j, struct fault *f)
{
	struct run *r = j->run;
	enum err e;

	answer_begin(r, r->call->conf->sources[j->source].max_bytes);
	json_arr(&r->out, "results");
	rows_setup(j);
	j->done.affected = -1;
	e = job_run(j, &j->rows.sink, f);
	if (confirm_open(j, e))
		return confirm_ask(j, f);
	if (e == ERR_OK)
		e = job_close(j, f);
	return job_finish(j, e, f);
}
