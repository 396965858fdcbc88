/* SPDX-License-Identifier: ISC */
/* The fixed columns of the metadata tools (tools.md 3, 1 to 6). */
#include "tool/meta_int.h"

#define COL(label, code, word)                                                \
	{                                                                     \
		{ label, sizeof(label) - 1 }, code,                           \
		    { word, sizeof(word) - 1 }, { NULL, 0 }, { NULL, 0 }, -1, \
		    -1, -1, -1                                                \
	}
#define COL_TEXT(label) COL(label, DT_TEXT, "VARCHAR")
#define COL_INT(label)  COL(label, DT_INTEGER, "INTEGER")
#define COL_BIG(label)  COL(label, DT_BIGINT, "BIGINT")

static const struct column catalog_columns[] = {
	COL_TEXT("TABLE_CATALOG"),
	COL_TEXT("DATA_SOURCE"),
	COL_TEXT("PERMISSIONS"),
	COL_TEXT("REMARKS"),
};

static const struct column schema_columns[] = {
	COL_TEXT("TABLE_CATALOG"),
	COL_TEXT("TABLE_SCHEMA"),
};

static const struct column table_columns[] = {
	COL_TEXT("TABLE_CATALOG"),
	COL_TEXT("TABLE_SCHEMA"),
	COL_TEXT("TABLE_NAME"),
	COL_TEXT("TABLE_TYPE"),
	COL_TEXT("REMARKS"),
	COL_BIG("ROW_ESTIMATE"),
};

static const struct column column_columns[] = {
	COL_TEXT("TABLE_CATALOG"),
	COL_TEXT("TABLE_SCHEMA"),
	COL_TEXT("TABLE_NAME"),
	COL_TEXT("COLUMN_NAME"),
	COL_INT("ORDINAL_POSITION"),
	COL_INT("DATA_TYPE"),
	COL_TEXT("TYPE_NAME"),
	COL_BIG("COLUMN_SIZE"),
	COL_INT("DECIMAL_DIGITS"),
	COL_TEXT("IS_NULLABLE"),
	COL_TEXT("COLUMN_DEF"),
	COL_TEXT("KEY"),
	COL_TEXT("REFERENCES"),
	COL_TEXT("REMARKS"),
};

static const struct column procedure_columns[] = {
	COL_TEXT("PROCEDURE_CATALOG"),
	COL_TEXT("PROCEDURE_SCHEMA"),
	COL_TEXT("PROCEDURE_NAME"),
	COL_TEXT("PROCEDURE_TYPE"),
	COL_TEXT("REMARKS"),
};

static const struct column parameter_columns[] = {
	COL_TEXT("PROCEDURE_CATALOG"),
	COL_TEXT("PROCEDURE_SCHEMA"),
	COL_TEXT("PROCEDURE_NAME"),
	COL_TEXT("PARAMETER_NAME"),
	COL_INT("ORDINAL_POSITION"),
	COL_INT("DIRECTION"),
	COL_INT("DATA_TYPE"),
	COL_TEXT("TYPE_NAME"),
	COL_TEXT("IS_REQUIRED"),
	COL_TEXT("COLUMN_DEF"),
	COL_TEXT("REMARKS"),
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

const struct meta_head meta_heads[] = {
	[META_SCHEMAS] = { schema_columns, N(schema_columns) },
	[META_TABLES] = { table_columns, N(table_columns) },
	[META_COLUMNS] = { column_columns, N(column_columns) },
	[META_PROCEDURES] = { procedure_columns, N(procedure_columns) },
	[META_PARAMETERS] = { parameter_columns, N(parameter_columns) },
};
_Static_assert(N(meta_heads) == META_PARAMETERS + 1, "a head for each");
_Static_assert(N(column_columns) <= META_COLUMNS_MAX, "a row has room");

const struct meta_head meta_catalogs = { catalog_columns, N(catalog_columns) };
