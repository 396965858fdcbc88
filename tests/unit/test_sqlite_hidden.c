/* SPDX-License-Identifier: ISC */
/*
 * Rules of deny and mask on a SQLite source: what is hidden cannot be told
 * from what never was, and no way leads to it.  Built twice, the second time
 * with a gate that lets everything pass as a SELECT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sqlite_attack.h"

#define HIDDEN "sqlite-hidden.txt"

static int
open_hidden(void **state)
{
	static const char *deny[] = { "hidden_*", "customers.email", "slack.x",
		"notes.author", "notes.body", "made.email", "*.pin" };
	static const char *mask[] = { "customers.phone" };
	int bad = open_attacked(state);

	spec.deny = (struct conf_names){ deny, 7 };
	spec.mask = (struct conf_names){ mask, 1 };
	return bad;
}

/* Neither the answer nor the error shows a hidden value. */
static void
shows_nothing(const char *codes, const char *sql)
{
	const char *rows;

	(void)codes;
	run(sql);
	rows = arena_z(out.a, out.rows);
	if (strstr(rows, "secret") != NULL || strstr(rows, "SECRET") != NULL ||
	    strstr(rows, "555") != NULL || strstr(out.f.msg, "secret") != NULL)
		fail_msg("%s\n%s", sql, rows);
}

static void
not_there(const char *codes, const char *sql)
{
	stopped_with(codes, sql);
	shows_nothing(codes, sql);
}

static void
test_Q4_hidden_table(void **state)
{
	(void)state;
	each_case(HIDDEN, __func__, not_there);
	alive();
}

static void
answer_to(const char *sql, char *to, size_t size)
{
	run(sql);
	snprintf(to, size, "%s %s %d", err_name(out.e), out.f.msg,
	    out.f.position);
}

/* The name that never was becomes the hidden one. */
static void
rename_in(char *text)
{
	static const char *const names[][2] = { { "emaix", "email" },
		{ "Emaix", "Email" }, { "_nix", "_pay" }, { "_Nix", "_Pay" } };
	char *p;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		while ((p = strstr(text, names[i][0])) != NULL)
			memcpy(p, names[i][1], strlen(names[i][1]));
}

/* "hidden ~ never was": the same answer but for the name. */
static void
alike(const char *codes, const char *sql)
{
	char first[2 * FAULT_MSG], second[2 * FAULT_MSG], text[512];
	char *tilde;

	(void)codes;
	snprintf(text, sizeof(text), "%s", sql);
	tilde = strstr(text, " ~ ");
	assert_non_null(tilde);
	*tilde = '\0';
	answer_to(text, first, sizeof(first));
	answer_to(tilde + 3, second, sizeof(second));
	rename_in(second);
	assert_string_equal(first, second);
}

static void
test_Q4_hidden_alike(void **state)
{
	(void)state;
	each_case(HIDDEN, __func__, alike);
}

static void
test_Q4_hidden_column(void **state)
{
	static const char *const answers[][2] = {
		{ "SELECT * FROM customers WHERE id = 1", "1|'Ann'|'***'\n" },
		{ "SELECT id FROM customers NATURAL JOIN (SELECT 'ann@secret' AS "
		  "email) ORDER BY id",
		    "1\n2\n" },
		{ "SELECT count(*) FROM customers WHERE phone = '555'", "0\n" },
		{ "SELECT * FROM mails WHERE id = 1", "1|'***'\n" },
		{ "SELECT * FROM mail_of WHERE id = 1", "1\n" },
		{ "SELECT e FROM slack", "null\nnull\n" },
		{ "SELECT count(*) FROM same_id, boxes", "0\n" },
		{ "SELECT * FROM made", "1|2\n" },
		{ "SELECT * FROM made_of", "1\n" },
		{ "SELECT rowid FROM name_words WHERE name_words MATCH 'bob'",
		    "2\n" },
	};

	(void)state;
	each_case(HIDDEN, __func__, shows_nothing);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		run(answers[i][0]);
		assert_string_equal(arena_z(out.a, out.rows), answers[i][1]);
	}
	alive();
}

