/* SPDX-License-Identifier: ISC */
/*
 * Inside the driver of files: what is found in a folder, records read from a
 * file one by one, the types of their columns, and the import.
 */
#ifndef SOURCE_FILES_INT_H
#define SOURCE_FILES_INT_H

#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "source/files.h"

/* --- files_list.c: which files there are --- */

struct files_one {
	struct str name;  /* as it is called in complaints, without folder */
	struct str table; /* a name SQL takes without quotes */
	enum conf_format format; /* never FORMAT_AUTO */
	int64_t size;
	int64_t mtime_ns;
	uint64_t inode;
};

struct files_list {
	int folder; /* an open folder they are in */
	struct files_one *v;
	size_t n;
	int64_t bytes;
	uint64_t stamp; /* changes with any file, setting or way of reading */
};

/* Look; ERR_SOURCE_UNREACHABLE says what is missing.  Close it afterwards. */
enum err files_list_open(struct arena *a, const struct conf_source *spec,
    struct files_list *out, struct fault *f) FAULT_MUST_CHECK;
void files_list_close(struct files_list *l); /* takes a zeroed one */

/* --- records --- */

/* What a value can be read as. */
enum {
	FITS_INTEGER = 1,
	FITS_NUMBER = 2, /* a finite one that a double keeps all digits of */
	FITS_BOOLEAN = 4,
	FITS_DATE = 8,
	FITS_TIMESTAMP = 16,
	FITS_ALL = 31
};

struct files_cell {
	struct str text;
	bool is_null;
	bool typed;    /* "fits" says it all; else the text decides */
	unsigned fits; /* of JSON values, which know what they are */
};

/* Bytes of a file in large pieces. */
struct files_in {
	int fd;
	struct arena *arena;
	char *p;
	size_t have, at;
	bool ended, failed;
	int64_t read;
};

void files_in_open(struct files_in *in, struct arena *a, int fd);
/* More bytes behind what is unread; false at the end. */
bool files_in_more(struct files_in *in);

enum files_step { STEP_RECORD, STEP_WRONG, STEP_END };

/* A file as records; "why" is about the one that is wrong.  Lines count from
 * 1; a record that spans several has the number of its first. */
struct files_reader {
	const struct conf_source *spec;
	enum conf_format format;
	char delimiter;
	size_t record_max, columns_max;
	struct files_in in;
	struct arena *arena; /* of what lives as long as the reader */
	struct arena *row;   /* of the record in hand */
	struct buf text;     /* the record's bytes, unquoted */
	struct files_cell *cells;
	struct {
		size_t at, len;
		bool quoted;
	} * spans; /* of the cells in "text" */
	size_t n, cap;
	int64_t line, next_line;
	struct str *names; /* of the columns */
	size_t nnames, names_cap;
	bool learning; /* new names of JSON members are columns too */
	struct str why;
};

/* The reader of a file's format, at its first record: the header has been
 * taken.  ERR_SOURCE_UNREACHABLE: it has none, or is no text. */
enum err files_reader_open(struct files_reader *r, struct arena *a,
    const struct conf *conf, const struct conf_source *spec,
    const struct files_one *file, int fd, struct fault *f) FAULT_MUST_CHECK;
/* From the start again, with the columns as they are known now. */
enum err files_reader_again(struct files_reader *r,
    struct fault *f) FAULT_MUST_CHECK;
void files_reader_close(struct files_reader *r);

/* The next record in r->cells, r->nnames of them. */
enum files_step files_next(struct files_reader *r);

/* files_csv.c: one record as it stands in the file, r->n cells. */
enum files_step files_csv_next(struct files_reader *r);
/* files_jsonl.c: one line, its members in the places of their names. */
enum files_step files_jsonl_next(struct files_reader *r);

/* Room for a cell behind the first n. */
void files_row_room(struct files_reader *r, size_t n);

/* A further column; its place.  SIZE_MAX when there are too many. */
size_t files_name_add(struct files_reader *r, struct str name);

/* --- files_type.c --- */

unsigned files_fits(struct str s);

enum files_type {
	COLUMN_TEXT,
	COLUMN_INTEGER,
	COLUMN_NUMBER,
	COLUMN_BOOLEAN,
	COLUMN_DATE,
	COLUMN_TIMESTAMP,
	COLUMN_TYPES
};

/* The type that all of "fits" allow. */
enum files_type files_type_of(unsigned fits);
/* The type the configuration gives a column; false: none. */
bool files_type_given(const struct conf_source *spec, struct str table,
    struct str column, enum files_type *out);
/* What is wrong with "types" of a source, or NULL. */
const char *files_types_wrong(const struct conf_source *spec);
/* "INTEGER", as CREATE TABLE has it. */
const char *files_type_sql(enum files_type t);
/* The FITS_ bit a value of this type must have; 0: any text. */
unsigned files_type_bit(enum files_type t);
const char *files_type_name(enum files_type t);

/* --- files_value.c --- */

/* Has the double of this number (FITS_NUMBER but for its digits) all its
 * digits? */
bool files_double_keeps(struct str number);
double files_double(struct str number);
/* A moment (FITS_TIMESTAMP) as all are told: a T, seconds, a large Z. */
struct str files_moment(struct arena *a, struct str s);

/* --- files_import.c and files_table.c: one import on its way --- */

struct files_job {
	const struct conf *conf;
	const struct conf_source *spec;
	const struct files_watch *watch;
	struct arena *a;
	struct files_list list;
	const char *path, *fresh, *lock; /* the copy, the new one, the lock */
	struct sqlite3 *h;               /* of the new one */
	struct files_report *report;
	struct buf lines; /* the first of the wrong rows */
	int64_t before;   /* bytes of files and passes that are done */
	size_t tick;
};

/* Why the new copy cannot be written. */
enum err files_job_fault(struct files_job *j, struct fault *f);
enum err files_job_exec(struct files_job *j, const char *sql,
    struct fault *f) FAULT_MUST_CHECK;
/* Time and the one who waits; "done" bytes of both readings of a file. */
enum err files_job_beat(struct files_job *j, int64_t done,
    struct fault *f) FAULT_MUST_CHECK;

/* Is the copy there made of just these files? */
bool files_job_fresh(const struct files_job *j);
/* All files into j->fresh, which stays open. */
enum err files_job_build(struct files_job *j, struct fault *f) FAULT_MUST_CHECK;
/* They are left to "mcpctl import". */
enum err files_job_large(const struct files_job *j, struct fault *f);

/* files_look.c: keep what the report says beside the new copy.  It can get
 * lost, the rows cannot. */
void files_kept_write(const struct files_job *j);

/* A file of the list as a table of the new copy. */
enum err files_table_import(struct files_job *j, const struct files_one *file,
    struct fault *f) FAULT_MUST_CHECK;

/* A name with its quotes, as SQL wants it. */
void files_put_name(struct buf *b, struct str name);

#endif
