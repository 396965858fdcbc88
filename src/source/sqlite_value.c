/* SPDX-License-Identifier: ISC */
/* Values in and out of SQLite, each by its storage class. */
#include "source/sqlite_int.h"

void
sqlite_start(void)
{
	/* Refused, harmlessly, once the library is in use. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
}

int
sqlite_bind(sqlite3_stmt *st, int i, const struct value *v)
{
	const char *p;

	switch (v->kind) {
	case VALUE_INT:
	case VALUE_BOOL:
		return sqlite3_bind_int64(st, i, v->i);
	case VALUE_REAL:
		return sqlite3_bind_double(st, i, v->d);
	case VALUE_TEXT:
	case VALUE_EXACT:
		p = v->s.len == 0 ? "" : v->s.p;
		return sqlite3_bind_text64(st, i, p, v->s.len, SQLITE_STATIC,
		    SQLITE_UTF8);
	case VALUE_BLOB:
		p = v->s.len == 0 ? "" : v->s.p;
		return sqlite3_bind_blob64(st, i, p, v->s.len, SQLITE_STATIC);
	case VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(st, i);
}

/* One look-up of the cell, then only calls that take no lock
 * (PERFORMANCE 5). */
struct value
sqlite_value(sqlite3_stmt *st, int i)
{
	sqlite3_value *v = sqlite3_column_value(st, i);
	struct value out = { .kind = VALUE_NULL };

	switch (sqlite3_value_type(v)) {
	case SQLITE_INTEGER:
		out.kind = VALUE_INT;
		out.i = sqlite3_value_int64(v);
		break;
	case SQLITE_FLOAT:
		out.kind = VALUE_REAL;
		out.d = sqlite3_value_double(v);
		break;
	case SQLITE_TEXT:
		out.kind = VALUE_TEXT;
		out.s.p = (const char *)sqlite3_value_text(v);
		out.s.len = (size_t)sqlite3_value_bytes(v);
		break;
	case SQLITE_BLOB:
		out.kind = VALUE_BLOB;
		out.s.p = sqlite3_value_blob(v);
		out.s.len = (size_t)sqlite3_value_bytes(v);
		break;
	default:
		break;
	}
	return out;
}
