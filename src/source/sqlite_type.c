/* SPDX-License-Identifier: ISC */
/* Declared types of SQLite columns to the codes of tools.md 1.6. */
#include "source/sqlite_int.h"

/* The first row whose word is in the declared type, letters folded; the order
 * is that of the more special word first. */
static const struct {
	const char *word;
	enum data_type type;
} types[] = {
	{ "BOOL", DT_BOOLEAN },
	{ "TIMESTAMP", DT_TIMESTAMP },
	{ "DATETIME", DT_TIMESTAMP },
	{ "DATE", DT_DATE },
	{ "TIME", DT_TIME },
	{ "UUID", DT_UUID },
	{ "GUID", DT_UUID },
	{ "TINYINT", DT_TINYINT },
	{ "SMALLINT", DT_SMALLINT },
	{ "INT2", DT_SMALLINT },
	{ "BIG INT", DT_BIGINT },
	{ "BIGINT", DT_BIGINT },
	{ "INT8", DT_BIGINT },
	{ "POINT", DT_UNKNOWN }, /* not an integer */
	{ "INT", DT_INTEGER },
	{ "BINARY", DT_BINARY },
	{ "BLOB", DT_BINARY },
	{ "CHAR", DT_TEXT },
	{ "CLOB", DT_TEXT },
	{ "TEXT", DT_TEXT },
	{ "STRING", DT_TEXT },
	{ "JSON", DT_TEXT },
	{ "ENUM", DT_TEXT },
	{ "DECIMAL", DT_DECIMAL },
	{ "NUMERIC", DT_NUMERIC },
	{ "DOUBLE", DT_DOUBLE },
	{ "FLOAT", DT_DOUBLE },
	{ "REAL", DT_REAL },
};

static bool
has_word(struct str s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.len; i++)
		if (str_ieq((struct str){ s.p + i, n }, str_of(word)))
			return true;
	return false;
}

enum data_type
sqlite_type(struct str declared)
{
	struct str rest = declared;
	struct str s;

	str_cut(&rest, '(', &s);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (has_word(s, types[i].word))
			return types[i].type;
	return DT_UNKNOWN;
}

/* VARCHAR(20), DECIMAL(10, 2) */
void
sqlite_type_size(struct str declared, struct column *c)
{
	struct str rest = declared;
	struct str piece, first;
	int64_t n;

	c->length = -1;
	c->precision = -1;
	c->scale = -1;
	if (!str_cut(&rest, '(', &piece) || rest.p == NULL ||
	    !str_cut(&rest, ')', &piece))
		return;
	rest = piece;
	if (!str_cut(&rest, ',', &first) ||
	    !str_int(str_trim(first), 0, INT32_MAX, &n))
		return;
	if (c->type == DT_TEXT || c->type == DT_BINARY) {
		c->length = n;
		return;
	}
	c->precision = (int)n;
	if (rest.p != NULL && str_int(str_trim(rest), 0, INT32_MAX, &n))
		c->scale = (int)n;
}

void
sqlite_type_of(const struct value *v, struct column *c)
{
	static const struct {
		enum data_type type;
		const char *name;
	} by_kind[] = {
		[VALUE_NULL] = { DT_UNKNOWN, "NULL" },
		[VALUE_INT] = { DT_INTEGER, "INTEGER" },
		[VALUE_REAL] = { DT_DOUBLE, "REAL" },
		[VALUE_BOOL] = { DT_BOOLEAN, "BOOLEAN" },
		[VALUE_TEXT] = { DT_TEXT, "TEXT" },
		[VALUE_BLOB] = { DT_BINARY, "BLOB" },
		[VALUE_EXACT] = { DT_TEXT, "TEXT" },
	};

	c->type = by_kind[v->kind].type;
	if (str_is_empty(c->type_name))
		c->type_name = str_of(by_kind[v->kind].name);
}
