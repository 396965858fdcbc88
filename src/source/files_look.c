/* SPDX-License-Identifier: ISC */
/*
 * A source of files seen by its administrator: can it be read in, which columns
 * has it, and how many rows were left out when it was.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <unistd.h>

#include "source/files_int.h"

#define KEPT_MAX ((size_t)32 << 10)

static const char *
kept_path(const struct files_job *j)
{
	return arena_fmt(j->a, "%s/files/%s.rows", j->conf->state,
	    j->spec->name)
	    .p;
}

void
files_kept_write(const struct files_job *j)
{
	int fd = open(kept_path(j),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	const char *p;
	struct buf b;
	ssize_t n;

	if (fd < 0)
		return;
	buf_init(&b, j->a, KEPT_MAX);
	buf_fmt(&b, "%" PRId64 " %" PRId64 " %" PRId64 "\n",
	    (int64_t)j->list.stamp, j->report->rows, j->report->wrong);
	if (j->lines.len < KEPT_MAX - b.len)
		buf_str(&b, buf_text(&j->lines));
	p = b.p;
	while (b.len > 0 && (n = write(fd, p, b.len)) > 0) {
		p += n;
		b.len -= (size_t)n;
	}
	(void)close(fd);
}

/* What was kept, if it is of the copy that is there. */
static void
kept_read(struct files_job *j)
{
	char *text = arena_get(j->a, KEPT_MAX);
	int fd = open(kept_path(j), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? 0 : read(fd, text, KEPT_MAX);
	struct str rest = { text, n > 0 ? (size_t)n : 0 }, line, piece;
	int64_t v[3];

	if (fd >= 0)
		(void)close(fd);
	if (!str_cut(&rest, '\n', &line))
		return;
	for (size_t i = 0; i < 3; i++)
		if (!str_cut(&line, ' ', &piece) ||
		    !str_int(piece, INT64_MIN, INT64_MAX, &v[i]))
			return;
	if ((uint64_t)v[0] != j->list.stamp)
		return;
	j->report->rows = v[1];
	j->report->wrong = v[2];
	buf_str(&j->lines, rest);
}

/* Every column of every table of the open copy. */
static enum err
tell_columns(struct files_job *j, const struct files_eye *eye, struct fault *f)
{
	static const char sql[] =
	    "SELECT m.name, p.name FROM sqlite_schema m, "
	    "pragma_table_info(m.name) p ORDER BY m.name, p.cid";
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(j->h, sql, -1, &st, NULL);

	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		eye->column(eye->arg,
		    str_of((const char *)sqlite3_column_text(st, 0)),
		    str_of((const char *)sqlite3_column_text(st, 1)));
	return sqlite3_finalize(st) == SQLITE_OK && rc == SQLITE_OK
		   ? ERR_OK
		   : files_job_fault(j, f);
}

/* The copy as it is, or one that is gone with its handle. */
static enum err
open_copy(struct files_job *j, struct fault *f)
{
	int64_t most = j->conf->limits.import;

	if (!j->report->fresh && most > 0 && j->list.bytes > most)
		return files_job_large(j, f);
	if (!j->report->fresh)
		return files_job_build(j, f);
	kept_read(j);
	return sqlite3_open_v2(j->path, &j->h,
		   SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
		       SQLITE_OPEN_NOFOLLOW,
		   NULL) == SQLITE_OK
		   ? ERR_OK
		   : files_job_fault(j, f);
}

enum err
files_look(const struct conf *conf, const struct conf_source *spec,
    const struct files_watch *w, const struct files_eye *eye, struct arena *a,
    struct files_report *out, struct fault *f)
{
	struct files_job j = { .conf = conf,
		.spec = spec,
		.watch = w,
		.a = a,
		.fresh = "", /* a file without a name */
		.report = out };
	enum err e;

	*out = (struct files_report){ 0 };
	buf_init(&j.lines, a, (size_t)64 << 10);
	if (conf->state == NULL)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "file sources need a state folder");
	j.path = files_cache(a, conf, spec).p;
	e = files_list_open(a, spec, &j.list, f);
	if (e != ERR_OK)
		return e;
	out->fresh = files_job_fresh(&j);
	e = open_copy(&j, f);
	if (e == ERR_OK && eye != NULL)
		e = tell_columns(&j, eye, f);
	sqlite3_close(j.h);
	out->bytes = j.list.bytes;
	out->tables = (int64_t)j.list.n;
	out->lines = buf_text(&j.lines);
	files_list_close(&j.list);
	return e;
}
