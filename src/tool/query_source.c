/* SPDX-License-Identifier: ISC */
/*
 * query_source: one SELECT over a table called "data" (tools.md 4.1).  Its
 * failures are texts without a code, as they were published.
 */
#include "tool/sql_int.h"

static enum err
refuse(struct run *r, enum err code, struct str text)
{
	struct fault told = { .code = code };

	error_plain(r->call, text, &told, r->result);
	return ERR_OK;
}

static enum err
refuse_sql(struct run *r, const char *why)
{
	return refuse(r, ERR_INVALID_ARGUMENT,
	    arena_fmt(r->call->arena, "SQL validation error: %s", why));
}

/* ['a', 'b'] */
static struct str
available(const struct run *r)
{
	const struct conf *conf = r->call->conf;
	struct buf b;

	buf_init(&b, r->call->arena, 64 << 10);
	buf_char(&b, '[');
	for (int i = sight_next(&r->sight, -1); i >= 0;
	     i = sight_next(&r->sight, i)) {
		if (b.len > 1)
			buf_lit(&b, ", ");
		buf_fmt(&b, "'%s'", conf->sources[i].name);
	}
	buf_char(&b, ']');
	return buf_text(&b);
}

enum err
data_refused(struct run *r, struct fault *f)
{
	struct str seen;

	if (str_eq(str_of(f->field), STR("sql")))
		return refuse_sql(r,
		    str_ends(str_of(f->msg), STR("NUL character"))
			? "NUL character"
			: "Empty SQL");
	seen = available(r);
	return refuse(r, ERR_INVALID_ARGUMENT,
	    arena_fmt(r->call->arena,
		"source_name must be a string. Available: %.*s", (int)seen.len,
		seen.p));
}

/* First verbs that are named in the refusal. */
static bool
verb_is_blocked(struct str verb)
{
	static const char *const verbs[] = { "INSERT", "UPDATE", "DELETE",
		"DROP", "CREATE", "ALTER", "TRUNCATE", "REPLACE", "MERGE" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_ieq(verb, str_of(verbs[i])))
			return true;
	return false;
}

static bool
is_blank(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(" \t\r\n\f\v;", s.p[i]) == NULL)
			return false;
	return true;
}

/* NULL: it is one SELECT. */
static const char *
sql_trouble(const struct run *r, enum sql_dialect dialect, struct str text,
    struct gate *g)
{
	struct fault f = { 0 };
	enum err e;

	if (is_blank(text))
		return "Empty SQL";
	e = gate_read(r->call->arena, dialect, text, NULL, NULL, g, &f);
	if (!r->call->conf->tdb_doc_texts && verb_is_blocked(g->first))
		return arena_fmt(r->call->arena, "Blocked keyword: %.*s",
		    (int)g->first.len, g->first.p)
		    .p;
	if (e != ERR_OK || g->class != SQL_SELECT)
		return "Only SELECT statements are allowed";
	return NULL;
}

static enum err
no_source(struct run *r)
{
	struct str seen = available(r);

	if (seen.len == 2)
		return refuse(r, ERR_SOURCE_NOT_FOUND,
		    STR("No data source is registered."));
	return refuse(r, ERR_INVALID_ARGUMENT,
	    arena_fmt(r->call->arena,
		"source_name is required. Available: %.*s", (int)seen.len,
		seen.p));
}

static enum err
unknown_source(struct run *r, struct str name)
{
	struct str seen = available(r);

	return refuse(r, ERR_SOURCE_NOT_FOUND,
	    arena_fmt(r->call->arena,
		"Source '%.*s' not found. Available: %.*s",
		(int)(name.len < 64 ? name.len : 64), name.p, (int)seen.len,
		seen.p));
}

static bool
names_data(const struct gate *g)
{
	for (size_t i = 0; i < g->ntables; i++)
		if (str_ieq(g->tables[i], STR("data")))
			return true;
	return false;
}

/* The table that "data" stands for, or empty. */
static struct str
data_table(const struct run *r, int source)
{
	const struct conf_source *conf = &r->call->conf->sources[source];
	struct source_facts facts = { 0 };
	struct fault f = { 0 };

	if (conf->data_table != NULL)
		return str_of(conf->data_table);
	if (source_facts(r->call->sources, source, r->call->arena, &facts,
		&f) != ERR_OK)
		return (struct str){ NULL, 0 };
	return facts.only_table;
}

static void
data_close(struct sql_job *j)
{
	struct run *r = j->run;
	bool cut;

	if (j->done.more)
		rows_left(&j->rows);
	rows_end(&j->rows, -1);
	cut = j->rows.cut != ROWS_WHOLE;
	json_int(&r->out, "rows_returned", j->rows.rows);
	if (cut || era_structured(r->call->era))
		json_bool(&r->out, "truncated", cut);
	r->call->attempt->rows = j->rows.rows;
}

static enum err
data_run(struct sql_job *j, struct fault *f)
{
	struct run *r = j->run;
	const struct conf_source *conf = &r->call->conf->sources[j->source];
	enum err e;

	answer_begin(r, conf->max_bytes);
	json_z(&r->out, "source", conf->name);
	rows_begin(&j->rows, &r->out, r->call->arena, ROWS_OBJECTS);
	j->rows.max_rows = j->ask.max_rows;
	j->rows.max_bytes = conf->max_bytes;
	j->rows.max_cell = conf->max_cell;
	e = job_run(j, &j->rows.sink, f);
	if (e == ERR_OK) {
		data_close(j);
		e = answer_end(r, f);
	}
	return job_finish(j, e, f);
}

/* What the engine said, in the published words. */
static enum err
data_failed(struct sql_job *j, bool wants_data, const struct fault *f)
{
	struct run *r = j->run;

	if (wants_data && f->code == ERR_TABLE_NOT_FOUND)
		return refuse(r, ERR_TABLE_NOT_FOUND,
		    arena_fmt(r->call->arena,
			"Source '%s' has no default table; use execute_select.",
			r->call->conf->sources[j->source].name));
	return refuse(r, f->code,
	    arena_fmt(r->call->arena, "Query execution error: %s", f->msg));
}

static enum err
data_answer(struct run *r, int source, const struct op_args *a,
    const struct gate *g, struct fault *f)
{
	bool wants_data = names_data(g);
	struct sql_job j;
	enum err e;

	job_init(&j, r, source, a->query, NULL);
	if (job_check(&j, "sql", f) != ERR_OK)
		return refuse_sql(r, "Too long");
	job_limits(&j, 0, 0);
	j.ask.classes = SQL_BIT(SQL_SELECT);
	if (wants_data)
		j.ask.data = data_table(r, source);
	e = data_run(&j, f);
	if (e == ERR_OK || e == ERR_UNAVAILABLE || e == ERR_INTERNAL)
		return e;
	return data_failed(&j, wants_data && str_is_empty(j.ask.data), f);
}

enum err
op_data(struct run *r, const void *args, struct fault *f)
{
	const struct op_args *a = args;
	struct gate g = { 0 };
	const char *trouble;
	int source = a->catalog.p != NULL ? source_named(&r->sight, a->catalog)
					  : sight_only(&r->sight);
	int guess = source >= 0 ? source : sight_next(&r->sight, -1);

	trouble = sql_trouble(r,
	    guess >= 0 ? source_engine(r->call->sources, guess)->dialect
		       : DIALECT_SQLITE,
	    a->query, &g);
	if (trouble != NULL)
		return refuse_sql(r, trouble);
	if (source >= 0)
		return data_answer(r, source, a, &g, f);
	return a->catalog.p != NULL ? unknown_source(r, a->catalog)
				    : no_source(r);
}
