/* SPDX-License-Identifier: ISC */
/* Lines of the audit as a person reads them. */
#include "ctl/log_row.h"
#include "ctl/table.h"
#include "json/json.h"

#define LINE_ARENA (4u << 20)

static const struct table_column columns[] = {
	{ "TIME", "ts", 0 },
	{ "KEY", "key", TABLE_CUT },
	{ "EVENT", "event", 0 },
	{ "WHAT", "what", TABLE_CUT },
	{ "SOURCE", "source", 0 },
	{ "ROWS", "rows", TABLE_RIGHT },
	{ "MS", "ms", TABLE_RIGHT },
	{ "RESULT", "result", 0 },
	{ "FROM", "ip", 0 },
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

struct log_filter {
	struct arena *arena; /* of the line in hand */
	struct str key, tool;
	bool failed, all;
	bool unknown; /* no key is called so */
};

struct log_rows {
	struct ctl *c;
	struct arena *arena; /* of the line in hand */
	struct table *table;
};

/* A line keeps its newline when read from the file. */
static const json_t *
parse(struct arena *a, struct str line)
{
	json_t *root = NULL;
	struct fault f = { 0 };

	arena_reset(a);
	if (line.len > 0 && line.p[line.len - 1] == '\n')
		line.len--;
	return json_parse(a, line, &json_limits_default, &root, &f) == ERR_OK
		   ? root
		   : NULL;
}

static struct str
member(const json_t *o, const char *name)
{
	return json_text(json_member(o, name));
}

struct log_filter *
log_filter_new(struct ctl *c)
{
	struct log_filter *f = arena_zero(c->arena, 1, sizeof(*f));
	struct fault fault = { 0 };
	struct key k = { 0 };
	enum err e;

	f->arena = arena_new(LINE_ARENA);
	arena_defer(c->arena, (void (*)(void *))arena_free, f->arena);
	f->key = str_of(ctl_opt(c, OPT_KEY));
	f->tool = str_of(ctl_opt(c, OPT_TOOL));
	f->failed = ctl_has(c, OPT_FAILED);
	f->all = ctl_has(c, OPT_ALL);
	if (f->key.len == 0)
		return f;
	/* Its lines may be there all the same: a key need not be of the store. */
	e = key_find(c->store, c->arena, f->key, &k, &fault);
	if (e == ERR_OK)
		f->key = arena_dup(c->arena, str_of(k.id));
	f->unknown = e == ERR_OBJECT_NOT_FOUND;
	return f;
}

void
log_nothing(const struct log_filter *f)
{
	struct str shown = key_shown(f->key);

	if (f->unknown)
		ctl_say("no key is called '%.*s', and nothing of it is here",
		    (int)shown.len, shown.p);
	else
		ctl_say("nothing of that is here");
}

static bool
is_failure(const json_t *o)
{
	struct str event = member(o, "event"), code = member(o, "code");

	return !str_eq(event, STR("begin")) && !str_eq(event, STR("task")) &&
	       (!str_eq(event, STR("call")) ||
		   (code.len > 0 && !str_eq(code, STR("ASKED"))));
}

bool
log_fits(const struct log_filter *f, struct str line)
{
	const json_t *o = parse(f->arena, line);

	if (o == NULL)
		return false;
	if (!f->all && str_eq(member(o, "event"), STR("begin")))
		return false;
	if (f->failed && !is_failure(o))
		return false;
	if (f->tool.len > 0 && !str_eq(member(o, "tool"), f->tool))
		return false;
	return f->key.len == 0 || str_eq(member(o, "key_id"), f->key) ||
	       str_eq(member(o, "key"), f->key);
}

/* The nine cells of a line, in the order of the columns. */
static void
cells(struct arena *a, const json_t *o, struct str to[static NCOLUMNS])
{
	static const char *const names[] = { "ts", "key_id", "event", "tool",
		"source", "rows", "ms", "code", "ip" };
	const json_t *v;

	for (size_t i = 0; i < NCOLUMNS; i++) {
		v = json_member(o, names[i]);
		to[i] = json_text(v);
		if (json_is_integer(v))
			to[i] = arena_fmt(a, "%lld",
			    (long long)json_integer_value(v));
		else if (json_is_real(v))
			to[i] = arena_fmt(a, "%.1f", json_real_value(v));
	}
	if (to[3].len == 0)
		to[3] = member(o, "method");
	if (to[7].len == 0 && json_is_integer(json_member(o, "status")))
		to[7] = arena_fmt(a, "%lld",
		    (long long)json_integer_value(json_member(o, "status")));
}

struct log_rows *
log_rows_new(struct ctl *c)
{
	struct log_rows *r = arena_zero(c->arena, 1, sizeof(*r));

	r->c = c;
	r->arena = arena_new(LINE_ARENA);
	arena_defer(c->arena, (void (*)(void *))arena_free, r->arena);
	if (ctl_has(c, OPT_JSON))
		json_arr(&c->json, NULL);
	else
		r->table = table_new(c, columns, NCOLUMNS);
	return r;
}

static struct str
without_newline(struct str line)
{
	if (line.len > 0 && line.p[line.len - 1] == '\n')
		line.len--;
	return line;
}

void
log_row(struct log_rows *r, struct str line)
{
	struct str to[NCOLUMNS];
	const json_t *o = parse(r->arena, line);

	if (o == NULL)
		return;
	if (r->table == NULL) {
		json_raw(&r->c->json, NULL, without_newline(line));
		return;
	}
	cells(r->arena, o, to);
	for (size_t i = 0; i < NCOLUMNS; i++)
		table_text(r->table, to[i]);
}

void
log_rows_done(struct log_rows *r)
{
	if (r->table != NULL) {
		table_done(r->table);
		return;
	}
	json_end(&r->c->json);
	buf_char(&r->c->out, '\n');
}

/* Printable text stays; the file has everything else escaped already, and the
 * parser has undone that. */
static void
put_plain(struct buf *to, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_char(to, (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f
				 ? '?'
				 : s.p[i]);
}

void
log_line_out(struct ctl *c, struct str line)
{
	struct arena *a;
	struct str to[NCOLUMNS];
	const json_t *o;

	if (ctl_has(c, OPT_JSON)) {
		buf_str(&c->out, without_newline(line));
		buf_char(&c->out, '\n');
		return;
	}
	a = arena_new(LINE_ARENA);
	o = parse(a, line);
	if (o != NULL) {
		cells(a, o, to);
		for (size_t i = 0; i < NCOLUMNS; i++) {
			if (i > 0)
				buf_lit(&c->out, "  ");
			put_plain(&c->out, to[i].len == 0 ? STR("-") : to[i]);
		}
		buf_char(&c->out, '\n');
	}
	arena_free(a);
}
