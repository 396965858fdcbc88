/* SPDX-License-Identifier: ISC */
/*
 * get_catalogs, get_schemas, get_tables, get_columns, get_procedures and
 * get_procedure_parameters: rows of the sources in fixed columns, each with its
 * catalog in front.
 */
#include "base/clock.h"
#include "tool/meta_int.h"
#include "tool/sql_int.h"

/* Takes the rows of one source after the other and puts the catalog first. */
struct meta_feed {
	struct row_sink sink;
	struct rows_out *to;
	struct str catalog;
	size_t n;     /* columns, the catalog counted */
	int64_t skip; /* rows still to pass over */
	int64_t seen; /* rows that came */
};

/* The columns are fixed and written already. */
static bool
feed_cols(struct row_sink *to, const struct column *c, size_t n)
{
	(void)to;
	(void)c;
	(void)n;
	return true;
}

static bool
feed_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct meta_feed *feed =
	    (struct meta_feed *)((char *)to - offsetof(struct meta_feed, sink));
	struct value row[META_COLUMNS_MAX] = { { .kind = VALUE_NULL } };

	feed->seen++;
	if (feed->skip > 0) {
		feed->skip--;
		return true;
	}
	row[0] = (struct value){ VALUE_TEXT, { .s = feed->catalog } };
	for (size_t i = 0; i < n && i + 1 < feed->n; i++)
		row[i + 1] = v[i];
	return feed->to->sink.row(&feed->to->sink, row, feed->n);
}

struct meta_job {
	struct run *run;
	const struct op_args *args;
	struct meta_ask ask;
	struct rows_out rows;
	struct meta_feed feed;
	struct cursor_of of;
	int64_t offset;
	int source; /* or -1: all visible ones */
};

/* Everything that narrows: a cursor counts in nothing else. */
static void
meta_hash(struct meta_job *m)
{
	const struct op_args *a = m->args;
	struct str parts[] = { m->run->entry->name, a->catalog, a->schema,
		a->table, a->column, a->procedure, a->parameter, a->pattern,
		a->type, { NULL, 0 } };

	if (m->source >= 0)
		parts[9] = str_of(m->run->call->conf->sources[m->source].name);
	cursor_hash(&m->of, parts, sizeof(parts) / sizeof(parts[0]));
}

static enum err
meta_source(struct meta_job *m, struct fault *f)
{
	const struct run *r = m->run;

	m->source = r->entry->source;
	if (m->source >= 0)
		return ERR_OK;
	if (m->args->catalog.p != NULL)
		return source_pick(r, m->args->catalog, &m->source, f);
	m->source = r->sight.filter->source;
	return ERR_OK;
}

/* Budgets of the one source; of several, those of the first. */
static const struct conf_source *
meta_budget(const struct meta_job *m)
{
	const struct conf *conf = m->run->call->conf;
	int i = m->source >= 0 ? m->source : sight_next(&m->run->sight, -1);

	return i >= 0 ? &conf->sources[i] : NULL;
}

static void
meta_begin(struct meta_job *m, const struct meta_head *head)
{
	struct run *r = m->run;
	const struct conf_source *budget = meta_budget(m);

	answer_begin(r, budget == NULL ? 0 : budget->max_bytes);
	json_arr(&r->out, "results");
	rows_begin(&m->rows, &r->out, r->call->arena, ROWS_SETS);
	m->rows.brief = true;
	m->rows.max_rows = m->args->limit;
	if (budget != NULL) {
		m->rows.max_bytes = budget->max_bytes;
		m->rows.max_cell = budget->max_cell;
	}
	m->feed = (struct meta_feed){
		.sink = { feed_cols, feed_row, NULL },
		.to = &m->rows,
		.n = head->n,
		.skip = m->offset,
	};
	(void)m->rows.sink.cols(&m->rows.sink, head->columns, head->n);
}

static enum err
meta_end(struct meta_job *m, struct fault *f)
{
	struct run *r = m->run;
	struct str cursor = { NULL, 0 };

	if (m->rows.full)
		cursor = cursor_make(r, &m->of, m->offset + m->rows.rows);
	rows_end(&m->rows, -1);
	json_end(&r->out);
	answer_tail(r, &m->rows, true, cursor);
	r->call->attempt->rows = m->rows.rows;
	return answer_end(r, f);
}

/* A source that is away does not spoil the answer about the others. */
static bool
fault_is_absence(enum err e)
{
	return e == ERR_SOURCE_UNREACHABLE || e == ERR_SOURCE_AUTH_FAILED ||
	       e == ERR_TIMEOUT || e == ERR_BUSY;
}

static enum err
meta_one(struct meta_job *m, int source, struct fault *f)
{
	struct tool_call *c = m->run->call;
	const struct conf_source *conf = &c->conf->sources[source];
	enum err e = run_charge(m->run, source, f);

	if (e == ERR_OK)
		e = tool_enter(c, f);
	if (e != ERR_OK)
		return e;
	m->feed.catalog = str_of(conf->name);
	m->ask.deadline = deadline_in((int64_t)conf->timeout * 1000);
	e = source_meta(c->sources, source, c->arena, &m->ask, &m->feed.sink,
	    f);
	tool_leave(c);
	return e;
}

