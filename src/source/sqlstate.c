/* SPDX-License-Identifier: ISC */
/* States of errors, as the standard and PostgreSQL number them. */
#include "source/sqlstate.h"

#include <string.h>

/* The longer beginnings first. */
static const struct sqlstate states[] = {
	{ "42P18", ERR_SQL_ERROR, NULL },
	{ "42P01", ERR_TABLE_NOT_FOUND, NULL },
	{ "42703", ERR_COLUMN_NOT_FOUND, NULL },
	{ "3F000", ERR_SCHEMA_NOT_FOUND, NULL },
	{ "42883", ERR_SQL_ERROR, NULL },
	{ "42601", ERR_SQL_SYNTAX, NULL },
	{ "42501", ERR_PERMISSION_DENIED, NULL },
	{ "42P03", ERR_SQL_ERROR, NULL },
	{ "42", ERR_SQL_ERROR, NULL },
	{ "25006", ERR_READ_ONLY, NULL },
	{ "25", ERR_STATEMENT_NOT_ALLOWED,
	    "this statement would end the transaction it runs in" },
	{ "2D", ERR_STATEMENT_NOT_ALLOWED,
	    "this statement would end the transaction it runs in" },
	{ "23", ERR_CONSTRAINT_VIOLATION, NULL },
	{ "44", ERR_CONSTRAINT_VIOLATION, NULL },
	{ "40P01", ERR_BUSY,
	    "another transaction and this one waited for each other; nothing was changed" },
	{ "40", ERR_BUSY,
	    "another transaction was in the way; nothing was changed" },
	{ "55P03", ERR_BUSY, "a lock was not to be had" },
	{ "53300", ERR_BUSY, "the server has no connection to spare" },
	{ "53200", ERR_TOO_LARGE, "the server has no memory for this" },
	{ "53100", ERR_SOURCE_UNREACHABLE, "the server's disk is full" },
	{ "53", ERR_BUSY, "the server is short of something" },
	{ "54", ERR_TOO_LARGE, NULL },
	{ "57014", ERR_TIMEOUT, NULL },
	{ "57P", ERR_SOURCE_UNREACHABLE,
	    "the server is shutting down or starting" },
	{ "08", ERR_SOURCE_UNREACHABLE,
	    "the connection to the source broke off" },
	{ "28", ERR_SOURCE_AUTH_FAILED,
	    "the source does not take the account it was configured with" },
	{ "3D", ERR_SOURCE_UNREACHABLE,
	    "the server has no database of that name" },
	{ "0A", ERR_SQL_ERROR, NULL },
	{ "22", ERR_SQL_ERROR, NULL },
	{ "58", ERR_SOURCE_UNREACHABLE, "the server cannot read its files" },
	{ "XX", ERR_SQL_ERROR, "the server failed inside" },
};

const struct sqlstate *
sqlstate_among(const struct sqlstate *v, size_t n, const char *state)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(state, v[i].begin, strlen(v[i].begin)) == 0)
			return &v[i];
	return NULL;
}

const struct sqlstate *
sqlstate_find(const char *state)
{
	return sqlstate_among(states, sizeof(states) / sizeof(states[0]),
	    state);
}
