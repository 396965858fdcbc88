/* SPDX-License-Identifier: ISC */
/* The site from inside: files and their rights, the store, the sources. */
#include <errno.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "ctl/doctor.h"
#include "source/source.h"
#include "tool/tool.h"

#define AUDIT_BIG ((int64_t)1 << 30)
#define LEFT_FIX  "mend that file, or take it out of the folder"

static const char *
user_name(struct doctor *d, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		return arena_z(d->c->arena, str_of(pw->pw_name));
	return arena_fmt(d->c->arena, "%lu", (unsigned long)uid).p;
}

static void
look_conf(struct doctor *d)
{
	const struct conf *conf = d->c->conf;
	const char *url = conf->base_url;

	find(d, FIND_GOOD, "configuration", NULL, "%s: %zu %s, %zu %s",
	    conf->file, conf->nsources,
	    conf->nsources == 1 ? "source" : "sources", conf->ntools,
	    conf->ntools == 1 ? "tool" : "tools");
	if (conf->nsources == 0)
		find(d, FIND_NOTE, "configuration",
		    "sources = { NAME = { driver = \"sqlite\"; path = \"/...\"; }; };",
		    "no source is configured, so there is nothing to ask");
	if (url == NULL)
		find(d, FIND_WARN, "base_url",
		    "base_url = \"https://HOST/mcp\";",
		    "not set; clients and pages cannot be told our address");
	else if (str_starts(str_of(url), STR("http://")) &&
		 !str_starts(str_of(url), STR("http://127.")) &&
		 !str_starts(str_of(url), STR("http://localhost")))
		find(d, FIND_WARN, "base_url", "base_url = \"https://...\";",
		    "%s: tokens cross the network in the clear", url);
	else
		find(d, FIND_GOOD, "base_url", NULL, "%s", url);
}

/* Programs of the folder that are left out, and what else the catalogue of
 * tools finds. */
static void
look_tools(struct doctor *d)
{
	const struct conf *conf = d->c->conf;
	struct sources *sources = sources_new(conf);
	struct catalogue *cat = NULL;
	struct fault f = { 0 };
	const char *line;

	for (size_t i = 0; i < conf->nleft; i++)
		find(d, FIND_BAD, "tools_dir", LEFT_FIX, "%s",
		    conf->left[i].text);
	if (catalogue_new(conf, sources, &cat, &f) != ERR_OK)
		find(d, FIND_BAD, "tools", "mcpctl check", "%s", f.msg);
	for (size_t i = 0;
	     cat != NULL && (line = catalogue_left(cat, i)) != NULL; i++)
		find(d, FIND_BAD, "tools_dir", LEFT_FIX, "%s", line);
	catalogue_free(cat);
	sources_free(sources);
}

/* Requests that wait for somebody are a process each. */
static void
look_streams(struct doctor *d)
{
	const struct conf_limits *l = &d->c->conf->limits;

	if (d->c->conf->streams)
		find(d, FIND_NOTE, "streams", NULL,
		    "on: up to %d processes more, of requests that wait for somebody",
		    l->asks_total + l->listeners_total);
}

/* Others must not write what decides about rights, nor read secrets. */
static void
look_mode(struct doctor *d, const char *path, mode_t never, const char *how)
{
	const char *fix = arena_fmt(d->c->arena, "chmod %s %s", how, path).p;
	struct stat st;

	if (stat(path, &st) != 0)
		find(d, FIND_BAD, "permissions",
		    errno == ENOENT
			? "put it back; mcpctl init makes a first one"
			: "let the server's user reach it",
		    "%s: %s", path, strerror(errno));
	else if ((st.st_mode & never) != 0)
		find(d, FIND_BAD, "permissions", fix, "%s has mode %04o", path,
		    (unsigned)(st.st_mode & 07777));
	else
		find(d, FIND_GOOD, "permissions", NULL, "%s is %04o, of %s",
		    path, (unsigned)(st.st_mode & 07777),
		    user_name(d, st.st_uid));
}

