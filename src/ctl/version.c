/* SPDX-License-Identifier: ISC */
/* version */
#include "config.h"
#include "ctl/ctl.h"

enum ctl_exit
cmd_version(struct ctl *c)
{
	struct json_out *o = &c->json;

	if (!ctl_has(c, OPT_JSON)) {
		buf_lit(&c->out, "mcpctl " PACKAGE_VERSION "\n");
		return CTL_DONE;
	}
	json_obj(o, NULL);
	json_z(o, "name", "mcpctl");
	json_z(o, "version", PACKAGE_VERSION);
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}
