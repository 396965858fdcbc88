/* SPDX-License-Identifier: ISC */
/* The static program opens no modules: this stands in for base/module. */
#include "base/module.h"

enum err
module_open(struct module *m, const char *name, const char *package,
    struct fault *f)
{
	(void)m;
	(void)package;
	return fault_set(f, ERR_CONF,
	    "this program was built as one static file and has no module %s",
	    name);
}

void
module_close(struct module *m)
{
	(void)m;
}

bool
module_path(char path[static PATH_MAX], const char *name)
{
	(void)path;
	(void)name;
	return false;
}
