/* SPDX-License-Identifier: ISC */
/* serve: the site behind a real web server, for a try or for tests. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/front.h"

/*
 * See that the store opens before anybody asks.  That wipes the key in the
 * environment, which the workers still need.
 */
static enum ctl_exit
try_store(struct ctl *c)
{
	const char *name, *value;
	enum ctl_exit e = ctl_open_conf(c);

	if (e != CTL_DONE)
		return e;
	name = c->conf->key_env;
	value = name == NULL ? NULL : getenv(name);
	if (value != NULL)
		value = arena_z(c->arena, str_of(value));
	e = ctl_open_store(c);
	store_close(c->store);
	c->store = NULL;
	if (value != NULL)
		(void)setenv(name, value, 1);
	return e;
}

/* The line that says we answer leaves at once: somebody waits for it. */
static void
say_ready(struct ctl *c, const char *url)
{
	struct json_out *o = &c->json;

	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out, "ready %s\n", url);
	} else {
		json_obj(o, NULL);
		json_z(o, "ready", url);
		json_end(o);
		buf_char(&c->out, '\n');
	}
	(void)ctl_flush(c);
}

static enum ctl_exit
serve(struct ctl *c, struct front *w)
{
	struct fault f = { 0 };
	enum err e = front_start(w, &f);

	if (e == ERR_OK)
		e = front_ready(w, &f);
	if (e == ERR_OK) {
		say_ready(c, w->url);
		e = front_wait(w, &f);
	}
	front_stop(w);
	return e == ERR_OK ? CTL_DONE : ctl_fault(c, &f);
}

enum ctl_exit
cmd_serve(struct ctl *c)
{
	struct front w = { .arena = c->arena, .listener = -1 };
	int64_t port = 0;
	int64_t workers = 2;
	enum ctl_exit e;

	if (!ctl_number(c, OPT_PORT, 0, 65535, 0, &port) ||
	    !ctl_number(c, OPT_WORKERS, 1, 64, 2, &workers))
		return CTL_USAGE;
	e = try_store(c);
	if (e != CTL_DONE)
		return e;
	w.handler = ctl_handler(c);
	if (w.handler == NULL)
		return CTL_FAILED;
	w.port = (int)port;
	w.workers = (int)workers;
	w.cgi = ctl_has(c, OPT_CGI);
	w.conf = c->conf->file;
	w.settings = c->conf;
	return serve(c, &w);
}
