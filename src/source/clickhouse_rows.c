/* SPDX-License-Identifier: ISC */
/*
 * Rows out of TabSeparatedWithNamesAndTypes as its bytes come: a line ends at
 * a line feed and a value at a tab, for those inside of values are escaped.
 */
#include <string.h>

#include "source/clickhouse_int.h"

#define LINE_MAX_BYTES ((size_t)64 << 20)
#define ROW_ARENA      ((size_t)256 << 20)

void
ch_rows_begin(struct ch_rows *r, struct ch_conn *c, struct arena *a,
    struct row_sink *to)
{
	*r = (struct ch_rows){ .c = c, .a = a, .to = to, .max = INT64_MAX };
	r->row = arena_new(ROW_ARENA);
	buf_init(&r->left, a, LINE_MAX_BYTES);
	buf_init(&r->held, a, LINE_MAX_BYTES);
}

static char
plain(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '0':
		return '\0';
	default:
		return c;
	}
}

/* A cell without its escapes. */
static struct str
unescaped(struct arena *a, struct str s)
{
	size_t n = 0;
	char *p;

	if (s.len == 0 || memchr(s.p, '\\', s.len) == NULL)
		return s;
	p = arena_get(a, s.len);
	for (size_t i = 0; i < s.len; i++)
		p[n++] =
		    s.p[i] == '\\' && i + 1 < s.len ? plain(s.p[++i]) : s.p[i];
	return (struct str){ p, n };
}

static size_t
cells(struct str line)
{
	size_t n = 1;

	for (const char *p = line.p; line.len > 0; p++) {
		p = memchr(p, '\t', (size_t)(line.p + line.len - p));
		if (p == NULL)
			break;
		n++;
	}
	return n;
}

static void
take_names(struct ch_rows *r, struct str line)
{
	struct str cell;
	size_t i = 0;

	r->n = cells(line);
	r->columns = arena_zero(r->a, r->n + 1, sizeof(*r->columns));
	r->values = arena_zero(r->a, r->n + 1, sizeof(*r->values));
	line = arena_dup(r->a, line);
	while (str_cut(&line, '\t', &cell))
		r->columns[i++].name = unescaped(r->a, cell);
}

static bool
take_types(struct ch_rows *r, struct str line)
{
	struct str cell;
	size_t i = 0;

	if (cells(line) != r->n) {
		r->broken = true;
		return false;
	}
	line = arena_dup(r->a, line);
	while (str_cut(&line, '\t', &cell)) {
		ch_column(r->columns[i].name, unescaped(r->a, cell),
		    &r->columns[i]);
		i++;
	}
	r->ended = !r->to->cols(r->to, r->columns, r->n);
	return !r->ended;
}

/* Lists keep the escapes of what is in them: they are the list's own. */
static bool
is_list(const struct column *c)
{
	return str_starts(c->type_name, STR("Array(")) ||
	       str_starts(c->type_name, STR("Tuple(")) ||
	       str_starts(c->type_name, STR("Map(")) ||
	       str_starts(c->type_name, STR("Nested("));
}

static bool
take_row(struct ch_rows *r, struct str line)
{
	struct str cell;
	size_t i = 0;

	if (cells(line) != r->n) {
		r->broken = true;
		return false;
	}
	if (r->skip > 0) {
		r->skip--;
		return true;
	}
	if (r->sent >= r->max) {
		r->more = true;
		return false;
	}
	while (str_cut(&line, '\t', &cell)) {
		const struct column *c = &r->columns[i];

		if (str_eq(cell, STR("\\N")))
			r->values[i++] = (struct value){ .kind = VALUE_NULL };
		else
			r->values[i++] = ch_value(r->row, c,
			    is_list(c) ? cell : unescaped(r->row, cell));
	}
	r->sent++;
	r->ended = !r->to->row(r->to, r->values, r->n);
	r->more = r->ended;
	arena_reset(r->row);
	return !r->ended;
}

static bool
take_line(struct ch_rows *r, struct str line)
{
	switch (r->line) {
	case 0:
		take_names(r, line);
		r->line++;
		return true;
	case 1:
		r->line++;
		return take_types(r, line);
	default:
		return take_row(r, line);
	}
}

