/* SPDX-License-Identifier: ISC */
/*
 * What a key may do (A6): its scopes AND its verbs on the source AND the
 * source's own switch.
 */
#include "auth/auth_int.h"

/* Verbs that a scope opens. */
static unsigned
scope_verbs(unsigned scopes)
{
	unsigned verbs = 0;

	if ((scopes & SCOPE_READ) != 0)
		verbs |= VERB_SELECT;
	if ((scopes & SCOPE_WRITE) != 0)
		verbs |= VERB_ALL & ~(unsigned)VERB_SELECT;
	return verbs;
}

/* What a key made without --source holds: DELETE and EXECUTE are always
 * named. */
static unsigned
default_verbs(unsigned scopes)
{
	return scope_verbs(scopes) & (VERB_SELECT | VERB_INSERT | VERB_UPDATE);
}

/* The grants that name the source decide; "*" speaks for the others. */
static unsigned
granted_verbs(const struct key *k, struct str source)
{
	unsigned exact = 0;
	unsigned all = 0;
	bool named = false;

	for (size_t i = 0; i < k->ngrants; i++) {
		const struct key_grant *g = &k->grants[i];

		if (str_eq(g->source, source)) {
			exact |= g->verbs;
			named = true;
		} else if (str_eq(g->source, STR("*"))) {
			all |= g->verbs;
		}
	}
	return named ? exact : all;
}

/* In the key's environment?  One that is configured no more holds nothing. */
static bool
in_environment(const struct conf *conf, const struct key *k, struct str source)
{
	if (str_is_empty(k->environment))
		return true;
	for (size_t i = 0; i < conf->nenvironments; i++) {
		const struct conf_environment *e = &conf->environments[i];

		if (!str_eq(str_of(e->name), k->environment))
			continue;
		for (size_t j = 0; j < e->sources.n; j++)
			if (str_eq(str_of(e->sources.v[j]), source))
				return true;
	}
	return false;
}

/* A read-only source may be read, and its procedures be called: what they
 * run is held to reading by the driver. */
static unsigned
source_verbs(const struct conf_source *s)
{
	return s->readonly ? VERB_SELECT | VERB_EXECUTE : VERB_ALL;
}

static unsigned
verbs_on(const struct conf *conf, const struct key *k, size_t source)
{
	const struct conf_source *s = &conf->sources[source];
	struct str name = str_of(s->name);
	unsigned held =
	    k->ngrants == 0 ? default_verbs(k->scopes) : granted_verbs(k, name);

	if (!in_environment(conf, k, name))
		return 0;
	return held & scope_verbs(k->scopes) & source_verbs(s);
}

/* Equal for callers that see the same: scopes and verbs, nothing else. */
static uint64_t
fingerprint(const struct caller *who)
{
	uint64_t h = str_hash((struct str){ (const char *)who->verbs,
	    who->nsources * sizeof(*who->verbs) });

	return (h ^ who->scopes) * 0x9e3779b97f4a7c15u;
}

void
rights_fill(const struct conf *conf, struct arena *a, const struct key *k,
    struct caller *who)
{
	struct key_memo *m = k == NULL ? NULL : k->memo;

	who->scopes = k == NULL ? 0 : k->scopes;
	who->nsources = conf->nsources;
	if (m != NULL && m->conf == conf) {
		who->verbs = m->verbs;
		who->rights = m->rights;
		return;
	}
	who->verbs = arena_zero(m != NULL ? m->arena : a, conf->nsources + 1,
	    sizeof(*who->verbs));
	for (size_t i = 0; k != NULL && i < conf->nsources; i++)
		who->verbs[i] = verbs_on(conf, k, i);
	who->rights = fingerprint(who);
	if (m != NULL)
		*m = (struct key_memo){ m->arena, conf, who->verbs,
			who->rights };
}

unsigned
auth_verbs(const struct caller *who, const struct conf *conf, int source)
{
	(void)conf;
	if (source < 0 || (size_t)source >= who->nsources)
		return 0;
	return who->verbs[source];
}
