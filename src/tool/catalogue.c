/* SPDX-License-Identifier: ISC */
/*
 * The operations, in the order of the catalogue.  Everything that is said of
 * a tool is said here once: lists, schemas, rights, look-up and the check of
 * the manual page all read these rows.
 */
#include "tool/ops_int.h"

#define AT(m)        offsetof(struct op_args, m)
#define HAS(m)       (offsetof(struct op_args, has_##m) + 1)
#define NAME_MAX_LEN 128

/* Rows that several tables share. */
#define CATALOG(name, about)                                             \
	{                                                                \
		name, ARG_STR, AT(catalog), ARG_CATALOG | ARG_MIRROR, 1, \
		    NAME_MAX_LEN, about, NULL, 0, NULL                   \
	}
#define SCHEMA(name, about)                                                    \
	{                                                                      \
		name, ARG_STR, AT(schema), ARG_SCHEMA, 1, NAME_MAX_LEN, about, \
		    NULL, 0, NULL                                              \
	}
#define TEXT(name, member, flags, about)                                  \
	{                                                                 \
		name, ARG_STR, AT(member), flags, 1, NAME_MAX_LEN, about, \
		    NULL, 0, NULL                                         \
	}
#define FLAG(name, member, about)                                         \
	{                                                                 \
		name, ARG_BOOL, AT(member), 0, 0, 0, about, NULL, 0, NULL \
	}
#define PAGE                                                                   \
	{ "limit", ARG_INT, AT(limit), ARG_RANGE | ARG_BRIEF, 1, 1000,         \
		"1-1000", NULL, 0, "200" },                                    \
	{                                                                      \
		"cursor", ARG_STR, AT(cursor), 0, 1, CURSOR_MAX, "nextCursor", \
		    NULL, 0, NULL                                              \
	}
#define END                                              \
	{                                                \
		NULL, 0, 0, 0, 0, 0, NULL, NULL, 0, NULL \
	}

static const char *const table_types[] = { "TABLE", "VIEW", NULL };

static const struct arg catalogs_args[] = { PAGE, END };

static const struct arg schemas_args[] = {
	CATALOG("catalogName", "Source"),
	TEXT("schemaName", schema, 0, "Schema"),
	PAGE,
	END,
};

static const struct arg tables_args[] = {
	CATALOG("catalogName", "Source"),
	SCHEMA("schemaName", "Schema"),
	TEXT("tableName", table, 0, "Table"),
	TEXT("pattern", pattern, 0, "Like %name%"),
	{ "tableType", ARG_STR, AT(type), 0, 0, 0, "Kind", table_types, 0,
	    NULL },
	PAGE,
	END,
};

static const struct arg columns_args[] = {
	CATALOG("catalogName", "Source"),
	SCHEMA("schemaName", "Schema"),
	TEXT("tableName", table, 0, "Table"),
	TEXT("columnName", column, 0, "Column"),
	TEXT("pattern", pattern, 0, "Like %id"),
	PAGE,
	END,
};

static const struct arg procedures_args[] = {
	CATALOG("catalogName", "Source"),
	SCHEMA("schemaName", "Schema"),
	TEXT("procedureName", procedure, 0, "Procedure"),
	TEXT("pattern", pattern, 0, "Like %name%"),
	PAGE,
	END,
};

static const struct arg parameters_args[] = {
	CATALOG("catalogName", "Source"),
	SCHEMA("schemaName", "Schema"),
	TEXT("procedureName", procedure, ARG_NEED, "Procedure"),
	TEXT("parameterName", parameter, 0, "Parameter"),
	PAGE,
	END,
};

static const struct arg instructions_args[] = {
	CATALOG("catalogName", "Source"),
	{ "driverName", ARG_STR, AT(driver), ARG_CATALOG, 1, NAME_MAX_LEN,
	    "Or its DATA_SOURCE", NULL, 0, NULL },
	END,
};

#define QUERY                                                               \
	{                                                                   \
		"query", ARG_STR, AT(query), ARG_NEED, 1, QUERY_MAX, "SQL", \
		    NULL, 0, NULL                                           \
	}
#define RUN_ON \
	CATALOG("defaultCatalog", "Source"), SCHEMA("defaultSchema", "Schema")
#define VALUES                                              \
	{                                                   \
		"parameters", ARG_MAP, AT(params), 0, 0, 0, \
		    "Values for @name", NULL, 0, NULL       \
	}
#define SECONDS                                                            \
	{                                                                  \
		"timeout", ARG_INT, AT(timeout), ARG_RANGE | ARG_BRIEF, 1, \
		    300, "Seconds", NULL, HAS(timeout), NULL               \
	}

