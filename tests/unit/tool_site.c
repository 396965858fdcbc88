/* SPDX-License-Identifier: ISC */
/* See tool_site.h. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/tool_site.h"

const char site_usual[] =
    "state = \"state\";\n"
    "base_url = \"http://127.0.0.1/mcp\";\n"
    "sources = {\n"
    "  shop = { driver = \"sqlite\"; path = \"shop.db\"; readonly = false;\n"
    "    about = \"Orders of the web shop\"; deny = [ \"secret\" ];\n"
    "    mask = [ \"customers.phone\" ]; };\n"
    "  blog = { driver = \"sqlite\"; path = \"blog.db\"; };\n"
    "};\n";

static const char shop_sql[] =
    "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " phone TEXT);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER"
    " REFERENCES customers(id), total REAL, note TEXT, paid BOOLEAN);"
    "CREATE TABLE secret(x);"
    "CREATE TABLE big(n INTEGER PRIMARY KEY);"
    "CREATE VIEW totals AS SELECT customer, sum(total) AS total FROM orders"
    " GROUP BY customer;"
    "INSERT INTO customers VALUES(1,'Ann','555'),(2,'Bob',NULL);"
    "INSERT INTO orders VALUES(1,1,9.5,'first',1),(2,1,20,NULL,0),"
    "(3,2,0.25,'t\"x',1);"
    "INSERT INTO secret VALUES('hidden');"
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE"
    " i<1001) INSERT INTO big SELECT i FROM c;";

static const char blog_sql[] =
    "CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT);"
    "INSERT INTO posts VALUES(1,'Hello'),(2,'World');";

static void
must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "tool_site: %s\n", what);
	exit(99);
}

static const char *
path_of(struct site *s, const char *name)
{
	return arena_fmt(s->arena, "%s/%s", s->dir, name).p;
}

void
site_sql(struct site *s, const char *db, const char *sql)
{
	sqlite3 *c = NULL;
	char *why = NULL;

	must(sqlite3_open(path_of(s, db), &c) == SQLITE_OK, "open");
	if (sqlite3_exec(c, sql, NULL, NULL, &why) != SQLITE_OK)
		must(false, why);
	sqlite3_close(c);
}

int64_t
site_count(struct site *s, const char *db, const char *sql)
{
	sqlite3 *c = NULL;
	sqlite3_stmt *st = NULL;
	int64_t n;

	must(sqlite3_open(path_of(s, db), &c) == SQLITE_OK, "open");
	must(sqlite3_prepare_v2(c, sql, -1, &st, NULL) == SQLITE_OK, "prepare");
	must(sqlite3_step(st) == SQLITE_ROW, "step");
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(c);
	return n;
}

static enum err
put_line(struct attempt *t, const char *event, struct fault *f)
{
	struct site *s =
	    (struct site *)((char *)t - offsetof(struct site, attempt));

	if (strcmp(event, "begin") == 0)
		s->begins++;
	if (s->audit_fails)
		return fault_set(f, ERR_UNAVAILABLE, "no disk");
	t->began = true;
	return ERR_OK;
}

static void
conf_write(struct site *s, const char *settings)
{
	FILE *out = fopen(path_of(s, "mcp.conf"), "w");

	must(out != NULL, "mcp.conf");
	must(fputs(settings, out) >= 0 && fclose(out) == 0, "mcp.conf");
}

static void
folder_make(struct site *s)
{
	*s = (struct site){ .dir = "/tmp/mcp-tool-XXXXXX" };
	must(mkdtemp(s->dir) != NULL, "no folder");
	s->arena = arena_new((size_t)256 << 20);
	s->now_s = 1790000000;
	s->era = ERA_2025_11_25;
	site_sql(s, "shop.db", shop_sql);
	site_sql(s, "blog.db", blog_sql);
}

static enum err
settings_load(struct site *s, const char *settings, struct buf *complaints)
{
	struct fault *f = &s->fault;
	enum err e;

	conf_write(s, settings);
	buf_init(complaints, s->arena, 1 << 16);
	e = conf_load(path_of(s, "mcp.conf"), &s->conf, complaints, f);
	if (e != ERR_OK)
		return e;
	s->sources = sources_new(s->conf);
	return catalogue_new(s->conf, s->sources, &s->catalogue, f);
}

void
site_open(struct site *s, const char *settings)
{
	struct buf complaints;

	folder_make(s);
	if (settings_load(s, settings, &complaints) != ERR_OK)
		must(false, arena_fmt(s->arena, "%s %.*s", s->fault.msg,
				(int)complaints.len, complaints.p)
				.p);
	tool_filter_init(&s->filter);
	site_master(s);
}

const char *
site_complaint(struct site *s, const char *settings)
{
	struct buf complaints;
	enum err e;

	folder_make(s);
	e = settings_load(s, settings, &complaints);
	return e == ERR_OK ? NULL
			   : arena_fmt(s->arena, "%.*s%s", (int)complaints.len,
				 complaints.p, s->fault.msg)
				 .p;
}

static int
drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
site_close(struct site *s)
{
	catalogue_free(s->catalogue);
	sources_free(s->sources);
	conf_free(s->conf);
	arena_free(s->arena);
	must(nftw(s->dir, drop, 8, FTW_DEPTH | FTW_PHYS) == 0, "not removed");
}

static void
caller_make(struct site *s, const struct key_grant *g, size_t n,
    unsigned scopes)
{
	struct key k = { .id = "0123456789ab",
		.label = STR("test"),
		.scopes = scopes,
		.grants = g,
		.ngrants = n,
		.confirm = -1 };

	auth_local(s->conf, s->arena, &k, &s->who);
}

void
site_caller(struct site *s, unsigned scopes, unsigned verbs)
{
	struct key_grant *g = arena_zero(s->arena, 1, sizeof(*g));

	*g = (struct key_grant){ STR("*"), verbs };
	caller_make(s, g, 1, scopes);
}

void
site_grants(struct site *s, unsigned scopes, const char *grants)
{
	struct str rest = arena_dup(s->arena, str_of(grants)), one, name;
	struct key_grant *g = arena_zero(s->arena, 8, sizeof(*g));
	size_t n = 0;

	while (str_cut(&rest, ' ', &one)) {
		must(str_cut(&one, ':', &name), "grants");
		g[n].source = name;
		must(verbs_parse(one, &g[n++].verbs), "verbs");
	}
	caller_make(s, g, n, scopes);
}

void
site_master(struct site *s)
{
	site_caller(s, SCOPE_READ | SCOPE_WRITE, VERB_ALL);
}

void
site_reader(struct site *s)
{
	site_caller(s, SCOPE_READ, VERB_SELECT);
}

static json_t *
parsed(struct site *s, struct str text)
{
	struct json_limits wide = { 128, 10000000, 100000000, 64 };
	struct fault f = { 0 };
	json_t *root = NULL;

	if (json_parse(s->arena, text, &wide, &root, &f) != ERR_OK)
		fail_msg("%s %s: %.*s", f.msg, f.log, (int)text.len, text.p);
	return root;
}

static void
call_make(struct site *s)
{
	s->attempt = (struct attempt){ .id = "00112233aabbccdd",
		.rows = -1,
		.bytes = -1,
		.affected = -1,
		.put = put_line,
		.required = s->conf->audit_required };
	s->call.arena = s->arena;
	s->call.conf = s->conf;
	s->call.sources = s->sources;
	s->call.catalogue = s->catalogue;
	s->call.who = &s->who;
	s->call.filter = &s->filter;
	s->call.era = s->era;
	s->call.now_s = s->now_s;
	s->call.seal = &s->seal;
	s->call.attempt = &s->attempt;
}

enum err
site_call(struct site *s, const char *tool, const char *arguments)
{
	const json_t *args =
	    arguments == NULL ? NULL : parsed(s, str_of(arguments));
	struct str list;
	enum err e;

	call_make(s);
	s->fault = (struct fault){ 0 };
	s->text = NULL;
	s->structured = NULL;
	e = tool_run(&s->call, str_of(tool), args, &s->result, &s->fault);
	sources_reset(s->sources);
	if (e != ERR_OK)
		return e;
	list = arena_fmt(s->arena, "[\"%.*s\"]", (int)s->result.text.len,
	    s->result.text.p);
	s->text =
	    arena_z(s->arena, json_text(json_array_get(parsed(s, list), 0)));
	if (s->result.structured.len > 0)
		s->structured = parsed(s, s->result.structured);
	return ERR_OK;
}

json_t *
site_ok(struct site *s, const char *tool, const char *arguments)
{
	enum err e = site_call(s, tool, arguments);

	if (e != ERR_OK)
		fail_msg("%s: %s: %s", tool, err_name(e), s->fault.msg);
	if (s->result.is_error)
		fail_msg("%s: %s", tool, s->text);
	if (!era_structured(s->era)) {
		assert_null(s->structured);
		return parsed(s, str_of(s->text));
	}
	assert_non_null(s->structured);
	/* Markdown aside, the text is the same value. */
	if (s->text[0] == '{')
		assert_int_equal(json_equal(s->structured,
				     parsed(s, str_of(s->text))),
		    1);
	if (json_member(s->structured, "results") != NULL)
		assert_resultsets(s->structured);
	return s->structured;
}

