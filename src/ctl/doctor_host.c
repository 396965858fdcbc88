/* SPDX-License-Identifier: ISC */
/* What this machine offers: the kernel's fences, the handler, its modules. */
#include <dirent.h>
#include <errno.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ctl/doctor.h"

/* What SECURITY_MODEL 9 wants of the kernel; none of it needs root. */
static void
look_sandbox(struct doctor *d)
{
	enum finding missing =
	    d->c->conf->sandbox == CONF_REQUIRED ? FIND_BAD : FIND_WARN;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	if (d->c->conf->sandbox == CONF_OFF)
		find(d, FIND_WARN, "sandbox", "sandbox = \"on\";",
		    "switched off in the configuration");
	if (abi >= 1)
		find(d, FIND_GOOD, "sandbox", NULL, "Landlock, ABI %ld", abi);
	else
		find(d, missing, "sandbox",
		    "add landlock to the kernel's lsm= list", "no Landlock: %s",
		    strerror(errno));
	if (prctl(PR_GET_SECCOMP) >= 0)
		find(d, FIND_GOOD, "sandbox", NULL, "seccomp");
	else
		find(d, missing, "sandbox",
		    "a kernel with CONFIG_SECCOMP_FILTER", "no seccomp: %s",
		    strerror(errno));
}

static size_t
modules_in(struct doctor *d, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	size_t n = 0;

	if (dir == NULL)
		return 0;
	for (e = readdir(dir); e != NULL; e = readdir(dir))
		if (str_ends(str_of(e->d_name), STR(".so"))) {
			find(d, FIND_GOOD, "modules", NULL, "%s/%s", folder,
			    e->d_name);
			n++;
		}
	(void)closedir(dir);
	return n;
}

/* Modules stand beside the handler (DESIGN 3). */
static void
look_handler(struct doctor *d)
{
	const char *path = ctl_handler(d->c);
	size_t n;

	if (path == NULL) {
		find(d, FIND_BAD, "handler", "make install",
		    "mcp.fcgi is neither beside mcpctl nor in " PKGLIBDIR);
		return;
	}
	find(d, FIND_GOOD, "handler", NULL, "%s", path);
	n = modules_in(d, arena_fmt(d->c->arena, "%.*s",
			      (int)(strrchr(path, '/') - path), path)
			      .p);
	if (n == 0)
		find(d, FIND_GOOD, "modules", NULL,
		    "none, and the configured drivers need none");
}

void
doctor_host(struct doctor *d)
{
	look_sandbox(d);
	look_handler(d);
}
