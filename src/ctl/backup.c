/* SPDX-License-Identifier: ISC */
/* backup: copies of the databases while others write. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ctl/ctl.h"

enum ctl_exit
cmd_backup(struct ctl *c)
{
	enum ctl_exit e = ctl_open_store(c);
	struct json_out *o = &c->json;
	struct fault f = { 0 };
	char folder[PATH_MAX];

	if (e != CTL_DONE)
		return e;
	if ((mkdir(c->args[0], 0700) != 0 && errno != EEXIST) ||
	    realpath(c->args[0], folder) == NULL) {
		(void)fault_set(&f, ERR_UNAVAILABLE,
		    "the folder %s cannot be made: %s", c->args[0],
		    strerror(errno));
		return ctl_fault(c, &f);
	}
	if (store_backup(c->store, folder, &f) != ERR_OK)
		return ctl_fault(c, &f);
	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out,
		    "copied the databases to %s; the pepper stays in %s: keep a copy of it elsewhere\n",
		    folder, c->conf->state);
		return CTL_DONE;
	}
	json_obj(o, NULL);
	json_bool(o, "ok", true);
	json_z(o, "folder", folder);
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}
