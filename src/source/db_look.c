/* SPDX-License-Identifier: ISC */
/* A database of ours seen from outside: its state, and a copy of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "source/db_int.h"

#define BACKUP_TRIES 100
#define WAL_INDEX    32768 /* one piece of the log's index */

/* The number of frames in the log stands at 16. */
static bool
is_empty(const struct db_look *l)
{
	static const unsigned char none[4];

	return memcmp(l->b + 16, none, sizeof(none)) == 0;
}

/*
 * The index of the log begins with its header, twice (walformat 2.1): counter,
 * salt and checksum of the last commit.  A writer changes the second before
 * the first, so both the same is one state.  Empty logs look alike, whatever
 * happened before them.
 */
bool
db_file_look(struct db *db, struct db_look *out)
{
	const struct db_file *d = (const struct db_file *)db;
	volatile void *index = NULL;
	struct db_look second;
	sqlite3_file *file = NULL;

	if (!d->has_wal ||
	    sqlite3_file_control(d->h, "main", SQLITE_FCNTL_FILE_POINTER,
		&file) != SQLITE_OK ||
	    file->pMethods == NULL || file->pMethods->iVersion < 2 ||
	    file->pMethods->xShmMap(file, 0, WAL_INDEX, 0, &index) !=
		SQLITE_OK ||
	    index == NULL)
		return false;
	memcpy(out->b, (const void *)(uintptr_t)index, sizeof(out->b));
	atomic_thread_fence(memory_order_seq_cst);
	memcpy(second.b, (const char *)(uintptr_t)index + sizeof(out->b),
	    sizeof(second.b));
	return memcmp(out->b, second.b, sizeof(second.b)) == 0 &&
	       !is_empty(out);
}

/* Steps are repeated while somebody holds the lock; a write of another
 * process between two steps makes the library start anew by itself. */
static int
copy_all(struct db_file *d, struct db_file *copy)
{
	sqlite3_backup *b = sqlite3_backup_init(copy->h, "main", d->h, "main");
	int rc = SQLITE_OK;

	if (b == NULL)
		return sqlite3_errcode(copy->h);
	for (int i = 0; i < BACKUP_TRIES; i++) {
		rc = sqlite3_backup_step(b, -1);
		if (rc != SQLITE_BUSY && rc != SQLITE_LOCKED)
			break;
		sqlite3_sleep(10);
	}
	sqlite3_backup_finish(b);
	return rc;
}

enum err
db_file_backup(struct db *db, const char *to, struct fault *f)
{
	struct db_file *d = (struct db_file *)db;
	struct db_file copy = { .path = to };
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum err e = ERR_OK;
	int rc;

	fault_log(f, "%s", to);
	if (fd < 0)
		return fault_set(f, ERR_UNAVAILABLE,
		    errno == EEXIST ? "the copy exists already"
				    : "the copy cannot be written");
	close(fd);
	rc = sqlite3_open_v2(to, &copy.h, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = copy_all(d, &copy);
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		e = db_file_trouble(&copy, rc, f);
	sqlite3_close(copy.h);
	if (e != ERR_OK)
		unlink(to);
	else
		f->log[0] = '\0';
	return e;
}
