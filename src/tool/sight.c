/* SPDX-License-Identifier: ISC */
/*
 * What a caller sees and may call (tools.md 1.4, 2).  Rights first, then the
 * path, then what has nothing to do, then the query string.
 */
#include "tool/script_int.h"

#define FACTS_ARENA (4 << 20)

/* auth_verbs without the call: a site may have a thousand sources, and every
 * call looks at them all. */
static inline unsigned
verbs_of(const struct sight *s, int source)
{
	return (size_t)source < s->who->nsources ? s->who->verbs[source] : 0;
}

bool
sight_source(const struct sight *s, int source)
{
	return (s->filter->source < 0 || s->filter->source == source) &&
	       verbs_of(s, source) != 0;
}

int
sight_next(const struct sight *s, int after)
{
	const struct catalogue *c = s->catalogue;
	size_t at = after < 0 ? 0 : (size_t)c->place[after] + 1;

	for (; at < c->conf->nsources; at++)
		if (sight_source(s, c->order[at]))
			return c->order[at];
	return -1;
}

int
sight_only(const struct sight *s)
{
	int first =
	    s->filter->source >= 0 ? s->filter->source : sight_next(s, -1);

	if (first < 0 || !sight_source(s, first))
		return -1;
	if (s->filter->source >= 0)
		return first;
	return sight_next(s, first) < 0 ? first : -1;
}

int64_t
sight_max_rows(const struct sight *s, int source)
{
	int64_t ours = s->catalogue->conf->sources[source].max_rows;
	int64_t theirs = s->who->key.max_rows;

	return theirs > 0 && theirs < ours ? theirs : ours;
}

/* The sources an entry is about: its own, or all visible ones. */
static int
entry_next(const struct sight *s, const struct entry *e, int after)
{
	if (e->source < 0)
		return sight_next(s, after);
	return after < 0 && sight_source(s, e->source) ? e->source : -1;
}

static bool
holds_any(const struct sight *s, const struct entry *e, unsigned verbs)
{
	for (int i = entry_next(s, e, -1); i >= 0; i = entry_next(s, e, i))
		if ((verbs_of(s, i) & verbs) != 0)
			return true;
	return false;
}

static bool
custom_allowed(const struct sight *s, const struct entry *e)
{
	unsigned need = e->custom->verbs;

	if (!e->custom->reads && (s->who->scopes & SCOPE_WRITE) == 0)
		return false;
	return sight_source(s, e->source) &&
	       (verbs_of(s, e->source) & need) == need;
}

static bool
rights_allow(const struct sight *s, const struct entry *e)
{
	if (e->custom != NULL)
		return custom_allowed(s, e);
	if (e->script != NULL)
		return (s->who->scopes &
			   (e->script->reads ? SCOPE_READ : SCOPE_WRITE)) != 0;
	if ((s->who->scopes & e->def->scopes) == 0)
		return false;
	return e->def->verbs == 0 || holds_any(s, e, e->def->verbs);
}

static bool
path_allows(const struct sight *s, const struct entry *e)
{
	const struct catalogue *c = s->catalogue;
	size_t at = (size_t)(e - c->entries);

	if (s->filter->toolkit >= 0 &&
	    (c->kits[(size_t)s->filter->toolkit * c->kit_words + at / 64] >>
		    at % 64 &
		1) == 0)
		return false;
	if (s->filter->source < 0)
		return true;
	/* get_catalogs, the one that needs no source, has nothing to tell. */
	return e->source < 0 ? e->def->verbs != 0
			     : e->source == s->filter->source;
}

static bool
query_allows(const struct sight *s, const struct entry *e)
{
	unsigned type =
	    e->source >= 0 && e->custom == NULL ? TOOL_SOURCE : e->def->type;

	return (s->filter->types & type) != 0 &&
	       (s->filter->ops[e->op / 64] >> e->op % 64 & 1) != 0;
}

/* A procedure of a read-only source is held to reading. */
static bool
source_writes(const struct sight *s, int source)
{
	const unsigned change = VERB_INSERT | VERB_UPDATE | VERB_DELETE;
	unsigned verbs = verbs_of(s, source);

	return (verbs & change) != 0 ||
	       ((verbs & VERB_EXECUTE) != 0 &&
		   !s->catalogue->conf->sources[source].readonly);
}

bool
sight_writes(const struct sight *s, const struct entry *e)
{
	if (e->custom != NULL)
		return !e->custom->reads;
	if (e->script != NULL)
		return !e->script->reads;
	if ((e->def->scopes & SCOPE_WRITE) == 0)
		return false;
	for (int i = entry_next(s, e, -1); i >= 0; i = entry_next(s, e, i))
		if (source_writes(s, i))
			return true;
	return false;
}