static const struct arg select_args[] = {
	QUERY,
	RUN_ON,
	VALUES,
	FLAG("schemaOnly", schema_only, "Columns only"),
	{ "maxRows", ARG_INT, AT(max_rows), ARG_RANGE | ARG_BRIEF, 1, 1000000,
	    "Row limit", NULL, HAS(max_rows), NULL },
	SECONDS,
	{ "cursor", ARG_STR, AT(cursor), 0, 1, CURSOR_MAX, "nextCursor", NULL,
	    0, NULL },
	END,
};

static const struct arg insert_args[] = {
	QUERY,
	RUN_ON,
	VALUES,
	SECONDS,
	FLAG("dryRun", dry_run, "Count, roll back"),
	END,
};

static const struct arg update_args[] = {
	QUERY,
	RUN_ON,
	VALUES,
	SECONDS,
	FLAG("dryRun", dry_run, "Count, roll back"),
	FLAG("allowAllRows", all_rows, "WHERE may lack"),
	END,
};

static const struct arg procedure_args[] = {
	TEXT("procedure", procedure, ARG_NEED, "Its name"),
	RUN_ON,
	{ "parameters", ARG_MAP, AT(params), 0, 0, 0, "Values by name", NULL, 0,
	    NULL },
	SECONDS,
	END,
};

/* Published as it stands (tools.md 4.1). */
static const struct arg data_args[] = {
	{ "sql", ARG_STR, AT(query), ARG_NEED, 0, 0,
	    "SQL SELECT statement. Use 'data' as the table name.", NULL, 0,
	    NULL },
	{ "source_name", ARG_STR, AT(catalog), 0, 0, 0,
	    "Optional. Name of the registered source. Defaults to the only registered source.",
	    NULL, 0, NULL },
	END,
};

static const struct arg check_args[] = {
	{ "statement", ARG_STR, AT(query), ARG_NEED, 1, QUERY_MAX, "SQL", NULL,
	    0, NULL },
	CATALOG("catalog", "Source"),
	SCHEMA("schema", "Schema"),
	END,
};

static const struct arg plan_args[] = {
	{ "statement", ARG_STR, AT(query), ARG_NEED, 1, QUERY_MAX, "SQL", NULL,
	    0, NULL },
	CATALOG("catalog", "Source"),
	SCHEMA("schema", "Schema"),
	FLAG("include_plan", plan, "Tree too"),
	END,
};

#define ANY (SCOPE_READ | SCOPE_WRITE)
#define READ(op, caption, t, g, v)                           \
	.name = op, .title = caption, .type = t, .group = g, \
	.scopes = SCOPE_READ, .verbs = v, .hint = HINT_READ, \
	.args_size = sizeof(struct op_args)
#define WRITE(op, caption, t, v, h)                               \
	.name = op, .title = caption, .type = t, .group = "core", \
	.scopes = SCOPE_WRITE, .verbs = v, .hint = h,             \
	.args_size = sizeof(struct op_args), .per_source = true
#define WORD(op, g)                    \
	{                              \
		.name = op, .group = g \
	}

