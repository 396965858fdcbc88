/* SPDX-License-Identifier: ISC */
/*
 * A file as a table: it is read twice, once for the types of its columns and
 * once for its rows, so that memory stays flat whatever its size.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "source/files_int.h"

#define LINES_TOLD  10 /* of the wrong rows */
#define FILE_MEMORY ((size_t)512 << 20)

/* The columns of a file while its types are found. */
struct table {
	const struct files_one *file;
	struct files_reader r;
	unsigned *fits; /* by column */
	bool *any;
	size_t cap;
	enum files_type *types;
	sqlite3_stmt *insert;
	int64_t wrong; /* rows */
};

static enum err
in_file(const struct files_one *file, struct fault *f)
{
	char why[FAULT_MSG];

	(void)snprintf(why, sizeof(why), "%s", f->msg);
	return fault_set(f, f->code, "%.*s: %s", (int)file->name.len,
	    file->name.p, why);
}

/* A row that cannot be taken: the first ones are told. */
static void
tell_wrong(struct files_job *j, struct table *t)
{
	t->wrong++;
	if (j->report->wrong++ < LINES_TOLD)
		buf_fmt(&j->lines, "%.*s:%lld: %.*s\n", (int)t->file->name.len,
		    t->file->name.p, (long long)t->r.line, (int)t->r.why.len,
		    t->r.why.p);
}

static void
fits_grow(struct table *t)
{
	size_t cap = t->cap == 0 ? 64 : 2 * t->cap;

	while (cap < t->r.nnames)
		cap *= 2;
	t->fits = arena_grow(t->r.arena, t->fits, t->cap * sizeof(*t->fits),
	    cap * sizeof(*t->fits));
	t->any = arena_grow(t->r.arena, t->any, t->cap * sizeof(*t->any),
	    cap * sizeof(*t->any));
	for (; t->cap < cap; t->cap++) {
		t->fits[t->cap] = FITS_ALL;
		t->any[t->cap] = false;
	}
}

static unsigned
fits_of(const struct files_cell *c)
{
	return c->typed ? c->fits : files_fits(c->text);
}

/* What the record says of the types.  An empty value, even with quotes, says
 * nothing. */
static void
learn(struct table *t)
{
	if (t->r.nnames > t->cap)
		fits_grow(t);
	for (size_t i = 0; i < t->r.nnames; i++) {
		const struct files_cell *c = &t->r.cells[i];

		if (c->is_null || (!c->typed && c->text.len == 0) ||
		    (t->any[i] && t->fits[i] == 0))
			continue;
		t->any[i] = true;
		t->fits[i] &= fits_of(c);
	}
}

/* The first of the wrong rows of this import. */
static enum err
first_wrong(struct files_job *j, const struct table *t, struct fault *f)
{
	struct str lines = buf_text(&j->lines), first;

	fault_hint(f, "%lld %s wrong in all; \"mcpctl import %s\" names them",
	    (long long)t->wrong, t->wrong == 1 ? "row is" : "rows are",
	    j->spec->name);
	(void)str_cut(&lines, '\n', &first);
	return fault_set(f, ERR_SOURCE_UNREACHABLE, "%.*s", (int)first.len,
	    first.p);
}

/* No column was found: not a row is there, or not one that is good. */
static enum err
nothing(struct files_job *j, const struct table *t, struct fault *f)
{
	if (t->wrong > 0)
		return first_wrong(j, t, f);
	return fault_set(f, ERR_SOURCE_UNREACHABLE, "it is empty");
}

/* The first reading: columns, types, and the rows that are wrong. */
static enum err
scan(struct files_job *j, struct table *t, struct fault *f)
{
	enum files_step s;
	enum err e = ERR_OK;

	while (e == ERR_OK && (s = files_next(&t->r)) != STEP_END) {
		if (s == STEP_WRONG)
			tell_wrong(j, t);
		else
			learn(t);
		e = files_job_beat(j, t->r.in.read, f);
	}
	if (e == ERR_OK && t->r.in.failed)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "it cannot be read");
	if (e == ERR_OK && t->r.nnames == 0)
		return nothing(j, t, f);
	if (e == ERR_OK && t->r.nnames > t->cap)
		fits_grow(t);
	return e;
}

static void
choose_types(struct files_job *j, struct table *t)
{
	t->types = arena_zero(t->r.arena, t->r.nnames, sizeof(*t->types));
	for (size_t i = 0; i < t->r.nnames; i++)
		if (!files_type_given(j->spec, t->file->table, t->r.names[i],
			&t->types[i]))
			t->types[i] =
			    t->any[i] ? files_type_of(t->fits[i]) : COLUMN_TEXT;
}

void
files_put_name(struct buf *b, struct str name)
{
	buf_char(b, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '"')
			buf_char(b, '"');
		buf_char(b, name.p[i]);
	}
	buf_char(b, '"');
}

static enum err
make_table(struct files_job *j, struct table *t, struct fault *f)
{
	struct buf b;

	buf_init(&b, t->r.arena, (size_t)16 << 20);
	buf_lit(&b, "CREATE TABLE ");
	files_put_name(&b, t->file->table);
	for (size_t i = 0; i < t->r.nnames; i++) {
		buf_put(&b, i == 0 ? "(" : ",", 1);
		files_put_name(&b, t->r.names[i]);
		buf_fmt(&b, " %s", files_type_sql(t->types[i]));
	}
	buf_put(&b, ")", 2);
	if (buf_failed(&b))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "the names of its columns are too long");
	return files_job_exec(j, b.p, f);
}

