/* SPDX-License-Identifier: ISC */
/*
 * The SQLite driver.  A read runs on a connection that is kept for the worker
 * and was opened read-only; a write on a second one, in a transaction that
 * only (*finish) commits.
 */
#include <assert.h>
#include <malloc.h>

#include "conf/conf.h"
#include "source/sqlite_int.h"

#define BUSY_COMMIT_MS 5000
#define GIVE_BACK      ((sqlite3_int64)3 << 20) /* pages kept and a bit */

static void
sqlite_close(void *conn)
{
	struct sqlite_conn *c = conn;

	if (c == NULL)
		return;
	sqlite_link_close(&c->rd);
	sqlite_link_close(&c->wr);
	arena_free(c->arena);
}

static enum err
sqlite_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct sqlite_conn *c = arena_zero(a, 1, sizeof(*c));
	enum err e;

	sqlite_start();
	sqlite_temp_start();
	*conn = NULL;
	if (conf->limits.heap > 0)
		sqlite3_hard_heap_limit64(conf->limits.heap);
	c->conf = conf;
	c->spec = spec;
	c->arena = a;
	c->deadline = *d;
	c->started = clock_mono_ms();
	c->rules = spec->deny.n + spec->mask.n != 0;
	c->rd.conn = c;
	c->wr.conn = c;
	c->wr.writing = true;
	e = sqlite_path(a, spec->path, &c->path, f);
	if (e == ERR_OK)
		e = sqlite_link_use(&c->rd, f);
	if (e != ERR_OK) {
		sqlite_close(c);
		return e;
	}
	*conn = c;
	return ERR_OK;
}

static void
watch(struct sqlite_conn *c, struct deadline d, const struct source_pulse *p)
{
	c->deadline = d;
	c->pulse = p;
	c->started = clock_mono_ms();
	c->next_beat = c->started + SQLITE_BEAT_MS;
	c->why = ERR_OK;
}

/*
 * The statement, ready to step.  A read without rules is prepared first and
 * asked afterwards whether the file's structure changed: then the link, and
 * what it knows of virtual tables, is made anew, once.
 */
static enum err
ready(struct sqlite_flow *w, struct fault *f)
{
	struct sqlite_link *l = w->link;
	enum err e;

	if (l->writing) {
		e = sqlite_write_check(l, w->arena, w->q, f);
		if (e != ERR_OK)
			return e;
	}
	e = sqlite_prepare(l, w->arena, w->q, &w->kept, f);
	if (e == ERR_OK || l->writing || l->conn->rules ||
	    !sqlite_link_changed(l))
		return e;
	sqlite_link_close(l);
	*f = (struct fault){ 0 };
	e = sqlite_link_use(l, f);
	return e == ERR_OK ? sqlite_prepare(l, w->arena, w->q, &w->kept, f) : e;
}

static const struct param *
param_of(const struct sql *q, const char *name)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, str_of(name)))
			return &q->params[i];
	return NULL;
}

static enum err
bind(sqlite3_stmt *st, const struct sql *q, struct fault *f)
{
	int n = sqlite3_bind_parameter_count(st);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);
		const struct param *p = param_of(q, name + 1);
		int rc;

		/* A plan needs no values. */
		if (p == NULL && q->explain)
			continue;
		if (p == NULL)
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "no value for the placeholder %s", name);
		rc = sqlite_bind(st, i, &p->value);
		if (rc != SQLITE_OK)
			return fault_set(f, ERR_TOO_LARGE,
			    "the value of %s is too large", name);
	}
	return ERR_OK;
}

static bool
see_any(void *arg, sqlite3_stmt *st)
{
	(void)st;
	*(bool *)arg = true;
	return false;
}

/* Is the result one table's rows, and has that table a primary key? */
static bool
has_key(struct sqlite_link *l, struct sqlite_kept *k, const struct gate *g)
{
	struct str args[2] = { g->tables[0], str_of(l->schema) };
	bool any = false;

	if (g->ntables != 1)
		return false;
	if (k->has_key < 0) {
		(void)sqlite_query(l,
		    "SELECT 1 FROM pragma_table_info(?1, ?2) WHERE pk > 0",
		    args, 2, see_any, &any);
		k->has_key = any;
	}
	return k->has_key > 0;
}

static enum err
read_rows(struct sqlite_flow *w, struct sql_done *done, struct fault *f)
{
	enum err e = ERR_OK;
	int rc = sqlite_flow_run(w, false);

	if (rc != SQLITE_DONE)
		e = sqlite_fault(w->link, w->arena, rc, w->q, f);
	sqlite3_reset(w->kept->st);
	done->more = w->more;
	if (e == ERR_OK && w->more)
		done->has_key = has_key(w->link, w->kept, w->q->gate);
	return e;
}

