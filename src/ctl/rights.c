/* SPDX-License-Identifier: ISC */
/* The options of "key create" as the rights of a key. */
#include "ctl/rights.h"
#include "base/clock.h"
#include "base/verb.h"

static const struct {
	const char *name;
	uint32_t seconds;
} units[] = {
	{ "s", 1 },
	{ "sec", 1 },
	{ "second", 1 },
	{ "m", 60 },
	{ "min", 60 },
	{ "minute", 60 },
	{ "h", 3600 },
	{ "hour", 3600 },
	{ "d", 86400 },
	{ "day", 86400 },
};

enum { OPENING = 10 }; /* requests that a client opens with, and some */

bool
rate_parse(struct str text, struct conf_rate *out)
{
	struct str rest = text;
	struct str count;
	int64_t n;

	if (!str_cut(&rest, '/', &count) || !str_int(count, 1, 1000000, &n))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!str_eq(rest, str_of(units[i].name)))
			continue;
		*out = (struct conf_rate){ true, (uint32_t)n, units[i].seconds,
			n / 4 < OPENING ? OPENING : (uint32_t)n / 4 };
		return true;
	}
	return false;
}

bool
scopes_parse(struct str text, unsigned *scopes)
{
	struct str one;

	*scopes = 0;
	while (str_cut(&text, ',', &one)) {
		if (str_eq(one, STR("read")))
			*scopes |= SCOPE_READ;
		else if (str_eq(one, STR("write")))
			*scopes |= SCOPE_WRITE;
		else
			return false;
	}
	return (*scopes & SCOPE_READ) != 0;
}

bool
expires_parse(const char *text, int64_t now_s, int64_t *out)
{
	struct str s = str_of(text);
	int64_t n;

	if (str_eq(s, STR("never"))) {
		*out = 0;
		return true;
	}
	if (str_duration(s, &n)) {
		*out = now_s + n;
		return true;
	}
	return clock_parse(s.p, s.len, out) && *out > 0;
}

static bool
has_environment(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->nenvironments; i++)
		if (str_eq(str_of(conf->environments[i].name), str_of(name)))
			return true;
	return false;
}

/* One --source: "shop:SELECT,INSERT", "*:ALL", or a name alone for SELECT. */
static enum ctl_exit
read_grant(struct ctl *c, const char *text, struct key_grant *to)
{
	struct str rest = str_of(text);

	(void)str_cut(&rest, ':', &to->source);
	to->verbs = VERB_SELECT;
	if (!str_eq(to->source, STR("*")) &&
	    conf_source_index(c->conf, to->source) < 0)
		return ctl_usage(c, "there is no source '%.*s' in %s",
		    (int)to->source.len, to->source.p, c->conf->file);
	if (rest.p != NULL && !verbs_parse(rest, &to->verbs))
		return ctl_usage(c,
		    "--source %s: verbs are SELECT, INSERT, UPDATE, DELETE, EXECUTE or ALL",
		    text);
	return CTL_DONE;
}

static enum ctl_exit
read_grants(struct ctl *c, struct key *k)
{
	struct key_grant *g = arena_zero(c->arena, c->ngiven + 1, sizeof(*g));
	enum ctl_exit e;

	for (size_t i = 0; i < c->ngiven; i++) {
		if (c->given[i].option != OPT_SOURCE)
			continue;
		e = read_grant(c, c->given[i].value, &g[k->ngrants]);
		if (e != CTL_DONE)
			return e;
		for (size_t j = 0; j < k->ngrants; j++)
			if (str_eq(g[j].source, g[k->ngrants].source))
				return ctl_usage(c,
				    "--source %.*s is given twice",
				    (int)g[j].source.len, g[j].source.p);
		k->ngrants++;
	}
	k->grants = g;
	return CTL_DONE;
}

static int
confirm_parse(const char *text)
{
	if (text == NULL)
		return -1;
	if (str_eq(str_of(text), STR("ask")))
		return CONFIRM_ASK;
	return str_eq(str_of(text), STR("refuse")) ? CONFIRM_REFUSE
						   : CONFIRM_ALLOW;
}

/* A verb that the scopes can never let through is a mistake. */
static enum ctl_exit
check_verbs(struct ctl *c, const struct key *k)
{
	if ((k->scopes & SCOPE_WRITE) != 0)
		return CTL_DONE;
	for (size_t i = 0; i < k->ngrants; i++)
		if ((k->grants[i].verbs & ~(unsigned)VERB_SELECT) != 0)
			return ctl_usage(c,
			    "--source %.*s: verbs other than SELECT need --scope read,write",
			    (int)k->grants[i].source.len,
			    k->grants[i].source.p);
	return CTL_DONE;
}

enum ctl_exit
rights_read(struct ctl *c, struct key *k)
{
	const char *scope = ctl_opt(c, OPT_SCOPE);
	const char *rate = ctl_opt(c, OPT_RATE);
	const char *expires = ctl_opt(c, OPT_EXPIRES);
	const char *environment = ctl_opt(c, OPT_ENVIRONMENT);
	enum ctl_exit e;

	k->scopes = SCOPE_READ;
	if (scope != NULL && !scopes_parse(str_of(scope), &k->scopes))
		return ctl_usage(c, "--scope is read or read,write, not '%s'",
		    scope);
	if (rate != NULL && !rate_parse(str_of(rate), &k->rate))
		return ctl_usage(c,
		    "--rate is a count and a unit such as 60/min, not '%s'",
		    rate);
	if (expires != NULL &&
	    !expires_parse(expires, ctl_now(), &k->expires_s))
		return ctl_usage(c,
		    "--expires is 30s 15m 12h 90d, a time such as 2030-01-31T00:00:00Z, or never, not '%s'",
		    expires);
	if (environment != NULL && !has_environment(c->conf, environment))
		return ctl_usage(c, "there is no environment '%s' in %s",
		    environment, c->conf->file);
	if (!ctl_number(c, OPT_MAX_ROWS, 1, 1000000, 0, &k->max_rows))
		return CTL_USAGE;
	k->confirm = confirm_parse(ctl_opt(c, OPT_CONFIRM));
	k->environment = str_of(environment);
	k->owner = str_of(ctl_opt(c, OPT_OWNER));
	k->user = str_of(ctl_opt(c, OPT_USER));
	k->addresses = str_of(ctl_opt(c, OPT_ADDRESS));
	e = read_grants(c, k);
	return e == CTL_DONE ? check_verbs(c, k) : e;
}