static enum err
prepare(struct files_job *j, struct table *t, struct fault *f)
{
	struct buf b;

	buf_init(&b, t->r.arena, (size_t)1 << 20);
	buf_lit(&b, "INSERT INTO ");
	files_put_name(&b, t->file->table);
	buf_lit(&b, " VALUES");
	for (size_t i = 0; i < t->r.nnames; i++)
		buf_put(&b, i == 0 ? "(?" : ",?", 2);
	buf_char(&b, ')');
	return sqlite3_prepare_v2(j->h, b.p, (int)b.len, &t->insert, NULL) ==
		       SQLITE_OK
		   ? ERR_OK
		   : files_job_fault(j, f);
}

/* Can the cell be what its column is?  A text is only for columns of text;
 * an empty one is nothing elsewhere. */
static bool
is_good(struct table *t, size_t i)
{
	struct files_cell *c = &t->r.cells[i];
	unsigned bit = files_type_bit(t->types[i]);
	size_t n = c->text.len < 40 ? c->text.len : 40;

	if (c->is_null || bit == 0)
		return true;
	c->is_null = c->text.len == 0;
	if (c->is_null || (fits_of(c) & bit) != 0)
		return true;
	t->r.why = arena_fmt(t->r.row, "the value '%.*s' of %.*s is no %s",
	    (int)n, c->text.p, (int)t->r.names[i].len, t->r.names[i].p,
	    files_type_name(t->types[i]));
	return false;
}

static void
bind_text(struct table *t, int at, struct str text)
{
	sqlite3_bind_text64(t->insert, at, text.p, text.len, SQLITE_STATIC,
	    SQLITE_UTF8);
}

static void
bind(struct table *t, size_t i)
{
	const struct files_cell *c = &t->r.cells[i];
	int at = (int)i + 1;

	if (c->is_null)
		sqlite3_bind_null(t->insert, at);
	else if (t->types[i] == COLUMN_BOOLEAN)
		sqlite3_bind_int(t->insert, at, str_ieq(c->text, STR("true")));
	else if (t->types[i] == COLUMN_NUMBER)
		sqlite3_bind_double(t->insert, at, files_double(c->text));
	else if (t->types[i] == COLUMN_TIMESTAMP)
		bind_text(t, at, files_moment(t->r.row, c->text));
	else
		bind_text(t, at, c->text);
}

/* One record into the table; a wrong one has had its line. */
static enum err
put_record(struct files_job *j, struct table *t, struct fault *f)
{
	int rc;

	for (size_t i = 0; i < t->r.nnames; i++) {
		if (!is_good(t, i)) {
			tell_wrong(j, t);
			return ERR_OK;
		}
		bind(t, i);
	}
	rc = sqlite3_step(t->insert);
	sqlite3_reset(t->insert);
	j->report->rows++;
	return rc == SQLITE_DONE ? ERR_OK : files_job_fault(j, f);
}

/* The second reading.  What was wrong in the first is so again. */
static enum err
load(struct files_job *j, struct table *t, struct fault *f)
{
	enum err e = files_reader_again(&t->r, f);
	enum files_step s;

	while (e == ERR_OK && (s = files_next(&t->r)) != STEP_END) {
		if (s == STEP_RECORD)
			e = put_record(j, t, f);
		if (e == ERR_OK)
			e = files_job_beat(j, t->file->size + t->r.in.read, f);
	}
	return e;
}

/* Wrong rows end the import, unless they may be left out. */
static enum err
verdict(struct files_job *j, const struct table *t, struct fault *f)
{
	if (t->wrong == 0 || j->spec->on_error == ON_ERROR_SKIP)
		return ERR_OK;
	return first_wrong(j, t, f);
}

static enum err
table_steps(struct files_job *j, struct table *t, struct fault *f)
{
	enum err e = scan(j, t, f);

	if (e == ERR_OK)
		e = verdict(j, t, f);
	if (e != ERR_OK)
		return e;
	choose_types(j, t);
	e = make_table(j, t, f);
	if (e == ERR_OK)
		e = prepare(j, t, f);
	if (e == ERR_OK)
		e = load(j, t, f);
	sqlite3_finalize(t->insert);
	return e == ERR_OK ? verdict(j, t, f) : e;
}

enum err
files_table_import(struct files_job *j, const struct files_one *file,
    struct fault *f)
{
	struct arena *a = arena_new(FILE_MEMORY);
	struct table t = { .file = file };
	int fd = openat(j->list.folder, file->name.p,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum err e;

	if (fd < 0)
		e = fault_set(f, ERR_SOURCE_UNREACHABLE,
		    errno == EACCES ? "it may not be read" : "it is missing");
	else
		e = files_reader_open(&t.r, a, j->conf, j->spec, file, fd, f);
	if (e == ERR_OK)
		e = table_steps(j, &t, f);
	if (e != ERR_OK && !str_starts(str_of(f->msg), file->name))
		e = in_file(file, f);
	files_reader_close(&t.r);
	if (fd >= 0)
		(void)close(fd);
	arena_free(a);
	j->before += 2 * file->size;
	return e;
}
