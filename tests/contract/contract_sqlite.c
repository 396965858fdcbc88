/* SPDX-License-Identifier: ISC */
/* The contract for SQLite: a file in a folder of its own. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include "contract.h"

static char folder[64], path[80];

static const char fixture[] =
    "PRAGMA synchronous=OFF;"
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, "
    "email VARCHAR(80) UNIQUE, phone VARCHAR(20), active BOOLEAN);"
    "INSERT INTO customers VALUES (1, 'Ann', 'a@x', '111', 1), "
    "(2, 'Bob', 'b@x', '222', 0), (3, 'Eve', NULL, NULL, NULL);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES "
    "customers (id), total DECIMAL(10,2), day DATE);"
    "INSERT INTO orders VALUES (1, 1, 9.5, '2026-01-01'), "
    "(2, 2, 7, '2026-01-02'), (3, 1, 0.25, '2026-01-03');"
    "CREATE TABLE many (n INTEGER);"
    "INSERT INTO many WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
    "FROM c WHERE i < 2000) SELECT i FROM c;"
    "CREATE TABLE numbers (id INTEGER PRIMARY KEY, big BIGINT, r DOUBLE);"
    "INSERT INTO numbers VALUES (1, 9223372036854775807, 1.7976931348623157e308),"
    " (2, -9223372036854775808, 5e-324), (3, 9007199254740993, 0.1),"
    " (4, 0, 9e999), (5, NULL, NULL);"
    "CREATE TABLE hidden_pay (id INTEGER PRIMARY KEY, amount INTEGER);"
    "INSERT INTO hidden_pay VALUES (1, 12345);"
    "CREATE VIEW mails AS SELECT id, email, phone FROM customers;"
    "CREATE VIEW pay AS SELECT * FROM hidden_pay;";

static void
script(const char *sql)
{
	sqlite3 *h;

	if (sqlite3_open(path, &h) != SQLITE_OK ||
	    sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(h));
		abort();
	}
	sqlite3_close(h);
}

static void
set_up(struct conf_source *spec)
{
	snprintf(folder, sizeof(folder), "/tmp/contract.XXXXXX");
	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/shop.db", folder);
	script(fixture);
	spec->path = path;
}

static void
tear_down(void)
{
	unlink(path);
	rmdir(folder);
}

int
main(void)
{
	const struct contract sqlite = {
		.driver = "sqlite",
		.set_up = set_up,
		.tear_down = tear_down,
		.script = script,
		.slow_sql =
		    "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT "
		    "i + 1 FROM c) SELECT count(*) FROM c",
		.wide_type = "'DECIMAL(10,2)'",
		.decimal = DT_DECIMAL,
		.constant = "1:0",
		.returning = true,
		.numbers = "9223372036854775807|1.7976931348623157e+308\n"
			   "-9223372036854775808|4.9406564584124654e-324\n"
			   "9007199254740993|0.10000000000000001\n"
			   "0|inf\nnull|null\n",
		.wrong_sql = "SELECT FROM WHERE",
	};

	return contract_run(&sqlite);
}
