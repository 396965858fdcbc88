/* SPDX-License-Identifier: ISC */
/*
 * A site in a folder of its own for the tests of the tools: two SQLite
 * sources, the real configuration, sources and catalogue, and a caller whose
 * rights each test chooses.
 */
#ifndef TESTS_TOOL_SITE_H
#define TESTS_TOOL_SITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tool/tool.h"

struct site {
	char dir[32];
	struct conf *conf;
	struct sources *sources;
	struct catalogue *catalogue;
	struct arena *arena;
	struct caller who;
	struct tool_filter filter;
	struct attempt attempt;
	struct seal seal;
	struct tool_call call;
	enum era era;
	int64_t now_s;
	/* Of the last call. */
	struct tool_result result;
	struct fault fault;
	const char *text;   /* the text item, unescaped */
	json_t *structured; /* or NULL */
	/* What the audit was told. */
	int begins;
	bool audit_fails;
};

/* The settings of the usual site; "shop" may be written, "blog" may not. */
extern const char site_usual[];

/* Make the folder with shop.db and blog.db, and read the settings. */
void site_open(struct site *s, const char *settings);
void site_close(struct site *s);

/* Only check: the complaint of conf or catalogue, or NULL when all is well. */
const char *site_complaint(struct site *s, const char *settings);

/* Who calls: scopes, and verbs on every source.  Source by source: give
 * "shop:SELECT,INSERT blog:SELECT". */
void site_caller(struct site *s, unsigned scopes, unsigned verbs);
void site_grants(struct site *s, unsigned scopes, const char *grants);

/* Everything a key can have. */
void site_master(struct site *s);
/* Scope read, SELECT, everywhere. */
void site_reader(struct site *s);

/* Call; the arguments are JSON text or NULL. */
enum err site_call(struct site *s, const char *tool, const char *arguments);

/* Call that must succeed: the structured result, checked against the text and
 * the shape of its outputSchema. */
json_t *site_ok(struct site *s, const char *tool, const char *arguments);

/* Call that must fail as a tool result with this code; returns the text. */
const char *site_err(struct site *s, const char *tool, const char *arguments,
    enum err code);

/* Call with a bad argument: the sentence. */
const char *site_bad(struct site *s, const char *tool, const char *arguments);

/* tools/list, all pages: the array. */
json_t *site_list(struct site *s);
/* The bytes of the first page. */
struct str site_list_text(struct site *s);
/* Is the tool in a list? */
json_t *site_listed(json_t *list, const char *name);
/* Names joined by spaces, for one look at a whole list. */
const char *site_names(struct site *s);

/* Narrow by ?tools= and ?ops=; NULL: absent.  False: refused. */
bool site_narrow(struct site *s, const char *tools, const char *ops);

/* Run SQL on a file beside the server. */
void site_sql(struct site *s, const char *db, const char *sql);
int64_t site_count(struct site *s, const char *db, const char *sql);

/* The compact JSON of a value. */
const char *site_dump(struct site *s, const json_t *v);
/* results[0].rows as compact JSON. */
const char *site_rows(struct site *s, const json_t *sets);

/* Does the object match RESULTSETS of tools.md 1.8 in full? */
void assert_resultsets(const json_t *sets);

#endif
