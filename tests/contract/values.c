/* SPDX-License-Identifier: ISC */
/* Values of an engine, through the writer of answers. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "rows/rows.h"
#include "values.h"
#include "json/json_out.h"

#define FILE_MAX ((size_t)1 << 18)

struct one {
	struct row_sink sink;
	struct buf *text;
	enum data_type type;
};

static bool
take_column(struct row_sink *to, const struct column *c, size_t n)
{
	struct one *o = (struct one *)to;

	o->type = n == 1 ? c[0].type : DT_UNKNOWN;
	return true;
}

static bool
take_value(struct row_sink *to, const struct value *v, size_t n)
{
	struct one *o = (struct one *)to;
	struct json_out out;

	(void)n;
	json_out_init(&out, o->text, NULL);
	(void)rows_value(&out, NULL, v, 0);
	return true;
}

const char *
values_one(struct sources *s, struct arena *a, struct sql_ask *ask,
    const char *sql, enum data_type *type)
{
	struct buf text;
	struct one o = { .sink = { take_column, take_value, NULL },
		.text = &text };
	struct sql_done done;
	struct fault f = { 0 };
	struct gate g;

	buf_init(&text, a, (size_t)1 << 24);
	ask->text = str_of(sql);
	if (source_run(s, 0, a, ask, &g, &o.sink, &done, &f) != ERR_OK) {
		sources_reset(s);
		return arena_fmt(a, "%s: %s", err_name(f.code), f.msg).p;
	}
	sources_reset(s);
	buf_char(&text, '\0');
	*type = o.type;
	return text.p;
}

/* The end of the JSON at the beginning of a line. */
static size_t
json_length(struct str s)
{
	size_t i = 0;

	if (s.len == 0 || s.p[0] != '"') {
		while (i < s.len && s.p[i] != ' ')
			i++;
		return i;
	}
	for (i = 1; i < s.len && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i + 1;
}

static int
try_line(struct sources *s, struct arena *a, struct str line)
{
	struct sql_ask ask = { .classes = ~0u,
		.verbs = VERB_ALL,
		.max_rows = 10 };
	enum data_type type = DT_UNKNOWN;
	struct str number, want;
	const char *got;
	int64_t code;

	(void)str_cut(&line, ' ', &number);
	if (!str_int(number, 0, 99, &code))
		abort();
	want = line;
	want.len = json_length(line);
	got = values_one(s, a, &ask,
	    arena_fmt(a, "SELECT %.*s", (int)(line.len - want.len),
		line.p + want.len)
		.p,
	    &type);
	if (str_eq(str_of(got), want) && type == (enum data_type)code)
		return 0;
	fprintf(stderr, "want %d %.*s, got %d %s:%.*s\n", (int)code,
	    (int)want.len, want.p, type, got, (int)(line.len - want.len),
	    line.p + want.len);
	return 1;
}

int
values_run(struct sources *s, const char *name, size_t *cases)
{
	const char *srcdir = getenv("srcdir");
	struct arena *a = arena_new((size_t)1 << 28);
	char *text = arena_get(a, FILE_MAX);
	struct str rest, line;
	char path[512];
	int failed = 0;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tests/cases/values/%s.txt",
	    srcdir == NULL ? "." : srcdir, name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, FILE_MAX);
	if (n <= 0)
		abort();
	close(fd);
	*cases = 0;
	rest = (struct str){ text, (size_t)n };
	while (str_cut(&rest, '\n', &line)) {
		if (line.len == 0 || line.p[0] == '#')
			continue;
		failed += try_line(s, a, line);
		++*cases;
	}
	arena_free(a);
	return failed;
}

int
values_bound(struct sources *s, const struct value_case *cases, size_t n)
{
	struct arena *a = arena_new((size_t)1 << 28);
	int failed = 0;

	for (size_t i = 0; i < n; i++) {
		struct param p = { STR("v"), cases[i].v, 1, DT_UNKNOWN };
		struct sql_ask ask = { .classes = ~0u,
			.verbs = VERB_ALL,
			.max_rows = 10,
			.max_affected = 10,
			.params = &p,
			.nparams = 1 };
		enum data_type type;
		const char *got = values_one(s, a, &ask, cases[i].sql, &type);

		if (str_eq(str_of(got), str_of(cases[i].want)))
			continue;
		fprintf(stderr, "%s: want %s, got %s\n", cases[i].sql,
		    cases[i].want, got);
		failed++;
	}
	arena_free(a);
	return failed;
}