/* The transaction is open already; what does not fail stays in it. */
static enum err
write_rows(struct sqlite_flow *w, struct sql_done *done, struct fault *f)
{
	enum err e = ERR_OK;
	int rc = sqlite_flow_run(w, true);

	if (rc != SQLITE_DONE)
		e = sqlite_fault(w->link, w->arena, rc, w->q, f);
	sqlite3_reset(w->kept->st);
	if (e == ERR_OK && w->q->gate->class != SQL_DDL)
		done->affected = sqlite3_changes64(w->link->h);
	done->more = w->more;
	if (e == ERR_OK && done->affected > w->q->max_affected)
		e = sql_too_many(done->affected, w->q->max_affected, f);
	w->link->conn->in_write = e == ERR_OK && !w->q->dry_run;
	done->rolled_back = !w->link->conn->in_write;
	return e;
}

static enum err
check_schema(const struct sql *q, struct fault *f)
{
	if (str_is_empty(q->schema) || str_ieq(q->schema, STR("main")))
		return ERR_OK;
	fault_hint(f, "The only schema here is main");
	return fault_set(f, ERR_SCHEMA_NOT_FOUND, "no such schema: %.*s",
	    (int)q->schema.len, q->schema.p);
}

static enum err
run_in_turn(struct sqlite_flow *w, bool writes, struct sql_done *done,
    struct fault *f)
{
	enum err e = ready(w, f);

	if (e != ERR_OK)
		return e;
	if (w->q->describe) {
		sqlite_flow_empty(w);
		return ERR_OK;
	}
	e = bind(w->kept->st, w->q, f);
	if (e == ERR_OK)
		e = writes ? write_rows(w, done, f) : read_rows(w, done, f);
	sqlite3_clear_bindings(w->kept->st);
	return e;
}

static enum err
sqlite_run(void *conn, struct arena *a, const struct sql *q,
    struct row_sink *to, struct sql_done *done, struct fault *f)
{
	struct sqlite_conn *c = conn;
	struct sqlite_flow w = { .arena = a, .q = q, .to = to };
	bool writes = sql_writes(q) && !q->describe && !q->explain;
	enum err e = check_schema(q, f);

	*done = (struct sql_done){ .affected = -1 };
	assert(!c->in_write);
	watch(c, q->deadline, q->pulse);
	w.link = sql_writes(q) ? &c->wr : &c->rd;
	if (e == ERR_OK)
		e = sqlite_turn_begin(w.link, a,
		    writes ? TURN_WRITE : TURN_READ, f);
	if (e != ERR_OK)
		return e;
	e = run_in_turn(&w, writes, done, f);
	if (!c->in_write)
		(void)sqlite_turn_end(w.link, false);
	return e;
}

static enum err
sqlite_finish(void *conn, bool commit, struct fault *f)
{
	struct sqlite_conn *c = conn;
	bool open = c->in_write;
	enum err e = ERR_OK;
	int rc;

	c->in_write = false;
	if (open && commit) {
		watch(c, deadline_in(BUSY_COMMIT_MS), NULL);
		rc = sqlite_turn_end(&c->wr, true);
		if (rc != SQLITE_OK)
			e = sqlite_fault(&c->wr, c->arena, rc, NULL, f);
	}
	(void)sqlite_turn_end(&c->wr, false);
	return e;
}

/* A large sort leaves a heap of free memory that the next hundred requests do
 * not need, and a worker may wait long for the next; the system gets it back. */
static void
give_back(void)
{
#ifdef __GLIBC__
	if (sqlite3_memory_highwater(1) > GIVE_BACK)
		(void)malloc_trim(0);
#endif
}

/* SECURITY_MODEL Q3: opened anew after anything that went wrong. */
static bool
sqlite_reset(void *conn, enum err bad)
{
	struct sqlite_conn *c = conn;

	c->in_write = false;
	(void)sqlite_turn_end(&c->wr, false);
	c->checked = false;
	c->pulse = NULL;
	give_back();
	return bad == ERR_OK;
}

/* The file keeps one itself (SQLite file format 1.3.9). */
static enum err
sqlite_stamp(void *conn, struct arena *a, struct deadline d, uint64_t *out,
    struct fault *f)
{
	struct sqlite_conn *c = conn;
	int64_t version = 0;
	enum err e;
	int rc;

	watch(c, d, NULL);
	e = sqlite_link_use(&c->rd, f);
	if (e != ERR_OK)
		return e;
	rc = sqlite_version(&c->rd, &version);
	if (rc != SQLITE_OK)
		return sqlite_fault(&c->rd, a, rc, NULL, f);
	*out = (uint64_t)version;
	return ERR_OK;
}

const struct driver_work sqlite_work = {
	.open = sqlite_open,
	.close = sqlite_close,
	.run = sqlite_run,
	.finish = sqlite_finish,
	.meta = sqlite_meta,
	.reset = sqlite_reset,
	.stamp = sqlite_stamp,
};
