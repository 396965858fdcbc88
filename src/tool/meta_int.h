/* SPDX-License-Identifier: ISC */
/* What the metadata tools answer in. */
#ifndef TOOL_META_INT_H
#define TOOL_META_INT_H

#include "source/driver.h"

#define META_COLUMNS_MAX 16

struct meta_head {
	const struct column *columns;
	size_t n; /* the catalog, which comes first, counted */
};

/* By enum meta_what; and of get_catalogs. */
extern const struct meta_head meta_heads[];
extern const struct meta_head meta_catalogs;

#endif
