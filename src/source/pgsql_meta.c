/* SPDX-License-Identifier: ISC */
/*
 * Metadata from pg_catalog in the columns of tools.md 3.  The queries narrow
 * by exact names first, then with letters folded; what rules hide is left out
 * here, and positions are counted over what is left.
 */
#include "source/pgsql_int.h"

/* Every query takes $1 schema, $2 table or procedure, $3 column or parameter,
 * and $4 'f' for exact names. */
#define SAME(x, p)                                                          \
	"(" p " = '' OR " x " = " p " OR $4 <> 'f' AND pg_catalog.lower(" x \
	") = pg_catalog.lower(" p "))"
#define NO_SYSTEM                                                    \
	"($1 <> '' OR n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> " \
	"'information_schema')"
#define USED " AND $1 || $2 || $3 IS NOT NULL "

static const char schemas_sql[] =
    "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE " NO_SYSTEM
    " AND " SAME("n.nspname", "$1") USED
    "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') ORDER BY 1";

static const char tables_sql[] =
    "SELECT c.oid, n.nspname, c.relname, CASE WHEN c.relkind IN ('v', 'm') THEN 'VIEW' ELSE 'TABLE' END, pg_catalog.obj_description(c.oid, 'pg_class'), CASE WHEN c.reltuples >= 0 AND c.relkind <> 'v' THEN c.reltuples::pg_catalog.int8 END FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND (NOT c.relispartition OR $2 <> '') AND " NO_SYSTEM
    " AND " SAME("n.nspname", "$1") " AND " SAME("c.relname", "$2") USED
    "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') ORDER BY 2, 3";

static const char columns_sql
    [] = "SELECT c.oid, n.nspname, c.relname, a.attname, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, pg_catalog.format_type(a.atttypid, a.atttypmod), CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, a.attnotnull OR t.typnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid), (SELECT CASE WHEN pg_catalog.bool_or(i.indisprimary) THEN 'PRI' WHEN pg_catalog.bool_or(i.indnkeyatts = 1) THEN 'UNI' END FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])), r.nspname, r.relname, r.attname, pg_catalog.col_description(c.oid, a.attnum) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum LEFT JOIN LATERAL (SELECT fn.nspname, fc.relname, fa.attname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace JOIN pg_catalog.pg_attribute fa ON fa.attrelid = fc.oid AND fa.attnum = k.confkey[pg_catalog.array_position(k.conkey, a.attnum)] WHERE k.contype = 'f' AND k.conrelid = c.oid AND a.attnum = ANY (k.conkey) ORDER BY pg_catalog.cardinality(k.conkey), k.oid LIMIT 1) r ON true WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND (NOT c.relispartition OR $2 <> '') AND " NO_SYSTEM " AND " SAME("n.nspname",
	"$1") " AND " SAME("c.relname", "$2")
	USED "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') ORDER BY 2, 3, a.attnum";

#define PROCEDURES                                                             \
	" FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid "  \
	"= p.pronamespace WHERE p.prokind IN ('p', 'f') AND p.prorettype NOT " \
	"IN (2279, 3838) AND p.oid >= 16384 AND NOT EXISTS (SELECT 1 FROM "    \
	"pg_catalog.pg_depend e WHERE e.classid = "                            \
	"'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND "   \
	"e.deptype = 'e') AND " NO_SYSTEM                                      \
	" AND " SAME("n.nspname", "$1") " AND " SAME("p.proname", "$2") USED   \
	    "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND "         \
	    "pg_catalog.has_function_privilege(p.oid, 'EXECUTE')"

static const char procedures_sql[] =
    "SELECT n.nspname, p.proname, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, pg_catalog.obj_description(p.oid, 'pg_proc')" PROCEDURES
    " ORDER BY 1, 2";

