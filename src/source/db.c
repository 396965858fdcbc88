/* SPDX-License-Identifier: ISC */
/* The door of our own databases: whichever engine is behind one, it is called
 * from here. */
#include "source/db_int.h"

void
db_close(struct db *d)
{
	if (d != NULL)
		d->engine->close(d);
}

bool
db_stale(const struct db *d)
{
	return d->engine->stale != NULL && d->engine->stale(d);
}

bool
db_look(struct db *d, struct db_look *out)
{
	return d->engine->look != NULL && d->engine->look(d, out);
}

enum err
db_run(struct db *d, const char *sql, const struct value *v, size_t n,
    db_row *row, void *arg, int64_t *changes, struct fault *f)
{
	return d->engine->run(d, sql, v, n, row, arg, changes, f);
}

enum err
db_script(struct db *d, const char *sql, struct fault *f)
{
	return d->engine->script(d, sql, f);
}

enum err
db_backup(struct db *d, const char *to, struct fault *f)
{
	if (d->engine->backup == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "this database is not copied as a file");
	return d->engine->backup(d, to, f);
}
