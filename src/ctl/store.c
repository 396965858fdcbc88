/* SPDX-License-Identifier: ISC */
/* store copy: keys and counters to the shared store, or back into the state
 * folder. */
#include "ctl/ctl.h"

static enum ctl_exit
report(struct ctl *c, bool to_server, const struct store_copied *n)
{
	struct json_out *o = &c->json;

	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out,
		    "copied %lld %s, %lld %s and %lld used %s to the %s, read back and compared\n",
		    (long long)n->keys, n->keys == 1 ? "key" : "keys",
		    (long long)n->counts,
		    n->counts == 1 ? "counter" : "counters",
		    (long long)n->marks, n->marks == 1 ? "mark" : "marks",
		    to_server ? "shared store" : "state folder");
		return CTL_DONE;
	}
	json_obj(o, NULL);
	json_bool(o, "ok", true);
	json_z(o, "to", c->args[0]);
	json_int(o, "keys", n->keys);
	json_int(o, "counts", n->counts);
	json_int(o, "marks", n->marks);
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}

enum ctl_exit
cmd_store_copy(struct ctl *c)
{
	enum ctl_exit e = ctl_open_conf(c);
	bool to_server = str_eq(str_of(c->args[0]), STR("shared"));
	struct store_copied n;
	struct fault f = { 0 };

	if (e != CTL_DONE)
		return e;
	if (c->conf->state == NULL || !conf_shares_store(c->conf)) {
		(void)fault_set(&f, ERR_CONF, "%s names no shared store",
		    c->conf->file);
		fault_hint(&f,
		    "add: store = { driver = \"pgsql\"; host = \"...\"; database = \"...\"; user = \"...\"; };");
		return ctl_fault(c, &f);
	}
	if (ctl_mind_owner(c, &f) != ERR_OK ||
	    store_copy(c->conf, to_server ? STORE_SERVER : STORE_FOLDER,
		ctl_has(c, OPT_FORCE), &n, &f) != ERR_OK)
		return ctl_fault(c, &f);
	return report(c, to_server, &n);
}
