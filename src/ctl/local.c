/* SPDX-License-Identifier: ISC */
/* The same protocol as behind a web server, for the person at the machine. */
#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctl/local.h"
#include "ctl/rights.h"

/* Everything, as far as the scopes reach; whoever can run this can read the
 * databases' files as well. */
static const struct key_grant every[] = { { { "*", 1 }, VERB_ALL } };

static enum ctl_exit
local_key(struct ctl *c, struct key *k)
{
	const char *scope = ctl_opt(c, OPT_SCOPE);

	*k = (struct key){ .label = STR("local"),
		.scopes = SCOPE_READ,
		.grants = every,
		.ngrants = 1,
		.confirm = -1 };
	(void)memcpy(k->id, "local", sizeof("local"));
	if (scope != NULL && !scopes_parse(str_of(scope), &k->scopes))
		return ctl_usage(c, "--scope is read or read,write, not '%s'",
		    scope);
	return CTL_DONE;
}

/* --key: a key that could be used, with its own rights. */
static enum ctl_exit
named_key(struct ctl *c, const char *which, struct key *k)
{
	enum ctl_exit e = ctl_find_key(c, which, k);
	const char *status;

	if (e != CTL_DONE)
		return e;
	if (ctl_has(c, OPT_SCOPE))
		return ctl_usage(c,
		    "--scope and --key do not go together: a key has its scopes");
	status = key_status(k, ctl_now());
	if (str_eq(str_of(status), STR("active")))
		return CTL_DONE;
	return ctl_failed(c, ERR_OBJECT_NOT_FOUND, "key %s '%.*s' is %s", k->id,
	    (int)k->label.len, k->label.p, status);
}

static enum err
narrow(struct ctl *c, struct tool_filter *filter, struct fault *f)
{
	const char *tools = ctl_opt(c, OPT_TOOLS);
	const char *ops = ctl_opt(c, OPT_OPS);

	tool_filter_init(filter);
	return tool_filter_query(filter, tools != NULL, str_of(tools),
	    ops != NULL, str_of(ops), f);
}

static enum err
once(void *arg, struct str mark, int64_t until_s, struct fault *f)
{
	const struct local *l = arg;

	return store_once(l->c->store, mark, until_s, ctl_now(), f);
}

static enum err
open_rest(struct local *l, struct fault *f)
{
	struct ctl *c = l->c;

	if (narrow(c, &l->filter, f) != ERR_OK ||
	    audit_open(c->conf->state, &l->audit, f) != ERR_OK)
		return f->code;
	l->mcp.conf = c->conf;
	l->mcp.once = once;
	l->mcp.once_arg = l;
	l->mcp.sources = sources_new(c->conf);
	if (catalogue_new(c->conf, l->mcp.sources, &l->mcp.catalogue, f) !=
	    ERR_OK) {
		f->code = ERR_CONF;
		return f->code;
	}
	store_derive(c->store, "cursors ", l->mcp.seal.key);
	store_derive(c->store, "asking  ", l->mcp.states.key);
	store_derive(c->store, "audit   ", l->hash_key);
	auth_local(c->conf, c->arena, &l->key, &l->who);
	return ERR_OK;
}

enum ctl_exit
local_open(struct ctl *c, struct local *l)
{
	const char *which = ctl_opt(c, OPT_KEY);
	struct fault f = { 0 };
	enum ctl_exit e = ctl_open_store(c);

	*l = (struct local){ .c = c };
	if (e != CTL_DONE)
		return e;
	e = which == NULL ? local_key(c, &l->key)
			  : named_key(c, which, &l->key);
	if (e != CTL_DONE)
		return e;
	return open_rest(l, &f) == ERR_OK ? CTL_DONE : ctl_fault_typed(c, &f);
}

void
local_close(struct local *l)
{
	catalogue_free(l->mcp.catalogue);
	sources_free(l->mcp.sources);
	audit_close(l->audit);
	sodium_memzero(l->hash_key, sizeof(l->hash_key));
	sodium_memzero(&l->mcp.seal, sizeof(l->mcp.seal));
	sodium_memzero(&l->mcp.states, sizeof(l->mcp.states));
}

void
local_agree(struct local *l)
{
	l->mcp.has_agreed = true;
	l->mcp.agreed = ERA_2025_11_25;
}

struct str
local_message(struct local *l, struct arena *a, struct str body)
{
	struct attempt t;
	struct fault f = { 0 };
	struct str answer;

	attempt_init(&t, l->audit, l->hash_key, l->c->conf->audit_required,
	    clock_wall_us());
	t.who = &l->who;
	t.address = STR("local");
	answer = mcp_message(&l->mcp, a, body, &l->filter, &t);
	t.bytes = (int64_t)answer.len;
	if (t.put(&t, mcp_event(&t), &f) != ERR_OK)
		log_line("%s (%s)", f.msg, f.log);
	sources_reset(l->mcp.sources);
	return answer;
}