/* An empty line is a row, too. */
static struct str
held(const struct ch_rows *r)
{
	return r->held.len > 0 ? buf_text(&r->held) : STR("");
}

/* Where rows come before the end is known, each waits for the next one. */
static bool
pass_line(struct ch_rows *r, struct str line)
{
	bool go;

	if (!r->c->plain || r->line < 2)
		return take_line(r, line);
	go = !r->holds || take_line(r, held(r));
	buf_cut(&r->held, 0);
	buf_str(&r->held, line);
	r->holds = true;
	return go && !buf_failed(&r->held);
}

bool
ch_rows_take(void *rows, const char *p, size_t n)
{
	struct ch_rows *r = rows;
	const char *end;

	while (n > 0 && (end = memchr(p, '\n', n)) != NULL) {
		size_t len = (size_t)(end - p);
		struct str line = { p, len };

		if (r->left.len > 0) {
			buf_put(&r->left, p, len);
			line = buf_text(&r->left);
		}
		if (buf_failed(&r->left) || !pass_line(r, line))
			return false;
		buf_cut(&r->left, 0);
		p = end + 1;
		n -= len + 1;
	}
	buf_put(&r->left, p, n);
	return !buf_failed(&r->left);
}

enum err
ch_rows_end(struct ch_rows *r, const struct ch_query *query, struct fault *f)
{
	bool large = buf_failed(&r->left) || buf_failed(&r->held);

	if (r->holds && !large && !r->ended && !r->broken && !r->more) {
		if (ch_is_exception(buf_text(&r->held))) {
			arena_free(r->row);
			return ch_fault(r->c, r->a, query, buf_text(&r->held),
			    f);
		}
		(void)take_line(r, held(r));
	}
	arena_free(r->row);
	if (large)
		return fault_set(f, ERR_TOO_LARGE,
		    "a value or row is larger than it may be");
	if (r->ended || r->more)
		return ERR_OK;
	if (r->broken || r->left.len > 0 || r->line == 1)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the answer of the server broke off");
	return ERR_OK;
}

static bool
table_columns(struct row_sink *to, const struct column *c, size_t n)
{
	(void)c;
	((struct ch_table *)to)->n = n;
	return true;
}

static bool
table_row(struct row_sink *to, const struct value *v, size_t n)
{
	struct ch_table *t = (struct ch_table *)to;
	size_t used = t->rows * t->n;

	if (used + n > t->room) {
		size_t room = (used + n) * 2 + 64;

		t->v = arena_grow(t->a, t->v, t->room * sizeof(*t->v),
		    room * sizeof(*t->v));
		t->room = room;
	}
	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == VALUE_INT)
			t->v[used + i] =
			    arena_fmt(t->a, "%lld", (long long)v[i].i);
		else if (v[i].kind == VALUE_TEXT || v[i].kind == VALUE_EXACT)
			t->v[used + i] = arena_dup(t->a, v[i].s);
		else
			t->v[used + i] = (struct str){ 0 };
	}
	t->rows++;
	return true;
}

struct str
ch_cell(const struct ch_table *t, size_t row, size_t col)
{
	return row < t->rows && col < t->n ? t->v[row * t->n + col]
					   : (struct str){ 0 };
}

enum err
ch_table_in(struct ch_conn *c, struct arena *a, struct str sql,
    struct str schema, struct ch_table *t, struct fault *f)
{
	struct ch_rows r;
	struct ch_query query = {
		.sql =
		    arena_fmt(a, "%.*s\nFORMAT TabSeparatedWithNamesAndTypes",
			(int)sql.len, sql.p),
		.schema = schema,
		.take = ch_rows_take,
		.arg = &r
	};
	enum err e;

	*t = (struct ch_table){ .sink = { table_columns, table_row, NULL },
		.a = a };
	ch_rows_begin(&r, c, a, &t->sink);
	e = ch_send(c, a, &query, f);
	if (e == ERR_OK)
		return ch_rows_end(&r, &query, f);
	arena_free(r.row);
	return e;
}

enum err
ch_table(struct ch_conn *c, struct arena *a, struct str sql, struct ch_table *t,
    struct fault *f)
{
	return ch_table_in(c, a, sql, (struct str){ 0 }, t, f);
}
