/* SPDX-License-Identifier: ISC */
/* A first question to the server: who we are there, and what it lets us say. */
#include <string.h>

#include "source/clickhouse_int.h"

/* The patterns of a list with commas between. */
static struct str
joined(struct arena *a, const struct conf_names *list)
{
	struct buf b;

	buf_init(&b, a, (size_t)1 << 16);
	for (size_t i = 0; i < list->n; i++)
		buf_fmt(&b, "%s%s", i == 0 ? "" : ",", list->v[i]);
	return buf_text(&b);
}

/* "18.16.1"; an account that takes no settings is asked without. */
static enum err
greet(struct ch_conn *c, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct ch_table t;
	struct str version, year;
	enum err e = ch_table(c, a, STR("SELECT version()"), &t, f);

	if (e == ERR_READ_ONLY) {
		c->plain = true;
		*f = (struct fault){ 0 };
		e = ch_table(c, a, STR("SELECT version()"), &t, f);
	}
	version = e == ERR_OK ? ch_cell(&t, 0, 0) : (struct str){ 0 };
	if (e == ERR_OK && (!str_cut(&version, '.', &year) ||
			       !str_int(year, 1, 9999, &c->year)))
		e = fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the server of the source is no ClickHouse");
	arena_free(a);
	return e;
}

enum err
ch_open(const struct conf *conf, const struct conf_source *spec,
    const struct deadline *d, void **conn, struct fault *f)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct ch_conn *c = arena_zero(a, 1, sizeof(*c));
	enum err e;

	*conn = NULL;
	c->conf = conf;
	c->spec = spec;
	c->arena = a;
	c->rules = spec->deny.n + spec->mask.n != 0;
	c->allowed = joined(a, &spec->addresses);
	e = net_open(&c->net, f);
	if (e == ERR_CONF)
		e = f->code = ERR_SOURCE_UNREACHABLE;
	running_start(&c->run, *d, NULL);
	if (e == ERR_OK)
		e = greet(c, f);
	/* Nobody has sent a statement yet. */
	if (e == ERR_TIMEOUT || e == ERR_SCHEMA_NOT_FOUND) {
		f->hint[0] = '\0';
		e = fault_set(f, ERR_SOURCE_UNREACHABLE,
		    e == ERR_TIMEOUT
			? "the server of the source does not answer in time"
			: "the server has no database of that name");
	}
	if (e != ERR_OK) {
		ch_close(c);
		return e;
	}
	*conn = c;
	return ERR_OK;
}

void
ch_close(void *conn)
{
	struct ch_conn *c = conn;

	if (c == NULL)
		return;
	net_close(c->net);
	arena_free(c->pending_arena);
	arena_free(c->arena);
}
