/* SPDX-License-Identifier: ISC */
/* execute_sql, execute_select, execute_insert, execute_update. */
#include "tool/sql_int.h"

#define READING (SQL_BIT(SQL_SELECT) | SQL_BIT(SQL_EXPLAIN))
#define WRITING                                                            \
	(SQL_BIT(SQL_INSERT) | SQL_BIT(SQL_UPDATE) | SQL_BIT(SQL_DELETE) | \
	    SQL_BIT(SQL_MERGE) | SQL_BIT(SQL_CALL))

static enum err
job_make(struct sql_job *j, struct run *r, const struct op_args *a,
    struct fault *f)
{
	struct str text = a->query;
	int source;
	enum err e =
	    source_place(r, "defaultCatalog", a->catalog, &text, &source, f);

	if (e != ERR_OK)
		return e;
	job_init(j, r, source, text, &a->params);
	e = job_check(j, "query", f);
	if (e != ERR_OK)
		return e;
	job_limits(j, a->timeout, a->max_rows);
	j->ask.schema = a->schema;
	j->ask.describe = a->schema_only;
	j->ask.dry_run = a->dry_run;
	j->ask.all_rows = true;
	j->whole = a->query;
	j->cursor = a->cursor;
	return job_resume(j, f);
}

/* DDL wants the source's word for it and every verb. */
static unsigned
classes_all(const struct sql_job *j)
{
	const struct conf_source *conf =
	    &j->run->call->conf->sources[j->source];

	return READING | WRITING |
	       (conf->ddl && j->ask.verbs == VERB_ALL ? SQL_BIT(SQL_DDL) : 0);
}

enum err
op_sql(struct run *r, const void *args, struct fault *f)
{
	struct sql_job j;
	enum err e = job_make(&j, r, args, f);

	if (e != ERR_OK)
		return e;
	j.ask.classes = classes_all(&j);
	return job_answer(&j, f);
}

enum err
op_select(struct run *r, const void *args, struct fault *f)
{
	struct sql_job j;
	enum err e = job_make(&j, r, args, f);

	if (e != ERR_OK)
		return e;
	j.ask.classes = SQL_BIT(SQL_SELECT);
	return job_answer(&j, f);
}

enum err
op_insert(struct run *r, const void *args, struct fault *f)
{
	struct sql_job j;
	enum err e = job_make(&j, r, args, f);

	if (e != ERR_OK)
		return e;
	j.ask.classes = SQL_BIT(SQL_INSERT);
	return job_answer(&j, f);
}

enum err
op_update(struct run *r, const void *args, struct fault *f)
{
	const struct op_args *a = args;
	struct sql_job j;
	enum err e = job_make(&j, r, a, f);

	if (e != ERR_OK)
		return e;
	j.ask.classes = SQL_BIT(SQL_UPDATE);
	j.ask.all_rows = a->all_rows;
	return job_answer(&j, f);
}
