/* SPDX-License-Identifier: ISC */
/*
 * Metadata from information_schema in the columns of tools.md 3.  Names narrow
 * as they are first, then with letters folded; what rules hide is left out
 * here, and positions are counted over what is left.
 */
#include "source/mariadb_int.h"

#define NO_SYSTEM \
	" NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')"

struct describing {
	struct mariadb_conn *c;
	struct arena *a;
	const struct meta_ask *m;
	struct row_sink *to;
	struct mariadb_hidden hidden;
	struct rules_made made;
	struct mariadb_rows r, keys;
	size_t row;
	struct str schema, table; /* of the row before */
	int64_t position;         /* in that table */
	size_t sent;
	bool fold; /* names are compared with letters folded */
	bool ended;
};

static struct str
at(const struct describing *d, size_t col)
{
	return mariadb_cell(&d->r, d->row, col);
}

static struct value
number_at(const struct describing *d, size_t col)
{
	return cell_int(mariadb_number(&d->r, d->row, col, 0),
	    at(d, col).len != 0);
}

static bool
is_named(const struct describing *d, struct str wanted, struct str name)
{
	if (str_is_empty(wanted))
		return true;
	return d->fold ? str_ieq(wanted, name) : str_eq(wanted, name);
}

static bool
is_like(const struct describing *d, struct str name)
{
	return str_is_empty(d->m->pattern) || str_like(d->m->pattern, name);
}

static void
send(struct describing *d, const struct value *v)
{
	d->sent++;
	d->ended = !d->to->row(d->to, v, heading_count(d->m->what));
}

static void
schema_row(struct describing *d)
{
	struct value v[] = { cell_text(at(d, 0)) };

	send(d, v);
}

enum { TAB_SCHEMA, TAB_NAME, TAB_TYPE, TAB_REMARKS, TAB_ROWS };

static void
table_row(struct describing *d)
{
	bool view = str_ends(at(d, TAB_TYPE), STR("VIEW"));
	struct str type = view ? STR("VIEW") : STR("TABLE");
	struct value v[] = { cell_text(at(d, TAB_SCHEMA)),
		cell_text(at(d, TAB_NAME)), cell_text(type),
		cell_filled(view ? (struct str){ 0 } : at(d, TAB_REMARKS)),
		view ? cell_int(0, false) : number_at(d, TAB_ROWS) };

	if (mariadb_hides(d->c, &d->hidden, at(d, TAB_SCHEMA),
		at(d, TAB_NAME)) ||
	    !is_like(d, at(d, TAB_NAME)) ||
	    (!str_is_empty(d->m->type) && !str_eq(d->m->type, type)))
		return;
	send(d, v);
}

enum {
	COL_SCHEMA,
	COL_TABLE,
	COL_NAME,
	COL_TYPE,
	COL_FULL,
	COL_LENGTH,
	COL_PRECISION,
	COL_SCALE,
	COL_FRACTION,
	COL_NULLABLE,
	COL_DEFAULT,
	COL_KEY,
	COL_REMARKS,
	COL_FROM
};

enum {
	KEY_SCHEMA,
	KEY_TABLE,
	KEY_COLUMN,
	KEY_TO_SCHEMA,
	KEY_TO,
	KEY_TO_COLUMN
};

/* "shop.customers.id", or nothing when it leads to what is hidden. */
static struct str
reference(const struct describing *d)
{
	for (size_t i = 0; i < d->keys.rows; i++) {
		struct str s = mariadb_cell(&d->keys, i, KEY_TO_SCHEMA),
			   t = mariadb_cell(&d->keys, i, KEY_TO),
			   c = mariadb_cell(&d->keys, i, KEY_TO_COLUMN);

		if (!str_eq(mariadb_cell(&d->keys, i, KEY_SCHEMA),
			at(d, COL_SCHEMA)) ||
		    !str_eq(mariadb_cell(&d->keys, i, KEY_TABLE),
			at(d, COL_TABLE)) ||
		    !str_eq(mariadb_cell(&d->keys, i, KEY_COLUMN),
			at(d, COL_NAME)))
			continue;
		if (rules_denies(d->c->spec, t, (struct str){ 0 }) ||
		    rules_denies(d->c->spec, t, c))
			continue;
		return arena_fmt(d->a, "%.*s.%.*s.%.*s", (int)s.len, s.p,
		    (int)t.len, t.p, (int)c.len, c.p);
	}
	return (struct str){ 0 };
}

static struct str
key_word(struct str key)
{
	return str_eq(key, STR("PRI")) || str_eq(key, STR("UNI"))
		   ? key
		   : (struct str){ 0 };
}

