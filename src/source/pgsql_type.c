/* SPDX-License-Identifier: ISC */
/* Types by their number: the built-in ones here, all others asked for once. */
#include <stdio.h>

#include "source/pgsql_int.h"

static const struct pgsql_type known[] = {
	{ PG_BOOL, DT_BOOLEAN, "boolean" },
	{ PG_BYTEA, DT_BINARY, "bytea" },
	{ 18, DT_TEXT, "\"char\"" },
	{ 19, DT_TEXT, "name" },
	{ PG_INT8, DT_BIGINT, "bigint" },
	{ PG_INT2, DT_SMALLINT, "smallint" },
	{ PG_INT4, DT_INTEGER, "integer" },
	{ PG_TEXT, DT_TEXT, "text" },
	{ PG_OID, DT_BIGINT, "oid" },
	{ 114, DT_TEXT, "json" },
	{ 142, DT_TEXT, "xml" },
	{ PG_FLOAT4, DT_REAL, "real" },
	{ PG_FLOAT8, DT_DOUBLE, "double precision" },
	{ 790, DT_TEXT, "money" },
	{ PG_BPCHAR, DT_TEXT, "character" },
	{ PG_VARCHAR, DT_TEXT, "character varying" },
	{ PG_DATE, DT_DATE, "date" },
	{ PG_TIME, DT_TIME, "time without time zone" },
	{ PG_TIMESTAMP, DT_TIMESTAMP, "timestamp without time zone" },
	{ PG_TIMESTAMPTZ, DT_TIMESTAMP, "timestamp with time zone" },
	{ 1186, DT_TEXT, "interval" },
	{ PG_TIMETZ, DT_TIME, "time with time zone" },
	{ PG_BIT, DT_TEXT, "bit" },
	{ PG_VARBIT, DT_TEXT, "bit varying" },
	{ PG_NUMERIC, DT_NUMERIC, "numeric" },
	{ PG_REFCURSOR, DT_TEXT, "refcursor" },
	{ PG_UUID, DT_UUID, "uuid" },
	{ 3802, DT_TEXT, "jsonb" },
	{ 705, DT_TEXT, "text" },
};

#define NKNOWN (sizeof(known) / sizeof(known[0]))

static const struct pgsql_type *
find(const struct pgsql_type *v, size_t n, Oid oid)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].oid == oid)
			return &v[i];
	return NULL;
}

const struct pgsql_type *
pgsql_type(struct pgsql_conn *c, Oid oid)
{
	static const struct pgsql_type other = { 0, DT_TEXT, "other" };
	const struct pgsql_type *t = find(known, NKNOWN, oid);

	if (t == NULL)
		t = find(c->types, c->ntypes, oid);
	return t == NULL ? &other : t;
}

enum data_type
pgsql_data_type(Oid oid)
{
	const struct pgsql_type *t = find(known, NKNOWN, oid);

	return t == NULL ? DT_TEXT : t->type;
}

/* "{1,2,3}" of the types nobody knows yet; NULL when there are none. */
static const char *
unknown(struct pgsql_conn *c, struct arena *a, const PGresult *res)
{
	struct buf b;

	buf_init(&b, a, 65536);
	for (int i = 0; i < PQnfields(res); i++) {
		Oid oid = PQftype(res, i);

		if (find(known, NKNOWN, oid) != NULL ||
		    find(c->types, c->ntypes, oid) != NULL)
			continue;
		buf_fmt(&b, "%s%u", b.len == 0 ? "{" : ",", oid);
	}
	if (b.len == 0)
		return NULL;
	buf_lit(&b, "}");
	buf_char(&b, '\0');
	return buf_failed(&b) ? NULL : b.p;
}

enum err
pgsql_types_learn(struct pgsql_conn *c, struct arena *a, const PGresult *res,
    struct fault *f)
{
	const char *list = unknown(c, a, res);
	PGresult *names;
	enum err e;

	if (list == NULL)
		return ERR_OK;
	e = pgsql_ask(c, a,
	    "SELECT oid, pg_catalog.format_type(oid, NULL) FROM pg_catalog.pg_type WHERE oid = ANY ($1::pg_catalog.oid[])",
	    &list, 1, &names, f);
	if (e != ERR_OK)
		return e;
	if (c->ntypes + (size_t)PQntuples(names) > PGSQL_TYPES)
		c->ntypes = 0;
	for (int i = 0; i < PQntuples(names) && c->ntypes < PGSQL_TYPES; i++) {
		struct pgsql_type *t = &c->types[c->ntypes++];

		t->oid = pgsql_oid(names, i, 0);
		t->type = DT_TEXT;
		(void)snprintf(t->name, sizeof(t->name), "%s",
		    PQgetvalue(names, i, 1));
	}
	return ERR_OK;
}

/* The modifier counts its own four bytes (pg_type, typmodout). */
void
pgsql_type_size(Oid type, int mod, struct column *c)
{
	c->length = c->precision = c->scale = -1;
	if (mod < 0)
		return;
	switch (type) {
	case PG_BPCHAR:
	case PG_VARCHAR:
		c->length = mod - 4;
		break;
	case PG_NUMERIC:
		c->precision = ((mod - 4) >> 16) & 0xffff;
		c->scale = (mod - 4) & 0x7ff;
		/* Eleven bits, the highest one of weight -1024. */
		if (c->scale >= 1024)
			c->scale -= 2048;
		break;
	case PG_BIT:
	case PG_VARBIT:
		c->length = mod;
		break;
	case PG_TIME:
	case PG_TIMETZ:
	case PG_TIMESTAMP:
	case PG_TIMESTAMPTZ:
		c->scale = mod;
		break;
	default:
		break;
	}
}

void
pgsql_columns(struct pgsql_conn *c, const PGresult *res, struct column *out)
{
	for (int i = 0; i < PQnfields(res); i++) {
		const struct pgsql_type *t = pgsql_type(c, PQftype(res, i));

		out[i] = (struct column){ .name = str_of(PQfname(res, i)),
			.type = t->type,
			.type_name = str_of(t->name),
			.nullable = -1 };
		pgsql_type_size(PQftype(res, i), PQfmod(res, i), &out[i]);
	}
}
