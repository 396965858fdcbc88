/* SPDX-License-Identifier: ISC */
/* gc: rows of limits and keys that nobody needs any more. */
#include "ctl/ctl.h"

enum ctl_exit
cmd_gc(struct ctl *c)
{
	enum ctl_exit e = ctl_open_store(c);
	struct json_out *o = &c->json;
	struct fault f = { 0 };
	int64_t removed = 0;

	if (e != CTL_DONE)
		return e;
	if (store_gc(c->store, ctl_now(), &removed, &f) != ERR_OK)
		return ctl_fault(c, &f);
	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out, "removed %lld expired %s\n",
		    (long long)removed, removed == 1 ? "row" : "rows");
		return CTL_DONE;
	}
	json_obj(o, NULL);
	json_bool(o, "ok", true);
	json_int(o, "removed", removed);
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}
