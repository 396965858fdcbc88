/* SPDX-License-Identifier: ISC */
/* init: a site without sources and keys, that works as it is. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"

struct site_paths {
	const char *dir, *conf, *state;
	const char *state_text; /* as mcp.conf says it */
};

static const char conf_text[] =
    "# mcp-fcgi: which databases this site serves.  \"mcpctl check\" reads it,\n"
    "# \"mcpctl config --example\" shows every setting, mcp.conf(5) explains them.\n"
    "\n"
    "# Keys, limits and the audit file; of the user the web server runs us as.\n"
    "state    = \"%s\";\n"
    "\n"
    "# The address clients use; its path is where we are mounted.\n"
    "base_url = \"%s\";\n"
    "\n"
    "sources = {\n"
    "#    shop = {\n"
    "#        driver = \"sqlite\";\n"
    "#        path   = \"/srv/shop/shop.db\";\n"
    "#        about  = \"Orders and customers of the web shop\";\n"
    "#    };\n"
    "};\n";

static const char *
absolute(struct ctl *c, const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		return path;
	return arena_fmt(c->arena, "%s/%s", cwd, path).p;
}

/* --dir, or where DESIGN puts a site: /etc and /var for root, else ~/mcp. */
static bool
choose(struct ctl *c, struct site_paths *p)
{
	const char *dir = ctl_opt(c, OPT_DIR);
	const struct passwd *pw;

	p->state_text = "state";
	if (dir == NULL && geteuid() == 0) {
		dir = SYSCONFDIR "/mcp-fcgi";
		p->state_text = "/var/lib/mcp-fcgi";
	} else if (dir == NULL) {
		pw = getpwuid(geteuid());
		if (pw == NULL)
			return false;
		dir = arena_fmt(c->arena, "%s/mcp", pw->pw_dir).p;
	}
	p->dir = absolute(c, dir);
	p->conf = arena_fmt(c->arena, "%s/mcp.conf", p->dir).p;
	p->state = p->state_text[0] == '/'
		       ? p->state_text
		       : arena_fmt(c->arena, "%s/%s", p->dir, p->state_text).p;
	return true;
}

/* The folder and those above it. */
static enum err
make_folders(struct ctl *c, const char *dir, struct fault *f)
{
	char *path = arena_z(c->arena, str_of(dir));

	for (char *p = path + 1;; p++) {
		char was = *p;

		if (was != '/' && was != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return fault_set(f, ERR_UNAVAILABLE,
			    "the folder %s cannot be made: %s", path,
			    strerror(errno));
		*p = was;
		if (was == '\0')
			return ERR_OK;
	}
}

/* mcp.conf, unless there is one: that is somebody's work. */
static enum err
write_conf(struct ctl *c, const struct site_paths *p, bool *kept,
    struct fault *f)
{
	const char *url = ctl_opt(c, OPT_URL);
	int fd = open(p->conf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FILE *file;

	*kept = fd < 0 && errno == EEXIST;
	if (*kept)
		return ERR_OK;
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file == NULL)
		return fault_set(f, ERR_UNAVAILABLE, "%s cannot be written: %s",
		    p->conf, strerror(errno));
	(void)fprintf(file, conf_text, p->state_text,
	    url == NULL ? "http://127.0.0.1:8080/mcp" : url);
	if (fclose(file) != 0)
		return fault_set(f, ERR_UNAVAILABLE, "%s cannot be written: %s",
		    p->conf, strerror(errno));
	return ERR_OK;
}

/* The state folder and what is in it to the web server's user. */
static enum err
give_away(struct ctl *c, const struct site_paths *p, struct fault *f)
{
	static const char *const names[] = { "keys.db", "keys.db-wal",
		"keys.db-shm", "limits.tab", "limits.db", "limits.db-wal",
		"limits.db-shm", "places.lck", "pepper", "audit.jsonl" };
	const char *owner = ctl_opt(c, OPT_OWNER);
	const struct passwd *pw = owner == NULL ? NULL : getpwnam(owner);

	if (owner == NULL)
		return ERR_OK;
	if (pw == NULL)
		return fault_set(f, ERR_OBJECT_NOT_FOUND,
		    "there is no user '%s' on this machine", owner);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path =
		    arena_fmt(c->arena, "%s/%s", p->state, names[i]).p;

		if (lchown(path, pw->pw_uid, pw->pw_gid) != 0 &&
		    errno != ENOENT)
			return fault_set(f, ERR_UNAVAILABLE,
			    "%s cannot be given to %s: %s", path, owner,
			    strerror(errno));
	}
	if (lchown(p->state, pw->pw_uid, pw->pw_gid) != 0)
		return fault_set(f, ERR_UNAVAILABLE,
		    "%s cannot be given to %s: %s", p->state, owner,
		    strerror(errno));
	return ERR_OK;
}

/* What a kept configuration says of a shared store; one that cannot be read is
 * the matter of "check". */
static enum err
make_store(struct ctl *c, struct site_paths *p, struct fault *f)
{
	struct fault ignored = { 0 };
	struct buf lines;

	buf_init(&lines, c->arena, 1u << 20);
	if (conf_load(p->conf, &c->conf, &lines, &ignored) != ERR_OK)
		c->conf = NULL;
	if (c->conf == NULL || !conf_shares_store(c->conf) ||
	    c->conf->state == NULL)
		return store_create(p->state, f);
	p->state = c->conf->state;
	return store_create_shared(c->conf, f);
}

static void
report(struct ctl *c, const struct site_paths *p, bool kept)
{
	struct json_out *o = &c->json;

	if (ctl_has(c, OPT_JSON)) {
		json_obj(o, NULL);
		json_bool(o, "ok", true);
		json_z(o, "config", p->conf);
		json_bool(o, "config_kept", kept);
		json_z(o, "state", p->state);
		json_end(o);
		buf_char(&c->out, '\n');
		return;
	}
	buf_fmt(&c->out, "%s %s\nstate folder %s\n\n", kept ? "kept" : "wrote",
	    p->conf, p->state);
	if (geteuid() == 0 && !ctl_has(c, OPT_OWNER))
		buf_fmt(&c->out,
		    "it must belong to the user the web server runs programs as:\n"
		    "  mcpctl init --dir %s --owner www-data\n\n",
		    p->dir);
	buf_fmt(&c->out,
	    "next: add a source to it, then\n"
	    "  mcpctl check --config %s\n"
	    "  mcpctl key create NAME --config %s\n"
	    "  mcpctl serve --config %s\n",
	    p->conf, p->conf, p->conf);
}

enum ctl_exit
cmd_init(struct ctl *c)
{
	struct site_paths p = { 0 };
	struct fault f = { 0 };
	bool kept = false;
	const char *url;

	if (ctl_url(c, URL_PLAIN, &url) != CTL_DONE)
		return CTL_USAGE;
	if (!choose(c, &p))
		return ctl_usage(c,
		    "you have no home folder; name one with --dir");
	/* The folder of the configuration is no secret, the state is: its own
	 * mode is 0700. */
	(void)umask(022);
	if (make_folders(c, p.dir, &f) != ERR_OK ||
	    write_conf(c, &p, &kept, &f) != ERR_OK)
		return ctl_fault(c, &f);
	(void)umask(077);
	if (make_store(c, &p, &f) != ERR_OK || give_away(c, &p, &f) != ERR_OK)
		return ctl_fault(c, &f);
	report(c, &p, kept);
	return CTL_DONE;
}
