/* SPDX-License-Identifier: ISC */
/*
 * Metadata from the database "system" in the columns of tools.md 3; what rules
 * hide is left out here, and positions are counted over what is left.
 */
#include "source/clickhouse_int.h"

#define RIGHTS_MS 10000

#define NO_SYSTEM                                                \
	" AND database NOT IN ('system', 'information_schema', " \
	"'INFORMATION_SCHEMA', '_temporary_and_external_tables')"

struct describing {
	struct ch_conn *c;
	struct arena *a;
	const struct meta_ask *m;
	struct row_sink *to;
	struct ch_hidden hidden;
	struct rules_made made;
	struct ch_table t;
	size_t row;
	struct str of; /* the table whose columns are counted */
	int position;
	bool fold, ended;
	size_t sent;
};

static struct str
at(const struct describing *d, size_t col)
{
	return ch_cell(&d->t, d->row, col);
}

static struct value
number(int64_t n)
{
	if (n < 0)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_INT, .i = n };
}

static void
send(struct describing *d, const struct value *v)
{
	d->sent++;
	d->ended = !d->to->row(d->to, v, heading_count(d->m->what));
}

static bool
is_like(const struct describing *d, struct str name)
{
	return str_is_empty(d->m->pattern) || str_like(d->m->pattern, name);
}

static bool
is_seen(const struct describing *d, struct str database, struct str table)
{
	return !d->c->rules || !ch_hides(&d->hidden, database, table);
}

static void
schema_row(struct describing *d)
{
	struct value v[] = { ch_text_value(at(d, 0)) };

	send(d, v);
}

static struct str
type_of(struct str engine)
{
	return str_ends(engine, STR("View")) ? STR("VIEW") : STR("TABLE");
}

static void
table_row(struct describing *d)
{
	struct str name = at(d, 1), type = type_of(at(d, 2));
	struct value v[] = { ch_text_value(at(d, 0)), ch_text_value(name),
		ch_text_value(type),
		ch_text_value(arena_fmt(d->a, "engine %.*s", (int)at(d, 2).len,
		    at(d, 2).p)),
		number(-1) };
	int64_t rows;

	if (!is_seen(d, at(d, 0), name) || !is_like(d, name) ||
	    (d->m->type.len > 0 && !str_ieq(d->m->type, type)))
		return;
	if (str_ends(at(d, 2), STR("MergeTree")) &&
	    str_int(at(d, 3), 0, INT64_MAX, &rows))
		v[4] = number(rows);
	send(d, v);
}

enum {
	COL_DATABASE,
	COL_TABLE,
	COL_NAME,
	COL_DEFAULT,
	COL_TYPE,
	COL_COMMENT,
	COL_KEY
};

static void
column_values(struct describing *d, bool masked,
    struct value v[static HEADING_MAX])
{
	struct column c;
	int i = 0;

	ch_column(at(d, COL_NAME), at(d, COL_TYPE), &c);
	v[i++] = ch_text_value(at(d, COL_DATABASE));
	v[i++] = ch_text_value(at(d, COL_TABLE));
	v[i++] = ch_text_value(at(d, COL_NAME));
	v[i++] = number(d->position);
	v[i++] = number(c.type);
	v[i++] = ch_text_value(c.type_name);
	v[i++] = number(c.length >= 0 ? c.length : c.precision);
	v[i++] = number(c.scale);
	v[i++] = ch_text_value(c.nullable == 1 ? STR("YES") : STR("NO"));
	v[i++] = ch_text_value(masked ? (struct str){ 0 } : at(d, COL_DEFAULT));
	v[i++] = ch_text_value(
	    str_eq(at(d, COL_KEY), STR("1")) ? STR("PRI") : (struct str){ 0 });
	v[i++] = ch_text_value((struct str){ 0 });
	v[i++] = ch_text_value(
	    masked ? STR("masked: values read as ***") : at(d, COL_COMMENT));
}

static bool
is_column(const struct describing *d, struct str name)
{
	struct str wanted = d->m->column;

	return str_is_empty(wanted) ||
	       (d->fold ? str_ieq(wanted, name) : str_eq(wanted, name));
}

static void
column_row(struct describing *d)
{
	struct str table = at(d, COL_TABLE), name = at(d, COL_NAME);
	struct str of = arena_fmt(d->a, "%.*s\n%.*s", (int)at(d, 0).len,
	    at(d, 0).p, (int)table.len, table.p);
	struct value v[HEADING_MAX];

	if (!str_eq(of, d->of))
		d->position = 0;
	d->of = of;
	if (!is_seen(d, at(d, COL_DATABASE), table) ||
	    rules_denies(d->c->spec, table, name) || d->made.v[d->row].hidden)
		return;
	d->position++;
	if (!is_column(d, name) || !is_like(d, name))
		return;
	column_values(d, rules_masks(d->c->spec, table, name), v);
	send(d, v);
}

