/* SPDX-License-Identifier: ISC */
/*
 * Arguments of a prompt.  The protocol has strings only; a number or a truth
 * value is taken as it would be printed, and what no parameter is named for is
 * passed over, since several clients send more.
 */
#include "content/content_int.h"

static enum err
wrong(struct fault *f, const struct conf_param *p, const char *what)
{
	return fault_field(f, str_of(p->name),
	    "Invalid parameters: field '%s' must be %s", p->name, what);
}

static enum err
missing(struct fault *f, const struct conf_param *p)
{
	return fault_field(f, str_of(p->name),
	    "Invalid parameters: missing required field '%s'", p->name);
}

/* The argument as text. */
static enum err
read_text(struct arena *a, const struct conf_param *p, const json_t *v,
    struct str *out, struct fault *f)
{
	struct json_out o;
	struct buf b;

	if (json_is_string(v)) {
		*out = json_text(v);
		return ERR_OK;
	}
	if (!json_is_number(v) && !json_is_boolean(v))
		return wrong(f, p, "a string");
	buf_init(&b, a, 64);
	json_out_init(&o, &b, NULL);
	json_tree(&o, NULL, v);
	*out = buf_text(&b);
	return ERR_OK;
}

/* A number as text; false when it is none. */
static bool
number(struct arena *a, struct str s, double *out)
{
	struct fault f = { 0 };
	json_t *root = NULL;

	if (s.len == 0 || s.len > 64 ||
	    json_parse(a, s, &json_limits_default, &root, &f) != ERR_OK ||
	    !json_is_number(root))
		return false;
	*out = json_number_value(root);
	return true;
}

static const char *
range_text(struct arena *a, const struct conf_param *p)
{
	char lo[32], hi[32];

	lo[json_double_text(lo, p->min)] = '\0';
	hi[json_double_text(hi, p->max)] = '\0';
	if (p->has_min && p->has_max)
		return arena_fmt(a, "between %s and %s", lo, hi).p;
	return arena_fmt(a, p->has_min ? "at least %s" : "at most %s",
	    p->has_min ? lo : hi)
	    .p;
}

static enum err
check_number(struct arena *a, const struct conf_param *p, struct str s,
    struct fault *f)
{
	int64_t i;
	double v = 0;

	if (p->type == CONF_INTEGER) {
		if (!str_int(s, INT64_MIN, INT64_MAX, &i))
			return wrong(f, p,
			    p->has_min || p->has_max ? range_text(a, p)
						     : "an integer");
		v = (double)i;
	} else if (!number(a, s, &v)) {
		return wrong(f, p, "a number");
	}
	if ((p->has_min && v < p->min) || (p->has_max && v > p->max))
		return wrong(f, p, range_text(a, p));
	return ERR_OK;
}

static enum err
check_words(struct arena *a, const struct conf_param *p, struct str s,
    struct fault *f)
{
	struct buf b;

	for (size_t i = 0; i < p->values.n; i++)
		if (str_eq(s, str_of(p->values.v[i])))
			return ERR_OK;
	if (p->values.n == 0)
		return ERR_OK;
	buf_init(&b, a, FAULT_MSG);
	buf_lit(&b, "one of");
	for (size_t i = 0; i < p->values.n; i++)
		buf_fmt(&b, "%s %s", i == 0 ? "" : ",", p->values.v[i]);
	return wrong(f, p, arena_z(a, buf_text(&b)));
}

static enum err
check(struct arena *a, const struct conf_param *p, struct str s,
    struct fault *f)
{
	if (s.len > PROMPT_VALUE_MAX)
		return fault_field(f, str_of(p->name),
		    "Invalid parameters: field '%s' must have at most %d bytes",
		    p->name, PROMPT_VALUE_MAX);
	switch (p->type) {
	case CONF_INTEGER:
	case CONF_NUMBER:
		return check_number(a, p, s, f);
	case CONF_BOOLEAN:
		return str_eq(s, STR("true")) || str_eq(s, STR("false"))
			   ? ERR_OK
			   : wrong(f, p, "true or false");
	case CONF_STRING:
		break;
	}
	return check_words(a, p, s, f);
}

enum err
prompt_values(struct tool_call *c, const struct conf_prompt *p,
    const json_t *arguments, struct insert_value **out, size_t *n,
    struct fault *f)
{
	struct insert_value *v =
	    arena_zero(c->arena, p->nparams + 1, sizeof(*v));
	enum err e = ERR_OK;

	for (size_t i = 0; i < p->nparams && e == ERR_OK; i++) {
		const struct conf_param *q = &p->params[i];
		const json_t *given = json_member(arguments, q->name);

		v[i].name = str_of(q->name);
		v[i].value = q->has_default ? str_of(q->dflt) : STR("");
		if (given == NULL) {
			e = q->required ? missing(f, q) : ERR_OK;
			continue;
		}
		e = read_text(c->arena, q, given, &v[i].value, f);
		if (e == ERR_OK)
			e = check(c->arena, q, v[i].value, f);
	}
	*out = v;
	*n = p->nparams;
	return e;
}
