/* SPDX-License-Identifier: ISC */
/*
 * execute_procedure: configured statements that are marked as procedures, and
 * what an engine has of its own.  The verb EXECUTE is the right to run them, as
 * it is in a database; that a read-only source stays so is the front's affair.
 */
#include "tool/custom_int.h"

#define PARTS 3

/* One part of a qualified name, its quotes taken off. */
static struct str
part_next(struct str *rest)
{
	static const char opens[] = "[\"`", closes[] = "]\"`";
	const char *q = rest->len == 0 ? NULL : memchr(opens, rest->p[0], 3);
	const char *end;
	struct str part;

	if (q == NULL) {
		end = memchr(rest->p, '.', rest->len);
		part.p = rest->p;
		part.len = end == NULL ? rest->len : (size_t)(end - rest->p);
		*rest = str_from(*rest, part.len + 1);
		return part;
	}
	end = memchr(rest->p + 1, closes[q - opens], rest->len - 1);
	part.p = rest->p + 1;
	part.len = end == NULL ? rest->len - 1 : (size_t)(end - rest->p - 1);
	*rest = str_from(*rest, part.len + 3);
	return part;
}

/* name, schema.name or source.schema.name; the number of parts. */
static size_t
name_split(struct str name, struct str parts[static PARTS])
{
	struct str rest = name;
	size_t n = 0;

	while (rest.len > 0 && n < PARTS)
		parts[n++] = part_next(&rest);
	return rest.len > 0 ? 0 : n;
}

static const struct custom *
procedure_find(const struct run *r, int source, struct str name, bool fold)
{
	const struct catalogue *c = r->call->catalogue;

	for (size_t i = 0; i < c->conf->ntools; i++) {
		const struct conf_tool *t = c->customs[i].conf;
		struct str own = str_of(t->name);

		if (t->procedure && t->source_index == source &&
		    (fold ? str_ieq(own, name) : str_eq(own, name)))
			return &c->customs[i];
	}
	return NULL;
}

static enum err
procedure_missing(const struct run *r, int source, struct str name,
    struct fault *f)
{
	const struct catalogue *c = r->call->catalogue;
	struct buf near;

	buf_init(&near, r->call->arena, FAULT_MSG);
	for (size_t i = 0, n = 0; i < c->conf->ntools && n < 5; i++) {
		const struct conf_tool *t = c->customs[i].conf;

		if (!t->procedure || t->source_index != source)
			continue;
		buf_str(&near, n++ > 0 ? STR(", ") : STR(""));
		buf_str(&near, str_of(t->name));
	}
	fault_set(f, ERR_PROCEDURE_NOT_FOUND, "there is no procedure '%.*s'",
	    (int)(name.len < 64 ? name.len : 64), name.p);
	if (near.len > 0)
		fault_hint(f, "procedures here: %.*s", (int)near.len, near.p);
	return ERR_PROCEDURE_NOT_FOUND;
}

static enum err
place_find(const struct run *r, const struct op_args *a,
    const struct str *parts, size_t n, int *source, struct fault *f)
{
	struct str nothing = STR("");
	int named = -1;
	enum err e;

	if (n < PARTS)
		return source_place(r, "defaultCatalog", a->catalog, &nothing,
		    source, f);
	e = source_pick(r, parts[0], &named, f);
	if (e != ERR_OK || (a->catalog.p == NULL && r->entry->source < 0)) {
		*source = named;
		return e;
	}
	e = source_place(r, "defaultCatalog", a->catalog, &nothing, source, f);
	if (e != ERR_OK || *source == named)
		return e;
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "defaultCatalog and the procedure's name are of two sources");
}

static enum err
value_wrong(const struct conf_param *p, const char *what, struct fault *f)
{
	return fault_set(f, ERR_INVALID_ARGUMENT, "the value of @%s must be %s",
	    p->name, what);
}

static enum err
number_check(const struct conf_param *p, double d, struct fault *f)
{
	char lo[33] = "any", hi[33] = "any";

	if ((!p->has_min || d >= p->min) && (!p->has_max || d <= p->max))
		return ERR_OK;
	if (p->has_min)
		lo[json_double_text(lo, p->min)] = '\0';
	if (p->has_max)
		hi[json_double_text(hi, p->max)] = '\0';
	return fault_set(f, ERR_INVALID_ARGUMENT,
	    "the value of @%s must be between %s and %s", p->name, lo, hi);
}

static enum err
text_check(const struct conf_param *p, struct str s, struct fault *f)
{
	for (size_t i = 0; i < p->values.n; i++)
		if (str_eq(s, str_of(p->values.v[i])))
			return ERR_OK;
	return p->values.n == 0 ? ERR_OK : value_wrong(p, "one of its list", f);
}

