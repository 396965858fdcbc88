/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a statement, the first byte choosing the dialect.  What the
 * gate calls a SELECT of SQLite must be one for the engine as well, and one
 * statement only.
 */
#include <sqlite3.h>

#include "fuzz.h"
#include "source/gate.h"

static int
see(void *arg, int action, const char *a, const char *b, const char *c,
    const char *d)
{
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	if (action != SQLITE_SELECT && action != SQLITE_READ &&
	    action != SQLITE_FUNCTION && action != SQLITE_RECURSIVE)
		*(int *)arg = action;
	return SQLITE_OK;
}

static bool
is_known(const void *arg, struct str s)
{
	(void)arg;
	return s.len == 1;
}

/* The engine's own reading of a text. */
static void
compare(struct str text, const struct gate *g)
{
	static const char tables[] =
	    "CREATE TABLE t(a, b); CREATE TABLE u(a, c); CREATE TABLE x(y)";
	int action = 0;
	sqlite3_stmt *st = NULL;
	const char *tail = NULL;
	sqlite3 *h;
	int rc;

	if (sqlite3_open(":memory:", &h) != SQLITE_OK)
		abort();
	sqlite3_exec(h, tables, NULL, NULL, NULL);
	sqlite3_set_authorizer(h, see, &action);
	sqlite3_limit(h, SQLITE_LIMIT_VDBE_OP, 25000);
	sqlite3_limit(h, SQLITE_LIMIT_EXPR_DEPTH, 100);
	rc = sqlite3_prepare_v2(h, text.p, (int)text.len, &st, &tail);
	if (rc == SQLITE_OK && g->class == SQL_SELECT) {
		FUZZ_PROMISE(st != NULL && action == 0);
		FUZZ_PROMISE(sqlite3_stmt_readonly(st));
		FUZZ_PROMISE(sqlite3_stmt_isexplain(st) == 0);
		FUZZ_PROMISE((size_t)(tail - text.p) >= g->text.len);
	}
	sqlite3_finalize(st);
	sqlite3_close(h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = { 0 };
	struct gate g, again;
	enum sql_dialect d;
	struct arena *a;
	struct str text;

	if (size == 0 || size > 65536)
		return 0;
	a = arena_new((size_t)64 << 20);
	d = (enum sql_dialect)(data[0] % (DIALECT_ODBC + 1));
	text = arena_dup(a, (struct str){ (const char *)data + 1, size - 1 });
	if (gate_read(a, d, text, is_known, NULL, &g, &f) == ERR_OK) {
		FUZZ_PROMISE(g.text.len > 0 && g.text.len <= text.len);
		FUZZ_PROMISE(g.class <= SQL_OTHER && g.ntables <= GATE_NAMES);
		for (size_t i = 0; i < g.nmarks; i++)
			FUZZ_PROMISE(
			    g.marks[i].at + g.marks[i].len <= g.text.len &&
			    g.text.p[g.marks[i].at] == '@');
		/* A lone "--" in front of a comment becomes one at the end. */
		if (g.text.p[g.text.len - 1] != '-')
			FUZZ_PROMISE(gate_read(a, d, g.text, NULL, NULL, &again,
					 &f) == ERR_OK &&
				     again.class == g.class);
		if (d == DIALECT_SQLITE)
			compare(text, &g);
	} else {
		FUZZ_PROMISE(f.msg[0] != '\0');
	}
	arena_free(a);
	return 0;
}
