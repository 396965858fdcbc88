/* SPDX-License-Identifier: ISC */
/* Values and parameters of MariaDB, exact to the digit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mariadb_server.h"
#include "rig.h"
#include "values.h"

static struct mariadb_server server;

static const char fixture[] =
    "CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop; SET sql_mode = '', time_zone = '+00:00', NAMES utf8mb4;"
    "CREATE TABLE v (id integer PRIMARY KEY, bigint_u bigint unsigned, bigint_s bigint, tiny_s tinyint, tiny_u tinyint unsigned, small_s smallint, small_u smallint unsigned, medium_s mediumint, medium_u mediumint unsigned, int_s int, int_u int unsigned, yes boolean, bit_1 bit(1), bit_3 bit(3), bit_8 bit(8), bit_64 bit(64), y year, exact decimal(38,10), d double, f float, day date, t time, t6 time(6), moment datetime, moment3 datetime(3), moment6 datetime(6), stamp timestamp NULL, e enum('one', 'two'), s set('a', 'b', 'c'), j json, b blob, b4 binary(4), g geometry, u uuid, i6 inet6, txt text, c char(5), latin varchar(10) CHARACTER SET latin1);"
    "INSERT INTO v VALUES (1, 18446744073709551615, -9223372036854775808, -128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, 1, b'1', b'101', b'101', b'1111111111111111111111111111111111111111111111111111111111111111', 2026, 1234567890123456789012345678.0123456789, 1.7976931348623157e308, 3.4028235e38, '0000-00-00', '838:59:59', '838:59:59.999999', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', 'one', 'a,c', '{\"a\": [1, null]}', x'00ff10', 'A', ST_GeomFromText('POINT(1 2)'), '00112233-4455-6677-8899-AABBCCDDEEFF', '::ffff:1.2.3.4', 'ünï😀', 'a', 'é');"
    "INSERT INTO v (id, bigint_u, bigint_s, tiny_s, yes, bit_1, bit_64, y, exact, d, f, day, t, t6, moment, moment6, stamp, e, s, b, txt) VALUES (2, 0, 9223372036854775807, 127, 0, b'0', 0, 0, -0.0000000001, 5e-324, 1e-45, '9999-12-31', '-838:59:59', '-00:00:00.000001', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07', '', '', '', '');"
    "INSERT INTO v (id) VALUES (3);"
    "INSERT INTO v (id, yes, y, exact, d, f, day, t, t6, moment, moment3, moment6, stamp) VALUES (4, 7, 1901, 0, -1.7976931348623157e308, 0.1, '2026-00-00', '0:0:0', '10:00:00.5', '2026-07-28 10:00:00', '2026-07-28 10:00:00.12', '2026-07-28 10:00:00.000001', '1970-01-01 00:00:01');"
    "INSERT INTO v (id, d, f, day, t) VALUES (5, 0, 16777216, '0001-01-01', '100:00:01');"
    "CREATE TABLE told (id integer PRIMARY KEY, at timestamp(3) NULL, moment datetime, txt varchar(40), KEY (at));"
    "INSERT INTO told VALUES (1, NULL, NULL, '2026-07-28T10:00:00Z'), (2, '2026-01-01 05:00:00', '2026-01-01 05:00:00', NULL), (3, '2026-01-01 07:00:00', '2026-01-01 07:00:00', NULL);"
    "CREATE PROCEDURE tell(IN d datetime, IN txt varchar(40)) SELECT d, txt;"
    "CREATE USER mcp@localhost; GRANT SELECT, EXECUTE ON shop.* TO mcp@localhost; GRANT ALL ON shop.told TO mcp@localhost;";

static int
open_all(void **state)
{
	(void)state;
	rig_open(&(struct conf_source){ .driver = "mariadb",
	    .socket = server.socket,
	    .database = "shop",
	    .user = "mcp" });
	return 0;
}

static void
values_are_exact(void **state)
{
	size_t cases;

	(void)state;
	assert_int_equal(values_run(sources, "mariadb", &cases), 0);
	assert_true(cases > 90);
}

/* A value keeps what it is. */
static void
parameters_have_types(void **state)
{
	static const struct value_case cases[] = {
		{ I(2), "SELECT @v", "2" },
		{ I(2), "SELECT @v + 1", "3" },
		{ I(2), "SELECT substr('abc', @v)", "\"bc\"" },
		{ I(9223372036854775807), "SELECT @v",
		    "\"9223372036854775807\"" },
		{ I(1), "SELECT id FROM v ORDER BY id LIMIT @v", "1" },
		{ I(3), "SELECT 3.0 = @v", "1" },
		{ T("2026-07-28"), "SELECT DATE '2026-07-28' = @v", "1" },
		{ T("2"), "SELECT 2 = @v", "1" },
		{ T("x' OR '1'='1"), "SELECT @v", "\"x' OR '1'='1\"" },
		{ T("\\' OR 1 #"), "SELECT @v", "\"\\\\' OR 1 #\"" },
		{ T("x"), "SELECT @v IS NULL", "0" },
		{ T("ü😀"), "SELECT char_length(@v)", "2" },
		{ T("a"), "SELECT json_value('{\"a\":7}', concat('$.', @v))",
		    "\"7\"" },
		{ T("00112233-4455-6677-8899-AABBCCDDEEFF"),
		    "SELECT id FROM v WHERE u = @v", "1" },
		{ D(0.1), "SELECT @v", "0.1" },
		{ D(0.1), "SELECT @v = 1e-1", "1" },
		{ BOOLEAN(1), "SELECT id FROM v WHERE yes = @v", "1" },
		{ NIL, "SELECT @v IS NULL", "1" },
		{ NIL, "SELECT 1 = @v", "null" },
		{ E("12345678901234567890.5"), "SELECT @v",
		    "\"12345678901234567890.5\"" },
		{ E("12345678901234567890.5"),
		    "SELECT @v = 12345678901234567890.5", "1" },
		{ B("\0\377"), "SELECT hex(@v)", "\"00FF\"" },
		{ B("\0\377"), "SELECT @v", "\"AP8=\"" },
		{ T(""), "SELECT @v = ''", "1" },
		{ T("2026-07-28T10:00:00Z"), "SELECT @v",
		    "\"2026-07-28T10:00:00Z\"" },
		{ T("2026-07-28T12:00:00+02:00"),
		    "SELECT id FROM v WHERE moment = @v", "4" },
		{ T("2026-07-28T10:00:00+02:00"),
		    "SELECT count(*) FROM v WHERE moment = @v", "0" },
		{ T("2026-07-28T05:30:00.12-04:30"),
		    "SELECT id FROM v WHERE moment3 = @v", "4" },
		{ T("2026-07-28T10:00:00.000001Z"),
		    "SELECT id FROM v WHERE moment6 = @v", "4" },
		{ T("1970-01-01T00:00:01Z"),
		    "SELECT id FROM v WHERE stamp = @v", "4" },
		{ T("1970-01-02T00:00:01+24:00"),
		    "SELECT count(*) FROM v WHERE stamp = @v", "0" },
		{ T("1969-12-31T23:30:01-00:30"),
		    "SELECT id FROM v WHERE stamp = @v", "4" },
		{ T("2024-03-01T00:30:00+01:00"),
		    "SELECT TIMESTAMP '2024-02-29 23:30:00' = @v", "1" },
		{ T("2023-12-31T23:30:00-01:00"),
		    "SELECT TIMESTAMP '2024-01-01 00:30:00' = @v", "1" },
		{ T("2026-07-28T12:00:00+02:00"),
		    "SELECT timestampdiff(HOUR, moment, @v) FROM v WHERE id = 4",
		    "0" },
		{ T("2026-07-28T10:00:00Z"),
		    "SELECT id FROM v WHERE moment <= @v AND id > 1 ORDER BY moment DESC LIMIT 1",
		    "4" },
		{ T("2026-07-28T10:00:00Z"),
		    "SELECT id FROM told WHERE txt = @v", "1" },
		{ T("2026-07-28T10:00:00Z"),
		    "SELECT CAST(txt AS datetime) FROM told WHERE txt = @v",
		    "\"2026-07-28T10:00:00\"" },
	};

	(void)state;
	assert_int_equal(values_bound(sources, cases,
			     sizeof(cases) / sizeof(cases[0])),
	    0);
}