/* The value of a function that returns one is a parameter of its own. */
static const char parameters_sql[] =
    "SELECT q.nspname, q.proname, '@' || coalesce(nullif(q.proargnames[q.i], ''), q.i::pg_catalog.text), q.i, CASE q.mode WHEN 'b' THEN 2 WHEN 'o' THEN 4 ELSE 1 END, q.type, pg_catalog.format_type(q.type, NULL), CASE WHEN q.mode IN ('i', 'b') AND q.nth <= q.pronargs - q.pronargdefaults THEN 'YES' ELSE 'NO' END, CASE WHEN q.mode IN ('i', 'b') THEN pg_catalog.pg_get_function_arg_default(q.oid, q.i::pg_catalog.int4) END FROM (SELECT n.nspname, p.proname, p.proargnames, p.pronargs, p.pronargdefaults, p.oid, u.i, u.type, coalesce(p.proargmodes[u.i], 'i') AS mode, pg_catalog.count(*) FILTER (WHERE coalesce(p.proargmodes[u.i], 'i') IN ('i', 'b', 'v')) OVER (PARTITION BY p.oid ORDER BY u.i) AS nth FROM (SELECT p.*, n.nspname" PROCEDURES
    ") p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace, LATERAL pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::pg_catalog.oid[])) WITH ORDINALITY AS u (type, i)) q WHERE q.mode <> 't' UNION ALL SELECT n.nspname, p.proname, '@return_value', 0, 5, p.prorettype, pg_catalog.format_type(p.prorettype, NULL), 'NO', NULL" PROCEDURES
    " AND p.prokind = 'f' AND NOT p.proretset AND p.prorettype NOT IN (2278, 2249) ORDER BY 1, 2, 4";

struct describing {
	struct pgsql_conn *c;
	struct arena *a;
	const struct meta_ask *m;
	struct row_sink *to;
	struct pgsql_hidden hidden;
	struct rules_made made;
	const PGresult *res;
	int row;
	Oid table; /* of the row before, and the position in it */
	int64_t position;
	size_t sent;
	bool fold; /* names are compared with letters folded */
	bool ended;
};

static struct str
at(const struct describing *d, int col)
{
	return pgsql_cell(d->res, d->row, col);
}

static struct value
number_at(const struct describing *d, int col)
{
	int64_t n = 0;
	bool known = str_int(at(d, col), INT64_MIN, INT64_MAX, &n);

	return cell_int(n, known);
}

