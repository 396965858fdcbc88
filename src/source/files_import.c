/* SPDX-License-Identifier: ISC */
/*
 * The import: all files go into a new SQLite file, which then takes the place
 * of the old one.  One process does it; others wait for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "source/files_int.h"

#define BEAT_RECORDS 512
#define NAP_MS       20

/* Bytes 60 and 68 of a SQLite file hold two numbers that are the user's:
 * together they say of which files it was made (SQLite file format 1.3). */
#define HEAD_BYTES   72
#define HEAD_VERSION 60
#define HEAD_ID      68

enum err
files_job_fault(struct files_job *j, struct fault *f)
{
	int rc = j->h == NULL ? SQLITE_CANTOPEN : sqlite3_errcode(j->h);

	fault_log(f, "%s: %s", j->fresh,
	    j->h == NULL ? "no handle" : sqlite3_errmsg(j->h));
	return fault_set(f, ERR_SOURCE_UNREACHABLE,
	    rc == SQLITE_FULL ? "the disk is full; nothing was imported"
			      : "the imported copy cannot be written");
}

enum err
files_job_exec(struct files_job *j, const char *sql, struct fault *f)
{
	return sqlite3_exec(j->h, sql, NULL, NULL, NULL) == SQLITE_OK
		   ? ERR_OK
		   : files_job_fault(j, f);
}

/* Time and the one who waits; "done" bytes of the file at hand. */
enum err
files_job_beat(struct files_job *j, int64_t done, struct fault *f)
{
	const struct files_watch *w = j->watch;

	if (++j->tick % BEAT_RECORDS != 0)
		return ERR_OK;
	if (w->beat != NULL &&
	    !w->beat(w->arg, (j->before + done) / 2, j->list.bytes))
		return fault_set(f, ERR_CANCELLED, "the import was stopped");
	if (!deadline_over(w->deadline))
		return ERR_OK;
	fault_hint(f, "\"mcpctl import %s\" takes the time it needs",
	    j->spec->name);
	return fault_set(f, ERR_TIMEOUT,
	    "the files of this source could not be read in time");
}

/* The only table has the name "data" too. */
static enum err
name_data(struct files_job *j, struct fault *f)
{
	struct buf b;

	if (j->list.n != 1 || str_ieq(j->list.v[0].table, STR("data")))
		return ERR_OK;
	buf_init(&b, j->a, 4096);
	buf_lit(&b, "CREATE VIEW data AS SELECT * FROM ");
	files_put_name(&b, j->list.v[0].table);
	buf_put(&b, ";", 2);
	return files_job_exec(j, b.p, f);
}

static enum err
set_stamp(struct files_job *j, struct fault *f)
{
	char sql[96];
	uint64_t s = j->list.stamp;

	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA user_version = %d; PRAGMA application_id = %d",
	    (int)(int32_t)(uint32_t)s, (int)(int32_t)(uint32_t)(s >> 32));
	return files_job_exec(j, sql, f);
}

static uint64_t
number_at(const unsigned char *p)
{
	return (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 |
	       (uint64_t)p[2] << 8 | p[3];
}

bool
files_job_fresh(const struct files_job *j)
{
	unsigned char head[HEAD_BYTES];
	int fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool whole = fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head);

	if (fd >= 0)
		(void)close(fd);
	return whole && (number_at(head + HEAD_VERSION) |
			    number_at(head + HEAD_ID) << 32) == j->list.stamp;
}

static enum err
sync_file(struct files_job *j, const char *path, int flags, struct fault *f)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return good ? ERR_OK : files_job_fault(j, f);
}

enum err
files_job_build(struct files_job *j, struct fault *f)
{
	enum err e;

	(void)unlink(j->fresh);
	if (sqlite3_open_v2(j->fresh, &j->h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
		NULL) != SQLITE_OK)
		return files_job_fault(j, f);
	e = files_job_exec(j,
	    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
	    "PRAGMA locking_mode=EXCLUSIVE; BEGIN",
	    f);
	for (size_t i = 0; e == ERR_OK && i < j->list.n; i++)
		e = files_table_import(j, &j->list.v[i], f);
	if (e == ERR_OK)
		e = name_data(j, f);
	if (e == ERR_OK)
		e = set_stamp(j, f);
	return e == ERR_OK ? files_job_exec(j, "COMMIT", f) : e;
}

