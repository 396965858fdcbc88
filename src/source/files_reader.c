/* SPDX-License-Identifier: ISC */
/* A file as records of as many values as it has columns. */
#include <unistd.h>

#include "base/utf8.h"
#include "source/files_int.h"

/* SQLite's own ceiling as Debian builds it. */
#define COLUMNS_MAX 2000
#define ROW_MEMORY  ((size_t)256 << 20)

void
files_row_room(struct files_reader *r, size_t n)
{
	size_t cap = r->cap == 0 ? 64 : 2 * r->cap;

	if (n < r->cap)
		return;
	r->spans = arena_grow(r->arena, r->spans, r->cap * sizeof(*r->spans),
	    cap * sizeof(*r->spans));
	r->cells = arena_grow(r->arena, r->cells, r->cap * sizeof(*r->cells),
	    cap * sizeof(*r->cells));
	r->cap = cap;
}

size_t
files_name_add(struct files_reader *r, struct str name)
{
	if (r->nnames >= r->columns_max)
		return SIZE_MAX;
	if (r->nnames == r->names_cap) {
		size_t cap = r->names_cap == 0 ? 64 : 2 * r->names_cap;

		r->names = arena_grow(r->arena, r->names,
		    r->names_cap * sizeof(*r->names), cap * sizeof(*r->names));
		r->names_cap = cap;
	}
	files_row_room(r, r->nnames);
	r->names[r->nnames] = arena_dup(r->arena, name);
	return r->nnames++;
}

static bool
has_name(const struct files_reader *r, struct str name)
{
	for (size_t i = 0; i < r->nnames; i++)
		if (str_ieq(r->names[i], name))
			return true;
	return false;
}

/* A column's name from a header, or one of ours; never one twice. */
static void
column_add(struct files_reader *r, struct str name)
{
	struct str base = name;

	if (str_is_empty(base))
		base = arena_fmt(r->arena, "column_%zu", r->nnames + 1);
	name = base;
	for (int k = 2; has_name(r, name); k++)
		name = arena_fmt(r->arena, "%.*s_%d", (int)base.len, base.p, k);
	(void)files_name_add(r, name);
}

/* What a text in UTF-16 begins with, and the mark of UTF-8, which goes. */
static enum err
take_mark(struct files_reader *r, struct fault *f)
{
	struct files_in *in = &r->in;
	const unsigned char *p;

	while (in->have < 3 && files_in_more(in))
		;
	p = (const unsigned char *)in->p;
	if (in->have >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		in->at = 3;
	if (in->have >= 2 &&
	    ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "it is UTF-16; files are read as UTF-8");
	return ERR_OK;
}

static enum err
start(struct files_reader *r, struct fault *f)
{
	if (lseek(r->in.fd, 0, SEEK_SET) != 0)
		return fault_set(f, ERR_SOURCE_UNREACHABLE,
		    "it cannot be read");
	files_in_open(&r->in, r->arena, r->in.fd);
	r->line = 0;
	r->next_line = 1;
	return take_mark(r, f);
}

/* Is all of the record text? */
static bool
is_text(struct files_reader *r)
{
	struct str s = buf_text(&r->text);

	if (s.len > 0 && memchr(s.p, '\0', s.len) != NULL) {
		r->why = STR("it holds a zero byte");
		return false;
	}
	if (!utf8_valid(s)) {
		r->why = STR("it is not UTF-8");
		return false;
	}
	return true;
}

static bool
is_null(const struct conf_source *spec, struct str text)
{
	if (str_is_empty(text))
		return true;
	for (size_t i = 0; i < spec->nulls.n; i++)
		if (str_eq(text, str_of(spec->nulls.v[i])))
			return true;
	return false;
}

/* Spans of the record's bytes as cells, now that it does not move. */
static void
cells_of(struct files_reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct str text = { r->text.p + r->spans[i].at,
			r->spans[i].len };

		r->cells[i] = (struct files_cell){
			.text = text.len == 0 ? STR("") : text,
			.is_null =
			    !r->spans[i].quoted && is_null(r->spec, text),
		};
	}
}

/* The next record that is no empty line, of however many values. */
static enum files_step
csv_record(struct files_reader *r)
{
	enum files_step s;

	do
		s = files_csv_next(r);
	while (s == STEP_RECORD && r->n == 1 && r->spans[0].len == 0 &&
	       !r->spans[0].quoted);
	if (s != STEP_RECORD)
		return s;
	if (!is_text(r))
		return STEP_WRONG;
	cells_of(r);
	return STEP_RECORD;
}

/* The columns of a CSV file from its first record. */
static enum err
read_header(struct files_reader *r, struct fault *f)
{
	enum files_step s = csv_record(r);

	if (s == STEP_END)
		return fault_set(f, ERR_SOURCE_UNREACHABLE, "it is empty");
	if (s == STEP_WRONG)
		return fault_set(f, ERR_SOURCE_UNREACHABLE, "line %lld: %.*s",
		    (long long)r->line, (int)r->why.len, r->why.p);
	for (size_t i = 0, n = r->n; i < n; i++)
		column_add(r, r->spec->header ? r->cells[i].text : STR(""));
	return r->spec->header ? ERR_OK : start(r, f);
}

static char
delimiter_of(const struct conf_source *spec, enum conf_format format)
{
	if (spec->delimiter != NULL)
		return spec->delimiter[0];
	return format == FORMAT_TSV ? '\t' : ',';
}

enum err
files_reader_open(struct files_reader *r, struct arena *a,
    const struct conf *conf, const struct conf_source *spec,
    const struct files_one *file, int fd, struct fault *f)
{
	size_t columns = (size_t)conf->limits.sqlite_columns;
	enum err e;

	*r = (struct files_reader){
		.spec = spec,
		.format = file->format,
		.delimiter = delimiter_of(spec, file->format),
		.record_max = (size_t)conf->limits.value,
		.columns_max = columns > 0 && columns < COLUMNS_MAX
				   ? columns
				   : COLUMNS_MAX,
		.in.fd = fd,
		.arena = a,
		.row = arena_new(ROW_MEMORY),
		.learning = true,
	};
	buf_init(&r->text, a, r->record_max);
	e = start(r, f);
	return e == ERR_OK && r->format != FORMAT_JSONL ? read_header(r, f) : e;
}

enum err
files_reader_again(struct files_reader *r, struct fault *f)
{
	enum err e = start(r, f);

	r->learning = false;
	if (e == ERR_OK && r->format != FORMAT_JSONL && r->spec->header)
		(void)csv_record(r);
	return e;
}

void
files_reader_close(struct files_reader *r)
{
	arena_free(r->row);
	r->row = NULL;
}

enum files_step
files_next(struct files_reader *r)
{
	enum files_step s;

	arena_reset(r->row);
	if (r->format == FORMAT_JSONL)
		return files_jsonl_next(r);
	s = csv_record(r);
	if (s != STEP_RECORD || r->n == r->nnames)
		return s;
	r->why = arena_fmt(r->row, "it has %zu %s, the file %zu columns", r->n,
	    r->n == 1 ? "value" : "values", r->nnames);
	return STEP_WRONG;
}
