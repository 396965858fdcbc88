/* SPDX-License-Identifier: ISC */
/* The contract for PostgreSQL: a real server, the fixture made anew in a
 * database of its own for each case. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "contract.h"
#include "pgsql_server.h"

static struct pgsql_server server;

static const char fixture[] =
    "CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40) NOT NULL, email varchar(80) UNIQUE, phone varchar(20), active boolean);"
    "INSERT INTO customers VALUES (1, 'Ann', 'a@x', '111', true), (2, 'Bob', 'b@x', '222', false), (3, 'Eve', NULL, NULL, NULL);"
    "CREATE TABLE orders (id integer PRIMARY KEY, customer integer REFERENCES customers (id), total decimal(10,2), day date);"
    "INSERT INTO orders VALUES (1, 1, 9.5, '2026-01-01'), (2, 2, 7, '2026-01-02'), (3, 1, 0.25, '2026-01-03');"
    "CREATE TABLE many (n integer);"
    "INSERT INTO many SELECT generate_series(1, 2000);"
    "CREATE TABLE numbers (id integer PRIMARY KEY, big bigint, r double precision);"
    "INSERT INTO numbers VALUES (1, 9223372036854775807, 1.7976931348623157e308), (2, -9223372036854775808, 5e-324), (3, 9007199254740993, 0.1), (4, 0, 'Infinity'), (5, NULL, NULL);"
    "CREATE TABLE hidden_pay (id integer PRIMARY KEY, amount integer);"
    "INSERT INTO hidden_pay VALUES (1, 12345);"
    "CREATE VIEW mails AS SELECT id, email, phone FROM customers;"
    "CREATE VIEW pay AS SELECT * FROM hidden_pay;"
    "CREATE FUNCTION add_up(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql AS 'SELECT a + b';"
    "CREATE PROCEDURE take_order(of integer, INOUT total numeric, OUT label text) LANGUAGE plpgsql AS $$ BEGIN UPDATE orders SET total = take_order.total WHERE id = take_order.of; label := 'order ' || take_order.of; END $$;"
    "CREATE FUNCTION two_sets() RETURNS SETOF refcursor LANGUAGE plpgsql AS $$ DECLARE a refcursor := 'first one'; b refcursor := 'second'; BEGIN OPEN a FOR SELECT id, name FROM customers ORDER BY id; RETURN NEXT a; OPEN b FOR SELECT count(*) FROM orders; RETURN NEXT b; END $$;"
    "COMMENT ON FUNCTION add_up IS 'Adds';"
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO mcp;";

static void
set_up(struct conf_source *spec)
{
	pgsql_server_script(&server, "postgres",
	    "DROP DATABASE IF EXISTS shop WITH (FORCE)");
	pgsql_server_script(&server, "postgres", "CREATE DATABASE shop");
	pgsql_server_script(&server, "shop", fixture);
	spec->socket = server.socket;
	spec->port = server.port;
	spec->database = "shop";
	spec->user = "mcp";
}

static void
tear_down(void)
{
}

static void
script(const char *sql)
{
	pgsql_server_script(&server, "shop", sql);
}

int
main(void)
{
	const struct contract pgsql = {
		.driver = "pgsql",
		.set_up = set_up,
		.tear_down = tear_down,
		.script = script,
		.slow_sql =
		    "SELECT count(*) FROM generate_series(1, 100000) a, "
		    "generate_series(1, 10000000) b",
		.wide_type = "'numeric(10,2)'",
		.decimal = DT_NUMERIC,
		.constant = "?column?:8",
		.returning = true,
		.heap = true,
		.numbers = "9223372036854775807|1.7976931348623157e+308\n"
			   "-9223372036854775808|4.9406564584124654e-324\n"
			   "9007199254740993|0.10000000000000001\n"
			   "0|inf\nnull|null\n",
		.outs = "total='77.5' 2 13\nlabel='order 1' 4 5\n",
		.wrong_sql = "SELECT FROM WHERE",
	};
	int failed;

	if (!pgsql_server_start(&server, NULL)) {
		fprintf(stderr, "no PostgreSQL is installed here\n");
		return 77;
	}
	pgsql_server_script(&server, "postgres", "CREATE ROLE mcp LOGIN");
	failed = contract_run(&pgsql);
	pgsql_server_stop(&server);
	return failed;
}
