/* SPDX-License-Identifier: ISC */
/*
 * What a worker keeps: configuration, sources, store, audit, catalogue.  A
 * changed configuration replaces all of it between two requests; a broken one
 * replaces nothing.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cgi-bin/listening.h"
#include "cgi-bin/sandbox.h"
#include "cgi-bin/site.h"
#include "cgi-bin/watchdog.h"
#include "cgi-bin/workers.h"

/* A request may hold its body, a tree of it, rows and their two forms. */
#define ARENA_MAX ((size_t)256 << 20)

/* The name of a configuration, and the arena around it. */
#define NAME_MAX_BYTES 65536

/* Where a development server says which URL it answers under. */
#define URL_VARIABLE "MCP_BASE_URL"

void
site_init(struct site *site, bool is_cgi)
{
	memset(site, 0, sizeof(*site));
	site->arena = arena_new(ARENA_MAX);
	site->own = arena_new(NAME_MAX_BYTES);
	site->is_cgi = is_cgi;
	site->limits = (struct http_limits){ .body = 1 << 20,
		.header = 8192,
		.body_time_s = 15 };
}

void
site_name(struct site *site, const char *file)
{
	site->file = arena_z(site->own, str_of(file));
}

/* Everything made from the configuration, and the configuration. */
void
site_forget(struct site *site)
{
	catalogue_free(site->catalogue);
	sources_free(site->sources);
	audit_close(site->audit);
	store_close(site->store);
	store_close(site->before);
	conf_free(site->conf);
	explicit_bzero(&site->mcp.seal, sizeof(site->mcp.seal));
	explicit_bzero(&site->mcp.session_seal, sizeof(site->mcp.session_seal));
	explicit_bzero(&site->mcp.states, sizeof(site->mcp.states));
	explicit_bzero(site->hash_key, sizeof(site->hash_key));
	site->catalogue = NULL;
	site->sources = NULL;
	site->audit = NULL;
	site->store = NULL;
	site->before = NULL;
	site->conf = NULL;
}

void
site_done(struct site *site)
{
	site_forget(site);
	arena_free(site->arena);
	arena_free(site->own);
}

const struct http_limits *
site_limits(const struct site *site)
{
	return &site->limits;
}

/* The administrator reads each set of complaints once, not per request. */
static void
complain(struct site *site, struct str text, const struct fault *f)
{
	uint64_t seen = str_hash(text) ^ str_hash(str_of(f->log)) ^
			str_hash(str_of(f->msg));
	struct str rest = text, line;

	if (seen == site->complaints_seen)
		return;
	site->complaints_seen = seen;
	while (str_cut(&rest, '\n', &line))
		if (line.len > 0)
			log_line("%.*s", (int)line.len, line.p);
	if (text.len == 0)
		log_line("%s", f->log[0] != '\0' ? f->log : f->msg);
	log_line("%s: %s", site->file,
	    site->conf == NULL ? "cannot be used"
			       : "has mistakes; the old one stays in force");
}

/* Programs of the folder that are no tools, where they are not the same as
 * before. */
static void
say_left(struct site *site, const struct site *fresh)
{
	const struct conf *conf = fresh->conf;
	uint64_t seen = 0;
	const char *line;

	for (size_t i = 0; i < conf->nleft; i++)
		seen = seen * 31 ^ str_hash(str_of(conf->left[i].text));
	for (size_t i = 0; (line = catalogue_left(fresh->catalogue, i)); i++)
		seen = seen * 31 ^ str_hash(str_of(line));
	if (seen == site->left_seen)
		return;
	site->left_seen = seen;
	for (size_t i = 0; i < conf->nleft; i++)
		log_line("%s", conf->left[i].text);
	for (size_t i = 0; (line = catalogue_left(fresh->catalogue, i)); i++)
		log_line("%s", line);
}

/* The path of a URL; "/" and nothing are the same. */
static const char *
url_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = strchr(host == NULL ? url : host + 3, '/');

	return path == NULL ? "" : path;
}

/* mcpctl serve answers under the URL it printed, whatever the file says. */
static void
override_url(struct conf *conf)
{
	const char *url = getenv(URL_VARIABLE);

	if (url == NULL || url[0] == '\0')
		return;
	conf->base_url = arena_z(conf->arena, str_of(url));
	conf->mount = url_path(conf->base_url);
}

/* What the log has to say is said here, so that it is not said for each
 * request. */
enum err
site_load(struct site *site, struct site *fresh, struct fault *f)
{
	struct fault why = { 0 };
	struct buf complaints;
	enum err e;

	buf_init(&complaints, site->arena, 65536);
	e = conf_load(site->file, &fresh->conf, &complaints, &why);
	if (e == ERR_OK) {
		override_url(fresh->conf);
		fresh->sources = sources_new(fresh->conf);
		e = catalogue_new(fresh->conf, fresh->sources,
		    &fresh->catalogue, &why);
	}
	if (e == ERR_OK) {
		say_left(site, fresh);
		return ERR_OK;
	}
	/* A module is out of reach of this process, not of its successor. */
	if (e == ERR_BUSY && site->confined)
		site->leave = true;
	complain(site, buf_text(&complaints), &why);
	site_forget(fresh);
	(void)fault_set(f, ERR_CONF,
	    "the configuration of this server has mistakes; its log names them");
	return ERR_CONF;
}

