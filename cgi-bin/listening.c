/* SPDX-License-Identifier: ISC */
/*
 * What a standing stream sees of the site: the configuration and all that is
 * made from it, and the rights of its token.  A change is read into a copy of
 * its own; the site itself takes it up when the request is over.
 */
#include "cgi-bin/listening.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "cgi-bin/places.h"
#include "cgi-bin/sandbox.h"
#include "cgi-bin/workers.h"

enum {
	KEY_MS = 1000,   /* between two looks at the token */
	AGAIN_MS = 1000, /* before a broken configuration is read again */
	RETRY_S = 30,    /* who finds no place may come again then */
};

#define OWN_MAX ((size_t)8 << 20)

struct listening {
	struct site *site;
	struct site seen;    /* a newer copy of it; empty until there is one */
	struct arena *arena; /* of caller and filter */
	struct place place;
	struct caller was, who; /* as it came; as it is now */
	struct tool_filter filter;
	const char *source, *toolkit; /* names in the filter, or NULL */
	uint64_t secret;
	bool stands;
	int64_t key_ms, again_ms;    /* not before */
	struct sigaction term, usr1; /* as they were */
};

/* A handler has nothing but what is static. */
static volatile sig_atomic_t asked_to_leave;

static void
on_leave(int sig)
{
	(void)sig;
	asked_to_leave = 1;
}

/* While a stream stands, these end it and not the process. */
static void
signals_take(struct listening *l)
{
	struct sigaction s = { .sa_handler = on_leave };

	asked_to_leave = 0;
	(void)sigaction(SIGTERM, &s, &l->term);
	(void)sigaction(SIGUSR1, &s, &l->usr1);
}

static void
signals_give(const struct listening *l)
{
	(void)sigaction(SIGTERM, &l->term, NULL);
	(void)sigaction(SIGUSR1, &l->usr1, NULL);
}

static const struct site *
current(const struct listening *l)
{
	return l->seen.conf != NULL ? &l->seen : l->site;
}

static void
view_fill(const struct listening *l, struct mcp_view *view)
{
	const struct site *s = current(l);

	*view = (struct mcp_view){ .conf = s->conf,
		.sources = s->sources,
		.catalogue = s->catalogue,
		.who = &l->who,
		.filter = &l->filter };
}

