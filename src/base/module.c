/* SPDX-License-Identifier: ISC */
/* Opening a module by its absolute path, never by a search path. */
#include "base/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "DIR/NAME.so" beside the running program. */
static bool
path_beside(char path[static PATH_MAX], const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return false;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return snprintf(path, PATH_MAX, "%s/%s.so", self, name) < PATH_MAX &&
	       access(path, R_OK) == 0;
}

/* Beside the program, else in the package's folder. */
static void
path_of(char path[static PATH_MAX], const char *name)
{
	if (!path_beside(path, name))
		(void)snprintf(path, PATH_MAX, "%s/%s.so", PKGLIBDIR, name);
}

bool
module_path(char path[static PATH_MAX], const char *name)
{
	path_of(path, name);
	return access(path, F_OK) == 0;
}

/* It is there, but this process may not open it. */
static enum err
shut_out(const char *name, const char *why, struct fault *f)
{
	fault_set(f, ERR_BUSY, "the module %s cannot be opened here", name);
	fault_log(f, "the module %s cannot be opened: %s", name, why);
	return ERR_BUSY;
}

static enum err
missing(const char *name, const char *package, const char *why, struct fault *f)
{
	fault_set(f, ERR_CONF, "the module %s is missing; install %s", name,
	    package);
	fault_log(f, "the module %s cannot be opened: %s", name, why);
	return ERR_CONF;
}

enum err
module_open(struct module *m, const char *name, const char *package,
    struct fault *f)
{
	char path[PATH_MAX], symbol[64];
	void *handle;

	if (m->handle != NULL)
		return ERR_OK;
	path_of(path, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return access(path, F_OK) == 0
			   ? shut_out(name, dlerror(), f)
			   : missing(name, package, dlerror(), f);
	(void)snprintf(symbol, sizeof(symbol), "mcp_module_%s", name);
	m->offers = dlsym(handle, symbol);
	if (m->offers == NULL) {
		(void)dlclose(handle);
		return missing(name, package, "it is no module of ours", f);
	}
	m->handle = handle;
	return ERR_OK;
}

void
module_close(struct module *m)
{
	if (m->handle != NULL)
		(void)dlclose(m->handle);
	*m = (struct module){ 0 };
}
