/* SPDX-License-Identifier: ISC */
/* Our own databases on a server, which a driver reaches. */
#include "conf/conf.h"
#include "source/db_int.h"
#include "source/driver.h"

struct db_server {
	struct db db;
	struct arena *arena;
	const struct driver_db *work;
	void *conn;
};

static void
server_close(struct db *db)
{
	struct db_server *d = (struct db_server *)db;

	d->work->close(d->conn);
	arena_free(d->arena);
}

static enum err
server_run(struct db *db, const char *sql, const struct value *v, size_t n,
    db_row *row, void *arg, int64_t *changes, struct fault *f)
{
	const struct db_server *d = (const struct db_server *)db;

	return d->work->run(d->conn, sql, v, n, row, arg, changes, f);
}

static enum err
server_script(struct db *db, const char *sql, struct fault *f)
{
	const struct db_server *d = (const struct db_server *)db;

	return d->work->script(d->conn, sql, f);
}

static const struct db_engine engine = {
	.close = server_close,
	.run = server_run,
	.script = server_script,
};

/* The driver's part for our own databases; its module may be missing. */
static enum err
find_work(const char *driver, const struct driver_db **out, struct fault *f)
{
	const struct source_driver *d = driver_find(str_of(driver));
	const struct driver_work *work;

	if (d == NULL || (d->caps & SOURCE_CAN_STORE) == 0)
		return fault_set(f, ERR_CONF, "no store can lie in %s", driver);
	work = driver_load(d, f);
	if (work == NULL) { /* it says which module, and which package */
		f->code = ERR_UNAVAILABLE;
		return ERR_UNAVAILABLE;
	}
	*out = work->db;
	return ERR_OK;
}

enum err
db_connect(const struct conf *conf, const struct conf_source *spec,
    struct db **out, struct fault *f)
{
	const struct driver_db *work = NULL;
	struct db_server *d;
	struct arena *a;
	enum err e = find_work(spec->driver, &work, f);
	void *conn = NULL;

	*out = NULL;
	if (e == ERR_OK)
		e = work->open(conf, spec, &conn, f);
	if (e != ERR_OK)
		return e;
	a = arena_new(65536);
	d = arena_zero(a, 1, sizeof(*d));
	*d = (struct db_server){ { &engine }, a, work, conn };
	*out = &d->db;
	return ERR_OK;
}
