/* SPDX-License-Identifier: ISC */
/*
 * Modules: heavy libraries behind one file each, NAME.so, opened by absolute
 * path on first need: beside the running program, or else in the package's
 * library folder.  A module exports one const struct of functions under the
 * name "mcp_module_NAME".
 */
#ifndef BASE_MODULE_H
#define BASE_MODULE_H

#include <limits.h>

#include "base/fault.h"

struct module {
	void *handle;       /* NULL: not opened */
	const void *offers; /* its struct of functions */
};

/* Open it; a module that is open already stays as it is.  ERR_CONF: one
 * sentence that names the package to install.  ERR_BUSY: it is there, and a
 * process that is less confined could open it. */
enum err module_open(struct module *m, const char *name, const char *package,
    struct fault *f) FAULT_MUST_CHECK;
/* Where it would be opened from; false when there is no such file. */
bool module_path(char path[static PATH_MAX], const char *name);

void module_close(struct module *m); /* takes a zeroed one */

#endif