const struct tool_def tool_defs[] = {
	{ READ("get_catalogs", "List data sources", TOOL_UNIVERSAL, "core", 0),
	    .args = catalogs_args, .aliases = { "getCatalogs" },
	    .about = "Lists your sources.", .run = op_catalogs },
	{ READ("get_schemas", "List schemas", TOOL_UNIVERSAL, "core", VERB_ALL),
	    .args = schemas_args, .per_source = true, .want = WANT_SCHEMAS,
	    .aliases = { "getSchemas" }, .about = "Lists schemas.",
	    .run = op_schemas },
	{ READ("get_tables", "List tables and views", TOOL_UNIVERSAL, "core",
	      VERB_ALL),
	    .args = tables_args, .per_source = true, .aliases = { "getTables" },
	    .about = "Lists tables and views.", .run = op_tables },
	{ READ("get_columns", "List columns", TOOL_UNIVERSAL, "core", VERB_ALL),
	    .args = columns_args, .per_source = true,
	    .aliases = { "getColumns" },
	    .about =
		"Lists columns and keys; give tableName, columnName or pattern.",
	    .run = op_columns },
	{ READ("get_procedures", "List procedures", TOOL_UNIVERSAL, "core",
	      VERB_ALL),
	    .args = procedures_args, .per_source = true,
	    .want = WANT_PROCEDURES, .aliases = { "getProcedures" },
	    .about = "Lists stored procedures and functions.",
	    .run = op_procedures },
	{ READ("get_procedure_parameters", "List procedure parameters",
	      TOOL_UNIVERSAL, "core", VERB_ALL),
	    .args = parameters_args, .per_source = true,
	    .want = WANT_PROCEDURES, .aliases = { "getProcedureParameters" },
	    .about = "Lists the parameters of a procedure.",
	    .run = op_parameters },
	{ READ("get_instructions", "Read source instructions", TOOL_UNIVERSAL,
	      "core", VERB_ALL),
	    .args = instructions_args, .per_source = true,
	    .want = WANT_INSTRUCTIONS, .shape = SHAPE_TEXT,
	    .aliases = { "getInstructions" },
	    .about = "Dialect, limits and rights of a source.",
	    .run = op_instructions },
	{ .name = "execute_sql",
	    .title = "Run SQL",
	    .type = TOOL_SQL,
	    .group = "core",
	    .scopes = ANY,
	    .verbs = VERB_ALL,
	    .hint = HINT_BY_RIGHTS,
	    .args_size = sizeof(struct op_args),
	    .shape = SHAPE_CALL,
	    .args = select_args,
	    .per_source = true,
	    .aliases = { "query_data", "queryData" },
	    .about = "Runs one SELECT or EXPLAIN.",
	    .about_write = "Runs one SQL statement; it may change data.",
	    .run = op_sql },
	{ READ("execute_select", "Run a SELECT", TOOL_SQL, "core", VERB_SELECT),
	    .args = select_args, .per_source = true,
	    .about = "Runs one SELECT; changes nothing.", .run = op_select },
	{ WRITE("execute_insert", "Run an INSERT", TOOL_SQL, VERB_INSERT,
	      HINT_WRITE),
	    .args = insert_args, .about = "Runs one INSERT in a transaction.",
	    .run = op_insert },
	{ WRITE("execute_update", "Run an UPDATE", TOOL_SQL, VERB_UPDATE,
	      HINT_DESTROY),
	    .want = WANT_UPDATES, .args = update_args,
	    .about = "Runs one UPDATE with a WHERE in a transaction.",
	    .run = op_update },
	{ WRITE("execute_procedure", "Run a stored procedure", TOOL_UNIVERSAL,
	      VERB_EXECUTE, HINT_DESTROY),
	    .shape = SHAPE_CALL, .want = WANT_PROCEDURES,
	    .args = procedure_args,
	    .aliases = { "executeProcedure", "execData" },
	    .about = "Runs a stored procedure.", .run = op_procedure },
	{ READ("query_source", "Query a data source", TOOL_SQL, "tdb",
	      VERB_SELECT),
	    .shape = SHAPE_DATA, .lax = true, .args = data_args,
	    .about =
		"Run a SQL SELECT query against the registered data source. Use 'data' as the table name.",
	    .run = op_data, .refused = data_refused },
	{ READ("validate_sql", "Check SQL without running it", TOOL_SQL,
	      "analysis", VERB_ALL),
	    .shape = SHAPE_CHECK, .args = check_args,
	    .about = "Checks a statement; nothing runs.", .run = op_validate },
	{ READ("explain_sql", "Show the query plan", TOOL_SQL, "analysis",
	      VERB_ALL),
	    .shape = SHAPE_PLAN, .args = plan_args,
	    .about = "Shows a statement's plan.", .run = op_explain },

	/* Known to "ops" in every build (tools.md 2). */
	WORD("search_metadata", "catalog"),
	WORD("get_entity_details", "catalog"),
	WORD("get_entity_lineage", "catalog"),
	WORD("create_glossary", "catalog"),
	WORD("create_glossary_term", "catalog"),
	WORD("create_lineage", "catalog"),
	WORD("update_entity", "catalog"),
	WORD("get_context", "workbench"),
	WORD("list_semantic_models", "workbench"),
	WORD("get_semantic_model", "workbench"),
	WORD("query_semantic_model", "workbench"),
	WORD("list_insights", "workbench"),
	WORD("get_insight", "workbench"),
	WORD("preview_insight", "workbench"),
	WORD("create_sql_insight", "workbench"),
	WORD("create_semantic_insight", "workbench"),
	WORD("list_dashboards", "workbench"),
	WORD("get_dashboard", "workbench"),
	WORD("create_dashboard", "workbench"),
	WORD("search_memories", "workbench"),
	WORD("create_memory", "workbench"),
	WORD("delete_memory", "workbench"),
	WORD("create_knowledge", "workbench"),
	WORD("list_notifications", "workbench"),
	WORD("create_notification", "workbench"),
	WORD("list_tasks", "workbench"),
	WORD("get_task", "workbench"),
	WORD("create_task", "workbench"),
	WORD("delete_task", "workbench"),
	WORD("list_discoveries", "workbench"),
	WORD("get_discovery", "workbench"),
	WORD("create_discovery", "workbench"),
	WORD("review_discovery", "workbench"),
};
const size_t tool_ndefs = sizeof(tool_defs) / sizeof(tool_defs[0]);
_Static_assert(sizeof(tool_defs) / sizeof(tool_defs[0]) <= 128,
    "tool_filter has a bit for each base name");

/* What every configured statement has in common. */
const struct tool_def custom_def = {
	.type = TOOL_SQL,
	.group = "core",
	.scopes = ANY,
	.shape = SHAPE_SETS,
	.run = op_custom,
};

int
tool_op(struct str name)
{
	for (size_t i = 0; i < tool_ndefs; i++)
		if (str_eq(name, str_of(tool_defs[i].name)))
			return (int)i;
	return -1;
}
