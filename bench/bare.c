/* SPDX-License-Identifier: ISC */
/*
 * The responders we are measured against: libfcgi as everybody uses it, no
 * token, no limit, no audit, no checks.
 *
 *   bare constant   one fixed answer, whatever was asked
 *   bare query      the same prepared statements as ours, the same answer
 *
 * Run without a listening socket on fd 0 it answers one request as CGI.
 * BENCH_DB names the database.
 */
#include <fcgiapp.h>
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct text {
	char *p;
	size_t len, cap;
};

struct statement {
	const char *tool, *argument, *sql;
	sqlite3_stmt *st;
};

static struct statement statements[] = {
	{ "get_order", "\"id\":",
	    "SELECT id, customer_id, status, sku, total, created_at FROM orders WHERE id = ?",
	    NULL },
	{ "list_orders", "\"after\":",
	    "SELECT id, customer_id, status, sku, total, created_at FROM orders WHERE id > ? ORDER BY id LIMIT 1000",
	    NULL },
	{ "sales_summary", NULL,
	    "SELECT status, channel, count(*) AS n, sum(total) AS revenue, avg(quantity) AS quantity FROM orders GROUP BY status, channel",
	    NULL },
};

static void
put(struct text *t, const char *p, size_t n)
{
	if (t->len + n > t->cap) {
		t->cap = (t->len + n) * 2;
		t->p = realloc(t->p, t->cap);
		if (t->p == NULL)
			exit(1);
	}
	memcpy(t->p + t->len, p, n);
	t->len += n;
}

static void
puts_(struct text *t, const char *z)
{
	put(t, z, strlen(z));
}

/* A string of the result: quoted and escaped. */
static void
put_string(struct text *t, const char *p, size_t n)
{
	put(t, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		char e[8];

		if ((unsigned char)p[i] < 0x20)
			put(t, e,
			    (size_t)snprintf(e, sizeof(e), "\\u%04x", p[i]));
		else {
			if (p[i] == '"' || p[i] == '\\')
				put(t, "\\", 1);
			put(t, p + i, 1);
		}
	}
	put(t, "\"", 1);
}

static void
put_real(struct text *t, double d)
{
	char s[40];
	int n = snprintf(s, sizeof(s), "%.15g", d);

	if (strtod(s, NULL) != d)
		n = snprintf(s, sizeof(s), "%.17g", d);
	put(t, s, (size_t)n);
}

static void
put_cell(struct text *t, sqlite3_stmt *st, int i)
{
	char s[24];

	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER:
		put(t, s,
		    (size_t)snprintf(s, sizeof(s), "%lld",
			(long long)sqlite3_column_int64(st, i)));
		return;
	case SQLITE_FLOAT:
		put_real(t, sqlite3_column_double(st, i));
		return;
	case SQLITE_NULL:
		puts_(t, "null");
		return;
	default:
		put_string(t, (const char *)sqlite3_column_text(st, i),
		    (size_t)sqlite3_column_bytes(st, i));
	}
}

/* The object of the answer: schema and rows. */
static void
put_rows(struct text *t, sqlite3_stmt *st)
{
	char s[160];
	int64_t rows = 0;
	int n = sqlite3_column_count(st);

	puts_(t, "{\"results\":[{\"schema\":[");
	for (int i = 0; i < n; i++)
		put(t, s,
		    (size_t)snprintf(s, sizeof(s),
			"%s{\"ordinal\":%d,\"columnName\":\"%s\",\"dataType\":%d,\"dataTypeName\":\"%s\"}",
			i > 0 ? "," : "", i + 1, sqlite3_column_name(st, i), 5,
			"TEXT"));
	puts_(t, "],\"rows\":[");
	while (sqlite3_step(st) == SQLITE_ROW) {
		put(t, ",[", rows++ > 0 ? 2 : 0);
		if (rows == 1)
			put(t, "[", 1);
		for (int i = 0; i < n; i++) {
			if (i > 0)
				put(t, ",", 1);
			put_cell(t, st, i);
		}
		put(t, "]", 1);
	}
	sqlite3_reset(st);
	put(t, s,
	    (size_t)snprintf(s, sizeof(s),
		"],\"affectedRows\":-1}],\"rowsReturned\":%lld}",
		(long long)rows));
}

