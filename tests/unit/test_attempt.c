/* SPDX-License-Identifier: ISC */
/* The lines of the audit: what they hold, and that nothing can break them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "tests/unit/store_site.h"
#include "json/json.h"

static struct site site;
static struct audit *audit;
static const uint8_t hash_key[32] = { 7 };

static int
set_up(void **state)
{
	struct fault f = { 0 };

	(void)state;
	site_make(&site);
	assert_int_equal(audit_open(site.state, &audit, &f), ERR_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	audit_close(audit);
	site_remove(&site);
	return 0;
}

static struct attempt
attempt(void)
{
	struct attempt t;

	attempt_init(&t, audit, hash_key, true, clock_wall_us());
	return t;
}

/* The line as JSON; it is printable ASCII and ends with its only newline. */
static json_t *
parsed(struct str line)
{
	struct fault f = { 0 };
	json_t *o = NULL;

	assert_true(line.len > 0 && line.len <= 8192);
	assert_int_equal(line.p[line.len - 1], '\n');
	for (size_t i = 0; i + 1 < line.len; i++)
		if (line.p[i] < ' ' || line.p[i] > '~')
			fail_msg("byte %d", line.p[i]);
	if (json_parse(site.arena, line, &json_limits_default, &o, &f) !=
	    ERR_OK)
		fail_msg("no JSON: %.*s", (int)line.len, line.p);
	return o;
}

static void
all_fields(void **state)
{
	static const char *const names[] = { "ts", "id", "event", "key_id",
		"ip", "era", "method", "tool", "source", "sql", "sql_hash",
		"params_hash", "rows", "bytes", "affected", "ms", "status",
		"code", "client" };
	struct caller who = { .known = true };
	struct attempt t = attempt();
	const char *key;
	json_t *o, *v;
	size_t n = 0;

	(void)state;
	memcpy(who.seen, "0123456789ab", 13);
	t.who = &who;
	t.address = STR("192.0.2.1");
	t.era = STR("2026-07-28");
	t.method = STR("tools/call");
	t.tool = STR("execute_select");
	t.source = STR("shop");
	t.sql = STR("SELECT 1");
	t.client = STR("curl/8");
	t.rows = 0;
	t.bytes = 17;
	t.affected = 3;
	t.status = 200;
	t.code = "SQL_SYNTAX";
	attempt_params(&t, site.arena, STR("canary value"));
	o = parsed(attempt_line(&t, site.arena, "call"));
	json_object_foreach(o, key, v) assert_string_equal(key, names[n++]);
	assert_int_equal(n, sizeof(names) / sizeof(names[0]));
	assert_string_equal(json_string_value(json_member(o, "id")), t.id);
	assert_int_equal(strlen(t.id), 16);
	assert_int_equal(json_string_length(json_member(o, "ts")), 24);
	assert_string_equal(json_string_value(json_member(o, "key_id")),
	    "0123456789ab");
	assert_string_equal(json_string_value(json_member(o, "sql")),
	    "SELECT 1");
	assert_int_equal(json_integer_value(json_member(o, "rows")), 0);
	assert_int_equal(json_string_length(json_member(o, "params_hash")), 32);
	assert_int_equal(json_string_length(json_member(o, "sql_hash")), 32);
}

static void
absent_is_left_out(void **state)
{
	struct attempt t = attempt();
	json_t *o = parsed(attempt_line(&t, site.arena, "denied"));

	(void)state;
	assert_int_equal(json_object_size(o), 4); /* ts, id, event, ms */
	assert_string_equal(json_string_value(json_member(o, "event")),
	    "denied");
}

/* The same calls have the same hash, others another, and so has another
 * site: no list of likely values can be tried without its key. */
static void
hashes_tell_calls_apart(void **state)
{
	static const uint8_t other_key[32] = { 8 };
	struct attempt a = attempt(), b = attempt(), c = attempt(),
		       d = attempt();

	(void)state;
	d.hash_key = other_key;
	attempt_params(&a, site.arena, STR("{\"day\":1}"));
	attempt_params(&b, site.arena, STR("{\"day\":1}"));
	attempt_params(&c, site.arena, STR("{\"day\":2}"));
	attempt_params(&d, site.arena, STR("{\"day\":1}"));
	assert_memory_equal(a.params_hash, b.params_hash, ATTEMPT_HASH);
	assert_memory_not_equal(a.params_hash, c.params_hash, ATTEMPT_HASH);
	assert_memory_not_equal(a.params_hash, d.params_hash, ATTEMPT_HASH);
	assert_string_not_equal(a.id, b.id);
}