/* What a write makes of a moment with a zone; each is taken back. */
static void
moments_are_written(void **state)
{
	static const struct {
		const char *value;
		enum data_type type;
		const char *sql, *want;
	} cases[] = {
		{ "2026-01-01T07:00:00+02:00", DT_UNKNOWN,
		    "UPDATE told SET at = @v WHERE id = 1", "1" },
		{ "2026-01-01T07:00:00.5Z", DT_UNKNOWN,
		    "UPDATE told SET moment = @v, at = @v WHERE id < 3", "2" },
		{ "2026-01-01T07:00:00+02:00", DT_TIMESTAMP,
		    "UPDATE told SET at = @v WHERE id = 1", "1" },
		{ "2026-01-01T09:00:00+02:00", DT_TIMESTAMP,
		    "UPDATE told SET txt = 'x' WHERE at = @v", "1" },
		{ "2026-01-01T07:00:00+02:00", DT_UNKNOWN,
		    "INSERT INTO told (id, at) VALUES (9, @v)", "1" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "UPDATE told SET txt = 'x' WHERE moment >= @v", "1" },
		{ "2026-01-01T09:00:00+04:00", DT_UNKNOWN,
		    "DELETE FROM told WHERE moment > @v", "1" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "DELETE FROM told WHERE moment = @v OR id = 1", "2" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "DELETE FROM told WHERE date_add(moment, INTERVAL 0 DAY) = @v RETURNING id",
		    "SQL_ERROR" },
		{ "2026-01-01T09:00:00+02:00", DT_TIMESTAMP,
		    "DELETE FROM told WHERE moment = @v RETURNING id", "1" },
		{ "2026-07-28T10:00:00Z", DT_UNKNOWN,
		    "UPDATE told SET moment = NULL, txt = @v WHERE txt = @v",
		    "1" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "UPDATE told SET txt = 'x' WHERE at = @v", "1" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "UPDATE told SET txt = 'x' WHERE id = 1 OR @v = told.at",
		    "2" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "UPDATE told SET txt = 'x' WHERE told.at IN (@v)", "1" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "DELETE FROM told WHERE at <=> (@v)", "1" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "DELETE FROM told WHERE moment = @v RETURNING id", "1" },
		{ "2026-07-28T10:00:00Z", DT_UNKNOWN,
		    "DELETE FROM told WHERE @v = told.txt", "1" },
		{ "2026-01-01T09:00:00+02:00", DT_UNKNOWN,
		    "DELETE FROM told WHERE told.`at` IN (NULL, @v)", "1" },
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct param p = { STR("v"),
			{ VALUE_TEXT, { .s = str_of(cases[i].value) } }, 1,
			cases[i].type };
		char got[32];

		ask = (struct sql_ask){ .classes = ~0u,
			.verbs = VERB_ALL,
			.max_rows = 10,
			.max_affected = 10,
			.params = &p,
			.nparams = 1,
			.dry_run = true };
		contract_ask(sources, &ask, cases[i].sql, false, &out);
		(void)snprintf(got, sizeof(got), "%lld",
		    (long long)out.done.affected);
		if (out.e != ERR_OK)
			(void)snprintf(got, sizeof(got), "%s",
			    err_name(out.f.code));
		if (strcmp(got, cases[i].want) == 0)
			continue;
		fprintf(stderr, "%s: want %s, got %s\n", cases[i].sql,
		    cases[i].want, got);
		failed++;
	}
	assert_int_equal(failed, 0);
}