static enum err
meta_all(struct meta_job *m, struct fault *f)
{
	struct run *r = m->run;
	const struct conf *conf = r->call->conf;

	for (int i = sight_next(&r->sight, -1); i >= 0 && !m->rows.full;
	     i = sight_next(&r->sight, i)) {
		struct fault one = { 0 };
		enum err e = meta_one(m, i, &one);

		if (e != ERR_OK && !fault_is_absence(e) &&
		    e != ERR_SCHEMA_NOT_FOUND) {
			*f = one;
			return e;
		}
		if (e != ERR_OK && e != ERR_SCHEMA_NOT_FOUND)
			answer_notice(r,
			    arena_fmt(r->call->arena, "%s: %s: %s",
				conf->sources[i].name, err_name(e), one.msg));
	}
	return ERR_OK;
}

static enum err
meta_prepare(struct meta_job *m, struct run *r, const struct op_args *a,
    struct fault *f)
{
	enum err e;

	*m = (struct meta_job){ .run = r, .args = a };
	e = meta_source(m, f);
	if (e != ERR_OK)
		return e;
	meta_hash(m);
	if (m->source >= 0)
		r->call->attempt->source =
		    str_of(r->call->conf->sources[m->source].name);
	return cursor_open(r, &m->of, a->cursor, &m->offset, f);
}

static enum err
meta_rows(struct meta_job *m, enum meta_what what, struct fault *f)
{
	const struct op_args *a = m->args;

	m->ask = (struct meta_ask){
		.what = what,
		.schema = a->schema,
		.table = a->table,
		.column = a->column,
		.procedure = a->procedure,
		.parameter = a->parameter,
		.pattern = a->pattern,
		.type = a->type,
	};
	meta_begin(m, &meta_heads[what]);
	return m->source >= 0 ? meta_one(m, m->source, f) : meta_all(m, f);
}

static enum err
meta_answer(struct run *r, const struct op_args *a, enum meta_what what,
    struct fault *f)
{
	struct meta_job m;
	enum err e = meta_prepare(&m, r, a, f);

	if (e == ERR_OK)
		e = meta_rows(&m, what, f);
	return e == ERR_OK ? meta_end(&m, f) : e;
}

enum err
op_schemas(struct run *r, const void *args, struct fault *f)
{
	return meta_answer(r, args, META_SCHEMAS, f);
}

enum err
op_tables(struct run *r, const void *args, struct fault *f)
{
	return meta_answer(r, args, META_TABLES, f);
}

enum err
op_columns(struct run *r, const void *args, struct fault *f)
{
	const struct op_args *a = args;

	if (a->table.p == NULL && a->column.p == NULL && a->pattern.p == NULL)
		return arg_missing(f, "tableName");
	return meta_answer(r, a, META_COLUMNS, f);
}

enum err
op_procedures(struct run *r, const void *args, struct fault *f)
{
	return meta_answer(r, args, META_PROCEDURES, f);
}

/* No rows: is the procedure unknown, or has it no such parameter? */
static enum err
procedure_check(struct meta_job *m, struct fault *f)
{
	struct str name = m->args->procedure;
	enum err e;

	if (m->feed.seen > 0)
		return ERR_OK;
	m->ask.what = META_PROCEDURES;
	m->ask.parameter = (struct str){ NULL, 0 };
	m->feed.skip = INT64_MAX; /* counted, not written */
	e = m->source >= 0 ? meta_one(m, m->source, f) : meta_all(m, f);
	if (e != ERR_OK || m->feed.seen > 0)
		return e;
	fault_set(f, ERR_PROCEDURE_NOT_FOUND, "there is no procedure '%.*s'",
	    (int)(name.len < 64 ? name.len : 64), name.p);
	fault_hint(f, "get_procedures lists them");
	return ERR_PROCEDURE_NOT_FOUND;
}

enum err
op_parameters(struct run *r, const void *args, struct fault *f)
{
	struct meta_job m;
	enum err e = meta_prepare(&m, r, args, f);

	if (e == ERR_OK)
		e = meta_rows(&m, META_PARAMETERS, f);
	if (e == ERR_OK)
		e = procedure_check(&m, f);
	return e == ERR_OK ? meta_end(&m, f) : e;
}

static struct value
text_or_null(struct str s)
{
	if (s.p == NULL)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ VALUE_TEXT, { .s = s } };
}

static bool
catalog_row(struct meta_job *m, int source)
{
	struct tool_call *c = m->run->call;
	const struct conf_source *conf = &c->conf->sources[source];
	const struct value row[] = {
		text_or_null(
		    str_of(source_engine(c->sources, source)->data_source)),
		text_or_null(
		    verbs_text(c->arena, auth_verbs(c->who, c->conf, source))),
		text_or_null(str_of(conf->about)),
	};

	m->feed.catalog = str_of(conf->name);
	return feed_row(&m->feed.sink, row, sizeof(row) / sizeof(row[0]));
}

enum err
op_catalogs(struct run *r, const void *args, struct fault *f)
{
	struct meta_job m;
	enum err e = meta_prepare(&m, r, args, f);

	if (e != ERR_OK)
		return e;
	meta_begin(&m, &meta_catalogs);
	for (int i = sight_next(&r->sight, -1); i >= 0;
	     i = sight_next(&r->sight, i))
		if (!catalog_row(&m, i))
			break;
	return meta_end(&m, f);
}
