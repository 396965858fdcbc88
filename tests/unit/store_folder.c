/* SPDX-License-Identifier: ISC */
/* See store_site.h: keys lie in the state folder. */
#include <stdlib.h>

#include "source/db.h"
#include "tests/unit/store_site.h"

bool
site_server(struct conf_source *out)
{
	(void)out;
	return false;
}

struct db *
site_db(struct site *s)
{
	struct fault f = { 0 };
	struct db *db;

	if (db_open(site_path(s, "keys.db"), DB_SAFE, &db, &f) != ERR_OK)
		abort();
	return db;
}
