/* SPDX-License-Identifier: ISC */
/*
 * A number for the structure of the databases: sums over names and types made
 * by the server, so that one row comes back however many tables there are.
 */
#include "source/mariadb_int.h"

#define OURS \
	" NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')"

static const char stamp_sql[] =
    "SELECT (SELECT CONCAT_WS('/', COUNT(*), SUM(CRC32(CONCAT_WS('/', TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT)))) FROM information_schema.TABLES WHERE TABLE_SCHEMA" OURS
    "), (SELECT CONCAT_WS('/', COUNT(*), SUM(CRC32(CONCAT_WS('/', TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY)))) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA" OURS
    ")";

enum err
mariadb_stamp(void *conn, struct arena *a, struct deadline d, uint64_t *out,
    struct fault *f)
{
	struct mariadb_conn *c = conn;
	struct mariadb_rows r;
	enum err e;

	mariadb_watch(c, d, NULL);
	e = mariadb_begin(c, a, TURN_READ, NULL, f);
	if (e == ERR_OK)
		e = mariadb_ask(c, a, stamp_sql, NULL, 0, &r, f);
	*out = 0;
	for (size_t i = 0; e == ERR_OK && i < r.cols; i++)
		*out = *out * 31 + str_hash(mariadb_cell(&r, 0, i));
	mariadb_rollback(c);
	return e;
}
