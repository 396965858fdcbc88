/* SPDX-License-Identifier: ISC */
/*
 * completion/complete: what may stand in an argument of a prompt or in a
 * variable of a template.  Nothing is offered that this caller could not list.
 */
#include "content/content_int.h"

enum { VALUES_MAX = 100 };

/* The values while they are gathered. */
struct finding {
	struct tool_call *call;
	const struct complete_ask *ask;
	struct str v[VALUES_MAX];
	size_t n;
	int64_t total;
	bool more, partial; /* there are others; not all were looked at */
};

/* Letters are folded, as for names in SQL. */
static bool
begins(struct str value, struct str with)
{
	return value.len >= with.len &&
	       str_ieq((struct str){ value.p, with.len }, with);
}

static void
offer(struct finding *d, struct str value)
{
	if (value.len == 0 || !begins(value, d->ask->value))
		return;
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(d->v[i], value))
			return;
	d->total++;
	if (d->n == VALUES_MAX)
		d->more = true;
	else
		d->v[d->n++] = value;
}

/* What another argument was given, p NULL for nothing. */
static struct str
context(const struct finding *d, const char *name)
{
	return name == NULL ? (struct str){ 0 }
			    : json_text(json_member(d->ask->context, name));
}

/* The parameter that is completed with sources, or with schemas. */
static const char *
named_for(const struct conf_param *p, size_t n, enum conf_complete what)
{
	for (size_t i = 0; i < n; i++)
		if (p[i].complete == what)
			return p[i].name;
	return NULL;
}

static void
offer_sources(struct finding *d)
{
	const struct conf *conf = d->call->conf;

	for (size_t i = 0; i < conf->nsources; i++)
		if (sees_schema(d->call, (int)i, false))
			offer(d, str_of(conf->sources[i].name));
}

/* Schemas or tables of one source; one that is away has none. */
static void
offer_of_source(struct finding *d, int source, enum conf_complete what,
    struct str schema)
{
	struct meta_want w = { .schema = schema };
	struct table_name *v = NULL;
	struct fault f = { 0 };
	size_t n = 0;

	if (what == COMPLETE_TABLES)
		w.begins = d->ask->value;
	if (meta_tables(d->call, source, &w, &v, &n, &f) != ERR_OK)
		d->partial = true;
	for (size_t i = 0; i < n; i++)
		offer(d, what == COMPLETE_TABLES ? v[i].table : v[i].schema);
}

/* Of the source and schema that were chosen, or of all. */
static void
offer_names(struct finding *d, enum conf_complete what, struct str source,
    struct str schema)
{
	const struct conf *conf = d->call->conf;

	for (size_t i = 0; i < conf->nsources; i++) {
		if (!sees_schema(d->call, (int)i, false) ||
		    (source.len > 0 &&
			!str_eq(source, str_of(conf->sources[i].name))))
			continue;
		if (d->n == VALUES_MAX) {
			d->partial = true;
			return;
		}
		offer_of_source(d, (int)i, what, schema);
	}
}

static void
offer_param(struct finding *d, const struct conf_param *p,
    const struct conf_param *all, size_t n)
{
	struct str source = context(d, named_for(all, n, COMPLETE_SOURCES));
	struct str schema = context(d, named_for(all, n, COMPLETE_SCHEMAS));

	for (size_t i = 0; i < p->values.n; i++)
		offer(d, str_of(p->values.v[i]));
	if (p->complete == COMPLETE_SOURCES)
		offer_sources(d);
	else if (p->complete == COMPLETE_SCHEMAS)
		offer_names(d, COMPLETE_SCHEMAS, source, (struct str){ 0 });
	else if (p->complete == COMPLETE_TABLES)
		offer_names(d, COMPLETE_TABLES, source, schema);
}

static const struct conf_param *
param_named(const struct conf_param *p, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(str_of(p[i].name), name))
			return &p[i];
	return NULL;
}

static enum err
unknown_argument(const struct finding *d, struct fault *f)
{
	struct str name = d->ask->name;

	return fault_set(f, ERR_PARAMS,
	    "Invalid parameters: there is no argument '%.*s' here",
	    (int)(name.len < 64 ? name.len : 64), name.p);
}

/* --- prompts --- */

static enum err
of_prompt(struct finding *d, struct fault *f)
{
	const struct conf_prompt *p = prompt_named(d->call, d->ask->ref);
	const struct conf_param *q;
	char word[FAULT_MSG];

	if (p == NULL)
		return fault_set(f, ERR_PARAMS, "Prompt not found: %s",
		    fault_word(word, d->ask->ref, 128));
	q = param_named(p->params, p->nparams, d->ask->name);
	if (q == NULL)
		return unknown_argument(d, f);
	offer_param(d, q, p->params, p->nparams);
	return ERR_OK;
}

/* --- templates --- */