static sqlite3 *
open_database(void)
{
	static sqlite3 *db;
	const char *path = getenv("BENCH_DB");

	if (db == NULL &&
	    (path == NULL || sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY,
				 NULL) != SQLITE_OK))
		exit(1);
	return db;
}

static const char *
after(const char *in, const char *what)
{
	const char *p = what == NULL ? NULL : strstr(in, what);

	return p == NULL ? NULL : p + strlen(what);
}

/* Text form and structured form of one statement, as MCP wants both. */
static void
call(struct text *out, const char *body)
{
	static struct text rows;
	struct statement *s = statements;

	while (s < statements + 2 && strstr(body, s->tool) == NULL)
		s++;
	if (s->st == NULL &&
	    sqlite3_prepare_v3(open_database(), s->sql, -1,
		SQLITE_PREPARE_PERSISTENT, &s->st, NULL) != SQLITE_OK)
		exit(1);
	if (s->argument != NULL) {
		const char *args = after(body, "\"arguments\":");
		const char *v = after(args == NULL ? body : args, s->argument);

		sqlite3_bind_int64(s->st, 1,
		    v == NULL ? 0 : strtoll(v, NULL, 10));
	}
	rows.len = 0;
	put_rows(&rows, s->st);
	puts_(out, "\"result\":{\"content\":[{\"type\":\"text\",\"text\":");
	put_string(out, rows.p, rows.len);
	puts_(out, "}],\"structuredContent\":");
	put(out, rows.p, rows.len);
	puts_(out, "}}");
}

static const char initialized[] =
    "\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"bare\",\"version\":\"0\"}}}";

/* Header and body for one request. */
static void
answer(struct text *out, const char *body, const char *list)
{
	const char *id = after(body, "\"id\":");
	char s[32];

	out->len = 0;
	puts_(out,
	    "Content-Type: application/json\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":");
	put(out, s,
	    (size_t)snprintf(s, sizeof(s), "%lld,",
		id == NULL ? 0 : strtoll(id, NULL, 10)));
	if (strstr(body, "\"tools/call\"") != NULL)
		call(out, body);
	else if (strstr(body, "\"tools/list\"") != NULL)
		puts_(out, list);
	else
		puts_(out, initialized);
}

/* The list is ours, word for word: BENCH_LIST names a file with it. */
static const char *
read_list(void)
{
	static char text[1 << 17];
	const char *path = getenv("BENCH_LIST");
	FILE *f = path == NULL ? NULL : fopen(path, "r");

	if (f == NULL)
		return "\"result\":{\"tools\":[]}}";
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void
as_cgi(const char *list)
{
	static char body[1 << 16];
	struct text out = { 0 };
	size_t n = fread(body, 1, sizeof(body) - 1, stdin);

	body[n] = '\0';
	answer(&out, body, list);
	fwrite(out.p, 1, out.len, stdout);
}

int
main(int argc, char **argv)
{
	static char body[1 << 16];
	struct text out = { 0 };
	const char *list = read_list();
	int constant = argc > 1 && strcmp(argv[1], "constant") == 0;
	FCGX_Request r;

	FCGX_Init();
	if (FCGX_IsCGI()) {
		as_cgi(list);
		return 0;
	}
	FCGX_InitRequest(&r, 0, 0);
	while (FCGX_Accept_r(&r) == 0) {
		int n = FCGX_GetStr(body, sizeof(body) - 1, r.in);

		body[n > 0 ? n : 0] = '\0';
		if (!constant || out.len == 0)
			answer(&out, body, list);
		FCGX_PutStr(out.p, (int)out.len, r.out);
		FCGX_Finish_r(&r);
	}
	return 0;
}
