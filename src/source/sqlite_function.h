/* SPDX-License-Identifier: ISC */
/* Which functions of SQLite a caller may use, whoever opens the file. */
#ifndef SOURCE_SQLITE_FUNCTION_H
#define SOURCE_SQLITE_FUNCTION_H

#include "base/str.h"

/* Does it only compute, with letters folded? */
bool sqlite_is_harmless(struct str name);

#endif
