/* SPDX-License-Identifier: ISC */
/*
 * The gate's classes against the engine's own verdict, on statements that a
 * fixed generator makes: GATE_CASES of them, 6,000 in make check.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "source/gate.h"

#define CASES 6000

static uint64_t seed;

static unsigned
pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

#define ANY(list) (list)[pick(sizeof(list) / sizeof((list)[0]))]

static const char *const blanks[] = { " ", " ", " ", "\n", "\t", "  ",
	" /* ; DELETE FROM t */ ", " -- ' ; drop\n", "/**/", " /*!x*/ " };

static const char *const names[] = { "t", "u", "\"t\"", "[u]", "`t`", "main.t",
	"\"main\".\"u\"", "T" };

static const char *const values[] = { "1", "'delete; drop'", "\"a\"", "a",
	"'it''s'", "x'00'", "@p", "NULL", "-1.5e3", "(a + 1)",
	"replace(a, 'x', b)", "(SELECT max(a) FROM u)", "(replace(a, 1, 2))",
	"count(*)", "'--'", "'/*'", "[a]", "`b`", "CASE a WHEN 1 THEN 2 END",
	"a IN (1, 2)", "EXISTS (SELECT 1 FROM t)",
	"(WITH w AS (SELECT 1) SELECT * FROM w)" };

static const char *const conditions[] = { "", "", " WHERE a = 1",
	" WHERE b LIKE '%insert%'", " WHERE a IN (SELECT a FROM u)",
	" WHERE 'where' = b" };

static const char *const selects[] = { "SELECT %v FROM %n%c",
	"SELECT %v, %v FROM %n x%c ORDER BY 1",
	"SELECT DISTINCT %v FROM %n, u%c", "SELECT %v", "VALUES (%s), (%s)",
	"SELECT %v FROM %n%c UNION %q", "SELECT * FROM (%q)",
	"SELECT * FROM %n JOIN (%q) AS \"update\"",
	"SELECT a AS \"delete\" FROM %n", "SELECT %v FROM %n LIMIT 1",
	"SELECT row_number() OVER (ORDER BY a) FROM %n" };

static const char *const simple[] = { "1", "'update'", "NULL", "x'ff'", "@q" };

static const char *const others[] = { "INSERT INTO %n VALUES (%s, %s)",
	"INSERT INTO %n (a, b) SELECT 1, 2", "INSERT INTO %n DEFAULT VALUES",
	"INSERT OR IGNORE INTO %n VALUES (%s, %s)",
	"INSERT OR REPLACE INTO %n VALUES (%s, %s)",
	"REPLACE INTO %n VALUES (%s, %s)",
	"INSERT INTO t VALUES (%s, %s) ON CONFLICT (a) DO UPDATE SET b = 1",
	"INSERT INTO t VALUES (%s, %s) ON CONFLICT DO NOTHING",
	"INSERT INTO %n VALUES (%s, %s) RETURNING *", "UPDATE %n SET a = %s%c",
	"UPDATE OR IGNORE %n SET a = %s%c", "UPDATE OR REPLACE %n SET a = %s%c",
	"UPDATE %n SET a = (%q)%c", "DELETE FROM %n%c",
	"DELETE FROM %n%c RETURNING a", "CREATE TABLE z (a)",
	"CREATE TABLE z AS %q", "CREATE TEMP TABLE z (a)",
	"CREATE VIEW z AS %q", "CREATE INDEX i ON t (a)", "DROP TABLE t",
	"ALTER TABLE t ADD c",
	"CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM u; %q; END",
	"PRAGMA user_version", "PRAGMA user_version = 3", "ATTACH 'x' AS y",
	"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s", "VACUUM",
	"REINDEX", "ANALYZE", "EXPLAIN %q", "EXPLAIN QUERY PLAN %q",
	"EXPLAIN DELETE FROM %n", "EXPLAIN QUERY PLAN UPDATE %n SET a = 1",
	"DETACH y", "END" };