const char *
site_err(struct site *s, const char *tool, const char *arguments, enum err code)
{
	enum err e = site_call(s, tool, arguments);
	json_t *meta;

	if (e != ERR_OK)
		fail_msg("%s: %s: %s", tool, err_name(e), s->fault.msg);
	if (!s->result.is_error)
		fail_msg("%s %s: no error: %s", tool, arguments, s->text);
	assert_null(s->structured);
	meta = parsed(s, arena_fmt(s->arena, "{%.*s}", (int)s->result.meta.len,
			     s->result.meta.p));
	meta = json_member(meta, "mcp-fcgi/error");
	if (!str_eq(json_text(json_member(meta, "code")),
		str_of(err_name(code))))
		fail_msg("%s %s: %s", tool, arguments, s->text);
	assert_string_equal(s->attempt.code, err_name(code));
	assert_int_equal(json_is_true(json_member(meta, "retryable")),
	    err_retryable(code));
	return s->text;
}

const char *
site_bad(struct site *s, const char *tool, const char *arguments)
{
	enum err e = site_call(s, tool, arguments);

	if (e != ERR_ARGUMENT)
		fail_msg("%s %s: %s: %s %s", tool, arguments, err_name(e),
		    s->fault.msg, s->text == NULL ? "" : s->text);
	return s->fault.msg;
}

