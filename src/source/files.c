/* SPDX-License-Identifier: ISC */
/*
 * The driver of files: once a request it asks whether the files are still
 * those that were imported, and the SQLite driver does the rest on the copy.
 */
#include "source/driver_check.h"
#include "source/files_int.h"

#define CONN_MEMORY ((size_t)4 << 20)

extern const struct driver_work sqlite_work;

struct files_conn {
	const struct conf *conf;
	const struct conf_source *spec; /* as configured */
	struct conf_source copy;        /* of the imported file */
	struct arena *arena;
	void *inner;  /* SQLite's; NULL: not open */
	bool checked; /* in this request */
};

static void
files_close(void *conn)
{
	struct files_conn *c = conn;

	if (c == NULL)
		return;
	sqlite_work.close(c->inner);
	arena_free(c->arena);
}

void
files_check(const struct conf_source *spec, struct driver_said *said)
{
	const char *types = files_types_wrong(spec);

	if (types != NULL)
		driver_wrong(said, "types", "%s", types);
	if (spec->delimiter != NULL &&
	    strchr("\"\r\n", spec->delimiter[0]) != NULL)
		driver_wrong(said, "delimiter",
		    "must be a character that is no quote and no line end");
	if (!spec->readonly)
		driver_wrong(said, "readonly",
		    "must be true: files are only read");
}

/* A pulse as the import knows it. */
struct pulse_of {
	const struct source_pulse *pulse;
	int64_t started;
};

static bool
on_beat(void *arg, int64_t done, int64_t total)
{
	const struct pulse_of *p = arg;

	(void)done;
	(void)total;
	return p->pulse == NULL ||
	       p->pulse->beat(p->pulse->arg, clock_mono_ms() - p->started);
}

/* The copy is that of the files as they are now, and open. */
static enum err
ready(struct files_conn *c, struct arena *a, struct deadline d,
    const struct source_pulse *pulse, struct fault *f)
{
	struct pulse_of p = { pulse, clock_mono_ms() };
	struct files_watch w = { d, on_beat, &p };
	struct files_report report;
	enum err e = ERR_OK;

	if (!c->checked)
		e = files_import(c->conf, c->spec, c->conf->limits.import, &w,
		    a, &report, f);
	if (e != ERR_OK)
		return e;
	c->checked = true;
	return c->inner != NULL
		   ? ERR_OK
		   : sqlite_work.open(c->conf, &c->copy, &d, &c->inner, f);
}

static enum err
files_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f)
{
	struct arena *a = arena_new(CONN_MEMORY);
	struct files_conn *c = arena_zero(a, 1, sizeof(*c));

	(void)d;
	(void)f;
	c->arena = a;
	c->conf = conf;
	c->spec = spec;
	c->copy = *spec;
	if (conf->state != NULL)
		c->copy.path = files_cache(a, conf, spec).p;
	*conn = c;
	return ERR_OK;
}

static enum err
files_run(void *conn, struct arena *a, const struct sql *q, struct row_sink *to,
    struct sql_done *done, struct fault *f)
{
	struct files_conn *c = conn;
	enum err e = ready(c, a, q->deadline, q->pulse, f);

	*done = (struct sql_done){ .affected = -1 };
	return e == ERR_OK ? sqlite_work.run(c->inner, a, q, to, done, f) : e;
}

static enum err
files_finish(void *conn, bool commit, struct fault *f)
{
	struct files_conn *c = conn;

	return c->inner == NULL ? ERR_OK
				: sqlite_work.finish(c->inner, commit, f);
}

static enum err
files_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f)
{
	struct files_conn *c = conn;
	enum err e = ready(c, a, m->deadline, NULL, f);

	return e == ERR_OK ? sqlite_work.meta(c->inner, a, m, to, f) : e;
}

/* Other files, or the same ones changed: their columns may be others. */
static enum err
files_stamp(void *conn, struct arena *a, struct deadline d, uint64_t *out,
    struct fault *f)
{
	struct files_conn *c = conn;
	struct files_list list;
	enum err e = files_list_open(a, c->spec, &list, f);

	(void)d;
	if (e != ERR_OK)
		return e;
	*out = list.stamp;
	files_list_close(&list);
	return ERR_OK;
}

static bool
files_reset(void *conn, enum err bad)
{
	struct files_conn *c = conn;

	c->checked = false;
	if (c->inner != NULL && !sqlite_work.reset(c->inner, bad)) {
		sqlite_work.close(c->inner);
		c->inner = NULL;
	}
	return true;
}

const struct driver_work files_work = {
	.open = files_open,
	.close = files_close,
	.run = files_run,
	.finish = files_finish,
	.meta = files_meta,
	.reset = files_reset,
	.stamp = files_stamp,
};