static const char *const withs[] = { "", "", "WITH x AS (%q) ",
	"WITH x AS (%q), \"insert\" AS (SELECT 1) ",
	"WITH replace AS (SELECT 1) ",
	"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3)"
	" ",
	"WITH x(a, b) AS MATERIALIZED (SELECT 1, 2) " };

static const char *const ends[] = { "", "", "", ";", " ; ", "; -- x",
	" -- ; DELETE FROM t", " /* x */", "; SELECT 1", "; DELETE FROM t" };

/* Letters change their case, blanks their kind: not inside quotes. */
static void
put(struct buf *b, const char *p)
{
	char quote = '\0';

	for (; *p != '\0'; p++) {
		char c = *p;

		if (quote != '\0') {
			quote = c == quote ? '\0' : quote;
		} else if (c == '\'' || c == '"' || c == '`' || c == '[') {
			quote = (char)(c == '[' ? ']' : c);
		} else if (c == ' ' && pick(8) == 0) {
			buf_str(b, str_of(ANY(blanks)));
			continue;
		} else if (c >= 'A' && c <= 'Z' && pick(8) == 0) {
			c = (char)(c + 32);
		}
		buf_char(b, c);
	}
}

static void
expand(struct buf *b, const char *p, int depth)
{
	char piece[256];
	size_t n = 0;

	for (; *p != '\0'; p++) {
		if (*p != '%' || strchr("vncqs", p[1]) == NULL) {
			piece[n++] = *p;
			continue;
		}
		piece[n] = '\0';
		put(b, piece);
		n = 0;
		p++;
		if (*p == 'q')
			expand(b, depth > 2 ? "SELECT 1" : ANY(selects),
			    depth + 1);
		else
			put(b, *p == 'v'   ? ANY(values)
			       : *p == 'n' ? ANY(names)
			       : *p == 's' ? ANY(simple)
					   : ANY(conditions));
	}
	piece[n] = '\0';
	put(b, piece);
}

/* What the engine was asked to allow, as a set. */
enum {
	DID_READ = 1,
	DID_INSERT = 2,
	DID_UPDATE = 4,
	DID_DELETE = 8,
	DID_DDL = 16,
	DID_SESSION = 32,
	DID_TRANSACTION = 64,
	DID_OTHER = 128,
	DID_UPKEEP = 256
};

static int
see(void *arg, int action, const char *p1, const char *p2, const char *p3,
    const char *p4)
{
	static const struct {
		int action;
		unsigned did;
	} table[] = {
		{ SQLITE_SELECT, DID_READ },
		{ SQLITE_READ, DID_READ },
		{ SQLITE_FUNCTION, DID_READ },
		{ SQLITE_RECURSIVE, DID_READ },
		{ SQLITE_INSERT, DID_INSERT },
		{ SQLITE_UPDATE, DID_UPDATE },
		{ SQLITE_DELETE, DID_DELETE },
		{ SQLITE_PRAGMA, DID_SESSION },
		{ SQLITE_ATTACH, DID_SESSION },
		{ SQLITE_DETACH, DID_SESSION },
		{ SQLITE_TRANSACTION, DID_TRANSACTION },
		{ SQLITE_SAVEPOINT, DID_TRANSACTION },
		{ SQLITE_ANALYZE, DID_UPKEEP },
		{ SQLITE_REINDEX, DID_OTHER },
	};
	unsigned did = DID_DDL;

	(void)p1;
	(void)p2;
	(void)p3;
	(void)p4;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].action == action)
			did = table[i].did;
	*(unsigned *)arg |= did;
	return SQLITE_OK;
}

struct verdict {
	bool ok, two, explain;
	unsigned did;
};