static void
column_values(const struct describing *d, bool masked,
    struct value v[static HEADING_MAX])
{
	enum data_type type =
	    mariadb_data_type(at(d, COL_TYPE), at(d, COL_FULL));
	bool exact = type == DT_DECIMAL;
	bool timed = mariadb_number(&d->r, d->row, COL_FRACTION, 0) > 0;
	struct str dflt = at(d, COL_DEFAULT);
	int i = 0;

	if (masked || str_eq(dflt, STR("NULL")) ||
	    (d->c->rules && rules_tells(d->c->spec, DIALECT_MARIADB, dflt)))
		dflt = (struct str){ 0 };
	v[i++] = cell_text(at(d, COL_SCHEMA));
	v[i++] = cell_text(at(d, COL_TABLE));
	v[i++] = cell_text(at(d, COL_NAME));
	v[i++] = cell_int(d->position, true);
	v[i++] = cell_int(type, true);
	v[i++] = cell_text(at(d, COL_FULL));
	v[i++] = number_at(d, exact ? COL_PRECISION : COL_LENGTH);
	v[i++] = exact   ? number_at(d, COL_SCALE)
		 : timed ? number_at(d, COL_FRACTION)
			 : cell_int(0, false);
	v[i++] = cell_text(at(d, COL_NULLABLE));
	v[i++] = cell_text(dflt);
	v[i++] = cell_text(key_word(at(d, COL_KEY)));
	v[i++] = cell_text(reference(d));
	v[i++] = masked ? cell_text(STR("masked: values read as ***"))
			: cell_filled(at(d, COL_REMARKS));
}

static void
column_row(struct describing *d)
{
	struct str schema = at(d, COL_SCHEMA), table = at(d, COL_TABLE),
		   name = at(d, COL_NAME);
	struct value v[HEADING_MAX];

	if (!str_eq(schema, d->schema) || !str_eq(table, d->table))
		d->position = 0;
	d->schema = schema;
	d->table = table;
	if (mariadb_hides(d->c, &d->hidden, schema, table) ||
	    rules_denies(d->c->spec, table, name) ||
	    mariadb_is_made(&d->made, d->row))
		return;
	d->position++;
	if (!is_named(d, d->m->column, name) || !is_like(d, name))
		return;
	column_values(d, rules_masks(d->c->spec, table, name), v);
	send(d, v);
}

static void
procedure_row(struct describing *d)
{
	struct value v[] = { cell_text(at(d, 0)), cell_text(at(d, 1)),
		cell_text(at(d, 2)), cell_filled(at(d, 3)) };

	if (is_like(d, at(d, 1)))
		send(d, v);
}

enum { PAR_SCHEMA, PAR_OF, PAR_NAME, PAR_AT, PAR_MODE, PAR_TYPE, PAR_FULL };

static int
direction(struct str mode)
{
	if (str_eq(mode, STR("IN")))
		return 1;
	if (str_eq(mode, STR("INOUT")))
		return 2;
	return str_eq(mode, STR("OUT")) ? 4 : 5;
}

/* A parameter's name is asked for with or without its '@'. */
static void
parameter_row(struct describing *d)
{
	struct str name = at(d, PAR_NAME), wanted = d->m->parameter;
	int way = direction(at(d, PAR_MODE));
	struct value v[] = { cell_text(at(d, PAR_SCHEMA)),
		cell_text(at(d, PAR_OF)), { .kind = VALUE_NULL },
		number_at(d, PAR_AT), cell_int(way, true),
		cell_int(mariadb_data_type(at(d, PAR_TYPE), at(d, PAR_FULL)),
		    true),
		cell_text(at(d, PAR_FULL)),
		cell_text(way <= 2 ? STR("YES") : STR("NO")),
		{ .kind = VALUE_NULL }, { .kind = VALUE_NULL } };

	if (name.len == 0)
		name = STR("return_value");
	if (str_starts(wanted, STR("@")))
		wanted = str_from(wanted, 1);
	if (!str_is_empty(wanted) && !str_ieq(wanted, name))
		return;
	v[2] = cell_text(arena_fmt(d->a, "@%.*s", (int)name.len, name.p));
	send(d, v);
}