/* The store of the old configuration, until the new one is open: it may have
 * the only copy of a key from the environment. */
static struct store *
store_kept(struct site *site)
{
	struct store *s = site->store;

	if (s == NULL) {
		s = site->before;
		site->before = NULL;
	}
	site->store = NULL;
	return s;
}

/* Who waits for somebody leaves its place to another worker, and goes when it
 * has answered. */
static void
stand(void *arg)
{
	struct site *site = arg;

	workers_stand();
	site->leave = true;
}

/* Put what is fresh in the place of the old. */
static void
adopt(struct site *site, const struct site *fresh)
{
	const struct conf_limits *l = &fresh->conf->limits;
	struct store *before = store_kept(site);

	site_forget(site);
	site->before = before;
	site->conf = fresh->conf;
	site->sources = fresh->sources;
	site->catalogue = fresh->catalogue;
	site->complaints_seen = 0;
	site->root_seen = 0;
	site->limits = (struct http_limits){ .body = (size_t)l->body,
		.header = (size_t)l->header,
		.body_time_s = l->body_time };
	site->mcp = (struct mcp){ .conf = site->conf,
		.sources = site->sources,
		.catalogue = site->catalogue,
		.guard = watchdog_guard,
		.stand = stand,
		.stand_arg = site };
	listening_init(site);
}

static void
confine(struct site *site)
{
	if (!sandbox_enter(site->conf, site->is_cgi))
		exit(WORKERS_EXIT_FATAL);
	site->confined = true;
}

/* Which file it is: the first request may say so (HOSTING 1.6). */
static enum err
choose_file(struct site *site, struct str named, struct fault *f)
{
	const char *file;

	if (site->file_by_request && named.len > 0 &&
	    !str_eq(named, str_of(site->file))) {
		log_line("a request names another MCP_CONFIG: %.*s",
		    (int)named.len, named.p);
		return fault_set(f, ERR_CONF,
		    "this server is configured for another site");
	}
	if (site->file != NULL)
		return ERR_OK;
	file = conf_find(site->arena, NULL,
	    named.len == 0 ? NULL : arena_z(site->arena, named));
	if (file == NULL) {
		log_line("no configuration: name it in MCP_CONFIG");
		return fault_set(f, ERR_CONF,
		    "this server has no configuration");
	}
	site_name(site, file);
	site->file_by_request = named.len > 0;
	return ERR_OK;
}

/* A CGI process reads the configuration and asks for it in one breath. */
static bool
just_read(struct site *site)
{
	bool is = site->is_cgi && !site->asked;

	site->asked = true;
	return is;
}

enum err
site_ready(struct site *site, struct str named, struct fault *f)
{
	struct fault reload = { 0 };
	struct site fresh = { 0 };

	if (choose_file(site, named, f) != ERR_OK)
		return f->code;
	if (site->conf != NULL &&
	    (just_read(site) || !conf_changed(site->conf)))
		return ERR_OK;
	if (site_load(site, &fresh, site->conf == NULL ? f : &reload) != ERR_OK)
		return site->conf == NULL ? f->code : ERR_OK;
	if (site->confined && sandbox_outgrown(site->conf, fresh.conf))
		site->leave = true;
	adopt(site, &fresh);
	if (!site->confined)
		confine(site);
	return ERR_OK;
}

static enum err
all_outside(const struct conf_names *names, size_t from, const char *root,
    struct fault *f)
{
	for (size_t i = from; i < names->n; i++)
		if (state_outside(names->v[i], root, f) != ERR_OK)
			return f->code;
	return ERR_OK;
}

enum err
site_outside(struct site *site, struct str root, struct fault *f)
{
	const struct conf *conf = site->conf;
	uint64_t seen = str_hash(root);
	char real[PATH_MAX];
	enum err e = ERR_OK;

	if (root.len == 0 || seen == site->root_seen)
		return ERR_OK;
	if (state_root(root, real)) {
		e = all_outside(&conf->files, site->file_by_argument ? 1 : 0,
		    real, f);
		if (e == ERR_OK)
			e = all_outside(&conf->content_files, 0, real, f);
		if (e == ERR_OK)
			e = all_outside(&conf->content_folders, 0, real, f);
		if (e == ERR_OK)
			e = state_outside(conf->state, real, f);
	}
	if (e != ERR_OK)
		return e;
	site->root_seen = seen;
	return ERR_OK;
}

enum err
site_store(struct site *site, struct fault *f)
{
	if (site->store != NULL)
		return ERR_OK;
	if (store_open(site->conf, &site->store, f) != ERR_OK)
		return f->code;
	if (site->before != NULL)
		store_inherit(site->store, site->before);
	store_close(site->before);
	site->before = NULL;
	store_derive(site->store, "cursors ", site->mcp.seal.key);
	store_derive(site->store, "sessions", site->mcp.session_seal.key);
	store_derive(site->store, "asking  ", site->mcp.states.key);
	store_derive(site->store, "audit   ", site->hash_key);
	return ERR_OK;
}

enum err
site_audit(struct site *site, struct fault *f)
{
	if (site->audit != NULL)
		return ERR_OK;
	return audit_open(site->conf->state, &site->audit, f);
}

void
site_rest(struct site *site)
{
	if (site->sources != NULL)
		sources_reset(site->sources);
}
