/* SPDX-License-Identifier: ISC */
/* gc: what nobody needs any more: rows of limits and keys, files of requests
 * that were ended while they waited; and what the audit tells is counted. */
#include "ctl/ctl.h"
#include "mcp/mcp.h"

enum ctl_exit
cmd_gc(struct ctl *c)
{
	enum ctl_exit e = ctl_open_store(c);
	struct json_out *o = &c->json;
	struct fault f = { 0 };
	int64_t removed = 0, counted = 0, files;

	if (e != CTL_DONE)
		return e;
	if (store_gc(c->store, ctl_now(), &removed, &f) != ERR_OK)
		return ctl_fault(c, &f);
	/* The files go, whatever hinders the counting. */
	files = mcp_sweep(c->conf);
	if (counts_take(c->store, &counted, &f) != ERR_OK)
		return ctl_fault(c, &f);
	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out, "removed %lld expired %s\n",
		    (long long)removed, removed == 1 ? "row" : "rows");
		if (files > 0)
			buf_fmt(&c->out, "removed %lld left-over %s\n",
			    (long long)files, files == 1 ? "file" : "files");
		if (counted > 0)
			buf_fmt(&c->out, "counted %lld %s of the audit\n",
			    (long long)counted,
			    counted == 1 ? "line" : "lines");
		return CTL_DONE;
	}
	json_obj(o, NULL);
	json_bool(o, "ok", true);
	json_int(o, "removed", removed);
	json_int(o, "files", files);
	json_int(o, "counted", counted);
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}