static enum err
value_check(const struct conf_param *p, struct value *v, struct fault *f)
{
	int64_t n;

	if (v->kind == VALUE_NULL)
		return p->required ? value_wrong(p, "given", f) : ERR_OK;
	switch (p->type) {
	case CONF_STRING:
		return v->kind == VALUE_TEXT ? text_check(p, v->s, f)
					     : value_wrong(p, "a string", f);
	case CONF_INTEGER:
		if (v->kind == VALUE_TEXT &&
		    str_int(v->s, INT64_MIN, INT64_MAX, &n))
			*v = (struct value){ VALUE_INT, { .i = n } };
		return v->kind == VALUE_INT ? number_check(p, (double)v->i, f)
					    : value_wrong(p, "an integer", f);
	case CONF_NUMBER:
		if (v->kind == VALUE_INT)
			*v =
			    (struct value){ VALUE_REAL, { .d = (double)v->i } };
		return v->kind == VALUE_REAL ? number_check(p, v->d, f)
					     : value_wrong(p, "a number", f);
	case CONF_BOOLEAN:
		break;
	}
	return v->kind == VALUE_BOOL ? ERR_OK : value_wrong(p, "a boolean", f);
}

/* The given value of a parameter, marked as taken; NULL: none. */
static const struct param *
value_given(const struct arg_map *given, const char *name, bool *taken)
{
	for (size_t i = 0; i < given->n; i++)
		if (str_ieq(given->v[i].name, str_of(name))) {
			taken[i] = true;
			return &given->v[i];
		}
	return NULL;
}

static enum err
values_fit(const struct conf_tool *t, const struct arg_map *given,
    struct arena *a, struct arg_map *to, struct fault *f)
{
	bool *taken = arena_zero(a, given->n + 1, sizeof(*taken));

	to->n = t->nparams;
	to->v = arena_zero(a, t->nparams + 1, sizeof(*to->v));
	for (size_t i = 0; i < t->nparams; i++) {
		const struct conf_param *p = &t->params[i];
		const struct param *got = value_given(given, p->name, taken);
		struct value v = got == NULL ? custom_default(p) : got->value;
		enum err e = value_check(p, &v, f);

		if (e != ERR_OK)
			return e;
		to->v[i] = (struct param){ str_of(p->name), v, 1,
			got == NULL ? DT_UNKNOWN : got->type };
	}
	for (size_t i = 0; i < given->n; i++)
		if (!taken[i])
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "the procedure has no parameter @%.*s",
			    (int)(given->v[i].name.len < 64
				      ? given->v[i].name.len
				      : 64),
			    given->v[i].name.p);
	return ERR_OK;
}

/* The engine's own: it knows its parameters, and says which there are. */
static enum err
own_run(struct run *r, int source, const struct op_args *a,
    const struct str *parts, size_t n, struct fault *f)
{
	struct sql_job j;
	enum err e;

	job_init(&j, r, source, a->procedure, &a->params);
	e = job_check(&j, "parameters", f);
	if (e != ERR_OK)
		return e;
	job_limits(&j, a->timeout, 0);
	j.whole = a->procedure;
	j.configured = arena_z(r->call->arena, parts[n - 1]);
	j.ask.classes = SQL_BIT(SQL_CALL);
	j.ask.procedure = parts[n - 1];
	j.ask.schema = n > 1 ? parts[n - 2] : a->schema;
	return job_answer(&j, f);
}

static bool
has_own(const struct run *r, int source)
{
	return (source_engine(r->call->sources, source)->caps &
		   SOURCE_CAN_CALL) != 0;
}

static enum err
right_check(const struct run *r, int source, struct fault *f)
{
	const struct conf *conf = r->call->conf;

	if ((auth_verbs(r->call->who, conf, source) & VERB_EXECUTE) != 0)
		return ERR_OK;
	return fault_set(f, ERR_PERMISSION_DENIED,
	    "this token has no right to EXECUTE on source '%s'",
	    conf->sources[source].name);
}

enum err
op_procedure(struct run *r, const void *args, struct fault *f)
{
	const struct op_args *a = args;
	const struct custom *cu = NULL;
	struct str parts[PARTS];
	struct arg_map values;
	size_t n = name_split(a->procedure, parts);
	int source = -1;
	enum err e;

	e = place_find(r, a, parts, n, &source, f);
	if (e != ERR_OK)
		return e;
	if (n > 0)
		cu = procedure_find(r, source, parts[n - 1], false);
	if (n > 0 && cu == NULL)
		cu = procedure_find(r, source, parts[n - 1], true);
	if (cu == NULL && (n == 0 || !has_own(r, source)))
		return procedure_missing(r, source, a->procedure, f);
	e = right_check(r, source, f);
	if (e == ERR_OK && cu == NULL)
		return own_run(r, source, a, parts, n, f);
	if (e == ERR_OK)
		e = values_fit(cu->conf, &a->params, r->call->arena, &values,
		    f);
	if (e != ERR_OK)
		return e;
	return custom_run(r, cu, &values, cu->verbs, a->timeout, f);
}