static struct str
page(struct site *s, struct str cursor, struct str *next)
{
	struct str tools;
	enum err e = tool_list(s->catalogue, s->arena, &s->who, &s->filter,
	    s->era, &s->seal, s->now_s, cursor, &tools, next, &s->fault);

	assert_int_equal(e, ERR_OK);
	return tools;
}

struct str
site_list_text(struct site *s)
{
	struct str next;

	return arena_dup(s->arena, page(s, (struct str){ NULL, 0 }, &next));
}

json_t *
site_list(struct site *s)
{
	struct str next = { NULL, 0 };
	json_t *all = parsed(s, page(s, next, &next));

	while (next.len > 0) {
		json_t *more = parsed(s, page(s, next, &next));

		assert_true(json_array_size(more) > 0);
		json_array_extend(all, more);
	}
	return all;
}

json_t *
site_listed(json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (str_eq(json_text(
			       json_member(json_array_get(list, i), "name")),
			str_of(name)))
			return json_array_get(list, i);
	return NULL;
}

const char *
site_names(struct site *s)
{
	json_t *list = site_list(s);
	struct buf b;

	buf_init(&b, s->arena, 1 << 20);
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			buf_char(&b, ' ');
		buf_str(&b,
		    json_text(json_member(json_array_get(list, i), "name")));
	}
	return arena_z(s->arena, buf_text(&b));
}

bool
site_narrow(struct site *s, const char *tools, const char *ops)
{
	s->fault = (struct fault){ 0 };
	tool_filter_init(&s->filter);
	return tool_filter_query(&s->filter, tools != NULL, str_of(tools),
		   ops != NULL, str_of(ops), &s->fault) == ERR_OK;
}

const char *
site_dump(struct site *s, const json_t *v)
{
	struct json_out out;
	struct buf b;

	buf_init(&b, s->arena, 64 << 20);
	json_out_init(&out, &b, NULL);
	json_tree(&out, NULL, v);
	return arena_z(s->arena, buf_text(&b));
}

const char *
site_rows(struct site *s, const json_t *sets)
{
	return site_dump(s,
	    json_member(json_array_get(json_member(sets, "results"), 0),
		"rows"));
}
