/* SPDX-License-Identifier: ISC */
/* The columns of metadata, without the catalog, which the tools add. */
#include "source/heading.h"

struct heading {
	const char *name;
	enum data_type type;
};

static const struct heading schemas[] = { { "TABLE_SCHEMA", DT_TEXT } };

static const struct heading tables[] = {
	{ "TABLE_SCHEMA", DT_TEXT },
	{ "TABLE_NAME", DT_TEXT },
	{ "TABLE_TYPE", DT_TEXT },
	{ "REMARKS", DT_TEXT },
	{ "ROW_ESTIMATE", DT_BIGINT },
};

static const struct heading columns[] = {
	{ "TABLE_SCHEMA", DT_TEXT },
	{ "TABLE_NAME", DT_TEXT },
	{ "COLUMN_NAME", DT_TEXT },
	{ "ORDINAL_POSITION", DT_INTEGER },
	{ "DATA_TYPE", DT_INTEGER },
	{ "TYPE_NAME", DT_TEXT },
	{ "COLUMN_SIZE", DT_INTEGER },
	{ "DECIMAL_DIGITS", DT_INTEGER },
	{ "IS_NULLABLE", DT_TEXT },
	{ "COLUMN_DEF", DT_TEXT },
	{ "KEY", DT_TEXT },
	{ "REFERENCES", DT_TEXT },
	{ "REMARKS", DT_TEXT },
};

static const struct heading procedures[] = {
	{ "PROCEDURE_SCHEMA", DT_TEXT },
	{ "PROCEDURE_NAME", DT_TEXT },
	{ "PROCEDURE_TYPE", DT_TEXT },
	{ "REMARKS", DT_TEXT },
};

static const struct heading parameters[] = {
	{ "PROCEDURE_SCHEMA", DT_TEXT },
	{ "PROCEDURE_NAME", DT_TEXT },
	{ "PARAMETER_NAME", DT_TEXT },
	{ "ORDINAL_POSITION", DT_INTEGER },
	{ "DIRECTION", DT_INTEGER },
	{ "DATA_TYPE", DT_INTEGER },
	{ "TYPE_NAME", DT_TEXT },
	{ "IS_REQUIRED", DT_TEXT },
	{ "COLUMN_DEF", DT_TEXT },
	{ "REMARKS", DT_TEXT },
};

#define KIND(v)                               \
	{                                     \
		v, sizeof(v) / sizeof((v)[0]) \
	}

static const struct kind {
	const struct heading *v;
	size_t n;
} kinds[] = {
	[META_SCHEMAS] = KIND(schemas),
	[META_TABLES] = KIND(tables),
	[META_COLUMNS] = KIND(columns),
	[META_PROCEDURES] = KIND(procedures),
	[META_PARAMETERS] = KIND(parameters),
};

size_t
heading_count(enum meta_what what)
{
	return kinds[what].n;
}

bool
heading_send(enum meta_what what, struct row_sink *to)
{
	const struct kind *k = &kinds[what];
	struct column c[HEADING_MAX];

	for (size_t i = 0; i < k->n; i++)
		c[i] = (struct column){
			.name = str_of(k->v[i].name),
			.type = k->v[i].type,
			.type_name = k->v[i].type == DT_TEXT ? STR("TEXT")
							     : STR("INTEGER"),
			.nullable = -1,
			.length = -1,
			.precision = -1,
			.scale = -1,
		};
	return to->cols(to, c, k->n);
}

bool
heading_plan(struct row_sink *to)
{
	static const char *const names[PLAN_OUT_COUNT] = { "id", "parent",
		"detail", "table", "access", "index", "filters",
		"estimated_rows" };
	struct column c[PLAN_OUT_COUNT];

	for (int i = 0; i < PLAN_OUT_COUNT; i++) {
		bool number = i == PLAN_OUT_ID || i == PLAN_OUT_PARENT ||
			      i == PLAN_OUT_ROWS;

		c[i] = (struct column){ .name = str_of(names[i]),
			.type = number ? DT_BIGINT : DT_TEXT,
			.type_name = number ? STR("bigint") : STR("text"),
			.nullable = -1,
			.length = -1,
			.precision = -1,
			.scale = -1 };
	}
	return to->cols(to, c, PLAN_OUT_COUNT);
}