/* A token with every right sees all twelve (DESIGN 8a). */
static bool
every_right(const struct sight *s)
{
	if ((s->who->scopes & SCOPE_READ) == 0 ||
	    (s->who->scopes & SCOPE_WRITE) == 0)
		return false;
	for (int i = sight_next(s, -1); i >= 0; i = sight_next(s, i))
		if (verbs_of(s, i) == VERB_ALL)
			return true;
	return false;
}

static bool
configured_procedures(const struct conf *conf, int source)
{
	for (size_t i = 0; i < conf->ntools; i++)
		if (conf->tools[i].procedure &&
		    conf->tools[i].source_index == source)
			return true;
	return false;
}

/* Those of the database run only where it may be written. */
static bool
procedures_useful(const struct sight *s, const struct entry *e, int source)
{
	const struct conf *conf = s->catalogue->conf;

	if ((e->def->scopes & SCOPE_WRITE) != 0 &&
	    conf->sources[source].readonly)
		return configured_procedures(conf, source);
	return catalogue_facts(s->catalogue, source)->procedures;
}

static bool
updates_useful(const struct sight *s, int source)
{
	unsigned caps = source_engine(s->catalogue->sources, source)->caps;

	return (verbs_of(s, source) & VERB_UPDATE) != 0 &&
	       (caps & SOURCE_ONLY_INSERTS) == 0;
}

static bool
source_useful(const struct sight *s, const struct entry *e, int source)
{
	const struct conf_source *conf = &s->catalogue->conf->sources[source];

	switch (e->def->want) {
	case WANT_SCHEMAS:
		return catalogue_facts(s->catalogue, source)->schemas;
	case WANT_PROCEDURES:
		return procedures_useful(s, e, source);
	case WANT_INSTRUCTIONS:
		return e->source < 0 || conf->instructions != NULL;
	case WANT_UPDATES:
		return updates_useful(s, source);
	case WANT_NOTHING:
		break;
	}
	return true;
}

static bool
useful(const struct sight *s, const struct entry *e)
{
	if (e->custom != NULL || e->def->want == WANT_NOTHING)
		return true;
	for (int i = entry_next(s, e, -1); i >= 0; i = entry_next(s, e, i))
		if (source_useful(s, e, i))
			return true;
	return e->source < 0 && every_right(s);
}

bool
sight_lists(const struct sight *s, const struct entry *e)
{
	return path_allows(s, e) && query_allows(s, e) && rights_allow(s, e) &&
	       useful(s, e);
}

bool
sight_calls(const struct sight *s, const struct entry *e)
{
	return path_allows(s, e) && rights_allow(s, e) &&
	       (e->source < 0 || useful(s, e)) &&
	       (!s->catalogue->conf->filter_calls || query_allows(s, e));
}

const struct source_driver *
source_engine(const struct sources *s, int source)
{
	static const struct source_driver none = { .name = "",
		.data_source = "" };
	const struct source_driver *d = source_driver(s, source);

	return d == NULL ? &none : d;
}

/* Engines that know it without a connection are not asked. */
static void
facts_ask(struct catalogue *c, int source, struct entry_facts *to)
{
	unsigned caps = source_engine(c->sources, source)->caps;
	struct source_facts facts = { 0 };
	struct fault f = { 0 };
	struct arena *a;

	to->procedures = configured_procedures(c->conf, source);
	if ((caps & (SOURCE_CAN_SCHEMAS | SOURCE_CAN_CALL)) == 0)
		return;
	a = arena_new(FACTS_ARENA);
	if (source_facts(c->sources, source, a, &facts, &f) == ERR_OK) {
		to->schemas = facts.many_schemas;
		to->procedures = to->procedures || facts.procedures;
	} else {
		to->schemas = (caps & SOURCE_CAN_SCHEMAS) != 0;
		to->procedures = (caps & SOURCE_CAN_CALL) != 0;
	}
	arena_free(a);
}

const struct entry_facts *
catalogue_facts(struct catalogue *c, int source)
{
	struct entry_facts *facts = &c->facts[source];

	if (!facts->known)
		facts_ask(c, source, facts);
	facts->known = true;
	return facts;
}

unsigned
entry_without(struct catalogue *c, const struct entry *e)
{
	if (e->source < 0 || e->custom != NULL)
		return 0;
	return catalogue_facts(c, e->source)->schemas
		   ? ARG_CATALOG
		   : ARG_CATALOG | ARG_SCHEMA;
}
