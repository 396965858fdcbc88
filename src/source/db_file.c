/* SPDX-License-Identifier: ISC */
/*
 * Our own databases on SQLite: one connection, every statement prepared once.
 * The address of the statement's text is its key, so looking it up costs no
 * comparison of texts.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "source/db_int.h"

#define DB_COLUMNS   32
#define DB_BUSY_MS   250
#define SWITCH_TRIES 50
#define WAL_PAGES    1000 /* the library's own ceiling of a log */
#define WAL_FIRST    64

/* Trouble by result code, in words that fit every caller; the path goes to
 * the log only. */
static const struct {
	int rc;
	enum err code;
	const char *words;
} troubles[] = {
	{ SQLITE_BUSY, ERR_BUSY, "the database is locked" },
	{ SQLITE_LOCKED, ERR_BUSY, "the database is locked" },
	{ SQLITE_READONLY, ERR_UNAVAILABLE, "the database cannot be written" },
	{ SQLITE_FULL, ERR_UNAVAILABLE, "the disk is full" },
	{ SQLITE_CANTOPEN, ERR_UNAVAILABLE, "the database cannot be opened" },
	{ SQLITE_NOTADB, ERR_UNAVAILABLE, "the file is not a database" },
	{ SQLITE_CORRUPT, ERR_UNAVAILABLE, "the database is damaged" },
	{ SQLITE_IOERR, ERR_UNAVAILABLE, "the database cannot be read" },
	{ SQLITE_NOMEM, ERR_UNAVAILABLE, "no memory for the database" },
	{ SQLITE_CONSTRAINT, ERR_CONFLICT,
	    "a rule of the database forbids it" },
	{ SQLITE_ERROR, ERR_INTERNAL, "a statement of ours failed" },
};

enum err
db_file_trouble(struct db_file *d, int rc, struct fault *f)
{
	enum err code = ERR_INTERNAL;
	const char *words = "the database failed";

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		if (troubles[i].rc != (rc & 0xff))
			continue;
		code = troubles[i].code;
		words = troubles[i].words;
	}
	fault_log(f, "%s: %s (%d)", d->path,
	    d->h == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(d->h), rc);
	return fault_set(f, code, "%s", words);
}

/*
 * The folder's real path and the file's name after it: the home of many a
 * user is reached through a link, while the file itself may not be one.
 */
