/* SPDX-License-Identifier: ISC */
/* tests/cases/files: folders of files, and the tables they become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "files_site.h"

#define CASES_MAX ((size_t)1 << 20)

/* One case as it stands in the file. */
struct one {
	struct str name, set;
	struct buf want;
};

/* What the file calls the bytes of a text. */
static struct str
unescape(struct arena *a, struct str s)
{
	struct buf b;

	buf_init(&b, a, CASES_MAX);
	for (size_t i = 0; i < s.len; i++) {
		static const char names[] = "nrt\\", bytes[] = "\n\r\t\\";
		const char *at;
		char hex[3] = { 0 };

		if (s.p[i] != '\\') {
			buf_char(&b, s.p[i]);
			continue;
		}
		i++;
		at = strchr(names, s.p[i]);
		if (at != NULL) {
			buf_char(&b, bytes[at - names]);
			continue;
		}
		assert_int_equal(s.p[i], 'x');
		memcpy(hex, s.p + i + 1, 2);
		buf_char(&b, (char)strtol(hex, NULL, 16));
		i += 2;
	}
	return buf_text(&b);
}

static void
put_escaped(struct buf *b, const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p == '\n')
			buf_lit(b, "\\n");
		else if (*p == '\t')
			buf_lit(b, "\\t");
		else
			buf_char(b, *p);
	}
}

static void
put_rows(struct buf *b, sqlite3 *h, const char *table)
{
	char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &st, NULL), SQLITE_OK);
	buf_fmt(b, "table %s:", table);
	for (int i = 0; i < sqlite3_column_count(st); i++)
		buf_fmt(b, "%s %s %s", i == 0 ? "" : ",",
		    sqlite3_column_name(st, i), sqlite3_column_decltype(st, i));
	buf_char(b, '\n');
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			int type = sqlite3_column_type(st, i);
			const char *text =
			    (const char *)sqlite3_column_text(st, i);

			buf_fmt(b, "%s%s", i == 0 ? "" : "|",
			    type == SQLITE_TEXT ? "'" : "");
			put_escaped(b, text == NULL ? "null" : text);
			buf_fmt(b, "%s", type == SQLITE_TEXT ? "'" : "");
		}
		buf_char(b, '\n');
	}
	sqlite3_finalize(st);
	sqlite3_free(sql);
}

static void
put_tables(struct buf *b, const char *path)
{
	sqlite3 *h;
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(h,
		"SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
		-1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		put_rows(b, h, (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void
put_wrong(struct buf *b, struct str lines)
{
	struct str line;

	while (lines.len > 0 && str_cut(&lines, '\n', &line))
		if (line.len > 0)
			buf_fmt(b, "wrong: %.*s\n", (int)line.len, line.p);
}

/* Run what was gathered. */
static void
judge(struct files_site *s, struct one *c)
{
	struct files_report report;
	struct fault f = { 0 };
	struct buf got;
	enum err e;

	if (c->name.p == NULL)
		return;
	files_site_load(s, c->set);
	e = files_site_import(s, &report, &f);
	buf_init(&got, s->a, CASES_MAX);
	if (e != ERR_OK) {
		buf_fmt(&got, "fault: %s\n", f.msg);
	} else {
		put_wrong(&got, report.lines);
		put_tables(&got, files_cache(s->a, s->conf, s->spec).p);
	}
	buf_char(&got, '\0');
	buf_char(&c->want, '\0');
	if (strcmp(got.p, c->want.p) != 0) {
		print_error("case %.*s\nwant:\n%s\ngot:\n%s\n",
		    (int)c->name.len, c->name.p, c->want.p, got.p);
		fail();
	}
	files_site_clear(s);
}

static void
begin(struct files_site *s, struct one *c, struct str name)
{
	*c = (struct one){ .name = name, .set = STR("") };
	buf_init(&c->want, s->a, CASES_MAX);
}

/* "file NAME: TEXT" */
static void
put_file(struct files_site *s, struct str line)
{
	struct str name;

	assert_true(str_cut(&line, ':', &name));
	files_site_put(s, arena_z(s->a, name),
	    unescape(s->a, str_from(line, line.len > 0 ? 1 : 0)));
}

static void
take_line(struct files_site *s, struct one *c, struct str line)
{
	if (str_starts(line, STR("== "))) {
		judge(s, c);
		begin(s, c, str_from(line, 3));
	} else if (str_starts(line, STR("set: "))) {
		c->set = str_from(line, 5);
	} else if (str_starts(line, STR("file "))) {
		put_file(s, str_from(line, 5));
	} else if (str_starts(line, STR("= "))) {
		buf_str(&c->want, str_from(line, 2));
		buf_char(&c->want, '\n');
	} else {
		assert_true(line.len == 0 || line.p[0] == '#');
	}
}

static void
cases(void **state)
{
	const char *dir = getenv("srcdir");
	struct files_site s;
	struct one c = { 0 };
	struct str all, line;
	size_t n = 0;

	(void)state;
	files_site_open(&s);
	all = files_slurp(s.a, arena_fmt(s.a, "%s/tests/cases/files/cases.txt",
				   dir == NULL ? "." : dir)
				   .p);
	assert_true(all.len > 0);
	while (all.p != NULL && str_cut(&all, '\n', &line)) {
		n += str_starts(line, STR("== "));
		take_line(&s, &c, line);
	}
	judge(&s, &c);
	assert_true(n > 40);
	files_site_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