static Oid
oid_at(const struct describing *d, int col)
{
	return pgsql_oid(d->res, d->row, col);
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

static void
table_row(struct describing *d)
{
	struct value v[] = { cell_text(at(d, 1)), cell_text(at(d, 2)),
		cell_text(at(d, 3)), cell_text(at(d, 4)), number_at(d, 5) };

	if (!pgsql_listed(&d->hidden, oid_at(d, 0)) || !is_like(d, at(d, 2)) ||
	    (!str_is_empty(d->m->type) && !str_eq(d->m->type, at(d, 3))))
		return;
	send(d, v);
}

enum {
	COL_TABLE_OID,
	COL_SCHEMA,
	COL_TABLE,
	COL_NAME,
	COL_TYPE,
	COL_TYPE_NAME,
	COL_MOD,
	COL_NOTNULL,
	COL_DEFAULT,
	COL_KEY,
	COL_TO_SCHEMA,
	COL_TO_TABLE,
	COL_TO_COLUMN,
	COL_REMARKS
};

/* "public.customers.id", or nothing when it leads to what is hidden. */
static struct str
reference(struct describing *d)
{
	struct str s = at(d, COL_TO_SCHEMA), t = at(d, COL_TO_TABLE),
		   c = at(d, COL_TO_COLUMN);

	if (t.p == NULL || rules_denies(d->c->spec, t, (struct str){ 0 }) ||
	    rules_denies(d->c->spec, t, c))
		return (struct str){ 0 };
	return arena_fmt(d->a, "%.*s.%.*s.%.*s", (int)s.len, s.p, (int)t.len,
	    t.p, (int)c.len, c.p);
}

static void
column_values(struct describing *d, bool masked,
    struct value v[static HEADING_MAX])
{
	Oid type = oid_at(d, COL_TYPE);
	struct str dflt = at(d, COL_DEFAULT);
	bool quiet = masked || (d->c->rules && rules_tells(d->c->spec,
						   DIALECT_PGSQL, dflt));
	struct column c;
	int64_t mod = -1;
	int i = 0;

	(void)str_int(at(d, COL_MOD), INT32_MIN, INT32_MAX, &mod);
	pgsql_type_size(type, (int)mod, &c);
	v[i++] = cell_text(at(d, COL_SCHEMA));
	v[i++] = cell_text(at(d, COL_TABLE));
	v[i++] = cell_text(at(d, COL_NAME));
	v[i++] = cell_int(d->position, true);
	v[i++] = cell_int(pgsql_data_type(type), true);
	v[i++] = cell_text(at(d, COL_TYPE_NAME));
	v[i++] = cell_int(c.length >= 0 ? c.length : c.precision,
	    c.length >= 0 || c.precision >= 0);
	v[i++] = cell_int(c.scale, c.scale >= 0);
	v[i++] = cell_text(pgsql_letter(d->res, d->row, COL_NOTNULL) == 't'
			       ? STR("NO")
			       : STR("YES"));
	v[i++] = cell_text(quiet ? (struct str){ 0 } : dflt);
	v[i++] = cell_text(at(d, COL_KEY));
	v[i++] = cell_text(reference(d));
	v[i++] = cell_text(
	    masked ? STR("masked: values read as ***") : at(d, COL_REMARKS));
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
	Oid oid = oid_at(d, COL_TABLE_OID);
	struct value v[HEADING_MAX];

	if (oid != d->table)
		d->position = 0;
	d->table = oid;
	if (!pgsql_listed(&d->hidden, oid) ||
	    rules_denies(d->c->spec, table, name) ||
	    rules_made_hides(&d->made, at(d, COL_SCHEMA), table, name))
		return;
	d->position++;
	if (!is_column(d, name) || !is_like(d, name))
		return;
	column_values(d, rules_masks(d->c->spec, table, name), v);
	send(d, v);
}

static void
procedure_row(struct describing *d)
{
	struct value v[] = { cell_text(at(d, 0)), cell_text(at(d, 1)),
		cell_text(at(d, 2)), cell_text(at(d, 3)) };

	if (is_like(d, at(d, 1)))
		send(d, v);
}

/* A parameter's name is asked for with or without its '@'. */
static bool
is_parameter(const struct describing *d, struct str name)
{
	struct str wanted = d->m->parameter;

	if (str_starts(wanted, STR("@")))
		wanted = str_from(wanted, 1);
	return str_is_empty(wanted) || str_ieq(wanted, str_from(name, 1));
}

static void
parameter_row(struct describing *d)
{
	struct value v[] = { cell_text(at(d, 0)), cell_text(at(d, 1)),
		cell_text(at(d, 2)), number_at(d, 3), number_at(d, 4),
		cell_int(pgsql_data_type(oid_at(d, 5)), true),
		cell_text(at(d, 6)), cell_text(at(d, 7)), cell_text(at(d, 8)),
		{ .kind = VALUE_NULL } };

	if (is_parameter(d, at(d, 2)))
		send(d, v);
}

static const struct kind {
	const char *sql;
	void (*row)(struct describing *d);
	bool tables; /* the first column is the number of a table */
} kinds[] = {
	[META_SCHEMAS] = { schemas_sql, schema_row, false },
	[META_TABLES] = { tables_sql, table_row, true },
	[META_COLUMNS] = { columns_sql, column_row, true },
	[META_PROCEDURES] = { procedures_sql, procedure_row, false },
	[META_PARAMETERS] = { parameters_sql, parameter_row, false },
};

static enum err
describe(struct describing *d, struct fault *f)
{
	const struct meta_ask *m = d->m;
	const struct kind *k = &kinds[m->what];
	bool procedure =
	    m->what == META_PROCEDURES || m->what == META_PARAMETERS;
	const char *args[] = { arena_z(d->a, m->schema),
		arena_z(d->a, procedure ? m->procedure : m->table), "",
		d->fold ? "t" : "f" };
	PGresult *res;
	enum err e = pgsql_ask(d->c, d->a, k->sql, args, 4, &res, f);

	if (e == ERR_OK && k->tables)
		e = pgsql_rules_list(d->c, d->a, res, 0, &d->hidden, f);
	d->res = res;
	for (d->row = 0; e == ERR_OK && !d->ended && d->row < PQntuples(res);
	     d->row++)
		k->row(d);
	return e;
}

/* Names as they are first; if nothing has one, with letters folded. */
static enum err
twice(struct describing *d, struct fault *f)
{
	const struct meta_ask *m = d->m;
	enum err e = describe(d, f);

	if (e != ERR_OK || d->sent != 0 ||
	    m->table.len + m->column.len + m->schema.len + m->procedure.len ==
		0)
		return e;
	d->fold = true;
	d->table = 0;
	return describe(d, f);
}

enum err
pgsql_meta(void *conn, struct arena *a, const struct meta_ask *m,
    struct row_sink *to, struct fault *f)
{
	struct pgsql_conn *c = conn;
	struct describing d = { .c = c, .a = a, .m = m, .to = to };
	bool none = c->rules && m->what >= META_PROCEDURES;
	enum err e;

	pgsql_watch(c, m->deadline, NULL);
	e = pgsql_begin(c, a, false, NULL, f);
	if (e == ERR_OK)
		d.ended = !heading_send(m->what, to);
	if (e == ERR_OK && !d.ended && !none)
		e = pgsql_made(c, a, &d.made, f);
	if (e == ERR_OK && !d.ended && !none)
		e = twice(&d, f);
	pgsql_rollback(c);
	return e;
}
