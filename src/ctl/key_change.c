/* SPDX-License-Identifier: ISC */
/* key revoke, key extend, key rename. */
#include "ctl/rights.h"

/* The key as it is now. */
static enum ctl_exit
report(struct ctl *c, const char *id, const char *what)
{
	struct json_out *o = &c->json;
	struct key k = { 0 };
	enum ctl_exit e = ctl_find_key(c, id, &k);

	if (e != CTL_DONE)
		return e;
	if (!ctl_has(c, OPT_JSON)) {
		buf_fmt(&c->out, "key %s '%.*s' is %s\n", k.id,
		    (int)k.label.len, k.label.p, what);
		return CTL_DONE;
	}
	json_obj(o, NULL);
	key_json(c, &k, ctl_now());
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}

static enum ctl_exit
open_key(struct ctl *c, struct key *k)
{
	enum ctl_exit e = ctl_open_store(c);

	return e == CTL_DONE ? ctl_find_key(c, c->args[0], k) : e;
}

enum ctl_exit
cmd_key_revoke(struct ctl *c)
{
	struct key k = { 0 };
	struct fault f = { 0 };
	enum ctl_exit e = open_key(c, &k);

	if (e != CTL_DONE)
		return e;
	if (key_revoke(c->store, str_of(k.id), ctl_now(), &f) != ERR_OK)
		return ctl_fault(c, &f);
	tasks_end_of(c, str_of(k.id));
	return report(c, k.id, "revoked");
}

enum ctl_exit
cmd_key_extend(struct ctl *c)
{
	const char *expires = ctl_opt(c, OPT_EXPIRES);
	struct key k = { 0 };
	struct fault f = { 0 };
	int64_t until = 0;
	enum ctl_exit e;

	if (expires == NULL || !expires_parse(expires, ctl_now(), &until))
		return ctl_usage(c, "say the new end, as --expires 90d");
	if (until != 0 && until <= ctl_now())
		return ctl_usage(c,
		    "--expires %s is past; mcpctl key revoke ends a key",
		    expires);
	e = open_key(c, &k);
	if (e != CTL_DONE)
		return e;
	if (k.revoked_s != 0) {
		(void)fault_set(&f, ERR_CONFLICT, "the key is revoked");
		return ctl_fault(c, &f);
	}
	if (key_extend(c->store, str_of(k.id), until, &f) != ERR_OK)
		return ctl_fault(c, &f);
	return report(c, k.id, "extended");
}

enum ctl_exit
cmd_key_rename(struct ctl *c)
{
	struct key k = { 0 };
	struct fault f = { 0 };
	enum ctl_exit e = open_key(c, &k);

	if (e != CTL_DONE)
		return e;
	if (key_rename(c->store, str_of(k.id), str_of(c->args[1]), &f) !=
	    ERR_OK)
		return ctl_fault_typed(c, &f);
	return report(c, k.id, "renamed");
}
