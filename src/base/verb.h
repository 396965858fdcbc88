/* SPDX-License-Identifier: ISC */
/* The permission verbs of a token on a source (tools.md 1.4). */
#ifndef BASE_VERB_H
#define BASE_VERB_H

#include "base/arena.h"
#include "base/str.h"

enum {
	VERB_SELECT = 1,
	VERB_INSERT = 2,
	VERB_UPDATE = 4,
	VERB_DELETE = 8,
	VERB_EXECUTE = 16,
	VERB_ALL = 31
};

/* "SELECT,INSERT" from bits. */
struct str verbs_text(struct arena *a, unsigned verbs);

/* Bits from such a list, letters folded, "ALL" for all; false for a wrong word. */
bool verbs_parse(struct str text, unsigned *verbs);

#endif