static enum err
real_path(struct db_file *d, const char *path, struct fault *f)
{
	char folder[PATH_MAX], real[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	fault_log(f, "%s", path);
	if (slash == NULL || n >= sizeof(folder))
		return fault_set(f, ERR_UNAVAILABLE,
		    "the database needs an absolute path");
	memcpy(folder, path, n);
	folder[n] = '\0';
	if (realpath(n == 0 ? "/" : folder, real) == NULL)
		return fault_set(f, ERR_UNAVAILABLE,
		    errno == ENOENT ? "the folder of the database is missing"
				    : "the folder of the database cannot be "
				      "reached");
	d->path = arena_fmt(d->arena, "%s/%s", n == 0 ? "" : real, slash + 1).p;
	return ERR_OK;
}

/* Made by us, so that nobody else can read it from the first moment on. */
static enum err
make_file(struct db_file *d, struct fault *f)
{
	struct stat st;
	int fd;

	fault_log(f, "%s", d->path);
	if (lstat(d->path, &st) == 0) {
		if (S_ISLNK(st.st_mode))
			return fault_set(f, ERR_UNAVAILABLE,
			    "the database is a symbolic link");
		if (!S_ISREG(st.st_mode))
			return fault_set(f, ERR_UNAVAILABLE,
			    "the database is not a regular file");
		return ERR_OK;
	}
	fd = open(d->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		close(fd);
		return ERR_OK;
	}
	if (errno == EEXIST) /* another worker was faster */
		return ERR_OK;
	return fault_set(f, ERR_UNAVAILABLE,
	    errno == ENOSPC ? "the disk is full"
			    : "the folder of the database cannot be written");
}

/* Write-ahead logs need shared memory too. */
bool
db_shares_memory(const char *path)
{
	static const unsigned long remote[] = {
		0x6969,     /* nfs */
		0xff534d42, /* cifs */
		0xfe534d42, /* smb2 */
		0x517b,     /* smb */
		0x65735546, /* fuse */
		0x01021997, /* 9p */
		0x47504653, /* gpfs */
	};
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if (((unsigned long)fs.f_type & 0xffffffffUL) == remote[i])
			return false;
	return true;
}

static int
take_mode(void *arg, int n, char **v, char **names)
{
	struct db_file *d = arg;

	(void)names;
	d->has_wal = n == 1 && v[0] != NULL && strcmp(v[0], "wal") == 0;
	return 0;
}

/*
 * WAL when the file system bears it; a refusal leaves the rollback journal,
 * which is as safe.  Two processes that switch a new file at the same time do
 * not wait for each other in the library, so we do.
 */
static int
set_journal(struct db_file *d)
{
	int rc = SQLITE_OK;

	if (!db_shares_memory(d->path))
		return SQLITE_OK;
	for (int i = 0; i < SWITCH_TRIES; i++) {
		rc = sqlite3_exec(d->h, "PRAGMA journal_mode=WAL", take_mode, d,
		    NULL);
		if ((rc & 0xff) != SQLITE_BUSY)
			break;
		sqlite3_sleep(5);
	}
	if ((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_IOERR)
		rc = sqlite3_exec(d->h, "PRAGMA journal_mode=DELETE", NULL,
		    NULL, NULL);
	return rc;
}

/*
 * Whoever opens a database that nobody else has open reads its whole log.
 * Under plain CGI that is every request, so the first write of a process
 * empties a short log already, if nobody is in the way; a worker that stays
 * waits for a long one.
 */
static int
after_write(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct db_file *d = arg;

	if (!d->wrote && pages >= WAL_FIRST) {
		sqlite3_busy_timeout(h, 0);
		(void)sqlite3_wal_checkpoint_v2(h, name,
		    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
		sqlite3_busy_timeout(h, DB_BUSY_MS);
	} else if (pages >= WAL_PAGES) {
		(void)sqlite3_wal_checkpoint_v2(h, name,
		    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
	d->wrote = true;
	return SQLITE_OK;
}

static int
set_up(struct db_file *d, enum db_durable how)
{
	int rc;

	sqlite3_extended_result_codes(d->h, 1);
	sqlite3_busy_timeout(d->h, DB_BUSY_MS);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	rc = sqlite3_exec(d->h, "SELECT 1 FROM sqlite_master LIMIT 1", NULL,
	    NULL, NULL);
	if (rc == SQLITE_OK)
		rc = set_journal(d);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_wal_hook(d->h, after_write, d);
	return sqlite3_exec(d->h,
	    how == DB_SAFE ? "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"
			   : "PRAGMA synchronous=NORMAL; PRAGMA "
			     "foreign_keys=ON",
	    NULL, NULL, NULL);
}

static void
file_close(struct db *db)
{
	struct db_file *d = (struct db_file *)db;

	for (size_t i = 0; i < DB_STMTS; i++)
		sqlite3_finalize(d->kept[i].st);
	sqlite3_close(d->h);
	arena_free(d->arena);
}

static bool
file_stale(const struct db *db)
{
	const struct db_file *d = (const struct db_file *)db;
	int moved = 0;

	return sqlite3_file_control(d->h, "main", SQLITE_FCNTL_HAS_MOVED,
		   &moved) != SQLITE_OK ||
	       moved != 0;
}

/* The slot of a statement, empty when it is new. */
static size_t
slot_of(const struct db_file *d, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) * 0x9e3779b1u % DB_STMTS;

	while (d->kept[at].sql != NULL && d->kept[at].sql != sql)
		at = (at + 1) % DB_STMTS;
	return at;
}

static enum err
statement(struct db_file *d, const char *sql, sqlite3_stmt **out,
    struct fault *f)
{
	size_t at = slot_of(d, sql);
	int rc;

	if (d->kept[at].sql == NULL) {
		assert(d->nkept < DB_STMTS - 1);
		rc = sqlite3_prepare_v3(d->h, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &d->kept[at].st, NULL);
		if (rc != SQLITE_OK)
			return db_file_trouble(d, rc, f);
		d->kept[at].sql = sql;
		d->nkept++;
	}
	*out = d->kept[at].st;
	return ERR_OK;
}

/* Step to the end or until "row" has enough. */
static int
step_all(sqlite3_stmt *st, db_row *row, void *arg)
{
	struct value v[DB_COLUMNS];
	int n = sqlite3_column_count(st);
	int rc;

	assert(n <= DB_COLUMNS);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (row == NULL)
			continue;
		for (int i = 0; i < n; i++)
			v[i] = sqlite_value(st, i);
		if (!row(arg, v, (size_t)n))
			return SQLITE_DONE;
	}
	return rc;
}

static enum err
file_run(struct db *db, const char *sql, const struct value *v, size_t n,
    db_row *row, void *arg, int64_t *changes, struct fault *f)
{
	struct db_file *d = (struct db_file *)db;
	sqlite3_stmt *st = NULL;
	enum err e = statement(d, sql, &st, f);
	int rc = SQLITE_OK;

	if (e != ERR_OK)
		return e;
	assert((size_t)sqlite3_bind_parameter_count(st) == n);
	for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
		rc = sqlite_bind(st, (int)i + 1, &v[i]);
	if (rc == SQLITE_OK)
		rc = step_all(st, row, arg);
	if (rc != SQLITE_DONE)
		e = db_file_trouble(d, rc, f);
	if (changes != NULL)
		*changes =
		    sqlite3_stmt_readonly(st) ? 0 : sqlite3_changes64(d->h);
	sqlite3_reset(st);
	return e;
}

static enum err
file_script(struct db *db, const char *sql, struct fault *f)
{
	struct db_file *d = (struct db_file *)db;
	int rc = sqlite3_exec(d->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ERR_OK : db_file_trouble(d, rc, f);
}

static const struct db_engine engine = {
	.close = file_close,
	.stale = file_stale,
	.look = db_file_look,
	.run = file_run,
	.script = file_script,
	.backup = db_file_backup,
};

enum err
db_open(const char *path, enum db_durable how, struct db **out, struct fault *f)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
			  SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct arena *a = arena_new((size_t)1 << 20);
	struct db_file *d = arena_zero(a, 1, sizeof(*d));
	enum err e;
	int rc;

	sqlite_start();
	*out = NULL;
	d->db.engine = &engine;
	d->arena = a;
	e = real_path(d, path, f);
	if (e == ERR_OK)
		e = make_file(d, f);
	if (e == ERR_OK) {
		rc = sqlite3_open_v2(d->path, &d->h, flags, NULL);
		if (rc == SQLITE_OK)
			rc = set_up(d, how);
		if (rc != SQLITE_OK)
			e = db_file_trouble(d, rc, f);
	}
	if (e != ERR_OK) {
		file_close(&d->db);
		return e;
	}
	f->log[0] = '\0';
	*out = &d->db;
	return ERR_OK;
}
