/* SPDX-License-Identifier: ISC */
/* Configured statements as the procedures of sources that have none. */
#include "source/source_int.h"

static const struct {
	enum data_type type;
	const char *name;
} types[] = {
	[CONF_STRING] = { DT_TEXT, "string" },
	[CONF_INTEGER] = { DT_BIGINT, "integer" },
	[CONF_NUMBER] = { DT_DOUBLE, "number" },
	[CONF_BOOLEAN] = { DT_BOOLEAN, "boolean" },
};

static struct value
text(const char *z)
{
	if (z == NULL)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_TEXT, .s = str_of(z) };
}

static bool
named(struct str wanted, const char *name, bool fold)
{
	if (str_is_empty(wanted))
		return true;
	return fold ? str_ieq(wanted, str_of(name))
		    : str_eq(wanted, str_of(name));
}

static bool
procedure_row(const struct conf_tool *t, struct row_sink *to)
{
	struct value v[] = { text("main"), text(t->name), text("PROCEDURE"),
		text(t->about) };

	return to->row(to, v, sizeof(v) / sizeof(v[0]));
}

/* A parameter's name is asked for with or without its '@'. */
static bool
parameter_rows(const struct conf_tool *t, const struct meta_ask *m,
    struct row_sink *to)
{
	struct str wanted = m->parameter;
	char name[80];

	if (str_starts(wanted, STR("@")))
		wanted = str_from(wanted, 1);
	for (size_t i = 0; i < t->nparams; i++) {
		const struct conf_param *p = &t->params[i];
		size_t n = strlen(p->name);
		struct value v[] = {
			text("main"),
			text(t->name),
			{ .kind = VALUE_TEXT, .s = { name, n + 1 } },
			{ .kind = VALUE_INT, .i = (int64_t)i + 1 },
			{ .kind = VALUE_INT, .i = 1 },
			{ .kind = VALUE_INT, .i = types[p->type].type },
			text(types[p->type].name),
			text(p->required ? "YES" : "NO"),
			text(p->has_default ? p->dflt : NULL),
			text(p->about),
		};

		if (n + 1 > sizeof(name) || !named(wanted, p->name, true))
			continue;
		name[0] = '@';
		memcpy(name + 1, p->name, n);
		if (!to->row(to, v, sizeof(v) / sizeof(v[0])))
			return false;
	}
	return true;
}

static size_t
rows(const struct conf *conf, int source, const struct meta_ask *m, bool fold,
    struct row_sink *to)
{
	size_t found = 0;

	for (size_t i = 0; i < conf->ntools; i++) {
		const struct conf_tool *t = &conf->tools[i];

		if (!t->procedure || t->source_index != source ||
		    !named(m->procedure, t->name, fold) ||
		    (m->pattern.len != 0 &&
			!str_like(m->pattern, str_of(t->name))))
			continue;
		found++;
		if (!(m->what == META_PROCEDURES ? procedure_row(t, to)
						 : parameter_rows(t, m, to)))
			break;
	}
	return found;
}

void
procedures_rows(const struct conf *conf, int source, const struct meta_ask *m,
    struct row_sink *to)
{
	bool here = str_is_empty(m->schema) || str_ieq(m->schema, STR("main"));

	if (here && rows(conf, source, m, false, to) == 0 &&
	    !str_is_empty(m->procedure))
		(void)rows(conf, source, m, true, to);
}