void
ch_made(const struct ch_conn *c, struct arena *a,
    const struct ch_table *columns, struct rules_made *out)
{
	out->n = columns->rows;
	out->v = arena_zero(a, columns->rows + 1, sizeof(*out->v));
	for (size_t i = 0; i < columns->rows; i++)
		out->v[i] = (struct rules_column){
			.schema = ch_cell(columns, i, COL_DATABASE),
			.table = ch_cell(columns, i, COL_TABLE),
			.column = ch_cell(columns, i, COL_NAME),
			.from = ch_cell(columns, i, COL_DEFAULT),
		};
	if (c->rules)
		rules_make(c->spec, DIALECT_CLICKHOUSE, out);
}

static const struct kind {
	const char *select;
	const char *database, *table; /* what these are called there */
	const char *order;
	void (*row)(struct describing *d);
} kinds[] = {
	[META_SCHEMAS] = { "SELECT name AS database FROM system.databases",
	    "database", NULL, "database", schema_row },
	[META_TABLES] = { "SELECT database, name, engine, rows FROM system.tables ANY LEFT JOIN (SELECT database, table AS name, toString(sum(rows)) AS rows FROM system.parts WHERE active GROUP BY database, table) USING database, name",
	    "database", "name", "database, name", table_row },
	[META_COLUMNS] = { "SELECT database, table, name, default_expression, type, comment, is_in_primary_key FROM system.columns",
	    "database", "table", NULL, column_row },
};

static void
put_name(struct buf *b, struct describing *d, const char *column,
    struct str name)
{
	struct str s = ch_text_literal(d->a, name);

	if (column == NULL || str_is_empty(name))
		return;
	if (d->fold)
		buf_fmt(b, " AND lower(%s) = lower(%s)", column, s.p);
	else
		buf_fmt(b, " AND %s = %s", column, s.p);
}

static enum err
describe(struct describing *d, struct fault *f)
{
	const struct kind *k = &kinds[d->m->what];
	struct buf b;
	enum err e;

	buf_init(&b, d->a, 65536);
	buf_fmt(&b, "%s WHERE 1", k->select);
	if (str_is_empty(d->m->schema))
		buf_lit(&b, NO_SYSTEM);
	put_name(&b, d, k->database, d->m->schema);
	put_name(&b, d, k->table, d->m->table);
	/* The server lists the columns of a table one after another. */
	if (k->order != NULL)
		buf_fmt(&b, " ORDER BY %s", k->order);
	e = ch_table(d->c, d->a, buf_text(&b), &d->t, f);
	if (e == ERR_OK && d->m->what == META_COLUMNS)
		ch_made(d->c, d->a, &d->t, &d->made);
	for (d->row = 0; e == ERR_OK && !d->ended && d->row < d->t.rows;
	     d->row++)
		if (!str_starts(at(d, 1), STR(".inner")))
			k->row(d);
	return e;
}

/* Names as they are first; if nothing has one, with letters folded. */
static enum err
twice(struct describing *d, struct fault *f)
{
	const struct meta_ask *m = d->m;
	enum err e = describe(d, f);

	if (e != ERR_OK || d->sent != 0 || d->ended ||
	    m->table.len + m->column.len + m->schema.len == 0)
		return e;
	d->fold = true;
	d->of = (struct str){ 0 };
	return describe(d, f);
}

enum err
ch_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f)
{
	struct ch_conn *c = conn;
	struct describing d = { .c = c, .a = a, .m = m, .to = to };
	enum err e = ERR_OK;

	running_start(&c->run, m->deadline, NULL);
	if (!heading_send(m->what, to) || m->what >= META_PROCEDURES)
		return ERR_OK;
	if (c->rules)
		e = ch_hidden(c, a, &d.hidden, f);
	return e == ERR_OK ? twice(&d, f) : e;
}

enum err
ch_stamp(void *conn, struct arena *a, struct deadline d, uint64_t *out,
    struct fault *f)
{
	struct ch_conn *c = conn;
	struct ch_table t;
	enum err e;

	running_start(&c->run, d, NULL);
	e = ch_table(c, a,
	    STR("SELECT toString(sum(cityHash64(database, name, engine))), (SELECT toString(sum(cityHash64(database, table, name, type, default_expression, is_in_primary_key))) FROM system.columns WHERE database != 'system') FROM system.tables WHERE database != 'system'"),
	    &t, f);
	*out = 0;
	for (size_t i = 0; e == ERR_OK && i < t.n; i++)
		*out = *out * 31 + str_hash(ch_cell(&t, 0, i));
	return e;
}

/* What the account's profile leaves open. */
enum err
ch_rights(void *conn, struct arena *a,
    void (*say)(void *arg, struct str sentence, const char *change), void *arg,
    struct fault *f)
{
	struct ch_conn *c = conn;

	(void)a;
	(void)f;
	running_start(&c->run, deadline_in(RIGHTS_MS), NULL);
	if (c->spec->readonly && !c->plain)
		say(arg,
		    STR("the account may write although the source is read-only; give its profile readonly = 1"),
		    NULL);
	if (c->spec->password.bytes == NULL)
		say(arg, STR("the account has no password"),
		    "give it one, and the source the file of it as password_file");
	return ERR_OK;
}
