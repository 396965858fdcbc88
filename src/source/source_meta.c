/* SPDX-License-Identifier: ISC */
/*
 * The front: what a source has.  The driver tells it, the configured
 * procedures come behind.
 */
#include "source/heading.h"
#include "source/source_int.h"

#define STAMP_MS 1000

static bool
tables_cols(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static bool
tables_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct tables_sink *t = (struct tables_sink *)to;

	(void)n;
	if (t->n++ == 0)
		t->first = arena_dup(t->arena, v[1].s);
	return t->n < 2;
}

enum err
source_tables(struct sources *s, int source, struct arena *a, struct str name,
    struct str type, struct tables_sink *t, struct fault *f)
{
	struct slot *p = &s->v[source];
	struct meta_ask m = { .what = META_TABLES,
		.table = name,
		.type = type };
	enum err e;

	*t = (struct tables_sink){ .sink = { tables_cols, tables_row, NULL },
		.arena = a };
	m.deadline = slot_deadline(p, (struct deadline){ 0 });
	e = slot_connect(s, p, m.deadline, f);
	if (e == ERR_OK)
		e = p->work->meta(p->conn, a, &m, &t->sink, f);
	if (e != ERR_OK)
		p->bad = e;
	return e;
}

/* What a driver of its own has; rows of a kind it has none of are none. */
static enum err
own_meta(struct sources *s, int source, struct arena *a,
    const struct meta_ask *m, struct row_sink *to, struct fault *f)
{
	struct slot *p = &s->v[source];
	enum err e = slot_connect(s, p, m->deadline, f);

	if (e == ERR_OK)
		e = p->work->meta(p->conn, a, m, to, f);
	if (e != ERR_OK)
		p->bad = e;
	return e;
}

/* Configured procedures come behind those of the engine, which may have
 * none. */
enum err
source_meta(struct sources *s, int source, struct arena *a,
    const struct meta_ask *m, struct row_sink *to, struct fault *f)
{
	const struct source_driver *d = s->v[source].driver;
	bool procedures =
	    m->what == META_PROCEDURES || m->what == META_PARAMETERS;
	struct meta_ask ask = *m;
	enum err e = ERR_OK;

	ask.deadline = slot_deadline(&s->v[source], m->deadline);
	if (!procedures || (d != NULL && (d->caps & SOURCE_CAN_CALL) != 0))
		e = own_meta(s, source, a, &ask, to, f);
	else if (!heading_send(m->what, to))
		return ERR_OK;
	if (e == ERR_OK && procedures)
		procedures_rows(s->conf, source, m, to);
	return e;
}

static bool
has_procedures(const struct conf *conf, int source)
{
	for (size_t i = 0; i < conf->ntools; i++)
		if (conf->tools[i].procedure &&
		    conf->tools[i].source_index == source)
			return true;
	return false;
}

/* Counts to two. */
struct count_sink {
	struct row_sink sink;
	size_t n;
};

static bool
count_cols(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static bool
count_row(struct row_sink *to, const struct value *v, size_t n)
{
	(void)v;
	(void)n;
	return ++((struct count_sink *)to)->n < 2;
}

/* Are there more of a kind than "than"?  Yes, where nobody can say. */
static bool
has_more(struct sources *s, int source, struct arena *a, enum meta_what what,
    size_t than)
{
	struct count_sink c = { .sink = { count_cols, count_row, NULL } };
	struct meta_ask m = { .what = what };
	struct fault ignored = { 0 };

	m.deadline = slot_deadline(&s->v[source], m.deadline);
	return own_meta(s, source, a, &m, &c.sink, &ignored) != ERR_OK ||
	       c.n > than;
}

/* What only a connection can tell; without one the most is taken for true. */
static void
ask_facts(struct sources *s, int source, struct arena *a,
    struct source_facts *out)
{
	struct slot *p = &s->v[source];
	struct fault ignored = { 0 };
	struct tables_sink t;

	if (slot_connect(s, p, slot_deadline(p, (struct deadline){ 0 }),
		&ignored) != ERR_OK)
		return;
	if (out->many_schemas)
		out->many_schemas = has_more(s, source, a, META_SCHEMAS, 1);
	if ((p->driver->caps & SOURCE_CAN_CALL) != 0 &&
	    !has_procedures(s->conf, source))
		out->procedures = has_more(s, source, a, META_PROCEDURES, 0);
	if (p->spec->data_table == NULL &&
	    source_tables(s, source, a, (struct str){ 0 }, STR("TABLE"), &t,
		&ignored) == ERR_OK &&
	    t.n == 1)
		out->only_table = t.first;
}

enum err
source_facts(struct sources *s, int source, struct arena *a,
    struct source_facts *out, struct fault *f)
{
	struct slot *p = &s->v[source];
	unsigned caps = p->driver == NULL ? 0 : p->driver->caps;

	(void)f;
	*out = (struct source_facts){
		.many_schemas = (caps & SOURCE_CAN_SCHEMAS) != 0,
		.procedures = (caps & SOURCE_CAN_CALL) != 0 ||
			      has_procedures(s->conf, source),
		.only_table = str_of(p->spec->data_table),
	};
	if (p->driver != NULL &&
	    (p->spec->data_table == NULL ||
		(caps & (SOURCE_CAN_SCHEMAS | SOURCE_CAN_CALL)) != 0))
		ask_facts(s, source, a, out);
	return ERR_OK;
}

enum source_stamp
source_stamp(struct sources *s, int source, struct arena *a, uint64_t *out)
{
	struct slot *p = &s->v[source];
	struct deadline d = deadline_in(STAMP_MS);
	struct fault f = { 0 };
	enum err e = slot_connect(s, p, d, &f);

	if (e == ERR_OK && p->work->stamp == NULL)
		return STAMP_NONE;
	if (e == ERR_OK)
		e = p->work->stamp(p->conn, a, d, out, &f);
	if (e != ERR_OK)
		p->bad = e;
	return e == ERR_OK ? STAMP_OK : STAMP_FAILED;
}
