/* SPDX-License-Identifier: ISC */
/*
 * Decoding arguments by a table.  The sentences are those of tools.md 1.8 row
 * 9; only the first failing field is told, in the order of the table.
 */
#include <float.h>
#include <math.h>

#include "base/buf.h"
#include "tool/args.h"

struct reader {
	const struct arg *g;
	const json_t *v;
	struct arena *a;
	char *to;
	struct fault *f;
};

static enum err
arg_wrong(const struct reader *r, const char *what)
{
	return fault_field(r->f, str_of(r->g->name),
	    "Invalid parameters: field '%s' must be %s", r->g->name, what);
}

enum err
arg_missing(struct fault *f, const char *field)
{
	return fault_field(f, str_of(field),
	    "Invalid parameters: missing required field '%s'", field);
}

enum err
arg_too_long(struct fault *f, const char *field, int64_t max)
{
	return fault_field(f, str_of(field),
	    "Invalid parameters: field '%s' must be between 1 and %lld bytes long",
	    field, (long long)max);
}

enum err
arg_too_many(struct fault *f, const char *field, int64_t max)
{
	return fault_field(f, str_of(field),
	    "Invalid parameters: field '%s' must hold at most %lld values",
	    field, (long long)max);
}

/* "1", "0.5": as a person would write it. */
static const char *
bound_text(char to[static 32], double v)
{
	to[json_double_text(to, v)] = '\0';
	return to;
}

static enum err
range_check(const struct reader *r, double v)
{
	char lo[33], hi[33];

	if ((r->g->flags & ARG_RANGE) == 0 ||
	    (v >= r->g->min && v <= r->g->max))
		return ERR_OK;
	if (isinf(r->g->max))
		return fault_field(r->f, str_of(r->g->name),
		    "Invalid parameters: field '%s' must be at least %s",
		    r->g->name, bound_text(lo, r->g->min));
	if (isinf(r->g->min))
		return fault_field(r->f, str_of(r->g->name),
		    "Invalid parameters: field '%s' must be at most %s",
		    r->g->name, bound_text(hi, r->g->max));
	return fault_field(r->f, str_of(r->g->name),
	    "Invalid parameters: field '%s' must be between %s and %s",
	    r->g->name, bound_text(lo, r->g->min), bound_text(hi, r->g->max));
}

static enum err
values_check(const struct reader *r, struct str s)
{
	struct buf list;

	if (r->g->values == NULL)
		return ERR_OK;
	buf_init(&list, r->a, FAULT_MSG);
	for (size_t i = 0; r->g->values[i] != NULL; i++) {
		if (str_eq(s, str_of(r->g->values[i])))
			return ERR_OK;
		if (i > 0)
			buf_lit(&list, ", ");
		buf_str(&list, str_of(r->g->values[i]));
	}
	return fault_field(r->f, str_of(r->g->name),
	    "Invalid parameters: field '%s' must be one of %.*s", r->g->name,
	    (int)list.len, list.p);
}

static enum err
read_str(const struct reader *r)
{
	const struct arg *g = r->g;
	struct str s = json_text(r->v);

	if (!json_is_string(r->v))
		return arg_wrong(r, "a string");
	if (str_has(s, '\0'))
		return fault_field(r->f, str_of(g->name),
		    "Invalid parameters: field '%s' must not contain a NUL character",
		    g->name);
	if (g->values == NULL && g->max > 0 &&
	    ((double)s.len < g->min || (double)s.len > g->max))
		return fault_field(r->f, str_of(g->name),
		    "Invalid parameters: field '%s' must be between %.0f and %.0f bytes long",
		    g->name, g->min, g->max);
	memcpy(r->to + g->at, &s, sizeof(s));
	return values_check(r, s);
}

/* A number without fraction, or a string of digits: models send these. */
static bool
integer_of(const json_t *v, int64_t *out)
{
	double d;

	if (json_is_integer(v)) {
		*out = json_integer_value(v);
		return true;
	}
	if (json_is_string(v))
		return str_int(json_text(v), INT64_MIN, INT64_MAX, out);
	if (!json_is_real(v))
		return false;
	d = json_real_value(v);
	if (d != floor(d) || fabs(d) > 9007199254740992.0)
		return false;
	*out = (int64_t)d;
	return true;
}