#ifndef SOURCE_GATE_OFF
static void
stopped_quietly(const char *codes, const char *sql)
{
	stopped_with(codes, sql);
	assert_null(strstr(out.f.msg, "secret"));
}

static void
writes(const char *sql, int64_t affected)
{
	run(sql);
	if (out.e != ERR_OK)
		fail_msg("%s: %s", sql, out.f.msg);
	assert_int_equal(out.done.affected, affected);
}

/* Writes on a source with rules: what they may read, and what not. */
static void
test_Q4_hidden_in_writes(void **state)
{
	(void)state;
	spec.readonly = false;
	spec.ddl = true;
	each_case(HIDDEN, __func__, stopped_quietly);
	spec.ddl = false;
	each_case(HIDDEN, __func__, stopped_quietly);
	writes("UPDATE customers SET phone = '777' WHERE id = 1", 1);
	writes("INSERT INTO customers (id, name) VALUES (3, 'Eve'), (4, 'Dan')",
	    2);
	writes("INSERT INTO t (a, b) SELECT id + 10, name FROM customers", 4);
	writes("DELETE FROM t WHERE a > 10", 4);
	writes("INSERT INTO docs VALUES ('three', 'new text')", 1);
	run("SELECT title FROM docs WHERE docs MATCH 'new'");
	assert_string_equal(arena_z(out.a, out.rows), "'three'\n");
}

/* A constraint's text does not name what is hidden. */
static void
test_Q4_hidden_constraint(void **state)
{
	(void)state;
	spec.readonly = false;
	with_file(
	    "CREATE UNIQUE INDEX once ON customers (email); UPDATE customers "
	    "SET email = NULL; CREATE TRIGGER fill AFTER INSERT ON customers "
	    "BEGIN UPDATE customers SET email = 'same' WHERE id = NEW.id; END");
	writes("INSERT INTO customers (id, name) VALUES (8, 'one')", 1);
	run("INSERT INTO customers (id, name) VALUES (9, 'two')");
	assert_int_equal(out.e, ERR_CONSTRAINT_VIOLATION);
	assert_null(strstr(out.f.msg, "email"));
}

/* However many columns are computed, they are looked at in the memory of one
 * at a time. */
static void
test_Q4_many_computed(void **state)
{
	enum { COLUMNS = 450, ROOM = 64 * COLUMNS };
	char *sql = calloc(1, ROOM);
	size_t n = 0;

	(void)state;
	assert_non_null(sql);
	n += (size_t)snprintf(sql, ROOM, "CREATE TABLE wide (id, pin");
	for (int i = 0; i < COLUMNS; i++)
		n += (size_t)snprintf(sql + n, ROOM - n,
		    ", c%d AS (id + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9)", i);
	(void)snprintf(sql + n, ROOM - n,
	    ", last AS (pin)); INSERT INTO wide (id, pin) VALUES (1, 'secret')");
	with_file(sql);
	free(sql);
	run("SELECT c449 FROM wide");
	assert_string_equal(arena_z(out.a, out.rows), "46\n");
	run("SELECT last FROM wide");
	assert_int_equal(out.e, ERR_COLUMN_NOT_FOUND);
}

/* A trigger made by a caller must not read for them. */
static void
test_Q4_trigger_reads(void **state)
{
	(void)state;
	spec.readonly = false;
	spec.ddl = true;
	run("CREATE TRIGGER spy AFTER INSERT ON t BEGIN INSERT INTO log SELECT "
	    "amount FROM hidden_pay; END");
	if (out.e == ERR_OK)
		stopped("INSERT INTO t VALUES (7, 'x')");
	run("SELECT count(*) FROM log");
	assert_string_equal(arena_z(out.a, out.rows), "0\n");
}
#endif

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_hidden, close_all)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_Q4_hidden_table),
		CASE(test_Q4_hidden_alike),
		CASE(test_Q4_hidden_column),
#ifndef SOURCE_GATE_OFF
		CASE(test_Q4_hidden_in_writes),
		CASE(test_Q4_hidden_constraint),
		CASE(test_Q4_many_computed),
		CASE(test_Q4_trigger_reads),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
