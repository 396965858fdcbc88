/* SPDX-License-Identifier: ISC */
/* What the front asks of a statement before a driver sees it. */
#include "source/source_int.h"

#define PARAMS_MAX 100 /* where the configuration says nothing */

static const unsigned writes = SQL_BIT(SQL_INSERT) | SQL_BIT(SQL_UPDATE) |
			       SQL_BIT(SQL_DELETE) | SQL_BIT(SQL_MERGE) |
			       SQL_BIT(SQL_DDL) | SQL_BIT(SQL_CALL);

enum err
check_text(const struct conf_source *spec, const struct sql_ask *q,
    struct fault *f)
{
	if (spec->max_sql > 0 && q->text.len > (uint64_t)spec->max_sql)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "the statement is longer than %lld bytes",
		    (long long)spec->max_sql);
	return ERR_OK;
}

/* A class no tool ever runs. */
static enum err
never(const struct gate *g, struct fault *f)
{
	if (g->class == SQL_TRANSACTION)
		fault_hint(f, "each write is a transaction of its own");
	else
		fault_hint(f,
		    "get_tables, get_columns and get_instructions describe the "
		    "source");
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    str_ieq(g->verb, STR("SELECT"))
		? "a %.*s that writes or locks is not allowed"
		: "%.*s statements are not allowed",
	    (int)g->verb.len, g->verb.p);
}

static enum err
read_only(const struct conf_source *spec, const struct gate *g, struct fault *f)
{
	fault_hint(f, "%.*s was found; only SELECT can run here",
	    (int)g->verb.len, g->verb.p);
	return fault_set(f, ERR_READ_ONLY,
	    "source '%s' is read-only, %.*s was refused", spec->name,
	    (int)g->verb.len, g->verb.p);
}

/* The classes a tool takes, as words. */
static struct str
classes_text(unsigned classes, char *p, size_t size)
{
	size_t n = 0;

	for (int c = 0; c <= SQL_OTHER; c++) {
		struct str name = str_of(sql_class_name((enum sql_class)c));

		if ((classes & SQL_BIT(c)) == 0 || n + name.len + 2 > size)
			continue;
		if (n != 0) {
			p[n++] = ',';
			p[n++] = ' ';
		}
		memcpy(p + n, name.p, name.len);
		n += name.len;
	}
	return (struct str){ p, n };
}

static enum err
not_of_tool(const struct sql_ask *q, const struct gate *g, struct fault *f)
{
	char list[160];
	struct str s = classes_text(q->classes, list, sizeof(list));

	fault_hint(f, "%.*s was found", (int)g->verb.len, g->verb.p);
	return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
	    "this tool runs %.*s statements, this one is %s", (int)s.len, s.p,
	    sql_class_name(g->class));
}

static enum err
check_verbs(const struct conf_source *spec, const struct sql_ask *q,
    const struct gate *g, struct fault *f)
{
	unsigned missing = (g->verbs | sql_class_verbs(g->class)) & ~q->verbs;
	static const char *const names[] = { "SELECT", "INSERT", "UPDATE",
		"DELETE", "EXECUTE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((missing & (1u << i)) != 0)
			return fault_set(f, ERR_PERMISSION_DENIED,
			    "this token has no right to %s on source '%s'",
			    names[i], spec->name);
	return ERR_OK;
}

enum err
check_rights(const struct conf_source *spec, const struct source_driver *d,
    const struct sql_ask *q, const struct gate *g, struct fault *f)
{
	bool writes_here = (SQL_BIT(g->class) & writes) != 0;
	bool can_write = !spec->readonly && (d->caps & SOURCE_CAN_WRITE) != 0;

	if (g->two_sources) {
		fault_hint(f, "query them one at a time");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "one statement cannot use two sources");
	}
	if (q->any_class)
		return ERR_OK;
	if (sql_class_verbs(g->class) == 0)
		return never(g, f);
	if (writes_here && !can_write && !q->explain &&
	    (q->classes & writes) != 0)
		return read_only(spec, g, f);
	if ((q->classes & SQL_BIT(g->class)) == 0)
		return not_of_tool(q, g, f);
	if (g->class == SQL_CALL && (d->caps & SOURCE_CAN_CALL) == 0) {
		fault_hint(f, "get_procedures lists what there is");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "this source has no stored procedures");
	}
	if (g->class == SQL_UPDATE && !g->has_where && !q->all_rows) {
		fault_hint(f, "set allowAllRows to change every row");
		return fault_set(f, ERR_STATEMENT_NOT_ALLOWED,
		    "an UPDATE without WHERE changes every row");
	}
	return q->explain ? ERR_OK : check_verbs(spec, q, g, f);
}

static bool
has_value(const struct sql_ask *q, struct str name)
{
	for (size_t i = 0; i < q->nparams; i++)
		if (str_eq(q->params[i].name, name))
			return true;
	return false;
}

static bool
has_mark(const struct gate *g, struct str name)
{
	for (size_t i = 0; i < g->nmarks; i++)
		if (str_eq(g->marks[i].name, name))
			return true;
	return false;
}

/* Every placeholder its value and every value its placeholder; a statement
 * that is only looked at needs no values. */
enum err
check_params(const struct conf *conf, const struct sql_ask *q,
    const struct gate *g, struct fault *f)
{
	size_t most =
	    conf->limits.params > 0 ? (size_t)conf->limits.params : PARAMS_MAX;

	if (q->nparams > most)
		return fault_set(f, ERR_INVALID_ARGUMENT,
		    "more than %zu parameter values", most);
	for (size_t i = 0; i < q->nparams; i++)
		if (!has_mark(g, q->params[i].name))
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "the statement has no placeholder @%.*s",
			    (int)q->params[i].name.len, q->params[i].name.p);
	for (size_t i = 0; i < g->nmarks && !q->describe && !q->explain; i++)
		if (!has_value(q, g->marks[i].name))
			return fault_set(f, ERR_INVALID_ARGUMENT,
			    "no value for the placeholder @%.*s",
			    (int)g->marks[i].name.len, g->marks[i].name.p);
	return ERR_OK;
}