static struct verdict
ask_engine(sqlite3 *h, struct str sql)
{
	struct verdict v = { 0 };
	sqlite3_stmt *st = NULL, *next = NULL;
	const char *tail = NULL;

	sqlite3_set_authorizer(h, see, &v.did);
	v.ok = sqlite3_prepare_v2(h, sql.p, (int)sql.len, &st, &tail) ==
		   SQLITE_OK &&
	       st != NULL;
	if (v.ok) {
		unsigned did = v.did;

		v.explain = sqlite3_stmt_isexplain(st) != 0;
		v.two =
		    sqlite3_prepare_v2(h, tail, (int)(sql.p + sql.len - tail),
			&next, NULL) != SQLITE_OK ||
		    next != NULL;
		v.did = did;
	}
	sqlite3_finalize(st);
	sqlite3_finalize(next);
	return v;
}

/* What the gate must have said; SQL_OTHER for what no tool runs. */
static bool
agrees(const struct verdict *v, enum sql_class c)
{
	if (v->explain)
		return c == SQL_EXPLAIN;
	if ((v->did & DID_UPKEEP) != 0)
		return c == SQL_OTHER;
	if ((v->did & DID_DDL) != 0)
		return c == SQL_DDL;
	if ((v->did & DID_TRANSACTION) != 0)
		return c == SQL_TRANSACTION;
	if ((v->did & DID_SESSION) != 0)
		return c == SQL_SESSION;
	if ((v->did & DID_OTHER) != 0)
		return c == SQL_OTHER;
	if ((v->did & DID_DELETE) != 0)
		return c == SQL_DELETE;
	if ((v->did & DID_INSERT) != 0 && (v->did & DID_UPDATE) != 0)
		return c == SQL_MERGE;
	if ((v->did & DID_INSERT) != 0)
		return c == SQL_INSERT || c == SQL_MERGE;
	if ((v->did & DID_UPDATE) != 0)
		return c == SQL_UPDATE || c == SQL_MERGE;
	return c == SQL_SELECT || (v->did == 0 && c == SQL_OTHER); /* VACUUM */
}

static bool
check(struct arena *a, sqlite3 *h, struct str sql, unsigned *ran)
{
	struct verdict v = ask_engine(h, sql);
	struct fault f = { 0 };
	struct gate g;
	enum err e = gate_read(a, DIALECT_SQLITE, sql, NULL, NULL, &g, &f);

	if (!v.ok)
		return true; /* nothing to compare with */
	(*ran)++;
	if (v.two)
		return e == ERR_MULTIPLE_STATEMENTS;
	return e == ERR_OK && agrees(&v, g.class);
}

static void
make(struct buf *b)
{
	const char *verb = pick(2) == 0 ? ANY(selects) : ANY(others);
	bool data = strchr("SIURDV", verb[0]) != NULL;

	put(b, ANY(blanks));
	if (data)
		expand(b, ANY(withs), 0);
	expand(b, verb, 0);
	buf_str(b, str_of(ANY(ends)));
}

static void
test_Q1_gate_and_engine_agree(void **state)
{
	const char *want = getenv("GATE_CASES");
	long n = want == NULL ? CASES : strtol(want, NULL, 10);
	struct arena *a = arena_new((size_t)1 << 24);
	unsigned ran = 0, bad = 0;
	sqlite3 *h;
	struct buf b;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h,
			     "CREATE TABLE t (a INTEGER PRIMARY KEY, b); "
			     "CREATE TABLE u (a, b)",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	for (long i = 0; i < n && bad < 10; i++) {
		seed = (uint64_t)i * 7919 + 17;
		buf_init(&b, a, 1 << 16);
		make(&b);
		assert_false(buf_failed(&b));
		if (!check(a, h, buf_text(&b), &ran)) {
			bad++;
			print_error("%ld: %.*s\n", i, (int)b.len, b.p);
		}
		arena_reset(a);
	}
	print_message("%u of %ld statements ran\n", ran, n);
	sqlite3_close(h);
	arena_free(a);
	assert_int_equal(bad, 0);
	assert_true(ran > (unsigned)n / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_Q1_gate_and_engine_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
