/* SPDX-License-Identifier: ISC */
/* Tables for a person and for a program, cell by cell. */
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctl/table.h"

struct table {
	struct ctl *c;
	const struct table_column *columns;
	size_t n, at;                 /* columns, and the next cell */
	struct libscols_table *scols; /* NULL: JSON */
	struct libscols_line *line;
};

static void
table_unref(void *p)
{
	scols_unref_table(p);
}

static struct libscols_table *
scols_new(struct ctl *c, const struct table_column *columns, size_t n)
{
	struct libscols_table *t = scols_new_table();

	if (t == NULL)
		log_die("out of memory");
	arena_defer(c->arena, table_unref, t);
	for (size_t i = 0; i < n; i++) {
		int flags = 0;

		if ((columns[i].flags & TABLE_RIGHT) != 0)
			flags |= SCOLS_FL_RIGHT;
		if ((columns[i].flags & TABLE_CUT) != 0)
			flags |= SCOLS_FL_TRUNC;
		if ((columns[i].flags & TABLE_JSON_ONLY) != 0)
			flags |= SCOLS_FL_HIDDEN;
		if (scols_table_new_column(t, columns[i].title, 0, flags) ==
		    NULL)
			log_die("out of memory");
	}
	(void)scols_table_enable_maxout(t, 0);
	return t;
}

struct table *
table_new(struct ctl *c, const struct table_column *columns, size_t n)
{
	struct table *t = arena_zero(c->arena, 1, sizeof(*t));

	t->c = c;
	t->columns = columns;
	t->n = n;
	if (ctl_has(c, OPT_JSON))
		json_arr(&c->json, NULL);
	else
		t->scols = scols_new(c, columns, n);
	return t;
}

/* The name of the member this cell is, opening a row where one begins. */
static const char *
cell_begin(struct table *t)
{
	if (t->at == 0 && t->scols != NULL) {
		t->line = scols_table_new_line(t->scols, NULL);
		if (t->line == NULL)
			log_die("out of memory");
	} else if (t->at == 0) {
		json_obj(&t->c->json, NULL);
	}
	return t->columns[t->at].name;
}

static void
cell_end(struct table *t)
{
	if (++t->at < t->n)
		return;
	t->at = 0;
	if (t->scols == NULL)
		json_end(&t->c->json);
}

static void
cell_show(struct table *t, struct str s)
{
	char *z = arena_z(t->c->arena, s);

	if (scols_line_set_data(t->line, t->at, z) != 0)
		log_die("out of memory");
}

void
table_text(struct table *t, struct str s)
{
	const char *name = cell_begin(t);

	if (t->scols != NULL)
		cell_show(t, s);
	else
		json_str(&t->c->json, name, s.p == NULL ? "" : s.p, s.len);
	cell_end(t);
}

void
table_int(struct table *t, int64_t v)
{
	const char *name = cell_begin(t);

	if (t->scols != NULL)
		cell_show(t, arena_fmt(t->c->arena, "%lld", (long long)v));
	else
		json_int(&t->c->json, name, v);
	cell_end(t);
}

void
table_nil(struct table *t, const char *shown)
{
	const char *name = cell_begin(t);

	if (t->scols != NULL)
		cell_show(t, str_of(shown));
	else
		json_nil(&t->c->json, name);
	cell_end(t);
}

void
table_time(struct table *t, int64_t s, const char *shown)
{
	char text[CLOCK_TEXT];

	if (s == 0) {
		table_nil(t, shown);
		return;
	}
	clock_text(text, s * 1000000);
	/* Whole seconds: cut ".000" out of the text. */
	table_text(t, arena_fmt(t->c->arena, "%.19sZ", text));
}

void
table_list(struct table *t, struct str list)
{
	const char *name = cell_begin(t);
	struct json_out *o = &t->c->json;
	struct str one;

	if (t->scols != NULL) {
		cell_show(t, list);
	} else {
		json_arr(o, name);
		while (list.len > 0 && str_cut(&list, ',', &one))
			json_str(o, NULL, one.p, one.len);
		json_end(o);
	}
	cell_end(t);
}

void
table_done(struct table *t)
{
	char *text = NULL;

	if (t->scols == NULL) {
		json_end(&t->c->json);
		buf_char(&t->c->out, '\n');
		return;
	}
	if (scols_table_get_nlines(t->scols) == 0)
		return;
	(void)scols_table_set_termforce(t->scols, isatty(STDOUT_FILENO)
						      ? SCOLS_TERMFORCE_ALWAYS
						      : SCOLS_TERMFORCE_NEVER);
	if (scols_print_table_to_string(t->scols, &text) != 0 || text == NULL)
		log_die("out of memory");
	buf_str(&t->c->out, str_of(text));
	buf_char(&t->c->out, '\n');
	free(text);
}
