/* SPDX-License-Identifier: ISC */
/* key create, key rotate: the two that show a secret, once. */
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/rights.h"

/* The token alone on standard output, so that a script can keep it. */
static enum ctl_exit
show(struct ctl *c, const char *token, const struct key *k)
{
	struct json_out *o = &c->json;

	if (!ctl_has(c, OPT_JSON)) {
		if (isatty(STDOUT_FILENO))
			ctl_say("key %s '%.*s'; the token is shown this once:",
			    k->id, (int)k->label.len, k->label.p);
		buf_fmt(&c->out, "%s\n", token);
		return CTL_DONE;
	}
	json_obj(o, NULL);
	json_z(o, "token", token);
	key_json(c, k, ctl_now());
	json_end(o);
	buf_char(&c->out, '\n');
	return CTL_DONE;
}

enum ctl_exit
cmd_key_create(struct ctl *c)
{
	enum ctl_exit e = ctl_open_store(c);
	char token[KEY_TEXT_LEN + 1];
	struct key want = { .confirm = -1 };
	struct key made = { 0 };
	struct fault f = { 0 };

	if (e != CTL_DONE)
		return e;
	e = rights_read(c, &want);
	if (e != CTL_DONE)
		return e;
	want.label = str_of(c->args[0]);
	if (key_create(c->store, &want, ctl_now(), token, &made, c->arena,
		&f) != ERR_OK)
		return ctl_fault_typed(c, &f);
	e = show(c, token, &made);
	sodium_memzero(token, sizeof(token));
	return e;
}

enum ctl_exit
cmd_key_rotate(struct ctl *c)
{
	enum ctl_exit e;
	char token[KEY_TEXT_LEN + 1];
	struct key k = { 0 };
	struct key made = { 0 };
	struct fault f = { 0 };
	int64_t grace = 0;

	if (!ctl_duration(c, OPT_GRACE, 0, &grace))
		return CTL_USAGE;
	e = ctl_open_store(c);
	if (e == CTL_DONE)
		e = ctl_find_key(c, c->args[0], &k);
	if (e != CTL_DONE)
		return e;
	if (key_rotate(c->store, str_of(k.id), ctl_now(), grace, token, &made,
		c->arena, &f) != ERR_OK)
		return ctl_fault(c, &f);
	e = show(c, token, &made);
	sodium_memzero(token, sizeof(token));
	return e;
}