static enum err
read_int(const struct reader *r)
{
	int64_t n;

	if (!integer_of(r->v, &n))
		return arg_wrong(r, "an integer");
	memcpy(r->to + r->g->at, &n, sizeof(n));
	return range_check(r, (double)n);
}

static enum err
read_number(const struct reader *r)
{
	double d;

	if (!json_is_number(r->v))
		return arg_wrong(r, "a number");
	d = json_number_value(r->v);
	memcpy(r->to + r->g->at, &d, sizeof(d));
	return range_check(r, d);
}

static enum err
read_bool(const struct reader *r)
{
	struct str s = json_text(r->v);
	bool yes = json_is_true(r->v) || str_eq(s, STR("true"));

	if (!yes && !json_is_false(r->v) && !str_eq(s, STR("false")))
		return arg_wrong(r, "a boolean");
	memcpy(r->to + r->g->at, &yes, sizeof(yes));
	return ERR_OK;
}

static enum err
read_map(const struct reader *r)
{
	if (!json_is_object(r->v))
		return arg_wrong(r, "an object");
	return arg_map_read(r->g->name, r->v, r->a,
	    (struct arg_map *)(void *)(r->to + r->g->at), r->f);
}

static enum err (*const readers[])(const struct reader *) = {
	[ARG_STR] = read_str,
	[ARG_INT] = read_int,
	[ARG_BOOL] = read_bool,
	[ARG_MAP] = read_map,
	[ARG_NUMBER] = read_number,
};
_Static_assert(sizeof(readers) / sizeof(readers[0]) == ARG_NUMBER + 1,
    "a reader for each type");

static void
arg_default(const struct arg *g, char *to)
{
	int64_t n;

	if (g->type == ARG_INT && g->dflt != NULL &&
	    str_int(str_of(g->dflt), INT64_MIN, INT64_MAX, &n))
		memcpy(to + g->at, &n, sizeof(n));
}

static enum err
arg_read(struct reader *r)
{
	const bool yes = true;

	if (r->v == NULL) {
		if ((r->g->flags & ARG_NEED) != 0)
			return arg_missing(r->f, r->g->name);
		arg_default(r->g, r->to);
		return ERR_OK;
	}
	if (r->g->present != 0)
		memcpy(r->to + r->g->present - 1, &yes, sizeof(yes));
	return readers[r->g->type](r);
}

static bool
arg_known(const struct arg *table, unsigned without, struct str name)
{
	for (const struct arg *g = table; g->name != NULL; g++)
		if (arg_exists(g, without) && str_eq(name, str_of(g->name)))
			return true;
	return false;
}

static enum err
arg_unknown(const struct arg *table, unsigned without, struct str name,
    struct arena *a, struct fault *f)
{
	struct buf known;

	buf_init(&known, a, FAULT_MSG);
	for (const struct arg *g = table; g->name != NULL; g++) {
		if (!arg_exists(g, without))
			continue;
		if (known.len > 0)
			buf_lit(&known, ", ");
		buf_str(&known, str_of(g->name));
	}
	if (known.len == 0)
		buf_lit(&known, "none");
	return fault_field(f, name,
	    "Invalid parameters: unknown field '%.*s' (known: %.*s)",
	    (int)(name.len < 64 ? name.len : 64), name.p, (int)known.len,
	    known.p);
}

static enum err
unknown_check(const struct arg *table, unsigned without,
    const json_t *arguments, struct arena *a, struct fault *f)
{
	json_t *o = (json_t *)(uintptr_t)arguments; /* the iterator's want */

	for (void *i = json_object_iter(o); i != NULL;
	     i = json_object_iter_next(o, i)) {
		struct str name = { json_object_iter_key(i),
			json_object_iter_key_len(i) };

		if (!arg_known(table, without, name))
			return arg_unknown(table, without, name, a, f);
	}
	return ERR_OK;
}

enum err
args_read(const struct arg *table, unsigned without, bool lax,
    const json_t *arguments, struct arena *a, void *to, struct fault *f)
{
	struct reader r = { NULL, NULL, a, to, f };

	for (const struct arg *g = table; g->name != NULL; g++) {
		enum err e;

		if (!arg_exists(g, without))
			continue;
		r.g = g;
		r.v = json_member(arguments, g->name);
		e = arg_read(&r);
		if (e != ERR_OK)
			return e;
	}
	return lax ? ERR_OK : unknown_check(table, without, arguments, a, f);
}
