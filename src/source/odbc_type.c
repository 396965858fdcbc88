/* SPDX-License-Identifier: ISC */
/* The types of ODBC, of which a driver knows some by their own names only. */
#include "source/odbc_int.h"

#define NAME_BYTES 1024

static const struct {
	int type;
	enum data_type is;
	enum odbc_how how;
} types[] = {
	{ SQL_CHAR, DT_TEXT, HOW_TEXT },
	{ SQL_VARCHAR, DT_TEXT, HOW_TEXT },
	{ SQL_LONGVARCHAR, DT_TEXT, HOW_TEXT },
	{ SQL_WCHAR, DT_TEXT, HOW_TEXT },
	{ SQL_WVARCHAR, DT_TEXT, HOW_TEXT },
	{ SQL_WLONGVARCHAR, DT_TEXT, HOW_TEXT },
	{ ODBC_BIT_TYPE, DT_BOOLEAN, HOW_BOOL },
	{ SQL_TINYINT, DT_TINYINT, HOW_INTEGER },
	{ SQL_SMALLINT, DT_SMALLINT, HOW_INTEGER },
	{ SQL_INTEGER, DT_INTEGER, HOW_INTEGER },
	{ SQL_BIGINT, DT_BIGINT, HOW_INTEGER },
	{ SQL_REAL, DT_REAL, HOW_REAL },
	{ SQL_FLOAT, DT_DOUBLE, HOW_REAL },
	{ SQL_DOUBLE, DT_DOUBLE, HOW_REAL },
	{ SQL_DECIMAL, DT_DECIMAL, HOW_EXACT },
	{ SQL_NUMERIC, DT_NUMERIC, HOW_EXACT },
	{ SQL_DATE, DT_DATE, HOW_TEXT },
	{ SQL_TIME, DT_TIME, HOW_TEXT },
	{ SQL_TIMESTAMP, DT_TIMESTAMP, HOW_MOMENT },
	{ SQL_TYPE_DATE, DT_DATE, HOW_TEXT },
	{ SQL_TYPE_TIME, DT_TIME, HOW_TEXT },
	{ SQL_TYPE_TIMESTAMP, DT_TIMESTAMP, HOW_MOMENT },
	{ SQL_GUID, DT_UUID, HOW_UUID },
	{ SQL_BINARY, DT_BINARY, HOW_BYTES },
	{ SQL_VARBINARY, DT_BINARY, HOW_BYTES },
	{ SQL_LONGVARBINARY, DT_BINARY, HOW_BYTES },
};

/* Types that drivers give as texts, and what they are called. */
static const struct {
	const char *name;
	enum data_type is;
	enum odbc_how how;
} named[] = {
	{ "bool", DT_BOOLEAN, HOW_BOOL },
	{ "boolean", DT_BOOLEAN, HOW_BOOL },
	{ "uuid", DT_UUID, HOW_UUID },
	{ "uniqueidentifier", DT_UUID, HOW_UUID },
	{ "decimal", DT_DECIMAL, HOW_EXACT },
	{ "numeric", DT_NUMERIC, HOW_EXACT },
	{ "float4", DT_REAL, HOW_REAL },
};

static bool
is_text(int type)
{
	return type == SQL_CHAR || type == SQL_VARCHAR ||
	       type == SQL_LONGVARCHAR || type == SQL_WCHAR ||
	       type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR;
}

/* "decimal(10,2)" without its numbers. */
static struct str
bare(struct str name)
{
	size_t n = 0;

	while (n < name.len && name.p[n] != '(')
		n++;
	return str_trim((struct str){ name.p, n });
}

static void
know(int type, struct str name, enum data_type *is, enum odbc_how *how)
{
	*is = DT_TEXT;
	*how = HOW_TEXT;
	for (size_t i = 0;
	     is_text(type) && i < sizeof(named) / sizeof(named[0]); i++)
		if (str_ieq(bare(name), str_of(named[i].name))) {
			*is = named[i].is;
			*how = named[i].how;
			return;
		}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type) {
			*is = types[i].is;
			*how = types[i].how;
			return;
		}
}

enum data_type
odbc_data_type(int type, struct str type_name)
{
	enum data_type is;
	enum odbc_how how;

	know(type, type_name, &is, &how);
	return is;
}

enum odbc_how
odbc_how(int type, struct str type_name)
{
	enum data_type is;
	enum odbc_how how;

	know(type, type_name, &is, &how);
	return how;
}

/* A text about a column; p NULL when the driver says nothing. */
static struct str
said(struct arena *a, SQLHSTMT s, int n, SQLUSMALLINT what)
{
	char text[NAME_BYTES] = "";
	SQLSMALLINT len = 0;

	if (!SQL_SUCCEEDED(SQLColAttribute(s, (SQLUSMALLINT)n, what, text,
		sizeof(text), &len, NULL)))
		return (struct str){ 0 };
	text[sizeof(text) - 1] = '\0';
	return text[0] == '\0' ? (struct str){ 0 } : arena_dup(a, str_of(text));
}

static bool
has_zone(struct str type_name)
{
	return str_ieq(type_name, STR("timestamptz")) ||
	       str_ends(type_name, STR("with time zone"));
}

static void
sizes(struct column *c, SQLULEN size, SQLSMALLINT digits)
{
	bool exact = c->type == DT_DECIMAL || c->type == DT_NUMERIC;

	c->length = -1;
	c->precision = c->scale = -1;
	if (exact && size > 0 && size < 1000) {
		c->precision = (int)size;
		c->scale = digits;
	} else if (c->type == DT_TEXT && size > 0 && size < INT32_MAX) {
		c->length = (int64_t)size;
	}
}

static enum err
one_column(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    struct odbc_column *out, struct fault *f)
{
	char name[NAME_BYTES];
	SQLSMALLINT len = 0, type = 0, digits = 0, nullable = 2;
	SQLULEN size = 0;

	if (!SQL_SUCCEEDED(SQLDescribeCol(s, (SQLUSMALLINT)n, (SQLCHAR *)name,
		sizeof(name), &len, &type, &size, &digits, &nullable)))
		return odbc_fault(c, a, SQL_HANDLE_STMT, s, NULL, f);
	if (len < 0 || (size_t)len >= sizeof(name))
		len = (SQLSMALLINT)(sizeof(name) - 1);
	out->c = (struct column){
		.name = arena_dup(a, (struct str){ name, (size_t)len }),
		.type_name = said(a, s, n, SQL_DESC_TYPE_NAME),
		.schema = said(a, s, n, SQL_DESC_SCHEMA_NAME),
		.table = said(a, s, n, SQL_DESC_BASE_TABLE_NAME),
		.nullable = nullable == SQL_NULLABLE   ? 1
			    : nullable == SQL_NO_NULLS ? 0
						       : -1,
	};
	if (out->c.type_name.p == NULL)
		out->c.type_name = STR("");
	know(type, out->c.type_name, &out->c.type, &out->how);
	if (out->how == HOW_MOMENT && c->driver != NULL && c->driver->utc &&
	    has_zone(out->c.type_name))
		out->how = HOW_MOMENT_UTC;
	sizes(&out->c, size, digits);
	return ERR_OK;
}

enum err
odbc_columns(struct odbc_conn *c, struct arena *a, SQLHSTMT s, int n,
    struct odbc_column *out, struct fault *f)
{
	enum err e = ERR_OK;

	for (int i = 0; e == ERR_OK && i < n; i++)
		e = one_column(c, a, s, i + 1, &out[i], f);
	return e;
}