static int
toolkit_index(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->ntoolkits; i++)
		if (strcmp(conf->toolkits[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* The indices of a configuration are its own.  False: the path is gone. */
static bool
filter_renew(struct listening *l)
{
	const struct conf *conf = current(l)->conf;

	if (l->source != NULL)
		l->filter.source = conf_source_index(conf, str_of(l->source));
	if (l->toolkit != NULL)
		l->filter.toolkit = toolkit_index(conf, l->toolkit);
	return (l->source == NULL || l->filter.source >= 0) &&
	       (l->toolkit == NULL || l->filter.toolkit >= 0);
}

/*
 * The token as it stands now.  One that has another secret ends the stream
 * too: whoever holds the new one opens another.
 */
static enum mcp_news
token_look(struct listening *l, bool *changed)
{
	const struct conf *conf = current(l)->conf;
	struct caller was = l->who;
	struct fault f = { 0 };
	struct key now;
	uint64_t secret;
	enum err e;

	arena_reset(l->arena);
	e = key_now(l->site->store, l->arena, &l->was.key,
	    clock_wall_us() / 1000000, &now, &secret, &f);
	if (e != ERR_OK && e != ERR_OBJECT_NOT_FOUND)
		log_line("a listener ends: %s",
		    f.log[0] != '\0' ? f.log : f.msg);
	if (e != ERR_OK || secret != l->secret ||
	    (now.row == 0 && conf->key_env == NULL))
		return MCP_NEWS_REFUSED;
	auth_renew(conf, l->arena, &now, &l->was, &l->who);
	*changed = l->who.rights != was.rights ||
		   l->who.key.max_rows != was.key.max_rows;
	return MCP_NEWS_NONE;
}

enum found { FOUND_SAME, FOUND_OTHER, FOUND_BEYOND };

/* Take up what the configuration is by now, if it is not beyond this
 * process: then only a fresh one can. */
static enum found
site_look(struct listening *l, int64_t now)
{
	struct site fresh = { 0 };
	struct fault f = { 0 };

	if (now < l->again_ms || !conf_changed(current(l)->conf))
		return FOUND_SAME;
	l->again_ms = now + AGAIN_MS;
	if (site_load(l->site, &fresh, &f) != ERR_OK)
		return l->site->leave ? FOUND_BEYOND : FOUND_SAME;
	l->again_ms = now;
	site_forget(&l->seen);
	l->seen = fresh;
	return FOUND_OTHER;
}

/* Sleep, but not through a signal that came before. */
static void
nap(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = (ms % 1000) * 1000000 };

	if (!asked_to_leave && ms > 0)
		(void)nanosleep(&t, NULL);
}

/* The news in what was found; the view is that of "current" already. */
static enum mcp_news
tell(struct listening *l, enum found found, bool rights, struct mcp_view *view)
{
	if (found == FOUND_SAME && !rights)
		return MCP_NEWS_NONE;
	view_fill(l, view);
	if (found == FOUND_SAME)
		return MCP_NEWS_LOOK;
	view->leave = found == FOUND_BEYOND ||
		      sandbox_outgrown(l->site->conf, view->conf);
	if (found == FOUND_BEYOND || !filter_renew(l)) {
		view->catalogue = NULL;
		view->leave = true;
	}
	return MCP_NEWS_LOOK;
}

static enum mcp_news
look(struct listening *l, struct mcp_view *view)
{
	int64_t now = clock_mono_ms();
	enum found found = site_look(l, now);
	bool rights = false;

	if (found != FOUND_SAME || now >= l->key_ms) {
		l->key_ms = now + KEY_MS;
		if (token_look(l, &rights) != MCP_NEWS_NONE)
			return MCP_NEWS_REFUSED;
	}
	return tell(l, found, rights, view);
}

static enum mcp_news
wait_news(void *arg, int64_t ms, struct mcp_view *view)
{
	struct site *site = arg;
	struct listening *l = site->listening;

	nap(ms);
	if (asked_to_leave)
		return MCP_NEWS_LEAVE;
	return look(l, view);
}

static void
stop(void *arg)
{
	struct site *site = arg;
	struct listening *l = site->listening;

	signals_give(l);
	place_leave(&l->place);
	site_forget(&l->seen);
	arena_free(l->arena);
	site->listening = NULL;
	site->leave = site->leave || l->stands; /* another has its place */
}

/* As it was when the stream began. */
static enum err
start(struct listening *l, const struct caller *who,
    const struct tool_filter *filter, struct fault *f)
{
	const struct conf *conf = l->site->conf;
	struct key now;

	l->was = l->who = *who;
	l->filter = *filter;
	if (filter->source >= 0)
		l->source = arena_z(l->site->arena,
		    str_of(conf->sources[filter->source].name));
	if (filter->toolkit >= 0)
		l->toolkit = arena_z(l->site->arena,
		    str_of(conf->toolkits[filter->toolkit].name));
	if (key_now(l->site->store, l->arena, &who->key,
		clock_wall_us() / 1000000, &now, &l->secret, f) == ERR_OK)
		return ERR_OK;
	return f->code == ERR_OBJECT_NOT_FOUND
		   ? fault_set(f, ERR_UNAUTHORIZED,
			 "this token is good no more")
		   : f->code;
}

static enum err
open_watch(void *arg, const struct caller *who,
    const struct tool_filter *filter, struct mcp_view *view, struct fault *f)
{
	struct site *site = arg;
	const struct conf_limits *max = &site->conf->limits;
	struct listening *l = arena_zero(site->arena, 1, sizeof(*l));
	enum err e;

	l->site = site;
	e = place_take(&l->place, site->conf->state, who->key.id,
	    max->listeners, max->listeners_total, f);
	if (e != ERR_OK) {
		f->retry_s = RETRY_S;
		return e;
	}
	l->arena = arena_new(OWN_MAX);
	e = start(l, who, filter, f);
	signals_take(l);
	site->listening = l;
	if (e != ERR_OK) {
		stop(site);
		return e;
	}
	workers_stand();
	l->stands = true;
	view_fill(l, view);
	return ERR_OK;
}

void
listening_init(struct site *site)
{
	if (site->conf->streams)
		site->mcp.watch =
		    (struct mcp_watch){ open_watch, wait_news, stop, site };
}
