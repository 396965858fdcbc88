/* SPDX-License-Identifier: ISC */
/* The contract for ClickHouse: a real server, the fixture made anew for each
 * case. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clickhouse_server.h"
#include "contract.h"

static struct clickhouse_server server;

static const char fixture[] =
    "CREATE TABLE customers (id Int32, name String, email Nullable(String), phone Nullable(String), active Nullable(UInt8)) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO customers VALUES (1, 'Ann', 'a@x', '111', 1), (2, 'Bob', 'b@x', '222', 0), (3, 'Eve', NULL, NULL, NULL);\n"
    "CREATE TABLE orders (id Int32, customer Int32, total Decimal(10, 2), day Date) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO orders VALUES (1, 1, 9.5, '2026-01-01'), (2, 2, 7, '2026-01-02'), (3, 1, 0.25, '2026-01-03');\n"
    "CREATE TABLE many (n Int32) ENGINE = Log;\n"
    "INSERT INTO many SELECT toInt32(number + 1) FROM numbers(2000);\n"
    "CREATE TABLE numbers (id Int32, big Nullable(Int64), r Nullable(Float64)) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO numbers VALUES (1, 9223372036854775807, 1.7976931348623157e308), (2, -9223372036854775808, 2.2250738585072014e-308), (3, 9007199254740993, 0.1), (4, 0, inf), (5, NULL, NULL);\n"
    "CREATE TABLE hidden_pay (id Int32, amount Int32) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO hidden_pay VALUES (1, 12345);\n"
    "CREATE VIEW mails AS SELECT id, email, phone FROM shop.customers;\n"
    "CREATE VIEW pay AS SELECT * FROM shop.hidden_pay";

static void
set_up(struct conf_source *spec)
{
	clickhouse_server_script(&server, "default",
	    "DROP DATABASE IF EXISTS shop;\nCREATE DATABASE shop");
	clickhouse_server_script(&server, "shop", fixture);
	spec->url = server.url;
	spec->database = "shop";
	spec->user = "default";
}

static void
tear_down(void)
{
}

/* The same in the words of this engine. */
static void
script(const char *sql)
{
	static const struct {
		const char *sql, *here;
	} words[] = {
		{ "CREATE TABLE fresh (id INTEGER)",
		    "CREATE TABLE fresh (id Int32) ENGINE = MergeTree ORDER BY id" },
		{ "ALTER TABLE fresh ADD COLUMN note VARCHAR(10)",
		    "ALTER TABLE fresh ADD COLUMN note String" },
		{ "CREATE VIEW fresher AS SELECT id FROM fresh",
		    "CREATE VIEW fresher AS SELECT id FROM shop.fresh" },
		{ "DROP VIEW fresher", "DROP TABLE fresher" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(sql, words[i].sql) == 0)
			sql = words[i].here;
	clickhouse_server_script(&server, "shop", sql);
}

int
main(void)
{
	const struct contract clickhouse = {
		.driver = "clickhouse",
		.set_up = set_up,
		.tear_down = tear_down,
		.script = script,
		.slow_sql =
		    "SELECT count(*) FROM system.numbers WHERE sipHash64(number) = 0",
		.wide_type = "'Decimal(10, 2)'",
		.decimal = DT_DECIMAL,
		.constant = "1:7",
		.only_inserts = true,
		.booleans = "1\n0\nnull\n",
		.boolean = DT_SMALLINT,
		.numbers = "9223372036854775807|1.7976931348623157e+308\n"
			   "-9223372036854775808|2.2250738585072014e-308\n"
			   "9007199254740993|0.10000000000000001\n"
			   "0|inf\nnull|null\n",
		.wrong_sql = "SELECT FROM WHERE",
	};
	int failed;

	if (!clickhouse_server_start(&server, false)) {
		fprintf(stderr,
		    "no ClickHouse is installed here (Debian: clickhouse-server)\n");
		return 77;
	}
	failed = contract_run(&clickhouse);
	clickhouse_server_stop(&server);
	return failed;
}