/* Bad text in every field: no line may break, whatever it holds. */
static void
nothing_breaks_a_line(void **state)
{
	static const struct {
		const char *text, *want; /* want as JSON spells it */
		size_t len;
	} rows[] = {
		{ "a\nb", "a\\u000ab", 3 },
		{ "a\0b", "a\\u0000b", 3 },
		{ "\x1b[31m", "\\u001b[31m", 5 },
		{ "\"\\", "\\\"\\\\", 2 },
		{ "\x7f", "\\u007f", 1 },
		{ "\xe2\x80\xa8", "\\u2028", 3 },
		{ "\xc3\xa4", "\\u00e4", 2 },
		{ "\xf0\x9f\x98\x80", "\\ud83d\\ude00", 4 },
		{ "\xf4\x8f\xbf\xbf", "\\udbff\\udfff", 4 },
		{ "\xff", "\\ufffd", 1 },
		{ "\xc0\xaf", "\\ufffd\\ufffd", 2 },
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd", 3 },
		{ "a\xe2\x80", "a\\ufffd\\ufffd", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str bad = { rows[i].text, rows[i].len };
		struct attempt t = attempt();
		struct str line;
		int found = 0;

		t.address = t.era = t.method = t.tool = bad;
		t.source = t.sql = t.client = bad;
		line = attempt_line(&t, site.arena, "error");
		(void)parsed(line);
		for (const char *p = arena_z(site.arena, line);
		     (p = strstr(p, rows[i].want)) != NULL; p++)
			found++;
		if (found != 7)
			fail_msg("row %zu: %d in %.*s", i, found, (int)line.len,
			    line.p);
	}
}

/* Every field far too long, in the text that grows most, and the statement
 * at, one below and one above its ceiling. */
static void
no_line_is_too_long(void **state)
{
	const size_t mega = (size_t)1 << 20;
	char *p = arena_get(site.arena, mega);
	struct attempt t = attempt();
	struct caller who = { 0 };
	json_t *o;

	(void)state;
	memset(p, '\n', mega);
	memset(who.seen, 'a', KEY_ID_LEN);
	t.who = &who;
	t.address = t.era = t.method = t.tool = t.source = t.sql = t.client =
	    (struct str){ p, mega };
	t.rows = t.bytes = t.affected = INT64_MAX;
	t.status = 599;
	t.code = "STATEMENT_NOT_ALLOWED";
	attempt_params(&t, site.arena, t.sql);
	o = parsed(attempt_line(&t, site.arena, "begin"));
	assert_int_equal(json_string_length(json_member(o, "sql")), 4096 / 6);
	assert_int_equal(json_string_length(json_member(o, "client")), 100);
	t.line_max = 2048;
	o = parsed(attempt_line(&t, site.arena, "begin"));
	assert_null(json_member(o, "sql"));
	assert_string_equal(json_string_value(json_member(o, "code")), t.code);
}

static void
statement_is_cut(void **state)
{
	static const size_t rows[] = { 4095, 4096, 4097, 100000 };
	char *p = arena_get(site.arena, 100000);

	(void)state;
	memset(p, 'x', 100000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt t = attempt();
		json_t *o;

		t.sql = (struct str){ p, rows[i] };
		o = parsed(attempt_line(&t, site.arena, "call"));
		assert_int_equal(json_string_length(json_member(o, "sql")),
		    rows[i] > 4096 ? 4096 : rows[i]);
	}
}

static void
written_and_required(void **state)
{
	static char sql[20000];
	struct attempt t = attempt();
	struct fault f = { 0 };

	(void)state;
	attempt_params(&t, site.arena, STR("canary-bind-value"));
	assert_int_equal(t.put(&t, "call", &f), ERR_OK);
	assert_false(t.began);
	assert_int_equal(t.put(&t, "begin", &f), ERR_OK);
	assert_true(t.began);
	assert_true(site_holds(&site, str_of(t.id)));
	assert_false(site_holds(&site, STR("canary-bind-value")));
	t = attempt();
	t.line_max = 32768; /* more than the usual room */
	t.sql_max = 20000;
	t.sql = (struct str){ memset(sql, 'x', sizeof(sql)), sizeof(sql) };
	assert_int_equal(t.put(&t, "call", &f), ERR_OK);
	assert_true(site_holds(&site, str_of(t.id)));
	assert_true(site_holds(&site, t.sql));

	t = attempt();
	assert_int_equal(unlink(site_path(&site, "audit.jsonl")), 0);
	assert_int_equal(mkdir(site_path(&site, "audit.jsonl"), 0700), 0);
	assert_int_equal(t.put(&t, "begin", &f), ERR_UNAVAILABLE);
	assert_false(t.began);
	assert_int_equal(f.retry_s, 1);
	t.required = false;
	f = (struct fault){ 0 };
	assert_int_equal(t.put(&t, "begin", &f), ERR_OK);
	assert_int_equal(f.code, ERR_OK);
	t.audit = NULL;
	t.required = true;
	assert_int_equal(t.put(&t, "begin", &f), ERR_UNAVAILABLE);
	assert_int_equal(rmdir(site_path(&site, "audit.jsonl")), 0);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(all_fields),
		T(absent_is_left_out),
		T(hashes_tell_calls_apart),
		T(nothing_breaks_a_line),
		T(no_line_is_too_long),
		T(statement_is_cut),
		T(written_and_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
