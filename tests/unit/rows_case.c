/* SPDX-License-Identifier: ISC */
/* A result that is written, for the tests of the room rows. */
#include <string.h>

#include "tests/unit/rows_case.h"

struct arena *mem;
struct buf body, twin;
struct json_out out;
struct rows_out rows;

int
case_open(void **state)
{
	(void)state;
	arena_free(mem); /* some tests start over */
	mem = arena_new(1 << 26);
	buf_init(&body, mem, 1 << 22);
	buf_init(&twin, mem, 1 << 23);
	json_out_init(&out, &body, &twin);
	return 0;
}

int
case_close(void **state)
{
	(void)state;
	arena_free(mem);
	mem = NULL;
	return 0;
}

struct value
text(const char *z)
{
	return (struct value){ VALUE_TEXT, { .s = str_of(z) } };
}

struct value
number(int64_t i)
{
	return (struct value){ VALUE_INT, { .i = i } };
}

void
begin(enum rows_form form)
{
	json_obj(&out, NULL);
	if (form == ROWS_SETS)
		json_arr(&out, "results");
	rows_begin(&rows, &out, mem, form);
}

bool
row(struct value a, struct value b)
{
	const struct value v[] = { a, b };

	return rows.sink.row(&rows.sink, v, 2);
}

void
columns(const char *a, const char *b)
{
	struct column c[] = { COLUMN("", DT_INTEGER), COLUMN("", DT_TEXT) };

	c[0].name = str_of(a);
	c[1].name = str_of(b);
	assert_true(rows.sink.cols(&rows.sink, c, 2));
}

/* The whole as text; the twin, read as a string, must be the same bytes. */
const char *
finish(enum rows_form form)
{
	struct fault f = { 0 };
	struct str quoted;
	json_t *root;

	if (form == ROWS_SETS)
		json_end(&out);
	json_end(&out);
	assert_false(json_failed(&out));
	quoted = arena_fmt(mem, "\"%.*s\"", (int)twin.len, twin.p);
	quoted = arena_fmt(mem, "[%.*s]", (int)quoted.len, quoted.p);
	assert_int_equal(json_parse(mem, quoted, &json_limits_default, &root,
			     &f),
	    ERR_OK);
	assert_int_equal(json_text(json_array_get(root, 0)).len, body.len);
	assert_memory_equal(json_text(json_array_get(root, 0)).p, body.p,
	    body.len);
	return arena_z(mem, buf_text(&body));
}
