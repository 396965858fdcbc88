/* SPDX-License-Identifier: ISC */
/* The ClickHouse driver: what it offers, and the end of each statement. */
#include "source/clickhouse_int.h"

#define FINISH_MS 10000
#define HINT_MS   2000

extern const struct driver_work clickhouse_work;

/* The schema as the server writes it. */
static enum err
find_schema(struct ch_conn *c, struct arena *a, struct str *schema,
    struct fault *f)
{
	struct ch_table t;
	struct str name = ch_text_literal(a, *schema);
	enum err e = ch_table(c, a,
	    arena_fmt(a,
		"SELECT name FROM system.databases WHERE lower(name) = lower(%s) ORDER BY name != %s LIMIT 1",
		name.p, name.p),
	    &t, f);

	if (e != ERR_OK)
		return e;
	if (t.rows == 0)
		return fault_set(f, ERR_SCHEMA_NOT_FOUND,
		    "no such schema: %.*s", (int)schema->len, schema->p);
	*schema = ch_cell(&t, 0, 0);
	return ERR_OK;
}

static enum err
run_one(struct ch_flow *w, struct fault *f)
{
	if (w->q->explain)
		return ch_plan(w, f);
	if (sql_writes(w->q))
		return ch_write(w, f);
	return ch_read(w, f);
}

static enum err
ch_run(void *conn, struct arena *a, const struct sql *q, struct row_sink *to,
    struct sql_done *done, struct fault *f)
{
	struct ch_conn *c = conn;
	struct sql own = *q;
	struct ch_flow w = { c, a, &own, to, done };
	enum err e = ERR_OK;

	*done = (struct sql_done){ .affected = -1 };
	c->hint_table = c->hint_column = (struct str){ 0 };
	c->pending = (struct str){ 0 };
	running_start(&c->run, q->deadline, q->pulse);
	if (own.schema.len > 0)
		e = find_schema(c, a, &own.schema, f);
	if (e == ERR_OK)
		e = run_one(&w, f);
	if (e != ERR_OK) {
		running_start(&c->run, deadline_in(HINT_MS), NULL);
		ch_hint(&w, f);
	}
	c->hint_table = c->hint_column = (struct str){ 0 };
	done->rolled_back = e != ERR_OK && sql_writes(q);
	return e;
}

/* Only now is a write sent. */
static enum err
ch_finish(void *conn, bool commit, struct fault *f)
{
	struct ch_conn *c = conn;
	int64_t ms = (int64_t)c->spec->timeout * 1000;
	struct ch_query query = { .sql = c->pending,
		.schema = c->pending_schema,
		.write = true };
	struct arena *a;
	enum err e = ERR_OK;

	c->pending = (struct str){ 0 };
	if (commit && query.sql.len > 0) {
		a = arena_new((size_t)1 << 20);
		running_start(&c->run, deadline_in(ms > 0 ? ms : FINISH_MS),
		    NULL);
		e = ch_send(c, a, &query, f);
		arena_free(a);
	}
	arena_free(c->pending_arena);
	c->pending_arena = NULL;
	return e;
}

/* Nothing of a request is left at the server: there are no sessions. */
static bool
ch_reset(void *conn, enum err bad)
{
	struct ch_conn *c = conn;

	c->pending = (struct str){ 0 };
	c->run.pulse = NULL;
	return !c->lost && bad != ERR_INTERNAL &&
	       bad != ERR_SOURCE_UNREACHABLE && bad != ERR_SOURCE_AUTH_FAILED;
}

const struct driver_work clickhouse_work = {
	.open = ch_open,
	.close = ch_close,
	.run = ch_run,
	.finish = ch_finish,
	.meta = ch_meta,
	.reset = ch_reset,
	.stamp = ch_stamp,
	.rights = ch_rights,
};
