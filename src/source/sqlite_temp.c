/* SPDX-License-Identifier: ISC */
/*
 * Temporary files of SQLite kept in memory (SECURITY_MODEL Q4: nothing a
 * caller sorts reaches a disk).  With temp_store=MEMORY the library keeps each
 * record of a sort in a piece of its own; with temporary files it sorts runs
 * in one block each, which is a third faster, so it is given files that are
 * none.  What they hold counts against the heap limit like all its memory.
 */
#include <string.h>

#include "source/sqlite_int.h"

#define CHUNK  ((size_t)64 << 10)
#define CHUNKS 64 /* the list grows by so many */

struct temp_file {
	sqlite3_file base;
	unsigned char **chunks; /* CHUNK bytes each, zero where not written */
	size_t n;
	sqlite3_int64 size;
};

/* The piece of a chunk at an offset that is wanted next. */
static size_t
piece(sqlite3_int64 at, size_t left)
{
	size_t room = CHUNK - (size_t)at % CHUNK;

	return room < left ? room : left;
}

static unsigned char *
place(const struct temp_file *t, sqlite3_int64 at)
{
	return t->chunks[(size_t)at / CHUNK] + (size_t)at % CHUNK;
}

static bool
add_chunk(struct temp_file *t)
{
	unsigned char *chunk;

	if (t->n % CHUNKS == 0) {
		unsigned char **list = sqlite3_realloc64(t->chunks,
		    (t->n + CHUNKS) * sizeof(*list));

		if (list == NULL)
			return false;
		t->chunks = list;
	}
	chunk = sqlite3_malloc64(CHUNK);
	if (chunk == NULL)
		return false;
	memset(chunk, 0, CHUNK);
	t->chunks[t->n++] = chunk;
	return true;
}

static void
drop_chunks(struct temp_file *t, size_t keep)
{
	while (t->n > keep)
		sqlite3_free(t->chunks[--t->n]);
}

static int
temp_close(sqlite3_file *f)
{
	struct temp_file *t = (struct temp_file *)f;

	drop_chunks(t, 0);
	sqlite3_free(t->chunks);
	t->chunks = NULL;
	return SQLITE_OK;
}

static int
temp_read(sqlite3_file *f, void *to, int amount, sqlite3_int64 at)
{
	const struct temp_file *t = (struct temp_file *)f;
	size_t want = (size_t)amount;
	size_t have = at >= t->size ? 0 : (size_t)(t->size - at);
	size_t n = have < want ? have : want;
	unsigned char *p = to;

	memset(p + n, 0, want - n);
	for (size_t done = 0, step; done < n; done += step) {
		step = piece(at + (sqlite3_int64)done, n - done);
		memcpy(p + done, place(t, at + (sqlite3_int64)done), step);
	}
	return n == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
temp_write(sqlite3_file *f, const void *from, int amount, sqlite3_int64 at)
{
	struct temp_file *t = (struct temp_file *)f;
	const unsigned char *p = from;
	size_t n = (size_t)amount;

	while ((size_t)at + n > t->n * CHUNK)
		if (!add_chunk(t))
			return SQLITE_IOERR_NOMEM;
	for (size_t done = 0, step; done < n; done += step) {
		step = piece(at + (sqlite3_int64)done, n - done);
		memcpy(place(t, at + (sqlite3_int64)done), p + done, step);
	}
	if (at + amount > t->size)
		t->size = at + amount;
	return SQLITE_OK;
}

static int
temp_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct temp_file *t = (struct temp_file *)f;

	if (size >= t->size)
		return SQLITE_OK;
	drop_chunks(t, ((size_t)size + CHUNK - 1) / CHUNK);
	if ((size_t)size % CHUNK != 0)
		memset(place(t, size), 0, CHUNK - (size_t)size % CHUNK);
	t->size = size;
	return SQLITE_OK;
}

static int
temp_size(sqlite3_file *f, sqlite3_int64 *size)
{
	*size = ((struct temp_file *)f)->size;
	return SQLITE_OK;
}

/* xSync, xLock and xUnlock: nobody else sees the file. */
static int
temp_nothing(sqlite3_file *f, int how)
{
	(void)f;
	(void)how;
	return SQLITE_OK;
}

static int
temp_locked(sqlite3_file *f, int *out)
{
	(void)f;
	*out = 0;
	return SQLITE_OK;
}

static int
temp_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

/* xSectorSize and xDeviceCharacteristics: the library's own defaults. */
static int
temp_default(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static const sqlite3_io_methods temp_methods = {
	.iVersion = 1,
	.xClose = temp_close,
	.xRead = temp_read,
	.xWrite = temp_write,
	.xTruncate = temp_truncate,
	.xSync = temp_nothing,
	.xFileSize = temp_size,
	.xLock = temp_nothing,
	.xUnlock = temp_nothing,
	.xCheckReservedLock = temp_locked,
	.xFileControl = temp_control,
	.xSectorSize = temp_default,
	.xDeviceCharacteristics = temp_default,
};

/* A file without a name is a temporary one. */
static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
    int *given)
{
	sqlite3_vfs *files = sqlite3_vfs_find(NULL);
	struct temp_file *t = (struct temp_file *)f;

	(void)vfs;
	if (name != NULL)
		return files->xOpen(files, name, f, flags, given);
	*t = (struct temp_file){ .base.pMethods = &temp_methods };
	if (given != NULL)
		*given = flags;
	return SQLITE_OK;
}

void
sqlite_temp_start(void)
{
	/* The library links the struct into a list of its own. */
	static sqlite3_vfs vfs;
	sqlite3_vfs *files;

	if (vfs.zName != NULL)
		return;
	files = sqlite3_vfs_find(NULL);
	if (files == NULL)
		return;
	vfs = *files; /* files with a name, time and the rest as they are */
	vfs.zName = SQLITE_TEMP_VFS;
	vfs.pNext = NULL;
	if (vfs.szOsFile < (int)sizeof(struct temp_file))
		vfs.szOsFile = (int)sizeof(struct temp_file);
	vfs.xOpen = open_file;
	(void)sqlite3_vfs_register(&vfs, 0);
}
