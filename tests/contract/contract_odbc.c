/* SPDX-License-Identifier: ISC */
/* The contract for ODBC, once with a PostgreSQL behind it and once with SQLite. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "contract.h"
#include "odbc_site.h"

static struct pgsql_server server;
static struct odbc_site site;

#define TABLES                                                                \
	"CREATE TABLE customers (id integer NOT NULL PRIMARY KEY, name "      \
	"varchar(40) NOT NULL, email varchar(80) UNIQUE, phone varchar(20), " \
	"active boolean);"                                                    \
	"INSERT INTO customers VALUES (1, 'Ann', 'a@x', '111', true), (2, "   \
	"'Bob', 'b@x', '222', false), (3, 'Eve', NULL, NULL, NULL);"          \
	"CREATE TABLE orders (id integer NOT NULL PRIMARY KEY, customer "     \
	"integer REFERENCES customers (id), total decimal(10,2), day date);"  \
	"INSERT INTO orders VALUES (1, 1, 9.5, '2026-01-01'), (2, 2, 7, "     \
	"'2026-01-02'), (3, 1, 0.25, '2026-01-03');"                          \
	"CREATE TABLE many (n integer);"                                      \
	"CREATE TABLE numbers (id integer NOT NULL PRIMARY KEY, big bigint, " \
	"r double precision);"                                                \
	"CREATE TABLE hidden_pay (id integer NOT NULL PRIMARY KEY, amount "   \
	"integer);"                                                           \
	"INSERT INTO hidden_pay VALUES (1, 12345);"                           \
	"CREATE VIEW mails AS SELECT id, email, phone FROM customers;"        \
	"CREATE VIEW pay AS SELECT * FROM hidden_pay;"

static const char pgsql_fixture[] = TABLES
    "INSERT INTO many SELECT generate_series(1, 2000);"
    "INSERT INTO numbers VALUES (1, 9223372036854775807, 1.7976931348623157e308), (2, -9223372036854775808, 5e-324), (3, 9007199254740993, 0.1), (4, 0, 'Infinity'), (5, NULL, NULL);"
    "CREATE FUNCTION add_up(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql AS 'SELECT a + b';"
    "CREATE PROCEDURE take_order(of integer, INOUT total numeric, OUT label text) LANGUAGE plpgsql AS $$ BEGIN UPDATE orders SET total = take_order.total WHERE id = take_order.of; label := 'order ' || take_order.of; END $$;"
    "CREATE FUNCTION two_sets() RETURNS TABLE (id integer, name varchar) LANGUAGE sql AS 'SELECT id, name FROM customers ORDER BY id';"
    "COMMENT ON FUNCTION add_up IS 'Adds';"
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO mcp;";

/* The driver writes floating point numbers with fifteen digits: one that has
 * more would not come back the same. */
static const char sqlite_fixture[] = TABLES
    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000) INSERT INTO many SELECT n FROM c;"
    "INSERT INTO numbers VALUES (1, 9223372036854775807, 1.5e308), (2, -9223372036854775808, 5e-324), (3, 9007199254740993, 0.1), (4, 0, 9e999), (5, NULL, NULL);";

static void
pgsql_set_up(struct conf_source *spec)
{
	pgsql_server_script(&server, "postgres",
	    "DROP DATABASE IF EXISTS shop WITH (FORCE)");
	pgsql_server_script(&server, "postgres", "CREATE DATABASE shop");
	pgsql_server_script(&server, "shop", pgsql_fixture);
	spec->dsn = "shop";
	spec->user = "mcp";
	spec->trusted_role = true;
}

static void
sqlite_set_up(struct conf_source *spec)
{
	odbc_site_script(&site, sqlite_fixture);
	spec->dsn = "file";
	spec->trusted_role = true;
}

static void
tear_down(void)
{
}

static const struct contract pgsql = {
	.driver = "odbc",
	.set_up = pgsql_set_up,
	.tear_down = tear_down,
	.slow_sql = "SELECT count(*) FROM generate_series(1, 100000) a, "
		    "generate_series(1, 10000000) b",
	.wide_type = "'numeric'",
	.decimal = DT_NUMERIC,
	.constant = "?column?:8",
	.returning = true,
	.heap = true,
	.no_rules = true,
	.numbers = "9223372036854775807|1.7976931348623157e+308\n"
		   "-9223372036854775808|4.9406564584124654e-324\n"
		   "9007199254740993|0.10000000000000001\n"
		   "0|inf\nnull|null\n",
	.outs = "total='77.5' 2 13\nlabel='order 1' 4 5\n",
	.sets = "1|'Ann'\n2|'Bob'\n3|'Eve'\n",
	.wrong_sql = "SELECT FROM WHERE",
};

static const struct contract sqlite = {
	.driver = "odbc",
	.set_up = sqlite_set_up,
	.tear_down = tear_down,
	.wide_type = "'decimal(10,2)'",
	.decimal = DT_DECIMAL,
	.constant = "1:5",
	.no_rules = true,
	.numbers = "9223372036854775807|1.5e+308\n"
		   "-9223372036854775808|4.9406564584124654e-324\n"
		   "9007199254740993|0.10000000000000001\n"
		   "0|inf\nnull|null\n",
	.wrong_sql = "SELECT FROM WHERE",
};

int
main(void)
{
	int failed;

	if (!pgsql_server_start(&server, NULL)) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	if (!odbc_site_make(&site, &server)) {
		pgsql_server_stop(&server);
		return 77;
	}
	pgsql_server_script(&server, "postgres", "CREATE ROLE mcp LOGIN");
	failed = contract_run(&pgsql) + contract_run(&sqlite);
	odbc_site_remove(&site);
	pgsql_server_stop(&server);
	return failed;
}
