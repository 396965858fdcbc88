/* SPDX-License-Identifier: ISC */
/* Types: as the protocol numbers them and as information_schema writes them. */
#include "source/mariadb_int.h"

#define BINARY_CHARSET 63

/* Of the protocol; unsigned ones are as wide as the next one. */
static const struct known {
	enum enum_field_types kind;
	enum data_type type, wide;
	const char *name;
} known[] = {
	{ MYSQL_TYPE_TINY, DT_TINYINT, DT_SMALLINT, "tinyint" },
	{ MYSQL_TYPE_SHORT, DT_SMALLINT, DT_INTEGER, "smallint" },
	{ MYSQL_TYPE_INT24, DT_INTEGER, DT_INTEGER, "mediumint" },
	{ MYSQL_TYPE_LONG, DT_INTEGER, DT_BIGINT, "int" },
	{ MYSQL_TYPE_LONGLONG, DT_BIGINT, DT_BIGINT, "bigint" },
	{ MYSQL_TYPE_YEAR, DT_SMALLINT, DT_SMALLINT, "year" },
	{ MYSQL_TYPE_FLOAT, DT_REAL, DT_REAL, "float" },
	{ MYSQL_TYPE_DOUBLE, DT_DOUBLE, DT_DOUBLE, "double" },
	{ MYSQL_TYPE_DECIMAL, DT_DECIMAL, DT_DECIMAL, "decimal" },
	{ MYSQL_TYPE_NEWDECIMAL, DT_DECIMAL, DT_DECIMAL, "decimal" },
	{ MYSQL_TYPE_BIT, DT_TEXT, DT_TEXT, "bit" },
	{ MYSQL_TYPE_DATE, DT_DATE, DT_DATE, "date" },
	{ MYSQL_TYPE_NEWDATE, DT_DATE, DT_DATE, "date" },
	{ MYSQL_TYPE_TIME, DT_TIME, DT_TIME, "time" },
	{ MYSQL_TYPE_DATETIME, DT_TIMESTAMP, DT_TIMESTAMP, "datetime" },
	{ MYSQL_TYPE_TIMESTAMP, DT_TIMESTAMP, DT_TIMESTAMP, "timestamp" },
	{ MYSQL_TYPE_ENUM, DT_TEXT, DT_TEXT, "enum" },
	{ MYSQL_TYPE_SET, DT_TEXT, DT_TEXT, "set" },
	{ MYSQL_TYPE_JSON, DT_TEXT, DT_TEXT, "json" },
	{ MYSQL_TYPE_GEOMETRY, DT_BINARY, DT_BINARY, "geometry" },
	{ MYSQL_TYPE_STRING, DT_TEXT, DT_TEXT, "char" },
	{ MYSQL_TYPE_VARCHAR, DT_TEXT, DT_TEXT, "varchar" },
	{ MYSQL_TYPE_VAR_STRING, DT_TEXT, DT_TEXT, "varchar" },
	{ MYSQL_TYPE_NULL, DT_TEXT, DT_TEXT, "null" },
};

static const struct known *
find(enum enum_field_types kind)
{
	static const struct known text = { MYSQL_TYPE_BLOB, DT_TEXT, DT_TEXT,
		"text" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].kind == kind)
			return &known[i];
	return &text;
}

static bool
is_texty(enum enum_field_types kind)
{
	return kind == MYSQL_TYPE_STRING || kind == MYSQL_TYPE_VAR_STRING ||
	       kind == MYSQL_TYPE_VARCHAR ||
	       (kind >= MYSQL_TYPE_TINY_BLOB && kind <= MYSQL_TYPE_BLOB);
}

/* Types that have no number of their own come with their name. */
static struct str
own_name(const MYSQL_FIELD *f)
{
	MARIADB_CONST_STRING s = { NULL, 0 };

	if (mariadb_field_attr(&s, f, MARIADB_FIELD_ATTR_DATA_TYPE_NAME) != 0 ||
	    s.length == 0)
		(void)mariadb_field_attr(&s, f, MARIADB_FIELD_ATTR_FORMAT_NAME);
	return (struct str){ s.str, s.length };
}

static void
texty(const MYSQL_FIELD *f, struct column *c)
{
	struct str own = own_name(f);

	c->length = (int64_t)f->length;
	if (own.len != 0) {
		c->type_name = own;
		c->type = str_eq(own, STR("uuid")) ? DT_UUID : DT_TEXT;
	} else if ((f->flags & ENUM_FLAG) != 0) {
		c->type_name = STR("enum");
	} else if ((f->flags & SET_FLAG) != 0) {
		c->type_name = STR("set");
	} else if (f->charsetnr == BINARY_CHARSET && f->length > 0) {
		c->type = DT_BINARY;
		c->type_name = find(f->type)->kind == MYSQL_TYPE_BLOB
				   ? STR("blob")
				   : STR("binary");
	} else {
		/* Of characters, four bytes each at most. */
		c->length /= 4;
	}
}

static bool
is_boolean(const MYSQL_FIELD *f)
{
	return f->length == 1 &&
	       (f->type == MYSQL_TYPE_TINY || f->type == MYSQL_TYPE_BIT);
}

static void
column_of(const MYSQL_FIELD *f, struct column *c)
{
	const struct known *k = find(f->type);
	bool wide = (f->flags & UNSIGNED_FLAG) != 0;

	*c = (struct column){ .name = { f->name, f->name_length },
		.type = wide ? k->wide : k->type,
		.type_name = str_of(k->name),
		.schema = { f->db_length == 0 ? NULL : f->db, f->db_length },
		.table = { f->org_table_length == 0 ? NULL : f->org_table,
		    f->org_table_length },
		.nullable = (f->flags & NOT_NULL_FLAG) != 0 ? 0 : 1,
		.length = -1,
		.precision = -1,
		.scale = -1 };
	if (is_texty(f->type))
		texty(f, c);
	if (is_boolean(f))
		c->type = DT_BOOLEAN;
	if (k->type == DT_DECIMAL) {
		c->scale = (int)f->decimals;
		c->precision = (int)f->length - (f->decimals > 0) - !wide;
	}
}

void
mariadb_columns(const MYSQL_FIELD *fields, unsigned n, struct column *out)
{
	for (unsigned i = 0; i < n; i++)
		column_of(&fields[i], &out[i]);
}

/* Of information_schema, where it has another name or meaning there. */
static const struct {
	const char *name;
	enum data_type type;
} written[] = {
	{ "integer", DT_INTEGER },
	{ "binary", DT_BINARY },
	{ "varbinary", DT_BINARY },
	{ "tinyblob", DT_BINARY },
	{ "blob", DT_BINARY },
	{ "mediumblob", DT_BINARY },
	{ "longblob", DT_BINARY },
	{ "point", DT_BINARY },
	{ "linestring", DT_BINARY },
	{ "polygon", DT_BINARY },
	{ "multipoint", DT_BINARY },
	{ "multilinestring", DT_BINARY },
	{ "multipolygon", DT_BINARY },
	{ "geometrycollection", DT_BINARY },
	{ "uuid", DT_UUID },
	{ "varchar", DT_TEXT },
};

enum data_type
mariadb_data_type(struct str name, struct str full)
{
	bool wide = str_has(full, 'u') && str_like(STR("%unsigned%"), full);

	if (str_starts(full, STR("tinyint(1)")) ||
	    str_starts(full, STR("bit(1)")))
		return DT_BOOLEAN;
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (str_eq(name, str_of(written[i].name)))
			return written[i].type;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(name, str_of(known[i].name)))
			return wide ? known[i].wide : known[i].type;
	return DT_TEXT;
}
