/* SPDX-License-Identifier: ISC */
/* Types by what the server calls them, "LowCardinality(Nullable(String))". */
#include "source/clickhouse_int.h"

static const struct {
	const char *name;
	enum data_type type;
} types[] = {
	{ "Int8", DT_TINYINT },
	{ "UInt8", DT_SMALLINT },
	{ "Int16", DT_SMALLINT },
	{ "UInt16", DT_INTEGER },
	{ "Int32", DT_INTEGER },
	{ "UInt32", DT_BIGINT },
	{ "Int64", DT_BIGINT },
	{ "UInt64", DT_BIGINT },
	{ "Int128", DT_NUMERIC },
	{ "UInt128", DT_NUMERIC },
	{ "Int256", DT_NUMERIC },
	{ "UInt256", DT_NUMERIC },
	{ "Float32", DT_REAL },
	{ "Float64", DT_DOUBLE },
	{ "Decimal", DT_DECIMAL },
	{ "Decimal32", DT_DECIMAL },
	{ "Decimal64", DT_DECIMAL },
	{ "Decimal128", DT_DECIMAL },
	{ "Decimal256", DT_DECIMAL },
	{ "Bool", DT_BOOLEAN },
	{ "Date", DT_DATE },
	{ "Date32", DT_DATE },
	{ "DateTime", DT_TIMESTAMP },
	{ "DateTime64", DT_TIMESTAMP },
	{ "UUID", DT_UUID },
	{ "AggregateFunction", DT_BINARY },
};

/* What stands in the parentheses of "name(...)"; false: it is not that. */
static bool
inside(struct str type, struct str name, struct str *out)
{
	if (!str_starts(type, name) || !str_ends(type, STR(")")))
		return false;
	*out = str_from(type, name.len);
	out->len--;
	return true;
}

/* Number i of a list with commas; -1: there is none. */
static int64_t
number_at(struct str list, int i)
{
	struct str piece = { 0 };
	int64_t n;

	while (i-- >= 0)
		if (!str_cut(&list, ',', &piece))
			return -1;
	return str_int(str_trim(piece), 0, INT32_MAX, &n) ? n : -1;
}

static void
put_size(struct str type, struct column *c)
{
	struct str in;

	if (inside(type, STR("FixedString("), &in))
		c->length = number_at(in, 0);
	if (inside(type, STR("Decimal("), &in)) {
		c->precision = (int)number_at(in, 0);
		c->scale = (int)number_at(in, 1);
	}
	if (inside(type, STR("DateTime64("), &in))
		c->scale = (int)number_at(in, 0);
}

void
ch_column(struct str name, struct str type, struct column *out)
{
	struct str bare = type, word;

	*out = (struct column){ .name = name,
		.type = DT_TEXT,
		.type_name = type,
		.nullable = 0,
		.length = -1,
		.precision = -1,
		.scale = -1 };
	(void)inside(bare, STR("LowCardinality("), &bare);
	if (inside(bare, STR("Nullable("), &bare))
		out->nullable = 1;
	put_size(bare, out);
	(void)str_cut(&bare, '(', &word);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(word, str_of(types[i].name)))
			out->type = types[i].type;
}
