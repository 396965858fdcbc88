/* SPDX-License-Identifier: ISC */
/* The drivers by name. */
#include "source/driver.h"

extern const struct source_driver sqlite_driver;

static const struct source_driver *const drivers[] = { &sqlite_driver };

#define NDRIVERS (sizeof(drivers) / sizeof(drivers[0]))

const struct source_driver *
driver_find(struct str name)
{
	for (size_t i = 0; i < NDRIVERS; i++)
		if (str_eq(name, str_of(drivers[i]->name)))
			return drivers[i];
	return NULL;
}

const char *const *
driver_names(void)
{
	static const char *const names[] = { "sqlite", NULL };

	_Static_assert(sizeof(names) / sizeof(names[0]) == NDRIVERS + 1,
	    "a driver without its name");
	return names;
}
