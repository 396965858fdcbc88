/* SPDX-License-Identifier: ISC */
/* The contract for MariaDB: a real server, the fixture made anew in a database
 * of its own for each case. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "contract.h"
#include "mariadb_server.h"

static struct mariadb_server server;

static const char fixture[] =
    "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop;"
    "CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40) NOT NULL, email varchar(80) UNIQUE, phone varchar(20), active boolean);"
    "INSERT INTO customers VALUES (1, 'Ann', 'a@x', '111', true), (2, 'Bob', 'b@x', '222', false), (3, 'Eve', NULL, NULL, NULL);"
    "CREATE TABLE orders (id integer PRIMARY KEY, customer integer, total decimal(10,2), day date, FOREIGN KEY (customer) REFERENCES customers (id));"
    "INSERT INTO orders VALUES (1, 1, 9.5, '2026-01-01'), (2, 2, 7, '2026-01-02'), (3, 1, 0.25, '2026-01-03');"
    "CREATE TABLE many (n integer);"
    "INSERT INTO many SELECT seq FROM seq_1_to_2000;"
    "CREATE TABLE numbers (id integer PRIMARY KEY, big bigint, r double);"
    "INSERT INTO numbers VALUES (1, 9223372036854775807, 1.7976931348623157e308), (2, -9223372036854775808, 2.2250738585072014e-308), (3, 9007199254740993, 0.1), (4, 0, -0.5), (5, NULL, NULL);"
    "CREATE TABLE hidden_pay (id integer PRIMARY KEY, amount integer);"
    "INSERT INTO hidden_pay VALUES (1, 12345);"
    "CREATE VIEW mails AS SELECT id, email, phone FROM customers;"
    "CREATE VIEW pay AS SELECT * FROM hidden_pay;"
    "CREATE FUNCTION add_up(a integer, b integer) RETURNS integer DETERMINISTIC COMMENT 'Adds' RETURN a + b;"
    "CREATE PROCEDURE take_order(IN `of` integer, INOUT total decimal(10,2), OUT label text) BEGIN UPDATE orders SET orders.total = total WHERE id = `of`; SET label = concat('order ', `of`); END;"
    "CREATE PROCEDURE two_sets() BEGIN SELECT id, name FROM customers ORDER BY id; SELECT count(*) FROM orders; END;"
    "GRANT ALL ON shop.* TO mcp@localhost;";

static void
set_up(struct conf_source *spec)
{
	mariadb_server_script(&server, NULL, fixture);
	spec->socket = server.socket;
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
	mariadb_server_script(&server, "shop", sql);
}

int
main(void)
{
	const struct contract mariadb = {
		.driver = "mariadb",
		.set_up = set_up,
		.tear_down = tear_down,
		.script = script,
		.slow_sql =
		    "SELECT count(*) FROM many a, many b, many c, many d",
		.wide_type = "'decimal(10,2)'",
		.decimal = DT_DECIMAL,
		.constant = "1:8",
		.returning = true,
		.no_update_returns = true,
		.numbers = "9223372036854775807|1.7976931348623157e+308\n"
			   "-9223372036854775808|2.2250738585072014e-308\n"
			   "9007199254740993|0.10000000000000001\n"
			   "0|-0.5\nnull|null\n",
		.outs = "total='77.50' 2 12\nlabel='order 1' 4 5\n",
		.wrong_sql = "SELECT FROM WHERE",
	};
	int failed;

	if (!mariadb_server_start(&server, NULL)) {
		fprintf(stderr, "no MariaDB is installed here\n");
		return 77;
	}
	mariadb_server_script(&server, NULL, "CREATE USER mcp@localhost");
	failed = contract_run(&mariadb);
	mariadb_server_stop(&server);
	return failed;
}
