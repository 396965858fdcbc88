/* SPDX-License-Identifier: ISC */
/* Inside the ODBC driver: metadata on its way from the catalogue to the sink. */
#ifndef SOURCE_ODBC_DESCRIBE_H
#define SOURCE_ODBC_DESCRIBE_H

#include "source/odbc_int.h"

/* A table or a procedure that was found. */
struct thing {
	struct str catalog, schema, name, kind, remarks;
	struct str shown; /* its schema, as it is told */
};

struct describing {
	struct odbc_conn *c;
	struct arena *a;
	const struct meta_ask *m;
	struct row_sink *to;
	struct thing *v;
	size_t n, sent;
	bool fold; /* names are compared with letters folded */
	bool ended;
};

/* One row; d->ended once the sink has enough. */
void odbc_send(struct describing *d, const struct value *v);
/* The columns of a table, the parameters of a procedure. */
enum err odbc_columns_of(struct describing *d, const struct thing *t,
    struct fault *f);
enum err odbc_parameters_of(struct describing *d, const struct thing *t,
    struct fault *f);

static inline struct value
text(struct str s)
{
	if (s.p == NULL)
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = VALUE_TEXT, .s = s };
}

static inline struct value
number(int64_t n)
{
	return (struct value){ .kind = VALUE_INT, .i = n };
}

/* A number that a driver wrote, or NULL. */
static inline struct value
number_of(struct str s)
{
	int64_t n;

	if (s.p == NULL || !str_int(s, INT64_MIN, INT64_MAX, &n))
		return (struct value){ .kind = VALUE_NULL };
	return number(n);
}

/* A default; the word NULL stands for none. */
static inline struct value
default_of(struct str s)
{
	return text(
	    s.len == 0 || str_ieq(s, STR("NULL")) ? (struct str){ 0 } : s);
}

static inline int64_t
int_of(struct str s, int64_t other)
{
	int64_t n;

	return s.p != NULL && str_int(s, INT64_MIN, INT64_MAX, &n) ? n : other;
}

static inline bool
same(const struct describing *d, struct str wanted, struct str name)
{
	if (str_is_empty(wanted))
		return true;
	return d->fold ? str_ieq(wanted, name) : str_eq(wanted, name);
}

static inline bool
is_like(const struct describing *d, struct str name)
{
	return str_is_empty(d->m->pattern) || str_like(d->m->pattern, name);
}

/* Where there are no schemas, the catalogue is what stands before a name. */
static inline struct str
shown(struct str catalog, struct str schema)
{
	if (schema.len > 0)
		return schema;
	return catalog.len > 0 ? catalog : STR("main");
}

#endif
