/* SPDX-License-Identifier: ISC */
/* What the module "regex" offers: ECMA-262 patterns by PCRE2. */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "base/str.h"

struct regex_module {
	/* Does "text" hold a match?  1, 0, or -1: the pattern is bad.  A
	 * match that would take too long is none. */
	int (*match)(struct str pattern, struct str text);
};

#endif