/* Each with the columns that narrow it: schema, table or procedure. */
static const struct kind {
	const char *sql, *schema, *name, *order;
	void (*row)(struct describing *d);
	bool tables;
} kinds[] = {
	[META_SCHEMAS] = { "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE 1 = 1",
	    "SCHEMA_NAME", NULL, "SCHEMA_NAME", schema_row, false },
	[META_TABLES] = { "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_TYPE <> 'SEQUENCE'",
	    "TABLE_SCHEMA", "TABLE_NAME", "TABLE_SCHEMA, TABLE_NAME", table_row,
	    true },
	[META_COLUMNS] = { "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, IS_NULLABLE, COLUMN_DEFAULT, COLUMN_KEY, COLUMN_COMMENT, " MARIADB_MADE
			   " FROM information_schema.COLUMNS WHERE 1 = 1",
	    "TABLE_SCHEMA", "TABLE_NAME",
	    "BINARY TABLE_SCHEMA, BINARY TABLE_NAME, ORDINAL_POSITION",
	    column_row, true },
	[META_PROCEDURES] = { "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, ROUTINE_COMMENT FROM information_schema.ROUTINES WHERE ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION')",
	    "ROUTINE_SCHEMA", "ROUTINE_NAME", "ROUTINE_SCHEMA, ROUTINE_NAME",
	    procedure_row, false },
	[META_PARAMETERS] = { "SELECT SPECIFIC_SCHEMA, SPECIFIC_NAME, PARAMETER_NAME, ORDINAL_POSITION, PARAMETER_MODE, DATA_TYPE, DTD_IDENTIFIER FROM information_schema.PARAMETERS WHERE ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION')",
	    "SPECIFIC_SCHEMA", "SPECIFIC_NAME",
	    "SPECIFIC_SCHEMA, SPECIFIC_NAME, ORDINAL_POSITION", parameter_row,
	    false },
};

static const struct kind keys = {
	"SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL",
	"TABLE_SCHEMA", "TABLE_NAME", "CONSTRAINT_NAME", NULL, false
};

/* "x = ?" lets the server look at that one alone; folded, it looks at all. */
static void
narrow(struct describing *d, struct buf *b, const char *column,
    struct str wanted, struct str *args, size_t *n)
{
	if (column == NULL || str_is_empty(wanted))
		return;
	buf_fmt(b, d->fold ? " AND LOWER(%s) = LOWER(?)" : " AND %s = ?",
	    column);
	args[(*n)++] = wanted;
}

static enum err
ask(struct describing *d, const struct kind *k, struct mariadb_rows *out,
    struct fault *f)
{
	const struct meta_ask *m = d->m;
	struct str args[2];
	struct buf b;
	size_t n = 0;

	buf_init(&b, d->a, 4096);
	buf_str(&b, str_of(k->sql));
	if (str_is_empty(m->schema) || d->c->rules)
		buf_fmt(&b, " AND %s" NO_SYSTEM, k->schema);
	narrow(d, &b, k->schema, m->schema, args, &n);
	narrow(d, &b, k->name,
	    m->what >= META_PROCEDURES ? m->procedure : m->table, args, &n);
	buf_fmt(&b, " ORDER BY %s", k->order);
	buf_char(&b, '\0');
	return mariadb_ask(d->c, d->a, b.p, args, n, out, f);
}

/* The server's own comparison folds letters and more. */
static bool
is_wanted(const struct describing *d, const struct kind *k)
{
	const struct meta_ask *m = d->m;

	return is_named(d, m->schema, at(d, 0)) &&
	       (k->name == NULL ||
		   is_named(d,
		       m->what >= META_PROCEDURES ? m->procedure : m->table,
		       at(d, 1)));
}

static enum err
describe(struct describing *d, struct fault *f)
{
	const struct kind *k = &kinds[d->m->what];
	enum err e = ask(d, k, &d->r, f);

	if (e == ERR_OK && d->m->what == META_COLUMNS)
		e = ask(d, &keys, &d->keys, f);
	if (e == ERR_OK && d->m->what == META_COLUMNS)
		mariadb_made(d->c, d->a, &d->r, COL_NAME, COL_FROM, &d->made);
	for (d->row = 0; e == ERR_OK && !d->ended && d->row < d->r.rows;
	     d->row++)
		if (is_wanted(d, k))
			k->row(d);
	return e;
}

/* Names as they are first; if nothing has one, with letters folded. */
static enum err
twice(struct describing *d, struct fault *f)
{
	const struct meta_ask *m = d->m;
	enum err e = mariadb_reach(d->c, d->a, &d->hidden, f);

	if (e == ERR_OK)
		e = describe(d, f);
	if (e != ERR_OK || d->sent != 0 ||
	    m->table.len + m->column.len + m->schema.len + m->procedure.len ==
		0)
		return e;
	d->fold = true;
	d->table = d->schema = (struct str){ 0 };
	return describe(d, f);
}

enum err
mariadb_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f)
{
	struct mariadb_conn *c = conn;
	struct describing d = { .c = c, .a = a, .m = m, .to = to };
	bool none = c->rules && m->what >= META_PROCEDURES;
	enum err e;

	mariadb_watch(c, m->deadline, NULL);
	e = mariadb_begin(c, a, TURN_READ, NULL, f);
	if (e == ERR_OK)
		d.ended = !heading_send(m->what, to);
	if (e == ERR_OK && !d.ended && !none)
		e = twice(&d, f);
	mariadb_rollback(c);
	return e;
}