/* Everything into the new file, which then takes the old one's name. */
static enum err
build_and_swap(struct files_job *j, struct fault *f)
{
	enum err e = files_job_build(j, f);

	sqlite3_close(j->h);
	j->h = NULL;
	if (e == ERR_OK)
		e = sync_file(j, j->fresh, O_RDWR, f);
	if (e == ERR_OK)
		files_kept_write(j);
	if (e == ERR_OK && rename(j->fresh, j->path) != 0)
		e = files_job_fault(j, f);
	if (e != ERR_OK)
		(void)unlink(j->fresh);
	return e;
}

/* One process imports; who comes meanwhile waits and finds it done. */
static enum err
lock(struct files_job *j, int *fd, struct fault *f)
{
	*fd = open(j->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0) {
		fault_log(f, "%s", j->lock);
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the state folder cannot be written");
	}
	while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fault_set(f, ERR_SOURCE_UNREACHABLE,
			    "the imported copy cannot be locked");
		j->tick = BEAT_RECORDS - 1;
		if (files_job_beat(j, 0, f) != ERR_OK)
			return f->code;
		sqlite3_sleep(NAP_MS);
	}
	j->tick = 0;
	return ERR_OK;
}

enum err
files_job_large(const struct files_job *j, struct fault *f)
{
	fault_hint(f, "The administrator imports it with \"mcpctl import %s\"",
	    j->spec->name);
	return fault_set(f, ERR_BUSY,
	    "the files of this source have changed and are too large to be read in during a request");
}

static enum err
import_locked(struct files_job *j, int64_t most, struct fault *f)
{
	int fd = -1;
	enum err e = lock(j, &fd, f);

	if (e == ERR_OK && files_job_fresh(j))
		j->report->fresh = true;
	else if (e == ERR_OK && most > 0 && j->list.bytes > most)
		e = files_job_large(j, f);
	else if (e == ERR_OK)
		e = build_and_swap(j, f);
	if (fd >= 0)
		(void)close(fd);
	return e;
}

struct str
files_cache(struct arena *a, const struct conf *conf,
    const struct conf_source *spec)
{
	return arena_fmt(a, "%s/files/%s.db", conf->state, spec->name);
}

static enum err
paths(struct files_job *j, struct fault *f)
{
	const char *state = j->conf->state, *name = j->spec->name;
	struct str folder;

	if (state == NULL)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "file sources need a state folder");
	folder = arena_fmt(j->a, "%s/files", state);
	j->path = files_cache(j->a, j->conf, j->spec).p;
	j->fresh = arena_fmt(j->a, "%s/%s.new", folder.p, name).p;
	j->lock = arena_fmt(j->a, "%s/%s.lock", folder.p, name).p;
	if (mkdir(folder.p, 0700) != 0 && errno != EEXIST) {
		fault_log(f, "%s", folder.p);
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the state folder cannot be written");
	}
	return ERR_OK;
}

enum err
files_import(const struct conf *conf, const struct conf_source *spec,
    int64_t most, const struct files_watch *w, struct arena *a,
    struct files_report *out, struct fault *f)
{
	struct files_job j = { .conf = conf,
		.spec = spec,
		.watch = w,
		.a = a,
		.report = out };
	enum err e;

	*out = (struct files_report){ 0 };
	buf_init(&j.lines, a, (size_t)64 << 10);
	e = paths(&j, f);
	if (e == ERR_OK)
		e = files_list_open(a, spec, &j.list, f);
	if (e != ERR_OK)
		return e;
	if (files_job_fresh(&j))
		out->fresh = true;
	else
		e = import_locked(&j, most, f);
	out->bytes = j.list.bytes;
	out->tables = (int64_t)j.list.n;
	out->lines = buf_text(&j.lines);
	files_list_close(&j.list);
	return e;
}
