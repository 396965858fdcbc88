/* SPDX-License-Identifier: ISC */
/* Attacks on a SQLite source: how each is run and looked at. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sqlite_attack.h"

static const char fixture[] =
    "PRAGMA synchronous=OFF; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);"
    "INSERT INTO t VALUES (1, 'one'), (2, 'two');"
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name, email, phone);"
    "INSERT INTO customers VALUES (1, 'Ann', 'ann@secret', '555'), "
    "(2, 'Bob', 'bob@secret', '666');"
    "CREATE INDEX by_email ON customers (email);"
    "CREATE TABLE hidden_pay (id INTEGER PRIMARY KEY, amount);"
    "INSERT INTO hidden_pay VALUES (1, 'much secret');"
    "CREATE TABLE like_hidden (id INTEGER PRIMARY KEY, amount);"
    "CREATE TABLE like_customers (id INTEGER PRIMARY KEY, name, email, phone);"
    "CREATE TABLE notes (author, body);"
    "INSERT INTO notes VALUES ('ann secret', 'body secret');"
    "CREATE VIEW over_notes AS SELECT * FROM notes;"
    "CREATE TABLE log (what);"
    "CREATE TRIGGER noted AFTER UPDATE ON customers BEGIN "
    "INSERT INTO log VALUES (OLD.email); END;"
    "CREATE VIEW all_pay AS SELECT * FROM hidden_pay;"
    "CREATE VIEW count_pay AS SELECT count(*) AS n FROM hidden_pay;"
    "CREATE VIEW mails AS SELECT id, email, phone FROM customers;"
    "CREATE VIEW mail_of AS SELECT id, email AS contact FROM customers;"
    "CREATE VIEW loud AS SELECT id, upper(email) AS e FROM customers;"
    "CREATE VIEW early AS SELECT id FROM customers WHERE email < 'b';"
    "CREATE VIEW paid AS SELECT t.a FROM t JOIN hidden_pay h ON h.id = t.a;"
    "CREATE VIRTUAL TABLE docs USING fts5(title, body);"
    "INSERT INTO docs VALUES ('one', 'a public text'), ('two', 'another');"
    "CREATE VIRTUAL TABLE old_docs USING fts3(body);"
    "INSERT INTO old_docs VALUES ('old text');"
    "CREATE TABLE made (id INTEGER PRIMARY KEY, email, shout AS "
    "(upper(\"email\") || ' secret'), louder AS (shout || ', ' || id) "
    "STORED, twice AS (id * 2)); INSERT INTO made (id, email) VALUES (1, 'ann');"
    "CREATE VIEW made_of AS SELECT id, shout FROM made;"
    "CREATE VIRTUAL TABLE pay_words USING fts5(amount, content='hidden_pay', "
    "content_rowid='id'); INSERT INTO pay_words (pay_words) VALUES ('rebuild');"
    "CREATE VIRTUAL TABLE pay_terms USING fts5vocab(pay_words, row);"
    "CREATE VIRTUAL TABLE mail_words USING fts5(email, content=\"customers\", "
    "content_rowid='id');"
    "INSERT INTO mail_words (mail_words) VALUES ('rebuild');"
    "CREATE VIRTUAL TABLE mail_terms USING fts5vocab('mail_words', 'col');"
    "CREATE VIRTUAL TABLE view_words USING fts5(contact, content='mail_of', "
    "content_rowid='id');"
    "INSERT INTO view_words (view_words) VALUES ('rebuild');"
    "CREATE VIRTUAL TABLE name_words USING fts5(name, content='customers', "
    "content_rowid='id');"
    "INSERT INTO name_words (name_words) VALUES ('rebuild');"
    "CREATE VIRTUAL TABLE old_words USING fts4(content=\"customers\");"
    "INSERT INTO old_words (old_words) VALUES ('rebuild');"
    "CREATE VIRTUAL TABLE old_terms USING fts4aux(old_words);"
    "CREATE VIEW over_terms AS SELECT term FROM old_terms;"
    "CREATE VIEW known AS SELECT l.id FROM like_customers l JOIN customers "
    "USING (email);"
    "CREATE VIEW known_too AS SELECT like_customers.id FROM customers NATURAL "
    "JOIN like_customers;"
    "CREATE VIEW paid_too AS SELECT x.id FROM like_hidden x JOIN hidden_pay "
    "USING (id);"
    "CREATE VIEW over_known AS SELECT id FROM known;"
    "CREATE VIEW same_id AS SELECT x.id FROM like_hidden x JOIN "
    "like_customers USING (id);"
    "CREATE VIRTUAL TABLE boxes USING rtree(id, a, b);"
    "CREATE VIEW slack AS SELECT id AS x, upper(email) AS e FROM customers;";

int
open_attacked(void **state)
{
	int bad = open_all(state);

	if (bad != 0)
		return bad;
	with_file(fixture);
	spec.readonly = true;
	spec.timeout = 60;
	return 0;
}

uint64_t
file_sum(void)
{
	static char bytes[1 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	close(fd);
	assert_true(n > 0 && (size_t)n < sizeof(bytes));
	return str_hash((struct str){ bytes, (size_t)n });
}

void
run(const char *sql)
{
	struct sql_ask ask = ask_all();

	arena_reset(out.a);
	contract_ask(sources, &ask, sql, true, &out);
}

void
stopped(const char *sql)
{
	uint64_t before = file_sum();

	run(sql);
	if (out.e == ERR_OK)
		fail_msg("answered: %s\n%s", sql, arena_z(out.a, out.rows));
	assert_true(file_sum() == before);
	assert_null(strstr(out.f.msg, folder));
	assert_null(strstr(out.f.hint, folder));
}

void
stopped_with(const char *codes, const char *sql)
{
	stopped(sql);
	if (codes[0] != '\0' && strstr(codes, err_name(out.e)) == NULL)
		fail_msg("%s: %s %s", sql, err_name(out.e), out.f.msg);
}

void
alive(void)
{
	run("SELECT b FROM t WHERE a = 1");
	assert_string_equal(arena_z(out.a, out.rows), "'one'\n");
}

/* \\n is a new line, {folder} the database's. */
static void
expand(char *to, size_t size, const char *from)
{
	size_t n = 0;

	for (; *from != '\0' && n + 1 < size; from++) {
		if (strncmp(from, "{folder}", 8) == 0) {
			n += (size_t)snprintf(to + n, size - n, "%s", folder);
			from += 7;
		} else if (strncmp(from, "\\n", 2) == 0) {
			to[n++] = '\n';
			from++;
		} else {
			to[n++] = *from;
		}
	}
	to[n] = '\0';
}

static void
one_case(char *line, void (*check)(const char *, const char *))
{
	char sql[2048];
	char *colon = strstr(line, " : ");

	if (colon != NULL)
		*colon = '\0';
	expand(sql, sizeof(sql), colon == NULL ? line : colon + 3);
	check(colon == NULL ? "" : line, sql);
}

void
each_case(const char *file, const char *section,
    void (*check)(const char *codes, const char *sql))
{
	const char *srcdir = getenv("srcdir");
	char name[256], line[2048];
	bool in = false;
	int n = 0;
	FILE *f;

	snprintf(name, sizeof(name), "%s/tests/cases/attacks/%s",
	    srcdir == NULL ? "." : srcdir, file);
	f = fopen(name, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '=')
			in = strcmp(line + 2, section) == 0;
		else if (in && line[0] != '\0' && line[0] != '#') {
			one_case(line, check);
			n++;
		}
	}
	fclose(f);
	assert_true(n > 0);
}
