/* SPDX-License-Identifier: ISC */
/* What an SQLSTATE means, for the drivers whose server or library has one. */
#ifndef SOURCE_SQLSTATE_H
#define SOURCE_SQLSTATE_H

#include <stddef.h>

#include "base/fault.h"

struct sqlstate {
	const char *begin; /* of the state */
	enum err code;
	const char *words; /* NULL: the server's own sentence is passed on */
};

/* By the standard and by PostgreSQL; NULL: it means nothing we know. */
const struct sqlstate *sqlstate_find(const char *state);

/* The same in a table of a driver's own, the longer beginnings first. */
const struct sqlstate *sqlstate_among(const struct sqlstate *v, size_t n,
    const char *state);

#endif