/* Which variable of a template it is; false when it has none of the name. */
static bool
variable_place(struct str uri, struct str wanted, size_t *at, size_t *count)
{
	bool slashes, found = false;
	struct str name;

	for (*count = 0; uri_variable(&uri, &name, &slashes); (*count)++)
		if (str_eq(name, wanted)) {
			*at = *count;
			found = true;
		}
	return found;
}

/* Piece number i of a path; the last of "count" takes what is left. */
static bool
piece_at(struct str path, size_t i, size_t count, struct str *out)
{
	struct str name;

	*out = (struct str){ 0 };
	for (size_t k = 0; k < count; k++) {
		struct str rest = path;

		if (!str_cut(&path, '/', &name))
			return false;
		if (k == i)
			*out = k + 1 == count ? rest : name;
	}
	return true;
}

/* Does the path have what was chosen for the other variables? */
static bool
path_fits(const struct finding *d, struct str uri, struct str path,
    size_t count)
{
	struct str name, have, want;
	bool slashes;

	for (size_t i = 0; uri_variable(&uri, &name, &slashes); i++) {
		want = json_text(json_member(d->ask->context,
		    arena_z(d->call->arena, name)));
		if (want.len == 0 || str_eq(name, d->ask->name))
			continue;
		if (!piece_at(path, i, count, &have) || !str_eq(have, want))
			return false;
	}
	return true;
}

/* Names in the folder of a template. */
static void
offer_files(struct finding *d, const struct conf_resource *r, size_t at,
    size_t count)
{
	bool deep = strstr(r->uri, "{+") != NULL;
	struct file *v = NULL;
	struct str piece, more;
	size_t n = 0;

	if (!folder_list(d->call->arena, r->folder, &v, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (piece_at(v[i].rel, at, count, &piece) &&
		    (deep || !piece_at(v[i].rel, count, count + 1, &more)) &&
		    path_fits(d, str_of(r->uri), v[i].rel, count))
			offer(d, piece);
}

static enum err
of_configured(struct finding *d, const struct conf_resource *r, struct fault *f)
{
	const struct conf_param *q =
	    param_named(r->params, r->nparams, d->ask->name);
	size_t at = 0, count;

	if (!variable_place(str_of(r->uri), d->ask->name, &at, &count))
		return unknown_argument(d, f);
	if (q != NULL)
		offer_param(d, q, r->params, r->nparams);
	if (r->folder != NULL)
		offer_files(d, r, at, count);
	return ERR_OK;
}

/* The templates of the sources. */
static enum err
of_schema(struct finding *d, bool table, struct fault *f)
{
	struct str name = d->ask->name;

	if (str_eq(name, STR("source")))
		offer_sources(d);
	else if (table && str_eq(name, STR("schema")))
		offer_names(d, COMPLETE_SCHEMAS, context(d, "source"),
		    (struct str){ 0 });
	else if (table && str_eq(name, STR("table")))
		offer_names(d, COMPLETE_TABLES, context(d, "source"),
		    context(d, "schema"));
	else
		return unknown_argument(d, f);
	return ERR_OK;
}

static enum err
of_resource(struct finding *d, struct fault *f)
{
	const struct tool_call *c = d->call;
	const struct conf *conf = c->conf;
	struct str ref = d->ask->ref;
	char word[FAULT_MSG];

	for (size_t i = 0; i < conf->nresources; i++) {
		const struct conf_resource *r = &conf->resources[i];

		if (str_eq(ref, str_of(r->uri)) &&
		    sees_configured(c, r->source, r->source_index))
			return of_configured(d, r, f);
	}
	if (conf->source_resources != OFFER_OFF &&
	    str_eq(ref, STR(SCHEMA_SCHEME "{source}")))
		return of_schema(d, false, f);
	if (conf->source_resources == OFFER_TABLES &&
	    str_eq(ref, STR(SCHEMA_SCHEME "{source}/{schema}/{table}")))
		return of_schema(d, true, f);
	return fault_set(f, ERR_PARAMS, "Resource template not found: %s",
	    fault_word(word, ref, 256));
}

enum err
complete_find(struct tool_call *c, const struct complete_ask *q,
    struct str *completion, struct fault *f)
{
	struct finding *d = arena_zero(c->arena, 1, sizeof(*d));
	struct json_out out;
	struct buf b;
	enum err e;

	d->call = c;
	d->ask = q;
	e = q->prompt ? of_prompt(d, f) : of_resource(d, f);
	if (e != ERR_OK)
		return e;
	buf_init(&b, c->arena, (size_t)4 << 20);
	json_out_init(&out, &b, NULL);
	json_obj(&out, NULL);
	json_arr(&out, "values");
	for (size_t i = 0; i < d->n; i++)
		json_str(&out, NULL, d->v[i].p, d->v[i].len);
	json_end(&out);
	if (!d->partial)
		json_int(&out, "total", d->total);
	json_bool(&out, "hasMore", d->more || d->partial);
	json_end(&out);
	if (json_failed(&out))
		return fault_set(f, ERR_TOO_LARGE,
		    "the values are too long to send");
	*completion = buf_text(&b);
	return ERR_OK;
}
