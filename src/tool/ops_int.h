/* SPDX-License-Identifier: ISC */
/* The arguments of the operations, decoded, and the functions that run them. */
#ifndef TOOL_OPS_INT_H
#define TOOL_OPS_INT_H

#include "tool/tool_int.h"

/* Ceilings of texts that no setting names. */
#define CURSOR_MAX 4096
#define QUERY_MAX  1048576

/* The union of what the tables decode; absent texts have p NULL. */
struct op_args {
	struct str catalog, schema;
	struct str table, column, procedure, parameter, pattern, type, driver;
	struct str query, cursor;
	struct arg_map params;
	int64_t limit, max_rows, timeout;
	bool has_max_rows, has_timeout;
	bool schema_only, dry_run, all_rows, plan;
};

enum err op_catalogs(struct run *r, const void *args, struct fault *f);
enum err op_schemas(struct run *r, const void *args, struct fault *f);
enum err op_tables(struct run *r, const void *args, struct fault *f);
enum err op_columns(struct run *r, const void *args, struct fault *f);
enum err op_procedures(struct run *r, const void *args, struct fault *f);
enum err op_parameters(struct run *r, const void *args, struct fault *f);
enum err op_instructions(struct run *r, const void *args, struct fault *f);
enum err op_sql(struct run *r, const void *args, struct fault *f);
enum err op_select(struct run *r, const void *args, struct fault *f);
enum err op_insert(struct run *r, const void *args, struct fault *f);
enum err op_update(struct run *r, const void *args, struct fault *f);
enum err op_procedure(struct run *r, const void *args, struct fault *f);
enum err op_data(struct run *r, const void *args, struct fault *f);
enum err op_validate(struct run *r, const void *args, struct fault *f);
enum err op_explain(struct run *r, const void *args, struct fault *f);
enum err op_custom(struct run *r, const void *args, struct fault *f);

/* query_source says even bad arguments in its own words. */
enum err data_refused(struct run *r, struct fault *f);

#endif
