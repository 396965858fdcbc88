/* SPDX-License-Identifier: ISC */
/* The site a command works on: its configuration, its store, its keys. */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/ctl.h"

int64_t
ctl_now(void)
{
	return clock_wall_us() / 1000000;
}

const char *
ctl_conf_path(struct ctl *c)
{
	const char *path =
	    conf_find(c->arena, ctl_opt(c, OPT_CONFIG), getenv("MCP_CONFIG"));
	char real[PATH_MAX];

	if (path == NULL) {
		ctl_say(
		    "there is no configuration; name one with --config or MCP_CONFIG, or make a site: mcpctl init --dir DIR");
		return NULL;
	}
	/* One that is missing is named as it was asked for. */
	if (realpath(path, real) == NULL)
		return path;
	return arena_z(c->arena, str_of(real));
}

void
ctl_conf_json(struct json_out *o)
{
	json_obj(o, "error");
	json_z(o, "code", err_name(ERR_CONF));
	json_z(o, "message", "the configuration is not good");
	json_end(o);
}

static void
complain(struct ctl *c, const struct buf *lines)
{
	struct str rest = buf_text(lines);
	struct str one;
	struct json_out *o = &c->json;

	ctl_complaints(buf_text(lines));
	if (!ctl_has(c, OPT_JSON))
		return;
	json_obj(o, NULL);
	json_bool(o, "ok", false);
	json_arr(o, "complaints");
	while (rest.len > 0 && str_cut(&rest, '\n', &one))
		if (one.len > 0)
			json_str(o, NULL, one.p, one.len);
	json_end(o);
	ctl_conf_json(o);
	json_end(o);
	buf_char(&c->out, '\n');
}

enum ctl_exit
ctl_open_conf(struct ctl *c)
{
	struct fault f = { 0 };
	struct buf lines;
	const char *path;

	if (c->conf != NULL)
		return CTL_DONE;
	path = ctl_conf_path(c);
	buf_init(&lines, c->arena, 1u << 20);
	if (path == NULL) {
		if (ctl_has(c, OPT_JSON)) {
			buf_lit(&lines, "there is no configuration\n");
			complain(c, &lines);
		}
		return CTL_CONF;
	}
	if (conf_load(path, &c->conf, &lines, &f) == ERR_OK) {
		/* What is odd but no reason to stop. */
		ctl_complaints(buf_text(&lines));
		return CTL_DONE;
	}
	c->conf = NULL;
	if (lines.len == 0) {
		(void)ctl_fault(c, &f);
		return CTL_CONF;
	}
	complain(c, &lines);
	return CTL_CONF;
}

static const char *
user_name(struct ctl *c, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL)
		return arena_fmt(c->arena, "%lu", (unsigned long)uid).p;
	return arena_z(c->arena, str_of(pw->pw_name));
}

/* Root goes on as the owner of the state folder, for good. */
static enum err
become_owner(uid_t uid, gid_t gid, struct fault *f)
{
	const struct passwd *pw = getpwuid(uid);
	int groups =
	    pw == NULL ? setgroups(0, NULL) : initgroups(pw->pw_name, gid);

	if (groups == 0 && setresgid(gid, gid, gid) == 0 &&
	    setresuid(uid, uid, uid) == 0)
		return ERR_OK;
	return fault_set(f, ERR_UNAVAILABLE,
	    "the rights of root cannot be given up: %s", strerror(errno));
}

enum err
ctl_mind_owner(struct ctl *c, struct fault *f)
{
	const char *state = c->conf->state;
	const char *owner;
	struct stat st;

	if (stat(state, &st) != 0 || st.st_uid == geteuid())
		return ERR_OK;
	owner = user_name(c, st.st_uid);
	if (geteuid() == 0) {
		ctl_say("going on as %s, who owns %s", owner, state);
		return become_owner(st.st_uid, st.st_gid, f);
	}
	ctl_say(
	    "warning: %s belongs to %s and you are %s: files made now may lock the web server out; better: sudo -u %s mcpctl ...",
	    state, owner, user_name(c, geteuid()), owner);
	return ERR_OK;
}

enum ctl_exit
ctl_open_store(struct ctl *c)
{
	struct fault f = { 0 };
	enum ctl_exit e = ctl_open_conf(c);

	if (e != CTL_DONE)
		return e;
	if (c->conf->state == NULL) {
		(void)fault_set(&f, ERR_CONF, "%s names no state folder",
		    c->conf->file);
		fault_hint(&f, "add: state = \"/var/lib/mcp-fcgi\";");
		return ctl_fault(c, &f);
	}
	if (ctl_mind_owner(c, &f) != ERR_OK ||
	    store_open(c->conf, &c->store, &f) != ERR_OK)
		return ctl_fault(c, &f);
	return CTL_DONE;
}

enum ctl_exit
ctl_find_key(struct ctl *c, const char *which, struct key *out)
{
	struct fault f = { 0 };

	if (key_find(c->store, c->arena, str_of(which), out, &f) != ERR_OK)
		return ctl_fault(c, &f);
	return CTL_DONE;
}

const char *
ctl_handler(struct ctl *c)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *slash;
	struct str path;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		path = arena_fmt(c->arena, "%.*s/mcp.fcgi",
		    slash == NULL ? 0 : (int)(slash - self), self);
		if (access(path.p, X_OK) == 0)
			return path.p;
	}
	if (access(PKGLIBDIR "/mcp.fcgi", X_OK) == 0)
		return PKGLIBDIR "/mcp.fcgi";
	ctl_say("mcp.fcgi is neither beside mcpctl nor in " PKGLIBDIR);
	return NULL;
}
