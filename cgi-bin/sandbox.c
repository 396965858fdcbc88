/* SPDX-License-Identifier: ISC */
/*
 * What a worker gives up before it reads a byte of a request.  Each step is
 * best effort: what the system lacks is logged and, when the configuration
 * says sandbox = "required", ends the program.
 */
#define _GNU_SOURCE /* close_range */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cgi-bin/sandbox.h"
#include "cgi-bin/sandbox_int.h"

extern char **environ;

#ifdef __SANITIZE_ADDRESS__
/* The leak checker wants ptrace and /proc, which are gone by then. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

/* A request header "Proxy:" becomes HTTP_PROXY; libraries believe it (H3). */
static void
drop_proxies(void)
{
	char name[64];
	char **e = environ;

	while (e != NULL && *e != NULL) {
		size_t n = strcspn(*e, "=");
		if (n < 6 || n >= sizeof(name) ||
		    strncasecmp(*e + n - 6, "_proxy", 6) != 0) {
			e++;
			continue;
		}
		memcpy(name, *e, n);
		name[n] = '\0';
		if (unsetenv(name) != 0)
			e++;
	}
}

/* Something must stand at 0 to 2, or the next file opened would be stdout. */
static void
fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

void
sandbox_start(void)
{
	fill_standard();
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	(void)umask(077);
	drop_proxies();
}

static bool
limit(int what, rlim_t to)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)what, &r) != 0)
		return false;
	if (r.rlim_max < to)
		to = r.rlim_max;
	r = (struct rlimit){ to, to };
	return setrlimit((__rlimit_resource_t)what, &r) == 0;
}

static bool
limits_enter(const struct conf *conf, bool is_cgi)
{
	bool ok = limit(RLIMIT_CORE, (rlim_t)conf->limits.core) &&
		  limit(RLIMIT_NOFILE, (rlim_t)conf->limits.open_files);

	if (is_cgi && conf->limits.cpu > 0)
		ok = limit(RLIMIT_CPU, (rlim_t)conf->limits.cpu) && ok;
#ifndef __SANITIZE_ADDRESS__ /* its shadow alone needs terabytes */
	if (conf->limits.memory > 0)
		ok = limit(RLIMIT_AS, (rlim_t)conf->limits.memory) && ok;
#endif
	return ok;
}

static bool
privileges_drop(void)
{
	bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;

	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && ok;
}

static void
missing(const struct conf *conf, const char *what)
{
	if (conf->sandbox == CONF_REQUIRED)
		log_line("sandbox: %s is missing here, and it is required",
		    what);
}

bool
sandbox_enter(const struct conf *conf, bool is_cgi)
{
	bool whole = true;

	if (!limits_enter(conf, is_cgi)) {
		missing(conf, "a resource limit");
		whole = false;
	}
	if (conf->sandbox == CONF_OFF)
		return true;
	if (!privileges_drop()) {
		missing(conf, "no_new_privs");
		whole = false;
	}
	if (!landlock_enter(conf)) {
		missing(conf, "Landlock");
		whole = false;
	}
	if (!seccomp_enter(conf_runs_programs(conf),
		sandbox_has_modules(conf))) {
		missing(conf, "seccomp");
		whole = false;
	}
	return whole || conf->sandbox != CONF_REQUIRED;
}
