/* SPDX-License-Identifier: ISC */
/* The databases of the store: opened at first need, kept, and opened anew
 * when the file was replaced. */
#include <unistd.h>

#include "store/store_int.h"

/* Whatever it was, the caller can only come again. */
static enum err
unavailable(const struct store_db *d, struct fault *f)
{
	char why[FAULT_MSG];

	(void)memcpy(why, f->msg, sizeof(why));
	if (f->log[0] == '\0')
		fault_log(f, "%s: %s", d->path, why);
	f->retry_s = 1;
	return fault_set(f, ERR_UNAVAILABLE, "the %s cannot be used: %s",
	    d->what, why);
}

static enum err
open_file(struct store_db *d, struct fault *f)
{
	enum err err = ERR_OK;

	if (d->schema == NULL || access(d->path, F_OK) == 0)
		err = state_file(d->path, d->what, false, f);
	if (err != ERR_OK)
		return err;
	if (db_open(d->path, d->how, &d->db, f) != ERR_OK) {
		d->db = NULL;
		return unavailable(d, f);
	}
	if (d->schema == NULL || db_script(d->db, d->schema, f) == ERR_OK)
		return ERR_OK;
	db_close(d->db);
	d->db = NULL;
	return unavailable(d, f);
}

static enum err
open_server(const struct store *s, struct store_db *d, struct fault *f)
{
	if (db_connect(s->conf, d->server, &d->db, f) == ERR_OK)
		return ERR_OK;
	d->db = NULL;
	return unavailable(d, f);
}

enum err
store_db_ready(struct store *s, struct store_db *d, struct fault *f)
{
	enum err err;

	if (d->db != NULL && s->now_s != d->looked_s && db_stale(d->db)) {
		db_close(d->db);
		d->db = NULL;
	}
	d->looked_s = s->now_s;
	if (d->db != NULL)
		return ERR_OK;
	err = d->server == NULL ? open_file(d, f) : open_server(s, d, f);
	d->opened += err == ERR_OK;
	return err;
}

enum err
store_run(struct store *s, struct store_db *d, const char *sql,
    const struct value *v, size_t n, db_row *row, void *arg, int64_t *changes,
    struct fault *f)
{
	enum err err = store_db_ready(s, d, f);

	if (err != ERR_OK)
		return err;
	if (db_run(d->db, sql, v, n, row, arg, changes, f) == ERR_OK)
		return ERR_OK;
	if (f->code == ERR_OBJECT_NOT_FOUND)
		fault_hint(f, "\"mcpctl init\" makes them");
	if (f->code != ERR_BUSY) { /* what it left behind is unknown */
		db_close(d->db);
		d->db = NULL;
	}
	return unavailable(d, f);
}