static void
look_owner(struct doctor *d, const char *path, uid_t owner)
{
	const char *fix =
	    arena_fmt(d->c->arena, "chown %s %s", user_name(d, owner), path).p;
	struct stat st;

	if (stat(path, &st) != 0 || st.st_uid == owner)
		return;
	find(d, FIND_BAD, "permissions", fix,
	    "%s belongs to %s, its folder to %s: the server is locked out",
	    path, user_name(d, st.st_uid), user_name(d, owner));
}

/* Places web servers hand out by default. */
static void
look_place(struct doctor *d, const char *path)
{
	static const char *const roots[] = { "/var/www/", "/srv/www/",
		"/public_html/", "/htdocs/", "/httpdocs/" };

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (strstr(path, roots[i]) != NULL)
			find(d, FIND_WARN, "permissions",
			    "move it out of the document root",
			    "%s seems to be inside a document root", path);
}

static void
look_files(struct doctor *d)
{
	static const char *const names[] = { "pepper", "keys.db", "keys.db-wal",
		"keys.db-shm", "limits.tab", "limits.db", "limits.db-wal",
		"limits.db-shm", "places.lck", "audit.jsonl" };
	const struct conf *conf = d->c->conf;
	struct stat st;

	for (size_t i = 0; i < conf->files.n; i++) {
		look_mode(d, conf->files.v[i], S_IWGRP | S_IWOTH, "go-w");
		look_place(d, conf->files.v[i]);
	}
	look_mode(d, conf->state, S_IRWXG | S_IRWXO, "0700");
	look_place(d, conf->state);
	look_mode(d, doctor_state(d, "pepper"), S_IRWXG | S_IRWXO | S_IWUSR,
	    "0400");
	if (stat(conf->state, &st) != 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		look_owner(d, doctor_state(d, names[i]), st.st_uid);
	if (st.st_uid != geteuid())
		find(d, FIND_NOTE, "permissions", NULL,
		    "you are %s; the state folder is of %s, who should run mcpctl",
		    user_name(d, geteuid()), user_name(d, st.st_uid));
}

static void
look_disk(struct doctor *d)
{
	const char *path = d->c->conf->state;
	struct statfs fs;
	struct stat st;

	if (statfs(path, &fs) != 0)
		return;
	if (fs.f_type == NFS_SUPER_MAGIC || fs.f_type == SMB_SUPER_MAGIC)
		find(d, FIND_WARN, "state", "state = \"/a/local/disk\";",
		    "%s is on a network file system: slow, and locks may fail",
		    path);
	if (fs.f_bavail * 100 < fs.f_blocks)
		find(d, FIND_WARN, "state", "make room there",
		    "the disk of %s is nearly full: calls are refused when the audit cannot be written",
		    path);
	if (stat(doctor_state(d, "audit.jsonl"), &st) == 0 &&
	    st.st_size > AUDIT_BIG)
		find(d, FIND_NOTE, "audit", "logrotate with create and daily",
		    "audit.jsonl holds %lld MiB; it may be renamed at any time",
		    (long long)st.st_size >> 20);
}

enum ctl_exit
doctor_in(struct doctor *d)
{
	enum ctl_exit e = ctl_open_conf(d->c);

	if (e != CTL_DONE) {
		find(d, FIND_BAD, "configuration", "mcpctl check",
		    "it cannot be used; the complaints are on standard error");
		return CTL_CONF;
	}
	look_conf(d);
	look_tools(d);
	look_streams(d);
	doctor_host(d);
	doctor_servers(d);
	if (d->c->conf->state == NULL) {
		find(d, FIND_BAD, "state", "state = \"/var/lib/mcp-fcgi\";",
		    "no state folder is configured");
	} else {
		look_files(d);
		look_disk(d);
		doctor_store(d);
	}
	for (size_t i = 0; i < d->c->conf->nsources; i++)
		doctor_source(d, &d->c->conf->sources[i]);
	return CTL_DONE;
}