/* A parameter of a procedure says what it is. */
static void
moments_are_passed(void **state)
{
	const struct value v = T("2026-01-01T07:00:00+02:00");
	struct param p[] = { { STR("d"), v, 1, DT_UNKNOWN },
		{ STR("txt"), v, 1, DT_UNKNOWN } };

	(void)state;
	ask = (struct sql_ask){ .classes = ~0u,
		.verbs = VERB_ALL,
		.max_rows = 10,
		.max_affected = 10,
		.params = p,
		.nparams = 2 };
	contract_call(sources, &ask, "tell", false, &out);
	assert_int_equal(out.e, ERR_OK);
	assert_string_equal(arena_z(out.a, out.rows),
	    "'2026-01-01T05:00:00'|'2026-01-01T07:00:00+02:00'\n");
}

/* A mark of the server's own is none of ours. */
static void
marks_of_the_server(void **state)
{
	enum data_type type;

	(void)state;
	assert_string_equal(values_one(sources, out.a, &ask, "SELECT ?", &type),
	    "SQL_SYNTAX: a value is written @name, not ?");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_all, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(values_are_exact),
		CASE(parameters_have_types),
		CASE(moments_are_written),
		CASE(moments_are_passed),
		CASE(marks_of_the_server),
	};
	int failed;

	if (!mariadb_server_start(&server,
		"--default-time-zone=+09:00 --sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES --character-set-server=latin1")) {
		fprintf(stderr, "no MariaDB is installed here\n");
		return 77;
	}
	mariadb_server_script(&server, NULL, fixture);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	mariadb_server_stop(&server);
	return failed;
}
