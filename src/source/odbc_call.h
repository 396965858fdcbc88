/* SPDX-License-Identifier: ISC */
/* Inside the ODBC driver: a call of a procedure of the database. */
#ifndef SOURCE_ODBC_CALL_H
#define SOURCE_ODBC_CALL_H

#include "source/odbc_int.h"

#define ODBC_ARGS_MAX 100

struct odbc_arg {
	struct str name, type_name;
	int64_t kind, type, size, digits;
	const struct param *value;
	char *out; /* its buffer */
	SQLLEN *len;
};

struct odbc_calling {
	struct odbc_flow w;
	struct odbc_rows found;
	struct odbc_arg args[ODBC_ARGS_MAX];
	size_t n;
	struct str schema, name;
	bool by_word; /* CALL as a statement of its own */
};

bool odbc_is_input(const struct odbc_arg *g);
bool odbc_is_output(const struct odbc_arg *g);

/* Find w.q->procedure and fit the values to its arguments. */
enum err odbc_find(struct odbc_calling *k, struct fault *f);

#endif
