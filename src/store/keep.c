/* SPDX-License-Identifier: ISC */
/* Housekeeping: what has run out goes, and a consistent copy is made; what the
 * limits remember is not worth one. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_int.h"

enum err
store_gc(struct store *s, int64_t now_s, int64_t *removed, struct fault *f)
{
	static const char rotated[] =
	    "UPDATE keys SET old_pepper = '', old_hash = '', old_until = 0"
	    " WHERE old_hash <> '' AND old_until <= ?1";
	const struct value sec = value_int(now_s);
	int64_t rows = 0;
	int64_t secrets = 0;
	int64_t marks = 0;
	enum err err;

	*removed = 0;
	s->now_s = now_s;
	err = limit_gc(s, now_s * 1000000, &rows, f);
	if (err == ERR_OK)
		err = store_run(s, s->keys, rotated, &sec, 1, NULL, NULL,
		    &secrets, f);
	if (err == ERR_OK)
		err = once_sweep(s, now_s, &marks, f);
	*removed = rows + secrets + marks;
	return err;
}

static enum err
refuse(struct fault *f, const char *path, const char *sentence)
{
	fault_log(f, "%s: %s", path, strerror(errno));
	return fault_set(f, ERR_UNAVAILABLE, "%s", sentence);
}

/* Of a server as a file of the same tables. */
static enum err
copy_rows(struct store *s, const char *to, struct fault *f)
{
	struct db *db = NULL;
	enum err err = db_open(to, DB_SAFE, &db, f);

	if (err == ERR_OK)
		err = db_script(db, keys_schema, f);
	if (err == ERR_OK)
		err = store_copy_keys(s, db, f);
	db_close(db);
	if (err != ERR_OK)
		(void)unlink(to);
	return err;
}

static enum err
copy(struct store *s, struct store_db *d, const char *to, struct fault *f)
{
	enum err err = store_db_ready(s, d, f);

	if (err != ERR_OK)
		return err;
	errno = EEXIST;
	if (access(to, F_OK) == 0)
		return refuse(f, to, "the folder holds such a copy already");
	return s->shared ? copy_rows(s, to, f) : db_backup(d->db, to, f);
}

enum err
store_backup(struct store *s, const char *folder, struct fault *f)
{
	struct arena *a = arena_new(65536);
	enum err err = ERR_OK;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		err =
		    refuse(f, folder, "the folder for the copy cannot be made");
	if (err == ERR_OK)
		err = copy(s, s->keys, arena_fmt(a, "%s/keys.db", folder).p, f);
	arena_free(a);
	return err;
}
